"""The search for a mistake: the simplest thing that explains everything that was given."""

from typing import NamedTuple

import numpy as np

from helpers.exercises import influence, relations, values
from helpers.exercises.failures import error_told, of_another_kind
from helpers.exercises.running import Outcome
from helpers.exercises.values import agree, is_floats
from helpers.exercises.variants import Program, leaves, text_of
from helpers.exercises.verdict import lines

OTHERS_TOO = "Your numbers are those of this change; another one may give the same."
BOTH = "Your numbers are those of both together; other changes may give the same."


class Case(NamedTuple):
    """One example, what the student's function made of it, and what is expected."""

    example: object
    found: Outcome
    expected: Outcome
    is_right: bool


class Finding(NamedTuple):
    """What is told: a name, a reason, how well the mistake is understood, a case that shows it."""

    name: str
    why: str
    kind: str
    case: Case


class Search:
    """A wrong answer to an exercise, looked at in all its cases."""

    def __init__(self, exercise, function, cases):
        self.exercise, self.function, self.cases = exercise, function, cases
        self.wrong = _wrong(cases)
        self.plain = [case for case in cases if not case.example.is_edge]
        edges = [case for case in cases if case.example.is_edge]
        self.scopes = [("", cases)]  # (what is said of them, cases): of which a sentence holds
        if edges and _wrong(self.plain) and not exercise.says_little:
            self.scopes.append((f"(Said of all examples but: {_traits(edges)}.)", self.plain))

    def finding(self):
        """Return the simplest Finding that holds on every example of which it speaks."""
        return (
            self._change(self.exercise.known)
            or self._relation(relations.simplest)
            or self._change(self.exercise.others)
            or self._explanation()
            or self._failure()
            or self._relation(relations.relation)
            or self._two_mistakes()
            or self._nan()
            or self._influence()
            or self._relation(relations.partial_relation)
            or self._examples()
            or self._numbers_alone()
        )

    # changes of the right answer

    def _change(self, variants):
        """Look for a change with the same results; variants: a function that returns them."""
        for said, scope in self.scopes:
            for variant in variants():
                if self._explains(variant, scope):
                    text = text_of(variant.name)
                    caution = "" if text or variant.is_known else OTHERS_TOO
                    why = lines(text, BOTH if variant.is_pair else caution, _unrefused(scope), said)
                    return Finding(variant.name, why, "mistake", _wrong(scope)[0])
        return None

    def _explains(self, variant, cases):
        """Tell whether all outcomes are those of the variant; NaN alone proves nothing."""
        shows = stops = alike = proves = False
        for case in cases:
            outcome = self.exercise.outcome(variant, case.example)
            if outcome is None or not _end_alike(outcome, case):
                return False
            shows = shows or not case.is_right
            if outcome.error is not None:
                stops = stops or not case.is_right
            elif not values.same(case.found.value, outcome.value):
                return False
            elif case.expected.error is None:
                alike = alike or case.is_right
                proves = proves or (not case.is_right and _has_wrong_number(case))
        return shows and (proves or (alike and (variant.is_known or not stops)))

    def _two_mistakes(self):
        if _is_one_result(self.cases):  # no changes of a right answer give that
            return None
        return self._change(self.exercise.pairs) or self._change_and_relation()

    def _change_and_relation(self):
        """Take a change for right: what relation holds then?"""
        exercise = self.exercise
        if exercise.judge is not None or exercise.returns or exercise.says_little:
            return None
        for said, scope in self.scopes:
            numbers = list(map(self._numbers, scope))
            for variant in exercise.telling if all(numbers) else ():
                # Two examples first: most changes fail there.
                told = self._beside(variant, scope[:2], numbers[:2])
                told = told and self._beside(variant, scope, numbers)
                if told:
                    name = f"{variant.name}; and beside what that gives, {told}"
                    why = lines(text_of(variant.name), said)
                    return Finding(name, why, "relation", _wrong(scope)[0])
        return None

    def _beside(self, variant, scope, numbers):
        """Return the relation to what the variant gives, or None."""
        outcomes = [self.exercise.outcome(variant, case.example) for case in scope]
        made = [values.as_array(outcome.value) if outcome else None for outcome in outcomes]
        if any(array is None for array in made):
            return None
        both = list(zip(numbers, made, strict=True))
        told = relations.second_relation([one._replace(right=array) for one, array in both])
        # A variant that is itself only a multiple of the right result explains nothing.
        if told and relations.second_relation([one._replace(given=array) for one, array in both]):
            return None
        return told

    # what holds between the results and the right ones

    def _relation(self, relation):
        if self.exercise.judge is not None:
            return None  # the numbers are the judge's, not the student's
        for said, scope in self.scopes:
            numbers = list(map(self._numbers, scope))
            if self.exercise.returns:
                told = _all_fit(scope) and self._of_parts(scope, relation)
            else:
                told = all(numbers) and relation(numbers)
            if told:
                is_shape = all(n and n.given.shape != n.right.shape for n in numbers)
                kind = "kind" if is_shape and not self.exercise.returns else "relation"
                return Finding(told, said, kind, _wrong(scope)[0])
        return None

    def _of_parts(self, scope, relation):
        """Speak of the parts of a tuple one by one."""
        told = []
        for i, name in enumerate(self.exercise.returns):
            part = [_part(case, i) for case in scope]
            sentence = "" if not _wrong(part) else relation(list(map(self._numbers, part)))
            if sentence is None:
                return None
            told.append(f"of {name}: {sentence}" if sentence else f"{name} is right")
        return "; ".join(told)

    def _numbers(self, case):
        """Return the numbers of a case, with everything that has a name, or None."""
        mine = values.as_array(case.found.value) if case.found.error is None else None
        theirs = values.as_array(case.expected.value) if case.expected.error is None else None
        if mine is None or theirs is None:
            return None
        arguments = case.example.arguments
        named = {name: value for name, value in leaves(arguments) if is_floats(value)}
        names = tuple(named)
        if isinstance(self.exercise.right, Program):
            made = self.exercise.right.trace(arguments)
            named |= {n: v for n, v in made.items() if isinstance(v, np.ndarray)}
        sizes = {n: v for n, v in leaves(arguments) if type(v) is int}
        sizes |= self.exercise.sizes(**arguments) if self.exercise.sizes else {}
        return relations.Numbers(mine, theirs, named, sizes, names)

    def _explanation(self):
        """Ask the exercise itself, which may know how to read its numbers."""
        explain = self.exercise.explain
        if explain is None or not _wrong(self.plain) or not _all_fit(self.plain):
            return None
        told = explain(self.plain)
        return told and Finding(*told, "relation", _wrong(self.plain)[0])

    def _nan(self):
        """Speak of NaN, with the examples in which it stands."""
        both = [(case, self._numbers(case)) for case in self.cases]
        both = [(case, n) for case, n in both if n and relations.has_nan(n)]
        told = both and relations.where_nan([numbers for _, numbers in both])
        if not told:
            return None
        cases = [case for case, _ in both]
        where = f"With: {_traits(cases)}." if len(cases) < len(self.cases) else ""
        return Finding(told, where, "relation", cases[0])

    # errors, and what the result depends on

    def _failure(self):
        """Speak of errors and of results of another kind."""
        wrong, said = _wrong(self.plain) or self.wrong, _right_and_wrong(self.cases)
        if wrong[0].expected.error is not None:
            if wrong[0].found.error is None:
                return Finding("it accepts what it should refuse", said, "relation", self.wrong[0])
            name = "it stops with another error than a ValueError"
            return Finding(name, said, "error", self.wrong[0])
        for case in wrong:
            if case.found.error is not None:
                stops = [c for c in self.wrong if c.found.error is not None]
                if len(stops) < len(self.wrong):  # the others give wrong numbers
                    said = f"It stops with: {_traits(stops)}."
                why = lines(error_told(case.found.error), said)
                return Finding("it stops with an error", why, "error", case)
        for case in wrong:
            value, wanted = case.found.value, case.expected.value
            is_shape = values.is_array(values.plain(value)) and isinstance(wanted, np.ndarray)
            if case.expected.error is None and not is_shape and not values.fits(value, wanted):
                name, why = of_another_kind(value, wanted, self.exercise.returns)
                return Finding(name, lines(why, said), "kind", case)
        return None

    def _influence(self):
        """Change one argument after the other: what does the result not look at, or mix?"""
        if not _all_fit(self.plain):
            return None
        right, words = self.exercise.right, self.exercise.words
        arguments = [case.example.arguments for case in self.plain]
        ignored = influence.ignored(self.function, right, arguments)
        if ignored:
            changes = "change" if len(ignored) > 1 else "changes"
            told = f"the result stays the same when {' and '.join(ignored)} {changes}"
        else:
            told = words and influence.mixing(self.function, right, words, arguments)
        return Finding(told, "", "relation", self.wrong[0]) if told else None

    # where nothing is understood

    def _examples(self):
        """Say which examples are right."""
        fine = [case for case in self.cases if case.is_right]
        if not fine:
            return None
        name = f"right, but not with: {_traits(self.wrong)}"
        if len(fine) < len(self.wrong):
            name = f"right only with: {_traits(fine)}"
        return Finding(name, _right_and_wrong(self.cases), "relation", self.wrong[0])

    def _numbers_alone(self):
        """Say how many numbers are right, or which part of a tuple."""
        first = self.wrong[0]
        if isinstance(first.expected.value, str):
            return Finding("another word", "", "other", first)
        for i, name in enumerate(self.exercise.returns if _all_fit(self.cases) else ()):
            if not _wrong([_part(case, i) for case in self.cases]):
                return Finding(f"{name} is right, the rest is not", "", "relation", first)
        numbers = list(filter(None, map(self._numbers, self.cases)))
        for one in numbers:
            if one.given.shape != one.right.shape:
                said = f"You give shape {one.given.shape}, expected {one.right.shape}."
                return Finding("another shape", said, "kind", first)
        said = relations.what_is_right(numbers) if numbers else ""
        return Finding("other numbers", said, "other", first)


