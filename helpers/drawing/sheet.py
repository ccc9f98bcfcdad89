"""A sheet: a figure measured in pixels of the page, with arrows, frames and pale earlier curves.

Places are pixels from the upper left corner: a picture can be sketched on squared paper first.
Whatever is made here is one artist, made once; it is cheap to move.
"""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from helpers.drawing import palette
from helpers.drawing.arrays import plain, short
from helpers.drawing.figure import SHOWN_DPI

HEAD = Path([(-1, -0.42), (0, 0), (-1, 0.42), (-1, -0.42)], closed=True)  # its tip is at its place
POINT = SHOWN_DPI / 72  # pixels of the page per point


def sheet(figure):
    """Return an Axes over the whole figure whose data are pixels of the page, y downwards."""
    width, height = np.array(figure.get_size_inches()) * SHOWN_DPI
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    ax.axis("off")
    return ax


class LiveArrow(Line2D):
    """A line through corners with a head at its end, on a sheet."""

    def __init__(self, head, **style):
        self.head = head  # pixels, the length of the head; 0 for none
        super().__init__([], [], solid_capstyle="butt", solid_joinstyle="miter", **style)

    def set_corners(self, *corners):
        """Lead the line through these corners, (x, y) each, the tip last."""
        corners = np.array(corners, float)  # (corners, 2)
        if self.head:
            way = corners[-1] - corners[-2]
            angle = np.rad2deg(np.arctan2(-way[1], way[0]))  # y runs downwards
            start = corners[-1] - 0.9 * self.head * way / np.hypot(*way)
            # The pen is lifted between line and tip: the head alone reaches to the tip.
            corners = np.array([*corners[:-1], start, [np.nan, np.nan], corners[-1]])
            self.set_marker(MarkerStyle(HEAD).rotated(deg=angle))
            self.set_markersize(2 * self.head / POINT)
            self.set_markevery([len(corners) - 1])
        self.set_data(*corners.T)

    def set_dim(self, dim):
        """Draw the arrow pale, or in its own colour."""
        self.set_alpha(0.3 if dim else None)


def live_arrow(ax, *corners, kind="input", width=2, head=9, **style):
    """Put a LiveArrow of a kind's colour on a sheet; return it.

    width, head: in pixels; head=0 gives a line without one. zorder=1.5 puts it below cells.
    """
    colour = palette.FILL[kind]
    style = {"color": colour, "zorder": 1.5, "markeredgewidth": 0} | style
    arrow = ax.add_line(LiveArrow(head, linewidth=width / POINT, **style))
    if corners:
        arrow.set_corners(*corners)
    return arrow


def elbow(start, end, across=None, down=None):
    """Return the corners of a line with right angles from start to end.

    across: the x at which it goes up or down; down: the y at which it goes left or right.
    """
    (x_0, y_0), (x_1, y_1) = start, end
    if across is not None:
        return start, (across, y_0), (across, y_1), end
    if down is not None:
        return start, (x_0, down), (x_1, down), end
    return start, (x_1, y_0), end


class LiveFrame(Line2D):
    """The frame around what is chosen."""

    def around(self, left, top, width, height, gap=0):
        """Stand around a box, such as cells.box(row, column), `gap` pixels away from it."""
        left, top, right, bottom = left - gap, top - gap, left + width + gap, top + height + gap
        self.set_data([left, right, right, left, left], [top, top, bottom, bottom, top])


def live_frame(ax, kind="input", width=2.5, **style):
    """Put a LiveFrame on `ax`, its line `width` pixels wide; return it. Then around(*box)."""
    style = {"color": palette.INK[kind], "zorder": 4, "clip_on": False} | style
    return ax.add_line(LiveFrame([], [], linewidth=width / POINT, solid_joinstyle="miter", **style))


def live_ghost(ax, kind="input", **style):
    """Put a pale twin of a curve or of dots on `ax`, behind the curve; return it. Then set_data.

    style: that of the curve, such as marker="o" or linestyle="--".
    """
    style = {"color": palette.pale(palette.FILL[kind]), "zorder": 1.8} | style
    return ax.add_line(Line2D([], [], **style))


def name_columns(ax, cells, names, color=palette.INK["quiet"], size=11.25):
    """Write one name above each column of LiveCells; return the texts."""
    return [
        plain(ax.text(x, top - 7, short(name), ha="center", color=color, size=size))
        for i, name in enumerate(names)
        for x, top in [cells.side("top", 0, i)]
    ]


def name_rows(ax, cells, words):
    """Write one word left of each row of LiveCells; return the texts."""
    style = {"ha": "right", "va": "center_baseline", "color": palette.INK["input"], "size": 11.25}
    return [
        plain(ax.text(x - 10, y, short(word), **style))
        for i, word in enumerate(words)
        for x, y in [cells.side("left", i, 0)]
    ]
