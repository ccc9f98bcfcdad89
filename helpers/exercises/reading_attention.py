"""Exercises of notebook 07: read a row, measure how spread out it is, take a head away."""

import numpy as np

from helpers.exercises.check import Exercise, calm, edge, example
from helpers.exercises.variants import Part, Program

_TOKENS = ("the", "animal", "was", "tired")
_WEIGHTS = np.array(
    [
        [0.1, 0.2, 0.3, 0.4],
        [0.5, 0.2, 0.18, 0.12],
        [0.1, 0.6, 0.08, 0.22],
        [0.0, 0.3, 0.6, 0.1],
    ]
)
_OTHER_TOKENS = ("it", "was", "late", "and", "dark")
_OTHER = np.array(
    [
        [0.5, 0.2, 0.1, 0.15, 0.05],
        [0.11, 0.09, 0.2, 0.3, 0.3001],
        [0.02, 0.08, 0.7, 0.11, 0.09],
        [0.3, 0.4, 0.1, 0.13, 0.07],
        [0.04, 0.06, 0.17, 0.23, 0.5],
    ]
)
_THIRD_TOKENS = ("a", "long", "story", "told", "yesterday")
_THIRD = np.array(  # largest weight, largest mean and longest word are three words
    [
        [0.05, 0.55, 0.2, 0.12, 0.08],
        [0.04, 0.5, 0.3, 0.1, 0.06],
        [0.8, 0.1, 0.05, 0.03, 0.02],
        [0.07, 0.28, 0.35, 0.2, 0.1],
        [0.06, 0.45, 0.11, 0.15, 0.23],
    ]
)


def _strongest_recipe(do, weights, tokens, query):
    return do.word(do.place(do.row(weights, query)), tokens, weights, query)


def _nth(n):
    return lambda row: int(np.argsort(row)[n])


def _shifted(by):
    return lambda place, tokens, weights, query: tokens[(place + by) % len(tokens)]


STRONGEST_PARTS = {
    "row": Part(
        lambda weights, query: weights[query],
        changes={
            "a column is read in place of a row": lambda weights, query: weights[:, query],
            "the mean of all rows is read": lambda weights, query: weights.mean(axis=0),
            "the first row is read, whatever the query": lambda weights, query: weights[0],
            "the last row is read, whatever the query": lambda weights, query: weights[-1],
            "the row before is read": lambda weights, query: weights[query - 1],
            "the row after is read": lambda weights, query: weights[(query + 1) % len(weights)],
            "the word itself is left out": lambda weights, query: np.where(
                np.arange(len(weights)) == query, -1.0, weights[query]
            ),
        },
    ),
    "place": Part(
        lambda row: int(row.argmax()),
        changes={
            "the weakest look": lambda row: int(row.argmin()),
            "the second strongest": _nth(-2),
        },
    ),
    "word": Part(
        lambda place, tokens, weights, query: tokens[place],
        changes={
            "the place, not the word": lambda place, tokens, weights, query: place,
            "the weight, not the word": lambda place, tokens, weights, query: weights[query].max(),
            "the query word itself": lambda place, tokens, weights, query: tokens[query],
            "the word after the right one": _shifted(1),
            "the word before the right one": _shifted(-1),
            "the first word, whatever the weights": lambda place, tokens, *_: tokens[0],
            "the last word, whatever the weights": lambda place, tokens, *_: tokens[-1],
            "the words are counted from the end": lambda place, tokens, *_: tokens[-1 - place],
            "the first letter of the word": lambda place, tokens, *_: tokens[place][0],
        },
    ),
}
STRONGEST = Exercise(
    Program(_strongest_recipe, STRONGEST_PARTS),
    [
        *(
            example(f"“{_TOKENS[q]}” of four words", weights=_WEIGHTS, tokens=_TOKENS, query=q)
            for q in (0, 1, 2, 3)
        ),
        *(
            example(
                f"“{_OTHER_TOKENS[q]}” of five words", weights=_OTHER, tokens=_OTHER_TOKENS, query=q
            )
            for q in range(5)
        ),
        *(
            example(f"“{word}” of a story", weights=_THIRD, tokens=_THIRD_TOKENS, query=q)
            for q, word in enumerate(_THIRD_TOKENS)
        ),
    ],
    {
        "the largest weight of the whole map": lambda w, tokens, *_: tokens[
            w.argmax() % len(tokens)
        ],
        "the place in the whole map, as a row": lambda w, tokens, *_: tokens[
            w.argmax() // len(tokens)
        ],
    },
)


@calm
def check_strongest(function):
    """Check function(weights, tokens, query): the word that the query word looks at hardest."""
    return STRONGEST.check(function)


def _entropy_recipe(do, weights):
    return do.end(do.total(do.weigh(do.log(weights), weights)), weights)


def _safe_log(weights):
    return np.log(np.where(weights > 0, weights, 1))


