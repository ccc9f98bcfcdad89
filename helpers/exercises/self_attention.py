"""Exercises of notebook 00: predict the shapes, softmax, attention, a mask, and one to break."""

import numpy as np

from helpers.exercises import phrases
from helpers.exercises.check import Exercise, edge, example, one_answer
from helpers.exercises.shapes import check_shapes
from helpers.exercises.values import said_by
from helpers.exercises.variants import (
    Part,
    Program,
    function,
    operation,
    reduction,
    scaling,
    unchanged,
)
from helpers.exercises.verdict import calm, not_started, right, wrong
from helpers.self_attention import softmax


def check_head_shapes(q=..., scores=..., out=...):
    """Check predicted shapes: x is (5, 8), W_q, W_k and W_v are (8, 3)."""
    return check_shapes("self_attention", q=q, scores=scores, out=out)


def _softmax_recipe(do, scores):
    exponentials = do.power(scores - do.largest(scores))
    return do.divided(exponentials, do.total(exponentials))


def _unguarded(scores):
    exponentials = np.exp(scores)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def _over_queries(scores):
    return phrases.softmax(scores, -2)


def _over_everything(scores):
    return phrases.softmax(scores.ravel()).reshape(scores.shape)


OTHER_SOFTMAXES = {
    "softmax over the queries": _over_queries,
    "softmax over everything at once": _over_everything,
}
SOFTMAX_PARTS = {
    "largest": reduction(
        "largest score",
        np.max,
        changes={
            "large scores overflow": lambda scores: 0.0,
            "the largest score of all was subtracted": np.max,
        },
    ),
    "power": function("e to the power", np.exp),
    "divided": operation(
        "e to the scores",
        "the sum",
        np.divide,
        changes={"the rows are not divided by their sums": unchanged},
    ),
    "total": reduction("sum", np.sum, makes="the sum of each row"),
}


def _no_column(reduce):
    return lambda scores: reduce(scores, axis=-1)


SOFTMAX = Exercise(
    Program(_softmax_recipe, SOFTMAX_PARTS),
    [
        example("two rows", scores=[[0, 1], [2, 0]]),
        example("three keys", scores=[[0, 1, -1], [2, 2, 0.5]]),
        example("other numbers", scores=[[0.3, -2, 1.7], [-1, -0.4, -3.1], [2, 0, 4]]),
        example("four rows of negative scores", scores=-(np.arange(1, 9).reshape(4, 2) ** 1.5) / 5),
        example("seventy keys", scores=np.random.default_rng(9).normal(0, 3, (2, 70))),
        example("small weights", scores=[[0, -8, -12], [-14, -6.5, 0]]),
        edge("one key", scores=[[3], [-2]]),
        edge("scores of 1000 and 999", scores=[[1000, 999]]),
        edge("scores of 1000 and 0", scores=[[1000, 0]]),
        edge("scores of 0 and 2000", scores=[[0, 2000]]),
        edge("scores of 2000 and 0", scores=[[2000, 0], [0, -2000]]),
        edge("scores near -1000", scores=[[-1000, -1001, -1002.5]]),
        edge("a row near 0 beside a row near 2000", scores=[[0, 1], [2000, 1999]]),
        edge("1000, -1000 and 0 in one row", scores=[[1000, -1000, 0], [0, -1000, 1000]]),
    ],
    {
        "softmax over the queries": _over_queries,
        "shares without e": lambda scores: scores / scores.sum(axis=-1, keepdims=True),
        "keepdims is missing": [
            {"largest": _no_column(np.max), "total": _no_column(np.sum)},
            {"largest": lambda scores: 0, "total": _no_column(np.sum)},
            lambda s: np.exp(s - s.max(axis=-1, keepdims=True)) / np.exp(s).sum(axis=-1),
        ],
        "the largest score is subtracted above, and not below": lambda s: (
            np.exp(s - s.max(axis=-1, keepdims=True)) / np.exp(s).sum(axis=-1, keepdims=True)
        ),
        "softmax over everything at once": _over_everything,
    },
)


def check_softmax(function):
    """Check function(scores): the softmax of each row."""
    return SOFTMAX.check(function)


# what multi-head attention and the block use as well


def by(power, size):
    """Return a scale: the scores times a power of a size, which is read off q."""
    return lambda scores, q: scores * float(size(q)) ** power


