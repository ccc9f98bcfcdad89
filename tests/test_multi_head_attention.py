"""Several heads side by side: each by hand on its own columns, and the usual mistakes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import multi_head_attention, self_attention
from helpers.learning import gradient_check

SEQ_LEN, D_MODEL, N_HEADS = 4, 6, 2
D_HEAD = D_MODEL // N_HEADS
CAUSAL = np.tri(SEQ_LEN, dtype=bool)


def random_params(rng, d_model=D_MODEL):
    params = multi_head_attention.init(d_model, 1, rng)
    return {name: rng.standard_normal(value.shape) for name, value in params.items()}


def differ(one, other):
    return np.abs(one - other).max() > 1e-2


def head_by_hand(x, params, columns, scale):
    """Return scores, weights and z of the head that owns `columns`."""
    q, k, v = (x @ params[f"W_{n}"][:, columns] + params[f"b_{n}"][columns] for n in "qkv")
    scores = q @ k.T * scale
    weights = np.array([[math.exp(s) for s in row] for row in scores])
    weights /= weights.sum(axis=1, keepdims=True)
    return scores, weights, weights @ v


def block_by_hand(x, params, n_heads, scale=None):
    """Return the output with a loop over heads: slices of columns, no reshape anywhere."""
    d_head = x.shape[-1] // n_heads
    scale = d_head**-0.5 if scale is None else scale
    slices = [slice(i * d_head, (i + 1) * d_head) for i in range(n_heads)]
    z = [head_by_hand(x, params, columns, scale)[2] for columns in slices]
    return np.concatenate(z, axis=-1) @ params["W_o"] + params["b_o"]


# The numbers, by hand


@pytest.mark.parametrize("n_heads", [1, 2, 3, 6])
def test_all_heads_at_once_are_the_loop_over_heads(rng, n_heads):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = multi_head_attention.forward(x, params, n_heads)
    np.testing.assert_allclose(trace.out, block_by_hand(x, params, n_heads), atol=1e-13)
    d_head = D_MODEL // n_heads
    for head in range(n_heads):
        columns = slice(head * d_head, (head + 1) * d_head)
        scores, weights, z = head_by_hand(x, params, columns, d_head**-0.5)
        np.testing.assert_allclose(trace.scores[head], scores, atol=1e-13)
        np.testing.assert_allclose(trace.weights[head], weights, atol=1e-13)
        np.testing.assert_allclose(trace.heads[head], z, atol=1e-13)
        np.testing.assert_allclose(trace.concat[:, columns], z, atol=1e-13)


def test_a_head_is_a_self_attention_of_its_own(rng):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    trace = multi_head_attention.forward(x, params, N_HEADS, CAUSAL)
    for head in range(N_HEADS):
        columns = slice(head * D_HEAD, (head + 1) * D_HEAD)
        own = {name: value[..., columns] for name, value in params.items() if name[2:] != "o"}
        alone = self_attention.forward(x, own, CAUSAL)
        for field in ("q", "k", "v", "scores", "weights"):
            found = getattr(trace, field)[:, head]
            np.testing.assert_allclose(found, getattr(alone, field), atol=1e-14, err_msg=field)
        np.testing.assert_allclose(trace.heads[:, head], alone.out, atol=1e-14)


def test_split_heads_then_join_heads_is_the_start(rng):
    projected = rng.standard_normal((2, SEQ_LEN, D_MODEL))
    heads = multi_head_attention.split_heads(projected, N_HEADS)
    assert heads.shape == (2, N_HEADS, SEQ_LEN, D_HEAD)
    np.testing.assert_array_equal(multi_head_attention.join_heads(heads), projected)


def test_split_heads_cuts_each_words_row():
    projected = [[0, 1, 2, 3], [10, 11, 12, 13]]
    heads = multi_head_attention.split_heads(projected, 2)
    np.testing.assert_array_equal(heads, [[[0, 1], [10, 11]], [[2, 3], [12, 13]]])


def test_a_batch_is_its_sentences_one_by_one(rng):
    x, params = rng.standard_normal((2, 3, SEQ_LEN, D_MODEL)), random_params(rng)
    mask = rng.random((2, 3, SEQ_LEN, SEQ_LEN)) < 0.5
    mask |= np.eye(SEQ_LEN, dtype=bool)
    together = multi_head_attention.forward(x, params, N_HEADS, mask).out
    for index in np.ndindex(2, 3):
        alone = multi_head_attention.forward(x[index], params, N_HEADS, mask[index]).out
        np.testing.assert_allclose(together[index], alone, atol=1e-13)


def test_the_cost_is_the_same_for_every_head_count(rng):
    sizes = {
        sum(value.size for value in multi_head_attention.init(12, n_heads, rng).values())
        for n_heads in (1, 2, 3, 4, 6, 12)
    }
    assert sizes == {4 * 12 * 12 + 4 * 12}


# Gradients


@pytest.mark.parametrize("shape", [(4, 6), (2, 4, 6), (1, 2, 4, 6)])
@pytest.mark.parametrize("n_heads", [1, 3, 6])
def test_gradients(rng, shape, n_heads):
    x, params = rng.standard_normal(shape), random_params(rng)
    errors = gradient_check.check(multi_head_attention, x, params, rng, n_heads)
    assert set(errors) == {"x", *params}
    assert max(errors.values()) <= 1e-7, errors


@pytest.mark.parametrize(
    ("leading", "mask"),
    [
        ((), CAUSAL),
        ((), np.array([True, False, True, True])),
        ((2,), CAUSAL),
        ((2,), np.array([True, False, True, True])),
        ((2,), np.stack([CAUSAL, CAUSAL.T])),
    ],
    ids=["causal", "padding", "batch, causal", "batch, padding", "batch, one a sentence"],
)
def test_gradients_with_a_mask(rng, leading, mask):
    x, params = rng.standard_normal((*leading, SEQ_LEN, D_MODEL)), random_params(rng)
    errors = gradient_check.check(multi_head_attention, x, params, rng, N_HEADS, mask=mask)
    assert max(errors.values()) <= 1e-7, errors


# The trace


def test_fields_stand_in_computing_order():
    fields = "x q k v scores weights heads concat out"
    assert " ".join(multi_head_attention.MultiHeadAttentionTrace._fields) == fields


def test_init_draws_within_its_limit_from_the_generator():
    params = multi_head_attention.init(30, 5, np.random.default_rng(0))
    again = multi_head_attention.init(30, 5, np.random.default_rng(0))
    other = multi_head_attention.init(30, 5, np.random.default_rng(1))
    limit = math.sqrt(6 / 60)
    for name, value in params.items():
        np.testing.assert_array_equal(value, again[name])
        if name.startswith("W"):
            assert value.shape == (30, 30)
            assert differ(value, other[name])
            assert 0.99 * limit < np.abs(value).max() <= limit
        else:
            assert value.shape == (30,)
            assert not value.any()
    assert differ(params["W_q"], params["W_k"])


# Masks and half precision


def test_every_head_obeys_the_mask_on_its_key_columns(rng):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    padding = np.array([[[True] * 4], [[True, True, False, False]]])  # (batch, 1, seq_len)
    weights = multi_head_attention.forward(x, params, N_HEADS, padding).weights
    assert (weights[0] > 0).all()
    assert (weights[1, :, :, 2:] == 0).all()
    assert (weights[1, :, :, :2] > 0).all()


def test_a_mask_for_each_sentence_is_not_one_for_each_head(rng):
    # batch = n_heads = 2: without an axis for the heads, the mask would broadcast along them.
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    mask = np.stack([CAUSAL, CAUSAL.T])
    weights = multi_head_attention.forward(x, params, 2, mask).weights
    for sentence in range(2):
        for head in range(2):
            np.testing.assert_array_equal(weights[sentence, head] > 0, mask[sentence])


def test_a_masked_float16_sentence_has_no_nan(rng):
    x = rng.standard_normal((SEQ_LEN, D_MODEL)).astype(np.float16)
    params = random_params(rng)
    trace = multi_head_attention.forward(x, params, N_HEADS, CAUSAL)
    exact = multi_head_attention.forward(x.astype(float), params, N_HEADS, CAUSAL)
    assert trace.out.dtype == np.float16
    np.testing.assert_allclose(trace.out, exact.out, atol=0.1)


# Odd sizes


@pytest.mark.parametrize(("seq_len", "d_model", "n_heads"), [(1, 1, 1), (1, 6, 6), (5, 1, 1)])
def test_odd_sizes(rng, seq_len, d_model, n_heads):
    x, params = rng.standard_normal((seq_len, d_model)), random_params(rng, d_model)
    trace = multi_head_attention.forward(x, params, n_heads)
    np.testing.assert_allclose(trace.out, block_by_hand(x, params, n_heads), atol=1e-13)
    errors = gradient_check.check(multi_head_attention, x, params, rng, n_heads)
    assert max(errors.values()) <= 1e-7, errors


def test_many_sentences_at_once(rng):
    x, params = rng.standard_normal((700, 2, 6)), random_params(rng)
    out = multi_head_attention.forward(x, params, N_HEADS).out
    np.testing.assert_allclose(out[699], block_by_hand(x[699], params, N_HEADS), atol=1e-13)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.lists(st.integers(1, 3), max_size=2),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 9),
)
def test_any_sizes_work(leading, seq_len, n_heads, d_head, seed):
    rng = np.random.default_rng(seed)
    params = random_params(rng, n_heads * d_head)
    x = rng.standard_normal((*leading, seq_len, n_heads * d_head))
    trace = multi_head_attention.forward(x, params, n_heads)
    assert trace.out.shape == x.shape
    assert trace.heads.shape[-3:] == (n_heads, seq_len, d_head)
    np.testing.assert_allclose(trace.weights.sum(axis=-1), 1, atol=1e-12)
    assert np.isfinite(trace.out).all()
