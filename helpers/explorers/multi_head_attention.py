"""Explorers of notebook 01: random heads on a sentence, and heads that learn their look-ups."""

from typing import NamedTuple

import numpy as np

from helpers import checks, multi_head_attention
from helpers import words as lesson_words
from helpers.drawing import arrays, palette
from helpers.drawing.bars import centres, live_bars, live_outlines, spans
from helpers.drawing.live_matrix import live_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.explorers import explorer
from helpers.explorers.choices import numbered
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning.experiments import multi_head_attention as look_ups

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
    return [n_heads for n_heads in checks.divisors(d_model) if n_heads <= MOST_HEADS]


def knock_outs(n_heads):
    """Return the heads as choices, and none of them first."""
    return [("none", NONE), *((f"head {i}", i) for i in range(n_heads))]


class MultiHeadAttentionExplorer(explorer.Explorer):
    """All heads over a typed sentence, with random weights from the seed; one can be taken out."""

    size = (864, 422)
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
            self.bars.append(live_bars(ax, "z"))
            self.outlines.append(live_outlines(ax))
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
            bars.set_head_heights(now)
            outlines.set_head_heights(was)
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


class LookUps(NamedTuple):
    names: tuple  # the look-ups
    steps: np.ndarray  # (snapshots,)  training steps done
    accuracies: np.ndarray  # (snapshots,)
    shown: int  # the snapshot that is looked at
    right: np.ndarray  # (n_look_ups,)  share of right answers at that snapshot
    without: np.ndarray | None  # (n_look_ups,)  the same without the knocked-out head
    knocked_out: int  # a head, or NONE
    weights: np.ndarray  # (n_heads, seq_len, seq_len)  mean over sentences
    on_look_ups: np.ndarray  # (n_heads, n_look_ups)  weight of each head on each look-up
    origin: str


LOOK_UPS_WIDTH, LOOK_UPS_HEIGHT = 0.59 * 864, 0.93 * 422  # pixels of the frame of all maps


def grid(n_heads):
    """Return left, right, foot and top of each head's map, on a unit square: (n_heads, 4)."""
    columns = {1: 1, 2: 2, 4: 2, 8: 4}[n_heads]
    rows = n_heads // columns
    width, height = 1 / columns, 1 / rows
    side = {1: 0.65, 2: 0.44, 4: 0.29, 8: 0.225}[n_heads]  # of a map, as a share of the width
    tall = side * LOOK_UPS_WIDTH / LOOK_UPS_HEIGHT
    places = []
    for head in range(n_heads):
        row, column = divmod(head, columns)
        left, top = column * width, 1 - row * height - 0.07
        places.append((left, left + side, top - tall, top))
    return np.array(places)


