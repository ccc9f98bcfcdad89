"""Exercises of notebook 03: predict shapes, the norm, its place, and a check that can fail."""

import numpy as np

from helpers import layer_norm
from helpers.exercises.check import Exercise, edge, example
from helpers.exercises.formulas import by_formula
from helpers.exercises.shapes import check_shapes
from helpers.exercises.variants import Part, Program, applied, operation, reduction, unchanged


def check_norm_shapes(mean=..., gamma=..., out=...):
    """Check predicted shapes: x is (5, 8), the mean is taken with keepdims=True."""
    return check_shapes("layer_norm", mean=mean, gamma=gamma, out=out)


def norm_recipe(do, x, gamma, beta, eps):
    centred = do.centre(x, do.mean(x))
    normalized = do.divide(centred, do.spread(do.variance(x), eps), x)
    return do.move(do.stretch(do.done(normalized), gamma, beta), beta, gamma)


def _column(reduce):
    """Return a function that gives one number per word, as a column."""
    return lambda x: reduce(x, axis=-1, keepdims=True)


_mean, _var = _column(np.mean), _column(np.var)


NORM_PARTS = {
    "mean": reduction("mean", np.mean),
    "centre": operation(
        "x",
        "the mean",
        np.subtract,
        makes="x minus its mean",
        changes={"the mean is not subtracted": unchanged},
    ),
    "variance": reduction(
        "variance",
        np.var,
        changes={
            "the unbiased variance": lambda x: x.var(axis=-1, ddof=1, keepdims=True),
            "the sum of squares in place of their mean": lambda x: x.shape[-1] * _var(x),
            "the mean absolute deviation in place of the variance": lambda x: _mean(
                abs(x - _mean(x))
            ),
        },
    ),
    "spread": operation(
        "the variance",
        "ε",
        lambda variance, eps: np.sqrt(variance + eps),
        makes="the root of variance plus ε",
        changes={
            "ε beside the root": lambda variance, eps: np.sqrt(variance) + eps,
            "squared in place of the root": lambda variance, eps: (variance + eps) ** 2,
            "no root": lambda variance, eps: variance + eps,
            "ε is not added": lambda variance, eps: np.sqrt(variance),
            "ε is subtracted": lambda variance, eps: np.sqrt(variance - eps),
            "the larger of variance and ε": lambda v, eps: np.sqrt(np.maximum(v, eps)),
            "the larger of the root and ε": lambda v, eps: np.maximum(np.sqrt(v), eps),
        },
    ),
    "divide": Part(
        lambda centred, spread, x: centred / spread,
        changes={
            "scaled to the range from 0 to 1": lambda centred, spread, x: (
                (x - _column(np.min)(x)) / _column(np.ptp)(x)
            ),
            "x is divided by its length": lambda centred, spread, x: (
                x / np.linalg.norm(x, axis=-1, keepdims=True)
            ),
            "the mean is subtracted after the division": lambda c, spread, x: x / spread - (x - c),
            "brackets are missing: x − mean / √(variance + ε)": lambda c, spread, x: (
                x - (x - c) / spread
            ),
        },
    ),
    "done": Part(unchanged, makes="the normalized numbers, before γ and β"),
    "stretch": Part(
        lambda normalized, gamma, beta: normalized * gamma,
        changes={
            "β before γ": lambda normalized, gamma, beta: (normalized + beta) * gamma - beta,
            "divided by γ": lambda normalized, gamma, beta: normalized / gamma,
            "γ is added": lambda normalized, gamma, beta: normalized + gamma,
        },
    ),
    "move": operation("the scaled numbers", "β", lambda scaled, beta, gamma: scaled + beta),
}
NORM_CHANGES = {
    "γ and β have changed places": {
        "stretch": lambda normalized, gamma, beta: normalized * beta,
        "move": lambda scaled, beta, gamma: scaled + gamma,
    },
    "keepdims is missing": {
        "mean": lambda x: x.mean(axis=-1),
        "variance": lambda x: x.var(axis=-1),
    },
    "RMS norm: no mean is subtracted, and the squares are taken as they are": {
        "centre": unchanged,
        "variance": lambda x: _mean(x**2),
    },
}


