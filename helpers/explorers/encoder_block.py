"""Explorers of notebook 06: a sentence through two blocks, and blocks trained without a part."""

from typing import NamedTuple

import numpy as np

from helpers import encoder_block
from helpers import words as lesson_words
from helpers.drawing import arrays, palette
from helpers.drawing.bars import spans
from helpers.drawing.live_matrix import live_matrix
from helpers.drawing.live_text import live_title
from helpers.explorers import explorer
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence
from helpers.learning.experiments import encoder_block as ablation
from helpers.learning.measures import mean_cosine, rms
from helpers.positional_encoding import sinusoidal

D_MODEL = 8
MOST_WORDS = 5
FULL_COLOUR = 3.0
STOPS = 8
MIDDLES = spans(STOPS).mean(axis=1)  # (STOPS,) where a stop stands from left to right
KINDS = {  # what a stop is called, and the kind whose colour it takes
    "embedding": "input",
    "+ position": "position",
    "attention": "z",
    "add": "input",
    "norm": "norm",
    "feed-forward": "feed_forward",
}

BLOCK_OF_2017 = {
    "positions": True, "skip": True, "norm": "post", "feed_forward": True, "activation": "relu"
}  # fmt: skip


class Stop(NamedTuple):
    name: str
    values: np.ndarray | None  # (seq_len, d_model); None where the part is off


class Result(NamedTuple):
    words: list  # seq_len words
    before: list  # the stops of the block of 2017
    after: list  # the stops of the block with the chosen switches
    switched: list  # what the two differ in, in words


def stops(x, params, n_heads, positions, **switches):
    """Return the stops of one sentence on its way through a block, in order.

    x: (seq_len, d_model), the embeddings; switches go to encoder_block.forward.
    """
    code = sinusoidal(*x.shape) if positions else np.zeros(x.shape)  # (seq_len, d_model)
    trace = encoder_block.forward(x + code, params, n_heads, **switches)
    found = [Stop("embedding", x), Stop("+ position", trace.x if positions else None)]
    for part in trace._fields[1:-1]:  # all between x and out, in computing order
        name = part.rstrip("_12").replace("skip", "add").replace("_", "-")
        record = getattr(trace, part)
        found.append(Stop(name, None if record is None else record.out))
    return found


def said(name, value):
    """Return a switch in words, such as "no skip" or "norm pre"."""
    name = name.replace("_", "-")
    return f"{name} {value}" if value else f"no {name}"


