"""Exercises of notebook 00: predict the shapes, softmax, attention, a mask, and one to break."""

import numpy as np

from helpers import self_attention
from helpers.exercises.check import (
    Exercise,
    Mistake,
    check_shapes,
    misses_keepdims,
    not_started,
    one_answer,
    right,
    wrong,
)


def check_head_shapes(q=..., scores=..., out=...):
    """Check predicted shapes: x is (5, 8), W_q, W_k and W_v are (8, 3)."""
    return check_shapes(
        {"q": q, "scores": scores, "out": out},
        {"q": (5, 3), "scores": (5, 5), "out": (5, 3)},
        {
            "q": "Each word stays a row; W_q sets how many numbers the row has.",
            "scores": "One number for each pair: a query and a key.",
            "out": "A row for each query; each row is an average of values.",
        },
        {
            ("q", (5, 8)): ("q as wide as x", "x @ W_q has as many columns as W_q."),
            ("scores", (3, 3)): (
                "q.T @ k in place of q @ k.T",
                "Scores are for pairs of words, not for pairs of columns.",
            ),
            ("out", (5, 8)): ("z as wide as x", "z is made of values, and those are 3 wide here."),
            ("out", (5, 5)): (
                "weights in place of z",
                "The weights are 5 × 5; then they are multiplied with the values.",
            ),
        },
    )


def _softmax(scores, axis=-1):
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def _naive(scores):
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


SOFTMAX = Exercise(
    self_attention.softmax,
    [
        {"scores": np.array([[0.0, 1.0], [2.0, 0.0]])},
        {"scores": np.array([[0.0, 1.0, -1.0], [2.0, 2.0, 0.5]])},
    ],
    [
        Mistake(
            "softmax over the queries",
            "Your columns sum to 1, not your rows. Each query hands out its attention once, so the "
            "softmax goes along a row: axis=-1.",
            lambda scores: _softmax(scores, axis=0),
        ),
        Mistake(
            "softmax over everything at once",
            "All your numbers together sum to 1. Each row by itself should: sum with axis=-1 and "
            "keepdims=True.",
            lambda scores: _softmax(scores, axis=None),
        ),
        Mistake(
            "large scores overflow",
            "The formula is right, but e to the 1000 is too large for a computer, and what comes "
            "out is NaN. Subtract the largest score of each row first.",
            _naive,
        ),
        Mistake(
            "the largest score of all was subtracted",
            "That is enough for rows alike; but a row far below becomes 0 / 0. Subtract each row's "
            "own largest score: max with axis=-1.",
            lambda scores: _naive(scores - scores.max()),
        ),
        Mistake(
            "nothing is divided",
            "These are e to the scores. Divide each row by its sum.",
            lambda scores: np.exp(scores - scores.max(axis=-1, keepdims=True)),
        ),
        Mistake(
            "shares without e",
            "You divide the scores by their sum. Raise e to each score first: a share may not be "
            "negative.",
            lambda scores: scores / scores.sum(axis=-1, keepdims=True),
        ),
        Mistake(
            "keepdims is missing",
            "One maximum and one sum a row: with keepdims=True they stand as a column, (queries, "
            "1), beside their rows. Without it numpy lines them up with the columns.",
            seen=misses_keepdims,
        ),
    ],
    edges=[
        {"scores": np.array([[1000.0, 999.0]])},
        {"scores": np.array([[0.0, 1.0], [2000.0, 1999.0]])},
    ],
)


def check_softmax(function):
    """Check function(scores): the softmax of each row."""
    return SOFTMAX.check(function)


def _attention(scale=None, weigh=_softmax):
    """Return an attention that makes its weights in another way."""

    def attend(q, k, v):
        divisor = np.sqrt(q.shape[-1]) if scale is None else scale(q, v)
        return weigh(q @ k.T / divisor) @ v

    return attend


