"""The claims of the tours of lesson 06."""

import numpy as np

from helpers.explorers.encoder_block import run
from tour_claims import claim

SEEDS = (3, 0, 5, 8)  # the recorded state, and three others


@claim("EncoderBlockExplorer", 0)
def thinking_keeps_its_new_and_adds_what_it_found(now, before):
    x, found, total = (panel.values[0, 3] for panel in now.shown.walk.panels)
    assert now.shown.walk.words[0] == "Thinking"
    assert (round(x, 2), round(found, 2), round(total, 2)) == (2.00, 3.00, 5.00)
    assert now.shown.walk.carried == now.picture.carried.get_text() == "x"
    assert now.picture.skips["add_1"].get_linewidth() > 3
    assert now.picture.skips["add_2"].get_linewidth() < 2
    assert "2.00 + 3.00 = 5.00" in now.picture.line.get_text()


@claim("EncoderBlockExplorer", 1)
def each_block_hands_on_two_rows_of_four(now, before):
    for block in range(6):
        now.set(block=block)
        assert now.shown.handed_on.shape == (2, 4)
        assert {values.shape for values in now.shown.walk.maps.values()} == {(2, 4)}


@claim("EncoderBlockExplorer", 2)
def without_skip_the_words_end_equal(now, before):
    assert now.shown.walk.block == 5
    assert "difference of the words: 0.00 " in now.sentence
    assert round(np.abs(now.shown.handed_on).max(), 2) == 1.17
    for seed in SEEDS:
        first, second = top("post", seed, skip=False)
        np.testing.assert_allclose(first, second, atol=0.01)
        assert np.abs(np.subtract(*top("post", seed))).max() > 0.1


def top(norm, seed, skip=True):
    """Return what six blocks hand on; the blocks after the first are drawn with the seed."""
    return run(norm, skip, feed_forward=True, positions=True, seed=seed).traces[5].out


@claim("EncoderBlockExplorer", 3)
def without_norm_the_numbers_grow(now, before):
    assert round(np.abs(now.shown.handed_on).max(), 1) == 33.0
    assert "handed on: 33.0" in now.sentence
    assert round(np.abs(now.shown.by_paper).max(), 2) == 1.66
    assert "33.0" in now.picture.panels[1].cells["signed"].get_text()
    np.testing.assert_array_equal(now.shown.handed_on, top("none", SEEDS[0]))
    for seed in SEEDS:
        assert np.abs(top("none", seed)).max() > 20
        assert np.abs(top("post", seed)).max() < 1.74
    assert now.shown.walk.block == 5
    assert [panel.name for panel in now.shown.walk.panels] == ["paper", "yours", "yours − paper"]


@claim("AblationExplorer", 0)
def the_whole_block_names_each_sum(now, before):
    assert now.shown.steps[-1] == 1000
    assert round(now.shown.accuracies[-1], 2) == 1.00
    widths = [bar.get_width() for bar in now.bars]
    assert widths == [number.mean for number in now.shown.table]
    assert max(widths) == widths[0]


@claim("AblationExplorer", 1)
def one_block_without_skip_is_nearly_as_good(now, before):
    assert round(now.shown.accuracies[-1], 2) == 0.98
    assert now.shown.table[2].lowest > 0.94
    assert not before.curve.line.get_visible()
    assert not any(bar.get_width() for bar in before.bars)


@claim("AblationExplorer", 2)
def six_blocks_without_skip_stay_below_the_bet(now, before):
    whole, _, skip, norm, *_ = now.shown.table
    assert round(now.shown.accuracies[-1], 2) == 0.28
    assert whole.lowest > 0.95
    assert round(norm.mean, 2) == 0.77, "the second choice"
    assert skip.highest < 0.37


@claim("AblationExplorer", 3)
def six_blocks_with_one_head_lose_nothing(now, before):
    assert round(now.shown.accuracies[-1], 2) == 1.00
    assert now.shown.table[5].lowest > 0.98
    now.set(stack="1 block, 4 sums")
    assert now.shown.table[5].mean < now.shown.table[0].mean, "one block misses the other heads"
