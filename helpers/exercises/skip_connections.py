"""Exercises of notebook 02: the sum, its gradient, a stack of sums, a silent mistake."""

import numpy as np

from helpers import skip_connections
from helpers.exercises.check import Exercise, edge, example, one_answer
from helpers.exercises.formulas import by_formula, by_loops
from helpers.exercises.shapes import as_shape, shown
from helpers.exercises.variants import Part, Program, applied, operation, unchanged
from helpers.exercises.verdict import calm, not_started, right, wrong

_X_3 = [[-1.5, 0.5], [2.5, -3], [1, 0.25]]
_X, _F_X = np.array([[1.0, 2], [3, 4]]), np.array([[0.5, -1], [2, 0]])
ADD = Exercise(
    Program(
        lambda do, x, f_x: do.sum(x, f_x),
        {"sum": operation("x", "f(x)", lambda x, f_x: skip_connections.forward(x, f_x).out)},
    ),
    [
        example("equal shapes", x=_X, f_x=_F_X),
        example("two words of three numbers", x=[[0, 1, 2], [3, 4, 5]], f_x=[[3, 1, 4], [1, 5, 9]]),
        example("negative numbers", x=_X_3, f_x=[[1, -2], [-0.75, -4], [0.5, 3]]),
        edge("f(x) of one row", x=_X, f_x=_F_X[:1]),
        edge("f(x) without the axis of words", x=_X, f_x=_F_X[0]),
        edge("f(x) of one column", x=_X, f_x=_F_X[:, :1]),
        edge("x of one row", x=_X[:1], f_x=_F_X),
        edge("x of one column", x=_X[:, :1], f_x=_F_X),
        edge("a row and a column", x=[[1, 2, 3]], f_x=[[1], [2], [3]]),
        edge("an axis too many", x=_X, f_x=_F_X[None]),
        edge("an axis too many behind", x=_X, f_x=_F_X[..., None]),
        edge("other sizes along the last axis", x=np.ones((2, 2, 3)), f_x=np.ones((2, 2, 1))),
    ],
    {
        "unequal sizes are added without a word": np.add,
        "x is left out": lambda x, f_x: f_x,
        "the mean of both": lambda x, f_x: (x + f_x) / 2,
        "multiplied, not added": np.multiply,
        "laid side by side": lambda x, f_x: np.concatenate([x, f_x], axis=-1),
    },
    explain=by_formula("x", "f_x"),
)


def check_add(function):
    """Check function(x, f_x): their sum, or a ValueError where the shapes differ."""
    return ADD.check(function)


def f_backward(grad):
    """Return what comes through a step that is x @ M, on the way back."""
    return grad @ np.array([[0.0, 2], [-1, 0.5]])


def same_gradient(grad):
    """Return what comes through the identity: the very array."""
    return grad


def f_backward_mixing(grad):
    """Return what comes through a step in which each word meets every other one."""
    return (grad.sum(axis=0) + np.cumsum(grad, axis=0)) @ np.array([[0.5, -1], [0.25, 1.5]])


def _gradient_recipe(do, grad_out, f_backward):
    return do.sum(grad_out, do.through(grad_out, f_backward))


def _backward(trait, grad_out, f_backward):
    return example(trait, grad_out=grad_out, f_backward=f_backward)


GRADIENT_PARTS = {
    "through": applied("f_backward"),
    "sum": operation("the way along the skip", "the way through f", np.add, "the sum"),
}
GRADIENT = Exercise(
    Program(_gradient_recipe, GRADIENT_PARTS),
    [
        _backward("one number per word", [[1, 0], [0, 1]], f_backward),
        _backward("three words", [[1, -2], [0.5, 3], [2, 2]], f_backward),
        _backward("f is the identity", [[1, 3], [-2, 0.5]], same_gradient),
        _backward("a step that mixes words", [[0.3, -1.2], [2.5, 0.7], [-1, 4]], f_backward_mixing),
    ],
    {
        "the way along the skip is missing": {"sum": lambda grad, through: through},
        "the way through f is missing": {"sum": unchanged},
        "divided between the two ways": {"sum": lambda grad, through: (grad + through) / 2},
        "multiplied, not added": {"sum": np.multiply},
        "f_backward gets the sum": lambda grad_out, f_backward: (
            grad_out + f_backward(grad_out + f_backward(grad_out))
        ),
    },
    words="grad_out",
    explain=by_formula("grad_out"),
)


