"""The right computation with one step left out, done twice or done in another way.

A `Program` is a recipe of named parts. Each part may be changed in the ways that it lists, in every
way that `phrases` has a phrase for, fed with another value, or stopped at. Each argument may be
left out, turned round or swapped with another. So a mistake that nobody wrote down is found all the
same: it gives the same numbers as a variant.
"""

import inspect
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from itertools import chain, permutations, product, zip_longest
from types import SimpleNamespace

import numpy as np

from helpers.exercises import phrases
from helpers.exercises.running import quiet

EPSILONS = (1e-5, 1e-6, 1e-3, 1e-4, 1e-2, 0.1, 1e-7, 1e-8, 1e-12, 1e5)  # what people type in
COMBINING = re.compile(r": made of (?![^,]* in )|as if it were 0|\(transposed\)|in reverse order")
FACTOR = re.compile(r", (times|divided by) ")  # in a name
ARRAYS = phrases.of_array(3)
ARGUMENT_WAYS = dict(list(phrases.NUMBERS.items())[:6]) | {
    phrase: f for phrase, f in ARRAYS.items() if phrase not in phrases.NUMBERS
}
TEXTS = json.loads((files("helpers") / "data" / "mistakes.json").read_text(encoding="utf-8"))


def text_of(name):
    """Return what is to be said of a mistake besides its name, or nothing."""
    return " ".join(filter(None, map(_text, name.split("; and "))))


def _text(name):
    """Return the text of one mistake; "… in place of ReLU" is the text of all that end so."""
    name = name.partition(" (in ")[0]
    ends = (text for end, text in TEXTS.items() if end[0] == "…" and name.endswith(end[1:]))
    return TEXTS.get(name) or next(ends, "")


@dataclass(frozen=True)
class Part:
    """A step of a recipe."""

    right: Callable
    makes: str = ""  # "the weights": somebody may stop there, or take them in another way
    changes: dict = field(default_factory=dict)  # other functions, by the mistake's name
    others: dict = field(default_factory=dict)  # the same, less likely
    reduces: str = ""  # "mean": what it takes along an axis
    axes: dict = field(default_factory=dict)  # the same along other axes, by phrase

    def within(self, where):
        """Return the same part, with names that say in which step of a block it stands."""
        return replace(
            self,
            makes=self.makes and f"{self.makes} {where}",
            changes=said_of(self.changes, where),
            others=said_of(self.others, where),
            reduces=self.reduces and f"{self.reduces} {where}",
        )


def unchanged(first, *rest):
    """Leave a step out: return what comes in."""
    return first


def said_of(changes, where):
    """Return changes with names that say where they are made."""
    return {f"{name} ({where})": does for name, does in changes.items()}


def function(does, right, makes="", changes=None):
    """Return a part that applies a function to its first value: the softmax, a ReLU."""
    ways = {
        f"{does} is left out": unchanged,
        f"{does} is done twice": lambda first, *rest: right(right(first, *rest), *rest),
    }
    others = {
        f"{phrase.format('its input')} in place of {does}": lambda first, *rest, f=f: f(first)
        for phrase, f in ARRAYS.items()
    }
    return Part(right, makes, (changes or {}) | ways, others)


def reduction(name, reduce, keepdims=True, makes="", changes=None):
    """Return a part that reduces each row to one number: a mean, a sum."""
    others = {
        f"{other} in place of the {name}": lambda a, f=f: f(a, axis=-1, keepdims=keepdims)
        for other, f in phrases.REDUCTIONS.items()
    }
    axes = {
        phrase: lambda a, axis=axis: reduce(a, axis=axis(a), keepdims=keepdims)
        for phrase, axis in phrases.AXES.items()
    }
    other_axes = {f"the {name} is taken {phrase}": f for phrase, f in axes.items()}
    dims = "keepdims is missing" if keepdims else "keepdims is not wanted here"
    named = (changes or {}) | {dims: lambda a: reduce(a, axis=-1, keepdims=not keepdims)}
    row = lambda a: reduce(a, axis=-1, keepdims=keepdims)  # noqa: E731
    return Part(row, makes, named, other_axes | others, name, axes)


def operation(one, other, right, makes="", changes=None):
    """Return a part that joins two values with names: a sum, a product."""
    alone = {f"without {one}": lambda a, b, *_: b, f"without {other}": unchanged}
    others = {
        f"{phrase.format(one, other)} is taken": lambda a, b, *_, f=f: f(a, b)
        for phrase, f in phrases.PAIRS.items()
    }
    return Part(right, makes, (changes or {}) | alone, others)


