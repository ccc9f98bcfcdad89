"""Exercises of notebook 05: position vectors, the sum, a test for order, a clock of your own."""

import numpy as np

from helpers import positional_encoding, self_attention
from helpers.exercises import formulas
from helpers.exercises.check import Exercise, calm, edge, example
from helpers.exercises.skip_connections import finite_values
from helpers.exercises.variants import Part, Program


def _code_recipe(do, seq_len, d_model):
    column = np.arange(d_model)
    speed = do.base(d_model) ** -(do.exponent(column, d_model))
    angle = do.angle(do.positions(seq_len)[:, None] * speed)  # (seq_len, d_model)
    waves = np.where(do.is_sine(column, d_model), do.sine(angle), do.cosine(angle))
    return do.end(waves)


def _constant(value):
    return lambda d_model: value


CODE_PARTS = {
    "exponent": Part(
        lambda column, d_model: 2 * (column // 2) / d_model,
        changes={
            "odd columns have an exponent of their own": lambda column, d_model: column / d_model,
            "the exponent of each pair is half of what it should be": lambda column, d_model: (
                (column // 2) / d_model
            ),
            "the exponent of each pair is twice what it should be": lambda column, d_model: (
                4 * (column // 2) / d_model
            ),
            "2 times the column in the exponent": lambda column, d_model: 2 * column / d_model,
            "the sign of the exponent is missing": lambda column, d_model: (
                -2 * (column // 2) / d_model
            ),
            "i counts pairs from 1": lambda column, d_model: 2 * (column // 2 + 1) / d_model,
            "the exponent is divided by d_model − 1": lambda column, d_model: (
                2 * (column // 2) / max(d_model - 1, 1)
            ),
            "the exponent is not divided by d_model": lambda column, d_model: 2.0 * (column // 2),
            "every pair has the same wave": lambda column, d_model: 0.0 * column,
            "an odd column takes the exponent of the next pair": lambda column, d_model: (
                2 * ((column + 1) // 2) / d_model
            ),
            "an odd width is rounded up in the exponent": lambda column, d_model: (
                2 * (column // 2) / (d_model + d_model % 2)
            ),
            "an odd width is rounded down in the exponent": lambda column, d_model: (
                2 * (column // 2) / max(d_model - d_model % 2, 1)
            ),
        },
    ),
    "base": Part(
        _constant(10000.0),
        changes={
            f"base {base:g} in place of 10000": _constant(base)
            for base in (1000.0, 100000.0, 100.0, 10.0, 2.0, 1024.0, np.e)
        },
    ),
    "positions": Part(
        np.arange,
        changes={
            "positions start at 1": lambda seq_len: np.arange(seq_len) + 1,
            "positions are divided by seq_len": lambda seq_len: np.arange(seq_len) / seq_len,
            "positions run from 0 to 1": lambda seq_len: np.linspace(0, 1, seq_len),
            "every word has position 0": lambda seq_len: np.zeros(seq_len),
            "every word has position 1": lambda seq_len: np.ones(seq_len),
        },
    ),
    "angle": Part(
        lambda angle: angle,
        makes="the angles, before sine and cosine",
        changes={
            "the angle is taken in degrees": np.deg2rad,
            "the angle is turned into degrees": np.rad2deg,
            "the angle is multiplied by 2π": lambda a: 2 * np.pi * a,
        },
    ),
    "is_sine": Part(
        lambda column, d_model: column % 2 == 0,
        changes={
            "sine and cosine have changed places": lambda column, d_model: column % 2 == 1,
            "the left half are sines, the right half cosines": lambda column, d_model: (
                column < d_model / 2
            ),
        },
    ),
    "sine": Part(
        np.sin,
        changes={
            "even columns are cosines too": np.cos,
            "even columns stay 0": np.zeros_like,
        },
    ),
    "cosine": Part(
        np.cos,
        changes={
            "odd columns are sines too": np.sin,
            "odd columns stay 0": np.zeros_like,
            "odd columns are tangents": np.tan,
        },
    ),
    "end": Part(
        lambda waves: waves,
        changes={"all sines first": lambda waves: np.hstack([waves[:, ::2], waves[:, 1::2]])},
    ),
}
CODE_PROGRAM = Program(_code_recipe, CODE_PARTS)


def _without_brackets(seq_len, d_model):
    column = np.arange(d_model)
    angle = np.arange(seq_len)[:, None] * (10000.0**-2 * (column // 2) / d_model)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def _even_only(seq_len, d_model):
    code = np.zeros((seq_len, d_model))
    angle = np.outer(np.arange(seq_len), 10000.0 ** (-np.arange(0, d_model, 2) / d_model))
    code[:, 0::2] = np.sin(angle)
    code[:, 1::2] = np.cos(angle)  # one cosine too many for an odd width
    return code


def _last_column(fill):
    def code(seq_len, d_model):
        table = positional_encoding.sinusoidal(seq_len, d_model)
        if d_model % 2:
            table[:, -1] = fill
        return table

    return code


def _one_column_more_or_less(step):
    def code(seq_len, d_model):
        width = d_model + step * (d_model % 2)
        table = positional_encoding.sinusoidal(seq_len, d_model + 1) if width > d_model else None
        return (
            positional_encoding.sinusoidal(seq_len, d_model)[:, :width] if table is None else table
        )

    return code


CODE = Exercise(
    CODE_PROGRAM,
    [
        example("4 columns", seq_len=3, d_model=4),
        example("6 columns", seq_len=2, d_model=6),
        example("8 columns", seq_len=5, d_model=8),
        example("12 columns, 50 positions", seq_len=50, d_model=12),
        example("as many words as columns", seq_len=4, d_model=4),
        edge("5 columns", seq_len=3, d_model=5),
        edge("1 column", seq_len=4, d_model=1),
        edge("7 columns", seq_len=6, d_model=7),
        edge("one position", seq_len=1, d_model=4),
    ],
    {
        "brackets are missing around the exponent": _without_brackets,
        "odd widths crash": _even_only,
        "the last column of an odd width stays empty": _last_column(0),
        "an odd width loses its last column": _one_column_more_or_less(-1),
        "an odd width gets one column too many": _one_column_more_or_less(1),
    },
)


@calm
def check_code(function):
    """Check function(seq_len, d_model): the table of position vectors."""
    return CODE.check(function)


def _input_recipe(do, x, code):
    return do.add(do.scale(x), do.place(code, x))


def _repeated(axis):
    """Return a function that hands a code out along another axis."""
    return lambda code, x: np.expand_dims(code, axis)


INPUT_PARTS = {
    "scale": Part(
        lambda x: x * np.sqrt(x.shape[-1]),
        makes="the scaled words, without the position vectors",
        changes={
            "divided by √d_model": lambda x: x / np.sqrt(x.shape[-1]),
            "the words are not scaled": lambda x: x,
            "divided by d_model": lambda x: x / x.shape[-1],
            "scaled by the number of words": lambda x: x * np.sqrt(x.shape[-2]),
            "scaled by the root of the number of sentences": lambda x: x * np.sqrt(len(x)),
            "multiplied by 2 for every width": lambda x: 2 * x,
            "multiplied by √512 for every width": lambda x: x * np.sqrt(512),
            "each number's own root is taken": np.sqrt,
        },
    ),
    "place": Part(
        lambda code, x: code,
        changes={
            "one position vector for each sentence": lambda code, x: code[:, None],
            "only the first sentence got a position vector": lambda code, x: (
                code * (np.arange(len(x)) == 0)[:, None, None]
            ),
            "only the first word of each sentence got a position vector": lambda code, x: (
                code * (np.arange(len(code)) == 0)[:, None]
            ),
            "every word got the position vector of the last position": lambda code, x: code[-1:],
            "each word got the position vector of the next position": lambda code, x: np.roll(
                code, -1, axis=0
            ),
            "positions go on counting from sentence to sentence": lambda code, x: (
                positional_encoding.sinusoidal(len(x) * len(code), code.shape[-1]).reshape(x.shape)
            ),
        },
    ),
    "add": Part(
        np.add,
        changes={
            "the position vectors are multiplied": np.multiply,
            "laid side by side": lambda words, code: np.concatenate(
                [words, np.broadcast_to(code, words.shape)], axis=-1
            ),
        },
    ),
}


def _batch(trait, sentences, seq_len, d_model, seed, make=example):
    rng = np.random.default_rng(seed)
    return make(
        trait,
        x=rng.normal(0.5, 1, (sentences, seq_len, d_model)).round(1),
        code=positional_encoding.sinusoidal(seq_len, d_model),
    )


_WORDS = np.array([[[1.0, 0, 1, 0], [0, 2, 0, 1]], [[3, 1, 0, 0], [1, 1, 1, -1]]])
INPUT = Exercise(
    Program(_input_recipe, INPUT_PARTS),
    [
        example("two sentences", x=_WORDS, code=np.array([[0.0, 1, 0, 1], [0.5, 0.5, 0, 1]])),
        _batch("three sentences of width 9", 3, 3, 9, 0),
        _batch("four sentences of two words", 4, 2, 6, 1),
        _batch("one sentence", 1, 2, 4, 2, edge),
        _batch("two sentences of five words", 2, 5, 5, 3, edge),
    ],
    {
        "the sum is scaled": lambda x, code: (x + code) * np.sqrt(x.shape[-1]),
        "the position vector is scaled, not the words": lambda x, code: (
            x + code * np.sqrt(x.shape[-1])
        ),
    },
    sizes=lambda x, code: {"d_model": x.shape[-1], "the number of words": x.shape[-2]},
)


@calm
def check_input(function):
    """Check function(x, code): a batch of scaled words plus the vector of each position."""
    return INPUT.check(function)


# steps that are equivariant, or are not in one respect


def attention(x):
    """Attention without positions."""
    params = self_attention.init(x.shape[-1], 3, np.random.default_rng(0))
    return self_attention.forward(x, params).out


def double(x):
    """Each word by itself."""
    return 2 * x


def add_code(x):
    """Adding positions."""
    return positional_encoding.forward(x).out


def add_up(x):
    """Reading in order, each word added to the sum so far."""
    return np.cumsum(x, axis=0)


def add_the_sum(x):
    """Adding to each word the sum of all; equal up to the rounding of the sum."""
    return x + np.cumsum(x, axis=0)[-1]


def sort_words(x):
    """Sorting each column: invariant."""
    return np.sort(x, axis=0)


def turn_round(x):
    """Reading backwards: done twice, it is as if nothing had been done."""
    return x[::-1]


def _is_in_order(x):
    return bool((np.diff(x[:, 0]) > 0).all())


def less_when_shuffled(x):
    """Subtracting 1 from every number, unless the words are in order."""
    return x - (not _is_in_order(x))


def more_when_shuffled(x):
    """Adding 1 to every number, unless the words are in order."""
    return x + (not _is_in_order(x))


def change_place(place, by, column=slice(None)):
    """Return a step that changes one place only."""

    def change_one_place(x):
        out = x.copy()
        out[place, column] += by
        return out

    return change_one_place


def swap_signs(x):
    """Changing two places so that the sum stays the same."""
    return x + np.resize([1.0, -1.0], len(x))[:, None] * (len(x) % 2 == 0)


def large_numbers(x):
    """Each word by itself, with numbers of a hundred thousand."""
    return 1e5 * x + np.cumsum(1e5 * x, axis=0)[-1]


def _equivariance_recipe(do, step, x, order):
    shuffled_first = do.left(step, x, order)
    shuffled_last = do.right(step, x, order)
    return do.same(do.seen(shuffled_first), do.seen(shuffled_last))


def _difference(one, other):
    return one - other


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
        changes={
            "this asks for invariance": lambda step, x, order: step(x),
        },
    ),
    "seen": Part(
        lambda out: out,
        changes={
            "only a mean or a sum is compared": lambda out: out.mean(axis=0),
            "only the first row is compared": lambda out: out[0],
            "only the last row is compared": lambda out: out[-1],
            "only the first column is compared": lambda out: out[:, 0],
            "only the last column is compared": lambda out: out[:, -1],
            "only the sorted numbers are compared": lambda out: np.sort(out, axis=0),
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
            "one equal row is enough": lambda one, other: bool(
                np.isclose(one, other).all(axis=-1).any()
            ),
            "True and False have changed places": lambda one, other: not np.allclose(one, other),
            "differences of up to 0.1 count as equal": lambda one, other: bool(
                np.allclose(one, other, atol=0.1)
            ),
            "differences of up to 1 count as equal": lambda one, other: bool(
                np.allclose(one, other, atol=1)
            ),
            "a fixed bound is used, however large the numbers are": lambda one, other: bool(
                np.abs(one - other).max() < 1e-12
            ),
        },
    ),
}
_SENTENCE = np.array([[0.1, 0.1], [0.2, -1.2], [0.3, 2]])
_ORDER = np.array([1, 2, 0])
_LONG = np.array([[0.1, 0.7, -1], [0.3, -0.4, 2], [0.6, 1.1, 0.2], [0.8, -2, 0.5], [0.9, 0, -3]])
_LONG_ORDER = np.array([3, 0, 4, 1, 2])
STEPS = {
    "attention": attention,
    "a step that doubles": double,
    "a step that adds the sum": add_the_sum,
    "a step that adds positions": add_code,
    "a step that adds up in order": add_up,
    "a step that sorts": sort_words,
    "a step that turns the sentence round": turn_round,
    "a step that subtracts 1 where words are shuffled": less_when_shuffled,
    "a step that adds 1 where words are shuffled": more_when_shuffled,
    "a step that changes the first place": change_place(0, 1.5),
    "a step that changes the last place": change_place(-1, -2.5),
    "a step that changes the middle place": change_place(1, 0.75),
    "a step that changes the first place by 1000": change_place(0, 1000.0),
    "a step that changes the first column of one place": change_place(1, 3.0, 0),
    "a step that changes the last column of one place": change_place(1, 3.0, -1),
    "a step that changes one place by 0.03": change_place(2, 0.03),
    "a step that changes one place by 0.0005": change_place(0, 0.0005),
}
EQUIVARIANT = Exercise(
    Program(_equivariance_recipe, EQUIVARIANT_PARTS),
    [
        *(example(name, step=step, x=_SENTENCE, order=_ORDER) for name, step in STEPS.items()),
        example(
            "places that change so that the sum stays",
            step=swap_signs,
            x=_LONG[:4],
            order=np.array([2, 0, 3, 1]),
        ),
        example(
            "two words change places, attention",
            step=attention,
            x=_LONG,
            order=np.array([1, 0, 2, 3, 4]),
        ),
        example(
            "two words change places, sorted",
            step=sort_words,
            x=_LONG,
            order=np.array([0, 1, 4, 3, 2]),
        ),
        example("an order that changes nothing", step=add_code, x=_LONG, order=np.arange(5)),
        example("large numbers", step=large_numbers, x=_LONG, order=_LONG_ORDER),
        example("five words, attention", step=attention, x=_LONG, order=_LONG_ORDER),
        example("five words, positions", step=add_code, x=_LONG, order=_LONG_ORDER),
        example(
            "five words, a step that changes the middle place",
            step=change_place(2, -1.0),
            x=_LONG,
            order=_LONG_ORDER,
        ),
    ],
    {
        "always True": lambda step, x, order: True,
        "always False": lambda step, x, order: False,
        "shuffled once more, or in the wrong direction": lambda step, x, order: bool(
            np.allclose(step(x[order])[order], step(x))
        ),
    },
)


@calm
def check_equivariant(function):
    """Check function(step, x, order): is the step equivariant for this order of the words?"""
    return EQUIVARIANT.check(function)


def _base_formula(cases):
    """Write the base as a formula in d_model."""
    wanted = finite_values(cases)
    if wanted is None:
        return None
    widths = [np.array(float(case[0].arguments["d_model"])) for case in cases]
    leaves = {"d_model": widths}
    leaves |= {name: [np.array(float(name))] * len(widths) for name in ("2", "1", "10000", "4")}
    functions = {"√": [np.sqrt] * len(widths), "ln": [np.log] * len(widths)}
    functions["e^"] = [np.exp] * len(widths)
    text = formulas.search(wanted, leaves, functions, ("/", "**", "*", "-", "+"), 7)
    return text and (
        f"your numbers are those of {text}",
        "The ratio of neighbouring waves is base^(2 / d_model); it shall be 2.",
    )


BASE = Exercise(
    lambda d_model: 2.0 ** (d_model / 2),
    [example(f"d_model {width}", d_model=width) for width in (4, 8, 6, 2, 16, 5)],
    {
        "the ratio taken for the base": lambda d_model: 2,
        "the paper's base": lambda d_model: 10000,
        "one wave for each column": lambda d_model: 2.0**d_model,
        "the power turned round": lambda d_model: 2.0 ** (2 / d_model),
    },
    explain=_base_formula,
)


@calm
def check_base(function):
    """Check function(d_model): the base that makes each wave twice as long."""
    return BASE.check(function)
