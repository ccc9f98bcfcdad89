"""Exercises of notebook 01: predict the shapes, split the heads, all of it, and a trap."""

import numpy as np

from helpers import multi_head_attention
from helpers.exercises.check import Exercise, calm, edge, example, one_answer
from helpers.exercises.self_attention import ATTENTION_PARTS, attend, by
from helpers.exercises.shapes import as_shape, check_shapes
from helpers.exercises.variants import Part, Program
from helpers.exercises.verdict import not_started, right, wrong
from helpers.self_attention import softmax


@calm
def check_head_shapes(q=..., weights=..., concat=..., W_o=...):
    """Check predicted shapes: x is (6, 12), n_heads is 4."""
    width = "d_model is divided among the heads: d_head = d_model / n_heads. With full-width"
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
                f"{width} heads the step would cost four times as much.",
            ),
            ("q", (6, 4, 3)): ("before the swap", "So it is cut, but heads come first at the end."),
            ("weights", (6, 6)): ("one map for all heads", "How many maps do four heads draw?"),
            ("weights", (4, 3, 3)): (
                "q.T @ k in place of q @ k.T",
                "Weights are for pairs of words, not for pairs of columns.",
            ),
            ("concat", (6, 48)): ("heads of full width", f"{width} heads, concat would be this."),
            ("concat", (6, 3)): (
                "z's added, not laid side by side",
                "Four pieces of three numbers, side by side.",
            ),
            ("W_o", (3, 12)): (
                "W_o for one head",
                "It comes after concat, and mixes what all heads found.",
            ),
            ("W_o", (48, 12)): (
                "heads of full width",
                f"{width} heads, W_o would have this shape.",
            ),
        },
    )


