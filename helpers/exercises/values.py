"""Comparing two values, and writing a value so that it can be read: small, rounded, in words."""

from fractions import Fraction

import numpy as np

MAX_NUMBERS = 16  # a larger array is not printed whole
MAX_LETTERS = 88  # of a line
REFUSALS = (ValueError, AssertionError)  # how an answer may refuse what is asked of it


def agree(outcome, expected):
    """Tell whether two outcomes are the same: both refuse, or equal values up to rounding."""
    if expected.error is not None:
        return isinstance(outcome.error, REFUSALS)
    return outcome.error is None and same(outcome.value, expected.value)


def same(value, expected):
    """Tell whether two values are of one kind and equal up to rounding."""
    return fits(value, expected) and is_close(plain(value), expected)


def plain(value):
    """Return a matrix as an array, and an array of no axes as the number that it holds."""
    if type(value) is np.matrix:
        value = np.asarray(value)
    return value.item() if type(value) is np.ndarray and value.ndim == 0 else value


def fits(value, expected):
    """Tell whether a value is of the kind that is expected; of arrays, the shape too."""
    value = plain(value)
    if isinstance(expected, tuple):
        return (
            type(value) in (tuple, list)
            and len(value) == len(expected)
            and all(map(fits, value, expected))
        )
    if isinstance(expected, bool | np.bool_):
        return type(value) in (bool, np.bool_)
    if isinstance(expected, str):
        return type(value) in (str, np.str_)
    if isinstance(expected, np.ndarray):
        return is_array(value) and value.shape == expected.shape
    return is_number(value)


def is_array(value):
    return type(value) is np.ndarray and value.dtype.kind in "fiu"


def is_floats(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def is_number(value):
    return type(value) in (int, float) or issubclass(type(value), np.integer | np.floating)


def is_close(value, expected):
    """Compare values of one kind: words and whole numbers exactly, the rest up to rounding."""
    if isinstance(expected, tuple):
        return all(is_close(plain(v), e) for v, e in zip(value, expected, strict=True))
    if isinstance(expected, int | str | np.bool_):
        return bool(value == expected)
    try:
        given = np.asarray(value, dtype=np.float64)
    except OverflowError:  # a whole number too large for a float
        return False
    is_single = getattr(value, "dtype", None) == np.float32
    rtol, atol = (1e-5, 1e-5) if is_single else (1e-6, 1e-7)
    with np.errstate(all="ignore"):
        return near(given, expected, rtol, atol)


def near(one, other, rtol=1e-6, atol=1e-7):
    """Tell what np.allclose with equal NaNs tells; of finite numbers in a tenth of the time."""
    gap = np.abs(one - other)
    if np.isfinite(gap.max(initial=0.0)):
        return bool((gap <= atol + rtol * np.abs(other)).all())
    return bool(np.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True))


def is_same_array(one, two):
    """Tell whether two arrays are equal to rounding; the same computation gives that."""
    return one.shape == two.shape and near(one, two, rtol=1e-9, atol=1e-8)


def kind_of(value):
    """Say of what kind a value is; it may be anything at all."""
    kind = type(value)
    if kind is np.ndarray:
        return f"an array of {value.dtype}, shape {value.shape}"
    if kind is tuple:
        if len(value) == 1:
            return f"a tuple that holds {kind_of(value[0])}"
        return f"a tuple of {len(value)}" if value else "an empty tuple"
    if kind is list:
        return f"a list of {len(value)}"
    if issubclass(kind, np.ma.MaskedArray):
        return "a masked array"
    return "None" if value is None else f"a value of type {kind.__name__}"


def written(arguments):
    """Return the example as a line, or as one line per argument where it gets long."""
    parts = [f"{name} = {short(value)}" for name, value in arguments.items()]
    parts = [part for part in parts if part not in (f"{n} = {n}" for n in arguments)]
    line = "Example: " + ", ".join(parts)
    return line if len(line) <= MAX_LETTERS else "\n  ".join(["Example:", *parts])


