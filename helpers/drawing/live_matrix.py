"""A heat map that can change at every move of a slider without being slow.

Matplotlib resamples an image with care for every zoom and rotation. A heat map of a few cells
needs none of that: each pixel takes the colour of the cell it lies in, and the frame is painted
into the same pixels.
"""

import numpy as np
from matplotlib.image import AxesImage

from helpers.drawing import palette
from helpers.drawing.figure import SCALE

FRAME = palette.as_pixel("#5A5A5A")
LINE = SCALE  # pixels: as wide as one of the page


class LiveMatrix(AxesImage):
    """A heat map (rows, columns) with a thin frame, for a blitted figure."""

    def draw(self, renderer):
        self.stale = False
        if not self.get_visible():
            return
        left, right, bottom, top = self.get_extent()
        corners = self.axes.transData.transform([(left, bottom), (right, top)])
        (x_0, y_0), (x_1, y_1) = np.round(corners).astype(int)
        colours = np.asarray(self.get_array())  # (rows, columns), or (rows, columns, 4) colours
        if colours.ndim == 2:
            low, high = self.get_clim()
            colours = self.cmap((colours - low) / (high - low), bytes=True)  # (rows, columns, 4)
        cells = np.ascontiguousarray(colours).view(np.uint32)[..., 0]  # (rows, columns)
        rows = np.arange(y_1 - y_0) * cells.shape[0] // (y_1 - y_0)
        columns = np.arange(x_1 - x_0) * cells.shape[1] // (x_1 - x_0)
        pixels = cells[:, columns][rows[::-1]]  # (height, width), bottom first
        pixels[:LINE] = pixels[-LINE:] = pixels[:, :LINE] = pixels[:, -LINE:] = FRAME
        gc = renderer.new_gc()
        renderer.draw_image(gc, x_0, y_0, palette.as_bytes(pixels))
        gc.restore()


def live_matrix(ax, kind="signed", limit=1.0):
    """Put a LiveMatrix that fills `ax` on it; return it. Then size_matrix, then set_data.

    kind: "weights", white to dark from 0 to 1, "answers", light to dark from 0 to limit, or
    "signed", blue to red from -limit to limit.
    """
    colours, low, high = {
        "weights": (palette.WEIGHTS, 0, 1),
        "answers": (palette.ANSWERS, 0, limit),
        "signed": (palette.SIGNED, -limit, limit),
    }[kind]
    image = LiveMatrix(ax, cmap=colours, interpolation="nearest")
    image.set_clim(low, high)
    image.set_data(np.zeros((1, 1)))
    ax.add_image(image)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return image


def size_matrix(ax, image, rows, columns):
    """Lay out `ax` for a matrix of this many rows and columns; cell i, j is centred on (j, i)."""
    image.set_extent((-0.5, columns - 0.5, rows - 0.5, -0.5))
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
