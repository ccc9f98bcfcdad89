"""JupyterLab in a real browser: a server of its own, a page a notebook, explorers to be moved.

Beside each explorer on a page stands a twin in this process, moved in the same way: it tells what
the page should show, so that a move without effect is known as one.
"""

import ast
import base64
import io
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import ipywidgets as widgets
import nbformat
import numpy as np
from PIL import Image

from helpers.explorers.explorer import parse_state, positions
from helpers.explorers.live_experiment import LiveExperiment

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# Of the deeper ones those with an explorer; nbval runs all.
DEEPER = [
    path for path in sorted(FOLDER.glob("deeper/*.ipynb")) if "Explorer(" in path.read_text("utf-8")
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "apt-get install --yes chromium"
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    }
}
# No script in the text of a page, in attributes least of all; JupyterLab itself needs eval.
POLICY = "script-src 'self' 'unsafe-eval' blob:; object-src 'none'"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 20  # seconds for a move to be seen, on a busy machine
START = 120  # seconds for a server, a kernel, a notebook
KERNEL = "jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
ROLES = {  # how a screen reader calls each kind of control
    widgets.Text: "textbox",
    widgets.Checkbox: "checkbox",
    widgets.Dropdown: "combobox",
}
# Notes each new picture, and each event of the mouse or keyboard, with its time.
WATCH = """root => {
    const record = {pictures: [], inputs: []};
    let source = root.querySelector('img').src;
    const watcher = new MutationObserver(() => {
        const now = root.querySelector('img')?.src;
        if (now && now !== source) record.pictures.push([performance.now(), source = now]);
    });
    watcher.observe(root, {childList: true, subtree: true, attributes: true});
    const note = () => record.inputs.push(performance.now());
    const kinds = ['pointermove', 'pointerup', 'keydown'];
    kinds.forEach(kind => document.addEventListener(kind, note, true));
    record.end = () => {
        watcher.disconnect();
        kinds.forEach(kind => document.removeEventListener(kind, note, true));
    };
    window.record = record;
}"""

# What the controls show, in their order.
CONTROLS = """root => [...root.querySelector('.course-controls').children].map(control => {
    const slider = control.querySelector('.noUi-target')?.noUiSlider;
    if (slider) return [Number(slider.get(true).toFixed(9)), Number(slider.options.range.max)];
    const menu = control.querySelector('select'), field = control.querySelector('input');
    return menu ? menu.selectedIndex : field.type === 'checkbox' ? field.checked : field.value;
})"""
# The sentence, the alternative text, and the bytes of the picture.
SEEN = """async root => {
    const image = root.querySelector('.course-card img');
    const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
    const text = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
    return [root.querySelector('.course-sentence').textContent, image.alt, btoa(text)];
}"""
# Spoils whatever the explorers compute, in the kernel; and mends it.
BREAK = """
from ipywidgets.widgets.widget import _instances
from helpers.explorers.explorer import Explorer

def broken(**values):
    raise RuntimeError("the maths <broke>")

for explorer_on_page in list(_instances.values()):
    if isinstance(explorer_on_page, Explorer):
        explorer_on_page.compute = broken
"""
MEND = """
for explorer_on_page in list(_instances.values()):
    if isinstance(explorer_on_page, Explorer):
        vars(explorer_on_page).pop("compute", None)
"""
# Lists what is cut off, too pale, or off the screen. A menu is as wide as its longest line wants.
FAULTS = """root => {
    const faults = [];
    const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const rgb = text => text.match(/[\\d.]+/g).map(Number);
    const behind = element => {
        for (; element; element = element.parentElement) {
            const colour = rgb(getComputedStyle(element).backgroundColor);
            if (colour.length < 4 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const texts = '.widget-label, .widget-readout, .widget-checkbox span, button, p, select,'
        + '.course-told .widget-html-content';
    for (const element of root.querySelectorAll(texts)) {
        if (!element.offsetParent || !element.textContent.trim() || element.disabled) continue;
        const what = element.textContent.slice(0, 40);
        if (element.scrollWidth > element.clientWidth + 1) faults.push(`cut: ${what}`);
        const [one, other] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
        const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(1)}: ${what}`);
    }
    for (const menu of root.querySelectorAll('select')) {
        const copy = menu.cloneNode(true);
        copy.style.cssText = 'width:max-content;min-width:0;flex:none;position:absolute';
        menu.parentElement.append(copy);
        if (copy.offsetWidth > menu.offsetWidth + 1) faults.push(`cut: menu ${menu.value}`);
        copy.remove();
    }
    for (const slider of root.querySelectorAll('.noUi-target'))
        if (slider.clientWidth < 60) faults.push(`${slider.clientWidth} pixels for a slider`);
    const state = root.querySelector('.course-foot input');
    if (state.scrollWidth > state.clientWidth) faults.push(`cut: State ${state.value}`);
    const image = root.querySelector('img'), card = image.parentElement;
    if (getComputedStyle(card).backgroundColor !== 'rgb(255, 255, 255)') faults.push('card');
    if (2 * image.width < image.naturalWidth) faults.push(`picture shrunk to ${image.width}`);
    const told = root.querySelector('.course-told');
    if (told.scrollHeight > told.clientHeight + 1) faults.push('the text overflows the bar');
    const lefts = [...root.querySelector('.course-controls').children].map(
        control => Math.round(control.getBoundingClientRect().left));
    if (new Set(lefts).size > 5) faults.push(`controls begin at ${[...new Set(lefts)]}`);
    const box = root.getBoundingClientRect();
    if (box.right > innerWidth) faults.push('too wide');
    return faults;
}"""


