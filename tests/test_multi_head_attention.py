"""Several heads side by side: each by hand on its own columns, and the usual mistakes."""

import by_hand
import numpy as np
import pytest

from helpers import multi_head_attention

SEQ_LEN, D_MODEL = 4, 6
CAUSAL = np.tri(SEQ_LEN, dtype=bool)


def random_params(rng, d_model=D_MODEL):
    params = multi_head_attention.init(d_model, 1, rng)
    return {name: rng.standard_normal(value.shape) for name, value in params.items()}


@pytest.mark.parametrize("mask", [None, CAUSAL], ids=["no mask", "causal"])
@pytest.mark.parametrize("n_heads", [1, 2, 3, 6])
def test_all_heads_at_once_are_the_loop_over_heads(rng, n_heads, mask):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = multi_head_attention.forward(x, params, n_heads, mask)
    expected = by_hand.multi_head_attention(x, params, n_heads, mask)
    np.testing.assert_allclose(trace.out, expected, atol=1e-13)
    d_head = D_MODEL // n_heads
    for head in range(n_heads):
        columns = slice(head * d_head, (head + 1) * d_head)
        found = [getattr(trace, field)[head] for field in ("q", "k", "v", "weights", "heads")]
        expected = by_hand.head(x, params, columns, mask)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-13)
        np.testing.assert_allclose(trace.concat[:, columns], expected[-1], atol=1e-13)
        scores = found[0] @ found[1].T / d_head**0.5
        seen = np.isfinite(trace.scores[head])
        np.testing.assert_array_equal(seen, True if mask is None else mask)
        np.testing.assert_allclose(trace.scores[head][seen], scores[seen], atol=1e-13)


@pytest.mark.parametrize(("seq_len", "d_model", "n_heads"), [(1, 1, 1), (1, 6, 6), (5, 1, 1)])
def test_odd_sizes(rng, seq_len, d_model, n_heads):
    x, params = rng.standard_normal((seq_len, d_model)), random_params(rng, d_model)
    out = multi_head_attention.forward(x, params, n_heads).out
    expected = by_hand.multi_head_attention(x, params, n_heads)
    np.testing.assert_allclose(out, expected, atol=1e-13)


def test_split_heads_then_join_heads_is_the_start(rng):
    projected = rng.standard_normal((2, SEQ_LEN, D_MODEL))
    heads = multi_head_attention.split_heads(projected, 2)
    assert heads.shape == (2, 2, SEQ_LEN, 3)
    np.testing.assert_array_equal(multi_head_attention.join_heads(heads), projected)


def test_split_heads_cuts_each_words_row():
    projected = [[0, 1, 2, 3], [10, 11, 12, 13]]
    heads = multi_head_attention.split_heads(projected, 2)
    np.testing.assert_array_equal(heads, [[[0, 1], [10, 11]], [[2, 3], [12, 13]]])


def test_the_cost_is_the_same_for_every_head_count(rng):
    sizes = {
        sum(value.size for value in multi_head_attention.init(12, n_heads, rng).values())
        for n_heads in (1, 2, 3, 4, 6, 12)
    }
    assert sizes == {4 * 12 * 12 + 4 * 12}


def test_a_mask_for_each_sentence_is_not_one_for_each_head(rng):
    # batch = n_heads = 2: without an axis for the heads, the mask would broadcast along them.
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    padding = np.array([[[True] * 4], [[True, True, False, False]]])  # (batch, 1, seq_len)
    for mask in (np.stack([CAUSAL, CAUSAL.T]), padding):
        weights = multi_head_attention.forward(x, params, 2, mask).weights
        for sentence, head in np.ndindex(2, 2):
            seen = np.broadcast_to(mask[sentence], (SEQ_LEN, SEQ_LEN))
            np.testing.assert_array_equal(weights[sentence, head] > 0, seen)
