"""What holds between a wrong answer and the right one, in words.

Every relation is tried on all examples of an exercise. It is told only where it holds to rounding
on each example of which it speaks, so that no sentence is false.
"""

from itertools import permutations, product
from typing import NamedTuple

import numpy as np

from helpers.exercises import phrases
from helpers.exercises.values import near, number


class Numbers(NamedTuple):
    """One example: what came, what is right, and everything that has a name in it."""

    given: np.ndarray
    right: np.ndarray
    known: dict  # arguments and intermediates by name
    sizes: dict  # numbers by name, for factors
    arguments: tuple  # which of the known names are arguments


def simplest(cases):
    """Return a sentence on one number, or one factor, that explains everything, or None."""
    if not _same_shapes(cases):
        return None
    return (len(cases) > 2 and constant(cases)) or factor(cases) or sized_factor(cases)


def relation(cases):
    """Return the simplest sentence that holds in all these cases, or None."""
    if sum(case.given.size for case in cases) < 3:
        return None  # so few numbers may fit by chance
    if _same_shapes(cases):
        simple = [constant, known, factor, sized_factor, shifted, with_known]
        return _first([*simple, changed, cut, linear], cases)
    return _first([constant, known, reshaped], cases)


def second_relation(cases):
    """Return a sentence on what else is wrong, where something else is taken for right, or None."""
    if not _same_shapes(cases) or sum(case.given.size for case in cases) < 3:
        return None
    given = [c._replace(known={name: c.known[name] for name in c.arguments}) for c in cases]
    told = _first([factor, sized_factor, shifted, with_known], given)
    return told and told.replace("the right one", "that").replace("the right result", "that")


def partial_relation(cases):
    """Return a sentence on what is right in part, or None."""
    if not _same_shapes(cases):
        return None
    return _first([where_right, per_line, sums, nearly, same_numbers], cases)


def _same_shapes(cases):
    return all(case.given.shape == case.right.shape for case in cases)


def _first(tried, cases):
    with np.errstate(all="ignore"):
        return next(filter(None, (look(cases) for look in tried)), None)