def d_head(q):
    return q.shape[-1]


def words(q):
    return q.shape[-2]


def _product(q, k):
    return q @ k.swapaxes(-1, -2)


def _distances(q, k):
    return np.linalg.norm(q[..., :, None, :] - k[..., None, :, :], axis=-1)


def _cosines(q, k):
    return _product(*(a / np.linalg.norm(a, axis=-1, keepdims=True) for a in (q, k)))


WEIGHINGS = {"no softmax": unchanged} | OTHER_SOFTMAXES
SCALES = {
    "no scale": unchanged,
    "divided by d_head, not by its root": by(-1, d_head),
    "multiplied by √d_head": by(0.5, d_head),
    "√2 for every width": by(-0.5, lambda q: 2),
    "divided by the root of the number of words": by(-0.5, words),
}
SIZES = {"d_head": lambda scores, q: d_head(q), "the number of words": lambda scores, q: words(q)}


def attention_parts(scales=SCALES, sizes=SIZES, weighings=WEIGHINGS):
    """Return the parts of attention, for any number of axes."""
    products = {
        "queries and keys have changed places": lambda q, k: k @ q.swapaxes(-1, -2),
        "k is not transposed": lambda q, k: q @ k,
        "distances in place of dot products": _distances,
        "minus distances in place of dot products": lambda q, k: -_distances(q, k),
        "cosines in place of dot products": _cosines,
    }
    return {
        "multiply": operation("q", "k", _product, "the products of queries and keys", products),
        "scale": scaling(
            lambda scores, q: scores / np.sqrt(q.shape[-1]), "the scores", sizes, scales
        ),
        "weigh": function("the softmax", softmax, "the weights", weighings),
        "after": Part(unchanged, changes={"the weights are applied twice": lambda w, q: w @ w}),
        "average": operation(
            "the weights", "v", np.matmul, changes={"v @ weights": lambda weights, v: v @ weights}
        ),
    }


def attend(do, q, k, v):
    """Attention as a recipe, for every number of axes."""
    weights = do.weigh(do.scale(do.multiply(q, k), q))
    return do.average(do.after(weights, q), v)


SCALED_AFTER = {"scale": unchanged, "after": lambda weights, q: weights / np.sqrt(q.shape[-1])}


def _drawn(trait, words, d_head, seed):
    rng = np.random.default_rng(seed)
    drawn = {name: rng.standard_normal((words, d_head)).round(2) for name in "qkv"}
    return example(trait, **drawn)


ATTENTION = Exercise(
    Program(attend, attention_parts()),
    [
        example("two words", q=[[2, 0], [1, 1]], k=[[1, 1], [0, 2]], v=[[1, 0], [0, 3]]),
        _drawn("three words", 3, 2, 3),
        _drawn("four words, d_head 5", 4, 5, 4),
        _drawn("three words, d_head 9", 3, 9, 5),
        _drawn("four words, d_head 4", 4, 4, 6),
        _drawn("seventy words", 70, 12, 9),
        _drawn("one word", 1, 3, 7),
        _drawn("d_head 1", 5, 1, 8),
    ],
    {
        "scaled after the softmax": SCALED_AFTER,
        "q.T @ k in place of q @ k.T": [
            lambda q, k, v: v @ softmax(q.T @ k / np.sqrt(q.shape[-1])).T,
            lambda q, k, v: v @ softmax(q.T @ k / np.sqrt(q.shape[-1])),
        ],
    },
    sizes=lambda q, k, v: {"d_head": q.shape[-1], "the number of words": len(q)},
    words="q",
)


def check_attention(function):
    """Check function(q, k, v): z of one head."""
    return ATTENTION.check(function)


def _masked_recipe(do, scores, mask):
    if not do.allows(mask).any(axis=-1).all():
        raise ValueError("a query may look at no key")
    return do.after(do.weigh(do.hide(scores, mask)), mask)


def _again(weights, mask):
    return weights * mask / (weights * mask).sum(axis=-1, keepdims=True)


def _shared_out(taking):
    """Return what masks after the softmax, and gives what is lost to some keys of each row."""

    def after(weights, mask):
        seen = weights * mask
        takers = taking(seen, mask)
        lost = 1 - seen.sum(axis=-1, keepdims=True)
        return seen + takers * lost / takers.sum(axis=-1, keepdims=True)

    return {"hide": unchanged, "after": after}


