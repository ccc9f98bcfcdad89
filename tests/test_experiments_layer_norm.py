"""The experiments of notebook 03: rates, reports, what a run holds, which way claims point."""

import numpy as np
import pytest

from helpers.explorers.layer_norm import RatesExplorer
from helpers.learning.experiments import finish
from helpers.learning.experiments import layer_norm as experiments


def test_sentences_of_different_lengths_are_filled_up_and_the_filling_is_not_counted():
    batch = experiments.padded_batch([np.array([3, 1]), np.array([5, 2, 7]), np.array([4])])
    assert batch.tokens.tolist() == [[3, 1, 0], [5, 2, 7], [4, 0, 0]]
    assert batch.counted.tolist() == [[1, 1, 0], [1, 1, 1], [1, 0, 0]]
    assert batch.targets[:, :1].tolist() == [[3], [5], [4]]
    assert (batch.targets == batch.targets[:, :1]).all()
    assert batch.mask.shape == (3, 1, 3)
    assert np.array_equal(batch.mask[:, 0], batch.counted.astype(bool))


def test_batches_hold_sentences_of_two_to_sixteen_words():
    batch = next(experiments.mixed_length_batches(np.random.default_rng(0), 400))
    lengths = batch.counted.sum(axis=1)
    assert (lengths.min(), lengths.max()) == (2, experiments.LONGEST)
    words = batch.tokens[batch.mask[:, 0]]
    assert (words.min(), words.max()) == (1, experiments.VOCAB - 1)


def test_warm_up_and_size_reach_the_training():
    plain = finish(experiments.train_at_rate(0, n_layers=1, n_steps=3))["params"]["W_out"]
    for change in ({"warmup": 10}, {"size": 0.5}, {"norm": "none"}, {"rate": 1e-3}):
        other = finish(experiments.train_at_rate(0, n_layers=1, n_steps=3, **change))
        assert not np.allclose(other["params"]["W_out"], plain)


@pytest.fixture(scope="module")
def reports():
    return {
        norm: list(experiments.train_with_companions(0, norm, n_steps=60))
        for norm in ("layer", "batch")
    }


def test_companions_hold_what_their_explorer_shows(reports):
    reports = reports["batch"]
    result = reports[-1].result
    places = len(experiments.COMPANIONS), len(experiments.LENGTHS)
    assert result["right"].shape == places
    assert result["logits"].shape == (*places, experiments.VOCAB)
    assert 1 <= result["answer"] < experiments.VOCAB
    dones = [report.done for report in reports]
    assert dones == sorted(dones)
    assert dones[-1] == 1


def test_companions_matter_to_batch_norm_alone(reports):
    layer, batch = (reports[norm][-1].result for norm in ("layer", "batch"))
    assert layer["change"] < 1e-4 < 0.3 < batch["change"]
    assert np.ptp(layer["right"]) == 0
    assert batch["alone"] < batch["accuracy"] - 0.3
    alone = batch["logits"][0]
    assert np.array_equal(alone[0], alone[-1])  # without companions their length is nothing


def test_kept_statistics_are_used_and_repair_it():
    kept = finish(experiments.train_with_companions(0, "kept", n_steps=60))
    assert kept["change"] < 1e-4
    assert np.ptp(kept["right"]) == 0


def test_a_rate_that_diverges_ends_in_a_sentence():
    explorer = RatesExplorer(norm="none", rate=0.1, seed=1)
    assert "infinite at step" in explorer.sentence or "out of range" in explorer.sentence
    explorer.train()
    assert "trained here, seed 1 (" in explorer.sentence
    assert "at step" in explorer.sentence
    assert "weights are those from before" in explorer.note
