"""One meaning, one colour, in every notebook: the Okabe-Ito set, safe for colour-blind eyes.

`FILL` is for areas and lines; `INK` is the same hue dark enough to read as text on white
(contrast of 4.5 to 1 or better).
"""

from functools import lru_cache

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb

FILL = {
    "input": "#4D4D4D",  # x, and the skip that carries it on
    "query": "#0072B2",
    "key": "#E69F00",
    "value": "#009E73",
    "z": "#CC79A7",
    "norm": "#56B4E9",
    "feed_forward": "#D55E00",
    "position": "#B8A900",
    "quiet": "#BDBDBD",  # what is there but not spoken of
}
DARK = ("input", "query")  # fills on which white text reads; the others want dark text
INK = {
    "input": "#333333",
    "query": "#005A8C",
    "key": "#8A5A00",
    "value": "#00704F",
    "z": "#96406E",
    "norm": "#1B6796",
    "feed_forward": "#A84A00",
    "position": "#6B6200",
    "quiet": "#5F5F5F",
}

# Attention weights, 0 to 1: white is exactly zero, so a sparse row looks sparse.
WEIGHTS = LinearSegmentedColormap.from_list("weights", ["#FFFFFF", "#8CC5C0", "#2E7F86", "#0B3440"])
# Signed numbers, symmetric about zero: blue below, white at zero, red above.
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#1F5FA8", "#8FBFE0", "#FFFFFF", "#F2A27E", "#B2182B"]
)
# Answers that are whole numbers from 0 up: the higher, the darker, in the feed-forward's hue.
ANSWERS = LinearSegmentedColormap.from_list("answers", ["#FFF6EC", "#F5A66B", "#A84A00", "#2E1400"])


def cell_map(kind):
    """Return the colours of cells: "signed", "weights", or white to a tint of a kind's fill."""
    if kind in ("signed", "weights"):
        return {"signed": SIGNED, "weights": WEIGHTS}[kind]
    tint = 1 - 0.6 * (1 - np.array(to_rgb(FILL[kind])))
    return LinearSegmentedColormap.from_list(kind, ["#FFFFFF", tint])


def pale(colour, share=0.35):
    """Return a colour mixed with white, opaque: what was there before."""
    return tuple(1 - share * (1 - part) for part in to_rgb(colour))


def as_pixels(colours):
    """Return colours (..., 3), from 0 to 1, as one number each, quick to copy: (...)."""
    opaque = np.full((*np.shape(colours)[:-1], 4), 255, np.uint8)
    opaque[..., :3] = np.round(np.multiply(colours, 255))
    return opaque.view(np.uint32)[..., 0]


@lru_cache(maxsize=1000)
def as_pixel(colour):
    """Return a colour, by its name or as a tuple, as as_pixels does."""
    return as_pixels(to_rgb(colour))


def as_bytes(pixels):
    """Return what as_pixels made as red, green, blue and alpha: (..., 4), uint8."""
    return np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 4)


def luminance(colour):
    """Return how light a colour is, or each of many (..., 3), 0 to 1, as WCAG 2.1 defines it."""
    c = np.array(to_rgb(colour) if isinstance(colour, str) else colour)[..., :3]
    linear = np.where(c <= 0.03928, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def on(colour):
    """Return black or white, whichever reads better on a colour: 4.5 to 1 or more on any.

    For many colours (..., 3), return one of the two for each.
    """
    return np.where(luminance(colour) > 0.179, "black", "white")[()]
