"""Exercises of notebook 00: predict the shapes, softmax, attention, a mask, and one to break."""

import numpy as np

from helpers.exercises.check import Exercise, calm, edge, example, one_answer
from helpers.exercises.shapes import check_shapes
from helpers.exercises.values import said_by
from helpers.exercises.variants import Part, Program
from helpers.exercises.verdict import not_started, right, wrong
from helpers.self_attention import softmax


@calm
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


def column_of(reduce):
    """Return a function that reduces each row to one number and keeps the axis."""
    return lambda scores: reduce(scores, axis=-1, keepdims=True)


def _softmax_recipe(do, scores):
    exponentials = do.power(scores - do.subtracted(scores))
    return do.divided(exponentials, do.total(exponentials))


SOFTMAX_PARTS = {
    "subtracted": Part(
        column_of(np.max),
        changes={
            "large scores overflow": lambda scores: 0.0,
            "the largest score of all was subtracted": np.max,
            "the smallest score is subtracted": column_of(np.min),
            "the smallest score of all is subtracted": np.min,
            "the mean of each row is subtracted": column_of(np.mean),
            "the mean of all scores is subtracted": np.mean,
            "the first score of each row is subtracted": lambda s: s[..., :1],
            "keepdims is missing": lambda scores: scores.max(axis=-1),
        },
    ),
    "power": Part(
        np.exp,
        changes={
            "no e: the scores themselves": lambda scores: scores,
            "2 is raised to each score, not e": np.exp2,
            "e to minus each score": lambda scores: np.exp(-scores),
            "ReLU in place of e to each score": lambda scores: np.maximum(scores, 0),
            "a sigmoid in place of a softmax": lambda scores: 1 / (1 + np.exp(-scores)),
        },
    ),
    "divided": Part(
        np.divide,
        changes={"nothing is divided": lambda exponentials, total: exponentials},
    ),
    "total": Part(
        column_of(np.sum),
        changes={
            "softmax over the queries": lambda e: e.sum(axis=-2, keepdims=True),
            "softmax over everything at once": np.sum,
            "keepdims is missing": lambda e: e.sum(axis=-1),
            "1 is added to the sum": lambda e: 1 + e.sum(axis=-1, keepdims=True),
        },
    ),
}


def _unguarded(scores):
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


def _over_columns(scores):
    return softmax(scores.T).T


def _hard(scores):
    return np.eye(scores.shape[-1])[scores.argmax(axis=-1)]


SOFTMAX = Exercise(
    Program(_softmax_recipe, SOFTMAX_PARTS),
    [
        example("two rows", scores=np.array([[0.0, 1.0], [2.0, 0.0]])),
        example("three keys", scores=np.array([[0.0, 1.0, -1.0], [2.0, 2.0, 0.5]])),
        example(
            "three keys, other numbers",
            scores=np.array([[0.3, -2, 1.7], [-1, -0.4, -3.1], [2, 0, 4]]),
        ),
        example(
            "four rows of negative scores", scores=-(np.arange(1.0, 9).reshape(4, 2) ** 1.5) / 5
        ),
        edge("one key", scores=np.array([[3.0], [-2.0]])),
        edge("scores of 1000 and 999", scores=np.array([[1000.0, 999.0]])),
        edge("scores of 1000 and 0", scores=np.array([[1000.0, 0.0]])),
        edge("scores of 0 and 2000", scores=np.array([[0.0, 2000.0]])),
        edge("scores of 2000 and 0", scores=np.array([[2000.0, 0.0], [0.0, -2000.0]])),
        edge("scores near -1000", scores=np.array([[-1000.0, -1001.0, -1002.5]])),
        edge(
            "a row near 0 beside a row near 2000", scores=np.array([[0.0, 1.0], [2000.0, 1999.0]])
        ),
        edge(
            "1000, -1000 and 0 in one row", scores=np.array([[1000.0, -1000, 0], [0, -1000, 1000]])
        ),
    ],
    {
        "softmax over the queries": _over_columns,
        "one for the largest score, zero for the others": _hard,
        "shares without e": lambda scores: scores / scores.sum(axis=-1, keepdims=True),
        "keepdims is missing": [
            lambda scores: (
                np.exp(scores - scores.max(axis=-1))
                / np.exp(scores - scores.max(axis=-1)).sum(axis=-1)
            ),
            lambda scores: np.exp(scores) / np.exp(scores).sum(axis=-1),
            lambda scores: (
                np.exp(scores - scores.max(axis=-1, keepdims=True)) / np.exp(scores).sum(axis=-1)
            ),
        ],
        "the largest score is subtracted above, and not below": lambda scores: (
            np.exp(scores - scores.max(axis=-1, keepdims=True))
            / np.exp(scores).sum(axis=-1, keepdims=True)
        ),
        "softmax over everything at once": lambda scores: (
            np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        ),
    },
)


