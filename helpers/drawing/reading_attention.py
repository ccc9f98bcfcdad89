"""Who looks at whom: two columns of words with lines between them, and the maps of all heads.

A line is as thick as the weight from the chosen query word; it ends at the word that is looked at,
with the weight written behind it. One drawing serves every model: whoever has a trace of
encoder_block, or a list of traces, can read it.
"""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from helpers import checks
from helpers.drawing import arrays, palette
from helpers.drawing.figure import SCALE, SHOWN_DPI, Picture, new_figure, style
from helpers.drawing.live_matrix import live_matrix
from helpers.drawing.live_text import live_text
from helpers.drawing.sheet import live_frame, sheet
from helpers.learning.experiments.self_attention import entropy

WIDTH, HEIGHT = 864, 326  # pixels of the page; so are all places below, from the top left
SIZE = (WIDTH / SHOWN_DPI, HEIGHT / SHOWN_DPI)  # inches
TEXT = 11.25  # points: 15 pixels
MAX_WORDS, MAX_LAYERS, MAX_HEADS = 17, 24, 48
FIRST_LINE, LAST_LINE = 30, 322  # the words stand between these
LARGEST_PITCH = 34
QUERY_END, KEY_START, NUMBER_END = 122, 302, 466  # the columns of words and of weights
LINES = (128, 297)  # the lines' two ends, at the words
THICKEST = 9  # points: the line of weight 1
RIGHT = 496  # where the right half begins
MAP = (RIGHT, 28, 120)  # left, top and side of the chosen head's map
ALL_MAPS = (RIGHT + 18, 196, 350, 126)  # left, top, width and height of all maps together
MAX_TILE = 62
NOTES, NOTE_HEIGHT, MAX_NOTES = (628, 44), 21, 5  # left and top of the lines of text
LABEL = (22, 15)  # what the number of a head, and of a layer, takes
MIN_SHOWN_WEIGHT = 0.005  # a weight below this is written 0.00


