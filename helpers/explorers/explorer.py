"""The base class of every explorer: a tour's bar, controls, one persistent figure, one sentence.

A move costs little because little is drawn. What stays the same while a slider moves (axes,
ticks, labels) is drawn once for each structure (a head count, a sentence length) and kept as
pixels. A move restores those pixels, draws the few live artists over them and sends the PNG.
"""

import ast
import base64
import threading
from collections import defaultdict
from types import SimpleNamespace

import ipywidgets as widgets

from helpers.drawing.figure import frame_png, new_figure, style
from helpers.explorers import memory, tour
from helpers.explorers.page import Page, publish_reminder
from helpers.explorers.questions import load_tour

WIDTH = 864  # of an explorer, in pixels of the page
GAP = 16  # between two columns of controls
LETTER = 8  # the mean width of a letter in a label
MAX_LISTED = 16  # positions that are named where a value is refused
MAX_QUOTED = 60  # letters of a refused value that are repeated
MAX_ERROR = 300  # letters of an error that are shown
CALL = "explorer.set("


def int_slider(name, value, low, high, step=1):
    """Return a slider over whole numbers, labelled `name`."""
    return _fill(widgets.IntSlider(value=value, min=low, max=high, step=step, description=name))


def float_slider(name, value, low, high, step):
    """Return a slider over evenly spaced numbers, labelled `name`."""
    decimals = len(f"{step:g}".partition(".")[2])
    return _fill(
        widgets.FloatSlider(
            value=value, min=low, max=high, step=step, description=name,
            readout_format=f".{decimals}f",
        )
    )  # fmt: skip


def choice_slider(name, value, options):
    """Return a slider over a list of values, or of (label, value), labelled `name`."""
    slider = widgets.SelectionSlider(value=value, options=options, description=name)
    if max(len(str(label)) for label, _ in _labelled(options)) > 5:
        slider.add_class("course-wide-readout")  # one width, so that the slider never jumps
    return _fill(slider)


def moment_slider(steps):
    """Return a slider over the kept moments of a training run, named by their steps.

    steps: the training step of each moment. The slider's value counts moments from 0.
    """
    options = [(f"{step:,}", i) for i, step in enumerate(steps)]
    return choice_slider("Step", len(options) - 1, options)


def menu(name, value, options):
    """Return a drop-down list, labelled `name`."""
    return _fill(widgets.Dropdown(value=value, options=options, description=name))


def switch(name, value):
    """Return a box to tick, labelled `name`."""
    return _fill(widgets.Checkbox(value=value, description=name, indent=False))


def text_field(name, value):
    """Return a line to type in, labelled `name`, two columns wide; Enter shows what was typed."""
    field = widgets.Text(value=value, description=name, continuous_update=False)
    return span(_fill(field), 2)


def span(control, columns):
    """Give a control so many columns of the grid; return it."""
    control.layout.grid_area = f"auto / span {columns}"  # ipywidgets loses a grid_column
    return control


def _fill(control):
    """Let a control fill its place in the grid."""
    control.layout = widgets.Layout(width="auto")
    return control


def tidy_grid(controls, columns):
    """Return the controls in a grid, in their order; the labels of a column are equally wide.

    On a narrow page there are fewer columns.
    """
    by_column, column = defaultdict(list), 0
    for control in controls:
        wanted = int((control.layout.grid_area or "1").rsplit(" ", 1)[-1])
        if column + wanted > columns:
            column = 0
        if not isinstance(control, widgets.Checkbox):
            by_column[column].append(control)
        column = (column + wanted) % columns
    for group in by_column.values():
        longest = max(len(control.description) for control in group)
        for control in group:
            control.style.description_width = f"{LETTER * longest + GAP}px"
    width = (WIDTH - GAP * (columns - 1)) // columns - GAP  # a little less, for a scroll bar
    grid = widgets.GridBox(
        controls,
        layout=widgets.Layout(grid_template_columns=f"repeat(auto-fill, minmax({width}px, 1fr))"),
    )
    grid.add_class("course-controls")
    return grid


def positions(control):
    """Return every position of a control; for text, the one it holds."""
    if hasattr(control, "options"):
        return [value for _, value in _labelled(control.options)]
    if isinstance(control, widgets.Checkbox):
        return [False, True]
    if hasattr(control, "step"):
        count = round((control.max - control.min) / control.step)
        return [
            type(control.value)(round(control.min + i * control.step, 10)) for i in range(count + 1)
        ]
    return [control.value]


