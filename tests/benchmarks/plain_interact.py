"""The pictures of an explorer as plain `interact` makes them: what the benchmarks compare with."""

from unittest.mock import patch

import ipywidgets as widgets
import matplotlib.pyplot as plt
from matplotlib.image import AxesImage
from matplotlib.text import Text

from helpers.drawing.figure import style
from helpers.drawing.live_matrix import LiveMatrix
from helpers.drawing.live_text import LiveText


def plain_interact(explorer, states):
    """Return `interactive` over these states of the explorer, by a slider `i`.

    Each move makes a new pyplot figure, drawn whole by matplotlib's own artists, and shows it.
    """
    kind = type(explorer)

    def show(i):
        with style(), patch.multiple(LiveText, draw=Text.draw):
            with patch.multiple(LiveMatrix, draw=AxesImage.draw):
                figure = plt.figure(figsize=kind.size, dpi=96)
                bare = kind.__new__(kind)
                kind.build(bare, figure)
                result = explorer.compute(**states[i])
                kind.arrange(bare, result)
                kind.draw(bare, result)
                plt.show()

    slider = widgets.IntSlider(min=0, max=len(states) - 1, description="i")
    return widgets.interactive(show, i=slider)
