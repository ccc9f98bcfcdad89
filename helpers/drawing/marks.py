"""Marks and line styles that several lessons share."""

from helpers.drawing import palette

ABOVE = 4  # the zorder of what moves: over spines and texts, in a full draw too

# A line with and without skip, and a line by norm: never colour alone.
INK = palette.INK
SKIP_STYLE = {
    True: {"color": INK["input"], "ls": "-", "marker": "o", "zorder": ABOVE},
    False: {"color": INK["quiet"], "ls": "--", "marker": "s", "zorder": ABOVE},
}
NORM_STYLE = {
    "pre": {"color": INK["input"], "ls": "-", "marker": "o", "label": "norm before f"},
    "post": {"color": INK["norm"], "ls": "--", "marker": "s", "label": "norm after the sum"},
    "none": {"color": INK["quiet"], "ls": "-.", "marker": "^", "label": "no norm"},
}
NORM_NAMES = {norm: style["label"] for norm, style in NORM_STYLE.items()}


def chosen_ring(ax):
    """Put the ring that marks the chosen run on `ax`; return it."""
    style = {"mec": palette.INK["input"], "mfc": "none", "ms": 14, "mew": 2}
    return ax.plot([], [], "o", **style, clip_on=False, zorder=ABOVE)[0]


def seed_dots(ax, color):
    """Put a small open dot for each seed on `ax`, behind the mean; return them."""
    return ax.plot([], [], "o", ms=4, mfc="white", mec=color, zorder=ABOVE)[0]