def offer(control, options):
    """Let a control offer these options, and keep its value, or take the nearest that is left.

    For controls that depend on another, so that they only ever offer what is valid.
    """
    if _labelled(control.options) == _labelled(options):
        return
    kept = control.value
    offered = [value for _, value in _labelled(options)]
    # A browser that hears of a list too short for where its slider is puts it on the last place,
    # and sends that back, over whatever has been chosen since. So the slider moves first.
    control.index = min(control.index, len(offered) - 1)
    control.options = options
    control.value = min(offered, key=lambda value: (abs(value - kept), value))


def _labelled(options):
    return [option if isinstance(option, tuple) else (option, option) for option in options]


def quoted(value):
    """Return a value as it would be typed, cut where it is long."""
    text = repr(value)
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


class Explorer(widgets.VBox):
    """Controls, a picture, a sentence. A subclass says what they are, in a few methods.

    make_controls()   the controls by name, in the order in which they are shown
    adapt(values)     narrows what a control offers, where one depends on another
    compute(**values) a dict of what the picture and the sentence need besides the controls' values:
                      a pure function of these, which raises ValueError for what it cannot show
    describe(result)  the sentence: what the picture shows, in words and with its numbers
    build(figure)     all axes and artists, made once and kept as attributes
    structure(result) a key for what stands still while numbers move: ticks, labels, limits
    arrange(result)   lays out what stands still; called when the structure has changed
    draw(result)      hands the numbers to the live artists and returns those

    result has the controls' values, and what compute made of them, as attributes. A class that
    names a `drawing` has its picture from there: `drawing(figure)` builds it, `arrange(*structure)`
    and `draw(result)` are its methods, and the explorer keeps it as `picture`.

    The tour (helpers/explorers/tour.py) stands in the lesson's question file. Where a stop asks
    without "before", a subclass with `holds = True` draws the stop without its answer while
    `self.held` is true: `arrange` and `draw` blank what would tell. The sentence is then the
    question. Without `holds` the picture of the stop before stays until the guess.

    The sentence is announced to screen readers and is the picture's alternative text. The texts of
    all stops with their sentences are the explorer's plain text, which a test compares. `set` puts
    the controls where they should be, `reset` brings back the first stop, `shown` is what the
    picture shows just now.
    """

    size = (WIDTH, 334)  # of the picture, in pixels of the page
    columns = 3  # of controls
    drawing = None  # a class of helpers.drawing that makes the picture
    holds = False  # whether draw can hold an answer back
    held = False  # whether it has to, just now
    samples = {}  # further texts to try in a text field, for the tests

    def __init_subclass__(cls):
        """Name the lesson, whose tours and runs a class shows, after the file of the class."""
        super().__init_subclass__()
        cls.lesson = vars(cls).get("lesson") or cls.__module__.rsplit(".", 1)[-1]

    def __init__(self, **start):
        memory.close_predecessors(self)
        self._lock = threading.RLock()  # callbacks may come on another thread than the cell's
        self._backgrounds = memory.Backgrounds()
        self._structure = None
        self._updating = False
        self._last_valid_text = {}  # by field that holds a line that cannot be shown
        self._walk = None
        self.controls = self.make_controls()
        self._wanted = self.values  # what was chosen, though it may not be offered just now
        self.figure = new_figure(self.size[0] / 96, self.size[1] / 96)
        with style():
            self.build(self.figure)
        stops = tour.read_stops(self.tour_stops(), self.values, self.holds)
        self.tour = tour.Tour(stops, self._stand_at)
        self._bar = tour.Bar(self.tour, self._from_reader)
        self._page = Page(width=self.size[0], height=self.size[1])
        grid = tidy_grid(list(self.controls.values()), self.columns)
        super().__init__([self._bar, grid, *self.rows_between(), self._page, self._foot()])
        for name in ("course-page", "course-explorer"):
            self.add_class(name)
        self.set(**(self.tour.expected if stops else start))
        if stops and start:  # a later move, so that what depends on it follows
            self.set(**start)
        self._start = self.state_values
        for control in self.controls.values():
            control.observe(self._moved, "value")

    # what a subclass may leave as it is

    def adapt(self, values):
        """Narrow what controls offer; by default no control depends on another.

        A value that is no longer offered comes back as soon as it is offered again.
        """

    def build(self, figure):
        """Make all axes and artists; by default the drawing does it."""
        self.picture = self.drawing(figure)

    def structure(self, result):
        """Return the key of what stands still; by default it is always the same."""
        return ()

    def arrange(self, result):
        """Lay out what stands still; by default the drawing does it, or build has done it."""
        if structure := self.structure(result):
            self.picture.arrange(*structure)

    def draw(self, result):
        """Move the live artists and return them; by default the drawing does it."""
        return self.picture.draw(result)

    def tour_stops(self):
        """Return the stops of the tour, as the lesson's question file lists them."""
        return load_tour(type(self))

    def rows_between(self):
        """Return what stands between the controls and the picture; by default nothing."""
        return []

    # what a reader or a test calls

    @property
    def values(self):
        """The controls' values by name; for a line that cannot be shown, the last valid one."""
        return {name: c.value for name, c in self.controls.items()} | self._last_valid_text

    @property
    def state_values(self):
        """What the state line holds: all that `set` takes."""
        return self.values

    @property
    def state(self):
        """The one line that brings the picture back: copy it, send it, paste it."""
        return f"explorer.set({', '.join(f'{n}={v!r}' for n, v in self.state_values.items())})"

    @property
    def error(self):
        """The error that is shown in the bar; "" if there is none."""
        return self._bar.error

    def set(self, **values):
        """Move controls by name and draw once; on a bad value everything stays as it was.

        Raises ValueError for a name or a value that is not offered, TypeError for the wrong kind.
        """
        with self._lock:
            before, wanted = self.values, dict(self._wanted)
            self._updating = True
            try:
                unknown = [name for name in values if name not in self.controls]
                if unknown:
                    raise ValueError(
                        f"there is no control {', '.join(unknown)[:MAX_QUOTED]}; "
                        f"choose from {', '.join(self.state_values)}"
                    )
                self._put(self._last_valid_text | values)
                self._show()
            except Exception:
                self._put(before)
                self._wanted = wanted
                raise
            finally:
                self._updating = False

    def reset(self):
        """Bring back the start: the first stop of the tour."""
        self.tour.restart()
        self.set(**self._start)

    def would_show(self, values):
        """Return what the picture shows at these values of the controls."""
        return SimpleNamespace(**(values | self.compute(**values)))

    def walk(self):
        """Return a line per stop of the tour: its text, and the sentence under the picture."""
        if self._walk is None:
            count = len(self.tour.stops)
            self._walk = [
                f"{i}/{count} {tour.told(stop)} → {self.describe(self.would_show(stop.state))}"
                for i, stop in enumerate(self.tour.stops, start=1)
            ]
        return self._walk

    def close(self):
        """Close all that is shown, and let go of all that was made; `Out` still holds the box."""
        memory.close_with_parts(self)
        super().close()
        self.children = ()
        if "_backgrounds" in vars(self):
            self._backgrounds.clear()
        memory.let_go(self)

    # how it works

    def _foot(self):
        """Make Reset and the State line; return them in a row."""
        self._reset = widgets.Button(
            description="Reset", tooltip="Back to the start", layout=widgets.Layout(width="80px")
        )
        self._state = widgets.Text(
            description="State",
            continuous_update=False,
            tooltip="Copy this line; paste another and press Enter",
            layout=widgets.Layout(flex="1 1 0", min_width="0"),
            style={"description_width": "initial"},
        )
        self._reset.on_click(lambda _: self._from_reader(self.reset))
        self._state.observe(self._pasted, "value")
        foot = widgets.HBox([self._reset, self._state])
        foot.add_class("course-foot")
        return foot

    def _stand_at(self, values):
        """Put the controls where a stop of the tour wants them."""
        self.set(**values)

    def _put(self, values):
        """Move the controls in their order, so that one that depends on another comes after it."""
        for name, control in self.controls.items():
            if name in values:
                control.value = self._wanted[name] = self._offered(name, control, values[name])
                self._last_valid_text.pop(name, None)
            self._adapt()

    def _adapt(self):
        """Let adapt narrow what is offered, and bring back what was chosen, where it can be."""
        self.adapt(self.values)
        for name, control in self.controls.items():
            wanted = self._wanted[name]
            if isinstance(control, widgets.Text) or control.value == wanted:
                continue
            if wanted in positions(control):
                control.value = wanted
                self.adapt(self.values)

    def _offered(self, name, control, value):
        """Return the value if the control offers it; a slider would clip it without a word."""
        if isinstance(control, widgets.Text):
            if not isinstance(value, str):
                kind = type(value).__name__
                raise TypeError(f"{name}={quoted(value)} is a {kind}; expected text")
            return value
        offered = positions(control)
        for position in offered:
            same_kind = isinstance(value, bool) == isinstance(position, bool)
            if same_kind and value == position:
                return position
        choices = f"choose one of {', '.join(map(repr, offered))}"
        if len(offered) > MAX_LISTED:
            choices = f"choose from {offered[0]!r} to {offered[-1]!r}"
        raise ValueError(f"{name}={quoted(value)}; {choices}")

    def _moved(self, change):
        if self._updating:
            return
        name = next(n for n, control in self.controls.items() if control is change["owner"])
        typed = isinstance(change["owner"], widgets.Text)
        self._from_reader(lambda: self._try(name, change) if typed else self._follow(name))

    def _try(self, name, change):
        """Show what was typed; a line that cannot be shown waits, and all else stays as it was."""
        others = {n: v for n, v in self.values.items() if n not in {name, *self._last_valid_text}}
        wanted = dict(self._wanted)
        valid = self._last_valid_text.pop(name, change["old"])
        try:
            self._follow(name)
        except Exception:
            self._last_valid_text[name] = valid
            self._updating = True
            try:
                self._put(others)
            finally:
                self._updating, self._wanted = False, wanted
            raise

    def _follow(self, name):
        """Draw what the reader's move of this control shows."""
        self._wanted[name] = self.controls[name].value
        self._updating = True  # adapt may move other controls: one picture is enough
        try:
            self._adapt()
        finally:
            self._updating = False
        self._show()

    def _pasted(self, change):
        if change["new"] != self.state:
            self._from_reader(lambda: self.set(**parse_state(change["new"])))

    def _from_reader(self, action):
        """Do what the reader asked; an error is shown here, and raised for whoever tests."""
        with self._lock:
            try:
                action()
            except Exception as error:
                self._alarm(error)
                raise

    def _alarm(self, error):
        """Show an error in the bar, above the picture, which stays as it was."""
        text = str(error) or repr(error)
        self._show_bar(f"{text[:MAX_ERROR]}. The picture shows the last state that worked.")

    def _show(self):
        """Compute first, so that a bad value leaves the last good picture; then draw and send."""
        with self._lock, style():
            result = self.would_show(self.values)
            sentence = self.describe(result)
            self.held = self.tour.holding and self.values == self.tour.expected
            self._blit(result)
            self.png = frame_png(self.figure)
            self.shown = result
            self.sentence = self.tour.text if self.held else sentence
            with self._page.hold_sync():  # one message: picture and sentence agree
                self._page.picture, self._page.sentence = self.png, self.sentence
            self._show_bar(self.error if self._last_valid_text else "")
            self._state.value = self.state

    def _show_bar(self, error):
        self._bar.show(moved=bool(self.tour.stops) and self._has_left_the_stop(), error=error)

    def _has_left_the_stop(self):
        """Return whether the tour's text speaks of another picture than the one that is shown."""
        return self.values != self.tour.expected

    def _blit(self, result):
        canvas = self.figure.canvas
        structure = self.structure(result), self.held
        if structure != self._structure:
            self._structure = None  # half arranged, should arrange fail
            self.arrange(result)
            self._structure = structure
        # Matplotlib draws by zorder, whatever the order of the list: so must we.
        live = sorted(self.draw(result), key=lambda artist: artist.get_zorder())
        background = self._backgrounds.get(structure)
        if background is None:
            for artist in live:
                artist.set_animated(True)  # left out of the full draw below
            canvas.draw()
            background = canvas.copy_from_bbox(self.figure.bbox)
            width, height = canvas.get_width_height()
            self._backgrounds.keep(structure, background, 4 * width * height)
        canvas.restore_region(background)
        renderer = canvas.get_renderer()
        for artist in live:
            artist.draw(renderer)

    def _repr_mimebundle_(self, **kwargs):
        publish_reminder()
        data = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = "\n".join(self.walk()) or self.sentence
        data["image/png"] = base64.b64encode(self.png).decode()
        width, height = self.size
        return data, {"image/png": {"alt": self.sentence, "width": width, "height": height}}


