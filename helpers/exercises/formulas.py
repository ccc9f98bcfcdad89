"""A search for the shortest formula that gives the numbers that a student gave.

Formulas are built from the shortest up, out of arguments, functions and signs, and computed in the
last example. Of those with the same numbers there one is kept. One that gives the student's
numbers is then computed in all examples. Loops and blocks are searched for in the same way.
"""

import re
from collections.abc import Callable
from functools import cache, reduce
from itertools import product
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from helpers.exercises.values import as_array, near

MAX_FORMULAS = 20000
MAX_LOOPS = 1500


def _xor(one, other):
    """Return what Python's ^ gives for whole numbers; others have no such result."""
    if (one % 1).any() or (other % 1).any() or max(one.max(), other.max()) > 2**62:
        raise ValueError("not whole")
    return (one.astype(int) ^ other.astype(int)).astype(float)


OPERATIONS = {  # sign: (how tightly it binds, function)
    "^": (0, _xor),
    "+": (1, np.add),
    "-": (1, np.subtract),
    "*": (2, np.multiply),
    "/": (2, np.divide),
    "//": (2, np.floor_divide),
    "**": (3, np.power),
}


class Formula(NamedTuple):
    text: str
    binds: int  # how tightly; 9 for a name or a call
    of: Callable  # the example's values by name → the formula's value
    value: object  # in the last example


def search(wanted, examples, names, functions=(), operations=("+", "-", "*"), size=7):
    """Return the text of the shortest formula with these values, or None.

    wanted: an array per example; examples: values and functions of one argument by name, a dict per
    example; names, functions: which of them may be used; operations: signs.
    """
    for formula in formulas(examples[-1], names, functions, operations, size):
        if _fits(formula.value, wanted[-1]) and _all_fit(formula.of, examples, wanted):
            return formula.text
    return None


def _all_fit(of, examples, wanted):
    pairs = zip(examples, wanted, strict=True)
    return all(_fits(_computed(of, example), want) for example, want in pairs)


def formulas(example, names, functions, operations, size, most=MAX_FORMULAS):
    """Yield formulas from the shortest up, those with equal values in this example once."""
    seen, by_size = set(), [[]]
    for length in range(1, size + 1):
        by_size.append([])
        start = (Formula(n, 9, itemgetter(n), np.asarray(example[n])) for n in names)
        made = start if length == 1 else _made(example, by_size, length, functions, operations)
        for formula in made:
            key = _key(formula.value)
            if key is None or key in seen:
                continue
            seen.add(key)
            by_size[length].append(formula)
            yield formula
            if len(seen) >= most:
                return


def _made(example, by_size, length, functions, signs):
    """Yield all formulas of this length."""
    for inner, name in product(by_size[length - 1], functions):
        value = _computed(example[name], inner.value)
        text = f"{name}({inner.text})"
        yield Formula(text, 9, lambda e, n=name, of=inner.of: e[n](of(e)), value)
    for size, sign in product(range(1, length - 1), signs):
        binds, join = OPERATIONS[sign]
        for left, right in product(by_size[size], by_size[length - 1 - size]):
            # a - (b + c) and a ** b ** c need brackets, a + b + c needs none
            one = left.text if left.binds >= binds + (sign == "**") else f"({left.text})"
            is_inner = right.binds >= binds + (sign in ("-", "/", "//"))
            other = right.text if is_inner else f"({right.text})"
            of = lambda e, f=join, a=left.of, b=right.of: f(a(e), b(e))  # noqa: E731
            value = _computed(join, left.value, right.value)
            yield Formula(f"{one} {sign} {other}", binds, of, value)


def _computed(function, *values):
    try:
        with np.errstate(all="ignore"):
            return np.asarray(function(*values))
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        return None


def _key(value):
    """Return equal keys for equal values, or None for a value that is of no use."""
    if value is None or value.dtype.kind not in "fiu" or not np.isfinite(value).all():
        return None
    mantissa, exponent = np.frexp(np.where(np.abs(value) < 1e-12, 0.0, value))
    return value.shape, np.round(mantissa, 8).tobytes(), exponent.tobytes()


def _fits(value, wanted):
    is_shape = value is not None and np.shape(value) == np.shape(wanted)
    return is_shape and near(value, wanted, atol=1e-9)


def finite_values(cases):
    """Return what was given as arrays, or None where it is not finite numbers."""
    found = [as_array(case.found.value) for case in cases]
    return None if any(f is None or not np.isfinite(f).all() for f in found) else found


