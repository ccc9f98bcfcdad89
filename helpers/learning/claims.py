"""What a lesson says about its runs, as a question to the numbers of one seed."""

import math
from collections.abc import Callable
from typing import NamedTuple


class Claim(NamedTuple):
    runs: tuple  # names of the runs that the sentence compares, each at the same seed
    holds: Callable  # (one dict of numbers per run) → whether the sentence holds for this seed


def claim(runs, number="accuracy", above=-math.inf, below=math.inf, at_least=-math.inf):
    """Return the Claim that a number of a run, or of each of several, lies within limits."""
    runs = (runs,) if isinstance(runs, str) else tuple(runs)
    return Claim(
        runs, lambda *rows: all(above < r[number] < below and r[number] >= at_least for r in rows)
    )


def higher(run, than, number="accuracy"):
    """Return the Claim that a number of one run is above that of another."""
    return Claim((run, than), lambda one, other: one[number] > other[number])
