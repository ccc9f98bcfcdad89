"""Marks and line styles that several lessons share, and curves with a dot for each seed."""

import numpy as np

from helpers.drawing import palette

ABOVE = 4  # the zorder of what moves: over spines and texts, in a full draw too

# A line with and without skip, and a line by norm: never colour alone.
INK = palette.INK
SKIP_STYLE = {
    True: {"color": INK["input"], "ls": "-", "marker": "o", "zorder": ABOVE},
    False: {"color": INK["quiet"], "ls": "--", "marker": "s", "zorder": ABOVE},
}
NORM_STYLE = {
    "pre": {"color": INK["input"], "ls": "-", "marker": "o", "label": "pre-norm"},
    "post": {"color": INK["norm"], "ls": "--", "marker": "s", "label": "post-norm"},
    "none": {"color": INK["quiet"], "ls": "-.", "marker": "^", "label": "no norm"},
}
NORM_NAMES = {norm: style["label"] for norm, style in NORM_STYLE.items()}


def chosen_ring(ax):
    """Put the ring that marks the chosen run on `ax`; return it."""
    style = {"mec": palette.INK["input"], "mfc": "none", "ms": 14, "mew": 2}
    return ax.plot([], [], "o", **style, clip_on=False, zorder=ABOVE)[0]


def learning_curve(ax, dot=8, **style):
    """Put a curve of right answers on `ax`, and the dot of one moment, `dot` points wide."""
    (curve,) = ax.plot([], [], color=palette.FILL["input"], **style)
    (moment,) = ax.plot([], [], "o", color=palette.FILL["input"], ms=dot, clip_on=False, **style)
    return curve, moment


class LearntCurves:
    """Right answers by step on one Axes; on another those at the end, a dot for each seed.

    styles: {name: style of a line}, such as SKIP_STYLE. guess: what a guess gets, a dotted line.
    """

    def __init__(self, by_step, at_end, styles, guess):
        for ax in (by_step, at_end):
            ax.set(ylim=(0, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1])
            ax.grid(axis="y")
            ax.axhline(guess, color=INK["quiet"], ls=":", lw=1.5)
        by_step.figure.text(0.065, 0.03, "···· guessing", color=INK["quiet"])
        self.lines, self.means = (
            {
                name: ax.plot([], [], **{"ms": ms, "zorder": ABOVE} | style)[0]
                for name, style in styles.items()
            }
            for ax, ms in ((by_step, 4), (at_end, 7))
        )
        open_dot = {"ms": 4, "mfc": "white", "zorder": ABOVE}
        self.seeds = {
            name: at_end.plot([], [], "o", mec=style["color"], **open_dot)[0]
            for name, style in styles.items()
        }
        self.rings = [chosen_ring(ax) for ax in (by_step, at_end)]

    def draw(self, curves, places, ends, chosen, place):
        """Show the curves and the seeds, put a ring on the chosen run; return what moves.

        curves: {name: (steps, shares)}, ends: {name: [(seeds,)]}, one array for each of the places.
        """
        for name, found in ends.items():
            self.lines[name].set_data(*curves[name])
            self.means[name].set_data(places, [shares.mean() for shares in found])
            counts = [len(shares) for shares in found]
            self.seeds[name].set_data(np.repeat(places, counts), np.concatenate(found))
        steps, shares = curves[chosen]
        for ring, x in zip(self.rings, (steps[-1], place), strict=True):
            ring.set_data([x], [shares[-1]])
        return [*self.lines.values(), *self.means.values(), *self.seeds.values(), *self.rings]
