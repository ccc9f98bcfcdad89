"""The look-ups of notebook 01: the task is what it says, and heads learn it."""

import numpy as np
import pytest

from helpers.explorers.multi_head_attention import LookUpsExplorer
from helpers.learning.experiments import finish
from helpers.learning.experiments import multi_head_attention as experiment


def test_the_answers_are_the_words_that_were_asked_for():
    tokens, answers, *_ = next(experiment.sentences(4, np.random.default_rng(0), batch=2))
    for words, asked in zip(tokens, answers, strict=True):
        for place in range(experiment.SEQ_LEN):
            before, after = max(place - 1, 0), min(place + 1, experiment.SEQ_LEN - 1)
            assert list(asked[place]) == [words[before], words[0], words[after], words[-1]]


def test_two_heads_beat_one_and_have_as_many_parameters():
    one, two = (finish(experiment.look_ups(0, n_heads, n_steps=400)) for n_heads in (1, 2))
    assert one["parameters"] == two["parameters"] == 4 * 32**2 + 4 * 32
    assert two["accuracy"] > 0.9 > 0.8 > one["accuracy"]
    assert two["by_look_up"][-1].mean() == pytest.approx(two["accuracy"])
    assert two["weights"][-1].shape == (2, 10, 10)
    assert np.allclose(two["weights"][-1].sum(axis=-1), 1, atol=1e-4)
    lost = two["by_look_up"][-1] - two["without_head"]  # (heads, look-ups)
    assert set(lost.argmax(axis=1)) == {0, 1}, "each head has a look-up of its own"
    assert lost.max(axis=1).min() > 0.3


def test_a_head_is_taken_out_of_a_copy():
    design = experiment.model.Design(8, 16, 32, 4, d_ff=1, feed_forward=False)
    params = experiment.model.init(design, np.random.default_rng(0))
    without = experiment.model.without_head(params, 0, 1, 4)["layers"][0]["attention"]["W_o"]
    assert (without[8:16] == 0).all()
    assert (without[:8] != 0).all()
    assert (params["layers"][0]["attention"]["W_o"] != 0).all()


def test_a_run_has_the_heads_of_its_name_and_half_of_it_can_be_looked_at():
    explorer = LookUpsExplorer()
    for n_look_ups, n_heads in ((2, 1), (2, 2), (4, 1), (4, 4)):
        name = explorer.run_name({"n_look_ups": n_look_ups, "n_heads": n_heads})
        assert experiment.RUNS[name].options["n_heads"] == n_heads
    reports = experiment.look_ups(3, n_heads=2)
    explorer.take(explorer.run_name(explorer.values), next(reports).result)
    explorer.set(moment=7)
    assert "step 25:" in explorer.sentence
    explorer.set(knocked_out=1)
    assert "measured at the last step" in explorer.sentence