def browser_path():
    """Return where the system's Chromium is; None if there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def twins_of(path):
    """Make the explorers of a notebook in this process, by its imports and their cells."""
    sources = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    names, twins = {}, []
    for tree in map(ast.parse, sources):
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        exec(compile(ast.Module(imports, []), path.name, "exec"), names)
    for source in sources:
        made = re.search(r"^(\w*explorer) = \w+Explorer\(", source, re.MULTILINE)
        if made and source.rstrip().endswith(f"\n{made[1]}"):  # it is shown
            exec(compile(source, path.name, "exec"), names)
            twins.append(names[made[1]])
    return twins


def step_of(path):
    return path.stem.split("_", 1)[1]


@contextmanager
def jupyterlab(policy=None, program="jupyterlab"):
    """Serve a copy of the notebooks, so that what is saved never touches the originals.

    policy: a content policy that is stricter than the server's own. program: or "notebook".
    """
    with tempfile.TemporaryDirectory() as folder:
        home, token = Path(folder), secrets.token_hex(16)
        shutil.copytree(FOLDER, home / "notebooks")
        for name, values in SETTINGS.items():
            file = home / "settings" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")
        environment = os.environ | {
            "JUPYTER_TOKEN": token,
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        command = [sys.executable, "-m", program, "--no-browser", "--allow-root"]
        command += ["--expose-app-in-browser", "--ServerApp.port=0"]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={home / 'notebooks'}"]
        with open(home / "log", "w", encoding="utf-8") as log:
            server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            try:
                yield _address(server, home), token
            finally:
                server.terminate()
                server.wait(START)


def _address(server, home):
    """Wait until the server has said where it is, and answers."""
    end = time.monotonic() + START
    while server.poll() is None and time.monotonic() < end:
        for file in (home / "runtime").glob("jpserver-*.json"):
            try:
                address = json.loads(file.read_text(encoding="utf-8"))["url"]
                urllib.request.urlopen(f"{address}api").close()
                return address
            except (OSError, ValueError):
                pass
        time.sleep(0.1)
    raise RuntimeError(
        f"JupyterLab did not start: {(home / 'log').read_text(encoding='utf-8')[-2000:]}"
    )


@contextmanager
def chromium(*flags):
    """Start the system's browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


