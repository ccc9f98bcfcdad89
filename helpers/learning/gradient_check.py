"""Is a gradient written by hand the right one? Ask the loss itself, one number at a time."""

import numpy as np

from helpers import checks


def numerical_gradient(loss, values, step=1e-5):
    """Return the central-difference gradient of loss() for every entry of `values`.

        gradient_i = (loss(values_i + step) - loss(values_i - step)) / (2 · step)

    loss: a function without arguments that reads `values`, a float array of any shape, which is
    changed entry by entry and put back. Returns an array of the same shape.
    Raises TypeError if `values` is not a float64 array: float32 is too coarse for the difference.
    Source: Nocedal & Wright, "Numerical Optimization" (2006), equation 8.7.
    """
    if not isinstance(values, np.ndarray) or values.dtype != np.float64:
        kind = getattr(values, "dtype", type(values).__name__)
        raise TypeError(f"values is {kind}; expected a float64 array, to be changed and put back")
    step = checks.require_number(step, "step", above=0)
    gradient = np.empty_like(values)
    for index in np.ndindex(values.shape):
        kept = values[index]
        values[index] = kept + step
        above = loss()
        values[index] = kept - step
        below = loss()
        values[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(found, expected, floor=1e-2):
    """Return the largest difference of two arrays, as a share of the largest expected entry.

        max|found - expected| / max(max|expected|, floor)

    The floor is for gradients that are zero by nature (a bias on all keys shifts every score of a
    row alike, and the softmax does not see it): there only the rounding of the difference is left.
    Raises ValueError for unequal shapes and if the floor is not positive.
    Source: a norm-wise relative error, as in Higham, "Accuracy and Stability of Numerical
    Algorithms" (2002), section 6.
    """
    expected = checks.require_array(expected, "expected")
    found = checks.require_like(found, expected.shape, "found")
    floor = checks.require_number(floor, "floor", above=0)
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), floor))


def check(step, x, params, rng, *arguments, **options):
    """Compare a step's backward with central differences; return the relative error of each part.

        L = Σ upstream ∘ step.forward(x, params, …).out      with a random upstream gradient

    The upstream gradient is random because some wrong gradients agree by luck on a plain sum:
    the sum of a layer norm's output, say, has gradient zero. step: a module with forward and
    backward; x, params in float64; the rest goes to forward. Returns {"x": error, "W_q": error, …},
    with "norm_1.gamma" and the like for nested parameters. Raises as the step does.
    """
    checks.require_generator(rng)
    x = np.array(checks.require_sequence(x), dtype=np.float64)
    trace = step.forward(x, params, *arguments, **options)
    upstream = rng.standard_normal(trace.out.shape)
    grad_x, grads = step.backward(upstream, trace, params)

    def loss():
        return (upstream * step.forward(x, params, *arguments, **options).out).sum()

    found, values = _flat(grads), _flat(params)
    errors = {"x": relative_error(grad_x, numerical_gradient(loss, x))}
    for name in values:
        errors[name] = relative_error(found[name], numerical_gradient(loss, values[name]))
    return errors


def _flat(tree, prefix=""):
    """Return {"norm_1.gamma": array, …} for dicts within dicts."""
    leaves = {}
    for name, value in tree.items():
        nested = isinstance(value, dict)
        leaves |= _flat(value, f"{prefix}{name}.") if nested else {prefix + name: value}
    return leaves
