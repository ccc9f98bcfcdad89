"""Text that can change at every move of a slider without being slow.

Matplotlib sets every letter anew at every draw, which costs more than all heat maps together.
Here a letter is set once, by matplotlib itself, and kept as a small mask; a line of text is then
a row of masks laid side by side.
"""

import re
import warnings
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from helpers.drawing import palette
from helpers.drawing.figure import STYLE, style

MARGIN = 8  # pixels left of the pen, for what leans out of a letter's own box
MIN_SIZE = 9.75  # points: 13 pixels of the page
SUBSCRIPT = re.compile(r"(?<=\w)_(\w+)")

# A typed word may be in a script that no font here has: it is drawn as boxes, and the sentence
# below the picture shows it as typed. A warning at every move would help nobody.
warnings.filterwarnings("ignore", message="Glyph .* missing from font")


class Font(NamedTuple):
    """What a letter's shape depends on."""

    size: float  # points
    weight: str = "normal"
    slant: str = "normal"

    def properties(self):
        """Return the font as matplotlib names it, always of the course's own family."""
        return FontProperties(
            family=STYLE["font.family"], style=self.slant, weight=self.weight, size=self.size
        )


class LiveText(Text):
    """A line of horizontal text for a blitted figure; dollar signs stand for themselves."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, parse_math=False, family=STYLE["font.family"], **kwargs)

    def font(self):
        """Return size, weight and slant of this text."""
        return Font(self.get_fontsize(), self.get_fontweight(), self.get_fontstyle())

    def draw(self, renderer):
        self.stale = False
        if self.get_visible() and self.get_text():
            x, y = self.get_transform().transform(self.get_unitless_position())
            where = self.get_horizontalalignment(), self.get_verticalalignment()
            draw_words(renderer, x, y, self.get_text(), self.font(), self.get_color(), *where)


class LiveLine(LiveText):
    """A line of text in pieces, each with its own colour and weight, and with subscripts.

    "_" lowers the letters that follow a letter or digit: "W_q", "z_12".
    """

    def set_pieces(self, *pieces):
        """Write these pieces: each text, (text, kind) or (text, kind, weight).

        kind: a name of palette.INK, or None for the colour of the whole line.
        """
        self._pieces = []
        for piece in pieces:
            given = (piece,) if isinstance(piece, str) else piece
            text, kind, weight = (*given, None, None)[:3]
            self._pieces.append((text, palette.INK[kind] if kind else None, weight))
        super().set_text("".join(text for text, _, _ in self._pieces))

    def set_text(self, text):
        """Write a text in the colour and weight of the whole line."""
        self._pieces = [(text or "", None, None)]
        super().set_text(text)

    def draw(self, renderer):
        self.stale = False
        if not self.get_visible() or not self.get_text():
            return
        parts = list(self._parts())
        lengths = [text_length(text, font, renderer.dpi) for text, font, _, _ in parts]
        x, y = self.get_transform().transform(self.get_unitless_position())
        x -= _left_of(self.get_horizontalalignment()) * sum(lengths)
        y -= below(self.get_verticalalignment()) * self.get_fontsize() * renderer.dpi / 72
        for (text, font, color, lowered), length in zip(parts, lengths, strict=True):
            bottom = y - lowered * self.get_fontsize() * renderer.dpi / 72
            draw_words(renderer, x, bottom, text, font, color)
            x += length

    def _parts(self):
        """Yield text, font, colour and how far it is lowered, as a share of the size."""
        for text, color, weight in self._pieces:
            font = self.font()._replace(weight=weight or self.get_fontweight())
            small = font._replace(size=max(MIN_SIZE, 0.75 * font.size))
            for i, part in enumerate(SUBSCRIPT.split(text)):
                if part:
                    lowered = 0.22 if i % 2 else 0
                    yield part, small if i % 2 else font, color or self.get_color(), lowered


def live_text(place, x, y, text="", **style):
    """Put a LiveText on an Axes (x, y in its data) or a Figure (in its fractions); return it."""
    return place.add_artist(LiveText(x, y, text, transform=_frame_of(place), **style))


def live_line(place, x, y, *pieces, **style):
    """Put a LiveLine on an Axes (x, y in its data) or a Figure (in its fractions); return it."""
    line = place.add_artist(LiveLine(x, y, transform=_frame_of(place), **style))
    line.set_pieces(*pieces)
    return line


def _frame_of(place):
    return place.transFigure if isinstance(place, Figure) else place.transData


def live_title(ax, text="", subscripts=False, **style):
    """Put a title that may change at every move where a title stands; return it.

    subscripts: whether "_" lowers letters, as in "W_q"; not for words that a reader types.
    """
    pad = ScaledTranslation(0, STYLE["axes.titlepad"] / 72, ax.figure.dpi_scale_trans)
    kind = LiveLine if subscripts else LiveText
    title = kind(
        0, 1, text, transform=ax.transAxes + pad, fontsize=STYLE["axes.titlesize"],
        fontweight="bold", **style,
    )  # fmt: skip
    return ax.add_artist(title)


def draw_words(renderer, x, y, text, font, color, ha="left", va="baseline"):
    """Draw a line of text at a place in pixels."""
    y -= below(va) * font.size * renderer.dpi / 72
    mask, length = _line(text, font, renderer.dpi)
    pixels = palette.as_bytes(np.full(mask.shape, palette.as_pixel(color)))
    pixels[..., 3] = mask  # (height, width, 4)
    x -= _left_of(ha) * length
    _, baseline = _frame(font.size, renderer.dpi)
    gc = renderer.new_gc()
    renderer.draw_image(gc, round(x) - MARGIN, round(y) - baseline, pixels)
    gc.restore()


def _left_of(ha):
    """Return what share of a line stands left of its place."""
    return {"left": 0, "center": 0.5, "right": 1}[ha]


def below(va):
    """Return how far the baseline is below a line's place, as a share of the size.

    The centre is that of a digit or a capital, so that numbers stand in the middle of their cells.
    """
    return {"baseline": 0, "center": 0.36, "top": 0.72}[va]


def text_length(text, font, dpi=96):
    """Return the length of a line of text, in pixels of the page unless dpi says otherwise."""
    return _line(text, font, dpi)[1] if text else 0


def fitting(word, width):
    """Return a word cut so that, at 15 pixels, it is at most `width` pixels of the page long."""
    cut = word
    while text_length(cut, Font(11.25)) > width:
        word = word[:-1]
        cut = word + "…"
    return cut


def _frame(size, dpi):
    """Return the height of a line of text, and its baseline above its bottom, in pixels."""
    pixels = size * dpi / 72
    return int(2 * pixels), int(0.7 * pixels)


@lru_cache(maxsize=1000)
def _line(text, font, dpi):
    """Return the mask of a line of text, bottom first, and its length in pixels.

    The pen starts MARGIN pixels right of the mask's left edge.
    """
    masks = [_letter(letter, font, dpi) for letter in text]
    advances = [
        _advance(letter, following, font, dpi)
        for letter, following in zip(text, [*text[1:], ""], strict=True)
    ]
    length, widest = sum(advances), max(mask.shape[1] for mask in masks)
    line = np.zeros((_frame(font.size, dpi)[0], round(length) + widest), np.uint8)
    pen = 0.0
    for mask, advance in zip(masks, advances, strict=True):
        spot = line[:, round(pen) : round(pen) + mask.shape[1]]
        np.maximum(spot, mask, out=spot)
        pen += advance
    return line[::-1], length


@lru_cache(maxsize=2000)
def _letter(letter, font, dpi):
    """Return a letter's mask, as high as a line."""
    height, baseline = _frame(font.size, dpi)
    renderer = RendererAgg(2 * height, height, dpi)
    gc = renderer.new_gc()
    gc.set_foreground("black")
    with style():
        renderer.draw_text(gc, MARGIN, height - baseline, letter, font.properties(), 0)
    mask = np.asarray(renderer.buffer_rgba())[..., 3]  # (height, 2 * height)
    inked = np.flatnonzero(mask.any(axis=0))
    return mask[:, : inked[-1] + 1 if inked.size else 1].copy()


@lru_cache(maxsize=5000)
def _advance(letter, following, font, dpi):
    """Return how far the pen moves from a letter to the one that follows, in pixels."""
    renderer, properties = RendererAgg(1, 1, dpi), font.properties()

    def width(line):
        # A space has no ink of its own, so a line is measured between two strokes.
        return renderer.get_text_width_height_descent(f"|{line}|", properties, False)[0]

    with style():
        return width(letter + following) - width(following)