def scaling(right, makes, sizes, changes, typed=("divided by √{0}", "divided by {0}")):
    """Return a part that multiplies its first value by a power of a size.

    sizes: numbers by name, as functions of what the part is given; typed: the factors that are
    tried with a number that somebody typed in.
    """
    constants = {f"{n} for every width": lambda *_, n=n: n for n in (2, 3, 4, 8, 64, 512)}
    factors = {words: phrases.FACTORS[words] for words in typed}
    others = {
        f"{makes} are {words.format(name)}": lambda first, *rest, f=f, size=size: (
            first * f(np.float64(size(first, *rest)))
        )
        for (name, size), (words, f) in chain(
            product(sizes.items(), phrases.FACTORS.items()),
            product(constants.items(), factors.items()),
        )
    }
    return Part(right, makes, changes, others)


def applied(name):
    """Return a part that calls a step which is handed over: right(x, step)."""
    return function(name, lambda x, step: step(x), f"{name}'s result")


def listed(changes):
    """Yield (name, function) of all changes; a name may have several functions."""
    for name, functions in changes.items():
        for each in functions if isinstance(functions, list) else [functions]:
            yield name, each


@dataclass(frozen=True)
class Wired:
    """A change of a part that needs what was made before, by the parts' keys."""

    change: Callable  # (right, given, made)


@dataclass(frozen=True)
class Program:
    """A recipe, called with its parts as a namespace and then the arguments."""

    recipe: Callable
    parts: dict

    def __call__(self, *arguments, **changed):
        return self.run(arguments, changed)

    @cached_property
    def names(self):
        """Of the recipe's arguments."""
        return list(inspect.signature(self.recipe).parameters)[1:]

    def namespace(self):
        return SimpleNamespace(**{key: part.right for key, part in self.parts.items()})

    def run(self, arguments, changed, calls=None):
        """Return the result with some parts changed; list the calls: (key, given, value)."""
        made = dict(zip(self.names, arguments))  # noqa: B905

        def counted(key, right):
            change = changed.get(key, right)

            def call(*given):
                wired = isinstance(change, Wired)
                value = change.change(right, given, made) if wired else change(*given)
                made[key] = value
                if calls is not None:
                    calls.append((key, given, value))
                return value

            return call

        parts = {key: counted(key, part.right) for key, part in self.parts.items()}
        return self.recipe(SimpleNamespace(**parts), *arguments)

    def calls(self, arguments):
        """Return the calls of all parts, in computing order."""
        calls = []
        self.run(arguments, {}, calls)
        return calls

    def trace(self, arguments):
        """Return every intermediate by its name, in computing order; of a loop, the last."""
        made = ((self.parts[key].makes, value) for key, _, value in self.calls(arguments.values()))
        return {name: value for name, value in made if name}

    def up_to(self, key):
        """Return the program as a function that stops at what this part makes."""
        return lambda *arguments: next(v for k, _, v in self.calls(arguments) if k == key)


@dataclass(frozen=True)
class Variant:
    """The right answer, changed: some parts replaced, or the arguments."""

    name: str
    right: Callable
    parts: dict = field(default_factory=dict)
    turned: tuple = ()  # functions of the arguments, as a dict
    is_known: bool = False  # somebody wrote it down
    combines: bool = False  # may stand beside another change
    about: frozenset = frozenset()  # arguments and intermediates that the name speaks of
    is_pair: bool = False  # two changes at once
    first: list = field(default_factory=list)  # the first example's outcome, once it is known

    def outcome(self, arguments):
        """Return what comes out for the arguments, or None where they cannot be turned so."""
        for turn in self.turned:
            try:
                arguments = turn(arguments)
            except (ValueError, TypeError, KeyError, IndexError):
                return None
        if not self.parts:
            return quiet(self.right, arguments)
        return quiet(lambda *given: self.right.run(given, self.parts), arguments)

    def with_(self, other):
        """Return both changes at once, or None where they meet: one might undo the other."""
        if self.parts.keys() & other.parts.keys() or self.about & other.about:
            return None
        return Variant(
            f"{self.name}; and {other.name}",
            self.right,
            self.parts | other.parts,
            self.turned + other.turned,
            is_pair=True,
        )


