"""Exercises of notebook 04: predict shapes, the network, what it costs, and life without a bend."""

import numpy as np

from helpers import feed_forward
from helpers.exercises.check import Exercise, Mistake, check_shapes


def check_network_shapes(W_1=..., hidden=..., out=...):
    """Check predicted shapes: x is (6, 8), d_ff is 32."""
    return check_shapes(
        {"W_1": W_1, "hidden": hidden, "out": out},
        {"W_1": (8, 32), "hidden": (6, 32), "out": (6, 8)},
        {
            "W_1": "x @ W_1 must fit, and give d_ff numbers a word.",
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


def _relu(hidden):
    return np.maximum(hidden, 0)


def _network(bend=_relu, bend_last=None, biases=(1, 1)):
    """Return a feed-forward network with one thing done in another way."""

    def network(x, W_1, b_1, W_2, b_2):
        out = bend(x @ W_1 + biases[0] * b_1) @ W_2 + biases[1] * b_2
        return bend_last(out) if bend_last else out

    return network


def _right(x, W_1, b_1, W_2, b_2):
    params = {"W_1": W_1, "b_1": b_1, "W_2": W_2, "b_2": b_2}
    return feed_forward.forward(x, params).out


def _example(words, d_ff=3):
    rng = np.random.default_rng(2)
    sizes = {"W_1": (2, d_ff), "b_1": d_ff, "W_2": (d_ff, 2), "b_2": 2}
    params = {name: rng.integers(-2, 3, size).astype(float) for name, size in sizes.items()}
    params["b_1"] += 0.5
    params["b_2"] -= 1.5
    return {"x": np.array(words, dtype=float)} | params


def _mixes(found):
    """Tell whether the first word's result changes with the second word."""
    values = [outcome.value for outcome in found[:2]]
    shapes = [getattr(value, "shape", None) for value in values]
    return shapes == [(2, 2), (2, 2)] and not np.allclose(values[0][0], values[1][0])


NETWORK = Exercise(
    _right,
    [
        _example([[1, -1], [2, 1]]),
        _example([[1, -1], [-1, 3]]),  # the same first word in other company
        _example([[0.5, -2], [1, 1], [-3, 1]], d_ff=5),
    ],
    [
        Mistake(
            "no bend",
            "Two matrices in a row are one matrix. Between them each number below 0 becomes 0: "
            "np.maximum(hidden, 0).",
            _network(bend=lambda hidden: hidden),
        ),
        Mistake(
            "the bend comes last",
            "The bend stands between the matrices; what leaves the step may be negative.",
            _network(bend=lambda hidden: hidden, bend_last=_relu),
        ),
        Mistake(
            "a second bend at the end",
            "Only the hidden numbers are bent; what leaves the step may be negative.",
            _network(bend_last=_relu),
        ),
        Mistake(
            "absolute values in place of ReLU",
            "ReLU says 0 to a negative number; it does not turn its sign.",
            _network(bend=np.abs),
        ),
        Mistake(
            "the wrong half is kept",
            "ReLU passes on what is above 0: np.maximum, not np.minimum.",
            _network(bend=lambda hidden: np.minimum(hidden, 0)),
        ),
        Mistake(
            "np.max in place of np.maximum",
            "np.max(hidden, 0) is the largest of each column: one row is left. np.maximum compares "
            "every number with 0.",
            _network(bend=lambda hidden: np.max(hidden, 0)),
        ),
        Mistake("b_1 is left out", "Each hidden unit has its constant.", _network(biases=(0, 1))),
        Mistake("b_2 is left out", "The last line adds b_2.", _network(biases=(1, 0))),
        Mistake(
            "it mixes words",
            "The result of the first word changes when only the second word does. Each word goes "
            "through by itself: look for an axis=0, or a max or mean over words.",
            seen=_mixes,
        ),
    ],
)


def check_feed_forward(function):
    """Check function(x, W_1, b_1, W_2, b_2): ReLU between two matrices."""
    return NETWORK.check(function)


COUNT = Exercise(
    lambda d_model, d_ff: 2 * d_model * d_ff + d_ff + d_model,
    [{"d_model": 2, "d_ff": 3}, {"d_model": 512, "d_ff": 2048}, {"d_model": 8, "d_ff": 5}],
    [
        Mistake(
            "d_ff = 4 · d_model taken for a law",
            "That is a convention of the paper. Count with the d_ff that is given.",
            lambda d_model, d_ff: 8 * d_model**2 + 5 * d_model,
        ),
        Mistake(
            "d_ff = 4 · d_model taken for a law, and no biases",
            "That is a convention of the paper. Count with the d_ff that is given, and add b_1 and "
            "b_2.",
            lambda d_model, d_ff: 8 * d_model**2,
        ),
        Mistake(
            "the biases are left out",
            "b_1 has d_ff numbers, b_2 has d_model.",
            lambda d_model, d_ff: 2 * d_model * d_ff,
        ),
        Mistake(
            "only one matrix",
            "There are two: W_1 and W_2, and a bias for each.",
            lambda d_model, d_ff: d_model * d_ff + d_ff,
        ),
        Mistake(
            "b_2 as long as b_1",
            "b_2 is added to what comes out, so it has d_model numbers.",
            lambda d_model, d_ff: 2 * d_model * d_ff + 2 * d_ff,
        ),
    ],
)


def check_count(function):
    """Check function(d_model, d_ff): how many numbers the step has."""
    return COUNT.check(function)


def _weights(d_model, d_ff, seed):
    rng = np.random.default_rng(seed)
    sizes = {"W_1": (d_model, d_ff), "b_1": d_ff, "W_2": (d_ff, d_model), "b_2": d_model}
    return {name: rng.integers(-2, 4, size).astype(float) for name, size in sizes.items()}


MERGE = Exercise(
    lambda W_1, b_1, W_2, b_2: (W_1 @ W_2, b_1 @ W_2 + b_2),
    [_weights(2, 2, 5), _weights(2, 3, 6)],
    [
        Mistake(
            "b_1 does not go through W_2",
            "(x W_1 + b_1) W_2 + b_2: multiply out, and b_1 is multiplied by W_2 as well.",
            lambda W_1, b_1, W_2, b_2: (W_1 @ W_2, b_1 + b_2),
        ),
        Mistake(
            "b_1 is lost",
            "(x W_1 + b_1) W_2 + b_2: multiply out, and three terms are left, not two.",
            lambda W_1, b_1, W_2, b_2: (W_1 @ W_2, b_2),
        ),
        Mistake(
            "the matrices in the wrong order",
            "x meets W_1 first: x @ W_1 @ W_2.",
            lambda W_1, b_1, W_2, b_2: (W_2 @ W_1, b_1 @ W_2 + b_2),
        ),
        Mistake(
            "multiplied number by number",
            "The matrix product is @, not *.",
            lambda W_1, b_1, W_2, b_2: (W_1 * W_2, b_1 * W_2 + b_2),
        ),
    ],
)


def check_merge(function):
    """Check function(W_1, b_1, W_2, b_2): without a bend, one matrix and bias."""
    return MERGE.check(function)
