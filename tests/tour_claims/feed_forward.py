"""The claims of the tours of lesson 04."""

from functools import partial

import numpy as np

from helpers import feed_forward, words
from helpers.explorers import feed_forward as explorers
from tour_claims import claim

SEEDS = range(10)  # all that the slider offers
assert_equal = partial(np.testing.assert_allclose, atol=1e-12)


def shown_numbers(cells):
    return np.array([[float(t.replace("−", "-")) for t in row] for row in cells.texts])


def lit(explorer):
    return np.flatnonzero(explorer.shown.lit).tolist()


@claim("FeedForwardExplorer", 0)
def unit_1_is_lit_for_thinking(now, before):
    assert explorers.WORDS[now.shown.word] == "Thinking"
    assert now.asked[1] == "action, not thing?"
    assert now.sums.texts[1, 0] == "1.0"
    assert now.shown.lit[1]
    for word in (0, 1):  # every printed sum holds as it is printed
        for move in (-3.0, -1.2, 0.0, 0.6, 3.0):
            for activation in ("relu", "none"):
                now.set(word=word, move=move, activation=activation)
                params = words.hand_made_network()
                came_in = shown_numbers(now.x)[:, 0]
                sums = shown_numbers(now.sums)[:, 0]
                assert_equal(came_in @ params["W_1"] + params["b_1"], sums)
                passed = shown_numbers(now.passed)[:, 0]
                assert_equal(feed_forward.activate(sums, activation), passed)
                added = shown_numbers(now.adds)
                assert_equal(passed[:, None] * params["W_2"], added)
                assert_equal(added.sum(axis=0), shown_numbers(now.out)[word])


@claim("FeedForwardExplorer", 1)
def machines_lights_0_3_and_4(now, before):
    assert before.shown.word == 1
    assert before.sums.get_text() == "? ? ? ? ? ?"  # held back
    assert not before.adds.get_text().strip()
    assert not before.out.get_text().strip()
    assert lit(now) == [0, 3, 4]
    assert [now.asked[unit] for unit in (0, 3, 4)] == [
        "thing, not action?", "new, not alive?", "thing and new?",
    ]  # fmt: skip
    assert shown_numbers(now.sums)[:, 0].tolist() == [1.6, -1.6, -0.2, 1.0, 0.8, -1.4]
    assert now.x.texts[:2, 0].tolist() == ["0.4", "−1.2"]


@claim("FeedForwardExplorer", 2)
def units_3_and_4_go_out_and_5_lights(now, before):
    assert lit(before) == [0, 3, 4]
    assert lit(now) == [0, 5]
    assert_equal(now.shown.trace.x[1, 3], before.shown.trace.x[1, 3] - 2)
    for word in (0, 1):
        now.set(word=word)
        before.set(word=word)
        other = 1 - word
        np.testing.assert_array_equal(now.shown.trace.out[other], before.shown.trace.out[other])
        assert (now.shown.trace.out[word] != before.shown.trace.out[word]).any()
        np.testing.assert_array_equal(now.shown.unmoved, before.shown.trace.out[word])


@claim("FeedForwardExplorer", 3)
def without_the_bend_all_six_add(now, before):
    assert len(lit(now)) == 6
    assert (now.shown.trace.hidden[1] < 0).sum() == 3
    assert all(arrow.get_visible() for arrow in now.arrows)
    assert not all(arrow.get_visible() for arrow in before.arrows)


@claim("HingesExplorer", 0)
def one_unit_is_0_on_one_side_and_rises_on_the_other(now, before):
    for seed in SEEDS:
        now.set(seed=seed)
        W_1, b_1, _ = explorers.draw_hinges(seed)
        above = explorers.PLANE @ W_1[:, 0] + b_1[0]
        np.testing.assert_array_equal(now.shown.after, np.maximum(above, 0))
        assert not now.shown.after[above < 0].any()


@claim("HingesExplorer", 1)
def a_new_line_leaves_the_others_where_they_are(now, before):
    for seed in SEEDS:
        W_1, b_1, _ = explorers.draw_hinges(seed)
        for d_ff in range(2, explorers.MAX_UNITS + 1):
            before.set(seed=seed, d_ff=d_ff - 1)
            now.set(seed=seed, d_ff=d_ff)
            np.testing.assert_array_equal(now.shown.lines[:-1], before.shown.lines)
            assert_equal(now.shown.before, before.shown.after)
            assert now.numbers["after"][d_ff - 1].get_text() == str(d_ff - 1)
            ends = now.shown.lines[-1] @ W_1[:, : d_ff - 1] + b_1[: d_ff - 1]  # (2, d_ff - 1)
            crossed = (ends[0] * ends[1] < 0).sum()  # its two ends are on two sides of the line
            new = 1 + crossed if np.isfinite(ends).all() else 0  # no line in the square
            assert now.shown.pieces - before.shown.pieces == new


@claim("HingesExplorer", 2)
def six_lines_make_18_pieces(now, before):
    assert len(before.shown.lines) == 2  # the picture of the stop before stays until the guess
    assert np.isfinite(now.shown.lines).all()
    assert now.shown.pieces == 1 + 6 + 11 == 18
    assert now.pieces.get_text() == "18 flat pieces"
    W_1, b_1, _ = explorers.draw_hinges(0)
    on = explorers.PLANE @ W_1[:, :6] + b_1[:6] > 0  # which units are lit, at each point
    assert 16 <= len(np.unique(on.reshape(-1, 6), axis=0)) <= 18  # a small piece may hold no point


@claim("HingesExplorer", 3)
def without_the_bend_one_flat_piece_is_left(now, before):
    for seed in SEEDS:
        now.set(seed=seed)
        for axis in (0, 1):
            np.testing.assert_allclose(np.diff(now.shown.after, n=2, axis=axis), 0, atol=1e-12)
        assert not now.creases["after"].get_segments()
        assert "one flat piece" in now.sentence
        assert now.pieces.get_text() == "1 flat piece"


@claim("TableExplorer", 0)
def with_64_units_all_121_answers_are_right(now, before):
    assert now.shown.steps[now.shown.shown] == 400
    assert now.shown.said.size == 121
    assert (now.shown.said == now.shown.truth).all()
    for a in range(10):
        assert (now.shown.truth[a, 1:] == now.shown.truth[a + 1, :-1]).all()  # slanted


@claim("TableExplorer", 1)
def with_2_units_half_are_right(now, before):
    assert (before.shown.said == before.shown.truth).all()
    assert (now.shown.said == now.shown.truth).sum() == 61
    assert now.shown.said.size == 121