def short(value, digits=2):
    """Write any value in a few words or numbers."""
    value = plain(value)
    if type(value) is np.ndarray:
        if value.size > MAX_NUMBERS:
            return f"an array of shape {value.shape}"
        if value.dtype.kind in "fiu":
            rounded = np.round(value.astype(float), digits) + 0.0  # no negative zeros
            return str(_trimmed(rounded.tolist())).replace("'", "")
        return str(value.tolist()) if value.dtype.kind == "b" else kind_of(value)
    if type(value) in (tuple, list) and len(value) <= 4:
        inner = ", ".join(short(v, digits) for v in value)
        return f"({inner})" if type(value) is tuple else f"[{inner}]"
    if type(value) is int and abs(value) > 10**18:
        return "a huge number"
    if type(value) in (int, bool, np.bool_):
        return str(value)
    if is_number(value):
        return f"{float(value):.6g}"
    if type(value) in (str, np.str_):
        return repr(str(value[:60]))
    if issubclass(type(value), dict):
        return "the parameters"
    if issubclass(type(value), np.random.Generator):
        return "a random generator"
    if type(value) is type(short):
        return value.__name__
    return kind_of(value)


def _trimmed(values):
    """Write 1.0 as 1, in lists of lists."""
    return [_trimmed(v) if isinstance(v, list) else f"{v:g}" for v in values]


def said_by(error):
    """Return what an error says, in one short line; its own words may be anything."""
    try:
        words = " ".join(str(error).split())
    except Exception:
        words = ""
    words = words if len(words) <= 200 else words[:199] + "…"
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def compared(outcome, expected, arguments):
    """Return the example, with what came and what was expected one above the other."""
    lines = [written(arguments)]
    if outcome.error is not None:
        lines += [f"  you stop with  {said_by(outcome.error)}"]
    if expected.error is not None:
        lines += [f"  you give  {short(outcome.value)}"] * (outcome.error is None)
        return "\n".join([*lines, "  expected  a ValueError"])
    if outcome.error is not None:
        return "\n".join([*lines, f"  expected  {short(expected.value)}"])
    given, wanted, where = _first_difference(plain(outcome.value), expected.value)
    digits = next((d for d in (2, 4) if short(given, d) != short(wanted, d)), 7)
    lines += [f"  you give  {short(given, digits)}{where}"]
    return "\n".join([*lines, f"  expected  {short(wanted, digits)}{where}"])


def _first_difference(given, wanted):
    """Return two values to print: small arrays whole, of large ones the first row that differs."""
    if not (isinstance(wanted, np.ndarray) and is_array(given) and given.shape == wanted.shape):
        return given, wanted, ""
    if wanted.size <= MAX_NUMBERS:
        return given, wanted, ""
    differs = np.argwhere(~np.isclose(given, wanted, rtol=1e-6, atol=1e-7))
    row = tuple(int(i) for i in differs[0])
    row = row[: -1 if wanted.shape[-1] <= MAX_NUMBERS else None]
    return given[row], wanted[row], f"  at {list(row)}"


def as_array(value):
    """Return a real array or number as an array, or None for anything else."""
    value = plain(value)
    if is_array(value) or is_number(value):
        try:
            return np.asarray(value, dtype=np.float64)
        except OverflowError:
            return None
    return None


# numbers in words

NAMED = {np.pi: "π", np.log(2): "ln 2", 1 / np.log(2): "1 / ln 2", np.log10(np.e): "1 / ln 10"}
NAMED |= {np.sqrt(n): f"√{n}" for n in (2, 3, 5, 6, 7, 8)}
NAMED |= {1 / np.sqrt(n): f"1/√{n}" for n in (2, 3, 5, 6, 7, 8)}


def number(value):
    """Write a number as a whole, a fraction or a root where it is one; a large one in short."""
    fraction = Fraction(value).limit_denominator(16) if abs(value) < 1e15 else None
    if fraction is not None and np.isclose(float(fraction), value, rtol=1e-6, atol=1e-12):
        return str(fraction)
    known_names = (name for number, name in NAMED.items() if np.isclose(value, number, rtol=1e-6))
    return next(known_names, f"{value:.6g}")
