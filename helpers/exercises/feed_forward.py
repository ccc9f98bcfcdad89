"""Exercises of notebook 04: predict shapes, the network, its size, and life without a bend."""

import math

import numpy as np

from helpers.exercises import formulas
from helpers.exercises.check import Exercise, calm, example
from helpers.exercises.shapes import check_shapes
from helpers.exercises.skip_connections import finite_values
from helpers.exercises.variants import Part, Program


@calm
def check_network_shapes(W_1=..., hidden=..., out=...):
    """Check predicted shapes: x is (6, 8), d_ff is 32."""
    return check_shapes(
        {"W_1": W_1, "hidden": hidden, "out": out},
        {"W_1": (8, 32), "hidden": (6, 32), "out": (6, 8)},
        {
            "W_1": "x @ W_1 must fit, and give d_ff numbers per word.",
            "hidden": "Each word has a row of d_ff numbers.",
            "out": "What comes out is added to x.",
        },
        {
            ("W_1", (32, 8)): ("W_1 turned round", "This course multiplies from the right: x @ W."),
            ("W_1", (48, 32)): (
                "one network for the whole sentence",
                "The words are not laid side by side: each goes through by itself.",
            ),
            ("hidden", (6, 8)): ("hidden as wide as x", "In the middle a word is d_ff wide."),
            ("hidden", (32,)): ("one row for all words", "Every word has its own row."),
            ("out", (6, 32)): ("out as wide as hidden", "W_2 brings it back to d_model."),
        },
    )


def network_recipe(do, x, W_1, b_1, W_2, b_2):
    hidden = do.bend(do.add_1(do.first(x, W_1), b_1))
    return do.end(do.add_2(do.second(hidden, W_2), b_2))


def _gelu(hidden):
    return 0.5 * hidden * (1 + np.tanh(np.sqrt(2 / np.pi) * (hidden + 0.044715 * hidden**3)))


def _exact_gelu(hidden):
    return 0.5 * hidden * (1 + np.vectorize(math.erf)(hidden / np.sqrt(2)))


def _sigmoid(hidden):
    return 1 / (1 + np.exp(-hidden))


def _leaky(hidden):
    return np.where(hidden > 0, hidden, 0.01 * hidden)


BENDS = {
    "no bend": lambda hidden: hidden,
    "absolute values in place of ReLU": np.abs,
    "the wrong half is kept": lambda hidden: np.minimum(hidden, 0),
    "np.max in place of np.maximum": lambda hidden: np.max(hidden, 0),
    "GELU in place of ReLU": _gelu,
    "GELU (exact) in place of ReLU": _exact_gelu,
    "a sigmoid in place of ReLU": _sigmoid,
    "tanh in place of ReLU": np.tanh,
    "a leaky ReLU": _leaky,
    "SiLU in place of ReLU": lambda h: h * _sigmoid(h),
    "softplus in place of ReLU": lambda h: np.logaddexp(0, h),
    "1 where hidden is above 0, not hidden itself": lambda hidden: (hidden > 0).astype(float),
    "at least 1, not at least 0": lambda h: np.maximum(h, 1),
    "cut at 1": lambda hidden: hidden.clip(0, 1),
    "cut at 6": lambda hidden: hidden.clip(0, 6),
    "a softmax in place of ReLU": lambda h: np.exp(h) / np.exp(h).sum(axis=-1, keepdims=True),
}
NETWORK_PARTS = {
    "first": Part(np.matmul),
    "add_1": Part(np.add, makes="hidden before the bend"),
    "bend": Part(
        lambda hidden: np.maximum(hidden, 0), makes="hidden, after the bend", changes=BENDS
    ),
    "second": Part(np.matmul),
    "add_2": Part(np.add),
    "end": Part(
        lambda out: out,
        changes={"a second bend at the end": lambda out: np.maximum(out, 0)},
    ),
}
NETWORK_PROGRAM = Program(network_recipe, NETWORK_PARTS)


NETWORK_CHANGES = {
    "the bend comes last": {"bend": lambda h: h, "end": lambda out: np.maximum(out, 0)},
    "both biases are left out": {"add_1": lambda hidden, b: hidden, "add_2": lambda out, b: out},
    "b_1 is added after the bend": {
        "add_1": lambda hidden, b: np.maximum(hidden, 0) + b,
        "bend": lambda h: h,
    },
}


def _drawn(trait, words, d_model=2, d_ff=3, seed=2):
    rng = np.random.default_rng(seed)
    sizes = {"W_1": (d_model, d_ff), "b_1": d_ff, "W_2": (d_ff, d_model), "b_2": d_model}
    params = {name: rng.integers(-2, 3, size).astype(float) for name, size in sizes.items()}
    params["b_1"] += 0.5
    params["b_2"] -= 1.5
    return example(trait, x=np.array(words, dtype=float), **params)


