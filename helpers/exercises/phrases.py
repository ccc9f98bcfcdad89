"""Functions with a phrase each: what somebody may have taken in place of the right thing.

In a phrase {0} stands for the name of what the function is applied to.
"""

import math

import numpy as np


def softmax(a, axis=-1):
    """A softmax that gives NaN, and no error, for a row of nothing but −∞."""
    exponentials = np.exp(a - a.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _gelu(a):
    return 0.5 * a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3)))


def _exact_gelu(a):
    return 0.5 * a * (1 + np.vectorize(math.erf)(a / np.sqrt(2)))


NUMBERS = {  # of each number by itself
    "the square of {0}": np.square,
    "the root of {0}": np.sqrt,
    "the absolute value of {0}": np.abs,
    "minus {0}": np.negative,
    "the part above 0 of {0} (ReLU)": lambda a: np.maximum(a, 0),
    "the part below 0 of {0}": lambda a: np.minimum(a, 0),
    "e to the power of {0}": np.exp,
    "2 to the power of {0}": np.exp2,
    "the natural logarithm of {0}": np.log,
    "the logarithm to base 2 of {0}": np.log2,
    "the logarithm to base 10 of {0}": np.log10,
    "1 divided by {0}": lambda a: 1 / a,
    "1 minus {0}": lambda a: 1 - a,
    "a sigmoid of {0}": _sigmoid,
    "the hyperbolic tangent of {0}": np.tanh,
    "GELU of {0}": _gelu,
    "GELU (exact) of {0}": _exact_gelu,
    "SiLU of {0}": lambda a: a * _sigmoid(a),
    "ELU of {0}": lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
    "softplus of {0}": lambda a: np.logaddexp(0, a),
    "a leaky ReLU (0.01) of {0}": lambda a: np.where(a > 0, a, 0.01 * a),
    "a leaky ReLU (0.1) of {0}": lambda a: np.where(a > 0, a, 0.1 * a),
    "1 where {0} is above 0": lambda a: (a > 0).astype(float),
    "the signs of {0}": np.sign,
    "{0} cut at 1": lambda a: np.minimum(a, 1),
    "{0} cut to 0 … 1": lambda a: a.clip(0, 1),
    "{0} cut to 0 … 6": lambda a: a.clip(0, 6),
    "{0}, but at least 1": lambda a: np.maximum(a, 1),
    "the sine of {0}": np.sin,
    "the cosine of {0}": np.cos,
    "the tangent of {0}": np.tan,
    "{0} taken as degrees, in radians": np.deg2rad,
    "{0} in degrees": np.rad2deg,
    "{0} times 2π": lambda a: 2 * np.pi * a,
    "{0} cut to whole numbers": np.trunc,
    "{0} rounded down": np.floor,
    "{0} rounded": np.round,
}


@np.vectorize
def _significant(number, digits):
    return float(f"{number:.{digits}g}")


ROUNDINGS = {
    **{f"{{0}} rounded to {n} digits": lambda a, n=n: np.round(a, n) for n in range(1, 5)},
    **{
        f"{{0}} rounded to {n} significant digits": lambda a, n=n: _significant(a, n)
        for n in range(1, 8)
    },
    **{
        f"{{0}}, counted in {unit}s and {word}": lambda a, f=f, n=n: f(a / n)
        for unit, n in {"ten": 10, "hundred": 100, "thousand": 1000, "million": 10**6}.items()
        for word, f in {"rounded": np.round, "rounded down": np.floor}.items()
    },
    **{f"{{0}} rounded to whole {10**n}s": lambda a, n=n: np.round(a, -n) for n in (1, 2, 3)},
}


def _along(reduce):
    return lambda a, axis: reduce(a, axis=axis, keepdims=True)


def _best(a, axis):
    """Return 1 at the first of the largest numbers, 0 elsewhere."""
    out = np.zeros_like(a)
    np.put_along_axis(out, a.argmax(axis=axis, keepdims=True), 1, axis)
    return out


def _largest_two(a, axis):
    return np.argsort(np.argsort(-a, axis), axis) < 2


def _places(a, axis):
    """Return 0, 1, 2 … along an axis."""
    return np.expand_dims(
        np.arange(a.shape[axis]), [i for i in range(a.ndim) if i != axis % a.ndim]
    )


def _near_the_diagonal(a):
    return np.abs(np.subtract.outer(*map(np.arange, a.shape[-2:]))) < 2


