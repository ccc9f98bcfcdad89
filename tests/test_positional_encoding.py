"""Positional encoding: the paper's formula with math.sin and math.cos, added row by row."""

import by_hand
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers import positional_encoding


def test_frequencies_come_in_pairs():
    np.testing.assert_allclose(positional_encoding.frequencies(4), [1, 1, 0.01, 0.01], rtol=1e-14)
    frequencies = positional_encoding.frequencies(5)
    expected = [1, 1, 10000**-0.4, 10000**-0.4, 10000**-0.8]
    np.testing.assert_allclose(frequencies, expected, rtol=1e-14)


@pytest.mark.parametrize("shape", [(4, 6), (2, 4, 6), (2, 3, 4, 5), (1, 1)])
def test_out_is_the_word_plus_its_positions_code(rng, shape):
    x = rng.standard_normal(shape)
    trace = positional_encoding.forward(x)
    code = by_hand.sinusoidal(*shape[-2:])
    np.testing.assert_allclose(trace.encoding, code, atol=1e-13)
    for index in np.ndindex(shape):
        assert trace.out[index] == pytest.approx(x[index] + code[index[-2:]], abs=1e-13)


@settings(deadline=None, max_examples=40, derandomize=True)
@example(300, 64, 10000)
@given(st.integers(1, 40), st.integers(1, 20), st.floats(1.5, 1e6))
def test_any_code_is_the_formula_between_minus_one_and_one(seq_len, d_model, base):
    code = positional_encoding.sinusoidal(seq_len, d_model, base)
    np.testing.assert_allclose(code, by_hand.sinusoidal(seq_len, d_model, base), atol=1e-11)
    assert np.abs(code).max() <= 1
    assert code.dtype == np.float64


def test_a_base_of_1_has_no_waves():
    with pytest.raises(ValueError, match="base=1; expected more than 1"):
        positional_encoding.sinusoidal(4, 4, 1)
