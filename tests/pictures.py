"""How tests compare pictures."""

from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers.drawing import live_cells, live_text
from helpers.drawing.figure import style


def draw_plainly(renderer, x, y, text, font, color, ha="left", va="baseline"):
    """Draw a line of text as live_text.draw_words does, without the kept letters."""
    y -= live_text.below(va) * font.size * renderer.dpi / 72
    with style():
        plain = Text(
            x, y, text, color=color, ha=ha, fontproperties=font.properties(), parse_math=False
        )
        plain.set_figure(Figure(dpi=renderer.dpi))
        plain.draw(renderer)


@contextmanager
def drawn_by_matplotlib():
    """Within this context live text is drawn as plain matplotlib Text."""
    with (
        patch.object(live_text, "draw_words", draw_plainly),
        patch.object(live_cells, "draw_words", draw_plainly),
    ):
        yield


def ink_elsewhere(one, other, reach=3):
    """Return how many dark dots of either picture have nothing dark within `reach` of the other.

    one, other: (height, width, ...) of uint8. Zero for a picture whose text is set by matplotlib,
    and the same with LiveText: letters may differ by three dots, a pixel and a half of
    the page (two dots with the newest matplotlib).
    """
    colors = [np.moveaxis(np.asarray(picture), -1, 0)[:3] for picture in (one, other)]
    flat = [np.minimum.reduce(list(color)) for color in colors]
    return sum(_alone(a, b, reach) for a, b in (flat, flat[::-1]))


def _alone(ink, near, reach):
    height, width = near.shape
    around = range(2 * reach + 1)
    darkest = np.pad(near, reach, mode="edge")
    darkest = np.min([darkest[i : i + height] for i in around], axis=0)
    darkest = np.min([darkest[:, j : j + width] for j in around], axis=0)
    return int(((ink < 100) & (darkest > 160)).sum())
