"""Explorer of notebook 06: one sentence through the block of 2017, and through one of your own."""

from typing import NamedTuple

import numpy as np

from helpers import encoder_block
from helpers.drawing import arrays, palette
from helpers.drawing.live_matrix import live_matrix
from helpers.drawing.multi_head_attention import spans
from helpers.explorers import explorer
from helpers.learning import words as lesson_words
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


def scale(values):
    """Return the typical size of the numbers: the root of their mean square."""
    return float(np.sqrt(np.mean(values**2)))


def alike(values):
    """Return the mean cosine between two different words; NaN for a single word."""
    count = len(values)
    if count == 1:
        return np.nan
    lengths = np.linalg.norm(values, axis=1, keepdims=True)  # (seq_len, 1)
    directions = values / np.maximum(lengths, 1e-12)  # (seq_len, d_model)
    return float(((directions @ directions.T).sum() - (lengths > 1e-12).sum()) / (count**2 - count))


def said(name, value):
    """Return a switch in words, such as "no skip" or "norm pre"."""
    name = name.replace("_", "-")
    return f"{name} {value}" if value else f"no {name}"


class EncoderBlockExplorer(explorer.Explorer):
    """One sentence through two blocks with the same random parameters: 2017's, and the chosen."""

    samples = {"words": ["one", "a b c d e", "it costs $5 or $6"]}

    def make_controls(self):
        controls = {
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
        for name, width in {"norm": 130, "activation": 170}.items():  # so that five fit in a row
            controls[name].layout.width = f"{width}px"
        return controls

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
        largest = max(scale(stop.values) for stop in shown)
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
        for measure, lines in zip((scale, alike), self.lines, strict=True):
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
            text = f"scale {scale(end):.2f}"
            if len(result.words) > 1:
                text += f", words alike {alike(end):.2f}"
            texts.append(text)
        same = "both rows are the block of 2017"
        return (
            f"Random weights, one block, at its end: before, {texts[0]}; "
            f"after, {texts[1]} ({', '.join(result.switched) or same}). "
            f"Largest difference of a number: {np.abs(ends[0] - ends[1]).max():.2f}."
        )
