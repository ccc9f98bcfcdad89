"""Explorers of notebook 04: a layer as a sum of hinges, and a table that is learnt by heart."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.collections import LineCollection

from helpers import feed_forward
from helpers.drawing import palette
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.numbers import signed
from helpers.explorers import explorer
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import hinges
from helpers.learning.experiments import feed_forward as tables
from helpers.learning.experiments import snapshot
from helpers.words import embed

WORDS = ["Thinking", "Machines"]
MARKERS = {"Thinking": "o", "Machines": "s"}
HALF_WIDTH = 3.0  # the plane that is shown reaches from -3 to 3
CELLS = 44
ACTIVATIONS = [("ReLU", "relu"), ("GELU", "gelu"), ("none", "none")]
BAR_POINTS = 170  # the height of the panel of bars, in points


def plane_points():
    """Return the centres of the cells, highest second number first: (CELLS, CELLS, 2)."""
    steps = HALF_WIDTH * (2 * np.arange(CELLS) + 1 - CELLS) / CELLS
    return np.stack(np.meshgrid(steps, -steps), axis=-1)


PLANE = plane_points()
POINTS = embed(WORDS, d_model=2)  # (2, 2): both words lie in the plane


class Result(NamedTuple):
    activation: str
    unit: int
    word: int
    unit_plane: np.ndarray  # (CELLS, CELLS)   one unit after the bend, over the plane
    layer_plane: np.ndarray  # (CELLS, CELLS)  the first number of the layer's output
    lines: np.ndarray  # (d_ff, 2, 2)          where each unit is zero
    pieces: int
    words: feed_forward.FeedForwardTrace  # of both words
    added: np.ndarray  # (d_ff,)               what each unit adds to that number, for the word


@lru_cache(maxsize=8)
def drawn_layer(d_ff, activation, seed):
    """Return random parameters, and what they make of the plane, which costs most of a move."""
    rng = np.random.default_rng(seed)
    params = feed_forward.init(2, d_ff, rng)
    # Biases spread the creases over the plane: each passes at most 2 from its middle.
    params["b_1"] = rng.uniform(-2, 2, d_ff) * np.linalg.norm(params["W_1"], axis=0)
    return params, feed_forward.forward(PLANE, params, activation)


def with_hinge_moved(params, unit, turn, shift):
    """Return params with one unit's hinge turned by `turn` degrees and moved by `shift`."""
    angle = np.deg2rad(turn)
    rotation = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    W_1, b_1 = params["W_1"].copy(), params["b_1"].copy()
    W_1[:, unit] = rotation @ W_1[:, unit]
    b_1[unit] -= shift * np.linalg.norm(W_1[:, unit])
    return params | {"W_1": W_1, "b_1": b_1}


