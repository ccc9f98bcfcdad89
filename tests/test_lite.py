"""The core lessons on the site that needs no server, in a real browser, every other host blocked.

    python -m pytest -m lite -s

It builds the site first, in .lite/ (two minutes, later less). Pictures are drawn there by another
matplotlib, so that sentences are compared and pixels are not. One lesson: add -k 03.
"""

import functools
import http.server
import statistics
import threading

import lite_site
import nbformat
import pytest
from jupyterlab_page import (
    KERNEL,
    NOTEBOOKS,
    WATCH,
    ExplorerOnPage,
    NotebookPage,
    arrows,
    browser_path,
    chromium,
)

from helpers.explorers.explorer import positions
from helpers.explorers.live_experiment import LiveExperiment

pytestmark = pytest.mark.lite
COMPARED = "nbval-check-output"
ONLY_THE_SITE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # workers, too
# What a reader waits for. A busy machine takes longer, so that only thrice as much is an error.
TARGETS = {"first picture, s": 15, "slowest cell, s": 20, "slider move, ms": 60}
PATIENCE = 3
MOVES = 21  # whose median is taken
OUTPUTS = """[...jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === 'code').map(cell => cell.toJSON().outputs)"""
# Notes when each cell begins and ends, and when the first picture comes, in ms after opening.
LISTEN = f"""() => {{
    window.heard = {{cells: {{}}, picture: null}};
    {KERNEL}.iopubMessage.connect((kernel, message) => {{
        const now = performance.now(), request = message.parent_header.msg_id;
        const {{code, execution_state: state, data}} = message.content;
        if (code) heard.cells[request] = {{code, begun: now}};
        if (state === 'idle' && heard.cells[request]) heard.cells[request].ended = now;
        if (data?.['image/png']) heard.picture ??= now;
    }});
}}"""
HEARD = """() => [heard.picture / 1000,
    Object.values(heard.cells).map(cell => [(cell.ended - cell.begun) / 1000, cell.code])]"""
ENDLESS = """
from helpers.exercises import running, self_attention
running.TRACED = 1  # 5 seconds, not 25
def endless(scores):
    while True:
        pass
assert self_attention.check_softmax(endless).mistake == "it takes too long"
"""


class LiteExplorer(ExplorerOnPage):
    def alike(self, picture, expected):
        return True

    def milliseconds_a_move(self, name):
        """Press a key of a slider again and again; return the median time until its picture."""
        control = self.twin.controls[name]
        (further, back), last = arrows(control), len(positions(control)) - 1
        self.control(name).press("Home")
        control.value = positions(control)[0]
        self.follows()
        self.root.evaluate(WATCH)
        for i in range(MOVES):
            before = self.page.evaluate("record.pictures.length")
            self.page.keyboard.press(further if i % (2 * last) < last else back)
            self.page.wait_for_function("n => record.pictures.length > n", arg=before)
        record = self.page.evaluate("(record.end(), record)")
        shown = [time for time, _ in record["pictures"]]
        return statistics.median(
            min(time for time in shown if time > pressed) - pressed for pressed in record["inputs"]
        )


class LitePage(NotebookPage):
    on_page = LiteExplorer

    def where(self, server, path, fresh):
        """Return the address of a notebook; note which other hosts are asked for."""
        self.blocked = []
        self.page.on("request", lambda request: self._other_host(server, request.url))
        return f"{server}lab/index.html?path={path.name}"

    def _other_host(self, server, url):
        if not url.startswith((server, "data:", "blob:")):
            self.blocked.append(url)

    def _heard(self, message):
        """Pass over what the console says: JupyterLite asks for files that a site may lack."""

    def run_all(self):
        self.page.evaluate(LISTEN)
        return super().run_all()


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
    with chromium(ONLY_THE_SITE) as browser:
        yield browser


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_runs_without_a_server(path, address, browser):
    lesson = LitePage(browser, address, path)
    assert lesson.run_all() == []
    compare(path, lesson.page.evaluate(OUTPUTS))
    picture, cells = lesson.page.evaluate(HEARD)
    slowest, code = max(cells)
    print(f"{path.stem}: {sum(s for s, _ in cells):.0f} s in cells; slowest: {code[-60:]!r}")
    told = {"first picture, s": picture, "slowest cell, s": slowest}
    for explorer in lesson.explorers():
        told["slider move, ms"] = max(move(explorer), told.get("slider move, ms", 0))
    assert lesson.errors == []
    lesson.page.reload()
    lesson.wait_for_the_kernel()
    assert lesson.run_all() == []
    for explorer in lesson.explorers():
        explorer.in_view()
        explorer.follows()
    assert lesson.errors == []
    assert lesson.blocked == []
    lesson.page.close()
    print(path.stem, {what: round(number, 1) for what, number in told.items()})
    for what, number in told.items():
        assert number < PATIENCE * TARGETS[what], what


def test_what_never_ends_is_ended(address, browser):
    """An answer by its check; a cell by a restart, for the kernel's ■ does nothing here."""
    lesson = LitePage(browser, address, NOTEBOOKS[0])
    assert lesson.execute(ENDLESS) == "ok"
    lesson.page.evaluate(f"void {KERNEL}.requestExecute({{code: 'while True: pass'}})")
    lesson.end_the_kernel("restart")
    lesson.wait_for_the_kernel()
    assert lesson.execute("1 + 1") == "ok"
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
    return ["".join(printed)] + [
        o["data"]["text/plain"] for o in outputs if "text/plain" in o.get("data", {})
    ]


def move(explorer):
    """Move every control by key and the longest slider by mouse, walk the tour, train and stop.

    Returns the median time of that slider's moves by key, in ms; 0 if there is no slider.
    """
    explorer.in_view()
    explorer.reset()
    for name, control in explorer.twin.controls.items():
        for value in explorer.by_keyboard(name):
            control.value = value
            explorer.follows()
        explorer.reset()
    slider, took = explorer.longest_slider(), 0
    if slider:
        pictures, late = explorer.drag_fast(slider)
        print(f"{explorer.name}: {slider}, {pictures} pictures, the last {late:.0f} ms late")
        explorer.reset()
        took = explorer.milliseconds_a_move(slider)
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
    return took
