"""What several lessons measure: the size of numbers, how alike words are, how long a call takes."""

import timeit

import numpy as np


def rms(values, axis=None):
    """Return the typical size of numbers: the root of their mean square, over `axis` or all.

    rms = √(mean of value²)
    """
    return np.sqrt(np.mean(np.square(values), axis=axis))


def mean_cosine(states):
    """Return the mean cosine of two different words of a sentence.

        cosine of a and b = a · b / (|a| |b|)

    states: (..., seq_len, d_model) → (...). It is NaN for a single word. A word of zeros has cosine
    0 with every other.
    """
    states = np.asarray(states, float)
    length = np.linalg.norm(states, axis=-1, keepdims=True)  # (..., seq_len, 1)
    unit = np.divide(states, length, out=np.zeros_like(states), where=length > 0)
    seq_len = states.shape[-2]
    with_itself = np.square(unit).sum(axis=(-2, -1))  # (...): 1 per word
    all_pairs = np.square(unit.sum(axis=-2)).sum(axis=-1)  # (...): = Σ Σ unit · unit
    if seq_len == 1:
        return np.full_like(all_pairs, np.nan)
    return (all_pairs - with_itself) / (seq_len * (seq_len - 1))


def milliseconds(run, repeats=3):
    """Return how long run() takes, the fastest of `repeats` times: noise only ever adds.

    It is called so often that one repeat takes a fiftieth of a second: a browser's clock is coarse.
    Source: the documentation of Python's timeit, whose autorange waits ten times as long.
    """
    timer, count = timeit.Timer(run), 1
    while timer.timeit(count) < 0.02:
        count *= 2
    return 1000 * min(timer.repeat(repeats, count)) / count
