"""Who looks at whom: two columns of words with lines between them, and the maps of all heads.

The width of a line and the number at its end are the weight from the chosen query word. One
drawing serves every model: whoever has a trace of encoder_block, or a list of traces, can read it.
"""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from helpers import checks
from helpers.drawing import arrays, palette
from helpers.drawing.figure import Picture, new_figure, style
from helpers.drawing.live_matrix import live_matrix
from helpers.drawing.live_text import live_text

SIZE = (9.0, 4.4)  # inches; all places below are pixels, from the top left
WIDTH, HEIGHT = 864, 422
MAX_WORDS, MAX_LAYERS, MAX_HEADS = 20, 24, 48
FIRST_LINE, LAST_LINE = 58, 404  # the words stand between these
QUERY_END, KEY_NUMBER, KEY_START = 128, 312, 320  # the columns of words
LINES = (134, 268)  # the lines' two ends
THICKEST = 15  # points: the line of weight 1
MAP = (470, 46, 184)  # left, top and side of the chosen head's map
SMALL = (470, 276, 384, 138)  # left, top, width and height of all maps together
MAX_SMALL = 60
NOTES = (672, 52)  # left and top of the lines of text
MIN_SHOWN_WEIGHT = 0.005  # a weight below this is written 0.00


def weights_of(traces):
    """Return the attention weights of one sentence: (n_layers, n_heads, seq_len, seq_len).

    traces: an encoder block's trace or a list of them, one a layer, as a stack returns; or the
    trace of a model, or of attention alone; or an array of that shape. Raises TypeError for
    anything else, and ValueError for a batch or layers whose head counts differ.
    """
    if isinstance(traces, np.ndarray):
        layers = list(traces)
    else:
        layers = getattr(traces, "blocks", traces)
        layers = layers if isinstance(layers, list) else [layers]
    found = []
    for layer in layers:
        weights = getattr(getattr(layer, "attention", layer), "weights", layer)
        if not isinstance(weights, np.ndarray):
            raise TypeError(
                f"a layer is of type {type(layer).__name__}; expected a trace of encoder_block"
            )
        if weights.ndim == 4 and len(weights) == 1:  # a batch of one sentence
            weights = weights[0]
        if weights.ndim == 2:  # one head alone
            weights = weights[None]
        if weights.ndim != 3 or weights.shape[1] != weights.shape[2]:
            raise ValueError(
                f"a layer's weights have shape {weights.shape}; expected one sentence's, "
                "(n_heads, seq_len, seq_len)"
            )
        found.append(weights)
    if not found:
        raise ValueError("there is no layer to read; expected at least one trace")
    if len({weights.shape for weights in found}) > 1:
        raise ValueError(
            f"the layers' weights have shapes {', '.join(str(w.shape) for w in found)}; "
            "expected the same head count and length in each"
        )
    return np.array(found)


def check_words(weights, tokens):
    """Return the words as a list; raises ValueError where their number does not fit the weights.

    Raises it as well for more words, layers or heads than a picture has room for.
    """
    tokens = list(tokens)
    if len(tokens) != weights.shape[-1]:
        raise ValueError(f"there are {len(tokens)} words; expected {weights.shape[-1]}, one a row")
    n_layers, n_heads, count, _ = weights.shape
    for found, most, what in (
        (count, MAX_WORDS, "words"), (n_layers, MAX_LAYERS, "layers"),
        (n_heads, MAX_HEADS, "heads"),
    ):  # fmt: skip
        if found > most:
            raise ValueError(f"there are {found} {what}; expected at most {most}")
    return tokens


def entropy(row):
    """Return how spread out a row of weights is: 0 for one word alone, ln n for n alike."""
    seen = row[row > 0]
    return abs(float(-(seen * np.log(seen)).sum()))


def strongest(row, count=3):
    """Return the places of the largest weights, largest first."""
    return np.argsort(-row, kind="stable")[:count]


def describe(weights, tokens, query, layer, head):
    """Return in words what the picture shows of the chosen query word."""
    row = weights[layer, head, query]
    seen = [key for key in strongest(row) if row[key] >= MIN_SHOWN_WEIGHT]
    looks = ", ".join(f'"{tokens[key]}" {row[key]:.2f}' for key in seen)
    return (
        f'layer {layer}, head {head}: "{tokens[query]}" looks at {looks}; '
        f"entropy {entropy(row):.2f} of at most {np.log(len(row)):.2f}."
    )


