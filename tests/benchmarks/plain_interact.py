"""The pictures of an explorer as plain `interact` makes them: what the benchmarks compare with."""

from unittest.mock import patch

import ipywidgets as widgets
import matplotlib.pyplot as plt
from matplotlib.image import AxesImage
from pictures import drawn_by_matplotlib

from helpers.drawing.figure import DPI, style
from helpers.drawing.live_matrix import LiveMatrix


def plain_interact(explorer, states):
    """Return `interactive` over these states of the explorer, by a slider `i`.

    Each move makes a new pyplot figure, drawn whole by matplotlib's own artists, and shows it.
    """
    kind = type(explorer)

    def show(i):
        with style(), drawn_by_matplotlib(), patch.multiple(LiveMatrix, draw=AxesImage.draw):
            figure = plt.figure(figsize=explorer.figure.get_size_inches(), dpi=DPI)
            bare = kind.__new__(kind)
            kind.build(bare, figure)
            result = explorer.would_show(states[i])
            kind.arrange(bare, result)
            kind.draw(bare, result)
            plt.show()

    slider = widgets.IntSlider(min=0, max=len(states) - 1, description="i")
    return widgets.interactive(show, i=slider)
