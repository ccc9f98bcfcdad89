"""Explorers of notebook 07: where words look, in a model trained here, a real one, your own."""

import numpy as np

from helpers import stack
from helpers import words as lesson_words
from helpers.drawing.reading_attention import (
    HEIGHT,
    WIDTH,
    AttentionView,
    check_words,
    describe,
    weights_of,
)
from helpers.explorers import explorer
from helpers.explorers.choices import numbered, offer_words
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import minilm, pronouns
from helpers.learning.experiments import reading_attention as experiments
from helpers.positional_encoding import sinusoidal

N_HEADS = experiments.N_HEADS
KNOCK_OUTS = ["none", "head", "layer"]  # the chosen head, or all of its layer
GAP = "_"
MODELS = [(name.removeprefix("which noun, "), name) for name in experiments.MODELS]


def heads_of(n_layers):
    """Return all heads as choices, numbered through: "layer 1 head 3" is 7."""
    return [
        (f"layer {layer} head {head}", layer * N_HEADS + head)
        for layer in range(n_layers)
        for head in range(N_HEADS)
    ]


class Reading(explorer.Explorer):
    """What the explorers below share: the picture and its sentence. Their compute gives:

    label             whose weights these are
    words, weights    (seq_len,) and (n_layers, n_heads, seq_len, seq_len)
    layer, head, query where they are no controls
    notes, said       what the picture and the sentence say besides
    knocked_out       heads whose result is set to zero, (layer, head) each
    """

    size = (WIDTH, HEIGHT)
    drawing = AttentionView

    def structure(self, result):
        return tuple(result.words), *result.weights.shape[:2]

    def draw(self, result):
        shown = result.weights, result.query, result.layer, result.head
        return self.picture.draw(*shown, result.notes, result.knocked_out)

    def describe(self, result):
        looks = describe(result.weights, result.words, result.query, result.layer, result.head)
        return f"{result.label}, {looks}{result.said}"


class AttentionExplorer(Reading):
    """The attention in any trace of encoder_block, or list of traces, over its words.

    traces, tokens: as for attention_picture; without them, two random blocks over six words, and
    a tour of these. label: whose weights these are, for the sentence.
    """

    def __init__(self, traces=None, tokens=None, label="Your weights", **start):
        self.is_example = traces is None
        if self.is_example:
            tokens, label = "Thinking Machines look at every word".split(), "Random weights"
            x = lesson_words.named(tokens, 16) + sinusoidal(6, 16)  # (seq_len, d_model)
            layers = stack.init(2, 16, 4, 32, np.random.default_rng(0))
            traces = stack.forward(x, layers, 4)
        self.weights = weights_of(traces)  # (n_layers, n_heads, seq_len, seq_len)
        self.tokens, self.label = check_words(self.weights, tokens), label
        super().__init__(**start)

    def tour_stops(self):
        return super().tour_stops() if self.is_example else []

    def make_controls(self):
        n_layers, n_heads, _, _ = self.weights.shape
        return {
            "layer": explorer.int_slider("Layer", 0, 0, n_layers - 1),
            "head": explorer.int_slider("Head", 0, 0, n_heads - 1),
            "query": explorer.choice_slider("Query", 0, numbered(self.tokens)),
        }

    def compute(self, layer, head, query):
        shown = {"label": self.label, "words": self.tokens, "weights": self.weights}
        return shown | {"notes": (), "said": "", "knocked_out": ()}


class PronounExplorer(Reading, LiveExperiment):
    """The models of the pronoun experiment, over any sentence of their small language."""

    columns = 4
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
        words = experiments.FAMOUS.format(GAP).split()
        adjectives = pronouns.ADJECTIVES[0] + pronouns.ADJECTIVES[1]
        return {
            "words": explorer.span(explorer.text_field("Words", " ".join(words)), 3),
            "adjective": explorer.menu(f"Word for {GAP}", "tired", list(adjectives)),
            "run": explorer.menu("Model", "which noun", MODELS),
            "head": explorer.menu("Head", N_HEADS + 3, heads_of(2)),
            "query": explorer.menu("Query", words.index("it"), numbered(words)),
            "knocked_out": explorer.menu("Knock out", "none", KNOCK_OUTS),
        }

    def adapt(self, values):
        n_layers = experiments.RUNS[values["run"]].options.get("n_layers", 2)
        explorer.offer(self.controls["head"], heads_of(n_layers))
        line = pronouns.plain(values["words"])
        if offer_words(self.controls["query"], line, pronouns.MAX_WORDS):
            self.controls["adjective"].disabled = GAP not in line

    def run_name(self, values):
        return values["run"]

    def compute(self, run, words, adjective, head, query, knocked_out):
        found = self.result({"run": run})
        words, tokens = pronouns.read(words.replace(GAP, adjective))
        layer, head = divmod(head, N_HEADS)
        trace = experiments.read(run, found["weights"], tokens)
        said = f"answer: {experiments.answer(run, trace, words)}"
        notes, out = [said], ()
        if knocked_out != "none":
            heads = [head] if knocked_out == "head" else range(N_HEADS)
            out = tuple((layer, one) for one in heads)
            trace = experiments.read(run, found["weights"], tokens, out)
            gone = f"layer {layer}" + (f" head {head}" if len(out) == 1 else "")
            without = experiments.answer(run, trace, words)
            notes += [f"without {gone}:", f"answer: {without}"]
            said += f"; without {gone}: {without}"
        origin = "Random" if run == "not trained" else "Trained"
        return {
            "label": f"{origin} ({self.origin({'run': run})}; {run})",
            "words": words, "weights": weights_of(trace), "layer": layer, "head": head,
            "notes": [(note, "z") for note in notes], "said": f" {said.capitalize()}.",
            "knocked_out": out,
        }  # fmt: skip


def words_in(tokens):
    """Return the tokens that are words as choices: not a full stop, [CLS] or [SEP]."""
    return [(name, i) for name, i in numbered(tokens) if tokens[i].isalpha()]


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
            "query": explorer.choice_slider("Query", tokens.index("it"), words_in(tokens)),
        }

    def adapt(self, values):
        tokens = minilm.readings()[values["sentence"]].tokens
        explorer.offer(self.controls["query"], words_in(tokens))

    def compute(self, sentence, layer, head, query):
        reading, count = minilm.readings()[sentence], len(minilm.readings())
        habits = {name: float(means[layer, head]) for name, means in minilm.habits().items()}
        strongest = sorted(habits, key=habits.get, reverse=True)[:3]
        notes = [(f"mean of {count} sentences:", "z")]
        notes += [(f"{name} {habits[name]:.2f}", "z") for name in strongest]
        said = f" Strongest habit over {count} sentences: {strongest[0]}, "
        return {
            "label": "Trained (MiniLM)", "words": reading.tokens, "weights": reading.weights,
            "notes": notes, "said": f"{said}{habits[strongest[0]]:.2f}.", "knocked_out": (),
        }  # fmt: skip
