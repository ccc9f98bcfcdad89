"""Text that can change at every move of a slider without being slow.

Matplotlib sets every letter anew at every draw, which costs more than all heat maps together.
Here a letter is set once, by matplotlib itself, and kept as a small mask; a line of text is then
a row of masks laid side by side.
"""

import warnings
from functools import lru_cache

import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

MARGIN = 4  # pixels left of the pen, for what leans out of a letter's own box

# A typed word may be in a script that the font lacks: it is drawn as boxes, and the sentence below
# the picture shows it as typed. A warning at every move would help nobody.
warnings.filterwarnings("ignore", message="Glyph .* missing from font")


class LiveText(Text):
    """A line of horizontal text for a blitted figure; dollar signs stand for themselves."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, parse_math=False, **kwargs)

    def draw(self, renderer):
        self.stale = False
        if not self.get_visible() or not self.get_text():
            return
        size, dpi = self.get_fontsize(), renderer.dpi
        mask, length = _line(self.get_text(), size, self.get_fontweight(), dpi)
        pixels = np.empty((*mask.shape, 4), np.uint8)  # (height, width, 4)
        pixels[..., :3] = np.multiply(to_rgb(self.get_color()), 255)
        pixels[..., 3] = mask

        x, y = self.get_transform().transform(self.get_unitless_position())
        x -= {"left": 0, "center": length / 2, "right": length}[self.get_horizontalalignment()]
        half_capital = 0.36 * size * dpi / 72
        y -= {"baseline": 0, "center": half_capital, "top": 2 * half_capital}[
            self.get_verticalalignment()
        ]
        _, baseline = _frame(size, dpi)
        gc = renderer.new_gc()
        renderer.draw_image(gc, round(x) - MARGIN, round(y) - baseline, pixels)
        gc.restore()


def live_text(place, x, y, text="", **looks):
    """Put a LiveText on an Axes (x, y in its data) or a Figure (in its fractions); return it."""
    frame = place.transFigure if isinstance(place, Figure) else place.transData
    return place.add_artist(LiveText(x, y, text, transform=frame, **looks))


def live_title(ax, text=""):
    """Put a title that may change at every move where a title stands; return it."""
    raised = ax.transAxes + ScaledTranslation(0, 8 / 72, ax.figure.dpi_scale_trans)
    title = LiveText(0, 1, text, transform=raised, fontsize=12, fontweight="bold")
    return ax.add_artist(title)


def signed(number):
    """Return a number with two decimals and a true minus sign; what rounds to zero has no sign."""
    return f"{number:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _frame(size, dpi):
    """Return the height of a line of text, and its baseline's height above its foot, in pixels."""
    pixels = size * dpi / 72
    return int(2 * pixels), int(0.7 * pixels)


@lru_cache(maxsize=300)
def _line(text, size, weight, dpi):
    """Return the mask of a line of text, foot first, and its length in pixels.

    The pen starts MARGIN pixels right of the mask's left edge.
    """
    letters = [_letter(letter, size, weight, dpi) for letter in text]
    length = sum(advance for _, advance in letters)
    widest = max(mask.shape[1] for mask, _ in letters)
    line = np.zeros((_frame(size, dpi)[0], round(length) + widest), np.uint8)  # (height, width)
    pen = 0.0
    for mask, advance in letters:
        spot = line[:, round(pen) : round(pen) + mask.shape[1]]
        np.maximum(spot, mask, out=spot)
        pen += advance
    return line[::-1], length


@lru_cache(maxsize=2000)
def _letter(letter, size, weight, dpi):
    """Return a letter's mask, as high as a line, and how far the pen moves on."""
    font = font_manager.FontProperties(size=size, weight=weight)
    height, baseline = _frame(size, dpi)
    renderer = RendererAgg(2 * height, height, dpi)
    gc = renderer.new_gc()
    gc.set_foreground("black")
    renderer.draw_text(gc, MARGIN, height - baseline, letter, font, 0)
    mask = np.asarray(renderer.buffer_rgba())[..., 3].copy()  # (height, 2 * height)
    face = font_manager.get_font(font_manager.findfont(font))
    face.set_size(size, dpi)
    glyph = face.load_char(ord(letter), flags=get_hinting_flag())
    advance, unhinted = glyph.horiAdvance / 64, glyph.linearHoriAdvance / 65536
    advance /= max(1, round(advance / max(1, unhinted)))  # before 3.11 matplotlib sets it 8 × wide
    return mask[:, : int(advance) + 2 * MARGIN + 2], advance
