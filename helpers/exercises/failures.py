"""What is said where no numbers can be compared: errors, and results of another kind."""

import linecache
from pathlib import Path

import numpy as np

from helpers.exercises import values
from helpers.exercises.values import kind_of
from helpers.exercises.verdict import lines

HINTS = {  # what Python and numpy say, and what it means
    "core dimension": "Two shapes do not fit: print both just before that line.",
    "could not be broadcast": "Two shapes do not fit: print both just before that line.",
    "not aligned": "Two shapes do not fit: print both just before that line.",
    "truth value of an array": "max, if and `and` want one answer, and an array has many: "
    "np.maximum, np.where and .all() take arrays.",
    "holds NaN": "Something before gives no number: 0 · ∞, ∞ − ∞ and 0 / 0 do.",
    "only integer scalar arrays": "np.max(a, b) takes b for an axis; np.maximum(a, b) compares.",
    "only 0-dimensional arrays": "np.max(a, b) takes b for an axis; np.maximum(a, b) compares.",
    "object is not callable": "Round brackets call a function; square brackets take a part.",
    "is not defined": "Is the name written as where it was made? Then run the cells above: "
    "Run → Run All Above Selected Cell.",
    "multiply sequence": "A list is not multiplied number by number: make it an array, np.array.",
    "positional argument": "The function is called with the arguments in the order of the stub.",
}


def error_told(error):
    """Say what an error says, in which line it came up, and what it means."""
    words = values.said_by(error)
    hints = [hint for sign, hint in HINTS.items() if sign in words]
    return lines(words, _place(error), *hints[:1])


def _place(error):
    """Return the last line of the student's own code before it stopped."""
    not_theirs = (str(Path(__file__).parents[1]), str(Path(np.__file__).parent))
    line, step = "", error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not file.startswith(not_theirs):
            line = linecache.getline(file, step.tb_lineno).strip() or line
        step = step.tb_next
    return f"in the line: {line}" if line else ""


def of_another_kind(value, expected, names):
    """Say what is given in place of what, and how to make one of the other."""
    if names and type(value) in (tuple, list) and len(value) == len(names):
        for name, mine, wanted in zip(names, value, expected, strict=True):
            if not values.fits(mine, wanted):
                said = f"You give {kind_of(mine)}, expected {kind_of(wanted)}."
                return f"{name} is another kind of thing, or of another shape", said
    if value is None:
        return "it returns nothing", "Is the `return` missing?"
    said = f"You give {kind_of(value)}, expected {kind_of(expected)}."
    kind = type(value)
    if kind is tuple and len(value) == 1:
        said += " A comma behind what is returned makes a tuple of it: leave the comma out."
    elif hasattr(kind, "_fields"):
        said += " A trace holds every intermediate; its result is .out."
    elif isinstance(expected, np.ndarray) and kind is list:
        if np.shape(_as_floats(value)) == expected.shape:
            said += " Make an array of it: np.array(...)."
        if values.same(_as_floats(value), expected):
            return "the numbers are right, but they stand in a list", said
    elif kind.__name__ in ("generator", "map", "zip", "filter"):
        said += " It has not computed anything yet: np.array(list(...)) does."
    elif kind is np.ndarray and value.dtype.kind == "c":
        said += " Complex numbers have a real part: .real."
    elif kind is np.ndarray and value.dtype == object:
        said += " Rows of unequal length, or arrays in a list, make such an array."
    elif kind is str and not isinstance(expected, str):
        said += " Leave the quotation marks, or str(...), out."
    return "another kind of thing", said


def _as_floats(value):
    """Return a list as an array; one without shape where it makes none."""
    try:
        return np.array(value, dtype=float)
    except Exception:
        return np.array(np.nan)
