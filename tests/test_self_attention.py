"""One head of attention: the numbers by hand, the gradients, and the usual mistakes."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import self_attention
from helpers.learning import gradient_check

SEQ_LEN, D_MODEL, D_HEAD = 4, 6, 3
CAUSAL = np.tri(SEQ_LEN, dtype=bool)
PADDING = np.array([True, True, True, False])  # the last word is padding: no query looks at it


def random_params(rng, d_model=D_MODEL, d_head=D_HEAD):
    params = self_attention.init(d_model, d_head, rng)
    return {name: rng.standard_normal(value.shape) for name, value in params.items()}


def random_qkv(rng, *leading, d_head=D_HEAD):
    return rng.standard_normal((3, *leading, SEQ_LEN, d_head))


def differ(one, other):
    return np.abs(one - other).max() > 1e-2


def softmax_by_hand(row):
    exponentials = [math.exp(score) for score in row]
    return [exponential / sum(exponentials) for exponential in exponentials]


def attention_by_hand(q, k, v, mask, scale):
    """Return weights and out, number by number; q, k, v are one sentence's."""
    weights, out = np.zeros((len(q), len(k))), np.zeros((len(q), v.shape[1]))
    for query in range(len(q)):
        allowed = [key for key in range(len(k)) if mask is None or mask[query, key]]
        scores = [
            sum(a * b for a, b in zip(q[query], k[key], strict=True)) * scale for key in allowed
        ]
        for key, weight in zip(allowed, softmax_by_hand(scores), strict=True):
            weights[query, key] = weight
            out[query] += weight * v[key]
    return weights, out


# The numbers, by hand


def test_softmax_is_the_formula(rng):
    row = rng.standard_normal(5)
    np.testing.assert_allclose(self_attention.softmax(row), softmax_by_hand(row), rtol=1e-14)


def test_softmax_of_whole_numbers():
    expected = [1 / (1 + math.e), math.e / (1 + math.e)]
    np.testing.assert_allclose(self_attention.softmax([1, 2]), expected, rtol=1e-14)


@pytest.mark.parametrize("mask", [None, CAUSAL, PADDING], ids=["no mask", "causal", "padding"])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_attention_is_the_loop(rng, mask, scale):
    q, k, v = random_qkv(rng)
    trace = self_attention.scaled_dot_product_attention(q, k, v, mask, scale)
    used = 1 / math.sqrt(D_HEAD) if scale is None else scale
    seen = np.ones((SEQ_LEN, SEQ_LEN), bool) if mask is None else mask & np.ones_like(CAUSAL)
    weights, out = attention_by_hand(q, k, v, seen, used)
    np.testing.assert_allclose(trace.weights, weights, atol=1e-14)
    np.testing.assert_allclose(trace.out, out, atol=1e-14)
    np.testing.assert_allclose(trace.scores[seen], (q @ k.T * used)[seen], atol=1e-14)


def test_the_float_type_follows_the_queries(rng):
    q, k, v = random_qkv(rng)
    trace = self_attention.scaled_dot_product_attention(q.astype(np.float32), k, v)
    assert {field.dtype for field in trace} == {np.dtype(np.float32)}


def test_queries_may_be_fewer_than_keys_and_values_wider(rng):
    q, k, v = (rng.standard_normal(shape) for shape in ((2, 3), (4, 3), (4, 5)))
    trace = self_attention.scaled_dot_product_attention(q, k, v)
    _, out = attention_by_hand(q, k, v, None, 1 / math.sqrt(3))
    assert trace.weights.shape == (2, 4)
    np.testing.assert_allclose(trace.out, out, atol=1e-14)


def test_forward_projects_and_attends(rng):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = self_attention.forward(x, params, CAUSAL)
    projected = {name: np.zeros((SEQ_LEN, D_HEAD)) for name in "qkv"}
    for name, (word, column) in itertools.product("qkv", np.ndindex(SEQ_LEN, D_HEAD)):
        W, b = params[f"W_{name}"], params[f"b_{name}"]
        projected[name][word, column] = sum(x[word] * W[:, column]) + b[column]
    q, k, v = projected.values()
    _, out = attention_by_hand(q, k, v, CAUSAL, D_HEAD**-0.5)
    np.testing.assert_allclose(trace.q, q, atol=1e-14)
    np.testing.assert_allclose(trace.k, k, atol=1e-14)
    np.testing.assert_allclose(trace.v, v, atol=1e-14)
    np.testing.assert_allclose(trace.out, out, atol=1e-14)


def test_a_batch_is_its_sentences_one_by_one(rng):
    x, params = rng.standard_normal((2, 3, SEQ_LEN, D_MODEL)), random_params(rng)
    mask = rng.random((2, 3, SEQ_LEN, SEQ_LEN)) < 0.5
    mask |= np.eye(SEQ_LEN, dtype=bool)
    together = self_attention.forward(x, params, mask).out
    for index in np.ndindex(2, 3):
        alone = self_attention.forward(x[index], params, mask[index]).out
        np.testing.assert_allclose(together[index], alone, atol=1e-14)


