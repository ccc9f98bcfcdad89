"""A grid of cells with their numbers, tinted by kind, that may change at every move of a slider."""

import numpy as np
from matplotlib.artist import Artist

from helpers.drawing import numbers, palette
from helpers.drawing.figure import SCALE
from helpers.drawing.live_text import MIN_SIZE, Font, draw_words

DIM = 0.35  # what is left of a colour in cells that are not spoken of


class LiveCells(Artist):
    """Cells of equal size on an Axes, each with its number; one artist, however many cells.

    left, top: the upper left corner, in the data of the Axes; cell_width, cell_height: of a cell.
    kind: a name of palette.FILL, whose tint grows with a number's size; "signed", blue to red about
    a white zero; or "weights", white to dark from 0 to 1.
    number: the function that writes a number; None for cells that are too small for numbers.
    """

    def __init__(self, left, top, cell_width, cell_height, kind, number, size, limit):
        super().__init__()
        self.left, self.top = left, top
        self.cell_width, self.cell_height = cell_width, cell_height
        self.number = number
        self.set_size(size)
        self.limit = 1 if kind == "weights" else limit
        self.set_kind(kind)
        self.zorder = 2
        self.show(np.zeros((1, 1)))

    def set_size(self, size):
        """Write the numbers in this size, in points."""
        self.size = size
        self.fonts = Font(size), Font(size, "bold")

    def set_kind(self, kind):
        """Take the colours of another kind, from the next show on."""
        self.map = palette.cell_map(kind)
        self.low = -1 if kind == "signed" else 0
        self.edge = palette.FILL.get(kind, palette.INK["input"])
        self.line = "white" if kind in ("signed", "weights") else self.edge

    def get_fontsize(self):
        """Return the size of the numbers in points."""
        return self.size

    def get_text(self):
        """Return all that is written in the cells, row by row, with spaces between."""
        return " ".join(text for row in self.texts for text in row)

    def show(self, values, held=None, bold=None, dim=False, texts=None):
        """Show these numbers, (rows, columns) or (columns,).

        held: a text, such as "?" or "", that stands in every cell in place of its number and tint.
        bold: True where a number is bold, (rows, columns) or what broadcasts to it.
        dim: True for cells that are not spoken of, True and False per cell, or for all alike.
        texts: what is written in each cell, (rows, columns), where it is not the numbers.
        """
        values = np.atleast_2d(np.asarray(values, float))  # (rows, columns)
        self.values, shape = values, values.shape
        self.bold = np.broadcast_to(False if bold is None else bold, shape)
        self.dim = np.broadcast_to(dim, shape)
        self.held = held is not None
        if self.held:
            self.texts = np.full(shape, held, object)
        elif texts is not None:
            self.texts = np.broadcast_to(np.asarray(texts, object), shape)
        elif self.number is None:
            self.texts = np.full(shape, "", object)
        else:
            self.texts = np.array([[self.number(v) for v in row] for row in values], object)
        self.colors = self._colors()  # (rows, columns, 3), from 0 to 1
        self.stale = True

    def box(self, row=None, column=None):
        """Return left, top, width and height of a cell, of a row or a column, or of all."""
        rows, columns = self.values.shape
        left, width = (0, columns) if column is None else (column, 1)
        top, height = (0, rows) if row is None else (row, 1)
        return (
            self.left + left * self.cell_width, self.top + top * self.cell_height,
            width * self.cell_width, height * self.cell_height,
        )  # fmt: skip

    def side(self, name, row=None, column=None):
        """Return the middle of one side of a box, where an arrow starts or ends.

        name: "left", "right", "top", "bottom" or "middle".
        """
        left, top, width, height = self.box(row, column)
        across = {"left": 0, "right": 1}.get(name, 0.5)
        down = {"top": 0, "bottom": 1}.get(name, 0.5)
        return left + across * width, top + down * height

    def _colors(self):
        if self.held:
            return np.ones((*self.values.shape, 3))
        limit = self.limit or np.abs(self.values).max() or 1
        share = np.clip(self.values / limit, self.low, 1)
        colors = self.map((share - self.low) / (1 - self.low))[..., :3]
        return np.where(self.dim[..., None], 1 - DIM * (1 - colors), colors)

    def draw(self, renderer):
        self.stale = False
        if not self.get_visible():
            return
        rows, columns = self.values.shape
        corners = np.stack(
            [
                self.left + self.cell_width * np.arange(max(rows, columns) + 1),
                self.top + self.cell_height * np.arange(max(rows, columns) + 1),
            ],
            axis=-1,
        )
        pixels_at = np.round(self.axes.transData.transform(corners)).astype(int)
        xs, ys = pixels_at[: columns + 1, 0], pixels_at[: rows + 1, 1]
        self._paint(renderer, xs, ys)
        inks = palette.on(self.colors)  # (rows, columns)
        for row, column in np.ndindex(rows, columns):
            text = self.texts[row, column]
            if not text:
                continue
            zero = not self.held and text.strip("−0.") == ""
            pale = zero or self.dim[row, column]
            ink = palette.INK["quiet"] if pale else inks[row, column]
            font = self.fonts[1] if self.bold[row, column] else self.fonts[0]
            x, y = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
            draw_words(renderer, x, y, text, font, ink, "center", "center")

    def _paint(self, renderer, xs, ys):
        """Paint tints, the lines between the cells, and the edge around them."""
        cells = palette.as_pixels(self.colors)  # (rows, columns)
        pixels = cells[::-1].repeat(-np.diff(ys)[::-1], 0).repeat(np.diff(xs), 1)  # bottom first
        share = DIM if self.dim.all() else 1
        edge, line = (palette.as_pixel(palette.pale(c, share)) for c in (self.edge, self.line))
        half = SCALE // 2
        for x in xs[1:-1] - xs[0]:
            pixels[:, x - half : x + half] = line
        for y in ys[1:-1] - ys[-1]:
            pixels[y - half : y + half] = line
        for side in (np.s_[:SCALE], np.s_[-SCALE:]):
            pixels[side] = pixels[:, side] = edge
        gc = renderer.new_gc()
        renderer.draw_image(gc, xs[0], ys[-1], palette.as_bytes(pixels))
        gc.restore()


def live_cells(
    ax, left, top, cell_width, cell_height, kind, number=numbers.brief, size=11.25, limit=None
):
    """Put LiveCells on `ax`; return them. Then show(values).

    size: of the numbers, in points, at least 9.75: 13 pixels. limit: the number that gets the full
    colour; None takes the largest that is shown, so pass one where colours must stand still.
    """
    if size < MIN_SIZE:
        raise ValueError(f"size={size}; expected at least {MIN_SIZE} points, 13 pixels")
    return ax.add_artist(LiveCells(left, top, cell_width, cell_height, kind, number, size, limit))
