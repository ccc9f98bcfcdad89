"""The page's own part of explorers and questions; what it does there stands in page.js."""

from pathlib import Path

import anywidget
import traitlets
from IPython.display import display

from helpers.explorers import memory

BESIDE = Path(__file__)
REMINDER = (
    '<p class="course-asleep">What belongs here needs a running kernel. '
    "To bring it back, choose <b>Run → Run All Cells</b>.</p>"
)


def publish_reminder():
    """Let JupyterLab save, with what a cell shows, what to do when the lesson is opened again.

    Without its kernel a widget has no code in the page: JupyterLab says "model not found", and no
    more. page.css hides the line while the widget is alive. Only JupyterLab names the cell that it
    runs; so programs that run a notebook to compare or to print it do not get the line.
    """
    if "cellId" in memory.running_request().get("metadata", {}):
        display({"text/html": REMINDER}, raw=True)


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