def check_gradient(function):
    """Check function(grad_out, f_backward): the gradient at x of x + f(x)."""
    return GRADIENT.check(function)


def square(x):
    """A step that is not linear."""
    return x**2 / 4


def half(x):
    """A step that returns half of what comes in."""
    return x / 2


def same(x):
    """A step that returns what comes in, the very array."""
    return x


def mix(x):
    """A step that mixes words and features."""
    return np.cumsum(x, axis=0) @ np.array([[0.5, -1], [0.75, 0.25]]) - 1


def _stack_recipe(do, x, steps):
    start = x
    for step in steps:
        x = do.update(x, step, start)
    return do.end(x, start)


STACK_PARTS = {
    "update": Part(
        lambda x, step, start: x + step(x),
        changes={
            "no skip": lambda x, step, start: step(x),
            "every step adds to the first input": lambda x, step, start: start + step(x),
            "every step sees the first input": lambda x, step, start: x + step(start),
            "multiplied, not added": lambda x, step, start: x * step(x),
            "the mean of both": lambda x, step, start: (x + step(x)) / 2,
            "each sum is divided by √2": lambda x, step, start: (x + step(x)) / np.sqrt(2),
            "each step's result is divided by 10": lambda x, step, start: x + step(x) / 10,
        },
    ),
    "end": Part(
        unchanged,
        changes={
            "the first x is added at the end": lambda x, start: x + start,
            "the mean with the first x is taken at the end": lambda x, start: (x + start) / 2,
        },
    ),
}


def _one_too_early(x, steps):
    before = x
    for step in steps:
        before, x = x, before + step(x)
    return x


def _stacked(trait, x, *steps):
    return example(trait, x=x, steps=steps)


STACK = Exercise(
    Program(_stack_recipe, STACK_PARTS),
    [
        _stacked("two steps", [[1, 2]], square, half),
        _stacked("three steps", [[1, -1], [0, 3]], half, square, half),
        _stacked("a step that mixes words", [[0.5, -2], [1.5, 3], [-1, 1]], mix, square, half),
        _stacked("four steps", [[-0.5, 1], [2, -1.5]], square, mix, half, mix),
        _stacked("a step that is the identity", [[1, 2], [3, -1]], same, square),
        _stacked("nine steps", [[0.25, -0.5], [1, 0.75]], *(half, square, mix) * 3),
        _stacked("one step", [[-2, 1], [3, 0.5]], mix),
        edge("no step", x=[[1, 2]], steps=()),
    ],
    {
        "one skip around all": {
            "update": lambda x, step, start: step(x),
            "end": lambda x, start: x + start,
        },
        "each skip also adds the first input": {
            "update": lambda x, step, start: x + step(x) + (start if x is not start else 0)
        },
        "you return what the last step made, without its skip": lambda x, steps: steps[-1](
            STACK.right(x, steps[:-1])
        ),
        "each skip begins one step too early": _one_too_early,
    },
    sizes=lambda x, steps: {"the number of steps": len(steps)},
    words="x",
    explain=by_loops("steps", 7),
)


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
    try:
        summed = np.broadcast_shapes((2, 4), sizes)
    except (ValueError, OverflowError):
        complaint = f"(2, 4) + {shown(sizes)} is an error, so this mistake would be found."
        return wrong("numpy complains", f"{complaint} Try a 1.")
    if summed != (2, 4):
        said = f"It is {shown(summed)}; a later line may notice it."
        return wrong("the sum has another shape", said)
    return right(
        f"(2, 4) + {shown(sizes)} is (2, 4), and no later line would notice: some numbers of f(x) "
        "are used several times, though they belong to one place. So the shapes are compared first."
    )
