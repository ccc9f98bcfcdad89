"""Heads side by side: their maps, under them their z's, under those what W_o makes of it.

The width of the picture is d_model, whatever the head count: more heads cut it into more pieces.
"""

import numpy as np

from helpers.drawing import arrays, palette
from helpers.drawing.figure import Picture, new_figure, style

GAP = 0.016  # between two pieces, as a share of the whole width
ROWS = ((0.745, 0.18), (0.51, 0.14), (0.265, 0.14), (0.02, 0.14))  # foot and height of each


def spans(count):
    """Return where each of `count` pieces begins and ends on a line from 0 to 1: (count, 2)."""
    width = (1 - GAP * (count - 1)) / count
    left = np.arange(count) * (width + GAP)
    return np.stack([left, left + width], axis=1)


def centres(n_heads, count):
    """Return the middles of `count` equal cells in each head's span: (n_heads, count)."""
    left, right = spans(n_heads).T[..., None]  # each (n_heads, 1)
    return left + (right - left) * (np.arange(count) + 0.5) / count


def bar_corners(values):
    """Return one bar for each number of (n_heads, d_head), from 0 up or down to it.

    The corners of all bars: (n_heads · d_head, 4, 2). A head's bars share its span of the width.
    """
    n_heads, d_head = values.shape
    half = 0.38 * (spans(n_heads)[0, 1] - spans(n_heads)[0, 0]) / d_head
    x = centres(n_heads, d_head).ravel()
    y, zero = values.ravel(), np.zeros(values.size)
    xs = np.stack([x - half, x - half, x + half, x + half], axis=-1)
    return np.stack([xs, np.stack([zero, y, y, zero], axis=-1)], axis=-1)


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
        axes = [figure.add_axes((0.15, foot, 0.83, height)) for foot, height in ROWS]
        names = [f"head {i}" for i in range(n_heads)]
        draw_pieces(axes[0], trace.weights, names, words, "weights")
        names = [f"z_{i}" for i in range(n_heads)]
        draw_pieces(axes[1], trace.heads, names, words, "signed", limit, numbers)
        for ax, values, name in (
            (axes[2], trace.concat, "concat"),
            (axes[3], trace.out, "out = concat · W_o"),
        ):
            arrays.matrix(ax, values, name, "signed", limit, numbers, palette.INK["z"])
            arrays.label_rows(ax, words)
    return Picture(
        figure,
        f"{n_heads} heads of {d_head}: {n_heads} z's of {seq_len} × {d_head}, side by side "
        f"{arrays.shape_of(trace.concat)}, after W_o {arrays.shape_of(trace.out)}.",
    )
