"""How much each word moves each result, measured alike for an RNN and for attention."""

from functools import lru_cache

import numpy as np

from helpers import self_attention
from helpers import words as lesson_words
from helpers.learning import rnn

D_MODEL, SEEDS = 16, 20  # of the mean shares


def influences(step, params, x, results=None):
    """Return how much the results of a step depend on each word: (len(results), seq_len).

        influence of word j on result i = √(sum of squares of all slopes)

    There is one slope from each number of the word to each number of the result.
    step: a module with forward and backward; x: (seq_len, d_model); results: which rows of `out`,
    counted from 0, all if None.
    """
    seq_len, d_model = x.shape
    results = np.arange(seq_len) if results is None else np.asarray(results) % seq_len
    asked = len(results) * d_model  # one copy of the sentence asks about one number of one result
    upstream = np.zeros((len(results), d_model, seq_len, d_model))
    for i, row in enumerate(results):
        upstream[i, :, row] = np.eye(d_model)
    copies = np.broadcast_to(x, (asked, seq_len, d_model)).copy()
    trace = step.forward(copies, params)
    slopes, _ = step.backward(upstream.reshape(copies.shape), trace, params)
    return np.linalg.norm(slopes.reshape(len(results), d_model, seq_len, d_model), axis=(1, 3))


@lru_cache(maxsize=8)
def mean_shares(words):
    """Return each word's share of all influence on each result, as a mean over seeds.

    words: a tuple. Returns {"RNN", "attention"}, each (results, words); each row sums to 1. The
    weights are random, the seeds 0 … SEEDS - 1.
    """
    x = lesson_words.named(list(words), D_MODEL)  # (seq_len, d_model)
    found = {"RNN": [], "attention": []}
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        found["RNN"].append(influences(rnn, rnn.init(D_MODEL, rng), x))
        attention = self_attention.init(D_MODEL, D_MODEL, rng)
        found["attention"].append(influences(self_attention, attention, x))
    return {
        reader: np.mean([rows / rows.sum(axis=1, keepdims=True) for rows in per_seed], axis=0)
        for reader, per_seed in found.items()
    }
