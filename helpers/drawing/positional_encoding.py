"""Pictures of notebook 05: a chain beside attention, waves, position vectors and their sums."""

from itertools import pairwise

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.ticker import NullLocator

from helpers import positional_encoding
from helpers.drawing import arrays, palette
from helpers.drawing.figure import SHOWN_DPI, Picture, new_figure, style
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_text import live_line, live_text
from helpers.drawing.numbers import signed
from helpers.drawing.sheet import live_arrow, name_columns, name_rows, sheet
from helpers.words import FEATURES

SENTENCE = tuple("The animal did not cross the street because it was too tired".split())
POSITIONS = 24  # that the waves show
ROW = 34  # pixels, the height of a row of cells
STYLE = (("input", "o-"), ("z", "s--"), ("quiet", "^:"))


@style()
def position_picture(table):
    """Return the picture of four-number position vectors: (positions, 4), each under its wave."""
    rows = [f"position {p}" for p in range(len(table))]
    figure = new_figure(6.0, (40 + ROW * len(table) + 12) / SHOWN_DPI)
    ax = sheet(figure)
    cells = live_cells(ax, 110, 40, 106, ROW, "signed", signed, limit=1)
    cells.edge = palette.INK["position"]
    cells.show(table)
    name_columns(ax, cells, wave_names("p", 10_000), palette.INK["position"])
    name_rows(ax, cells, rows)
    numbers = "; ".join(
        f"{row}: {' '.join(map(signed, v))}" for row, v in zip(rows, table, strict=True)
    )
    return Picture(figure, f"Position vectors, {arrays.shape_of(table)}. {numbers}.")


def sum_picture(trace, words):
    """Return the picture of word + position = sum, from what positional_encoding.forward did."""
    panels = [
        ("word", trace.x, "input"), ("position", trace.encoding, "position"),
        ("sum", trace.out, "input"),
    ]  # fmt: skip
    rows = "; ".join(
        f"{word}: {' '.join(map(signed, v))}" for word, v in zip(words, trace.out, strict=True)
    )
    told = f"Word + position = sum, each {arrays.shape_of(trace.x)}. Sums: {rows}."
    columns = [FEATURES, (), FEATURES]
    return arrays.matrices_picture(panels, words, ("+", "="), columns=columns, told=told)


def draw_by_length(ax, lengths, curves):
    """Draw curves over sentence lengths, both axes in equal factors: {name: (len(lengths),)}."""
    for (name, values), (kind, line) in zip(curves.items(), STYLE, strict=False):
        ax.plot(lengths, values, line, color=palette.INK[kind], label=name)
    ax.set(xscale="log", yscale="log", xlabel="words in the sentence")
    ax.set_xticks(lengths, [str(length) for length in lengths])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.grid()
    ax.legend(loc="best")


@style()
def by_length_picture(lengths, curves, title):
    """Return the picture of up to three curves over sentence lengths.

    lengths: whole numbers; curves: {name: (len(lengths),)}, all above zero.
    """
    figure = new_figure(9.0, 3.4)
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


@style()
def waves_picture(seq_len=25, d_model=4, long=50, wide=32):
    """Return the waves of narrow position vectors, beside the heat map of many wide ones."""
    figure = new_figure(9.0, 3.9)
    bottom, top = 0.14, 0.88
    height = (top - bottom) / (d_model - 0.2)  # of a wave and the gap above it
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


def percent(share):
    """Return a share as it is written in a circle: 41 %, 0.8 %."""
    return f"{100 * share:.{0 if share >= 0.0095 else 1}f} %"


