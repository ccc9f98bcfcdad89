"""The experiments behind the lessons' claims: one file a notebook, each run live in seconds.

An experiment is a generator: it yields a Report after each slice of work, and the last report
carries the whole result, a plain dict of numbers and arrays. A cell runs it to its end with
`finish`; a button draws each report; `helpers.learning.evidence` repeats it over seeds.

Each file has a dict RUNS of what is to be repeated: {name of the run: Run}.
"""

from collections.abc import Callable
from typing import NamedTuple


class Report(NamedTuple):
    done: float  # the share of the work that is done, 0 to 1
    note: str  # what is going on, in a few words
    result: dict | None = None  # what has been found so far; the last one is whole


class Run(NamedTuple):
    experiment: Callable  # (seed, **options) → a generator of Reports
    options: dict
    numbers: tuple  # keys of the result that hold a single number: the table lists them
    kept: tuple = ()  # keys of the result that explorers show: kept for the first seed


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


def part(experiment, start, end):
    """Yield the reports of one experiment as the part from `start` to `end` of a longer one.

    Returns the part's own result, for `result = yield from part(...)`.
    """
    result = None
    for report in experiment:
        result = report.result
        yield Report(start + report.done * (end - start), report.note)
    return result
