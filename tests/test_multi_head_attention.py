"""Several heads side by side: each by hand on its own columns, and the usual mistakes."""

import by_hand
import numpy as np
import pytest

from helpers import multi_head_attention

SEQ_LEN, D_MODEL = 4, 6
CAUSAL = np.tri(SEQ_LEN, dtype=bool)


def random_params(rng, d_model=D_MODEL):
    return by_hand.random_numbers(multi_head_attention.init(d_model, 1, rng), rng)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    "sizes", [(4, 6, 1), (4, 6, 2), (4, 6, 3), (4, 6, 6), (1, 1, 1), (1, 6, 6), (5, 1, 1)]
)
def test_all_heads_at_once_are_the_loop_over_heads(rng, sizes, causal):
    seq_len, d_model, n_heads = sizes
    x, params = rng.standard_normal((seq_len, d_model)), random_params(rng, d_model)
    mask = np.tri(seq_len, dtype=bool) if causal else None
    trace = multi_head_attention.forward(x, params, n_heads, mask)
    expected = by_hand.multi_head_attention(x, params, n_heads, mask)
    np.testing.assert_allclose(trace.out, expected, atol=1e-13)
    d_head = d_model // n_heads
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


def test_a_mask_for_each_sentence_is_not_one_for_each_head(rng):
    # batch = n_heads = 2: without an axis for the heads, the mask would broadcast along them.
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    padding = np.array([[[True] * 4], [[True, True, False, False]]])  # (batch, 1, seq_len)
    for mask in (np.stack([CAUSAL, CAUSAL.T]), padding):
        weights = multi_head_attention.forward(x, params, 2, mask).weights
        for sentence, head in np.ndindex(2, 2):
            seen = np.broadcast_to(mask[sentence], (SEQ_LEN, SEQ_LEN))
            np.testing.assert_array_equal(weights[sentence, head] > 0, seen)
