"""Running what a student wrote: on copies, for a limited time, whatever it does."""

import contextlib
import copy
import signal
import sys
import time
import warnings
from typing import NamedTuple

import numpy as np

SECONDS = 5.0  # of processor time, so that a busy machine stops nobody
TRACED = 5  # tracing slows Python down, so that way gets so many times as long


class Outcome(NamedTuple):
    value: object = None  # what the function returned
    error: BaseException | None = None  # or how it stopped
    changed: str | None = None  # the argument that is not as it was
    is_view: bool = False  # does the result share its memory with an argument?


class TooLong(BaseException):
    """Not an Exception, so that a student's `except Exception` does not catch it."""


def limited(call, seconds):
    """Call a function without arguments; raise TooLong if it still runs after so many seconds.

    A timer interrupts it where there is one. Elsewhere (Windows, a browser, another thread) the
    clock is read before each step of Python. Neither stops one long call into compiled code, or a
    loop with a bare `except:`. The kernel's stop button can; in a browser, only its restart.
    """
    try:
        set_timer = signal.setitimer
        before = signal.signal(signal.SIGPROF, _stop)
    except (AttributeError, ValueError):  # no such timer here, or not the main thread
        return _traced(call, seconds * TRACED)
    set_timer(signal.ITIMER_PROF, seconds)
    try:
        return call()
    finally:
        set_timer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before or signal.SIG_DFL)


def _stop(number, frame):
    raise TooLong


def _traced(call, seconds):
    # No processor time is counted in a browser.
    clock = time.monotonic if sys.platform == "emscripten" else time.process_time
    deadline = clock() + seconds

    def watch(frame, event, argument):
        frame.f_trace_opcodes = True  # not only lines: Python 3.11 sees none in `while True: pass`
        if clock() > deadline:
            raise TooLong
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        return call()
    finally:
        sys.settrace(before)


def run(function, arguments):
    """Call the function on copies of the named arguments; return an Outcome, whatever happens."""
    given = copy.deepcopy(arguments)
    try:
        with unwarned():  # a NaN is spoken of later, in words
            value = limited(lambda: function(*given.values()), SECONDS)
    except BaseException as error:
        return Outcome(error=error)
    changed = next((name for name in given if not _unchanged(given[name], arguments[name])), None)
    shared = type(value) is np.ndarray and any(
        isinstance(v, np.ndarray) and np.may_share_memory(value, v) for v in given.values()
    )
    return Outcome(kept(value), None, changed, shared)


def quiet(function, arguments):
    """Call a function of the course; return an Outcome."""
    try:
        return Outcome(function(*arguments.values()))
    except Exception as error:
        return Outcome(error=error)


@contextlib.contextmanager
def unwarned():
    """Keep the warnings of numpy and Python away from the student."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def kept(value):
    """Return arrays as copies, so that a later call cannot change them."""
    if type(value) is np.ndarray:
        return value.copy()
    if type(value) in (tuple, list) and len(value) <= 8:
        return type(value)(map(kept, value))
    return value


def _unchanged(now, before):
    if isinstance(before, dict):
        return (
            isinstance(now, dict)
            and now.keys() == before.keys()
            and all(_unchanged(now[n], before[n]) for n in before)
        )
    if isinstance(before, np.ndarray):
        return type(now) is np.ndarray and np.array_equal(now, before)
    return True
