"""Attention with all its numbers on one sheet, for one query word; and why one wants it.

The sheet reads from left to right: x → k and v, and q above them → q · k → ÷ √d_head → softmax
→ times v → z. One row per word; the query stands above the keys it meets, z above the values.
"""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from helpers.drawing import numbers, palette
from helpers.drawing.arrays import short
from helpers.drawing.figure import Picture, new_figure, style
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_text import Font, fitting, live_line, live_text, text_length
from helpers.drawing.sheet import elbow, live_arrow, name_columns, name_rows, sheet
from helpers.learning import evidence, pronouns
from helpers.learning.experiments import reading_attention
from helpers.words import FEATURES, MAX_WORDS

HEIGHT = 334
# Left edges and widths, in pixels of the page.
X, K, PRODUCT, DIVIDED, WEIGHT, V = 96, 336, 558, 616, 688, 760
X_CELL, CELL, SHARE_CELL = 47, 44, 52  # widths: x; q, k, v, z and q · k; scores and weights
X_RIGHT = X + 4 * X_CELL
LARGE, SIZE, SMALL = 12.5, 11.25, 9.75  # points: 17, 15 and 13 pixels
FEW = 4  # words, for which rows are high enough for arrows
Q_TOP = 26
NAME = 72  # pixels for a word beside its row


def shares_text(row):
    """Return weights with two decimals each, such that what is printed sums to 1.

    Each is rounded down; the hundredths that are missing go where most was cut off.
    """
    hundredths = np.floor(100 * row + 1e-9).astype(int)
    cut_off = 100 * row - hundredths
    hundredths[np.argsort(-cut_off, kind="stable")[: 100 - hundredths.sum()]] += 1
    return [f"{share / 100:.2f}" for share in hundredths]


