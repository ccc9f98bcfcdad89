"""The skip connection: a sum of equals, whose gradient goes both ways."""

import re

import numpy as np
import pytest

from helpers import skip_connections


@pytest.mark.parametrize("shape", [(4, 6), (2, 4, 6), (2, 1, 4, 6), (1, 1)])
def test_out_is_the_sum_and_its_gradient_goes_to_both_in_memory_of_their_own(rng, shape):
    x, f_x, upstream = rng.standard_normal((3, *shape))
    trace = skip_connections.forward(x, f_x)
    for index in np.ndindex(shape):
        assert trace.out[index] == x[index] + f_x[index]
    np.testing.assert_array_equal(trace.x, x)
    np.testing.assert_array_equal(trace.f_x, f_x)
    grad_x, grad_f_x = skip_connections.backward(upstream, trace)
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
