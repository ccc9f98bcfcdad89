"""Every notebook in JupyterLab, in a real browser: what a reader does with keys and the mouse.

    pip install -e '.[test,browser]' && python -m pytest -m browser

They take about ten minutes, with the system's Chromium, and are left out of an ordinary run.
Notebooks are found by glob, explorers by the class that they have on the page. Without a browser
these tests are skipped, with the command that installs one; where COURSE_NEEDS_A_BROWSER is set,
they fail.
"""

import os

import ipywidgets as widgets
import pytest
from jupyterlab_page import (
    BREAK,
    DEEPER,
    FAULTS,
    INSTALL,
    MEND,
    NOTEBOOKS,
    POLICY,
    Notebook7Page,
    NotebookPage,
    browser_path,
    chromium,
    jupyterlab,
    step_of,
)

from helpers.explorers.explorer import parse_state, positions
from helpers.explorers.live_experiment import LiveExperiment
from helpers.explorers.questions import load

pytestmark = pytest.mark.browser

HEIGHT = 560  # pixels that bar, controls, picture, sentence, Reset and State may take at 1280 × 720
# Where the parts of an explorer begin, in pixels below its top.
PLACES = """root => {
    const top = root.getBoundingClientRect().top;
    return [...root.children].map(part => Math.round(part.getBoundingClientRect().top - top));
}"""


@pytest.fixture(scope="module")
def lab():
    """A server and a browser; closed with this file, as other tests have an event loop too."""
    if browser_path() is None:
        missing = f"there is no browser; install one: {INSTALL}"
        (pytest.fail if os.environ.get("COURSE_NEEDS_A_BROWSER") else pytest.skip)(missing)
    with jupyterlab() as server, chromium() as browser:
        yield server, browser


@pytest.fixture(scope="module")
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


def of(notebooks):
    """Run a test on the page of each of these notebooks."""
    names = [f"{'deeper-' * (path in DEEPER)}{path.stem}" for path in notebooks]
    return pytest.mark.parametrize("shown", notebooks, indirect=True, ids=names)


everywhere, in_core = of(NOTEBOOKS + DEEPER), of(NOTEBOOKS)


@everywhere
def test_all_cells_run_and_every_explorer_is_shown(notebook):
    assert notebook.failed_cells == []
    assert notebook.explorers


@everywhere
def test_a_tour_is_walked_by_mouse_and_by_the_keys_of_a_presenter(explorers):
    for explorer in explorers:
        tour = explorer.twin.tour
        if not tour.stops:
            continue
        explorer.in_view()
        for step in range(2 * len(tour.stops)):
            if step % 2:
                explorer.root.locator(".course-next").click()
            else:
                explorer.root.locator("img").click(position={"x": 5, "y": 5})
                explorer.page.keyboard.press("PageDown")
            tour.next()
            explorer.follows()
        explorer.page.keyboard.press("PageUp")
        tour.back()
        explorer.follows()
        explorer.reset()


@in_core
def test_a_guess_folds_to_one_line_and_the_next_key_goes_on(explorers):
    for explorer in explorers:
        tour = explorer.twin.tour
        for i, stop in enumerate(tour.stops):
            if not stop.choices:
                continue
            explorer.reset()
            while not (tour.at == i and tour.waiting):
                explorer.root.locator(".course-next").press("Enter")
                tour.next()
                explorer.follows()
            explorer.root.get_by_role("button", name=stop.choices[-1]["says"], exact=True).click()
            tour.guess(len(stop.choices) - 1)
            explorer.follows()
            bar = explorer.root.locator(".course-bar")
            assert bar.bounding_box()["height"] == 44
            assert "course-next" in explorer.page.evaluate("document.activeElement.className")
            explorer.page.keyboard.press("PageDown")
            tour.next()
            explorer.follows()
        explorer.reset()


@everywhere
def test_everything_is_on_one_screen(notebook):
    for explorer in notebook.explorers:
        assert explorer.root.bounding_box()["height"] <= HEIGHT, explorer.name


@in_core
def test_nothing_moves_when_an_error_comes_and_goes(explorers):
    for explorer in explorers:
        explorer.in_view()
        before = explorer.root.evaluate(PLACES)
        explorer.state.fill("nonsense")
        explorer.state.press("Enter")
        explorer.root.get_by_role("alert").get_by_text("cannot be read").wait_for()
        assert explorer.root.evaluate(PLACES) == before, explorer.name
        explorer.reset()
        assert explorer.root.evaluate(PLACES) == before, explorer.name


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


@in_core
def test_every_question_answers(notebook):
    cards = notebook.page.locator(".course-question")
    assert cards.count() == len(load(step_of(notebook.path))["questions"])
    for i in range(cards.count()):
        card = cards.nth(i)
        card.scroll_into_view_if_needed()
        answer_by_keyboard(card, notebook.page)
        notebook.page.keyboard.press("Tab")
        notebook.page.keyboard.press("Enter")
        card.get_by_role("status").get_by_text("You said: ").wait_for()


