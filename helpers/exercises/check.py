"""The machine behind every exercise: it runs a student's function and says calmly what came out.

An exercise is a right answer, a few examples (the smallest first), a few edges (what a hasty answer
forgets), and the mistakes that people make. A mistake is known by its numbers: the examples are
chosen so that each gives others.
Whatever the student's function does, the answer is a `Verdict`, never a traceback.
"""

import copy
import linecache
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

SECONDS = 2.0
MOST_NUMBERS = 16  # a larger array is not printed whole
WIDTH = 88  # of a line of text
REFUSED = "an error, ValueError"
HINTS = {  # what Python and numpy say, and what it means
    "core dimension": "Two shapes do not fit: print both just before that line.",
    "could not be broadcast": "Two shapes do not fit: print both just before that line.",
    "truth value of an array": "max, if and `and` want one answer, and an array has many: "
    "np.maximum, np.where and .all() take arrays.",
}


@dataclass(frozen=True)
class Verdict:
    """What a check says; shown in a notebook as its text."""

    mistake: str | None  # the mistake's name; None for a right answer
    text: str

    @property
    def is_right(self):
        return self.mistake is None

    def __repr__(self):
        return "\n".join(
            textwrap.fill(line, WIDTH, subsequent_indent=" " * (len(line) - len(line.lstrip())))
            for line in self.text.splitlines()
        )


class Mistake(NamedTuple):
    name: str  # a few words, for the verdict's first line
    why: str  # what is wrong with it, and where to look
    answer: Callable | None = None  # what is returned by somebody who makes this mistake
    seen: Callable | None = None  # or: whether a list of outcomes looks like this mistake

    def made_in(self, found, expected, outcomes):
        """Tell whether these outcomes, which are not all as expected, come of this mistake."""
        if all(map(agree, found, expected)):
            return False
        return self.seen(found) if self.seen else all(map(agree, found, outcomes(self.answer)))


class Outcome(NamedTuple):
    value: object = None  # what the function returned
    error: BaseException | None = None  # or how it stopped
    changed: str | None = None  # the argument that is not as it was
    is_view: bool = False  # does the result share its memory with an argument?


class TooLong(BaseException):
    """Not an Exception, so that a student's `except Exception` does not catch it."""


def right(text="Your answer agrees with every example."):
    return Verdict(None, f"Right. {text}")


def one_answer(given):
    """Return what was handed over, with or without brackets around it: (1, 4) or 1, 4."""
    return given[0] if len(given) == 1 else given


def not_started():
    return Verdict(
        "not started", "Not started yet: put your answer in place of the dots, then run the cell."
    )


def wrong(name, why):
    return Verdict(name, f"Not yet: {name}.\n{why}")


def limited(function, arguments, seconds):
    """Call the function; raise TooLong if it is still running after so many seconds.

    The clock is read before each step of Python, which works alike on every system and in a
    browser. What it cannot stop: one long call into compiled code (a huge product, a sleep), and
    a loop with a bare `except:`, which catches everything. The kernel's stop button can.
    """
    deadline = time.perf_counter() + seconds

    def watch(frame, event, argument):
        frame.f_trace_opcodes = True  # not only lines: Python 3.11 sees none in `while True: pass`
        if time.perf_counter() > deadline:
            raise TooLong
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        return function(*arguments)
    finally:
        sys.settrace(before)


def run(function, arguments):
    """Call the function on copies of the named arguments; return an Outcome, whatever happens."""
    given = copy.deepcopy(arguments)
    try:
        with np.errstate(all="ignore"):  # a NaN is spoken of below, in words
            value = limited(function, given.values(), SECONDS)
    except BaseException as error:
        return Outcome(error=error)
    changed = next((name for name in given if not _unchanged(given[name], arguments[name])), None)
    shared = isinstance(value, np.ndarray) and any(
        isinstance(v, np.ndarray) and np.may_share_memory(value, v) for v in given.values()
    )
    return Outcome(value.copy() if isinstance(value, np.ndarray) else value, None, changed, shared)


def _unchanged(now, before):
    if isinstance(before, dict):
        return isinstance(now, dict) and all(_unchanged(now.get(n), before[n]) for n in before)
    if isinstance(before, np.ndarray):
        return isinstance(now, np.ndarray) and np.array_equal(now, before)
    return True


def agree(outcome, expected):
    """Tell whether two outcomes are the same: both stop, or equal values up to rounding."""
    if outcome.error is not None or expected.error is not None:
        return outcome.error is not None and expected.error is not None
    return _fits(outcome.value, expected.value) and _close(outcome.value, expected.value)


def misses_keepdims(found):
    """Tell whether numpy took the first example, a square one, and refused the second's shapes."""
    return found[0].error is None and "broadcast" in str(found[1].error)


