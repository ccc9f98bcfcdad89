"""Exercises of notebook 01: predict the shapes, split the heads, all of it, and a trap."""

import numpy as np

from helpers import multi_head_attention
from helpers.exercises.check import (
    Exercise,
    Mistake,
    check_shapes,
    not_started,
    one_answer,
    right,
    wrong,
)
from helpers.self_attention import softmax


def check_head_shapes(q=..., weights=..., concat=..., W_o=...):
    """Check predicted shapes: x is (6, 12), n_heads is 4."""
    wide = "d_model is shared out among the heads: d_head = d_model / n_heads. With full-width"
    return check_shapes(
        {"q": q, "weights": weights, "concat": concat, "W_o": W_o},
        {"q": (4, 6, 3), "weights": (4, 6, 6), "concat": (6, 12), "W_o": (12, 12)},
        {
            "q": "The heads come first, then the words, then the numbers of one head.",
            "weights": "Each head has a map of its own, from every word to every word.",
            "concat": "All z's of a word side by side: n_heads pieces of d_head numbers.",
            "W_o": "It takes a row of concat, and gives a row as wide as x.",
        },
        {
            ("q", (4, 6, 12)): (
                "heads of full width",
                f"{wide} heads the step would cost four times as much.",
            ),
            ("q", (6, 4, 3)): ("before the swap", "So it is cut, but heads come first at the end."),
            ("weights", (6, 6)): ("one map for all heads", "How many maps do four heads draw?"),
            ("weights", (4, 3, 3)): (
                "q.T @ k in place of q @ k.T",
                "Weights are for pairs of words, not for pairs of columns.",
            ),
            ("concat", (6, 48)): ("heads of full width", f"{wide} heads, concat would be this."),
            ("concat", (6, 3)): (
                "z's added, not laid side by side",
                "Four pieces of three numbers, side by side.",
            ),
            ("W_o", (3, 12)): (
                "W_o for one head",
                "It comes after concat, and mixes what all heads found.",
            ),
            ("W_o", (48, 12)): ("heads of full width", f"{wide} heads, W_o would be this tall."),
        },
    )


