"""How an exercise is checked: run, compare, and say calmly what came out.

An exercise is a right answer, examples on which wrong answers show, and the mistakes that people
make. Whatever the student's function does, the answer is a `Verdict`, never a traceback.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np

from helpers.exercises import running, values
from helpers.exercises.running import TooLong, run
from helpers.exercises.search import Case, Search
from helpers.exercises.values import agree, compared, is_floats, kind_of, written
from helpers.exercises.variants import Variant, leaves, pairs, replaced, singles
from helpers.exercises.verdict import calm, lines, not_started, right, wrong

MAX_CALLS = 160000  # of parts, while two changes are tried together


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


def one_answer(given):
    """Return what was handed over, with or without brackets around it: (1, 4) or 1, 4."""
    return given[0] if len(given) == 1 else given


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

    @calm
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
        is_right = map(agree, found, self.expected)
        cases = list(map(Case, self.examples, found, self.expected, is_right))
        if not all(case.is_right for case in cases):
            return self._told(Search(self, function, cases).finding())
        remark = " (Your result is a view: it shares its memory with the input.)"
        return self._remembered(function) or right(
            "Your answer agrees with every example." + remark * found[0].is_view
        )

    def _told(self, finding):
        """Return the verdict on what is found, with the example that shows it."""
        example, found, expected, _ = finding.case
        why = lines(finding.why, compared(found, expected, example.arguments))
        return wrong(finding.name.replace("outer blocks", self.outer), why, finding.kind)

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
                if one is None or (two is not None and values.is_same_array(one, two)):
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
        for example in self.examples:
            if example.is_edge:
                continue
            other = example.arguments
            for name, value in leaves(other):
                if is_floats(value):
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

    # changes of the right answer, which the search compares with the student's

    @cached_property
    def says_little(self):
        """Tell whether results are words or True and False, which are easily equal by chance."""
        return isinstance(self.expected[0].value, str | bool | np.bool_)

    @cached_property
    def variants(self):
        """Every answer with one change."""
        arguments = {} if self.says_little else self.examples[0].arguments
        twice = {"the whole step is done twice": self._twice} if self.words else {}
        return singles(self.right, self.mistakes | twice, arguments, self.sizes)

    def _twice(self, *given):
        """Return the right result for the right result."""
        named = dict(zip(self.examples[0].arguments, given, strict=True))
        return self.right(*(named | {self.words: self.right(*given)}).values())

    def known(self):
        """Return the changes that somebody wrote down."""
        return [variant for variant in self.variants if variant.is_known]

    def others(self):
        return [variant for variant in self.variants if not variant.is_known]

    def pairs(self):
        """Yield two changes at once: two that combine, then one of them and any other."""
        if isinstance(self.expected[0].value, bool | np.bool_):  # easily equal by chance
            return
        most = MAX_CALLS // len(getattr(self.right, "parts", [0] * 10))
        yield from islice(pairs(self.telling), most)
        others = [v for v in self.variants if not v.combines and v.right is self.right]
        if len(others) < most / 4:  # else it would take too long
            both = (one.with_(other) for other in others for one in self.telling)
            yield from islice(filter(None, both), most // 2)

    @cached_property
    def telling(self):
        """Changes that may be combined, each with results of its own in some example."""
        telling, by_first = [], {}
        for variant in [Variant("", self.right), *self.variants]:
            if variant.combines or not telling:
                first = self.outcome(variant, self.examples[0])
                alike = by_first.setdefault(_rounded(first), [])
                if not any(self._are_alike(variant, v) for v in alike):
                    telling.append(variant)
                    alike.append(variant)
        return telling[1:]

    def _are_alike(self, one, other):
        """Tell whether two changes give the same in every example; two errors are the same."""
        both = ([self.outcome(v, example) for v in (one, other)] for example in self.examples)
        return all(
            a is not None
            and b is not None
            and (a.error is None) is (b.error is None)
            and (a.error is not None or values.same(a.value, b.value))
            for a, b in both
        )

    def outcome(self, variant, example):
        """Return what comes out of a variant; of the first example it is kept."""
        if example is self.examples[0] and variant.first:
            return variant.first[0]
        outcome = self._judged(variant.outcome(example.arguments), example.arguments)
        if example is self.examples[0]:
            variant.first.append(outcome)
        return outcome


def _rounded(outcome):
    """Return equal keys for outcomes that are about equal."""
    array = values.as_array(outcome.value) if outcome and outcome.error is None else None
    return array is not None and (array.shape, np.round(array, 5).tobytes())
