"""Exercises of notebook 03: predict shapes, the norm, its place, and a check that can fail."""

import numpy as np

from helpers import layer_norm
from helpers.exercises.check import Exercise, Mistake, check_shapes, misses_keepdims


def check_norm_shapes(mean=..., gamma=..., out=...):
    """Check predicted shapes: x is (5, 8), the mean is taken with keepdims=True."""
    return check_shapes(
        {"mean": mean, "gamma": gamma, "out": out},
        {"mean": (5, 1), "gamma": (8,), "out": (5, 8)},
        {
            "mean": "One mean for each word; keepdims=True keeps the axis, with length 1.",
            "gamma": "One number for each feature, the same for all words.",
            "out": "A norm changes numbers, not shapes.",
        },
        {
            ("mean", (1, 8)): ("a mean over the words", "Each word is normalised by itself."),
            ("mean", (8,)): ("a mean over the words", "Each word is normalised by itself."),
            ("mean", (5,)): (
                "keepdims is missing",
                "(5,) would line up with the features when it is subtracted from (5, 8).",
            ),
            ("gamma", (5,)): ("one γ for each word", "γ belongs to features, not to words."),
            ("gamma", (5, 8)): (
                "a γ for each number",
                "All words share γ: else it could not be used for longer sentences.",
            ),
        },
    )


def _norm(axis=-1, ddof=0, divisor=None, finish=None):
    """Return a layer norm with one thing done in another way."""

    def norm(x, gamma, beta, eps):
        axes = axis(x) if callable(axis) else axis
        centred = x - x.mean(axis=axes, keepdims=True)
        variance = x.var(axis=axes, keepdims=True, ddof=ddof)
        normalized = centred / (divisor(variance, eps) if divisor else np.sqrt(variance + eps))
        return finish(normalized, gamma, beta) if finish else normalized * gamma + beta

    return norm


def _example(x, gamma=None, beta=None, eps=1e-5):
    x = np.array(x, dtype=float)
    gamma = np.ones(x.shape[-1]) if gamma is None else np.array(gamma, dtype=float)
    beta = np.zeros(x.shape[-1]) if beta is None else np.array(beta, dtype=float)
    return {"x": x, "gamma": gamma, "beta": beta, "eps": eps}


NORM = Exercise(
    lambda x, gamma, beta, eps: layer_norm.forward(x, {"gamma": gamma, "beta": beta}, eps).out,
    [
        _example([[1, 0, 0, 0]]),
        _example([[1, 2, 6], [0, 4, 1]], gamma=[1, 2, 0.5], beta=[0, 1, -1]),
        _example([[[1, 2, 3], [6, 1, 2]], [[0, 5, 2], [4, 4, 0]]]),
    ],
    [
        Mistake(
            "mean and variance over the words",
            "One word changes the other's numbers. Take them over a word's own features: axis=-1.",
            _norm(axis=-2),
        ),
        Mistake(
            "mean and variance over the batch",
            "That is batch norm: what comes out depends on the company. Take them over a word's "
            "own features: axis=-1.",
            _norm(axis=lambda x: tuple(range(x.ndim - 1))),
        ),
        Mistake(
            "mean and variance over the first axis",
            "With several sentences the first axis counts sentences. Take them over a word's own "
            "features, the last axis: axis=-1.",
            _norm(axis=0),
        ),
        Mistake(
            "axis=1",
            "For one sentence that is the last axis, for a batch it counts words. axis=-1 is the "
            "last one always.",
            _norm(axis=1),
        ),
        Mistake(
            "mean and variance over everything",
            "Each word has its own: axis=-1, and keepdims=True.",
            _norm(axis=None),
        ),
        Mistake(
            "the unbiased variance",
            "You divide by the count minus 1 (ddof=1). Layer norm divides by the count: for "
            "[1, 0, 0, 0] that gives 1.73, not 1.50.",
            _norm(ddof=1),
        ),
        Mistake(
            "ε beside the root",
            "Is your ε inside the root? It is added to the variance, √(variance + ε). For a "
            "quiet word the difference is large.",
            _norm(divisor=lambda variance, eps: np.sqrt(variance) + eps),
        ),
        Mistake(
            "squared in place of the root",
            "(variance + ε)² is not √(variance + ε): the power is 0.5.",
            _norm(divisor=lambda variance, eps: (variance + eps) ** 2),
        ),
        Mistake(
            "no root",
            "You divide by the variance. Divide by its root, so that the result has variance 1.",
            _norm(divisor=lambda variance, eps: variance + eps),
        ),
        Mistake(
            "ε is left out",
            "Without ε a quiet word is blown up, and a word of equal numbers is 0 / 0.",
            _norm(divisor=lambda variance, eps: np.sqrt(variance)),
        ),
        Mistake(
            "γ and β are left out",
            "The norm is right. Then each feature is multiplied by its γ, and its β is added.",
            _norm(finish=lambda normalized, gamma, beta: normalized),
        ),
        Mistake(
            "β before γ",
            "Multiply by γ first, then add β.",
            _norm(finish=lambda normalized, gamma, beta: (normalized + beta) * gamma),
        ),
        Mistake(
            "the mean is not subtracted",
            "Divided well, but the centre of each word is still where it was.",
            lambda x, gamma, beta, eps: (
                x / np.sqrt(x.var(axis=-1, keepdims=True) + eps) * gamma + beta
            ),
        ),
        Mistake(
            "keepdims is missing",
            "One mean a word: with keepdims=True it stands as a column, (seq_len, 1), beside its "
            "row. Without it numpy lines it up with the features.",
            seen=misses_keepdims,
        ),
    ],
    edges=[_example([[0.001, -0.001, 0.001, -0.001]]), _example([[3, 3, 3]])],
)