class ChainPicture:
    """A chain of words, and one word with lines to all others: each word's share in a result."""

    def __init__(self, figure):
        ax = sheet(figure)
        self.x = 47 + 70 * np.arange(len(SENTENCE))  # pixels, the middle of each word's column
        self.chain_y, self.lines_y, radius = 80, 174, 26
        live_line(ax, 21, 32, ("RNN: one word after the other", "input", "bold"), size=12.5)
        live_line(ax, 21, 352, ("Attention: all words at once", "z", "bold"), size=12.5)
        live_text(ax, 326, 352, "step 1 of 1", weight="bold")
        self.step_text = live_text(ax, 326, 32, weight="bold")
        self.rnn_text, self.attention_text = (
            live_text(ax, 843, y, ha="right", color=palette.INK["quiet"]) for y in (32, 352)
        )
        for x, word in zip(self.x, SENTENCE, strict=True):
            ax.text(x, 133, word, ha="center")
        for a, b in pairwise(self.x):
            arrow = live_arrow(ax, (a + radius, self.chain_y), (b - radius, self.chain_y), head=10)
            arrow.set_dim(True)  # until the chain gets there
        style = {"color": palette.FILL["input"], "zorder": 1.6, "lw": 1.5}
        (self.walked,) = ax.plot([], [], **style)
        (self.tips,) = ax.plot([], [], ">", ms=7, **style)
        self.lines = LineCollection([], colors=palette.FILL["z"], capstyle="butt", zorder=1.5)
        ax.add_collection(self.lines, autolim=False)
        self.circles, self.numbers = [], []
        for y, kind in ((self.chain_y, "input"), (self.lines_y, "z")):
            style = {"edgecolor": palette.INK[kind], "zorder": 2}
            area = (2 * radius * 72 / 96) ** 2  # square points
            self.circles.append(ax.scatter(self.x, np.full(len(SENTENCE), y), area, **style))
            self.numbers += [
                live_text(ax, x, y, ha="center", va="center", size=10, zorder=3) for x in self.x
            ]

    def draw(self, result):
        """Show the shares after a step of the chain, and those of the asking word.

        result: step, asking, rnn and attention, a share per word each.
        """
        count = len(SENTENCE)
        last, asking = SENTENCE[result.step - 1], SENTENCE[result.asking]
        read = np.arange(count) < result.step
        self.step_text.set_text(f"step {result.step} of {count}")
        self.rnn_text.set_text(f"each word's share in the state after “{last}”")
        self.attention_text.set_text(f"each word's share in the result of “{asking}”")
        self.walked.set_data(self.x[read], np.full(result.step, self.chain_y))
        self.tips.set_data(self.x[read][1:] - 32, np.full(result.step - 1, self.chain_y))
        rows = ((result.rnn, "input", result.step - 1), (result.attention, "z", result.asking))
        for circles, (shares, kind, chosen) in zip(self.circles, rows, strict=True):
            circles.set_facecolor(palette.cell_map(kind)(np.sqrt(shares)))  # small shares show too
            circles.set_linewidth(np.where(np.arange(count) == chosen, 4, 1.5))
        self.circles[0].set_edgecolor(
            [palette.INK["input"] if seen else palette.FILL["quiet"] for seen in read]
        )
        for number, share in zip(self.numbers, [*result.rnn, *result.attention], strict=True):
            number.set_text(percent(share) if share else "")
        others = np.flatnonzero(np.arange(count) != result.asking)
        self.lines.set_segments([self._hanging(result.asking, other) for other in others])
        self.lines.set_linewidth(50 * result.attention[others])
        return [
            self.walked, self.tips, self.lines, *self.circles, *self.numbers, self.step_text,
            self.rnn_text, self.attention_text,
        ]  # fmt: skip

    def _hanging(self, start, end):
        """Return the points of a line that hangs from one word to another: (points, 2)."""
        angle = np.linspace(0, np.pi, 40)
        middle, half = (self.x[start] + self.x[end]) / 2, abs(self.x[end] - self.x[start]) / 2
        depth = 30 + 9 * abs(end - start)
        xs, ys = middle + half * np.cos(angle), self.lines_y + depth * np.sin(angle)
        return np.stack([xs, ys], axis=-1)


INK, PALE = palette.INK["position"], palette.pale(palette.FILL["position"])
TITLE = {"ha": "center", "weight": "bold", "size": 12.5}
QUIET = {"ha": "center", "color": palette.INK["quiet"]}


def wave_names(angle, base):
    """Return the names of the four waves at an angle: sin(3), cos(3), sin(3/100), cos(3/100)."""
    slow = f"{angle}/{round(base**0.5, 1):g}"
    return [f"sin({angle})", f"cos({angle})", f"sin({slow})", f"cos({slow})"]


