"""Every notebook in JupyterLab, in a real browser: what a reader does with keys and the mouse.

Notebooks are found by glob and explorers by the class that they have on the page. Without a
browser these tests are skipped; where COURSE_NEEDS_A_BROWSER is set, they fail.
"""

import os
import time

import pytest
from jupyterlab_page import (
    INSTALL,
    NOTEBOOKS,
    NotebookPage,
    browser_path,
    chromium,
    jupyterlab,
)


@pytest.fixture(scope="module")
def lab():
    """A server and a browser; closed with this file, as other tests have an event loop too."""
    if browser_path() is None:
        missing = f"there is no browser; install one: {INSTALL}"
        (pytest.fail if os.environ.get("COURSE_NEEDS_A_BROWSER") else pytest.skip)(missing)
    with jupyterlab() as server, chromium() as browser:
        yield server, browser


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def shown(lab, request):
    """A notebook, all its cells run; one page serves all tests of a notebook."""
    server, browser = lab
    notebook = NotebookPage(browser, server, request.param)
    notebook.failed_cells = notebook.run_all()
    notebook.explorers = notebook.explorers()
    yield notebook
    notebook.page.close()


@pytest.fixture
def notebook(shown):
    """That page, with every explorer at its start; whatever the page complained of, fails."""
    yield shown
    assert shown.errors == []


@pytest.fixture
def explorers(notebook):
    for explorer in notebook.explorers:
        explorer.in_view()
        explorer.reset()
    return notebook.explorers


def test_all_cells_run_and_every_explorer_is_shown(notebook):
    assert notebook.failed_cells == []
    assert notebook.explorers
    for explorer in notebook.explorers:
        explorer.follows()


@pytest.mark.parametrize("hand", ["by_keyboard", "by_mouse"])
def test_every_control_moves_picture_and_sentence(explorers, hand):
    for explorer in explorers:
        explorer.in_view()
        for name, control in explorer.twin.controls.items():
            pictures, sentences = {explorer.twin.png}, {explorer.twin.sentence}
            t = time.time()
            n = 0
            for value in getattr(explorer, hand)(name):
                control.value = value
                explorer.follows()
                pictures.add(explorer.twin.png)
                sentences.add(explorer.twin.sentence)
                n += 1
            print(
                explorer.name,
                name,
                hand,
                n,
                len(pictures),
                len(sentences),
                "%.2f" % (time.time() - t),
            )
            explorer.reset()