@calm
def check_softmax(function):
    """Check function(scores): the softmax of each row."""
    return SOFTMAX.check(function)


# what multi-head attention and the block use as well


def by(power, size):
    """Return a scale: the scores times a power of a size, which is a number or is read off q."""
    return lambda scores, q: scores * float(size(q) if callable(size) else size) ** power


def d_head(q):
    return q.shape[-1]


def words(q):
    return q.shape[-2]


SCALES = {
    "no scale": by(0, 1),
    "divided by d_head, not by its root": by(-1, d_head),
    "multiplied by √d_head": by(0.5, d_head),
    "multiplied by d_head": by(1, d_head),
    "√2 for every width": by(-0.5, 2),
    "divided by the root of the number of words": by(-0.5, words),
    "divided by the number of words": by(-1, words),
    "divided by the fourth root of d_head": by(-0.25, d_head),
    **{f"divided by √{n} for every width": by(-0.5, n) for n in (3, 4, 8, 64, 512, 4096)},
}
WEIGHINGS = {
    "softmax over the queries": lambda s: softmax(s.swapaxes(-1, -2)).swapaxes(-1, -2),
    "softmax over everything at once": lambda s: softmax(s.ravel()).reshape(s.shape),
    "no softmax": lambda scores: scores,
    "e to each score, not divided by the sum": np.exp,
    "the scores divided by their sum, without e": lambda s: s / s.sum(axis=-1, keepdims=True),
    "a sigmoid in place of the softmax": lambda scores: 1 / (1 + np.exp(-scores)),
    "ReLU in place of the softmax": lambda scores: np.maximum(scores, 0),
    "only the strongest word counts": lambda s: 1.0 * (s == s.max(axis=-1, keepdims=True)),
    "even weights, whatever the scores": lambda scores: np.full_like(scores, 1 / scores.shape[-1]),
    "each word sees only itself and the words before it": lambda s: softmax(
        np.where(np.tri(*s.shape[-2:]) > 0, s, -np.inf)
    ),
    "the weights below the diagonal only, after the softmax": lambda s: np.tril(softmax(s)),
    "no word looks at itself": lambda s: softmax(s - 1e30 * np.eye(*s.shape[-2:])),
    "softmax of minus the scores": lambda scores: softmax(-scores),
}


def _product(q, k):
    return q @ k.swapaxes(-1, -2)


def _distances(q, k):
    return np.linalg.norm(q[..., :, None, :] - k[..., None, :, :], axis=-1)


ATTENTION_PARTS = {
    "multiply": Part(
        _product,
        makes="the products of queries and keys",
        changes={
            "queries and keys have changed places": lambda q, k: k @ q.swapaxes(-1, -2),
            "k is not transposed": lambda q, k: q @ k,
            "distances in place of dot products": _distances,
            "minus distances in place of dot products": lambda q, k: -_distances(q, k),
            "cosines in place of dot products": lambda q, k: (
                _product(q, k)
                / np.linalg.norm(q, axis=-1)[..., None]
                / np.linalg.norm(k, axis=-1)[..., None, :]
            ),
        },
    ),
    "scale": Part(
        lambda scores, q: scores / np.sqrt(q.shape[-1]), makes="the scores", changes=SCALES
    ),
    "weigh": Part(softmax, does="the softmax", makes="the weights", changes=WEIGHINGS),
    "after": Part(lambda weights, q: weights),
    "average": Part(
        np.matmul,
        changes={
            "v @ weights": lambda weights, v: v @ weights,
            "multiplied number by number": lambda weights, v: weights * v,
        },
    ),
}


def attend(do, q, k, v):
    """Attention as a recipe, for every number of axes."""
    weights = do.weigh(do.scale(do.multiply(q, k), q))
    return do.average(do.after(weights, q), v)


def _drawn(trait, words, d_head, d_value, seed):
    rng = np.random.default_rng(seed)
    widths = {"q": d_head, "k": d_head, "v": d_value}
    drawn = {name: rng.standard_normal((words, width)).round(2) for name, width in widths.items()}
    return example(trait, **drawn)


