"""The linear map: by hand, word by word; its gradients; how its matrices are drawn."""

import numpy as np
import pytest

from helpers import linear
from helpers.learning import gradient_check


@pytest.mark.parametrize("shape", [(4, 3), (2, 4, 3), (2, 1, 4, 3)])
def test_every_word_meets_the_same_matrix(rng, shape):
    x, W, b = rng.standard_normal(shape), rng.standard_normal((3, 5)), rng.standard_normal(5)
    y = linear.linear(x, W, b)
    assert y.shape == (*shape[:-1], 5)
    for *word, column in np.ndindex(y.shape):
        expected = sum(x[*word, i] * W[i, column] for i in range(3)) + b[column]
        assert y[*word, column] == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("platform", ["linux", "emscripten"])
@pytest.mark.parametrize("shape", [(4, 3), (2, 4, 3), (2, 1, 4, 3)])
def test_gradients(rng, shape, platform, monkeypatch):
    monkeypatch.setattr("sys.platform", platform)
    x, W, b = rng.standard_normal(shape), rng.standard_normal((3, 5)), rng.standard_normal(5)
    upstream = rng.standard_normal((*shape[:-1], 5))
    gradients = linear.linear_backward(upstream, x, W)
    for gradient, values in zip(gradients, (x, W, b), strict=True):
        expected = gradient_check.numerical_gradient(
            lambda: (upstream * linear.linear(x, W, b)).sum(), values
        )
        assert gradient_check.relative_error(gradient, expected) <= 1e-7


def test_the_sum_over_words_takes_those_of_all_sentences(rng):
    values = rng.standard_normal((2, 3, 4))
    expected = [sum(values[*word, i] for word in np.ndindex(2, 3)) for i in range(4)]
    np.testing.assert_allclose(linear.sum_over_words(values), expected, atol=1e-14)


def test_glorot_keeps_the_size_of_numbers(rng):
    W = linear.glorot(300, 300, rng)  # (300, 300)
    x = rng.standard_normal((100, 300))
    assert (x @ W).std() == pytest.approx(1, abs=0.05)
    limit = (6 / 600) ** 0.5
    assert 0.99 * limit < np.abs(W).max() <= limit
    assert np.abs(linear.glorot(2, 10, rng)).max() <= (6 / 12) ** 0.5