def check_layer_norm(function):
    """Check function(x, gamma, beta, eps): each word normalised over its features."""
    return NORM.check(function)


def norm(x):
    """A layer norm with γ = 1, β = 0."""
    return layer_norm.forward(x, layer_norm.init(x.shape[-1])).out


def square(x):
    """A step that is no straight map."""
    return x**2


POST_NORM = Exercise(
    lambda x, f, norm: norm(x + f(x)),
    [
        {"x": np.array([[1.0, 0, 2]]), "f": square, "norm": norm},
        {"x": np.array([[1.0, -3, 2], [0.5, 4, 1]]), "f": square, "norm": norm},
    ],
    [
        Mistake(
            "pre-norm",
            "This is x + f(norm(x)), the later habit. The block of 2017 norms the sum: "
            "norm(x + f(x)).",
            lambda x, f, norm: x + f(norm(x)),
        ),
        Mistake(
            "the skip is missing",
            "This is norm(f(x)). Add x to f(x) first.",
            lambda x, f, norm: norm(f(x)),
        ),
        Mistake(
            "the skip walks around the norm",
            "This is x + norm(f(x)). The norm comes last, on the sum.",
            lambda x, f, norm: x + norm(f(x)),
        ),
        Mistake(
            "the skip is normed before the sum",
            "x itself is added, and then the sum is normed.",
            lambda x, f, norm: norm(x) + f(x),
        ),
        Mistake("the norm is missing", "This is x + f(x). Norm it.", lambda x, f, norm: x + f(x)),
        Mistake(
            "two norms",
            "f sees x as it is; only the sum is normed.",
            lambda x, f, norm: norm(x + f(norm(x))),
        ),
    ],
)


def check_post_norm(function):
    """Check function(x, f, norm): Add & Norm of 2017."""
    return POST_NORM.check(function)


def _words_reached(upstream):
    """Return 1 for each word whose gradient through the norm is not zero, as a row of its own."""
    if not isinstance(upstream, np.ndarray) or upstream.shape != (3, 4):
        return upstream
    words = np.random.default_rng(1).standard_normal((3, 4))  # (seq_len, d_model)
    params = layer_norm.init(4)
    grad_x, _ = layer_norm.backward(upstream, layer_norm.forward(words, params), params)
    reached = np.abs(grad_x).max(axis=-1, keepdims=True) > 1e-3  # (seq_len, 1)
    return np.where(reached, np.ones((3, 4)), 0.0)  # (seq_len, d_model)


def _some_but_not_all(found):
    reached = found[0].value
    return isinstance(reached, np.ndarray) and reached.shape == (3, 4) and 0 < reached.sum() < 12


UPSTREAM = Exercise(
    lambda shape, rng: rng.standard_normal(shape),
    [{"shape": (3, 4), "rng": np.random.default_rng(0)}],
    [
        Mistake(
            "every word's gradient is zero",
            "The normalized numbers of a word always sum to 0. Weigh them all alike, as np.ones "
            "does, and the gradient is zero: a backward that always answers zero would pass. Draw "
            "the weights at random. (Below: 1 where a word's gradient is not zero.)",
            lambda shape, rng: np.ones(shape),
        ),
        Mistake(
            "some words are not tested",
            "A mistake in a word whose gradient is zero stays unseen. Every number needs its own "
            "random weight. (Below: 1 where a word's gradient is not zero.)",
            seen=_some_but_not_all,
        ),
    ],
    judge=_words_reached,
)


def check_upstream(function):
    """Check function(shape, rng): an upstream gradient that no wrong backward survives."""
    return UPSTREAM.check(function)