_RNG = np.random.default_rng(3)
ATTENTION = Exercise(
    lambda q, k, v: self_attention.scaled_dot_product_attention(q, k, v).out,
    [
        {
            "q": np.array([[2.0, 0], [1.0, 1]]),
            "k": np.array([[1.0, 1], [0.0, 2]]),
            "v": np.array([[1.0, 0, 0], [0.0, 1, 3]]),
        },
        dict(zip("qkv", _RNG.standard_normal((3, 3, 2)).round(1), strict=True)),
        {
            "q": _RNG.standard_normal((4, 5)),
            "k": _RNG.standard_normal((4, 5)),
            "v": _RNG.standard_normal((4, 2)),
        },
    ],
    [
        Mistake(
            "no scale",
            "The scores are not divided by √d_head. With wide heads one word would take all.",
            _attention(lambda q, v: 1),
        ),
        Mistake(
            "divided by d_head, not by its root",
            "The variance of q·k is d_head, so its size is √d_head: divide by the root.",
            _attention(lambda q, v: q.shape[-1]),
        ),
        Mistake(
            "multiplied by √d_head",
            "Divide the scores by √d_head; they are too large already.",
            _attention(lambda q, v: 1 / np.sqrt(q.shape[-1])),
        ),
        Mistake(
            "√3 for every width",
            "3 was the d_head of the lesson's example. Ask the array for it: q.shape[-1].",
            _attention(lambda q, v: np.sqrt(3)),
        ),
        Mistake(
            "k is not transposed",
            "q @ k is not every query with every key: transpose k, q @ k.T.",
            lambda q, k, v: _softmax(q @ k / np.sqrt(q.shape[-1])) @ v,
        ),
        Mistake(
            "divided by the root of the number of words",
            "What counts is how many products a dot product adds up: q.shape[-1], not the "
            "number of words.",
            _attention(lambda q, v: np.sqrt(len(v))),
        ),
        Mistake(
            "softmax over the queries",
            "The columns of your weights sum to 1. Each query hands out its attention once: "
            "softmax along the keys, axis=-1.",
            _attention(weigh=lambda scores: _softmax(scores, axis=0)),
        ),
        Mistake(
            "no softmax",
            "The scores themselves weigh your values. They need a softmax first, so that they "
            "are positive and sum to 1.",
            _attention(weigh=lambda scores: scores),
        ),
        Mistake(
            "scaled after the softmax",
            "The division comes before the softmax; after it, the rows no longer sum to 1.",
            lambda q, k, v: _softmax(q @ k.T) / np.sqrt(q.shape[-1]) @ v,
        ),
        Mistake(
            "queries and keys have changed places",
            "Rows are queries, columns are keys: q @ k.T, not k @ q.T.",
            lambda q, k, v: _softmax(k @ q.T / np.sqrt(q.shape[-1])) @ v,
        ),
        Mistake(
            "the values are left out",
            "These are the weights. z is the weights times the values: weights @ v.",
            lambda q, k, v: _softmax(q @ k.T / np.sqrt(q.shape[-1])),
        ),
    ],
)


def check_attention(function):
    """Check function(q, k, v): z of one head."""
    return ATTENTION.check(function)


def _is_spoilt(outcome):
    """Tell whether a function gave nothing but NaN, or stopped because softmax refuses it."""
    if outcome.error is not None:
        return "holds NaN" in str(outcome.error)
    return isinstance(outcome.value, np.ndarray) and bool(np.isnan(outcome.value).all())


def _masked(scores, mask):
    if not mask.any(axis=-1).all():
        raise ValueError("a query may look at no key")
    return _softmax(np.where(mask, scores, -np.inf))


