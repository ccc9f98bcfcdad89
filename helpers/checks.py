"""The one place that turns a bad argument into a clear error.

Every step calls these functions at its door and nowhere else, so that the maths behind the door
stays clean. Each returns the checked value, ready to use. Each raises `TypeError` for the wrong
kind of thing and `ValueError` for the wrong value, in one sentence: what came, what was expected.
"""

import math
from collections.abc import Mapping

import numpy as np

MAX_SIZE = 2**31 - 1


def to_array(values, name):
    """Return `values` as an array, whatever it holds, if its rows are equally long."""
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} has rows of unequal length; expected a full array") from None


def _shown(value, name):
    """Say what came, on one line: the beginning of a long value is enough."""
    words = " ".join(repr(value).split())
    return f"{name}={words if len(words) <= 60 else words[:59] + '…'}"


def of_type(value, name):
    """Say what came, where its type is what is wrong with it."""
    return f"{_shown(value, name)} is of type {type(value).__name__}"


def require_array(values, name="x", min_ndim=0):
    """Return `values` as a non-empty array of finite floats; whole numbers become float64."""
    values = to_array(values, name)
    if values.dtype.kind in "iu":
        values = values.astype(np.float64)
    if values.dtype.kind != "f":
        raise TypeError(f"{name} holds {values.dtype}; expected real numbers")
    require_axes(values, name, min_ndim)
    if values.size == 0:
        raise ValueError(f"{name} is empty, shape {values.shape}; expected at least one number")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds NaN or infinity; expected finite numbers")
    return values


def require_axes(values, name, at_least):
    """Return `values` as an array of at least so many axes; its numbers are not looked at."""
    values = to_array(values, name)
    if values.ndim < at_least:
        raise ValueError(
            f"{name} has {values.ndim} axes, shape {values.shape}; expected at least {at_least}"
        )
    return values


def require_sequence(x, name="x"):
    """Return `x` as (..., seq_len, d_model)."""
    x = require_array(x, name)
    if x.ndim < 2:
        raise ValueError(f"{name} has shape {x.shape}; expected (..., seq_len, d_model)")
    return x


def require_width(x, d_model, name="x"):
    """Check that the words of `x` are as wide as the parameters that they meet."""
    if x.shape[-1] != d_model:
        raise ValueError(
            f"{name} has shape {x.shape}; expected (..., seq_len, {d_model}), "
            f"because the parameters were made for d_model={d_model}"
        )


def require_like(values, expected_shape, name, dtype=None):
    """Return `values` if it has exactly `expected_shape`; broadcasting would hide a mistake."""
    values = require_array(values, name)
    if values.shape != tuple(expected_shape):
        raise ValueError(f"{name} has shape {values.shape}; expected {tuple(expected_shape)}")
    return values if dtype is None else values.astype(dtype, copy=False)


def require_parameters(params, expected_shapes, dtype, name="params", **sizes):
    """Return the named arrays of `params`, each checked against its shape.

    A size written as a string ("d_model") is given in `sizes` or read off the first array that
    shows it, and must then be the same everywhere. The arrays come back in `dtype`, so that
    float32 stays float32.
    """
    require_members(params, expected_shapes, name)
    checked = {}
    for key, shape in expected_shapes.items():
        values = require_array(params[key], f"{name}[{key!r}]")
        if values.ndim != len(shape):
            raise ValueError(
                f"{name}[{key!r}] has shape {values.shape}; expected {_written(shape)}"
            )
        for size, found in zip(shape, values.shape, strict=True):
            if sizes.setdefault(size, found) != found:
                raise ValueError(
                    f"{name}[{key!r}] has shape {values.shape}; expected {_written(shape)} "
                    f"with {size}={sizes[size]}"
                )
        checked[key] = values.astype(dtype, copy=False)
    return checked


def _written(shape):
    return "(" + ", ".join(shape) + ("," if len(shape) == 1 else "") + ")"


def require_members(params, names, name="params"):
    """Check that `params` is a dict that holds all `names`."""
    if not isinstance(params, Mapping):
        raise TypeError(
            f"{name} is of type {type(params).__name__}; expected a dict, as init returns it"
        )
    missing = [key for key in names if key not in params]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)}; expected {', '.join(names)}")


