"""The stopwatch runs what it is given, as often as it is told, and keeps the fastest."""

import time

import pytest

from helpers.learning import stopwatch


def test_it_keeps_the_fastest_of_its_runs(monkeypatch):
    moments = iter([0.0, 5.0, 10.0, 12.0, 20.0, 23.0])  # runs of 5, 2 and 3 seconds
    monkeypatch.setattr(time, "perf_counter", lambda: next(moments))
    calls = []
    assert stopwatch.fastest(lambda: calls.append(1), repeats=3) == 2.0
    assert len(calls) == 3


def test_it_measures_seconds():
    assert 0.01 <= stopwatch.fastest(lambda: time.sleep(0.01), repeats=2) < 1


@pytest.mark.parametrize(("repeats", "error"), [(0, ValueError), (1.5, TypeError)])
def test_repeats_must_be_a_whole_number(repeats, error):
    with pytest.raises(error, match=r"repeats=.*expected"):
        stopwatch.fastest(lambda: None, repeats)
