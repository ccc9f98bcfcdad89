"""The places where a norm may stand, and the learning rates that train, as drawings."""

from helpers.drawing import palette
from helpers.drawing.block import RADIUS, arrow, box, plus
from helpers.drawing.figure import Picture, new_figure, style
from helpers.drawing.marks import NORM_STYLE
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


def places_picture():
    """Return the picture of the two places where a norm may stand."""
    figure = new_figure(9.0, 2.1)
    with style():
        for left, norm, title in (
            (0.01, "post", "post (2017): every path ends in a norm"),
            (0.51, "pre", "pre: the skip passes the norm by"),
        ):
            place(figure.add_axes((left, 0.02, 0.48, 0.8)), norm, title)
    return Picture(figure, "Two places for the norm. Post: norm(x + f(x)). Pre: x + f(norm(x)).")


def rates_picture():
    """Return which learning rates train six blocks: by norm, every run and their means."""
    table, rates = evidence.measured("layer_norm"), experiments.RATES
    figure = new_figure(9.0, 3.4)
    parts = []
    with style():
        ax = figure.add_axes((0.075, 0.17, 0.64, 0.72))
        for norm, shift in (("pre", 1 / 1.08), ("post", 1), ("none", 1.08)):
            line = NORM_STYLE[norm]
            places = [rate * shift for rate in rates]  # side by side, so that no run hides another
            names = [experiments.rate_name(norm, rate, 0) for rate in rates]
            values = [table[name]["accuracy"].values for name in names]
            for x, shares in zip(places, values, strict=True):
                ax.plot([x] * len(shares), shares, "o", ms=4, mfc="white", mec=line["color"])
            means = [shares.mean() for shares in values]
            ax.plot(places, means, ms=8, lw=2.5, **line)
            good = sum(mean > 0.9 for mean in means)
            parts.append(f"{line['label']} {good} of {len(rates)}")
        ax.axhline(first_word.GUESS, color=palette.INK["quiet"], ls=":", lw=1.5, label="guessing")
        ax.set(
            xscale="log", xlim=(7e-4, 0.14), ylim=(0, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1],
            xlabel="learning rate", title="Right answers after 120 steps",
        )  # fmt: skip
        ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
        ax.minorticks_off()
        ax.grid(axis="y")
        figure.legend(
            *ax.get_legend_handles_labels(), loc="center left", bbox_to_anchor=(0.735, 0.55)
        )
    return Picture(figure, f"Rates that reach 0.9 on average: {', '.join(parts)}.")
