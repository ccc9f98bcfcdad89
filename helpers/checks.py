"""The one place that turns a bad argument into a clear error.

Every public function of the steps calls these checks first, so that the maths after them stays
clean. Each returns the checked value, ready to use. Each raises `TypeError` for the wrong kind of
thing and `ValueError` for the wrong value, in one sentence: what came, what was expected.
"""

import math
from collections.abc import Mapping

import numpy as np

MAX_SIZE = 2**31 - 1
MAX_BYTES = 2**30  # of one array: a lesson's largest needs a hundredth of it


def quiet():
    """Return a context in which numpy does not warn of numbers out of range, whatever is set.

    Tiny numbers may vanish. What is too large is refused afterwards, by require_in_range.
    """
    return np.errstate(over="ignore", under="ignore", invalid="ignore")


def _is_masked(values):
    """Tell whether an array hides some of its numbers, or a list holds such an array."""
    if isinstance(values, list | tuple):
        return any(map(_is_masked, values))
    return isinstance(values, np.ma.MaskedArray)


def to_array(values, name):
    """Return `values` as an array, whatever it holds, if its rows are equally long."""
    if _is_masked(values):
        raise TypeError(
            f"{name} is a masked array; expected a plain one, such as filled(0) returns"
        )
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} has rows of unequal length; expected a full array") from None


def _shown(value, name):
    """Say what came, on one line: the beginning of a long value is enough."""
    try:
        words = " ".join(repr(value).split())
    except ValueError:  # Python does not write a whole number of thousands of digits
        words = "a number of thousands of digits"
    return f"{name}={words if len(words) <= 60 else words[:59] + '…'}"


def of_type(value, name):
    """Say what came, where its type is what is wrong with it."""
    return f"{_shown(value, name)} is of type {type(value).__name__}"


def require_array(values, name="x", min_ndim=0, dtype=None):
    """Return `values` as a non-empty array of finite floats; whole numbers become float64.

    dtype: the float type to return; a number that it can't hold is refused.
    """
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
    if dtype is None or values.dtype == dtype:
        return values
    with quiet():
        return require_in_range(values.astype(dtype), f"the numbers of {name}")


def require_axes(values, name, at_least):
    """Return `values` as an array of at least so many axes; its numbers are not looked at."""
    values = to_array(values, name)
    if values.ndim < at_least:
        raise ValueError(
            f"{name} has {values.ndim} axes, shape {values.shape}; expected at least {at_least}"
        )
    return values


def require_shape(values, expected_shape, name):
    """Check that an array has exactly `expected_shape`; broadcasting would hide a mistake."""
    if values.shape != tuple(expected_shape):
        raise ValueError(f"{name} has shape {values.shape}; expected {tuple(expected_shape)}")


def require_like(values, expected_shape, name, dtype=None):
    """Return `values` as an array of finite floats that has exactly `expected_shape`."""
    values = require_array(values, name, dtype=dtype)
    require_shape(values, expected_shape, name)
    return values


def require_sequence(x, name="x", dtype=None):
    """Return `x` as (..., seq_len, d_model), an array of finite floats."""
    x = require_array(x, name, dtype=dtype)
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


def require_parameters(params, expected_shapes, dtype, name="params", **sizes):
    """Return the named arrays of `params`, each checked against its shape.

    A size written as a string ("d_model") is given in `sizes` or read off the first array that
    shows it, and must then be the same everywhere. The arrays come back in `dtype`, so that
    float32 stays float32.
    """
    require_members(params, expected_shapes, name)
    checked = {}
    for key, shape in expected_shapes.items():
        values = require_array(params[key], f"{name}[{key!r}]", dtype=dtype)
        written = f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"
        sentence = f"{name}[{key!r}] has shape {values.shape}; expected {written}"
        if values.ndim != len(shape):
            raise ValueError(sentence)
        for size, found in zip(shape, values.shape, strict=True):
            if sizes.setdefault(size, found) != found:
                raise ValueError(f"{sentence} with {size}={sizes[size]}")
        checked[key] = values
    return checked


def require_input(x, params, expected_shapes):
    """Return the words `x` and the parameters of a step, checked against each other.

    The first array of the parameters begins with d_model.
    """
    x = require_sequence(x)
    params = require_parameters(params, expected_shapes, x.dtype)
    require_width(x, len(params[next(iter(expected_shapes))]))
    return x, params


def require_parts(params, parts, dtype, **sizes):
    """Return the arrays of all parts of `params`, checked against each other and `sizes`.

    parts: {name: the module of a step with PARAMETER_SHAPES}. Parts share all sizes.
    """
    require_members(params, parts)
    checked = {}
    for part, step in parts.items():
        shapes, name = step.PARAMETER_SHAPES, f"params[{part!r}]"
        checked[part] = require_parameters(params[part], shapes, dtype, name, **sizes)
        for key, shape in shapes.items():
            sizes |= dict(zip(shape, checked[part][key].shape, strict=True))
    return checked


