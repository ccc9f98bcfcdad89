"""Exercises of notebook 05: the code, the sum, a test for order, and a clock of your own."""

import numpy as np

from helpers import positional_encoding, self_attention
from helpers.exercises.check import Exercise, Mistake


def _shared(column, d_model):
    return 10000.0 ** (-2 * (column // 2) / d_model)


def _code(frequency=_shared, sine=np.sin, cosine=np.cos, start=0):
    """Return a positional code with one thing done in another way."""

    def code(seq_len, d_model):
        column = np.arange(d_model)
        speed = frequency(column, d_model)
        angle = (np.arange(seq_len) + start)[:, None] * speed  # (seq_len, d_model)
        return np.where(column % 2 == 0, sine(angle), cosine(angle))

    return code


def _sines_first(seq_len, d_model):
    angle = np.arange(seq_len)[:, None] * positional_encoding.frequencies(d_model)[::2]
    return np.hstack([np.sin(angle), np.cos(angle)])[:, :d_model]


def _even_only(seq_len, d_model):
    if d_model % 2:
        raise ValueError("shapes do not fit")
    return positional_encoding.sinusoidal(seq_len, d_model)


def _last_column_empty(seq_len, d_model):
    code = positional_encoding.sinusoidal(seq_len, d_model)
    if d_model % 2:
        code[:, -1] = 0
    return code


CODE = Exercise(
    positional_encoding.sinusoidal,
    [{"seq_len": 3, "d_model": 4}, {"seq_len": 2, "d_model": 6}, {"seq_len": 5, "d_model": 8}],
    [
        Mistake(
            "all sines first",
            "The formula alternates: column 0 a sine, column 1 its cosine, column 2 the next "
            "sine. (Some libraries put sines first; this course does not.)",
            _sines_first,
        ),
        Mistake(
            "odd columns have an exponent of their own",
            "A sine and its cosine are one clock hand, so they share one frequency: columns 2i and "
            "2i + 1 both have 10000^(-2i / d_model).",
            _code(lambda column, d_model: 10000.0 ** (-column / d_model)),
        ),
        Mistake(
            "the exponent of each pair is half of what it should be",
            "It is 2i / d_model, and i counts pairs.",
            _code(lambda column, d_model: 10000.0 ** (-(column // 2) / d_model)),
        ),
        Mistake(
            "the exponent of each pair is twice what it should be",
            "It is 2i / d_model for columns 2i and 2i + 1: for column 2, i is 1.",
            _code(lambda column, d_model: 10000.0 ** (-4 * (column // 2) / d_model)),
        ),
        Mistake(
            "2 times the column in the exponent",
            "In the formula i counts pairs: columns 2i and 2i + 1. For column j, i is j // 2.",
            _code(lambda column, d_model: 10000.0 ** (-2 * column / d_model)),
        ),
        Mistake(
            "brackets are missing around the exponent",
            "10000 ** 2 * i / d_model is (10000²) · i / d_model. Write 10000 ** (2 * i / d_model).",
            _code(lambda column, d_model: 10000.0**-2 * (column // 2) / d_model),
        ),
        Mistake(
            "sine and cosine have changed places",
            "Even columns are sines, odd columns are cosines: at position 0 that is 0, 1, 0, 1.",
            _code(sine=np.cos, cosine=np.sin),
        ),
        Mistake(
            "positions start at 1",
            "The first position is 0, so the first row is 0, 1, 0, 1.",
            _code(start=1),
        ),
        Mistake(
            "odd widths crash",
            "With 5 columns the last sine stands alone: there are 3 sines and 2 cosines.",
            _even_only,
        ),
        Mistake(
            "the last column of an odd width stays empty",
            "With 5 columns the last sine stands alone; 5 // 2 pairs are one too few.",
            _last_column_empty,
        ),
    ],
    edges=[{"seq_len": 3, "d_model": 5}],
)


def check_code(function):
    """Check function(seq_len, d_model): the table of codes."""
    return CODE.check(function)


_WORDS = np.array([[[1.0, 0, 1, 0], [0, 2, 0, 1]], [[3, 1, 0, 0], [1, 1, 1, 1]]])

INPUT = Exercise(
    lambda x, code: x * np.sqrt(x.shape[-1]) + code,
    [
        {"x": _WORDS, "code": np.array([[0.0, 1, 0, 1], [0.5, 0.5, 0, 1]])},
        {"x": np.ones((3, 3, 9)), "code": positional_encoding.sinusoidal(3, 9)},
    ],
    [
        Mistake(
            "one code for each sentence",
            "All words of a sentence got the same code. x is (sentences, seq_len, d_model): the "
            "code belongs to the last two axes, and x + code puts it there.",
            lambda x, code: x * np.sqrt(x.shape[-1]) + code[:, None],
        ),
        Mistake(
            "divided by √d_model",
            "The paper multiplies the embeddings, so that the words do not drown in their codes.",
            lambda x, code: x / np.sqrt(x.shape[-1]) + code,
        ),
        Mistake(
            "the words are not scaled",
            "Multiply the embeddings by √d_model before the code is added.",
            lambda x, code: x + code,
        ),
        Mistake(
            "the sum is scaled",
            "Only the words are multiplied; the code is added after that.",
            lambda x, code: (x + code) * np.sqrt(x.shape[-1]),
        ),
        Mistake(
            "multiplied by d_model",
            "By its root: √d_model.",
            lambda x, code: x * x.shape[-1] + code,
        ),
        Mistake(
            "scaled by the number of words",
            "√d_model is np.sqrt(x.shape[-1]): the last axis.",
            lambda x, code: x * np.sqrt(x.shape[-2]) + code,
        ),
        Mistake(
            "only the first sentence got a code",
            "Every sentence gets the same code: x + code does that by itself.",
            lambda x, code: (
                x * np.sqrt(x.shape[-1]) + code * (np.arange(len(x)) == 0)[:, None, None]
            ),
        ),
    ],
    edges=[{"x": np.ones((1, 2, 4)), "code": positional_encoding.sinusoidal(2, 4)}],
)


def check_input(function):
    """Check function(x, code): a batch of scaled words plus the code of each position."""
    return INPUT.check(function)


def attention(x):
    """Attention without positions: equivariant."""
    params = self_attention.init(x.shape[-1], 3, np.random.default_rng(0))
    return self_attention.forward(x, params).out


def double(x):
    """Each word by itself: equivariant to the last digit."""
    return 2 * x


def add_code(x):
    """Adding positions: neither equivariant nor invariant."""
    return positional_encoding.forward(x).out


def add_up(x):
    """Reading in order, each word added to the sum so far: neither."""
    return np.cumsum(x, axis=0)


def add_the_sum(x):
    """Adding to each word the sum of all: equivariant, up to the rounding of the sum."""
    return x + np.cumsum(x, axis=0)[-1]


def sort_words(x):
    """Sorting each column: invariant, so not equivariant."""
    return np.sort(x, axis=0)


def _equivariant(step, x, order):
    return bool(np.allclose(step(x[order]), step(x)[order]))


_SENTENCE = np.array([[0.1, 0], [0.2, -1], [0.3, 2]])
_ORDER = np.array([1, 2, 0])

EQUIVARIANT = Exercise(
    _equivariant,
    [
        {"step": step, "x": _SENTENCE, "order": _ORDER}
        for step in (attention, double, add_the_sum, add_code, add_up, sort_words)
    ],
    [
        Mistake(
            "this asks for invariance",
            "Attention is equivariant: its rows move with the words. So the result of the shuffled "
            "words is compared with the *shuffled* result.",
            lambda step, x, order: bool(np.allclose(step(x[order]), step(x))),
        ),
        Mistake(
            "only the mean is compared",
            "A mean forgets the order, so this asks whether something pooled from all rows is the "
            "same. Compare row by row.",
            lambda step, x, order: bool(np.allclose(step(x[order]).mean(axis=0), step(x).mean(0))),
        ),
        Mistake(
            "shuffled twice",
            "order says which word comes to a place. To take the result of the shuffled words "
            "back, one would need the opposite order; shuffle the other result instead.",
            lambda step, x, order: bool(np.allclose(step(x[order])[order], step(x))),
        ),
        Mistake(
            "compared to the last digit",
            "Sums in another order are rounded in another way, so == and np.array_equal say False "
            "where nothing is wrong. Use np.allclose.",
            lambda step, x, order: bool(np.array_equal(step(x[order]), step(x)[order])),
        ),
        Mistake(
            "always True",
            "Not every step is equivariant. Are two things compared that are the same by "
            "construction?",
            lambda step, x, order: True,
        ),
    ],
)


def check_equivariant(function):
    """Check function(step, x, order): is the step equivariant for this order of the words?"""
    return EQUIVARIANT.check(function)


BASE = Exercise(
    lambda d_model: 2.0 ** (d_model / 2),
    [{"d_model": 4}, {"d_model": 8}, {"d_model": 6}],
    [
        Mistake(
            "the ratio taken for the base",
            "The ratio of neighbours is base^(2 / d_model), not the base: with base 2 the wave "
            "hardly slows down.",
            lambda d_model: 2,
        ),
        Mistake(
            "the paper's base",
            "With 10000 the ratio is 10000^(2 / d_model): 100 for four columns.",
            lambda d_model: 10000,
        ),
        Mistake(
            "one wave for each column",
            "A sine and its cosine share a wave, so there are d_model / 2 waves.",
            lambda d_model: 2.0**d_model,
        ),
        Mistake(
            "the power turned round",
            "base^(2 / d_model) = 2: take both sides to the power of d_model / 2.",
            lambda d_model: 2.0 ** (2 / d_model),
        ),
    ],
)


def check_base(function):
    """Check function(d_model): the base that makes each wave twice as long."""
    return BASE.check(function)