ATTENTION = Exercise(
    Program(attend, ATTENTION_PARTS),
    [
        example(
            "two words",
            q=np.array([[2.0, 0], [1.0, 1]]),
            k=np.array([[1.0, 1], [0.0, 2]]),
            v=np.array([[1.0, 0, 0], [0.0, 1, 3]]),
        ),
        _drawn("three words", 3, 2, 2, 3),
        _drawn("four words, d_head 5", 4, 5, 2, 4),
        _drawn("three words, d_head 9", 3, 9, 4, 5),
        _drawn("four words, d_head 4", 4, 4, 4, 6),
        _drawn("one word", 1, 3, 2, 7),
        _drawn("d_head 1", 5, 1, 3, 8),
    ],
    {
        "scaled after the softmax": {
            "scale": lambda scores, q: scores,
            "after": lambda weights, q: weights / np.sqrt(q.shape[-1]),
        },
        "q.T @ k in place of q @ k.T": [
            lambda q, k, v: v @ softmax(q.T @ k / np.sqrt(q.shape[-1])).T,
            lambda q, k, v: v @ softmax(q.T @ k / np.sqrt(q.shape[-1])),
        ],
    },
    sizes=lambda q, k, v: {
        "d_head": q.shape[-1],
        "the number of words": len(q),
        "the width of v": v.shape[-1],
    },
    words="q",
)


@calm
def check_attention(function):
    """Check function(q, k, v): z of one head."""
    return ATTENTION.check(function)


def _masked_recipe(do, scores, mask):
    if not do.allows(mask).any(axis=-1).all():
        raise ValueError("a query may look at no key")
    return do.after(do.weigh(do.hide(scores, mask), mask), mask)


def _masked(scores, mask):
    if not mask.any(axis=-1).all():
        raise ValueError("a query may look at no key")
    return softmax(np.where(mask, scores, -np.inf))


def _again(weights, mask):
    return weights * mask / (weights * mask).sum(axis=-1, keepdims=True)


