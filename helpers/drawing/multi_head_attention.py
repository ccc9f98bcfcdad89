"""Heads side by side: their maps, under them their z's, under those what W_o makes of it.

The width of the picture is d_model, whatever the head count: more heads cut it into more pieces.
"""

import numpy as np

from helpers.drawing import arrays, palette
from helpers.drawing.bars import spans
from helpers.drawing.figure import Picture, new_figure, style

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
ROWS = ((0.745, 0.18), (0.51, 0.14), (0.265, 0.14), (0.02, 0.14))  # bottom and height of each


def draw_pieces(ax, pieces, names, words, kind="signed", limit=None, numbers=None):
    """Draw one matrix for each head in its span of `ax`, each with its name above it.

    pieces: (n_heads, seq_len, columns). kind, limit, numbers: as in arrays.matrix.
    """
    ax.axis("off")
    for piece, name, (left, right) in zip(pieces, names, spans(len(pieces)), strict=True):
        inner = ax.inset_axes((left, 0, right - left, 1))
        arrays.matrix(inner, piece, "", kind, limit, numbers)
        inner.set_title(name, color=palette.INK["z"], loc="center", fontsize=11)
        if left == 0:
            arrays.label_rows(inner, words)


def heads_picture(trace, words):
    """Return the picture of one sentence's trace: every head's weights and z, concat, out.

    trace: a MultiHeadAttentionTrace of (seq_len, d_model); numbers are written where they fit.
    """
    n_heads, seq_len, d_head = trace.heads.shape
    limit = max(np.abs(trace.concat).max(), np.abs(trace.out).max())
    numbers = ".1f" if n_heads * d_head <= 14 else None
    figure = new_figure(9.0, 4.7)
    with style():
        axes = [figure.add_axes((0.15, bottom, 0.83, height)) for bottom, height in ROWS]
        names = [f"head {i}" for i in range(n_heads)]
        draw_pieces(axes[0], trace.weights, names, words, "weights")
        names = [f"z{i}".translate(SUBSCRIPTS) for i in range(n_heads)]
        draw_pieces(axes[1], trace.heads, names, words, "signed", limit, numbers)
        for ax, values, name in (
            (axes[2], trace.concat, "concat"),
            (axes[3], trace.out, "out = concat · Wₒ"),
        ):
            arrays.matrix(ax, values, name, "signed", limit, numbers, palette.INK["z"])
            arrays.label_rows(ax, words)
    return Picture(
        figure,
        f"{n_heads} heads of {d_head}: {n_heads} z's of {seq_len} × {d_head}, side by side "
        f"{arrays.shape_of(trace.concat)}, after W_o {arrays.shape_of(trace.out)}.",
    )
