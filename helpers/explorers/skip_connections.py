"""Explorer of notebook 02: what goes up and what comes down through a stack of blocks."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from helpers.drawing import palette
from helpers.drawing.live_text import live_text
from helpers.explorers import explorer
from helpers.learning import probe, stack

DEEPEST = 24
D_MODEL, N_HEADS, D_FF = 24, 2, 48
VOCAB_SIZE, SENTENCES, SEQ_LEN = 6, 40, 6
DECADES = (2, 6, 12, 24, 60)  # how far a logarithmic axis may reach, up and down
NORMS = [("before f (pre)", "pre"), ("after the sum (post)", "post"), ("none", "none")]
PLACES = {"pre": "norm before f", "post": "norm after the sum", "none": "no norm"}


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
    signal = np.sqrt(np.square(states).mean(axis=(1, 2, 3)))
    flat = states.reshape(n_layers + 1, -1, D_MODEL)  # (n_layers + 1, words, d_model)
    readable = probe.accuracy(flat, tokens.ravel(), np.random.default_rng(seed))
    return layers, traces, signal, readable, mean_cosine(states)


def mean_cosine(states):
    """Return the mean cosine of two different words: (…, sentences, seq_len, d) → (…,)."""
    unit = states / np.linalg.norm(states, axis=-1, keepdims=True)
    seq_len = states.shape[-2]
    total = np.square(unit.sum(axis=-2)).sum(axis=-1)  # of all pairs, each word with itself too
    return ((total - seq_len) / (seq_len * (seq_len - 1))).mean(axis=-1)


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


def power(value):
    """Return a number as a reader writes it: 0.03, 3.1, 120, or 2.4·10⁻⁵."""
    if 0.01 <= value < 1000:
        return f"{value:.2f}" if value < 10 else f"{value:.0f}"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits}·10{raised(int(exponent))}"


def raised(exponent):
    """Return a whole number in small raised digits."""
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def reach(values):
    """Return how many decades below and above 1 an axis must show."""
    below = max(0.0, -np.log10(values.min()))
    above = max(0.0, np.log10(values.max()))
    return tuple(next((d for d in DECADES if d >= far), DECADES[-1]) for far in (below, above))


class SkipConnectionsExplorer(explorer.Explorer):
    """A stack of untrained blocks: the gradient down, the signal up, and what stays readable."""

    def make_controls(self):
        return {
            "depth": explorer.int_slider("Layers", 12, 1, DEEPEST),
            "gain": explorer.choice_slider(
                "Gain of f", 1.0, [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0]
            ),
            "norm": explorer.menu("Norm", "pre", NORMS),
            "seed": explorer.int_slider("Random seed", 0, 0, 4),
            "skip": explorer.switch("skip: x + f(x)", True),
        }

    def build(self, figure):
        lefts, foot, width, height = (0.075, 0.395, 0.715), 0.34, 0.255, 0.56
        self.panels = [figure.add_axes((left, foot, width, height)) for left in lefts]
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
        looks = [
            (self.panels[0], black, "o", "-"),
            (self.panels[1], black, "o", "-"),
            (self.panels[2], gray, "s", "--"),
            (self.panels[2], black, "o", "-"),
        ]
        self.lines = [
            ax.plot([], [], color=color, marker=marker, ls=dashes, ms=4, lw=1.6)[0]
            for ax, color, marker, dashes in looks
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
            f"Random weights, {blocks}, {PLACES[result.norm]}, "
            f"{'with' if result.skip else 'without'} skip: a gradient of length 1 at the top has "
            f"length {power(result.gradient[0])} at the input; the signal goes from "
            f"{power(result.signal[0])} to {power(result.signal[-1])}; a probe reads "
            f"{result.readable[-1]:.2f} of the words off the last layer (guessing: "
            f"{1 / VOCAB_SIZE:.2f}), and two words of a sentence have cosine "
            f"{result.cosine[-1]:.2f}."
        )
