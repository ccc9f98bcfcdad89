"""Explorer of notebook 00: one query word asks all words, and one number of z is spelt out."""

from typing import NamedTuple

import numpy as np

from helpers import self_attention
from helpers import words as lesson_words
from helpers.drawing import arrays, palette
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.numbers import signed
from helpers.explorers import explorer
from helpers.explorers.choices import numbered

D_MODEL = 4
MOST_WORDS = 8
MOST_TERMS = 4  # of a sum, in one line
MOST_LINES = 7


class Result(NamedTuple):
    words: list  # seq_len words
    trace: self_attention.SelfAttentionTrace
    weights: np.ndarray  # (seq_len, seq_len), with or without the scale
    query: int
    key: int
    scale: float
    scaled: bool


def sum_of_products(name, one, other):
    """Return "name = a·b + c·d + … = total", in two lines where the sum is long."""
    terms = [f"{signed(a)}·{signed(b)}" for a, b in zip(one, other, strict=True)]
    lines = [f"{name} = {' + '.join(terms[:MOST_TERMS])}"]
    if terms[MOST_TERMS:]:
        lines.append(f"     + {' + '.join(terms[MOST_TERMS:])}")
    lines[-1] += f" = {signed(one @ other)}"
    return lines


class SelfAttentionExplorer(explorer.Explorer):
    """One head over a typed sentence, with random W_q, W_k, W_v drawn from the seed."""

    size = (864, 422)
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
        self.grid = figure.add_axes((0.165, 0.47, 0.25, 0.43))
        self.grid_image = live_matrix(self.grid, "weights")
        self.grid.set_xlabel("keys: looked at", color=palette.INK["key"])
        self.grid.set_ylabel("queries: looking", color=palette.INK["query"])
        self.grid.yaxis.set_label_coords(-0.145 / 0.25, 0.5)  # left of the longest word
        self.grid.set_title("Weights: each row sums to 1")
        (self.row_frame,) = self.grid.plot(
            [], [], color=palette.FILL["query"], linewidth=3, clip_on=False
        )

        self.bars_ax = figure.add_axes((0.57, 0.47, 0.37, 0.43))
        self.bars_ax.set(
            xlim=(0, 1.12),
            xticks=[0, 0.25, 0.5, 0.75, 1],
            xlabel="weight: what share of each value is taken",
        )
        self.bars_ax.grid(axis="x")
        self.bars = self.bars_ax.barh(range(MOST_WORDS), [0] * MOST_WORDS, height=0.6)
        self.numbers = [live_text(self.bars_ax, 0, i, va="center") for i in range(MOST_WORDS)]
        self.bars_title = live_title(self.bars_ax)
        self.lines = [live_text(figure, 0.03, 0.29 - 0.045 * i) for i in range(MOST_LINES)]

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
        texts = self.arithmetic(result)
        for line, text in zip(self.lines, texts, strict=False):
            line.set_text(text)
        return [
            self.grid_image, self.row_frame, *self.bars[:count],
            *self.numbers[:count], self.bars_ax.spines["left"],
            self.bars_ax.spines["bottom"], self.bars_title,
            *self.lines[: len(texts)],
        ]  # fmt: skip

    def arithmetic(self, result):
        """Return the way from one query and one key to one number of z, line by line."""
        q, k = result.trace.q[result.query], result.trace.k[result.key]  # each (d_head,)
        asks, offers = (arrays.short(result.words[i]) for i in (result.query, result.key))
        row, values = result.weights[result.query], result.trace.v[:, 0]  # each (seq_len,)
        scores = result.trace.q[result.query] @ result.trace.k.T * result.scale  # (seq_len,)
        seen = ~np.isneginf(result.trace.scores[result.query])  # (seq_len,), False where masked
        total, score = signed(q @ k), signed(scores[result.key])
        how = f"{total} / √{len(q)}" if result.scaled else f"{total}, not scaled"
        if not seen[result.key]:
            how, score = "masked: the key comes later", "−∞"
        return [
            *sum_of_products(f"q({asks}) · k({offers})", q, k),
            f"score = {how} = {score}",
            f"weight = exp({score}) / {np.exp(scores[seen]).sum():.3g} = {row[result.key]:.2f}, "
            "divided by the sum of exp over all scores of the row",
            *sum_of_products("z, first number: weight · value", row, values),
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
