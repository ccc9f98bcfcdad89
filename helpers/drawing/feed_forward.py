"""Pictures of notebook 04: the bend, the network with its numbers, hinges, and learnt tables."""

import numpy as np

from helpers import feed_forward
from helpers.drawing import palette
from helpers.drawing.figure import Picture, new_figure, style
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_line, live_text
from helpers.drawing.numbers import brief, signed
from helpers.drawing.sheet import name_columns, name_rows, sheet

WIDTH = 864  # of a sheet, in pixels of the page


def one_decimal(number):
    """Return a number with one decimal and a true minus sign."""
    return signed(number, 1)


def questions(W_1, features):
    """Return what each hidden unit asks: "new, not alive?" for new − alive.

    W_1: (d_model, d_ff), a row per feature.
    """
    asked = []
    for column in W_1.T:
        wanted = [name for name, w in zip(features, column, strict=True) if w > 0]
        unwanted = [f"not {name}" for name, w in zip(features, column, strict=True) if w < 0]
        parts = [part for part in (" and ".join(wanted), " and ".join(unwanted)) if part]
        asked.append(", ".join(parts) + "?")
    return asked


def draw_bend(ax, sums):
    """Draw ReLU on `ax`, and a numbered dot where each hidden unit stands on it. sums: (d_ff,)."""
    h = np.array([-2.0, 0, 2])
    ax.plot(h, feed_forward.activate(h), color=palette.FILL["feed_forward"], linewidth=3, zorder=2)
    lit = sums > 0
    passed = feed_forward.activate(sums)
    for shown, color in ((lit, palette.FILL["feed_forward"]), (~lit, "white")):
        ax.plot(
            sums[shown], passed[shown], "o", ms=9, color=color, markeredgecolor="#1A1A1A", zorder=3
        )
    for unit, (x, y) in enumerate(zip(sums, passed, strict=True)):
        ha = "right" if y > 0 else "center"
        live_text(ax, x - 0.05, y + 0.17, f"{unit}", ha=ha, weight="bold")
    ax.set(xlim=(-2, 2), ylim=(-0.15, 2), xticks=[-2, -1, 0, 1, 2], yticks=[0, 1, 2])
    ax.set(xlabel="the unit's sum", ylabel="what it passes on")
    ax.grid()


@style()
def bend_picture(sums, word):
    """Return ReLU as a curve, with the sums of one word's hidden units on it. sums: (d_ff,)."""
    figure = new_figure(6.2, 2.9)
    ax = figure.add_axes((0.12, 0.2, 0.85, 0.68))
    draw_bend(ax, np.asarray(sums))
    ax.set_title(f"ReLU, and the six units for {word}")
    lit = ", ".join(str(unit) for unit in np.flatnonzero(np.asarray(sums) > 0))
    return Picture(
        figure, f"ReLU is 0 below 0 and passes on what is above; for {word} units {lit} are lit."
    )


def draw_parameters(ax, params, features):
    """Draw W_1 and b_1, a column per hidden unit, and W_2, a row per hidden unit, on a sheet."""
    d_model, d_ff = params["W_1"].shape
    shown = {}
    for name, left, top in (("W_1", 84, 74), ("b_1", 84, 224), ("W_2", 625, 74)):
        shown[name] = live_cells(ax, left, top, 54, 30, "signed", brief, limit=2)
        shown[name].show(params[name])
    name_columns(ax, shown["W_1"], [str(unit) for unit in range(d_ff)])
    name_rows(ax, shown["W_1"], features)
    name_columns(ax, shown["W_2"], features)
    for unit, question in enumerate(questions(params["W_1"], features)):
        x, y = shown["W_2"].side("left", unit, 0)
        live_text(ax, x - 10, y, f"{unit}  {question}", ha="right", va="center")
    ink = "feed_forward"
    live_line(ax, 84, 30, ("W_1", ink, "bold"), f"  {d_model} × {d_ff}: what each unit asks")
    live_line(ax, 74, 239, ("b_1", ink, "bold"), ha="right", va="center")
    live_line(ax, 470, 30, ("W_2", ink, "bold"), f"  {d_ff} × {d_model}: what each unit adds")


@style()
def parameters_picture(params, features):
    """Return the parameters of a network, except b_2, with what each hidden unit asks and adds."""
    figure = new_figure(WIDTH / 96, 282 / 96)
    draw_parameters(sheet(figure), params, features)
    asked = questions(params["W_1"], features)
    said = "; ".join(f"unit {unit} asks: {question}" for unit, question in enumerate(asked))
    return Picture(figure, f"W_1, b_1 and W_2; {said}")


