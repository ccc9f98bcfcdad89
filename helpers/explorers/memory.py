"""What explorers hold in memory, and when they let go of it.

A cell that is run again makes a new explorer, while IPython's `Out` goes on holding the one before.
So the new one closes its predecessor, which then is no more than an empty shell.
"""

import gc
import itertools
import weakref
from collections import OrderedDict

import ipywidgets as widgets
from IPython import get_ipython

MAX_BYTES = 48 * 2**20  # of backgrounds, over all explorers together

_backgrounds = OrderedDict()  # (owner, structure) -> (pixels, bytes); the last used come last
_numbers = itertools.count()
_by_cell = {}  # cell -> (execution, weak references to what it showed)


class Backgrounds:
    """The backgrounds of one explorer: pixels that stand still while numbers move."""

    def __init__(self):
        self._owner = next(_numbers)

    def get(self, structure):
        """Return the pixels that were kept of this structure; None if there are none."""
        key = self._owner, structure
        if key not in _backgrounds:
            return None
        _backgrounds.move_to_end(key)
        return _backgrounds[key][0]

    def keep(self, structure, pixels, size):
        """Keep the pixels of this structure, which take `size` bytes."""
        _backgrounds[self._owner, structure] = pixels, size
        while held() > MAX_BYTES and len(_backgrounds) > 1:
            _backgrounds.popitem(last=False)

    def clear(self):
        """Let go of all of them."""
        for key in [key for key in _backgrounds if key[0] == self._owner]:
            del _backgrounds[key]


def held():
    """Return how many bytes the backgrounds of all explorers take."""
    return sum(size for _, size in _backgrounds.values())


def close_predecessors(widget):
    """Close what an earlier run of this cell showed; note that this run shows `widget`."""
    cell, execution = _running_cell()
    if cell is None:
        return
    before, shown = _by_cell.get(cell, (None, []))
    if before != execution:
        for reference in shown:
            if reference() is not None:
                reference().close()
        shown = []
        gc.collect()  # a figure and its parts hold each other
    _by_cell[cell] = execution, [*shown, weakref.ref(widget)]


def close_with_parts(widget):
    """Close a widget's children, their layouts and their styles."""
    for child in widget.children:
        if hasattr(child, "children"):
            close_with_parts(child)
        for part in (getattr(child, "style", None), child.layout, child):
            if part is not None:
                part.close()


def let_go(widget):
    """Drop all attributes of a closed box but those that ipywidgets gives to every box."""
    bare = widgets.VBox()
    own = set(vars(widget)) - set(vars(bare))
    bare.close()
    for name in own - {"_repr_mimebundle_"}:  # close sets it: a closed box shows nothing
        delattr(widget, name)


def running_request():
    """Return what a notebook asked the kernel to run just now; {} outside a notebook."""
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel.get_parent() if kernel else {}


def _running_cell():
    """Return the name of the cell that is run, and of this run; (None, None) outside a notebook.

    JupyterLab names the cell. Other programs do not: there its source stands for it.
    """
    request = running_request()
    code = request.get("content", {}).get("code")
    if code is None:
        return None, None
    return request.get("metadata", {}).get("cellId") or code, request["header"]["msg_id"]
