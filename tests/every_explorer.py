"""What several files of tests use of explorers: all classes, and one drive through each."""

import importlib
import io
import pkgutil
import re
from contextlib import nullcontext, suppress

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image

import helpers.explorers
from helpers.drawing.figure import style
from helpers.explorers import memory
from helpers.explorers.explorer import Explorer, positions


def found():
    """Return every explorer class in helpers/explorers."""
    classes = []
    for module in pkgutil.iter_modules(helpers.explorers.__path__):
        content = importlib.import_module(f"helpers.explorers.{module.name}")
        classes += [
            value
            for value in vars(content).values()
            if isinstance(value, type)
            and issubclass(value, Explorer)
            and value.__module__ == content.__name__
            and hasattr(value, "make_controls")
        ]
    return classes


EXPLORERS = found()
# The scope brings all tests of a file that look at one class together: `explorer` is made once.
every_explorer = pytest.mark.parametrize(
    "kind", EXPLORERS, ids=lambda kind: kind.__name__, scope="module"
)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def canvas(explorer):
    """Return the pixels that an explorer has drawn, RGBA; its PNG file holds the same."""
    return np.asarray(explorer.figure.canvas.buffer_rgba()).copy()


def text_controls(explorer):
    return {n: c for n, c in explorer.controls.items() if isinstance(c, widgets.Text)}


def inside(widget):
    """Yield a widget and all that it holds."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def markup_stays_text(shown):
    """Type markup into every field of what is shown, and look for it in all that is written."""
    fields = [part for part in inside(shown) if isinstance(part, widgets.Text)]
    assert fields
    for field in fields:
        with suppress(ValueError):  # refused, in a sentence that is shown as well
            field.value = "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;\"'"
        for button in inside(shown):
            if isinstance(button, widgets.Button) and button.description.startswith("Check"):
                button.click()
        texts = [part.value for part in inside(shown) if isinstance(part, widgets.HTML)]
        assert texts
        assert not re.search("<script|<img src=x", "".join(texts))
    return True


def tried(explorer, name):
    """Return the values of a control that tests try: every position, or texts."""
    return [*positions(explorer.controls[name]), *explorer.samples.get(name, ())]


def to_start(explorer):
    """Bring back the first stop, with its answer if it asks."""
    explorer.reset()
    if explorer.tour.waiting:
        explorer.tour.next()


def reaches_an_edge(explorer):
    """Tell whether there is ink on the outermost line of pixels: what runs out leaves some."""
    picture = np.asarray(explorer.figure.canvas.buffer_rgba())
    edges = picture[0], picture[-1], picture[:, 0], picture[:, -1]
    return any((edge != 255).any() for edge in edges)


def drawn_whole(explorer, text=nullcontext):
    """Return the pixels of the same picture drawn from nothing, with no kept pixels.

    text: drawn_by_matplotlib, for a picture whose text matplotlib sets too.
    """
    with explorer._lock, style(), text():
        live = explorer.draw(explorer.shown)
        for artist in live:
            artist.set_animated(False)
        explorer.figure.canvas.draw()
        for artist in live:
            artist.set_animated(True)
        return canvas(explorer)


def every_pair(count):
    """Return rows of ends, 0 or -1, in which each two of `count` columns have each pair of ends.

    Column c holds the binary digits of c, and in as many rows more the other digits.
    """
    bits = max(1, (count - 1).bit_length())
    digits = [[-(c >> bit & 1) for c in range(count)] for bit in range(bits)]
    return [[0] * count, [-1] * count, *digits, *([-1 - d for d in row] for row in digits)]


class Sweep:
    """What was seen while every position of every control was driven, and pairs at their ends."""

    def __init__(self, explorer):
        to_start(explorer)
        self.size, self.n_controls = explorer.size, len(explorer.controls)
        self.first = explorer.png, explorer.sentence
        self.sentences, self.pictures, self.left_late, self.cut_off = [], {}, [], []
        self.most_bytes = 0
        self.artists = len(explorer.figure.findobj())
        for control in explorer.controls.values():
            if control.has_trait("_options_labels"):
                control.observe(self._check_place, "_options_labels")
        for name in explorer.controls:
            to_start(explorer)
            self.pictures[name] = set()
            for value in tried(explorer, name):
                self._move(explorer, **{name: value})
                self.pictures[name].add(hash(explorer.png))
        for ends in every_pair(len(explorer.controls)):
            to_start(explorer)
            for (name, control), end in zip(explorer.controls.items(), ends, strict=True):
                self._move(explorer, **{name: positions(control)[end]})
        self.artists_after = len(explorer.figure.findobj())
        to_start(explorer)
        self.last = explorer.png, explorer.sentence

    def _move(self, explorer, **values):
        explorer.set(**values)
        self.sentences.append(explorer.sentence)
        if reaches_an_edge(explorer):
            self.cut_off.append(explorer.state)
        self.most_bytes = max(self.most_bytes, memory.held())

    def _check_place(self, change):
        if change.owner.index >= len(change.new):
            self.left_late.append(change.owner.description)