def _pieces(projected, n_heads):
    """Return (seq_len, n_heads, d_head)."""
    return projected.reshape(len(projected), n_heads, projected.shape[-1] // n_heads)


def _straight(projected, n_heads):
    return projected.reshape(n_heads, len(projected), projected.shape[-1] // n_heads)


def _address(seq_len, d_model):
    """Return numbers that say where they stand: 21 is word 2, column 1."""
    return 10.0 * np.arange(seq_len)[:, None] + np.arange(d_model)


def _drops_columns(projected, n_heads):
    d_head = projected.shape[-1] // n_heads
    return np.stack([projected[:, i * d_head : (i + 1) * d_head] for i in range(n_heads)])


SPLIT = Exercise(
    multi_head_attention.split_heads,
    [
        {"projected": _address(3, 4), "n_heads": 2},
        {"projected": _address(2, 6), "n_heads": 3},
        {"projected": _address(4, 6), "n_heads": 2},
    ],
    [
        Mistake(
            "reshape with no axis swap",
            "The shape is right, the numbers are not: head 0 should hold the first columns of "
            "every word. Cut each row first, reshape(seq_len, n_heads, d_head), then swap axes.",
            _straight,
        ),
        Mistake(
            "the swap is missing",
            "The rows are cut well. Now bring the axis of the heads to the front.",
            _pieces,
        ),
        Mistake(
            "a head takes every n-th column",
            "Head 0 owns the columns that stand together at the left, not every n-th one.",
            lambda projected, n_heads: projected.reshape(len(projected), -1, n_heads).transpose(
                2, 0, 1
            ),
        ),
        Mistake(
            "words and columns have changed places",
            "One swap too many: inside a head, rows are words.",
            lambda projected, n_heads: _pieces(projected, n_heads).transpose(1, 2, 0),
        ),
        Mistake(
            "columns are lost",
            "5 columns cannot be shared by 2 heads, and // drops one without a word. Refuse it "
            "(reshape does so by itself).",
            _drops_columns,
        ),
    ],
    edges=[{"projected": _address(2, 5), "n_heads": 2}],
)


def check_split_heads(function):
    """Check function(projected, n_heads): (n_heads, seq_len, d_head)."""
    return SPLIT.check(function)


def _join(heads):
    """Return (seq_len, n_heads · d_head)."""
    return heads.swapaxes(0, 1).reshape(heads.shape[1], -1)


def _multi_head(split=multi_head_attention.split_heads, join=_join, scale=None, weigh=softmax):
    """Return a multi-head attention with one step done in another way."""

    def attend(x, W_q, W_k, W_v, W_o, n_heads):
        q, k, v = (split(x @ W, n_heads) for W in (W_q, W_k, W_v))
        divisor = np.sqrt(q.shape[-1]) if scale is None else scale(x.shape[-1], q.shape[-1])
        return join(weigh(q @ k.swapaxes(1, 2) / divisor) @ v) @ W_o

    return attend


def _input_split(x, W_q, W_k, W_v, W_o, n_heads):
    """Cut x, and send each piece through its own small corner of the matrices."""
    z = []
    for own in np.split(np.arange(x.shape[-1]), n_heads):
        q, k, v = (x[:, own] @ W[np.ix_(own, own)] for W in (W_q, W_k, W_v))
        z.append(softmax(q @ k.T / np.sqrt(len(own))) @ v)
    return np.hstack(z) @ W_o


def _example(seq_len, d_model, n_heads, seed):
    rng = np.random.default_rng(seed)
    arrays = {"x": rng.standard_normal((seq_len, d_model)).round(1)}
    for name in ("W_q", "W_k", "W_v", "W_o"):
        arrays[name] = rng.integers(-1, 2, (d_model, d_model)).astype(float)  # easy to print
    return arrays | {"n_heads": n_heads}


MULTI_HEAD = Exercise(
    _multi_head(),
    [_example(2, 4, 2, 0), _example(3, 6, 3, 1), _example(4, 6, 2, 2)],
    [
        Mistake(
            "divided by √d_model",
            "A head's dot products add up d_head products, so divide by √d_head. Divided by "
            "√d_model the weights get flat, and the heads cannot choose.",
            _multi_head(scale=lambda d_model, d_head: np.sqrt(d_model)),
        ),
        Mistake(
            "no scale",
            "The scores are not divided by √d_head.",
            _multi_head(scale=lambda d_model, d_head: 1),
        ),
        Mistake(
            "divided by d_head, not by its root",
            "The variance of q·k is d_head, so its size is √d_head: divide by the root.",
            _multi_head(scale=lambda d_model, d_head: d_head),
        ),
        Mistake(
            "reshape with no axis swap",
            "On the way in, each word's row is cut first: reshape(seq_len, n_heads, d_head), then "
            "swap the first two axes. A straight reshape mixes words and columns.",
            _multi_head(split=_straight),
        ),
        Mistake(
            "joined with no axis swap",
            "The way back is the same two moves in reverse: swap first, then "
            "reshape(seq_len, d_model).",
            _multi_head(join=lambda heads: heads.reshape(heads.shape[1], -1)),
        ),
        Mistake(
            "no axis swap, neither in nor out",
            "Both ways need it: reshape(seq_len, n_heads, d_head) and swap; then swap and "
            "reshape(seq_len, d_model).",
            _multi_head(split=_straight, join=lambda heads: heads.reshape(heads.shape[1], -1)),
        ),
        Mistake(
            "softmax over the queries",
            "The columns of your weights sum to 1. Each query hands out its attention once: "
            "softmax along the keys, axis=-1.",
            _multi_head(weigh=lambda scores: softmax(scores.swapaxes(1, 2)).swapaxes(1, 2)),
        ),
        Mistake(
            "the input is split, then projected",
            "Every head may look at all numbers of a word. Multiply first, x @ W_q, and then cut "
            "the result.",
            _input_split,
        ),
        Mistake(
            "heads of full width",
            "Your head uses all columns, so this is one wide head. Head i owns the columns from "
            "i·d_head to (i+1)·d_head.",
            lambda x, W_q, W_k, W_v, W_o, n_heads: _multi_head()(x, W_q, W_k, W_v, W_o, 1),
        ),
        Mistake(
            "W_o is left out",
            "This is concat. W_o comes last: it lets every number of the result hear every head.",
            lambda x, W_q, W_k, W_v, W_o, n_heads: _multi_head()(
                x, W_q, W_k, W_v, np.eye(len(W_o)), n_heads
            ),
        ),
    ],
)


def check_multi_head(function):
    """Check function(x, W_q, W_k, W_v, W_o, n_heads): as wide as x."""
    return MULTI_HEAD.check(function)


def check_harmless_sizes(*sizes):
    """Check (seq_len, n_heads, d_head) for which forgetting the swap does no harm."""
    sizes = one_answer(sizes)
    if sizes is ...:
        return not_started()
    try:
        seq_len, n_heads, d_head = (int(size) for size in sizes)
        address = np.arange(seq_len * n_heads * d_head).reshape(seq_len, n_heads * d_head)
        cut, straight = _pieces(address, n_heads).swapaxes(0, 1), _straight(address, n_heads)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError, MemoryError):
        return wrong("these are no sizes", "Give three whole numbers, 1 or more: (2, 3, 4).")
    if address.size == 0:
        return wrong("these are no sizes", "Nothing is left with a size of 0.")
    if np.array_equal(cut, straight):
        return right(
            "With a single word, or a single head, there is nothing to mix up. So a test on such "
            "sizes cannot find the mistake: test with several words and several heads."
        )
    return wrong(
        "these sizes show the mistake",
        f"Head 0 should hold {cut[0].tolist()}\nand holds      {straight[0].tolist()}",
    )
