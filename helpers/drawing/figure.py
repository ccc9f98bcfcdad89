"""A figure in the course's style, and the picture of it that a notebook shows.

pyplot is never used: it keeps every figure it made in one global list, and callbacks of a
slider may run on another thread than the cell that is drawing.
"""

import base64
import threading
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from helpers.drawing.png import png

# Pictures are drawn with twice the dots that they are shown with: letters stay sharp on the
# screens of today, at any zoom, and on paper.
SCALE = 2
SHOWN_DPI = 96
DPI = SCALE * SHOWN_DPI
# The second family of the style, for Korean words; it is found here on any machine.
for path in sorted((Path(__file__).parents[1] / "data" / "fonts").glob("*.otf")):
    font_manager.fontManager.addfont(path)

NOT_A_STYLE = ("backend", "interactive", "toolbar", "timezone", "date.epoch")


def _whole_style():
    """Return matplotlib's own defaults with the course's style file laid over them.

    So that nothing which a reader has set shows in a picture.
    """
    style = dict(matplotlib.rcParamsDefault)
    style |= matplotlib.rc_params_from_file(
        Path(__file__).with_name("course.mplstyle"), use_default_template=False
    )
    return {name: value for name, value in style.items() if name not in NOT_A_STYLE}


STYLE = _whole_style()


_one_at_a_time = threading.RLock()
_active = False


@contextmanager
def style():
    """A context in which everything drawn follows the course's style, and that alone.

    Matplotlib's settings are global: two threads that change them in turn would leave the style
    behind in the reader's settings. So one thread at a time has it; within itself it is free.
    """
    global _active
    with _one_at_a_time:
        if _active:
            yield
            return
        settings = matplotlib.rcParams
        before = {name: value for name, value in dict.items(settings) if name in STYLE}
        _active = True
        try:
            dict.update(settings, STYLE)  # rc_context checks each value anew, at every move
            yield
        finally:
            dict.update(settings, before)
            _active = False


def new_figure(width=9.0, height=4.4):
    """Return an empty Agg figure, width × height in inches, shown at 96 dots an inch."""
    with style():
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)
    return figure


def shown_size(figure):
    """Return width and height at which a figure is shown, in pixels of the page."""
    width, height = figure.canvas.get_width_height()
    return width // SCALE, height // SCALE


def frame_png(figure):
    """Return what is on a figure's canvas as the bytes of a PNG file."""
    return png(figure.canvas.buffer_rgba(), DPI)


class Picture:
    """A finished drawing: a notebook shows the PNG, and anything that reads text its sentence."""

    def __init__(self, figure, sentence):
        with style():
            figure.canvas.draw()
        self.png = frame_png(figure)
        self.sentence = sentence
        self.width, self.height = shown_size(figure)

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, **kwargs):
        """Return data and metadata: the size to show, and the sentence in place of the picture."""
        shown = {"width": self.width, "height": self.height, "alt": self.sentence}
        data = {"text/plain": self.sentence, "image/png": base64.b64encode(self.png).decode()}
        return data, {"image/png": shown}
