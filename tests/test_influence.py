"""The influence of a word on a result: against small moves, alike for both networks."""

import numpy as np
import pytest

from helpers import self_attention
from helpers.learning import influence, rnn

STEPS = {
    "RNN": (rnn, lambda rng: rnn.init(3, rng)),
    "attention": (self_attention, lambda rng: self_attention.init(3, 3, rng)),
}


@pytest.mark.parametrize("name", STEPS)
def test_it_is_how_far_a_small_move_of_a_word_moves_a_result(name):
    step, init = STEPS[name]
    rng = np.random.default_rng(0)
    x, params = rng.standard_normal((4, 3)), init(rng)
    squares = np.zeros((4, 4))  # (results, words)
    for word, number in np.ndindex(4, 3):
        moved = x.copy()
        moved[word, number] += 1e-6
        slopes = (step.forward(moved, params).out - step.forward(x, params).out) / 1e-6
        squares[:, word] += np.square(slopes).sum(axis=1)
    found = influence.influences(step, params, x)
    np.testing.assert_allclose(found, np.sqrt(squares), atol=1e-4)
    np.testing.assert_allclose(influence.influences(step, params, x, [-1, 1]), found[[-1, 1]])


def test_shares_sum_to_1_and_an_rnn_knows_nothing_of_later_words():
    shares = influence.mean_shares(("a", "b", "c"))
    for rows in shares.values():
        np.testing.assert_allclose(rows.sum(axis=1), 1)
    assert (shares["RNN"][np.triu_indices(3, 1)] == 0).all()
    assert (shares["attention"] > 0).all()