# What chat programs put in place of what was typed.
FROM_CHATS = str.maketrans(
    {c: '"' for c in "“”„‟«»"} | {c: "'" for c in "‘’‚‛"}
    | {c: " " for c in "\u00a0\u2007\u202f\r\n\t"} | {c: None for c in "`\u200b\ufeff"}
)  # fmt: skip


def parse_state(line):
    """Return the values in a line such as explorer.set(n_heads=4, seed=3).

    Only names and plain values are read; nothing is ever run. Curly quotes, no-break spaces,
    back-ticks, a full stop behind the line and a missing `explorer.set(` are forgiven.
    Raises ValueError for a line of another form.
    """
    repaired = line.translate(FROM_CHATS).strip().rstrip(".;, ")
    for call in (line.strip(), repaired, f"{CALL}{repaired})", f"{CALL}{repaired}"):
        try:
            return _arguments(call)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue  # too deeply nested, or of another form
    raise ValueError(
        f"this state cannot be read: {quoted(line)}; "
        "expected a line such as explorer.set(n_heads=4, seed=3)"
    )


def _arguments(text):
    """Return the keyword arguments of a call, as plain values."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call) or call.args or not call.keywords:
        raise ValueError
    if None in (keyword.arg for keyword in call.keywords):
        raise ValueError
    return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
