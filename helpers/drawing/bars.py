"""Bars whose heights may change at every move, and pieces of equal width side by side."""

import numpy as np
from matplotlib.collections import PolyCollection

from helpers.drawing import palette

GAP = 0.016  # between two pieces, as a share of the whole width


class LiveBars(PolyCollection):
    """Upright bars, one for each number, at x = 0, 1, …: a single artist, however many bars."""

    def set_heights(self, heights, width=0.7):
        """Give every bar its height, from 0 up or down to a number."""
        self.set_spans(np.arange(len(heights)), heights, width / 2)

    def set_head_heights(self, values):
        """Give bars the numbers of (n_heads, d_head); a head's bars share its span of the width."""
        n_heads, d_head = values.shape
        middles, (left, right) = centres(n_heads, d_head), spans(n_heads)[0]
        self.set_spans(middles.ravel(), values.ravel(), 0.38 * (right - left) / d_head)

    def set_spans(self, middles, heights, half_width):
        """Stand at these places, each bar reaching half_width to both sides."""
        left, right = middles - half_width, middles + half_width
        zero = np.zeros(len(heights))
        xs = np.stack([left, left, right, right], axis=1)  # (bars, 4 corners)
        ys = np.stack([zero, heights, heights, zero], axis=1)
        self.set_verts(np.stack([xs, ys], axis=-1))


def live_bars(ax, kind):
    """Put LiveBars in the colour of `kind` on `ax`; return them. Then set_heights."""
    bars = LiveBars([], facecolor=palette.FILL[kind], edgecolor=palette.INK[kind], linewidth=1)
    return ax.add_collection(bars, autolim=False)


def live_outlines(ax, kind="input"):
    """Put the outlines of bars on `ax`, in front of them: what was there before; return them."""
    outlines = LiveBars([], facecolor="none", edgecolor=palette.FILL[kind], linewidth=1.5, zorder=3)
    return ax.add_collection(outlines, autolim=False)


def spans(count):
    """Return where each of `count` pieces begins and ends on a line from 0 to 1: (count, 2)."""
    width = (1 - GAP * (count - 1)) / count
    left = np.arange(count) * (width + GAP)
    return np.stack([left, left + width], axis=1)


def centres(n_heads, count):
    """Return the middles of `count` equal cells in each head's span: (n_heads, count)."""
    left, right = spans(n_heads).T[..., None]  # each (n_heads, 1)
    return left + (right - left) * (np.arange(count) + 0.5) / count
