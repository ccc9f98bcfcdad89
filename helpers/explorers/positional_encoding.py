"""Explorers of notebook 05: a chain beside all-to-all, waves that are read; deeper: four more."""

import numpy as np
from matplotlib.collections import LineCollection

from helpers import multi_head_attention, positional_encoding
from helpers import words as lesson_words
from helpers.drawing import arrays, palette
from helpers.drawing.bars import LiveBars
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import Font, live_text, live_title, text_length
from helpers.drawing.marks import LearningCurve, shares_axes
from helpers.drawing.numbers import brief, degrees_text, signed
from helpers.drawing.positional_encoding import (
    POSITIONS,
    SENTENCE,
    ChainPicture,
    WaveReader,
    percent,
    wave_names,
)
from helpers.drawing.sheet import live_frame
from helpers.explorers import explorer
from helpers.explorers.learnt import LearntExplorer
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence, influence
from helpers.learning.experiments import positional_encoding as experiments

MAX_CLOCKS = 5
CLOCK_GAP = 2.7  # from one clock's middle to the next, in radii
INK_A, INK_B = palette.INK["position"], palette.INK["input"]
MAX_WORDS = 8
D_MODEL, N_HEADS = 8, 2


class ChainExplorer(explorer.Explorer):
    """A recurrent network beside attention, step by step: each word's share in a result."""

    size = (864, 368)
    drawing = ChainPicture
    columns = 2

    def make_controls(self):
        last = len(SENTENCE)
        return {
            "step": explorer.int_slider("Step of the RNN", 1, 1, last),
            "asking": explorer.choice_slider(
                "Attention of", last - 1, [(word, i) for i, word in enumerate(SENTENCE)]
            ),
        }

    def compute(self, step, asking):
        shares = influence.mean_shares(SENTENCE)
        # Each word's share in the RNN's state after that step, and in the result of that word.
        return {"rnn": shares["RNN"][step - 1], "attention": shares["attention"][asking]}

    def describe(self, result):
        return (
            f"The RNN has read {result.step} of {len(SENTENCE)} words: “{SENTENCE[0]}” has a share "
            f"of {percent(result.rnn[0])} in its state. Attention gives that word "
            f"{percent(result.attention[0])} in the result of “{SENTENCE[result.asking]}”. "
            f"Random weights, mean of {influence.SEEDS} draws."
        )


