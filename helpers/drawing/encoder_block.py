"""The block that is walked through: the drawn block with one part lit, and that part opened below.

Above stands the block with all its parts in order, and below each part a small map of what it gave,
as far as the walk has come. Below stands the lit part with its numbers, and one number is traced.
"""

from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.patches import FancyBboxPatch

from helpers.drawing import numbers, palette
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_text import MIN_SIZE, live_line, live_text
from helpers.drawing.sheet import elbow, live_arrow, live_frame, sheet
from helpers.words import FEATURES

# All places are pixels of the page.
MIDDLE, HALF, RADIUS = 62, 22, 16  # of the drawn block: its line, half a box, a circle
DETOUR = 12  # how high a skip leads around its step
MAPS, MAP_CELL = 92, 12  # the small maps below the parts
RULE = 127  # between the block and the part that is opened
TITLE, HEADS, NAMES, CELLS, SUM = 156, 184, 203, 210, 314
CELL, ROW = 50, 36  # of a number below
LEFT, RIGHT = 104, 852
SIZE = 10.5  # of the numbers, in points: 14 pixels
LIMIT = 4.0  # the number that gets the full colour
PARTS = {  # in the order of 2017: name, kind
    "words": ("words", "input"),
    "positions": ("+ position", "position"),
    "attention": ("Multi-head\nattention", "z"),
    "add_1": ("+", "input"),
    "norm_1": ("Norm", "norm"),
    "feed_forward": ("Feed-\nforward", "feed_forward"),
    "add_2": ("+", "input"),
    "norm_2": ("Norm", "norm"),
}
# Where each part stands from left to right, with the norm after the sum and with the norm first.
PLACES = {
    "post": {
        "words": (12, 96), "positions": (128, 160), "attention": (208, 310), "add_1": (338, 370),
        "norm_1": (404, 474), "feed_forward": (514, 596), "add_2": (626, 658),
        "norm_2": (694, 764),
    },
    "pre": {
        "words": (12, 96), "positions": (128, 160), "norm_1": (208, 272), "attention": (298, 400),
        "add_1": (428, 460), "norm_2": (508, 572), "feed_forward": (598, 680),
        "add_2": (708, 740),
    },
}  # fmt: skip
SKIPPED = {"add_1": "attention", "add_2": "feed_forward"}  # what each skip leads around
NORM_OF = {"attention": "norm_1", "feed_forward": "norm_2"}


class Panel(NamedTuple):
    """One matrix of the part that is opened."""

    name: str
    kind: str  # of its frame and its name
    values: np.ndarray  # (rows, columns)
    before: str = ""  # the sign in front of it
    columns: tuple = FEATURES  # what stands over the columns; () for nothing
    traced: int | None = None  # the column of the traced number; None for the whole row


class Walk(NamedTuple):
    """All that the picture shows."""

    words: list  # seq_len words
    order: str  # "post" or "pre"
    block: int  # counted from 0
    last: bool  # whether it is the last one of the stack
    stage: str  # the lit part
    carried: str  # the name of what the skip of the lit sum carries
    maps: dict  # by part, in walking order: (seq_len, d_model), or None where it is off
    title: tuple  # pieces of a line
    panels: list  # of Panel, left to right
    traced: tuple  # pieces of the line that follows one number
    row: int  # the word of that number


