"""Explorers of notebook 05: a chain beside all-to-all, waves that are read; deeper: four more."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.collections import LineCollection

from helpers import multi_head_attention, positional_encoding
from helpers import words as lesson_words
from helpers.drawing import arrays, palette
from helpers.drawing.bars import LiveBars
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import Font, live_line, live_text, live_title, text_length
from helpers.drawing.marks import learning_curve
from helpers.drawing.numbers import brief, degrees_text, signed
from helpers.drawing.sheet import live_arrow, sheet
from helpers.explorers import explorer
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence, influence
from helpers.learning.experiments import positional_encoding as experiments
from helpers.learning.experiments import snapshot

SENTENCE = tuple("The animal did not cross the street because it was too tired".split())
MAX_CLOCKS = 5
CLOCK_GAP = 2.7  # from one clock's middle to the next, in radii
INK_A, INK_B = palette.INK["position"], palette.INK["input"]
MAX_WORDS = 8
D_MODEL, N_HEADS = 8, 2


class Chain(NamedTuple):
    step: int  # how many words the RNN has read
    asking: int  # the word whose result attention shows, counted from 0
    rnn: np.ndarray  # (seq_len,)        each word's share in the state after that step
    attention: np.ndarray  # (seq_len,)  each word's share in the result of the asking word


def percent(share):
    """Return a share as it is written in a circle: 41 %, 0.8 %."""
    return f"{100 * share:.{0 if share >= 0.0095 else 1}f} %"


class ChainExplorer(explorer.Explorer):
    """A recurrent network beside attention, step by step: each word's share in a result."""

    size = (864, 368)
    columns = 2

    def make_controls(self):
        last = len(SENTENCE)
        return {
            "step": explorer.int_slider("Step of the RNN", 1, 1, last),
            "asking": explorer.choice_slider(
                "Attention of", last - 1, [(word, i) for i, word in enumerate(SENTENCE)]
            ),
        }

    def build(self, figure):
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

    def compute(self, step, asking):
        shares = influence.mean_shares(SENTENCE)
        return Chain(step, asking, shares["RNN"][step - 1], shares["attention"][asking])

    def draw(self, result):
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

    def describe(self, result):
        return (
            f"The RNN has read {result.step} of {len(SENTENCE)} words: “{SENTENCE[0]}” has a share "
            f"of {percent(result.rnn[0])} in its state. Attention gives that word "
            f"{percent(result.attention[0])} in the result of “{SENTENCE[result.asking]}”. "
            f"Random weights, mean of {influence.SEEDS} draws."
        )


class Reading(NamedTuple):
    position: int
    word: str
    base: int
    vector: np.ndarray  # (4,)  read off the four waves
    before: np.ndarray  # (4,)  the same one position earlier; at position 0 the same
    x: np.ndarray  # (4,)       the word's own numbers
    total: np.ndarray  # (4,)   word + position


