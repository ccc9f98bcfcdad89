"""The claims of the tours of lesson 03."""

import numpy as np

from tour_claims import claim


def written(texts):
    return [text.get_text() for text in texts]


@claim("LayerNormExplorer", 0)
def thinking_loses_its_mean_and_its_std(now, before):
    assert now.moments[0].get_text() == "mean 0.75, std 0.43"
    assert now.moments[2].get_text() == "mean 0.00, std 1.00"


@claim("LayerNormExplorer", 1)
def times_100_is_seen_on_the_left_and_gone_on_the_right(now, before):
    for word in (0, 1):
        for explorer in (now, before):
            explorer.set(word=word)
        for panel in (0, 1):
            heights = [[p.vertices[:, 1] for p in e.bars[panel].get_paths()] for e in (now, before)]
            moved = np.abs(np.array(heights[0]) - np.array(heights[1])).max()
            assert moved >= 2  # of an axis of 8: a quarter of the panel
        for panel in (2, 3):
            assert written(now.numbers[panel]) == written(before.numbers[panel])
            assert np.abs(now.shown.stages[panel] - before.shown.stages[panel]).max() < 1e-4
    assert written(now.numbers[0])[0] == "200"  # of Machines


@claim("LayerNormExplorer", 2)
def plus_100_is_gone_in_the_second_panel(now, before):
    assert written(now.numbers[0]) == ["100", "101", "101", "101"]
    assert written(now.numbers[1]) == ["−0.75", "0.25", "0.25", "0.25"]


@claim("LayerNormExplorer", 3)
def gamma_doubles_the_differences_and_beta_lifts(now, before):
    _, _, normalized, out = now.shown.stages
    np.testing.assert_allclose(np.diff(out), 2 * np.diff(normalized))
    assert np.isclose(out.mean(), 1)


@claim("AddNormExplorer", 0)
def x_and_f_x_are_added(now, before):
    for word in (0, 1):
        now.set(word=word)
        np.testing.assert_array_equal(now.shown.total, now.shown.x + now.shown.f_x)
        assert abs(now.shown.out.std() - 1) < 1e-4


@claim("AddNormExplorer", 1)
def a_louder_f_leaves_the_norm_as_small_as_before(now, before):
    assert now.columns_of_cells["÷ std"].get_text().split()[-1] == "1.73"
    assert before.std.get_text() == "1.04"
    assert now.std.get_text() == "8.22"
    assert "(19.93 − 5.75) ÷ 8.22 = 1.73" in now.line.get_text()
    assert round(15.8 - 10 * before.shown.out[-1], 1) == 0  # the wrong choice


@claim("AddNormExplorer", 2)
def without_a_norm_the_sum_goes_on_as_it_is(now, before):
    assert now.columns_of_cells["÷ std"].get_text().split()[-1] == "19.93"
    np.testing.assert_array_equal(now.shown.out, now.shown.total)
    assert [part.get_alpha() for part in now.norm_box] == [0.3, 0.3]
    assert [part.get_alpha() for part in before.norm_box] == [None, None]


@claim("AddNormExplorer", 3)
def without_a_skip_thing_and_action_are_equal(now, before):
    thing, action, *_ = now.shown.out
    assert thing == action
    now.set(skip=True)
    thing, action, *_ = now.shown.out
    assert action > thing + 0.5


def last(explorer, norm):
    return explorer.shown.curves[norm][1][-1]


@claim("RatesExplorer", 0)
def at_a_hundredth_pre_norm_alone_learns(now, before):
    assert last(now, "pre") > 0.95
    assert max(last(now, "post"), last(now, "none")) < 0.2


@claim("RatesExplorer", 1)
def warm_up_helps_both_others(now, before):
    for norm in ("post", "none"):
        assert last(now, norm) > last(before, norm) + 0.2
    assert 0.3 < last(now, "none") < 0.7
    slow, fast = (explorer.shown.ends["post"][0].mean() for explorer in (now, before))
    assert slow < 0.9 < fast  # at rate 0.001 it does harm


@claim("CompanionsExplorer", 0)
def among_31_others_batch_norm_is_right(now, before):
    assert now.shown.right["batch"][-1] == 1
    assert len(now.lines["batch"].get_xdata()) == 1  # with fewer others: asked next


@claim("CompanionsExplorer", 1)
def alone_batch_norm_is_near_a_guess(now, before):
    assert abs(now.shown.right["batch"][0] - 1 / 9) < 0.1
    assert len(now.lines["batch"].get_xdata()) == 5  # all are told now


@claim("CompanionsExplorer", 2)
def alone_layer_norm_is_right(now, before):
    assert now.shown.right["layer"][0] == 1
