"""Explorers of notebook 05: codes compared, a shuffle, tasks that need order, and recall."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from helpers import multi_head_attention, positional_encoding
from helpers import words as lesson_words
from helpers.drawing import arrays, palette
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.numbers import degrees_text, signed
from helpers.explorers import explorer
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence
from helpers.learning.experiments import positional_encoding as experiments

MOST_CLOCKS = 5
MOST_NUMBERS = 8  # of a code, written out
CLOCK_GAP = 2.7  # from one clock's middle to the next, in radii
INK_A, INK_B = palette.INK["position"], palette.INK["input"]
MOST_WORDS = 8
D_MODEL, N_HEADS = 8, 2


class Codes(NamedTuple):
    base: int
    code: np.ndarray  # (seq_len, d_model)
    first: int
    second: int
    clocks: np.ndarray  # (clocks,)    which pairs of columns are shown
    turns: np.ndarray  # (d_model / 2,) by what angle each pair turns from first to second
    fit: np.ndarray  # (seq_len,)      dot product with position 0, as a share of the largest
    dot: float


class PositionalEncodingExplorer(explorer.Explorer):
    """The codes of all positions; two of them compared, number by number and hand by hand."""

    size = (864, 422)

    def make_controls(self):
        return {
            "seq_len": explorer.choice_slider("seq_len", 24, [2, 4, 8, 12, 16, 24, 32, 48, 64]),
            "d_model": explorer.choice_slider("d_model", 16, [2, 4, 6, 8, 12, 16, 32, 48, 64]),
            "base": explorer.menu("Base", 10_000, [100, 1000, 10_000, 100_000]),
            "first": explorer.choice_slider("Position a", 3, list(range(24))),
            "second": explorer.choice_slider("Position b", 8, list(range(24))),
        }

    def adapt(self, values):
        for name in ("first", "second"):
            explorer.offer(self.controls[name], list(range(values["seq_len"])))

    def build(self, figure):
        self.table = figure.add_axes((0.07, 0.27, 0.33, 0.6))
        self.image = live_matrix(self.table)
        self.table.set(title="Codes: blue −1, red 1", xlabel="column", ylabel="position")
        self.table.tick_params(length=0)
        (self.frame_a,) = self.table.plot([], [], color=INK_A, linewidth=2, clip_on=False)
        (self.frame_b,) = self.table.plot(
            [], [], color=INK_B, linewidth=2, linestyle=(0, (2, 1)), clip_on=False
        )

        self.letters = [
            live_text(self.table, 0, 0, letter, va="center", color=ink, weight="bold")
            for letter, ink in (("a", INK_A), ("b", INK_B))
        ]

        self.fit_ax = figure.add_axes((0.52, 0.65, 0.45, 0.22))
        self.fit_ax.set(xlabel="distance between two positions", ylim=(-1.05, 1.1))
        self.fit_ax.set(yticks=[-1, 0, 1], title="Dot product, largest = 1")
        self.fit_ax.grid(axis="y")
        (self.curve,) = self.fit_ax.plot([], [], ".-", color=INK_B, linewidth=1, markersize=6)
        (self.spot,) = self.fit_ax.plot(
            [], [], "o", color=INK_A, markersize=10, zorder=3, clip_on=False
        )
        self.spot_text = live_text(figure, 0.97, 0.903, ha="right", color=INK_A)

        self.clock_ax = figure.add_axes((0.44, 0.2, 0.55, 0.245))
        self.clock_ax.axis("off")
        self.clock_ax.set(ylim=(-1.7, 1.1), aspect="equal", anchor="W")
        figure.text(
            0.45, 0.46, "A pair of columns is a hand; its turn from a to b", weight="bold", size=12
        )
        (self.rims,) = self.clock_ax.plot([], [], color=palette.FILL["quiet"], linewidth=1.5)
        self.clock_names = [
            self.clock_ax.text(i * CLOCK_GAP, -2.45, "", ha="center", size=10)
            for i in range(MOST_CLOCKS)
        ]
        self.hands_b = LineCollection(
            [], colors=INK_B, linewidths=2, linestyles=[(0, (2, 1))], zorder=4
        )
        self.hands_a = LineCollection([], colors=INK_A, linewidths=4, zorder=3)
        for hands in (self.hands_a, self.hands_b):
            self.clock_ax.add_collection(hands, autolim=False)
        self.turn_texts = [
            live_text(self.clock_ax, i * CLOCK_GAP, -1.7, ha="center") for i in range(MOST_CLOCKS)
        ]
        self.lines = [
            live_text(figure, 0.03, 0.068 - 0.053 * i, color=ink)
            for i, ink in enumerate((INK_A, INK_B))
        ]

    def compute(self, seq_len, d_model, base, first, second):
        code = positional_encoding.sinusoidal(seq_len, d_model, base)
        pairs = d_model // 2
        clocks = np.linspace(0, pairs - 1, min(pairs, MOST_CLOCKS)).round().astype(int)
        frequencies = positional_encoding.frequencies(d_model, base)[::2]  # (pairs,)
        return Codes(
            base=base,
            code=code,
            first=first,
            second=second,
            clocks=clocks,
            turns=(second - first) * frequencies,
            fit=code @ code[0] / pairs,
            dot=float(code[first] @ code[second]),
        )

    def structure(self, result):
        return (*result.code.shape, result.base)

    def arrange(self, result):
        seq_len, d_model = result.code.shape
        size_matrix(self.table, self.image, seq_len, d_model)
        self.image.set_data(result.code)
        self.table.set_xticks(range(d_model) if d_model < 9 else [0, d_model // 2, d_model - 1])
        self.table.set_yticks(range(seq_len) if seq_len < 9 else [0, seq_len // 2, seq_len - 1])
        self.curve.set_data(range(seq_len), result.fit)
        self.fit_ax.set_xlim(-0.02 * seq_len, 1.02 * seq_len - 1)
        self.fit_ax.set_xticks(range(seq_len) if seq_len < 9 else range(0, seq_len, seq_len // 4))
        angle = np.append(np.linspace(0, 2 * np.pi, 41), np.nan)  # NaN lifts the pen
        middles = CLOCK_GAP * np.arange(len(result.clocks))[:, None]
        self.rims.set_data((middles + np.cos(angle)).ravel(), (0 * middles + np.sin(angle)).ravel())
        self.clock_ax.set_xlim(-1.3, CLOCK_GAP * (MOST_CLOCKS - 1) + 1.3)
        for name, text in zip(self.clock_names, [*result.clocks, *[None] * MOST_CLOCKS]):  # noqa: B905
            name.set_text("" if text is None else f"col. {2 * text}, {2 * text + 1}")

    def draw(self, result):
        left, right = -0.5, result.code.shape[1] - 0.5
        for letter, row, gap in zip(
            self.letters, (result.first, result.second), (0.015, 0.05), strict=True
        ):
            letter.set_position((right + gap * (right - left), row))
        for frame, row in ((self.frame_a, result.first), (self.frame_b, result.second)):
            top, foot = row - 0.5, row + 0.5
            frame.set_data([left, right, right, left, left], [top, top, foot, foot, top])
        distance = abs(result.second - result.first)
        self.spot.set_data([distance], [result.fit[distance]])
        self.spot_text.set_text(f"{signed(result.fit[distance])} at distance {distance}")
        middles = CLOCK_GAP * np.arange(len(result.clocks))  # (clocks,)
        centres = np.stack([middles, np.zeros(len(middles))], axis=-1)  # (clocks, 2)
        for hands, row in ((self.hands_a, result.first), (self.hands_b, result.second)):
            # A pair is (sine, cosine): right and up, so the hand starts at noon and runs clockwise.
            tips = result.code[row].reshape(-1, 2)[result.clocks]  # (clocks, 2)
            hands.set_segments(np.stack([centres, centres + 0.92 * tips], axis=1))
        for text, turn in zip(self.turn_texts, result.turns[result.clocks], strict=False):
            text.set_text(degrees_text(turn))
        for line, name, row in zip(self.lines, "ab", (result.first, result.second), strict=True):
            numbers = "  ".join(map(signed, result.code[row, :MOST_NUMBERS]))
            more = "  …" if result.code.shape[1] > MOST_NUMBERS else ""
            line.set_text(f"code of {name} = {row}:   {numbers}{more}")
        return [
            self.frame_a, self.frame_b, *self.letters, self.spot, self.spot_text,
            self.hands_b, self.hands_a, *self.turn_texts[: len(result.clocks)], *self.lines,
        ]  # fmt: skip

    def describe(self, result):
        seq_len, d_model = result.code.shape
        distance = abs(result.second - result.first)
        fastest, slowest = (degrees_text(result.turns[i]) for i in (0, -1))
        hands = f"the fastest hand turns by {fastest}, the slowest by {slowest}"
        if d_model == 2:
            hands = f"the one hand turns by {fastest}"
        return (
            f"Codes of {seq_len} positions, {d_model} numbers each, base {result.base}; nothing "
            f"is trained. From position {result.first} to {result.second} {hands}; the dot "
            f"product is {signed(result.dot)}, which is {signed(result.fit[distance])} of the "
            f"largest, as for any two positions {distance} apart."
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

    size = (864, 422)
    samples = {"words": ["one", "a b c d e f g h", "the price is $5 not $6"]}

    def make_controls(self):
        return {
            "words": explorer.text_field("Words", "the dog bit the man"),
            "shuffle": explorer.int_slider("Shuffle", 1, 0, 9),
            "positions": explorer.switch("add positions", False),
            "seed": explorer.int_slider("Random seed", 0, 0, 9),
        }

    def build(self, figure):
        self.written_ax = figure.add_axes((0.14, 0.2, 0.185, 0.66))
        self.shuffled_ax = figure.add_axes((0.51, 0.2, 0.2, 0.66))
        self.images = [live_matrix(ax) for ax in (self.written_ax, self.shuffled_ax)]
        self.written_ax.set_title("As written")
        self.shuffled_ax.set_title("Shuffled")
        for ax in (self.written_ax, self.shuffled_ax):
            ax.set_xlabel(f"the {D_MODEL} numbers of z", color=palette.INK["z"])
        between = figure.add_axes((0.328, 0.2, 0.06, 0.66))
        between.axis("off")
        between.set_xlim(0, 1)
        self.between = between
        self.paths = LineCollection([], colors=palette.FILL["input"], linewidths=1.5)
        between.add_collection(self.paths, autolim=False)
        self.bars_ax = figure.add_axes((0.77, 0.2, 0.17, 0.66))
        self.bars_ax.set(xlim=(0, 3), xticks=[0, 1, 2, 3], yticks=[])
        self.bars_ax.set(title="Change of its z", xlabel="largest of 8 changes")
        self.bars_ax.spines["left"].set_visible(False)
        self.bars = LineCollection([], colors=palette.FILL["z"], linewidths=9, capstyle="butt")
        self.bars_ax.add_collection(self.bars, autolim=False)
        self.numbers = [live_text(self.bars_ax, 0, i, va="center") for i in range(MOST_WORDS)]
        self.mean_text = live_text(figure, 0.03, 0.03)

    def compute(self, words, shuffle, positions, seed):
        words = lesson_words.split(words, MOST_WORDS)
        x = lesson_words.embed(words, D_MODEL)  # (seq_len, d_model)
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
        for ax, image, words in zip(
            (self.written_ax, self.shuffled_ax), self.images, (result.words, shuffled), strict=True
        ):
            size_matrix(ax, image, count, D_MODEL)
            arrays.label_rows(ax, words)
        for ax in (self.between, self.bars_ax):
            ax.set_ylim(count - 0.5, -0.5)
        self.paths.set_segments([[(0, i), (1, place)] for place, i in enumerate(result.order)])

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
        self.mean_text.set_text(
            f"Mean of all rows of z: changed by at most {result.mean_moved:.2f}.   "
            f"Blue below 0, red above, full colour at {limit:.2f}."
        )
        return [*self.images, self.bars, *self.numbers[:count], self.mean_text]

    def describe(self, result):
        how = "with positions" if result.positions else "without positions"
        line = " ".join(arrays.short(result.words[i]) for i in result.order)
        start = f'Random weights (seed {result.seed}), {how}: "{line}" gives '
        if (result.order == np.arange(len(result.words))).all():
            return (
                f"{start}the same {len(result.words)} rows of z in the same places, because this "
                f"shuffle moves no word."
            )
        if result.moved.max() < 1e-9:
            return (
                f"{start}the same {len(result.words)} rows of z in another order: the largest "
                f"change of a number is {result.moved.max():.2f}, and of their mean "
                f"{result.mean_moved:.2f}."
            )
        return (
            f"{start}other rows of z: they change by {result.moved.min():.2f} to "
            f"{result.moved.max():.2f}, and their mean by {result.mean_moved:.2f}."
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


@lru_cache(maxsize=64)
def order_blind(task, seq_len):
    """Return the ceiling of a task; computed once."""
    return experiments.ceiling(task, seq_len)


class OrderTasksExplorer(LiveExperiment):
    """A block that learns tasks of order, with or without positions, beside a blind guess."""

    size = (864, 403)
    lesson = "positional_encoding"

    def make_controls(self):
        lengths = experiments.LENGTHS
        return {
            "task": explorer.menu("Task", "reverse", list(experiments.TASKS)),
            "positions": explorer.switch("add positions", True),
            "seq_len": explorer.int_slider("Tested on, words", lengths[0], lengths[0], lengths[-1]),
            "moment": explorer.int_slider("Moment of training", 20, 1, 20),
        }

    def run_name(self, values):
        return experiments.order_name(values["task"], values["positions"])

    def build(self, figure):
        self.curve_ax = figure.add_axes((0.06, 0.35, 0.33, 0.55))
        self.bars_ax = figure.add_axes((0.45, 0.35, 0.54, 0.55))
        self.curve_ax.set(xlim=(0, 1.03 * experiments.STEPS), xticks=[0, 150, 300], xlabel="step")
        self.curve_ax.set_title("Right answers, 10 words")
        for ax in (self.curve_ax, self.bars_ax):
            ax.set(ylim=(0, 1.04), yticks=[0, 0.5, 1])
            ax.grid(axis="y")
        self.bars_ax.spines["bottom"].set_visible(False)
        self.bars_ax.tick_params(axis="x", length=0)
        self.bars_ax.set_xlabel("place in the sentence")
        self.bars_title = live_title(self.bars_ax)
        (self.curve,) = self.curve_ax.plot([], [], color=palette.FILL["input"])
        (self.dot,) = self.curve_ax.plot(
            [], [], "o", color=palette.FILL["input"], ms=8, clip_on=False
        )
        self.bars = self.bars_ax.add_collection(PolyCollection([], zorder=2), autolim=False)
        self.ceilings = [
            ax.plot([], [], ":", color=palette.INK["feed_forward"], linewidth=2.5, zorder=3)[0]
            for ax in (self.curve_ax, self.bars_ax)
        ]
        blind = "dotted: the best guess that knows all words and no order; mean of all places"
        figure.text(0.06, 0.145, blind, color=palette.INK["feed_forward"])
        mono = {"family": "DejaVu Sans Mono", "size": 11}
        self.example = [figure.text(0.06, y, "", **mono) for y in (0.075, 0.02)]

    def compute(self, task, positions, seq_len, moment):
        values = {"task": task, "positions": positions}
        found = self.result(values)
        last = len(found["steps"]) - 1
        shown = last if self.is_training(values) else min(moment - 1, last)
        by_place = np.asarray(found["by_place"][shown], float)
        if seq_len > experiments.SEQ_LEN:
            shown, by_place = last, None
            if "by_length" in found:
                by_place = found["by_length"][seq_len - experiments.SEQ_LEN]
        return OrderTask(
            task, positions, seq_len, np.asarray(found["steps"]),
            np.asarray(found["accuracies"], float), shown,
            None if by_place is None else np.asarray(by_place, float)[:seq_len],
            order_blind(task, seq_len), self.origin(values),
        )  # fmt: skip

    def structure(self, result):
        return result.task, result.seq_len

    def arrange(self, result):
        self.bars_ax.set(xlim=(0.3, result.seq_len + 0.7), xticks=range(1, result.seq_len + 1))
        words, asked = experiments.example(result.task)
        self.example[0].set_text(f"a sentence  {words}")
        self.example[1].set_text(f"to answer   {asked}   {experiments.TASKS[result.task]}")

    def draw(self, result):
        self.curve.set_data(result.steps, result.accuracies)
        self.dot.set_data([result.steps[result.shown]], [result.accuracies[result.shown]])
        ceilings = order_blind(result.task, experiments.SEQ_LEN), result.ceiling
        ends = experiments.STEPS, result.seq_len + 0.5
        for line, height, end in zip(self.ceilings, ceilings, ends, strict=True):
            line.set_data([0.5, end], [height, height])
        verts = []
        if result.by_place is not None:
            places = 1 + np.flatnonzero(np.isfinite(result.by_place))  # (asked,)
            heights = result.by_place[places - 1]
            xs = places[:, None] + [-0.36, -0.36, 0.36, 0.36]  # (asked, 4)
            ys = heights[:, None] * [0, 1, 1, 0]  # (asked, 4)
            verts = np.stack([xs, ys], axis=-1)
        self.bars.set_verts(verts)
        self.bars.set_facecolor(palette.FILL["position" if result.positions else "quiet"])
        self.bars_title.set_text(
            f"By place, {result.seq_len} words, {'with' if result.positions else 'without'} "
            f"positions" + (" …" if result.by_place is None else "")
        )
        return [self.curve, self.dot, self.bars, *self.ceilings, self.bars_title]

    def describe(self, result):
        text = (
            f"Trained weights ({result.origin}), {experiments.order_name(*result[:2])}, after "
            f"{result.steps[result.shown]} steps on sentences of {experiments.SEQ_LEN} words: "
        )
        if result.by_place is None:
            return f"{text}longer sentences are tested when the training is done."
        asked = result.by_place[np.isfinite(result.by_place)]
        spread = f" ({asked.min():.2f} to {asked.max():.2f} by place)" if len(asked) > 1 else ""
        return (
            f"{text}on {result.seq_len} words {asked.mean():.2f} of the answers are right{spread}; "
            f"the best guess without order reaches {result.ceiling:.2f}."
        )


class Recall(NamedTuple):
    reader: str
    seq_len: int
    curves: list  # for each reader: its training steps and accuracies at this length
    origin: str


LOOKS = {  # as in the picture of the influence of the first word
    "attention": ("z", "--", "s"),
    "RNN": ("input", "-", "o"),
    "RNN, orthogonal start": ("quiet", ":", "^"),
}


class RecallExplorer(LiveExperiment):
    """Three readers that must name the first word after the last: by length, and as they learn."""

    size = (864, 422)
    lesson = "positional_encoding"

    def make_controls(self):
        return {
            "reader": explorer.menu("Reader", "RNN", list(experiments.READERS)),
            "seq_len": explorer.choice_slider("Words", 20, list(experiments.RECALL_LENGTHS)),
        }

    def run_name(self, values):
        return experiments.recall_name(values["reader"], values["seq_len"])

    def build(self, figure):
        self.curve_ax = figure.add_axes((0.06, 0.26, 0.4, 0.62))
        self.length_ax = figure.add_axes((0.53, 0.26, 0.45, 0.62))
        self.curve_ax.set(xlim=(0, 1.03 * experiments.STEPS), xticks=[0, 150, 300], xlabel="step")
        lengths = experiments.RECALL_LENGTHS
        self.length_ax.set(xlim=(-0.5, len(lengths) - 0.5), xlabel="words in the sentence")
        self.length_ax.set_xticks(range(len(lengths)), lengths)
        self.length_ax.set_title("At the end: five seeds; ring: this run")
        for ax in (self.curve_ax, self.length_ax):
            ax.set(ylim=(-0.03, 1.06), yticks=[0, 0.5, 1])
            ax.grid(axis="y")
            ax.axhline(1 / experiments.VOCAB, linestyle=(0, (1, 3)), color=palette.FILL["input"])
        measured, self.curves = evidence.measured(self.lesson), []
        for i, (reader, (kind, line, marker)) in enumerate(LOOKS.items()):
            look = {"color": palette.INK[kind], "marker": marker}
            (curve,) = self.curve_ax.plot([], [], linestyle=line, ms=5, label=reader, **look)
            self.curves.append(curve)
            for j, seq_len in enumerate(lengths):
                seeds = measured[experiments.recall_name(reader, seq_len)]["accuracy"].values
                self.length_ax.plot(
                    np.full(len(seeds), j + 0.2 * (i - 1)), seeds, linestyle="", ms=5, **look
                )
        (self.spot,) = self.length_ax.plot(
            [], [], "o", ms=15, markerfacecolor="none", markeredgecolor=palette.FILL["input"],
            markeredgewidth=2, clip_on=False, zorder=4,
        )  # fmt: skip
        figure.legend(handles=self.curves, loc="lower left", bbox_to_anchor=(0.04, 0.0), ncol=3)
        figure.text(0.72, 0.035, "fine dots: guessing, 1 of 8", size=10)

    def compute(self, reader, seq_len):
        curves = []
        for name in LOOKS:
            found = self.result({"reader": name, "seq_len": seq_len})
            curves.append((np.asarray(found["steps"]), np.asarray(found["accuracies"], float)))
        origin = self.origin({"reader": reader, "seq_len": seq_len})
        return Recall(reader, seq_len, curves, origin)

    def structure(self, result):
        return result.seq_len

    def arrange(self, result):
        self.curve_ax.set_title(f"Right answers, {result.seq_len} words")

    def draw(self, result):
        chosen = list(LOOKS).index(result.reader)
        for i, (curve, (steps, accuracies)) in enumerate(
            zip(self.curves, result.curves, strict=True)
        ):
            curve.set_data(steps, accuracies)
            curve.set_linewidth(3 if i == chosen else 1.2)
        place = experiments.RECALL_LENGTHS.index(result.seq_len) + 0.2 * (chosen - 1)
        self.spot.set_data([place], [result.curves[chosen][1][-1]])
        return [*self.curves, self.spot]

    def describe(self, result):
        steps, accuracies = result.curves[list(LOOKS).index(result.reader)]
        others = ", ".join(
            f"{name} {curve[1][-1]:.2f}"
            for name, curve in zip(LOOKS, result.curves, strict=True)
            if name != result.reader
        )
        return (
            f"Trained weights ({result.origin}), sentences of {result.seq_len} words: after "
            f"{steps[-1]} steps {result.reader} names the first word in {accuracies[-1]:.2f} of "
            f"them; {others}; a guess 0.12."
        )
