"""Explorers of notebook 00: the sheet with all numbers, and random matrices of any width."""

import numpy as np

from helpers import self_attention
from helpers import words as lesson_words
from helpers.drawing import arrays, numbers, palette
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.self_attention import AttentionSheet, shares_text
from helpers.drawing.sheet import live_frame
from helpers.explorers import explorer
from helpers.explorers.choices import numbered, offer_words
from helpers.learning.experiments.self_attention import entropy
from helpers.words import FEATURES

FAMOUS = "The animal did not cross the street because it was too tired"
NATIVE = 2  # d_head of the hand-made matrices
D_HEADS = [2, 8, 32, 128]  # such that the scores grow by 1, 2, 4, 8
WIDTHS = [1, 2, 4, 8, 16, 32, 64, 128]  # of random matrices


def features(words, thing=2, action=1):
    """Return four numbers per word, all 0, 1 or 2: (seq_len, 4), float64.

    Those of the two words are hand-made; thing is that of "Machines", action that of "Thinking".
    Those of other words are random, drawn from their letters.
    """
    x = np.minimum(np.abs(lesson_words.named(words)).round(), 2)
    for i, word in enumerate(words):
        if word == "Machines":
            x[i, FEATURES.index("thing")] = thing
        if word == "Thinking":
            x[i, FEATURES.index("action")] = action
    return x


class SelfAttentionExplorer(explorer.Explorer):
    """The way of one query word through attention, with hand-made W_q, W_k and W_v."""

    drawing = AttentionSheet
    holds = True
    samples = {"words": ["one", "Thinking Machines look up", FAMOUS, "the price is $5 not $6"]}

    def make_controls(self):
        return {
            "words": explorer.span(explorer.text_field("Words", "Thinking Machines"), 1),
            "action": explorer.int_slider("Thinking: action", 1, 0, 2),
            "thing": explorer.int_slider("Machines: thing", 2, 0, 2),
            "query": explorer.choice_slider("Query", 0, numbered(["Thinking", "Machines"])),
            "d_head": explorer.choice_slider("d_head", NATIVE, D_HEADS),
            "scale": explorer.switch("divide by √d_head", True),
        }

    def adapt(self, values):
        offer_words(self.controls["query"], values["words"])

    def compute(self, words, action, thing, query, d_head, scale):
        words = lesson_words.split(words)
        x = features(words, thing, action)  # (seq_len, 4)
        trace = self_attention.forward(x, lesson_words.hand_made_attention())
        q = trace.q * np.sqrt(d_head / NATIVE)  # (seq_len, 2)
        factor = d_head**-0.5 if scale else 1.0
        seen = self_attention.scaled_dot_product_attention(q, trace.k, trace.v, scale=factor)
        return {
            "words": words,
            "x": x,
            "q": q,  # as long as a query of d_head numbers makes the scores
            "k": trace.k,  # (seq_len, 2)
            "v": trace.v,  # (seq_len, 2)
            "products": q @ trace.k.T,  # (seq_len, seq_len)
            **seen._asdict(),  # scores, divided or not, weights and out
        }

    def structure(self, result):
        return tuple(result.words), result.query

    def draw(self, result):
        return self.picture.draw(result, self.held)

    def describe(self, result):
        asks, row = result.words[result.query], result.weights[result.query]
        thing, alive = map(numbers.brief, result.q[result.query])
        new, living = map(numbers.brief, result.out[result.query])
        best = int(row.argmax())
        product = numbers.brief(result.products[result.query, best])
        alike = np.isclose(row, row.max()).sum()
        if alike == 1:
            share = shares_text(row)[best]
            favourite = f'"{result.words[best]}" fits best, q·k = {product}, and gets {share}.'
        else:
            favourite = f"{alike} words fit best, q·k = {product}, and get {row[best]:.2f} each."
        known = all(word in lesson_words.NAMED for word in result.words)
        others = "" if known else " Other words have random numbers."
        return (
            f'Hand-made matrices.{others} "{asks}" asks for thing {thing}, alive {alive}. '
            f"{favourite} z is new {new}, alive {living}."
        )


