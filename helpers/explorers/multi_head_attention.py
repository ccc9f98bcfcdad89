"""Explorers of notebook 01: all heads on one sheet, and heads that learn their look-ups."""

import numpy as np

from helpers import checks, multi_head_attention, self_attention
from helpers import words as lesson_words
from helpers.drawing.heads_sheet import HeadsSheet, Sizes
from helpers.drawing.multi_head_attention import LookUpsPicture
from helpers.explorers import explorer
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning.experiments import multi_head_attention as look_ups

NONE = -1  # no head
MAX_HEADS = 12
MAX_FULL_HEADS = 7  # concat is so many times as wide as X
D_MODELS = {"narrow": [4, 6, 8, 12, 14], "full": [4]}


def head_counts(width, d_model):
    """Return the head counts on offer; only narrow heads have to divide d_model."""
    if width == "full":
        return list(range(1, MAX_FULL_HEADS + 1))
    return [n_heads for n_heads in checks.divisors(d_model) if n_heads <= MAX_HEADS]


def random_heads(x, width, n_heads, rng):
    """Run all heads over x with random parameters.

    Returns q, k, v, weights and z of all heads, the heads in front, each (n_heads, seq_len, …),
    and W_o (n_heads · d_head, d_model).
    """
    d_model = x.shape[-1]
    if width == "narrow":
        params = multi_head_attention.init(d_model, n_heads, rng)
        trace = multi_head_attention.forward(x, params, n_heads)
        return trace.q, trace.k, trace.v, trace.weights, trace.heads, params["W_o"]
    sets = [self_attention.init(d_model, d_model, rng) for _ in range(n_heads)]
    traces = [self_attention.forward(x, params) for params in sets]
    rows = n_heads * d_model
    limit = (6 / (rows + d_model)) ** 0.5
    found = [np.stack([getattr(t, name) for t in traces]) for name in "q k v weights out".split()]
    return *found, rng.uniform(-limit, limit, (rows, d_model))


class MultiHeadAttentionExplorer(explorer.Explorer):
    """All heads on one sheet, with random weights from the seed; one is lit, or knocked out."""

    drawing = HeadsSheet
    columns = 4
    max_words = 3  # more rows would leave no height for the lanes
    samples = {"words": ["one", "a b c", "price $5 $6"]}

    def make_controls(self):
        return {
            "words": explorer.text_field("Words", "Thinking Machines"),
            "width": explorer.menu("Width", "narrow", list(D_MODELS)),
            "knocked_out": explorer.switch("knock the lit head out", False),
            "d_model": explorer.choice_slider("d_model", 14, D_MODELS["narrow"]),
            "n_heads": explorer.choice_slider("Heads", 7, head_counts("narrow", 14)),
            "lit": explorer.int_slider("Lit", 2, 0, 6),
            "seed": explorer.int_slider("Seed", 0, 0, 9),
        }

    def adapt(self, values):
        explorer.offer(self.controls["d_model"], D_MODELS[values["width"]])
        d_model = self.controls["d_model"].value
        explorer.offer(self.controls["n_heads"], head_counts(values["width"], d_model))
        self.controls["lit"].max = self.controls["n_heads"].value - 1

    def compute(self, words, width, knocked_out, d_model, n_heads, lit, seed):
        words = lesson_words.split(words, self.max_words)
        x = lesson_words.named(words, d_model)  # (seq_len, d_model)
        q, k, v, weights, heads, W_o = random_heads(x, width, n_heads, np.random.default_rng(seed))
        kept, d_head = heads.copy(), heads.shape[-1]
        kept[lit] *= not knocked_out
        concat = multi_head_attention.join_heads(kept)  # (seq_len, n_heads · d_head)
        return {
            "words": words, "x": x, "q": q, "k": k, "v": v, "weights": weights, "heads": heads,
            "concat": concat, "W_o": W_o,
            "out": concat @ W_o,  # (seq_len, d_model)
            "before": multi_head_attention.join_heads(heads) @ W_o,  # the same with all heads
            "part": heads[lit] @ W_o[lit * d_head : (lit + 1) * d_head],  # what the lit head adds
        }  # fmt: skip

    def structure(self, result):
        n_heads, _, d_head = result.heads.shape
        return tuple(result.words), Sizes(*result.x.shape, n_heads, d_head)

    def describe(self, result):
        n_heads, seq_len, d_head = result.heads.shape
        d_model, lit, row = result.x.shape[1], result.lit, result.weights[result.lit, 0]
        concat = f"{seq_len} × {n_heads * d_head}"
        text = f"Random weights, {n_heads} {'heads' if n_heads > 1 else 'head'} of {d_head}. "
        if result.knocked_out:
            changed = int((result.out != result.before).all(axis=0).sum())
            return text + (
                f"Without head {lit}, {d_head} of the {n_heads * d_head} columns of concat are 0. "
                f"In Z {changed} of {d_model} columns change, by at most "
                f"{np.abs(result.part).max():.2f} (largest number of Z before: "
                f"{np.abs(result.before).max():.2f})."
            )
        looked = result.words[row.argmax()]
        return text + (
            f'In head {lit}, "{result.words[0]}" gives {row.max():.2f} of its weight to '
            f'"{looked}". Side by side the z\'s are {concat}; W_o makes Z {seq_len} × {d_model}, '
            f"as X."
        )