def by_formula(*arrays, size=7):
    """Return an `explain` that searches for the formula behind the numbers.

    arrays: names of arguments; the other arguments are functions.
    """

    def explain(cases):
        wanted = finite_values(cases)
        if wanted is None:
            return None
        calls = [case.example.arguments for case in cases]
        examples = [c | {"1": np.ones(w.shape)} for c, w in zip(calls, wanted, strict=True)]
        functions = [name for name in examples[0] if name not in (*arrays, "1")]
        text = search(wanted, examples, [*arrays, "1"], functions, size=size)
        return text and (f"your numbers are those of {text}", "That is another formula.")

    return explain


# what a loop over steps does in each round


def loops(wanted, examples, functions, size):
    """Return what a loop over steps does, as texts (in each round, at the end), or None.

    examples: x, the "steps", and functions that a formula may use by name. In a formula x is what
    the round begins with, start the first x, all the sum of all x so far.
    """
    names = ("x", "start", "all")
    steps = examples[-1]["steps"]
    shape = np.shape(examples[-1]["x"])
    drawn = dict(zip(names, np.random.default_rng(12).normal(0, 1, (3, *shape)), strict=True))
    known = examples[-1] | drawn | {"step": steps[0]}
    ends = list(formulas(known, names, functions, ("+", "-"), 4 if functions else 3))
    updates = formulas(known, names, ("step", *functions), ("+", "-"), size, MAX_LOOPS)
    tried = product([(update, _looped(update.of, examples[0])) for update in updates], ends)

    def length(pair):  # x is simpler than start and all
        text = pair[0][0].text + pair[1].text
        return len(text) + 8 * (text.count("all") + text.count("start"))

    def is_plain(pair):  # "all - x" says that the last step is left out, in a riddle
        return not re.search(r"all.*-|-.*all", pair[0][0].text + pair[1].text)

    for (update, state), end in sorted(filter(is_plain, tried), key=length):
        if _fits(_computed(end.of, state), wanted[0]) and _all_fit(
            lambda e, update=update, end=end: end.of(_looped(update.of, e)), examples, wanted
        ):
            return update.text, end.text
    return None


def _looped(update, example):
    """Return the example with what x, start and all are after the last step."""
    state = example | {"start": example["x"], "all": example["x"]}
    for step in example["steps"]:
        x = _computed(update, state | {"step": step})
        if x is None:
            return state
        state |= {"x": x, "all": state["all"] + x}
    return state


def by_loops(steps, size):
    """Return an `explain` that searches for what a loop over steps does in each round.

    steps: the argument that holds them; the others are x and functions.
    """

    def explain(cases):
        wanted = finite_values(cases)
        if wanted is None:
            return None
        calls = [case.example.arguments for case in cases]
        examples = [call | {"steps": call[steps]} for call in calls]
        functions = [name for name in examples[0] if name not in ("x", "steps", steps)]
        found = loops(wanted, examples, functions, size)
        if found is None:
            return None
        end = "" if found[1] == "x" else f", and {found[1]} at the end"
        names = re.findall(r"\w+", " ".join(found))
        said = "(start is the first x, all the sum of every x so far.)"
        return (
            f"your numbers are those of x = {found[0]} for each step{end}",
            said if "start" in names or "all" in names else "",
        )

    return explain


# what the two halves of a block compute


# A half is looked for as a tree: "x", or (name of a step or of a join, trees of what it is given).
JOINS = {  # of a half's input and what its step makes
    "{0} + {1}": np.add,
    "{0} - {1}": np.subtract,
    "{0} * {1}": np.multiply,
    "2 * {0} + {1}": lambda skip, made: 2 * skip + made,
    "{0} + 2 * {1}": lambda skip, made: skip + 2 * made,
    "{0} - 2 * {1}": lambda skip, made: skip - 2 * made,
    "({0} + {1}) / 2": lambda skip, made: (skip + made) / 2,
}
USUAL = {  # norm before, step, norm behind, skip, how it is joined, norm at the end, what is read
    "pre": ("own", "own", "", "plain", "{0} + {1}", "", "plain"),
    "post": ("", "own", "", "plain", "{0} + {1}", "own", "plain"),
}
MAX_CHANGES = 3