class WaveReader:
    """Four waves that are cut at a position, two clocks that turn with it, and the sum."""

    def __init__(self, figure):
        self.ax = sheet(figure)
        self._draw_waves()
        self._draw_clocks()
        self._draw_sum()

    def _draw_waves(self):
        """Draw the place of the waves, and the line that cuts them."""
        ax = self.ax
        self.left, self.per_position = 112, 10.6  # pixels
        self.wave_y = np.array([86, 146, 226, 286])  # pixels, the zero of each wave
        self.height = 25  # pixels, of 1
        right = self.left + self.per_position * (POSITIONS - 1)
        self.title = live_text(ax, self.left, 36, weight="bold", size=12.5, color=INK)
        self.names = [
            live_text(ax, 100, y, ha="right", va="center", color=INK) for y in self.wave_y
        ]
        for y in self.wave_y:
            ax.plot([self.left, right], [y, y], color=palette.pale(palette.FILL["quiet"]), lw=1)
        self.waves = [
            ax.plot([], [], color=palette.pale(palette.FILL["position"], 0.7), lw=2)[0]
            for _ in self.wave_y
        ]
        for p in (0, 5, 10, 15, 20):
            live_text(ax, self._x(p), 336, str(p), **QUIET)
        live_text(ax, self._x(10), 360, "position p", **QUIET)
        (self.cut,) = ax.plot([], [], color=INK, lw=2.5, zorder=3)
        self.cut_text = live_text(ax, 0, 52, ha="center", weight="bold", color=INK)
        (self.dots,) = ax.plot([], [], "o", color=INK, ms=9, mec="white", zorder=4)
        self.readings = LineCollection([], colors=INK, linewidths=1.5, linestyles=":", zorder=2.1)
        ax.add_collection(self.readings, autolim=False)

    def _draw_clocks(self):
        """Draw two clocks, each with a hand for now and one for the position before."""
        ax = self.ax
        self.clocks, self.radius = np.array([(462, 116), (462, 256)]), 47  # pixels, the middles
        live_text(ax, 462, 36, "Two hands", color=INK, **TITLE)
        angle = np.linspace(0, 2 * np.pi, 61)
        style = {"facecolor": "white", "edgecolor": INK, "lw": 1.5, "zorder": 2.2}
        self.faces = [
            ax.fill(x + self.radius * np.cos(angle), y + self.radius * np.sin(angle), **style)[0]
            for x, y in self.clocks
        ]  # they move with the rest, for they hide the dotted lines
        live_text(ax, 462, 336, "right: sin, up: cos", **QUIET)
        live_text(ax, 462, 360, "pale: one position before", **QUIET)
        self.old_hands = LineCollection([], colors=[PALE], linewidths=3, zorder=2.3)
        self.hands = LineCollection([], colors=INK, linewidths=3.5, zorder=4)
        for hands in (self.old_hands, self.hands):
            ax.add_collection(hands, autolim=False)

    def _draw_sum(self):
        """Draw the position's numbers, the word's, and their sums, beside the waves."""
        ax, self.cells = self.ax, []
        for left, kind in ((552, "position"), (640, "input"), (728, "input")):
            for top in (self.wave_y[0] - 28, self.wave_y[2] - 28):
                cells = live_cells(ax, left, top, 62, 58, "signed", number=signed, limit=2)
                cells.edge = palette.INK[kind]
                self.cells.append(cells)
        for y in self.wave_y:
            for x, sign in ((627, "+"), (715, "=")):
                live_text(ax, x, y, sign, ha="center", va="center", size=13)
        self.position_title = live_text(ax, 583, 36, color=INK, **TITLE)
        self.word_title = live_text(ax, 671, 36, **TITLE)
        live_text(ax, 759, 36, "Sum", **TITLE)
        for name, y in zip(FEATURES, self.wave_y, strict=True):
            live_text(ax, 797, y, name, va="center", color=palette.INK["quiet"])

    def _x(self, position):
        return self.left + self.per_position * position

    def arrange(self, base):
        """Draw the waves of this base."""
        self.title.set_text(f"Four waves, base {base}")
        for text, name in zip(self.names, wave_names("p", base), strict=True):
            text.set_text(name)
        fine = np.linspace(0, POSITIONS - 1, 24 * (POSITIONS - 1) + 1)
        angles = fine[:, None] * positional_encoding.frequencies(4, base)  # (points, 4)
        heights = np.where([False, True] * 2, np.cos(angles), np.sin(angles))  # (points, 4)
        for wave, y, column in zip(self.waves, self.wave_y, heights.T, strict=True):
            wave.set_data(self._x(fine), y - self.height * column)

    def draw(self, result):
        """Show one position; result: position, vector, before, word, x and total."""
        x = self._x(result.position)
        self.cut.set_data([x, x], [58, 318])
        self.cut_text.set_position((x, 52))
        self.cut_text.set_text(str(result.position))
        ys = self.wave_y - self.height * result.vector
        self.dots.set_data(np.full(4, x), ys)
        # Level as far as the hands, then to the middle of the number's own box.
        ends = zip(ys, self.wave_y, strict=True)
        self.readings.set_segments([[(x, y), (516, y), (551, box)] for y, box in ends])
        for hands, vector in ((self.old_hands, result.before), (self.hands, result.vector)):
            tips = 0.94 * self.radius * vector.reshape(2, 2) * [1, -1]  # (hands, (right, down))
            hands.set_segments(np.stack([self.clocks, self.clocks + tips], axis=1))
        for i, values in enumerate((result.vector, result.x, result.total)):
            self.cells[2 * i].show(values[:2, None])
            self.cells[2 * i + 1].show(values[2:, None])
        self.position_title.set_text(f"p = {result.position}")
        self.word_title.set_text(result.word)
        return [
            self.readings, *self.faces, self.old_hands, self.hands, self.cut, self.cut_text,
            self.dots, *self.cells, self.position_title, self.word_title,
        ]  # fmt: skip