def require_scores(values, name="scores"):
    """Return attention scores: finite or -inf ("may not look"), with a finite one in every row."""
    values = to_array(values, name)
    if values.dtype.kind == "f" and values.ndim and values.size:
        masked = np.isneginf(values)
        empty_rows = masked.all(axis=-1)
        if empty_rows.any():
            raise ValueError(f"{name} has a row where every entry is -inf; expected a finite one")
        require_array(values[~masked], name)
        return values
    return require_array(values, name, min_ndim=1)


def require_mask(mask, scores_shape, name="mask"):
    """Return a boolean `mask` broadcast to `scores_shape`; every row must allow at least a key."""
    mask = to_array(mask, name)
    if mask.dtype != bool:
        raise TypeError(
            f"{name} holds {mask.dtype}; expected bool, True where a query may look at a key"
        )
    try:
        mask = np.broadcast_to(mask, scores_shape)
    except ValueError:
        raise ValueError(
            f"{name} has shape {mask.shape}; expected one that broadcasts to "
            f"(..., queries, keys) = {tuple(scores_shape)}"
        ) from None
    empty_rows = np.argwhere(~mask.any(axis=-1))
    if len(empty_rows):
        where = tuple(int(i) for i in empty_rows[0])
        row = where[0] if len(where) == 1 else where
        raise ValueError(
            f"{name} lets query {row} look at no key; expected at least one True in each row"
        )
    return mask


def require_size(value, name, minimum=1):
    """Return `value` as a whole number of at least `minimum`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{of_type(value, name)}; expected a whole number")
    if not minimum <= value <= MAX_SIZE:
        raise ValueError(f"{name}={value}; expected {minimum} to {MAX_SIZE}")
    return int(value)


def divisors(d_model):
    """Return every head count that divides `d_model`, smallest first."""
    return [n_heads for n_heads in range(1, d_model + 1) if d_model % n_heads == 0]


def require_head_width(d_model, n_heads):
    """Return d_head = d_model / n_heads, which must come out whole."""
    n_heads = require_size(n_heads, "n_heads")
    if d_model % n_heads:
        choices = ", ".join(map(str, divisors(d_model)))
        raise ValueError(
            f"n_heads={n_heads} does not divide d_model={d_model}; choose one of {choices}"
        )
    return d_model // n_heads


def require_number(value, name, minimum=None, above=None):
    """Return `value` as a finite float, at least `minimum`, or more than `above`."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise TypeError(f"{of_type(value, name)}; expected a number")
    try:
        finite = math.isfinite(value)
    except OverflowError:  # a whole number too large for a float
        finite = False
    if not finite:
        raise ValueError(f"{name}={value}; expected a finite number")
    if minimum is not None and value < minimum:
        raise ValueError(f"{name}={value}; expected {minimum} or more")
    if above is not None and value <= above:
        raise ValueError(f"{name}={value}; expected more than {above}")
    return float(value)


def require_choice(value, name, choices):
    """Return `value` if it is one of `choices`."""
    if not isinstance(value, str) or value not in choices:
        known = ", ".join(map(repr, choices))
        raise ValueError(f"{_shown(value, name)}; choose one of {known}")
    return value


def require_flag(value, name):
    """Return `value` as a bool, if it is one."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{of_type(value, name)}; expected True or False")
    return bool(value)


def require_generator(rng):
    """Return `rng` if it is a numpy random generator: randomness is always passed in."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng is of type {type(rng).__name__}; expected one such as np.random.default_rng(0)"
        )
    return rng


def require_in_range(values, what):
    """Check that a sum of products is finite: numbers may be fine and their products too large."""
    if not np.isfinite([values.min(), values.max()]).all():  # either is NaN where a number is
        raise ValueError(f"{what} overflow {values.dtype}; expected smaller numbers")


def require_record(trace, kind, name="trace", expected="what forward returned"):
    """Return `trace` if it is a record of the kind that belongs here."""
    if not isinstance(trace, kind):
        raise TypeError(f"{name} is of type {type(trace).__name__}; expected {expected}")
    return trace


def require_list(values, name):
    """Return `values` if it is a list or a tuple."""
    if not isinstance(values, list | tuple):
        raise TypeError(f"{of_type(values, name)}; expected a list")
    return values
