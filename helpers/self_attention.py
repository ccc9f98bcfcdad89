"""Self-attention: each word asks all words, and takes a weighted sum of what they offer.

    q = x W_q + b_q     k = x W_k + b_k     v = x W_v + b_v
    out = softmax(q kᵀ / √d_head) v

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.1.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks

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


def linear(x, W, b):
    """Send every word through the same matrix: y = x W + b.

    x: (..., seq_len, d_in), W: (d_in, d_out), b: (d_out,); returns (..., seq_len, d_out).
    The words of all sentences are laid out as the rows of one matrix, because one large product
    is faster than many small ones. The caller has checked the shapes.
    """
    words = x.reshape(-1, x.shape[-1])  # (all words, d_in)
    y = words @ W  # (all words, d_out)
    y += b
    return y.reshape(*x.shape[:-1], -1)


def linear_backward(grad_y, x, W):
    """Return the gradients of x, W and b from the gradient of y = x W + b.

        grad_x = grad_y Wᵀ      grad_W = xᵀ grad_y      grad_b = Σ grad_y, over all words

    grad_y: (..., seq_len, d_out), x: (..., seq_len, d_in), W: (d_in, d_out), checked before.
    Source: the chain rule.
    """
    words = x.reshape(-1, x.shape[-1])  # (all words, d_in)
    grad_words = grad_y.reshape(-1, grad_y.shape[-1])  # (all words, d_out)
    grad_x = (grad_words @ W.T).reshape(x.shape)
    return grad_x, words.T @ grad_words, sum_over_words(grad_words)


def sum_over_words(values):
    """Return the sum of all words' rows, (..., seq_len, d) to (d,), as a product with ones.

    A matrix product sums rows several times faster than `sum` does.
    """
    rows = values.reshape(-1, values.shape[-1])
    return np.ones(len(rows), values.dtype) @ rows


def softmax(scores):
    """Turn each row of scores into weights that are positive and sum to 1.

        softmax(s)_j = exp(s_j) / Σ_k exp(s_k)

    scores: (..., n), finite, or -inf for "weight zero"; returns (..., n).
    Raises ValueError for NaN, +inf, nothing at all, or a row of nothing but -inf.
    Source: the largest score is subtracted first, so that exp never overflows
    (Goodfellow et al., "Deep Learning", section 4.1).
    """
    return _softmax(checks.require_scores(scores))


def _softmax(scores):
    with np.errstate(over="ignore"):  # -1e308 - 1e308 is -inf, and exp(-inf) = 0 is right
        exponentials = scores - scores.max(axis=-1, keepdims=True)  # (..., n)
    np.exp(exponentials, out=exponentials)  # in place: a large new array costs more than its exp
    exponentials /= np.einsum("...n->...", exponentials)[..., None]  # each row by its sum
    return exponentials


def scaled_dot_product_attention(q, k, v, mask=None, scale=None):
    """Let every query look at every key, and average the values accordingly.

        scores = q kᵀ · scale      weights = softmax(scores)      out = weights v

    q: (..., queries, d_head), k: (..., keys, d_head), v: (..., keys, d_value), equal in "...".
    mask: bool, broadcasts to (..., queries, keys), True where the query may look at the key.
    scale: a number; None means 1 / √d_head.
    Returns scores (-inf where masked), weights and out (..., queries, d_value).
    Raises ValueError for shapes that do not fit, empty or non-finite input, and a query that
    may look at no key; TypeError for what is not a number, and a mask that is not bool.
    Source: Vaswani et al. (2017), equation 1.
    """
    q, k, v = (
        checks.require_sequence(q, "q"),
        checks.require_sequence(k, "k"),
        checks.require_sequence(v, "v"),
    )
    k = checks.require_like(k, (*q.shape[:-2], k.shape[-2], q.shape[-1]), "k", q.dtype)
    v = checks.require_like(v, (*k.shape[:-1], v.shape[-1]), "v", q.dtype)
    if mask is not None:
        mask = checks.require_mask(mask, (*q.shape[:-1], k.shape[-2]))
    if scale is not None:
        scale = checks.require_number(scale, "scale")
    return attend(q, k, v, mask, scale)


def attend(q, k, v, mask=None, scale=None):
    """Compute scaled_dot_product_attention; the caller has checked what comes in.

    Raises ValueError where the products of q and k overflow: no door can see that before.
    """
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    with np.errstate(over="ignore", invalid="ignore"):  # said in words on the next line
        scores = (q * q.dtype.type(scale)) @ k.swapaxes(-1, -2)  # (..., queries, keys)
    checks.require_in_range(scores, "the products of q and k")
    if mask is not None:
        scores = np.where(mask, scores, q.dtype.type(-np.inf))
    weights = _softmax(scores)  # (..., queries, keys)
    return AttentionTrace(scores, weights, weights @ v)


def init(d_model, d_head, rng):
    """Draw W_q, W_k, W_v (d_model, d_head) and set the biases b_q, b_k, b_v (d_head,) to zero.

        W ~ uniform(-a, a) with a = √(6 / (d_model + d_head))

    Raises TypeError or ValueError for sizes that are no whole numbers from 1 up.
    Source: Glorot & Bengio (2010).
    """
    d_model, d_head = checks.require_size(d_model, "d_model"), checks.require_size(d_head, "d_head")
    checks.require_generator(rng)
    limit = (6 / (d_model + d_head)) ** 0.5
    params = {name: rng.uniform(-limit, limit, (d_model, d_head)) for name in ("W_q", "W_k", "W_v")}
    return params | {name: np.zeros(d_head) for name in ("b_q", "b_k", "b_v")}


def forward(x, params, mask=None):
    """Run one head of self-attention.

        out = softmax(q kᵀ / √d_head) v     with q, k, v = x W + b

    x: (..., seq_len, d_model); mask: bool, broadcasts to (..., seq_len, seq_len).
    Returns a SelfAttentionTrace; out is (..., seq_len, d_head).
    Raises ValueError or TypeError as scaled_dot_product_attention, and for unfit parameters.
    Source: Vaswani et al. (2017), section 3.2.1.
    """
    x = checks.require_sequence(x)
    params = checks.require_parameters(params, PARAMETER_SHAPES, x.dtype)
    checks.require_width(x, params["W_q"].shape[0])
    if mask is not None:
        mask = checks.require_mask(mask, (*x.shape[:-1], x.shape[-2]))

    q = linear(x, params["W_q"], params["b_q"])  # (..., seq_len, d_head)
    k = linear(x, params["W_k"], params["b_k"])  # (..., seq_len, d_head)
    v = linear(x, params["W_v"], params["b_v"])  # (..., seq_len, d_head)
    return SelfAttentionTrace(x, q, k, v, *attend(q, k, v, mask))


def attention_backward(grad_out, q, k, v, weights):
    """Return the gradients of q, k and v from the gradient of z = softmax(q kᵀ / √d_head) v.

        grad_v = weightsᵀ grad_out                 grad_weights = grad_out vᵀ
        grad_scores = weights ∘ (grad_weights - rowsum(grad_weights ∘ weights))
        grad_q = grad_scores k / √d_head           grad_k = grad_scoresᵀ q / √d_head

    All (..., seq_len, d_head), weights (..., seq_len, seq_len). A masked key has weight 0, so
    no gradient reaches it, and the mask is not needed here. The caller has checked the shapes.
    Source: the chain rule on equation 1 of Vaswani et al. (2017).
    """
    scale = q.dtype.type(q.shape[-1] ** -0.5)
    grad_v = weights.swapaxes(-1, -2) @ grad_out  # (..., seq_len, d_head)
    grad_weights = grad_out @ v.swapaxes(-1, -2)  # (..., seq_len, seq_len)
    row_sums = np.vecdot(grad_weights, weights)[..., None]  # (..., seq_len, 1)
    grad_scores = weights * (grad_weights - row_sums) * scale  # (..., seq_len, seq_len)
    return grad_scores @ k, grad_scores.swapaxes(-1, -2) @ q, grad_v


def backward(grad_out, trace, params):
    """Return grad_x and the parameters' gradients for the loss's gradient at `out`.

    grad_out: (..., seq_len, d_head), as trace.out; grads has the keys of params.
    Raises ValueError or TypeError for a gradient, trace or parameters that do not fit.
    Source: attention_backward and linear_backward, in reverse order of forward.
    """
    checks.require_record(trace, SelfAttentionTrace)
    grad_out = checks.require_like(grad_out, trace.out.shape, "grad_out", trace.out.dtype)
    sizes = {"d_model": trace.x.shape[-1], "d_head": trace.q.shape[-1]}
    params = checks.require_parameters(params, PARAMETER_SHAPES, trace.x.dtype, **sizes)

    grad_q, grad_k, grad_v = attention_backward(grad_out, trace.q, trace.k, trace.v, trace.weights)
    from_q, grad_W_q, grad_b_q = linear_backward(grad_q, trace.x, params["W_q"])
    from_k, grad_W_k, grad_b_k = linear_backward(grad_k, trace.x, params["W_k"])
    from_v, grad_W_v, grad_b_v = linear_backward(grad_v, trace.x, params["W_v"])
    grads = {
        "W_q": grad_W_q,
        "W_k": grad_W_k,
        "W_v": grad_W_v,
        "b_q": grad_b_q,
        "b_k": grad_b_k,
        "b_v": grad_b_v,
    }
    return from_q + from_k + from_v, grads
