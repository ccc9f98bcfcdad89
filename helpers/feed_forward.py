"""Feed-forward: the same small two-layer network, applied to each word by itself.

    out = activation(x W_1 + b_1) W_2 + b_2

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.3;
GELU from Hendrycks & Gimpel, "Gaussian Error Linear Units" (2016).
"""

import math
from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.linear import glorot, linear, linear_backward

PARAMETER_SHAPES = {
    "W_1": ("d_model", "d_ff"),
    "b_1": ("d_ff",),
    "W_2": ("d_ff", "d_model"),
    "b_2": ("d_model",),
}
ACTIVATIONS = ("relu", "gelu", "none")


class FeedForwardTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)       what came in
    hidden: np.ndarray  # (..., seq_len, d_ff)     x W_1 + b_1, before the bend
    activation: str  # which bend
    activated: np.ndarray  # (..., seq_len, d_ff)  after the bend
    out: np.ndarray  # (..., seq_len, d_model)     back to the input's width


def init(d_model, d_ff, rng):
    """Draw W_1 (d_model, d_ff), W_2 (d_ff, d_model), and set b_1 (d_ff,), b_2 (d_model,) to zero.

    Raises TypeError or ValueError if a size is not a positive integer.
    Source: linear.glorot.
    """
    d_model, d_ff = checks.require_size(d_model, "d_model"), checks.require_size(d_ff, "d_ff")
    return {
        "W_1": glorot(d_model, d_ff, rng),
        "b_1": np.zeros(d_ff),
        "W_2": glorot(d_ff, d_model, rng),
        "b_2": np.zeros(d_model),
    }


def normal_cdf(hidden):
    """Return Φ of each number: the share of a standard normal below it. numpy has no erf."""
    erf = np.vectorize(math.erf)
    return (0.5 * (1 + erf(hidden / math.sqrt(2)))).astype(hidden.dtype)


def activate(hidden, activation="relu"):
    """Bend each number of `hidden`, any shape.

        relu(h) = max(h, 0)      gelu(h) = h · Φ(h)      none(h) = h

    Raises ValueError for an activation of another name, and for non-finite input.
    Source: Vaswani et al. (2017), equation 2; Hendrycks & Gimpel (2016), the exact form.
    """
    hidden = checks.require_array(hidden, "hidden")
    checks.require_choice(activation, "activation", ACTIVATIONS)
    if activation == "relu":
        return np.maximum(hidden, 0)
    if activation == "gelu":
        with checks.quiet():
            return hidden * normal_cdf(hidden)
    return hidden.copy()


def slope(hidden, activation):
    """Return the derivative of the activation at each number of `hidden`.

        relu'(h) = 1 if h > 0, else 0      gelu'(h) = Φ(h) + h · φ(h)      none'(h) = 1

    At its corner, relu counts as flat. The caller has checked the arguments.
    Source: the rules of differentiation; φ is the density of a standard normal.
    """
    if activation == "relu":
        return hidden > 0  # True counts as 1
    if activation == "gelu":
        density = np.exp(-0.5 * hidden**2) / math.sqrt(2 * math.pi)
        return normal_cdf(hidden) + hidden * density
    return np.ones_like(hidden)


def forward(x, params, activation="relu"):
    """Widen each word's vector to d_ff numbers, bend them, bring them back to d_model.

        out = activation(x W_1 + b_1) W_2 + b_2

    x: (..., seq_len, d_model); activation: "relu", "gelu" or "none". Returns a FeedForwardTrace.
    Raises ValueError for unfit shapes, empty or non-finite input, an unknown activation and results
    out of range; TypeError for non-numbers.
    Source: Vaswani et al. (2017), equation 2.
    """
    x, params = checks.require_input(x, params, PARAMETER_SHAPES)

    with checks.quiet():
        return checks.require_in_range(compute(x, params, activation))


def compute(x, params, activation):
    """Do what forward does; the caller has checked what comes in."""
    hidden = linear(x, params["W_1"], params["b_1"])  # (..., seq_len, d_ff)
    activated = activate(hidden, activation)  # (..., seq_len, d_ff)
    out = linear(activated, params["W_2"], params["b_2"])  # (..., seq_len, d_model)
    return FeedForwardTrace(x, hidden, activation, activated, out)


def backward(grad_out, trace, params):
    """Return grad_x and the parameters' gradients for the loss's gradient at `out`.

        grad_hidden = (grad_out W_2ᵀ) · activation'(hidden)

    grad_out: (..., seq_len, d_model), as trace.out; grads has the keys of params.
    Raises ValueError or TypeError for a gradient, trace or parameters that do not fit.
    Source: the chain rule on equation 2 of Vaswani et al. (2017).
    """
    grad_out = checks.require_gradient(grad_out, trace, FeedForwardTrace)
    sizes = {"d_model": trace.x.shape[-1], "d_ff": trace.hidden.shape[-1]}
    params = checks.require_parameters(params, PARAMETER_SHAPES, trace.x.dtype, **sizes)

    with checks.quiet():
        return checks.require_in_range(compute_backward(grad_out, trace, params), "the gradients")


def compute_backward(grad_out, trace, params):
    """Do what backward does; the caller has checked what comes in."""
    grads = dict.fromkeys(params)
    grad_activated, grads["W_2"], grads["b_2"] = linear_backward(
        grad_out, trace.activated, params["W_2"]
    )
    grad_hidden = grad_activated * slope(trace.hidden, trace.activation)  # (..., seq_len, d_ff)
    grad_x, grads["W_1"], grads["b_1"] = linear_backward(grad_hidden, trace.x, params["W_1"])
    return grad_x, grads
