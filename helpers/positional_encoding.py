"""Positional encoding: a code for each position, added to the word's vector.

    code[pos, 2i]     = sin(pos / base^(2i / d_model))
    code[pos, 2i + 1] = cos(pos / base^(2i / d_model))       base = 10000

Sine and cosine alternate, as the formula of the paper is written; some libraries put all sines
first, which is the same up to the order of the columns.
Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.5.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks


class PositionalEncodingTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)    what the words mean
    encoding: np.ndarray  # (seq_len, d_model)  where they stand: the same code for every sentence
    out: np.ndarray  # (..., seq_len, d_model)  both, as one sum


def frequencies(d_model, base=10000.0):
    """Return the frequency of each column, in radians per position: (d_model,).

        frequency of columns 2i and 2i + 1 = base^(-2i / d_model)

    A sine and its cosine share one. With an odd d_model the last sine stands alone.
    Raises TypeError or ValueError if d_model is not a positive integer or base is not above 1.
    Source: Vaswani et al. (2017), section 3.5.
    """
    d_model = checks.require_size(d_model, "d_model")
    checks.require_memory((d_model,), "frequencies")
    base = checks.require_number(base, "base", above=1)
    pair = np.arange(d_model) // 2  # (d_model,): 0 0 1 1 2 2 …
    return base ** (-2 * pair / d_model)


def sinusoidal(seq_len, d_model, base=10000.0):
    """Return the codes of the positions 0 … seq_len - 1: (seq_len, d_model), float64.

        even columns: sin(pos · frequency)      odd columns: cos(pos · frequency)

    Raises TypeError or ValueError if a size is not a positive integer, for a bad base, and for a
    table that is too large for memory.
    Source: Vaswani et al. (2017), section 3.5.
    """
    seq_len = checks.require_size(seq_len, "seq_len")
    d_model = checks.require_size(d_model, "d_model")
    checks.require_memory((seq_len, d_model), "encoding")
    position = np.arange(seq_len)[:, None]  # (seq_len, 1)
    angle = position * frequencies(d_model, base)  # (seq_len, d_model)
    even_column = np.arange(d_model) % 2 == 0  # (d_model,)
    return np.where(even_column, np.sin(angle), np.cos(angle))


def forward(x):
    """Add to every word the code of its position.

        out = x + sinusoidal(seq_len, d_model)

    x: (..., seq_len, d_model); one code per position, the same for every sentence of a batch.
    Returns a PositionalEncodingTrace. Raises ValueError for empty or non-finite input, TypeError
    for non-numbers. Source: Vaswani et al. (2017), section 3.5.
    """
    x = checks.require_sequence(x)
    with checks.quiet():
        encoding = sinusoidal(*x.shape[-2:]).astype(x.dtype)  # (seq_len, d_model)
    return PositionalEncodingTrace(x, encoding, x + encoding)


def backward(grad_out, trace):
    """Return grad_x, and an empty dict: there is nothing to learn here.

        grad_x = grad_out

    grad_out: (..., seq_len, d_model), as trace.out. Raises ValueError or TypeError for a
    gradient or trace that does not fit. Source: the chain rule; the code does not depend on x.
    """
    grad_out = checks.require_gradient(grad_out, trace, PositionalEncodingTrace)
    return grad_out.copy(), {}
