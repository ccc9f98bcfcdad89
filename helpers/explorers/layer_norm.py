"""Explorers of notebook 03: one word in a norm, Add & Norm end to end, rates, and companions."""

import numpy as np

from helpers import layer_norm
from helpers import words as lesson_words
from helpers.drawing import palette
from helpers.drawing.bars import live_bars, live_outlines
from helpers.drawing.block import box, plus
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.marks import ABOVE, NORM_NAMES, NORM_STYLE, chosen_ring, shares_axes
from helpers.drawing.numbers import as_read, brief, equals, signed, written
from helpers.drawing.sheet import live_arrow, name_rows, sheet
from helpers.explorers import explorer
from helpers.explorers.choices import NORM_CHOICES, WORDS, word_menu
from helpers.explorers.learnt import LearntExplorer
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import first_word
from helpers.learning.experiments import layer_norm as experiments
from helpers.self_attention import softmax

FEATURES = lesson_words.FEATURES
REACH = 4  # of the axis, up and down, which stands still: a longer bar is cut at its end
GOOD = 0.9  # a share of right answers that counts as learnt
STAGES = ("x", "minus the mean", "÷ std", "× γ + β")


class LayerNormExplorer(explorer.Explorer):
    """Four numbers of one word: before, centred, divided, and with γ and β."""

    def make_controls(self):
        return {
            "word": word_menu(),
            "scale": explorer.choice_slider("Times", 1, [0.1, 0.5, 1, 2, 10, 100]),
            "shift": explorer.choice_slider("Plus", 0, [-100, -10, -1, 0, 1, 10, 100]),
            "outlier": explorer.choice_slider("Plus, new only", 0, [0, 1, 2, 5, 10, 100]),
            "gamma": explorer.float_slider("γ", 1.0, 0.0, 3.0, 0.25),
            "beta": explorer.float_slider("β", 0.0, -2.0, 2.0, 0.5),
        }

    def build(self, figure):
        lefts, ticks = (0.045, 0.285, 0.525, 0.765), [-REACH, -REACH / 2, 0, REACH / 2, REACH]
        self.bars, self.numbers, self.tips = [], [], []
        for i, (left, title) in enumerate(zip(lefts, STAGES, strict=True)):
            ax = figure.add_axes(
                (left, 0.225, 0.225, 0.665), title=title,
                xlim=(-0.55, len(FEATURES) - 0.45), ylim=(-REACH, REACH),
            )  # fmt: skip
            ax.set_yticks(ticks, [""] * 5 if i else ["−4", "−2", "0", "2", "4"])
            ax.set_xticks(range(len(FEATURES)), FEATURES)
            ax.tick_params(axis="x", length=0)
            ax.grid(axis="y")
            ax.axhline(0, color=palette.INK["quiet"], linewidth=1, zorder=0.5)
            self.bars.append(live_bars(ax, "norm" if i else "input"))
            self.bars[-1].set_zorder(ABOVE)
            above = {"zorder": ABOVE + 1}
            self.numbers.append(
                [live_text(ax, j, 0, ha="center", **above) for j in range(len(FEATURES))]
            )
            self.tips.append(
                [ax.plot([], [], tip, color="white", ms=8, **above)[0] for tip in "^v"]
            )
        self.moments = [live_text(figure, left, 0.03) for left in lefts]

    def compute(self, word, scale, shift, outlier, gamma, beta):
        seen = lesson_words.named(WORDS)[[word]] * scale + shift  # (1, d_model)
        seen[0, -1] += outlier
        d_model = len(FEATURES)
        params = {"gamma": np.full(d_model, gamma), "beta": np.full(d_model, beta)}
        trace = layer_norm.forward(seen, params)
        stages = (seen, seen - trace.mean, trace.normalized, trace.out)
        return {"stages": [stage[0] for stage in stages]}  # (d_model,) each

    def draw(self, result):
        parts = zip(result.stages, self.bars, self.numbers, self.tips, strict=True)
        for stage, bars, numbers, tips in parts:
            ends = np.clip(stage, -REACH, REACH)  # (d_model,)
            bars.set_heights(ends, width=0.8)
            cut = np.flatnonzero(np.abs(stage) > REACH)  # a tip in the bar says that it goes on
            for tip, up in zip(tips, (True, False), strict=True):
                these = cut[(stage[cut] > 0) == up]
                tip.set_data(these, 0.9 * ends[these])
            for i, number in enumerate(numbers):
                above, in_bar = ends[i] >= 0, abs(ends[i]) > REACH - 0.7
                if i in cut:
                    number.set_text(signed(stage[i], 0))
                    number.set_y(2.75 if above else -3.1)
                else:
                    number.set_text(written(stage[i]))
                    up, down = (-0.66, 0.2) if in_bar else (0.14, -0.6)
                    number.set_y(ends[i] + (up if above else down))
                dark = in_bar and bars is self.bars[0]
                number.set_color("white" if dark else palette.INK["input"])
        for stage, moments in zip(result.stages, self.moments, strict=True):
            moments.set_text(moments_of(stage))
        texts = [text for row in self.numbers for text in row]
        tips = [tip for pair in self.tips for tip in pair]
        return [*self.bars, *tips, *texts, *self.moments]

    def describe(self, result):
        return (
            f'Hand-made numbers of "{WORDS[result.word]}": they come in with '
            f"{moments_of(result.stages[0])}, and leave the norm with "
            f"{moments_of(result.stages[2])}; after γ and β: {moments_of(result.stages[3])}."
        )


