"""The experiments of notebook 02: the task, what a run holds, and which way the claims point."""

import numpy as np
import pytest

from helpers.explorers.skip_connections import SurfacesExplorer
from helpers.learning import evidence, first_word
from helpers.learning.experiments import skip_connections as deep


def test_each_word_is_asked_for_the_first_word_of_its_sentence():
    batch = next(first_word.sentences(np.random.default_rng(0), 3))
    assert batch.tokens.shape == batch.targets.shape == (3, first_word.SEQ_LEN)
    assert len(np.unique(batch.tokens)) > 5
    for sentence, answers in zip(batch.tokens, batch.targets, strict=True):
        assert (answers == sentence[0]).all()


def test_a_run_learns_and_holds_what_explorers_show():
    reports = list(deep.deep(seed=3, n_layers=2, n_steps=60))
    result = reports[-1].result
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    assert reports[-1].done == 1
    assert result["steps"][-1] == 60
    assert len(result["steps"]) == len(result["accuracies"]) == 20
    assert result["accuracy"] == result["accuracies"][-1] > 0.5 > result["accuracies"][0]
    assert result["trouble"] == ""


def test_numbers_too_large_to_compute_with_give_no_right_answer():
    design = first_word.design(1)
    *_, last = first_word.learn(0, 1, "pre", n_steps=2)
    params = last.result["params"]
    params["embedding"][:] = 1e38
    batch = next(first_word.sentences(np.random.default_rng(0), 4))
    assert first_word.share_right(design, params, batch) == 0


@pytest.fixture(scope="module")
def small_surfaces():
    return list(deep.surfaces(seed=0, n_layers=1, n_steps=5))


def test_surfaces_fill_row_by_row_first_with_skip_then_without(small_surfaces):
    partial = [report.result for report in small_surfaces if report.result]
    assert len(partial) == 2 * deep.COUNT
    assert np.isfinite(partial[0]["surface with"][0]).all()
    assert np.isnan(partial[0]["surface with"][1:]).all()
    assert np.isnan(partial[0]["surface without"]).all()
    last = partial[-1]
    for side in deep.SIDES:
        assert np.isfinite(last[f"surface {side}"]).all()
        assert 0 <= last[f"bends {side}"] <= 1
        assert isinstance(last[f"minima {side}"], int)
    dones = [report.done for report in small_surfaces]
    assert dones == sorted(dones)
    assert dones[-1] == 1


def test_the_recorded_surfaces_show_more_minima_without_skip():
    for n_layers in deep.SURFACE_DEPTHS:
        name = deep.surface_name(n_layers)
        share = evidence.claims("skip_connections")[f"{name}: at least two minima fewer with skip"]
        assert share.holds >= 0.9 * share.seeds


def test_half_a_surface_is_shown_and_said(small_surfaces):
    explorer = SurfacesExplorer()
    name = explorer.run_name(explorer.values)
    explorer.take(name, next(r.result for r in small_surfaces if r.result))
    assert "without skip not measured yet" in explorer.sentence
    picture = explorer.png
    explorer.set(row=15)  # a row that is still to come
    assert explorer.png != picture