def singles(right, mistakes, arguments, sizes=None):
    """Return every variant with one change, the likeliest first.

    mistakes: other answers by name, each a function, or a dict of parts where right is a Program.
    """
    whole = [
        Variant(name, right, does, is_known=True, combines=True)
        if isinstance(does, dict)
        else Variant(name, does, is_known=True)
        for name, does in listed(mistakes)
    ]
    turned = [
        Variant(name, right, turned=(turn,), combines=combines)
        for name, turn, combines in turns(arguments, sizes)
    ]
    if not isinstance(right, Program):
        return whole + turned
    plain = [v for v in turned if not FACTOR.search(v.name)]
    factors = [v for v in turned if FACTOR.search(v.name)]  # best told of what is computed last
    last_first = list(right.parts)[::-1]
    wired = sorted(_wired(right, arguments, sizes), key=lambda v: last_first.index(*v.parts))
    ordered = [*whole, *_of_parts(right), *plain, *wired, *factors]
    made = [part.makes for part in right.parts.values() if part.makes]
    names = map(re.escape, [*dict(leaves(arguments)), *made])
    spoken = re.compile("|".join(rf"(?<!\w){name}(?!\w)" for name in names) or "$^")
    return [replace(v, about=frozenset(spoken.findall(v.name))) for v in ordered]


def _of_parts(right):
    """Yield every variant that a part lists itself, or that stops at it."""
    parts = right.parts.items()
    for name, does in _other_axes(parts):
        yield Variant(name, right, does, is_known=True)
    for key, part in parts:
        if part.makes:
            said = f"you stop too early, at {part.makes}"
            yield Variant(said, right.up_to(key), is_known=True)
    for key, part in parts:
        for name, does in listed(part.changes):
            yield Variant(name, right, {key: does}, is_known=True, combines=True)
    for key, part in parts:
        for name, does in part.others.items():
            yield Variant(name, right, {key: does}, combines=name.endswith(" is taken"))


def _wired(right, arguments, sizes):
    """Yield every variant in which a part uses what was made before."""
    for name, does in _wires(right, arguments, sizes):
        yield Variant(name, right, does, combines=bool(COMBINING.search(name)))


def _other_axes(parts):
    """Yield (name, changes): all that is taken along an axis, along another one."""
    reducing = [(key, part) for key, part in parts if part.axes]
    if len(reducing) > 1:
        names = " and ".join(part.reduces for _, part in reducing)
        for phrase in phrases.AXES:
            yield f"{names} {phrase}", {key: part.axes[phrase] for key, part in reducing}


def _wires(program, arguments, sizes):
    """Yield (name, changes): a part's result in another way, or a part fed with another value."""
    if not arguments:
        return
    calls = []
    result = program.run(arguments.values(), {}, calls)
    keys = [key for key, *_ in calls]
    named = {n: (n, v) for n, v in arguments.items() if _is_array(v)}  # by key: (name, value)
    for key, given, value in calls:
        makes = program.parts[key].makes
        if not makes or keys.count(key) > 1:
            continue
        for place, old in enumerate(given):
            current = next((name for name, known in named.values() if known is old), None)
            for other, (name, known) in named.items():
                if current and known is not old and np.shape(known) == np.shape(old):
                    yield f"{makes}: made of {name}, not of {current}", {key: _fed(place, other)}
        if value is not result and _is_array(value):  # of the result, relations tell
            for name, bend in _array_ways(makes, sizes, arguments):
                yield name, {key: _bent(bend, list(arguments))}
            for other, (name, known) in named.items():
                for phrase, join in phrases.PAIRS.items() if known.shape == value.shape else ():
                    said = f"{phrase.format(makes, name)}, in place of {makes}"
                    yield said, {key: _joined(join, other)}
        named[key] = makes, value


def _bent(bend, names):
    return Wired(lambda right, given, made: bend(right(*given), {n: made[n] for n in names}))


def _fed(place, other):
    return Wired(lambda right, given, made: right(*given[:place], made[other], *given[place + 1 :]))


def _joined(join, other):
    return Wired(lambda right, given, made: join(right(*given), made[other]))