class WaveExplorer(explorer.Explorer):
    """One position read off four waves, two of which are one hand; and added to a word."""

    size = (864, 368)
    longest = 24  # positions
    bases = (100, 1000, 10_000)

    def make_controls(self):
        return {
            "position": explorer.int_slider("Position", 1, 0, self.longest - 1),
            "word": explorer.menu("Word", "Thinking", list(lesson_words.NAMED)),
            "base": explorer.menu("Base", 10_000, list(self.bases)),
        }

    def build(self, figure):
        ax, colour, ink = sheet(figure), palette.FILL["position"], palette.INK["position"]
        title = {"ha": "center", "weight": "bold", "size": 12.5}
        quiet = {"ha": "center", "color": palette.INK["quiet"]}
        self.left, self.per_position = 112, 10.6  # pixels
        self.wave_y = np.array([86, 146, 226, 286])  # pixels, the zero of each wave
        self.height = 25  # pixels, of 1
        right = self.left + self.per_position * (self.longest - 1)
        self.title = live_text(ax, self.left, 36, weight="bold", size=12.5, color=ink)
        self.names = [
            live_text(ax, 100, y, ha="right", va="center", color=ink) for y in self.wave_y
        ]
        for y in self.wave_y:
            ax.plot([self.left, right], [y, y], color=palette.pale(palette.FILL["quiet"]), lw=1)
        self.waves = [
            ax.plot([], [], color=palette.pale(colour, 0.7), lw=2)[0] for _ in self.wave_y
        ]
        for p in (0, 5, 10, 15, 20):
            live_text(ax, self._x(p), 336, str(p), **quiet)
        live_text(ax, self._x(10), 360, "position p", **quiet)
        (self.cut,) = ax.plot([], [], color=ink, lw=2.5, zorder=3)
        self.cut_text = live_text(ax, 0, 52, ha="center", weight="bold", color=ink)
        (self.dots,) = ax.plot([], [], "o", color=ink, ms=9, mec="white", zorder=4)
        self.readings = LineCollection([], colors=ink, linewidths=1.5, linestyles=":", zorder=2.1)
        ax.add_collection(self.readings, autolim=False)

        self.clocks = ((462, 116), (462, 256))  # pixels, the middle of each
        self.radius = 47
        live_text(ax, 462, 36, "Two hands", color=ink, **title)
        angle = np.linspace(0, 2 * np.pi, 61)
        style = {"facecolor": "white", "edgecolor": ink, "lw": 1.5, "zorder": 2.2}
        self.faces = [
            ax.fill(x + self.radius * np.cos(angle), y + self.radius * np.sin(angle), **style)[0]
            for x, y in self.clocks
        ]  # they move with the rest, for they hide the dotted lines
        live_text(ax, 462, 336, "right: sin, up: cos", **quiet)
        live_text(ax, 462, 360, "pale: one position before", **quiet)
        self.old_hands = LineCollection([], colors=[palette.pale(colour)], linewidths=3, zorder=2.3)
        self.hands = LineCollection([], colors=ink, linewidths=3.5, zorder=4)
        for hands in (self.old_hands, self.hands):
            ax.add_collection(hands, autolim=False)

        self.cells = []
        for left, kind in ((552, "position"), (640, "input"), (728, "input")):
            for top in (self.wave_y[0] - 28, self.wave_y[2] - 28):
                cells = live_cells(ax, left, top, 62, 58, "signed", number=signed, limit=2)
                cells.edge = palette.INK[kind]
                self.cells.append(cells)
        for y in self.wave_y:
            for x, sign in ((627, "+"), (715, "=")):
                live_text(ax, x, y, sign, ha="center", va="center", size=13)
        self.position_title = live_text(ax, 583, 36, color=ink, **title)
        self.word_title = live_text(ax, 671, 36, **title)
        live_text(ax, 759, 36, "Sum", **title)
        for name, y in zip(lesson_words.FEATURES, self.wave_y, strict=True):
            live_text(ax, 797, y, name, va="center", color=palette.INK["quiet"])

    def _x(self, position):
        return self.left + self.per_position * position

    def compute(self, position, word, base):
        vectors = positional_encoding.sinusoidal(self.longest, 4, base)  # (positions, 4)
        x = lesson_words.named([word])[0]  # (4,)
        vector, before = vectors[position], vectors[max(position - 1, 0)]
        return Reading(position, word, base, vector, before, x, x + vector)

    def structure(self, result):
        return result.base

    def arrange(self, result):
        self.title.set_text(f"Four waves, base {result.base}")
        for text, name in zip(self.names, self._names(result.base, "p"), strict=True):
            text.set_text(name)
        fine = np.linspace(0, self.longest - 1, 24 * (self.longest - 1) + 1)
        angles = fine[:, None] * positional_encoding.frequencies(4, result.base)  # (points, 4)
        heights = np.where([False, True] * 2, np.cos(angles), np.sin(angles))  # (points, 4)
        for wave, y, column in zip(self.waves, self.wave_y, heights.T, strict=True):
            wave.set_data(self._x(fine), y - self.height * column)

    def draw(self, result):
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
            tips = 0.94 * self.radius * vector.reshape(2, 2)  # (hands, (sine, cosine))
            hands.set_segments(
                [[(cx, cy), (cx + sine, cy - cosine)]
                 for (cx, cy), (sine, cosine) in zip(self.clocks, tips, strict=True)]
            )  # fmt: skip
        for i, values in enumerate((result.vector, result.x, result.total)):
            self.cells[2 * i].show(values[:2, None])
            self.cells[2 * i + 1].show(values[2:, None])
        self.position_title.set_text(f"p = {result.position}")
        self.word_title.set_text(result.word)
        return [
            self.readings, *self.faces, self.old_hands, self.hands, self.cut, self.cut_text,
            self.dots, *self.cells, self.position_title, self.word_title,
        ]  # fmt: skip

    @staticmethod
    def _names(base, angle):
        slow = f"{angle}/{round(base**0.5, 1):g}"
        return [f"sin({angle})", f"cos({angle})", f"sin({slow})", f"cos({slow})"]

    def describe(self, result):
        named = zip(self._names(result.base, result.position), result.vector, strict=True)
        read = ", ".join(f"{name} = {signed(number)}" for name, number in named)
        x, total = " ".join(map(brief, result.x)), " ".join(map(signed, result.total))
        return (
            f"Position {result.position}: {read}. Added to {result.word} ({x}) that makes {total}. "
            f"Hand-made word, computed position."
        )


