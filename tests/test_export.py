"""Lessons as slides and pages: a text for each picture, a slide for each stop, none too high."""

import os
import re
import shutil
import subprocess
import sys
import tomllib

import export
import nbformat
import pytest
from jupyterlab_page import browser_path, chromium
from lesson_minutes import CORE as LESSONS
from lesson_minutes import DEEPER, stops

every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def slide_types(notebook):
    return [cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells]


@every_lesson
def test_a_deck_is_the_way_of_five_minutes(path, quick_pictures, let_go):
    notebook = read(path)
    export.mark(notebook)
    shown = [cell for cell in notebook.cells if cell.metadata.slideshow.slide_type == "slide"]
    assert shown[0].source.startswith("# ")
    assert 6 <= len(shown) <= export.MAX_CELLS + 1
    assert not any(export.is_exercise(cell) for cell in shown)
    explorers = sum("Explorer(" in cell.source for cell in notebook.cells)
    deck = export.deck(notebook)  # each stop is a slide, in the place of its explorer's cell
    assert len(deck.cells) == len(shown) + len(stops(path)) - explorers


@every_lesson
def test_the_marks_in_a_notebook_are_those_that_the_script_sets(path):
    notebook = read(path)
    there = slide_types(notebook)
    export.mark(notebook)
    assert there == slide_types(notebook), "run: python tests/export.py mark"


@pytest.mark.parametrize(
    "path", LESSONS + DEEPER, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_stored_picture_has_a_text_and_no_cell_a_picture_or_script_of_its_own(path):
    for cell in read(path).cells:
        assert cell.cell_type == "code" or not re.search(r"!\[|<(img|script|link)", cell.source)
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                assert len(output.metadata["image/png"]["alt"]) > 6


def test_a_page_has_the_texts_of_its_pictures_and_asks_no_other_host():
    page = export.as_page(read(LESSONS[3]), "page")
    texts = re.findall(r"""<img alt=(?:"([^"]*)"|'([^']*)')""", page)
    assert len(texts) == page.count("<img") >= 6
    assert all(len(one or other) > 6 for one, other in texts)
    assert "No description" not in page
    assert not re.findall(r'<(?:script|link)[^>]*(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize("kind", ["html", "slides"])
def test_nbconverts_own_command_gives_a_text_for_each_picture(tmp_path, kind):
    """With the files that an installation of the course brings."""
    settings = tomllib.loads((export.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for source, place in settings["tool"]["hatch"]["build"]["targets"]["wheel"][
        "shared-data"
    ].items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(export.ROOT / source, tmp_path / place)
    installed = {
        "JUPYTER_CONFIG_PATH": str(tmp_path / "etc" / "jupyter"),
        "JUPYTER_PATH": str(tmp_path / "share" / "jupyter"),
    }
    command = [sys.executable, "-m", "nbconvert", "--to", kind, "--stdout", str(LESSONS[3])]
    page = subprocess.run(command, env=os.environ | installed, capture_output=True, check=True)
    page = page.stdout.decode("utf-8")
    assert page.count("<img alt=") == page.count("<img") >= 6
    assert "No description" not in page


@pytest.mark.browser
def test_no_slide_is_higher_than_the_screen_and_no_other_host_is_asked(tmp_path):
    if browser_path() is None:
        pytest.fail("there is no browser")
    written = export.write("slides", tmp_path)
    assert len(written) == len(LESSONS)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        faults = []
        page.on("request", lambda request: faults.append(request.url))
        page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        for path in written:
            page.goto(path.as_uri())
            page.wait_for_function("window.Reveal?.isReady() && window.MathJax?.startup?.promise")
            page.evaluate("MathJax.startup.promise.then(() => null)")
            for i in range(page.evaluate("Reveal.getTotalSlides()")):
                page.evaluate("i => Reveal.slide(i)", i)
                height = page.evaluate("Reveal.getCurrentSlide().scrollHeight")
                width = page.evaluate("Reveal.getCurrentSlide().scrollWidth")
                if height > 720 or width > 1280:
                    faults.append(f"{path.stem}, slide {i}: {width} x {height}")
    own = ("file:", "data:", "blob:")
    assert [fault for fault in faults if not fault.startswith(own)] == []