@cache
def _ways(norm, other_norm, step, other_step, start, usual):
    """Return (what is unusual, tree of names) for each way to compute one half of a block."""
    norms = {"": (), "own": (norm,), "other": (other_norm,)}  # in the order in which they are done
    many_norms = {"both": (norm, other_norm), "twice": (norm, norm), "turned": (other_norm, norm)}
    steps = {"own": (step,), "twice": (step, step), "other": (other_step,)}
    skips = {"plain": start, "own": (norm, start), "other": (other_norm, start), "": None}
    skips["both"] = ("{0} + {1}", start, (norm, start))
    reads = {"plain": start}
    if start != "x":
        skips, reads = skips | {"x": "x"}, reads | {"x": "x"}
    ways = []
    for choice in product(norms | many_norms, steps, norms, skips, JOINS, norms, reads):
        unusual = tuple(c if c != u else None for c, u in zip(choice, USUAL[usual], strict=True))
        before, made, behind, skip, join, end, read = choice
        if _count(unusual) > MAX_CHANGES or (not skip and "+" not in join):
            continue
        names = (norms | many_norms)[before] + steps[made] + norms[behind]
        tree = _applied(names, reads[read])
        tree = (join, skips[skip], tree) if skip else tree
        if start in _written(tree):  # else nothing is known of the first half
            ways.append((_count(unusual), unusual, _applied(norms[end], tree)))
    return sorted(ways, key=itemgetter(0))


def _applied(names, tree):
    """Return the tree of steps that are done one after the other."""
    return reduce(lambda inner, name: (name, inner), names, tree)


def _count(unusual):
    return len(unusual) - unusual.count(None)


def _value(tree, known):
    """Return the value of a tree; known: values and functions by name, and what is found out."""
    if tree not in known:
        sign, *inner = tree
        function = JOINS.get(sign) or known[sign]
        known[tree] = _computed(function, *(_value(part, known) for part in inner))
    return known[tree]


def _written(tree):
    """Write a tree as a student would."""
    if isinstance(tree, str):
        return tree
    sign, *inner = tree
    texts = [_written(part) for part in inner]
    return sign.format(*texts) if sign in JOINS else f"{sign}({texts[0]})"


def halves(wanted, examples, norms):
    """Return the trees of what the two halves of a block compute, or None.

    examples: x and the four steps by name; norms: "pre" or "post". Looked for are blocks with up to
    three changes, or with up to two where the norms or the halves have other places.
    """
    first_names = ("norm_1", "norm_2", "attention", "feed_forward")
    names = (first_names, ("norm_2", "norm_1", "feed_forward", "attention"))
    fewest, found = MAX_CHANGES + 1, None
    for usual, (one, other) in product(USUAL, (names, names[::-1])):
        most = MAX_CHANGES if usual == norms and one is first_names else MAX_CHANGES - 1
        seconds = _ways(*other, "h", usual)
        with_few = [[(m, tree) for m, _, tree in seconds if m <= n] for n in range(most + 1)]
        alike = {unusual: tree for _, unusual, tree in seconds}
        for count, unusual, first in _ways(*one, "x", usual):
            known = dict(examples[0])
            known["h"] = _value(first, known)
            if known["h"] is None:
                continue
            tried = (
                [(count + m, tree) for m, tree in with_few[most - count]] if count <= most else []
            )
            if unusual in alike:  # in both halves, so it counts once
                tried.append((count, alike[unusual]))
            for changes, second in tried:
                if changes < fewest and _fits(_value(second, known), wanted[0]):
                    pairs = zip(examples, wanted, strict=True)
                    if all(_fits(_of_halves(first, second, e), want) for e, want in pairs):
                        fewest, found = changes, (first, second)
    return found


def _of_halves(first, second, example):
    """Return what two halves compute in an example."""
    known = dict(example)
    known["h"] = _value(first, known)
    return _value(second, known)


def by_halves(norms, right, named=dict):
    """Return an `explain` that searches for what the two halves of a block compute.

    norms: "pre" or "post"; right: how the right halves are written; named: of the arguments, x and
    the four steps by name.
    """

    def explain(cases):
        wanted = finite_values(cases)
        examples = [named(**case.example.arguments) for case in cases]
        found = wanted and halves(wanted, examples, norms)
        if not found:
            return None
        first, second = ("right" if _written(t) in right else _written(t) for t in found)
        return (
            f"your first half, h, is {first}, and your second half is {second}",
            "Or it is what gives the same numbers.",
        )

    return explain


# a count, as a sum of products


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
