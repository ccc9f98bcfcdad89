"""Explorers of notebook 02: what stays of a word, untrained stacks, stacks that learn, the loss."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from helpers import stack
from helpers.drawing import arrays, palette
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.marks import ABOVE, NORM_NAMES, SKIP_STYLE, shares_axes
from helpers.drawing.numbers import power, raised
from helpers.drawing.sheet import live_ghost
from helpers.drawing.skip_connections import LossMap, counted
from helpers.explorers import explorer
from helpers.explorers.choices import NORM_CHOICES
from helpers.explorers.learnt import LearntExplorer
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import first_word, landscape, probe
from helpers.learning.experiments import skip_connections as deep
from helpers.learning.measures import mean_cosine, rms

DEEPEST = 24
D_MODEL, N_HEADS, D_FF = 24, 2, 48
SEQ_LEN = 6
VOCABULARY = ("cat", "dog", "sun", "tree", "book", "sea")
N_BLOCKS, N_SENTENCES = 12, 150
QUESTIONS = {  # what is asked, and what is told
    "own": ("which word is it?", "which word it is"),
    "sun": ("is sun another word?", "whether sun is another word of its sentence"),
}
SUN = VOCABULARY.index("sun")
SIDES = {skip: style["label"] for skip, style in SKIP_STYLE.items()}
SIGNS = {True: "●", False: "■"}  # of the lines in SKIP_STYLE
COLOR_LIMIT = 2.5  # of a vector whose numbers have the typical size 1


def random_stack(n_sentences, n_layers, seed, gain=1.0):
    """Return sentences, the six words' vectors and the blocks of a stack, all drawn at random.

    tokens: (sentences, seq_len), embeddings: (words, d_model), layers: a dict per block.
    """
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, len(VOCABULARY), (n_sentences, SEQ_LEN))
    embeddings = rng.standard_normal((len(VOCABULARY), D_MODEL))
    return tokens, embeddings, stack.init(n_layers, D_MODEL, N_HEADS, D_FF, rng, gain)


def all_states(x, traces):
    """Return the input and what each block handed on: (layers + 1, sentences, seq_len, d_model)."""
    return np.stack([x, *(trace.out for trace in traces)])


def read_off(states, labels, seed):
    """Return the share of words whose label a probe reads off at each layer: (layers + 1,)."""
    flat = states.reshape(len(states), -1, D_MODEL)  # (layers + 1, words, d_model)
    return probe.accuracy(flat, labels.ravel(), np.random.default_rng(seed))


@lru_cache(maxsize=16)
def probed(seed):
    """Return, for both kinds of stack, what a probe reads and what six words look like.

    The blocks are random, with the norm before each step. The first sentence holds each word once.
    Returns {question: {skip: (layers + 1,)}}, {skip: (layers + 1, words, d_model)} and the guesses.
    """
    tokens, embeddings, layers = random_stack(N_SENTENCES, N_BLOCKS, seed)
    tokens[0] = np.arange(SEQ_LEN)
    x = embeddings[tokens]  # (sentences, seq_len, d_model)
    is_sun = tokens == SUN  # (sentences, seq_len)
    elsewhere = is_sun.sum(axis=1, keepdims=True) > is_sun  # (sentences, seq_len)
    labels = {"own": tokens, "sun": elsewhere.astype(int)}
    shares, sentence = {question: {} for question in labels}, {}
    for skip in SIDES:
        states = all_states(x, stack.forward(x, layers, N_HEADS, norm="pre", skip=skip))
        sentence[skip] = states[:, 0]  # (layers + 1, words, d_model)
        for question, answers in labels.items():
            shares[question][skip] = read_off(states, answers, seed)
    share = elsewhere.mean()
    return shares, sentence, {"own": 1 / len(VOCABULARY), "sun": max(share, 1 - share)}


class SkipConnectionsExplorer(explorer.Explorer):
    """What stays of a word, layer by layer, with skips and without."""

    size = (864, 368)

    def make_controls(self):
        return {
            "layer": explorer.int_slider("Layer", 0, 0, N_BLOCKS),
            "question": explorer.menu(
                "Read", "own", [(asked, question) for question, (asked, _) in QUESTIONS.items()]
            ),
            "seed": explorer.int_slider("Random seed", 0, 0, 9),
        }

    def build(self, figure):
        quiet = palette.INK["quiet"]
        ax = shares_axes(
            figure, (0.072, 0.165, 0.425, 0.70), xlabel="layer (0 is the input)",
            xlim=(-0.4, N_BLOCKS + 2.3), xticks=range(0, N_BLOCKS + 1, 2), ylim=(-0.04, 1.07),
        )  # fmt: skip
        self.title = live_title(ax)
        (self.guess,) = ax.plot([], [], color=quiet, ls=":", lw=1.5, zorder=ABOVE)
        self.guess_note = live_text(ax, 0.1, 0, "guessing", color=quiet)
        self.lines, self.ends, self.maps, self.map_titles = {}, {}, {}, {}
        for skip, style in SKIP_STYLE.items():
            (self.lines[skip],) = ax.plot([], [], ms=6, lw=2.5, zorder=ABOVE, **style)
            self.ends[skip] = live_text(ax, 0, 0, color=style["color"], weight="bold")
        for skip, bottom in ((True, 0.545), (False, 0.075)):
            ax = figure.add_axes((0.575, bottom, 0.41, 0.345))
            image = self.maps[skip] = live_matrix(ax, "signed", COLOR_LIMIT)
            size_matrix(ax, image, SEQ_LEN, D_MODEL)
            arrays.label_rows(ax, VOCABULARY)
            self.map_titles[skip] = live_title(ax, color=SKIP_STYLE[skip]["color"])

    def compute(self, layer, question, seed):
        shares, sentence, guesses = probed(seed)
        vectors = {skip: states[layer] for skip, states in sentence.items()}
        return {
            "shares": {skip: curve[: layer + 1] for skip, curve in shares[question].items()},
            "vectors": {skip: rows / rms(rows) for skip, rows in vectors.items()},
            "cosines": {skip: float(mean_cosine(rows)) for skip, rows in vectors.items()},
            "guess": guesses[question],
        }

    def draw(self, result):
        self.title.set_text(f"Right answers: {QUESTIONS[result.question][0]}")
        self.guess.set_data([-0.4, N_BLOCKS + 0.3], [result.guess] * 2)
        self.guess_note.set_position((4.5, result.guess - 0.085))
        apart = abs(np.subtract(*(curve[-1] for curve in result.shares.values())))
        for skip, curve in result.shares.items():
            self.lines[skip].set_data(np.arange(result.layer + 1), curve)
            self.ends[skip].set_text(f"{curve[-1]:.2f}")
            lowered = 0.09 if apart < 0.09 and not skip else 0.025  # so that the two never touch
            self.ends[skip].set_position((result.layer + 0.45, curve[-1] - lowered))
            self.maps[skip].set_data(result.vectors[skip])
            self.map_titles[skip].set_text(f"{SIGNS[skip]} Layer {result.layer}, {SIDES[skip]}")
        live = [self.title, self.guess, self.guess_note, *self.lines.values()]
        live += [*self.ends.values(), *self.maps.values(), *self.map_titles.values()]
        return live

    def describe(self, result):
        with_skip, without = (result.shares[skip][-1] for skip in SIDES)
        return (
            f"Random weights, seed {result.seed}. At layer {result.layer} a vector tells "
            f"{QUESTIONS[result.question][1]}: "
            f"with skip in {with_skip:.2f} of the cases, without {without:.2f} (guessing "
            f"{result.guess:.2f})."
        )


DECADES = (2, 6, 12, 24, 60)  # how far a logarithmic axis may reach, up and down
N_SIGNAL_SENTENCES = 40


class Measured(NamedTuple):
    gradient: np.ndarray  # (depth + 1,)  length of the gradient at each layer, 1 at the top
    signal: np.ndarray  # (depth + 1,)    root mean square of each layer's numbers, the input first
    readable: np.ndarray  # (depth + 1,)  share of own words that a linear probe reads off
    cosine: np.ndarray  # (depth + 1,)    mean cosine of two words of a sentence


# The traces take some megabytes, hence two; they save the way up while the depth is dragged.
@lru_cache(maxsize=2)
def way_up(norm, skip, gain, seed):
    """Return layers, traces and, for the input and each layer: signal, readable, cosine.

    The first blocks of the deepest stack are those of every other.
    """
    tokens, embeddings, layers = random_stack(N_SIGNAL_SENTENCES, DEEPEST, seed, gain)
    x = embeddings[tokens]  # (sentences, seq_len, d_model)
    traces = stack.forward(x, layers, N_HEADS, norm=norm, skip=skip)
    states = all_states(x, traces)  # (layers + 1, sentences, seq_len, d_model)
    signal, cosine = rms(states, axis=(1, 2, 3)), mean_cosine(states).mean(axis=-1)
    return layers, traces, signal, read_off(states, tokens, seed), cosine


@lru_cache(maxsize=4096)
def measured(depth, norm, skip, gain, seed):
    """Return what a stack does to a gradient of length 1, in a random direction, and a signal."""
    layers, traces, *values = way_up(norm, skip, gain, seed)
    layers, traces = layers[:depth], traces[:depth]
    grad_out = np.random.default_rng(seed).standard_normal(traces[-1].out.shape)
    grad_out /= np.linalg.norm(grad_out)
    grad_xs, _ = stack.backward(grad_out, traces, layers)
    gradient = np.array([np.linalg.norm(grad) for grad in (*grad_xs, grad_out)])
    return Measured(gradient, *(value[: depth + 1] for value in values))


def reach(values):
    """Return how many decades below and above 1 an axis must show."""
    below = max(0.0, -np.log10(values.min()))
    above = max(0.0, np.log10(values.max()))
    return tuple(next((d for d in DECADES if d >= far), DECADES[-1]) for far in (below, above))


class SignalsExplorer(explorer.Explorer):
    """A stack of untrained blocks: the gradient down, the signal up, and what stays readable."""

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
        lefts, ink, quiet = (0.075, 0.40, 0.725), palette.INK["input"], palette.INK["quiet"]
        titles = ("Gradient, from the top", "Signal, from the input", "What can be read")
        for left, title, way in zip(lefts, titles, ("down", "up", "up"), strict=True):
            ax = figure.add_axes(
                (left, 0.33, 0.25, 0.55), title=title, xlabel=f"layers {way}",
                xlim=(-0.8, DEEPEST + 0.8), xticks=range(0, DEEPEST + 1, 6),
            )  # fmt: skip
            ax.grid(axis="y")
        *self.logarithmic, readable = figure.axes
        for ax in self.logarithmic:
            ax.set_yscale("log")
            ax.minorticks_off()
        readable.set(ylim=(-0.05, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1])
        readable.axhline(1 / len(VOCABULARY), color=quiet, ls=":", lw=1.5)
        readable.text(0, 0.03, "guessing", color=quiet)
        size = {"ms": 4, "lw": 1.6}
        self.ghosts = [live_ghost(ax, marker="o", **size) for ax in self.logarithmic]
        (cosine,) = readable.plot([], [], "s--", color="#8A8A8A", zorder=ABOVE, **size)
        first, second, own = (
            ax.plot([], [], "o-", color=palette.FILL["input"], zorder=ABOVE, **size)[0]
            for ax in figure.axes
        )
        self.lines = [first, second, cosine, own]
        self.notes = [
            live_text(figure, lefts[i], y, color=color)
            for i, y, color in (
                (0, 0.1, ink), (1, 0.1, ink), (2, 0.03, quiet), (2, 0.1, ink), (0, 0.03, quiet),
            )
        ]  # fmt: skip

    def compute(self, depth, gain, norm, seed, skip):
        found = {way: measured(depth, norm, way, gain, seed) for way in SIDES}
        # The axes stand still while depth and skip change.
        deepest = [measured(DEEPEST, norm, way, gain, seed) for way in SIDES]
        gradients = np.concatenate([one.gradient for one in deepest])
        signals = np.concatenate([one.signal for one in deepest])
        return {
            "chosen": found[skip],
            "other": found[not skip],
            "reaches": (reach(gradients), reach(signals)),  # decades below and above 1
        }

    def structure(self, result):
        return result.reaches

    def arrange(self, result):
        for ax, (below, above) in zip(self.logarithmic, self.structure(result), strict=True):
            step = max(1, (below + above) // 4)
            ticks = [e for e in range(-60, 61) if -below <= e <= above and e % step == 0]
            ax.set_ylim(10.0 ** (-below - 0.4), 10.0 ** (above + 0.4))
            ax.set_yticks([10.0**e for e in ticks], [f"10{raised(e)}" if e else "1" for e in ticks])

    def draw(self, result):
        chosen, other = result.chosen, result.other
        layers = np.arange(result.depth + 1)
        curves = (chosen.gradient[::-1], chosen.signal, chosen.cosine, chosen.readable)
        for line, values in zip(self.lines, curves, strict=True):
            line.set_data(layers, values)
        for ghost, values in zip(self.ghosts, (other.gradient[::-1], other.signal), strict=True):
            ghost.set_data(layers, values)
        notes = (
            f"at the input: {power(chosen.gradient[0])}",
            f"at the top: {power(chosen.signal[-1])}",
            f"■ cosine of two words: {chosen.cosine[-1]:.2f}",
            f"● own word, by a probe: {chosen.readable[-1]:.2f}",
            f"pale: the same stack {SIDES[not result.skip]}",
        )
        for note, text in zip(self.notes, notes, strict=True):
            note.set_text(text)
        return [*self.ghosts, *self.lines, *self.notes]

    def describe(self, result):
        chosen = result.chosen
        blocks = "1 block" if result.depth == 1 else f"{result.depth} blocks"
        return (
            f"Random weights, {blocks}, {NORM_NAMES[result.norm]}, {SIDES[result.skip]}. Gradient: "
            f"1 at the top, {power(chosen.gradient[0])} at the input. Signal at the top: "
            f"{power(chosen.signal[-1])}. Words read there: {chosen.readable[-1]:.2f}."
        )


class DeepStacksExplorer(LearntExplorer):
    """Stacks that learn: right answers by step and by depth, with and without skip."""

    way, along, styles, places = "skip", "n_layers", SKIP_STYLE, deep.DEPTHS
    n_steps, guess = deep.STEPS, first_word.GUESS
    at_end = {"xlim": (min(deep.DEPTHS) - 1, max(deep.DEPTHS) + 1), "xlabel": "layers"}

    def make_controls(self):
        return {
            "n_layers": explorer.choice_slider("Layers", 8, list(deep.DEPTHS)),
            "norm": explorer.menu("Norm", "pre", NORM_CHOICES[:2]),
            "skip": explorer.switch("skip: x + f(x)", True),
        }

    def run_name(self, values):
        return deep.depth_name(values["n_layers"], values["norm"], values["skip"])

    def heading(self, result):
        return f"Right answers, {result.n_layers} layers"

    def describe(self, result):
        steps, shares = result.curves[result.skip]
        other = result.curves[not result.skip][1][-1]
        seeds = result.ends[result.skip][deep.DEPTHS.index(result.n_layers)]  # (seeds,)
        return (
            f"Trained ({result.origin}), {result.n_layers} layers, "
            f"{NORM_NAMES[result.norm]}, step {steps[-1]}: {SIDES[result.skip]} "
            f"{shares[-1]:.2f} of the answers are right "
            f"({len(seeds)} seeds: {seeds.min():.2f} to {seeds.max():.2f}), "
            f"{SIDES[not result.skip]} {other:.2f}, guessing {first_word.GUESS:.2f}."
        )


class SurfacesExplorer(LiveExperiment):
    """The loss around trained weights, with skip and without, on one scale; and a cut."""

    def make_controls(self):
        return {
            "n_layers": explorer.choice_slider("Layers", 4, list(deep.SURFACE_DEPTHS)),
            "row": explorer.int_slider("Cut along row", 8, 1, deep.COUNT),
        }

    def run_name(self, values):
        return deep.surface_name(values["n_layers"])

    def build(self, figure):
        places = np.linspace(-deep.REACH, deep.REACH, deep.COUNT)
        self.places, self.maps, self.cuts, height = places, {}, {}, 0.275 * 9.0 / 3.8
        for side, left in zip(deep.SIDES, (0.055, 0.36), strict=True):
            ax = figure.add_axes((left, 0.15, 0.275, height))
            self.maps[side] = LossMap(ax, deep.COUNT)
            ends = [0, deep.COUNT // 2, deep.COUNT - 1], ["−1", "0", "1"]
            ax.set_xticks(*ends)
            ax.set_yticks(*ends)
            ax.set_xlabel("a")
            ax.tick_params(length=0)
            edge = {"ms": 8, "color": palette.FILL["input"], "clip_on": False, "zorder": ABOVE}
            (self.cuts[side],) = ax.plot([], [], "<", **edge)
        ax.set_yticklabels([])  # as on the left
        self.scale = figure.add_axes((0.654, 0.15, 0.014, height))
        shades = np.linspace(1, 0, 128)[:, None]
        self.scale.imshow(shades, palette.WEIGHTS, aspect="auto", extent=(0, 1, 0, 1))
        self.scale.set(xticks=[])
        self.scale.yaxis.tick_right()
        self.cut_ax = figure.add_axes((0.752, 0.15, 0.24, height), xlim=(-1.03, 1.03), xlabel="a")
        self.cut_ax.set_xticks([-1, 0, 1], ["−1", "0", "1"])
        self.cut_ax.grid(axis="y")
        self.cut_title = live_title(self.cut_ax)
        self.lines = {
            side: self.cut_ax.plot([], [], ms=4, zorder=ABOVE, **SKIP_STYLE[skip])[0]
            for side, skip in deep.SIDES.items()
        }
        handles, place = [*self.lines.values()], (0.99, 0.99)
        figure.legend(handles=handles, loc="upper right", bbox_to_anchor=place, ncols=2)
        figure.text(0.012, 0.15 + 0.275 * 9.0 / 7.6, "b", va="center")
        title = "Loss around trained weights (+);  ○ lower than its neighbours"
        figure.text(0.055, 0.94, title, color=palette.INK["input"])

    def compute(self, n_layers, row):
        values = {"n_layers": n_layers}
        found = self.result(values)
        # Losses, (rows, columns); NaN where none is measured yet.
        tables = {side: np.asarray(found[f"surface {side}"], float) for side in deep.SIDES}
        return {
            "cut": row - 1,  # the row, counted from 0
            "tables": tables,
            "minima": {side: landscape.minima(table) for side, table in tables.items()},
            "accuracies": {side: found.get(f"accuracy {side}") for side in deep.SIDES},
            "origin": self.origin(values),
        }

    def structure(self, result):
        return int(np.ceil(max(np.nanmax(table, initial=1) for table in result.tables.values())))

    def arrange(self, result):
        limit = self.structure(result)
        ticks = range(limit + 1)
        self.cut_ax.set(ylim=(0, limit), yticks=ticks)
        self.scale.set_yticks([tick / limit for tick in ticks], ticks)

    def draw(self, result):
        limit, maps = self.structure(result), []
        for side, table in result.tables.items():
            maps += self.maps[side].draw(table, result.minima[side], side, limit)
            self.cuts[side].set_data([deep.COUNT - 0.25], [result.cut])
            self.lines[side].set_data(self.places, table[result.cut])
        self.cut_title.set_text(f"Cut at b = {self.places[result.cut]:.2f}".replace("-", "−"))
        return [*maps, *self.cuts.values(), *self.lines.values(), self.cut_title]

    def describe(self, result):
        parts, cuts = [], []
        for side, table in result.tables.items():
            if np.isnan(table).all():
                parts.append(f"{side} skip not measured yet")
                continue
            parts.append(
                f"{side} skip {counted(result.minima[side].sum())} "
                f"({result.accuracies[side]:.2f} of the answers right)"
            )
            if np.isfinite(table[result.cut]).all():
                cuts.append(f"{side} {landscape.valleys(table[result.cut])}")
        return (
            f"Trained ({result.origin}), {result.n_layers} layers: {'; '.join(parts)}. Valleys "
            f"along row {result.row}, a low end included: "
            f"{', '.join(cuts) or 'not measured yet'}."
        )
