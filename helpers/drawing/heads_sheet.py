"""All heads of multi-head attention on one sheet, from X to Z.

Every number is equally wide here, so that a matrix seven times as wide looks it. Each z stands
under its own place in concat: pushed up, the z's are concat.
"""

from typing import NamedTuple

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from helpers.drawing import palette
from helpers.drawing.live_text import MIN_SIZE, fitting, live_line, live_text
from helpers.drawing.sheet import live_arrow, live_frame, sheet

# All places are pixels of the page.
UNIT = 8  # the width of one number in X, q, k, v, z, concat, W_o and Z
ROW = 18  # the height of a word's row in X, concat and Z, and the most in a lane
TOP, BOTTOM = 44, 330  # of X, concat, W_o and Z; of the lowest lane
X_LEFT, TRUNK, NAMES_RIGHT, QKV, WEIGHTS, CONCAT = 84, 104, 178, 203, 320, 448
SIGN = 28  # between concat and W_o, and between W_o and Z
MIN_ROW = 15  # of a row in which weights are written
FULL = {"input": 2, "query": 2, "key": 2, "value": 2, "z": 1, "weights": 1}  # the darkest number
DIM = 0.3  # what is left of the colour of heads that are not lit
SIZE = 11.25  # points: 15 pixels
BAND = "#EFEFEF"
ROLES = {"q": "query", "k": "key", "v": "value"}


class Sizes(NamedTuple):
    """All that decides where things stand on the sheet."""

    n_words: int
    d_model: int
    n_heads: int
    d_head: int


class Block(NamedTuple):
    """Where the cells of one matrix stand."""

    left: float
    top: float
    rows: int
    columns: int
    width: float  # of a cell
    height: float
    kind: str  # of what the matrix is

    def cells(self):
        """Return the corners of all cells, with a gap of a pixel: (rows · columns, 4, 2)."""
        y, x = np.indices((self.rows, self.columns)).reshape(2, -1)  # each (rows · columns,)
        x, y = self.left + self.width * x, self.top + self.height * y
        right, bottom = x + self.width - 1, y + self.height - 1
        corners = [(x, y), (right, y), (right, bottom), (x, bottom)]
        return np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)

    def box(self):
        """Return left, top, width and height of the whole."""
        return self.left, self.top, self.columns * self.width, self.rows * self.height


def tints(values, kind, full=None, dim=False):
    """Return a colour per number, the darker the further from 0: (numbers, 3).

    dim: True, or True and False per number, for what is not spoken of.
    """
    share = np.clip(np.abs(values).ravel() / (full or FULL[kind]), 0, 1)
    if kind == "weights":
        colors = palette.WEIGHTS(share)[:, :3]
    else:
        colors = 1 - share[:, None] * (1 - np.array(to_rgb(palette.FILL[kind])))
    return np.where(np.ravel(dim)[:, None], 1 - DIM * (1 - colors), colors)


