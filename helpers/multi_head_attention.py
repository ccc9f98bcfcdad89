"""Multi-head attention: several small attentions side by side, joined and mixed by W_o.

    z_i = softmax(q_i k_iᵀ / √d_head) v_i       for head i = 0 … n_heads - 1
    out = concat(z_0, …, z_last) W_o + b_o

Head i owns the columns i·d_head to (i+1)·d_head of W_q, W_k and W_v; d_head = d_model / n_heads.
Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.2.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.self_attention import (
    attend,
    attention_backward,
    linear,
    linear_backward,
)

PARAMETER_SHAPES = {
    "W_q": ("d_model", "d_model"),
    "W_k": ("d_model", "d_model"),
    "W_v": ("d_model", "d_model"),
    "W_o": ("d_model", "d_model"),
    "b_q": ("d_model",),
    "b_k": ("d_model",),
    "b_v": ("d_model",),
    "b_o": ("d_model",),
}


class MultiHeadAttentionTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)                 what came in
    q: np.ndarray  # (..., n_heads, seq_len, d_head)         one set of queries a head
    k: np.ndarray  # (..., n_heads, seq_len, d_head)         one set of keys a head
    v: np.ndarray  # (..., n_heads, seq_len, d_head)         one set of values a head
    scores: np.ndarray  # (..., n_heads, seq_len, seq_len)   q·k / √d_head; -inf where masked
    weights: np.ndarray  # (..., n_heads, seq_len, seq_len)  rows are queries, columns are keys
    heads: np.ndarray  # (..., n_heads, seq_len, d_head)     z_i: what head i found
    concat: np.ndarray  # (..., seq_len, d_model)            all z_i of a word, side by side
    out: np.ndarray  # (..., seq_len, d_model)               mixed by W_o, as wide as the input


def init(d_model, n_heads, rng):
    """Draw W_q, W_k, W_v, W_o (d_model, d_model) and set b_q, b_k, b_v, b_o (d_model,) to zero.

        W ~ uniform(-a, a) with a = √(6 / (d_model + d_model))

    The parameters are the same in number for every head count.
    Raises ValueError if n_heads does not divide d_model, and names the counts that do.
    Source: Glorot & Bengio (2010).
    """
    d_model = checks.require_size(d_model, "d_model")
    checks.require_head_width(d_model, n_heads)
    checks.require_generator(rng)
    limit = (6 / (d_model + d_model)) ** 0.5
    params = {
        name: rng.uniform(-limit, limit, (d_model, d_model))
        for name in ("W_q", "W_k", "W_v", "W_o")
    }
    return params | {name: np.zeros(d_model) for name in ("b_q", "b_k", "b_v", "b_o")}


def split_heads(projected, n_heads):
    """Cut (..., seq_len, d_model) into (..., n_heads, seq_len, d_head).

    Each word's row is cut into n_heads pieces first, and only then do the axes swap: a reshape
    straight to the new shape has the right shape and the wrong numbers.
    Raises ValueError if n_heads does not divide d_model, and for an unfit array.
    Source: Vaswani et al. (2017), section 3.2.2: each head's W is a column slice of the big one.
    """
    projected = checks.require_axes(projected, "projected", 2)
    d_head = checks.require_head_width(projected.shape[-1], n_heads)
    pieces = projected.reshape(*projected.shape[:-1], n_heads, d_head)
    return pieces.swapaxes(-3, -2)  # (..., n_heads, seq_len, d_head)


def join_heads(heads):
    """Put (..., n_heads, seq_len, d_head) back side by side: (..., seq_len, n_heads · d_head).

    The way back of split_heads. Raises ValueError for fewer than three axes.
    Source: "Concat" in Vaswani et al. (2017), section 3.2.2.
    """
    heads = checks.require_axes(heads, "heads", 3)
    words = heads.swapaxes(-3, -2)  # (..., seq_len, n_heads, d_head)
    return words.reshape(*words.shape[:-2], -1)


def forward(x, params, n_heads, mask=None):
    """Run n_heads attentions in parallel, lay their results side by side, mix them with W_o.

        out = concat(z_0, …, z_last) W_o + b_o

    x: (..., seq_len, d_model); mask: bool, broadcasts to (..., seq_len, seq_len), the same for
    every head. Returns a MultiHeadAttentionTrace; out has the shape of x.
    Raises ValueError if n_heads does not divide d_model (naming the counts that do), for unfit
    shapes, empty or non-finite input, a query that may look at no key; TypeError for non-numbers.
    Source: Vaswani et al. (2017), section 3.2.2.
    """
    x = checks.require_sequence(x)
    params = checks.require_parameters(params, PARAMETER_SHAPES, x.dtype)
    d_model = params["W_q"].shape[0]
    checks.require_width(x, d_model)
    checks.require_head_width(d_model, n_heads)
    if mask is not None:
        mask = checks.require_mask(mask, (*x.shape[:-1], x.shape[-2]))
    return compute(x, params, n_heads, mask)


def compute(x, params, n_heads, mask=None):
    """Do what forward does; the caller has checked what comes in."""
    if mask is not None:
        mask = mask[..., None, :, :]  # (..., 1, seq_len, seq_len): every head obeys it

    def project(role):
        projected = linear(x, params[f"W_{role}"], params[f"b_{role}"])  # (..., seq_len, d_model)
        return split_heads(projected, n_heads)

    q = project("q")  # (..., n_heads, seq_len, d_head)
    k = project("k")  # (..., n_heads, seq_len, d_head)
    v = project("v")  # (..., n_heads, seq_len, d_head)
    scores, weights, heads = attend(q, k, v, mask)
    concat = join_heads(heads)  # (..., seq_len, d_model)
    out = linear(concat, params["W_o"], params["b_o"])  # (..., seq_len, d_model)
    return MultiHeadAttentionTrace(x, q, k, v, scores, weights, heads, concat, out)


def backward(grad_out, trace, params):
    """Return grad_x and the parameters' gradients for the loss's gradient at `out`.

    grad_out: (..., seq_len, d_model), as trace.out; grads has the keys of params.
    Raises ValueError or TypeError for a gradient, trace or parameters that do not fit.
    Source: the steps of forward in reverse, each by the chain rule.
    """
    checks.require_record(trace, MultiHeadAttentionTrace)
    grad_out = checks.require_like(grad_out, trace.out.shape, "grad_out", trace.out.dtype)
    d_model = trace.x.shape[-1]
    params = checks.require_parameters(params, PARAMETER_SHAPES, trace.x.dtype, d_model=d_model)
    return compute_backward(grad_out, trace, params)


def compute_backward(grad_out, trace, params):
    """Do what backward does; the caller has checked what comes in."""
    n_heads = trace.heads.shape[-3]
    grad_concat, grad_W_o, grad_b_o = linear_backward(grad_out, trace.concat, params["W_o"])
    grad_heads = split_heads(grad_concat, n_heads)  # (..., n_heads, seq_len, d_head)
    grad_q, grad_k, grad_v = map(
        join_heads, attention_backward(grad_heads, trace.q, trace.k, trace.v, trace.weights)
    )  # each (..., seq_len, d_model)
    from_q, grad_W_q, grad_b_q = linear_backward(grad_q, trace.x, params["W_q"])
    from_k, grad_W_k, grad_b_k = linear_backward(grad_k, trace.x, params["W_k"])
    from_v, grad_W_v, grad_b_v = linear_backward(grad_v, trace.x, params["W_v"])
    grads = {
        "W_q": grad_W_q,
        "W_k": grad_W_k,
        "W_v": grad_W_v,
        "W_o": grad_W_o,
        "b_q": grad_b_q,
        "b_k": grad_b_k,
        "b_v": grad_b_v,
        "b_o": grad_b_o,
    }
    return from_q + from_k + from_v, grads