class AttentionView:
    """The artists of the picture, made once; an explorer moves them, a plain call draws them."""

    def __init__(self, figure):
        self.stage = stage = figure.add_axes((0, 0, 1, 1))
        stage.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        stage.axis("off")
        for x, text, kind, ha in (
            (QUERY_END, "query: it looks", "query", "right"),
            (KEY_START, "keys: looked at", "key", "left"),
        ):
            stage.text(x, 34, text, color=palette.INK[kind], ha=ha, size=10)
        self.queries, self.keys = (
            [
                arrays.plain(stage.text(x, 0, "", size=10, va="center", ha=ha, color=colour))
                for _ in range(MAX_WORDS)
            ]
            for x, ha, colour in (
                (QUERY_END, "right", palette.INK["quiet"]),
                (KEY_START, "left", palette.INK["key"]),
            )
        )
        self.cover = stage.add_patch(Rectangle((0, 0), QUERY_END + 2, 0, color="white", zorder=4))
        self.asking = live_text(
            stage, QUERY_END, 0, ha="right", va="center", size=10, weight="bold",
            color=palette.INK["query"], zorder=6,
        )  # fmt: skip
        self.numbers = [
            live_text(stage, KEY_NUMBER, 0, ha="right", va="center", size=10)
            for _ in range(MAX_WORDS)
        ]
        self.lines = LineCollection([], colors=palette.FILL["query"], zorder=5)
        stage.add_collection(self.lines, autolim=False)
        self.map = live_matrix(stage, "weights")
        self.all_maps = live_matrix(stage, "weights")
        stage.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        style = {"color": palette.FILL["query"], "linewidth": 2.5}
        (self.row,) = stage.plot([], [], **style)
        (self.chosen,) = stage.plot([], [], **style)
        self.title = live_text(stage, MAP[0], 30, size=12, weight="bold")
        self.notes = [live_text(stage, NOTES[0], NOTES[1] + 20 * i) for i in range(10)]
        self.ticks = [stage.text(0, 0, "", size=10, va="center") for _ in range(2 * MAX_WORDS)]
        self.names = [stage.text(0, 0, "", size=10, color=palette.INK["z"]) for _ in range(12)]

    def arrange(self, tokens, n_layers, n_heads):
        """Lay out what stands still for these words, and so many layers and heads."""
        count = len(tokens)
        pitch = min(30, (LAST_LINE - FIRST_LINE) / count)
        self.heights = FIRST_LINE + pitch * (np.arange(count) + 0.5)  # (count,)
        self.cover.set_height(pitch)
        self.words = [f"{arrays.short(token)} {i + 1}" for i, token in enumerate(tokens)]
        for i in range(MAX_WORDS):
            shown = i < count
            self.queries[i].set_text(self.words[i] if shown else "")
            self.keys[i].set_text(f"{i + 1} {arrays.short(tokens[i])}" if shown else "")
            for texts in (self.queries, self.keys, self.numbers):
                texts[i].set_y(self.heights[i] if shown else 0)
        left, top, side = MAP
        self.map.set_extent((left, left + side, top + side, top))
        self.cell = side / count
        shown = range(0, count, 1 if self.cell >= 17 else 2)
        ticks = iter(self.ticks)
        for i in shown:
            middle = (i + 0.5) * self.cell
            for x, y, ha, kind in (
                (left - 5, top + middle, "right", "query"),
                (left + middle, top + side + 10, "center", "key"),
            ):
                tick = next(ticks)
                tick.set(x=x, y=y, text=i + 1, ha=ha, color=palette.INK[kind])
        for tick in ticks:
            tick.set_text("")

        left, top, width, height = SMALL
        self.pitch = (min(MAX_SMALL, width // n_heads), min(MAX_SMALL, height // n_layers))
        self.painted = None
        self.all_maps.set_extent(
            (left, left + n_heads * self.pitch[0], top + n_layers * self.pitch[1], top)
        )
        names = iter(self.names)
        next(names).set(x=left, y=top - 7, text="all heads: a row for each layer", ha="left")
        for layer in range(0, n_layers, 1 if self.pitch[1] >= 13 else 3):
            y = top + (layer + 0.5) * self.pitch[1]
            next(names).set(x=left - 5, y=y, text=layer, ha="right", va="center")
        for name in names:
            name.set_text("")

    def draw(self, weights, query, layer, head, notes=()):
        """Move the live artists to a query word, a layer and a head; return those artists.

        notes: further lines of text, (words, kind) each, kind a name of the palette.
        """
        row = weights[layer, head, query]  # (seq_len,)
        count, hardest = len(row), {key for key in strongest(row) if row[key] >= MIN_SHOWN_WEIGHT}
        for i in range(count):
            self.numbers[i].set_text(f"{row[i]:.2f}")
            self.numbers[i].set_fontweight("bold" if i in hardest else "normal")
        start = self.heights[query]
        self.asking.set_text(self.words[query])
        self.asking.set_y(start)
        self.cover.set_y(start - self.cover.get_height() / 2)
        self.lines.set_segments([[(LINES[0], start), (LINES[1], y)] for y in self.heights])
        self.lines.set_linewidths(THICKEST * row)
        self.map.set_data(weights[layer, head])
        left, top, side = MAP
        self.row.set_data(*_frame(left, top + query * self.cell, side, self.cell))
        if weights is not self.painted:  # all heads stay as they are while one looks at them
            self.all_maps.set_data(side_by_side(weights, *self.pitch))
            self.painted = weights
        width, height = self.pitch
        left, top = SMALL[0] + head * width, SMALL[1] + layer * height
        self.chosen.set_data(*_frame(left, top, width, height))
        self.title.set_text(f"layer {layer}, head {head}")
        notes = [
            (f"entropy {entropy(row):.2f}", "input"),
            (f"of at most {np.log(count):.2f}", "input"),
            *notes,
        ]
        for text, (words, kind) in zip(self.notes, notes, strict=False):
            text.set_text(words)
            text.set_color(palette.INK[kind])
        for text in self.notes[len(notes) :]:
            text.set_text("")
        return [
            self.lines, self.map, self.all_maps, self.row, self.chosen, self.title, *self.notes,
            self.cover, self.asking, *self.numbers[:count],
        ]  # fmt: skip


def side_by_side(weights, width, height):
    """Return all maps as one, a layer's heads in a row: (n_layers · height, n_heads · width, 4).

    Each map gets width × height pixels, of which the last column and row are a grey line.
    """
    n_layers, n_heads, count, _ = weights.shape
    rows = np.arange(height - 1) * count // (height - 1)
    columns = np.arange(width - 1) * count // (width - 1)
    tiles = np.full((n_layers, n_heads, height, width), np.nan)
    tiles[..., :-1, :-1] = weights[..., rows[:, None], columns]
    together = tiles.swapaxes(1, 2).reshape(n_layers * height, n_heads * width)
    return palette.WEIGHTS.with_extremes(bad=palette.FILL["quiet"])(together, bytes=True)


def _frame(left, top, width, height):
    """Return x and y of the corners of a box, back to the first."""
    right, bottom = left + width, top + height
    return [left, right, right, left, left], [top, top, bottom, bottom, top]


def attention_picture(traces, tokens, query=0, layer=0, head=0, label="your model"):
    """Return the picture of where a word looks, for any trace of encoder_block or list of traces.

    query: the word that looks, by its place or as the word itself; layer, head: which head to
    read; label: whose weights these are, for the sentence. Raises ValueError for a query, layer
    or head that is not there, and as weights_of and check_words do.
    """
    weights = weights_of(traces)
    tokens = check_words(weights, tokens)
    if isinstance(query, str):
        query = tokens.index(checks.require_choice(query, "query", tuple(tokens)))
    n_layers, n_heads, count, _ = weights.shape
    for name, value, length in (
        ("query", query, count), ("layer", layer, n_layers), ("head", head, n_heads)
    ):  # fmt: skip
        if value not in range(length):
            raise ValueError(f"{name}={value!r}; choose from 0 to {length - 1}")
    figure = new_figure(*SIZE)
    with style():
        view = AttentionView(figure)
        view.arrange(tokens, n_layers, n_heads)
        view.draw(weights, query, layer, head)
    return Picture(figure, f"{label}, {describe(weights, tokens, query, layer, head)}")
