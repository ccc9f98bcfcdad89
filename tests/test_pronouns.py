"""The small language: each sentence has one right noun; a fifth of them is never trained on."""

import itertools

import numpy as np
import pytest

from helpers.learning import pronouns


def drawn(count, **how):
    rng = np.random.default_rng(0)
    return [pronouns.sentence(rng, **how) for _ in range(count)]


def combination(sentence):
    """Return animate, place and adjective of a sentence, as numbers in their lists."""
    words = sentence.words
    nouns = words[sentence.right], words[sentence.wrong]
    animate, place = nouns if sentence.kind == 0 else nouns[::-1]
    (adjective,) = [w for w in words if w in pronouns.ADJECTIVES[sentence.kind]]
    return (
        pronouns.NOUNS[0].index(animate),
        pronouns.NOUNS[1].index(place),
        pronouns.ADJECTIVES[sentence.kind].index(adjective),
    )


def test_no_word_means_two_things():
    assert len(set(pronouns.VOCABULARY)) == len(pronouns.VOCABULARY)
    assert pronouns.VOCABULARY[0] == pronouns.BLANK
    assert [len(part) for part in pronouns.NOUNS + pronouns.ADJECTIVES] == [10, 10, 6, 6]


def test_within_three_words_of_it_stands_the_adjective_and_never_both_nouns():
    """What layer 0 of lesson 07's model may see."""
    for sentence in drawn(1000):
        adjective = sentence.words.index(
            pronouns.ADJECTIVES[sentence.kind][combination(sentence)[2]]
        )
        assert abs(adjective - sentence.it) <= 3
        assert max(abs(sentence.right - sentence.it), abs(sentence.wrong - sentence.it)) > 3


@pytest.mark.parametrize("new", [False, True])
def test_the_adjective_fits_the_right_noun_and_never_the_other(new):
    for sentence in drawn(300, new=new):
        kind, words = sentence.kind, sentence.words
        assert words[sentence.it] == "it"
        assert words[sentence.right] in pronouns.NOUNS[kind]
        assert words[sentence.wrong] in pronouns.NOUNS[1 - kind]
        assert not set(words) & set(pronouns.ADJECTIVES[1 - kind])
        assert pronouns.held_out(*combination(sentence)) == new
        assert len(words) <= pronouns.MAX_WORDS


def test_dropping_little_words_keeps_what_the_answer_needs():
    whole, dropped = drawn(300), drawn(300, drop=0.3)
    assert np.mean([len(s.words) for s in dropped]) < np.mean([len(s.words) for s in whole]) - 1.5
    for sentence in dropped:
        assert sentence.words[sentence.it] == "it"
        assert set(sentence.words) & set(pronouns.ADJECTIVES[sentence.kind])
        assert sentence.words[sentence.right] in pronouns.NOUNS[sentence.kind]


def test_a_fifth_is_held_out_and_every_pair_is_still_met_in_training():
    every = list(itertools.product(range(10), range(10), range(6)))
    held_out = [one for one in every if pronouns.held_out(*one)]
    assert len(held_out) == len(every) / 5
    trained = [one for one in every if not pronouns.held_out(*one)]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert {(c[first], c[second]) for c in trained} == {(c[first], c[second]) for c in every}


def test_both_famous_sentences_are_held_out():
    for kind, adjective in enumerate(("tired", "wide")):
        animate, place = pronouns.NOUNS[0].index("animal"), pronouns.NOUNS[1].index("street")
        assert pronouns.held_out(animate, place, pronouns.ADJECTIVES[kind].index(adjective))


def test_a_corpus_lays_its_sentences_side_by_side():
    corpus = pronouns.corpus(np.random.default_rng(3), 40, new=True)
    rng = np.random.default_rng(3)
    for row, it, right, answer in zip(
        corpus.tokens, corpus.it, corpus.right, corpus.answers, strict=True
    ):
        sentence = pronouns.sentence(rng, new=True)
        words = [pronouns.VOCABULARY[number] for number in row if number]
        assert words == sentence.words
        assert (it, right) == (sentence.it, sentence.right)
        assert pronouns.ANSWERS[answer] == words[right]


def test_masks_hide_the_padding_and_what_is_beyond_the_window():
    tokens = np.array([[5, 6, 7, 8, 0, 0]])
    near, everywhere = pronouns.masks(tokens, 2, window=1)
    real = np.array([[1, 1, 1, 1, 0, 0]] * 4, bool)
    np.testing.assert_array_equal(everywhere[0, :4], real)
    np.testing.assert_array_equal(near[0, 1], [1, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(near[0, 3], [0, 0, 1, 1, 0, 0])
    assert near.any(axis=-1).all()
    assert everywhere.any(axis=-1).all()
    (alone,) = pronouns.masks(tokens, 1)
    np.testing.assert_array_equal(alone, everywhere)


def test_typed_words_become_numbers():
    words, numbers = pronouns.read("The animal, did NOT cross it.")
    assert words == "the animal did not cross it".split()
    assert [pronouns.VOCABULARY[number] for number in numbers] == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("the anmal", "'anmal' is not among the 66 words .* did you mean animal.*; expected words"),
        ("the xylophone", "'xylophone' .* nothing is near it; expected words such as animal"),
        ("", "there is no word; expected 1 to 17"),
        ("it " * 18, "there are 18 words; expected 1 to 17"),
        (3, "the words are a int; expected text"),
    ],
)
def test_words_that_the_language_lacks_are_named_with_near_ones(text, message):
    with pytest.raises((ValueError, TypeError), match=message):
        pronouns.read(text)