def _wrong(cases):
    return [case for case in cases if not case.is_right]


def _part(case, i):
    """Return a case of which only one part of the tuple is looked at."""
    found, expected = (one._replace(value=one.value[i]) for one in case[1:3])
    return Case(case.example, found, expected, agree(found, expected))


def _all_fit(cases):
    """Tell whether all results are of the kind and shape that is expected."""
    both = [(case.found, case.expected.value) for case in cases]
    return all(found.error is None and values.fits(found.value, wanted) for found, wanted in both)


def _is_one_result(cases):
    """Tell whether the same numbers come out whatever comes in."""
    arrays = [values.as_array(case.found.value) for case in cases if case.found.error is None]
    are_arrays = len(arrays) == len(cases) and all(array is not None for array in arrays)
    return are_arrays and all(values.same(array, arrays[0]) for array in arrays)


def _end_alike(outcome, case):
    """Tell whether two outcomes are both values or both errors; of what is to be refused, alike."""
    if outcome.error is None or case.found.error is None:
        return outcome.error is case.found.error
    return case.expected.error is None or agree(outcome, case.expected) == case.is_right


def _has_wrong_number(case):
    """Tell whether something else is wrong than that there are NaNs."""
    one, other = values.as_array(case.found.value), values.as_array(case.expected.value)
    if one is None or other is None or one.shape != other.shape:
        return True
    return bool((np.isfinite(one) & ~np.isclose(one, other)).any())


def _unrefused(cases):
    """Say which examples of a mistake should have been refused as well."""
    accepted = [c for c in cases if c.expected.error is not None and c.found.error is None]
    return f"To be refused, and not refused: {_traits(accepted)}." if accepted else ""


def _traits(cases):
    traits = list(dict.fromkeys(case.example.trait for case in cases))
    return "; ".join(traits if len(traits) <= 4 else [*traits[:4], f"{len(traits) - 4} more"])


def _right_and_wrong(cases):
    fine = _traits(case for case in cases if case.is_right)
    return f"Right with: {fine}. Wrong with: {_traits(_wrong(cases))}." if fine else ""
