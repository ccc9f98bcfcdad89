"""Layer norm: per word, biased, ε inside the root; constant rows and numbers out of range."""

import by_hand
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import layer_norm

EPS = 1e-5


def random_params(rng, d_model=6):
    return by_hand.random_numbers(layer_norm.init(d_model), rng)


@pytest.mark.parametrize("eps", [None, 0, 0.5])
def test_every_word_is_normed_by_itself(rng, eps):
    x, params = 3 * rng.standard_normal((2, 3, 4, 6)) + 2, random_params(rng)
    options = {} if eps is None else {"eps": eps}
    trace = layer_norm.forward(x, params, **options)
    for index in np.ndindex(2, 3, 4):
        expected = by_hand.layer_norm(x[index], params, **options)
        np.testing.assert_allclose(trace.out[index], expected, atol=1e-13)


def test_the_trace_holds_the_statistics(rng):
    x, params = 3 * rng.standard_normal((4, 6)) + 2, random_params(rng)
    trace = layer_norm.forward(x, params)
    np.testing.assert_allclose(trace.mean[:, 0], [sum(word) / 6 for word in x], rtol=1e-14)
    np.testing.assert_allclose(trace.variance[:, 0], x.var(axis=1), rtol=1e-14)
    np.testing.assert_allclose(trace.std[:, 0], np.sqrt(x.var(axis=1) + EPS), rtol=1e-14)
    np.testing.assert_allclose(trace.normalized.mean(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(trace.normalized.var(axis=1), 1, rtol=1e-4)


def test_untrained_it_adds_nothing_and_scale_and_shift_of_the_input_do_not_matter(rng):
    x = rng.standard_normal((4, 6))
    trace = layer_norm.forward(x, layer_norm.init(6), eps=0)
    np.testing.assert_array_equal(trace.out, trace.normalized)
    moved = layer_norm.forward(100 * x + 7, layer_norm.init(6), eps=0).out
    np.testing.assert_allclose(moved, trace.out, atol=1e-12)


@pytest.mark.parametrize("x", [[[3.0], [5.0]], np.full((2, 6), 0.1)], ids=["one", "equal"])
def test_one_feature_or_equal_features_give_beta(rng, x):
    params = random_params(rng, len(x[0]))
    out = layer_norm.forward(x, params).out
    np.testing.assert_allclose(out, [params["beta"]] * 2, atol=1e-12)


@pytest.mark.parametrize(
    ("x", "dtype", "eps", "message"),
    [
        ([[1.0, 2], [4, 4]], "float64", 0,
         "x has a row of equal numbers and eps=0.0; expected a larger eps"),
        # too small for the float type: an error, not NaN
        ([[2.0, 2]], "float16", 1e-9, "eps=1e-09; expected a larger eps"),
        # squares that overflow: an error, not zeros
        ([[1e200, -1e200]], "float64", EPS, "the squares of x overflow float64; expected smaller"),
        ([[1e25, -1e25]], "float32", EPS, "the squares of x overflow float32; expected smaller"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_normed_is_an_error(x, dtype, eps, message):
    with pytest.raises(ValueError, match=message):
        layer_norm.forward(np.array(x, dtype), layer_norm.init(2), eps=eps)


def test_a_large_mean_does_not_swallow_the_variance():
    # E[x²] - E[x]² would lose all digits here.
    x = np.array([[1e8, 1e8 + 1]])
    np.testing.assert_allclose(layer_norm.forward(x, layer_norm.init(2), eps=0).out, [[-1, 1]])


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.floats(-100, 100), min_size=2, max_size=6))
def test_any_word_comes_out_with_mean_0_and_variance_at_most_1(word):
    out = layer_norm.forward([word], layer_norm.init(len(word))).out
    assert np.isfinite(out).all()
    assert abs(out.mean()) < 1e-9
    variance = np.var(word)
    assert out.var() == pytest.approx(variance / (variance + EPS), abs=1e-9)


def test_a_gamma_of_one_number_is_not_broadcast_in_backward(rng):
    trace = layer_norm.forward(rng.standard_normal((4, 6)), layer_norm.init(6))
    with pytest.raises(ValueError, match=r"params\['gamma'\] .*; expected .* with d_model=6"):
        layer_norm.backward(np.ones((4, 6)), trace, layer_norm.init(1))
