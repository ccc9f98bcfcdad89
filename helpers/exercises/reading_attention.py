"""Exercises of notebook 07: read a row, measure how spread out it is, take a head away."""

import numpy as np

from helpers.exercises.check import Exercise, Mistake

_TOKENS = ("the", "animal", "was", "tired")
_WEIGHTS = np.array(
    [
        [0.1, 0.2, 0.3, 0.4],
        [0.5, 0.2, 0.2, 0.1],
        [0.1, 0.6, 0.1, 0.2],
        [0.0, 0.3, 0.6, 0.1],
    ]
)


def _strongest(weights, tokens, query):
    return tokens[weights[query].argmax()]


STRONGEST = Exercise(
    _strongest,
    [{"weights": _WEIGHTS, "tokens": _TOKENS, "query": query} for query in (0, 1, 2, 3)],
    [
        Mistake(
            "a column is read in place of a row",
            "Column j tells who looks at word j. What a word looks at stands in its row: "
            "weights[query].",
            lambda weights, tokens, query: tokens[weights[:, query].argmax()],
        ),
        Mistake(
            "the weakest look",
            "argmin finds the smallest weight; the hardest look is the largest.",
            lambda weights, tokens, query: tokens[weights[query].argmin()],
        ),
        Mistake(
            "the place, not the word",
            "argmax says at which place the largest weight stands. Return the word there: "
            "tokens[...].",
            lambda weights, tokens, query: int(weights[query].argmax()),
        ),
        Mistake(
            "the weight, not the word",
            "max gives the largest weight itself. argmax gives its place, and tokens the word.",
            lambda weights, tokens, query: weights[query].max(),
        ),
        Mistake(
            "the largest weight of the whole map",
            "Look for it in one row only, that of the query word.",
            lambda weights, tokens, query: tokens[weights.argmax() % len(tokens)],
        ),
    ],
)


def check_strongest(function):
    """Check function(weights, tokens, query): the word that the query word looks at hardest."""
    return STRONGEST.check(function)


def _entropy(weights, logarithm=np.log, axis=-1):
    logs = logarithm(np.where(weights > 0, weights, 1))
    return -(weights * logs).sum(axis=axis)


ENTROPY = Exercise(
    _entropy,
    [{"weights": np.array([[0.5, 0.5], [0.9, 0.1]])}, {"weights": _WEIGHTS[:3]}],
    [
        Mistake(
            "a weight of 0 gives NaN",
            "0 · ln 0 is 0 · −∞, no number. A weight of 0 adds nothing: leave it out, or take the "
            "logarithm of 1 in its place (np.where).",
            lambda weights: -(weights * np.log(weights)).sum(axis=-1),
        ),
        Mistake(
            "the sign is missing",
            "The logarithm of a share is negative, so the sum wants a minus before it.",
            lambda weights: -_entropy(weights),
        ),
        Mistake(
            "another logarithm",
            "This course takes the natural logarithm, np.log: ln 2 = 0.69 for two even shares.",
            lambda weights: _entropy(weights, np.log2),
        ),
        Mistake(
            "entropy of the columns",
            "A query hands out its attention along its row: axis=-1.",
            lambda weights: _entropy(weights, axis=0),
        ),
        Mistake(
            "one number for the whole map",
            "Each query has an entropy of its own: sum along the rows only.",
            lambda weights: _entropy(weights, axis=None),
        ),
        Mistake(
            "the weights are left out",
            "Each logarithm is multiplied by its weight before the sum.",
            lambda weights: -np.log(weights).sum(axis=-1),
        ),
    ],
    edges=[{"weights": _WEIGHTS}, {"weights": np.eye(3)}],
)


def check_entropy(function):
    """Check function(weights): the entropy of each row."""
    return ENTROPY.check(function)


def _without(concat, W_o, n_heads, head):
    kept = concat.copy()
    kept[:, _own(concat, n_heads, head)] = 0
    return kept @ W_o


def _own(concat, n_heads, head):
    d_head = concat.shape[-1] // n_heads
    return slice(head * d_head, (head + 1) * d_head)


def _only(concat, W_o, n_heads, head):
    own = _own(concat, n_heads, head)
    return concat[:, own] @ W_o[own]


def _every_nth(concat, W_o, n_heads, head):
    kept = concat.copy()
    kept[:, head::n_heads] = 0
    return kept @ W_o


def _row(concat, W_o, n_heads, head):
    kept = concat.copy()
    kept[head] = 0
    return kept @ W_o


def _after_W_o(concat, W_o, n_heads, head):
    out = concat @ W_o
    out[:, _own(concat, n_heads, head)] = 0
    return out


def _example(seq_len, d_model, n_heads, head):
    rng = np.random.default_rng(d_model)
    return {
        "concat": rng.integers(1, 6, (seq_len, d_model)).astype(float),
        "W_o": rng.integers(-2, 3, (d_model, d_model)).astype(float),
        "n_heads": n_heads,
        "head": head,
    }


KNOCK_OUT = Exercise(
    _without,
    [_example(3, 4, 2, 1), _example(2, 6, 3, 0), _example(3, 6, 3, 1)],
    [
        Mistake(
            "only this head is left",
            "The other way round: this head falls silent, the others speak on.",
            _only,
        ),
        Mistake(
            "a word is silenced, not a head",
            "Rows are words. A head owns columns of concat, for all words.",
            _row,
        ),
        Mistake(
            "numbers of the output are silenced",
            "After W_o every number is a mixture of all heads: zero the columns before it.",
            _after_W_o,
        ),
        Mistake(
            "every n-th column",
            "A head's columns stand together: from head · d_head to (head + 1) · d_head.",
            _every_nth,
        ),
        Mistake(
            "a head of one column",
            "A head is d_head = d_model / n_heads columns wide.",
            lambda concat, W_o, n_heads, head: (
                np.where(np.arange(concat.shape[-1]) == head, 0, concat) @ W_o
            ),
        ),
        Mistake(
            "nothing is taken away",
            "This is the output with all heads.",
            lambda concat, W_o, n_heads, head: concat @ W_o,
        ),
        Mistake(
            "W_o is left out",
            "That is concat without the head. The others' findings still have to go through W_o.",
            lambda concat, W_o, n_heads, head: _without(concat, np.eye(len(W_o)), n_heads, head),
        ),
    ],
)


def check_knock_out(function):
    """Check function(concat, W_o, n_heads, head): the output without this head."""
    return KNOCK_OUT.check(function)