class FeedForwardExplorer(explorer.Explorer):
    """A layer of random hinges over the plane in which the two words lie."""

    size = (864, 422)

    def make_controls(self):
        words = [(word, i) for i, word in enumerate(WORDS)]
        return {
            "d_ff": explorer.choice_slider("d_ff", 6, [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]),
            "unit": explorer.choice_slider("Unit", 1, list(range(1, 7))),
            "seed": explorer.int_slider("Seed", 0, 0, 9),
            "turn": explorer.int_slider("Turn hinge", 0, -180, 180, 20),
            "shift": explorer.float_slider("Move hinge", 0.0, -2.0, 2.0, 0.25),
            "activation": explorer.menu("Bend", "relu", ACTIVATIONS),
            "word": explorer.menu("Word", 0, words),
        }

    def adapt(self, values):
        explorer.offer(self.controls["unit"], list(range(1, values["d_ff"] + 1)))

    def build(self, figure):
        self.unit_ax = figure.add_axes((0.065, 0.24, 0.3056, 0.6256))
        self.layer_ax = figure.add_axes((0.42, 0.24, 0.3056, 0.6256))
        self.images = [live_matrix(ax) for ax in (self.unit_ax, self.layer_ax)]
        for ax, image in zip((self.unit_ax, self.layer_ax), self.images, strict=True):
            image.set_extent((-HALF_WIDTH, HALF_WIDTH, -HALF_WIDTH, HALF_WIDTH))
            ax.set(xlim=(-HALF_WIDTH, HALF_WIDTH), ylim=(-HALF_WIDTH, HALF_WIDTH))
            ax.set(xticks=[-3, 0, 3], yticks=[-3, 0, 3], xlabel="a word's first number")
            ax.tick_params(length=0)  # a mark would reach into the live picture
            ax.tick_params(axis="x", pad=6)  # the two "−3" of a corner would touch
        self.unit_ax.set_ylabel("its second number", labelpad=-4)

        self.others = LineCollection([], colors=palette.FILL["input"], linewidths=0.8)
        self.layer_ax.add_collection(self.others)
        self.chosen, self.dots = [], []
        for ax in (self.unit_ax, self.layer_ax):
            (line,) = ax.plot([], [], color="#1A1A1A", linewidth=2.5)
            self.chosen.append(line)
            for word, point in zip(WORDS, POINTS, strict=True):
                (dot,) = ax.plot(
                    *point, MARKERS[word], markersize=9, markeredgecolor="#1A1A1A", zorder=3
                )
                self.dots.append(dot)
        self.titles = [live_title(self.unit_ax), live_title(self.layer_ax)]
        self.ranges = [live_text(figure, left, 0.085) for left in (0.065, 0.42)]
        figure.text(
            0.065,
            0.015,
            "circle: Thinking (1, 0)      square: Machines (0, 2)      filled: the marked word",
        )

        self.bars_ax = figure.add_axes((0.795, 0.3, 0.185, 0.5656))
        self.bars_ax.set_title("What units add")
        self.bars_ax.spines[:].set_visible(False)
        self.bars_ax.set(xlim=(-1.05, 1.05), xticks=[])
        self.bars = LineCollection([], capstyle="butt")
        self.bars_ax.add_collection(self.bars)
        (self.zero,) = self.bars_ax.plot([0, 0], [0, 1], color=palette.FILL["input"], linewidth=0.8)
        self.sums = [live_text(figure, 0.77, 0.21 - 0.065 * i) for i in range(3)]

    def compute(self, d_ff, unit, activation, turn, shift, word, seed):
        unit -= 1
        drawn, before = drawn_layer(d_ff, activation, seed)
        params = with_hinge_moved(drawn, unit, turn, shift)
        W_1, b_1, W_2 = params["W_1"], params["b_1"], params["W_2"]
        # Only this unit has moved: the layer is what it was, and the change of this unit.
        unit_plane = feed_forward.activate(PLANE @ W_1[:, unit] + b_1[unit], activation)
        change = (unit_plane - before.activated[..., unit]) * W_2[unit, 0]
        words = feed_forward.forward(POINTS, params, activation)
        return Result(
            activation=activation,
            unit=unit,
            word=word,
            unit_plane=unit_plane,
            layer_plane=before.out[..., 0] + change,
            lines=hinges.creases(W_1, b_1, HALF_WIDTH),
            pieces=hinges.count_pieces(W_1, b_1, HALF_WIDTH),
            words=words,
            added=words.activated[word] * W_2[:, 0],
        )

    def structure(self, result):
        return len(result.lines)

    def arrange(self, result):
        d_ff = len(result.lines)
        self.bars_ax.set_ylim(d_ff + 0.5, 0.5)
        self.bars_ax.set_yticks(range(1, d_ff + 1) if d_ff < 9 else [1, d_ff // 2, d_ff])
        self.bars_ax.tick_params(axis="y", length=0)
        self.zero.set_ydata([0.5, d_ff + 0.5])
        self.bars.set_linewidth(min(0.7 * BAR_POINTS / d_ff, 20))

    def draw(self, result):
        d_ff = len(result.lines)
        planes = (result.unit_plane, result.layer_plane)
        for image, values, line in zip(self.images, planes, self.ranges, strict=True):
            limit = max(np.abs(values).max(), 1e-9)
            image.set_data(values)
            image.set_clim(-limit, limit)
            line.set_text(f"from {signed(values.min())} to {signed(values.max())}; white is 0")
        for line in self.chosen:
            line.set_data(*result.lines[result.unit].T)
        bent = result.activation != "none"
        self.others.set_segments(result.lines if bent else [])
        for i, dot in enumerate(self.dots):
            marked = i % len(WORDS) == result.word
            dot.set_markerfacecolor(palette.FILL["feed_forward"] if marked else "white")
        self.titles[0].set_text(
            f"Unit {result.unit + 1} alone: {'one hinge' if bent else 'no bend'}"
        )
        self.titles[1].set_text(f"The layer: {d_ff} added up")
        rows = np.arange(1, d_ff + 1)
        longest = max(np.abs(result.added).max(), 1e-9)
        tips = np.stack([result.added / longest, rows], axis=-1)  # (d_ff, 2)
        self.bars.set_segments(np.stack([tips * [0, 1], tips], axis=1))
        colours = [palette.FILL["quiet"]] * d_ff
        colours[result.unit] = palette.FILL["feed_forward"]
        self.bars.set_color(colours)
        total = result.words.out[result.word, 0]
        self.sums[0].set_text(f"at {WORDS[result.word]}")
        self.sums[1].set_text(f"longest bar: {longest:.2f}")
        self.sums[2].set_text(f"sum of all: {signed(total)}")
        return [
            *self.images, self.others, *self.chosen, *self.dots, *self.titles, *self.ranges,
            self.bars, self.zero, *self.sums,
        ]  # fmt: skip

    def describe(self, result):
        d_ff = len(result.lines)
        hidden = result.words.hidden[result.word]  # (d_ff,)
        name = {value: label for label, value in ACTIVATIONS}[result.activation]
        shape = {
            "relu": f"{result.pieces} straight piece{'s' * (result.pieces > 1)}",
            "gelu": "no straight piece, it bends everywhere",
            "none": "one straight piece, as with any number of units",
        }[result.activation]
        units = "1 hidden unit" if d_ff == 1 else f"{d_ff} hidden units"
        bend = "no bend" if name == "none" else name
        return (
            f"Random weights, {units}, {bend}: over this square the layer is {shape}. "
            f'At "{WORDS[result.word]}" {(hidden > 0).sum()} of {d_ff} are above zero before the '
            f"bend; unit {result.unit + 1} turns {signed(hidden[result.unit])} into "
            f"{signed(result.words.activated[result.word, result.unit])}, and the layer's first "
            f"number is {signed(result.words.out[result.word, 0])}."
        )


class Table(NamedTuple):
    run: str  # its name
    steps: np.ndarray  # (snapshots,)       training steps done
    accuracies: np.ndarray  # (snapshots,)  share of right answers
    shown: int  # the snapshot that is looked at
    said: np.ndarray  # (rows, columns)     the answer to each pair at that snapshot
    truth: np.ndarray  # (rows, columns)    the right answer
    origin: str


class TableExplorer(LiveExperiment):
    """What a model answers to every pair of numbers, beside the table that it should learn."""

    size = (864, 394)
    lesson = "feed_forward"

    def make_controls(self):
        return {
            "table": explorer.menu("Table", "(a+b) mod 11", list(tables.TABLES)),
            "kind": explorer.menu("Model", "block, 1 word", list(tables.KINDS)),
            "d_ff": explorer.choice_slider("d_ff", 64, list(tables.D_FFS)),
            "moment": explorer.int_slider("Moment of training", 20, 1, 20),
        }

    def adapt(self, values):
        """A model with no feed-forward network has no d_ff: the slider waits."""
        self.controls["d_ff"].disabled = not tables.has_feed_forward(values["kind"])

    def run_name(self, values):
        return tables.name(values["table"], values["kind"], values["d_ff"])

    def build(self, figure):
        self.curve_ax = figure.add_axes((0.06, 0.2, 0.25, 0.67))
        self.curve_ax.set(xlim=(0, 1.03 * tables.STEPS), xticks=[0, 200, 400], xlabel="step")
        self.curve_ax.set(ylim=(0, 1.04), yticks=[0, 0.5, 1], title="Right answers")
        self.curve_ax.grid(axis="y")
        (self.curve,) = self.curve_ax.plot([], [], color=palette.FILL["input"])
        (self.dot,) = self.curve_ax.plot(
            [], [], "o", color=palette.FILL["input"], ms=8, clip_on=False
        )
        self.said_ax = figure.add_axes((0.375, 0.2, 0.3056, 0.67))
        self.truth_ax = figure.add_axes((0.69, 0.2, 0.3056, 0.67))
        self.said = live_matrix(self.said_ax, "answers")
        self.truth = live_matrix(self.truth_ax, "answers")
        self.said_ax.set_title("What it answers")
        self.truth_ax.set_title("The table")
        self.said_ax.set_ylabel("a")
        for ax in (self.said_ax, self.truth_ax):
            ax.set_xlabel("b", labelpad=2)
            ax.tick_params(length=0)
        (self.wrong,) = self.said_ax.plot(
            [], [], "o", ms=4, markerfacecolor="white", markeredgecolor="#1A1A1A", linestyle="none"
        )
        self.count = live_text(figure, 0.375, 0.03)
        self.scale = live_text(figure, 0.69, 0.03)

    def compute(self, table, kind, d_ff, moment):
        values = {"table": table, "kind": kind, "d_ff": d_ff}
        found = self.result(values)
        shown = snapshot(found, None if self.is_training(values) else moment - 1)
        return Table(
            run=self.run_name(values),
            steps=np.asarray(found["steps"]),
            accuracies=np.asarray(found["accuracies"], float),
            shown=shown,
            said=np.asarray(found["said"][shown], int),
            truth=np.asarray(found["truth"], int),
            origin=self.origin(values),
        )

    def structure(self, result):
        return len(result.truth)

    def arrange(self, result):
        size = len(result.truth)
        for ax, image in ((self.said_ax, self.said), (self.truth_ax, self.truth)):
            size_matrix(ax, image, size, size)
            image.set_clim(0, size - 1)
            ax.set_xticks([0, size // 2, size - 1])
            ax.set_yticks([0, size // 2, size - 1] if ax is self.said_ax else [])

    def draw(self, result):
        self.curve.set_data(result.steps, result.accuracies)
        self.dot.set_data([result.steps[result.shown]], [result.accuracies[result.shown]])
        self.said.set_data(result.said)
        self.truth.set_data(result.truth)
        a, b = np.nonzero(result.said != result.truth)
        self.wrong.set_data(b, a)
        self.count.set_text(f"{len(a)} of {result.said.size} wrong (dots)")
        self.scale.set_text(f"light: 0     dark: {len(result.truth) - 1}")
        return [self.curve, self.dot, self.said, self.truth, self.wrong, self.count, self.scale]

    def describe(self, result):
        wrong = (result.said != result.truth).sum()
        return (
            f"Trained weights ({result.origin}), {result.run}, after {result.steps[result.shown]} "
            f"steps: {result.accuracies[result.shown]:.2f} of the answers are right; of the "
            f"{result.said.size} shown, {wrong} are wrong."
        )