def pairs(variants):
    """Yield every variant with two changes, the likeliest first; no whole answer."""
    inside = [v for v in variants if v.combines and v.parts]
    inside.sort(key=lambda v: (not v.is_known, "left out" not in v.name, len(v.parts)))
    around = [v for v in variants if v.combines and v.turned]
    around.sort(key=lambda v: "changed places" not in v.name)
    ranked = [v for both in zip_longest(inside, around) for v in both if v is not None]
    for rank in range(1, 2 * len(ranked)):  # the sum of both places
        for place in range(max(0, rank - len(ranked) + 1), (rank + 1) // 2):
            both = ranked[place].with_(ranked[rank - place])
            if both is not None:
                yield both


def turns(arguments, sizes=None):
    """Yield (name, function of the arguments, does it combine?): what else may be handed over."""
    found = dict(leaves(arguments))
    for name, value in found.items():
        for said, change in _ways(name, value, sizes, found):
            combines = not _is_array(value) or bool(COMBINING.search(said))
            yield said, _turn({name: lambda found, n=name, c=change: c(found[n], found)}), combines
    for one, other in permutations([n for n, v in found.items() if callable(v) or _is_array(v)], 2):
        if np.shape(found[one]) != np.shape(found[other]):
            continue
        if one < other:
            swap = {one: lambda f, name=other: f[name], other: lambda f, name=one: f[name]}
            yield f"{one} and {other} have changed places", _turn(swap), True
        yield f"{other} is used in place of {one}", _turn({one: lambda f, o=other: f[o]}), True


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


def _turn(changes):
    """Return a function of the arguments that replaces some: functions of all of them, by name."""

    def turn(given):
        found = dict(leaves(given))
        for name, change in changes.items():
            given = replaced(given, name, change(found))
        return given

    return turn


def _is_array(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _array_ways(name, sizes, found):
    """Yield (what is said, function of an array and all arguments) in place of the array."""
    for phrase, f in phrases.COUNTS.items():
        yield phrase.format(name), lambda a, _, f=f: f(a)
    for phrase, f in (ARGUMENT_WAYS if name in found else ARRAYS).items():
        yield f"{phrase.format(name)}, in place of {name}", lambda a, _, f=f: f(a)
    for (words, f), size in product(phrases.FACTORS.items(), sizes(**found) if sizes else ()):
        said = f"{name}, {words.format(size)}, in place of {name}"
        yield said, lambda a, found, f=f, size=size: a * f(np.float64(sizes(**found)[size]))


OTHER_MASKS = {
    "{0} is turned upside down: True counts as False": np.logical_not,
    "rows and columns of {0} have changed places": np.transpose,
    "{0} is not used": np.ones_like,
}
OTHER_NUMBERS = {
    "{0} is left out: as if it were 0": lambda old: 0.0,
    "{0} counts twice": lambda old: 2 * old,
    "the square of {0} is taken": np.square,
    "the root of {0} is taken": np.sqrt,
    **{f"{e:g} is used in place of {{0}}": lambda old, e=e: e for e in EPSILONS},
}
OTHER_COUNTS = {
    **{f"{n} is used in place of {{0}}": lambda old, n=n: n for n in (1, 2, 3, 4, 8)},
    "{0} + 1 is used in place of {0}": lambda old: old + 1,
    "{0} - 1 is used in place of {0}": lambda old: old - 1,
}
OTHER_LISTS = {
    "{0} are taken in reverse order": lambda old: old[::-1],
    "the first of {0} is left out": lambda old: old[1:],
    "the last of {0} is left out": lambda old: old[:-1],
    "only the first of {0} is used": lambda old: old[:1],
    "only the last of {0} is used": lambda old: old[-1:],
    "only the first of {0} is used, each time": lambda old: old[:1] * len(old),
    "only the last of {0} is used, each time": lambda old: old[-1:] * len(old),
    "each of {0} is used once, though it stands there again": lambda old: tuple(dict.fromkeys(old)),
    "all {0} are used twice": lambda old: old + old,
    "the last of {0} is used twice": lambda old: old + old[-1:],
    "the first of {0} is used twice": lambda old: old[:1] + old,
    "each of {0} is used twice in a row": lambda old: tuple(f for f in old for _ in "12"),
}
OTHER_STEPS = {
    "{0} is left out": lambda old: unchanged,
    "{0} is used twice in a row": lambda old: lambda first, *rest: old(old(first)),
}


def _ways(name, value, sizes, found):
    """Yield (what is said, function of the value and all arguments) in place of the value."""
    if _is_array(value):
        return _array_ways(name, sizes, found)
    kinds = [
        (isinstance(value, np.ndarray) and value.dtype.kind == "b", OTHER_MASKS),
        (type(value) is float, OTHER_NUMBERS),
        (type(value) is int, OTHER_COUNTS),
        (isinstance(value, tuple) and all(map(callable, value)), OTHER_LISTS),
        (callable(value), OTHER_STEPS),
    ]
    ways = next((ways for is_so, ways in kinds if is_so), {})
    return [(way.format(name), lambda old, _, f=f: f(old)) for way, f in ways.items()]
