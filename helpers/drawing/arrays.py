"""Matrices with their numbers and their shape, bars, and word labels; each takes `ax` first."""

import unicodedata

import numpy as np

from helpers.drawing import palette
from helpers.drawing.figure import Picture, new_figure, style
from helpers.drawing.live_text import live_title
from helpers.drawing.numbers import formatted

MAX_LABEL = 12  # letters
WIDE = 1.7  # letters: a Korean syllable and its like
CELL_WIDTH, CELL_HEIGHT = 0.62, 0.42  # inches, of a matrix with its numbers
MAX_WIDTH = 9.0  # inches, of a picture


def short(word):
    """Return a word (or number) that fits beside an axis, cut with an ellipsis where long."""
    word = unicodedata.normalize("NFC", str(word))
    if letters_wide(word) <= MAX_LABEL:
        return word
    while letters_wide(word) > MAX_LABEL - 1:
        word = word[:-1]
    return word + "…"


def letters_wide(word):
    """Return how wide a word is, in letters of the Latin alphabet."""
    return sum(WIDE if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)


def plain(text):
    """Return the text object with dollar signs taken as they are: a word is never a formula."""
    text.set_parse_math(False)
    return text


def label_rows(ax, words, color=palette.INK["input"]):
    """Write one word beside each row of a matrix."""
    ax.set_yticks(range(len(words)), [short(word) for word in words], color=color)
    ax.tick_params(axis="y", length=0)
    for label in ax.get_yticklabels():
        plain(label)


def label_columns(ax, words, color=palette.INK["input"]):
    """Write one word below each column of a matrix."""
    ax.set_xticks(range(len(words)), [short(word) for word in words], color=color)
    ax.tick_params(axis="x", length=0)
    for label in ax.get_xticklabels():
        plain(label)


def shape_of(values):
    """Return the shape as it is written on an array: "2 × 4"."""
    return " × ".join(map(str, np.shape(values)))


def matrix(
    ax, values, title="", kind="signed", limit=None, numbers=None, color=palette.INK["input"]
):
    """Draw a matrix (rows, columns) as a heat map and return its image.

    kind: "signed", blue to red about a white zero, or "weights", white to dark from 0 to 1.
    limit: the number that gets the full colour of a signed map; None takes the largest here.
    numbers: a format such as ".2f" writes each number in its cell.
    The title carries the shape; "_" lowers letters, as in "W_q". color: that of the title, and so
    of what the array is.
    """
    values = np.asarray(values)
    if kind == "weights":
        limits = {"vmin": 0, "vmax": 1, "cmap": palette.WEIGHTS}
    else:
        limit = limit or np.abs(values[np.isfinite(values)]).max(initial=0) or 1
        limits = {"vmin": -limit, "vmax": limit, "cmap": palette.SIGNED}
    image = ax.imshow(values, aspect="auto", **limits)
    ax.set_xticks([])
    ax.set_yticks([])
    if title:
        live_title(ax, f"{title}  {shape_of(values)}", subscripts=True, color=color)
    ax.spines[:].set_visible(True)
    if numbers is not None:
        write_numbers(ax, image, numbers)
    return image


def write_numbers(ax, image, numbers=".2f", size=11.25):
    """Write each number into its cell, dark on light and light on dark; return the texts."""
    values = image.get_array()
    texts = []
    for row, column in np.ndindex(values.shape):
        cell = image.cmap(image.norm(values[row, column]))
        style = {"ha": "center", "va": "center_baseline", "color": palette.on(cell)}
        number = formatted(values[row, column], numbers)
        texts.append(ax.text(column, row, number, fontsize=size, **style))
    return texts


@style()
def matrices_picture(panels, words=None, signs=(), number_format=".2f", columns=(), told=None):
    """Return a picture of matrices in a row, each with its numbers, its shape and its colour.

    panels: [(name, values (rows, columns), kind)], kind a name of the palette, or "weights".
    words: labels of the rows of the first panel, where they are words. signs: what is written
    between the panels, such as ("@", "="). columns: for each panel the names of its columns, or ().
    In a product, "@", the columns of the first matrix name the rows of the second.
    told: the sentence; by default the shapes.
    """
    count = len(panels)
    signs, columns = [*signs, *[""] * count][:count], [*columns, *[()] * count][:count]
    rows = [() if sign != "@" else names for sign, names in zip(signs, columns, strict=True)]
    rows = [words or (), *rows[:-1]]
    gaps = [1.2 if any(names) else 0.55 for names in rows[1:]]  # between panels
    left, right, top = 1.15 if words else 0.3, 0.3, 0.5
    bottom = 0.4 if any(columns) else 0.2
    sizes = [np.shape(values) for _, values, _ in panels]
    highest = max(n_rows for n_rows, _ in sizes) * CELL_HEIGHT
    around = left + right + sum(gaps)
    cell_width = min(CELL_WIDTH, (MAX_WIDTH - around) / sum(n_columns for _, n_columns in sizes))
    widths = [max(n_columns * cell_width, 1.15) for _, n_columns in sizes]
    width, height = around + sum(widths), top + highest + bottom
    figure = new_figure(width, height)
    signed = [values for _, values, kind in panels if kind != "weights"]
    limit = max((np.abs(values).max() for values in signed), default=1)
    for i, (name, values, kind) in enumerate(panels):
        n_rows, n_columns = sizes[i]
        w, h = n_columns * cell_width, n_rows * CELL_HEIGHT
        y = bottom + (highest - h) / 2
        ax = figure.add_axes((left / width, y / height, w / width, h / height))
        map_kind = "weights" if kind == "weights" else "signed"
        ink = palette.INK.get(kind, palette.INK["input"])
        matrix(ax, values, name, map_kind, limit, number_format, ink)
        label_rows(ax, rows[i])
        label_columns(ax, columns[i])
        middle = (bottom + highest / 2) / height
        x = (left + w + 0.275) / width
        figure.text(x, middle, signs[i], ha="center", va="center", size=14)
        left += widths[i] + (gaps[i] if i < len(gaps) else 0)
    shapes = "; ".join(f"{name} {shape_of(values)}" for name, values, _ in panels)
    return Picture(figure, told or f"{shapes}.")