def _pieces(projected, n_heads):
    """Return (seq_len, n_heads, d_head)."""
    return projected.reshape(len(projected), n_heads, projected.shape[-1] // n_heads)


def _straight(projected, n_heads):
    return projected.reshape(n_heads, len(projected), projected.shape[-1] // n_heads)


def _every_nth(projected, n_heads):
    return projected.reshape(len(projected), -1, n_heads).transpose(2, 0, 1)


def _backwards(projected, n_heads):
    return multi_head_attention.split_heads(projected, n_heads)[::-1]


def _address(seq_len, d_model):
    """Return numbers that say where they stand: 21 is word 2, column 1."""
    return 10.0 * np.arange(seq_len)[:, None] + np.arange(d_model)


def _drops_columns(projected, n_heads):
    d_head = projected.shape[-1] // n_heads
    return np.stack([projected[:, i * d_head : (i + 1) * d_head] for i in range(n_heads)])


SPLITS = {
    "reshape with no axis swap": _straight,
    "the swap is missing": _pieces,
    "a head takes every n-th column": _every_nth,
    "the heads stand in reverse order": _backwards,
}
SPLIT = Exercise(
    multi_head_attention.split_heads,
    [
        example("2 heads of 2", projected=_address(3, 4), n_heads=2),
        example("3 heads of 2", projected=_address(2, 6), n_heads=3),
        example("2 heads of 3", projected=_address(4, 6), n_heads=2),
        example(
            "3 heads of 4, unsorted numbers",
            projected=np.random.default_rng(1).permutation(60).reshape(5, 12) - 30.5,
            n_heads=3,
        ),
        example("one head", projected=_address(2, 3), n_heads=1),
        example("heads of one column", projected=_address(3, 3)[:, ::-1].copy(), n_heads=3),
        example("one word", projected=_address(1, 8), n_heads=4),
        edge("5 columns for 2 heads", projected=_address(2, 5), n_heads=2),
    ],
    {
        **SPLITS,
        "columns are lost": _drops_columns,
        "every head holds all columns": lambda projected, n_heads: np.stack([projected] * n_heads),
        "d_head and n_heads have changed places": lambda projected, n_heads: projected.reshape(
            len(projected), -1, n_heads
        ).swapaxes(0, 1),
    },
)


@calm
def check_split_heads(function):
    """Check function(projected, n_heads): (n_heads, seq_len, d_head)."""
    return SPLIT.check(function)


def _join(z, n_heads):
    """Return (seq_len, n_heads · d_head)."""
    return z.swapaxes(0, 1).reshape(z.shape[1], -1)


def project(do, x, W_q, W_k, W_v, n_heads):
    """Return q, k and v of every head."""
    return [do.cut(do.project(x, W), n_heads) for W in (W_q, W_k, W_v)]


def multi_head_recipe(do, x, W_q, W_k, W_v, W_o, n_heads):
    q, k, v = project(do, x, W_q, W_k, W_v, n_heads)
    z = do.gather(attend(do, q, k, v))
    return do.mix(do.join(z, n_heads), W_o, x)


def d_model(q):
    return q.shape[-1] * len(q)


SCALES = {
    "divided by √d_model": by(-0.5, d_model),
    "divided by d_model": by(-1, d_model),
    "divided by √n_heads": by(-0.5, len),
    "divided by n_heads": by(-1, len),
    "multiplied by √d_model": by(0.5, d_model),
}
WEIGHINGS = {
    "softmax over the heads": lambda scores: softmax(scores.swapaxes(0, 2)).swapaxes(0, 2),
    "all heads share the mean of the scores": lambda scores: (
        softmax(scores.mean(axis=0)) + np.zeros_like(scores)
    ),
}
MULTI_HEAD_PARTS = ATTENTION_PARTS | {
    "project": Part(np.matmul),
    "cut": Part(multi_head_attention.split_heads, changes=SPLITS),
    "scale": ATTENTION_PARTS["scale"].with_changes(SCALES),
    "weigh": ATTENTION_PARTS["weigh"].with_changes(WEIGHINGS),
    "gather": Part(
        lambda z: z,
        makes="z of every head",
        changes={
            "every head gives what head 0 found": lambda z: np.broadcast_to(z[:1], z.shape),
            "every head gives the mean of all heads": lambda z: np.broadcast_to(
                z.mean(axis=0), z.shape
            ),
            "every head gives the sum of all heads": lambda z: np.broadcast_to(
                z.sum(axis=0), z.shape
            ),
            "only head 0 counts": lambda z: z * (np.arange(len(z)) == 0)[:, None, None],
        },
    ),
    "join": Part(
        _join,
        makes="concat, before W_o",
        changes={
            "joined with no axis swap": lambda z, n_heads: z.reshape(z.shape[1], -1),
            "joined number by number: the heads alternate": lambda z, n_heads: z.transpose(
                1, 2, 0
            ).reshape(z.shape[1], -1),
            "joined from d_head, n_heads": lambda z, n_heads: z.transpose(2, 0, 1).reshape(
                z.shape[1], -1
            ),
            "the z's are added, not laid side by side": lambda z, n_heads: z.sum(axis=0),
        },
    ),
    "mix": Part(lambda concat, W_o, x: concat @ W_o),
}


def _input_split(x, W_q, W_k, W_v, W_o, n_heads):
    """Cut x, and send each piece through its own small corner of the matrices."""
    z = []
    for own in np.split(np.arange(x.shape[-1]), n_heads):
        q, k, v = (x[:, own] @ W[np.ix_(own, own)] for W in (W_q, W_k, W_v))
        z.append(softmax(q @ k.T / np.sqrt(len(own))) @ v)
    return np.hstack(z) @ W_o


def _rows_cut(x, W_q, W_k, W_v, W_o, n_heads):
    """Cut x and the rows of the matrices, not their columns."""
    z = []
    for own in np.split(np.arange(x.shape[-1]), n_heads):
        q, k, v = (x[:, own] @ W[own] for W in (W_q, W_k, W_v))
        z.append((softmax(q @ k.T / np.sqrt(len(own))) @ v)[:, own])
    return np.hstack(z) @ W_o


def _drawn(trait, seq_len, d_model, n_heads, seed):
    rng = np.random.default_rng(seed)
    arrays = {"x": rng.standard_normal((seq_len, d_model)).round(1)}
    for name in ("W_q", "W_k", "W_v", "W_o"):
        arrays[name] = rng.normal(0, 0.6, (d_model, d_model)).round(1)
    return example(trait, **arrays, n_heads=n_heads)


MULTI_HEAD_CHANGES = {
    "no axis swap, neither in nor out": {
        "cut": _straight,
        "join": lambda z, n_heads: z.reshape(z.shape[1], -1),
    },
    "every n-th column, both in and out": {
        "cut": _every_nth,
        "join": lambda z, n_heads: z.transpose(1, 2, 0).reshape(z.shape[1], -1),
    },
    "scaled after the softmax": {
        "scale": lambda scores, q: scores,
        "after": lambda weights, q: weights / np.sqrt(q.shape[-1]),
    },
}
MULTI_HEAD_PROGRAM = Program(multi_head_recipe, MULTI_HEAD_PARTS)

MULTI_HEAD = Exercise(
    MULTI_HEAD_PROGRAM,
    [
        _drawn("2 words, 2 heads", 2, 4, 2, 0),
        _drawn("3 words, 3 heads", 3, 6, 3, 1),
        _drawn("4 words, 2 heads", 4, 6, 2, 2),
        _drawn("5 words, 4 heads", 5, 8, 4, 3),
        _drawn("one head", 3, 4, 1, 4),
        _drawn("heads of one column", 4, 3, 3, 5),
        _drawn("one word", 1, 6, 2, 6),
    ],
    {
        "heads of full width": lambda x, W_q, W_k, W_v, W_o, *_: MULTI_HEAD_PROGRAM(
            x, W_q, W_k, W_v, W_o, 1
        ),
        "the input is split, then projected": _input_split,
        "the rows of the matrices are divided, not their columns": _rows_cut,
        **MULTI_HEAD_CHANGES,
        "the matrices come from the left": lambda x, W_q, W_k, W_v, W_o, n_heads: (
            MULTI_HEAD_PROGRAM(x, W_q.T, W_k.T, W_v.T, W_o.T, n_heads)
        ),
        "all three matrices are transposed": lambda x, W_q, W_k, W_v, W_o, n_heads: (
            MULTI_HEAD_PROGRAM(x, W_q.T, W_k.T, W_v.T, W_o, n_heads)
        ),
        "q, k and v are x itself": lambda x, W_q, W_k, W_v, W_o, n_heads: MULTI_HEAD_PROGRAM(
            x, *[np.eye(len(W_q))] * 3, W_o, n_heads
        ),
        "one matrix is used for all of q, k and v": lambda x, W_q, W_k, W_v, W_o, n_heads: (
            MULTI_HEAD_PROGRAM(x, W_q, W_q, W_q, W_o, n_heads)
        ),
    },
    sizes=lambda x, n_heads, **_: {
        "d_head": x.shape[-1] // n_heads,
        "d_model": x.shape[-1],
        "the number of words": len(x),
    },
    words="x",
)


@calm
def check_multi_head(function):
    """Check function(x, W_q, W_k, W_v, W_o, n_heads): as wide as x."""
    return MULTI_HEAD.check(function)


@calm
def check_harmless_sizes(*sizes):
    """Check (seq_len, n_heads, d_head) for which forgetting the swap does no harm."""
    sizes = one_answer(sizes)
    if sizes is ...:
        return not_started()
    shape = as_shape(sizes)
    if shape is None or len(shape) != 3 or min(shape) < 1:
        return wrong(
            "these are no sizes", "Give three whole numbers, 1 or more: (2, 3, 4).", "kind"
        )
    seq_len, n_heads, d_head = shape
    if seq_len == 1 or n_heads == 1:
        return right(
            "With a single word, or a single head, there is nothing to mix up. So a test on such "
            "sizes cannot find the mistake: test with several words and several heads."
        )
    if seq_len * n_heads * d_head > 100:
        return wrong("these sizes show the mistake", "Try smaller ones, and see how they mix.")
    address = np.arange(seq_len * n_heads * d_head).reshape(seq_len, n_heads * d_head)
    cut, straight = _pieces(address, n_heads).swapaxes(0, 1), _straight(address, n_heads)
    return wrong(
        "these sizes show the mistake",
        f"Head 0 should hold {cut[0].tolist()}\nand holds      {straight[0].tolist()}",
    )
