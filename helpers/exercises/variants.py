"""The right computation with one step left out, done twice or done in another way.

A `Program` is a recipe of named parts. Each part may be dropped, doubled, stopped at, or replaced
by one of its changes; each argument may be left out, turned round or swapped with another. So a
mistake that nobody wrote down is found all the same: it gives the same numbers as a variant.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.resources import files
from itertools import chain, combinations, product
from types import SimpleNamespace

import numpy as np

from helpers.exercises.running import quiet, unwarned

ARRAY_WAYS = {  # what may be taken in place of an array of numbers
    "{0} is left out: as if it were 0": np.zeros_like,
    "{0} is left out: as if it were 1": np.ones_like,
    "the sign of {0} is turned round": np.negative,
    "{0} counts twice": lambda a: 2 * a,
    "{0} counts half": lambda a: a / 2,
    "the absolute value of {0} is taken": np.abs,
    "the square of {0} is taken": np.square,
    "the root of {0} is taken": np.sqrt,
    "only the part above 0 of {0} counts": lambda a: np.maximum(a, 0),
    "1 is added to {0}": lambda a: a + 1,
    "1 is subtracted from {0}": lambda a: a - 1,
    "all numbers of {0} are replaced by their mean": lambda a: np.full_like(a, a.mean()),
    "all numbers of {0} are replaced by their sum": lambda a: np.full_like(a, a.sum()),
    "the columns of {0} stand in reverse order": lambda a: a[..., ::-1],
    "{0} is multiplied by the root of its width": lambda a: a * a.shape[-1] ** 0.5,
    "{0} is divided by the root of its width": lambda a: a / a.shape[-1] ** 0.5,
    "{0} is divided by its largest number": lambda a: a / a.max(),
    "{0} is divided by the sum of its rows": lambda a: a / a.sum(axis=-1, keepdims=True),
    "{0} is rounded down": np.floor,
    "the rows of {0} stand in reverse order": lambda a: a[..., ::-1, :],
    "rows and columns of {0} have changed places": lambda a: a.swapaxes(-1, -2),
    "every row of {0} is replaced by the first": lambda a: a[..., :1, :] + 0 * a,
    "every row of {0} is replaced by their mean": lambda a: a.mean(-2, keepdims=True) + 0 * a,
    "the mean of each row of {0} is subtracted": lambda a: a - a.mean(-1, keepdims=True),
    "the first row of {0} is subtracted": lambda a: a - a[..., :1, :],
}
COMBINING = ("{0} is left out: as if it were 0", "rows and columns of {0} have changed places")
EPSILONS = (1e-5, 1e-6, 1e-3, 1e-8, 1e-12)  # what people type in


TEXTS = json.loads((files("helpers") / "data" / "mistakes.json").read_text(encoding="utf-8"))


def text_of(name):
    """Return what is to be said of a mistake besides its name, or nothing."""
    texts = (TEXTS.get(part.partition(" (in ")[0], "") for part in name.split("; and "))
    return " ".join(filter(None, texts))


@dataclass(frozen=True)
class Part:
    """A step of a recipe."""

    right: Callable
    does: str = ""  # "the softmax": such a part may be left out or done twice
    makes: str = ""  # "the weights": somebody may stop there
    changes: dict = field(default_factory=dict)  # other functions, by the mistake's name

    def with_changes(self, changes):
        """Return the same part with more changes, tried first."""
        return replace(self, changes=changes | self.changes)

    def ways(self):
        """Yield (name, function): every wrong way to do this part."""
        yield from listed(self.changes)
        if self.does:
            yield f"{self.does} is left out", lambda first, *rest: first
            yield f"{self.does} is done twice", self._twice

    def bent(self):
        """Yield this part with its result turned round, doubled and the like."""
        for way, bend in ARRAY_WAYS.items() if self.makes else ():
            yield way.format(self.makes), lambda *given, bend=bend: bend(self.right(*given))

    def _twice(self, first, *rest):
        return self.right(self.right(first, *rest), *rest)


def listed(changes):
    """Yield (name, function) of all changes; a name may have several functions."""
    for name, functions in changes.items():
        for function in functions if isinstance(functions, list) else [functions]:
            yield name, function


class _Stop(Exception):
    """Carries the value at which a variant stops."""


@dataclass(frozen=True)
class Program:
    """A recipe, called with its parts as a namespace and then the arguments."""

    recipe: Callable
    parts: dict

    def __call__(self, *arguments, **replaced):
        functions = {name: part.right for name, part in self.parts.items()} | replaced
        return self.recipe(SimpleNamespace(**functions), *arguments)

    def stopped(self, at, *arguments, **replaced):
        """Return what the part makes, in place of the result."""
        function = replaced.get(at, self.parts[at].right)

        def stop(*given):
            raise _Stop(function(*given))

        try:
            return self(*arguments, **(replaced | {at: stop}))
        except _Stop as stop:
            return stop.args[0]

    def trace(self, arguments):
        """Return every intermediate by its name, in computing order; of a loop, the last."""
        made = {}

        def recorded(part):
            def record(*given):
                value = part.right(*given)
                made[part.makes] = value
                return value

            return record

        named = {name: recorded(part) for name, part in self.parts.items() if part.makes}
        self(*arguments.values(), **named)
        return made


@dataclass(frozen=True)
class Variant:
    """The right answer, changed: some parts replaced, the arguments changed, or stopped early."""

    name: str
    right: Callable
    parts: dict = field(default_factory=dict)
    turned: tuple = ()  # functions of the arguments, as a dict
    stop: str = ""
    combines: bool = True  # may stand beside another change

    @property
    def is_named(self):
        """Tell whether the change is one of a part, or a whole answer of its own."""
        return self.combines and not self.turned

    def outcome(self, arguments):
        """Return what comes out for the arguments, or None where they cannot be turned so."""
        with unwarned():
            for turn in self.turned:
                try:
                    arguments = turn(arguments)
                except (ValueError, TypeError, KeyError, IndexError):
                    return None
        call = self.right
        if self.stop:
            call = partial(self.right.stopped, self.stop)
        return quiet(partial(call, **self.parts), arguments)

    def with_(self, other):
        """Return both changes at once, or None where they exclude each other."""
        if self.parts.keys() & other.parts.keys() or (self.stop and other.stop):
            return None
        return Variant(
            f"{self.name}; and {other.name}",
            self.right,
            self.parts | other.parts,
            self.turned + other.turned,
            self.stop or other.stop,
        )


def singles(right, mistakes, arguments):
    """Return every variant with one change, the best known first.

    mistakes: other answers by name, each a function, or a dict of parts where right is a Program.
    """
    found = [
        Variant(name, right, does) if isinstance(does, dict) else Variant(name, does)
        for name, does in listed(mistakes)
    ]
    parts = right.parts.items() if isinstance(right, Program) else ()
    found += [Variant(n, right, {key: f}) for key, part in parts for n, f in part.ways()]
    for key, part in parts:
        if part.makes:
            found.append(Variant(f"you stop too early, at {part.makes}", right, stop=key))
    for name, turn, combines in turns(arguments):
        found.append(Variant(name, right, turned=(turn,), combines=combines))
    for key, part in parts:
        found += [Variant(n, right, {key: f}, combines=False) for n, f in part.bent()]
    return found


def pairs(variants):
    """Yield every variant with two changes, those of two parts first; no whole answer."""
    inside = [v for v in variants if v.combines and (v.parts or v.stop)]
    inside.sort(key=lambda v: ("left out" not in v.name, len(v.parts)))  # the plain ones first
    around = [v for v in variants if v.combines and v.turned]
    for one, other in chain(
        combinations(inside, 2), product(inside, around), combinations(around, 2)
    ):
        both = one.with_(other)
        if both is not None:
            yield both


def turns(arguments):
    """Yield (name, function of the arguments, does it combine?): what else may be handed over."""
    found = dict(leaves(arguments))
    for name, value in found.items():
        for way, change in _ways(value):
            turn = _turned(name, lambda _, old, change=change: change(old))
            yield way.format(name), turn, way in COMBINING or not isinstance(value, np.ndarray)
    names = [name for name, value in found.items() if _may_swap(value)]
    for one, other in combinations(names, 2):
        if np.shape(found[one]) != np.shape(found[other]):
            continue
        yield f"{one} and {other} have changed places", _swapped(one, other), True
        for here, there in ((one, other), (other, one)):
            yield f"{there} is used in place of {here}", _copied(here, there), True


def leaves(arguments, path=""):
    """Yield (name, value) of every argument; of a dict in it, every member."""
    for name, value in arguments.items():
        name = f"{path}[{name!r}]" if path else name
        if isinstance(value, dict):
            yield from leaves(value, name)
        else:
            yield name, value


def replaced(arguments, name, value, path=""):
    """Return the arguments with one leaf replaced."""
    out = {}
    for key, old in arguments.items():
        full = f"{path}[{key!r}]" if path else key
        out[key] = replaced(old, name, value, full) if isinstance(old, dict) else old
        if full == name:
            out[key] = value
    return out


def _turned(name, change):
    def turn(arguments):
        found = dict(leaves(arguments))
        return replaced(arguments, name, change(found, found[name]))

    return turn


def _copied(here, there):
    return _turned(here, lambda found, old: found[there])


def _swapped(one, other):
    def turn(arguments):
        found = dict(leaves(arguments))
        swapped = replaced(arguments, one, found[other])
        return replaced(swapped, other, found[one])

    return turn


def _may_swap(value):
    return callable(value) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _ways(value):
    """Yield (name, function of the value): what may be handed over in place of it."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "b":
        yield "{0} is turned upside down: True counts as False", np.logical_not
        yield "rows and columns of {0} have changed places", np.transpose
        yield "{0} is not used", np.ones_like
    elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
        yield from ARRAY_WAYS.items()
    elif isinstance(value, float):
        yield "{0} is left out: as if it were 0", lambda old: 0.0
        yield "{0} counts twice", lambda old: 2 * old
        yield "the square of {0} is taken", lambda old: old**2
        for epsilon in EPSILONS:
            yield f"{epsilon:g} is used in place of {{0}}", lambda old, e=epsilon: e
    elif isinstance(value, int) and not isinstance(value, bool):
        for other in (1, 2, 4):
            yield f"{other} is used in place of {{0}}", lambda old, o=other: o
        yield "{0} + 1 is used in place of {0}", lambda old: old + 1
        yield "{0} - 1 is used in place of {0}", lambda old: old - 1
    elif isinstance(value, tuple) and all(map(callable, value)):
        yield "{0} are taken in reverse order", lambda old: old[::-1]
        yield "the first of {0} is left out", lambda old: old[1:]
        yield "the last of {0} is left out", lambda old: old[:-1]
        yield "only the first of {0} is used", lambda old: old[:1]
        yield "only the last of {0} is used", lambda old: old[-1:]
        yield "all {0} are used twice", lambda old: old + old
        yield "each of {0} is used twice in a row", lambda old: tuple(f for f in old for _ in "12")
    elif callable(value):
        yield "{0} is left out", lambda old: lambda first, *rest: first
        yield "{0} is used twice in a row", lambda old: lambda first, *rest: old(old(first))