class OpenedPanel:
    """The artists of one panel, made once."""

    def __init__(self, ax):
        place = 0, CELLS, CELL, ROW
        self.cells = {
            "signed": live_cells(ax, *place, "signed", numbers.written, SIZE, LIMIT),
            "weights": live_cells(ax, *place, "weights", numbers.signed, SIZE),
        }
        self.head = live_line(ax, 0, HEADS, weight="bold", size=11.5)
        quiet = {"ha": "center", "size": 11.25, "color": palette.INK["quiet"]}
        self.names = [live_text(ax, 0, NAMES, **quiet) for _ in range(6)]
        sign = {"ha": "center", "va": "center", "color": palette.INK["input"]}
        self.sign = live_text(ax, 0, 0, weight="bold", size=15, **sign)
        self.frame = live_frame(ax, width=2.5, color="#1A1A1A")
        self.artists = [*self.cells.values(), self.head, *self.names, self.sign, self.frame]

    def show(self, panel, left, gap, row):
        """Show a panel from `left` on, its sign in the gap before it, and frame what is traced."""
        weights, middle = panel.kind == "weights", CELLS + ROW * len(panel.values) / 2
        shown = self.cells["weights" if weights else "signed"]
        shown.left = round(left)
        shown.show(panel.values)
        if not weights:
            shown.edge = palette.FILL[panel.kind]
        self.frame.around(*shown.box(row, panel.traced))
        self.head.set_text(panel.name)
        self.head.set_x(left)
        self.head.set_color(palette.INK["input" if weights else panel.kind])
        self.sign.set_text(panel.before)
        self.sign.set_position((left - gap / 2, middle))
        names = self.names[: len(panel.columns)]
        for i, (text, column) in enumerate(zip(names, panel.columns, strict=True)):
            text.set_text(column)
            text.set_x(left + CELL * (i + 0.5))
        for artist in self.artists:
            artist.set_visible(artist in (shown, self.head, *names, self.sign, self.frame))


