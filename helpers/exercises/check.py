"""How an exercise is checked: run, compare, and say calmly what came out.

An exercise is a right answer, examples on which wrong answers show, and the mistakes that people
make. Whatever the student's function does, the answer is a `Verdict`, never a traceback.
"""

import linecache
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.exercises import diagnosis, running, values
from helpers.exercises.running import TooLong, run
from helpers.exercises.values import agree, compared, kind_of, written
from helpers.exercises.variants import Program, Variant, leaves, pairs, replaced, singles, text_of
from helpers.exercises.verdict import not_started, right, wrong

MAX_CALLS = 160000  # of parts, while two changes are tried together
OTHERS_TOO = "Your numbers are those of this change; another one may give the same."
BOTH = "Your numbers are those of both together; other changes may give the same."
MAX_TOLD = 3  # of changes that give the same numbers
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
    "multiply sequence": "A list is not multiplied number by number: make it an array, np.array.",
    "positional argument": "The function is called with the arguments in the order of the stub.",
}


class Example(NamedTuple):
    """One call: what is special about it, in words, and its named arguments."""

    trait: str
    arguments: dict
    is_edge: bool = False  # what a hasty answer forgets


def example(trait, **arguments):
    """Return a call; numbers in lists become arrays."""
    for name, value in arguments.items():
        if isinstance(value, list):
            arguments[name] = np.array(value, dtype=float)
    return Example(trait, arguments)


def edge(trait, **arguments):
    return example(trait, **arguments)._replace(is_edge=True)


class Finding(NamedTuple):
    """What the search for a mistake has found."""

    name: str
    why: str
    kind: str
    case: tuple | None = None  # the example to show, with its two outcomes


def one_answer(given):
    """Return what was handed over, with or without brackets around it: (1, 4) or 1, 4."""
    return given[0] if len(given) == 1 else given


def calm(check):
    """Make a check answer with a verdict whatever it is handed."""

    @wraps(check)
    def checked(*given, **named):
        try:
            return check(*given, **named)
        except Exception:
            return wrong("this cannot be read", "It is nothing that the check can compare.", "kind")

    return checked