# Gradients


@pytest.mark.parametrize("shape", [(4, 6), (2, 4, 6), (2, 1, 4, 6)])
@pytest.mark.parametrize("mask", [None, CAUSAL, PADDING], ids=["no mask", "causal", "padding"])
def test_gradients(rng, shape, mask):
    x, params = rng.standard_normal(shape), random_params(rng)
    errors = gradient_check.check(self_attention, x, params, rng, mask=mask)
    assert set(errors) == {"x", *params}
    assert max(errors.values()) <= 1e-7, errors


def test_attention_backward(rng):
    q, k, v = random_qkv(rng, 2)
    upstream = rng.standard_normal(v.shape)
    attend = self_attention.scaled_dot_product_attention
    gradients = self_attention.attention_backward(upstream, q, k, v, attend(q, k, v).weights)
    for gradient, values in zip(gradients, (q, k, v), strict=True):
        expected = gradient_check.numerical_gradient(
            lambda: (upstream * attend(q, k, v).out).sum(), values
        )
        assert gradient_check.relative_error(gradient, expected) <= 1e-7


def test_no_gradient_reaches_a_masked_word(rng):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = self_attention.forward(x, params, PADDING)
    upstream = np.zeros(trace.out.shape)
    upstream[:3] = 1.0  # the loss reads the true words
    grad_x, _ = self_attention.backward(upstream, trace, params)
    assert not grad_x[3].any()
    assert grad_x[:3].any()


# The trace


def test_fields_stand_in_computing_order():
    assert self_attention.AttentionTrace._fields == ("scores", "weights", "out")
    fields = "x q k v scores weights out"
    assert " ".join(self_attention.SelfAttentionTrace._fields) == fields


def test_masked_scores_are_minus_infinity_and_weigh_nothing(rng):
    trace = self_attention.scaled_dot_product_attention(*random_qkv(rng), CAUSAL)
    assert np.isneginf(trace.scores[~CAUSAL]).all()
    assert np.isfinite(trace.scores[CAUSAL]).all()
    assert (trace.weights[~CAUSAL] == 0).all()
    assert (trace.weights[CAUSAL] > 0).all()


def test_init_draws_within_its_limit_from_the_generator():
    params = self_attention.init(30, 20, np.random.default_rng(0))
    again = self_attention.init(30, 20, np.random.default_rng(0))
    other = self_attention.init(30, 20, np.random.default_rng(1))
    limit = math.sqrt(6 / 50)
    for name, value in params.items():
        np.testing.assert_array_equal(value, again[name])
        if name.startswith("W"):
            assert value.shape == (30, 20)
            assert differ(value, other[name])
            assert 0.99 * limit < np.abs(value).max() <= limit
        else:
            assert value.shape == (20,)
            assert not value.any()


# Masks and half precision


def test_a_masked_float16_sentence_has_no_nan(rng):
    with np.errstate(over="ignore"):
        assert np.isinf(np.float16(-1e9))  # the constant of others does not even fit
    q, k, v = random_qkv(rng).astype(np.float16)
    trace = self_attention.scaled_dot_product_attention(q, k, v, CAUSAL)
    assert all(field.dtype == np.float16 for field in trace)
    assert np.isfinite(trace.weights).all()
    assert np.isfinite(trace.out).all()
    exact = self_attention.scaled_dot_product_attention(
        *(a.astype(float) for a in (q, k, v)), CAUSAL
    )
    np.testing.assert_allclose(trace.out, exact.out, atol=1e-2)


# Odd sizes, large numbers


def test_one_word_looks_at_itself(rng):
    x, params = rng.standard_normal((1, 1)), random_params(rng, 1, 1)
    trace = self_attention.forward(x, params)
    assert trace.weights == 1
    assert trace.out == trace.v


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


def test_softmax_of_a_masked_entry_is_zero():
    np.testing.assert_array_equal(self_attention.softmax([0.0, -np.inf, 0.0]), [0.5, 0, 0.5])


rows = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(rows, st.floats(-1e3, 1e3))
def test_softmax_rows_sum_to_one_and_ignore_a_shift(row, shift):
    weights = self_attention.softmax(np.array(row))
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert (weights >= 0).all()
    assert (np.diff(weights[np.argsort(row)]) >= 0).all()  # a larger score weighs no less
    shifted = self_attention.softmax(np.array(row) + shift)
    np.testing.assert_allclose(shifted, weights, atol=1e-11)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(0, 9)
)
def test_any_sizes_work(queries, keys, d_head, d_value, seed):
    rng = np.random.default_rng(seed)
    q, k, v = (
        rng.standard_normal(shape) for shape in ((queries, d_head), (keys, d_head), (keys, d_value))
    )
    trace = self_attention.scaled_dot_product_attention(q, k, v)
    assert trace.weights.shape == (queries, keys)
    assert trace.out.shape == (queries, d_value)
    np.testing.assert_allclose(trace.weights.sum(axis=-1), 1, atol=1e-12)
    assert np.isfinite(trace.out).all()


# Bad arguments


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