class WalkedBlock:
    """The picture of the walk; draw(walk) returns the artists that move."""

    def __init__(self, figure):
        self.ax = ax = sheet(figure)
        self._filled = {}  # what each small map shows
        self.middles = {}  # of the skips
        self.boxes, self.labels, self.maps, self.arrows = {}, {}, {}, {}
        for part in PARTS:
            if part != "words":
                round_one = PARTS[part][0].startswith("+")
                shape = "circle,pad=0" if round_one else "round,pad=0,rounding_size=6"
                box = FancyBboxPatch((0, 0), 1, 1, boxstyle=shape, zorder=2)
                self.boxes[part] = ax.add_patch(box)
            middle = {"ha": "center", "va": "center", "size": 11.5, "zorder": 5}
            self.labels[part] = [live_text(ax, 0, 0, **middle) for _ in range(2)]
            place = 0, MAPS, MAP_CELL, MAP_CELL
            self.maps[part] = live_cells(ax, *place, "signed", number=None, limit=LIMIT)
            self.arrows[part] = live_arrow(ax, head=8)
        self.out_arrow = live_arrow(ax, head=8)
        self.code = live_arrow(ax, head=8)
        self.position_name = live_text(ax, 144, 20, "positions", ha="center", size=11.25)
        self.out_name = [
            live_text(ax, 824, y, ha="center", va="center", size=11.5)
            for y in (MIDDLE - 11, MIDDLE + 11)
        ]
        self.skips = {part: live_arrow(ax, head=10) for part in SKIPPED}
        self.carried = live_text(ax, 0, 0, ha="center", weight="bold", size=11.5)
        self.map_frame = live_frame(ax)
        self.rule = live_arrow(ax, head=0)
        self.title = live_line(ax, 12, TITLE, weight="bold", size=12.5)
        self.line = live_line(ax, LEFT, SUM, size=12.5)
        self.panels = [OpenedPanel(ax) for _ in range(4)]
        beside = {"ha": "right", "va": "center", "size": 11.25}
        self.rows = [live_text(ax, LEFT - 10, 0, **beside) for _ in range(2)]
        self._draw_scale()

    def _draw_scale(self):
        """Draw the colour scale, which stands still."""
        extent = (752, 828, TITLE, TITLE - 12)
        self.ax.imshow([np.linspace(-1, 1, 76)], palette.SIGNED, extent=extent, aspect="auto")
        style = {"size": 11.25, "color": palette.INK["quiet"]}
        live_text(self.ax, 746, TITLE, f"−{LIMIT:.0f}", ha="right", **style)
        live_text(self.ax, 834, TITLE, f"{LIMIT:.0f}", **style)

    def draw(self, walk):
        return [*self._draw_block(walk), *self._draw_part(walk)]

    def _draw_block(self, walk):
        """Light the part, fill the small maps up to it, and lead the skips."""
        places, order = PLACES[walk.order], list(walk.maps)
        reached = order.index(walk.stage)
        live = [self.rule, self.map_frame]
        for i, part in enumerate(order):
            left, end = places[part]
            here, done = i == reached, i <= reached
            on = walk.maps[part] is not None
            live += self._draw_box(part, left, end, here, done, on)
            live.append(self._fill_map(walk, part, (left + end) / 2, done))
            if i > 0:
                before = next(name for name in order[i - 1 :: -1] if walk.maps[name] is not None)
                kind = PARTS[before][1] if here and before != "positions" else "input"
                self._ink(self.arrows[part], kind, here, done)
                live.append(self.arrows[part])
        self._ink(self.out_arrow, "input", False, reached == len(order) - 1)
        live.append(self.out_arrow)
        live += self._draw_ends(walk, reached == len(order) - 1)
        live += self._draw_skips(walk, order, reached)
        left, end = places[walk.stage]
        self._point_at((left + end) / 2, PARTS[walk.stage][1])
        self.map_frame.around(*self.maps[walk.stage].box(), gap=1)
        self.map_frame.set_color(palette.INK[PARTS[walk.stage][1]])
        return live

    def _draw_box(self, part, left, right, here, done, on):
        label, kind = PARTS[part]
        texts, x = self.labels[part], (left + right) / 2
        if part == "words":
            for text, offset in zip(texts, (-11, 11), strict=True):
                text.set_position((x, MIDDLE + offset))
                text.set_weight("bold" if here else "normal")
            return texts
        box, is_sum, lit = self.boxes[part], label.startswith("+"), here and on
        half, fill = RADIUS if is_sum else HALF, palette.FILL[kind]
        box.set_bounds(left, MIDDLE - half, right - left, 2 * half)
        box.set_facecolor(fill if lit else "white")
        ink = palette.INK[kind if here else "input"]
        box.set_edgecolor(ink if done and on else palette.FILL["quiet"])
        box.set_linewidth(2 if here else 1.2)
        box.set_linestyle("-" if on else (0, (2, 2)))
        lines = ["+"] if is_sum else label.split("\n")
        if not on:
            lines = ["off"] if is_sum else [lines[0].rstrip("-"), "off"]
        offsets = (-9, 9) if len(lines) > 1 else (0, 0)
        for text, line, offset in zip(texts, [*lines, ""], offsets, strict=False):
            text.set_text(line)
            text.set_position((x, MIDDLE + offset))
            text.set_fontsize(11.5 if on or not is_sum else MIN_SIZE)
            text.set_weight("bold" if lit or (is_sum and on) else "normal")
            color = palette.on(fill) if lit else palette.INK["input" if done and on else "quiet"]
            text.set_color(color)
        return [box, *texts]

    def _fill_map(self, walk, part, x, done):
        cells, values = self.maps[part], walk.maps[part]
        shape = next(iter(walk.maps.values())).shape
        cells.left = round(x - MAP_CELL * shape[1] / 2)
        blank = values is None or not done
        shown = None if blank else values
        if self._filled.get(part, self) is shown:
            return cells  # a stack is computed once, so its arrays are the same ones
        self._filled[part] = shown
        cells.show(np.zeros(shape) if blank else values, held="" if blank else None)
        cells.edge = palette.FILL["quiet" if blank else "input"]
        cells.line = "white"
        return cells

    def _draw_ends(self, walk, left_it):
        """Write what comes in, what goes out, and the positions."""
        comes = walk.words if walk.block == 0 else ["from", f"block {walk.block - 1}"]
        for text, word in zip(self.labels["words"], [*comes, ""], strict=False):
            text.set_text(word)
        goes = ("end of", "the stack") if walk.last else ("to", f"block {walk.block + 1}")
        for text, word in zip(self.out_name, goes, strict=True):
            text.set_text(word)
            text.set_color(palette.INK["input" if left_it else "quiet"])
        added = walk.maps.get("positions") is not None
        for artist in (self.code, self.position_name):
            artist.set_visible(added)
        if added:
            at = walk.stage == "positions"
            self._ink(self.code, "position" if at else "input", at, walk.stage != "words")
            self.position_name.set_color(palette.INK["position" if at else "quiet"])
        return [*self.out_name, self.code, self.position_name]

    def arrange(self, norm_order, order):
        """Lead the arrows from part to part, in this order, and each skip around its step."""
        places = PLACES[norm_order]
        for before, part in pairwise(order):
            self.arrows[part].set_corners((places[before][1], MIDDLE), (places[part][0], MIDDLE))
        self.out_arrow.set_corners((places[order[-1]][1], MIDDLE), (784, MIDDLE))
        self.code.set_corners((144, 25), (144, MIDDLE - RADIUS))
        for part, arrow in self.skips.items():
            step = SKIPPED[part]
            first = NORM_OF[step] if norm_order == "pre" else step
            # It leaves the line halfway between the part before the step and the step.
            before = places[order[order.index(first) - 1]][1]
            x, end = (before + places[first][0]) / 2, sum(places[part]) / 2
            arrow.set_corners(*elbow((x, MIDDLE), (end, MIDDLE - RADIUS), down=DETOUR))
            self.middles[part] = (x + end) / 2

    def _draw_skips(self, walk, order, reached):
        """At its sum, a skip is thick and says what it carries."""
        for part, arrow in self.skips.items():
            at, on = order.index(part), walk.maps[part] is not None
            self._ink(arrow, "input", at == reached and on, at <= reached)
            arrow.set_linestyle("-" if on else (0, (2, 2)))
            arrow.set_alpha(None if on else 0.5)
        lit = walk.stage in SKIPPED and walk.maps[walk.stage] is not None
        self.carried.set_text(walk.carried if lit else "")
        if lit:
            self.carried.set_position((self.middles[walk.stage], DETOUR + 18))
        return [*self.skips.values(), self.carried]

    def _ink(self, arrow, kind, lit, done):
        """Draw an arrow thick, plain or pale."""
        arrow.set_color(palette.FILL[kind] if lit else palette.FILL["input" if done else "quiet"])
        arrow.set_linewidth(3.75 if lit else 1.2)

    def _point_at(self, x, kind):
        """Draw the rule below the block, with a notch that points at the lit part."""
        notch = (x - 10, RULE), (x, RULE - 6), (x + 10, RULE)
        self.rule.set_corners((12, RULE), *notch, (RIGHT, RULE))
        self.rule.set_color(palette.INK[kind])

    def _draw_part(self, walk):
        """Write the lit part's matrices side by side, and trace one number."""
        self.title.set_pieces(*walk.title)
        self.line.set_pieces(*walk.traced)
        for i, (text, word) in enumerate(zip(self.rows, walk.words, strict=True)):
            text.set_text(word)
            text.set_position((LEFT - 10, CELLS + ROW * (i + 0.5)))
            text.set_weight("bold" if i == walk.row else "normal")
        left, gap, pool = LEFT, self._gap(walk.panels), [p.artists for p in self.panels]
        for artist in chain(*pool[len(walk.panels) :]):
            artist.set_visible(False)
        for artists, panel in zip(self.panels, walk.panels, strict=False):
            left += gap if panel.before else 0
            artists.show(panel, left, gap, walk.row)
            left += CELL * panel.values.shape[1]
        return [self.title, self.line, *self.rows, *chain(*pool)]

    def _gap(self, panels):
        """Return how wide the place of a sign is, so that the last panel ends at the right edge."""
        taken = CELL * sum(panel.values.shape[1] for panel in panels)
        signs = sum(bool(panel.before) for panel in panels)
        return min((RIGHT - LEFT - taken) / max(signs, 1), 80)