def _fits(value, expected):
    """Tell whether a value is of the kind that is expected; of arrays, the shape too."""
    if isinstance(expected, tuple):
        return (
            isinstance(value, tuple | list)
            and len(value) == len(expected)
            and all(map(_fits, value, expected))
        )
    for kind in (bool | np.bool_, str):
        if isinstance(expected, kind):
            return isinstance(value, kind)
    if isinstance(expected, np.ndarray):
        return _is_array(value) and value.shape == expected.shape
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _is_array(value):
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"


def _close(value, expected):
    if isinstance(expected, tuple):
        return all(map(_close, value, expected))
    if isinstance(expected, int | str) and isinstance(value, int | str):
        return value == expected  # exactly: words, and whole numbers of any size
    return np.allclose(value, expected, rtol=1e-5, atol=1e-6, equal_nan=True)


@dataclass(frozen=True)
class Exercise:
    """A right answer, examples and edges as dicts of named arguments, and the known mistakes."""

    right: Callable
    examples: list
    mistakes: list
    edges: list = field(default_factory=list)
    judge: Callable | None = None  # what is compared, where not the result itself

    def outcomes(self, function):
        """Run the function on examples and edges, in order; stop after one that takes too long."""
        found = []
        for arguments in self.examples + self.edges:
            outcome = run(function, arguments)
            if self.judge is not None and outcome.error is None:
                outcome = outcome._replace(value=self.judge(outcome.value))
            found.append(outcome)
            if isinstance(found[-1].error, TooLong | KeyboardInterrupt):
                break
        return found

    def check(self, function):
        """Return the verdict on a student's function."""
        if function is ... or function is None:
            return not_started()
        if not callable(function):
            return wrong(
                "that is not a function",
                f"You handed over {_kind(function)}. Hand over the function by its name alone, "
                "without brackets after it.",
            )
        found = self.outcomes(function)
        if found[0].value is ... or isinstance(found[0].error, NotImplementedError):
            return not_started()
        return self.trouble(found) or self.numbers(found)

    def trouble(self, found):
        """Return what the guard has to say, or None if only the numbers are to be compared."""
        arguments = (self.examples + self.edges)[len(found) - 1]
        if isinstance(found[-1].error, KeyboardInterrupt):
            return wrong("stopped", "You stopped it before it was done.")
        if isinstance(found[-1].error, TooLong):
            return wrong(
                "it takes too long",
                f"Still running after {SECONDS:g} seconds, so it was stopped. Is there a loop that "
                f"never ends?\n{_written(arguments)}",
            )
        for outcome, arguments in zip(found, self.examples + self.edges, strict=True):
            if outcome.changed:
                return wrong(
                    f"it changes its input {outcome.changed}",
                    f"After the call, {outcome.changed} is not what it was before, and whoever "
                    "needs it later gets other numbers. Make a new array: `a = a + b` does, "
                    f"`a += b` and `a[...] = b` do not.\n{_written(arguments)}",
                )
        return None

    def numbers(self, found):
        """Compare what came out with what is right, then with each known mistake."""
        expected = self.outcomes(self.right)
        cases = zip(found, expected, self.examples + self.edges, strict=True)
        first = next((case for case in cases if not agree(*case[:2])), None)
        if first is None:
            remark = " (Your result is a view: it shares its memory with the input.)"
            return right("Your answer agrees with every example." + remark * found[0].is_view)
        # Who makes a mistake may treat the edges in another way: then the examples decide alone.
        for count in (len(found), len(self.examples)):
            for mistake in self.mistakes:
                if mistake.made_in(found[:count], expected[:count], self.outcomes):
                    return wrong(mistake.name, f"{mistake.why}\n{_compared(*first)}")
        return _unknown(*first)


def _unknown(outcome, expected, arguments):
    """Return the verdict on an answer that is wrong in no known way."""
    value, error = outcome.value, outcome.error
    if error is not None:
        said = f"{type(error).__name__}: {error}{_place(error)}"
        hints = "".join(f"\n{hint}" for sign, hint in HINTS.items() if sign in str(error))
        return wrong("it stops with an error", f"{said}{hints}\n{_written(arguments)}")
    compared = _compared(outcome, expected, arguments)
    if expected.error is not None:
        return wrong("it accepts what it should refuse", compared)
    if value is None:
        return wrong("it returns nothing", f"Is the `return` missing?\n{_written(arguments)}")
    if isinstance(expected.value, np.ndarray) and _is_array(value):
        if value.shape != expected.value.shape:
            shapes = f"You give shape {value.shape}, expected {expected.value.shape}."
            return wrong("another shape", f"{shapes}\n{_written(arguments)}")
        if np.isnan(value).any():
            return wrong("NaN, which means: not a number", compared)
    elif not _fits(value, expected.value):
        kinds = f"You give {_kind(value)}, expected {_kind(expected.value)}."
        return wrong("another kind of thing", f"{kinds}\n{_written(arguments)}")
    return wrong("another word" if isinstance(value, str) else "other numbers", compared)


