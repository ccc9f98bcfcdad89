"""What is measured on the vectors of words."""

import time

import numpy as np
import pytest

from helpers.learning.measures import mean_cosine, milliseconds, rms


def test_mean_cosine_is_the_mean_over_all_pairs_of_different_words():
    states = np.random.default_rng(0).standard_normal((3, 5, 4))  # (sentences, seq_len, d_model)
    for sentence, found in zip(states, mean_cosine(states), strict=True):
        pairs = [
            a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
            for i, a in enumerate(sentence)
            for b in sentence[:i]
        ]
        assert found == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([[1, 1], [2, 2]], 1),
        ([[1, 1], [-2, -2]], -1),
        ([[1, 0], [0, 3]], 0),
        ([[0, 0], [0, 3]], 0),
        ([[1, 0], [2, 0], [0, 0]], 1 / 3),
        ([[1, 0]], np.nan),
    ],
)
def test_small_cases(words, expected):
    assert mean_cosine(words) == pytest.approx(expected, nan_ok=True)


def test_rms_is_over_all_numbers_or_one_axis():
    values = np.array([[3.0, 4.0], [0.0, 2.0]])
    assert rms(values) == pytest.approx(np.sqrt(29 / 4))
    assert rms(values, axis=-1) == pytest.approx([np.sqrt(12.5), np.sqrt(2)])


def test_milliseconds_are_those_of_one_call():
    assert 10 <= milliseconds(lambda: time.sleep(0.01), repeats=1) < 100


def test_a_coarse_clock_does_not_lead_astray(monkeypatch):
    clock = time.perf_counter
    monkeypatch.setattr("timeit.default_timer", lambda: round(clock(), 2))
    assert 0 < milliseconds(lambda: None, repeats=1) < 0.01
