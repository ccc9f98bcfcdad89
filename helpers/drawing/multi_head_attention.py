"""Pictures of notebook 01: filters, the cut into heads, and heads that learn, each with its map."""

import numpy as np

from helpers.drawing import arrays, palette
from helpers.drawing.bars import live_bars, live_outlines
from helpers.drawing.figure import SHOWN_DPI, Picture, new_figure, style
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_matrix import live_matrix
from helpers.drawing.live_text import live_text, live_title
from helpers.drawing.marks import ABOVE, LearningCurve, shares_axes
from helpers.drawing.sheet import live_arrow, name_rows, sheet

SIZE = 11.25  # points: 15 pixels
MAX_HEADS = 8  # that learn


@style()
def filters_picture(image, filters):
    """Return the picture of an image, of filters, and of what each filter answers.

    filters: [(name, filter, answer)]. What is large is bright in each of them, and 0 or less dark.
    """
    width, height, cell = 620, 306, 32
    figure = new_figure(width / SHOWN_DPI, height / SHOWN_DPI)
    ax = sheet(figure)
    _bright(figure, 20, 98, cell, "image", image)
    for (name, values, answer), top in zip(filters, (48, 196), strict=True):
        live_arrow(ax, (158, 162), (200, 162), (200, top + cell), (236, top + cell))
        _bright(figure, 250, top, cell, f"filter: {name}", values)
        middle = top + cell
        live_arrow(ax, (250 + 2 * cell + 12, middle), (430, middle))
        _bright(figure, 444, top - cell / 2, cell, "answer", answer)
    found = "; ".join(f"{name}: {_rows(answer)}" for name, _, answer in filters)
    return Picture(figure, f"Image {_rows(image)}. The filters' answers: {found}.")


def _bright(figure, left, top, cell, title, values):
    """Draw a matrix whose large numbers are bright, its upper left corner at (left, top)."""
    (rows, columns), (width, height) = values.shape, np.array(figure.get_size_inches()) * SHOWN_DPI
    bottom = 1 - (top + rows * cell) / height
    place = left / width, bottom, columns * cell / width, rows * cell / height
    ax = figure.add_axes(place)
    picture = ax.imshow(values, cmap="gray", aspect="auto", vmin=min(0, values.min()))
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(True)
    ax.set_title(title, fontsize=SIZE)
    arrays.write_numbers(ax, picture, ".0f", SIZE)


def _rows(values):
    return " / ".join(" ".join(f"{number:.0f}" for number in row) for row in values)


@style()
def split_picture(address, right, wrong, tokens):
    """Return the picture of a matrix of words that is cut into heads, rightly and wrongly.

    address: (seq_len, d_model) texts. right, wrong: (n_heads, seq_len, d_head) of them.
    """
    cell, height, left = 44, 34, 110
    figure = new_figure(760 / SHOWN_DPI, 236 / SHOWN_DPI)

    def draw(x, y, texts):
        cells = live_cells(ax, x, y, cell, height, "input", limit=2)
        cells.show(np.isin(texts, address[1]), texts=texts)  # the second word is darker
        return cells

    ax = sheet(figure)
    name_rows(ax, draw(left, 90, address), tokens)
    live_text(ax, left, 78, "x @ W_q", size=SIZE)
    for y, title, heads in (
        (40, "right: each head gets a piece of each word", right),
        (156, "wrong: each head gets a whole word", wrong),
    ):
        live_text(ax, 370, y - 16, title, size=SIZE, weight="bold")
        live_arrow(ax, (295, 124), (325, 124), (325, y + height), (355, y + height))
        for i, texts in enumerate(heads):
            cells = draw(370 + 170 * i, y, texts)
            x, middle = cells.side("right")
            live_text(ax, x + 8, middle, f"head {i}", size=SIZE, va="center")
    told = " and ".join(
        f"{name}, head 0: {' / '.join(' '.join(row) for row in heads[0])}"
        for name, heads in (("right", right), ("wrong", wrong))
    )
    return Picture(figure, f"The same numbers, cut into heads; {told}.")