@in_core
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


@in_core
def test_a_fast_drag_shows_many_pictures_and_ends_where_the_slider_is(explorers):
    for explorer in explorers:
        name = explorer.longest_slider()
        if name is None:
            continue
        pictures, late = explorer.drag_fast(name)
        print(f"{explorer.name}: {name}, {pictures} pictures, last {late:.0f} ms")
        # On a slider of two or three positions, the move and its opposite are often sent as one.
        long = len(positions(explorer.twin.controls[name])) > 4
        # A quiet machine shows more than twice as many.
        assert pictures >= (25 if long else 10), explorer.name
        assert late < 1000, explorer.name  # on a quiet machine, at most 150


@in_core
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


@everywhere
def test_whatever_can_be_used_has_a_name_and_is_reached_by_tab(explorers):
    for explorer in explorers:
        explorer.in_view()
        nameless, usable = explorer.accessible()
        assert not nameless, explorer.name
        wanted = {control.description for control in explorer.twin.controls.values()}
        assert wanted | {"Reset", "State"} <= {name for _, name in usable}, explorer.name
        explorer.root.locator(".course-back").focus()
        reached = explorer.tabbed_through()
        assert reached >= len(usable), f"{explorer.name}: Tab reaches {reached} of {usable}"


@in_core
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


@in_core
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


@in_core
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


@in_core
def test_train_live_moves_the_bar_starts_once_and_stops(explorers):
    for explorer in explorers:
        if not isinstance(explorer.twin, LiveExperiment):
            continue
        explorer.in_view()
        train = explorer.root.get_by_role("button", name="Train", exact=False)
        stop = explorer.root.get_by_role("button", name="Stop", exact=True)
        field = explorer.root.get_by_label("Seed", exact=True)
        note = explorer.root.locator(".course-note")
        before = explorer.root.evaluate(PLACES)
        assert stop.is_disabled()
        seeds = []
        for _ in range(2):
            train.evaluate("button => {button.click(); button.click()}")
            explorer.page.wait_for_function(
                "button => !button.disabled", arg=stop.element_handle()
            )  # else the note of the run before is read
            explorer.page.wait_for_function(
                "bar => parseFloat(bar.style.width) > 0",
                arg=explorer.root.locator(".progress-bar").element_handle(),
            )
            assert explorer.root.evaluate(PLACES) == before, "nothing jumps"
            stop.click()
            note.get_by_text("stopped at").wait_for()
            explorer.page.wait_for_function(
                "button => !button.disabled", arg=train.element_handle()
            )
            seeds.append(field.input_value())
        assert seeds[0] != seeds[1]
        explorer.reset()


@in_core
def test_the_kernels_stop_button_ends_a_training(explorers):
    for explorer in explorers:
        if not isinstance(explorer.twin, LiveExperiment):
            continue
        explorer.in_view()
        note = explorer.root.locator(".course-note")
        explorer.root.get_by_role("button", name="Train live", exact=True).click()
        note.get_by_text(
            f"seed {explorer.root.get_by_label('Seed', exact=True).input_value()}: "
        ).wait_for()
        explorer.page.evaluate("jupyterapp.commands.execute('notebook:interrupt-kernel')")
        note.get_by_text("stopped at").wait_for()
        assert not explorer.page.locator(".jp-RenderedText[data-mime-type*=error]").count()
        explorer.reset()
        break


# bad days: what is shown again, in another place, or without a kernel

FIRST = NOTEBOOKS[0]
NAMES = """root => [
    ...[...root.querySelectorAll('.noUi-handle')].map(part => part.getAttribute('aria-label')),
    ...[...root.querySelectorAll('input, select, button, .noUi-handle')].map(
        part => part.dataset.lmSuppressShortcuts),
]"""


@pytest.fixture
def first(lab):
    """The first lesson, its cells run, on a page of its own."""
    server, browser = lab
    notebook = NotebookPage(browser, server, FIRST)
    assert notebook.run_all() == []
    yield notebook
    notebook.page.close()


def check_all_is_there(page):
    """Wait until every part that can be used is named, and the picture is shown."""
    root = page.locator(".course-explorer").first
    root.locator("img").wait_for()
    page.wait_for_function(
        "root => root.querySelectorAll('.noUi-handle').length > 0"
        " && [...root.querySelectorAll('.noUi-handle')].every(h => h.getAttribute('aria-label'))",
        arg=root.element_handle(),
    )
    named = root.evaluate(NAMES)
    assert all(named)
    groups = page.locator(".course-question .widget-radio-box")
    for i in range(groups.count()):
        assert groups.nth(i).get_attribute("aria-labelledby")
    assert root.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    return root