def _drawn(trait, x, gamma=None, beta=None, eps=1e-5, make=example):
    width = np.shape(x)[-1]
    gamma, beta = gamma or [1] * width, beta or [0] * width
    return make(trait, x=x, gamma=gamma, beta=beta, eps=eps)


_THREE_WORDS = [[2, -1, 0.5], [1, 3, -2], [0, 0.5, 4]]
_THREE_SENTENCES = np.random.default_rng(4).normal(1, 2, (3, 2, 4))
NORM = Exercise(
    Program(norm_recipe, NORM_PARTS),
    [
        _drawn("one word", [[1, 0, 0, 0]]),
        _drawn("γ and β", [[1, 2, 6], [0, 4, 1]], [1, 2, 0.5], [0, 1, -1]),
        _drawn("a batch of two sentences", [[[1, 2, 3], [6, 1, 2]], [[0, 5, 2], [4, 4, 0]]]),
        _drawn("ε = 0.5", [[1, -2, 4, 0.5], [3, 1, 0, -1]], [2, -1, 1, 0.5], [1, 0, 0.25, -2], 0.5),
        _drawn("as many words as features", _THREE_WORDS, [1, -2, 0.5], [0.5, 1, -1], 0.01),
        _drawn(
            "a batch of three sentences, with γ and β",
            _THREE_SENTENCES,
            [1, 2, 0.5, -1],
            [0, 1, -1, 3],
            0.1,
        ),
        _drawn("nine words of 70 numbers", np.random.default_rng(5).normal(-1, 3, (9, 70))),
        _drawn("a quiet word", [[0.001, -0.001, 0.001, -0.001]], make=edge),
        _drawn("a word of equal numbers", [[3, 3, 3]], [1, 2, 0.5], [0.5, -1, 2], make=edge),
        _drawn("a quiet word, ε = 1e-8", [[1e-4, -2e-4, 1e-4]], eps=1e-8, make=edge),
        _drawn("numbers near 10000", [[1e4, 10001, 10002, 10003]], make=edge),
        _drawn("numbers near 1e8", [[1e8, 1e8 + 1, 1e8 + 3]], make=edge),
    ],
    NORM_CHANGES,
    sizes=lambda x, **_: {"d_model": x.shape[-1], "the number of words": x.shape[-2]},
    words="x",
    outer="sentences",
)


def check_layer_norm(function):
    """Check function(x, gamma, beta, eps): each word normalised over its features."""
    return NORM.check(function)


def normalized(x):
    """Return a layer norm without γ and β."""
    return (x - _mean(x)) / np.sqrt(_var(x) + 1e-5)


def norm(x):
    """A layer norm with γ = 2 and β = 1: done twice, it is not the same as done once."""
    return 2 * normalized(x) + 1


def same(x):
    """A step that returns what comes in, the very array."""
    return x


def square(x):
    """A step that is not linear."""
    return x**2


def slanted(x):
    """A step of both signs, whose features meet."""
    return x @ np.array([[0.5, -1, 0.25], [1, 0.75, -0.5], [-1.5, 0.25, 1]]) - 1


def mixing(x):
    """A step that mixes words, and is not in proportion to them."""
    return np.cumsum(np.sin(x), axis=0)


def whole_norm(x):
    """A norm over all words at once."""
    return (x - x.mean()) / (x.std() + 1)


def _post_norm_recipe(do, x, f, norm):
    return do.norm(do.sum(x, do.f(x, f)), norm)


