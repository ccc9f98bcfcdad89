"""The claims of the tours of lesson 02."""

import numpy as np

from helpers.explorers import skip_connections as explorers
from helpers.learning import evidence
from tour_claims import claim

SEEDS = range(10)  # all that the slider offers


@claim("SkipConnectionsExplorer", 0)
def every_word_is_told_at_the_input(now, before):
    for seed in SEEDS:
        now.set(seed=seed)
        for skip in explorers.SIDES:
            assert now.shown.shares[skip][0] == 1
            rows = now.shown.vectors[skip]
            distances = np.linalg.norm(rows[:, None] - rows, axis=-1)  # (words, words)
            assert distances[~np.eye(len(rows), dtype=bool)].min() > 1


@claim("SkipConnectionsExplorer", 1)
def two_layers_without_skip_leave_about_half(now, before):
    assert len(before.shown.shares[False]) == 1  # the answer is not drawn before the guess
    assert now.ends[False].get_text() == "0.45"
    for seed in SEEDS:
        now.set(seed=seed)
        assert 0.3 < now.shown.shares[False][-1] < 0.55
        assert now.shown.shares[True][-1] > 0.98
        assert now.shown.cosines[False] > 0.9


@claim("SkipConnectionsExplorer", 2)
def at_layer_12_all_rows_are_one_without_skip(now, before):
    for seed in SEEDS:
        now.set(seed=seed)
        assert np.ptp(now.shown.vectors[False], axis=0).max() < 0.05  # of a typical size of 1
        assert now.shown.cosines[True] < 0.95
        assert now.shown.shares[True][-1] > 0.97
        assert now.shown.shares[False][-1] < 0.35
    colours = now.maps[False].get_array()  # (words, d_model): what is drawn is what was compared
    assert np.ptp(colours, axis=0).max() < 0.05


@claim("SkipConnectionsExplorer", 3)
def another_word_is_found_by_attention_and_kept_by_the_skip(now, before):
    for seed in SEEDS:
        now.set(seed=seed)
        kept, lost = now.shown.shares[True], now.shown.shares[False]
        assert abs(kept[0] - now.shown.guess) < 0.1
        assert kept[1] > now.shown.guess + 0.15
        assert kept[-1] > now.shown.guess + 0.15
        assert kept[-1] > lost[-1]


@claim("SignalsExplorer", 0)
def without_norm_and_skip_the_gradient_vanishes(now, before):
    for seed in range(5):
        now.set(seed=seed)
        assert now.shown.chosen.gradient[0] < 1e-3
    heights = now.lines[0].get_ydata()
    assert abs(heights[0] - 1) < 1e-12  # left is the top
    assert heights[-1] < 1e-3


@claim("SignalsExplorer", 1)
def with_skip_and_no_norm_the_gradient_explodes(now, before):
    for seed in range(5):
        now.set(seed=seed)
        assert now.shown.chosen.gradient[0] > 1000
    assert now.structure(now.shown) == now.structure(now.would_show(now.values | {"skip": False}))
    assert now.ghosts[0].get_ydata()[-1] < 1e-3  # what was before stays, pale


@claim("SignalsExplorer", 2)
def a_norm_before_f_keeps_both_below_ten(now, before):
    for seed in range(5):
        now.set(seed=seed)
        assert now.shown.chosen.gradient.max() < 10
        assert now.shown.chosen.signal.max() < 10
        assert now.shown.chosen.readable[-1] > 0.95


@claim("SignalsExplorer", 3)
def a_quarter_of_f_needs_no_norm(now, before):
    for seed in range(5):
        now.set(seed=seed)
        assert now.shown.chosen.gradient[0] < 10


@claim("DeepStacksExplorer", 0)
def eight_layers_learn_with_skip_alone(now, before):
    with_skip, without = (now.shown.curves[skip][1] for skip in (True, False))
    assert with_skip[-1] > 0.99
    assert without[-1] < 0.2


@claim("DeepStacksExplorer", 1)
def four_layers_learn_without_skip(now, before):
    assert now.shown.curves[False][1][-1] > 0.99


@claim("DeepStacksExplorer", 2)
def after_the_sum_the_skip_loses_here_and_wins_in_other_seeds(now, before):
    with_skip, without = (now.shown.curves[skip][1][-1] for skip in (True, False))
    assert with_skip < without
    table = evidence.column("skip_connections")
    ends = [table[f"8 layers, post, {way} skip"].values for way in ("with", "without")]
    helps, seeds = (ends[0] > ends[1]).sum(), len(ends[0])
    assert all(f"{helps} of {seeds} seeds" in choice["why"] for choice in now.tour.stop.choices)


@claim("SurfacesExplorer", 0)
def one_low_place_with_skip_and_five_without(now, before):
    assert {side: int(found.sum()) for side, found in now.shown.minima.items()} == {
        "with": 1,
        "without": 5,
    }
    assert min(now.shown.accuracies.values()) > 0.99


@claim("SurfacesExplorer", 1)
def row_4_has_five_valleys_without_skip_and_one_with(now, before):
    assert "Valleys along row 4, a low end included: with 1, without 5." in now.sentence
    drawn = now.lines["without"].get_ydata()
    inner = (drawn[1:-1] < drawn[:-2]) & (drawn[1:-1] < drawn[2:])
    ends = int(drawn[0] < drawn[1]) + int(drawn[-1] < drawn[-2])
    assert inner.sum() + ends == 5


@claim("SurfacesExplorer", 2)
def six_layers_without_skip_have_a_high_loss_in_the_middle(now, before):
    middle = now.shown.tables["without"].shape[0] // 2
    loss = now.shown.tables["without"][middle, middle]
    assert f"{loss:.1f}" == "2.3"
    assert loss < now.shown.tables["without"].max()
    assert now.shown.accuracies["without"] < 0.5
