"""Marks and line styles that several lessons share, and curves with a dot for each seed."""

import numpy as np
from matplotlib.transforms import ScaledTranslation

from helpers.drawing import palette

ABOVE = 4  # the zorder of what moves: over spines and texts, in a full draw too

# A line with and without skip, and a line by norm: never colour alone.
INK = palette.INK
SKIP_STYLE = {
    True: {"color": INK["input"], "ls": "-", "marker": "o", "label": "with skip"},
    False: {"color": INK["quiet"], "ls": "--", "marker": "s", "label": "without skip"},
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


def shares_axes(figure, place, **settings):
    """Return an Axes for shares from 0 to 1, with pale lines across; settings: of the Axes."""
    shares = {"ylim": (0, 1.06), "yticks": [0, 0.25, 0.5, 0.75, 1]}
    ax = figure.add_axes(place, **(shares | settings))
    ax.grid(axis="y")
    return ax


class LearningCurve:
    """The curve of right answers on an Axes, and the dot of one moment, `dot` points wide."""

    def __init__(self, ax, dot=8, **style):
        style |= {"color": palette.FILL["input"]}
        (self.line,) = ax.plot([], [], **style)
        (self.dot,) = ax.plot([], [], "o", ms=dot, clip_on=False, **style)

    def draw(self, result):
        """Show steps and accuracies, with the dot at the snapshot `shown`; return both artists."""
        self.line.set_data(result.steps, result.accuracies)
        self.dot.set_data([result.steps[result.shown]], [result.accuracies[result.shown]])
        return [self.line, self.dot]


class SeedCurves:
    """Shares at the end, by place: a line of means for each way, and a dot for each seed.

    styles: {way: style of a line}, such as SKIP_STYLE. The ways stand side by side, so that no dot
    hides another.
    """

    def __init__(self, ax, styles):
        self.means = {way: ax.plot([], [], ms=7, **style)[0] for way, style in styles.items()}
        self.seeds = {
            way: ax.plot([], [], "o", ms=4, mfc="white", mec=style["color"])[0]
            for way, style in styles.items()
        }
        for lines in (self.means, self.seeds):
            for i, line in enumerate(lines.values()):
                aside = (i - (len(styles) - 1) / 2) * 7 / 72  # inches
                aside = ScaledTranslation(aside, 0, ax.figure.dpi_scale_trans)
                line.set(transform=ax.transData + aside, zorder=ABOVE)

    def draw(self, places, ends):
        """Show {way: [(seeds,)]}, one array for each of the places."""
        for way, found in ends.items():
            self.means[way].set_data(places, [shares.mean() for shares in found])
            counts = [len(shares) for shares in found]
            self.seeds[way].set_data(np.repeat(places, counts), np.concatenate(found))
