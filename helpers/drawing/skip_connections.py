"""What a probe reads off the layers of a stack, as curves."""

from helpers.drawing import palette
from helpers.drawing.figure import Picture, new_figure, style

STYLE = (
    ("input", "o", "-"),  # with skip
    ("norm", "s", "--"),
    ("quiet", "^", "-."),
)


def curves_through_layers(ax, curves, guess, title):
    """Draw one curve for each name: what share is read right at each layer, the mean over seeds.

    curves: {name: (seeds, layers)}, shares from 0 to 1, at most three; guess: what guessing gets.
    """
    for (kind, marker, dashes), (name, values) in zip(STYLE, curves.items(), strict=False):
        color, mean = palette.INK[kind], values.mean(axis=0)
        ax.plot(mean, color=color, marker=marker, ls=dashes, ms=5, label=name)
    ax.axhline(guess, color=palette.INK["quiet"], ls=":", lw=1.5, label="guessing")
    ax.set(
        xlim=(-0.3, len(mean) - 0.7), xticks=range(0, len(mean), 2),
        ylim=(-0.04, 1.06), yticks=[0, 0.25, 0.5, 0.75, 1],
        xlabel="layer (0: the input)", title=title,
    )  # fmt: skip
    ax.grid(axis="y")


def readable_picture(panels):
    """Return the picture of one or two panels side by side, with one legend on the right.

    panels: [(title, curves, guess)], as curves_through_layers takes them; the curves of all panels
    have the same names.
    """
    figure = new_figure(9.0, 3.3)
    width = (0.74 - 0.07 * len(panels)) / len(panels)
    with style():
        for i, (title, curves, guess) in enumerate(panels):
            ax = figure.add_axes((0.08 + i * (width + 0.06), 0.19, width, 0.68))
            curves_through_layers(ax, curves, guess, title)
            if i == 0:
                ax.set_ylabel("share read right")
        figure.legend(
            *ax.get_legend_handles_labels(), loc="center left", bbox_to_anchor=(0.79, 0.5)
        )
    parts = []
    for title, curves, _ in panels:
        ends = ", ".join(f"{name} {values[:, -1].mean():.2f}" for name, values in curves.items())
        parts.append(f"{title}, at the last layer: {ends}.")
    return Picture(figure, " ".join(parts))
