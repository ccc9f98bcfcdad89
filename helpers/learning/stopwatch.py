"""How long does a call take? The fastest of several runs says it best: noise only ever adds.

One thread runs, so that two ways are compared by their work and not by how they share it out.
"""

import time

from helpers import checks
from helpers.learning import machine


def fastest(run, repeats=5):
    """Return the seconds that run() took, the fastest of `repeats` runs.

        seconds = min over the runs

    run: a function without arguments. Raises TypeError or ValueError for a number of repeats that
    is no whole number from 1 up.
    Source: the documentation of Python's timeit, on why the minimum is the one to read.
    """
    seconds = []
    for _ in range(checks.require_size(repeats, "repeats")):
        with machine.one_thread():
            started = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - started)
    return min(seconds)
