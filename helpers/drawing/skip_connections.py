"""A skip as a road beside a step, what a probe reads layer by layer, and the loss as two maps."""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from helpers.drawing import numbers, palette
from helpers.drawing.block import box, plus
from helpers.drawing.figure import Picture, new_figure, style
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_title
from helpers.drawing.marks import ABOVE, shares_axes
from helpers.drawing.sheet import live_arrow, name_columns, name_rows, sheet
from helpers.learning import landscape

STYLE = (
    ("input", "o", "-"),  # with skip
    ("norm", "s", "--"),
    ("quiet", "^", "-."),
)


@style()
def readable_picture(panels):
    """Return what is read right at each layer, in one or two panels side by side, with one legend.

    panels: [(title, curves, guess)]. curves: {name: (seeds, layers)}, shares from 0 to 1, at most
    three, with the same names in all panels; their means are drawn. guess: what guessing gets.
    """
    figure = new_figure(9.0, 3.3)
    width = (0.74 - 0.07 * len(panels)) / len(panels)
    for i, (title, curves, guess) in enumerate(panels):
        n_layers = next(iter(curves.values())).shape[1]
        ax = shares_axes(
            figure, (0.08 + i * (width + 0.06), 0.19, width, 0.68), title=title,
            xlim=(-0.3, n_layers - 0.7), xticks=range(0, n_layers, 2), ylim=(-0.04, 1.06),
            xlabel="layer (0: the input)", ylabel="" if i else "share read right",
        )  # fmt: skip
        for (kind, marker, dashes), (name, values) in zip(STYLE, curves.items(), strict=False):
            look = {"color": palette.INK[kind], "marker": marker, "ls": dashes, "ms": 5}
            ax.plot(values.mean(axis=0), label=name, **look)
        ax.axhline(guess, color=palette.INK["quiet"], ls=":", lw=1.5, label="guessing")
    figure.legend(*ax.get_legend_handles_labels(), loc="center left", bbox_to_anchor=(0.79, 0.5))
    parts = []
    for title, curves, _ in panels:
        ends = ", ".join(f"{name} {values[:, -1].mean():.2f}" for name, values in curves.items())
        parts.append(f"{title}, at the last layer: {ends}.")
    return Picture(figure, " ".join(parts))


@style()
def road_picture(x, f_x, words, features):
    """Return the picture of one skip: x goes into the step f and also around it, to the sum.

    x, f_x: (2, 4), the numbers of both words before and after the step.
    """
    width, height, top = 48, 34, 104
    figure = new_figure(9.0, 2.0)
    ax = sheet(figure)
    panels = {}
    columns = (
        (84, "input", x, "x"),
        (418, "z", f_x, "f(x)"),
        (669, "input", x + f_x, "x + f(x)"),
    )
    limit = np.abs(x + f_x).max()
    for left, kind, values, name in columns:
        cells = live_cells(ax, left, top, width, height, kind, numbers.brief, limit=limit)
        cells.show(values)
        name_columns(ax, cells, features)
        panels[name] = cells
        colour = palette.INK[kind]
        ax.text(left + 2 * width, 190, name, ha="center", va="bottom", color=colour, weight="bold")
    name_rows(ax, panels["x"], words)
    middle = top + height
    at = 638  # the middle of the sum
    live_arrow(ax, panels["x"].side("right"), (316, middle))
    live_arrow(ax, (382, middle), panels["f(x)"].side("left"), kind="z")
    live_arrow(ax, panels["f(x)"].side("right"), (at - 15, middle), kind="z")
    live_arrow(ax, (at + 15, middle), panels["x + f(x)"].side("left"))
    road = ((293, middle), (293, 30), (at, 30), (at, middle - 15))
    live_arrow(ax, *road, width=6, head=14)
    ax.text(465, 24, "the skip carries x, unchanged", ha="center", va="bottom", weight="bold")
    ink = palette.INK["z"]
    box(ax, 316, middle, 66, 60, "step f", "white", ink, ink, round=6, weight="normal")
    plus(ax, at, middle, radius=15)
    sums = "; ".join(
        f"{word} {' '.join(map(numbers.brief, row))}"
        for word, row in zip(words, x + f_x, strict=True)
    )
    return Picture(figure, f"x goes into the step and around it. The sum x + f(x): {sums}.")


class LossMap:
    """The loss around trained weights (+) as a map on an Axes, with rings on its low places."""

    def __init__(self, ax, count):
        self.image, middle = live_matrix(ax, "weights"), count // 2
        size_matrix(ax, self.image, count, count)
        self.title = live_title(ax)
        ring = {"ms": 10, "mfc": "white", "mec": "black", "mew": 1.5, "zorder": ABOVE}
        (self.low,) = ax.plot([], [], "o", **ring)
        cross = {"ms": 7, "color": palette.FILL["feed_forward"], "mew": 2, "zorder": ABOVE + 1}
        (self.middle,) = ax.plot([middle], [middle], "+", **cross)

    def draw(self, table, minima, side, limit):
        """Show losses from 0 to limit, and where the minima are, both (rows, columns)."""
        self.image.set_clim(0, limit)
        self.image.set_data(table)
        self.low.set_data(*minima.nonzero()[::-1])
        self.title.set_text(f"{side} skip: {counted(minima.sum())}")
        return [self.image, self.low, self.middle, self.title]


def counted(n_minima):
    """Return how many low places there are, in words."""
    return f"{n_minima} low {'place' if n_minima == 1 else 'places'}"


@style()
def surfaces_picture(found):
    """Return the loss around two trained stacks as maps on one scale, lowest places marked.

    found: the result of experiments.skip_connections.surfaces.
    """
    figure = new_figure(9.0, 3.5)
    tables = {side: found[f"surface {side}"] for side in ("with", "without")}
    limit = max(table.max() for table in tables.values())
    parts = []
    for (side, table), left in zip(tables.items(), (0.02, 0.395), strict=True):
        ax, minima = figure.add_axes((left, 0.05, 0.32, 0.82)), landscape.minima(table)
        LossMap(ax, len(table)).draw(table, minima, side, limit)
        parts.append(f"{side} skip {int(minima.sum())}")
    place = figure.add_axes((0.75, 0.05, 0.018, 0.82))
    colours = ScalarMappable(Normalize(0, limit), palette.WEIGHTS)
    figure.colorbar(colours, cax=place).set_label("loss")
    figure.text(0.855, 0.72, "+  trained", color=palette.INK["feed_forward"], weight="bold")
    figure.text(0.855, 0.60, "○  low place")
    return Picture(figure, f"Places that are lower than their neighbours: {', '.join(parts)}.")
