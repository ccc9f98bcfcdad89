"""Bars whose heights may change at every move."""

import numpy as np
from matplotlib.collections import PolyCollection

from helpers.drawing import palette


class LiveBars(PolyCollection):
    """Upright bars, one for each number, at x = 0, 1, …: a single artist, however many bars."""

    def set_heights(self, heights, width=0.7):
        """Give every bar its height, from 0 up or down to a number; NaN leaves a bar out."""
        heights = np.asarray(heights, float)
        middles = np.flatnonzero(np.isfinite(heights))  # (bars,)
        heights, zero = heights[middles], np.zeros(len(middles))
        left, right = middles - width / 2, middles + width / 2
        xs = np.stack([left, left, right, right], axis=1)  # (bars, 4 corners)
        ys = np.stack([zero, heights, heights, zero], axis=1)
        self.set_verts(np.stack([xs, ys], axis=-1))


def live_bars(ax, kind):
    """Put LiveBars in the colour of `kind` on `ax`; return them. Then set_heights."""
    bars = LiveBars([], facecolor=palette.FILL[kind], edgecolor=palette.INK[kind], linewidth=1)
    return ax.add_collection(bars, autolim=False)


def live_outlines(ax):
    """Put the outlines of bars on `ax`, in front of them: what was there before; return them."""
    outlines = LiveBars(
        [], facecolor="none", edgecolor=palette.FILL["input"], linewidth=1.5, zorder=3
    )
    return ax.add_collection(outlines, autolim=False)
