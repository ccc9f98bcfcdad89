"""What holds between a wrong answer and the right one, in words.

Every relation is tried on all examples of an exercise. It is told only where it holds to rounding
on each example of which it speaks, so that no sentence is false.
"""

from itertools import combinations, permutations, product
from typing import NamedTuple

import numpy as np

from helpers.exercises import phrases
from helpers.exercises.values import near, number


class Case(NamedTuple):
    """One example: what came, what is right, and everything that has a name in it."""

    given: np.ndarray
    right: np.ndarray
    known: dict  # arguments and intermediates by name
    sizes: dict  # numbers by name, for factors
    arguments: tuple = ()  # which of the known names are arguments


def relation(cases):
    """Return the simplest sentence that holds in all these cases, or None."""
    if sum(case.given.size for case in cases) < 3:
        return None  # so few numbers may fit by chance
    if _all(cases, lambda case: case.given.shape == case.right.shape):
        tried = [constant, unchanged, known, factor, named_factor, shifted, with_known, weighted]
        return _first([*tried, changed, reordered, cut, linear], cases)
    return _first([constant, unchanged, known, shortened, joined], cases)


def simplest(cases):
    """Return a sentence on one number, or one factor, that explains everything, or None."""
    if any(case.given.shape != case.right.shape for case in cases):
        return None
    return (len(cases) > 2 and constant(cases)) or factor(cases) or sized_factor(cases)


def second_relation(cases):
    """Return a sentence on what else is wrong, where something else is taken for right, or None."""
    if not _all(cases, lambda case: case.given.shape == case.right.shape):
        return None
    if sum(case.given.size for case in cases) < 3:
        return None
    given = [c._replace(known={name: c.known[name] for name in c.arguments}) for c in cases]
    told = _first([factor, named_factor, shifted, with_known], given)
    return told and told.replace("the right one", "that").replace("the right result", "that")


def partial_relation(cases):
    """Return a sentence on what is right in part, or None."""
    if _all(cases, lambda case: case.given.shape == case.right.shape):
        return _first([where_right, per_line, sums, nearly, same_numbers], cases)
    return None


def _first(tried, cases):
    with np.errstate(all="ignore"):
        return next(filter(None, (look(cases) for look in tried)), None)


def _all(cases, holds):
    """Tell whether something holds in every case; what cannot be computed does not hold."""
    try:
        return all(map(holds, cases))
    except (ValueError, IndexError):
        return False


