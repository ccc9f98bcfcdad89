"""Explorers of notebook 07: where words look, in a model trained here, a real one, your own."""

from typing import NamedTuple

import numpy as np

from helpers import stack
from helpers import words as lesson_words
from helpers.drawing.reading_attention import (
    AttentionView,
    check_words,
    describe,
    weights_of,
)
from helpers.explorers import explorer
from helpers.explorers.choices import numbered
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import minilm, pronouns
from helpers.learning.experiments import reading_attention as experiments
from helpers.positional_encoding import sinusoidal

NONE = -1
GAP = "_"


def named(place):
    """Return how a head is called: "layer 1 head 2"."""
    return f"layer {place[0]} head {place[1]}"


def knock_outs(n_layers, n_heads=experiments.N_HEADS):
    """Return all heads as choices, numbered through, and none of them first."""
    places = [divmod(i, n_heads) for i in range(n_layers * n_heads)]
    return [("none", NONE), *((named(place), i) for i, place in enumerate(places))]


class Result(NamedTuple):
    label: str  # whose weights these are
    words: list  # seq_len words
    weights: np.ndarray  # (n_layers, n_heads, seq_len, seq_len)
    query: int
    layer: int
    head: int
    lines: tuple = ()  # what the picture says besides
    said: str = ""  # what the sentence says besides


class Reading(explorer.Explorer):
    """What the explorers below share: the picture and its sentence."""

    size = (864, 422)

    def build(self, figure):
        self.view = AttentionView(figure)

    def structure(self, result):
        return tuple(result.words), *result.weights.shape[:2]

    def arrange(self, result):
        self.view.arrange(*self.structure(result))

    def draw(self, result):
        return self.view.draw(result.weights, result.query, result.layer, result.head, result.lines)

    def describe(self, result):
        looks = describe(result.weights, result.words, result.query, result.layer, result.head)
        return f"{result.label}, {looks}{result.said}"


class AttentionExplorer(Reading):
    """The attention in any trace of encoder_block, or list of traces, over its words.

    traces, tokens: as for attention_picture; without them, two random blocks over six words.
    label: whose weights these are, for the sentence.
    """

    def __init__(self, traces=None, tokens=None, label="Your weights", **start):
        if traces is None:
            tokens, label = "Thinking Machines look at every word".split(), "Random weights"
            x = lesson_words.embed(tokens, 16) + sinusoidal(6, 16)  # (seq_len, d_model)
            layers = stack.init(2, 16, 4, 32, np.random.default_rng(0))
            traces = stack.forward(x, layers, 4)
        self.weights = weights_of(traces)  # (n_layers, n_heads, seq_len, seq_len)
        self.tokens, self.label = check_words(self.weights, tokens), label
        super().__init__(**start)

    def make_controls(self):
        n_layers, n_heads, _, _ = self.weights.shape
        return {
            "layer": explorer.int_slider("Layer", 0, 0, n_layers - 1),
            "head": explorer.int_slider("Head", 0, 0, n_heads - 1),
            "query": explorer.choice_slider("Query word", 0, numbered(self.tokens)),
        }

    def compute(self, layer, head, query):
        return Result(self.label, self.tokens, self.weights, query, layer, head)


class PronounExplorer(Reading, LiveExperiment):
    """The models of the pronoun experiment, over any sentence of their small language."""

    size = (864, 422)
    lesson = "reading_attention"
    vocabulary = pronouns.VOCABULARY  # other words are refused
    samples = {
        "words": [
            "it",
            "the dog was not seen by the man because it was _",
            "because it was so icy the child did not leave the old bridge",
            "yesterday again the red cat did not reach the white wall because it was very _ today",
        ]
    }

    def make_controls(self):
        words = experiments.FAMOUS.format(GAP)
        return {
            "run": explorer.menu("Model", "which noun", list(experiments.RUNS)),
            "words": explorer.text_field("Words", words),
            "adjective": explorer.choice_slider(
                f"Word for {GAP}", "tired", list(pronouns.ADJECTIVES[0] + pronouns.ADJECTIVES[1])
            ),
            "layer": explorer.choice_slider("Layer", 1, [0, 1]),
            "head": explorer.int_slider("Head", 3, 0, experiments.N_HEADS - 1),
            "query": explorer.choice_slider(
                "Query word", words.split().index("it"), numbered(words.split())
            ),
            "knocked_out": explorer.choice_slider("Knock out", NONE, knock_outs(2)),
        }

    def adapt(self, values):
        n_layers = experiments.RUNS[values["run"]].options.get("n_layers", 2)
        explorer.offer(self.controls["layer"], list(range(n_layers)))
        if values["knocked_out"] >= n_layers * experiments.N_HEADS:
            self.controls["knocked_out"].value = NONE
        explorer.offer(self.controls["knocked_out"], knock_outs(n_layers))
        try:
            words = lesson_words.split(values["words"], pronouns.MAX_WORDS)
        except ValueError:
            return  # compute says what is wrong with the line; the choices stay as they are
        explorer.offer(self.controls["query"], numbered(words))

    def run_name(self, values):
        return values["run"]

    def compute(self, run, words, adjective, layer, head, query, knocked_out):
        found = self.result({"run": run})
        words, tokens = pronouns.read(words.replace(GAP, adjective))
        trace = experiments.read(run, found["weights"], tokens)
        said = experiments.answer(run, trace, words)
        lines, spoken = [f"answer: {said}"], f"Answer: {said}"
        if knocked_out != NONE:
            gone = divmod(knocked_out, experiments.N_HEADS)
            trace = experiments.read(run, found["weights"], tokens, gone)
            said = experiments.answer(run, trace, words)
            lines += [f"without {named(gone)}:", f"answer: {said}"]
            spoken += f"; without {named(gone)}: {said}"
        origin = "Random weights" if run == "not trained" else "Trained weights"
        return Result(
            f"{origin} ({self.origin({'run': run})}; {run})", words,
            weights_of(trace), query, layer, head,
            tuple((line, "z") for line in ("", *lines)), f" {spoken}.",
        )  # fmt: skip


class RealEncoderExplorer(Reading):
    """The 72 heads of a real encoder, all-MiniLM-L6-v2, over sentences that are kept with them."""

    def make_controls(self):
        texts = [(reading.text, i) for i, reading in enumerate(minilm.readings())]
        tokens = minilm.readings()[0].tokens
        n_layers, n_heads, _, _ = minilm.readings()[0].weights.shape
        return {
            "sentence": explorer.span(explorer.menu("Sentence", 0, texts), 3),
            "layer": explorer.int_slider("Layer", 3, 0, n_layers - 1),
            "head": explorer.int_slider("Head", 1, 0, n_heads - 1),
            "query": explorer.choice_slider("Query word", tokens.index("it"), numbered(tokens)),
        }

    def adapt(self, values):
        tokens = minilm.readings()[values["sentence"]].tokens
        explorer.offer(self.controls["query"], numbered(tokens))

    def compute(self, sentence, layer, head, query):
        reading = minilm.readings()[sentence]
        habits = {name: means[layer, head] for name, means in minilm.habits().items()}
        strongest = max(habits, key=habits.get)
        count = len(minilm.readings())
        lines = [("", "input"), (f"mean of {count} sentences", "input")]
        lines += [(f"{name} {mean:.2f}", "z") for name, mean in habits.items()]
        said = f" Its strongest habit over {count} sentences: {strongest}, {habits[strongest]:.2f}."
        return Result(
            "Trained weights (MiniLM)", reading.tokens, reading.weights, query, layer, head,
            tuple(lines), said,
        )  # fmt: skip