class EncoderBlockExplorer(explorer.Explorer):
    """One sentence through two blocks with the same random parameters: 2017's, and the chosen."""

    size = (864, 422)
    samples = {"words": ["one", "a b c d e", "it costs $5 or $6"]}

    def make_controls(self):
        return {
            "words": explorer.text_field("Words", "Thinking Machines at work"),
            "n_heads": explorer.choice_slider("Heads", 2, [1, 2, 4, 8]),
            "d_ff": explorer.choice_slider("d_ff", 32, [1, 2, 4, 8, 16, 32, 64]),
            "seed": explorer.int_slider("Random seed", 0, 0, 9),
            "norm": explorer.menu("Norm", "post", encoder_block.NORMS),
            "activation": explorer.menu("Activation", "relu", ["relu", "gelu", "none"]),
            "positions": explorer.switch("positions", True),
            "skip": explorer.switch("skip", True),
            "feed_forward": explorer.switch("feed-forward", True),
        }

    def build(self, figure):
        left, width = 0.145, 0.845
        self.rows, self.images, self.names = [], [], []
        for foot, title in ((0.72, "Before: the block of 2017"), (0.42, "After: your block")):
            ax = figure.add_axes((left, foot, width, 0.175))
            ax.spines[:].set_visible(False)
            figure.text(0.008, foot + 0.235, title, weight="bold", size=12)
            self.rows.append(ax)
            self.images.append([live_matrix(ax, limit=FULL_COLOUR) for _ in range(STOPS)])
            self.names.append(
                [
                    ax.text(x, 1.05, "", transform=ax.transAxes, ha="center", size=10)
                    for x in MIDDLES
                ]
            )
        self.offs = [
            ax.text(x, 0.5, "off", transform=ax.transAxes, ha="center", va="center")
            for x in MIDDLES
        ]
        figure.text(
            0.99, 0.955, "blue −3, white 0, red 3", ha="right", size=10, color=palette.INK["quiet"]
        )
        self.charts, self.lines = [], []
        for foot, title in (
            (0.215, "Scale: typical size of the numbers   □ before   ● after"),
            (0.025, "How alike the words are: mean cosine, 1 = same direction"),
        ):
            ax = figure.add_axes((left, foot, width, 0.12))
            ax.set(xlim=(0, 1), xticks=[])
            ax.set_title(title, fontsize=11, pad=5)
            ax.grid(axis="y")
            ax.spines["bottom"].set_visible(False)
            (before,) = ax.plot(
                [], [], "s--", color=palette.INK["quiet"], linewidth=1.5, markersize=9,
                markerfacecolor="white", clip_on=False,
            )  # fmt: skip
            (after,) = ax.plot(
                [], [], "o-", color=palette.FILL["input"], markersize=5, clip_on=False
            )
            self.lines.append((before, after))
            self.charts.append(ax)
        self.charts[1].set(ylim=(-1, 1), yticks=[-1, 0, 1])

    def compute(self, words, n_heads, d_ff, seed, **chosen):
        words = lesson_words.split(words, MOST_WORDS)
        x = lesson_words.embed(words, D_MODEL)  # (seq_len, d_model)
        params = encoder_block.init(D_MODEL, n_heads, d_ff, np.random.default_rng(seed))
        return Result(
            words,
            stops(x, params, n_heads, **BLOCK_OF_2017),
            stops(x, params, n_heads, **chosen),
            [
                said(name, chosen[name])
                for name, value in BLOCK_OF_2017.items()
                if chosen[name] != value
            ],
        )

    def structure(self, result):
        shown = [stop for stop in result.before + result.after if stop.values is not None]
        largest = max(rms(stop.values) for stop in shown)
        after = tuple((stop.name, stop.values is None) for stop in result.after)
        return tuple(result.words), after, int(np.ceil(largest))

    def arrange(self, result):
        count, largest = len(result.words), self.structure(result)[-1]
        for ax, images, names, row in zip(
            self.rows, self.images, self.names, (result.before, result.after), strict=True
        ):
            arrays.label_rows(ax, result.words)
            ax.set(xlim=(0, 1), ylim=(count - 0.5, -0.5))
            for image, name, stop, (left, right) in zip(
                images, names, row, spans(STOPS), strict=True
            ):
                on = stop.values is not None
                image.set_visible(on)
                image.set_extent((left, right, count - 0.5, -0.5))
                name.set_text(stop.name)
                name.set_color(palette.INK[KINDS[stop.name] if on else "quiet"])
                name.set_weight("bold" if on else "normal")
        for off, stop in zip(self.offs, result.after, strict=True):
            off.set_visible(stop.values is None)
        self.charts[0].set(ylim=(0, largest), yticks=[0, largest])

    def draw(self, result):
        shown = [
            (image, stop.values)
            for images, row in zip(self.images, (result.before, result.after), strict=True)
            for image, stop in zip(images, row, strict=True)
            if stop.values is not None
        ]
        live = [image for image, _ in shown]
        numbers = np.concatenate([values for _, values in shown])  # (stops · seq_len, d_model)
        colours = live[0].to_rgba(numbers, bytes=True)  # all at once: sixteen calls are slow
        for image, part in zip(live, np.split(colours, len(live)), strict=True):
            image.set_data(part)
        for measure, lines in zip((rms, mean_cosine), self.lines, strict=True):
            for line, row in zip(lines, (result.before, result.after), strict=True):
                points = [
                    (x, measure(stop.values))
                    for x, stop in zip(MIDDLES, row, strict=True)
                    if stop.values is not None
                ]
                line.set_data(*zip(*points, strict=True))
                live.append(line)
        return live

    def describe(self, result):
        ends = [
            next(stop.values for stop in reversed(row) if stop.values is not None)
            for row in (result.before, result.after)
        ]
        texts = []
        for end in ends:
            text = f"scale {rms(end):.2f}"
            if len(result.words) > 1:
                text += f", words alike {mean_cosine(end):.2f}"
            texts.append(text)
        same = "both rows are the block of 2017"
        return (
            f"Random weights, one block, at its end: before, {texts[0]}; "
            f"after, {texts[1]} ({', '.join(result.switched) or same}). "
            f"Largest difference of a number: {np.abs(ends[0] - ends[1]).max():.2f}."
        )


PART_KINDS = {  # whose colour the bar of a part takes
    "nothing": "quiet",
    "positions": "position",
    "skip": "input",
    "norm": "norm",
    "feed-forward": "feed_forward",
    "heads but one": "z",
}


class Ablation(NamedTuple):
    stack: str
    off: str
    name: str  # of the run
    origin: str
    steps: np.ndarray
    accuracies: np.ndarray
    whole: dict  # the recorded run of the whole: steps, accuracies
    table: list  # one evidence.Measured for each part that may be off
    live: list  # for each of them the accuracy of a run made here, or NaN


