"""Exercises of notebook 02: the sum, its gradient, a stack of sums, a silent mistake."""

import numpy as np

from helpers import skip_connections
from helpers.exercises.check import Exercise, Mistake, not_started, one_answer, right, wrong

_X = np.array([[1.0, 2], [3, 4]])
_F_X = np.array([[0.5, -1], [2, 0]])

ADD = Exercise(
    lambda x, f_x: skip_connections.forward(x, f_x).out,
    [
        {"x": _X, "f_x": _F_X},
        {"x": np.arange(6.0).reshape(2, 3), "f_x": np.array([[3.0, 1, 4], [1, 5, 9]])},
    ],
    [
        Mistake(
            "unequal sizes are added without a word",
            "numpy repeats the one row for every word, and nobody notices. Compare the shapes "
            "first: `if x.shape != f_x.shape: raise ValueError(...)`.",
            lambda x, f_x: x + f_x,
        ),
        Mistake(
            "x is left out",
            "This is f(x) alone. A skip connection adds the input to it.",
            lambda x, f_x: f_x,
        ),
        Mistake("f(x) is left out", "This is the input alone.", lambda x, f_x: x),
        Mistake(
            "the mean of both",
            "Half of each: after ten layers little would be left of x. Add them as they are.",
            lambda x, f_x: (x + f_x) / 2,
        ),
        Mistake("multiplied, not added", "A skip connection adds.", lambda x, f_x: x * f_x),
        Mistake(
            "laid side by side",
            "The result must be as wide as x, or the next layer does not fit.",
            lambda x, f_x: np.concatenate([x, f_x], axis=-1),
        ),
    ],
    edges=[{"x": _X, "f_x": _F_X[:1]}, {"x": _X, "f_x": _F_X[0]}, {"x": _X, "f_x": _F_X[:, :1]}],
)


def check_add(function):
    """Check function(x, f_x): their sum, or a ValueError where the shapes differ."""
    return ADD.check(function)


def f_backward(grad):
    """Return what comes through a step that is x @ M, on the way back."""
    return grad @ np.array([[0.0, 2], [-1, 0.5]])


GRADIENT = Exercise(
    lambda grad_out, f_backward: grad_out + f_backward(grad_out),
    [
        {"grad_out": np.array([[1.0, 0], [0, 1]]), "f_backward": f_backward},
        {"grad_out": np.array([[1.0, -2], [0.5, 3], [2, 2]]), "f_backward": f_backward},
    ],
    [
        Mistake(
            "the road along the skip is missing",
            "The gradient comes back on two roads: through f, and untouched along the skip. "
            "Without the second, it may vanish.",
            lambda grad_out, f_backward: f_backward(grad_out),
        ),
        Mistake(
            "the road through f is missing",
            "Along the skip the gradient comes back untouched; add what f_backward makes of it.",
            lambda grad_out, f_backward: grad_out,
        ),
        Mistake(
            "shared out between the roads",
            "A sum hands the *whole* gradient to both of its parts, not one half to each.",
            lambda grad_out, f_backward: (grad_out + f_backward(grad_out)) / 2,
        ),
        Mistake(
            "multiplied, not added",
            "Where two roads meet, their gradients are added.",
            lambda grad_out, f_backward: grad_out * f_backward(grad_out),
        ),
        Mistake(
            "f_backward gets the sum",
            "Through f goes grad_out itself. You send in what has been added up already.",
            lambda grad_out, f_backward: grad_out + f_backward(grad_out + f_backward(grad_out)),
        ),
    ],
)


def check_gradient(function):
    """Check function(grad_out, f_backward): the gradient at x of x + f(x)."""
    return GRADIENT.check(function)


def square(x):
    """A step that is no straight map."""
    return x**2


def half(x):
    """A step that returns half of what comes in."""
    return x / 2


def _stack(x, steps):
    for step in steps:
        x = x + step(x)
    return x


def _without_skip(x, steps):
    for step in steps:
        x = step(x)
    return x


def _first_input_again(x, steps):
    start = x
    for step in steps:
        x = start + step(x)
    return x


STACK = Exercise(
    _stack,
    [
        {"x": np.array([[1.0, 2]]), "steps": (square, half)},
        {"x": np.array([[1.0, -1], [0, 3]]), "steps": (half, square, half)},
    ],
    [
        Mistake(
            "no skip",
            "Each step replaces x, so what came in is forgotten. Add: x = x + step(x).",
            _without_skip,
        ),
        Mistake(
            "every step adds to the first input",
            "The skip of step 2 begins where step 2 begins: at what step 1 has made, not at the "
            "very first x.",
            _first_input_again,
        ),
        Mistake(
            "every step sees the first input",
            "The steps stand on top of each other: step 2 works on what step 1 has made.",
            lambda x, steps: x + sum(step(x) for step in steps),
        ),
        Mistake(
            "one skip around all",
            "Each step has a skip of its own; yours leads around the whole stack.",
            lambda x, steps: x + _without_skip(x, steps),
        ),
    ],
)


def check_stack(function):
    """Check function(x, steps): each step's result added to its own input."""
    return STACK.check(function)


def check_silent_shape(*shape):
    """Check a shape, unlike (2, 4), that numpy adds to (2, 4) with no complaint."""
    shape = one_answer(shape)
    if shape is ...:
        return not_started()
    shape = tuple(shape) if isinstance(shape, list) else shape
    try:
        if shape is None:  # which old versions of numpy take for ()
            raise TypeError
        summed = np.broadcast_shapes((2, 4), shape)
    except TypeError:
        return wrong("that is no shape", "A shape is a tuple of whole numbers, such as (3, 4).")
    except ValueError:
        complaint = f"(2, 4) + {shape} is an error, so this mistake would be found. Try a 1."
        return wrong("numpy complains", complaint)
    if shape == (2, 4):
        return wrong("equal shapes", "That is the shape that is meant to be added.")
    if summed != (2, 4):
        return wrong("the sum has another shape", f"It is {summed}; a later line may notice it.")
    return right(
        f"(2, 4) + {shape} is (2, 4), and no later line would notice: some numbers of f(x) are "
        "used several times, though they belong to one place. So the shapes are compared first."
    )
