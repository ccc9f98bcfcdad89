"""Exercises of notebook 04: predict shapes, the network, its size, and life without a bend."""

import time
import tracemalloc

import numpy as np

from helpers.exercises import formulas
from helpers.exercises.check import Exercise, example
from helpers.exercises.running import quiet, run
from helpers.exercises.shapes import check_shapes
from helpers.exercises.values import agree, compared
from helpers.exercises.variants import Part, Program, function, operation, unchanged
from helpers.exercises.verdict import wrong


def check_network_shapes(W_1=..., hidden=..., out=...):
    """Check predicted shapes: x is (6, 8), d_ff is 32."""
    return check_shapes("feed_forward", W_1=W_1, hidden=hidden, out=out)


def network_recipe(do, x, W_1, b_1, W_2, b_2):
    hidden = do.bend(do.add_1(do.first(x, W_1), b_1))
    return do.end(do.add_2(do.second(hidden, W_2), b_2))


def _relu(hidden):
    return np.maximum(hidden, 0)


NETWORK_PARTS = {
    "first": operation("x", "W_1", np.matmul, "x @ W_1"),
    "add_1": operation("x @ W_1", "b_1", np.add, "hidden before the bend"),
    "bend": function(
        "ReLU",
        _relu,
        "hidden, after the bend",
        {
            "no bend": unchanged,
            "absolute values in place of ReLU": np.abs,
            "the wrong half is kept": lambda hidden: np.minimum(hidden, 0),
            "the largest of each column in place of ReLU": lambda hidden: np.max(hidden, 0),
        },
    ),
    "second": operation("hidden", "W_2", np.matmul),
    "add_2": operation("hidden @ W_2", "b_2", np.add),
    "end": Part(unchanged, changes={"a second bend at the end": _relu}),
}
NETWORK_CHANGES = {
    "the bend comes last": {"bend": unchanged, "end": _relu},
    "both biases are left out": {"add_1": unchanged, "add_2": unchanged},
    "b_1 is added after the bend": {
        "add_1": lambda hidden, b: _relu(hidden) + b,
        "bend": unchanged,
    },
}
NETWORK_PROGRAM = Program(network_recipe, NETWORK_PARTS)


def _drawn(trait, d_model=2, d_ff=3, seed=2, **named):
    rng = np.random.default_rng(seed)
    sizes = {"W_1": (d_model, d_ff), "b_1": d_ff, "W_2": (d_ff, d_model), "b_2": d_model}
    params = {name: rng.integers(-2, 3, size).astype(float) for name, size in sizes.items()}
    params["b_1"] += 0.5
    params["b_2"] -= 1.5
    return example(trait, **named, **params)


NETWORK = Exercise(
    NETWORK_PROGRAM,
    [
        _drawn("two words", x=[[1, -1], [2, 1]]),
        _drawn("the same first word beside another", x=[[1, -1], [-1, 3]]),
        _drawn("d_ff 5", 2, 5, x=[[0.5, -2], [1, 1], [-3, 1]]),
        _drawn("large numbers", 2, 4, 5, x=[[4, -9], [-7, 5.5]]),
        _drawn("d_ff as wide as x", 3, 3, 7, x=[[0.5, -1, 2], [1.5, 1, -0.5]]),
        _drawn("d_ff 70", 3, 70, 9, x=np.random.default_rng(9).normal(0, 1, (4, 3))),
        example(
            "small hidden numbers",
            x=[[1, 2], [-1, 3]],
            W_1=[[0.001, -0.002, 0.003], [0.002, 0.001, -0.001]],
            b_1=[0, 0.0004, 0.0003],
            W_2=[[1000, -2000], [500, 1500], [-3000, 1000]],
            b_2=[1, -1],
        ),
        _drawn("one word", 4, 2, 8, x=[[-1.5, 0.75, 2, 1]]),
        _drawn("as many words as hidden units", 2, 3, 4, x=[[1, -2], [0.5, 3], [-1.5, 1]]),
        _drawn("very large numbers", 2, 4, 5, x=[[4e4, -9e4], [-7e5, 5e5]])._replace(is_edge=True),
    ],
    {
        **NETWORK_CHANGES,
        "the bend works on x, before W_1": lambda x, *params: NETWORK_PROGRAM(
            _relu(x), *params, bend=unchanged
        ),
    },
    sizes=lambda x, W_1, **_: {"d_model": x.shape[-1], "d_ff": W_1.shape[-1]},
    words="x",
)


