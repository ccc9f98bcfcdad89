"""Pictures of notebook 05: two ways of reading compared, and the waves behind the codes."""

import numpy as np
from matplotlib.ticker import NullLocator

from helpers import positional_encoding
from helpers.drawing import arrays, palette
from helpers.drawing.figure import Picture, new_figure, style

STYLE = (("input", "o-"), ("z", "s--"), ("quiet", "^:"))


def code_picture(code):
    """Return the picture of a code (seq_len, d_model) with its numbers, a row for each position."""
    rows = [f"position {position}" for position in range(len(code))]
    return arrays.matrices_picture([("code", code, "position")], rows)


def sum_picture(trace, words):
    """Return the picture of meaning + position = sum, from what positional_encoding.forward did."""
    panels = [
        ("meaning", trace.x, "input"),
        ("position", trace.encoding, "position"),
        ("sum", trace.out, "input"),
    ]
    return arrays.matrices_picture(panels, words, ("+", "="))


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
    """Draw on each of the d_model `axes` one column of the code, a dot at each position."""
    fine = 20  # points between two positions
    times = np.arange((seq_len - 1) * fine + 1) / fine
    angles = times[:, None] * positional_encoding.frequencies(d_model)  # (times, d_model)
    code = positional_encoding.sinusoidal(seq_len, d_model)  # (seq_len, d_model)
    for column, ax in enumerate(axes):
        wave = np.cos(angles[:, column]) if column % 2 else np.sin(angles[:, column])
        ax.plot(times, wave, color=palette.FILL["quiet"])
        ax.plot(code[:, column], "o", color=palette.INK["position"], markersize=4)
        ax.set(ylim=(-1.25, 1.25), yticks=[-1, 1], xlim=(-0.3, seq_len - 0.7))
        ax.set_ylabel(f"col. {column}", rotation=0, ha="right", va="center", labelpad=4)
        if column < d_model - 1:
            ax.set_xticks([])
    axes[-1].set_xlabel("position")


def waves_picture(seq_len=25, d_model=4, long=50, wide=32):
    """Return one wave for each column of a narrow code, beside the heat map of a wide, long one."""
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
        ax.set_title(f"{long} codes, d_model = {wide}")
        ax.set(xlabel="column", ylabel="position")
        ax.set_xticks([0, wide // 2, wide - 1])
        ax.set_yticks([0, long // 2, long - 1])
        ax.tick_params(length=0)
    return Picture(
        figure,
        f"{d_model} waves over {seq_len} positions, each pair of columns slower than the one "
        f"before; heat map of {long} codes with {wide} columns.",
    )
