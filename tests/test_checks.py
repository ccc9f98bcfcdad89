"""checks.py: what each check says, what comes back, and what is refused before memory is asked."""

import itertools
import re
import tracemalloc

import numpy as np
import pytest

from helpers import (
    checks,
    encoder_block,
    feed_forward,
    layer_norm,
    multi_head_attention,
    positional_encoding,
    self_attention,
    skip_connections,
)

HUGE = 2**31 - 1
RNG = np.random.default_rng(0)
MASK = np.ones((2, 3, 3), bool)
MASK[1, 2] = False
HIDDEN = np.ma.masked_less(np.zeros(2), 1)
NORM = layer_norm.init(6)
BLOCK = encoder_block.init(6, 2, 7, np.random.default_rng(0))
SAID = [  # a check, what it is given, and the whole of its sentence
    (checks.require_array, (["a"],), "x holds <U1; expected real numbers"),
    (checks.require_array, ([True],), "x holds bool; expected real numbers"),
    (checks.require_array, ([1j],), "x holds complex128; expected real numbers"),
    (checks.require_array, (None, "f_x"), "f_x holds object; expected real numbers"),
    (checks.require_array, ([],), "x is empty, shape (0,); expected at least one number"),
    (checks.require_array, ([np.nan],), "x holds NaN or infinity; expected finite numbers"),
    (checks.require_array, ([1.0, 2.0], "q", 2), "q has 1 axes, shape (2,); expected at least 2"),
    (checks.require_array, ([[1], [2, 3]],), "x has rows of unequal length; expected a full array"),
    (checks.require_sequence, ([1.0],), "x has shape (1,); expected (..., seq_len, d_model)"),
    (checks.require_like, ([1.0], (2,), "b"), "b has shape (1,); expected (2,)"),
    (checks.require_scores, (1.0,), "scores has 0 axes, shape (); expected at least 1"),
    (checks.require_scores, ([np.nan],), "scores holds NaN or infinity; expected finite numbers"),
    (checks.require_scores, ([np.inf],), "scores holds NaN or infinity; expected finite numbers"),
    (checks.require_scores, ([[0.0, -np.inf], [-np.inf, -np.inf]],),
     "scores has a row where every entry is -inf; expected a finite one"),
    (checks.require_scores, (["a"],), "scores holds <U1; expected real numbers"),
    (checks.require_width, (np.ones((2, 3)), 4),
     "x has shape (2, 3); expected (..., seq_len, 4), because the parameters were made for "
     "d_model=4"),
    (checks.require_parameters, ({}, {"b": ("d",)}, float), "params lacks b; expected b"),
    (checks.require_parameters, ({"W": 1.0}, {"W": ("d_model",)}, float),
     "params['W'] has shape (); expected (d_model,)"),
    (checks.require_parameters, ({"W": 1.0}, {"W": ("d_model", "d_ff")}, float),
     "params['W'] has shape (); expected (d_model, d_ff)"),
    (layer_norm.forward, (np.ones((5, 6)), NORM | {"gamma": HIDDEN}),
     "params['gamma'] is a masked array; expected a plain one, such as filled(0) returns"),
    (checks.require_members, (3, "W"),
     "params is of type int; expected a dict, as init returns it"),
    (checks.require_members, ({"b": 1}, "Wb"), "params lacks W; expected W, b"),
    (checks.require_mask, ([0], (1, 1)),
     "mask holds int64; expected bool, True where a query may look at a key"),
    (checks.require_mask, ([True] * 2, (3, 3)),
     "mask has shape (2,); expected one that broadcasts to (..., queries, keys) = (3, 3)"),
    (checks.require_mask, (MASK, MASK.shape),
     "mask lets query (1, 2) look at no key; expected at least one True in each row"),
    (checks.require_mask, (MASK[1], (3, 3)),
     "mask lets query 2 look at no key; expected at least one True in each row"),
    (checks.require_mask, (np.ma.masked_array(MASK, ~MASK), MASK.shape),
     "mask is a masked array; expected a plain one, such as filled(0) returns"),
    (checks.require_size, (0, "d_ff"), "d_ff=0; expected 1 to 2147483647"),
    (checks.require_size, (-1, "layer", 0), "layer=-1; expected 0 to 2147483647"),
    (checks.require_size, (2**31, "d_ff"), "d_ff=2147483648; expected 1 to 2147483647"),
    (checks.require_size, (10**5000, "d_ff"),
     "d_ff=a number of thousands of digits; expected 1 to 2147483647"),
    (checks.require_size, (2.0, "d_ff"), "d_ff=2.0 is of type float; expected a whole number"),
    (checks.require_size, (True, "d_ff"), "d_ff=True is of type bool; expected a whole number"),
    (checks.require_size, ("a" * 58, "d_ff"),
     f"d_ff='{'a' * 58}' is of type str; expected a whole number"),
    (checks.require_size, ("a" * 59, "d_ff"),
     f"d_ff='{'a' * 58}… is of type str; expected a whole number"),
    (checks.require_size, ([1] * 100, "d_ff"),
     f"d_ff=[{'1, ' * 19}1… is of type list; expected a whole number"),
    (checks.require_size, (None, "d_ff"), "d_ff=None is of type NoneType; expected a whole number"),
    (checks.require_head_width, (6, 4),
     "n_heads=4 does not divide d_model=6; choose one of 1, 2, 3, 6"),
    (checks.require_head_width, (4, 1.5), "n_heads=1.5 is of type float; expected a whole number"),
    (checks.require_number, ("1", "eps"), "eps='1' is of type str; expected a number"),
    (checks.require_number, (True, "eps"), "eps=True is of type bool; expected a number"),
    (checks.require_number, (-1, "eps", 0), "eps=-1; expected 0 or more"),
    (checks.require_number, (1, "base", None, 1), "base=1; expected more than 1"),
    (checks.require_number, (np.inf, "eps"), "eps=inf; expected a finite number in float64"),
    (checks.require_number, (10**400, "eps"),
     f"eps={10**58}…; expected a finite number in float64"),
    (layer_norm.forward, (np.ones((2, 6), np.float16), NORM, 1e300),
     "eps=1e+300; expected a finite number in float16"),
    (encoder_block.forward,
     (np.ones((2, 6), np.float32), BLOCK, 2, None, "post", True, True, "relu", 1e300),
     "eps=1e+300; expected a finite number in float32"),
    (checks.require_choice, ("Pre", "norm", ("a", "b")), "norm='Pre'; choose one of 'a', 'b'"),
    (checks.require_choice, (["a"], "norm", ("a", "b")), "norm=['a']; choose one of 'a', 'b'"),
    (checks.require_flag, (1, "skip"), "skip=1 is of type int; expected True or False"),
    (checks.require_generator, (0,),
     "rng is of type int; expected one such as np.random.default_rng(0)"),
    (checks.require_trace, ({}, str), "trace is of type dict; expected what forward returned"),
    *((checks.require_in_range, (kind(np.array(values)), "the sums"),
       "the sums overflow float64; expected smaller numbers")
      for values in ([1.0, np.inf], [-np.inf, 1.0], [1.0, np.nan])
      for kind in (np.array, lambda out: skip_connections.SkipConnectionTrace(None, None, out))),
    (checks.require_memory, ((2**27 + 1,), "encoding"),
     "encoding of shape (134217729,) needs 1.1 GB of memory; expected at most 1.1 GB"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "given", "sentence"), SAID, ids=[s for _, _, s in SAID])