def moments_of(stage):
    """Return mean and standard deviation of one word's numbers, as text."""
    return f"mean {signed(stage.mean())}, std {written(stage.std(), small=True)}"


class AddNormExplorer(explorer.Explorer):
    """Add & Norm for one word: x and f(x) are added, and the norm follows, in numbers."""

    size = (864, 368)
    columns = 4

    def make_controls(self):
        return {
            "word": word_menu(),
            "loud": explorer.choice_slider("f times", 1, [1, 2, 5, 10]),
            "skip": explorer.switch("skip: x + f(x)", True),
            "norm": explorer.switch("norm", True),
        }

    def build(self, figure):
        ax = sheet(figure)
        width, height, top = 84, 40, 138
        lefts = {"x": 92, "f(x)": 240, "x + f(x)": 388, "− mean": 570, "÷ std": 748}
        kinds = dict(zip(lefts, ("input", "z", "input", "norm", "norm"), strict=True))
        self.columns_of_cells, self.heads = {}, {}
        for name, left in lefts.items():
            cells = live_cells(ax, left, top, width, height, kinds[name], brief, limit=REACH)
            cells.show(np.zeros((len(FEATURES), 1)))
            self.columns_of_cells[name] = cells
            self.heads[name] = live_text(
                ax, left + width / 2, top - 9, name, ha="center", weight="bold",
                color=palette.INK[kinds[name]],
            )  # fmt: skip
        name_rows(ax, self.columns_of_cells["x"], FEATURES)
        middle, bottom = top + 2 * height, top + 4 * height
        step = {"ha": "center", "va": "center", "weight": "bold"}
        signs = {"+": 208, "=": 356, "−": 498, "÷": 678}
        self.signs = {
            sign: live_text(ax, x, middle, sign, size=14, **step) for sign, x in signs.items()
        }
        self.mean, self.std = (live_text(ax, x, middle, **step) for x in (524, 706))
        # The way through the block, above the columns.
        way = 84
        self.road = live_arrow(
            ax, (134, 112), (134, 26), (430, 26), (430, 70), width=6, head=14, zorder=ABOVE
        )
        self.road_name = live_text(ax, 282, 20, "skip", ha="center", weight="bold")
        live_arrow(ax, (134, way), (222, way))
        live_arrow(ax, (342, way), (416, way), kind="z")
        self.into_norm = live_arrow(ax, (445, way), (639, way), zorder=ABOVE)
        attention, norm = palette.INK["z"], palette.INK["norm"]
        box(ax, 222, way, 120, 34, "attention", "white", attention, attention, round=6)
        plus(ax, 430, way, radius=14)
        self.norm_box = box(ax, 640, way, 90, 34, "norm", "white", norm, norm, round=6)
        self.line = live_text(ax, 92, bottom + 38)

    def compute(self, word, loud, skip, norm):
        words = lesson_words.named(WORDS)  # (seq_len, d_model)
        f_x = loud * lesson_words.attention_step(words)[word]  # (d_model,)
        total = words[word] + f_x if skip else f_x  # (d_model,)
        trace = layer_norm.forward(total[None], layer_norm.init(len(total)))
        return {
            "x": words[word],
            "f_x": f_x,
            "total": total,
            "mean": float(trace.mean[0, 0]),
            "std": float(trace.std[0, 0]),
            "centred": total - trace.mean[0],
            "out": trace.out[0] if norm else total,
        }

    def structure(self, result):
        return result.norm

    def arrange(self, result):
        """Light the norm and its numbers; without it the last column is still the sum."""
        kind = "norm" if result.norm else "input"
        self.columns_of_cells["÷ std"].set_kind(kind)
        self.heads["÷ std"].set_text("÷ std" if result.norm else "no norm")
        self.heads["÷ std"].set_color(palette.INK[kind])
        for part in self.norm_box:
            part.set_alpha(None if result.norm else 0.3)

    def draw(self, result):
        values = (result.x, result.f_x, result.total, result.centred, result.out)
        pale = (not result.skip, False, False, not result.norm, False)
        parts = zip(self.columns_of_cells.values(), values, pale, strict=True)
        for cells, column, dim in parts:
            cells.show(column[:, None], dim=dim)
        self.road.set_dim(not result.skip)
        self.road_name.set_text("skip" if result.skip else "no skip")
        self.into_norm.set_dim(not result.norm)
        self.heads["x + f(x)"].set_text("x + f(x)" if result.skip else "f(x)")
        self.signs["+"].set_visible(result.skip)
        for sign in ("−", "÷"):
            self.signs[sign].set_visible(result.norm)
        self.mean.set_text(signed(result.mean) if result.norm else "")
        self.std.set_text(signed(result.std) if result.norm else "")
        self.line.set_text(arithmetic(result))
        return [
            *self.columns_of_cells.values(), *self.heads.values(), *self.signs.values(),
            self.mean, self.std, self.road, self.road_name, self.into_norm, self.line,
        ]  # fmt: skip

    def describe(self, result):
        norm = f"the norm brings them to {moments_of(result.out)}" if result.norm else "no norm"
        return (
            f'"{WORDS[result.word]}", hand-made numbers: {SUMS[result.skip]} has '
            f"{moments_of(result.total)}; {norm}. The largest number is "
            f"{written(np.abs(result.out).max())}."
        )


