"""The stack: blocks one after the other, and the gradient at each layer's input."""

import numpy as np
import pytest

from helpers import encoder_block, stack
from helpers.learning import gradient_check


def made(rng, n_layers=3, gain=1.0):
    return rng.standard_normal((2, 4, 6)), stack.init(n_layers, 6, 2, 8, rng, gain)


@pytest.mark.parametrize("norm", encoder_block.NORMS)
@pytest.mark.parametrize("skip", [True, False])
def test_forward_is_one_block_after_the_other(rng, norm, skip):
    x, layers = made(rng)
    traces = stack.forward(x, layers, 2, norm=norm, skip=skip)
    for trace, params in zip(traces, layers, strict=True):
        np.testing.assert_array_equal(trace.x, x)
        x = encoder_block.forward(x, params, 2, norm=norm, skip=skip).out
        np.testing.assert_array_equal(trace.out, x)


@pytest.mark.parametrize("norm", encoder_block.NORMS)
@pytest.mark.parametrize("skip", [True, False])
def test_the_gradient_at_every_layers_input(rng, norm, skip):
    x, layers = made(rng)
    traces = stack.forward(x, layers, 2, norm=norm, skip=skip)
    upstream = rng.standard_normal(x.shape)
    grad_xs, _ = stack.backward(upstream, traces, layers)
    for layer, grad_x in enumerate(grad_xs):
        values = traces[layer].x.copy()

        def loss(values=values, layer=layer):
            above = stack.forward(values, layers[layer:], 2, norm=norm, skip=skip)
            return (upstream * above[-1].out).sum()

        expected = gradient_check.numerical_gradient(loss, values)
        assert gradient_check.relative_error(grad_x, expected) <= 1e-6


def test_the_gradient_of_parameters_in_every_layer(rng):
    x, layers = made(rng)
    upstream = rng.standard_normal(x.shape)
    _, grads = stack.backward(upstream, stack.forward(x, layers, 2), layers)
    for params, found in zip(layers, grads, strict=True):
        for part, name in (("attention", "W_o"), ("feed_forward", "W_2"), ("norm_1", "gamma")):
            expected = gradient_check.numerical_gradient(
                lambda: (upstream * stack.forward(x, layers, 2)[-1].out).sum(), params[part][name]
            )
            assert gradient_check.relative_error(found[part][name], expected) <= 1e-6


def test_gain_scales_the_two_matrices_that_a_skip_adds_and_no_other():
    plain, loud = (stack.init(2, 6, 2, 8, np.random.default_rng(0), gain) for gain in (1.0, 3.0))
    for one, other in zip(plain, loud, strict=True):
        for part, arrays in one.items():
            for name, values in arrays.items():
                factor = 3 if name in ("W_o", "W_2") else 1
                np.testing.assert_array_equal(other[part][name], factor * values)


def test_the_first_blocks_of_a_deep_stack_are_those_of_a_shallow_one():
    shallow, deep = (stack.init(n, 6, 2, 8, np.random.default_rng(0)) for n in (2, 5))
    for one, other in zip(shallow, deep, strict=False):
        np.testing.assert_array_equal(one["attention"]["W_q"], other["attention"]["W_q"])
        np.testing.assert_array_equal(one["feed_forward"]["W_1"], other["feed_forward"]["W_1"])
    assert np.any(deep[0]["attention"]["W_q"] != deep[1]["attention"]["W_q"])


def test_without_gain_and_with_skip_a_stack_hands_words_and_gradients_on(rng):
    x, layers = made(rng, gain=0.0)
    traces = stack.forward(x, layers, 2, norm="pre")
    np.testing.assert_array_equal(traces[-1].out, x)
    upstream = rng.standard_normal(x.shape)
    grad_xs, _ = stack.backward(upstream, traces, layers)
    np.testing.assert_array_equal(grad_xs[0], upstream)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, layers, rng: stack.init(0, 6, 2, 8, rng), "n_layers=0; expected 1"),
        (lambda x, layers, rng: stack.init(1, 6, 2, 8, rng, gain=-1), "gain=-1"),
        (lambda x, layers, rng: stack.forward(x, [], 2), "layers is empty; expected at least one"),
        (lambda x, layers, rng: stack.backward(x, stack.forward(x, layers[:2], 2), layers),
         "there are 2 traces for 3 layers; expected equal"),
    ],
)  # fmt: skip
def test_unfit_arguments_are_refused(rng, call, message):
    with pytest.raises(ValueError, match=message):
        call(*made(rng), rng)
