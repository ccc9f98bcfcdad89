"""Explorers of notebook 02: untrained stacks, stacks that learn, and the loss around them."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from helpers import stack
from helpers.drawing import palette
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.marks import ABOVE, NORM_NAMES, SKIP_STYLE, chosen_ring, seed_dots
from helpers.drawing.numbers import power, raised
from helpers.explorers import explorer
from helpers.explorers.choices import NORM_CHOICES
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence, first_word, landscape, probe
from helpers.learning.experiments import skip_connections as deep
from helpers.learning.measures import mean_cosine, rms

DEEPEST = 24
D_MODEL, N_HEADS, D_FF = 24, 2, 48
VOCAB_SIZE, SENTENCES, SEQ_LEN = 6, 40, 6
DECADES = (2, 6, 12, 24, 60)  # how far a logarithmic axis may reach, up and down


class Result(NamedTuple):
    depth: int
    norm: str
    skip: bool
    gradient: np.ndarray  # (depth + 1,)  length of the gradient at each layer, 1 at the top
    signal: np.ndarray  # (depth + 1,)    root mean square of each layer's numbers, the input first
    readable: np.ndarray  # (depth + 1,)  share of own words that a linear probe reads off
    cosine: np.ndarray  # (depth + 1,)    mean cosine of two words of a sentence


# The traces take some megabytes, hence two; they save the way up while the depth is dragged.
@lru_cache(maxsize=2)
def way_up(n_layers, norm, skip, gain, seed):
    """Return layers, traces and, for the input and each layer: signal, readable, cosine."""
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, VOCAB_SIZE, (SENTENCES, SEQ_LEN))
    embeddings = rng.standard_normal((VOCAB_SIZE, D_MODEL))
    x = embeddings[tokens]  # (sentences, seq_len, d_model)
    layers = stack.init(n_layers, D_MODEL, N_HEADS, D_FF, rng, gain)
    traces = stack.forward(x, layers, N_HEADS, norm=norm, skip=skip)
    states = np.stack([x, *(trace.out for trace in traces)])  # (n_layers + 1, …, d_model)
    signal = rms(states, axis=(1, 2, 3))
    flat = states.reshape(n_layers + 1, -1, D_MODEL)  # (n_layers + 1, words, d_model)
    readable = probe.accuracy(flat, tokens.ravel(), np.random.default_rng(seed))
    return layers, traces, signal, readable, mean_cosine(states).mean(axis=-1)


@lru_cache(maxsize=4096)
def measured(depth, norm, skip, gain, seed):
    """Return the Result; a gradient of length 1, in a random direction, starts at the top."""
    n_layers = DEEPEST if depth > DEEPEST // 2 else DEEPEST // 2
    layers, traces, signal, readable, cosine = way_up(n_layers, norm, skip, gain, seed)
    layers, traces = layers[:depth], traces[:depth]
    grad_out = np.random.default_rng(seed).standard_normal(traces[-1].out.shape)
    grad_out /= np.linalg.norm(grad_out)
    grad_xs, _ = stack.backward(grad_out, traces, layers)
    gradient = np.array([np.linalg.norm(grad) for grad in (*grad_xs, grad_out)])
    parts = (values[: depth + 1] for values in (signal, readable, cosine))
    return Result(depth, norm, skip, gradient, *parts)


def reach(values):
    """Return how many decades below and above 1 an axis must show."""
    below = max(0.0, -np.log10(values.min()))
    above = max(0.0, np.log10(values.max()))
    return tuple(next((d for d in DECADES if d >= far), DECADES[-1]) for far in (below, above))


class SkipConnectionsExplorer(explorer.Explorer):
    """A stack of untrained blocks: the gradient down, the signal up, and what stays readable."""

    size = (864, 422)

    def make_controls(self):
        return {
            "depth": explorer.int_slider("Layers", 12, 1, DEEPEST),
            "gain": explorer.choice_slider(
                "Gain of f", 1.0, [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0]
            ),
            "norm": explorer.menu("Norm", "pre", NORM_CHOICES),
            "seed": explorer.int_slider("Random seed", 0, 0, 4),
            "skip": explorer.switch("skip: x + f(x)", True),
        }

    def build(self, figure):
        lefts, bottom, width, height = (0.075, 0.395, 0.715), 0.34, 0.255, 0.56
        self.panels = [figure.add_axes((left, bottom, width, height)) for left in lefts]
        titles = ("Gradient, going down", "Signal, going up", "What can be read")
        for ax, title in zip(self.panels, titles, strict=True):
            ax.set(xlim=(-0.8, DEEPEST + 0.8), xticks=range(0, DEEPEST + 1, 6), title=title)
            ax.grid(axis="y")
        self.panels[0].set_xlabel("← layer (0: the input)")
        for ax in self.panels[1:]:
            ax.set_xlabel("layer (0: the input) →")
        for ax in self.panels[:2]:
            ax.set_yscale("log")
            ax.minorticks_off()
        self.panels[2].set(ylim=(-0.05, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1])
        self.panels[2].axhline(1 / VOCAB_SIZE, color=palette.INK["quiet"], ls=":", lw=1.5)

        black, gray = palette.FILL["input"], "#8A8A8A"
        styles = [
            (self.panels[0], black, "o", "-"),
            (self.panels[1], black, "o", "-"),
            (self.panels[2], gray, "s", "--"),
            (self.panels[2], black, "o", "-"),
        ]
        self.lines = [
            ax.plot([], [], color=color, marker=marker, ls=dashes, ms=4, lw=1.6)[0]
            for ax, color, marker, dashes in styles
        ]
        ink = palette.INK["input"], palette.INK["input"], palette.INK["quiet"], palette.INK["input"]
        places = [(lefts[0], 0.16), (lefts[1], 0.16), (lefts[2], 0.1), (lefts[2], 0.16)]
        self.notes = [
            live_text(figure, x, y, color=color) for (x, y), color in zip(places, ink, strict=True)
        ]
        figure.text(
            lefts[2], 0.04, f"··· guessing: {1 / VOCAB_SIZE:.2f}", color=palette.INK["quiet"]
        )

    def compute(self, depth, gain, norm, seed, skip):
        return measured(depth, norm, skip, gain, seed)

    def structure(self, result):
        return reach(result.gradient), reach(result.signal)

    def arrange(self, result):
        for ax, (below, above) in zip(self.panels[:2], self.structure(result), strict=True):
            step = max(1, (below + above) // 4)
            ticks = [e for e in range(-60, 61) if -below <= e <= above and e % step == 0]
            ax.set_ylim(10.0 ** (-below - 0.4), 10.0 ** (above + 0.4))
            ax.set_yticks([10.0**e for e in ticks], [f"10{raised(e)}" if e else "1" for e in ticks])

    def draw(self, result):
        layers = np.arange(result.depth + 1)
        curves = (result.gradient, result.signal, result.cosine, result.readable)
        for line, values in zip(self.lines, curves, strict=True):
            line.set_data(layers, values)
        notes = (
            f"at layer 0: {power(result.gradient[0])}",
            f"at layer {result.depth}: {power(result.signal[-1])}",
            f"■ cosine of two words: {result.cosine[-1]:.2f}",
            f"● own word, by a probe: {result.readable[-1]:.2f}",
        )
        for note, text in zip(self.notes, notes, strict=True):
            note.set_text(text)
        return [*self.lines, *self.notes]

    def describe(self, result):
        blocks = "1 block" if result.depth == 1 else f"{result.depth} blocks"
        return (
            f"Random weights, {blocks}, {NORM_NAMES[result.norm]}, "
            f"{'with' if result.skip else 'without'} skip: a gradient of length 1 at the top has "
            f"length {power(result.gradient[0])} at the input; the signal goes from "
            f"{power(result.signal[0])} to {power(result.signal[-1])}; a probe reads "
            f"{result.readable[-1]:.2f} of the words off the last layer (guessing: "
            f"{1 / VOCAB_SIZE:.2f}), and two words of a sentence have cosine "
            f"{result.cosine[-1]:.2f}."
        )


class Learnt(NamedTuple):
    n_layers: int
    norm: str
    skip: bool  # the stack that is asked for
    curves: dict  # {skip: (steps, shares of right answers)} at this depth
    ends: dict  # {skip: [(seeds,)]} what each depth reached, by the table
    origins: dict  # {skip: where its run comes from}


class DeepStacksExplorer(LiveExperiment):
    """Stacks that learn: right answers by step and by depth, with and without skip."""

    lesson = "skip_connections"
    size = (864, 374)

    def make_controls(self):
        return {
            "n_layers": explorer.choice_slider("Layers", 8, list(deep.DEPTHS)),
            "norm": explorer.menu("Norm", "pre", NORM_CHOICES[:2]),
            "skip": explorer.switch("skip: x + f(x)", True),
        }

    def run_name(self, values):
        return deep.depth_name(values["n_layers"], values["norm"], values["skip"])

    def build(self, figure):
        by_step = figure.add_axes((0.065, 0.16, 0.5, 0.73))
        by_depth = figure.add_axes((0.65, 0.16, 0.335, 0.73))
        by_step.set(xlim=(0, 1.02 * deep.STEPS), xlabel="training step", title="Right answers")
        by_depth.set(
            xlim=(min(deep.DEPTHS) - 1, max(deep.DEPTHS) + 1), xticks=deep.DEPTHS,
            xlabel="layers", title="… at the end, all seeds",
        )  # fmt: skip
        for ax in (by_step, by_depth):
            ax.set(ylim=(0, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1])
            ax.grid(axis="y")
            ax.axhline(first_word.GUESS, color=palette.INK["quiet"], ls=":", lw=1.5)
        figure.text(0.065, 0.03, "···· guessing", color=palette.INK["quiet"])
        self.lines = {
            skip: by_step.plot([], [], ms=4, **style)[0] for skip, style in SKIP_STYLE.items()
        }
        self.means = {
            skip: by_depth.plot([], [], ms=7, **style)[0] for skip, style in SKIP_STYLE.items()
        }
        self.seeds = {
            skip: seed_dots(by_depth, style["color"]) for skip, style in SKIP_STYLE.items()
        }
        figure.legend(
            [*self.means.values()], ["with skip", "without skip"], loc="upper right",
            bbox_to_anchor=(0.57, 1.0), ncols=2,
        )  # fmt: skip
        self.table = evidence.measured(self.lesson)
        self.rings = [chosen_ring(ax) for ax in (by_step, by_depth)]

    def compute(self, n_layers, norm, skip):
        curves, ends, origins = {}, {}, {}
        for way in SKIP_STYLE:
            values = {"n_layers": n_layers, "norm": norm, "skip": way}
            found, origins[way] = self.result(values), self.origin(values)
            curves[way] = np.asarray(found["steps"]), np.asarray(found["accuracies"], float)
            names = [deep.depth_name(depth, norm, way) for depth in deep.DEPTHS]
            ends[way] = [self.table[name]["accuracy"].values for name in names]
        return Learnt(n_layers, norm, skip, curves, ends, origins)

    def draw(self, result):
        for way, ends in result.ends.items():
            self.lines[way].set_data(*result.curves[way])
            self.means[way].set_data(deep.DEPTHS, [values.mean() for values in ends])
            counts = [len(values) for values in ends]
            self.seeds[way].set_data(np.repeat(deep.DEPTHS, counts), np.concatenate(ends))
        steps, shares = result.curves[result.skip]
        for ring, x in zip(self.rings, (steps[-1], result.n_layers), strict=True):
            ring.set_data([x], [shares[-1]])
        return [
            *self.lines.values(), *self.means.values(), *self.seeds.values(), *self.rings
        ]  # fmt: skip

    def describe(self, result):
        steps, shares = result.curves[result.skip]
        other = result.curves[not result.skip][1][-1]
        ways = ("with skip", "without skip") if result.skip else ("without skip", "with skip")
        seeds = result.ends[result.skip][deep.DEPTHS.index(result.n_layers)]  # (seeds,)
        return (
            f"Trained weights ({result.origins[result.skip]}), {result.n_layers} layers, "
            f"{NORM_NAMES[result.norm]}, {ways[0]}, after {steps[-1]} steps: {shares[-1]:.2f} of "
            f"the answers are right ({len(seeds)} seeds: {seeds.min():.2f} to {seeds.max():.2f}); "
            f"{ways[1]} ({result.origins[not result.skip]}) {other:.2f}; "
            f"guessing: {first_word.GUESS:.2f}."
        )


class Surfaces(NamedTuple):
    n_layers: int
    row: int  # of the cut
    tables: dict  # {"with": (rows, columns), "without": ...}  losses; NaN: not measured yet
    minima: dict  # the same: where a place is lower than its neighbours
    accuracies: dict  # {"with": share of right answers}; None: not trained yet
    origin: str


class SurfacesExplorer(LiveExperiment):
    """The loss around trained weights, with skip and without, on one scale; and a cut."""

    lesson = "skip_connections"
    size = (864, 365)

    def make_controls(self):
        return {
            "n_layers": explorer.choice_slider("Layers", 4, list(deep.SURFACE_DEPTHS)),
            "row": explorer.int_slider("Cut along row", 8, 1, deep.COUNT),
        }

    def run_name(self, values):
        return deep.surface_name(values["n_layers"])

    def build(self, figure):
        places = np.linspace(-deep.REACH, deep.REACH, deep.COUNT)
        self.places, middle, last = places, deep.COUNT // 2, deep.COUNT - 1
        self.images, self.titles, self.dots, self.middles, self.cuts = {}, {}, {}, {}, {}
        black = palette.FILL["input"]
        for side, left in zip(deep.SIDES, (0.055, 0.36), strict=True):
            ax = figure.add_axes((left, 0.15, 0.275, 0.275 * 9.0 / 3.8))
            image = self.images[side] = live_matrix(ax, "weights")
            size_matrix(ax, image, deep.COUNT, deep.COUNT)
            ax.set_xticks([0, middle, last], ["−1", "0", "1"])
            ax.set_yticks([0, middle, last], ["−1", "0", "1"] if side == "with" else [""] * 3)
            ax.set_xlabel("a")
            ax.tick_params(length=0)
            self.titles[side] = live_title(ax)
            (self.dots[side],) = ax.plot(
                [], [], "o", ms=8, mfc="white", mec="black", mew=1.5, zorder=ABOVE
            )
            (self.middles[side],) = ax.plot(
                [middle], [middle], "+", ms=9, color=black, mew=2, zorder=ABOVE + 1
            )
            (self.cuts[side],) = ax.plot(
                [], [], "<", ms=8, color=palette.FILL["query"], clip_on=False, zorder=ABOVE
            )
        self.scale = figure.add_axes((0.654, 0.15, 0.014, 0.275 * 9.0 / 3.8))
        self.scale.imshow(
            np.linspace(1, 0, 128)[:, None], aspect="auto", cmap=palette.WEIGHTS,
            extent=(0, 1, 0, 1),
        )  # fmt: skip
        self.scale.set(xticks=[])
        self.scale.yaxis.tick_right()
        self.cut_ax = figure.add_axes((0.752, 0.15, 0.24, 0.275 * 9.0 / 3.8))
        self.cut_ax.set(xlim=(-1.03, 1.03), xticks=[-1, 0, 1], xlabel="a")
        self.cut_ax.set_xticklabels(["−1", "0", "1"])
        self.cut_ax.grid(axis="y")
        self.cut_title = live_title(self.cut_ax)
        self.lines = {
            side: self.cut_ax.plot([], [], ms=4, label=f"{side} skip", **SKIP_STYLE[skip])[0]
            for side, skip in deep.SIDES.items()
        }
        figure.legend(
            handles=list(self.lines.values()),
            loc="upper right",
            bbox_to_anchor=(0.99, 0.99),
            ncols=2,
        )
        figure.text(0.012, 0.15 + 0.275 * 9.0 / 7.6, "b", va="center", size=11)
        figure.text(
            0.055, 0.94, "Loss around the trained weights (+);   ○ lower than its neighbours",
            color=palette.INK["input"],
        )  # fmt: skip

    def compute(self, n_layers, row):
        values = {"n_layers": n_layers}
        found = self.result(values)
        tables = {side: np.asarray(found[f"surface {side}"], float) for side in deep.SIDES}
        return Surfaces(
            n_layers, row - 1, tables,
            {side: landscape.minima(table) for side, table in tables.items()},
            {side: found.get(f"accuracy {side}") for side in deep.SIDES},
            self.origin(values),
        )  # fmt: skip

    def structure(self, result):
        return int(np.ceil(max(np.nanmax(table, initial=1) for table in result.tables.values())))

    def arrange(self, result):
        limit = self.structure(result)
        ticks = range(0, limit + 1)
        self.cut_ax.set(ylim=(0, limit), yticks=ticks)
        self.scale.set_yticks([tick / limit for tick in ticks], ticks)

    def draw(self, result):
        limit = self.structure(result)
        for side, table in result.tables.items():
            self.images[side].set_clim(0, limit)
            self.images[side].set_data(table)
            rows, columns = np.nonzero(result.minima[side])
            self.dots[side].set_data(columns, rows)
            self.cuts[side].set_data([deep.COUNT - 0.25], [result.row])
            self.titles[side].set_text(f"{side} skip: {counted(len(rows))}")
            self.lines[side].set_data(self.places, table[result.row])
        self.cut_title.set_text(f"Cut at b = {self.places[result.row]:.2f}".replace("-", "−"))
        return [
            *self.images.values(), *self.middles.values(), *self.dots.values(),
            *self.cuts.values(), *self.titles.values(), *self.lines.values(), self.cut_title,
        ]  # fmt: skip

    def describe(self, result):
        parts, cuts = [], []
        for side, table in result.tables.items():
            if np.isnan(table).all():
                parts.append(f"{side} skip not measured yet")
                continue
            parts.append(
                f"{side} skip ({result.accuracies[side]:.2f} of the answers right) "
                f"{counted(result.minima[side].sum())}, loss from {np.nanmin(table):.2f} to "
                f"{np.nanmax(table):.2f}"
            )
            if np.isfinite(table[result.row]).all():
                cuts.append(f"{side} skip {np.min(table[result.row]):.2f}")
        return (
            f"Trained weights ({result.origin}), {result.n_layers} layers, norm before f, a slice "
            f"of {deep.COUNT} × {deep.COUNT} places: {'; '.join(parts)}. Lowest along row "
            f"{result.row + 1}: {', '.join(cuts) or 'not measured yet'}."
        )


def counted(n_minima):
    """Return how many minima there are, in words."""
    return f"{n_minima} local {'minimum' if n_minima == 1 else 'minima'}"