def _hidden_as(number):
    return lambda scores, mask: np.where(mask, scores, number)


HIDDEN = {
    "the mask is not used": unchanged,
    "hidden scores are 0": _hidden_as(0),
    "a large negative number was added": [
        lambda s, mask, n=n: np.where(mask, s, s - n) for n in (1e9, 1e4, 100)
    ],
    "a large negative number is not −∞": _hidden_as(-1e9),
    "queries are hidden in place of keys": lambda s, mask: np.where(mask.T, s, -np.inf),
    "the mask is upside down": lambda scores, mask: np.where(mask, -np.inf, scores),
    "the mask is not used: a triangle is": lambda s, mask: np.where(np.tri(*s.shape), s, -np.inf),
    "hidden scores are −1": _hidden_as(-1),
    "hidden scores are the smallest visible score of their row": lambda s, mask: np.where(
        mask, s, np.where(mask, s, np.inf).min(axis=-1, keepdims=True)
    ),
}


def _or_as_it_was(change):
    """Return a change of masks that leaves a row as it was where nothing would be visible."""

    def changed(mask):
        new = change(mask)
        return np.where(new.any(axis=1, keepdims=True), new, mask)

    return changed


def _of_square(change):
    return lambda mask: change(mask) if mask.shape[0] == mask.shape[1] else mask


def _without_first(mask):
    return mask & (mask.cumsum(axis=1) > 1)


OTHER_MASKS = {  # of queries and keys
    "keys behind the query are hidden as well": lambda m: m & np.tri(*m.shape, dtype=bool),
    "the diagonal is shown as well": lambda m: m | np.eye(*m.shape, dtype=bool),
    "pairs that the mask shows in either order are shown": _of_square(lambda m: m | m.T),
    "only pairs that the mask shows in both orders are shown": _of_square(lambda m: m & m.T),
    "as many keys as the mask shows are shown, from the first on": lambda m: (
        np.arange(m.shape[1]) < m.sum(axis=1, keepdims=True)
    ),
    "a key that is hidden from one query is hidden from all": lambda m: m & m.all(axis=0),
    "a key that one query may look at is shown to all": lambda m: m | m.any(axis=0),
    "the mask's first row is used for every query": lambda m: np.broadcast_to(m[0], m.shape),
    "the mask is one column too far on": lambda m: np.roll(m, 1, axis=1),
    "the mask is one column too early": lambda m: np.roll(m, -1, axis=1),
    "the last visible key of each row is hidden": lambda m: _without_first(m[:, ::-1])[:, ::-1],
    "the first visible key of each row is hidden": _without_first,
}
for _name, _change in OTHER_MASKS.items():
    _changes = (_change, _or_as_it_was(_change))
    HIDDEN[_name] = [lambda s, mask, f=f: np.where(f(mask), s, -np.inf) for f in _changes]
MASKED_SOFTMAX_PARTS = {
    "allows": Part(
        unchanged,
        changes={
            "a query with no key at all": lambda mask: np.True_[None, None],
            "only a mask without any True is refused": lambda mask: mask.any()[None, None],
            "only the mask's first row is looked at before refusing": lambda mask: mask[:1],
            "only the mask's last row is looked at before refusing": lambda mask: mask[-1:],
            "the mask's columns are looked at before refusing, not its rows": lambda mask: mask.T,
        },
    ),
    "hide": Part(_hidden_as(-np.inf), makes="the scores, the hidden ones −∞", changes=HIDDEN),
    "weigh": function(
        "the softmax",
        phrases.softmax,
        changes={
            **OTHER_SOFTMAXES,
            "large scores overflow": _unguarded,
            "one largest score for all rows was subtracted": lambda s: _unguarded(s - s.max()),
        },
    ),
    "after": Part(unchanged),
}


def _masked(trait, mask, scores, make=example):
    """Return an example; the mask's rows are written as "110 011"."""
    return make(trait, scores=scores, mask=np.array([[c == "1" for c in r] for r in mask.split()]))


