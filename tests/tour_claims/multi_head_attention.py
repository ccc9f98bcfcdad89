"""The claims of the tours of lesson 01."""

import numpy as np

from tour_claims import claim

SEEDS = (0, 3, 5, 8)  # the recorded state, and three others


@claim("MultiHeadAttentionExplorer", 0)
def seven_heads_each_with_its_own_q_k_v_weights_and_z(now, before):
    for seed in SEEDS:
        now.set(seed=seed)
        shown = now.shown
        for values in (shown.q, shown.k, shown.v, shown.heads):
            assert values.shape == (7, 2, 2)
            assert len({head.tobytes() for head in values}) == 7
        assert shown.weights.shape == (7, 2, 2)
        assert len({head.tobytes() for head in shown.weights.round(3)}) == 7
        assert shown.lit == 2
    assert now.picture.name.get_text() == "head 2"


@claim("MultiHeadAttentionExplorer", 1)
def two_columns_of_concat_are_0_and_all_of_Z_change(now, before):
    z_cells = 2 * 14
    for seed in SEEDS:
        now.set(seed=seed)
        before.set(seed=seed)
        assert not now.shown.concat[:, 4:6].any()
        others = np.delete(now.shown.concat, [4, 5], axis=1)
        np.testing.assert_array_equal(others, np.delete(before.shown.concat, [4, 5], axis=1))
        assert (now.shown.out != before.shown.out).any(axis=0).all()
        np.testing.assert_allclose(before.shown.out - now.shown.out, now.shown.part)
        change = colors(now, -z_cells)
        assert (change.reshape(2, 14, 3).min(axis=(0, 2)) < 0.99).all(), "a column looks unchanged"
    assert now.shown.before.tolist() == before.shown.out.tolist()


def colors(explorer, first):
    """Return the colours of the last cells of the sheet: (cells, 3)."""
    return explorer.picture.tiles.get_facecolor()[first:, :3]


@claim("MultiHeadAttentionExplorer", 2)
def one_head_is_as_wide_as_concat_was(now, before):
    assert now.shown.heads.shape == (1, 2, 14)
    assert now.shown.concat.shape == before.shown.concat.shape == (2, 14)
    assert now.shown.out.shape == before.shown.out.shape == (2, 14)
    assert before.shown.heads.shape == (7, 2, 2)


@claim("MultiHeadAttentionExplorer", 3)
def seven_full_heads_make_concat_28_wide_and_W_o_makes_it_4_again(now, before):
    assert now.shown.x.shape == now.shown.out.shape == (2, 4)
    assert now.shown.heads.shape == (7, 2, 4)
    assert now.shown.concat.shape == (2, 28)
    assert now.shown.W_o.shape == (28, 4)
    np.testing.assert_allclose(now.shown.concat @ now.shown.W_o, now.shown.out)
    assert before.shown.concat.shape == (2, 14)


@claim("LookUpsExplorer", 0)
def head_0_looks_at_the_previous_word_and_head_1_at_the_first(now, before):
    (on_previous, _), (_, on_first) = now.shown.on_look_ups
    assert on_previous > 0.5
    assert on_first > 0.5
    assert now.shown.names == ("previous", "first")
    assert now.shown.on_look_ups.argmax(axis=1).tolist() == [0, 1]


@claim("LookUpsExplorer", 1)
def both_heads_look_most_at_the_first_word_and_the_other_is_a_bet(now, before):
    assert now.shown.steps[now.shown.shown] == 125
    assert now.shown.weights[:, 2:8].mean(axis=1).argmax(axis=1).tolist() == [0, 0]
    assert now.shown.right.round(2).tolist() == [0.35, 1.00]
    assert before.shown.right.round(2).tolist() == [1.00, 1.00]


@claim("LookUpsExplorer", 2)
def one_head_finds_the_first_word_and_bets_on_the_previous_one(now, before):
    assert now.shown.right.round(2).tolist() == [0.30, 1.00]
    assert now.shown.on_look_ups[0, 1] > 0.9
    assert now.shown.on_look_ups[0, 0] < 0.1


@claim("LookUpsExplorer", 3)
def without_head_2_the_next_word_falls_alone(now, before):
    assert now.shown.names[2] == "next"
    assert now.shown.without.round(2).tolist() == [1.00, 1.00, 0.18, 1.00]
    assert before.shown.right.round(2).tolist() == [1.00] * 4
    assert before.shown.on_look_ups[:, 2].argmax() == 2
    assert "next falls to 0.18" in now.sentence