def weights_of(traces):
    """Return the attention weights of one sentence: (n_layers, n_heads, seq_len, seq_len).

    traces: an encoder block's trace or a list of them, one per layer, as a stack returns; or the
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
        raise ValueError(
            f"there are {len(tokens)} words; expected {weights.shape[-1]}, one per row"
        )
    n_layers, n_heads, count, _ = weights.shape
    for found, most, what in (
        (count, MAX_WORDS, "words"), (n_layers, MAX_LAYERS, "layers"),
        (n_heads, MAX_HEADS, "heads"),
    ):  # fmt: skip
        if found > most:
            raise ValueError(f"there are {found} {what}; expected at most {most}")
    return tokens


def strongest(row):
    """Return the places of the three largest weights that are not written 0.00, largest first."""
    return [key for key in np.argsort(-row, kind="stable")[:3] if row[key] >= MIN_SHOWN_WEIGHT]


def describe(weights, tokens, query, layer, head):
    """Return in words what the picture shows of the chosen query word."""
    row = weights[layer, head, query]
    looks = ", ".join(f'"{tokens[key]}" {row[key]:.2f}' for key in strongest(row))
    return (
        f'layer {layer}, head {head}: "{tokens[query]}" looks at {looks}; '
        f"entropy {entropy(row):.2f} of at most {np.log(len(row)):.2f}."
    )


class AttentionView:
    """The artists of the picture, made once; an explorer moves them, a plain call draws them."""

    def __init__(self, figure):
        self.stage = stage = sheet(figure)
        for x, text, kind, ha in (
            (QUERY_END, "query: it looks", "query", "right"),
            (KEY_START, "key: looked at", "key", "left"),
            (NUMBER_END, "weight", "query", "right"),
        ):
            stage.text(x, 20, text, color=palette.INK[kind], ha=ha, size=TEXT)
        self.queries, self.keys = [], []
        for texts, x, ha, kind in (
            (self.queries, QUERY_END, "right", "quiet"), (self.keys, KEY_START, "left", "key")
        ):  # fmt: skip
            style = {"size": TEXT, "va": "center", "ha": ha, "color": palette.INK[kind]}
            texts += [arrays.plain(stage.text(x, 0, "", **style)) for _ in range(MAX_WORDS)]
        self.cover = stage.add_patch(Rectangle((0, 0), QUERY_END + 2, 0, color="white", zorder=4))
        self.asking = live_text(
            stage, QUERY_END, 0, ha="right", va="center", size=TEXT, weight="bold",
            color=palette.INK["query"], zorder=6,
        )  # fmt: skip
        self.numbers = [
            live_text(stage, NUMBER_END, 0, ha="right", va="center", size=TEXT)
            for _ in range(MAX_WORDS)
        ]
        self.lines = LineCollection([], zorder=5)
        stage.add_collection(self.lines, autolim=False)
        self.map, self.all_maps = live_matrix(stage, "weights"), live_matrix(stage, "weights")
        stage.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self.row, self.chosen = live_frame(stage, "query"), live_frame(stage, "query")
        self.crosses = live_frame(stage, "input", 3)
        self.title = live_text(stage, RIGHT, 20, size=12, weight="bold")
        left, top = NOTES
        self.notes = [live_text(stage, left, top + NOTE_HEIGHT * i) for i in range(MAX_NOTES)]
        style = {"size": TEXT, "color": palette.INK["z"]}
        stage.text(RIGHT, 172, "all heads: a row per layer, a column per head", **style)
        self.layers = [
            stage.text(ALL_MAPS[0] - 5, 0, "", ha="right", va="center", **style)
            for _ in range(MAX_LAYERS)
        ]
        self.heads = [
            stage.text(0, ALL_MAPS[1] - 6, "", ha="center", **style) for _ in range(MAX_HEADS)
        ]

    def arrange(self, tokens, n_layers, n_heads):
        """Lay out what stands still for these words, and so many layers and heads."""
        count = len(tokens)
        pitch = min(LARGEST_PITCH, (LAST_LINE - FIRST_LINE) / count)
        self.places = FIRST_LINE + pitch * (np.arange(count) + 0.5)  # (count,)
        self.cover.set_height(pitch)
        self.words = [arrays.short(token) for token in tokens]
        for texts in (self.queries, self.keys, self.numbers):
            for i, text in enumerate(texts):
                if texts is not self.numbers:
                    text.set_text(self.words[i] if i < count else "")
                text.set_y(self.places[i] if i < count else 0)
        left, top, side = MAP
        self.map.set_extent((left, left + side, top + side, top))
        left, top, width, height = ALL_MAPS
        self.tile = (min(MAX_TILE, width // n_heads), min(MAX_TILE, height // n_layers))
        self.painted = None
        width, height = self.tile
        self.all_maps.set_extent((left, left + n_heads * width, top + n_layers * height, top))
        for texts, n, step, room, first, move in (
            (self.heads, n_heads, width, LABEL[0], left, "set_x"),
            (self.layers, n_layers, height, LABEL[1], top, "set_y"),
        ):
            every = -(-room // step)  # numbers that would touch are left out
            for i, text in enumerate(texts):
                text.set_text(i if i < n and i % every == 0 else "")
                getattr(text, move)(first + (i + 0.5) * step)

    def draw(self, weights, query, layer, head, notes=(), knocked_out=()):
        """Move the live artists to a query word, a layer and a head; return those artists.

        notes: further lines of text, (words, kind) each, kind a name of the palette.
        knocked_out: the places (layer, head) whose result is set to zero; they are crossed out.
        """
        row = weights[layer, head, query]  # (seq_len,)
        count, hardest = len(row), strongest(row)
        for i in range(count):
            self.numbers[i].set_text(f"{row[i]:.2f}")
            self.numbers[i].set_fontweight("bold" if i in hardest else "normal")
        start = self.places[query]
        self.asking.set_text(self.words[query])
        self.asking.set_y(start)
        self.cover.set_y(start - self.cover.get_height() / 2)
        out = (layer, head) in knocked_out
        self.lines.set_segments([[(LINES[0], start), (LINES[1], y)] for y in self.places])
        self.lines.set_linewidths(THICKEST * row)
        self.lines.set_color(palette.FILL["quiet" if out else "query"])
        self.map.set_data(weights[layer, head])
        left, top, side = MAP
        self.row.around(left, top + query * side / count, side, side / count)
        if weights is not self.painted:  # all heads stay as they are while one looks at them
            self.all_maps.set_data(side_by_side(weights, *(SCALE * size for size in self.tile)))
            self.painted = weights
        self.chosen.around(*self.box(layer, head))
        self.crosses.set_data(*_crosses([self.box(*place) for place in knocked_out]))
        self.title.set_text(f"layer {layer}, head {head}" + (": knocked out" if out else ""))
        largest = f"entropy {entropy(row):.2f} of at most {np.log(count):.2f}"
        notes = [(largest, "input"), *notes]
        for text, (words, kind) in zip(self.notes, notes, strict=False):
            text.set_text(words)
            text.set_color(palette.INK[kind])
        for text in self.notes[len(notes) :]:
            text.set_text("")
        return [
            self.lines, self.map, self.all_maps, self.row, self.chosen, self.crosses, self.title,
            *self.notes, self.cover, self.asking, *self.numbers[:count],
        ]  # fmt: skip

    def box(self, layer, head):
        """Return left, top, width and height of a head's small map."""
        width, height = self.tile
        return ALL_MAPS[0] + head * width, ALL_MAPS[1] + layer * height, width, height


def side_by_side(weights, width, height):
    """Return all maps as one, a layer's heads in a row: (n_layers · height, n_heads · width, 4).

    Each map gets width × height dots, of which the last columns and rows are a grey line.
    """
    n_layers, n_heads, count, _ = weights.shape
    rows = np.arange(height - SCALE) * count // (height - SCALE)
    columns = np.arange(width - SCALE) * count // (width - SCALE)
    tiles = np.full((n_layers, n_heads, height, width), np.nan)
    tiles[..., :-SCALE, :-SCALE] = weights[..., rows[:, None], columns]
    together = tiles.swapaxes(1, 2).reshape(n_layers * height, n_heads * width)
    return palette.WEIGHTS.with_extremes(bad=palette.FILL["quiet"])(together, bytes=True)


def _crosses(boxes):
    """Return x and y of the diagonals of all boxes, with the pen lifted between them."""
    corners = []
    for left, top, width, height in boxes:
        right, bottom, lifted = left + width, top + height, (np.nan, np.nan)
        corners += [(left, top), (right, bottom), lifted, (right, top), (left, bottom), lifted]
    return np.reshape(corners, (-1, 2)).T


@style()
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
    view = AttentionView(figure)
    view.arrange(tokens, n_layers, n_heads)
    view.draw(weights, query, layer, head)
    return Picture(figure, f"{label}, {describe(weights, tokens, query, layer, head)}")