def _shown(a, mask):
    """Return a softmax of what the mask shows."""
    return softmax(np.where(mask, a, -np.inf))


_sum, _mean, _max, _std = map(_along, (np.sum, np.mean, np.max, np.std))
AXES_IN_WORDS = (  # axis, {1}, {2}, {3}
    (-1, "each row", "columns", "along each row"),
    (-2, "each column", "rows", "along each column"),
    (0, "each number across the outer blocks", "outer blocks", "over all outer blocks"),
)
LINES = {  # of an array along an axis
    "softmax of {1} of {0}": softmax,
    "softmax to base 2 of {1} of {0}": lambda a, axis: softmax(np.log(2) * a, axis),
    "e to each number of {0}, less the largest of {1}": lambda a, axis: np.exp(a - _max(a, axis)),
    "{1} of {0} divided by its sum": lambda a, axis: a / _sum(a, axis),
    "{1} of {0} divided by its length": lambda a, axis: a / np.sqrt(_sum(a**2, axis)),
    "{1} of {0} divided by its largest number": lambda a, axis: a / _max(a, axis),
    "{1} of {0} minus its mean": lambda a, axis: a - _mean(a, axis),
    "{1} of {0} minus its largest number": lambda a, axis: a - _max(a, axis),
    "{1} of {0} minus its first number": lambda a, axis: a - np.take(a, [0], axis),
    "{1} of {0} minus its mean, divided by its standard deviation": lambda a, axis: (
        (a - _mean(a, axis)) / _std(a, axis)
    ),
    "1 for the largest number of {1} of {0}, 0 for the others": lambda a, axis: (
        1.0 * (a == _max(a, axis))
    ),
    "1 for the first of the largest numbers of {1} of {0}, 0 for the others": _best,
    "softmax of the two largest numbers of {1} of {0}": lambda a, axis: softmax(
        np.where(_largest_two(a, axis), a, -np.inf), axis
    ),
    "even shares for {1} of {0}": lambda a, axis: np.full_like(a, 1 / a.shape[axis]),
    "{0} added up {3}, place by place (cumulative sum)": np.cumsum,
    "the mean of {0} {3}, in every place": lambda a, axis: _mean(a, axis) + 0 * a,
    "the sum of {0} {3}, in every place": lambda a, axis: _sum(a, axis) + 0 * a,
    "{0} plus the mean of {1}": lambda a, axis: a + _mean(a, axis),
    "{0} plus the sum of {1}": lambda a, axis: a + _sum(a, axis),
    "{0} with the first of its {2} in the place of each": lambda a, axis: a.take([0], axis) + 0 * a,
    "{0} with the last of its {2} in the place of each": lambda a, axis: a.take([-1], axis) + 0 * a,
    "{0}, 0 in all {2} but the first": lambda a, axis: a * (_places(a, axis) == 0),
    "{0}, 0 in the last of its {2}": lambda a, axis: a * (_places(a, axis) < a.shape[axis] - 1),
    "{0} with its {2} in reverse order": np.flip,
    "{0} with its {2} one place too far on": lambda a, axis: np.roll(a, 1, axis),
    "{0} with its {2} one place too early": lambda a, axis: np.roll(a, -1, axis),
    "{0} with {1} sorted": np.sort,
}
TABLES = {
    "softmax of {0} as a whole": lambda a: softmax(a.ravel()).reshape(a.shape),
    "softmax of minus {0}": lambda a: softmax(-a),
    "{0} divided by its largest number": lambda a: a / a.max(),
    "the lower triangle of {0}": np.tril,
    "the upper triangle of {0}": np.triu,
    "softmax of {0} on and below the diagonal": lambda a: _shown(a, np.tri(*a.shape[-2:]) > 0),
    "softmax of {0} off the diagonal": lambda a: softmax(a - 1e30 * np.eye(*a.shape[-2:])),
    "softmax of {0} within one place of the diagonal": lambda a: _shown(a, _near_the_diagonal(a)),
    "{0} with the mean of all its numbers in every place": lambda a: np.full_like(a, a.mean()),
    "{0} with the sum of all its numbers in every place": lambda a: np.full_like(a, a.sum()),
    "{0} with the even columns first, then the odd ones": lambda a: np.concatenate(
        [a[..., ::2], a[..., 1::2]], -1
    ),
    "{0} with rows and columns swapped (transposed)": lambda a: a.swapaxes(-1, -2),
    "{0} read by column and filled in by row": lambda a: a.swapaxes(-1, -2).reshape(a.shape),
}