def _place(error):
    """Return the last line of the student's own code before it stopped."""
    not_theirs = (str(Path(__file__).parents[1]), str(Path(np.__file__).parent))
    line, step = "", error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not file.startswith(not_theirs):
            line = linecache.getline(file, step.tb_lineno).strip() or line
        step = step.tb_next
    return f"\nin the line: {line}" if line else ""


def _kind(value):
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}, shape {value.shape}"
    if isinstance(value, tuple):
        return " and ".join(map(_kind, value)) or "an empty tuple"
    return f"a value of type {type(value).__name__}"


def _written(arguments):
    parts = [f"{name} = {_short(value)}" for name, value in arguments.items()]
    parts = [part for part in parts if part not in (f"{n} = {n}" for n in arguments)]
    line = "Example: " + ", ".join(parts)
    return line if len(line) <= WIDTH else "\n  ".join(["Example:", *parts])


def _short(value, digits=2):
    if isinstance(value, np.ndarray):
        if value.size > MOST_NUMBERS:
            return f"an array of shape {value.shape}"
        if value.dtype.kind not in "fiu":
            return str(value.tolist())
        rounded = np.round(value.astype(float), digits) + 0.0  # no negative zeros
        return str(_trimmed(rounded.tolist())).replace("'", "")
    if isinstance(value, tuple):
        return "(" + ", ".join(_short(v, digits) for v in value) + ")"
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, int) and abs(value) > 10**18:
        return "a huge number"
    if isinstance(value, dict):
        return "the parameters"
    if isinstance(value, np.random.Generator):
        return "a random generator"
    return getattr(value, "__name__", None) or repr(value)[:60]


def _trimmed(values):
    """Write 1.0 as 1, in lists of lists."""
    return [_trimmed(v) if isinstance(v, list) else f"{v:g}" for v in values]


def _compared(outcome, expected, arguments):
    """Return the smallest example, with what came and what was expected one above the other."""
    lines = [_written(arguments)]
    if expected.error is not None:
        lines += [f"  you give  {_short(outcome.value)}", f"  expected  {REFUSED}"]
    elif outcome.error is not None:
        lines += [f"  you stop with {type(outcome.error).__name__}: {outcome.error}"]
        lines += [f"  expected  {_short(expected.value)}"]
    else:
        given, wanted, where = _first_difference(outcome.value, expected.value)
        digits = next((d for d in (2, 4) if _short(given, d) != _short(wanted, d)), 6)
        lines += [f"  you give  {_short(given, digits)}{where}"]
        lines += [f"  expected  {_short(wanted, digits)}{where}"]
    return "\n".join(lines)


def _first_difference(given, wanted):
    """Return two values to print: small arrays whole, of large ones the first row that differs."""
    if not (isinstance(wanted, np.ndarray) and _is_array(given) and given.shape == wanted.shape):
        return given, wanted, ""
    if wanted.size <= MOST_NUMBERS:
        return given, wanted, ""
    row = tuple(int(i) for i in np.argwhere(~np.isclose(given, wanted, rtol=1e-5, atol=1e-6))[0])
    row = row[: -1 if wanted.shape[-1] <= MOST_NUMBERS else None]
    return given[row], wanted[row], f"  at {list(row)}"


def check_shapes(given, expected, hints, mistakes):
    """Return the verdict on predicted shapes.

    given, expected: a shape by name; hints: a sentence by name, said of a wrong shape that is not
    known; mistakes: {(name, shape): (the mistake's name, why)}.
    """
    if all(shape is ... for shape in given.values()):
        return not_started()
    for name, shape in given.items():
        if shape is ...:
            return wrong("one is missing", f"The shape of {name} still has its dots.")
        shape = (int(shape),) if isinstance(shape, int | np.integer) else shape
        if not isinstance(shape, tuple | list) or not all(
            isinstance(size, int | np.integer) for size in shape
        ):
            return wrong(
                f"{name} is not a shape", "A shape is a tuple of whole numbers, such as (5, 8)."
            )
        shape = tuple(int(size) for size in shape)
        if shape == expected[name]:
            continue
        if (name, shape) in mistakes:
            return wrong(*mistakes[name, shape])
        return wrong(f"{name} has another shape", f"You say {shape}. {hints[name]}")
    return right("All of them.")