class RandomAttentionExplorer(explorer.Explorer):
    """Where words look with random W_q and W_k of any width, with and without the division."""

    columns = 4
    samples = {"words": ["one", FAMOUS]}

    def make_controls(self):
        words = "Thinking Machines look at every word"
        return {
            "words": explorer.text_field("Words", words),
            "query": explorer.menu("Query", 0, numbered(words.split())),
            "d_head": explorer.choice_slider("d_head", 2, WIDTHS),
            "seed": explorer.int_slider("Seed", 0, 0, 9),
            "scale": explorer.switch("divide by √d_head", True),
            "causal": explorer.switch("causal mask", False),
        }

    def adapt(self, values):
        offer_words(self.controls["query"], values["words"])

    def build(self, figure):
        self.grid = figure.add_axes((0.16, 0.15, 0.27, 0.7))
        self.grid_image = live_matrix(self.grid, "weights")
        self.grid.set_title("Weights: each row sums to 1")
        self.row_frame = live_frame(self.grid, "query", 3)
        self.bars_ax = figure.add_axes((0.6, 0.15, 0.34, 0.7))
        self.bars_ax.set(xlim=(0, 1.15), xticks=[0, 0.25, 0.5, 0.75, 1])
        self.bars_ax.grid(axis="x")
        self.bars = self.bars_ax.barh(
            range(lesson_words.MAX_WORDS), 0, height=0.6, color=palette.FILL["key"]
        )
        self.numbers = [
            live_text(self.bars_ax, 0, i, va="center") for i in range(lesson_words.MAX_WORDS)
        ]
        self.bars_title = live_title(self.bars_ax)
        self.mean = live_text(figure, 0.16, 0.02)

    def compute(self, words, query, d_head, seed, scale, causal):
        words = lesson_words.split(words)
        x = lesson_words.named(words)  # (seq_len, 4)
        drawn = np.random.default_rng(seed).standard_normal((2, x.shape[1], WIDTHS[-1]))
        # A wider head keeps the columns of a narrower one.
        q, k = x @ drawn[..., :d_head] / np.sqrt(x.shape[1])  # (2, seq_len, d_head)
        mask = np.tril(np.ones((len(words), len(words)), bool)) if causal else None
        factor = d_head**-0.5 if scale else 1.0
        weights = self_attention.scaled_dot_product_attention(q, k, x, mask, factor).weights
        largest = weights.max(axis=1).mean()  # of each row, their mean
        return {"words": words, "weights": weights, "largest": largest}

    def structure(self, result):
        return tuple(result.words)

    def arrange(self, result):
        count = len(result.words)
        size_matrix(self.grid, self.grid_image, count, count)
        arrays.label_rows(self.grid, result.words, palette.INK["query"])
        arrays.label_columns(self.grid, range(count), palette.INK["key"])
        arrays.label_rows(
            self.bars_ax, [f"{i} {word}" for i, word in enumerate(result.words)], palette.INK["key"]
        )
        self.bars_ax.set_ylim(count - 0.5, -0.5)

    def draw(self, result):
        row, count = result.weights[result.query], len(result.words)
        self.grid_image.set_data(result.weights)
        self.row_frame.around(-0.5, result.query - 0.5, count, 1)
        for bar, number, weight in zip(self.bars, self.numbers, row, strict=False):
            bar.set_width(weight)
            number.set_text(f"{weight:.2f}")
            number.set_x(weight + 0.02)
        self.bars_title.set_text(f'What "{arrays.short(result.words[result.query])}" looks at')
        self.mean.set_text(f"largest of each row, mean: {result.largest:.2f}")
        return [
            self.grid_image, self.row_frame, *self.bars[:count], *self.numbers[:count],
            self.bars_ax.spines["left"], self.bars_ax.spines["bottom"], self.bars_title,
            self.mean,
        ]  # fmt: skip

    def describe(self, result):
        row, count = result.weights[result.query], len(result.words)
        how = f"divided by √{result.d_head}" if result.scale else "not divided"
        return (
            f"Random matrices, d_head {result.d_head}, {how}. "
            f'"{result.words[result.query]}" gives at most {row.max():.2f}, to '
            f'"{result.words[row.argmax()]}". Mean over all queries: largest weight '
            f"{result.largest:.2f}, entropy {entropy(result.weights):.2f} "
            f"of at most {np.log(count):.2f}."
        )