NETWORK = Exercise(
    NETWORK_PROGRAM,
    [
        _drawn("two words", [[1, -1], [2, 1]]),
        _drawn("the same first word beside another", [[1, -1], [-1, 3]]),
        _drawn("d_ff 5", [[0.5, -2], [1, 1], [-3, 1]], d_ff=5),
        _drawn("large numbers", [[4, -9], [-7, 5.5]], d_ff=4, seed=5),
        _drawn("d_ff as wide as x", [[0.5, -1, 2], [1.5, 1, -0.5]], 3, 3, 7),
        _drawn("one word", [[-1.5, 0.75, 2, 1]], 4, 2, 8),
    ],
    {
        **NETWORK_CHANGES,
        "the bend works on x, before W_1": lambda x, *params: NETWORK_PROGRAM(
            np.maximum(x, 0), *params, bend=lambda h: h
        ),
    },
    sizes=lambda x, W_1, **_: {"d_model": x.shape[-1], "d_ff": W_1.shape[-1]},
    words="x",
)


@calm
def check_feed_forward(function):
    """Check function(x, W_1, b_1, W_2, b_2): ReLU between two matrices."""
    return NETWORK.check(function)


def _counted(cases):
    """Write a count as a sum of products of the two sizes."""
    given = [(c[0].arguments["d_model"], c[0].arguments["d_ff"]) for c in cases]
    counts = finite_values(cases)
    if counts is None or any(abs(count) > 10**12 for count in counts):
        return None
    m, f = np.array(given, dtype=float).T
    powers = {
        "d_model·d_ff": m * f,
        "d_model²": m**2,
        "d_ff²": f**2,
        "d_model": m,
        "d_ff": f,
        "1": np.ones_like(m),
    }
    text = formulas.polynomial(counts, list(powers.values()), list(powers))
    if text is None:
        leaves = {
            "d_model": list(map(np.array, m)),
            "d_ff": list(map(np.array, f)),
            "2": [np.array(2.0)] * len(m),
            "1": [np.array(1.0)] * len(m),
        }
        text = formulas.search(counts, leaves, {}, ("+", "-", "*", "/", "**"), 7)
    return text and (
        f"you count {text}",
        "What has to be counted: two matrices, W_1 and W_2, and two biases, b_1 and b_2.",
    )


SIZES = [(2, 3), (64, 256), (8, 5), (1, 1), (5, 1), (7, 20), (3, 50), (12, 12), (30, 7)]
COUNT = Exercise(
    lambda d_model, d_ff: 2 * d_model * d_ff + d_ff + d_model,
    [example(f"d_model {m}, d_ff {f}", d_model=m, d_ff=f) for m, f in SIZES],
    {
        "d_ff = 4 · d_model taken for a law": lambda d_model, d_ff: 8 * d_model**2 + 5 * d_model,
        "d_ff = 4 · d_model taken for a law, and no biases": lambda d_model, d_ff: 8 * d_model**2,
    },
    explain=_counted,
)


@calm
def check_count(function):
    """Check function(d_model, d_ff): how many numbers the step has."""
    return COUNT.check(function)


def _merge_recipe(do, W_1, b_1, W_2, b_2):
    return do.product(W_1, W_2), do.bias(W_1, b_1, W_2, b_2)


def _weights(trait, d_model, d_ff, seed):
    rng = np.random.default_rng(seed)
    sizes = {"W_1": (d_model, d_ff), "b_1": d_ff, "W_2": (d_ff, d_model), "b_2": d_model}
    drawn = {name: rng.integers(-2, 4, size) + 0.25 for name, size in sizes.items()}
    return example(trait, **drawn)


MERGE_PARTS = {
    "product": Part(
        np.matmul,
        changes={
            "the matrices in the wrong order": lambda W_1, W_2: W_2 @ W_1,
            "the matrices multiplied number by number": np.multiply,
        },
    ),
    "bias": Part(
        lambda W_1, b_1, W_2, b_2: b_1 @ W_2 + b_2,
        changes={
            "b_1 does not go through W_2": lambda W_1, b_1, W_2, b_2: b_1 + b_2,
            "b_1 is multiplied from the right: W_2 @ b_1": lambda W_1, b_1, W_2, b_2: (
                W_2 @ b_1 + b_2
            ),
            "b_1 goes through W_1": lambda W_1, b_1, W_2, b_2: b_1 @ W_1 + b_2,
        },
    ),
}
MERGE = Exercise(
    Program(_merge_recipe, MERGE_PARTS),
    [_weights("d_ff 2", 2, 2, 5), _weights("d_ff 3", 2, 3, 6), _weights("d_model 3", 3, 3, 7)],
    {
        "multiplied number by number": lambda W_1, b_1, W_2, b_2: (W_1 * W_2, b_1 * W_2 + b_2),
    },
    returns=("W", "b"),
)


@calm
def check_merge(function):
    """Check function(W_1, b_1, W_2, b_2): without a bend, one matrix and bias."""
    return MERGE.check(function)