POST_NORM_PARTS = {
    "f": applied("f"),
    "sum": operation("the skip", "f(x)", np.add, "the sum"),
    "norm": applied("norm"),
}
POST_NORM = Exercise(
    Program(_post_norm_recipe, POST_NORM_PARTS),
    [
        example("one word", x=[[1, 0, 2]], f=square, norm=norm),
        example("two words", x=[[1, -3, 2], [0.5, 4, 1]], f=square, norm=norm),
        example("f is the identity", x=[[2, 1, -1], [0, 3, 1]], f=same, norm=norm),
        example("f mixes words", x=[[0.5, 2, -1], [1, -2, 3]], f=mixing, norm=norm),
        example("norm mixes words", x=[[1, 3, 2], [0, -2, 1]], f=mixing, norm=whole_norm),
        example("another f", x=[[-1, 0.5, 2], [3, -2, 0.5], [1, 1.5, -4]], f=slanted, norm=norm),
    ],
    {
        "pre-norm": lambda x, f, norm: x + f(norm(x)),
        "the skip is missing": {"sum": lambda x, f_x: f_x},
        "the skip leads around the norm": lambda x, f, norm: x + norm(f(x)),
        "the skip is normed before the sum": lambda x, f, norm: norm(x) + f(x),
        "two norms": lambda x, f, norm: norm(x + f(norm(x))),
    },
    words="x",
    explain=by_formula("x", size=8),
)


def check_post_norm(function):
    """Check function(x, f, norm): Add & Norm of 2017."""
    return POST_NORM.check(function)


def _words_reached(upstream, arguments):
    """Return 1 for each word whose gradient through the norm is not zero, as a row of its own."""
    shape = arguments["shape"]
    if (
        type(upstream) is not np.ndarray
        or upstream.shape != shape
        or upstream.dtype.kind not in "fiu"
    ):
        return upstream
    if not np.isfinite(upstream).all():
        return np.full(shape, np.nan)
    words = np.random.default_rng(20170612).standard_normal(shape)  # (seq_len, d_model)
    params = layer_norm.init(shape[-1])
    grad_x, _ = layer_norm.backward(upstream, layer_norm.forward(words, params), params)
    size = np.abs(grad_x).max(axis=-1, keepdims=True)  # (seq_len, 1)
    is_alike = np.ptp(upstream, axis=-1, keepdims=True) == 0  # (seq_len, 1)
    reached = np.where(is_alike, 0.0, np.where(size > 1e-3, 1.0, 0.5))
    return np.broadcast_to(reached, shape)  # (seq_len, d_model)


def _unreached(cases):
    said = "(Below: 1 where a word's gradient is large enough, 0 where it is zero.)"
    reached = np.concatenate([case.found.value[:, 0] for case in cases])
    if np.isnan(reached).any():
        return "it holds NaN or infinity", "Each weight is a finite number."
    if not reached.any():
        return (
            "every word's gradient is zero",
            "The normalized numbers of a word always sum to 0. Weigh them all alike, as np.ones "
            "does, and the gradient is zero: a backward that always answers zero would pass. Draw "
            f"the weights at random. {said}",
        )
    if (reached == 0.5).all():
        return (
            "the numbers are too small, or too much alike, to show a mistake",
            "A wrong gradient differs from the right one by less than a test allows. Draw "
            f"numbers of about 1. {said}",
        )
    return (
        "some words are not tested",
        "A mistake in a word whose gradient is zero stays unseen. Every number needs its own "
        f"random weight. {said}",
    )


UPSTREAM = Exercise(
    lambda shape, rng: rng.standard_normal(shape),
    [
        example("3 words", shape=(3, 4), rng=np.random.default_rng(0)),
        example("5 words", shape=(5, 3), rng=np.random.default_rng(1)),
        example("4 words of 6", shape=(4, 6), rng=np.random.default_rng(2)),
    ],
    judge=_words_reached,
    explain=_unreached,
)


def check_upstream(function):
    """Check function(shape, rng): an upstream gradient that no wrong backward survives."""
    return UPSTREAM.check(function)
