"""Explorer of notebook 01: all heads at once, and what the output loses without one of them."""

from typing import NamedTuple

import numpy as np
from matplotlib.collections import PolyCollection

from helpers import multi_head_attention, shapes
from helpers.drawing import arrays, palette
from helpers.drawing.live_matrix import live_matrix
from helpers.drawing.live_text import live_title
from helpers.drawing.multi_head_attention import bar_corners, centres, spans
from helpers.explorers import explorer
from helpers.explorers.self_attention import numbered
from helpers.learning import words as lesson_words

MOST_WORDS = 8
MOST_HEADS = 12
MAP_PIXELS = 712  # the width of all maps together
NONE = -1


class Result(NamedTuple):
    words: list  # seq_len words
    trace: multi_head_attention.MultiHeadAttentionTrace
    query: int
    knocked_out: int  # a head, or NONE
    concat: np.ndarray  # (d_model,)  of the query word, the knocked-out head's slice zero
    out: np.ndarray  # (d_model,)     of the query word, without the knocked-out head


def head_counts(d_model):
    """Return the head counts that divide d_model and still fit side by side."""
    return [n_heads for n_heads in shapes.divisors(d_model) if n_heads <= MOST_HEADS]


def knock_outs(n_heads):
    """Return the heads as choices, and none of them first."""
    return [("none", NONE), *((f"head {i}", i) for i in range(n_heads))]


