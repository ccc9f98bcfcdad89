"""The experiments behind the lessons' claims: one file per notebook, each run live in seconds.

An experiment is a generator: it yields a Report after each slice of work, and the last report
carries the whole result, a plain dict of numbers and arrays. A cell runs it to its end with
`finish`; a button draws each report; `helpers.learning.evidence` repeats it over seeds.

Each file has two dicts. RUNS names what is repeated: {name of the run: Run}. CLAIMS names what the
lessons say about it: {sentence: Claim} (claims.py).
"""

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import numpy as np

from helpers import checks


class Report(NamedTuple):
    done: float  # the share of the work that is done, 0 to 1
    note: str  # what is going on, in a few words
    result: dict | None = None  # what has been found so far; the last one is whole


CURVE = ("steps", "accuracies")  # what `record` finds in every training


class Run(NamedTuple):
    experiment: Callable  # (seed, **options) → a generator of Reports
    options: dict
    numbers: tuple = ("accuracy",)  # keys of the result that hold a number: the table lists them
    kept: tuple = ()  # keys of the result that explorers show: kept for the first seed
    seeds: int = 20  # random starts in the table; ten where a run takes more than some seconds


def longer(run, times=3):
    """Return how a run is called that has so many times as many steps."""
    return f"{run}, {times} × longer"


def at_once(measure):
    """Turn a function that returns a result into an experiment with a single report."""

    @wraps(measure)
    def experiment(*arguments, **options):
        yield Report(1.0, "measured", measure(*arguments, **options))

    return experiment


def finish(experiment):
    """Run an experiment to its end and return its result.

    Raises ValueError for an experiment that ends without one.
    """
    result = None
    for report in experiment:
        result = report.result
    if result is None:
        raise ValueError("the experiment ended without a result; expected one in its last report")
    return result


def generators(seed):
    """Return random generators for the weights, for the training, and for the test.

    The test is the same for every seed. Raises ValueError or TypeError if the seed is not an
    integer from 0 up.
    """
    seed = checks.require_size(seed, "seed", 0)
    return tuple(map(np.random.default_rng, (seed, 1000 + seed, 10_000)))


def snapshot(found, moment=None):
    """Return the index of a moment of training, 0 for the first, in what a run has recorded.

    It is the last moment if none is named, and where the run has not come so far.
    """
    last = len(found["steps"]) - 1
    return last if moment is None else min(moment, last)


def record(training, found, measure, until=1.0):
    """Yield a Report after each report of a training, with what is measured of the model then.

    found: the result. It gets "steps" and, for each name in what measure(params) returns, a list
    over the reports; "accuracy", the last of "accuracies"; "trouble" if the run blew up.
    until: which share of the whole work the training is. Returns the weights and the last note.
    """
    for progress in training:
        moment = {"steps": progress.step, **measure(progress.params)}
        for name, value in moment.items():
            found.setdefault(name, []).append(value)
        found["accuracy"] = moment["accuracies"]
        if progress.trouble:
            found["trouble"] = progress.trouble
        note = progress.trouble or f"step {progress.step}, {found['accuracy']:.0%} right"
        yield Report(until * progress.step / progress.n_steps, note, dict(found))
    return progress.params, note