class WaveExplorer(explorer.Explorer):
    """One position read off four waves, two of which are one hand; and added to a word."""

    size = (864, 368)
    drawing = WaveReader
    longest = POSITIONS
    bases = (100, 1000, 10_000)

    def make_controls(self):
        return {
            "position": explorer.int_slider("Position", 1, 0, self.longest - 1),
            "word": explorer.menu("Word", "Thinking", list(lesson_words.NAMED)),
            "base": explorer.menu("Base", 10_000, list(self.bases)),
        }

    def compute(self, position, word, base):
        vectors = positional_encoding.sinusoidal(self.longest, 4, base)  # (positions, 4)
        x, vector = lesson_words.named([word])[0], vectors[position]  # (4,) each
        before = vectors[max(position - 1, 0)]  # at position 0 the same
        return {"vector": vector, "before": before, "x": x, "total": x + vector}

    def structure(self, result):
        return (result.base,)

    def describe(self, result):
        named = zip(wave_names(result.position, result.base), result.vector, strict=True)
        read = ", ".join(f"{name} = {signed(number)}" for name, number in named)
        x, total = " ".join(map(brief, result.x)), " ".join(map(signed, result.total))
        return (
            f"Position {result.position}: {read}. Added to {result.word} ({x}) that makes {total}. "
            f"Hand-made word, computed position."
        )


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
        self.frames = [
            live_frame(self.table, width=2.7, color=ink, linestyle=line)
            for ink, line in ((INK_A, "-"), (INK_B, (0, (2, 1))))
        ]
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
        self._build_clocks(figure)

    def _build_clocks(self, figure):
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
        return {
            "vectors": vectors,  # (positions, d_model)
            "clocks": clocks,  # which pairs of columns are shown
            "turns": turns,  # by what angle each pair turns from first to second
            "fit": vectors @ vectors[0] / pairs,  # (positions,): share of the largest dot product
            "dot": float(vectors[first] @ vectors[second]),
        }

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
        for frame, row in zip(self.frames, rows, strict=True):
            frame.around(left, row - 0.5, right - left, 1)
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
            *self.frames, *self.letters, self.spot, self.spot_text,
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
        return {
            "words": words,
            "order": order,  # which word stands in each place after the shuffle
            "written": written,  # (seq_len, d_model), attention's output as written
            "shuffled": shuffled,  # (seq_len, d_model)
            "moved": moved,  # (seq_len,): largest change of each word's row, words as written
            "mean_moved": float(np.abs(shuffled.mean(axis=0) - written.mean(axis=0)).max()),
        }

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
        shares = {"ylim": (0, 1.04), "yticks": [0, 0.5, 1]}
        curve_ax = shares_axes(
            figure, (0.06, 0.4, 0.3, 0.48), title="Right answers, 10 words",
            xlim=(0, 1.03 * experiments.STEPS), xticks=[0, 150, 300], xlabel="step", **shares,
        )  # fmt: skip
        self.bars_ax = shares_axes(figure, (0.43, 0.4, 0.56, 0.48), xlabel="position", **shares)
        self.bars_ax.spines["bottom"].set_visible(False)
        self.bars_ax.tick_params(axis="x", length=0)
        self.bars_title = live_title(self.bars_ax)
        self.curve = LearningCurve(curve_ax)
        self.bars = self.bars_ax.add_collection(LiveBars([], zorder=2), autolim=False)
        self.ceilings = [
            ax.plot([], [], ":", color=palette.INK["input"], linewidth=2.5, zorder=3)[0]
            for ax in (curve_ax, self.bars_ax)
        ]
        figure.text(0.06, 0.17, "dotted: the best guess that knows all words and no order")
        mono = {"family": "DejaVu Sans Mono", "size": 11.25}
        self.example = [figure.text(0.06, y, "", **mono) for y in (0.09, 0.02)]

    def compute(self, task, positions, seq_len, moment):
        values, longer = {"task": task, "positions": positions}, seq_len - experiments.SEQ_LEN
        found = self.result(values)
        learning = self.learning(values, None if longer else moment)  # longer ones: at the end
        by_place = found["by_place"][learning["shown"]]
        if longer:
            by_place = found["by_length"][longer] if "by_length" in found else [np.nan]
        return learning | {
            # (seq_len,): share of right answers, NaN where none is asked for, or none known yet
            "by_place": np.asarray(by_place, float)[:seq_len],
            "ceiling": experiments.ceiling(task, seq_len),  # of the best guess without order
        }

    def structure(self, result):
        return result.task, result.seq_len

    def arrange(self, result):
        self.bars_ax.set(xlim=(-0.7, result.seq_len - 0.3), xticks=range(result.seq_len))
        words, asked = experiments.example(result.task)
        self.example[0].set_text(f"sentence  {words}")
        self.example[1].set_text(f"answers   {asked}   {experiments.TASKS[result.task]}")

    def draw(self, result):
        ceilings = experiments.ceiling(result.task, experiments.SEQ_LEN), result.ceiling
        starts, ends = (0, -0.5), (experiments.STEPS, result.seq_len - 0.5)
        for line, height, start, end in zip(self.ceilings, ceilings, starts, ends, strict=True):
            line.set_data([start, end], [height, height])
        self.bars.set_heights(result.by_place, width=0.72)
        self.bars.set_facecolor(palette.FILL["position" if result.positions else "quiet"])
        self.bars_title.set_text(
            f"By position, {result.seq_len} words, {'with' if result.positions else 'without'} "
            f"positions" + (" …" if np.isnan(result.by_place).all() else "")
        )
        return [*self.curve.draw(result), self.bars, *self.ceilings, self.bars_title]

    def describe(self, result):
        text = (
            f"Trained ({result.origin}), {experiments.order_name(result.task, result.positions)}, "
            f"step {result.steps[result.shown]}: "
        )
        asked = result.by_place[np.isfinite(result.by_place)]
        if not len(asked):
            return f"{text}longer sentences are tested when the training is done."
        spread = f" ({asked.min():.2f} to {asked.max():.2f} by position)" if len(asked) > 1 else ""
        return (
            f"{text}{asked.mean():.2f} of the answers on {result.seq_len} words are right{spread}; "
            f"the best blind guess reaches {result.ceiling:.2f}."
        )


READER_STYLE = {  # as in the picture of the influence of the first word
    "attention": {"color": palette.INK["z"], "ls": "--", "marker": "s", "label": "attention"},
    "RNN": {"color": palette.INK["input"], "ls": "-", "marker": "o", "label": "RNN"},
    "RNN, orthogonal start": {
        "color": palette.INK["quiet"], "ls": ":", "marker": "^", "label": "RNN, orthogonal start",
    },
}  # fmt: skip


class RecallExplorer(LearntExplorer):
    """Three readers that must name the first word after the last: by length, and as they learn."""

    columns = 2
    way, along, styles, places = "reader", "seq_len", READER_STYLE, experiments.RECALL_LENGTHS
    n_steps, guess = experiments.STEPS, 1 / experiments.VOCAB
    at_end = {"xlim": (0, 42), "xlabel": "words in the sentence"}

    def make_controls(self):
        return {
            "reader": explorer.menu("Reader", "RNN", list(experiments.READERS)),
            "seq_len": explorer.choice_slider("Words", 10, list(experiments.RECALL_LENGTHS)),
        }

    def run_name(self, values):
        return experiments.recall_name(values["reader"], values["seq_len"])

    def heading(self, result):
        return f"Right answers, {result.seq_len} words"

    def structure(self, result):
        return result.seq_len

    def arrange(self, result):
        """Show the ends up to the chosen length, so that longer sentences can be guessed."""
        count = self.places.index(result.seq_len) + 1
        ends = {way: found[:count] for way, found in result.ends.items()}
        self.ends.draw(self.places[:count], ends)

    def describe(self, result):
        curves = dict(result.curves)
        steps, own = curves.pop(result.reader)
        others = ", ".join(f"{name} {shares[-1]:.2f}" for name, (_, shares) in curves.items())
        return (
            f"Trained ({result.origin}), {result.seq_len} words: after {steps[-1]} steps "
            f"{result.reader} names the first word in {own[-1]:.2f} of the sentences; "
            f"{others}; a guess 0.12."
        )
