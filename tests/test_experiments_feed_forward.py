"""The tables of notebook 04: what is asked, what is learnt, and what the explorer shows of it."""

import numpy as np
import pytest

from helpers.explorers.feed_forward import TableExplorer
from helpers.learning import evidence
from helpers.learning.experiments import feed_forward as tables
from helpers.learning.experiments import finish


def test_the_first_table_is_addition_round_a_clock_of_eleven():
    answers = tables.truth("(a+b) mod 11", np.random.default_rng(0))
    assert answers.shape == (11, 11)
    assert [answers[3, 4], answers[7, 9], answers[10, 1]] == [7, 5, 0]


def test_the_random_table_is_another_for_each_seed_and_uses_all_answers():
    one, other = (tables.truth("random", np.random.default_rng(seed)) for seed in (0, 1))
    assert one.shape == (16, 16)
    assert set(one.ravel()) == set(range(16))
    assert (one != other).mean() > 0.8


def test_a_words_vector_is_the_sum_of_its_two_numbers_vectors():
    vectors = tables.embedding(5, np.random.default_rng(0)).reshape(5, 5, -1)
    # a sum has no say of both numbers together: what a changes is the same whatever b is
    change = vectors[3] - vectors[1]  # (b, d_model)
    assert np.allclose(change, change[0], atol=1e-6)
    assert vectors.var() == pytest.approx(1, abs=0.3)


def test_the_target_is_the_entry_at_row_a_and_column_b():
    answers = tables.truth("random", np.random.default_rng(0))
    batch = next(tables.sentences(answers, 8, np.random.default_rng(1)))
    assert batch.tokens.shape == batch.targets.shape == (64, 8)
    for token, target in zip(batch.tokens.ravel(), batch.targets.ravel(), strict=True):
        a, b = divmod(int(token), 16)
        assert target == answers[a, b]


@pytest.mark.parametrize("seq_len", [1, 8])
@pytest.mark.parametrize("table", tables.TABLES)
def test_the_test_asks_for_every_pair_equally_often(table, seq_len):
    answers = tables.truth(table, np.random.default_rng(0))
    batch = tables.every_pair(answers, seq_len, np.random.default_rng(1))
    assert batch.tokens.shape[1] == seq_len
    assert (np.bincount(batch.tokens.ravel()) == 8).all()
    assert len(set(batch.tokens.ravel()[: answers.size])) == answers.size


def test_the_table_that_is_shown_holds_the_answers_of_the_model():
    result = finish(tables.learn_table(0, "random", "read-out only", n_steps=20))
    assert result["steps"] == list(range(1, 21))
    assert np.shape(result["said"]) == (20, 16, 16)
    shown = (result["said"][-1] == result["truth"]).mean()
    assert shown == pytest.approx(result["accuracy"])  # alone, a word gets one answer each time


def test_the_embedding_is_left_alone(monkeypatch):
    kept = []
    right = tables.look_at
    monkeypatch.setattr(
        tables,
        "look_at",
        lambda design, params, *rest: (
            kept.append(params["embedding"].copy()) or right(design, params, *rest)
        ),
    )
    finish(tables.learn_table(0, n_steps=4))
    rng = np.random.default_rng(0)
    tables.truth("random", rng)
    assert len(kept) == 4
    assert np.array_equal(kept[0], kept[-1])


def test_a_dot_lies_on_every_answer_that_is_wrong_and_on_no_other():
    pictures = TableExplorer(kind="attention, 1 word", table="random", moment=6)
    kept = evidence.recorded("feed_forward")["random: attention, 1 word"]
    assert np.array_equal(pictures.said.image.get_array(), kept["said"][6])
    assert np.array_equal(pictures.truth.image.get_array(), kept["truth"])
    dots = {(int(a), int(b)) for b, a in zip(*pictures.said.dots.get_data(), strict=True)}
    wrong = {(a, b) for a, b in np.ndindex(16, 16) if kept["said"][6][a, b] != kept["truth"][a, b]}
    assert dots == wrong
    assert 0 < len(dots) < 256


def test_the_width_waits_where_there_is_no_feed_forward_network():
    pictures = TableExplorer(d_ff=8)
    assert not pictures.controls["d_ff"].disabled
    pictures.set(kind="attention, 8 words")
    assert pictures.controls["d_ff"].disabled
    pictures.set(kind="block, 8 words")
    assert not pictures.controls["d_ff"].disabled
    assert "d_ff 8" in pictures.sentence
