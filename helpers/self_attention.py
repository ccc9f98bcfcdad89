"""Self-attention: each word asks all words, and takes a weighted sum of what they offer.

    q = x W_q + b_q     k = x W_k + b_k     v = x W_v + b_v
    out = softmax(q kᵀ / √d_head) v

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.1.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.linear import glorot, linear, linear_backward

PARAMETER_SHAPES = {
    "W_q": ("d_model", "d_head"),
    "W_k": ("d_model", "d_head"),
    "W_v": ("d_model", "d_head"),
    "b_q": ("d_head",),
    "b_k": ("d_head",),
    "b_v": ("d_head",),
}


class AttentionTrace(NamedTuple):
    scores: np.ndarray  # (..., queries, keys)   how well each query fits each key, scaled
    weights: np.ndarray  # (..., queries, keys)  scores after the softmax: each row sums to 1
    out: np.ndarray  # (..., queries, d_head)    z: the values, averaged with these weights


class SelfAttentionTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)        what came in
    q: np.ndarray  # (..., seq_len, d_head)         what each word asks for
    k: np.ndarray  # (..., seq_len, d_head)         what each word can be found by
    v: np.ndarray  # (..., seq_len, d_head)         what each word hands over
    scores: np.ndarray  # (..., seq_len, seq_len)   q·k / √d_head; -inf where masked
    weights: np.ndarray  # (..., seq_len, seq_len)  rows are queries, columns are keys
    out: np.ndarray  # (..., seq_len, d_head)       z, one row for each query


def init(d_model, d_head, rng):
    """Draw W_q, W_k, W_v (d_model, d_head), and set b_q, b_k, b_v (d_head,) to zero.

    Raises TypeError or ValueError if a size is not a positive integer.
    Source: linear.glorot.
    """
    d_model, d_head = checks.require_size(d_model, "d_model"), checks.require_size(d_head, "d_head")
    params = {name: glorot(d_model, d_head, rng) for name in ("W_q", "W_k", "W_v")}
    return params | {name: np.zeros(d_head) for name in ("b_q", "b_k", "b_v")}


def softmax(scores):
    """Turn each row of scores into weights that are positive and sum to 1.

        softmax(s)_j = exp(s_j) / Σ_k exp(s_k)

    scores: (..., n), finite, or -inf for "weight zero"; returns (..., n).
    Raises ValueError for NaN, +inf, nothing at all, or a row of nothing but -inf.
    Source: Goodfellow et al., "Deep Learning", section 4.1: less the maximum, exp never overflows.
    """
    scores = checks.require_scores(scores)
    with checks.quiet():  # -1e308 - 1e308 is -inf, and exp(-inf) = 0 is right
        exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))  # (..., n)
        return exponentials / exponentials.sum(axis=-1, keepdims=True)


def scaled_dot_product_attention(q, k, v, mask=None, scale=None):
    """Let every query look at every key, and average the values accordingly.

        scores = q kᵀ · scale      weights = softmax(scores)      out = weights v

    q: (..., queries, d_head), k: (..., keys, d_head), v: (..., keys, d_value), equal in "...".
    mask: bool, broadcasts to (..., queries, keys), True where the query may look at the key.
    scale: a number; None means 1 / √d_head.
    Returns scores (-inf where masked), weights and out (..., queries, d_value).
    Raises ValueError for shapes that do not fit, empty or non-finite input, a query that may look
    at no key, products out of range; TypeError for non-numbers and a mask that is not bool.
    Source: Vaswani et al. (2017), equation 1.
    """
    q = checks.require_sequence(q, "q")
    k, v = checks.require_sequence(k, "k", q.dtype), checks.require_sequence(v, "v", q.dtype)
    checks.require_shape(k, (*q.shape[:-2], k.shape[-2], q.shape[-1]), "k")
    checks.require_shape(v, (*k.shape[:-1], v.shape[-1]), "v")
    checks.require_memory((*q.shape[:-1], k.shape[-2]), "scores")
    mask = checks.require_mask(mask, (*q.shape[:-1], k.shape[-2]))
    scale = q.shape[-1] ** -0.5 if scale is None else checks.require_number(scale, "scale")

    with checks.quiet():
        scores = (q * scale) @ k.swapaxes(-1, -2)  # (..., queries, keys)
        checks.require_in_range(scores, "the products of q and k")
        if mask is not None:
            scores = np.where(mask, scores, -np.inf)
        weights = softmax(scores)  # (..., queries, keys)
        out = weights @ v  # (..., queries, d_value)
    return checks.require_in_range(AttentionTrace(scores, weights, out))


def forward(x, params, mask=None):
    """Run one head of self-attention.

        out = softmax(q kᵀ / √d_head) v     with q, k, v = x W + b

    x: (..., seq_len, d_model); mask: bool, broadcasts to (..., seq_len, seq_len).
    Returns a SelfAttentionTrace; out is (..., seq_len, d_head).
    Raises ValueError or TypeError as scaled_dot_product_attention, and for unfit parameters.
    Source: Vaswani et al. (2017), section 3.2.1.
    """
    x, params = checks.require_input(x, params, PARAMETER_SHAPES)
    with checks.quiet():
        q = linear(x, params["W_q"], params["b_q"])  # (..., seq_len, d_head)
        k = linear(x, params["W_k"], params["b_k"])  # (..., seq_len, d_head)
        v = linear(x, params["W_v"], params["b_v"])  # (..., seq_len, d_head)
    return SelfAttentionTrace(x, q, k, v, *scaled_dot_product_attention(q, k, v, mask))


def attention_backward(grad_out, q, k, v, weights):
    """Return the gradients of q, k and v from the gradient of z = softmax(q kᵀ / √d_head) v.

        grad_v = weightsᵀ grad_out                 grad_weights = grad_out vᵀ
        grad_scores = weights ∘ (grad_weights - rowsum(grad_weights ∘ weights))
        grad_q = grad_scores k / √d_head           grad_k = grad_scoresᵀ q / √d_head

    All (..., seq_len, d_head), weights (..., seq_len, seq_len); the caller has checked the shapes.
    A masked key has weight 0, so no gradient reaches it, and the mask is not needed here.
    Source: the chain rule on equation 1 of Vaswani et al. (2017).
    """
    scale = q.shape[-1] ** -0.5
    grad_v = weights.swapaxes(-1, -2) @ grad_out  # (..., seq_len, d_head)
    grad_weights = grad_out @ v.swapaxes(-1, -2)  # (..., seq_len, seq_len)
    row_sums = (grad_weights * weights).sum(axis=-1, keepdims=True)  # (..., seq_len, 1)
    grad_scores = weights * (grad_weights - row_sums)  # (..., seq_len, seq_len)
    grad_q = grad_scores @ k * scale  # (..., seq_len, d_head)
    grad_k = grad_scores.swapaxes(-1, -2) @ q * scale  # (..., seq_len, d_head)
    return grad_q, grad_k, grad_v


def backward(grad_out, trace, params):
    """Return grad_x and the parameters' gradients for the loss's gradient at `out`.

    grad_out: (..., seq_len, d_head), as trace.out; grads has the keys of params.
    Raises ValueError or TypeError for a gradient, trace or parameters that do not fit.
    Source: attention_backward and linear_backward, in reverse order of forward.
    """
    grad_out = checks.require_gradient(grad_out, trace, SelfAttentionTrace)
    sizes = {"d_model": trace.x.shape[-1], "d_head": trace.q.shape[-1]}
    params = checks.require_parameters(params, PARAMETER_SHAPES, trace.x.dtype, **sizes)

    x, q, k, v, _, weights, _ = trace
    grads = dict.fromkeys(params)
    with checks.quiet():
        grad_q, grad_k, grad_v = attention_backward(grad_out, q, k, v, weights)
        from_q, grads["W_q"], grads["b_q"] = linear_backward(grad_q, x, params["W_q"])
        from_k, grads["W_k"], grads["b_k"] = linear_backward(grad_k, x, params["W_k"])
        from_v, grads["W_v"], grads["b_v"] = linear_backward(grad_v, x, params["W_v"])
        grad_x = from_q + from_k + from_v  # (..., seq_len, d_model)
    return checks.require_in_range((grad_x, grads), "the gradients")
