"""The core lessons on the site that needs no server, in a real browser, every other host blocked.

    python -m pytest -m lite

It builds the site first, in .lite/ (two minutes, later less). Pictures are drawn there by another
matplotlib, so that sentences are compared and pixels are not.
"""

import functools
import http.server
import threading
import time

import lite_site
import nbformat
import pytest
from jupyterlab_page import NOTEBOOKS, ExplorerOnPage, NotebookPage, browser_path, chromium

from helpers.explorers.live_experiment import LiveExperiment

pytestmark = pytest.mark.lite
COMPARED = "nbval-check-output"
SECONDS_TO_IDLE = 60  # on a busy machine; 8 to 15 on a quiet one
OUTPUTS = """[...jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === 'code').map(cell => cell.toJSON().outputs)"""


class LiteExplorer(ExplorerOnPage):
    def alike(self, picture, expected):
        return True


class LitePage(NotebookPage):
    on_page = LiteExplorer

    def where(self, server, path, fresh):
        """Return the address of a notebook; from now on, no other host is reached."""
        self.blocked = []

        def only_the_site(route):
            own = route.request.url.startswith((server, "data:", "blob:"))
            if not own:
                self.blocked.append(route.request.url)
            route.continue_() if own else route.abort()

        self.page.route("**/*", only_the_site)
        return f"{server}lab/index.html?path={path.name}"

    def _heard(self, message):
        """Pass over what the console says: JupyterLite asks for files that a site may lack."""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *what):
        pass


@pytest.fixture(scope="module")
def address():
    if browser_path() is None:
        pytest.fail("there is no browser")
    site = lite_site.make(lite_site.ROOT / ".lite" / "tests")
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_runs_without_a_server(path, address, browser):
    started = time.monotonic()
    lesson = LitePage(browser, address, path)
    took = time.monotonic() - started
    print(f"{path.stem}: idle after {took:.0f} s")
    assert took < SECONDS_TO_IDLE
    assert lesson.run_all() == []
    print(f"{path.stem}: all cells run after {time.monotonic() - started:.0f} s")
    compare(path, lesson.page.evaluate(OUTPUTS))
    for explorer in lesson.explorers():
        move(explorer)
    assert lesson.errors == []
    lesson.page.reload()
    lesson.wait_for_the_kernel()
    lesson.execute("import helpers.explorers.explorer")
    assert lesson.blocked == []
    lesson.page.close()


def compare(path, outputs):
    """Compare what cells print with what the notebook holds, as nbval does."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert len(cells) == len(outputs)
    for cell, there in zip(cells, outputs, strict=True):
        said = [o for o in there if o["output_type"] == "stream" and o["name"] == "stderr"]
        assert said == [], cell.source
        if COMPARED in cell.metadata.get("tags", []):
            assert texts(there) == texts(cell.outputs), cell.source


def texts(outputs):
    printed = [o["text"] for o in outputs if o["output_type"] == "stream"]
    return ["".join(printed)] + [o["data"].get("text/plain") for o in outputs if "data" in o]


def move(explorer):
    """Move every control by key and the longest slider by mouse, walk the tour, train and stop."""
    explorer.in_view()
    explorer.reset()
    for name, control in explorer.twin.controls.items():
        for value in explorer.by_keyboard(name):
            control.value = value
            explorer.follows()
        explorer.reset()
    slider = explorer.longest_slider()
    if slider:
        pictures, late = explorer.drag_fast(slider)
        print(f"{explorer.name}: {slider}, {pictures} pictures, the last {late:.0f} ms late")
        explorer.reset()
    for _ in range(2 * len(explorer.twin.tour.stops)):
        explorer.root.locator(".course-next").click()
        explorer.twin.tour.next()
        explorer.follows()
    explorer.reset()
    if isinstance(explorer.twin, LiveExperiment):
        explorer.root.get_by_role("button", name="Train live", exact=True).click()
        stop = explorer.root.get_by_role("button", name="Stop", exact=True)
        explorer.page.wait_for_function("stop => !stop.disabled", arg=stop.element_handle())
        stop.click()
        explorer.root.locator(".course-note").get_by_text("stopped at").wait_for()
