"""Layer norm: per word, biased, ε inside the root; and the gradient of all three."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import layer_norm
from helpers.learning import gradient_check

EPS = 1e-5


def random_params(rng, d_model=6):
    return {"gamma": rng.standard_normal(d_model), "beta": rng.standard_normal(d_model)}


def norm_by_hand(word, params, eps):
    """Return the norm of one word's vector, number by number."""
    mean = sum(word) / len(word)
    variance = sum((feature - mean) ** 2 for feature in word) / len(word)
    return [
        (feature - mean) / math.sqrt(variance + eps) * gamma + beta
        for feature, gamma, beta in zip(word, params["gamma"], params["beta"], strict=True)
    ]


# The numbers, by hand


@pytest.mark.parametrize("eps", [EPS, 0, 0.5])
def test_every_word_is_normed_by_itself(rng, eps):
    x, params = 3 * rng.standard_normal((2, 3, 4, 6)) + 2, random_params(rng)
    trace = layer_norm.forward(x, params, eps)
    for index in np.ndindex(2, 3, 4):
        expected = norm_by_hand(x[index], params, eps)
        np.testing.assert_allclose(trace.out[index], expected, atol=1e-13)


def test_the_trace_holds_the_statistics(rng):
    x, params = 3 * rng.standard_normal((4, 6)) + 2, random_params(rng)
    trace = layer_norm.forward(x, params)
    np.testing.assert_allclose(trace.mean[:, 0], [sum(word) / 6 for word in x], rtol=1e-14)
    np.testing.assert_allclose(trace.variance[:, 0], x.var(axis=1), rtol=1e-14)
    np.testing.assert_allclose(trace.std[:, 0], np.sqrt(x.var(axis=1) + EPS), rtol=1e-14)
    np.testing.assert_allclose(trace.normalized.mean(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(trace.normalized.var(axis=1), 1, rtol=1e-4)


def test_the_untrained_norm_scales_by_one_and_shifts_by_nothing(rng):
    trace = layer_norm.forward(rng.standard_normal((4, 6)), layer_norm.init(6))
    np.testing.assert_array_equal(trace.out, trace.normalized)


def test_scale_and_shift_of_the_input_do_not_matter(rng):
    x = rng.standard_normal((4, 6))
    moved = layer_norm.forward(100 * x + 7, layer_norm.init(6), eps=0).out
    np.testing.assert_allclose(
        moved, layer_norm.forward(x, layer_norm.init(6), eps=0).out, atol=1e-12
    )


# Gradients


@pytest.mark.parametrize("shape", [(4, 6), (2, 4, 6), (2, 1, 4, 6), (3, 2), (1, 5)])
@pytest.mark.parametrize("eps", [EPS, 0.3])
def test_gradients(rng, shape, eps):
    params = random_params(rng, shape[-1])
    errors = gradient_check.check(layer_norm, rng.standard_normal(shape), params, rng, eps=eps)
    assert set(errors) == {"x", "gamma", "beta"}
    assert max(errors.values()) <= 1e-7, errors


# The trace


def test_fields_stand_in_computing_order():
    fields = "x mean variance std normalized out"
    assert " ".join(layer_norm.LayerNormTrace._fields) == fields


# Odd sizes


def test_one_feature_gives_beta(rng):
    params = random_params(rng, 1)
    trace = layer_norm.forward([[3.0], [5.0]], params)
    np.testing.assert_array_equal(trace.out, [params["beta"]] * 2)


def test_equal_features_give_beta(rng):
    params = random_params(rng)
    trace = layer_norm.forward(np.full((2, 6), 0.1), params)
    np.testing.assert_allclose(trace.out, [params["beta"]] * 2, atol=1e-12)


def test_without_epsilon_equal_features_are_an_error():
    message = "x has a row of equal numbers and eps=0.0; expected a larger eps"
    with pytest.raises(ValueError, match=message):
        layer_norm.forward([[1.0, 2.0], [4.0, 4.0]], layer_norm.init(2), eps=0)


def test_an_epsilon_that_vanishes_in_the_float_type_is_an_error_not_nan():
    x = np.full((1, 4), 2.0, np.float16)
    with pytest.raises(ValueError, match="eps=1e-09; expected a larger eps"):
        layer_norm.forward(x, layer_norm.init(4), eps=1e-9)


@pytest.mark.parametrize(("size", "dtype"), [(1e200, "float64"), (1e25, "float32")])
def test_numbers_whose_squares_overflow_are_an_error_not_zeros(size, dtype):
    x = np.array([[size, -size]], dtype)
    with pytest.raises(ValueError, match=f"the squares of x overflow {dtype}; expected smaller"):
        layer_norm.forward(x, layer_norm.init(2))


def test_many_words_at_once(rng):
    x, params = rng.standard_normal((3, 5000, 6)), random_params(rng)
    out = layer_norm.forward(x, params).out
    np.testing.assert_allclose(out[2, 4999], norm_by_hand(x[2, 4999], params, EPS), atol=1e-13)


def test_a_large_mean_does_not_swallow_the_variance():
    # E[x²] - E[x]² would lose all digits here.
    x = np.array([[1e8, 1e8 + 1]])
    np.testing.assert_allclose(layer_norm.forward(x, layer_norm.init(2), eps=0).out, [[-1, 1]])


words = st.lists(st.floats(-100, 100), min_size=2, max_size=6)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(words)
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
