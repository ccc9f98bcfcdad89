"""What a result depends on: arguments that it does not look at, and words that it mixes."""

import numpy as np

from helpers.exercises import values
from helpers.exercises.running import run
from helpers.exercises.variants import leaves, replaced


def ignored(function, right, examples):
    """Return the arguments that never change the result, where they change the right one.

    examples: the named arguments of calls.
    """
    return [name for name, _ in leaves(examples[0]) if _ignores(function, right, name, examples)]


def _ignores(function, right, name, examples):
    is_needed = False
    for arguments in examples:
        for other in _nudged(arguments, name):
            if _moves(function, arguments, other) is not False:
                return False
            is_needed = is_needed or _moves(right, arguments, other) is True
    return is_needed


def _moves(function, arguments, other):
    """Tell whether the result changes with the arguments; None where one of them stops."""
    before, after = run(function, arguments), run(function, other)
    one, two = values.as_array(before.value), values.as_array(after.value)
    if one is None or two is None:
        return None
    return not values.is_same_array(one, two)


def _nudged(arguments, name):
    """Return the arguments with other values of this one."""
    value = dict(leaves(arguments))[name]
    others = []
    if values.is_floats(value):
        rng = np.random.default_rng(11)
        shape = (2, *value.shape)
        others = list(value + rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape))
    elif isinstance(value, float):
        others = [3 * value + 0.5]
    elif type(value) is int:
        others = [other for other in (1, 2, 3) if other != value]
    return [replaced(arguments, name, other) for other in others]


def mixing(function, right, words, examples):
    """Say which words' results change with which words, where that is not as it should be.

    words: the argument whose rows are the rows of the result.
    """
    mine = [_influence(function, arguments, words) for arguments in examples]
    right_ones = [_influence(right, arguments, words) for arguments in examples]
    if any(one is None for one in mine + right_ones) or _all_equal(mine, right_ones):
        return None
    own = [np.eye(len(one), dtype=bool) for one in mine]
    if _all_equal(mine, own) and any(one.all() for one in right_ones):
        return "each word's result depends on this word alone: the words do not meet"
    if _all_equal(mine, [np.tri(len(one), dtype=bool) for one in mine]):
        return "each word's result depends on this word and the ones before it only"
    if _all_equal(right_ones, own) and any((one & ~eye).any() for one, eye in zip(mine, own)):  # noqa: B905
        return "it mixes words: a word's result changes when another word changes"
    return None


def _all_equal(ones, others):
    return all(map(np.array_equal, ones, others))


def _influence(function, arguments, words):
    """Return (words of the result, words of the input): True where one changes the other."""
    x = arguments[words]
    before = values.as_array(run(function, arguments).value)
    columns = []
    for word in range(x.shape[-2]):
        nudged = x.copy()
        nudged[..., word, :] += np.linspace(0.5, 1.5, x.shape[-1])
        after = values.as_array(run(function, arguments | {words: nudged}).value)
        if before is None or after is None or after.shape != before.shape or after.ndim < 2:
            return None
        moved = ~np.isclose(before, after, rtol=1e-9, atol=1e-12, equal_nan=True)
        columns.append(moved.any(axis=-1).reshape(-1, after.shape[-2]).any(axis=0))
    return np.array(columns).T
