"""What several files of tests use."""

import ipywidgets as widgets
import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def let_go():
    """Close what was shown: widgets live until then, and an explorer holds megabytes of pixels."""
    yield
    widgets.Widget.close_all()


@pytest.fixture(scope="module")
def made(kind):
    """One explorer of a class, for all tests of a file that look at it."""
    yield kind()
    widgets.Widget.close_all()


@pytest.fixture
def explorer(made):
    """An explorer at its start: as Reset leaves it, which is as it was made."""
    if made.error or made.png is not getattr(made, "drawn_last", None):  # it was moved meanwhile
        made.reset()
        made.drawn_last = made.png
    return made