class LookUpsPicture:
    """A training curve, the right answers by look-up, and a map per head."""

    def __init__(self, figure):
        height = figure.get_figheight() * SHOWN_DPI
        self.curve_ax = shares_axes(
            figure, (0.055, 1 - 148 / height, 0.27, 116 / height),
            ylim=(0, 1.04), yticks=[0, 0.5, 1], title="Right answers, by step",
        )  # fmt: skip
        self.curve = LearningCurve(self.curve_ax, zorder=ABOVE)
        self.bar_ax = shares_axes(
            figure, (0.055, 28 / height, 0.27, 90 / height), ylim=(0, 1.25), yticks=[0, 0.5, 1]
        )
        self.bar_ax.tick_params(axis="x", length=0)
        self.title = live_title(self.bar_ax)
        self.bars = [live_bars(self.bar_ax, "z"), live_outlines(self.bar_ax)]
        above = {"ha": "center", "size": SIZE, "zorder": ABOVE}
        self.shares = [live_text(self.bar_ax, i, 0, **above) for i in range(4)]
        self.maps = sheet(figure)
        self.images = [live_matrix(self.maps, "weights") for _ in range(MAX_HEADS)]
        self.maps.set(xlim=(0, 864), ylim=(height, 0))
        named = {"size": SIZE, "color": palette.INK["z"]}
        self.names = [live_text(self.maps, 0, 0, **named) for _ in self.images]
        for x, text, kind in (
            (330, "rows: the word that asks", "query"),
            (545, "columns: the words it looks at", "key"),
        ):
            live_text(self.maps, x, height - 8, text, size=SIZE, color=palette.INK[kind])

    def arrange(self, names, n_heads, last_step):
        """Lay out the axes for these look-ups, and the maps of so many heads."""
        self.curve_ax.set(xlim=(0, 1.03 * last_step), xticks=[0, last_step // 2, last_step])
        self.bar_ax.set(xlim=(-0.6, len(names) - 0.4))
        self.bar_ax.set_xticks(range(len(names)), names)
        columns = {1: 1, 2: 2, 4: 2, 8: 4}[n_heads]
        width, height = 520 / columns, 308 / (n_heads // columns)
        side = min(width - 12, height - 30)
        width = min(width, max(side, 180) + 12)  # close together, but for their names
        for head, (image, name) in enumerate(zip(self.images, self.names, strict=True)):
            image.set_visible(head < n_heads)
            name.set_visible(head < n_heads)
            row, column = divmod(head, columns)
            left, top = 340 + width * column, 26 + height * row
            image.set_extent((left, left + side, top + side, top))
            name.set_position((left, top - 7))

    def draw(self, result):
        """Show these results; return the artists that move.

        result: steps, accuracies, shown, right, without, knocked_out, weights, on_look_ups, names.
        """
        out = result.without is not None
        now = result.without if out else result.right
        for bars, heights in zip(self.bars, (now, result.right), strict=True):
            bars.set_heights(heights)
        for i, (text, height) in enumerate(zip(self.shares, now, strict=False)):
            text.set_text(f"{height:.2f}")
            text.set_position((i, height + 0.05))
        self.title.set_text(f"… without head {result.knocked_out}" if out else "… by look-up")
        n_heads = len(result.weights)
        maps = zip(self.images, self.names, result.weights, result.on_look_ups, strict=False)
        for head, (image, name, weights, on) in enumerate(maps):
            image.set_data(weights * (not out or head != result.knocked_out))
            called = f"head {head}" if n_heads <= 4 else head  # eight full names would touch
            best = on.argmax()
            gone = out and head == result.knocked_out
            name.set_text(f"{called}: {'out' if gone else f'{result.names[best]} {on[best]:.2f}'}")
        return [
            *self.curve.draw(result), *self.bars, self.title, *self.shares[: len(now)],
            *self.images[:n_heads], *self.names[:n_heads],
        ]  # fmt: skip