class Pair(NamedTuple):
    base: int
    vectors: np.ndarray  # (positions, d_model)
    first: int
    second: int
    clocks: np.ndarray  # (clocks,)     which pairs of columns are shown
    turns: np.ndarray  # (d_model / 2,) by what angle each pair turns from first to second
    fit: np.ndarray  # (positions,)     dot product with position 0, as a share of the largest
    dot: float


class TwoPositionsExplorer(explorer.Explorer):
    """Two positions compared: how far each hand turns between them, and their dot product."""

    columns = 2
    longest = 32  # positions

    def make_controls(self):
        return {
            "first": explorer.int_slider("Position a", 3, 0, self.longest - 1),
            "second": explorer.int_slider("Position b", 8, 0, self.longest - 1),
            "d_model": explorer.choice_slider("d_model", 16, [2, 4, 6, 8, 12, 16, 32, 48, 64]),
            "base": explorer.menu("Base", 10_000, [100, 1000, 10_000, 100_000]),
        }

    def build(self, figure):
        self.table = figure.add_axes(
            (0.07, 0.17, 0.29, 0.7),
            title="Blue −1, white 0, red 1", xlabel="column", ylabel="position",
        )  # fmt: skip
        self.image = live_matrix(self.table)
        self.table.tick_params(length=0)
        self.table.set_yticks([0, self.longest // 2, self.longest - 1])
        (self.frame_a,) = self.table.plot([], [], color=INK_A, linewidth=2, clip_on=False)
        (self.frame_b,) = self.table.plot(
            [], [], color=INK_B, linewidth=2, linestyle=(0, (2, 1)), clip_on=False
        )
        self.letters = [
            live_text(self.table, 0, 0, letter, va="center", color=ink, weight="bold")
            for letter, ink in (("a", INK_A), ("b", INK_B))
        ]
        ax = figure.add_axes(
            (0.5, 0.62, 0.47, 0.25),
            xlim=(-0.5, self.longest - 0.5), xticks=range(0, self.longest, 5),
            ylim=(-1.05, 1.1), yticks=[-1, 0, 1],
            xlabel="distance between two positions", title="Dot product, largest = 1",
        )  # fmt: skip
        ax.grid(axis="y")
        (self.curve,) = ax.plot([], [], ".-", color=INK_B, linewidth=1, markersize=6)
        (self.spot,) = ax.plot([], [], "o", color=INK_A, markersize=10, zorder=3, clip_on=False)
        self.spot_text = live_text(figure, 0.97, 0.905, ha="right", color=INK_A)
        middles = CLOCK_GAP * np.arange(MAX_CLOCKS)
        ax = figure.add_axes(
            (0.44, 0.02, 0.55, 0.32),
            xlim=(-1.3, middles[-1] + 1.3), ylim=(-1.75, 1.75), aspect="equal", anchor="W",
        )  # fmt: skip
        ax.axis("off")
        figure.text(0.44, 0.35, "Turn of each hand from a to b (dashed)", weight="bold", size=12.5)
        (self.rims,) = ax.plot([], [], color=palette.FILL["quiet"], linewidth=1.5)
        self.clock_names = [ax.text(x, 1.25, "", ha="center", size=11.25) for x in middles]
        dashed = {"linestyles": [(0, (2, 1))], "zorder": 4}
        self.hands_b = LineCollection([], colors=INK_B, linewidths=2, **dashed)
        self.hands_a = LineCollection([], colors=INK_A, linewidths=4, zorder=3)
        self.ways = LineCollection([], colors=INK_A, linewidths=1.2, zorder=2)
        for lines in (self.ways, self.hands_a, self.hands_b):
            ax.add_collection(lines, autolim=False)
        self.turn_texts = [live_text(ax, x, -1.7, ha="center") for x in middles]

    def compute(self, first, second, d_model, base):
        vectors = positional_encoding.sinusoidal(self.longest, d_model, base)
        pairs = d_model // 2
        turns = (second - first) * positional_encoding.frequencies(d_model, base)[::2]  # (pairs,)
        clocks = np.linspace(0, pairs - 1, min(pairs, MAX_CLOCKS)).round().astype(int)
        fit, dot = vectors @ vectors[0] / pairs, float(vectors[first] @ vectors[second])
        return Pair(base, vectors, first, second, clocks, turns, fit, dot)

    def structure(self, result):
        return result.vectors.shape[1], result.base

    def arrange(self, result):
        seq_len, d_model = result.vectors.shape
        size_matrix(self.table, self.image, seq_len, d_model)
        self.image.set_data(result.vectors)
        self.table.set_xticks(range(d_model) if d_model < 9 else [0, d_model // 2, d_model - 1])
        self.curve.set_data(range(seq_len), result.fit)
        angle = np.append(np.linspace(0, 2 * np.pi, 41), np.nan)  # NaN lifts the pen
        middles = CLOCK_GAP * np.arange(len(result.clocks))[:, None]
        self.rims.set_data((middles + np.cos(angle)).ravel(), (0 * middles + np.sin(angle)).ravel())
        for name, text in zip(self.clock_names, [*result.clocks, *[None] * MAX_CLOCKS]):  # noqa: B905
            name.set_text("" if text is None else f"{2 * text}, {2 * text + 1}")

    def draw(self, result):
        left, right = -0.5, result.vectors.shape[1] - 0.5
        rows = result.first, result.second
        for letter, row, gap in zip(self.letters, rows, (0.03, 0.085), strict=True):
            letter.set_position((right + gap * (right - left), row))
        for frame, row in zip((self.frame_a, self.frame_b), rows, strict=True):
            top, bottom = row - 0.5, row + 0.5
            frame.set_data([left, right, right, left, left], [top, top, bottom, bottom, top])
        distance = abs(result.second - result.first)
        self.spot.set_data([distance], [result.fit[distance]])
        self.spot_text.set_text(f"{signed(result.fit[distance])} at distance {distance}")
        middles = CLOCK_GAP * np.arange(len(result.clocks))  # (clocks,)
        centres = np.stack([middles, np.zeros(len(middles))], axis=-1)  # (clocks, 2)
        for hands, row in zip((self.hands_a, self.hands_b), rows, strict=True):
            # A pair is (sine, cosine): right and up, so the hand starts at noon and runs clockwise.
            tips = result.vectors[row].reshape(-1, 2)[result.clocks]  # (clocks, 2)
            hands.set_segments(np.stack([centres, centres + 0.92 * tips], axis=1))
        # The way from a to b, a spiral, so that whole turns can be counted.
        turned = result.turns[result.clocks][:, None] * np.linspace(0, 1, 120)  # (clocks, points)
        sine, cosine = result.vectors[result.first].reshape(-1, 2)[result.clocks].T  # (clocks,)
        angle = np.arctan2(sine, cosine)[:, None] + turned  # (clocks, points)
        points = np.stack([np.sin(angle), np.cos(angle)], axis=-1)  # (clocks, points, 2)
        radii = 0.4 + 0.1 * np.abs(turned) / (2 * np.pi)  # (clocks, points)
        self.ways.set_segments(centres[:, None] + radii[..., None] * points)
        for text, turn in zip(self.turn_texts, result.turns[result.clocks], strict=False):
            text.set_text(degrees_text(turn))
        return [
            self.frame_a, self.frame_b, *self.letters, self.spot, self.spot_text,
            self.ways, self.hands_b, self.hands_a, *self.turn_texts[: len(result.clocks)],
        ]  # fmt: skip

    def describe(self, result):
        distance = abs(result.second - result.first)
        fastest, slowest = (degrees_text(result.turns[i]) for i in (0, -1))
        hands = f"the fastest hand turns by {fastest}, the slowest by {slowest}"
        if len(result.turns) == 1:
            hands = f"the one hand turns by {fastest}"
        return (
            f"From position {result.first} to {result.second} {hands}. The dot product is "
            f"{signed(result.dot)} of at most {len(result.turns)}, a share of "
            f"{signed(result.fit[distance])}, as for any two positions {distance} apart. "
            f"Nothing is trained."
        )


class Order(NamedTuple):
    words: list  # as written
    order: np.ndarray  # (seq_len,)            which word stands in each place after the shuffle
    positions: bool
    written: np.ndarray  # (seq_len, d_model)   attention's output for the sentence as written
    shuffled: np.ndarray  # (seq_len, d_model)  its output for the shuffled sentence
    moved: np.ndarray  # (seq_len,)             largest change of each word's row, words as written
    mean_moved: float  # the same of the mean over all rows
    seed: int  # of the weights


class OrderExplorer(explorer.Explorer):
    """Attention over a sentence and over its words shuffled: do the rows change, or only move?"""

    samples = {"words": ["one", "a b c d e f g h", "the price is $5 not $6"]}

    def make_controls(self):
        return {
            "words": explorer.text_field("Words", "7 minus 3"),
            "shuffle": explorer.int_slider("Shuffle", 2, 0, 9),
            "positions": explorer.switch("add positions", False),
            "seed": explorer.int_slider("Random seed", 0, 0, 9),
        }

    def build(self, figure):
        self.written_ax = figure.add_axes((0.14, 0.2, 0.185, 0.66))
        self.shuffled_ax = figure.add_axes((0.51, 0.2, 0.185, 0.66))
        self.images = [live_matrix(ax) for ax in (self.written_ax, self.shuffled_ax)]
        for ax, title in ((self.written_ax, "As written"), (self.shuffled_ax, "Shuffled")):
            ax.set_title(title)
            ax.set_xlabel(f"the {D_MODEL} numbers of z", color=palette.INK["z"])
        # In pixels, up to the shuffled rows.
        self.between = figure.add_axes((0.328, 0.2, 0.182, 0.66), xlim=(0, 157))
        self.between.axis("off")
        self.paths = LineCollection([], colors=palette.FILL["input"], linewidths=1.5)
        self.between.add_collection(self.paths, autolim=False)
        self.bars_ax = figure.add_axes(
            (0.76, 0.2, 0.16, 0.66), xlim=(0, 3), xticks=[0, 1, 2, 3], yticks=[],
            title="Change of its z", xlabel="largest of 8",
        )  # fmt: skip
        self.bars_ax.spines["left"].set_visible(False)
        self.bars = LineCollection([], colors=palette.FILL["z"], linewidths=9, capstyle="butt")
        self.bars_ax.add_collection(self.bars, autolim=False)
        self.numbers = [live_text(self.bars_ax, 0, i, va="center") for i in range(MAX_WORDS)]
        self.scale_text = live_text(figure, 0.03, 0.02, color=palette.INK["quiet"])

    def compute(self, words, shuffle, positions, seed):
        words = lesson_words.split(words, MAX_WORDS)
        x = lesson_words.named(words, D_MODEL)  # (seq_len, d_model)
        order = np.arange(len(words))
        if shuffle:
            order = np.random.default_rng(shuffle).permutation(len(words))
        params = multi_head_attention.init(D_MODEL, N_HEADS, np.random.default_rng(seed))

        def attend(sentence):
            if positions:
                sentence = positional_encoding.forward(sentence).out
            return multi_head_attention.forward(sentence, params, N_HEADS).out

        written, shuffled = attend(x), attend(x[order])
        moved = np.zeros(len(words))
        moved[order] = np.abs(shuffled - written[order]).max(axis=1)
        mean_moved = float(np.abs(shuffled.mean(axis=0) - written.mean(axis=0)).max())
        return Order(words, order, positions, written, shuffled, moved, mean_moved, seed)

    def structure(self, result):
        return (tuple(result.words), tuple(result.order))

    def arrange(self, result):
        count = len(result.words)
        shuffled = [result.words[i] for i in result.order]
        for image, words in zip(self.images, (result.words, shuffled), strict=True):
            size_matrix(image.axes, image, count, D_MODEL)
            arrays.label_rows(image.axes, words)
        for ax in (self.between, self.bars_ax):
            ax.set_ylim(count - 0.5, -0.5)
        lengths = [text_length(arrays.short(word), Font(11.25)) for word in shuffled]
        self.paths.set_segments(
            [[(0, i), (143 - length, place)]
             for place, (i, length) in enumerate(zip(result.order, lengths, strict=True))]
        )  # fmt: skip

    def draw(self, result):
        count = len(result.words)
        limit = max(np.abs(result.written).max(), np.abs(result.shuffled).max())
        for image, values in zip(self.images, (result.written, result.shuffled), strict=True):
            image.set_data(values)
            image.set_clim(-limit, limit)
        by_place = result.moved[result.order]  # (seq_len,), beside the shuffled rows
        self.bars.set_segments([[(0, i), (change, i)] for i, change in enumerate(by_place)])
        for i, change in enumerate(by_place):
            self.numbers[i].set_text(f"{change:.2f}")
            self.numbers[i].set_x(change + 0.08)
        self.scale_text.set_text(f"blue below 0, red above, full colour at {limit:.2f}")
        return [*self.images, self.bars, *self.numbers[:count], self.scale_text]

    def describe(self, result):
        how = "with positions" if result.positions else "without positions"
        count = len(result.words)
        start = f"Random weights (seed {result.seed}), {how}: "
        if (result.order == np.arange(count)).all():
            return f"{start}this shuffle moves no word, so all {count} rows stay where they were."
        if result.moved.max() < 1e-9:
            return (
                f"{start}the same {count} rows of z in another order. No number changes, and "
                f"neither does the mean of all rows."
            )
        return (
            f"{start}other rows of z. They change by {result.moved.min():.2f} to "
            f"{result.moved.max():.2f}, and the mean of all rows by {result.mean_moved:.2f}."
        )


class OrderTask(NamedTuple):
    task: str
    positions: bool
    seq_len: int  # of the sentences it is tested on
    steps: np.ndarray  # (snapshots,)       training steps done
    accuracies: np.ndarray  # (snapshots,)  on sentences of the length it was trained on
    shown: int  # the snapshot that is looked at
    by_place: np.ndarray | None  # (seq_len,)  share of right answers, NaN where none is asked for
    ceiling: float  # what the best guess without order reaches at this length
    origin: str


class OrderTasksExplorer(LiveExperiment):
    """A block that learns tasks of order, with or without positions, beside a blind guess."""

    columns = 4

    def make_controls(self):
        lengths = experiments.LENGTHS
        steps = evidence.recorded(self.lesson)["reverse, with positions"]["steps"]
        return {
            "task": explorer.menu("Task", "reverse", list(experiments.TASKS)),
            "positions": explorer.switch("add positions", True),
            "seq_len": explorer.int_slider("Words", lengths[0], lengths[0], lengths[-1]),
            "moment": explorer.moment_slider([int(step) for step in steps]),
        }

    def run_name(self, values):
        return experiments.order_name(values["task"], values["positions"])

    def build(self, figure):
        curve_ax = figure.add_axes(
            (0.06, 0.4, 0.3, 0.48), title="Right answers, 10 words",
            xlim=(0, 1.03 * experiments.STEPS), xticks=[0, 150, 300], xlabel="step",
        )  # fmt: skip
        self.bars_ax = figure.add_axes((0.43, 0.4, 0.56, 0.48), xlabel="position")
        for ax in (curve_ax, self.bars_ax):
            ax.set(ylim=(0, 1.04), yticks=[0, 0.5, 1])
            ax.grid(axis="y")
        self.bars_ax.spines["bottom"].set_visible(False)
        self.bars_ax.tick_params(axis="x", length=0)
        self.bars_title = live_title(self.bars_ax)
        self.curve, self.dot = learning_curve(curve_ax)
        self.bars = self.bars_ax.add_collection(LiveBars([], zorder=2), autolim=False)
        self.ceilings = [
            ax.plot([], [], ":", color=palette.INK["input"], linewidth=2.5, zorder=3)[0]
            for ax in (curve_ax, self.bars_ax)
        ]
        figure.text(0.06, 0.17, "dotted: the best guess that knows all words and no order")
        mono = {"family": "DejaVu Sans Mono", "size": 11.25}
        self.example = [figure.text(0.06, y, "", **mono) for y in (0.09, 0.02)]

    def compute(self, task, positions, seq_len, moment):
        values = {"task": task, "positions": positions}
        found = self.result(values)
        last = snapshot(found)
        shown = last if self.is_training(values) else snapshot(found, moment)
        by_place = np.asarray(found["by_place"][shown], float)
        if seq_len > experiments.SEQ_LEN:
            shown, by_place = last, None
            if "by_length" in found:
                by_place = found["by_length"][seq_len - experiments.SEQ_LEN]
        return OrderTask(
            task, positions, seq_len, *self.curve_of(**values), shown,
            None if by_place is None else np.asarray(by_place, float)[:seq_len],
            experiments.ceiling(task, seq_len), self.origin(values),
        )  # fmt: skip

    def structure(self, result):
        return result.task, result.seq_len

    def arrange(self, result):
        self.bars_ax.set(xlim=(-0.7, result.seq_len - 0.3), xticks=range(result.seq_len))
        words, asked = experiments.example(result.task)
        self.example[0].set_text(f"sentence  {words}")
        self.example[1].set_text(f"answers   {asked}   {experiments.TASKS[result.task]}")

    def draw(self, result):
        self.curve.set_data(result.steps, result.accuracies)
        self.dot.set_data([result.steps[result.shown]], [result.accuracies[result.shown]])
        ceilings = experiments.ceiling(result.task, experiments.SEQ_LEN), result.ceiling
        starts, ends = (0, -0.5), (experiments.STEPS, result.seq_len - 0.5)
        for line, height, start, end in zip(self.ceilings, ceilings, starts, ends, strict=True):
            line.set_data([start, end], [height, height])
        self.bars.set_heights([] if result.by_place is None else result.by_place, width=0.72)
        self.bars.set_facecolor(palette.FILL["position" if result.positions else "quiet"])
        self.bars_title.set_text(
            f"By position, {result.seq_len} words, {'with' if result.positions else 'without'} "
            f"positions" + (" …" if result.by_place is None else "")
        )
        return [self.curve, self.dot, self.bars, *self.ceilings, self.bars_title]

    def describe(self, result):
        text = (
            f"Trained ({result.origin}), {experiments.order_name(*result[:2])}, step "
            f"{result.steps[result.shown]}: "
        )
        if result.by_place is None:
            return f"{text}longer sentences are tested when the training is done."
        asked = result.by_place[np.isfinite(result.by_place)]
        spread = f" ({asked.min():.2f} to {asked.max():.2f} by position)" if len(asked) > 1 else ""
        return (
            f"{text}{asked.mean():.2f} of the answers on {result.seq_len} words are right{spread}; "
            f"the best blind guess reaches {result.ceiling:.2f}."
        )


class Recall(NamedTuple):
    reader: str
    seq_len: int
    curves: list  # for each reader: its training steps and accuracies at this length
    origin: str


READER_STYLE = {  # as in the picture of the influence of the first word
    "attention": ("z", "--", "s"),
    "RNN": ("input", "-", "o"),
    "RNN, orthogonal start": ("quiet", ":", "^"),
}


class RecallExplorer(LiveExperiment):
    """Three readers that must name the first word after the last: by length, and as they learn."""

    columns = 2

    def make_controls(self):
        return {
            "reader": explorer.menu("Reader", "RNN", list(experiments.READERS)),
            "seq_len": explorer.choice_slider("Words", 10, list(experiments.RECALL_LENGTHS)),
        }

    def run_name(self, values):
        return experiments.recall_name(values["reader"], values["seq_len"])

    def build(self, figure):
        lengths = experiments.RECALL_LENGTHS
        self.curve_ax = figure.add_axes(
            (0.06, 0.29, 0.4, 0.58),
            xlim=(0, 1.03 * experiments.STEPS), xticks=[0, 150, 300], xlabel="step",
        )  # fmt: skip
        length_ax = figure.add_axes(
            (0.53, 0.29, 0.45, 0.58), title="At the end: all seeds; ring: this run",
            xlim=(-0.5, len(lengths) - 0.5), xlabel="words in the sentence",
        )  # fmt: skip
        length_ax.set_xticks(range(len(lengths)), lengths)
        for ax in (self.curve_ax, length_ax):
            ax.set(ylim=(-0.03, 1.06), yticks=[0, 0.5, 1])
            ax.grid(axis="y")
            ax.axhline(1 / experiments.VOCAB, linestyle=(0, (1, 3)), color=palette.FILL["input"])
        measured, self.curves = evidence.measured(self.lesson), []
        for i, (reader, (kind, line, marker)) in enumerate(READER_STYLE.items()):
            style = {"color": palette.INK[kind], "marker": marker}
            (curve,) = self.curve_ax.plot([], [], linestyle=line, ms=5, label=reader, **style)
            self.curves.append(curve)
            for j, seq_len in enumerate(lengths):
                seeds = measured[experiments.recall_name(reader, seq_len)]["accuracy"].values
                place = np.full(len(seeds), j + 0.2 * (i - 1))
                length_ax.plot(place, seeds, linestyle="", ms=5, **style)
        (self.spot,) = length_ax.plot(
            [], [], "o", ms=15, mfc="none", mec=palette.FILL["input"], mew=2, clip_on=False,
            zorder=4,
        )  # fmt: skip
        figure.legend(handles=self.curves, loc="lower left", bbox_to_anchor=(0.04, 0.0), ncol=3)
        figure.text(0.73, 0.035, "fine dots: a guess, 1 of 8", size=11.25)

    def compute(self, reader, seq_len):
        curves = [self.curve_of(reader=name, seq_len=seq_len) for name in READER_STYLE]
        origin = self.origin({"reader": reader, "seq_len": seq_len})
        return Recall(reader, seq_len, curves, origin)

    def structure(self, result):
        return result.seq_len

    def arrange(self, result):
        self.curve_ax.set_title(f"Right answers, {result.seq_len} words")

    def draw(self, result):
        chosen = list(READER_STYLE).index(result.reader)
        for curve, found in zip(self.curves, result.curves, strict=True):
            curve.set_data(*found)
            curve.set_linewidth(3 if curve.get_label() == result.reader else 1.2)
        place = experiments.RECALL_LENGTHS.index(result.seq_len) + 0.2 * (chosen - 1)
        self.spot.set_data([place], [result.curves[chosen][1][-1]])
        return [*self.curves, self.spot]

    def describe(self, result):
        curves = dict(zip(READER_STYLE, result.curves, strict=True))
        steps, own = curves.pop(result.reader)
        others = ", ".join(f"{name} {shares[-1]:.2f}" for name, (_, shares) in curves.items())
        return (
            f"Trained ({result.origin}), {result.seq_len} words: after {steps[-1]} steps "
            f"{result.reader} names the first word in {own[-1]:.2f} of the sentences; "
            f"{others}; a guess 0.12."
        )