SUMS = {True: "x + f(x)", False: "f(x) alone"}


def arithmetic(result):
    """Return how the last feature's number comes about; ≈ where rounded numbers do not add up."""
    x, f_x, total, out = (
        signed(values[-1]) for values in (result.x, result.f_x, result.total, result.out)
    )
    text = f"{FEATURES[-1]}:  "
    if result.skip:
        text += f"{x} + {f_x} {equals(as_read(x) + as_read(f_x), total)} {total}"
    else:
        text += f"{total}"
    if result.norm:
        mean, std = signed(result.mean), signed(result.std)
        quotient = (as_read(total) - as_read(mean)) / as_read(std)
        text += f";   ({total} − {mean}) ÷ {std} {equals(quotient, out)} {out}"
    return text


class RatesExplorer(LearntExplorer):
    """Learning rates: with which of them a stack learns, with and without norms."""

    way, along, styles, places = "norm", "rate", NORM_STYLE, experiments.RATES
    n_steps, guess = experiments.STEPS, first_word.GUESS
    at_end = {"xscale": "log", "xlim": (7e-4, 0.14), "xlabel": "learning rate"}

    def make_controls(self):
        rates = [(f"{rate:g}", rate) for rate in experiments.RATES]
        return {
            "norm": explorer.menu("Norm", "pre", NORM_CHOICES),
            "rate": explorer.choice_slider("Learning rate", 0.003, rates),
            "warmup": explorer.choice_slider("Warm-up steps", 0, list(experiments.WARMUPS)),
        }

    def run_name(self, values):
        return experiments.rate_name(**values)

    def heading(self, result):
        return f"Right answers, rate {result.rate:g}"

    def describe(self, result):
        steps, shares = result.curves[result.norm]
        good = {norm: sum(s.mean() > GOOD for s in ends) for norm, ends in result.ends.items()}
        start = f"{result.warmup} steps of warm-up" if result.warmup else "no warm-up"
        return (
            f"Trained ({result.origin}), {NORM_NAMES[result.norm]}, rate {result.rate:g}, {start}: "
            f"{shares[-1]:.2f} right at step {steps[-1]}. Rates that reach {GOOD} on average, of "
            f"{len(experiments.RATES)}: pre-norm {good['pre']}, post-norm {good['post']}, "
            f"no norm {good['none']}."
        )


