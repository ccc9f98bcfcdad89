"""Explorer of notebook 00: one query word asks all words, and one score is spelt out."""

from typing import NamedTuple

import numpy as np

from helpers import self_attention
from helpers.drawing import arrays, palette
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.explorers import explorer
from helpers.learning import words as lesson_words

D_MODEL = 4
MOST_WORDS = 8


class Result(NamedTuple):
    words: list  # seq_len words
    trace: self_attention.SelfAttentionTrace
    weights: np.ndarray  # (seq_len, seq_len), with or without the scale
    query: int
    key: int
    scale: float
    scaled: bool


def numbered(words):
    """Return the words as choices, numbered so that a word that comes twice stays two choices."""
    return [(f"{i + 1} {arrays.short(word)}", i) for i, word in enumerate(words)]


class SelfAttentionExplorer(explorer.Explorer):
    """One head over a typed sentence, with random W_q, W_k, W_v drawn from the seed."""

    samples = {"words": ["one", "a b c d e f g h", "the price is $5 not $6"]}

    def make_controls(self):
        return {
            "words": explorer.text_field("Words", "Thinking Machines"),
            "query": explorer.choice_slider("Query word", 0, numbered(["Thinking", "Machines"])),
            "key": explorer.choice_slider("Key word", 1, numbered(["Thinking", "Machines"])),
            "d_head": explorer.choice_slider("d_head", 3, [1, 2, 3, 4, 6, 8]),
            "seed": explorer.int_slider("Random seed", 0, 0, 9),
            "scale": explorer.switch("divide by √d_head", True),
            "causal": explorer.switch("causal mask", False),
        }

    def adapt(self, values):
        try:
            words = lesson_words.split(values["words"], MOST_WORDS)
        except ValueError:
            return  # compute says what is wrong with the line; the choices stay as they are
        explorer.offer(self.controls["query"], numbered(words))
        explorer.offer(self.controls["key"], numbered(words))

    def build(self, figure):
        self.grid = figure.add_axes((0.13, 0.42, 0.26, 0.46))
        self.grid_image = live_matrix(self.grid, "weights")
        self.grid.set_xlabel("keys: looked at", color=palette.INK["key"])
        self.grid.set_ylabel("queries: looking", color=palette.INK["query"])
        self.grid.set_title("Weights: each row sums to 1")
        (self.row_frame,) = self.grid.plot([], [], color=palette.FILL["query"], linewidth=3)

        self.bars_ax = figure.add_axes((0.56, 0.42, 0.38, 0.46))
        self.bars_ax.set(
            xlim=(0, 1.12),
            xticks=[0, 0.25, 0.5, 0.75, 1],
            xlabel="weight: what share of each value is taken",
        )
        self.bars_ax.grid(axis="x")
        self.bars = self.bars_ax.barh(range(MOST_WORDS), [0] * MOST_WORDS, height=0.6)
        self.numbers = [live_text(self.bars_ax, 0, i, va="center") for i in range(MOST_WORDS)]
        self.bars_title = live_title(self.bars_ax)
        self.lines = [live_text(figure, 0.03, 0.21 - 0.057 * i) for i in range(4)]

    def compute(self, words, query, key, d_head, seed, scale, causal):
        words = lesson_words.split(words, MOST_WORDS)
        x = lesson_words.embed(words, D_MODEL)  # (seq_len, d_model)
        params = self_attention.init(D_MODEL, d_head, np.random.default_rng(seed))
        mask = np.tril(np.ones((len(words), len(words)), dtype=bool)) if causal else None
        trace = self_attention.forward(x, params, mask)
        factor = d_head**-0.5 if scale else 1.0
        seen = self_attention.scaled_dot_product_attention(
            trace.q, trace.k, trace.v, mask, scale=factor
        )
        return Result(words, trace, seen.weights, query, key, factor, scale)

    def structure(self, result):
        return tuple(result.words)

    def arrange(self, result):
        words, count = result.words, len(result.words)
        size_matrix(self.grid, self.grid_image, count, count)
        arrays.label_rows(self.grid, words, palette.INK["query"])
        arrays.label_columns(
            self.grid, words if count < 4 else range(1, count + 1), palette.INK["key"]
        )
        arrays.label_rows(self.bars_ax, words, palette.INK["key"])
        self.bars_ax.set_ylim(count - 0.5, -0.5)

    def draw(self, result):
        words, row = result.words, result.weights[result.query]
        count = len(words)
        self.grid_image.set_data(result.weights)
        top, bottom = result.query - 0.5, result.query + 0.5
        left, right = -0.5, count - 0.5
        self.row_frame.set_data([left, right, right, left, left], [top, top, bottom, bottom, top])
        for i in range(count):
            self.bars[i].set_width(row[i])
            self.bars[i].set_color(palette.FILL["key" if i == result.key else "quiet"])
            self.numbers[i].set_text(f"{row[i]:.2f}")
            self.numbers[i].set_x(row[i] + 0.02)
        self.bars_title.set_text(f'What "{arrays.short(words[result.query])}" looks at')
        for line, text in zip(self.lines, self.arithmetic(result), strict=True):
            line.set_text(text)
        return [
            self.grid_image, self.row_frame, *self.bars[:count],
            *self.numbers[:count], self.bars_ax.spines["left"], self.bars_title, *self.lines,
        ]  # fmt: skip

    def arithmetic(self, result):
        """Return the way from one query and one key to one weight, in four lines."""
        q, k = result.trace.q[result.query], result.trace.k[result.key]  # each (d_head,)
        asks, offers = (arrays.short(result.words[i]) for i in (result.query, result.key))
        products = [f"{a:.2f}·{b:.2f}".replace("-", "−") for a, b in zip(q, k, strict=True)]
        weight = result.weights[result.query, result.key]
        masked = np.isneginf(result.trace.scores[result.query, result.key])
        score = f"{q @ k * result.scale:.2f}".replace("-", "−")
        total = f"{q @ k:.2f}".replace("-", "−")
        how = f"{total} / √{len(q)}" if result.scaled else f"{total}, not scaled"
        if masked:
            how, score = "masked: the key comes later", "−∞"
        return [
            f"q({asks}) · k({offers}) = {' + '.join(products[:5])}",
            f"     {'+ ' + ' + '.join(products[5:]) if products[5:] else ''} = {total}",
            f"score = {how} = {score}",
            f"weight = exp({score}) / (sum of exp over the row) = {weight:.2f}",
        ]

    def describe(self, result):
        row = result.weights[result.query]
        strongest = int(row.argmax())
        entropy = float(-(row[row > 0] * np.log(row[row > 0])).sum())
        return (
            f"Random weights, one head of {result.trace.q.shape[-1]}: "
            f'"{result.words[result.query]}" looks {row[strongest]:.2f} at '
            f'"{result.words[strongest]}" and {row[result.key]:.2f} at '
            f'"{result.words[result.key]}"; entropy {abs(entropy):.2f} of at most '
            f"{np.log(len(row)):.2f}."
        )
