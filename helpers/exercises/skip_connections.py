"""Exercises of notebook 02: the sum, its gradient, a stack of sums, a silent mistake."""

import re

import numpy as np

from helpers import skip_connections
from helpers.exercises import formulas
from helpers.exercises.check import Exercise, calm, edge, example, one_answer
from helpers.exercises.diagnosis import as_array
from helpers.exercises.shapes import as_shape, shown
from helpers.exercises.variants import Part, Program
from helpers.exercises.verdict import not_started, right, wrong

_X = np.array([[1.0, 2], [3, 4]])
_F_X = np.array([[0.5, -1], [2, 0]])


def finite_values(cases):
    """Return what was given as arrays, or None where it is not finite numbers."""
    found = [as_array(case[1].value) for case in cases]
    return None if any(f is None or not np.isfinite(f).all() for f in found) else found


def by_formula(functions, leaves, operations=("+", "-", "*"), size=7, leaf=None):
    """Return an `explain` that searches for the formula behind the numbers.

    functions, leaves: names of arguments; leaf: a name for a part of the right answer, and the
    function that makes it of the arguments.
    """

    def explain(cases):
        given = [case[0].arguments for case in cases]
        found = finite_values(cases)
        if found is None:
            return None
        values = {name: [arguments[name] for arguments in given] for name in leaves}
        if leaf is not None:
            values[leaf[0]] = [leaf[1](*arguments.values()) for arguments in given]
        values["1"] = [np.ones_like(x) for x in values[leaves[0]]]
        each = {name: [arguments[name] for arguments in given] for name in functions}
        text = formulas.search(found, values, each, operations, size)
        if text is None:
            return None
        said = "That is another formula."
        if leaf is not None and leaf[0] in re.findall(r"\w+", text):
            said += f" ({leaf[0]} is the right result of the first half.)"
        return f"your numbers are those of {text}", said

    return explain


ADD = Exercise(
    lambda x, f_x: skip_connections.forward(x, f_x).out,
    [
        example("equal shapes", x=_X, f_x=_F_X),
        example(
            "two words of three numbers",
            x=np.arange(6.0).reshape(2, 3),
            f_x=np.array([[3.0, 1, 4], [1, 5, 9]]),
        ),
        example(
            "negative numbers",
            x=np.array([[-1.5, 0.5], [2.5, -3], [1, 0.25]]),
            f_x=np.array([[1.0, -2], [-0.75, -4], [0.5, 3]]),
        ),
        edge("f(x) of one row", x=_X, f_x=_F_X[:1]),
        edge("f(x) without the axis of words", x=_X, f_x=_F_X[0]),
        edge("f(x) of one column", x=_X, f_x=_F_X[:, :1]),
        edge("x of one row", x=_X[:1], f_x=_F_X),
        edge("x of one column", x=_X[:, :1], f_x=_F_X),
        edge("a row and a column", x=np.array([[1.0, 2, 3]]), f_x=np.array([[1.0], [2], [3]])),
        edge("an axis too many", x=_X, f_x=_F_X[None]),
    ],
    {
        "unequal sizes are added without a word": lambda x, f_x: x + f_x,
        "x is left out": lambda x, f_x: f_x,
        "the mean of both": lambda x, f_x: (x + f_x) / 2,
        "multiplied, not added": lambda x, f_x: x * f_x,
        "laid side by side": lambda x, f_x: np.concatenate([x, f_x], axis=-1),
    },
    explain=by_formula((), ("x", "f_x")),
)


def _refusing(refuses, x, f_x):
    if refuses:
        raise ValueError("shapes differ")
    return x + f_x


@calm
def check_add(function):
    """Check function(x, f_x): their sum, or a ValueError where the shapes differ."""
    return ADD.check(function)


def f_backward(grad):
    """Return what comes through a step that is x @ M, on the way back."""
    return grad @ np.array([[0.0, 2], [-1, 0.5]])


def f_backward_mixing(grad):
    """Return what comes through a step that mixes words."""
    return np.cumsum(grad[::-1], axis=0)[::-1] @ np.array([[0.5, -1], [0.25, 1.5]])


GRADIENT = Exercise(
    lambda grad_out, f_backward: grad_out + f_backward(grad_out),
    [
        example(
            "one number per word", grad_out=np.array([[1.0, 0], [0, 1]]), f_backward=f_backward
        ),
        example(
            "three words", grad_out=np.array([[1.0, -2], [0.5, 3], [2, 2]]), f_backward=f_backward
        ),
        example(
            "a step that mixes words",
            grad_out=np.array([[0.3, -1.2], [2.5, 0.7], [-1, 4]]),
            f_backward=f_backward_mixing,
        ),
    ],
    {
        "the way along the skip is missing": lambda grad_out, f_backward: f_backward(grad_out),
        "the way through f is missing": lambda grad_out, f_backward: grad_out,
        "divided between the two ways": lambda grad_out, f_backward: (
            (grad_out + f_backward(grad_out)) / 2
        ),
        "multiplied, not added": lambda grad_out, f_backward: grad_out * f_backward(grad_out),
        "f_backward gets the sum": lambda grad_out, f_backward: (
            grad_out + f_backward(grad_out + f_backward(grad_out))
        ),
    },
    words="grad_out",
    explain=by_formula(("f_backward",), ("grad_out",)),
)