def test_a_check_says_what_came_and_what_was_expected(check, given, sentence):
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(sentence)}$") as caught:
        check(*given)
    is_a_type = re.search(r"is of type|is a masked|holds (?!NaN)", sentence)
    assert caught.type is (TypeError if is_a_type else ValueError)


@pytest.mark.parametrize(
    ("call", "sizes", "message"),
    [
        (positional_encoding.sinusoidal, (HUGE, 1), "encoding of shape (2147483647, 1) needs 17.2"),
        (positional_encoding.frequencies, (HUGE,), "frequencies of shape (2147483647,) needs 17.2"),
        (layer_norm.init, (HUGE,), "gamma of shape (2147483647,) needs 17.2 GB"),
        (self_attention.init, (HUGE, 3, RNG), "a matrix of shape (2147483647, 3) needs 51.5 GB"),
        (multi_head_attention.init, (HUGE, 1, RNG),
         "a matrix of shape (2147483647, 2147483647) needs 36893488113.1 GB"),
        (feed_forward.init, (2, HUGE, RNG), "a matrix of shape (2, 2147483647) needs 34.4 GB"),
        (self_attention.scaled_dot_product_attention, np.ones((3, 2, 12_000, 1)),
         "scores of shape (2, 12000, 12000) needs 2.3 GB of memory; expected at most 1.1 GB"),
    ],
)  # fmt: skip
def test_what_is_too_large_for_memory_is_refused_before_memory_is_asked_for(call, sizes, message):
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="^" + re.escape(message)):
            call(*sizes)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_long_value_is_cut_even_if_numpy_prints_it_whole():
    long = np.zeros(10**4), "x " * 500_000
    checked = (checks.require_size, checks.require_flag, checks.require_number, checks.require_list)
    with np.printoptions(threshold=10**9):
        for check, value in itertools.product(checked, long):
            with pytest.raises(TypeError) as caught:
                check(value, "d_ff")
            assert len(str(caught.value)) < 120