KINDS = {"layer": "layer norm", "batch": "batch norm", "kept": "batch norm, kept statistics"}
KIND_STYLE = {
    "layer": {"color": palette.INK["norm"], "ls": "-", "marker": "o"},
    "batch": {"color": palette.INK["input"], "ls": "--", "marker": "s"},
    "kept": {"color": palette.INK["quiet"], "ls": ":", "marker": "^"},
}


class CompanionsExplorer(LiveExperiment):
    """One sentence among others: what batch norm and layer norm make of the same words."""

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
        ax = shares_axes(
            figure, (0.065, 0.16, 0.4, 0.73), yticks=[0, 0.5, 1],
            xlim=(-0.6, len(words) - 0.4), xlabel="word that it names",
        )  # fmt: skip
        ax.set_xticks(range(len(words)), words)
        ax.spines["bottom"].set_visible(False)
        self.bars = live_bars(ax, "quiet")
        self.outline = live_outlines(ax)
        self.title = live_title(ax)
        places = range(len(experiments.COMPANIONS))
        ax = shares_axes(
            figure, (0.565, 0.16, 0.42, 0.6), title="Right answers",
            xlim=(-0.3, len(places) - 0.7), xlabel="other sentences in the batch",
        )  # fmt: skip
        ax.set_xticks(places, experiments.COMPANIONS)
        self.lines = {
            kind: ax.plot([], [], ms=6, label=KINDS[kind], zorder=ABOVE, **style)[0]
            for kind, style in KIND_STYLE.items()
        }
        handles, place = [*self.lines.values()], (0.995, 1.0)
        figure.legend(handles=handles, loc="upper right", bbox_to_anchor=place, ncols=2)
        self.ring = chosen_ring(ax)

    def compute(self, norm, count, length):
        found, i = self.result({"norm": norm}), experiments.COMPANIONS.index(count)
        j = experiments.LENGTHS.index(length)
        logits = np.asarray(found["logits"], float)[..., 1:]  # (companions, lengths, words)
        shares = softmax(logits)  # how sure the model is of each word
        right = {kind: np.asarray(self.result({"norm": kind})["right"])[:, j] for kind in KINDS}
        return {
            "place": i,  # of the count on the axis
            "shares": shares[i, j],
            "usual": shares[-1, len(experiments.LENGTHS) // 2],  # among the most, of middle length
            "answer": int(found["answer"]),
            "right": right,  # {norm: (companions,)} for companions of this length
            "origin": self.origin({"norm": norm}),
        }

    def draw(self, result):
        self.bars.set_heights(result.shares)
        self.outline.set_heights(result.usual)
        self.title.set_text(f"One sentence's answer (right: {result.answer})")
        asked = slice(result.place, None)  # with fewer others: to be guessed
        places = np.arange(len(experiments.COMPANIONS))
        for kind, line in self.lines.items():
            line.set_data(places[asked], result.right[kind][asked])
        self.ring.set_data([result.place], [result.right[result.norm][result.place]])
        return [self.bars, self.outline, self.title, *self.lines.values(), self.ring]

    def describe(self, result):
        others = "other" if result.count == 1 else "others"
        among = f"among {result.count} {others} of {result.length} words"
        return (
            f"Trained ({result.origin}), {KINDS[result.norm]}, "
            f"{among if result.count else 'a sentence alone'}: "
            f"{result.right[result.norm][result.place]:.2f} of {experiments.ASKED} answers are "
            f"right. This sentence gives "
            f"{result.shares[result.answer - 1]:.2f} to its right word {result.answer}."
        )
