"""Notebook 00: why scores are divided by the root of d_head, on random queries and keys."""

import numpy as np

from helpers.learning.claims import Claim, claim
from helpers.learning.experiments import Run, at_once
from helpers.self_attention import softmax

D_HEADS = (1, 2, 8, 32, 128, 512)
PRODUCTS, SENTENCES, SEQ_LEN = 20_000, 1000, 10


def entropy(weights):
    """Return how evenly attention is spread: 0 for one word alone, ln n for n words alike.

    - Σ w · ln w over the words, averaged over all queries
    """
    logarithms = np.log(np.where(weights > 0, weights, 1))
    return abs(float((weights * logarithms).sum(axis=-1).mean()))


@at_once
def scores(seed, d_head=512):
    """Measure random scores with and without the division.

    The result: "variance ÷ d_head" of 20,000 products q · k; "entropy, divided" and "entropy, not
    divided" of the weights, over ten words; "largest, …" their largest weight, on average.
    """
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, PRODUCTS, d_head))
    found = {"variance ÷ d_head": float((q * k).sum(axis=1).var() / d_head)}
    q, k = rng.standard_normal((2, SENTENCES, SEQ_LEN, d_head))
    products = q @ k.swapaxes(-1, -2)  # (sentences, seq_len, seq_len)
    for name, scale in (("divided", d_head**-0.5), ("not divided", 1.0)):
        weights = softmax(products * scale)
        found[f"entropy, {name}"] = entropy(weights)
        found[f"largest, {name}"] = float(weights.max(axis=-1).mean())
    return found


def name(d_head):
    """Return how a run is called, such as "d_head 512"."""
    return f"d_head {d_head}"


NUMBERS = (
    "variance ÷ d_head", "entropy, divided", "entropy, not divided",
    "largest, divided", "largest, not divided",
)  # fmt: skip
RUNS = {name(d_head): Run(scores, {"d_head": d_head}, NUMBERS) for d_head in D_HEADS}
ALL = tuple(RUNS)
CLAIMS = {
    "the variance of q · k is d_head, to 10 %":
        claim(ALL, "variance ÷ d_head", above=0.9, below=1.1),
    "not divided, each wider head looks less evenly": Claim(
        ALL, lambda *rows: (np.diff([row["entropy, not divided"] for row in rows]) < 0).all()
    ),
    "not divided, each wider head gives more to its largest word": Claim(
        ALL, lambda *rows: (np.diff([row["largest, not divided"] for row in rows]) > 0).all()
    ),
    "not divided, a head of 512 has an entropy below 0.15":
        claim(name(512), "entropy, not divided", below=0.15),
    "divided, heads of 2 to 512 have an entropy of 1.85 to 2.05":
        claim(ALL[1:], "entropy, divided", above=1.85, below=2.05),
}  # fmt: skip
