"""Feed-forward: the same two matrices at every word, and the bends by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import feed_forward
from helpers.learning import gradient_check

D_MODEL, D_FF = 5, 7
ACTIVATIONS = ["relu", "gelu", "none"]


def random_params(rng, d_model=D_MODEL, d_ff=D_FF):
    params = feed_forward.init(d_model, d_ff, rng)
    return {name: rng.standard_normal(value.shape) for name, value in params.items()}


def differ(one, other):
    return np.abs(one - other).max() > 1e-2


BENDS = {
    "relu": lambda h: h if h > 0 else 0.0,
    "gelu": lambda h: h * (1 + math.erf(h / math.sqrt(2))) / 2,
    "none": lambda h: h,
}


def word_by_hand(word, params, activation):
    """Return the network's answer to one word, unit by unit."""
    out = params["b_2"].copy()
    for unit in range(len(params["b_1"])):
        hidden = sum(word * params["W_1"][:, unit]) + params["b_1"][unit]
        out += BENDS[activation](hidden) * params["W_2"][unit]
    return out


# The numbers, by hand


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_word_goes_through_the_same_network(rng, activation):
    x, params = rng.standard_normal((2, 3, 4, D_MODEL)), random_params(rng)
    trace = feed_forward.forward(x, params, activation)
    for index in np.ndindex(2, 3, 4):
        expected = word_by_hand(x[index], params, activation)
        np.testing.assert_allclose(trace.out[index], expected, atol=1e-13)
    for index in np.ndindex(2, 3, 4, D_FF):
        assert trace.activated[index] == pytest.approx(BENDS[activation](trace.hidden[index]))


def test_relu_is_the_default(rng):
    x, params = rng.standard_normal((4, D_MODEL)), random_params(rng)
    outs = {name: feed_forward.forward(x, params, name).out for name in ACTIVATIONS}
    np.testing.assert_array_equal(feed_forward.forward(x, params).out, outs["relu"])
    assert differ(outs["relu"], outs["gelu"])
    assert differ(outs["relu"], outs["none"])


def test_gelu_is_exact_not_the_tanh_fit():
    h = np.linspace(-3, 3, 13)
    tanh_fit = h / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h**3)))
    found = feed_forward.activate(h, "gelu")
    np.testing.assert_allclose(found, [BENDS["gelu"](value) for value in h], atol=1e-15)
    assert 1e-4 < np.abs(found - tanh_fit).max() < 1e-3


def test_known_values():
    np.testing.assert_array_equal(feed_forward.activate([-2, 0, 3]), [0, 0, 3])
    np.testing.assert_allclose(
        feed_forward.activate([-1, 0, 1], "gelu"), [-0.158655, 0, 0.841345], atol=1e-6
    )
    np.testing.assert_array_equal(feed_forward.activate([-2, 0, 3], "none"), [-2, 0, 3])


# Gradients


@pytest.mark.parametrize("shape", [(4, 5), (2, 4, 5), (2, 1, 4, 5)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients(rng, shape, activation):
    x, params = rng.standard_normal(shape), random_params(rng)
    errors = gradient_check.check(feed_forward, x, params, rng, activation=activation)
    assert set(errors) == {"x", *params}
    assert max(errors.values()) <= 1e-7, errors


def test_at_its_corner_relu_counts_as_flat():
    params = {"W_1": [[1.0]], "b_1": [0.0], "W_2": [[1.0]], "b_2": [0.0]}
    trace = feed_forward.forward([[0.0]], params)
    grad_x, _ = feed_forward.backward([[1.0]], trace, params)
    assert grad_x == 0


# The trace


def test_fields_stand_in_computing_order():
    fields = ("x", "hidden", "activation", "activated", "out")
    assert feed_forward.FeedForwardTrace._fields == fields


def test_init_draws_within_its_limit_from_the_generator():
    params = feed_forward.init(20, 40, np.random.default_rng(0))
    again = feed_forward.init(20, 40, np.random.default_rng(0))
    other = feed_forward.init(20, 40, np.random.default_rng(1))
    assert {name: value.shape for name, value in params.items()} == {
        "W_1": (20, 40),
        "b_1": (40,),
        "W_2": (40, 20),
        "b_2": (20,),
    }
    limit = math.sqrt(6 / 60)
    for name, value in params.items():
        np.testing.assert_array_equal(value, again[name])
        if name.startswith("W"):
            assert 0.99 * limit < np.abs(value).max() <= limit
            assert differ(value, other[name])
        else:
            assert not value.any()


# Odd sizes


def test_one_word_of_one_number(rng):
    params = random_params(rng, 1, 1)
    trace = feed_forward.forward([[2.0]], params, "gelu")
    np.testing.assert_allclose(trace.out[0], word_by_hand(np.array([2.0]), params, "gelu"))


def test_many_words_at_once(rng):
    x, params = rng.standard_normal((3, 2000, D_MODEL)), random_params(rng)
    out = feed_forward.forward(x, params).out
    np.testing.assert_allclose(out[2, 1999], word_by_hand(x[2, 1999], params, "relu"), atol=1e-13)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_large_numbers_bend_without_nan(activation):
    found = feed_forward.activate([-1e300, 1e300], activation)
    assert found[1] == 1e300
    assert found[0] == (-1e300 if activation == "none" else 0)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.integers(1, 5),
    st.integers(1, 6),
    st.sampled_from(ACTIVATIONS),
    st.integers(0, 9),
)
def test_any_sizes_work(leading, d_model, d_ff, activation, seed):
    rng = np.random.default_rng(seed)
    x, params = rng.standard_normal((*leading, d_model)), random_params(rng, d_model, d_ff)
    trace = feed_forward.forward(x, params, activation)
    assert trace.out.shape == x.shape
    assert trace.hidden.shape == (*leading, d_ff)
    assert np.isfinite(trace.out).all()


# Bad arguments


def test_parameters_must_fit_each_other(rng):
    params = random_params(rng) | {"W_2": np.ones((D_FF + 1, D_MODEL))}
    message = r"params\['W_2'\] has shape \(8, 5\); expected \(d_ff, d_model\) with d_ff=7"
    with pytest.raises(ValueError, match=message):
        feed_forward.forward(np.ones((4, D_MODEL)), params)


def test_backward_refuses_parameters_of_another_inner_width():
    rng = np.random.default_rng(0)
    trace = feed_forward.forward(rng.standard_normal((3, 4)), feed_forward.init(4, 5, rng))
    with pytest.raises(ValueError, match=r"params\['W_1'\] .*\(4, 6\); expected .* with d_ff=5"):
        feed_forward.backward(trace.out, trace, feed_forward.init(4, 6, rng))
