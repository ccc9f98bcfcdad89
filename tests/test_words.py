"""The words of the lessons and their vectors."""

import unicodedata

import numpy as np
import pytest

from helpers.words import named, split


def test_the_two_words_have_the_same_numbers_in_every_lesson():
    x = named(["Thinking", "Machines"])
    assert np.array_equal(x, [[0, 1, 1, 1], [2, 0, 0, 2]])
    for d_model in (1, 3, 8, 64):
        wide = named(["Thinking", "Machines"], d_model)
        assert wide.shape == (2, d_model)
        assert np.array_equal(wide[:, :4], x[:, :d_model])


def test_a_word_has_the_same_vector_wherever_it_stands():
    assert np.array_equal(named(["a", "street"])[1], named(["street"])[0])
    assert not np.array_equal(named(["street"]), named(["Street"]))


def test_vectors_of_other_words_look_standard_normal():
    x = named([f"word{i}" for i in range(200)], 16)
    assert abs(x.mean()) < 0.1
    assert abs(x.std() - 1) < 0.1


def test_a_word_that_is_typed_in_parts_is_the_same_word():
    apart = unicodedata.normalize("NFD", "기계 über")
    assert apart != "기계 über"
    assert split(apart) == ["기계", "über"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (" ", "there is no word; expected 1 to 12"),
        ("w " * 13, "there are 13 words; expected 1 to 12"),
        (3, "the words are a int; expected text"),
    ],
)
def test_split_says_what_is_wrong(typed, message):
    assert split("  Thinking   Machines ") == ["Thinking", "Machines"]
    with pytest.raises((ValueError, TypeError), match=message):
        split(typed)
