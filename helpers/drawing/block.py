"""The encoder block as one picture, with the step of the lesson lit."""

from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from helpers import checks
from helpers.drawing import palette
from helpers.drawing.figure import Picture, new_figure, style

# What each lesson lights: the parts of the picture, each with the kind whose colour it takes, and
# the words for it.
ATTENTION = {"attention": "z"}
SKIP = dict.fromkeys(("add_1", "add_2", "skip_1", "skip_2"), "input")
NORM = dict.fromkeys(("norm_1", "norm_2"), "norm")
FEED_FORWARD = {"feed_forward": "feed_forward"}
STEPS = {
    "self_attention": ({"attention": "query"}, "self-attention"),
    "multi_head_attention": (ATTENTION, "multi-head attention"),
    "skip_connections": (SKIP, "the two skip connections"),
    "layer_norm": (NORM, "the two layer norms"),
    "feed_forward": (FEED_FORWARD, "the feed-forward network"),
    "positional_encoding": ({"position": "position"}, "the positional encoding"),
    "encoder_block": (ATTENTION | SKIP | NORM | FEED_FORWARD, "the whole block"),
    "reading_attention": ({"attention": "key"}, "the attention, whose weights are read"),
}
# Left edge, width and label of each box; all stand on one line, as the words flow left to right.
BOXES = {
    "attention": (2.35, 1.35, "Multi-head\nattention"),
    "norm_1": (4.45, 0.78, "Norm"),
    "feed_forward": (5.85, 1.25, "Feed-\nforward"),
    "norm_2": (7.85, 0.78, "Norm"),
}
CIRCLES = {"position": 1.42, "add_1": 4.1, "add_2": 7.5}
SKIPS = {"skip_1": (1.98, 4.1), "skip_2": (5.52, 7.5)}
MIDDLE, HALF_HEIGHT, RADIUS, DETOUR = 1.0, 0.42, 0.17, 1.78


def box(ax, left, middle, width, height, label, face, edge, ink, line=1.5, round=0.1, **style):
    """Draw a step as a box with its name in it; return both.

    face, edge, ink: colours; round: the radius of its corners; style: of the name.
    """
    shape = FancyBboxPatch(
        (left, middle - height / 2), width, height, boxstyle=f"round,pad=0,rounding_size={round}",
        facecolor=face, edgecolor=edge, linewidth=line, zorder=2,
    )  # fmt: skip
    style = {"ha": "center", "va": "center", "weight": "bold", "zorder": 3} | style
    return ax.add_patch(shape), ax.text(left + width / 2, middle, label, color=ink, **style)


def plus(ax, x, y, face=palette.FILL["input"], edge="none", ink="white", line=1, radius=RADIUS):
    """Draw the sum of a skip connection."""
    ax.add_patch(Circle((x, y), radius, fc=face, ec=edge, lw=line, zorder=3))
    sign = {"ha": "center", "va": "center", "size": 14, "weight": "bold", "zorder": 4}
    ax.text(x, y - 0.01 * radius / RADIUS, "+", color=ink, **sign)


def arrow(ax, corners, colour, width=1.4, head=12):
    """Draw a line through the corners, with a head at its end."""
    xs, ys = zip(*corners[:-1], strict=True)
    if len(corners) > 2:
        ax.plot(xs, ys, color=colour, linewidth=width, solid_capstyle="butt", zorder=1)
    last = FancyArrowPatch(
        corners[-2], corners[-1], arrowstyle="-|>", mutation_scale=head,
        shrinkA=0, shrinkB=0, color=colour, linewidth=width, zorder=1,
    )  # fmt: skip
    ax.add_patch(last)


def draw_block(ax, lit):
    """Draw one encoder block, 2017 order, on `ax`, with the parts of the step `lit` in colour."""
    parts, _ = STEPS[checks.require_choice(lit, "lit", tuple(STEPS))]

    def ink(part):
        return palette.INK[parts.get(part, "quiet")]

    def colours(part):
        """Return the fill of a part, its edge, a text colour that reads on it; and its line."""
        if part not in parts:
            return "white", ink(part), ink(part), 1.2
        kind = parts[part]
        return palette.FILL[kind], ink(part), "white" if kind in palette.DARK else "#1A1A1A", 2

    def weight(part):
        return "bold" if part in parts else "normal"

    ax.set(xlim=(0, 9.6), ylim=(0, 2.1), aspect="equal")
    ax.axis("off")
    arrow(ax, [(0.93, MIDDLE), (8.85, MIDDLE)], palette.INK["quiet"])
    for part, (start, end) in SKIPS.items():
        way = [(start, MIDDLE), (start, DETOUR), (end, DETOUR), (end, MIDDLE + RADIUS)]
        arrow(ax, way, ink(part), 3 if part in parts else 1.4)
        label = "skip" if part in parts else ""
        above = {"ha": "center", "color": ink(part), "weight": "bold"}
        ax.text((start + end) / 2, DETOUR + 0.07, label, **above)
    for part, (left, width, label) in BOXES.items():
        place = left, MIDDLE, width, 2 * HALF_HEIGHT
        box(ax, *place, label, *colours(part), weight=weight(part), linespacing=1.1)
    for part, centre in CIRCLES.items():
        plus(ax, centre, MIDDLE, *colours(part))
    arrow(ax, [(1.42, 0.32), (1.42, MIDDLE - RADIUS)], ink("position"))
    style = {"ha": "center", "color": ink("position"), "weight": weight("position")}
    ax.text(1.42, 0.08, "positions", **style)
    ax.text(0.45, MIDDLE, "Thinking\nMachines", ha="center", va="center", linespacing=1.5)
    ax.text(9.2, MIDDLE, "next\nblock", ha="center", va="center", linespacing=1.3)
    for part, add in (("norm_1", "add_1"), ("norm_2", "add_2")):
        left, width, _ = BOXES[part]
        middle = (CIRCLES[add] + left + width) / 2 - RADIUS / 2
        ax.text(middle, 0.3, "Add & Norm", ha="center", color=palette.INK["quiet"])


@style()
def block_picture(lit):
    """Return the picture that opens a lesson: the block, with the step `lit` in colour.

    lit: the stem of a notebook's step, such as "layer_norm". Raises ValueError for another.
    """
    figure = new_figure(9.0, 2.1)
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    draw_block(ax, lit)
    return Picture(figure, f"One encoder block, left to right; coloured: {STEPS[lit][1]}.")