@calm
def check_gradient(function):
    """Check function(grad_out, f_backward): the gradient at x of x + f(x)."""
    return GRADIENT.check(function)


def square(x):
    """A step that is not linear."""
    return x**2 / 4


def half(x):
    """A step that returns half of what comes in."""
    return x / 2


def mix(x):
    """A step that mixes words and features."""
    return np.cumsum(x, axis=0) @ np.array([[0.5, -1], [0.75, 0.25]]) - 1


def _stack_recipe(do, x, steps):
    start = before = x
    outs = []
    for i, step in enumerate(steps):
        out = step(do.enters(x, start, before, i))
        outs.append(out)
        before, x = x, do.sum(do.skip(x, start, before, outs), out)
    return do.end(x, start, outs)


STACK_PARTS = {
    "skip": Part(
        lambda x, start, before, outs: x,
        changes={
            "no skip": lambda x, start, before, outs: 0 * x,
            "every step adds to the first input": lambda x, start, before, outs: start,
            "each skip also adds the first input": lambda x, start, before, outs: (
                x + start if len(outs) > 1 else x
            ),
            "each skip begins one step too early": lambda x, start, before, outs: before,
            "the skip of the first step is missing": lambda x, start, before, outs: (
                x * (len(outs) > 1)
            ),
            "only the first step has a skip": lambda x, start, before, outs: x * (len(outs) == 1),
        },
    ),
    "enters": Part(
        lambda x, start, before, i: x,
        changes={
            "every step sees the first input": lambda x, start, before, i: start,
        },
    ),
    "sum": Part(
        lambda skip, out: skip + out,
        changes={
            "subtracted, not added": lambda skip, out: skip - out,
            "multiplied, not added": lambda skip, out: skip * out,
            "the mean of both": lambda skip, out: (skip + out) / 2,
            "each step's result counts twice": lambda skip, out: skip + 2 * out,
        },
    ),
    "end": Part(
        lambda x, start, outs: x,
        changes={
            "you return what the last step made, without its skip": lambda x, start, outs: outs[-1],
            "the first input is subtracted at the end": lambda x, start, outs: x - start,
        },
    ),
}


def _without_skip(x, steps):
    for step in steps:
        x = step(x)
    return x


STACK = Exercise(
    Program(_stack_recipe, STACK_PARTS),
    [
        example("two steps", x=np.array([[1.0, 2]]), steps=(square, half)),
        example("three steps", x=np.array([[1.0, -1], [0, 3]]), steps=(half, square, half)),
        example(
            "a step that mixes words",
            x=np.array([[0.5, -2], [1.5, 3], [-1, 1]]),
            steps=(mix, square, half),
        ),
        example("four steps", x=np.array([[-0.5, 1], [2, -1.5]]), steps=(square, mix, half, mix)),
        example("one step", x=np.array([[-2.0, 1], [3, 0.5]]), steps=(mix,)),
    ],
    {
        "one skip around all": lambda x, steps: x + _without_skip(x, steps),
    },
    words="x",
)


@calm
def check_stack(function):
    """Check function(x, steps): each step's result added to its own input."""
    return STACK.check(function)


@calm
def check_silent_shape(*shape):
    """Check a shape, unlike (2, 4), that numpy adds to (2, 4) with no complaint."""
    shape = one_answer(shape)
    if shape is ...:
        return not_started()
    sizes = as_shape(shape)
    if sizes is None or (sizes and min(sizes) < 0):
        return wrong(
            "that is no shape", "A shape is a tuple of whole numbers, such as (3, 4).", "kind"
        )
    if sizes == (2, 4):
        return wrong("equal shapes", "That is the shape that is meant to be added.")
    summed = [1] * max(0, len(sizes) - 2) + [2, 4]
    for axis, size in enumerate(reversed(sizes), 1):
        if 1 not in (size, summed[-axis]) and size != summed[-axis]:
            complaint = f"(2, 4) + {shown(sizes)} is an error, so this mistake would be found."
            return wrong("numpy complains", f"{complaint} Try a 1.")
        summed[-axis] = size if summed[-axis] == 1 else summed[-axis]
    if summed != [2, 4]:
        said = f"It is {shown(summed)}; a later line may notice it."
        return wrong("the sum has another shape", said)
    return right(
        f"(2, 4) + {shown(sizes)} is (2, 4), and no later line would notice: some numbers of f(x) "
        "are used several times, though they belong to one place. So the shapes are compared first."
    )
