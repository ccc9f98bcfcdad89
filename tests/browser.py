"""Every notebook in JupyterLab, in a real browser: what a reader does with keys and the mouse.

    pip install -e '.[browser]' && python -m pytest tests/browser.py

Run on its own, for about seven minutes, with the system's Chromium. Notebooks are found by glob and
explorers by the class that they have on the page. Without a browser these tests are skipped, with
the command that installs one; where COURSE_NEEDS_A_BROWSER is set, they fail.
"""

import os

import ipywidgets as widgets
import pytest
from jupyterlab_page import (
    BREAK,
    FAULTS,
    INSTALL,
    MEND,
    NOTEBOOKS,
    NotebookPage,
    browser_path,
    chromium,
    jupyterlab,
    step_of,
)

from helpers.explorers.explorer import parse_state, positions
from helpers.explorers.live_experiment import LiveExperiment
from helpers.explorers.questions import load


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
        explorer.open()
        explorer.in_view()
        explorer.reset()
    return notebook.explorers


def test_all_cells_run_and_every_explorer_is_shown(notebook):
    assert notebook.failed_cells == []
    assert notebook.explorers


def test_a_guess_opens_the_explorer(notebook):
    """By keyboard: a number is typed, or an arrow key chooses; Enter guesses."""
    for explorer in notebook.explorers:
        if not explorer.guess.count():
            continue  # shown at once
        explorer.guess.scroll_into_view_if_needed()
        assert not explorer.root.is_visible()
        answer_by_keyboard(explorer.guess, explorer.page)
        explorer.page.keyboard.press("Tab")
        explorer.page.keyboard.press("Enter")
        explorer.root.wait_for(state="visible")
        explorer.twin.set(**load(step_of(notebook.path))["predictions"][explorer.name]["shows"])
        explorer.follows()
        assert "What happens: " in explorer.guess.get_by_role("status").first.text_content()


def answer_by_keyboard(card, page):
    """Choose the second answer, or type a number; nothing is clicked."""
    choices = card.get_by_role("radio")
    if choices.count():
        assert card.get_by_role("radiogroup").first.get_attribute("aria-labelledby")
        choices.first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        assert choices.nth(1).is_checked()
    else:
        card.get_by_role("textbox", name="Your number", exact=True).first.focus()
        page.keyboard.type("12")


def test_every_question_answers(notebook):
    cards = notebook.page.locator(".course-question:not(:has(.course-explorer))")
    assert cards.count() == len(load(step_of(notebook.path))["questions"])
    for i in range(cards.count()):
        card = cards.nth(i)
        card.scroll_into_view_if_needed()
        answer_by_keyboard(card, notebook.page)
        notebook.page.keyboard.press("Tab")
        notebook.page.keyboard.press("Enter")
        card.get_by_role("status").get_by_text("You said: ").wait_for()


@pytest.mark.parametrize("hand", ["by_keyboard", "by_mouse"])
def test_every_control_moves_picture_and_sentence(explorers, hand):
    """What a move changes, or leaves as it is, is what it changes in the twin."""
    for explorer in explorers:
        explorer.in_view()
        for name, control in explorer.twin.controls.items():
            pictures, sentences = {explorer.twin.png}, {explorer.twin.sentence}
            for value in getattr(explorer, hand)(name):
                control.value = value
                explorer.follows()
                pictures.add(explorer.twin.png)
                sentences.add(explorer.twin.sentence)
            assert len(pictures) > 1, f"{explorer.name}: {name} moves no picture"
            assert len(sentences) > 1, f"{explorer.name}: {name} moves no sentence"
            explorer.reset()


def test_a_fast_drag_shows_many_pictures_and_ends_where_the_slider_is(explorers):
    for explorer in explorers:
        name = explorer.longest_slider()
        if name is None:
            continue
        pictures, late = explorer.drag_fast(name)
        print(f"{explorer.name}: {name}, {pictures} pictures, last {late:.0f} ms")
        # On a slider of two or three positions, the move and its opposite are often sent as one.
        long = len(positions(explorer.twin.controls[name])) > 4
        assert pictures >= (50 if long else 20), explorer.name
        assert late < 1000, explorer.name  # on a quiet machine, at most 150


