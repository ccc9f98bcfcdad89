"""What holds between a wrong answer and the right one, in words.

Every relation is tried on all examples of an exercise. It is told only where it holds to rounding
on each example of which it speaks, so that no sentence is false.
"""

from fractions import Fraction
from itertools import permutations
from typing import NamedTuple

import numpy as np

from helpers.exercises.values import is_array, is_number, plain


class Case(NamedTuple):
    """One example: what came, what is right, and everything that has a name in it."""

    trait: str
    given: np.ndarray
    right: np.ndarray
    known: dict  # arguments and intermediates by name
    sizes: dict  # numbers by name, for factors
    arguments: tuple = ()  # which of the known names are arguments


def close(one, other):
    """Tell whether two arrays agree to rounding, in shape as well."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or not _is_real(one) or not _is_real(other):
        return False
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return False
    with np.errstate(all="ignore"):
        size = np.abs(other).max(initial=0.0)
        return bool(np.allclose(one, other, rtol=1e-6, atol=1e-7 * min(size, 1.0)))


def _is_real(array):
    return array.dtype.kind in "fiu"


def relation(cases):
    """Return the simplest sentence that holds in all these cases, or None."""
    same_shape = all(case.given.shape == case.right.shape for case in cases)
    numbers = sum(case.given.size for case in cases)
    tried = [constant, unchanged, known, shortened] if numbers >= 3 else []
    if same_shape and numbers >= 3:
        tried += [
            factor, named_factor, shifted, with_known, of_signs, function_of, ordered, cut, rounded,
            linear,
        ]  # fmt: skip
    return first(tried, cases)


def partial_relation(cases):
    """Return a sentence on what is right in part, or None."""
    same_shape = all(case.given.shape == case.right.shape for case in cases)
    tried = [per_line, where_right, sums, near, reordered_numbers]
    return first(tried, cases) if same_shape else None


def first(tried, cases):
    for look in tried:
        with np.errstate(all="ignore"):
            sentence = look(cases)
        if sentence:
            return sentence
    return None


# the result by itself


def constant(cases):
    values = {float(number) for case in cases for number in np.unique(case.given)[:2]}
    if len(values) == 1 and sum(case.given.size for case in cases) >= 3:
        return f"every number of the result is {_number(values.pop())}"
    return None


def unchanged(cases):
    """The same result for every example, where the right one differs."""
    one = cases[0]
    pairs = [case for case in cases[1:] if case.right.shape == one.right.shape]
    if pairs and any(not close(case.right, one.right) for case in pairs):
        if all(close(case.given, one.given) for case in cases):
            return "the result is the same in every example, whatever comes in"
    return None


# the result beside what has a name


def known(cases):
    for name in cases[0].known:
        if all(name in case.known and close(case.given, case.known[name]) for case in cases):
            if name in cases[0].arguments:
                return f"the result is {name}, as it came in"
            return f"you stop too early: the result is {name}"
    for name in _common(cases):
        if all(_is_turned(case.given, case.known[name]) for case in cases):
            return f"the result is {name}, turned round (transposed)"
    return None


def _common(cases):
    return [
        name
        for name in cases[0].known
        if all(isinstance(case.known.get(name), np.ndarray) for case in cases)
    ]


def _is_turned(given, value):
    return given.ndim >= 2 and close(given.swapaxes(-1, -2), value)


JOINED = {
    "the right result plus {0}": lambda right, value: right + value,
    "the right result minus {0}": lambda right, value: right - value,
    "{0} minus the right result": lambda right, value: value - right,
    "the right result times {0}": lambda right, value: right * value,
    "the right result divided by {0}": lambda right, value: right / value,
    "the mean of the right result and {0}": lambda right, value: (right + value) / 2,
    "the right result plus the mean of {0}": lambda right, value: right + value.mean(),
    "the matrix product of the right result and {0}": lambda right, value: right @ value,
}


def with_known(cases):
    for name in _common(cases):
        for sentence, join in JOINED.items():
            if all(_joins(join, case, name) for case in cases):
                return f"the result is {sentence.format(name)}"
    return None


def _joins(join, case, name):
    value = case.known[name]
    if not _is_real(value) or not np.any(value):
        return False
    try:
        return close(case.given, join(case.right, value))
    except ValueError:
        return False


# the result beside the right one


def factor(cases):
    ratio = _ratio(np.concatenate([case.given.ravel() for case in cases]),
                   np.concatenate([case.right.ravel() for case in cases]))  # fmt: skip
    if ratio is None or not all(close(case.given, ratio * case.right) for case in cases):
        return None
    if np.isclose(ratio, -1, rtol=1e-6):
        return "every number has the wrong sign"
    return f"every number is {_number(ratio)} times the right one"


def named_factor(cases):
    """A factor that differs from example to example, and is a size, its root, or the like."""
    ratios = [_ratio(case.given, case.right) for case in cases]
    for ratio, case in zip(ratios, cases, strict=True):
        if ratio is None or not close(case.given, ratio * case.right):
            return None
    names = set.intersection(*(set(case.sizes) for case in cases))
    for name in sorted(names, key=list(cases[0].sizes).index):
        sizes = np.array([float(case.sizes[name]) for case in cases])
        for sentence, function in FACTORS.items():
            with np.errstate(all="ignore"):
                if np.allclose(ratios, function(sizes), rtol=1e-6):
                    return f"every number is the right one {sentence.format(name)}"
    listed = ", ".join(dict.fromkeys(map(_number, ratios)))
    return f"each example is the right result times a number of its own: {listed}"


FACTORS = {
    "times {0}": lambda n: n,
    "divided by {0}": lambda n: 1 / n,
    "times √{0}": lambda n: np.sqrt(n),
    "divided by √{0}": lambda n: 1 / np.sqrt(n),
    "times {0}²": lambda n: n**2,
    "divided by {0}²": lambda n: 1 / n**2,
    "times {0} / ({0} − 1)": lambda n: n / (n - 1),
    "times ({0} − 1) / {0}": lambda n: (n - 1) / n,
    "times √({0} / ({0} − 1))": lambda n: np.sqrt(n / (n - 1)),
    "times √(({0} − 1) / {0})": lambda n: np.sqrt((n - 1) / n),
    "times {0} − 1": lambda n: n - 1,
    "divided by {0} − 1": lambda n: 1 / (n - 1),
    "times {0} + 1": lambda n: n + 1,
    "times ln {0}": lambda n: np.log(n),
    "divided by ln {0}": lambda n: 1 / np.log(n),
}


def shifted(cases):
    shifts = [case.given - case.right for case in cases]
    if not all(close(s, np.full_like(s, s.mean())) and np.ptp(s) < 1e-7 for s in shifts):
        return None
    shift = {_number(s.mean()) for s in shifts}
    if len(shift) == 1:
        return f"every number is the right one {_signed(shifts[0].mean())}"
    return "each example is the right result plus a number of its own: " + ", ".join(sorted(shift))


def of_signs(cases):
    if all(close(np.abs(case.given), np.abs(case.right)) for case in cases):
        return "the numbers are right but for their signs"
    return None


FUNCTIONS = {
    "the square of": np.square,
    "the root of": np.sqrt,
    "e to the power of": np.exp,
    "the natural logarithm of": np.log,
    "2 to the power of": np.exp2,
    "1 divided by": np.reciprocal,
    "1 minus": lambda right: 1 - right,
    "the part above 0 of": lambda right: np.maximum(right, 0),
    "the part below 0 of": lambda right: np.minimum(right, 0),
    "the absolute value of": np.abs,
    "the hyperbolic tangent of": np.tanh,
}
LINE_FUNCTIONS = {
    "softmax of each row of": lambda right: _exp(right) / _exp(right).sum(axis=-1, keepdims=True),
    "each row divided by its sum of": lambda right: right / right.sum(axis=-1, keepdims=True),
    "each row divided by its length of": lambda right: (
        right / np.sqrt((right**2).sum(axis=-1, keepdims=True))
    ),
    "each row minus its mean of": lambda right: right - right.mean(axis=-1, keepdims=True),
    "each row divided by its largest number of": lambda right: (
        right / right.max(axis=-1, keepdims=True)
    ),
    "each column minus its mean of": lambda right: right - right.mean(axis=0, keepdims=True),
    "each row added up to there (cumulative sum) of": lambda right: right.cumsum(axis=-1),
    "each column added up to there (cumulative sum) of": lambda right: right.cumsum(axis=0),
    "the lower triangle of": np.tril,
    "the upper triangle of": np.triu,
}


def _exp(right):
    return np.exp(right - right.max(axis=-1, keepdims=True))


def function_of(cases):
    for words, function in FUNCTIONS.items():
        if all(close(case.given, function(case.right.astype(float))) for case in cases):
            return f"every number is {words} the right one"
    if all(case.right.ndim >= 2 for case in cases):
        for words, function in LINE_FUNCTIONS.items():
            if all(close(case.given, function(case.right)) for case in cases):
                return f"the result is {words} the right result"
    return None


def linear(cases):
    given = np.concatenate([case.given.ravel() for case in cases])
    right = np.concatenate([case.right.ravel() for case in cases])
    if len(np.unique(np.round(right, 6))) < 4:
        return None
    slope, start = np.polyfit(right, given, 1) if np.isfinite(given).all() else (0, 0)
    if slope and all(close(case.given, slope * case.right + start) for case in cases):
        return f"every number is {_number(slope)} times the right one {_signed(start)}"
    return None


ORDERS = {
    "in reverse order": lambda right, axis: np.flip(right, axis),
    "one place too far on": lambda right, axis: np.roll(right, 1, axis),
    "one place too early": lambda right, axis: np.roll(right, -1, axis),
    "sorted": lambda right, axis: np.sort(right, axis),
}


def ordered(cases):
    """An order of axes, rows or columns."""
    axes = cases[0].right.ndim
    if axes != cases[-1].right.ndim or axes == 0:
        return None
    for order in list(permutations(range(axes)))[1:] if axes > 1 else []:
        if all(_transposes(case, order) for case in cases):
            if axes == 2:
                return "rows and columns have changed places (transposed)"
            return f"the axes have changed places: yours is the right one, transposed by {order}"
    if axes >= 2 and all(close(case.given, _refilled(case.right)) for case in cases):
        return "the numbers are read by column and filled in by row"
    for axis, name in _axes(axes):
        for order, function in ORDERS.items():
            if all(close(case.given, function(case.right, axis)) for case in cases):
                return f"the {name} stand {order}"
    for axis, name in _axes(axes):
        if all(_is_reordered(case.given, case.right, axis) for case in cases):
            return f"the {name} are right, in another order"
    return None


def _transposes(case, order):
    return case.given.ndim == len(order) and close(case.given, case.right.transpose(order))


def _refilled(right):
    return right.swapaxes(-1, -2).reshape(right.shape)


def _axes(ndim):
    names = {1: ["numbers"], 2: ["rows", "columns"], 3: ["outer blocks", "rows", "columns"]}
    return list(enumerate(names.get(ndim, [])))


def _is_reordered(given, right, axis):
    """Tell whether the slices along an axis are those of the right result, in another order."""
    mine = np.moveaxis(given, axis, 0).reshape(given.shape[axis], -1)
    theirs = list(np.moveaxis(right, axis, 0).reshape(given.shape[axis], -1))
    if given.size // max(given.shape[axis], 1) < 2 and given.ndim > 1:
        return False
    for line in mine:
        place = next((i for i, other in enumerate(theirs) if close(line, other)), None)
        if place is None:
            return False
        theirs.pop(place)
    return True


def cut(cases):
    """Numbers above or below a bound are replaced by the bound."""
    given = np.concatenate([case.given.ravel() for case in cases])
    if not np.isfinite(given).all():
        return None
    for bound, function, words in (
        (given.max(), np.minimum, "above"),
        (given.min(), np.maximum, "below"),
    ):
        if all(close(case.given, function(case.right, bound)) for case in cases):
            return (
                f"numbers {words} {_number(bound)} are cut to {_number(bound)}, the rest is right"
            )
    return None


def rounded(cases):
    for digits in range(5):
        if all(np.array_equal(case.given, np.round(case.right, digits)) for case in cases):
            return f"the result is right, but rounded to {digits} digits"
    if all(np.array_equal(case.given, np.trunc(case.right)) for case in cases):
        return "the result is right, but cut to whole numbers"
    return None


# another shape


REDUCTIONS = {
    "the sum": lambda right, axis: right.sum(axis=axis),
    "the mean": lambda right, axis: right.mean(axis=axis),
    "the largest": lambda right, axis: right.max(axis=axis),
    "the smallest": lambda right, axis: right.min(axis=axis),
    "the first": lambda right, axis: np.take(right, 0, axis),
    "the last": lambda right, axis: np.take(right, -1, axis),
}


def shortened(cases):
    """The right numbers in another shape."""
    if all(case.given.shape == case.right.shape for case in cases):
        return None
    if all(close(np.squeeze(case.given), np.squeeze(case.right)) for case in cases):
        return "the numbers are right, but an axis of length 1 is missing or too many"
    if all(_is_turned(case.given, case.right) for case in cases):
        return "rows and columns have changed places (transposed)"
    for order in _orders(cases):
        return f"the axes have changed places: yours is the right one, transposed by {order}"
    if all(_flat(case.given, case.right) for case in cases):
        return "the numbers are right and in the right order, but in another shape"
    axes = _axes(cases[0].right.ndim)
    if all(case.right.ndim == len(axes) for case in cases):
        for axis, name in axes:
            for words, function in REDUCTIONS.items():
                if all(close(np.squeeze(case.given), np.squeeze(function(case.right, axis)))
                       for case in cases):  # fmt: skip
                    return f"the result is {words} of the {name} of the right one"
    for words, function in {**REDUCTIONS}.items():
        if words in ("the sum", "the mean", "the largest", "the smallest"):
            if all(close(case.given, function(case.right, None)) for case in cases):
                return f"the result is one number: {words} of all numbers of the right one"
    if all(_repeats(case.given, case.right) for case in cases):
        return "the right result stands there several times (broadcast to a larger shape)"
    if all(_starts_with(case.given, case.right) for case in cases):
        return "the result begins with the right numbers, but is too large"
    if all(_starts_with(case.right, case.given) for case in cases):
        return "the result is only the beginning of the right one"
    return joined(cases)


def joined(cases):
    """Two things with names, laid side by side."""
    names = _common(cases)
    for one in names:
        for other in names:
            for axis, words in ((-1, "side by side"), (-2, "one below the other")):
                if all(_is_joined(case, one, other, axis) for case in cases):
                    return f"the result is {one} and {other}, laid {words}"
    return None


def _is_joined(case, one, other, axis):
    try:
        return close(case.given, np.concatenate([case.known[one], case.known[other]], axis=axis))
    except ValueError:
        return False


def _orders(cases):
    axes = cases[0].right.ndim
    if axes < 3 or any(case.right.ndim != axes for case in cases):
        return
    for order in list(permutations(range(axes)))[1:]:
        if all(_transposes(case, order) for case in cases):
            yield order


def _flat(given, right):
    return given.size == right.size and close(given.ravel(), right.ravel())


def _repeats(given, right):
    try:
        return given.size > right.size and close(given, np.broadcast_to(right, given.shape))
    except ValueError:
        return False


def _starts_with(long, short):
    if long.ndim != short.ndim or not short.ndim or long.size <= short.size or not short.size:
        return False
    return close(long[tuple(slice(n) for n in short.shape)], short)


# right in part


def where_nan(cases):
    if any(case.given.shape != case.right.shape for case in cases):
        return None
    bad = [~np.isfinite(case.given) for case in cases]
    if not any(b.any() for b in bad):
        return None
    rest = all(np.allclose(c.given[~b], c.right[~b], rtol=1e-6, atol=1e-7)
               for c, b in zip(cases, bad, strict=True))  # fmt: skip
    what = "NaN, which means: not a number"
    if not any(np.isnan(case.given).any() for case in cases):
        what = "infinity"
    whole = all(b.all() for b in bad)
    return f"{what}, everywhere" if whole else f"{what}; the rest is right" if rest else what


def per_line(cases):
    """Each row, or each column, off by a factor or a number of its own."""
    if any(case.right.ndim < 2 for case in cases) or not any(
        min(case.right.shape[-2:]) > 1 for case in cases
    ):
        return None
    for axis, line in ((-1, "row"), (-2, "column")):
        right = [_along(case.right, axis) for case in cases]
        if all(close(case.given, r(case.given)) for case, r in zip(cases, right, strict=True)):
            return f"each {line} is the right one times a number of its own"
        shifts = [case.given - case.right for case in cases]
        if all(close(s + 1, s.mean(axis=axis, keepdims=True) + 1 + 0 * s) for s in shifts):
            return f"each {line} is the right one plus a number of its own"
    return None


def _along(right, axis):
    """Return a function that gives the nearest multiple of each line of the right result."""

    def nearest(given):
        below = (right * right).sum(axis=axis, keepdims=True)
        return (given * right).sum(axis=axis, keepdims=True) / np.where(below, below, 1) * right

    return nearest


def where_right(cases):
    """Rows, columns or heads that are right in every example, and the rest that is not."""
    agree = [np.isclose(c.given, c.right, rtol=1e-6, atol=1e-7) for c in cases]
    if not any(a.any() for a in agree) or any(a.ndim == 0 for a in agree):
        return None
    ndim = agree[0].ndim
    if any(a.ndim != ndim for a in agree):
        return None
    if ndim >= 2:
        for name, mask in TRIANGLES.items():
            if all(np.array_equal(a, np.broadcast_to(mask(a.shape[-2:]), a.shape)) for a in agree):
                return f"right {name}, wrong elsewhere"
    for axis, name in _axes(ndim):
        other = tuple(i for i in range(ndim) if i != axis)
        lines = [a.all(axis=other) for a in agree]
        if not all(line.any() and not line.all() for line in lines):
            continue
        for words, select in LINES.items():
            if all(np.array_equal(line, select(len(line))) for line in lines):
                return f"right in {words.format(name)}, wrong in the others"
        if len({line.tobytes() for line in lines}) == 1:
            places = np.flatnonzero(lines[0]).tolist()
            return f"right in the {name} {_listed(places)}, wrong in the others"
    return None


TRIANGLES = {
    "on the diagonal": lambda shape: np.eye(*shape, dtype=bool),
    "off the diagonal": lambda shape: ~np.eye(*shape, dtype=bool),
    "on and below the diagonal": lambda shape: np.tri(*shape, dtype=bool),
    "above the diagonal": lambda shape: ~np.tri(*shape, dtype=bool),
}
LINES = {
    "the first of the {0}": lambda n: np.arange(n) == 0,
    "all {0} but the first": lambda n: np.arange(n) != 0,
    "the last of the {0}": lambda n: np.arange(n) == n - 1,
    "all {0} but the last": lambda n: np.arange(n) != n - 1,
    "the {0} 0, 2, 4 …": lambda n: np.arange(n) % 2 == 0,
    "the {0} 1, 3, 5 …": lambda n: np.arange(n) % 2 == 1,
}


def sums(cases):
    """The axis along which the numbers sum to 1."""
    if any(case.right.ndim < 2 for case in cases):
        return None
    told = []
    for axis, name in ((-1, "rows"), (-2, "columns"), (None, "numbers, all together,")):
        mine = all(np.allclose(case.given.sum(axis=axis), 1) for case in cases)
        right = all(np.allclose(case.right.sum(axis=axis), 1) for case in cases)
        if mine != right:
            told.append(f"your {name} {'' if mine else 'do not '}sum to 1")
    return " and ".join(told) or None


def near(cases):
    """A small error everywhere."""
    worst = max(np.abs(c.given - c.right).max() / (np.abs(c.right).max() + 1e-30) for c in cases)
    if worst < 0.05:
        return f"near, but not equal: off by up to {100 * worst:.2g} % of the largest number"
    return None


def reordered_numbers(cases):
    if all(close(np.sort(c.given, axis=None), np.sort(c.right, axis=None)) for c in cases):
        return "the right numbers, in other places"
    return None


# numbers in words


def _ratio(given, right):
    given, right = np.ravel(given), np.ravel(right)
    below = float(right @ right) if _is_real(right) else 0.0
    if not below or not np.isfinite(given).all():
        return None
    ratio = float(given @ right) / below
    return ratio if ratio and np.isfinite(ratio) else None


NAMED = {np.pi: "π", np.log(2): "ln 2", 1 / np.log(2): "1 / ln 2", np.log10(np.e): "1 / ln 10"}
NAMED |= {np.sqrt(n): f"√{n}" for n in (2, 3, 5, 6, 7, 8)}
NAMED |= {1 / np.sqrt(n): f"1/√{n}" for n in (2, 3, 5, 6, 7, 8)}


def _number(value):
    """Write a number as a whole, a fraction or a root where it is one."""
    fraction = Fraction(value).limit_denominator(16) if np.isfinite(value) else None
    if fraction is not None and np.isclose(float(fraction), value, rtol=1e-6, atol=1e-12):
        return str(fraction)
    for known_value, name in NAMED.items():
        if np.isclose(value, known_value, rtol=1e-6):
            return name
    return f"{value:.6g}"


def _signed(value):
    return f"{'plus' if value > 0 else 'minus'} {_number(abs(value))}"


def _listed(places):
    return ", ".join(map(str, places))


def as_array(value):
    """Return a real array or number as an array, or None for anything else."""
    value = plain(value)
    if is_array(value) or is_number(value):
        try:
            return np.asarray(value, dtype=np.float64)
        except OverflowError:
            return None
    return None
