"""The linear probe reads what is there, guesses where nothing is, and is tested on new samples."""

import numpy as np
import pytest

from helpers.learning import probe


def clusters(rng, n_samples=400, n_classes=5, n_features=8):
    labels = rng.integers(0, n_classes, n_samples)
    centres = rng.standard_normal((n_classes, n_features))
    return centres[labels], labels


def test_guessing_where_nothing_is(rng):
    features, labels = clusters(rng, n_samples=4000)
    noise = rng.standard_normal(features.shape)
    assert abs(probe.accuracy(noise, labels, rng) - 0.2) < 0.05


def test_a_probe_that_only_remembers_its_samples_fails(rng):
    # As many features as samples to fit on: those are read without fault, the others are not.
    labels, noise = rng.integers(0, 2, 400), rng.standard_normal((400, 200))
    train, _ = probe.split(400, rng)
    seen = probe.standardize(noise, train)[train]
    weights = probe.fit(seen, labels[train], 2, ridge=1e-9)
    assert ((seen @ weights).argmax(axis=1) == labels[train]).mean() > 0.95
    assert probe.accuracy(noise, labels, rng, ridge=1e-9) < 0.65


def test_scale_and_shift_do_not_matter(rng):
    features, labels = clusters(rng)
    features = features + 2 * rng.standard_normal(features.shape)
    found = [
        probe.accuracy(values, labels, np.random.default_rng(1))
        for values in (features, 1000 * features + 7)
    ]
    assert found[0] == found[1]
    assert 0.3 < found[0] < 0.9


def test_a_constant_feature_is_no_trouble(rng):
    features, labels = clusters(rng)
    features[:, 3] = 1e6 / 3
    assert probe.accuracy(features, labels, rng) == 1


def test_each_leading_index_is_a_probe_of_its_own(rng):
    features, labels = clusters(rng)
    layers = np.stack([features, 3 * rng.standard_normal(features.shape) + features])
    together = probe.accuracy(layers, labels, np.random.default_rng(1))
    alone = [probe.accuracy(layer, labels, np.random.default_rng(1)) for layer in layers]
    assert together.shape == (2,)
    np.testing.assert_array_equal(together, alone)
    assert together[0] > together[1]


def test_fit_is_the_minimum_of_the_penalised_squares(rng):
    features, labels = clusters(rng, n_samples=30)
    weights = probe.fit(features, labels, 5, ridge=0.1)

    def cost(weights):
        misses = features @ weights - np.eye(5)[labels]
        return np.square(misses).sum() / 30 + 0.1 * np.square(weights).sum()

    for _ in range(20):
        assert cost(weights + 0.01 * rng.standard_normal(weights.shape)) > cost(weights)


def test_split_leaves_no_sample_out_and_none_in_both(rng):
    train, test = probe.split(11, rng)
    assert (len(train), len(test)) == (6, 5)
    np.testing.assert_array_equal(np.sort([*train, *test]), np.arange(11))
    assert not np.array_equal(train, probe.split(11, rng)[0])


@pytest.mark.parametrize(
    ("features", "labels", "options", "error", "message"),
    [
        (np.ones((4, 2)), [0, 1, 0], {}, ValueError, r"labels have shape \(3,\); expected \(4,\)"),
        (np.ones((2, 2)), [0.0, 1.0], {}, TypeError, "labels hold float64; expected whole numbers"),
        (np.ones((2, 2)), [0, -1], {}, ValueError, "labels hold -1; expected 0 or more"),
        (np.ones((1, 2)), [0], {}, ValueError, "n_samples=1; expected 2 to"),
        (np.ones((2, 2)), [0, 1], {"ridge": 0}, ValueError, "ridge=0; expected more than 0"),
    ],
)
def test_unfit_arguments_are_refused(rng, features, labels, options, error, message):
    with pytest.raises(error, match=message):
        probe.accuracy(features, np.array(labels), rng, **options)
