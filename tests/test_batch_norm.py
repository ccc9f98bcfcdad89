"""Batch norm: columns instead of rows, padding left out, statistics that can be kept."""

import numpy as np
import pytest

from helpers import layer_norm
from helpers.learning import batch_norm, gradient_check, model, training
from helpers.learning.adam import leaves

X = np.random.default_rng(0).standard_normal((3, 4, 5))  # (sentences, seq_len, d_model)
WORDS = np.arange(4) < np.array([[4], [2], [3]])  # (sentences, seq_len)
PARAMS = {"gamma": np.array([1.0, 2, 3, 0, -1]), "beta": np.array([0.0, 1, 2, 3, 4])}
DESIGN = model.Design(6, 3, 4, 2, d_ff=2, n_layers=2, feed_forward=False)


def batch(words=WORDS):
    tokens = np.random.default_rng(1).integers(0, 6, (3, 4)) * words
    return training.Batch(tokens, np.minimum(tokens, 2), words.astype(float), words[:, None])


def test_it_is_the_two_lines_of_the_lesson():
    mean, variance = X.mean(axis=(0, 1)), X.var(axis=(0, 1))
    expected = (X - mean) / np.sqrt(variance + 1e-5) * PARAMS["gamma"] + PARAMS["beta"]
    trace = batch_norm.forward(X, PARAMS)
    assert np.allclose(trace.out, expected, atol=1e-12)
    assert np.allclose(trace.turned.mean[:, 0], mean)
    assert np.allclose(trace.turned.variance[:, 0], variance)
    # Of a single word nothing is left but its beta: each feature is its own mean.
    assert batch_norm.forward(X[:1, :1], PARAMS).out.tolist() == [[[0, 1, 2, 3, 4]]]


def test_padding_is_neither_counted_nor_changed_into_anything():
    loud = np.where(WORDS[..., None], X, 1e6)
    out = batch_norm.forward(loud, PARAMS, WORDS).out
    assert np.array_equal(out, batch_norm.forward(X, PARAMS, WORDS).out)
    assert (out[~WORDS] == 0).all()
    normalized = (out[WORDS] - PARAMS["beta"])[:, PARAMS["gamma"] != 0]
    assert np.allclose(normalized.mean(axis=0), 0)


@pytest.mark.parametrize("words", [None, WORDS])
def test_its_gradients_are_those_of_its_loss(words):
    errors = gradient_check.check(batch_norm, X, PARAMS, np.random.default_rng(2), words)
    assert set(errors) == {"x", "gamma", "beta"}
    assert max(errors.values()) < 1e-7


def test_a_model_of_its_blocks_has_the_gradients_of_its_loss():
    params = model.init(DESIGN, np.random.default_rng(0), dtype=np.float64)
    run = model.gradients(DESIGN, batch_norm)
    _, _, grads = run(params, batch())
    moved = 0
    for found, values in zip(leaves(grads), leaves(params), strict=True):
        expected = gradient_check.numerical_gradient(lambda: run(params, batch())[0], values)
        assert gradient_check.relative_error(found, expected) < 1e-6
        moved += np.abs(expected).max() > 1e-4
    assert moved > 12


def test_kept_statistics_give_a_sentence_the_same_numbers_in_any_company():
    params = model.init(DESIGN, np.random.default_rng(0), dtype=np.float64)

    def run(params, tokens):
        return model.compute(tokens, params, DESIGN, None, batch_norm)

    one, other = np.random.default_rng(3).integers(0, 6, (2, 3, 4))
    trace = run(params, one)
    kept = params | {"layers": batch_norm.keep(params["layers"], [trace.blocks])}
    assert np.allclose(run(kept, one).out, trace.out)  # the batch that they were kept of
    mixed = np.concatenate([one[:1], other])
    assert np.abs(run(params, mixed).out[0] - trace.out[0]).max() > 0.05
    assert np.allclose(run(kept, mixed).out[0], trace.out[0])
    assert "mean" not in params["layers"][0]["norm_1"]


def test_of_two_runs_the_mean_is_kept():
    params = model.init(DESIGN, np.random.default_rng(0), dtype=np.float64)
    runs = [
        model.compute(tokens, params, DESIGN, None, batch_norm).blocks
        for tokens in np.random.default_rng(3).integers(0, 6, (2, 3, 4))
    ]
    kept = batch_norm.keep(params["layers"], runs)[1]["norm_1"]
    found = [blocks[1].norm.turned.variance[:, 0] for blocks in runs]
    assert np.allclose(kept["variance"], (found[0] + found[1]) / 2)
    assert np.abs(found[0] - found[1]).max() > 1e-3


def test_layer_norm_of_the_turned_table_is_all_there_is():
    turned = batch_norm.forward(X, PARAMS).turned
    plain = {"gamma": np.ones(12), "beta": np.zeros(12)}
    assert np.array_equal(turned.out, layer_norm.forward(X.reshape(12, 5).T, plain).out)
