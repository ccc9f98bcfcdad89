"""One head of attention: the numbers by hand, masks, large numbers, and the usual mistakes."""

import math

import by_hand
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import self_attention

SEQ_LEN, D_MODEL, D_HEAD = 4, 6, 3
CAUSAL = np.tri(SEQ_LEN, dtype=bool)
PADDING = np.array([True, True, True, False])  # the last word is padding: no query looks at it


def random_params(rng):
    return by_hand.random_numbers(self_attention.init(D_MODEL, D_HEAD, rng), rng)


def random_qkv(rng):
    return rng.standard_normal((3, SEQ_LEN, D_HEAD))


def test_softmax_is_the_formula(rng):
    row = rng.standard_normal(5)
    np.testing.assert_allclose(self_attention.softmax(row), by_hand.softmax(row), rtol=1e-14)
    expected = [1 / (1 + math.e), math.e / (1 + math.e)]
    np.testing.assert_allclose(self_attention.softmax([1, 2]), expected, rtol=1e-14)


@pytest.mark.parametrize("mask", [None, CAUSAL, PADDING], ids=["no mask", "causal", "padding"])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_attention_is_the_loop(rng, mask, scale):
    q, k, v = random_qkv(rng)
    trace = self_attention.scaled_dot_product_attention(q, k, v, mask, scale)
    seen = np.ones_like(CAUSAL) if mask is None else mask & np.ones_like(CAUSAL)
    weights, out = by_hand.attention(q, k, v, seen, scale)
    np.testing.assert_allclose(trace.weights, weights, atol=1e-14)
    np.testing.assert_allclose(trace.out, out, atol=1e-14)
    scores = q @ k.T * (scale or 1 / math.sqrt(D_HEAD))
    np.testing.assert_allclose(trace.scores[seen], scores[seen], atol=1e-14)
    assert np.isneginf(trace.scores[~seen]).all()
    assert (trace.weights[~seen] == 0).all()


def test_forward_projects_and_attends(rng):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = self_attention.forward(x, params, CAUSAL)
    expected = by_hand.head(x, params, slice(None), CAUSAL)
    for field, values in zip(("q", "k", "v", "weights", "out"), expected, strict=True):
        np.testing.assert_allclose(getattr(trace, field), values, atol=1e-14, err_msg=field)


def test_a_mask_for_each_sentence_is_its_own(rng):
    x, params = rng.standard_normal((2, 3, SEQ_LEN, D_MODEL)), random_params(rng)
    mask = rng.random((2, 3, SEQ_LEN, SEQ_LEN)) < 0.5
    mask |= np.eye(SEQ_LEN, dtype=bool)
    together = self_attention.forward(x, params, mask).out
    for index in np.ndindex(2, 3):
        alone = self_attention.forward(x[index], params, mask[index]).out
        np.testing.assert_allclose(together[index], alone, atol=1e-14)


def test_no_gradient_reaches_a_masked_word(rng):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = self_attention.forward(x, params, PADDING)
    upstream = np.zeros(trace.out.shape)
    upstream[:3] = 1.0  # the loss reads the true words
    grad_x, _ = self_attention.backward(upstream, trace, params)
    assert not grad_x[3].any()
    assert grad_x[:3].any()


def test_a_masked_float16_sentence_has_no_nan(rng):
    with np.errstate(over="ignore"):
        assert np.isinf(np.float16(-1e9))  # the constant of others does not even fit
    q, k, v = exact = random_qkv(rng)
    trace = self_attention.scaled_dot_product_attention(q.astype(np.float16), k, v, CAUSAL)
    assert {field.dtype for field in trace} == {np.dtype(np.float16)}, "it follows the queries"
    expected = self_attention.scaled_dot_product_attention(*exact, CAUSAL)
    np.testing.assert_allclose(trace.weights, expected.weights, atol=1e-2)
    np.testing.assert_allclose(trace.out, expected.out, atol=1e-2)


@pytest.mark.parametrize("large", [1e300, 1e308])
def test_softmax_of_large_scores(large):
    with np.errstate(all="raise", under="ignore"):
        found = self_attention.softmax([[large, -large, 0], [large, large, -large]])
    np.testing.assert_array_equal(found, [[1, 0, 0], [0.5, 0.5, 0]])


@pytest.mark.parametrize("sign", [1, -1])
def test_attention_with_large_scores(sign):
    q, k, v = np.array([[1e150]]), np.array([[1e150], [-1e150]]), np.array([[3.0], [5.0]])
    trace = self_attention.scaled_dot_product_attention(q, k, sign * v)
    np.testing.assert_allclose(trace.scores, [[1e300, -1e300]], rtol=1e-12)
    np.testing.assert_array_equal(trace.out, [[sign * 3.0]])


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), st.floats(-1e3, 1e3))
def test_softmax_rows_sum_to_one_and_ignore_a_shift(row, shift):
    weights = self_attention.softmax(np.array(row))
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert (weights >= 0).all()
    assert (np.diff(weights[np.argsort(row)]) >= 0).all()  # a larger score weighs no less
    shifted = self_attention.softmax(np.array(row) + shift)
    np.testing.assert_allclose(shifted, weights, atol=1e-11)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(*(st.integers(1, 5),) * 4, st.integers(0, 9))
def test_queries_may_be_fewer_than_keys_and_values_wider(queries, keys, d_head, d_value, seed):
    rng = np.random.default_rng(seed)
    shapes = (queries, d_head), (keys, d_head), (keys, d_value)
    q, k, v = (rng.standard_normal(shape) for shape in shapes)
    trace = self_attention.scaled_dot_product_attention(q, k, v)
    weights, out = by_hand.attention(q, k, v)
    np.testing.assert_allclose(trace.weights, weights, atol=1e-12)
    np.testing.assert_allclose(trace.out, out, atol=1e-12)


@pytest.mark.parametrize(
    ("q", "k", "v", "message"),
    [
        ((4, 3), (4, 2), (4, 3), r"k has shape \(4, 2\); expected \(4, 3\)"),
        ((4, 3), (5, 3), (4, 3), r"v has shape \(4, 3\); expected \(5, 3\)"),
        ((2, 4, 3), (4, 3), (2, 4, 3), r"k has shape \(4, 3\); expected \(2, 4, 3\)"),
        ((2, 4, 3), (1, 4, 3), (1, 4, 3), r"k has shape \(1, 4, 3\); expected \(2, 4, 3\)"),
        ((3,), (4, 3), (4, 3), r"q has shape \(3,\); expected \(..., seq_len, d_model\)"),
        ((4, 0), (4, 0), (4, 3), "q is empty"),
    ],
)
def test_checks_of_q_k_v_must_fit(q, k, v, message):
    with pytest.raises(ValueError, match=message):
        self_attention.scaled_dot_product_attention(np.ones(q), np.ones(k), np.ones(v))


@pytest.mark.parametrize("sign", [1, -1], ids=["infinity", "infinity less infinity"])
def test_products_that_overflow_are_an_error_not_nan(sign):
    q, k = [[1e200, 1e200]], [[1e200, sign * 1e200]]
    with pytest.raises(ValueError, match="the products of q and k overflow float64; expected"):
        self_attention.scaled_dot_product_attention(q, k, [[1.0]])


def test_scaling_before_the_product_keeps_half_precision_in_range():
    """64 products of 40 · 40 sum to 102,400, beyond float16; divided by √64, to 12,800."""
    x = np.full((2, 64), 40, np.float16)
    trace = self_attention.scaled_dot_product_attention(x, x, x)
    assert np.all(trace.scores == 12_800)
    assert np.all(trace.weights == 0.5)
