"""Explorers of notebook 03: one word in a layer norm, learning rates, and a sentence's company."""

from typing import NamedTuple

import numpy as np

from helpers import layer_norm, multi_head_attention, skip_connections
from helpers import words as lesson_words
from helpers.drawing import palette
from helpers.drawing.bars import live_bars, live_outlines
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.marks import ABOVE, NORM_NAMES, NORM_STYLE, chosen_ring, seed_dots
from helpers.drawing.numbers import written
from helpers.explorers import explorer
from helpers.explorers.choices import NORM_CHOICES
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence, first_word
from helpers.learning.experiments import layer_norm as experiments
from helpers.self_attention import softmax

D_MODEL, N_HEADS = 4, 2
WORDS = ["Thinking", "Machines", "learn", "slowly"]
SEEN = [("x (pre)", "pre"), ("x + f(x) (post)", "post")]
TINY = [("0", 0.0), ("0.00001", 1e-5), ("0.001", 1e-3), ("0.1", 0.1), ("1", 1.0)]
TICKS = {2.5: 2, 6: 5, 12: 10, 25: 20, 60: 50, 120: 100, 250: 200, 600: 500}
LIMITS = tuple(TICKS)  # what an axis may show, up and down
GOOD = 0.9  # a share of right answers that counts as learnt
STAGES = ("1  What comes in", "2  Minus the mean", "3  Divided by std", "4  Times γ, plus β")


class Result(NamedTuple):
    word: str
    place: str
    eps: float
    trace: layer_norm.LayerNormTrace  # of the one word: (1, d_model)
    stages: tuple  # four arrays (d_model,): before, centred, normalized, out