class AblationExplorer(LiveExperiment):
    """What a part is worth: the stack trained without it, beside the table."""

    size = (864, 422)
    lesson = "encoder_block"

    def make_controls(self):
        stacks = list(ablation.STACKS)
        return {
            "stack": explorer.menu("Stack", stacks[0], stacks),
            "off": explorer.menu("Switched off", "nothing", list(ablation.PARTS)),
        }

    def run_name(self, values):
        return ablation.name(values["stack"], values["off"])

    def build(self, figure):
        self.curve_ax = figure.add_axes((0.075, 0.14, 0.37, 0.75))
        self.curve_ax.set(ylim=(0, 1.04), yticks=[0, 0.25, 0.5, 0.75, 1], xlabel="training step")
        self.curve_ax.axhline(1 / ablation.VOCAB, color=palette.INK["quiet"], ls=":", lw=1.5)
        self.curve_ax.text(
            0.98, 1 / ablation.VOCAB - 0.055, "guessing", ha="right", size=10,
            color=palette.INK["quiet"], transform=self.curve_ax.get_yaxis_transform(),
        )  # fmt: skip
        self.curve_ax.grid(axis="y")
        self.curve_title = live_title(self.curve_ax)
        (self.whole,) = self.curve_ax.plot([], [], "--", color=palette.INK["quiet"], lw=1.6)
        (self.curve,) = self.curve_ax.plot([], [], color=palette.FILL["input"])
        (self.dot,) = self.curve_ax.plot([], [], "o", color=palette.FILL["input"], clip_on=False)

        self.table_ax = figure.add_axes((0.63, 0.14, 0.35, 0.75))
        rows = range(len(ablation.PARTS))
        self.table_ax.set(
            xlim=(0, 1.02), ylim=(len(rows) - 0.4, -0.6), xticks=[0, 0.5, 1],
            xlabel="share right: mean and range of 5 seeds",
        )  # fmt: skip
        self.table_ax.set_title("Trained without …", fontsize=12)
        self.table_ax.set_yticks(rows, ["(whole)", *list(ablation.PARTS)[1:]])
        self.table_ax.tick_params(axis="y", length=0)
        self.table_ax.grid(axis="x")
        self.table_ax.spines["left"].set_visible(False)
        colours = [palette.FILL[PART_KINDS[off]] for off in ablation.PARTS]
        self.bars = self.table_ax.barh(rows, np.zeros(len(rows)), 0.6, color=colours)
        self.ranges = [  # white below black, to be seen on every colour
            self.table_ax.plot([], [], color=color, lw=width)[0]
            for color, width in (("white", 5), ("#1A1A1A", 2))
        ]
        (self.frame,) = self.table_ax.plot([], [], color="#1A1A1A", lw=2.5)
        (self.diamonds,) = self.table_ax.plot(
            [], [], "D", color="white", markeredgecolor="#1A1A1A", ms=8, clip_on=False
        )

    def compute(self, stack, off):
        values = {"stack": stack, "off": off}
        found, name = self.result(values), self.run_name(values)
        table = evidence.measured(self.lesson)
        names = [ablation.name(stack, part) for part in ablation.PARTS]
        results = map(self.live_result, names)
        live = [result["accuracies"][-1] if result else np.nan for result in results]
        return Ablation(
            stack, off, name, self.origin(values), np.asarray(found["steps"]),
            np.asarray(found["accuracies"], float), self._recorded[names[0]],
            [table[n]["accuracy"] for n in names], live,
        )  # fmt: skip

    def structure(self, result):
        return result.stack

    def arrange(self, result):
        for bar, number in zip(self.bars, result.table, strict=True):
            bar.set_width(number.mean)
        rows = np.arange(len(result.table))
        low, high = np.array([(n.lowest, n.highest) for n in result.table]).T
        gap = np.full(len(rows), np.nan)  # lifts the pen between two rows
        xs = np.stack([low, high, gap], axis=1).ravel()
        for line in self.ranges:
            line.set_data(xs, np.stack([rows, rows, gap], axis=1).ravel())
        n_steps = ablation.STACKS[result.stack]["n_steps"]
        self.curve_ax.set(xlim=(-0.03 * n_steps, 1.03 * n_steps), xticks=[0, n_steps // 2, n_steps])

    def draw(self, result):
        self.curve_title.set_text(result.name)
        self.whole.set_data(result.whole["steps"], result.whole["accuracies"])
        self.curve.set_data(result.steps, result.accuracies)
        self.dot.set_data([result.steps[-1]], [result.accuracies[-1]])
        row = list(ablation.PARTS).index(result.off)
        width = result.table[row].mean
        self.frame.set_data(
            [0.004, width, width, 0.004, 0.004],
            [row - 0.3, row - 0.3, row + 0.3, row + 0.3, row - 0.3],
        )
        self.diamonds.set_data(result.live, range(len(result.live)))
        return [
            self.whole, self.curve, self.dot, self.frame, self.diamonds, self.curve_title,
        ]  # fmt: skip

    def describe(self, result):
        number = result.table[list(ablation.PARTS).index(result.off)]
        return (
            f"Trained weights ({result.origin}), {result.name}: {result.accuracies[-1]:.2f} of the "
            f"answers are right after {result.steps[-1]} steps. {number.seeds} seeds: mean "
            f"{number.mean:.2f}, lowest {number.lowest:.2f}, highest {number.highest:.2f}; the "
            f"whole: {result.table[0].mean:.2f}."
        )
