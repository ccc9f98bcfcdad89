"""Exercises of notebook 01: predict the shapes, split the heads, all of it, and a trap."""

from itertools import combinations, permutations

import numpy as np

from helpers import multi_head_attention
from helpers.exercises import self_attention as one_head
from helpers.exercises.check import Exercise, edge, example, one_answer
from helpers.exercises.shapes import as_shape, check_shapes
from helpers.exercises.variants import Part, Program, operation, said_of, unchanged
from helpers.exercises.verdict import calm, not_started, right, wrong
from helpers.self_attention import softmax


def check_head_shapes(q=..., weights=..., concat=..., W_o=...):
    """Check predicted shapes: x is (6, 12), n_heads is 4."""
    return check_shapes("multi_head_attention", q=q, weights=weights, concat=concat, W_o=W_o)


def _pieces(projected, n_heads):
    """Return (seq_len, n_heads, d_head)."""
    return projected.reshape(len(projected), n_heads, projected.shape[-1] // n_heads)


def _straight(projected, n_heads):
    return projected.reshape(n_heads, len(projected), projected.shape[-1] // n_heads)


def _every_nth(projected, n_heads):
    return projected.reshape(len(projected), -1, n_heads).transpose(2, 0, 1)


def _address(seq_len, d_model):
    """Return numbers that say where they stand: 21 is word 2, column 1."""
    return 10.0 * np.arange(seq_len)[:, None] + np.arange(d_model)


def _drops_columns(projected, n_heads):
    d_head = projected.shape[-1] // n_heads
    return np.stack([projected[:, i * d_head : (i + 1) * d_head] for i in range(n_heads)])


def _too_wide(projected, n_heads):
    return _pieces(projected, projected.shape[-1] // n_heads).swapaxes(0, 1)


SPLITS = {
    "reshape with no axis swap": _straight,
    "the swap is missing": _pieces,
    "a head takes every n-th column": _every_nth,
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
        example("8 heads of 9", projected=_address(3, 72), n_heads=8),
        example("one head", projected=_address(2, 3), n_heads=1),
        example("heads of one column", projected=_address(3, 3)[:, ::-1].copy(), n_heads=3),
        example("one word", projected=_address(1, 8), n_heads=4),
        edge("5 columns for 2 heads", projected=_address(2, 5), n_heads=2),
    ],
    {
        **SPLITS,
        "columns are lost": _drops_columns,
        "every head holds all columns": lambda projected, n_heads: np.stack([projected] * n_heads),
        "d_head and n_heads have changed places": _too_wide,
    },
    outer="heads",
)


def check_split_heads(function):
    """Check function(projected, n_heads): (n_heads, seq_len, d_head)."""
    return SPLIT.check(function)


def multi_head_recipe(do, x, W_q, W_k, W_v, W_o, n_heads):
    W_q, W_k, W_v, W_o = do.matrices(W_q, W_k, W_v, W_o)
    q = do.q(do.cut(do.project_q(x, W_q), n_heads))  # (n_heads, seq_len, d_head)
    k = do.k(do.cut(do.project_k(x, W_k), n_heads))
    v = do.v(do.cut(do.project_v(x, W_v), n_heads))
    z = do.gather(one_head.attend(do, q, k, v))
    return do.mix(do.join(z, n_heads), W_o)


def _other_matrices():
    """Return what may be taken for the four matrices: others of them, or transposed ones."""
    names = ("W_q", "W_k", "W_v", "W_o")
    changes = {
        "all four matrices are transposed": lambda *W: [w.T for w in W],
        "all three matrices are transposed": lambda *W: [*(w.T for w in W[:3]), W[3]],
        "one matrix is used for all of q, k and v": lambda *W: [W[0]] * 3 + [W[3]],
    }
    for i, name in enumerate(names):
        changes[f"{name} is transposed"] = lambda *W, i=i: [*W[:i], W[i].T, *W[i + 1 :]]
    for order in list(permutations(range(4)))[1:]:
        said = f"the matrices are taken in the order {', '.join(names[i] for i in order)}"
        changes[said] = lambda *W, order=order: [W[i] for i in order]
    return changes


def _d_model(q):
    return q.shape[-1] * len(q)


def _joined(*axes):
    """Return a function that orders z's axes so, and makes rows as long as concat's."""
    return lambda z, n_heads: z.transpose(axes).reshape(z.shape[1], -1)


def _again(cut):
    """Return a change of q, k or v of every head: cut in another way."""
    return lambda heads: cut(_joined(1, 0, 2)(heads, len(heads)), len(heads))


WIDE = "there are d_head heads, each n_heads wide"
OF_HEADS = {  # of q, k or v, shape (n_heads, seq_len, d_head)
    "reshape with no axis swap": _again(_straight),
    "a head takes every n-th column": _again(_every_nth),
    "every head has that of head 0": lambda heads: heads[:1] + 0 * heads,
    "the heads have those of heads 0, 0, 1, 1 …": lambda heads: heads[np.arange(len(heads)) // 2],
}
MULTI_HEAD_PARTS = one_head.attention_parts(
    one_head.SCALES | {"divided by √d_model": one_head.by(-0.5, _d_model)},
    one_head.SIZES
    | {"d_model": lambda scores, q: _d_model(q), "n_heads": lambda scores, q: len(q)},
    one_head.WEIGHINGS
    | {
        "softmax over the whole map of each head": lambda s: softmax(s.reshape(len(s), -1)).reshape(
            s.shape
        )
    },
) | {
    "matrices": Part(lambda *W: W, changes=_other_matrices()),
    **{f"project_{r}": operation("x", f"W_{r}", np.matmul, f"x @ W_{r}") for r in "qkv"},
    **{
        role: Part(unchanged, f"{role} of every head", said_of(OF_HEADS, f"in {role} alone"))
        for role in "qkv"
    },
    "cut": Part(multi_head_attention.split_heads, changes=SPLITS | {WIDE: _too_wide}),
    "gather": Part(
        unchanged,
        "z of every head",
        {"the last head is left out": lambda z: np.concatenate([z[:-1], 0 * z[-1:]])},
    ),
    "join": Part(
        _joined(1, 0, 2),
        makes="concat, before W_o",
        changes={
            "joined with no axis swap": _joined(0, 1, 2),
            "joined number by number: the heads alternate": _joined(1, 2, 0),
            "joined from d_head, n_heads": _joined(2, 0, 1),
            "the z's are added, not laid side by side": lambda z, n_heads: z.sum(axis=0),
        },
    ),
    "mix": operation("concat", "W_o", np.matmul),
}
MULTI_HEAD_CHANGES = {
    "no axis swap, neither in nor out": {"cut": _straight, "join": _joined(0, 1, 2)},
    "every n-th column, both in and out": {"cut": _every_nth, "join": _joined(1, 2, 0)},
    "scaled after the softmax": one_head.SCALED_AFTER,
    **{
        f"{name} (in {one} and {other} alone)": {one: does, other: does}
        for one, other in combinations("qkv", 2)
        for name, does in OF_HEADS.items()
    },
}
MULTI_HEAD_PROGRAM = Program(multi_head_recipe, MULTI_HEAD_PARTS)


def _with_pieces(piece):
    """Return multi-head attention whose heads are handed x and matrices by `piece`."""

    def attention(x, W_q, W_k, W_v, W_o, n_heads):
        z = []
        for own in np.split(np.arange(x.shape[-1]), n_heads):
            q, k, v = (piece(x, W, own) for W in (W_q, W_k, W_v))
            found = softmax(q @ k.T / np.sqrt(len(own))) @ v
            z.append(found[:, own] if found.shape == x.shape else found)
        return np.hstack(z) @ W_o

    return attention


def _drawn(trait, seq_len, d_model, n_heads, seed):
    rng = np.random.default_rng(seed)
    arrays = {"x": rng.standard_normal((seq_len, d_model)).round(1)}
    for name in ("W_q", "W_k", "W_v", "W_o"):
        arrays[name] = rng.normal(0, 0.6, (d_model, d_model)).round(1)
    return example(trait, **arrays, n_heads=n_heads)


MULTI_HEAD = Exercise(
    MULTI_HEAD_PROGRAM,
    [
        _drawn("2 words, 2 heads", 2, 4, 2, 0),
        _drawn("3 words, 3 heads", 3, 6, 3, 1),
        _drawn("4 words, 2 heads", 4, 6, 2, 2),
        _drawn("5 words, 4 heads", 5, 8, 4, 3),
        _drawn("70 words, 4 heads of 5", 70, 20, 4, 7),
        _drawn("one head", 3, 4, 1, 4),
        _drawn("heads of one column", 4, 3, 3, 5),
        _drawn("one word", 1, 6, 2, 6),
    ],
    {
        "heads of full width": lambda *given: MULTI_HEAD_PROGRAM(*given[:5], 1),
        "the input is split, then projected": _with_pieces(
            lambda x, W, own: x[:, own] @ W[np.ix_(own, own)]
        ),
        "the rows of the matrices are divided, not their columns": _with_pieces(
            lambda x, W, own: x[:, own] @ W[own]
        ),
        **MULTI_HEAD_CHANGES,
        "q, k and v are x itself": {f"project_{role}": lambda x, W: x for role in "qkv"},
    },
    sizes=lambda x, n_heads, **_: {
        "d_head": x.shape[-1] // n_heads,
        "d_model": x.shape[-1],
        "the number of words": len(x),
        "n_heads": n_heads,
    },
    words="x",
    outer="heads",
)


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