def test_a_state_is_copied_and_pasted_and_reset_brings_back_the_start(explorers):
    for explorer in explorers:
        keyboard = explorer.page.keyboard
        explorer.in_view()
        for name, control in explorer.twin.controls.items():
            if not isinstance(control, widgets.Text):
                control.value = next(explorer.by_mouse(name))
                explorer.follows()
        state, sentence = explorer.twin.state, explorer.twin.sentence
        explorer.state.focus()
        keyboard.press("Control+A")
        keyboard.press("Control+C")
        explorer.reset()
        explorer.state.focus()
        keyboard.press("Control+A")
        keyboard.press("Control+V")
        keyboard.press("Enter")
        explorer.twin.set(**parse_state(state))
        assert explorer.twin.sentence == sentence
        explorer.follows()


def test_whatever_can_be_used_has_a_name_and_is_reached_by_tab(explorers):
    for explorer in explorers:
        explorer.in_view()
        nameless, usable = explorer.accessible()
        assert not nameless, explorer.name
        wanted = {control.description for control in explorer.twin.controls.values()}
        assert wanted | {"Reset", "State"} <= {name for _, name in usable}, explorer.name
        explorer.control(next(iter(explorer.twin.controls))).focus()
        reached = explorer.tabbed_through()
        assert reached >= len(usable), f"{explorer.name}: Tab reaches {reached} of {usable}"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_nothing_is_cut_or_pale_on_a_small_screen(explorers, theme, tmp_path):
    page = explorers[0].page
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    for explorer in explorers:
        explorer.in_view()
        faults = explorer.root.evaluate(FAULTS)
        if faults:
            page.screenshot(path=tmp_path / f"{explorer.name}.png")
        assert not faults, f"{explorer.name}, {theme}: {faults}; picture: {tmp_path}"


def test_a_line_that_cannot_be_shown_is_said_on_the_page(explorers):
    for explorer in explorers:
        for name, control in explorer.twin.controls.items():
            if isinstance(control, widgets.Text):
                explorer.control(name).fill("")
                explorer.control(name).press("Enter")
                alert = explorer.root.get_by_role("alert")
                alert.get_by_text("there is no word").wait_for()
                assert explorer.seen()[0] == explorer.twin.sentence  # the last one that worked
                explorer.reset()
                alert.wait_for(state="detached")


def test_an_error_in_a_callback_is_seen_on_the_page(explorers):
    notebook = explorers[0].notebook
    for explorer in explorers:
        name = next(n for n, c in explorer.twin.controls.items() if not isinstance(c, widgets.Text))
        notebook.execute(BREAK)
        next(explorer.by_keyboard(name))
        explorer.root.get_by_role("alert").get_by_text("the maths <broke>").wait_for()
        assert explorer.seen()[0] == explorer.twin.sentence  # the last one that worked
        notebook.execute(MEND)
        explorer.reset()
        explorer.root.get_by_role("alert").wait_for(state="detached")
    notebook.errors.clear()  # what the kernel printed of it is meant to be there


def test_train_live_moves_the_bar_starts_once_and_stops(explorers):
    for explorer in explorers:
        if not isinstance(explorer.twin, LiveExperiment):
            continue
        explorer.in_view()
        train = explorer.root.get_by_role("button", name="Train", exact=False)
        stop = explorer.root.get_by_role("button", name="Stop", exact=True)
        note = explorer.root.get_by_role("status").first
        assert stop.is_disabled()
        for seed in (1, 2):
            train.evaluate("button => {button.click(); button.click()}")
            note.get_by_text(f"seed {seed}: ").wait_for()
            explorer.page.wait_for_function(
                "bar => parseFloat(bar.style.width) > 0",
                arg=explorer.root.locator(".progress-bar").element_handle(),
            )
            if stop.is_enabled():
                stop.click()
            note.get_by_text("stopped at").wait_for()
            assert train.is_enabled()
        explorer.reset()
