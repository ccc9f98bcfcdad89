"""Exercises of notebook 05: position vectors, the sum, a test for order, a clock of your own."""

from itertools import product

import numpy as np

from helpers import positional_encoding, self_attention
from helpers.exercises import formulas
from helpers.exercises.check import Exercise, edge, example
from helpers.exercises.variants import Part, Program, function, operation, scaling, unchanged
from helpers.positional_encoding import sinusoidal


def _code_recipe(do, seq_len, d_model):
    column = np.arange(d_model)
    speed = do.base(d_model) ** -(do.exponent(column, d_model, seq_len))
    angle = do.angle(do.positions(seq_len)[:, None] * speed)  # (seq_len, d_model)
    waves = np.where(do.is_sine(column, d_model), do.sine(angle), do.cosine(angle))
    return do.end(waves)


COLUMNS = {  # what may be taken for 2i, of each column
    "2i": lambda column: 2 * (column // 2),
    "the column j": lambda column: column,
    "2j, of the column j": lambda column: 2 * column,
    "i, not 2i,": lambda column: column // 2,
    "4i": lambda column: 4 * (column // 2),
    "2i + 2": lambda column: 2 * (column // 2) + 2,
    "2i + 1": lambda column: 2 * (column // 2) + 1,
    "2i, for an odd column that of the next pair,": lambda column: 2 * ((column + 1) // 2),
    "−2i": lambda column: -2 * (column // 2),
    "0": lambda column: 0 * column,
}
WIDTHS = {  # and for d_model
    "d_model": lambda d, n: d,
    "d_model − 1": lambda d, n: max(d - 1, 1),
    "d_model + 1": lambda d, n: d + 1,
    "2·d_model": lambda d, n: 2 * d,
    "d_model / 2": lambda d, n: d / 2,
    "√d_model": lambda d, n: d**0.5,
    "seq_len": lambda d, n: n,
    "1": lambda d, n: 1,
    "512": lambda d, n: 512,
    "(d_model rounded up to an even number)": lambda d, n: d + d % 2,
    "(d_model rounded down to an even number)": lambda d, n: max(d - d % 2, 1),
    "the number of pairs": lambda d, n: (d + 1) // 2,
    "the number of pairs − 1": lambda d, n: max((d + 1) // 2 - 1, 1),
}
EXPONENTS = {
    "odd columns have an exponent of their own": lambda column, d, n: column / d,
    "the exponent of each pair is half of what it should be": lambda c, d, n: (c // 2) / d,
    "the exponent of each pair is twice what it should be": lambda c, d, n: 4 * (c // 2) / d,
    "2 times the column in the exponent": lambda column, d, n: 2 * column / d,
    "the sign of the exponent is missing": lambda column, d, n: -2 * (column // 2) / d,
    "every pair has the same wave": lambda column, d, n: 0.0 * column,
}
CODE_PARTS = {
    "exponent": Part(
        lambda column, d_model, seq_len: 2 * (column // 2) / d_model,
        changes=EXPONENTS,
        others={
            f"the exponent is {above} / {below}": lambda c, d, n, f=f, g=g: f(c) / g(d, n)
            for (above, f), (below, g) in product(COLUMNS.items(), WIDTHS.items())
        },
    ),
    "base": Part(
        lambda d_model: 10000.0,
        changes={
            f"base {base:g} in place of 10000": lambda d_model, base=base: base
            for base in (1000.0, 100000.0, 100.0, 10.0, 2.0, 1024.0, np.e)
        },
    ),
    "positions": Part(
        np.arange,
        changes={
            "positions start at 1": lambda seq_len: np.arange(seq_len) + 1,
            "positions are divided by seq_len": lambda seq_len: np.arange(seq_len) / seq_len,
            "positions run from 0 to 1": lambda seq_len: np.linspace(0, 1, seq_len),
            "every word has position 0": np.zeros,
            "every word has position 1": np.ones,
        },
    ),
    "angle": Part(unchanged, makes="the angles, before sine and cosine"),
    "is_sine": Part(
        lambda column, d_model: column % 2 == 0,
        changes={
            "sine and cosine have changed places": lambda column, d_model: column % 2 == 1,
            "the left half are sines, the right half cosines": lambda c, d_model: c < d_model / 2,
        },
    ),
    "sine": function("the sine", np.sin),
    "cosine": function("the cosine", np.cos),
    "end": Part(
        unchanged,
        makes="the table",
        changes={"all sines first": lambda waves: np.hstack([waves[:, ::2], waves[:, 1::2]])},
    ),
}


def _without_brackets(seq_len, d_model):
    column = np.arange(d_model)
    angle = np.arange(seq_len)[:, None] * (10000.0**-2 * (column // 2) / d_model)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def _even_only(seq_len, d_model):
    if d_model % 2 and d_model > 1:
        raise ValueError("one cosine too many for an odd width")
    return sinusoidal(seq_len, d_model)


def _on_odd_widths(change):
    """Return a code that is changed where the width is odd."""
    return lambda n, d: change(sinusoidal(n, d), n, d) if d % 2 else sinusoidal(n, d)


CODE = Exercise(
    Program(_code_recipe, CODE_PARTS),
    [
        example("4 columns", seq_len=3, d_model=4),
        example("6 columns", seq_len=2, d_model=6),
        example("8 columns", seq_len=5, d_model=8),
        example("12 columns, 50 positions", seq_len=50, d_model=12),
        example("20 columns, 300 positions", seq_len=300, d_model=20),
        example("as many words as columns", seq_len=4, d_model=4),
        edge("5 columns", seq_len=3, d_model=5),
        edge("1 column", seq_len=4, d_model=1),
        edge("7 columns", seq_len=6, d_model=7),
        edge("one position", seq_len=1, d_model=4),
    ],
    {
        "brackets are missing around the exponent": _without_brackets,
        "odd widths crash": _even_only,
        "the last column of an odd width stays empty": _on_odd_widths(
            lambda code, n, d: code * (np.arange(d) < d - 1)
        ),
        "an odd width loses its last column": _on_odd_widths(lambda code, n, d: code[:, :-1]),
        "an odd width gets one column too many": _on_odd_widths(
            lambda _, n, d: sinusoidal(n, d + 1)
        ),
    },
)


def check_code(function):
    """Check function(seq_len, d_model): the table of position vectors."""
    return CODE.check(function)


def _input_recipe(do, x, code):
    return do.add(do.scale(x), do.place(code, x))


def _root_of_axis(axis):
    return lambda x: x * np.sqrt(x.shape[axis])


INPUT_PARTS = {
    "scale": scaling(
        _root_of_axis(-1),
        "the scaled words",
        {
            "d_model": lambda x: x.shape[-1],
            "the number of words": lambda x: x.shape[-2],
            "the number of sentences": len,
        },
        {
            "the words are not scaled": unchanged,
            "the words are divided by √d_model": lambda x: x / np.sqrt(x.shape[-1]),
            "multiplied by d_model, not by its root": lambda x: x * x.shape[-1],
            "scaled by the number of words": _root_of_axis(-2),
            "each number's own root is taken": np.sqrt,
        },
        ("times √{0}", "times {0}"),
    ),
    "place": Part(
        unchanged,
        changes={
            "one position vector for each sentence": [
                lambda code, x: code[: len(x), None],
                lambda code, x: code[np.arange(len(x)) % len(code), None],
            ],
            "only the first sentence got a position vector": lambda code, x: (
                code * (np.arange(len(x)) == 0)[:, None, None]
            ),
            "positions go on counting from sentence to sentence": lambda code, x: sinusoidal(
                len(x) * len(code), code.shape[-1]
            ).reshape(x.shape),
        },
    ),
    "add": operation(
        "the scaled words",
        "the position vectors",
        np.add,
        changes={
            "laid side by side": lambda words, code: np.concatenate(
                [words, np.broadcast_to(code, words.shape)], axis=-1
            )
        },
    ),
}


def _batch(trait, sentences, seq_len, d_model, seed, make=example):
    rng = np.random.default_rng(seed)
    return make(
        trait,
        x=rng.normal(0.5, 1, (sentences, seq_len, d_model)).round(1),
        code=sinusoidal(seq_len, d_model),
    )


INPUT = Exercise(
    Program(_input_recipe, INPUT_PARTS),
    [
        example(
            "two sentences",
            x=[[[1, 0, 1, 0], [0, 2, 0, 1]], [[3, 1, 0, 0], [1, 1, 1, -1]]],
            code=[[0, 1, 0, 1], [0.5, 0.5, 0, 1]],
        ),
        _batch("three sentences of width 9", 3, 3, 9, 0),
        _batch("four sentences of two words", 4, 2, 6, 1),
        _batch("three sentences of seventy words", 3, 70, 4, 4),
        _batch("one sentence", 1, 2, 4, 2, edge),
        _batch("two sentences of five words", 2, 5, 5, 3, edge),
    ],
    {
        "the sum is scaled": lambda x, code: (x + code) * np.sqrt(x.shape[-1]),
        "the position vector is scaled, not the words": lambda x, code: x + _root_of_axis(-1)(code),
    },
    sizes=lambda x, code: {"d_model": x.shape[-1], "the number of words": x.shape[-2]},
    outer="sentences",
)


def check_input(function):
    """Check function(x, code): a batch of scaled words plus the vector of each position."""
    return INPUT.check(function)


# steps that are equivariant, or are not in one respect


def _attention(x):
    params = self_attention.init(x.shape[-1], 3, np.random.default_rng(0))
    return self_attention.forward(x, params).out


def _is_shuffled(x):
    return not (np.diff(x[:, 0]) > 0).all()


def change_place(place, by, column=slice(None)):
    """Return a step that changes one place only."""

    def change_one_place(x):
        out = x.copy()
        out[place, column] += by
        return out

    return change_one_place


STEPS = {
    "attention": _attention,
    "doubling": lambda x: 2 * x,
    "adding the sum": lambda x: x + np.cumsum(x, axis=0)[-1],  # equal up to the sum's rounding
    "adding positions": lambda x: positional_encoding.forward(x).out,
    "adding up in order": lambda x: np.cumsum(x, axis=0),
    "sorting": lambda x: np.sort(x, axis=0),
    "turning round": lambda x: x[::-1],
    "subtracting 1 from shuffled words": lambda x: x - _is_shuffled(x),
    "adding 1 to shuffled words": lambda x: x + _is_shuffled(x),
    "changing the first place": change_place(0, 1.5),
    "changing the last place": change_place(-1, -2.5),
    "changing the middle place": change_place(1, 0.75),
    "changing the first place by 1000": change_place(0, 1000.0),
    "changing the first column of one place": change_place(1, 3.0, 0),
    "changing the last column of one place": change_place(1, 3.0, -1),
    "changing the last column of each place by its number": lambda x: (
        x + np.outer(np.arange(len(x)), np.arange(x.shape[1]) == x.shape[1] - 1)
    ),
    "changing one place by 0.03": change_place(2, 0.03),
    "changing one place by 0.0005": change_place(0, 0.0005),
    "turning the sign of the first place": lambda x: np.vstack([-x[:1], x[1:]]),
    "reversing the numbers of the first place": lambda x: np.vstack([x[:1, ::-1], x[1:]]),
    "changing two numbers of the first place so that their sum stays": lambda x: (
        x + np.outer(np.arange(len(x)) == 0, 0.5 - np.arange(x.shape[1]) % 2)
    ),
    "changing two places so that the sum stays": lambda x: (
        x + np.resize([1.0, -1.0], len(x))[:, None] * (len(x) % 2 == 0)
    ),
    "numbers of a hundred thousand": lambda x: 1e5 * x + np.cumsum(1e5 * x, axis=0)[-1],
}
for _name, _step in STEPS.items():
    _step.__name__ = _name


def _equivariance_recipe(do, step, x, order):
    shuffled_first = do.left(step, x, order)
    shuffled_last = do.right(step, x, order)
    return do.same(do.seen(shuffled_first), do.seen(shuffled_last))


def _within_bounds(bound):
    return lambda one, other: bool(np.allclose(one, other, atol=bound))


EQUIVARIANT_PARTS = {
    "left": Part(
        lambda step, x, order: step(x[order]),
        changes={
            "nothing is shuffled before the step": lambda step, x, order: step(x),
            "the input is compared, not the result of the step": lambda step, x, order: x[order],
        },
    ),
    "right": Part(
        lambda step, x, order: step(x)[order],
        changes={"this asks for invariance": lambda step, x, order: step(x)},
    ),
    "seen": Part(
        unchanged,
        changes={
            "only a mean or a sum is compared": lambda out: out.mean(axis=0),
            "only the sum of all numbers is compared": lambda out: out.sum(),
            "only the first row is compared": lambda out: out[0],
            "only the last row is compared": lambda out: out[-1],
            "only the first column is compared": lambda out: out[:, 0],
            "only the last column is compared": lambda out: out[:, -1],
            "only the sorted numbers are compared": lambda out: np.sort(out, axis=0),
            "only the lengths of the rows are compared": lambda out: np.linalg.norm(out, axis=-1),
            "only the largest number of each row is compared": lambda out: out.max(axis=-1),
            "only the sum of each row is compared": lambda out: out.sum(axis=-1),
            "only the sizes are compared": lambda out: np.zeros(out.shape),
        },
    ),
    "same": Part(
        lambda one, other: bool(np.allclose(one, other)),
        changes={
            "compared to the last digit": lambda one, other: bool(np.array_equal(one, other)),
            "the difference is taken without its sign": [
                lambda one, other: bool((one - other).max() < 1e-8),
                lambda one, other: bool((one - other).min() > -1e-8),
            ],
            "one equal row is enough": lambda a, b: bool(np.isclose(a, b).all(axis=-1).any()),
            "one equal number is enough": lambda one, other: bool(np.isclose(one, other).any()),
            "True and False have changed places": lambda one, other: not np.allclose(one, other),
            **{
                f"a difference of {difference} counts as equal": _within_bounds(bound)
                for difference, bound in {0.0005: 0.001, 0.03: 0.1, 1: 1, 3: 10}.items()
            },
            "a fixed bound is used, however large the numbers are": lambda one, other: bool(
                np.abs(one - other).max() < 1e-12
            ),
        },
    ),
}
_THREE = np.array([[0.1, 0.1], [0.2, -1.2], [0.3, 2]])
_FIVE = np.array([[0.1, 0.7, -1], [0.3, -0.4, 2], [0.6, 1.1, 0.2], [0.8, -2, 0.5], [0.9, 0, -3]])


_SEVENTY = np.random.default_rng(6).normal(0, 1, (70, 3))
_SEVENTY_ORDER = np.random.default_rng(7).permutation(70)


def _of(step, x=_THREE, order=(1, 2, 0), trait=""):
    """Return an example of a step, or of one of STEPS by its name."""
    if isinstance(step, str):
        step, trait = STEPS[step], step + trait
    return example(trait, step=step, x=x, order=np.array(order))


EQUIVARIANT = Exercise(
    Program(_equivariance_recipe, EQUIVARIANT_PARTS),
    [
        *map(_of, list(STEPS)[:-2]),
        _of("changing two places so that the sum stays", _FIVE[:4], (2, 0, 3, 1)),
        _of("attention", _FIVE, (1, 0, 2, 3, 4), ", two words change places"),
        _of("sorting", _FIVE, (0, 1, 4, 3, 2), ", two words change places"),
        _of("adding positions", _FIVE, range(5), ", in an order that changes nothing"),
        *(
            _of(name, _FIVE, (3, 0, 4, 1, 2), " of five words")
            for name in ("attention", "adding positions", "numbers of a hundred thousand")
        ),
        _of("adding up in order", _SEVENTY, _SEVENTY_ORDER, " of seventy words"),
        _of("doubling", _SEVENTY, _SEVENTY_ORDER, " of seventy words"),
        _of(change_place(-1, 2.0), _SEVENTY, _SEVENTY_ORDER, "changing the last place of seventy"),
        _of(change_place(2, -1.0), _FIVE, (3, 0, 4, 1, 2), "changing the middle place of five"),
    ],
    {
        "True in every example": lambda step, x, order: True,
        "False in every example": lambda step, x, order: False,
        "shuffled once more, or in the wrong direction": lambda step, x, order: bool(
            np.allclose(step(x[order])[order], step(x))
        ),
    },
)


def check_equivariant(function):
    """Check function(step, x, order): is the step equivariant for this order of the words?"""
    return EQUIVARIANT.check(function)


def _base_formula(cases):
    """Write the base as a formula in d_model."""
    wanted = formulas.finite_values(cases)
    if wanted is None:
        return None
    widths = np.array([float(case.example.arguments["d_model"]) for case in cases])
    values = {"d_model": widths} | {n: 0 * widths + float(n) for n in ("2", "1", "10000", "4", "3")}
    functions = {"√": np.sqrt, "ln": np.log, "e^": np.exp}
    text = formulas.search(
        [np.array(wanted)],
        [values | functions],
        values,
        functions,
        ("/", "**", "*", "-", "+", "//", "^"),
    )
    text = text or _as_power(np.array(wanted), widths)
    return text and (
        f"your numbers are those of {text}",
        "In Python, ** is the power and ^ is not." * (" ^ " in text)
        or "The ratio of neighbouring waves is base^(2 / d_model); it shall be 2.",
    )


def _as_power(wanted, widths):
    """Write numbers as a factor times a power with d_model in its exponent, or return None."""
    for exponent, values in {
        "d_model": widths,
        "(d_model / 2)": widths / 2,
        "(1 / d_model)": 1 / widths,
        "(2 / d_model)": 2 / widths,
        "(d_model // 2)": widths // 2,
        "((d_model - 1) // 2)": (widths - 1) // 2,
        "((d_model + 1) // 2)": (widths + 1) // 2,
    }.items():
        slope, start = np.polyfit(values, np.log(wanted), 1) if (wanted > 0).all() else (0, 0)
        if slope and np.allclose(np.exp(slope * values + start), wanted, rtol=1e-6):
            factor, base = (f"{np.exp(n):.6g}" for n in (start, slope))
            return f"{base} ** {exponent}" if factor == "1" else f"{factor} * {base} ** {exponent}"
    return None


BASE = Exercise(
    lambda d_model: 2.0 ** (d_model / 2),
    [
        example(f"d_model {width}", d_model=width)
        for width in (4, 8, 6, 2, 16, 64, 130, 1, 5, 9, 600)
    ],
    {
        "the ratio taken for the base": lambda d_model: 2,
        "the paper's base": lambda d_model: 10000,
        "one wave for each column": lambda d_model: 2.0**d_model,
        "the power turned round": lambda d_model: 2.0 ** (2 / d_model),
    },
    explain=_base_formula,
)


def check_base(function):
    """Check function(d_model): the base that makes each wave twice as long."""
    return BASE.check(function)
