"""Skip connection: what a layer makes of its input is added to the input itself.

    out = x + f(x)

Source: He et al., "Deep Residual Learning for Image Recognition" (2016); the "Add" of
Vaswani et al., "Attention Is All You Need" (2017), section 3.1.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks


class SkipConnectionTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)    what skips the layer
    f_x: np.ndarray  # (..., seq_len, d_model)  what the layer made of it
    out: np.ndarray  # (..., seq_len, d_model)  their sum


def forward(x, f_x):
    """Add the layer's output to the layer's input.

        out = x + f_x

    x and f_x: (..., seq_len, d_model), equal in shape: broadcasting would hide a mistake.
    Returns a SkipConnectionTrace. Raises ValueError naming both shapes where they differ, for empty
    or non-finite input and a sum out of range; TypeError for non-numbers.
    Source: He et al. (2016), equation 1.
    """
    x = checks.require_sequence(x)
    f_x = checks.require_sequence(f_x, "f_x", x.dtype)
    if x.shape != f_x.shape:
        raise ValueError(
            f"x has shape {x.shape} and f_x has shape {f_x.shape}; "
            f"expected equal shapes, because they are added number by number"
        )
    with checks.quiet():
        out = x + f_x  # (..., seq_len, d_model)
    return checks.require_in_range(SkipConnectionTrace(x, f_x, out))


def backward(grad_out, trace):
    """Return grad_x and grad_f_x: a sum hands the same gradient to both of its parts.

        grad_x = grad_out      grad_f_x = grad_out

    grad_out: (..., seq_len, d_model), as trace.out. What reaches x through the layer f comes on
    top, from f's own backward. Raises ValueError or TypeError for a gradient or trace that does
    not fit. Source: the chain rule.
    """
    grad_out = checks.require_gradient(grad_out, trace, SkipConnectionTrace)
    return grad_out.copy(), grad_out.copy()
