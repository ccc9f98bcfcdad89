"""Layer norm: each word's vector gets mean 0 and variance 1, then a learned scale and shift.

    out = (x - mean) / √(variance + ε) · γ + β      mean and variance over a word's d_model numbers

Source: Ba, Kiros & Hinton, "Layer Normalization" (2016).
"""

from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.self_attention import sum_over_words

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

    Raises TypeError or ValueError for a size that is no whole number from 1 up.
    Source: Ba et al. (2016), section 3.
    """
    d_model = checks.require_size(d_model, "d_model")
    return {"gamma": np.ones(d_model), "beta": np.zeros(d_model)}


def forward(x, params, eps=1e-5):
    """Normalise every word's vector over its own features.

        normalized = (x - mean) / √(variance + ε)      out = γ · normalized + β

    x: (..., seq_len, d_model); eps is ε, in the squared unit of x, and keeps a constant row from
    dividing by zero. Returns a LayerNormTrace; out has the shape of x.
    Raises ValueError for unfit shapes, empty or non-finite input, a negative eps, and for eps = 0
    with a constant row; TypeError for non-numbers.
    Source: Ba et al. (2016), equation 3.
    """
    x = checks.require_sequence(x)
    params = checks.require_parameters(params, PARAMETER_SHAPES, x.dtype)
    checks.require_width(x, len(params["gamma"]))
    return compute(x, params, checks.require_number(eps, "eps", minimum=0))


def compute(x, params, eps):
    """Do what forward does; the caller has checked what comes in.

    Raises ValueError for rows too large to be squared, and for equal numbers that eps does not
    save from a division by zero: no door can see that before.
    """
    d_model = x.shape[-1]
    mean = x.mean(axis=-1, keepdims=True)  # (..., seq_len, 1)
    centred = x - mean  # (..., seq_len, d_model)
    with np.errstate(over="ignore"):  # said in words on the next line
        variance = np.vecdot(centred, centred)[..., None] / d_model  # (..., seq_len, 1)
    checks.require_in_range(variance, "the squares of x")
    std = np.sqrt(variance + x.dtype.type(eps))  # (..., seq_len, 1)
    if not std.all():
        raise ValueError(f"x has a row of equal numbers and eps={eps}; expected a larger eps")
    normalized = centred / std  # (..., seq_len, d_model)
    out = normalized * params["gamma"]  # (..., seq_len, d_model)
    out += params["beta"]
    return LayerNormTrace(x, mean, variance, std, normalized, out)


def backward(grad_out, trace, params):
    """Return grad_x and the gradients of gamma and beta for the loss's gradient at `out`.

        grad_x = (g - mean(g) - normalized · mean(g · normalized)) / std     with g = grad_out · γ

    The two means are there because a word's mean and variance depend on all its numbers.
    grad_out: (..., seq_len, d_model), as trace.out; grads has the keys of params.
    Raises ValueError or TypeError for a gradient, trace or parameters that do not fit.
    Source: the chain rule on equation 3 of Ba et al. (2016).
    """
    checks.require_record(trace, LayerNormTrace)
    grad_out = checks.require_like(grad_out, trace.out.shape, "grad_out", trace.out.dtype)
    d_model = trace.x.shape[-1]
    params = checks.require_parameters(params, PARAMETER_SHAPES, trace.x.dtype, d_model=d_model)
    return compute_backward(grad_out, trace, params)


def compute_backward(grad_out, trace, params):
    """Do what backward does; the caller has checked what comes in."""
    d_model = trace.x.shape[-1]
    grad_normalized = grad_out * params["gamma"]  # (..., seq_len, d_model)
    shared = grad_normalized.mean(axis=-1, keepdims=True)  # (..., seq_len, 1)
    along = np.vecdot(grad_normalized, trace.normalized)[..., None] / d_model  # (..., seq_len, 1)
    grad_x = (grad_normalized - shared - trace.normalized * along) / trace.std
    grads = {
        "gamma": sum_over_words(grad_out * trace.normalized),
        "beta": sum_over_words(grad_out),
    }
    return grad_x, grads
