"""Multi-head attention: several small attentions side by side, joined and mixed by W_o.

    z_i = softmax(q_i k_iᵀ / √d_head) v_i       for head i = 0 … n_heads - 1
    out = concat(z_0, …, z_last) W_o + b_o

Head i owns the columns i·d_head to (i+1)·d_head of W_q, W_k and W_v; d_head = d_model / n_heads.
Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.2.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.linear import glorot, linear, linear_backward
from helpers.self_attention import attention_backward, scaled_dot_product_attention

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
    q: np.ndarray  # (..., n_heads, seq_len, d_head)         one set of queries per head
    k: np.ndarray  # (..., n_heads, seq_len, d_head)         one set of keys per head
    v: np.ndarray  # (..., n_heads, seq_len, d_head)         one set of values per head
    scores: np.ndarray  # (..., n_heads, seq_len, seq_len)   q·k / √d_head; -inf where masked
    weights: np.ndarray  # (..., n_heads, seq_len, seq_len)  rows are queries, columns are keys
    heads: np.ndarray  # (..., n_heads, seq_len, d_head)     z_i: what head i found
    concat: np.ndarray  # (..., seq_len, d_model)            all z_i of a word, side by side
    out: np.ndarray  # (..., seq_len, d_model)               mixed by W_o, as wide as the input


def init(d_model, n_heads, rng):
    """Draw W_q, W_k, W_v, W_o (d_model, d_model), and set b_q, b_k, b_v, b_o (d_model,) to zero.

    The parameters are the same in number for every head count.
    Raises ValueError if n_heads does not divide d_model, and names the counts that do.
    Source: linear.glorot.
    """
    d_model = checks.require_size(d_model, "d_model")
    checks.require_head_width(d_model, n_heads)
    params = {name: glorot(d_model, d_model, rng) for name in ("W_q", "W_k", "W_v", "W_o")}
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
    shapes, empty or non-finite input, a query that may look at no key, and results out of range;
    TypeError for non-numbers.
    Source: Vaswani et al. (2017), section 3.2.2.
    """
    x, params = checks.require_input(x, params, PARAMETER_SHAPES)
    checks.require_head_width(x.shape[-1], n_heads)
    mask = checks.require_mask(mask, (*x.shape[:-1], x.shape[-2]))
    with checks.quiet():
        return checks.require_in_range(compute(x, params, n_heads, mask))


def compute(x, params, n_heads, mask):
    """Do what forward does; the caller has checked what comes in."""
    if mask is not None:
        mask = mask[..., None, :, :]  # (..., 1, seq_len, seq_len): every head obeys it

    q = linear(x, params["W_q"], params["b_q"])  # (..., seq_len, d_model)
    k = linear(x, params["W_k"], params["b_k"])  # (..., seq_len, d_model)
    v = linear(x, params["W_v"], params["b_v"])  # (..., seq_len, d_model)
    q, k, v = (split_heads(a, n_heads) for a in (q, k, v))  # (..., n_heads, seq_len, d_head)
    scores, weights, heads = scaled_dot_product_attention(q, k, v, mask)
    concat = join_heads(heads)  # (..., seq_len, d_model)
    out = linear(concat, params["W_o"], params["b_o"])  # (..., seq_len, d_model)
    return MultiHeadAttentionTrace(x, q, k, v, scores, weights, heads, concat, out)


def backward(grad_out, trace, params):
    """Return grad_x and the parameters' gradients for the loss's gradient at `out`.

    grad_out: (..., seq_len, d_model), as trace.out; grads has the keys of params.
    Raises ValueError or TypeError for a gradient, trace or parameters that do not fit.
    Source: the steps of forward in reverse, each by the chain rule.
    """
    grad_out = checks.require_gradient(grad_out, trace, MultiHeadAttentionTrace)
    sizes = {"d_model": trace.x.shape[-1]}
    params = checks.require_parameters(params, PARAMETER_SHAPES, trace.x.dtype, **sizes)

    with checks.quiet():
        return checks.require_in_range(compute_backward(grad_out, trace, params), "the gradients")


def compute_backward(grad_out, trace, params):
    """Do what backward does; the caller has checked what comes in."""
    grads = dict.fromkeys(params)
    grad_concat, grads["W_o"], grads["b_o"] = linear_backward(grad_out, trace.concat, params["W_o"])
    grad_heads = split_heads(grad_concat, trace.heads.shape[-3])  # (..., n_heads, seq_len, d_head)
    grad_q, grad_k, grad_v = map(
        join_heads, attention_backward(grad_heads, trace.q, trace.k, trace.v, trace.weights)
    )  # each (..., seq_len, d_model)
    from_q, grads["W_q"], grads["b_q"] = linear_backward(grad_q, trace.x, params["W_q"])
    from_k, grads["W_k"], grads["b_k"] = linear_backward(grad_k, trace.x, params["W_k"])
    from_v, grads["W_v"], grads["b_v"] = linear_backward(grad_v, trace.x, params["W_v"])
    return from_q + from_k + from_v, grads