def close(one, other):
    """Tell whether two arrays agree to rounding, in shape as well."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype.kind not in "fiu" or other.dtype.kind not in "fiu":
        return False
    size = np.abs(other).max(initial=0.0)
    return bool(np.isfinite(size)) and near(one, other, atol=1e-7 * min(size, 1.0))


def _told(sentences, cases, shape=lambda array: array):
    """Return the first sentence whose function of a case gives the numbers in every case."""
    for sentence, function in sentences:
        if _all(cases, lambda case, f=function: close(shape(case.given), shape(f(case)))):
            return sentence
    return None


# the result by itself


def constant(cases):
    numbers = np.unique(np.concatenate([case.given.ravel() for case in cases]))
    if len(numbers) == 1 and np.isfinite(numbers[0]):
        return f"every number of the result is {number(numbers[0])}"
    return None


def unchanged(cases):
    """The same result for every example, where the right one differs."""
    one = cases[0]
    others = [case for case in cases[1:] if case.right.shape == one.right.shape]
    if _all(others, lambda case: close(case.right, one.right)):
        return None
    return _told(
        [("the result is the same in every example, whatever comes in", lambda case: one.given)],
        cases,
    )


# the result beside what has a name


def known(cases):
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
    return _told(
        [
            (
                f"the result is {words.format('the right result', name)}",
                lambda case, name=name, join=join: join(case.right, case.known[name]),
            )
            for name, (words, join) in product(_common(cases), phrases.PAIRS.items())
            if _all(cases, lambda case, name=name: case.known[name].any())
        ],
        cases,
    )


def weighted(cases):
    """A number times one thing with a name, plus a number times another."""
    ones = [replaced for name in _common(cases) if (replaced := _flat(cases, name)) is not None]
    given, right = _all_numbers(cases)
    things = [("the right result", right), *ones]
    for (one, a), (other, b) in combinations(things, 2) if len(given) > 6 else ():
        table = np.stack([a, b], axis=1)
        weights = np.linalg.lstsq(table, given, rcond=None)[0]
        if close(given, table @ weights):
            said = zip(weights, (one, other), strict=True)
            terms = [f"{number(w)} times {name}" for w, name in said if abs(w) > 1e-9]
            return f"the result is {' plus '.join(terms)}"
    return None


def _flat(cases, name):
    """Return (name, all numbers of what has that name), or None where a shape is another one."""
    arrays = [case.known[name] for case in cases]
    if any(a.shape != case.given.shape for a, case in zip(arrays, cases, strict=True)):
        return None
    numbers = np.concatenate([a.ravel() for a in arrays])
    return (name, numbers) if np.isfinite(numbers).all() else None


def joined(cases):
    """Two things with names, laid side by side."""
    axes = ((-1, "side by side"), (-2, "one below the other"))
    names = _common(cases)
    return _told(
        [
            (
                f"the result is {one} and {other}, laid {words}",
                lambda c, o=one, p=other, axis=axis: np.concatenate((c.known[o], c.known[p]), axis),
            )
            for one, other, (axis, words) in product(names, names, axes)
        ],
        cases,
    )


# the result beside the right one: a factor, a number more or less


def _ratio(given, right):
    below = float(right.ravel() @ right.ravel())
    return float(given.ravel() @ right.ravel()) / below if below else 0.0


def _all_numbers(cases):
    """Return the given and the right numbers of all cases, as two lines."""
    return [np.concatenate([array.ravel() for array in arrays]) for arrays in zip(*_two(cases))]  # noqa: B905


def _two(cases):
    return [(case.given, case.right) for case in cases]


def factor(cases):
    ratio = _ratio(*_all_numbers(cases))
    said = f"every number is {number(ratio)} times the right one"
    if np.isclose(ratio, -1, rtol=1e-6):
        said = "every number has the wrong sign"
    return _told([(said, lambda case: ratio * case.right)], cases) if ratio else None


def sized_factor(cases):
    """A factor that differs from example to example, and is a size, its root, or the like."""
    return named_factor(cases, others=False)


def named_factor(cases, others=True):
    """The same, or else a number of each example's own."""
    if not _all(cases, lambda c: close(c.given, _ratio(c.given, c.right) * c.right)):
        return None
    ratios = [_ratio(case.given, case.right) for case in cases]
    names = [name for name in cases[0].sizes if all(name in case.sizes for case in cases)]
    for name, (words, function) in product(names, phrases.FACTORS.items()):
        sizes = np.array([float(case.sizes[name]) for case in cases])
        if np.allclose(ratios, function(sizes), rtol=1e-6):
            return f"every number is the right one {words.format(name)}"
    if not others or all(case.given.size == 1 for case in cases) or not all(ratios):
        return None  # true of any numbers at all
    if np.isclose(ratios, 1).any():
        return None  # better told by the examples that are right
    listed = ", ".join(dict.fromkeys(map(number, ratios)))
    return f"each example is the right result times a number of its own: {listed}"


def shifted(cases):
    shifts = [case.given - case.right for case in cases]
    if not all(np.isfinite(s).all() and np.ptp(s) < 1e-7 for s in shifts):
        return None
    numbers = sorted({number(s.mean()) for s in shifts})
    if len(numbers) == 1:
        return f"every number is the right one {_signed(shifts[0].mean())}"
    if all(s.size == 1 for s in shifts):
        return None  # true of any numbers at all
    return f"each example is the right result plus a number of its own: {', '.join(numbers)}"


def linear(cases):
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
    if _all(cases, lambda case: close(np.abs(case.given), np.abs(case.right))):
        return "the numbers are right but for their signs"
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


def reordered(cases):
    """Rows, columns or heads in an order that has no name."""
    for axis, name in _axes(cases[0].right.ndim):
        if _all(cases, lambda case, axis=axis: _is_reordered(case.given, case.right, axis)):
            return f"the {name} are right, in another order"
    return None


def _is_reordered(given, right, axis):
    """Tell whether the slices along an axis are those of the right result, in another order."""
    mine = np.moveaxis(given, axis, 0).reshape(given.shape[axis], -1)
    theirs = np.moveaxis(right, axis, 0).reshape(given.shape[axis], -1)
    if mine.shape[1] < 2 and given.ndim > 1:
        return False
    places = [next((i for i, r in enumerate(theirs) if close(line, r)), None) for line in mine]
    return None not in places and len(set(places)) == len(places)


def cut(cases):
    """Numbers above or below a bound are replaced by the bound."""
    given, _ = _all_numbers(cases)
    low, high = given.min(), given.max()
    bounds = ((-np.inf, high, f"above {number(high)}"), (low, np.inf, f"below {number(low)}"))
    both = (low, high, f"outside {number(low)} … {number(high)}")
    return _told(
        [
            (
                f"numbers {words} are cut there, the rest is right",
                lambda case, low=low, high=high: case.right.clip(low, high),
            )
            for low, high, words in (*bounds, both)
        ],
        cases,
    )


