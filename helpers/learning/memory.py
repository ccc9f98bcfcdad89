"""Keep the memory of arrays that come and go at every step, instead of asking for it anew."""

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # the numbers of mallopt's settings
LARGEST_ARRAY = 32 * 2**20  # bytes: what the C library lets one ask for


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
