"""Pictures of notebook 05: position vectors, their sums with words, and what changes by length."""

import numpy as np
from matplotlib.ticker import NullLocator

from helpers import positional_encoding
from helpers.drawing import arrays, palette
from helpers.drawing.figure import SHOWN_DPI, Picture, new_figure, style
from helpers.drawing.live_cells import live_cells
from helpers.drawing.numbers import signed
from helpers.drawing.sheet import name_columns, name_rows, sheet
from helpers.words import FEATURES

ROW = 34  # pixels, the height of a row of cells
STYLE = (("input", "o-"), ("z", "s--"), ("quiet", "^:"))


def position_picture(table):
    """Return the picture of four-number position vectors: (positions, 4), each under its wave."""
    names = ["sin(p)", "cos(p)", "sin(p/100)", "cos(p/100)"]
    rows = [f"position {p}" for p in range(len(table))]
    figure = new_figure(6.0, (40 + ROW * len(table) + 12) / SHOWN_DPI)
    with style():
        ax = sheet(figure)
        cells = _cells(ax, 110, 40, 106, table, limit=1, kind="position")
        name_columns(ax, cells, names, palette.INK["position"])
        name_rows(ax, cells, rows)
    numbers = "; ".join(
        f"{row}: {' '.join(map(signed, v))}" for row, v in zip(rows, table, strict=True)
    )
    return Picture(figure, f"Position vectors, {arrays.shape_of(table)}. {numbers}.")


def sum_picture(trace, words):
    """Return the picture of word + position = sum, from what positional_encoding.forward did."""
    panels = (("word", trace.x, "input"), ("position", trace.encoding, "position"))
    panels += (("sum", trace.out, "input"),)
    figure = new_figure(9.0, (62 + ROW * len(words) + 12) / SHOWN_DPI)
    with style():
        ax = sheet(figure)
        for i, (name, values, kind) in enumerate(panels):
            left = 100 + 254 * i
            title = f"{name}  {arrays.shape_of(values)}"
            ax.text(left, 22, title, size=12.5, weight="bold", color=palette.INK[kind])
            cells = _cells(ax, left, 62, 54, values, limit=2, kind=kind)
            if kind == "input":
                name_columns(ax, cells, FEATURES)
            if i == 0:
                name_rows(ax, cells, words)
            else:
                for row in range(len(words)):
                    _, y = cells.side("left", row, 0)
                    sign = {"ha": "center", "va": "center_baseline", "size": 13}
                    ax.text(left - 19, y, "+="[i - 1], **sign)
    rows = "; ".join(
        f"{word}: {' '.join(map(signed, v))}" for word, v in zip(words, trace.out, strict=True)
    )
    return Picture(figure, f"Word + position = sum, each {arrays.shape_of(trace.x)}. Sums: {rows}.")


def _cells(ax, left, top, width, values, limit, kind):
    """Put numbers in cells on a sheet, blue below zero and red above; return the cells."""
    cells = live_cells(ax, left, top, width, ROW, "signed", number=signed, limit=limit)
    cells.edge = palette.INK[kind]
    cells.show(values)
    return cells


def draw_by_length(ax, lengths, curves):
    """Draw curves over sentence lengths, both axes in equal factors: {name: (len(lengths),)}."""
    for (name, values), (kind, line) in zip(curves.items(), STYLE, strict=False):
        ax.plot(lengths, values, line, color=palette.INK[kind], label=name)
    ax.set(xscale="log", yscale="log", xlabel="words in the sentence")
    ax.set_xticks(lengths, [str(length) for length in lengths])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.grid()
    ax.legend(loc="best")


def by_length_picture(lengths, curves, title):
    """Return the picture of up to three curves over sentence lengths.

    lengths: whole numbers; curves: {name: (len(lengths),)}, all above zero.
    """
    figure = new_figure(9.0, 3.4)
    with style():
        ax = figure.add_axes((0.1, 0.17, 0.87, 0.72))
        draw_by_length(ax, lengths, curves)
        ax.set_title(title)
    ends = "; ".join(f"{name} from {v[0]:.1e} to {v[-1]:.1e}" for name, v in curves.items())
    return Picture(figure, f"{title}, {lengths[0]} to {lengths[-1]} words: {ends}.")


def draw_waves(axes, d_model, seq_len):
    """Draw on each of the d_model `axes` one column of the table, a dot at each position."""
    fine = 20  # points between two positions
    times = np.arange((seq_len - 1) * fine + 1) / fine
    angles = times[:, None] * positional_encoding.frequencies(d_model)  # (times, d_model)
    table = positional_encoding.sinusoidal(seq_len, d_model)  # (seq_len, d_model)
    for column, ax in enumerate(axes):
        wave = np.cos(angles[:, column]) if column % 2 else np.sin(angles[:, column])
        ax.plot(times, wave, color=palette.FILL["quiet"])
        ax.plot(table[:, column], "o", color=palette.INK["position"], markersize=4)
        ax.set(ylim=(-1.25, 1.25), yticks=[-1, 1], xlim=(-0.3, seq_len - 0.7))
        ax.set_ylabel(f"col. {column}", rotation=0, ha="right", va="center", labelpad=4)
        if column < d_model - 1:
            ax.set_xticks([])
    axes[-1].set_xlabel("position")


def waves_picture(seq_len=25, d_model=4, long=50, wide=32):
    """Return the waves of narrow position vectors, beside the heat map of many wide ones."""
    figure = new_figure(9.0, 3.9)
    bottom, top = 0.14, 0.88
    height = (top - bottom) / (d_model - 0.2)  # of a wave and the gap above it
    with style():
        axes = [
            figure.add_axes((0.12, bottom + height * i, 0.37, 0.8 * height))
            for i in reversed(range(d_model))
        ]
        draw_waves(axes, d_model, seq_len)
        axes[0].set_title(f"One wave per column, d_model = {d_model}")
        ax = figure.add_axes((0.6, bottom, 0.38, top - bottom))
        arrays.matrix(ax, positional_encoding.sinusoidal(long, wide), limit=1.0)
        ax.set_title(f"{long} positions, d_model = {wide}")
        ax.set(xlabel="column", ylabel="position")
        ax.set_xticks([0, wide // 2, wide - 1])
        ax.set_yticks([0, long // 2, long - 1])
        ax.tick_params(length=0)
    return Picture(
        figure,
        f"{d_model} waves over {seq_len} positions, each pair of columns slower than the one "
        f"before; heat map of {long} position vectors with {wide} columns.",
    )
