"""A skip as a road beside a step, what a probe reads layer by layer, and the loss as two maps."""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from helpers.drawing import numbers, palette
from helpers.drawing.figure import Picture, new_figure, style
from helpers.drawing.live_cells import live_cells
from helpers.drawing.sheet import live_arrow, name_columns, name_rows, sheet
from helpers.learning import landscape

STYLE = (
    ("input", "o", "-"),  # with skip
    ("norm", "s", "--"),
    ("quiet", "^", "-."),
)


def curves_through_layers(ax, curves, guess, title):
    """Draw one curve for each name: what share is read right at each layer, the mean over seeds.

    curves: {name: (seeds, layers)}, shares from 0 to 1, at most three; guess: what guessing gets.
    """
    for (kind, marker, dashes), (name, values) in zip(STYLE, curves.items(), strict=False):
        color, mean = palette.INK[kind], values.mean(axis=0)
        ax.plot(mean, color=color, marker=marker, ls=dashes, ms=5, label=name)
    ax.axhline(guess, color=palette.INK["quiet"], ls=":", lw=1.5, label="guessing")
    ax.set(
        xlim=(-0.3, len(mean) - 0.7), xticks=range(0, len(mean), 2),
        ylim=(-0.04, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1],
        xlabel="layer (0: the input)", title=title,
    )  # fmt: skip
    ax.grid(axis="y")


def readable_picture(panels):
    """Return the picture of one or two panels side by side, with one legend on the right.

    panels: [(title, curves, guess)], as curves_through_layers takes them; the curves of all panels
    have the same names.
    """
    figure = new_figure(9.0, 3.3)
    width = (0.74 - 0.07 * len(panels)) / len(panels)
    with style():
        for i, (title, curves, guess) in enumerate(panels):
            ax = figure.add_axes((0.08 + i * (width + 0.06), 0.19, width, 0.68))
            curves_through_layers(ax, curves, guess, title)
            if i == 0:
                ax.set_ylabel("share read right")
        figure.legend(
            *ax.get_legend_handles_labels(), loc="center left", bbox_to_anchor=(0.79, 0.5)
        )
    parts = []
    for title, curves, _ in panels:
        ends = ", ".join(f"{name} {values[:, -1].mean():.2f}" for name, values in curves.items())
        parts.append(f"{title}, at the last layer: {ends}.")
    return Picture(figure, " ".join(parts))


def road_picture(x, f_x, words, features):
    """Return the picture of one skip: x goes into the step f and also around it, to the sum.

    x, f_x: (2, 4), the numbers of both words before and after the step.
    """
    width, height, top = 48, 34, 104
    figure = new_figure(9.0, 2.0)
    with style():
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
            ax.text(
                left + 2 * width, 190, name, ha="center", va="bottom", color=colour, weight="bold"
            )
        name_rows(ax, panels["x"], words)
        middle = top + height
        plus = (638, middle)
        live_arrow(ax, panels["x"].side("right"), (316, middle))
        live_arrow(ax, (382, middle), panels["f(x)"].side("left"), kind="z")
        live_arrow(ax, panels["f(x)"].side("right"), (plus[0] - 15, middle), kind="z")
        live_arrow(ax, (plus[0] + 15, middle), panels["x + f(x)"].side("left"))
        road = ((293, middle), (293, 30), (plus[0], 30), (plus[0], middle - 15))
        live_arrow(ax, *road, width=6, head=14)
        ax.text(465, 24, "the skip carries x, unchanged", ha="center", va="bottom", weight="bold")
        box = FancyBboxPatch(
            (316, middle - 30), 66, 60, boxstyle="round,pad=0,rounding_size=6",
            facecolor="white", edgecolor=palette.INK["z"], linewidth=1.5, zorder=2,
        )  # fmt: skip
        ax.add_patch(box)
        ax.text(349, middle, "step f", ha="center", va="center", color=palette.INK["z"], zorder=3)
        ax.plot(*plus, "o", ms=22, color=palette.FILL["input"], zorder=3)
        ax.text(*plus, "+", ha="center", va="center", color="white", weight="bold", zorder=4)
    sums = "; ".join(
        f"{word} {' '.join(map(numbers.brief, row))}"
        for word, row in zip(words, x + f_x, strict=True)
    )
    return Picture(figure, f"x goes into the step and around it. The sum x + f(x): {sums}.")


def counted(n_minima):
    """Return how many low places there are, in words."""
    return f"{n_minima} low {'place' if n_minima == 1 else 'places'}"


def surfaces_picture(found):
    """Return the loss around two trained stacks as maps on one scale, lowest places marked.

    found: the result of experiments.skip_connections.surfaces.
    """
    figure = new_figure(9.0, 3.5)
    tables = {f"{side} skip": found[f"surface {side}"] for side in ("with", "without")}
    limit = max(table.max() for table in tables.values())
    parts = []
    with style():
        for (name, table), left in zip(tables.items(), (0.02, 0.395), strict=True):
            ax = figure.add_axes((left, 0.05, 0.32, 0.82))
            image = ax.imshow(table, cmap=palette.WEIGHTS, vmin=0, vmax=limit)
            middle = len(table) // 2
            minima = landscape.minima(table)
            ax.plot(*minima.nonzero()[::-1], "o", ms=11, mfc="white", mec="black", mew=1.5)
            ax.plot(middle, middle, "+", ms=7, mew=2, color=palette.FILL["feed_forward"])
            ax.set(xticks=[], yticks=[])
            count = int(minima.sum())
            ax.set_title(f"{name}: {counted(count)}")
            parts.append(f"{name} {count}")
        scale = figure.colorbar(image, cax=figure.add_axes((0.75, 0.05, 0.018, 0.82)))
        scale.set_label("loss")
        figure.text(0.855, 0.72, "+  trained", color=palette.INK["feed_forward"], weight="bold")
        figure.text(0.855, 0.60, "○  low place")
    return Picture(figure, f"Places that are lower than their neighbours: {', '.join(parts)}.")
