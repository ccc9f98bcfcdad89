"""What training small models asks of the machine: one thread, and memory that is kept.

A step of a small model is many small matrix products. Shared out among threads each of them takes
longer, and on a machine with other work to do, many times longer.
"""

import contextlib
import ctypes
from functools import lru_cache
from pathlib import Path

import numpy as np

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # the numbers of mallopt's settings
LARGEST_ARRAY = 32 * 2**20  # bytes: the most that mallopt takes
BLAS_NAMES = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads")


@lru_cache(maxsize=1)
def _blas():
    """Return the functions that get and set numpy's number of threads; None where there are none.

    numpy brings its OpenBLAS along, in a folder beside itself or within.
    """
    home = Path(np.__file__).parent
    for path in [*home.parent.glob("numpy.libs/*openblas*"), *home.glob(".dylibs/*openblas*")]:
        with contextlib.suppress(OSError):
            library = ctypes.CDLL(str(path))
            for name in BLAS_NAMES:
                if hasattr(library, name.format("set")):
                    return getattr(library, name.format("get")), getattr(
                        library, name.format("set")
                    )
    return None


@contextlib.contextmanager
def one_thread():
    """Let numpy multiply with one thread inside the `with`, and with as many as before after it.

    Yields whether it could; with another library than OpenBLAS nothing changes.
    """
    functions = _blas()
    if functions is None:
        yield False
        return
    get, set_threads = functions
    before = get()
    set_threads(1)
    try:
        yield True
    finally:
        set_threads(before)


def keep_freed(megabytes=64):
    """Tell the C library to keep up to so much freed memory; return whether it listened.

    A training step makes and drops some hundred arrays. Given back to the system each time, their
    memory has to be cleared and mapped again, which took a fifth of a step. Only glibc has the
    setting; elsewhere nothing changes.
    Source: the manual page of mallopt(3).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, Windows, a browser
        return False
    kept = mallopt(TRIM_THRESHOLD, int(megabytes * 2**20))
    return bool(kept and mallopt(MMAP_THRESHOLD, LARGEST_ARRAY))
