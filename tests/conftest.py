"""What several files of tests use."""

import zlib

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
def quick_pictures():
    """Let a checksum of all pixels stand for a picture's file, which takes a quarter of a move."""
    from helpers.explorers import explorer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            explorer,
            "frame_png",
            lambda figure: zlib.crc32(figure.canvas.buffer_rgba()).to_bytes(4, "big"),
        )
        yield


@pytest.fixture(scope="module")
def made(kind, quick_pictures):
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
