"""The claims of the tour of lesson 00."""

import numpy as np

from tour_claims import claim


@claim("SelfAttentionExplorer", 0)
def two_weights_that_sum_to_1(now, before):
    row = now.shown.weights[now.values["query"]]
    assert row.shape == (2,)
    assert np.isclose(row.sum(), 1)


@claim("SelfAttentionExplorer", 1)
def the_first_word_sees_only_itself(now, before):
    for seed in (0, 3, 7):
        now.set(seed=seed)
        assert now.shown.weights[0].tolist() == [1, 0]
    assert before.shown.weights[0, 1] > 0


@claim("SelfAttentionExplorer", 2)
def the_second_word_still_sees_both(now, before):
    assert (now.shown.weights[1] > 0).all()
    assert (before.shown.weights[0] > 0).sum() == 1
