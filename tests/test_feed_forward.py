"""Feed-forward: the same two matrices at every word, and the bends by hand."""

import by_hand
import numpy as np
import pytest

from helpers import feed_forward

D_MODEL, D_FF = 5, 7
ACTIVATIONS = ["relu", "gelu", "none"]


def random_params(rng, d_model=D_MODEL, d_ff=D_FF):
    return by_hand.random_numbers(feed_forward.init(d_model, d_ff, rng), rng)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_word_goes_through_the_same_network(rng, activation):
    x, params = rng.standard_normal((2, 3, 4, D_MODEL)), random_params(rng)
    trace = feed_forward.forward(x, params, activation)
    for index in np.ndindex(2, 3, 4):
        expected = by_hand.network(x[index], params, activation)
        np.testing.assert_allclose(trace.out[index], expected, atol=1e-13)
    bend = by_hand.BENDS[activation]
    for index in np.ndindex(2, 3, 4, D_FF):
        assert trace.activated[index] == pytest.approx(bend(trace.hidden[index]))
    if activation == "relu":  # the default
        np.testing.assert_array_equal(feed_forward.forward(x, params).out, trace.out)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [("relu", [0, 0, 3]), ("gelu", [-0.045500, 0, 2.995950]), ("none", [-2, 0, 3])],
)
def test_known_values(activation, expected):
    np.testing.assert_allclose(feed_forward.activate([-2, 0, 3], activation), expected, atol=1e-6)
    large = feed_forward.activate([-1e300, 1e300], activation)
    assert large.tolist() == [-1e300 if activation == "none" else 0, 1e300]


def test_at_its_corner_relu_counts_as_flat():
    params = {"W_1": [[1.0]], "b_1": [0.0], "W_2": [[1.0]], "b_2": [0.0]}
    trace = feed_forward.forward([[0.0]], params)
    grad_x, _ = feed_forward.backward([[1.0]], trace, params)
    assert grad_x == 0


def test_parameters_must_fit_each_other_and_the_trace(rng):
    params = random_params(rng)
    message = r"params\['W_2'\] has shape \(8, 5\); expected \(d_ff, d_model\) with d_ff=7"
    with pytest.raises(ValueError, match=message):
        feed_forward.forward(np.ones((4, 5)), params | {"W_2": np.ones((D_FF + 1, D_MODEL))})
    trace = feed_forward.forward(np.ones((4, 5)), params)
    with pytest.raises(ValueError, match=r"params\['W_1'\] .*\(5, 6\); expected .* with d_ff=7"):
        feed_forward.backward(trace.out, trace, random_params(rng, d_ff=6))
