"""The page's own part of explorers and questions; what it does there stands in page.js."""

from pathlib import Path

import anywidget
import traitlets

BESIDE = Path(__file__)


class Page(anywidget.AnyWidget):
    """A picture with its alternative text, above the sentence that says the same in words.

    Without a picture nothing is seen of it. Either way it looks after all that is shown around it,
    up to the nearest parent of the class `course-page`: it names what ipywidgets leaves unnamed,
    and keeps the keys that are pressed there from the notebook.
    """

    _esm = BESIDE.with_suffix(".js")
    _css = BESIDE.with_suffix(".css")
    picture = traitlets.Bytes().tag(sync=True)  # a PNG file
    width = traitlets.Int().tag(sync=True)  # in pixels of the page
    height = traitlets.Int().tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)

    def __init__(self, **values):
        super().__init__(**values)
        self.on_msg(lambda _, message, __: self.send(message))  # the page asks: is anybody there?