def of_array(ndim):
    """Return the phrases and functions that suit an array of so many axes."""
    lines = {
        phrase.format("{0}", *words): lambda a, f=f, axis=axis: f(a, axis=axis)
        for axis, *words in AXES_IN_WORDS[: ndim if ndim > 1 else 0]
        for phrase, f in LINES.items()
    }
    return NUMBERS | (TABLES if ndim > 1 else {}) | lines


COUNTS = {  # what leaves an array's numbers in their places
    "{0} is left out: as if it were 0": np.zeros_like,
    "{0} is left out: as if it were 1": np.ones_like,
    "{0}, times 2, in place of {0}": lambda a: 2 * a,
    "{0}, divided by 2, in place of {0}": lambda a: a / 2,
    "{0} plus 1, in place of {0}": lambda a: a + 1,
    "{0} minus 1, in place of {0}": lambda a: a - 1,
    "{0}, times the root of its width, in place of {0}": lambda a: a * a.shape[-1] ** 0.5,
    "{0}, divided by the root of its width, in place of {0}": lambda a: a / a.shape[-1] ** 0.5,
}


def _taken(place):
    return lambda a, axis, keepdims=False: np.take(a, [place] if keepdims else place, axis)


REDUCTIONS = {  # of a line of numbers to one
    "the sum": np.sum,
    "the mean": np.mean,
    "the largest": np.max,
    "the smallest": np.min,
    "the first": _taken(0),
    "the last": _taken(-1),
    "the median": np.median,
    "the length": lambda a, axis, keepdims=False: np.sqrt((a**2).sum(axis, keepdims=keepdims)),
    "the standard deviation": np.std,
    "the variance": np.var,
    "the mean of the squares": lambda a, axis, keepdims=False: (a**2).mean(axis, keepdims=keepdims),
    "the sum of the squares": lambda a, axis, keepdims=False: (a**2).sum(axis, keepdims=keepdims),
}
AXES = {  # what may be reduced in place of the last axis of an array
    "over the words": lambda a: -2,
    "over the batch": lambda a: tuple(range(a.ndim - 1)),
    "over the first axis": lambda a: 0,
    "over axis 1": lambda a: 1,
    "over everything": lambda a: None,
    "over a whole sentence": lambda a: (-2, -1),
}
PAIRS = {  # of two things
    "{0} plus {1}": lambda a, b: a + b,
    "{0} minus {1}": lambda a, b: a - b,
    "{1} minus {0}": lambda a, b: b - a,
    "{0} times {1}": lambda a, b: a * b,
    "{0} divided by {1}": lambda a, b: a / b,
    "the mean of {0} and {1}": lambda a, b: (a + b) / 2,
    "{0} plus twice {1}": lambda a, b: a + 2 * b,
    "twice {0} plus {1}": lambda a, b: 2 * a + b,
    "{0} plus half of {1}": lambda a, b: a + b / 2,
    "{0} plus the mean of {1}": lambda a, b: a + b.mean(),
    "the root of the squares of {0} and {1}, added": np.hypot,
    "the larger of {0} and {1}": np.maximum,
    "the smaller of {0} and {1}": np.minimum,
    "the matrix product of {0} and {1}": lambda a, b: a @ b,
}
FACTORS = {  # of a size
    "times {0}": lambda n: n,
    "divided by {0}": lambda n: 1 / n,
    "times √{0}": lambda n: n**0.5,
    "divided by √{0}": lambda n: n**-0.5,
    "divided by √{0}, cut to a whole number": lambda n: 1 / np.floor(n**0.5),
    "times the fourth root of {0}": lambda n: n**0.25,
    "divided by the fourth root of {0}": lambda n: n**-0.25,
    "times {0}²": lambda n: n**2,
    "divided by {0}²": lambda n: n**-2.0,
    "times {0} / ({0} − 1)": lambda n: n / (n - 1),
    "times ({0} − 1) / {0}": lambda n: (n - 1) / n,
    "times √({0} / ({0} − 1))": lambda n: (n / (n - 1)) ** 0.5,
    "times √(({0} − 1) / {0})": lambda n: ((n - 1) / n) ** 0.5,
    "times {0} − 1": lambda n: n - 1,
    "divided by {0} − 1": lambda n: 1 / (n - 1),
    "times {0} + 1": lambda n: n + 1,
    "divided by {0} + 1": lambda n: 1 / (n + 1),
    "times ln {0}": np.log,
    "divided by ln {0}": lambda n: 1 / np.log(n),
}