class ExplorerOnPage:
    """One explorer on a page, and its twin, which is moved in the same way and says what to see."""

    def __init__(self, notebook, root, twin, index):
        self.index = index  # on the page
        self.notebook, self.page, self.root, self.twin = notebook, notebook.page, root, twin
        if isinstance(twin, LiveExperiment):  # each draws a seed of its own: the twin takes over
            seed = root.get_by_label("Seed", exact=True).input_value()
            self.twin = type(twin)(seed=int(seed))
        self.name = type(twin).__name__

    # what is to be seen

    def control(self, name):
        """Return a control, found as a screen reader does: by its role and its name."""
        control = self.twin.controls[name]
        role = ROLES.get(type(control), "slider")
        return self.root.get_by_role(role, name=control.description, exact=True)

    @property
    def state(self):
        return self.root.get_by_role("textbox", name="State", exact=True)

    def seen(self):
        """Return what the reader has: the sentence, the alternative text and the picture."""
        sentence, alt, png = self.root.evaluate(SEEN)
        return sentence, alt, pixels(base64.b64decode(png))

    def in_view(self):
        """Bring the explorer to the top, and wait until the page around it no longer moves."""
        before, still = None, 0
        while still < 4:
            self.root.evaluate("root => root.scrollIntoView({block: 'start'})")
            box = self.root.bounding_box()
            still = still + 1 if box == before else 0
            before = box
            self.page.wait_for_timeout(50)

    def alike(self, picture, expected):
        return np.array_equal(picture, expected)

    def follows(self):
        """Wait until state, controls, tour, sentence, alternative text and picture are the twin's.

        Controls, tour and picture are told the page in messages of their own, each in its time.
        """
        twin, end = self.twin, time.monotonic() + PATIENCE
        controls, told = [*map(as_shown, twin.controls.values())], self.root.locator(".course-told")
        line = twin.tour.text if twin.tour.stops else told.text_content()
        expected = twin.state, controls, line, twin.sentence, twin.sentence
        seen, alike = None, False
        while time.monotonic() < end:
            *texts, picture = self.seen()
            shown = self.state.input_value(), self.root.evaluate(CONTROLS)
            seen = *shown, told.text_content(), *texts
            alike = self.alike(picture, pixels(twin.png))
            if seen == expected and alike:
                return
            self.page.wait_for_timeout(10)
        assert seen == expected, f"{self.name}: {seen}, expected {expected}"
        assert alike, f"{self.name}: another picture at {twin.state}"

    def accessible(self):
        """Return, of all that can have the focus, what has no name, and (role, name) of the rest.

        As the browser's own accessibility tree has them.
        """
        session = self.page.context.new_cdp_session(self.page)
        handle = session.send(
            "Runtime.evaluate",
            {"expression": f"[...document.querySelectorAll('.course-explorer')][{self.index}]"},
        )["result"]
        nodes = session.send("Accessibility.queryAXTree", {"objectId": handle["objectId"]})["nodes"]
        session.detach()
        found = [
            (node["role"]["value"], node["name"]["value"].strip())
            for node in nodes
            if not node["ignored"]
            and node["role"]["value"] not in ("option", "MenuListPopup")  # parts of a menu
            and any(p["name"] == "focusable" and p["value"]["value"] for p in node["properties"])
        ]
        return [role for role, name in found if not name], [pair for pair in found if pair[1]]

    def tabbed_through(self):
        """Press Tab from where the focus is until it leaves the explorer; return how many stops."""
        reached = 0
        inside = "root => root.contains(document.activeElement)"
        while self.root.evaluate(inside) and reached < 100:
            reached += 1
            self.page.keyboard.press("Tab")
        return reached

    # what a reader does

    def reset(self):
        """Click Reset, and reset the twin."""
        self.root.get_by_role("button", name="Reset", exact=True).click()
        self.twin.reset()
        self.follows()

    def by_keyboard(self, name):
        """Move a control with keys alone; yield after each move the value it should have.

        Meant for a control at its start: once a slider has been given more positions, its End key
        still goes to the last one of before (noUiSlider 15 does that); the arrow keys go on.
        """
        control, keyboard = self.twin.controls[name], self.page.keyboard
        self.control(name).focus()
        if isinstance(control, widgets.Text):
            keyboard.press("Control+A")
            keyboard.type(other_text(self.twin, name))
            keyboard.press("Enter")
            yield other_text(self.twin, name)
        elif isinstance(control, widgets.Checkbox):
            for value in (not control.value, control.value):
                keyboard.press("Space")
                yield value
        else:
            offered, (further, back) = positions(control), arrows(control)
            second = min(1, len(offered) - 1)
            for key, place in (("End", -1), ("Home", 0), (further, second), (back, 0)):
                keyboard.press(key)
                yield offered[place]

    def by_mouse(self, name):
        """Move a control with the mouse; yield after each move the value it should have."""
        control, handle = self.twin.controls[name], self.control(name)
        offered = positions(control)
        if isinstance(control, widgets.Text):
            value = other_text(self.twin, name)
            handle.click(click_count=3)  # marks the line
            self.page.keyboard.insert_text(value)
            self.root.locator("img").click(position={"x": 9, "y": 9})  # leaves the field
            yield value
        elif isinstance(control, widgets.Checkbox):
            for value in (not control.value, control.value):
                handle.click()
                yield value
        elif isinstance(control, widgets.Dropdown):
            for place in (-1, 0):  # the list that opens is the system's own: no part of the page
                handle.select_option(index=place % len(offered))
                yield offered[place]
        else:
            for place in (-1, 0):
                self.drag(name, [place])
                yield offered[place]

    def longest_slider(self):
        """Return the name of the slider with the most positions; None if there is no slider."""
        controls = self.twin.controls
        sliders = [name for name in controls if type(controls[name]) not in ROLES]
        return max(sliders, key=lambda name: len(positions(controls[name])), default=None)

    def drag_fast(self, name):
        """Drag a slider to and fro, 200 moves, as fast as they come; the twin goes where it ends.

        Returns how many pictures were shown, and how many ms after the mouse the last one came.
        """
        self.in_view()
        self.root.evaluate(WATCH)
        value = self.drag(name, to_and_fro(200, len(positions(self.twin.controls[name])) - 1))
        self.page.wait_for_function(
            "([field, part]) => field.value.includes(part)",
            arg=[self.state.element_handle(), f"{name}={value!r}"],
        )
        self.twin.set(**parse_state(self.state.input_value()))
        self.follows()
        record = self.page.evaluate("(record.end(), record)")
        return len(record["pictures"]), record["pictures"][-1][0] - record["inputs"][-1]

    def drag(self, name, places):
        """Drag a slider's handle over these positions, counted from 0; return the last value."""
        if self.control(name).bounding_box()["y"] < 92:  # a click further down has scrolled it away
            self.in_view()
        last = len(positions(self.twin.controls[name])) - 1
        left, right, y = self.control(name).evaluate(
            "handle => {const r = handle.closest('.noUi-target').getBoundingClientRect();"
            "return [r.left, r.right, (r.top + r.bottom) / 2]}"
        )
        box = self.control(name).bounding_box()
        mouse = self.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        for place in places:
            mouse.move(left + (right - left) * (place % (last + 1)) / max(last, 1), y)
        mouse.up()
        return positions(self.twin.controls[name])[places[-1]]