def check_feed_forward(function):
    """Check function(x, W_1, b_1, W_2, b_2): ReLU between two matrices."""
    return NETWORK.check(function)


def _counted(cases):
    """Write a count as a sum of products of the two sizes."""
    counts = formulas.finite_values(cases)
    if counts is None or any(abs(count) > 10**12 for count in counts):
        return None
    sizes = [tuple(case.example.arguments.values()) for case in cases]
    m, f = np.array(sizes, dtype=float).T
    one = np.ones_like(m)
    powers = {"d_model·d_ff": m * f, "d_model²": m**2, "d_ff²": f**2}
    powers |= {"d_model": m, "d_ff": f, "1": one}
    text = formulas.polynomial(counts, list(powers.values()), list(powers))
    if text is None:
        values = {"d_model": m, "d_ff": f, "2": 2 * one, "1": one}
        text = formulas.search([np.array(counts)], [values], values, (), ("+", "-", "*", "/", "**"))
    return text and (
        f"you count {text}",
        "What has to be counted: two matrices, W_1 and W_2, and two biases, b_1 and b_2.",
    )


D_MODELS = (2, 64, 8, 1, 5, 7, 3, 12, 30, 1001, 1499)
D_FFS = (3, 256, 5, 1, 1, 20, 50, 12, 7, 997, 1201)
COUNT = Exercise(
    lambda d_model, d_ff: 2 * d_model * d_ff + d_ff + d_model,
    [example(f"d_model {m}, d_ff {f}", d_model=m, d_ff=f) for m, f in zip(D_MODELS, D_FFS)],  # noqa: B905
    {
        "d_ff = 4 · d_model taken for a law": lambda d_model, d_ff: 8 * d_model**2 + 5 * d_model,
        "d_ff = 4 · d_model taken for a law, and no biases": lambda d_model, d_ff: 8 * d_model**2,
    },
    explain=_counted,
)


def check_count(function):
    """Check function(d_model, d_ff): how many numbers the step has."""
    verdict = COUNT.check(function)
    return _overflow(function) or verdict if verdict.is_right else verdict


def _overflow(function):
    """Return a verdict on a count that is wrong for numbers above 2³¹, or None.

    A function that makes arrays or goes round a loop in order to count is not asked: it would fill
    the memory, or never end.
    """
    tracemalloc.start()
    started = time.process_time()
    run(function, {"d_model": 1001, "d_ff": 997})
    seconds, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    wide = {"d_model": 2**20, "d_ff": 2**22}
    outcome = run(function, wide) if peak < 10**6 and seconds < 0.05 else None
    expected = quiet(COUNT.right, wide)
    if outcome is None or outcome.error is not None or agree(outcome, expected):
        return None
    why = "Whole numbers of 32 bits end at 2³¹ − 1; Python's own have no end."
    return wrong(
        "right, but not for very wide layers", f"{why}\n{compared(outcome, expected, wide)}"
    )


def _merge_recipe(do, W_1, b_1, W_2, b_2):
    return do.product(W_1, W_2), do.add(do.through(b_1, W_2, W_1), b_2)


MERGE_PARTS = {
    "product": operation(
        "W_1",
        "W_2",
        np.matmul,
        changes={"the matrices in the wrong order": lambda W_1, W_2: W_2 @ W_1},
    ),
    "through": Part(
        lambda b_1, W_2, W_1: b_1 @ W_2,
        makes="b_1 @ W_2",
        changes={
            "b_1 does not go through W_2": lambda b_1, W_2, W_1: b_1,
            "b_1 is multiplied from the right: W_2 @ b_1": lambda b_1, W_2, W_1: W_2 @ b_1,
        },
    ),
    "add": operation("b_1 @ W_2", "b_2", np.add),
}
MERGE = Exercise(
    Program(_merge_recipe, MERGE_PARTS),
    [_drawn("d_ff 2", 2, 2, 5), _drawn("d_ff 3", 2, 3, 6), _drawn("d_model 3", 3, 3, 7)],
    {"multiplied number by number": lambda W_1, b_1, W_2, b_2: (W_1 * W_2, b_1 * W_2 + b_2)},
    returns=("W", "b"),
)


def check_merge(function):
    """Check function(W_1, b_1, W_2, b_2): without a bend, one matrix and bias."""
    return MERGE.check(function)