def knock_outs(n_heads):
    """Return the heads as choices, and none of them first."""
    return [("none", NONE), *((f"head {i}", i) for i in range(n_heads))]


class LookUpsExplorer(LiveExperiment):
    """Trained heads: which look-up each of them took over, and what breaks without it."""

    drawing = LookUpsPicture
    columns = 4

    def make_controls(self):
        return {
            "n_look_ups": explorer.menu("Look-ups", 2, list(look_ups.STEPS)),
            "n_heads": explorer.choice_slider("Heads", 2, list(look_ups.HEAD_COUNTS)),
            "moment": explorer.moment_slider(self._steps_of(2, 2)),
            "knocked_out": explorer.menu("Knock out", NONE, knock_outs(2)),
        }

    def adapt(self, values):
        steps = self._steps_of(values["n_look_ups"], values["n_heads"])
        explorer.offer(self.controls["moment"], [(f"{step}", i) for i, step in enumerate(steps)])
        explorer.offer(self.controls["knocked_out"], knock_outs(values["n_heads"]))

    def _steps_of(self, n_look_ups, n_heads):
        return self._recorded[look_ups.name(n_look_ups, n_heads)]["steps"]

    def run_name(self, values):
        return look_ups.name(values["n_look_ups"], values["n_heads"])

    def compute(self, n_look_ups, n_heads, moment, knocked_out):
        values = {"n_look_ups": n_look_ups, "n_heads": n_heads}
        found, learning = self.result(values), self.learning(values, moment)
        shown = learning["shown"]
        without = None  # or (n_look_ups,), the shares of right answers without that head
        if knocked_out != NONE and shown == len(found["steps"]) - 1 and "without_head" in found:
            without = found["without_head"][knocked_out]
        weights = np.asarray(found["weights"][shown], float)  # (n_heads, seq_len, seq_len)
        asked = np.arange(2, look_ups.SEQ_LEN - 2)  # where all look-ups are different words
        sources = look_ups.look_up_places(n_look_ups)[asked]  # (asked, n_look_ups)
        return learning | {
            "names": look_ups.LOOK_UPS[:n_look_ups],
            "right": np.asarray(found["by_look_up"][shown], float),  # (n_look_ups,)
            "without": without,
            "weights": weights,
            "on_look_ups": weights[:, asked[:, None], sources].mean(axis=1),  # by head, by look-up
        }

    def structure(self, result):
        return result.names, result.n_heads, look_ups.STEPS[result.n_look_ups]

    def describe(self, result):
        best = result.on_look_ups.argmax(axis=0)  # (n_look_ups,)  the head of each look-up
        text = (
            f"Trained ({result.origin}), {look_ups.name(result.n_look_ups, result.n_heads)}, step "
            f"{result.steps[result.shown]}: "
        )
        if result.knocked_out != NONE and result.without is None:
            share = f"{result.right.mean():.2f} right. "
            return text + share + "What breaks without a head is measured at the last step."
        if result.knocked_out != NONE:
            shares = zip(result.names, result.without, result.right, strict=True)
            broken = [
                f"{name} falls to {now:.2f}" for name, now, before in shares if before - now > 0.1
            ]
            what = ", ".join(broken) or "nothing falls by more than 0.10"
            return f"{text}without head {result.knocked_out}, {what}."
        looks = ", ".join(
            f"{name}: head {head} ({result.on_look_ups[head, i]:.2f})"
            for i, (name, head) in enumerate(zip(result.names, best.tolist(), strict=True))
        )
        return f"{text}{result.right.mean():.2f} right. Most weight on {looks}."