class NotebookPage:
    """One notebook in JupyterLab, run from top to bottom; `errors` holds what went wrong in it."""

    on_page = ExplorerOnPage
    is_lab = True

    def __init__(self, browser, server, path, size=(1280, 720), fresh=True, file_list=False):
        """Open it. fresh: leave no tab open from before. file_list: leave the list beside it."""
        self.path, self.errors = path, []
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("console", self._heard)
        self.page.goto(self.where(server, path, fresh))
        self.wait_for_the_kernel()
        if self.is_lab and not file_list:
            self.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")

    def where(self, server, path, fresh):
        """Return the address at which a server shows a notebook."""
        address, token = server
        place = path.relative_to(FOLDER).as_posix()
        return f"{address}lab/tree/{place}?token={token}{'&reset' if fresh else ''}"

    def _heard(self, message):
        if message.type == "error":
            self.errors.append(f"console: {message.text}")

    def wait_for_the_kernel(self):
        # Without it, a dialog asks for a kernel and stands in the way of all that comes.
        self.page.wait_for_function(
            f"window.{KERNEL.replace('.', '?.')}?.status === 'idle'", timeout=1000 * START
        )

    def run_all(self):
        """Run all cells; return what each code cell gave that is an error."""
        self.page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        self.wait_for_the_kernel()
        return self.page.evaluate(
            "[...jupyterapp.shell.currentWidget.content.model.cells]"
            ".flatMap(cell => cell.toJSON().outputs ?? [])"
            ".filter(output => output.output_type === 'error')"
        )

    def execute(self, code):
        """Run code in the notebook's kernel, as a cell would; return "ok" or "error"."""
        run = f"code => {KERNEL}.requestExecute({{code}}).done.then(reply => reply.content.status)"
        return self.page.evaluate(run, code)

    def save(self):
        """Save the notebook, as JupyterLab does by itself every two minutes."""
        self.page.evaluate("jupyterapp.shell.currentWidget.context.save()")

    def end_the_kernel(self, end):
        """End the kernel as a reader may: restart, crash, shut down."""
        session = "jupyterapp.shell.currentWidget.context.sessionContext"
        self.page.evaluate(
            {
                "restart": f"{session}.session.kernel.restart()",
                "crash": f"void {KERNEL}.requestExecute({{code: 'import os; os.abort()'}})",
                "shut down": f"{session}.shutdown()",
            }[end]
        )

    def explorers(self):
        """Return the explorers of this page, in order."""
        roots, twins = self.page.locator(".course-explorer"), twins_of(self.path)
        assert roots.count() == len(twins), f"{roots.count()} explorers for {twins}"
        return [self.on_page(self, roots.nth(i), twin, i) for i, twin in enumerate(twins)]


class Notebook7Page(NotebookPage):
    """The same in Notebook 7, which shows one notebook per page."""

    is_lab = False

    def where(self, server, path, fresh):
        address, token = server
        return f"{address}notebooks/{path.relative_to(FOLDER).as_posix()}?token={token}"


def arrows(control):
    """Return the keys that go to the next position of a slider or menu, and to the one before."""
    menu = isinstance(control, widgets.Dropdown)
    return ("ArrowDown", "ArrowUp") if menu else ("ArrowRight", "ArrowLeft")


def to_and_fro(count, last):
    """Return so many places, from the second on to the last, back to the first, and again."""
    return [last - abs(last - i % (2 * last)) for i in range(1, count + 1)]


def as_shown(control):
    """Return what CONTROLS finds on the page for a control: for a slider, where it is and ends."""
    if isinstance(control, widgets.Dropdown):
        return control.index
    if type(control) in ROLES:
        return control.value
    if hasattr(control, "options"):
        return [control.index, len(control.options) - 1]
    return [control.value, control.max]


def other_text(twin, name):
    """Return another line for a text field."""
    return [*twin.samples.get(name, ()), twin._start[name].rsplit(" ", 1)[0]][0]