_NOTHING_REFUSED = {"allows": lambda mask: np.True_[None, None]}
_SEEN_TOO_LATE = {"hide": unchanged, "after": _again}
OFTEN_UNREFUSED = (
    "a large negative number is not −∞",
    "a large negative number was added",
    "hidden scores are 0",
    "the mask is upside down",
)


def _unrefused(changes):
    """Return changes of hiding, of somebody who refuses nothing."""
    changes = changes if isinstance(changes, list) else [changes]
    return [_NOTHING_REFUSED | {"hide": does} for does in changes]


MASKED_SOFTMAX = Exercise(
    Program(_masked_recipe, MASKED_SOFTMAX_PARTS),
    [
        _masked("two words, a triangle", "10 11", [[0, 1], [2, 0]]),
        _masked("three words", "110 011 101", [[0, 1, 0.5], [2, 0, 1], [1, 3, 0]]),
        _masked("one key in a row", "011 100 111", [[0.2, -1, 0.5], [-2, 0.3, 1], [1.5, -3, -0.4]]),
        _masked(
            "two queries, four keys", "1011 0110", [[0.5, -0.2, 1.1, 0.3], [1.3, 0.4, -0.6, 2.2]]
        ),
        _masked("small scores", "110 011", [[0.3, -0.1, 0.2], [0.05, 0.1, -0.2]]),
        _masked("scores of 0", "110 011", [[0, 0, 0], [0, 0, 0]], edge),
        _masked("visible scores of -1e40", "110 011", [[-1e40, -1e40, 0], [0, -1e40, -1e40]], edge),
        _masked("a hidden score of 4e9", "011", [[4e9, 1, 1]], edge),
        _masked("visible scores of 1000 and 999", "110", [[1000, 999, 5]], edge),
        _masked(
            "a hidden score of 5000 beside a visible one of 0",
            "011 110",
            [[5000, 0, 1], [0, 0, 1]],
            edge,
        ),
        _masked(
            "a row near 0 beside a row near 2000", "110 111", [[0, 1, 9], [2000, 1999, 1]], edge
        ),
        _masked("a row near -2000", "110 111", [[-2000, -2001, 0], [1, 0.5, 0]], edge),
        _masked("a query with no key", "00", [[0, 1]], edge),
        _masked("the second query with no key", "11 00", [[0, 1], [1, 2]], edge),
        _masked("the first query with no key", "00 11", [[0, 1], [1, 2]], edge),
        _masked("the middle query with no key", "11 00 01", [[0, 1], [1, 2], [0, 2]], edge),
    ],
    {
        **{name: _unrefused(HIDDEN[name]) for name in OFTEN_UNREFUSED},
        "the mask comes after the softmax": lambda scores, mask: phrases.softmax(scores) * mask,
        "hidden scores still count": [_SEEN_TOO_LATE, _NOTHING_REFUSED | _SEEN_TOO_LATE],
        "the hidden keys' share is spread evenly over the visible ones": _shared_out(
            lambda weights, mask: mask
        ),
        "the hidden keys' share goes to the largest visible weight": _shared_out(
            lambda weights, mask: np.eye(weights.shape[1])[weights.argmax(axis=-1)]
        ),
        "queries are hidden in place of keys": {
            "allows": lambda mask: mask.T,
            "hide": HIDDEN["queries are hidden in place of keys"],
        },
    },
)


def check_masked_softmax(function):
    """Check function(scores, mask): weights, zero where the mask is False."""
    return MASKED_SOFTMAX.check(function)


@calm
def check_overflow(*scores):
    """Check a row of scores with which e to the score is too large, and the softmax is not."""
    scores = one_answer(scores)
    if scores is ...:
        return not_started()
    try:
        row = np.asarray(scores)
        is_row = row.ndim == 1 and row.dtype.kind in "fiu" and 2 <= row.size <= 1000
        weights = softmax(row.astype(float)) if is_row else None
    except Exception as error:
        return wrong("these are no scores", said_by(error), "kind")
    if weights is None:
        return wrong("these are no scores", "Give a row of two numbers, such as [1, 2].", "kind")
    with np.errstate(all="ignore"):
        careless = _unguarded(row.astype(float))
        exponentials = np.exp(row.astype(float))
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
    return wrong(
        "no overflow",
        f"Without the subtraction the weights are still numbers: {careless.round(2).tolist()}. "
        "The largest number that fits is about 1.8e308. Whose e is larger than that?",
    )
