"""Creases of hidden units in the plane, against points on a fine grid."""

import numpy as np
import pytest

from helpers import feed_forward
from helpers.learning import hinges


def pieces_on_a_grid(W_1, b_1, half_width, count=1500):
    """Return how many different sets of units are on, over a fine grid of points."""
    steps = np.linspace(-half_width, half_width, count)
    plane = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)  # (points, 2)
    on = plane @ W_1 + b_1 > 0  # (points, d_ff)
    return len(np.unique(on @ (1 << np.arange(on.shape[1]))))


@pytest.mark.parametrize("seed", range(4))
def test_pieces_are_the_sets_of_units_that_are_on(seed):
    rng = np.random.default_rng(seed)
    W_1, b_1 = rng.standard_normal((2, 5)), rng.standard_normal(5)
    assert hinges.count_pieces(W_1, b_1, 3.0) == pieces_on_a_grid(W_1, b_1, 3.0)


def test_known_cuts():
    cross = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert hinges.count_pieces(cross, [0, 0], 1) == 4
    assert hinges.count_pieces(cross, [0, 5], 1) == 2  # the second crease misses the square
    parallel = np.array([[1.0, 2.0], [0.0, 0.0]])
    assert hinges.count_pieces(parallel, [0.5, -1], 1) == 3
    assert hinges.count_pieces(np.zeros((2, 1)), [1.0], 1) == 1


def test_a_unit_is_zero_on_its_crease_and_the_ends_lie_on_the_walls():
    rng = np.random.default_rng(0)
    W_1, b_1 = rng.standard_normal((2, 20)), rng.standard_normal(20)
    ends = hinges.creases(W_1, b_1, 2.0)
    seen = np.isfinite(ends).all(axis=(1, 2))
    assert seen.sum() > 5
    hidden = np.einsum("uei,iu->ue", ends[seen], W_1[:, seen]) + b_1[seen, None]
    np.testing.assert_allclose(hidden, 0, atol=1e-12)
    np.testing.assert_allclose(np.abs(ends[seen]).max(axis=-1), 2.0, atol=1e-12)


def test_upright_and_level_creases():
    ends = hinges.creases([[1.0, 0.0], [0.0, 2.0]], [-1.0, 1.0], 3.0)
    np.testing.assert_allclose(np.sort(ends[0], axis=0), [[1, -3], [1, 3]])
    np.testing.assert_allclose(np.sort(ends[1], axis=0), [[-3, -0.5], [3, -0.5]])


def test_a_crease_outside_the_square_is_nan():
    assert np.isnan(hinges.creases([[1.0], [0.0]], [-9.0], 3.0)).all()


def test_a_relu_network_is_straight_on_a_piece_and_not_across_a_crease():
    rng = np.random.default_rng(1)
    params = feed_forward.init(2, 3, rng) | {"b_1": np.array([0.5, -0.5, 0.2])}
    params["W_1"] = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])

    def bend(middle, step=1e-3):
        points = np.array([[middle - step, 0], [middle, 0], [middle + step, 0]])
        before, here, after = feed_forward.forward(points, params).out
        return np.abs(before - 2 * here + after).max()

    assert bend(-0.5) > 1e-5  # unit 0 is zero at x = -0.5
    assert bend(-0.4) < 1e-12