def test_names_and_picture_survive_a_reload_a_second_tab_and_opening_again(first, lab):
    server, browser = lab
    check_all_is_there(first.page)
    first.save()
    first.page.reload()
    first.wait_for_the_kernel()
    root = check_all_is_there(first.page)
    told = root.locator(".course-told").inner_text()
    root.locator(".course-next").click()
    first.page.wait_for_function(
        "([part, text]) => part.innerText !== text",
        arg=[root.locator(".course-told").element_handle(), told],
    )
    second = NotebookPage(browser, server, FIRST, fresh=False)
    check_all_is_there(second.page)
    assert second.errors == []
    second.page.close()
    first.page.evaluate("jupyterapp.shell.currentWidget.close()")
    first.page.locator(".course-explorer").first.wait_for(state="detached")
    first.page.evaluate(f"jupyterapp.commands.execute('docmanager:open', {{path: {FIRST.name!r}}})")
    first.wait_for_the_kernel()
    check_all_is_there(first.page)
    assert first.errors == []


def test_sliders_move_by_keyboard_in_notebook_7_also_after_a_reload(lab):
    pytest.importorskip("notebook", reason="Notebook 7 comes with the extra `browser`")
    _, browser = lab
    with jupyterlab(program="notebook") as server:
        notebook = Notebook7Page(browser, server, FIRST)
        its_own = set(notebook.errors)  # of Notebook itself, before a cell has run
        assert notebook.run_all() == []
        for _ in range(2):
            check_all_is_there(notebook.page)
            (explorer,) = notebook.explorers()
            explorer.reset()
            name = explorer.longest_slider()
            for value in explorer.by_keyboard(name):
                explorer.twin.controls[name].value = value
                explorer.follows()
            explorer.reset()
            notebook.save()
            notebook.page.reload()
            notebook.wait_for_the_kernel()
        assert set(notebook.errors) <= its_own
        notebook.page.close()


def test_names_are_given_under_a_strict_content_policy(lab):
    """No script in the page's own text may run; the page part of an explorer comes as a blob."""
    _, browser = lab
    with jupyterlab(POLICY) as server:
        notebook = NotebookPage(browser, server, FIRST)
        notebook.errors.clear()  # JupyterLab's own page has a script in its text
        assert notebook.run_all() == []
        check_all_is_there(notebook.page)
        assert notebook.errors == []
        notebook.page.close()


def test_a_lesson_that_is_opened_the_next_day_says_what_to_do(first, lab):
    """Its explorer is stored as a picture, which JupyterLab does not show; see page.py."""
    server, browser = lab
    reminders = first.page.locator(".course-asleep")
    reminders.nth(1).wait_for(state="attached")  # that of the explorer, and that of the questions
    assert not any(reminder.is_visible() for reminder in reminders.all())
    first.save()
    first.end_the_kernel("shut down")
    second = NotebookPage(browser, server, FIRST)
    asleep = second.page.locator(".course-asleep")
    asleep.first.scroll_into_view_if_needed()
    asleep.first.get_by_text("Run All Cells").wait_for()
    assert second.run_all() == []
    check_all_is_there(second.page)
    assert not any(reminder.is_visible() for reminder in asleep.all())
    second.page.close()


def test_a_kernel_that_has_gone_is_told_in_the_pictures_place(first):
    for end in ("restart", "crash", "shut down"):
        root = check_all_is_there(first.page)
        height = root.locator("img").bounding_box()["height"]
        first.end_the_kernel(end)
        if end == "shut down":  # nothing tells the page, until something is sent
            root.get_by_role("slider").first.press("ArrowRight")
        lost = root.locator(".course-lost")
        lost.get_by_text("Run All Cells").wait_for()
        assert not root.locator("img").is_visible()
        assert abs(lost.bounding_box()["height"] - height) < 1
        if end == "crash":  # JupyterLab says so, too
            first.page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
        if end != "shut down":
            first.wait_for_the_kernel()
            assert first.run_all() == []


# An explorer of two rows of controls, and one that trains.
@pytest.mark.parametrize("place", [2, 5], ids=lambda place: NOTEBOOKS[place].stem)
def test_controls_and_picture_are_together_in_a_small_window(lab, place):
    server, browser = lab
    notebook = NotebookPage(browser, server, NOTEBOOKS[place], file_list=True)
    assert notebook.run_all() == []
    # Where JupyterLab has saved the lesson by itself, it first misses the widgets of that time.
    before = len(notebook.errors)
    roots = notebook.page.locator(".course-explorer")
    # 1280 × 720 at 125 % with the list of files open; 1024 × 600 without.
    for width, height, left in [(1024, 576, "open"), (1024, 600, "closed")]:
        notebook.page.set_viewport_size({"width": width, "height": height})
        if left == "closed":
            notebook.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
        for root in roots.all():
            notebook.page.wait_for_timeout(300)  # the page lays itself out anew
            root.evaluate("root => root.scrollIntoView({block: 'start'})")
            panel = notebook.page.locator(".jp-WindowedPanel-outer").bounding_box()
            image = root.locator("img").bounding_box()
            top = root.locator(".course-controls").bounding_box()["y"]
            assert image["x"] + image["width"] <= panel["x"] + panel["width"]
            assert image["y"] + image["height"] - top <= panel["height"], f"{width} × {height}"
    assert notebook.errors[before:] == []
    notebook.page.close()