# another shape


def shortened(cases):
    """The right numbers in another shape, or a part of them."""
    ndim = cases[0].right.ndim
    if any(case.right.ndim != ndim for case in cases):
        return None
    whole = "the numbers are right and in the right order, but in another shape"
    axis = "the numbers are right, but an axis of length 1 is missing or too many"
    several = "the right result stands there several times (broadcast to a larger shape)"
    reductions = [
        (
            f"the result is {words} of the {name} of the right one",
            lambda case, f=function, axis=axis: f(case.right, axis=axis),
        )
        for (axis, name), (words, function) in product(_axes(ndim), phrases.REDUCTIONS.items())
    ] + [
        (
            f"the result is one number: {words} of all numbers of the right one",
            lambda case, f=function: f(case.right, axis=None),
        )
        for words, function in list(phrases.REDUCTIONS.items())[:4]
    ]
    told = (
        _told([(axis, lambda case: case.right)], cases, np.squeeze)
        or _told(_orders(ndim), cases)
        or _told([(whole, lambda case: case.right)], cases, np.ravel)
        or _told(reductions, cases, np.squeeze)
        or _told([(several, lambda c: np.broadcast_to(c.right, c.given.shape))], cases)
    )
    if told is None and _all(cases, lambda case: _starts_with(case.given, case.right)):
        return "the result begins with the right numbers, but is too large"
    if told is None and _all(cases, lambda case: _starts_with(case.right, case.given)):
        return "the result is only the beginning of the right one"
    return told


def _starts_with(long, short):
    if long.ndim != short.ndim or not short.ndim or long.size <= short.size or not short.size:
        return False
    return close(long[tuple(slice(n) for n in short.shape)], short)


# right in part


def where_nan(cases):
    if any(case.given.shape != case.right.shape for case in cases):
        return None
    fine = [np.isfinite(case.given) for case in cases]
    if all(f.all() for f in fine):
        return None
    nan = "NaN, not a number (0 · ∞, ∞ − ∞ and 0 / 0 give it)"
    numbers = np.concatenate([case.given.ravel() for case in cases])
    has = {"infinity": np.isinf(numbers).any(), nan: np.isnan(numbers).any()}
    what = " and ".join(name for name in (nan, "infinity") if has[name])
    if not any(f.any() for f in fine):
        return what if all(f.size == 1 for f in fine) else f"{what}, everywhere"
    is_rest_right = all(close(c.given[f], c.right[f]) for c, f in zip(cases, fine, strict=True))
    return f"{what}; the rest is right" if is_rest_right else what


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


def where_right(cases):
    """Rows, columns or heads that are right in every example, and the rest that is not."""
    agree = [np.isclose(c.given, c.right, rtol=1e-6, atol=1e-7) for c in cases]
    ndim = agree[0].ndim
    if not any(a.any() for a in agree) or any(a.ndim != ndim for a in agree):
        return None
    for name, mask in TRIANGLES.items() if ndim >= 2 else ():
        if all(np.array_equal(a, np.broadcast_to(mask(a.shape[-2:]), a.shape)) for a in agree):
            return f"right {name}, wrong elsewhere"
    for axis, name in _axes(ndim):
        lines = [a.all(axis=tuple(i for i in range(ndim) if i != axis)) for a in agree]
        if not all(line.any() for line in lines) or all(line.all() for line in lines):
            continue
        for words, select in LINES.items():
            if all(np.array_equal(line, select(len(line))) for line in lines):
                return f"right in {words.format(name)}, wrong in the others"
        if len({line.tobytes() for line in lines}) == 1:
            places = ", ".join(map(str, np.flatnonzero(lines[0])))
            return f"right in the {name} {places}, wrong in the others"
    return None


def per_line(cases):
    """Each row, or each column, off by a factor or a number of its own."""
    wrong = [case for case in cases if not close(case.given, case.right)]
    if not any(case.right.ndim > 1 and min(case.right.shape[-2:]) > 1 for case in wrong):
        return None
    sentences = []
    for axis, line in ((-1, "row"), (-2, "column")):
        along = {"axis": axis, "keepdims": True}

        def multiple(case, along=along):
            below = (case.right**2).sum(**along)
            ratio = (case.given * case.right).sum(**along) / np.where(below, below, 1)
            return ratio * case.right

        def shift(case, along=along):
            return case.right + (case.given - case.right).mean(**along)

        sentences += [
            (f"each {line} is the right one times a number of its own", multiple),
            (f"each {line} is the right one plus a number of its own", shift),
        ]
    return _told(sentences, cases)


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
