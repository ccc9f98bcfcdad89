"""The ablation of notebook 06: the task is what it says, and a part that is off is off."""

import numpy as np
import pytest

from helpers.explorers.encoder_block import TRAINED, AblationExplorer, blind_bet
from helpers.learning.experiments import encoder_block as experiment
from helpers.learning.experiments import finish


def test_the_answers_are_sums_of_the_own_word_and_another():
    tokens, answers, *_ = next(experiment.sentences(4, np.random.default_rng(0), batch=2))
    for words, asked in zip(tokens, answers, strict=True):
        for place, own in enumerate(words):
            before, after = words[max(place - 1, 0)], words[min(place + 1, len(words) - 1)]
            others = np.array([before, words[0], after, words[-1]])
            assert list(asked[place]) == list((own + others) % 6)


@pytest.mark.parametrize("off", experiment.PARTS)
def test_the_part_that_is_off_is_the_one_that_is_named(off, monkeypatch):
    designs = []
    real = experiment.model.gradients
    monkeypatch.setattr(
        experiment.model, "gradients", lambda design: (designs.append(design), real(design))[1]
    )
    finish(experiment.ablation(0, off=off, n_steps=2))
    (design,) = designs
    assert design.positions == (off != "positions")
    assert design.skip == (off != "skip")
    assert design.feed_forward == (off != "feed-forward")
    assert design.n_heads == (1 if off == "heads but one" else 4)
    assert design.norm == ("none" if off == "norm" else "pre")


def test_a_run_is_looked_at_before_its_first_step_and_every_25_steps():
    found = finish(experiment.ablation(0, n_steps=50))
    assert found["steps"] == [0, 25, 50]
    assert len(found["accuracies"]) == 3
    assert found["accuracies"][0] < 0.35


def test_the_bet_without_order_is_the_share_of_the_most_frequent_word():
    rng = np.random.default_rng(5)
    sentences = rng.integers(0, 6, (4000, 8))
    hits = [max(np.bincount(words)) / 8 for words in sentences]
    assert blind_bet() == pytest.approx(np.mean(hits), abs=0.005)


def test_the_bars_of_the_explorer_are_the_parts_of_the_experiment():
    assert list(TRAINED) == list(experiment.PARTS)


def test_a_live_run_is_marked_beside_its_row():
    explorer = AblationExplorer(off="positions")
    reports = experiment.ablation(3, off="positions", n_steps=50)
    explorer.take("1 block, 4 sums, without positions", next(reports).result)
    explorer.set(off="nothing")
    assert np.isfinite(explorer.diamonds.get_xdata()).tolist() == [False, True] + [False] * 4
