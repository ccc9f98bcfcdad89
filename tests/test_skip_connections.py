"""The skip connection: a sum of equals, whose gradient goes both ways."""

import re

import numpy as np
import pytest

from helpers import skip_connections
from helpers.learning import gradient_check

SHAPES = [(4, 6), (2, 4, 6), (2, 1, 4, 6), (1, 1)]


def test_fields_stand_in_computing_order():
    assert skip_connections.SkipConnectionTrace._fields == ("x", "f_x", "out")


@pytest.mark.parametrize("shape", SHAPES)
def test_out_is_the_sum_number_by_number(rng, shape):
    x, f_x = rng.standard_normal((2, *shape))
    trace = skip_connections.forward(x, f_x)
    for index in np.ndindex(shape):
        assert trace.out[index] == x[index] + f_x[index]
    np.testing.assert_array_equal(trace.x, x)
    np.testing.assert_array_equal(trace.f_x, f_x)


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients(rng, shape):
    x, f_x, upstream = rng.standard_normal((3, *shape))

    def loss():
        return (upstream * skip_connections.forward(x, f_x).out).sum()

    gradients = skip_connections.backward(upstream, skip_connections.forward(x, f_x))
    for gradient, values in zip(gradients, (x, f_x), strict=True):
        expected = gradient_check.numerical_gradient(loss, values)
        assert gradient_check.relative_error(gradient, expected) <= 1e-7


def test_both_gradients_are_the_upstream_one_in_memory_of_their_own(rng):
    x, f_x, upstream = rng.standard_normal((3, 4, 6))
    grad_x, grad_f_x = skip_connections.backward(upstream, skip_connections.forward(x, f_x))
    np.testing.assert_array_equal(grad_x, upstream)
    np.testing.assert_array_equal(grad_f_x, upstream)
    for one, other in ((grad_x, upstream), (grad_f_x, upstream), (grad_x, grad_f_x)):
        assert not np.shares_memory(one, other)


@pytest.mark.parametrize("other", [(1, 6), (4, 1), (1, 4, 6), (4, 5), (6, 4)])
def test_unequal_shapes_are_refused_by_name_even_if_they_broadcast(other):
    message = f"x has shape (4, 6) and f_x has shape {other}; expected equal shapes"
    with pytest.raises(ValueError, match=re.escape(message)):
        skip_connections.forward(np.ones((4, 6)), np.ones(other))


def test_the_sum_keeps_the_float_type_of_x(rng):
    x, f_x = rng.standard_normal((2, 4, 6))
    assert skip_connections.forward(x.astype(np.float32), f_x).out.dtype == np.float32
    assert skip_connections.forward(x, f_x.astype(np.float32)).out.dtype == np.float64