MASKED_SOFTMAX = Exercise(
    _masked,
    [
        {"scores": np.array([[0.0, 1.0], [2.0, 0.0]]), "mask": np.tril(np.ones((2, 2), bool))},
        {
            "scores": np.array([[0.0, 1.0, 0.5], [2.0, 0.0, 1.0], [1.0, 3.0, 0.0]]),
            "mask": np.array([[True, True, False], [False, True, True], [True, False, True]]),
        },
    ],
    [
        Mistake(
            "the mask comes after the softmax",
            "Your rows no longer sum to 1: the hidden keys have taken their share already. Hide "
            "the scores, with −∞, before the softmax.",
            lambda scores, mask: _softmax(scores) * mask,
        ),
        Mistake(
            "0 · ∞ is no number",
            "A mask times −∞ gives NaN wherever the mask is 0. Choose instead: "
            "np.where(mask, scores, -np.inf).",
            seen=lambda found: all(_is_spoilt(outcome) for outcome in found[:2]),
        ),
        Mistake(
            "hidden keys still count",
            "Masking the weights and dividing again looks right, until a hidden score is large: "
            "then nothing is left to divide. Put −∞ in place of hidden scores.",
            lambda scores, mask: (
                _softmax(scores) * mask / (_softmax(scores) * mask).sum(axis=-1, keepdims=True)
            ),
        ),
        Mistake(
            "hidden scores are 0",
            "e to the 0 is 1, so a hidden key still gets a share. Put −∞ in their place.",
            lambda scores, mask: _softmax(np.where(mask, scores, 0)),
        ),
        Mistake(
            "a large negative number was added",
            "It hides most scores, not all: a very large score survives it, and a query with no "
            "key gets an answer all the same. Put −np.inf in the place of the hidden scores.",
            lambda scores, mask: _softmax(np.where(mask, scores, scores - 1e9)),
        ),
        Mistake(
            "a large negative number is not −∞",
            "A query that may look at no key now looks at all of them alike. Put −np.inf in the "
            "place of hidden scores, and refuse such a query: `raise ValueError(...)`.",
            lambda scores, mask: _softmax(np.where(mask, scores, -1e9)),
        ),
        Mistake(
            "queries are hidden in place of keys",
            "mask[i, j] says whether query i may look at key j: rows are queries. You have it the "
            "other way round.",
            lambda scores, mask: _masked(scores, mask.T),
        ),
        Mistake(
            "the mask is upside down",
            "True means: may be looked at. You hide what may be seen, and show the rest.",
            lambda scores, mask: _softmax(np.where(mask, -np.inf, scores)),
        ),
        Mistake(
            "a query with no key at all",
            "A softmax over nothing has no answer. The package refuses; do as it does: "
            "`raise ValueError(...)` if a row of the mask holds no True.",
            lambda scores, mask: _softmax(np.where(mask, scores, -np.inf)),
        ),
    ],
    edges=[
        {"scores": np.array([[4e9, 1.0, 1.0]]), "mask": np.array([[False, True, True]])},
        {"scores": np.array([[0.0, 1.0]]), "mask": np.array([[False, False]])},
    ],
)


def check_masked_softmax(function):
    """Check function(scores, mask): weights, zero where the mask is False."""
    return MASKED_SOFTMAX.check(function)


def check_overflow(*scores):
    """Check a row of scores with which e to the score is too large, and the softmax is not."""
    scores = one_answer(scores)
    if scores is ...:
        return not_started()
    if not isinstance(scores, list | tuple | np.ndarray):
        return wrong("these are no scores", "Give a row of numbers, such as [1, 2].")
    try:
        row = np.asarray(scores, dtype=np.float64)
        weights = self_attention.softmax(row)
    except (TypeError, ValueError) as error:
        return wrong("these are no scores", f"{error}")
    with np.errstate(all="ignore"):
        careless = _naive(row)
    if np.isnan(careless).any():
        return right(
            f"np.exp gives infinity for the largest of them, and infinity / infinity is NaN. The "
            f"largest weight is {weights.max():.2f} all the same: only differences between scores "
            "count, so the largest may be subtracted first."
        )
    return wrong(
        "no overflow",
        f"Without the subtraction the weights are still numbers: {careless.round(2).tolist()}. "
        "The largest number that fits is about 1.8e308. Whose e is larger than that?",
    )
