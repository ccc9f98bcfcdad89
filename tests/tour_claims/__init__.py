"""Every sentence of a tour is a claim about the picture; here is what proves it.

One file per lesson. A claim is a function of two explorers:

    now      fresh, at the stop, its answer shown
    before   fresh, at the stop before; where the stop asks, as it is shown until the guess;
             None for a first stop that tells

It asserts what the stop's text says: on `now.shown` (what `compute` gave), on live artists, on
`now.png` or on `now.sentence`. Where the text is general, it moves them to other seeds too.
"""

import importlib
import pkgutil

CLAIMS = {}  # (class name, stop, counted from 0) -> function


def claim(kind, stop):
    """Note that a function proves what this stop of this explorer says."""

    def note(function):
        assert (kind, stop) not in CLAIMS, f"{kind}, stop {stop}: two claims"
        CLAIMS[kind, stop] = function
        return function

    return note


def load():
    """Read the claims of all lessons; return them."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return CLAIMS