def draw_sum(ax, x, f_x, normed, words, features):
    """Draw x + f(x) = sum → norm on a sheet; each array is (seq_len, d_model)."""
    panels = [
        ("x", x, "input"), ("f(x)", f_x, "feed_forward"), ("x + f(x)", x + f_x, "input"),
        ("after the norm", normed, "norm"),
    ]  # fmt: skip
    limit = max(np.abs(values).max() for _, values, _ in panels)
    pitch = 47 * len(features) + 5
    for i, (name, values, kind) in enumerate(panels):
        cells = live_cells(ax, 84 + pitch * i, 70, 43, 32, "signed", one_decimal, limit=limit)
        cells.show(values)
        name_columns(ax, cells, features, size=9.75)
        live_text(ax, cells.left, 30, name, weight="bold", color=palette.INK[kind])
        if i == 0:
            name_rows(ax, cells, words)
        else:
            sign = {"ha": "center", "va": "center", "size": 14}
            live_text(ax, cells.left - 11, 70 + 16 * len(words), " +=→"[i], **sign)


@style()
def sum_picture(x, f_x, normed, words, features):
    """Return Add & Norm with its sum, each array (seq_len, d_model)."""
    figure = new_figure(WIDTH / 96, 152 / 96)
    draw_sum(sheet(figure), x, f_x, normed, words, features)
    return Picture(figure, f"x + f(x) for {' and '.join(words)}, and each row after the norm.")


class Answers:
    """A table of answers as a map on an Axes, with a dot on each that is wrong."""

    def __init__(self, ax):
        self.image = live_matrix(ax, "answers")
        (self.dots,) = ax.plot([], [], "o", ms=4, mfc="white", mec="#1A1A1A")
        ax.set_xlabel("b", labelpad=1)
        ax.tick_params(length=0)

    def arrange(self, size):
        """Lay out the map for `size` rows and columns."""
        ax, ticks = self.image.axes, [0, size // 2, size - 1]
        size_matrix(ax, self.image, size, size)
        self.image.set_clim(0, size - 1)
        ax.set(xticks=ticks, yticks=ticks)

    def draw(self, said, truth):
        """Show what is said, and where it is not the truth, both (rows, columns); return both."""
        self.image.set_data(said)
        self.dots.set_data(*np.nonzero(said != truth)[::-1])
        return [self.image, self.dots]


@style()
def answers_picture(learnt, truth):
    """Return tables that were learnt, beside the right one.

    learnt: {name: (rows, columns)}; truth: (rows, columns).
    """
    figure = new_figure(9.0, 3.4)
    panels = learnt | {"the right table": truth}
    width, pitch = 0.25, 0.325
    for i, (name, said) in enumerate(panels.items()):
        ax = figure.add_axes((0.06 + pitch * i, 0.17, width, 0.7))
        answers = Answers(ax)
        answers.arrange(len(truth))
        answers.draw(said, truth)
        wrong = (said != truth).sum()
        ax.set_title(name if said is truth else f"{name}: {wrong} wrong")
    figure.axes[0].set_ylabel("a", rotation=0, labelpad=10, va="center")
    counted = ", ".join(
        f"{name} has {(said != truth).sum()} wrong answers" for name, said in learnt.items()
    )
    return Picture(figure, f"Of {truth.size} answers {counted} (white dots).")


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
    ax.plot(a, first, "--", color=palette.FILL["input"], label="unit 0")
    ax.plot(a, second, ":", color=palette.FILL["input"], label="unit 1")
    ax.set(xlim=(a[0], a[-1]), ylim=(-0.2, 3.2), xlabel="the number a that comes in")
    ax.set_title("Two hinges make a fold")
    ax.grid()
    ax.legend(loc="upper center")


@style()
def bends_picture():
    """Return the curves of ReLU, GELU and no bend, beside |a| as the sum of two ReLU hinges."""
    figure = new_figure(9.0, 3.4)
    a = np.linspace(-3, 3, 121)
    draw_bends(figure.add_axes((0.075, 0.17, 0.4, 0.72)))
    hinges = (feed_forward.activate(sign * a, "relu") for sign in (1, -1))
    draw_fold(figure.add_axes((0.57, 0.17, 0.4, 0.72)), *hinges, a)
    return Picture(
        figure,
        "ReLU is zero below 0 and straight above; GELU is smooth and dips to −0.17; "
        "the hinges of a and of −a add up to |a|.",
    )
