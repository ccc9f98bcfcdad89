"""Text that can change at every move of a slider without being slow.

Matplotlib sets every letter anew at every draw, which costs more than all heat maps together.
Here a letter is set once, by matplotlib itself, and kept as a small mask; a line of text is then
a row of masks laid side by side.
"""

import warnings
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from helpers.drawing.figure import STYLE, style

MARGIN = 8  # pixels left of the pen, for what leans out of a letter's own box

# A typed word may be in a script that no font here has: it is drawn as boxes, and the sentence
# below the picture shows it as typed. A warning at every move would help nobody.
warnings.filterwarnings("ignore", message="Glyph .* missing from font")

_by_matplotlib = False


@contextmanager
def drawn_by_matplotlib():
    """Within this context a LiveText is drawn as plain matplotlib Text, without the kept letters.

    For tests that ask whether the quick way gives the same picture as the plain one.
    """
    global _by_matplotlib
    _by_matplotlib = True
    try:
        yield
    finally:
        _by_matplotlib = False


class LiveText(Text):
    """A line of horizontal text for a blitted figure; dollar signs stand for themselves."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, parse_math=False, family=STYLE["font.family"], **kwargs)

    def draw(self, renderer):
        self.stale = False
        if not self.get_visible() or not self.get_text():
            return
        size, dpi = self.get_fontsize(), renderer.dpi
        x, y = self.get_transform().transform(self.get_unitless_position())
        half_capital = 0.36 * size * dpi / 72
        y -= {"baseline": 0, "center": half_capital, "top": 2 * half_capital}[
            self.get_verticalalignment()
        ]
        if _by_matplotlib:
            self._draw_plainly(renderer, x, y)
            return
        mask, length = _line(self.get_text(), size, self.get_fontweight(), self.get_style(), dpi)
        pixels = np.empty((*mask.shape, 4), np.uint8)  # (height, width, 4)
        pixels[..., :3] = np.multiply(to_rgb(self.get_color()), 255)
        pixels[..., 3] = mask
        x -= {"left": 0, "center": length / 2, "right": length}[self.get_horizontalalignment()]
        _, baseline = _frame(size, dpi)
        gc = renderer.new_gc()
        renderer.draw_image(gc, round(x) - MARGIN, round(y) - baseline, pixels)
        gc.restore()

    def _draw_plainly(self, renderer, x, y):
        plain = Text(
            x, y, self.get_text(), color=self.get_color(), ha=self.get_horizontalalignment(),
            fontproperties=self.get_fontproperties(), parse_math=False,
        )  # fmt: skip
        plain.set_figure(self.get_figure())
        plain.draw(renderer)


def live_text(place, x, y, text="", **style):
    """Put a LiveText on an Axes (x, y in its data) or a Figure (in its fractions); return it."""
    frame = place.transFigure if isinstance(place, Figure) else place.transData
    return place.add_artist(LiveText(x, y, text, transform=frame, **style))


def live_title(ax, text=""):
    """Put a title that may change at every move where a title stands; return it."""
    raised = ax.transAxes + ScaledTranslation(
        0, STYLE["axes.titlepad"] / 72, ax.figure.dpi_scale_trans
    )
    title = LiveText(
        0, 1, text, transform=raised, fontsize=STYLE["axes.titlesize"], fontweight="bold"
    )
    return ax.add_artist(title)


def signed(number):
    """Return a number with two decimals and a true minus sign; what rounds to zero has no sign."""
    return f"{number:.2f}".replace("-0.00", "0.00").replace("-", "−")


def text_width(text, size, weight="normal", slant="normal", dpi=72):
    """Return the width of a line of LiveText, in points unless dpi says otherwise."""
    _, length = _line(text, size, weight, slant, dpi)
    return length


def _frame(size, dpi):
    """Return the height of a line of text, and its baseline above its bottom, in pixels."""
    pixels = size * dpi / 72
    return int(2 * pixels), int(0.7 * pixels)


@lru_cache(maxsize=300)
def _line(text, size, weight, slant, dpi):
    """Return the mask of a line of text, bottom first, and its length in pixels.

    The pen starts MARGIN pixels right of the mask's left edge.
    """
    masks = [_letter(letter, size, weight, slant, dpi) for letter in text]
    advances = [
        _advance(letter, following, size, weight, slant, dpi)
        for letter, following in zip(text, [*text[1:], ""], strict=True)
    ]
    length, widest = sum(advances), max(mask.shape[1] for mask in masks)
    line = np.zeros((_frame(size, dpi)[0], round(length) + widest), np.uint8)  # (height, width)
    pen = 0.0
    for mask, advance in zip(masks, advances, strict=True):
        spot = line[:, round(pen) : round(pen) + mask.shape[1]]
        np.maximum(spot, mask, out=spot)
        pen += advance
    return line[::-1], length


@lru_cache(maxsize=2000)
def _letter(letter, size, weight, slant, dpi):
    """Return a letter's mask, as high as a line."""
    height, baseline = _frame(size, dpi)
    renderer = RendererAgg(2 * height, height, dpi)
    gc = renderer.new_gc()
    gc.set_foreground("black")
    with style():
        renderer.draw_text(gc, MARGIN, height - baseline, letter, _font(size, weight, slant), 0)
    mask = np.asarray(renderer.buffer_rgba())[..., 3]  # (height, 2 * height)
    inked = np.flatnonzero(mask.any(axis=0))
    return mask[:, : inked[-1] + 1 if inked.size else 1].copy()


@lru_cache(maxsize=5000)
def _advance(letter, following, size, weight, slant, dpi):
    """Return how far the pen moves from a letter to the one that follows, in pixels."""
    font, renderer = _font(size, weight, slant), RendererAgg(1, 1, dpi)

    def width(line):
        # A space has no ink of its own, so a line is measured between two strokes.
        return renderer.get_text_width_height_descent(f"|{line}|", font, False)[0]

    with style():
        return width(letter + following) - width(following)


def _font(size, weight, slant):
    return FontProperties(family=STYLE["font.family"], style=slant, weight=weight, size=size)