class HeadsSheet:
    """X → q, k, v of each head → weights → z_0 … → concat → W_o → Z, in one picture.

    arrange(words, sizes) lays out what stands still; draw(result) returns the artists that move.
    """

    def __init__(self, figure):
        self.ax = ax = sheet(figure)
        self.fixed = []  # names, shapes and pale arrows of the layout that is shown
        self.band = self._collection(facecolor=BAND, linewidth=0, zorder=1.2)
        self.tiles = self._collection(linewidth=0, zorder=2)
        self.edges = self._collection(facecolor="none", linewidth=0.75, zorder=2.5)
        self.trunk = live_arrow(ax, width=3, head=0, zorder=1.6)
        self.line = live_arrow(ax, kind="z", width=2.5, head=0, zorder=1.6)
        self.rise = live_arrow(ax, kind="z", width=3, head=10, zorder=1.6)
        self.rows_frame = live_frame(ax, "z")
        dashes = {"width": 2, "linestyle": (0, (2, 1.2))}
        self.empty = [live_frame(ax, "quiet", **dashes) for _ in range(2)]
        middle = {"va": "center", "size": SIZE, "zorder": 3}
        self.zero = live_text(ax, 0, 0, ha="center", **middle)
        self.name = live_text(ax, 0, 0, ha="right", weight="bold", **middle)
        self.z_name = live_line(ax, 0, 0, ha="right", **middle)
        self.rows_name = live_line(ax, 0, 0, ha="right", **middle)
        self.roles = [live_line(ax, 0, 0, ha="right", **middle) for _ in ROLES]
        for line, (name, kind) in zip(self.roles, ROLES.items(), strict=True):
            line.set_pieces((name, kind, "bold"))
        small = middle | {"size": MIN_SIZE}
        self.numbers = [live_text(ax, 0, 0, ha="center", **small) for _ in range(9)]
        self.notes = [live_line(ax, 0, 0, size=SIZE) for _ in range(3)]

    def _collection(self, **style):
        artist = PolyCollection([], antialiased=False, **style)
        return self.ax.add_collection(artist, autolim=False)

    # what stands still

    def arrange(self, words, sizes):
        """Lay out names, shapes, pale arrows and the places of all cells."""
        for artist in self.fixed:
            artist.remove()
        self.fixed = []
        self.sizes = sizes
        n, d_model, n_heads, d_head = sizes
        self.below = TOP + ROW * n  # X and concat
        self.map_right = WEIGHTS + n * (37 if n < 3 else 32)
        self.w_o = CONCAT + UNIT * n_heads * d_head + SIGN
        self.z = self.w_o + UNIT * d_model + SIGN
        self._share_height()
        self._name_matrices(words)
        self._name_lanes()
        blocks = list(self._blocks())
        self.tiles.set_verts(np.concatenate([block.cells() for block in blocks]))
        boxes = [
            Block(left - 1, top - 1, 1, 1, w + 2, h + 2, "")
            for left, top, w, h in (block.box() for block in blocks)
        ]
        self.edges.set_verts(np.concatenate([box.cells() for box in boxes]))
        self.edges.set_edgecolor([_edge(block.kind) for block in blocks])

    def _share_height(self):
        """Share the height under X among the lanes."""
        n, _, n_heads, d_head = self.sizes
        self.stacked = d_head > 4  # q, k, v one above the other: too wide to stand side by side
        self.lanes_top = self.below + 14
        pitch = (BOTTOM - self.lanes_top) // n_heads
        rows, gaps = (3 * n, 18) if self.stacked else (n, 3)
        self.row = min(ROW, (pitch - gaps) // rows)
        self.pitch = min(pitch, rows * self.row + gaps + 10)

    def _name_matrices(self, words):
        n, d_model, n_heads, d_head = self.sizes
        wide = n_heads * d_head
        for i, word in enumerate(words):
            self._text(78, TOP + ROW * i + 14, fitting(word, 74), ha="right")
        for name, left, kind, shape in (
            ("X", X_LEFT, "input", (n, d_model)),
            ("concat", CONCAT, "z", (n, wide)),
            ("W_o", self.w_o, "input", (wide, d_model)),
            ("Z", self.z, "z", (n, d_model)),
        ):
            self._line(left, 18, (name, kind, "bold"), size=12.5)
            self._text(left, 38, " × ".join(map(str, shape)))
        self._text(self.w_o - SIGN / 2, 20, "·", ha="center", size=22)
        self._text(self.z - SIGN / 2, 18, "=", ha="center", size=14)
        for i, line in enumerate(("the darker,", "the further", "from 0")):
            self._text(4, 292 + 18 * i, line, color=palette.INK["quiet"])

    def _name_lanes(self):
        n, _, n_heads, d_head = self.sizes
        for head in range(n_heads):
            y, place = self.middle(head), self.place(head)
            quiet = {"va": "center", "ha": "right", "color": palette.INK["quiet"]}
            self._text(NAMES_RIGHT, y, f"head {head}", **quiet)
            self._line(place - 5, y, f"z_{head}", **quiet)
            self._arrow((TRUNK, y), (TRUNK + 8, y))
            self._arrow(*self._line_to_z(head))
            self._arrow(*self._way_up(head), head=8)
        self._arrow((TRUNK, self.below), (TRUNK, self.middle(n_heads - 1)))
        if not self.stacked:
            for (name, kind), (left, _) in zip(ROLES.items(), self._qkv(0), strict=True):
                centred = {"ha": "center", "va": "center"}
                self._line(
                    left + UNIT * d_head / 2, self.below - 26, (name, kind, "bold"), **centred
                )
        self._text(QKV + 2, self.below - 1, f"{n} × {d_head} each")
        centre = (WEIGHTS + self.map_right) / 2
        dark = {"weight": "bold", "color": palette.WEIGHTS(0.75)}
        self._text(centre, self.below - 20, "weights", ha="center", **dark)
        self._text(centre, self.below - 1, f"{n} × {n}", ha="center")

    def _text(self, x, y, text, **style):
        self.fixed.append(live_text(self.ax, x, y, text, **({"size": SIZE, "zorder": 1} | style)))

    def _line(self, x, y, piece, **style):
        style = {"size": SIZE, "zorder": 1} | style
        self.fixed.append(live_line(self.ax, x, y, piece, **style))

    def _arrow(self, *corners, head=0):
        arrow = live_arrow(self.ax, *corners, kind="quiet", width=1.5, head=head, zorder=1)
        self.fixed.append(arrow)

    # where things stand

    def middle(self, head):
        """Return the height of the middle of a head's lane."""
        return self.lanes_top + self.pitch * (head + 0.5)

    def place(self, head):
        """Return the left edge of a head's z, and of its piece of concat."""
        return CONCAT + UNIT * self.sizes.d_head * head

    def _qkv(self, head):
        """Return left and top of q, k and v of a head."""
        height, step = self.row * self.sizes.n_words, max(UNIT * self.sizes.d_head + 4, 20)
        top = self.middle(head) - height / 2
        if self.stacked:
            return [(QKV, top + i * (height + 7)) for i in (-1, 0, 1)]
        return [(QKV + i * step, top) for i in range(3)]

    def _line_to_z(self, head):
        y, start = self.middle(head), self.map_right + 6
        return (start, y), (max(self.place(head) - 38, start), y)

    def _way_up(self, head):
        x = self.place(head) + UNIT * self.sizes.d_head / 2
        return (x, self.middle(head) - self.row * self.sizes.n_words / 2), (x, self.below + 2)

    def _note_tops(self):
        first = self.below + 36
        return first, first + ROW * self.sizes.n_words + 40

    def _blocks(self):
        """Yield the block of each matrix, in the order of _colors."""
        n, d_model, n_heads, d_head = self.sizes
        row, map_cell = self.row, (self.map_right - WEIGHTS) // n
        yield Block(X_LEFT, TOP, n, d_model, UNIT, ROW, "input")
        for head in range(n_heads):
            top = self.middle(head) - row * n / 2
            for kind, (left, top_of) in zip(ROLES.values(), self._qkv(head), strict=True):
                yield Block(left, top_of, n, d_head, UNIT, row, kind)
            yield Block(WEIGHTS, top, n, n, map_cell, row, "weights")
            yield Block(self.place(head), top, n, d_head, UNIT, row, "z")
        yield Block(CONCAT, TOP, n, n_heads * d_head, UNIT, ROW, "z")
        yield Block(self.w_o, TOP, n_heads * d_head, d_model, UNIT, UNIT, "input")
        for top, kind in zip((TOP, *self._note_tops()), ("z", "input", "z"), strict=True):
            yield Block(self.z, top, n, d_model, UNIT, ROW, kind)

    # what moves

    def draw(self, result):
        """Show these numbers; return the artists that move.

        result: x, q, k, v, weights, heads, concat, W_o, out, before (out with all heads), part
        (what the lit head adds to out), lit, and knocked_out (whether the lit head is set to 0).
        """
        n, d_model, _, d_head = self.sizes
        lit, height, wide = result.lit, self.row * n, UNIT * d_head
        y, place = self.middle(lit), self.place(lit)
        self.tiles.set_facecolor(self._colors(result))
        left, right = TRUNK + 9, place + wide + 5
        top = self.lanes_top + self.pitch * lit
        self.band.set_verts(Block(left, top, 1, 1, right - left, self.pitch, "").cells())
        self.trunk.set_corners((TRUNK, self.below), (TRUNK, y), (left, y))
        self.line.set_corners(*self._line_to_z(lit))
        self.rise.set_corners(*self._way_up(lit))
        self.rise.set_visible(not result.knocked_out)
        self.name.set_text(f"head {lit}")
        self.name.set_position((NAMES_RIGHT, y))
        rows_top = TOP + wide * lit
        self.rows_frame.around(self.w_o, rows_top, UNIT * d_model, wide, 2)
        for line, x, line_y in (
            (self.z_name, place - 5, y), (self.rows_name, self.w_o - 7, rows_top + wide / 2),
        ):  # fmt: skip
            line.set_pieces((f"z_{lit}", "z", "bold"))
            line.set_position((x, line_y))
        self.empty[0].around(place, y - height / 2, wide - 1, height - 1)
        self.empty[1].around(place, TOP, wide - 1, ROW * n - 1)
        for frame in self.empty:
            frame.set_visible(result.knocked_out)
        self.zero.set_text("0" if result.knocked_out else "")
        self.zero.set_position((place + wide / 2, y))
        for line, (left, top_of) in zip(self.roles, self._qkv(lit), strict=True):
            line.set_position((left - 5, top_of + height / 2))
            line.set_visible(self.stacked)
        self._write_notes(result)
        return [
            self.band, self.tiles, self.edges, self.trunk, self.line, self.rise, self.rows_frame,
            *self.empty, self.zero, self.name, self.z_name, self.rows_name,
            *self.roles, *self.notes,
            *self._written(result.weights[lit], y - height / 2),
        ]  # fmt: skip

    def _colors(self, result):
        """Return a colour per cell, in the order of _blocks."""
        _, _, n_heads, d_head = self.sizes
        out = result.knocked_out
        unlit = np.arange(n_heads) != result.lit
        by_column = np.repeat(unlit, d_head)  # (wide,)  of concat, and so of W_o's rows
        colors = [tints(result.x, "input")]
        for head, dim in enumerate(unlit.tolist()):
            roles = zip(ROLES.values(), (result.q, result.k, result.v), strict=True)
            colors += [tints(values[head], kind, dim=dim) for kind, values in roles]
            colors.append(tints(result.weights[head], "weights", dim=dim))
            colors.append(tints(result.heads[head] * (dim or not out), "z", dim=dim))
        rows_dim = np.broadcast_to((by_column | out)[:, None], result.W_o.shape)
        full = (6 / sum(result.W_o.shape)) ** 0.5  # the largest number that W_o is drawn with
        colors += [
            tints(result.concat, "z", dim=np.broadcast_to(by_column, result.concat.shape)),
            tints(result.W_o, "input", full, rows_dim),
            tints(result.out, "z"),
            tints(result.before, "z") if out else tints(result.x, "input", dim=True),
            tints(result.part, "z", np.abs(result.part).max() or 1),
        ]
        return np.concatenate(colors)

    def _written(self, weights, top):
        """Write the lit head's weights into its map, where the rows are high enough."""
        n, cell = len(weights), (self.map_right - WEIGHTS) // len(weights)
        if self.row < MIN_ROW:
            return []
        for number, (i, j) in zip(self.numbers, np.ndindex(n, n), strict=False):
            number.set_text(f"{weights[i, j]:.2f}")
            x, y = WEIGHTS + cell * (j + 0.5), top + self.row * (i + 0.5)
            number.set_position((x - 0.5, y - 0.5))
            number.set_color(palette.on(palette.WEIGHTS(weights[i, j])))
        return self.numbers[: n * n]

    def _write_notes(self, result):
        """Write what stands below Z: X or Z before, and the lit head's part of Z."""
        out, n, d_model = result.knocked_out, self.sizes.n_words, self.sizes.d_model
        (first, second), height = self._note_tops(), ROW * n
        lines = (
            (first - 7, "Z before", "z") if out else (first - 7, f"+ X ({n} × {d_model})", "input"),
            (second - 7, "change" if out else f"from z_{result.lit}", "z"),
            (second + height + 16, f"at most {np.abs(result.part).max():.2f}", "z"),
        )
        for note, (y, text, kind) in zip(self.notes, lines, strict=True):
            note.set_position((self.z, y))
            note.set_pieces((text, kind))


def _edge(kind):
    return palette.pale(palette.WEIGHTS(0.6)[:3] if kind == "weights" else palette.FILL[kind], 0.5)