class LayerNormExplorer(explorer.Explorer):
    """Four numbers of one word: before, centred, scaled, and with γ and β."""

    size = (864, 384)  # three rows of controls stand above it

    def make_controls(self):
        return {
            "word": explorer.menu("Word", 0, [(word, i) for i, word in enumerate(WORDS)]),
            "place": explorer.menu("Norm sees", "pre", SEEN),
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


class Rates(NamedTuple):
    norm: str  # that is asked for
    rate: float
    warmup: int
    curves: dict  # {norm: (steps, shares of right answers)} at this rate
    ends: dict  # {norm: (rates, seeds)} what each rate reached, by the table
    origin: str


class RatesExplorer(LiveExperiment):
    """Learning rates: with which of them a stack learns, with and without norms."""

    lesson = "layer_norm"
    size = (864, 346)

    def make_controls(self):
        rates = [(f"{rate:g}", rate) for rate in experiments.RATES]
        return {
            "norm": explorer.menu("Norm", "pre", NORM_CHOICES),
            "rate": explorer.choice_slider("Learning rate", 0.003, rates),
            "warmup": explorer.choice_slider("Warm-up steps", 0, list(experiments.WARMUPS)),
        }

    def run_name(self, values):
        return experiments.rate_name(**values)

    def build(self, figure):
        by_step = figure.add_axes((0.065, 0.16, 0.42, 0.65))
        by_rate = figure.add_axes((0.565, 0.16, 0.42, 0.65))
        by_step.set(xlim=(0, 1.02 * experiments.STEPS), xlabel="training step")
        by_rate.set(
            xscale="log", xlim=(7e-4, 0.14), xlabel="learning rate",
            title="… at the end, all seeds",
        )  # fmt: skip
        by_rate.set_xticks(experiments.RATES, [f"{rate:g}" for rate in experiments.RATES])
        by_rate.minorticks_off()
        for ax in (by_step, by_rate):
            ax.set(ylim=(0, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1])
            ax.grid(axis="y")
            ax.axhline(first_word.GUESS, color=palette.INK["quiet"], ls=":", lw=1.5)
        self.title = live_title(by_step)
        self.lines, self.means = (
            {
                norm: ax.plot([], [], zorder=ABOVE, ms=ms, **style)[0]
                for norm, style in NORM_STYLE.items()
            }
            for ax, ms in ((by_step, 4), (by_rate, 7))
        )
        self.seeds = {
            norm: seed_dots(by_rate, style["color"]) for norm, style in NORM_STYLE.items()
        }
        figure.legend(
            handles=[*self.means.values()], loc="upper right", bbox_to_anchor=(0.995, 1.0), ncols=3
        )
        figure.text(0.065, 0.95, "···· guessing", color=palette.INK["quiet"])
        self.rings = [chosen_ring(ax) for ax in (by_step, by_rate)]
        self.table = evidence.measured(self.lesson)

    def compute(self, norm, rate, warmup):
        curves, ends = {}, {}
        for other in NORM_STYLE:
            found = self.result({"norm": other, "rate": rate, "warmup": warmup})
            curves[other] = np.asarray(found["steps"]), np.asarray(found["accuracies"], float)
            names = [experiments.rate_name(other, each, warmup) for each in experiments.RATES]
            ends[other] = np.array([self.table[name]["accuracy"].values for name in names])
        origin = self.origin({"norm": norm, "rate": rate, "warmup": warmup})
        return Rates(norm, rate, warmup, curves, ends, origin)

    def draw(self, result):
        self.title.set_text(f"Right answers, rate {result.rate:g}")
        for norm, ends in result.ends.items():
            self.lines[norm].set_data(*result.curves[norm])
            self.means[norm].set_data(experiments.RATES, ends.mean(axis=1))
            self.seeds[norm].set_data(np.repeat(experiments.RATES, ends.shape[1]), ends.ravel())
        steps, shares = result.curves[result.norm]
        for ring, x in zip(self.rings, (steps[-1], result.rate), strict=True):
            ring.set_data([x], [shares[-1]])
        return [
            self.title, *self.lines.values(), *self.means.values(), *self.seeds.values(),
            *self.rings,
        ]  # fmt: skip

    def describe(self, result):
        steps, shares = result.curves[result.norm]
        good = {norm: (ends.mean(axis=1) > GOOD).sum() for norm, ends in result.ends.items()}
        seeds = result.ends[result.norm].shape[1]
        start = f"{result.warmup} steps of warm-up" if result.warmup else "no warm-up"
        return (
            f"Trained weights, {result.origin}: {experiments.N_LAYERS} layers, "
            f"{NORM_NAMES[result.norm]}, rate {result.rate:g}, {start}, after {steps[-1]} steps "
            f"{shares[-1]:.2f} of the answers are right. Rates that reach {GOOD} in the mean "
            f"of {seeds} seeds, of {len(experiments.RATES)}: norm before f {good['pre']}, after "
            f"the sum {good['post']}, no norm {good['none']}."
        )


class Company(NamedTuple):
    norm: str  # "layer", "batch" or "kept"
    count: int  # of companions
    length: int  # of each of them
    shares: np.ndarray  # (words,)  how sure the model is of each word, in this company
    usual: np.ndarray  # (words,)   the same among the most companions, of middle length
    answer: int  # the right word
    right: dict  # {norm: (companions,)}  share of right answers, companions of this length
    origin: str


KINDS = {"layer": "layer norm", "batch": "batch norm", "kept": "batch norm, kept statistics"}
KIND_STYLE = {
    "layer": {"color": palette.INK["norm"], "ls": "-", "marker": "o"},
    "batch": {"color": palette.INK["input"], "ls": "--", "marker": "s"},
    "kept": {"color": palette.INK["quiet"], "ls": ":", "marker": "^"},
}


class CompanyExplorer(LiveExperiment):
    """One sentence among others: what batch norm and layer norm make of the same words."""

    lesson = "layer_norm"
    size = (864, 374)

    def make_controls(self):
        return {
            "norm": explorer.menu("Norm", "batch", [(name, kind) for kind, name in KINDS.items()]),
            "count": explorer.choice_slider("Other sentences", 31, list(experiments.COMPANIONS)),
            "length": explorer.choice_slider("Their length", 8, list(experiments.LENGTHS)),
        }

    def run_name(self, values):
        return experiments.companions_name(values["norm"])

    def build(self, figure):
        words = np.arange(1, experiments.VOCAB)
        ax = self.bar_ax = figure.add_axes((0.065, 0.16, 0.4, 0.73))
        ax.set(xlim=(-0.6, len(words) - 0.4), ylim=(0, 1.06), yticks=[0, 0.5, 1])
        ax.set_xticks(range(len(words)), words)
        ax.set_xlabel("word that it names")
        ax.grid(axis="y")
        ax.spines["bottom"].set_visible(False)
        self.bars = live_bars(ax, "norm")
        self.outline = live_outlines(ax)
        self.title = live_title(ax)
        self.right_ax = figure.add_axes((0.565, 0.16, 0.42, 0.6))
        places = range(len(experiments.COMPANIONS))
        self.right_ax.set(
            xlim=(-0.3, len(places) - 0.7), ylim=(0, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1],
            xlabel="other sentences in the batch", title="Right answers",
        )  # fmt: skip
        self.right_ax.set_xticks(places, experiments.COMPANIONS)
        self.right_ax.grid(axis="y")
        self.lines = {
            kind: self.right_ax.plot([], [], ms=6, label=KINDS[kind], zorder=ABOVE, **style)[0]
            for kind, style in KIND_STYLE.items()
        }
        figure.legend(
            handles=[*self.lines.values()], loc="upper right", bbox_to_anchor=(0.995, 1.0), ncols=2
        )
        self.ring = chosen_ring(self.right_ax)

    def compute(self, norm, count, length):
        found, i = self.result({"norm": norm}), experiments.COMPANIONS.index(count)
        j = experiments.LENGTHS.index(length)
        logits = np.asarray(found["logits"], float)[..., 1:]  # (companions, lengths, words)
        shares = softmax(logits)
        right = {kind: np.asarray(self.result({"norm": kind})["right"])[:, j] for kind in KINDS}
        return Company(
            norm, count, length, shares[i, j], shares[-1, len(experiments.LENGTHS) // 2],
            int(found["answer"]), right, self.origin({"norm": norm}),
        )  # fmt: skip

    def draw(self, result):
        self.bars.set_heights(result.shares)
        self.outline.set_heights(result.usual)
        self.title.set_text(f"One sentence's answer (right: {result.answer})")
        places = range(len(experiments.COMPANIONS))
        for kind, line in self.lines.items():
            line.set_data(places, result.right[kind])
        place = experiments.COMPANIONS.index(result.count)
        self.ring.set_data([place], [result.right[result.norm][place]])
        return [self.bars, self.outline, self.title, *self.lines.values(), self.ring]

    def describe(self, result):
        place = experiments.COMPANIONS.index(result.count)
        others = "other" if result.count == 1 else "others"
        company = f"among {result.count} {others} of {result.length} words"
        return (
            f"Trained weights ({result.origin}), {KINDS[result.norm]}, "
            f"{company if result.count else 'a sentence alone'}: "
            f"{result.right[result.norm][place]:.2f} of {experiments.ASKED} sentences' answers are "
            f"right; one of them gives {result.shares[result.answer - 1]:.2f} to its right word "
            f"{result.answer}, among 31 others {result.usual[result.answer - 1]:.2f}."
        )