def close(one, other):
    """Tell whether two arrays agree to rounding, in shape as well."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype.kind not in "fiu" or other.dtype.kind not in "fiu":
        return False
    size = np.abs(other).max(initial=0.0)
    return bool(np.isfinite(size)) and near(one, other, atol=1e-7 * min(size, 1.0))


def _holds(cases, function, seen=lambda array: array):
    """Tell whether a function of a case gives its numbers in every case, as far as is seen."""
    try:
        return all(close(seen(case.given), seen(function(case))) for case in cases)
    except (ValueError, IndexError):  # what cannot be computed does not hold
        return False


def _told(sentences, cases, seen=lambda array: array):
    """Return the first sentence whose function of a case gives the numbers in every case."""
    return next((said for said, function in sentences if _holds(cases, function, seen)), None)


# the result by itself


def constant(cases):
    """The same number everywhere."""
    numbers = np.unique(np.concatenate([case.given.ravel() for case in cases]))
    if len(numbers) == 1 and np.isfinite(numbers[0]):
        return f"every number of the result is {number(numbers[0])}"
    return None


# the result beside what has a name


def known(cases):
    """What has a name, as it is or transposed."""
    sentences = []
    for name in _common(cases):
        said = f"you stop too early: the result is {name}"
        if name in cases[0].arguments:
            said = f"the result is {name}, as it came in"
        turned = f"the result is {name}, turned round (transposed)"
        sentences.append((said, lambda case, name=name: case.known[name]))
        sentences.append((turned, lambda case, name=name: case.known[name].swapaxes(-1, -2)))
    return _told(sentences, cases)


def _common(cases):
    return [name for name in cases[0].known if all(name in case.known for case in cases)]


def with_known(cases):
    """The right result joined with what has a name."""
    sentences = [
        (
            f"the result is {words.format('the right result', name)}",
            lambda case, name=name, join=join: join(case.right, case.known[name]),
        )
        for name, (words, join) in product(_common(cases), phrases.PAIRS.items())
        if all(case.known[name].any() for case in cases)  # 0 changes nothing
    ]
    return _told(sentences, cases)


# the result beside the right one: a factor, a number more or less


def _ratio(given, right):
    below = float(right.ravel() @ right.ravel())
    return float(given.ravel() @ right.ravel()) / below if below else 0.0


def _all_numbers(cases):
    """Return the given and the right numbers of all cases, as two lines."""
    return [
        np.concatenate([case.given.ravel() for case in cases]),
        np.concatenate([case.right.ravel() for case in cases]),
    ]


def factor(cases):
    ratio = _ratio(*_all_numbers(cases))
    said = f"every number is {number(ratio)} times the right one"
    if np.isclose(ratio, -1, rtol=1e-6):
        said = "every number has the wrong sign"
    return _told([(said, lambda case: ratio * case.right)], cases) if ratio else None


def sized_factor(cases):
    """A factor that differs from example to example, and is a size, its root, or the like."""
    if not _holds(cases, lambda case: _ratio(case.given, case.right) * case.right):
        return None
    ratios = [_ratio(case.given, case.right) for case in cases]
    names = [name for name in cases[0].sizes if all(name in case.sizes for case in cases)]
    for name, (words, function) in product(names, phrases.FACTORS.items()):
        sizes = np.array([float(case.sizes[name]) for case in cases])
        if np.allclose(ratios, function(sizes), rtol=1e-6):
            return f"every number is the right one {words.format(name)}"
    return None


def shifted(cases):
    given, right = _all_numbers(cases)
    shift = (given - right).mean()
    return _told(
        [(f"every number is the right one {_signed(shift)}", lambda case: case.right + shift)],
        cases,
    )


def linear(cases):
    """A factor and a number more or less."""
    given, right = _all_numbers(cases)
    if len(np.unique(np.round(right, 6))) < 4 or not np.isfinite(given).all():
        return None
    slope, start = np.polyfit(right, given, 1)
    said = f"every number is {number(slope)} times the right one {_signed(start)}"
    return _told([(said, lambda case: slope * case.right + start)], cases)


# the result beside the right one: a function of it, another order


def _orders(ndim):
    """Yield (sentence, function) for each order of the axes."""
    for order in list(permutations(range(ndim)))[1:]:
        said = f"the axes have changed places: yours is the right one, transposed by {order}"
        if ndim == 2:
            said = "rows and columns have changed places (transposed)"
        yield said, lambda case, order=order: case.right.transpose(order)


def changed(cases):
    """A function of the right result."""
    ndim = cases[0].right.ndim
    if any(case.right.ndim != ndim for case in cases):
        return None
    changes = [
        (f"the result is {phrase.format('the right one')}", lambda case, f=f: f(case.right))
        for phrase, f in (phrases.of_array(ndim) | phrases.ROUNDINGS).items()
    ]
    return _told([*_orders(ndim), *changes], cases)


def _axes(ndim):
    names = {1: ["numbers"], 2: ["rows", "columns"], 3: ["outer blocks", "rows", "columns"]}
    return list(enumerate(names.get(ndim, [])))


def cut(cases):
    """Numbers above or below a bound are replaced by the bound."""
    given, _ = _all_numbers(cases)
    low, high = given.min(), given.max()
    bounds = {
        f"above {number(high)}": (-np.inf, high),
        f"below {number(low)}": (low, np.inf),
        f"outside {number(low)} … {number(high)}": (low, high),
    }
    sentences = [
        (
            f"numbers {words} are cut there, the rest is right",
            lambda c, both=both: c.right.clip(*both),
        )
        for words, both in bounds.items()
    ]
    return _told(sentences, cases)


# another shape


def reshaped(cases):
    """The right numbers in another shape, or a part of them."""
    ndim = cases[0].right.ndim
    if any(case.right.ndim != ndim for case in cases):
        return None
    whole = "the numbers are right and in the right order, but in another shape"
    axis = "the numbers are right, but an axis of length 1 is missing or too many"
    reductions = [
        (
            f"the result is {words} of the {name} of the right one",
            lambda case, f=function, axis=axis: f(case.right, axis=axis),
        )
        for (axis, name), (words, function) in product(_axes(ndim), phrases.REDUCTIONS.items())
    ]
    return (
        _told([(axis, lambda case: case.right)], cases, np.squeeze)
        or _told(_orders(ndim), cases)
        or _told([(whole, lambda case: case.right)], cases, np.ravel)
        or _told(reductions, cases, np.squeeze)
    )


# right in part


def has_nan(case):
    """Tell whether numbers are missing that should be there."""
    return not np.isfinite(case.given).all() and np.isfinite(case.right).all()


def where_nan(cases):
    """Say of cases that have NaN or infinity which it is, and whether the rest is right."""
    if not _same_shapes(cases):
        return None
    numbers, _ = _all_numbers(cases)
    fine = [np.isfinite(case.given) for case in cases]
    nan = "NaN, not a number (0 · ∞, ∞ − ∞ and 0 / 0 give it)"
    has = {nan: np.isnan(numbers).any(), "infinity": np.isinf(numbers).any()}
    what = " and ".join(name for name in has if has[name])
    if not np.isfinite(numbers).any():
        return what if all(f.size == 1 for f in fine) else f"{what}, everywhere"
    is_rest_right = all(close(c.given[f], c.right[f]) for c, f in zip(cases, fine, strict=True))
    return f"{what}; the rest is right" if is_rest_right else what


LINES = {
    "the first of the {0}": lambda n: np.arange(n) == 0,
    "all {0} but the first": lambda n: np.arange(n) != 0,
    "the last of the {0}": lambda n: np.arange(n) == n - 1,
    "all {0} but the last": lambda n: np.arange(n) != n - 1,
    "the {0} 0, 2, 4 …": lambda n: np.arange(n) % 2 == 0,
    "the {0} 1, 3, 5 …": lambda n: np.arange(n) % 2 == 1,
}


def where_right(cases):
    """Rows, columns or heads that are right in every example, and the rest that is not."""
    agree = [np.isclose(c.given, c.right, rtol=1e-6, atol=1e-7) for c in cases]
    ndim = agree[0].ndim
    if not any(a.any() for a in agree) or any(a.ndim != ndim for a in agree):
        return None
    for axis, name in _axes(ndim):
        others = tuple(i for i in range(ndim) if i != axis)
        lines = [a.all(axis=others) for a in agree]  # True for a line that is right
        for words, select in LINES.items():
            chosen = [select(len(line)) for line in lines]
            if all(map(np.array_equal, lines, chosen)) and all(c.any() for c in chosen):
                return f"right in {words.format(name)}, wrong in the others"
    return None


def per_line(cases):
    """Each row, or each column, off by a factor of its own."""
    wrong = [case for case in cases if not close(case.given, case.right)]
    if not any(case.right.ndim > 1 and min(case.right.shape[-2:]) > 1 for case in wrong):
        return None

    def multiple(case, axis):
        below = (case.right**2).sum(axis, keepdims=True)
        ratio = (case.given * case.right).sum(axis, keepdims=True) / np.where(below, below, 1)
        return ratio * case.right

    said = "each {} is the right one times a number of its own"
    rows, columns = (lambda case, axis=axis: multiple(case, axis) for axis in (-1, -2))
    return _told([(said.format("row"), rows), (said.format("column"), columns)], cases)


def sums(cases):
    """The axis along which the numbers sum to 1."""
    if any(case.right.ndim < 2 for case in cases):
        return None
    told = []
    for axis, name in ((-1, "rows"), (-2, "columns")):
        mine = all(np.allclose(case.given.sum(axis=axis), 1) for case in cases)
        right = all(np.allclose(case.right.sum(axis=axis), 1) for case in cases)
        if mine != right:
            told.append(f"your {name} sum to 1" if mine else f"not all of your {name} sum to 1")
    return " and ".join(told) or None


def nearly(cases):
    """A small error everywhere."""
    worst = max(np.abs(c.given - c.right).max() / (np.abs(c.right).max() + 1e-30) for c in cases)
    if worst < 0.05:
        return f"near, but not equal: off by up to {100 * worst:.2g} % of the largest number"
    return None


def same_numbers(cases):
    said = "the right numbers, in other places"
    return _told([(said, lambda case: case.right)], cases, lambda a: np.sort(a, axis=None))


def what_is_right(cases):
    """Say how many numbers are right, and where the first example goes wrong."""
    fine = [np.isclose(case.given, case.right, rtol=1e-6, atol=1e-7) for case in cases]
    count, total = sum(int(f.sum()) for f in fine), sum(f.size for f in fine)
    said = f"{count} of {total} numbers of all examples are right." if count else ""
    first = next(f for f in fine if not f.all())
    place = [int(i) for i in np.argwhere(~first)[0]]
    if place and any(place):
        said += f" In the example below the first wrong number stands at {place}."
    return said.strip()


def _signed(value):
    return f"{'plus' if value > 0 else 'minus'} {number(abs(value))}"