class MultiHeadAttentionExplorer(explorer.Explorer):
    """All heads over a typed sentence, with random weights from the seed; one can be taken out."""

    samples = {"words": ["one", "a b c d e f g h", "the price is $5 not $6"]}

    def make_controls(self):
        words = "Thinking Machines look at every word"
        return {
            "words": explorer.text_field("Words", words),
            "query": explorer.choice_slider("Query word", 0, numbered(words.split())),
            "d_model": explorer.choice_slider("d_model", 12, [4, 6, 8, 12, 16, 24]),
            "n_heads": explorer.choice_slider("Heads", 4, head_counts(12)),
            "knocked_out": explorer.choice_slider("Knock out", NONE, knock_outs(4)),
            "seed": explorer.int_slider("Random seed", 0, 0, 9),
        }

    def adapt(self, values):
        explorer.offer(self.controls["n_heads"], head_counts(values["d_model"]))
        n_heads = self.controls["n_heads"].value
        if values["knocked_out"] >= n_heads:  # a head that is gone cannot be taken out
            self.controls["knocked_out"].value = NONE
        explorer.offer(self.controls["knocked_out"], knock_outs(n_heads))
        try:
            words = lesson_words.split(values["words"], MOST_WORDS)
        except ValueError:
            return  # compute says what is wrong with the line; the choices stay as they are
        explorer.offer(self.controls["query"], numbered(words))

    def build(self, figure):
        left, width = 1 - (MAP_PIXELS + 16) / 864, MAP_PIXELS / 864
        self.maps = figure.add_axes((left, 0.59, width, 0.34))
        self.maps.spines[:].set_visible(False)
        self.maps.set_xlim(0, 1)
        self.maps.tick_params(length=0)
        self.images = [live_matrix(self.maps, "weights") for _ in range(MOST_HEADS)]
        self.names = [
            self.maps.text(
                0, 1.03, f"head {i}", transform=self.maps.get_xaxis_transform(),
                ha="center", weight="bold", size=10, color=palette.INK["z"],
            )
            for i in range(MOST_HEADS)
        ]  # fmt: skip
        for x, y, text, kind in (
            (0.008, 0.95, "queries ↓", "query"),
            (0.008, 0.551, "keys →", "key"),
        ):
            figure.text(x, y, text, color=palette.INK[kind], size=10)
        (self.rows,) = self.maps.plot(
            [], [], color=palette.FILL["query"], linewidth=2.5, clip_on=False
        )
        (self.cross,) = self.maps.plot(
            [], [], color=palette.FILL["input"], linewidth=3, clip_on=False
        )

        self.concat = figure.add_axes((left, 0.305, width, 0.165))
        self.out = figure.add_axes((left, 0.03, width, 0.165))
        self.bars, self.outlines = [], []
        for ax in (self.concat, self.out):
            ax.set(xlim=(-0.004, 1.004), xticks=[])
            ax.grid(axis="y")
            ax.spines["bottom"].set_visible(False)
            bars = PolyCollection([], facecolor=palette.FILL["z"], edgecolor="none", zorder=2)
            outlines = PolyCollection(
                [], facecolor="none", edgecolor=palette.FILL["input"], linewidth=1.2, zorder=3
            )
            self.bars.append(ax.add_collection(bars, autolim=False))
            self.outlines.append(ax.add_collection(outlines, autolim=False))
        self.titles = [live_title(self.concat), live_title(self.out)]

    def compute(self, words, query, d_model, n_heads, knocked_out, seed):
        words = lesson_words.split(words, MOST_WORDS)
        x = lesson_words.embed(words, d_model)  # (seq_len, d_model)
        params = multi_head_attention.init(d_model, n_heads, np.random.default_rng(seed))
        trace = multi_head_attention.forward(x, params, n_heads)
        heads = trace.heads[:, query].copy()  # (n_heads, d_head)
        if knocked_out != NONE:
            heads[knocked_out] = 0
        concat = heads.ravel()  # (d_model,)
        out = concat @ params["W_o"] + params["b_o"]  # (d_model,)
        return Result(words, trace, query, knocked_out, concat, out)

    def structure(self, result):
        longest = max(np.abs(result.trace.concat).max(), np.abs(result.trace.out).max())
        return tuple(result.words), len(result.trace.heads), int(np.ceil(longest))

    def arrange(self, result):
        words, n_heads, longest = self.structure(result)
        count = len(words)
        for ax in (self.concat, self.out):
            ax.set(ylim=(-1.02 * longest, 1.02 * longest), yticks=[-longest, 0, longest])
        arrays.label_rows(
            self.maps, [f"{i + 1} {arrays.short(word)}" for i, word in enumerate(words)],
            palette.INK["query"],
        )  # fmt: skip
        for i, (image, name) in enumerate(zip(self.images, self.names, strict=True)):
            name.set_visible(i < n_heads)
            image.set_visible(i < n_heads)
            if i < n_heads:
                start, end = spans(n_heads)[i]
                image.set_extent((start, end, count - 0.5, -0.5))
                name.set_x((start + end) / 2)
                name.set_text(f"head {i}" if i == 0 or n_heads <= 8 else i)  # 12 names would touch
        self.maps.set(xlim=(0, 1), ylim=(count - 0.5, -0.5))
        cell = MAP_PIXELS / n_heads / count
        shown = range(count) if cell >= 15 else (0, count - 1)
        self.maps.set_xticks(
            centres(n_heads, count)[:, list(shown)].ravel(),
            [str(i + 1) for i in shown] * n_heads,
            color=palette.INK["key"],
        )

    def draw(self, result):
        n_heads, count, d_head = result.trace.heads.shape
        for image, weights in zip(self.images, result.trace.weights, strict=False):
            image.set_data(weights)
        edges = spans(n_heads)
        top, bottom = result.query - 0.5, result.query + 0.5
        left, right = edges.T
        gap = np.full(n_heads, np.nan)  # lifts the pen between two heads
        self.rows.set_data(
            np.stack([left, right, right, left, left, gap], axis=1).ravel(),
            np.tile([top, top, bottom, bottom, top, np.nan], n_heads),
        )
        if result.knocked_out == NONE:
            self.cross.set_data([], [])
        else:
            left, right = edges[result.knocked_out]
            self.cross.set_data(
                [left, right, np.nan, left, right],
                [-0.5, count - 0.5, np.nan, count - 0.5, -0.5],
            )
        before = (result.trace.heads[:, result.query], result.trace.out[None, result.query])
        after = (result.concat.reshape(n_heads, d_head), result.out[None])
        for bars, outlines, was, now in zip(self.bars, self.outlines, before, after, strict=True):
            bars.set_verts(bar_corners(now))
            outlines.set_verts(bar_corners(was))
        word = arrays.short(result.words[result.query])
        changed = result.knocked_out != NONE
        self.titles[0].set_text(
            f'concat: what each head found for "{word}"'
            + (f", head {result.knocked_out} set to 0" if changed else "")
        )
        self.titles[1].set_text(
            "out = concat · W_o"
            + (
                f": filled without head {result.knocked_out}, outlined with it"
                if changed
                else ": each number mixes all heads"
            )
        )
        return [
            *self.images[:n_heads], self.rows, self.cross, *self.bars, *self.outlines,
            *self.titles,
        ]  # fmt: skip

    def describe(self, result):
        n_heads, seq_len, d_head = result.trace.heads.shape
        rows = result.trace.weights[:, result.query]  # (n_heads, seq_len)
        head, key = np.unravel_index(rows.argmax(), rows.shape)
        text = (
            f"Random weights, {n_heads} {'heads' if n_heads > 1 else 'head'} of {d_head}: "
            f'"{result.words[result.query]}" looks hardest at "{result.words[key]}", '
            f"{rows[head, key]:.2f} in head {head}; favourites of some head: "
            f"{len(set(rows.argmax(axis=1).tolist()))} of {seq_len} words."
        )
        if result.knocked_out == NONE:
            return text
        change = np.abs(result.trace.out[result.query] - result.out)  # (d_model,)
        return (
            f"{text} Without head {result.knocked_out}, {(change > 0).sum()} of {len(change)} "
            f"numbers of its output change, the largest by {change.max():.2f}."
        )
