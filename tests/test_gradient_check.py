"""The gradient check itself: it knows derivatives, and it catches a wrong backward."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import encoder_block, feed_forward, layer_norm
from helpers.learning import gradient_check

# The numerical gradient


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3)])
def test_numerical_gradient_of_known_functions(rng, shape):
    values = np.array(rng.standard_normal(shape))
    cubes = gradient_check.numerical_gradient(lambda: (values**3).sum(), values)
    np.testing.assert_allclose(cubes, 3 * values**2, atol=1e-8)
    waves = gradient_check.numerical_gradient(lambda: np.sin(values).sum(), values)
    np.testing.assert_allclose(waves, np.cos(values), atol=1e-8)


def test_the_difference_is_central():
    values = np.array([1.0])
    found = gradient_check.numerical_gradient(lambda: values[0] ** 2, values, step=0.5)
    assert found == 2  # (1.5² - 0.5²) / 1; a one-sided difference gives 2.5


@pytest.mark.parametrize(
    ("values", "step", "message"),
    [
        *((values, 1, r"values is .*; expected a float64 array")
          for values in ([1.0], np.ones(2, np.float32), np.ones(2, int), 1.0)),
        (np.ones(2), 0, "step=0; expected more than 0"),
        (np.ones(2), "1", "step='1' is of type str"),
    ],
)  # fmt: skip
def test_values_must_be_a_float64_array_and_the_step_positive(values, step, message):
    with pytest.raises((TypeError, ValueError), match=message):
        gradient_check.numerical_gradient(lambda: 0.0, values, step)


# The relative error


def test_relative_error_is_a_share_of_the_largest_entry_or_of_the_floor():
    assert gradient_check.relative_error([1.0, 4.5], [1.0, 5.0]) == pytest.approx(0.1)
    assert gradient_check.relative_error([1.0, -4.5], [1.0, -5.0]) == pytest.approx(0.1)
    assert gradient_check.relative_error([1e-12], [0.0]) == pytest.approx(1e-10)
    assert gradient_check.relative_error([0.5], [0.0], floor=1.0) == 0.5
    with pytest.raises(ValueError, match=r"found has shape \(1, 2\); expected \(2,\)"):
        gradient_check.relative_error(np.ones((1, 2)), np.ones(2))


# The check of a step


def test_a_right_step_passes_and_every_part_is_named(rng):
    x, params = rng.standard_normal((2, 4)), encoder_block.init(4, 2, 3, rng)
    kept = x.copy(), copy.deepcopy(params)
    errors = gradient_check.check(encoder_block, x, params, rng, 2, norm="pre")
    np.testing.assert_equal((x, params), kept)
    names = {f"{part}.{name}" for part, values in params.items() for name in values}
    assert set(errors) == {"x"} | names
    assert all(isinstance(error, float) for error in errors.values())
    assert max(errors.values()) <= 1e-7


def spoiled(step, spoil):
    """Return the step with a backward that makes one mistake."""

    def backward(grad_out, trace, params):
        grad_x, grads = step.backward(grad_out, trace, params)
        return spoil(grad_x, dict(grads), grad_out, trace, params)

    return SimpleNamespace(forward=step.forward, backward=backward)


@pytest.mark.parametrize("name", ["x", "W_1", "b_1", "W_2", "b_2"])
def test_one_wrong_entry_is_caught_and_located(rng, name):
    def spoil(grad_x, grads, *_):
        wrong = {"x": grad_x} | grads
        wrong[name] = wrong[name].copy()
        wrong[name].flat[-1] += 1e-4
        return wrong.pop("x"), wrong

    x, params = rng.standard_normal((5, 4)), feed_forward.init(4, 3, rng)
    errors = gradient_check.check(spoiled(feed_forward, spoil), x, params, rng)
    assert errors.pop(name) > 1e-6
    assert max(errors.values()) <= 1e-7


def test_the_random_upstream_gradient_catches_a_norm_without_gradient(rng):
    # "grad_x = 0" agrees with the plain sum of a layer norm, and with no other loss.
    step = spoiled(layer_norm, lambda grad_x, grads, *_: (0 * grad_x, grads))
    x, params = rng.standard_normal((3, 4)), layer_norm.init(4)
    plain_sum = gradient_check.numerical_gradient(
        lambda: layer_norm.forward(x, params).out.sum(), x
    )
    assert gradient_check.relative_error(0 * x, plain_sum) < 1e-7
    assert gradient_check.check(step, x, params, rng)["x"] == pytest.approx(1)


def test_a_missing_gradient_is_an_error(rng):
    step = spoiled(layer_norm, lambda grad_x, grads, *_: (grad_x, {"gamma": grads["gamma"]}))
    with pytest.raises(KeyError, match="beta"):
        gradient_check.check(step, rng.standard_normal((3, 4)), layer_norm.init(4), rng)
