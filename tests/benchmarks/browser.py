"""From the key to the picture, for every explorer, in JupyterLab in a real browser.

    pip install -e '.[browser]' && python tests/benchmarks/browser.py [05 …]

explorer    a key moves the explorer's longest slider: milliseconds from the key that goes down to
            the picture on the page, timed in the page
interact    the same pictures by plain `interact`, on the same page, timed in the same way
dot         a slider that brings a picture of one pixel, on the same page: what a move costs
            however little is drawn, on its way from page to kernel and back
ratio       of the medians, explorer to interact
"""

import statistics
import sys
from pathlib import Path

from slider_latency import percentile

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

from jupyterlab_page import (  # noqa: E402
    DEEPER,
    NOTEBOOKS,
    NotebookPage,
    arrows,
    chromium,
    jupyterlab,
    to_and_fro,
)

from helpers.explorers.explorer import positions  # noqa: E402

OURS, PLAIN = 60, 20  # moves that are timed
PAUSE = 60  # ms after each picture, so that a key finds all at rest

# Notes how long it took from a key to the picture that it brought.
WATCH_KEYS = """root => {
    const times = window.times = [];
    let pressed = null, source = root.querySelector('img').src;
    document.addEventListener('keydown', () => pressed = performance.now(), true);
    new MutationObserver(() => {
        const image = root.querySelector('img');
        if (!image || image.src === source) return;
        source = image.src;
        times.push(performance.now() - pressed);
    }).observe(root, {childList: true, subtree: true, attributes: true});
}"""
RUN_IN_A_NEW_CELL = """async code => {
    const {commands, shell} = jupyterapp, {content} = shell.currentWidget;
    content.activeCellIndex = content.widgets.length - 1;
    await commands.execute('notebook:insert-cell-below');
    content.activeCell.model.sharedModel.setSource(code);
    await commands.execute('notebook:run-cell');
}"""
SHOW_PLAIN = """
import sys
sys.path.insert(0, {folder!r})
from plain_interact import plain_interact
from {kind.__module__} import {kind.__name__}
plain_interact({kind.__name__}(), {states!r}).add_class({name!r})
"""
SHOW_DOT = """
import base64
import ipywidgets
from helpers.drawing.png import png as encoded
from numpy import full, uint8

slider, card = ipywidgets.IntSlider(description="i"), ipywidgets.HTML()

def show(change):
    png = encoded(full((1, 1, 4), change["new"], uint8), 96)
    card.value = f'<img src="data:image/png;base64,{{base64.b64encode(png).decode()}}">'

slider.observe(show, "value")
show({{"new": 0}})
ipywidgets.VBox([slider, card]).add_class({name!r})
"""


def timed_keys(page, root, control, keys):
    """Press keys one by one; return the milliseconds from each to its picture.

    keys: (key, whether it brings another picture), in order.
    """
    root.evaluate(WATCH_KEYS)
    control.focus()
    pictures = 0
    for key, changes in keys:
        page.keyboard.press(key)
        pictures += changes
        page.wait_for_function("count => times.length >= count", arg=pictures)
        page.wait_for_timeout(PAUSE)
    return page.evaluate("times")


def of_explorer(explorer):
    """Return the name of the control that was moved, its times, and the twin's states."""
    twin = explorer.twin
    name = explorer.longest_slider() or next(iter(twin.controls))
    control = twin.controls[name]
    offered, (further, back) = positions(control), arrows(control)
    explorer.in_view()
    explorer.reset()
    explorer.control(name).press("Home")
    control.value = offered[0]
    explorer.follows()
    keys, states, at = [], [twin.values], 0
    for place in to_and_fro(OURS, len(offered) - 1):
        before = twin.png
        control.value = offered[place]
        keys.append((further if place > at else back, twin.png != before))
        if twin.png != before:
            states.append(twin.values)
        at = place
    times = timed_keys(explorer.page, explorer.root, explorer.control(name), keys)
    explorer.follows()
    return name, times, states


def of_new_cell(page, code, name, count):
    """Return the times of a slider which this code shows, in a root of the class `name`."""
    page.evaluate(RUN_IN_A_NEW_CELL, code)
    root = page.locator(f".{name}")
    root.locator("img").wait_for()
    root.scroll_into_view_if_needed()
    return timed_keys(page, root, root.get_by_role("slider"), [("ArrowRight", True)] * count)


def main():
    print("                                       explorer     dot     interact")
    print("name                        control  median p95  median  median p95  ratio")
    with jupyterlab() as server, chromium() as browser:
        lessons = sys.argv[1:]
        for path in [p for p in NOTEBOOKS + DEEPER if not lessons or p.stem[:2] in lessons]:
            notebook = NotebookPage(browser, server, path)
            notebook.run_all()
            for explorer in notebook.explorers():
                print(row(explorer), flush=True)
            notebook.page.close()


def row(explorer):
    """Return an explorer's line of the table."""
    page, kind = explorer.page, type(explorer.twin)
    control, ours, states = of_explorer(explorer)
    states = states[: PLAIN + 1]
    name = f"plain{explorer.index}"
    code = SHOW_PLAIN.format(folder=str(FOLDER), kind=kind, states=states, name=name)
    plain = of_new_cell(page, code, name, len(states) - 1)
    name = f"dot{explorer.index}"
    dot = statistics.median(of_new_cell(page, SHOW_DOT.format(name=name), name, OURS))
    one, other = statistics.median(ours), statistics.median(plain)
    return (
        f"{explorer.name:27s} {control:9s}{one:5.0f}{percentile(ours, 0.95):5.0f}{dot:8.0f}"
        f"{other:8.0f}{percentile(plain, 0.95):5.0f}  1/{other / one:4.1f}"
    )


if __name__ == "__main__":
    main()