ENTROPY_PARTS = {
    "log": Part(
        _safe_log,
        makes="the logarithms",
        changes={
            "a weight of 0 gives NaN": np.log,
            "another logarithm: to base 2": lambda weights: _safe_log(weights) / np.log(2),
            "another logarithm: to base 10": lambda weights: _safe_log(weights) / np.log(10),
            "no logarithm: the squares are summed": lambda weights: weights,
            "0.1 is added before the logarithm": lambda weights: np.log(weights + 0.1),
            "a thousandth is added before the logarithm": lambda weights: np.log(weights + 1e-3),
            "1e-5 is added before the logarithm": lambda weights: np.log(weights + 1e-5),
        },
    ),
    "weigh": Part(
        np.multiply,
        makes="w · ln w",
        changes={
            "the weights are left out": lambda logs, weights: logs,
        },
    ),
    "total": Part(
        lambda terms: -terms.sum(axis=-1),
        changes={
            "the sign is missing": lambda terms: terms.sum(axis=-1),
            "entropy of the columns": lambda terms: -terms.sum(axis=0),
            "one number for the whole map": lambda terms: -terms.sum(),
            "the mean of all rows": lambda terms: -terms.sum(axis=-1).mean(),
            "the mean in place of the sum": lambda terms: -terms.mean(axis=-1),
            "nothing is summed": np.negative,
            "keepdims is not wanted here": lambda terms: -terms.sum(axis=-1, keepdims=True),
        },
    ),
    "end": Part(
        lambda entropy, weights: entropy,
        changes={
            "divided by ln of the number of words": lambda entropy, weights: (
                entropy / np.log(weights.shape[-1])
            ),
            "e to the power of the entropy": lambda entropy, weights: np.exp(entropy),
            "2 to the power of the entropy": lambda entropy, weights: np.exp2(entropy),
            "ln of the number of words minus the entropy": lambda entropy, weights: (
                np.log(weights.shape[-1]) - entropy
            ),
        },
    ),
}
ENTROPY = Exercise(
    Program(_entropy_recipe, ENTROPY_PARTS),
    [
        example("two words", weights=np.array([[0.5, 0.5], [0.9, 0.1]])),
        example("four words", weights=_WEIGHTS[:3]),
        example("five words", weights=_OTHER),
        example("two queries, three words", weights=np.array([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]])),
        edge("a weight of 0", weights=_WEIGHTS),
        edge("rows that look at one word alone", weights=np.eye(3)),
        edge("weights of 1e-5", weights=np.array([[1e-5, 1 - 1e-5], [0.5, 0.5]])),
        edge("a single query", weights=np.array([[0.25, 0.75, 0.0]])),
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


@calm
def check_entropy(function):
    """Check function(weights): the entropy of each row."""
    return ENTROPY.check(function)


def _knock_out_recipe(do, concat, W_o, n_heads, head):
    own = do.own(concat.shape[-1], n_heads, head)  # True for the head's columns
    return do.out(do.silence(concat, own), W_o, own)


def _columns(d_model, n_heads, head):
    return np.arange(d_model) // (d_model // n_heads) == head


def _first_d_head(d_model, n_heads, head):
    return np.arange(d_model) < d_model // n_heads


KNOCK_OUT_PARTS = {
    "own": Part(
        _columns,
        changes={
            "every n-th column": lambda d_model, n_heads, head: (
                np.arange(d_model) % n_heads == head
            ),
            "a head of one column": lambda d_model, n_heads, head: np.arange(d_model) == head,
            "a head of n_heads columns": lambda d_model, n_heads, head: (
                np.arange(d_model) // n_heads == head
            ),
            "head 0 is taken away, whatever is asked": _first_d_head,
            "the last head is taken away, whatever is asked": lambda d_model, n_heads, *_: _columns(
                d_model, n_heads, n_heads - 1
            ),
            "heads are counted from the end": lambda d_model, n_heads, head: _columns(
                d_model, n_heads, n_heads - 1 - head
            ),
            "one column too few": lambda d_model, n_heads, head: (
                _columns(d_model, n_heads, head)
                & (np.arange(d_model) != (head + 1) * (d_model // n_heads) - 1)
            ),
            "one column too many": lambda d_model, n_heads, head: (
                _columns(d_model, n_heads, head)
                | (np.arange(d_model) == (head + 1) * (d_model // n_heads))
            ),
            "all columns up to the head's end": lambda d_model, n_heads, head: (
                np.arange(d_model) < (head + 1) * (d_model // n_heads)
            ),
            "all columns from the head's start on": lambda d_model, n_heads, head: (
                np.arange(d_model) >= head * (d_model // n_heads)
            ),
            "the columns from head to head + d_head": lambda d_model, n_heads, head: (
                (np.arange(d_model) >= head) & (np.arange(d_model) < head + d_model // n_heads)
            ),
        },
    ),
    "silence": Part(
        lambda concat, own: np.where(own, 0, concat),
        makes="concat without the head, before W_o",
        changes={
            "only this head is left": lambda concat, own: np.where(own, concat, 0),
            "nothing is taken away": lambda concat, own: concat,
            "the head's numbers become 1, not 0": lambda concat, own: np.where(own, 1, concat),
            "the head's numbers are replaced by the mean of concat": lambda concat, own: np.where(
                own, concat.mean(), concat
            ),
            "the head's numbers turn their sign": lambda concat, own: np.where(
                own, -concat, concat
            ),
            "the others are scaled up for the missing head": lambda concat, own: (
                np.where(own, 0, concat) * len(own) / max((~own).sum(), 1)
            ),
        },
    ),
    "out": Part(lambda concat, W_o, own: concat @ W_o),
}


def _row(concat, W_o, n_heads, head):
    kept = concat.copy()
    kept[head] = 0
    return kept @ W_o


def _after_W_o(concat, W_o, n_heads, head):
    return np.where(_columns(len(W_o), n_heads, head), 0, concat @ W_o)


def _columns_of_W_o(concat, W_o, n_heads, head):
    return concat @ np.where(_columns(len(W_o), n_heads, head), 0, W_o)


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
        _drawn("heads of one column", 4, 3, 3, 2),
    ],
    {
        "a word is silenced, not a head": _row,
        "numbers of the output are silenced": _after_W_o,
        "columns of W_o are silenced, not rows": _columns_of_W_o,
    },
    sizes=lambda concat, n_heads, **_: {"d_head": concat.shape[-1] // n_heads},
    words="concat",
)


@calm
def check_knock_out(function):
    """Check function(concat, W_o, n_heads, head): the output without this head."""
    return KNOCK_OUT.check(function)
