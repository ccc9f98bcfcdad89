"""A figure in the course's style, and the picture of it that a notebook shows.

pyplot is never used: it keeps every figure it made in one global list, and callbacks of a
slider may run on another thread than the cell that is drawing.
"""

import base64
from pathlib import Path

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from helpers.drawing.live_png import LivePng

STYLE = matplotlib.rc_params_from_file(
    Path(__file__).with_name("course.mplstyle"), use_default_template=False
)


def style():
    """Return a context in which everything drawn follows the course's style file."""
    return matplotlib.rc_context(STYLE)


def new_figure(width=9.0, height=4.4):
    """Return an empty Agg figure, width × height in inches at 96 dots an inch."""
    with style():
        figure = Figure(figsize=(width, height), dpi=96)
        FigureCanvasAgg(figure)
    return figure


class Picture:
    """A finished drawing: a notebook shows the PNG, and anything that reads text its sentence."""

    def __init__(self, figure, sentence):
        with style():
            figure.canvas.draw()
        self.png = LivePng().encode(figure.canvas.buffer_rgba())
        self.sentence = sentence

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, **kwargs):
        return {
            "text/plain": self.sentence,
            "image/png": base64.b64encode(self.png).decode(),
        }