def require_members(params, names, name="params"):
    """Check that `params` is a dict that holds all `names`."""
    require_type(params, Mapping, name, "a dict, as init returns it")
    missing = [key for key in names if key not in params]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)}; expected {', '.join(names)}")


def require_scores(values, name="scores"):
    """Return attention scores: finite or -inf ("may not look"), with a finite one in every row."""
    values = to_array(values, name)
    if values.dtype.kind != "f" or not values.ndim or not values.size:
        return require_array(values, name, min_ndim=1)
    if not (values < np.inf).all():  # neither is NaN
        raise ValueError(f"{name} holds NaN or infinity; expected finite numbers")
    if np.isneginf(values.min()) and np.isneginf(values).all(axis=-1).any():
        raise ValueError(f"{name} has a row where every entry is -inf; expected a finite one")
    return values


def require_mask(mask, scores_shape, name="mask"):
    """Return a boolean `mask` broadcast to `scores_shape`; every row must allow at least a key.

    None, for no mask, stays None.
    """
    if mask is None:
        return None
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
    """Return `value` as an int, if it is a whole number from `minimum` to MAX_SIZE."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{of_type(value, name)}; expected a whole number")
    if not minimum <= value <= MAX_SIZE:
        raise ValueError(f"{_shown(int(value), name)}; expected {minimum} to {MAX_SIZE}")
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


def require_number(value, name, minimum=None, above=None, dtype=np.float64):
    """Return `value` as a float: at least `minimum`, more than `above`, finite in `dtype`."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise TypeError(f"{of_type(value, name)}; expected a number")
    try:
        number = float(value)
    except OverflowError:  # a whole number too large for a float
        number = math.inf
    with quiet():
        if not np.isfinite(np.dtype(dtype).type(number)):
            raise ValueError(
                f"{_shown(value, name)}; expected a finite number in {np.dtype(dtype)}"
            )
    if minimum is not None and number < minimum:
        raise ValueError(f"{name}={value}; expected {minimum} or more")
    if above is not None and number <= above:
        raise ValueError(f"{name}={value}; expected more than {above}")
    return number


def require_memory(shape, name):
    """Check that an array of this shape, in float64, is not too large to ask memory for."""
    size = 8 * math.prod(shape)
    if size > MAX_BYTES:
        raise ValueError(
            f"{name} of shape {tuple(shape)} needs {size / 1e9:.1f} GB of memory; "
            f"expected at most {MAX_BYTES / 1e9:.1f} GB"
        )


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
    require_type(rng, np.random.Generator, "rng", "one such as np.random.default_rng(0)")
    return rng


def require_in_range(result, what="the numbers of out"):
    """Return what a step made, if no number left the range of its float type.

    result: an array, a trace (of which `out` is looked at), or a nest of arrays such as gradients.
    The numbers that came in may be finite and their products too large.
    """
    if hasattr(result, "_fields"):
        require_in_range(result.out, what)
    elif isinstance(result, np.ndarray | np.generic):
        if not np.isfinite(result).all():
            raise ValueError(f"{what} overflow {result.dtype}; expected smaller numbers")
    else:
        for part in result.values() if isinstance(result, dict) else result:
            require_in_range(part, what)
    return result


def require_type(value, kind, name, expected):
    """Check that something is of a kind, which the sentence calls `expected`."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is of type {type(value).__name__}; expected {expected}")


def require_trace(trace, kind, name="trace"):
    """Check that `trace` is of the kind that forward returned, with every field in place."""
    require_type(trace, kind, name, "what forward returned")
    if hasattr(trace, "_fields"):
        for field, expected in type(trace).__annotations__.items():
            require_trace(getattr(trace, field), expected, f"{name}.{field}")


def require_gradient(grad_out, trace, kind):
    """Return the gradient at a trace's `out`, if it fits; the trace is checked first."""
    require_trace(trace, kind)
    return require_like(grad_out, trace.out.shape, "grad_out", trace.out.dtype)


def require_chain(trace):
    """Check that each part of a trace took in what the part before it made, so none is missing."""
    made = trace.x
    for part in (*filter(None, trace[1:-1]), trace):
        taken = trace.out if part is trace else getattr(part, "f_x", part.x)
        if not np.array_equal(taken, made):
            raise ValueError("trace lacks a part; expected what forward returned")
        made = part.out


def require_list(values, name):
    """Return `values` if it is a list or a tuple."""
    if not isinstance(values, list | tuple):
        raise TypeError(f"{of_type(values, name)}; expected a list")
    return values
