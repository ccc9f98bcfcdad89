"""The linear map y = x W + b and its backward: every step with matrices is built on it."""

import sys

from helpers import checks


def glorot(d_in, d_out, rng):
    """Draw a matrix (d_in, d_out) that keeps numbers about as large as they come in.

        W ~ uniform(-a, a) with a = √(6 / (d_in + d_out))

    The caller has checked the sizes. Raises TypeError if rng is not a generator, and ValueError for
    a matrix that is too large for memory.
    Source: Glorot & Bengio, "Understanding the difficulty of training deep networks" (2010).
    """
    checks.require_generator(rng)
    checks.require_memory((d_in, d_out), "a matrix")
    limit = (6 / (d_in + d_out)) ** 0.5
    return rng.uniform(-limit, limit, (d_in, d_out))


def linear(x, W, b):
    """Send every word through the same matrix.

        y = x W + b

    x: (..., seq_len, d_in), W: (d_in, d_out), b: (d_out,); returns (..., seq_len, d_out).
    The caller has checked the shapes.
    """
    words = x.reshape(-1, x.shape[-1])  # (all words, d_in): one large product is the fastest
    return (words @ W + b).reshape(*x.shape[:-1], -1)  # (..., seq_len, d_out)


def linear_backward(grad_y, x, W):
    """Return the gradients of x, W and b for the loss's gradient at y.

        grad_x = grad_y Wᵀ      grad_W = xᵀ grad_y      grad_b = Σ grad_y, over all words

    grad_y: (..., seq_len, d_out), x: (..., seq_len, d_in), W: (d_in, d_out).
    The caller has checked the shapes.
    Source: the chain rule.
    """
    words = x.reshape(-1, x.shape[-1])  # (all words, d_in)
    grad_words = grad_y.reshape(-1, grad_y.shape[-1])  # (all words, d_out)
    grad_x = (grad_words @ W.T).reshape(x.shape)  # (..., seq_len, d_in)
    grad_W = turned(words) @ grad_words  # (d_in, d_out)
    return grad_x, grad_W, sum_over_words(grad_y)


def turned(matrix):
    """Return the transpose of a matrix, fit for a product.

    In a browser numpy has no BLAS, and goes through columns with long strides: a copy is faster.
    """
    return matrix.T.copy() if sys.platform == "emscripten" else matrix.T


def sum_over_words(values):
    """Return the sum of all words' rows: (..., seq_len, d) to (d,)."""
    return values.reshape(-1, values.shape[-1]).sum(axis=0)
