"""A search for the shortest formula that gives the numbers that a student gave.

Formulas are built from the shortest up, out of the arguments, functions and + - * / **. Of those
that give the same numbers one is kept. A value is a list of arrays, one per example, so a formula
that fits, fits all examples at once.
"""

import re
from functools import partial
from typing import NamedTuple

import numpy as np

from helpers.exercises.values import as_array

MAX_FORMULAS = 5000
OPERATIONS = {  # sign: (how tightly it binds, function)
    "+": (1, np.add),
    "-": (1, np.subtract),
    "*": (2, np.multiply),
    "/": (2, np.divide),
    "**": (3, np.power),
}


class Formula(NamedTuple):
    text: str
    binds: int  # how tightly; 9 for a name or a call
    values: list  # one array per example


def search(wanted, leaves, functions, operations=("+", "-", "*"), size=7, then=None):
    """Return the text of the shortest formula with these values, or None.

    wanted: an array per example; leaves: the same by name; functions: a function per example by
    name, each of one argument; operations: the signs that may be used; then: a text and a function
    per example, of what may be done with a formula last.
    """
    start = [Formula(name, 9, list(values)) for name, values in leaves.items()]
    seen, by_size = set(), [[]]
    for length in range(1, size + 1):
        found = []
        made = start if length == 1 else _made(by_size, length, functions, operations)
        for formula in made:
            key = _key(formula.values)
            if key is None or key in seen:
                continue
            seen.add(key)
            if _fits(formula.values, wanted):
                return formula.text
            if then and _fits(_computed(lambda f, v: f(v), then[1], formula.values) or [], wanted):
                return then[0].format(formula.text)
            found.append(formula)
            if len(seen) > MAX_FORMULAS:
                return None
        by_size.append(found)
    return None


def _made(by_size, length, functions, signs):
    for inner in by_size[length - 1]:
        for name, each in functions.items():
            values = _computed(lambda f, value: f(value), each, inner.values)
            yield Formula(f"{name}({inner.text})", 9, values)
    for left_size in range(1, length - 1):
        for left in by_size[left_size]:
            for right in by_size[length - 1 - left_size]:
                for sign in signs:
                    yield _joined(left, sign, right)


def _joined(left, sign, right):
    binds, function = OPERATIONS[sign]
    # a - (b + c) and a ** b ** c need brackets, a + b + c needs none
    left_text = left.text if left.binds >= binds + (sign == "**") else f"({left.text})"
    right_text = right.text if right.binds >= binds + (sign in "-/") else f"({right.text})"
    values = _computed(function, left.values, right.values)
    return Formula(f"{left_text} {sign} {right_text}", binds, values)


def _computed(function, *values):
    try:
        with np.errstate(all="ignore"):
            return [function(*each) for each in zip(*values, strict=True)]
    except (ValueError, TypeError, FloatingPointError):
        return None


def _key(values):
    """Return equal keys for equal values, or None for values that are of no use."""
    if values is None or not all(np.isfinite(value).all() for value in values):
        return None
    with np.errstate(all="ignore"):
        rounded = [np.round(value, 9 - _digits(value)) + 0.0 for value in values]
    return tuple(value.tobytes() for value in rounded)


def _digits(values):
    return int(np.ceil(np.log10(np.abs(values).max() + 1e-30)))


def _fits(values, wanted):
    return all(
        np.shape(value) == np.shape(want) and np.allclose(value, want, rtol=1e-6, atol=1e-9)
        for value, want in zip(values, wanted, strict=True)
    )


def polynomial(wanted, powers, names):
    """Return the whole coefficients of a sum of products that gives these numbers, or None.

    powers: an array per term, one number per example; there must be more examples than terms.
    Returns a text such as "2·d_model·d_ff + d_ff".
    """
    table = np.array(powers, dtype=float).T  # (examples, terms)
    scale = table.max(axis=0)
    found, *_ = np.linalg.lstsq(table / scale, np.array(wanted, dtype=float), rcond=None)
    whole = np.round(found / scale * 4) / 4  # quarters, too
    if not np.allclose(table @ whole, wanted, rtol=1e-12, atol=1e-6):
        return None
    terms = [(c, name) for c, name in zip(whole, names, strict=True) if c]
    return " + ".join(_term(c, name) for c, name in terms).replace("+ -", "- ") or "0"


def _term(coefficient, name):
    if name == "1":
        return f"{coefficient:g}"
    return name if coefficient == 1 else f"{coefficient:g}·{name}".replace("-1·", "-")


def finite_values(cases):
    """Return what was given as arrays, or None where it is not finite numbers."""
    found = [as_array(case[1].value) for case in cases]
    return None if any(f is None or not np.isfinite(f).all() for f in found) else found


def by_formula(named, operations=("+", "-", "*"), size=7, then=None):
    """Return an `explain` that searches for the formula behind the numbers.

    named: of the arguments, (arrays by name, functions by name); then: a text and a function of an
    array and the functions, which may be done last. h is the name of the right first half.
    """

    def explain(cases):
        wanted = finite_values(cases)
        if wanted is None:
            return None
        made = [named(**case[0].arguments) for case in cases]
        leaves = {name: [arrays[name] for arrays, _ in made] for name in made[0][0]}
        leaves["1"] = [np.ones_like(next(iter(arrays.values()))) for arrays, _ in made]
        functions = {name: [each[name] for _, each in made] for name in made[0][1]}
        text = None
        if then is not None:  # a wrong first half
            last = then[0], [partial(then[1], **each) for _, each in made]
            alone = {"x": leaves["x"]}
            text = search(wanted, alone, functions, operations, size, last)
        text = text or search(wanted, leaves, functions, operations, size)
        if text is None:
            return None
        half = " (h is the right result of the first half.)"
        said = "That is another formula." + half * bool(re.search(r"\bh\b", text))
        return f"your numbers are those of {text}", said

    return explain