# What comes back


def test_what_is_right_comes_back():
    mask = checks.require_mask([True, False], (3, 2))
    np.testing.assert_array_equal(mask, [[True, False]] * 3)
    assert checks.require_list((1, 2), "layers") == (1, 2)
    assert checks.require_axes([[1]], "heads", 2).shape == (1, 1)
    assert checks.require_size(checks.MAX_SIZE, "d_ff") == 2147483647
    assert checks.require_size(0, "layer", minimum=0) == 0
    assert checks.require_number(1e4, "eps", dtype=np.float16) == 1e4
    checks.require_in_range(np.array([-1e300, 1e300]), "the squares")
    checks.require_memory((2**27,), "encoding")
    masked = np.array([[0.0, -np.inf], [-np.inf, 1.0]])
    np.testing.assert_array_equal(checks.require_scores(masked), masked)


def test_arrays_come_back_in_the_float_type_asked_for():
    for given, kind in (([1, 2], float), (np.ones(2, "f4"), "f4"), (np.ones(2, "u1"), float)):
        assert checks.require_array(given).dtype == kind
    assert checks.require_scores([0, 1]).dtype == np.float64
    assert checks.require_like(np.ones(2, np.float32), (2,), "b").dtype == np.float32
    found = checks.require_parameters({"b": [1, 2], "more": None}, {"b": ("d",)}, np.float32)
    assert list(found) == ["b"]
    assert found["b"].dtype == np.float32


def test_what_fits_is_taken_without_a_copy():
    """Else every call would copy the weights of a trained model."""
    given = np.ones((3, 3))
    assert checks.require_like(given, (3, 3), "x", float) is given
    assert checks.require_parameters({"W": given}, {"W": ("d", "d")}, float)["W"] is given
    assert skip_connections.forward(given, given).f_x is given


def test_divisors_are_those_of_a_loop():
    for d_model in range(1, 130):
        expected = [n for n in range(1, d_model + 1) if (d_model // n) * n == d_model]
        assert checks.divisors(d_model) == expected
        assert all(checks.require_head_width(d_model, n) * n == d_model for n in expected)