class AttentionSheet:
    """The artists of the sheet, made once; an explorer moves them."""

    def __init__(self, figure):
        self.ax = ax = sheet(figure)
        self.x = live_cells(ax, X, 0, X_CELL, 0, "input", limit=4)
        self.q = live_cells(ax, K, 0, CELL, 0, "query", limit=4)
        self.k = live_cells(ax, K, 0, CELL, 0, "key", limit=3)
        self.products = live_cells(ax, PRODUCT, 0, CELL, 0, "quiet", limit=1e9)
        self.divided = live_cells(ax, DIVIDED, 0, SHARE_CELL, 0, "quiet", limit=1e9)
        self.weights = live_cells(ax, WEIGHT, 0, SHARE_CELL, 0, "weights")
        self.v = live_cells(ax, V, 0, CELL, 0, "value", limit=3)
        self.z = live_cells(ax, V, 0, CELL, 0, "z", limit=3)
        self.rows = (self.x, self.k, self.products, self.divided, self.weights, self.v)
        right = {"ha": "right", "va": "center", "size": SIZE}
        self.sums = [live_line(ax, PRODUCT - 6, 0, **right) for _ in range(MAX_WORDS)]
        self.asks = live_text(ax, 12, 0, weight="bold", size=12.5, color=palette.INK["query"])
        self.rules = [live_line(ax, 12, 0, size=SIZE) for _ in range(2)]
        self.gets = live_line(ax, V - 8, 0, **right)
        self.divided_by = live_text(ax, DIVIDED + SHARE_CELL / 2, 0, ha="center", size=SIZE)
        self.longer = live_line(ax, K + 2 * CELL + 10, 0, va="center", size=SIZE)
        self.asking = live_text(ax, X - 10, 0, weight="bold", color=palette.INK["query"], **right)
        self.ask_line = live_arrow(ax, kind="query", zorder=1.6)  # over the arrows of k
        self.fixed = []

    def arrange(self, words, query):
        """Lay out names, arrows and the places of all cells for these words and this query."""
        for artist in self.fixed:
            artist.remove()
        self.fixed = []
        count, few = len(words), len(words) <= FEW
        self.top, self.q_height, highest = (144, 50, 62) if few else (98, 28, 26)
        self.row = min(highest, ((280 if few else 308) - self.top) // count)
        size = LARGE if self.row >= 36 else SIZE if self.row >= 22 else SMALL
        for cells, columns in zip(self.rows, (4, 2, 1, 1, 1, 2), strict=True):
            cells.top, cells.cell_height = self.top, self.row
            cells.set_size(size)
            cells.show(np.zeros((count, columns)))
        for cells in (self.q, self.z):
            cells.top, cells.cell_height = Q_TOP, self.q_height
            cells.set_size(LARGE if few and cells is self.q else SIZE)
            cells.show(np.zeros((1, 2)))
        for line in self.sums:
            line.set_fontsize(min(size, SIZE))
        heights = (46, 71, 93) if few else (32, 52, 70)
        for line, y in zip((self.asks, *self.rules), heights, strict=True):
            line.set_y(y)
        for line in (self.gets, self.longer):
            line.set_y(Q_TOP + self.q_height / 2)
        self._write_names(words, query)
        self._draw_arrows(count, few)

    def _write_names(self, words, query):
        """Write the words, the features above their columns, and the matrices' names below."""
        ax, bottom = self.ax, self.top + self.row * len(words) + 17
        texts = name_rows(
            ax, self.x, [fitting(w, NAME) if i != query else "" for i, w in enumerate(words)]
        )
        texts += name_columns(ax, self.x, FEATURES)
        texts += name_columns(ax, self.q, ("thing", "alive"))
        texts += name_columns(ax, self.z, ("new", "alive"))
        upper, weights_middle = Q_TOP + self.q_height + 19, WEIGHT + SHARE_CELL / 2
        for name, x, y, color in (
            ("q", K + CELL, upper, palette.INK["query"]),
            ("z", V + CELL, upper, palette.INK["z"]),
            ("x", (X + X_RIGHT) / 2, bottom, palette.INK["input"]),
            ("k", K + CELL, bottom, palette.INK["key"]),
            ("q · k", PRODUCT + CELL / 2, bottom, palette.INK["input"]),
            ("softmax", weights_middle, self.top - 7, palette.WEIGHTS(0.75)),
            ("weights", weights_middle, bottom, palette.WEIGHTS(0.75)),
            ("v", V + CELL, bottom, palette.INK["value"]),
        ):
            texts.append(live_text(ax, x, y, name, ha="center", size=SIZE, color=color))
        self.divided_by.set_y(bottom)
        self.asking.set_y(self.x.side("left", query, 0)[1])
        self.fixed += texts

    def _draw_arrows(self, count, few):
        """Draw all arrows but the one to q, and the names of the matrices beside them."""
        ax, middle = self.ax, self.top + self.row * count / 2
        for column in range(2):
            down = self.q.side("bottom", 0, column), self.k.side("top", 0, column)
            up = self.v.side("top", 0, column), self.z.side("bottom", 0, column)
            self.fixed.append(live_arrow(ax, *down, kind="query"))
            self.fixed.append(live_arrow(ax, *up, kind="value"))
        self._matrix(X_RIGHT + 12, Q_TOP + self.q_height / 2, "W_q", "query", ha="right")
        heights = [self.top + self.row * (i + 0.5) for i in range(count)] if few else [middle]
        self._matrix(X_RIGHT + 20, heights[0] - 8, "W_k", "key")
        for y in heights:
            self.fixed.append(live_arrow(ax, (X_RIGHT, y), (K, y), kind="key"))
            self._pale((PRODUCT + CELL, y), (DIVIDED, y))
            sign = {"ha": "center", "va": "center", "size": SIZE}
            self.fixed.append(live_text(ax, (WEIGHT + SHARE_CELL + V) / 2, y, "×", **sign))
        if not few:
            self._pale((DIVIDED + SHARE_CELL, middle), (WEIGHT, middle))
            return
        start = DIVIDED + SHARE_CELL
        ways = [[(start, one), (WEIGHT, other)] for one in heights for other in heights]
        style = {"colors": palette.FILL["quiet"], "linewidths": 1, "zorder": 1.4}
        self.fixed.append(ax.add_collection(LineCollection(ways, **style)))
        bottom, y = self.top + self.row * count, heights[-1] + self.row / 4
        corners = [(X_RIGHT, y), (X_RIGHT + 16, y), (X_RIGHT + 16, bottom + 40)]
        corners += [(V + CELL, bottom + 40), (V + CELL, bottom + 23)]  # below the name of v
        self.fixed.append(live_arrow(ax, *corners, kind="value"))
        self._matrix(X_RIGHT + 26, bottom + 32, "W_v", "value")

    def _matrix(self, x, y, name, kind, **style):
        style = {"size": SIZE, "style": "italic"} | style
        self.fixed.append(live_line(self.ax, x, y, (name, kind), **style))

    def _pale(self, *corners):
        self.fixed.append(live_arrow(self.ax, *corners, kind="quiet", width=1.5, head=7))

    def draw(self, result, held):
        """Show these numbers; return the artists that move.

        result: words, x, q, k, v, products, scores, weights, out, query, d_head, scale. held:
        whether the scores and all that follows from them are held back.
        """
        words, query = result.words, result.query
        q, weights = result.q[query], result.weights[query]  # (d_head,), (seq_len,)
        best = np.isclose(weights, weights.max())[:, None] & (not held)  # (seq_len, 1)
        hidden = "" if held else None
        self.x.show(result.x)
        self.q.show(q)
        self.k.show(result.k)
        self.v.show(result.v)
        self.products.show(result.products[query][:, None], "?" if held else None, bold=best)
        self.divided.show(result.scores[query][:, None], hidden, bold=best)
        texts = [[text] for text in shares_text(weights)]
        self.weights.show(weights[:, None], hidden, bold=best, texts=texts)
        self.z.show(result.out[query], hidden, bold=[[len(words) == 2, False]])
        self.asks.set_text(f"{short(words[query])} asks for")
        for line, feature, pieces in zip(
            self.rules, result.x[query, [1, 0]],
            ("action → thing 2, alive 1", "thing → alive 1"), strict=True,
        ):  # fmt: skip
            line.set_pieces((pieces, "query") if feature else (f"unused: {pieces}", "quiet"))
            line.set_alpha(1 if feature else 0.6)
        self.asking.set_text(fitting(words[query], NAME))
        self._write_sums(result, best[:, 0], held)
        self.divided_by.set_text(f"÷ √{result.d_head}" if result.scale else "÷ 1")
        times = numbers.brief(np.sqrt(result.d_head / 2))
        self.longer.set_pieces("" if times == "1" else (f"q is {times} × as long", "query"))
        start = X_RIGHT, self.top + self.row * (query + 0.25)
        end = K, Q_TOP + self.q_height / 2
        self.ask_line.set_corners(*elbow(start, end, across=X_RIGHT + 16))
        return [
            self.ask_line, self.x, self.q, self.k, self.v, self.products, self.divided,
            self.weights, self.z, self.asks, *self.rules, self.asking, *self.sums[: len(words)],
            self.gets, self.divided_by, self.longer,
        ]  # fmt: skip

    def _write_sums(self, result, best, held):
        """Write out each q · k, and the first number of z where it is a short sum."""
        q, weights = result.q[result.query], result.weights[result.query]
        for i, (line, k) in enumerate(zip(self.sums, result.k, strict=False)):
            line.set_y(self.top + self.row * (i + 0.5))
            pieces = []
            for a, b in zip(q, k, strict=True):
                weight = "bold" if best[i] and a * b else "normal"
                pieces += [" + "] if pieces else []
                pieces += [
                    (numbers.brief(a), "query", weight), ("·", None, weight),
                    (numbers.brief(b), "key", weight),
                ]  # fmt: skip
            line.set_pieces(*pieces, " =")
        if held or len(weights) > 2:
            self.gets.set_pieces(("gets", "z", "bold"))
            return
        pieces = [("gets   ", "z", "bold")]
        for i, (share, v) in enumerate(zip(shares_text(weights), result.v[:, 0], strict=True)):
            weight = "bold" if best[i] else "normal"
            pieces += [" + "] if i else []
            pieces += [(f"{share}·", None, weight), (numbers.brief(v), "value", weight)]
        self.gets.set_pieces(*pieces, " =")


@style()
def reason_picture():
    """Return the picture that opens the lesson: where a trained model looks from the word "it".

    Two sentences that differ in their last word. The model is the recorded one of lesson 07; its
    last layer's head 3 is shown.
    """
    weights = evidence.recorded("reading_attention")["which noun"]["weights"]
    figure, told = new_figure(9.0, 2.65), []
    ax = sheet(figure)
    quiet = {"ha": "right", "size": SIZE, "color": palette.INK["quiet"]}
    live_text(ax, 846, 26, "a trained model", **quiet)
    for base, adjective in ((114, "tired"), (232, "wide")):
        words, tokens = pronouns.read(reading_attention.FAMOUS.format(adjective))
        trace = reading_attention.read("which noun", weights, tokens)
        row = trace.blocks[1].attention.weights[0, 3, words.index(pronouns.IT)]  # (seq_len,)
        _draw_looks(ax, base, words, words.index(pronouns.IT), row)
        told.append(f'to "{words[row.argmax()]}" with {row.max():.2f} ("{adjective}")')
    return Picture(figure, f'Trained: where "it" looks, in two sentences: {", ".join(told)}.')


def _arc(start, end):
    """Return how high an arc between two places stands."""
    return min(64, 0.2 * abs(start - end))


def _draw_looks(ax, base, words, query, row):
    """Write a sentence in one line, with arcs from one word, each as thick as its weight."""
    size, left = 13.5, 24
    font = Font(size)
    space = (864 - 2 * left - sum(text_length(word, font) for word in words)) / (len(words) - 1)
    middles = []
    for i, word in enumerate(words):
        length = text_length(word, font)
        middles.append(left + length / 2)
        kind = "query" if i == query else "key" if i == row.argmax() else "input"
        weight = "bold" if kind != "input" or i == len(words) - 1 else "normal"
        style = {"ha": "center", "size": size, "weight": weight, "color": palette.INK[kind]}
        live_text(ax, middles[i], base, word, **style)
        left += length + space
    for x, weight in zip(middles, row, strict=True):
        if weight < 0.01:
            continue
        handles = base - 20 - 4 / 3 * _arc(middles[query], x)
        curve = Path(
            [(middles[query], base - 20), (middles[query], handles), (x, handles), (x, base - 20)],
            [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
        )
        ax.add_patch(
            PathPatch(curve, fill=False, edgecolor=palette.FILL["query"], linewidth=5 * weight)
        )
    ends = middles[query], middles[row.argmax()]
    style = {"ha": "center", "size": SIZE, "color": palette.INK["query"]}
    live_text(ax, sum(ends) / 2, base - 26 - _arc(*ends), f"{row.max():.2f}", **style)
