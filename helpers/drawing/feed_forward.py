"""Pictures of notebook 04: the bends, and how two hinges add up to a fold."""

import numpy as np

from helpers import feed_forward
from helpers.drawing import palette
from helpers.drawing.figure import Picture, new_figure, style


def draw_bends(ax):
    """Draw ReLU, GELU and no bend at all as curves on `ax`, each named beside its curve."""
    h = np.linspace(-3, 3, 121)  # before the bend
    styles = {
        "none": ("none: h itself", palette.INK["quiet"], ":"),
        "relu": ("ReLU", palette.FILL["feed_forward"], "-"),
        "gelu": ("GELU", palette.FILL["input"], "--"),
    }
    for activation, (label, color, line) in styles.items():
        ax.plot(h, feed_forward.activate(h, activation), line, color=color, label=label)
    ax.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="before the bend", ylabel="after the bend")
    ax.set_title("Three bends")
    ax.grid()
    ax.legend(loc="upper left", handlelength=2.6)


def draw_fold(ax, first, second, a):
    """Draw two hinges over the numbers `a`, each (len(a),), and their sum."""
    ax.plot(a, first + second, color=palette.FILL["feed_forward"], linewidth=4, label="their sum")
    ax.plot(a, first, "--", color=palette.FILL["input"], label="unit 1")
    ax.plot(a, second, ":", color=palette.FILL["input"], label="unit 2")
    ax.set(xlim=(a[0], a[-1]), ylim=(-0.2, 3.2), xlabel="the number a that comes in")
    ax.set_title("Two hinges make a fold")
    ax.grid()
    ax.legend(loc="upper center")


def bends_picture():
    """Return the curves of ReLU, GELU and no bend, beside |a| as the sum of two ReLU hinges."""
    figure = new_figure(9.0, 3.4)
    a = np.linspace(-3, 3, 121)
    with style():
        draw_bends(figure.add_axes((0.075, 0.17, 0.4, 0.72)))
        hinges = (feed_forward.activate(sign * a, "relu") for sign in (1, -1))
        draw_fold(figure.add_axes((0.57, 0.17, 0.4, 0.72)), *hinges, a)
    return Picture(
        figure,
        "ReLU is zero below 0 and straight above; GELU is smooth and dips to −0.17; "
        "the hinges of a and of −a add up to |a|.",
    )