@dataclass(frozen=True)
class Exercise:
    """A right answer, examples (the smallest first), and the mistakes that are known."""

    right: Callable  # a Program, where its steps may be left out or changed
    examples: list
    mistakes: dict = field(default_factory=dict)  # other answers, by the mistake's name
    judge: Callable | None = None  # what is compared, where not the result itself
    sizes: Callable | None = None  # of the arguments: numbers by name that a factor may be
    words: str | None = None  # the argument whose rows are the rows of the result
    explain: Callable | None = None  # of the cases: (name, why), for what is special here
    returns: tuple = ()  # names of the parts of a tuple
    outer: str = "outer blocks"  # what the first of three axes counts

    @cached_property
    def expected(self):
        return self.outcomes(self.right)

    def outcomes(self, function):
        """Run the function on all examples; stop after one that takes too long."""
        found = []
        for given in self.examples:
            outcome = self._judged(run(function, given.arguments), given.arguments)
            found.append(outcome)
            if isinstance(outcome.error, TooLong | KeyboardInterrupt):
                break
        return found

    def check(self, function):
        """Return the verdict on a student's function."""
        with running.unwarned():
            return self._checked(function)

    def _checked(self, function):
        if function is ... or function is None:
            return not_started()
        if not callable(function):
            return wrong(
                "that is not a function",
                f"You handed over {kind_of(function)}. Hand over the function by its name alone, "
                "without brackets after it.",
                "kind",
            )
        found = self.outcomes(function)
        if found[0].value is ... or isinstance(found[0].error, NotImplementedError):
            return not_started()
        trouble = self._trouble(found) or self._random(function, found)
        if trouble:
            return trouble
        cases = list(zip(self.examples, found, self.expected, strict=True))
        wrong_cases = _wrong(cases)
        if not wrong_cases:
            remembered = self._remembered(function)
            if remembered:
                return remembered
            remark = " (Your result is a view: it shares its memory with the input.)"
            return right("Your answer agrees with every example." + remark * found[0].is_view)
        finding = self._diagnosis(function, cases)
        given, outcome, expected = finding.case or wrong_cases[0]
        lines = _lines(finding.why, compared(outcome, expected, given.arguments))
        return wrong(finding.name.replace("outer blocks", self.outer), lines, finding.kind)

    def _trouble(self, found):
        """Return what is to be said before any numbers are compared, or None."""
        stopped = self.examples[len(found) - 1]
        if isinstance(found[-1].error, KeyboardInterrupt):
            return wrong("stopped", "You stopped it before it was done.", "error")
        if isinstance(found[-1].error, TooLong):
            return wrong(
                "it takes too long",
                f"It was stopped after {running.SECONDS:g} seconds: a loop that never ends, or "
                f"one with very many steps.\n{written(stopped.arguments)}",
                "error",
            )
        for outcome, given in zip(found, self.examples, strict=True):
            if outcome.changed:
                return wrong(
                    f"it changes its input {outcome.changed}",
                    f"After the call, {outcome.changed} is not what it was before, and whoever "
                    "needs it later gets other numbers. Make a new array: `a = a + b` does, "
                    f"`a += b` and `a[...] = b` do not.\n{written(given.arguments)}",
                )
        return None

    def _random(self, function, found):
        """Run the function again: the same input must give the same result."""
        for _ in range(2):
            for before, now, given in zip(
                found, self.outcomes(function), self.examples, strict=False
            ):
                if isinstance(now.error, TooLong):  # says nothing about its result
                    break
                one, two = values.as_array(before.value), values.as_array(now.value)
                if one is None or (two is not None and _is_same_array(one, two)):
                    continue
                return wrong(
                    "two calls with the same input give different results",
                    "Something in it is random (dropout, a generator), or it remembers an earlier "
                    f"call.\n{written(given.arguments)}",
                    "relation",
                )
        return None

    def _remembered(self, function):
        """Run the function on other numbers of the same shapes: none may be learnt by heart."""
        for given in _plain([(example,) for example in self.examples]):
            other = given[0].arguments
            for name, value in leaves(other):
                if _is_floats(value):
                    other = replaced(other, name, np.roll(value, 1, axis=-1))
            expected = self._judged(running.quiet(self.right, other), other)
            outcome = self._judged(run(function, other), other)
            if not agree(outcome, expected):
                return wrong(
                    "right with the numbers of the examples, but not with others of the same shape",
                    "It gives what it gave before, or what somebody wrote down.\n"
                    + compared(outcome, expected, other),
                    "relation",
                )
        return None

    def _judged(self, outcome, arguments):
        """Return an outcome with what the judge says of it."""
        if self.judge is None or outcome is None or outcome.error is not None:
            return outcome
        return outcome._replace(value=self.judge(outcome.value, arguments))

    # the search for the mistake

    def _diagnosis(self, function, cases):
        """Return the simplest Finding that holds on every example of which it speaks."""
        return (
            self._known(cases, [v for v in self.variants if v.is_known])
            or self._related(cases, diagnosis.simplest)
            or self._known(cases, [v for v in self.variants if not v.is_known])
            or self._explained(cases)
            or self._broken(cases)
            or self._related(cases, diagnosis.relation)
            or self._two_mistakes(cases)
            or self._nan(cases)
            or self._depends(function, cases)
            or self._related(cases, diagnosis.partial_relation)
            or self._some(cases)
        )

    @cached_property
    def variants(self):
        arguments = {} if self._says_little() else self.examples[0].arguments
        twice = {"the whole step is done twice": self._twice} if self.words else {}
        return singles(self.right, self.mistakes | twice, arguments, self.sizes)

    @cached_property
    def _telling(self):
        """Changes that may be combined, each with results of its own in some example."""
        telling, by_first = [], {}
        for variant in [Variant("", self.right), *self.variants]:
            if variant.combines or not telling:
                first = self._outcome(variant, self.examples[0])
                alike = by_first.setdefault(_rounded(first), [])
                if not any(self._are_alike(variant, v) for v in alike):
                    telling.append(variant)
                    alike.append(variant)
        return telling[1:]

    def _are_alike(self, one, other):
        """Tell whether two changes give the same in every example; two errors are the same."""
        pairs = ([self._outcome(v, given) for v in (one, other)] for given in self.examples)
        return all(
            a is not None
            and b is not None
            and (a.error is None) is (b.error is None)
            and (a.error is not None or values.same(a.value, b.value))
            for a, b in pairs
        )

    def _pairs(self):
        """Yield two changes at once: two that combine, then one of them and any other."""
        if isinstance(self.expected[0].value, bool | np.bool_):  # easily equal by chance
            return
        most = MAX_CALLS // len(getattr(self.right, "parts", [0] * 10))
        yield from islice(pairs(self._telling), most)
        others = [v for v in self.variants if not v.combines and v.right is self.right]
        if len(others) < most / 4:  # else it would take too long
            both = (one.with_(other) for other in others for one in self._telling)
            yield from islice(filter(None, both), most // 2)

    def _two_mistakes(self, cases):
        if _is_one_result(cases):  # no changes of a right answer give that
            return None
        for said, scope in self._scopes(cases):
            found = []
            for pair in self._pairs():
                if self._is(pair, scope) and not any(self._say_the_same(pair, p) for p in found):
                    found.append(pair)
            if found:
                name = self._either(found)
                said = _lines(text_of(name), BOTH, said)
                return Finding(name, said, "mistake", _wrong(scope)[0])
        return self._twofold(cases)

    def _either(self, found):
        """Say which two changes it is; where other changes give the same, say what is common."""
        one, *others = found
        if not others:
            return one.name
        names = [[half.name for half in pair.halves] for pair in found]
        common = [name for name in names[0] if all(name in pair for pair in names)]
        if not common:
            return f"either {one.name}; or {others[0].name}"
        rest = dict.fromkeys(next(n for n in pair if n != common[0]) for pair in names)
        if len(rest) == 1:  # two changes of one name
            return one.name
        return f"{common[0]}; and either {', or '.join([*rest][:MAX_TOLD])}"

    def _say_the_same(self, one, other):
        """Tell whether two pairs of changes are the same, each change taken by itself."""
        return all(any(self._are_alike(a, b) for b in other.halves) for a in one.halves)

    def _twofold(self, cases):
        """Take a known mistake for right: what relation holds then?"""
        if self.judge is not None or self.returns or self._says_little():
            return None
        for said, scope in self._scopes(cases):
            arrays = [self._case(*case) for case in scope]
            for variant in self._telling if None not in arrays else ():
                told = self._beside(variant, scope[:2], arrays) and self._beside(
                    variant, scope, arrays
                )
                if told:
                    name = f"{variant.name}; and beside what that gives, {told}"
                    why = _lines(text_of(variant.name), said)
                    return Finding(name, why, "relation", _wrong(scope)[0])
        return None

    def _beside(self, variant, scope, arrays):
        """Return the relation to what the variant gives, or None."""
        outcomes = [self._outcome(variant, given) for given, *_ in scope]
        found = [values.as_array(one.value) if one else None for one in outcomes]
        if any(f is None for f in found):
            return None
        pairs = list(zip(arrays, found, strict=False))
        told = diagnosis.second_relation([array._replace(right=f) for array, f in pairs])
        # A variant that is itself only a multiple of the right result explains nothing.
        if told and diagnosis.second_relation([array._replace(given=f) for array, f in pairs]):
            return None
        return told

    def _twice(self, *values):
        """Return the right result for the right result."""
        named = dict(zip(self.examples[0].arguments, values, strict=True))
        return self.right(*(named | {self.words: self.right(*values)}).values())

    def _says_little(self):
        """Tell whether results are words or True and False, which are easily equal by chance."""
        return isinstance(self.expected[0].value, str | bool | np.bool_)

    def _scopes(self, cases):
        """Yield (what is to be added, cases): all of them, then all but the edges."""
        yield "", cases
        plain, edges = _plain(cases), [case for case in cases if case[0].is_edge]
        if edges and _wrong(plain) and not self._says_little():
            yield f"(Said of all examples but: {_traits(edges)}.)", plain

    def _known(self, cases, variants):
        for said, scope in self._scopes(cases):
            for variant in variants:
                if self._is(variant, scope):
                    numbers = OTHERS_TOO * (not variant.is_known)
                    why = _lines(text_of(variant.name) or numbers, _unrefused(scope), said)
                    return Finding(variant.name, why, "mistake", _wrong(scope)[0])
        return None

    def _is(self, variant, cases):
        """Tell whether all outcomes are those of the variant; NaN alone proves nothing."""
        shows = stops = alike = proves = False
        for given, found, expected in cases:
            outcome = self._outcome(variant, given)
            if outcome is None or not _end_alike(outcome, found, expected):
                return False
            is_right = agree(found, expected)
            shows = shows or not is_right
            if outcome.error is not None:
                stops = stops or not is_right
            elif not values.same(found.value, outcome.value):
                return False
            elif expected.error is None:
                alike = alike or is_right
                proves = proves or (not is_right and _has_wrong_number(found, expected))
        return shows and (proves or (alike and (variant.is_known or not stops)))

    def _outcome(self, variant, given):
        """Return what comes out of a variant; of the first example it is kept."""
        if given is self.examples[0] and variant.first:
            return variant.first[0]
        outcome = self._judged(variant.outcome(given.arguments), given.arguments)
        if given is self.examples[0]:
            variant.first.append(outcome)
        return outcome

    def _explained(self, cases):
        plain = _plain(cases)
        if self.explain is None or not _wrong(plain) or not _all_fit(plain):
            return None
        told = self.explain(plain)
        return told and Finding(*told, "relation", _wrong(plain)[0])

    def _broken(self, cases):
        """Speak of errors and of results of another kind."""
        wrong_cases = _wrong(_plain(cases)) or _wrong(cases)
        said = _right_and_wrong(cases)
        if wrong_cases[0][2].error is not None:
            if wrong_cases[0][1].error is not None:
                return Finding("it stops with another error than a ValueError", said, "error")
            return Finding("it accepts what it should refuse", said, "relation")
        for case in wrong_cases:
            if case[1].error is not None:
                stops = [c for c in _wrong(cases) if c[1].error is not None]
                some = len(stops) < len(_wrong(cases))  # the others give wrong numbers
                return _error(case, f"It stops with: {_traits(stops)}." if some else said)
        for case in wrong_cases:
            value, wanted = case[1].value, case[2].value
            is_shape = values.is_array(values.plain(value)) and isinstance(wanted, np.ndarray)
            if case[2].error is None and not is_shape and not values.fits(value, wanted):
                name, why = _of_another_kind(value, wanted, self.returns)
                return Finding(name, _lines(why, said), "kind", case)
        return None

    def _related(self, cases, relation):
        if self.judge is not None:
            return None  # the numbers are the judge's, not the student's
        for said, scope in self._scopes(cases):
            if self.returns:
                told, kind = _all_fit(scope) and self._of_parts(scope, relation), "relation"
            else:
                arrays = [self._case(*case) for case in scope]
                told = None if None in arrays else relation(arrays)
                is_shape = told and all(a.given.shape != a.right.shape for a in arrays)
                kind = "kind" if is_shape else "relation"
            if told:
                return Finding(told, said, kind, _wrong(scope)[0])
        return None

    def _nan(self, cases):
        """Speak of NaN, with the examples in which it stands."""
        arrays = [(case, self._case(*case)) for case in cases]
        with_nan = [
            (case, array)
            for case, array in arrays
            if array and not np.isfinite(array.given).all() and np.isfinite(array.right).all()
        ]
        told = with_nan and diagnosis.where_nan([array for _, array in with_nan])
        if not told:
            return None
        traits = _traits(case for case, _ in with_nan)
        where = f"With: {traits}." if len(with_nan) < len(cases) else ""
        return Finding(told, where, "relation", with_nan[0][0])

    def _of_parts(self, scope, relation):
        """Speak of the parts of a tuple one by one."""
        told = []
        for i, name in enumerate(self.returns):
            part = [
                (given, found._replace(value=found.value[i]), right._replace(value=right.value[i]))
                for given, found, right in scope
            ]
            if not _wrong(part):
                told.append(f"{name} is right")
                continue
            sentence = relation([self._case(*case) for case in part])
            if sentence is None:
                return None
            told.append(f"of {name}: {sentence}")
        return "; ".join(told)

    def _case(self, given, found, expected):
        """Return the numbers of an example, with everything that has a name, or None."""
        mine = values.as_array(found.value) if found.error is None else None
        theirs = values.as_array(expected.value) if expected.error is None else None
        if mine is None or theirs is None:
            return None
        named = {name: value for name, value in leaves(given.arguments) if _is_floats(value)}
        arguments = tuple(named)
        if isinstance(self.right, Program):
            made = self.right.trace(given.arguments)
            named |= {n: v for n, v in made.items() if isinstance(v, np.ndarray)}
        sizes = {n: v for n, v in leaves(given.arguments) if type(v) is int}
        sizes |= self.sizes(**given.arguments) if self.sizes else {}
        return diagnosis.Case(mine, theirs, named, sizes, arguments)

    def _depends(self, function, cases):
        """Change one argument after the other: what does the result not look at, or mix?"""
        if not _all_fit(_plain(cases)):
            return None
        plain = [case[0].arguments for case in _plain(cases)]
        names = [name for name, _ in leaves(plain[0])]
        unused = [name for name in names if self._ignores(function, name, plain)]
        if unused:
            changes = "change" if len(unused) > 1 else "changes"
            return Finding(
                f"the result stays the same when {' and '.join(unused)} {changes}", "", "relation"
            )
        told = self.words and self._mixing(function, plain)
        return Finding(told, "", "relation") if told else None

    def _ignores(self, function, name, plain):
        """Tell whether no result changes with this argument, where the right one does."""
        is_needed = False
        for arguments in plain:
            for other in _nudged(arguments, name):
                if _moves(function, arguments, other) is not False:
                    return False
                is_needed = is_needed or _moves(self.right, arguments, other) is True
        return is_needed

    def _mixing(self, function, plain):
        """Say which words' results change with which words, where that is not as it should be."""
        mine = [self._influence(function, arguments) for arguments in plain]
        right_ones = [self._influence(self.right, arguments) for arguments in plain]
        if any(one is None for one in mine + right_ones):
            return None
        if all(map(np.array_equal, mine, right_ones)):
            return None
        own = [np.eye(len(one), dtype=bool) for one in mine]
        if all(map(np.array_equal, mine, own)) and any(one.all() for one in right_ones):
            return "each word's result depends on this word alone: the words do not meet"
        if all(np.array_equal(one, np.tri(len(one), dtype=bool)) for one in mine):
            return "each word's result depends on this word and the ones before it only"
        if all(map(np.array_equal, right_ones, own)):
            if any((one & ~eye).any() for one, eye in zip(mine, own, strict=True)):
                return "it mixes words: a word's result changes when another word changes"
        return None

    def _influence(self, function, arguments):
        """Return (words of the result, words of the input): True where one changes the other."""
        x = arguments[self.words]
        before = values.as_array(run(function, arguments).value)
        columns = []
        for word in range(x.shape[-2]):
            nudged = x.copy()
            nudged[..., word, :] += np.linspace(0.5, 1.5, x.shape[-1])
            after = values.as_array(run(function, arguments | {self.words: nudged}).value)
            if before is None or after is None or after.shape != before.shape or after.ndim < 2:
                return None
            moved = ~np.isclose(before, after, rtol=1e-9, atol=1e-12, equal_nan=True)
            columns.append(moved.any(axis=-1).reshape(-1, after.shape[-2]).any(axis=0))
        return np.array(columns).T

    def _some(self, cases):
        """Say which examples are right, or how many numbers are."""
        wrong_cases = _wrong(cases)
        fine = len(cases) - len(wrong_cases)
        if fine:
            few = f"right only with: {_traits(case for case in cases if agree(*case[1:]))}"
            many = f"right, but not with: {_traits(wrong_cases)}"
            name = few if fine < len(wrong_cases) else many
            return Finding(name, _right_and_wrong(cases), "relation")
        if isinstance(self.expected[0].value, str):
            return Finding("another word", "", "other")
        for i, name in enumerate(self.returns if _all_fit(cases) else ()):
            if all(values.same(case[1].value[i], case[2].value[i]) for case in cases):
                return Finding(f"{name} is right, the rest is not", "", "relation")
        arrays = list(filter(None, (self._case(*case) for case in cases)))
        if not arrays:
            return Finding("other numbers", "", "other")
        for a in arrays:
            if a.given.shape != a.right.shape:
                said = f"You give shape {a.given.shape}, expected {a.right.shape}."
                return Finding("another shape", said, "kind")
        return Finding("other numbers", diagnosis.what_is_right(arrays), "other")


def _plain(cases):
    return [case for case in cases if not case[0].is_edge]


def _wrong(cases):
    return [case for case in cases if not agree(*case[1:])]


def _is_one_result(cases):
    """Tell whether the same numbers come out whatever comes in."""
    found = [values.as_array(case[1].value) for case in cases if case[1].error is None]
    return len(found) == len(cases) and all(
        one is not None and values.same(one, found[0]) for one in found
    )


def _unrefused(cases):
    """Say which examples of a mistake should have been refused as well."""
    accepted = [case for case in cases if case[2].error is not None and case[1].error is None]
    return f"To be refused, and not refused: {_traits(accepted)}." if accepted else ""


def _all_fit(cases):
    """Tell whether all results are of the kind and shape that is expected."""
    return all(c[1].error is None and values.fits(c[1].value, c[2].value) for c in cases)


def _rounded(outcome):
    """Return equal keys for outcomes that are about equal."""
    array = values.as_array(outcome.value) if outcome and outcome.error is None else None
    return array is not None and (array.shape, np.round(array, 5).tobytes())


def _end_alike(one, other, expected):
    """Tell whether two outcomes are both values or both errors; of what is to be refused, alike."""
    if one.error is None or other.error is None:
        return one.error is other.error
    return expected.error is None or agree(one, expected) == agree(other, expected)


def _is_floats(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _has_wrong_number(found, expected):
    """Tell whether something else is wrong than that there are NaNs."""
    one, other = values.as_array(found.value), values.as_array(expected.value)
    if one is None or other is None or one.shape != other.shape:
        return True
    return bool((np.isfinite(one) & ~np.isclose(one, other)).any())


def _moves(function, arguments, other):
    """Tell whether the result changes with the arguments; None where one of them stops."""
    before, after = run(function, arguments), run(function, other)
    one, two = values.as_array(before.value), values.as_array(after.value)
    if one is None or two is None:
        return None
    return not _is_same_array(one, two)


def _is_same_array(one, two):
    return one.shape == two.shape and values.near(one, two, rtol=1e-9, atol=1e-8)


def _nudged(arguments, name):
    """Return the arguments with other values of this one."""
    value = dict(leaves(arguments))[name]
    others = []
    if _is_floats(value):
        rng = np.random.default_rng(11)
        shape = (2, *value.shape)
        others = list(value + rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape))
    elif isinstance(value, float):
        others = [3 * value + 0.5]
    elif type(value) is int:
        others = [other for other in (1, 2, 3) if other != value]
    return [replaced(arguments, name, other) for other in others]


def _traits(cases):
    traits = list(dict.fromkeys(case[0].trait for case in cases))
    return "; ".join(traits if len(traits) <= 4 else [*traits[:4], f"{len(traits) - 4} more"])


def _lines(*parts):
    return "\n".join(part for part in parts if part)


def _right_and_wrong(cases):
    fine = _traits(case for case in cases if agree(*case[1:]))
    return f"Right with: {fine}. Wrong with: {_traits(_wrong(cases))}." if fine else ""


def _error(case, said):
    error = case[1].error
    words = values.said_by(error)
    hints = [hint for sign, hint in HINTS.items() if sign in words]
    why = _lines(words + _place(error), *hints[:1], said)
    return Finding("it stops with an error", why, "error", case)


def _of_another_kind(value, expected, names):
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
