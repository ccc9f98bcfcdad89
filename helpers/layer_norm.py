"""Layer norm: each word's vector gets mean 0 and variance 1, then a learned scale and shift.

    out = (x - mean) / √(variance + ε) · γ + β      mean and variance over a word's d_model numbers

Source: Ba, Kiros & Hinton, "Layer Normalization" (2016).
"""

from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.linear import sum_over_words

PARAMETER_SHAPES = {"gamma": ("d_model",), "beta": ("d_model",)}


class LayerNormTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)           what came in
    mean: np.ndarray  # (..., seq_len, 1)              each word's own mean
    variance: np.ndarray  # (..., seq_len, 1)          its own variance, biased: divided by d_model
    std: np.ndarray  # (..., seq_len, 1)               √(variance + ε), with ε inside the root
    normalized: np.ndarray  # (..., seq_len, d_model)  mean 0, variance 1
    out: np.ndarray  # (..., seq_len, d_model)         times γ, plus β


def init(d_model):
    """Start with gamma (d_model,) of ones and beta (d_model,) of zeros, which change nothing.

        γ = 1      β = 0

    Raises TypeError or ValueError if the size is not a positive integer.
    Source: Ba et al. (2016), section 3.
    """
    d_model = checks.require_size(d_model, "d_model")
    checks.require_memory((d_model,), "gamma")
    return {"gamma": np.ones(d_model), "beta": np.zeros(d_model)}


def forward(x, params, eps=1e-5):
    """Normalise every word's vector over its own features.

        normalized = (x - mean) / √(variance + ε)      out = γ · normalized + β

    x: (..., seq_len, d_model); eps is ε, in the squared unit of x, and keeps a constant row from
    dividing by zero. Returns a LayerNormTrace; out has the shape of x.
    Raises ValueError for unfit shapes, empty or non-finite input, squares out of range, a negative
    eps, and an eps of 0 (in the float type of x) with a constant row; TypeError for non-numbers.
    Source: Ba et al. (2016), equation 3.
    """
    x, params = checks.require_input(x, params, PARAMETER_SHAPES)
    eps = checks.require_number(eps, "eps", minimum=0, dtype=x.dtype)
    with checks.quiet():
        return checks.require_in_range(compute(x, params, eps))


def compute(x, params, eps):
    """Do what forward does; the caller has checked what comes in.

    Raises ValueError where a square is out of range or a standard deviation is zero.
    """
    mean = x.mean(axis=-1, keepdims=True)  # (..., seq_len, 1)
    centred = x - mean  # (..., seq_len, d_model)
    variance = (centred**2).mean(axis=-1, keepdims=True)  # (..., seq_len, 1)
    std = np.sqrt(variance + eps)  # (..., seq_len, 1)
    checks.require_in_range(std, "the squares of x")
    if not std.all():
        raise ValueError(f"x has a row of equal numbers and eps={eps}; expected a larger eps")
    normalized = centred / std  # (..., seq_len, d_model)
    out = params["gamma"] * normalized + params["beta"]  # (..., seq_len, d_model)
    return LayerNormTrace(x, mean, variance, std, normalized, out)


def backward(grad_out, trace, params):
    """Return grad_x and the gradients of gamma and beta for the loss's gradient at `out`.

        grad_x = (g - mean(g) - normalized · mean(g · normalized)) / std     with g = grad_out · γ

    The two means are there because a word's mean and variance depend on all its numbers.
    grad_out: (..., seq_len, d_model), as trace.out; grads has the keys of params.
    Raises ValueError or TypeError for a gradient, trace or parameters that do not fit.
    Source: the chain rule on equation 3 of Ba et al. (2016).
    """
    grad_out = checks.require_gradient(grad_out, trace, LayerNormTrace)
    sizes = {"d_model": trace.x.shape[-1]}
    params = checks.require_parameters(params, PARAMETER_SHAPES, trace.x.dtype, **sizes)

    with checks.quiet():
        return checks.require_in_range(compute_backward(grad_out, trace, params), "the gradients")


def compute_backward(grad_out, trace, params):
    """Do what backward does; the caller has checked what comes in."""
    normalized = trace.normalized  # (..., seq_len, d_model)
    g = grad_out * params["gamma"]  # (..., seq_len, d_model)
    mean_g = g.mean(axis=-1, keepdims=True)  # (..., seq_len, 1)
    mean_gn = (g * normalized).mean(axis=-1, keepdims=True)  # (..., seq_len, 1)
    grad_x = (g - mean_g - normalized * mean_gn) / trace.std  # (..., seq_len, d_model)
    grad_gamma = sum_over_words(grad_out * normalized)  # (d_model,)
    return grad_x, {"gamma": grad_gamma, "beta": sum_over_words(grad_out)}
