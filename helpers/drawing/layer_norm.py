"""The places where a norm may stand, and the learning rates that train, as drawings."""

from helpers.drawing import palette
from helpers.drawing.block import RADIUS, arrow, box, plus
from helpers.drawing.figure import Picture, new_figure, style
from helpers.drawing.marks import NORM_NAMES, NORM_STYLE, SeedCurves, shares_axes
from helpers.learning import evidence, first_word
from helpers.learning.experiments import layer_norm as experiments


def place(ax, norm, title):
    """Draw one step with its Add & Norm: norm is "post", after the sum, or "pre", before f."""
    ax.set(xlim=(0, 6.0), ylim=(0, 2.0), aspect="equal")
    ax.axis("off")
    ax.set_title(title)
    after, first, y = norm == "post", 1.0, 0.75
    step, total, norm_at = (2.2, 3.3, 4.5) if after else (3.7, 4.9, 2.2)
    ax.text(0.2, y, "x", ha="center", va="center", fontsize=14)
    for corners in (
        [(0.4, y), (5.75, y)],
        [(first, y), (first, 1.6), (total, 1.6), (total, y + RADIUS)],
    ):
        arrow(ax, corners, palette.INK["input"], width=2, head=14)
    plus(ax, total, y)
    for x, label, kind in ((step, "f", "z"), (norm_at, "norm", "norm")):
        colours = palette.FILL[kind], palette.INK[kind], "#1A1A1A"
        box(ax, x - 0.5, y, 1.0, 0.6, label, *colours)
    formula = "norm(x + f(x))" if after else "x + f(norm(x))"
    ax.text(3.0, 0.12, formula, ha="center", va="center", fontsize=13)


@style()
def places_picture():
    """Return the picture of the two places where a norm may stand."""
    figure = new_figure(9.0, 2.1)
    for left, norm, title in (
        (0.01, "post", "post (2017): every path ends in a norm"),
        (0.51, "pre", "pre: the skip passes the norm by"),
    ):
        place(figure.add_axes((left, 0.02, 0.48, 0.8)), norm, title)
    return Picture(figure, "Two places for the norm. Post: norm(x + f(x)). Pre: x + f(norm(x)).")


@style()
def rates_picture():
    """Return which learning rates train six blocks: by norm, every run and their means."""
    table, rates = evidence.measured("layer_norm"), experiments.RATES
    ends = {
        norm: [table[experiments.rate_name(norm, rate, 0)]["accuracy"].values for rate in rates]
        for norm in NORM_STYLE
    }
    figure = new_figure(9.0, 3.4)
    ax = shares_axes(
        figure, (0.075, 0.17, 0.64, 0.72), title="Right answers after 120 steps",
        xscale="log", xlim=(7e-4, 0.14), xlabel="learning rate",
    )  # fmt: skip
    SeedCurves(ax, NORM_STYLE).draw(rates, ends)
    ax.axhline(first_word.GUESS, color=palette.INK["quiet"], ls=":", lw=1.5, label="guessing")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    figure.legend(*ax.get_legend_handles_labels(), loc="center left", bbox_to_anchor=(0.735, 0.55))
    good = {norm: sum(seeds.mean() > 0.9 for seeds in found) for norm, found in ends.items()}
    parts = [f"{NORM_NAMES[norm]} {count} of {len(rates)}" for norm, count in good.items()]
    return Picture(figure, f"Rates that reach 0.9 on average: {', '.join(parts)}.")