_SEEN = np.array([[True, True, False], [False, True, True], [True, False, True]])
MASKED_SOFTMAX_PARTS = {
    "allows": Part(
        lambda mask: mask,
        changes={
            "a query with no key at all": lambda mask: np.True_[None, None],
            "only a mask without any True is refused": lambda mask: mask.any()[None, None],
        },
    ),
    "hide": Part(
        lambda scores, mask: np.where(mask, scores, -np.inf),
        changes={
            "the mask is not used": lambda scores, mask: scores,
            "hidden scores are 0": lambda scores, mask: np.where(mask, scores, 0),
            "a large negative number was added": lambda scores, mask: np.where(
                mask, scores, scores - 1e9
            ),
            "a large negative number is not −∞": lambda scores, mask: np.where(mask, scores, -1e9),
            "queries are hidden in place of keys": lambda scores, mask: np.where(
                mask.T, scores, -np.inf
            ),
            "the mask is upside down": lambda scores, mask: np.where(mask, -np.inf, scores),
            "the mask is not used: a triangle is": lambda scores, mask: np.where(
                np.tri(*scores.shape) > 0, scores, -np.inf
            ),
            "hidden scores are 1e-9": lambda scores, mask: np.where(mask, scores, 1e-9),
            "hidden scores are −1": lambda scores, mask: np.where(mask, scores, -1),
        },
    ),
    "weigh": Part(
        lambda scores, mask: _softmax(scores),
        changes={
            "softmax over the queries": lambda scores, mask: _softmax(scores.T).T,
            "softmax over everything at once": lambda scores, mask: _softmax(
                scores.ravel()
            ).reshape(scores.shape),
            "large scores overflow": lambda scores, mask: _unguarded(scores),
            "one largest score for all rows was subtracted": lambda scores, mask: _unguarded(
                scores - scores.max()
            ),
            "nothing is divided": lambda scores, mask: np.exp(
                scores - scores.max(-1, keepdims=True)
            ),
        },
    ),
    "after": Part(
        lambda weights, mask: weights,
        changes={"hidden keys still count": _again},
    ),
}
MASKED_SOFTMAX = Exercise(
    Program(_masked_recipe, MASKED_SOFTMAX_PARTS),
    [
        example(
            "two words, a triangle",
            scores=np.array([[0.0, 1.0], [2.0, 0.0]]),
            mask=np.tril(np.ones((2, 2), bool)),
        ),
        example(
            "three words",
            scores=np.array([[0.0, 1.0, 0.5], [2.0, 0.0, 1.0], [1.0, 3.0, 0.0]]),
            mask=_SEEN,
        ),
        example(
            "three words, one key in a row",
            scores=np.array([[0.2, -1.0, 0.5], [-2.0, 0.3, 1.0], [1.5, -3.0, -0.4]]),
            mask=np.array([[False, True, True], [True, False, False], [True, True, True]]),
        ),
        example(
            "two queries, four keys",
            scores=np.array([[0.5, -0.2, 1.1, 0.3], [1.3, 0.4, -0.6, 2.2]]),
            mask=np.array([[True, False, True, True], [False, True, True, False]]),
        ),
        edge(
            "a hidden score of 4e9",
            scores=np.array([[4e9, 1.0, 1.0]]),
            mask=np.array([[False, True, True]]),
        ),
        edge(
            "visible scores of 1000 and 999",
            scores=np.array([[1000.0, 999.0, 5.0]]),
            mask=np.array([[True, True, False]]),
        ),
        edge(
            "a hidden score of 5000 beside a visible one of 0",
            scores=np.array([[5000.0, 0.0, 1.0], [0.0, 0.0, 1.0]]),
            mask=np.array([[False, True, True], [True, True, False]]),
        ),
        edge(
            "a row near 0 beside a row near 2000",
            scores=np.array([[0.0, 1.0, 9.0], [2000.0, 1999.0, 1.0]]),
            mask=np.array([[True, True, False], [True, True, True]]),
        ),
        edge(
            "a row near -2000",
            scores=np.array([[-2000.0, -2001.0, 0.0], [1.0, 0.5, 0.0]]),
            mask=np.array([[True, True, False], [True, True, True]]),
        ),
        edge("a query with no key", scores=np.array([[0.0, 1.0]]), mask=np.array([[False, False]])),
        edge(
            "one of two queries with no key",
            scores=np.array([[0.0, 1.0], [1.0, 2.0]]),
            mask=np.array([[True, True], [False, False]]),
        ),
    ],
    {
        "a large negative number is not −∞": lambda scores, mask: _softmax(
            np.where(mask, scores, -1e9)
        ),
        "a large negative number was added": lambda scores, mask: _softmax(
            np.where(mask, scores, scores - 1e9)
        ),
        "the mask comes after the softmax": lambda scores, mask: _softmax(scores) * mask,
        "hidden keys still count": lambda scores, mask: _again(_softmax(scores), mask),
        "hidden scores are 0": lambda scores, mask: _softmax(scores * mask),
        "queries are hidden in place of keys": lambda scores, mask: _masked(scores, mask.T),
        "the mask is upside down": lambda scores, mask: _softmax(np.where(mask, -np.inf, scores)),
    },
)


def _softmax(scores):
    """A softmax that gives NaN, and no error, for a row of nothing but −∞."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@calm
def check_masked_softmax(function):
    """Check function(scores, mask): weights, zero where the mask is False."""
    return MASKED_SOFTMAX.check(function)


@calm
def check_overflow(*scores):
    """Check a row of scores with which e to the score is too large, and the softmax is not."""
    scores = one_answer(scores)
    if scores is ...:
        return not_started()
    no_scores = "these are no scores"
    try:
        row = np.asarray(scores)
        is_row = row.ndim == 1 and row.dtype.kind in "fiu" and 0 < row.size <= 1000
        weights = softmax(row.astype(float)) if is_row else None
    except Exception as error:
        return wrong(no_scores, said_by(error), "kind")
    if weights is None:
        return wrong(no_scores, "Give one row of numbers, such as [1, 2].", "kind")
    row = row.astype(float)
    with np.errstate(all="ignore"):
        exponentials = np.exp(row)
    if np.isinf(exponentials).any():
        return right(
            f"np.exp gives infinity for the largest of them, and infinity / infinity is NaN. The "
            f"largest weight is {weights.max():.2f} all the same: only differences between scores "
            "count, so the largest may be subtracted first."
        )
    if not exponentials.any():
        return wrong(
            "underflow, not overflow",
            "These scores give NaN as well, but in the other way: e to each of them is so small "
            "that it becomes 0, and 0 / 0 is NaN. Find scores whose e is too large.",
        )
    careless = exponentials / exponentials.sum()
    return wrong(
        "no overflow",
        f"Without the subtraction the weights are still numbers: {careless.round(2).tolist()}. "
        "The largest number that fits is about 1.8e308. Whose e is larger than that?",
    )
