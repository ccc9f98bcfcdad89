"""Explorer of notebook 03: one word's vector on its way through a layer norm, as bars."""

from typing import NamedTuple

import numpy as np

from helpers import layer_norm, multi_head_attention, skip_connections
from helpers.drawing import palette
from helpers.drawing.layer_norm import live_bars
from helpers.drawing.live_text import live_text
from helpers.explorers import explorer
from helpers.learning import words as lesson_words

D_MODEL, N_HEADS = 4, 2
WORDS = ["Thinking", "Machines", "learn", "slowly"]
PLACES = [("x (pre)", "pre"), ("x + f(x) (post)", "post")]
TINY = [("0", 0.0), ("0.00001", 1e-5), ("0.001", 1e-3), ("0.1", 0.1), ("1", 1.0)]
TICKS = {2.5: 2, 6: 5, 12: 10, 25: 20, 60: 50, 120: 100, 250: 200, 600: 500}
LIMITS = tuple(TICKS)  # what an axis may show, up and down
STAGES = ("1  What comes in", "2  Minus the mean", "3  Divided by std", "4  Times γ, plus β")


class Result(NamedTuple):
    word: str
    place: str
    eps: float
    trace: layer_norm.LayerNormTrace  # of the one word: (1, d_model)
    stages: tuple  # four arrays (d_model,): before, centred, normalized, out


class LayerNormExplorer(explorer.Explorer):
    """Four numbers of one word: before, centred, scaled, and with γ and β."""

    size = (9.0, 4.0)  # three rows of controls stand above it

    def make_controls(self):
        return {
            "word": explorer.menu("Word", 0, [(word, i) for i, word in enumerate(WORDS)]),
            "place": explorer.menu("Norm sees", "pre", PLACES),
            "eps": explorer.choice_slider("ε", 1e-5, TINY),
            "scale": explorer.choice_slider("Times", 1, [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 100]),
            "shift": explorer.choice_slider("Plus", 0, [-100, -10, -3, -1, 0, 1, 3, 7, 10, 100]),
            "outlier": explorer.int_slider("Outlier", 0, 0, 20, 4),
            "gamma": explorer.float_slider("γ", 1.0, 0.0, 3.0, 0.25),
            "beta": explorer.float_slider("β", 0.0, -2.0, 2.0, 0.5),
        }

    def build(self, figure):
        lefts = (0.06, 0.285, 0.552, 0.777)
        self.panels = [figure.add_axes((left, 0.225, 0.208, 0.67)) for left in lefts]
        kinds = ("input", "norm", "norm", "norm")
        for ax, title in zip(self.panels, STAGES, strict=True):
            ax.set(xlim=(-0.55, D_MODEL - 0.45), xticks=range(D_MODEL), title=title)
            ax.set_xticklabels(range(1, D_MODEL + 1))
            ax.set_xlabel("feature")
            ax.tick_params(axis="x", length=0)
            ax.grid(axis="y")
            ax.axhline(0, color=palette.INK["quiet"], linewidth=1, zorder=0.5)
        pairs = zip(self.panels, kinds, strict=True)
        self.bars = [live_bars(ax, kind) for ax, kind in pairs]
        self.numbers = [
            [live_text(ax, i, 0, ha="center", fontsize=10) for i in range(D_MODEL)]
            for ax in self.panels
        ]
        self.moments = [live_text(figure, left, 0.025) for left in lefts]

    def compute(self, word, place, eps, scale, shift, outlier, gamma, beta):
        x = lesson_words.embed(WORDS, D_MODEL)  # (seq_len, d_model)
        if place == "post":
            params = multi_head_attention.init(D_MODEL, N_HEADS, np.random.default_rng(0))
            f_x = multi_head_attention.forward(x, params, N_HEADS).out  # (seq_len, d_model)
            x = skip_connections.forward(x, f_x).out
        seen = x[[word]] * scale + shift  # (1, d_model)
        seen[0, 1] += outlier
        params = {"gamma": np.full(D_MODEL, gamma), "beta": np.full(D_MODEL, beta)}
        trace = layer_norm.forward(seen, params, eps)
        stages = (seen, seen - trace.mean, trace.normalized, trace.out)
        return Result(WORDS[word], place, eps, trace, tuple(stage[0] for stage in stages))

    def structure(self, result):
        """Return two limits: what comes in and the centred share one, the last two the other."""
        limits = []
        for pair in (result.stages[:2], result.stages[2:]):
            far = max(np.abs(stage).max() for stage in pair)
            limits.append(next((limit for limit in LIMITS if limit >= 1.25 * far), LIMITS[-1]))
        return tuple(limits)

    def arrange(self, result):
        first, last = self.structure(result)
        for i, (ax, limit) in enumerate(zip(self.panels, (first, first, last, last), strict=True)):
            tick = TICKS[limit]
            ticks = (-tick, -tick / 2, 0, tick / 2, tick)
            names = [f"{value:g}".replace("-", "−") for value in ticks]
            ax.set(ylim=(-limit, limit))
            ax.set_yticks(ticks, names if i in (0, 2) else [""] * len(ticks))

    def draw(self, result):
        first, last = self.structure(result)
        limits = (first, first, last, last)
        parts = zip(result.stages, limits, self.bars, self.numbers, strict=True)
        for stage, limit, bars, numbers in parts:
            bars.set_heights(stage)
            for value, number in zip(stage, numbers, strict=True):
                number.set_text(written(value))
                number.set_y(value + (0.03 if value >= 0 else -0.13) * limit)
        for stage, moments in zip(result.stages, self.moments, strict=True):
            moments.set_text(moments_of(stage))
        return [*self.bars, *(text for row in self.numbers for text in row), *self.moments]

    def describe(self, result):
        kind = "Hand-made" if result.word in lesson_words.HAND_MADE else "Random"
        seen = {
            "pre": "the norm sees x (pre)",
            "post": "random weights in f, the norm sees x + f(x) (post)",
        }
        return (
            f'{kind} numbers for "{result.word}"; {seen[result.place]}: they come in with '
            f"{moments_of(result.stages[0])}, and leave with {moments_of(result.stages[3])}; "
            f"before γ and β with {moments_of(result.stages[2])} (ε = {result.eps:g})."
        )


def moments_of(stage):
    """Return mean and standard deviation of one word's numbers, as text."""
    return f"mean {written(stage.mean())}, std {written(stage.std(), small=True)}"


def written(value, small=False):
    """Return a number with about three digits, and a zero without a sign."""
    size = round(abs(value), 1)  # 99.96 is written as 100, and gets its digits
    digits = 2 if size < 10 else 1 if size < 100 else 0
    if small and 1e-9 < abs(value) < 0.05:
        digits = 4
    text = f"{value:.{digits}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")