class LookUpsExplorer(LiveExperiment):
    """Trained heads: which look-up each of them took over, and what breaks without it."""

    size = (864, 422)
    lesson = "multi_head_attention"

    def make_controls(self):
        return {
            "n_look_ups": explorer.choice_slider("Look-ups", 2, list(look_ups.STEPS)),
            "n_heads": explorer.choice_slider("Heads", 2, list(look_ups.HEAD_COUNTS)),
            "moment": explorer.int_slider("Moment of training", 20, 1, 20),
            "knocked_out": explorer.choice_slider("Knock out", NONE, knock_outs(2)),
        }

    def adapt(self, values):
        if values["knocked_out"] >= values["n_heads"]:
            self.controls["knocked_out"].value = NONE
        explorer.offer(self.controls["knocked_out"], knock_outs(values["n_heads"]))

    def run_name(self, values):
        return look_ups.name(values["n_look_ups"], values["n_heads"])

    def build(self, figure):
        self.curve_ax = figure.add_axes((0.075, 0.575, 0.275, 0.335))
        self.curve_ax.set(ylim=(0, 1.04), yticks=[0, 0.5, 1], title="Right answers, by step")
        self.curve_ax.grid(axis="y")
        (self.curve,) = self.curve_ax.plot([], [], color=palette.FILL["input"])
        (self.dot,) = self.curve_ax.plot(
            [], [], "o", color=palette.FILL["input"], ms=8, clip_on=False
        )
        self.bar_ax = figure.add_axes((0.075, 0.1, 0.275, 0.29))
        self.bar_ax.set(ylim=(0, 1.04), yticks=[0, 0.5, 1])
        self.bar_ax.grid(axis="y")
        self.bar_ax.spines["bottom"].set_visible(False)
        self.bar_title = live_title(self.bar_ax)
        self.bars = [live_bars(self.bar_ax, "z"), live_outlines(self.bar_ax)]
        self.maps = figure.add_axes((0.405, 0.02, 0.59, 0.93))
        self.images = [live_matrix(self.maps, "weights") for _ in range(max(look_ups.HEAD_COUNTS))]
        self.maps.set(xlim=(0, 1), ylim=(0, 1))
        for x, text, kind in (
            (0.405, "rows: the word that asks", "query"),
            (0.62, "columns: the word it looks at", "key"),
        ):
            figure.text(x, 0.015, text, size=10, color=palette.INK[kind])
        self.names = [
            live_text(self.maps, 0, 0, size=10, weight="bold", color=palette.INK["z"])
            for _ in self.images
        ]

    def compute(self, n_look_ups, n_heads, moment, knocked_out):
        values = {"n_look_ups": n_look_ups, "n_heads": n_heads}
        found, training = self.result(values), self.is_training(values)
        shown = len(found["steps"]) - 1
        if not training:
            shown = min(moment - 1, shown)
        right = found["by_look_up"][shown]
        without = None
        if knocked_out != NONE and "without_head" in found:
            without, shown = found["without_head"][knocked_out], len(found["steps"]) - 1
            right = found["by_look_up"][shown]
        weights = np.asarray(found["weights"][shown], float)
        asked = np.arange(2, look_ups.SEQ_LEN - 2)  # where all look-ups are different words
        sources = look_ups.look_up_places(n_look_ups)[asked]  # (asked, n_look_ups)
        on_look_ups = weights[:, asked[:, None], sources].mean(axis=1)  # (n_heads, n_look_ups)
        return LookUps(
            look_ups.LOOK_UPS[:n_look_ups], np.asarray(found["steps"]),
            np.asarray(found["accuracies"], float), shown, np.asarray(right, float), without,
            knocked_out, weights, on_look_ups, self.origin(values),
        )  # fmt: skip

    def structure(self, result):
        return len(result.names), len(result.weights)

    def arrange(self, result):
        last = look_ups.STEPS[len(result.names)]
        self.curve_ax.set(xlim=(0, 1.03 * last), xticks=[0, last // 2, last])
        self.bar_ax.set(xlim=(-0.6, len(result.names) - 0.4))
        self.bar_ax.set_xticks(range(len(result.names)), result.names)
        places = grid(len(result.weights))
        for head, (image, name) in enumerate(zip(self.images, self.names, strict=True)):
            image.set_visible(head < len(places))
            name.set_visible(head < len(places))
            if head < len(places):
                left, right, foot, top = places[head]
                image.set_extent((left, right, foot, top))
                name.set_position((left, top + 0.02))

    def draw(self, result):
        self.curve.set_data(result.steps, result.accuracies)
        self.dot.set_data([result.steps[result.shown]], [result.accuracies[result.shown]])
        x = np.arange(len(result.names))
        now = result.right if result.without is None else result.without
        for bars, heights in zip(self.bars, (now, result.right), strict=True):
            zero = np.zeros(len(x))
            xs = np.stack([x - 0.33, x - 0.33, x + 0.33, x + 0.33], axis=-1)
            ys = np.stack([zero, heights, heights, zero], axis=-1)
            bars.set_verts(np.stack([xs, ys], axis=-1))
        if result.without is None:
            self.bar_title.set_text("Right answers, by look-up")
        else:
            self.bar_title.set_text(f"… without head {result.knocked_out}")
        n_heads = len(result.weights)
        for head, (image, name) in enumerate(
            zip(self.images[:n_heads], self.names[:n_heads], strict=True)
        ):
            image.set_data(result.weights[head])
            best = result.on_look_ups[head].argmax()
            called = f"head {head}" if n_heads <= 4 else head  # eight full names would touch
            name.set_text(f"{called}: {result.names[best]} {result.on_look_ups[head, best]:.2f}")
        return [
            self.curve, self.dot, *self.bars, self.bar_title,
            *self.images[:n_heads], *self.names[:n_heads],
        ]  # fmt: skip

    def describe(self, result):
        n_heads, n_look_ups = result.on_look_ups.shape
        head, look_up = np.unravel_index(result.on_look_ups.argmax(), result.on_look_ups.shape)
        text = (
            f"Trained weights ({result.origin}), {look_ups.name(n_look_ups, n_heads)}, after "
            f"{result.steps[result.shown]} steps: {result.right.mean():.2f} of the answers are "
            f"right; most faithful is head {head}, {result.on_look_ups[head, look_up]:.2f} of its "
            f'weight on "{result.names[look_up]}".'
        )
        if result.knocked_out == NONE:
            return text
        if result.without is None:
            return f"{text} What breaks without a head is measured when the training is done."
        shares = ", ".join(
            f"{name} {share:.2f}" for name, share in zip(result.names, result.without, strict=True)
        )
        return f"{text} Without head {result.knocked_out}: {shares}."
