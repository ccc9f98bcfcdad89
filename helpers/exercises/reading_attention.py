"""Exercises of notebook 07: read a row, measure how spread out it is, take a head away."""

from itertools import product

import numpy as np

from helpers.exercises.check import Exercise, edge, example
from helpers.exercises.variants import Part, Program, function, operation, reduction, unchanged

MAPS = {  # by their words; in the third, largest weight, largest mean and longest word are three
    ("the", "animal", "was", "tired"): np.array(
        [[0.1, 0.2, 0.3, 0.4], [0.5, 0.2, 0.18, 0.12], [0.1, 0.6, 0.08, 0.22], [0, 0.3, 0.6, 0.1]]
    ),
    ("it", "was", "late", "and", "dark"): np.array(
        [
            [0.5, 0.2, 0.1, 0.15, 0.05],
            [0.11, 0.09, 0.2, 0.3, 0.3001],
            [0.02, 0.08, 0.7, 0.11, 0.09],
            [0.3, 0.4, 0.1, 0.13, 0.07],
            [0.04, 0.06, 0.17, 0.23, 0.5],
        ]
    ),
    ("a", "long", "story", "told", "yesterday"): np.array(
        [
            [0.05, 0.55, 0.2, 0.12, 0.08],
            [0.04, 0.5, 0.3, 0.1, 0.06],
            [0.8, 0.1, 0.05, 0.03, 0.02],
            [0.07, 0.28, 0.35, 0.2, 0.1],
            [0.06, 0.45, 0.11, 0.15, 0.23],
        ]
    ),
}
_TEN = 0.9 * np.eye(10)[[3, 9, 0, 5, 1, 8, 2, 7, 6, 4]] + 0.01
MAPS["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] = _TEN
MAPS["the", "dog", "saw", "the"] = np.array(  # a word that stands twice
    [[0.3, 0.36, 0.1, 0.24], [0.35, 0.05, 0.4, 0.2], [0.4, 0.26, 0.2, 0.14], [0.1, 0.2, 0.3, 0.4]]
)
FOUR, FIVE, *_ = MAPS.values()


def _strongest_recipe(do, weights, tokens, query):
    return do.word(do.place(do.row(weights, query)), tokens, weights, query)


def _nth(n):
    return lambda row: int(np.argsort(row)[n])


ROWS = {
    "a column is read in place of a row": lambda weights, query: weights[:, query],
    "the mean of all rows is read": lambda weights, query: weights.mean(axis=0),
    "the first row is read, whatever the query": lambda weights, query: weights[0],
    "the last row is read, whatever the query": lambda weights, query: weights[-1],
    "the row before is read": lambda weights, query: weights[query - 1],
    "the row after is read": lambda weights, query: weights[(query + 1) % len(weights)],
    "the word itself is left out": lambda weights, query: np.where(
        np.arange(len(weights)) == query, -1.0, weights[query]
    ),
    "the words after it are left out": lambda weights, query: weights[query][: query + 1],
}
WORDS = {
    "the place, not the word": lambda place, tokens, weights, query: place,
    "the weight, not the word": lambda place, tokens, weights, query: weights[query].max(),
    "the query word itself": lambda place, tokens, weights, query: tokens[query],
    "the word after the right one": lambda place, tokens, *_: tokens[(place + 1) % len(tokens)],
    "the word before the right one": lambda place, tokens, *_: tokens[place - 1],
    "the first word, whatever the weights": lambda place, tokens, *_: tokens[0],
    "the last word, whatever the weights": lambda place, tokens, *_: tokens[-1],
    "the words are counted from the end": lambda place, tokens, *_: tokens[-1 - place],
    "the first letter of the word": lambda place, tokens, *_: tokens[place][0],
    "in capital letters": lambda place, tokens, *_: tokens[place].upper(),
}
STRONGEST_PARTS = {
    "row": Part(lambda weights, query: weights[query], changes=ROWS),
    "place": Part(
        lambda row: int(row.argmax()),
        changes={
            "the weakest look": _nth(0),
            "the second strongest": _nth(-2),
            "the last that is large, not the largest": lambda row: int(
                np.flatnonzero(row >= row.mean())[-1]
            ),
        },
    ),
    "word": Part(lambda place, tokens, weights, query: tokens[place], changes=WORDS),
}


def _asked(tokens, query):
    """Say which word looks; of one that stands there twice, at which place."""
    place = f" (word {query})" if tokens.count(tokens[query]) > 1 else ""
    return f"“{tokens[query]}”{place} of {len(tokens)} words"


STRONGEST = Exercise(
    Program(_strongest_recipe, STRONGEST_PARTS),
    [
        example(_asked(tokens, query), weights=w, tokens=tokens, query=query)
        for tokens, w in MAPS.items()
        for query in range(len(tokens))
    ],
    {
        "the largest weight of the whole map": lambda w, tokens, _: tokens[w.argmax() % len(w)],
        "the place in the whole map, as a row": lambda w, tokens, _: tokens[w.argmax() // len(w)],
    },
)


def check_strongest(function):
    """Check function(weights, tokens, query): the word that the query word looks at hardest."""
    return STRONGEST.check(function)


def _entropy_recipe(do, weights):
    return do.end(do.total(do.weigh(do.log(weights), weights)), weights)


def _safe_log(weights):
    return np.log(np.where(weights > 0, weights, 1))


def _log_of_more(number):
    return lambda weights: np.log(weights + number)


ENTROPY_PARTS = {
    "log": function(
        "the logarithm",
        _safe_log,
        "the logarithms",
        {
            "a weight of 0 gives NaN": np.log,
            "another logarithm: to base 2": lambda weights: _safe_log(weights) / np.log(2),
            "another logarithm: to base 10": lambda w: _safe_log(w) / np.log(10),
            "1 is added before the logarithm": np.log1p,
            "0.1 is added before the logarithm": _log_of_more(0.1),
            "a thousandth is added before the logarithm": _log_of_more(1e-3),
            "1e-5 is added before the logarithm": _log_of_more(1e-5),
        },
    ),
    "weigh": operation(
        "the logarithms",
        "the weights",
        np.multiply,
        "w · ln w",
        {"the weights are left out": unchanged},
    ),
    "total": reduction(
        "sum",
        np.sum,
        keepdims=False,
        changes={
            "entropy of the columns": lambda terms: terms.sum(axis=0),
            "one number for the whole map": lambda terms: terms.sum(),
            "the mean of all rows": lambda terms: terms.sum(axis=-1).mean(),
            "nothing is summed": unchanged,
        },
    ),
    "end": Part(
        lambda total, weights: -total,
        changes={
            "the sign is missing": lambda total, weights: total,
            "1 minus the sum of the squares (Gini)": lambda total, w: 1 - (w**2).sum(axis=-1),
            "ln of the number of words minus the entropy": lambda t, w: np.log(w.shape[-1]) + t,
        },
    ),
}
ENTROPY = Exercise(
    Program(_entropy_recipe, ENTROPY_PARTS),
    [
        example("two words", weights=[[0.5, 0.5], [0.9, 0.1]]),
        example("four words", weights=FOUR[:3]),
        example("five words", weights=FIVE),
        example("two queries, three words", weights=[[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]]),
        example("seventy words", weights=np.random.default_rng(8).dirichlet(np.ones(70), 3)),
        edge("a weight of 0", weights=FOUR),
        edge("rows that look at one word alone", weights=np.eye(3)),
        edge("weights of 1e-5", weights=[[1e-5, 1 - 1e-5], [0.5, 0.5]]),
        edge("a single query", weights=[[0.25, 0.75, 0]]),
    ],
    {
        "weights of 0 count as a small number": lambda w: (
            -(np.maximum(w, 1e-3) * np.log(np.maximum(w, 1e-3))).sum(axis=-1)
        ),
        "rows with a weight of 0 get 0": lambda w: np.nan_to_num(-(w * np.log(w)).sum(axis=-1)),
    },
    sizes=lambda weights: {
        "the number of words": weights.shape[-1],
        "the number of queries": len(weights),
    },
)


def check_entropy(function):
    """Check function(weights): the entropy of each row."""
    return ENTROPY.check(function)


def _knock_out_recipe(do, concat, W_o, n_heads, head):
    own = do.own(concat.shape[-1], n_heads, head)  # True for the head's columns
    return do.out(do.silence(concat, own), W_o)


def _columns(d_model, n_heads, head):
    return np.arange(d_model) // (d_model // n_heads) == head


def _of_head(another):
    """Return a function that marks the columns of another head."""
    return lambda d_model, n_heads, head: _columns(d_model, n_heads, another(n_heads, head))


PLACES = {  # where the columns of a head may be said to begin or end
    "0": lambda n_heads, head, d_head: 0,
    "head": lambda n_heads, head, d_head: head,
    "head + 1": lambda n_heads, head, d_head: head + 1,
    "head + d_head": lambda n_heads, head, d_head: head + d_head,
    "head · d_head": lambda n_heads, head, d_head: head * d_head,
    "(head + 1) · d_head": lambda n_heads, head, d_head: (head + 1) * d_head,
    "(head − 1) · d_head": lambda n_heads, head, d_head: (head - 1) * d_head,
    "(head + 2) · d_head": lambda n_heads, head, d_head: (head + 2) * d_head,
    "head · d_head + 1": lambda n_heads, head, d_head: head * d_head + 1,
    "(head + 1) · d_head − 1": lambda n_heads, head, d_head: (head + 1) * d_head - 1,
    "(head + 1) · d_head + 1": lambda n_heads, head, d_head: (head + 1) * d_head + 1,
    "head · n_heads": lambda n_heads, head, d_head: head * n_heads,
    "(head + 1) · n_heads": lambda n_heads, head, d_head: (head + 1) * n_heads,
    "d_head": lambda n_heads, head, d_head: d_head,
    "the end": lambda n_heads, head, d_head: n_heads * d_head,
}


def _from_to(start, stop):
    """Return a function that marks the columns from one place up to another."""

    def own(d_model, n_heads, head):
        column, sizes = np.arange(d_model), (n_heads, head, d_model // n_heads)
        return (column >= start(*sizes)) & (column < stop(*sizes))

    return own


def _becomes(other):
    """Return a function that puts other numbers, made of concat, in the place of the head's."""
    return lambda concat, own: np.where(own, other(concat), concat)


KNOCK_OUT_PARTS = {
    "own": Part(
        _columns,
        changes={
            "every n-th column": lambda d_model, n, head: np.arange(d_model) % n == head,
            "a head of one column": lambda d_model, n_heads, head: np.arange(d_model) == head,
            "the last head is taken away, whatever is asked": _of_head(lambda n, head: n - 1),
            "heads are counted from the end": _of_head(lambda n, head: n - 1 - head),
            "the next head is taken away": _of_head(lambda n, head: (head + 1) % n),
        },
        others={
            f"concat[:, {one} : {other}] is silenced": _from_to(start, stop)
            for (one, start), (other, stop) in product(PLACES.items(), PLACES.items())
        },
    ),
    "silence": Part(
        _becomes(np.zeros_like),
        makes="concat without the head, before W_o",
        changes={
            "only this head is left": lambda concat, own: np.where(own, concat, 0),
            "nothing is taken away": unchanged,
            "the head's numbers become 1, not 0": _becomes(np.ones_like),
            "the head's numbers are replaced by the mean of concat": _becomes(np.mean),
            "the head before is put in its place": lambda concat, own: np.where(
                own, np.roll(concat, own.sum(), axis=1), concat
            ),
            "the head's numbers turn their sign": _becomes(np.negative),
            "the head's numbers are replaced by the mean of their column": _becomes(
                lambda concat: concat.mean(axis=0)
            ),
        },
    ),
    "out": operation("concat", "W_o", np.matmul),
}


def _row(concat, W_o, n_heads, head):
    kept = concat.copy()
    kept[head] = 0
    return kept @ W_o


def _drawn(trait, seq_len, d_model, n_heads, head):
    rng = np.random.default_rng(d_model + 10 * head)
    return example(
        trait,
        concat=rng.integers(-5, 6, (seq_len, d_model)) + 0.5,
        W_o=rng.integers(-2, 3, (d_model, d_model)) + 0.25,
        n_heads=n_heads,
        head=head,
    )


KNOCK_OUT = Exercise(
    Program(_knock_out_recipe, KNOCK_OUT_PARTS),
    [
        _drawn("head 1 of 2", 3, 4, 2, 1),
        _drawn("head 0 of 3", 2, 6, 3, 0),
        _drawn("head 1 of 3", 3, 6, 3, 1),
        _drawn("head 2 of 4, d_head 3", 4, 12, 4, 2),
        _drawn("head 3 of 4, d_head 2", 5, 8, 4, 3),
        _drawn("head 5 of 9, d_head 8", 3, 72, 9, 5),
        _drawn("heads of one column", 4, 3, 3, 2),
    ],
    {
        "a word is silenced, not a head": _row,
        "numbers of the output are silenced": lambda concat, W_o, n_heads, head: np.where(
            _columns(len(W_o), n_heads, head), 0, concat @ W_o
        ),
        "columns of W_o are silenced, not rows": lambda concat, W_o, n_heads, head: (
            concat @ np.where(_columns(len(W_o), n_heads, head), 0, W_o)
        ),
    },
    sizes=lambda concat, n_heads, **_: {"d_head": concat.shape[-1] // n_heads, "n_heads": n_heads},
    words="concat",
)


def check_knock_out(function):
    """Check function(concat, W_o, n_heads, head): the output without this head."""
    return KNOCK_OUT.check(function)
