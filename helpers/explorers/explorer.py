"""The machine behind every explorer: controls above one persistent figure above one sentence.

A move costs little because little is drawn. What stays the same while a slider moves (axes,
ticks, labels) is drawn once for each structure (a head count, a sentence length) and kept as
pixels; a move restores those pixels, draws the few live artists over them and sends the PNG.
"""

import ast
import base64
import html
import itertools
import threading
from collections import OrderedDict

import ipywidgets as widgets

from helpers.drawing.figure import frame_png, new_figure, shown_size, style
from helpers.explorers.questions import PredictFirst

MOST_BACKGROUNDS = 16

# JupyterLab gives a slider's handle no name that a screen reader could say. The picture is
# rewritten at each move, so it is the one place that can hand every handle its label's text.
NAME_THE_SLIDERS = (
    "this.closest('.course-explorer')?.querySelectorAll('.widget-slider').forEach(s=>{"
    "const name=s.querySelector('label')?.textContent||'';"
    "s.querySelector('.noUi-handle')?.setAttribute('aria-label',name);"
    "const r=s.querySelector('.widget-readout');"
    "r?.setAttribute('role','textbox');r?.setAttribute('aria-label',name+' (type a number)')})"
)
# JupyterLab takes the arrow keys from a menu that has the focus, and goes to another cell.
KEEP_THE_ARROWS = (
    "this.closest('.course-explorer')?.querySelectorAll('select').forEach("
    "s=>{s.dataset.lmSuppressShortcuts='true'})"
)
ONCE_SHOWN = html.escape(f"{NAME_THE_SLIDERS};{KEEP_THE_ARROWS}")


def int_slider(name, value, low, high, step=1):
    """Return a slider over whole numbers, labelled `name`."""
    return _roomy(widgets.IntSlider(value=value, min=low, max=high, step=step, description=name))


def float_slider(name, value, low, high, step):
    """Return a slider over evenly spaced numbers, labelled `name`."""
    return _roomy(widgets.FloatSlider(value=value, min=low, max=high, step=step, description=name))


def choice_slider(name, value, options):
    """Return a slider over a list of values, labelled `name`."""
    slider = widgets.SelectionSlider(value=value, options=options, description=name)
    return _roomy(slider, 260)  # the option beside the slider may be a word


def menu(name, value, options):
    """Return a drop-down list, labelled `name`."""
    return _roomy(widgets.Dropdown(value=value, options=options, description=name))


def switch(name, value):
    """Return a box to tick, labelled `name`."""
    return widgets.Checkbox(
        value=value, description=name, indent=False, layout=widgets.Layout(width="auto")
    )


def text_field(name, value):
    """Return a line to type in, labelled `name`; it speaks when Enter is pressed."""
    field = widgets.Text(value=value, description=name, continuous_update=False)
    return _roomy(field, 360)


def _roomy(control, rest=220):
    """Give the label the room it needs, so that it is never cut off; `rest` is for the control."""
    control.style.description_width = "initial"
    control.layout = widgets.Layout(width=f"{round(7.5 * len(control.description)) + rest}px")
    return control


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


class Explorer(widgets.VBox):
    """Controls, a picture, a sentence. A subclass says what they are, in a few methods.

    make_controls()   the controls by name, in the order in which they are shown
    adapt(values)     narrows what a control offers, where one depends on another
    build(figure)     all axes and artists, made once and kept as attributes
    compute(**values) everything the picture and the sentence need: a pure function of the
                      controls' values, which raises ValueError for what it cannot show
    describe(result)  the sentence: what the picture shows, in words and with its numbers
    structure(result) a key for what stands still while numbers move: ticks, labels, limits
    arrange(result)   lays out what stands still; called when the structure has changed
    draw(result)      hands the numbers to the live artists and returns those

    The sentence is announced to screen readers, is the picture's alternative text, and is what
    a test compares. `set` puts the controls where they should be, `reset` where they started.
    """

    size = (9.0, 4.4)  # inches at 96 dots an inch
    samples = {}  # further texts to try in a text field, for sweep

    def __init__(self, **start):
        self._lock = threading.RLock()  # callbacks may come on another thread than the cell's
        self._backgrounds = OrderedDict()
        self._structure = None
        self._quiet = False
        self._good_text = {}  # of a field that holds a line that cannot be shown: the last good one
        self.controls = self.make_controls()
        self.figure = new_figure(*self.size)
        with style():
            self.build(self.figure)
        self._card, self._alert = widgets.HTML(), widgets.HTML()
        self._reset = widgets.Button(
            description="Reset", tooltip="Back to the start", layout=widgets.Layout(width="80px")
        )
        self._state = widgets.Text(
            description="State",
            continuous_update=False,
            tooltip="Copy this line; paste another and press Enter",
            layout=widgets.Layout(width="640px", max_width="85%"),
            style={"description_width": "initial"},
        )
        super().__init__(
            [
                widgets.HBox(
                    list(self.controls.values()),
                    layout=widgets.Layout(flex_flow="row wrap", grid_gap="2px 18px"),
                ),
                self._alert,
                self._card,
                widgets.HBox([self._reset, self._state]),
            ],
            layout=widgets.Layout(max_width="900px"),
        )
        self.add_class("course-explorer")
        self.set(**start)
        self._start = self.values
        for control in self.controls.values():
            control.observe(self._moved, "value")
        self._reset.on_click(lambda _: self._from_reader(self.reset))
        self._state.observe(self._pasted, "value")

    # what a subclass may leave as it is

    def adapt(self, values):
        """Narrow what controls offer; by default no control depends on another."""

    def structure(self, result):
        """Return the key of what stands still; by default it is always the same."""
        return ()

    def arrange(self, result):
        """Lay out what stands still; by default build has done it."""

    # what a reader or a test calls

    @property
    def values(self):
        """The controls' values by name; for a line that cannot be shown, the last good one."""
        return {name: control.value for name, control in self.controls.items()} | self._good_text

    @property
    def state(self):
        """The one line that brings the picture back: copy it, send it, paste it."""
        return f"explorer.set({', '.join(f'{n}={v!r}' for n, v in self.values.items())})"

    def set(self, **values):
        """Move controls by name and draw once; on a bad value everything stays as it was.

        Raises ValueError for a name or a value that is not offered, TypeError for the wrong kind.
        """
        with self._lock:
            before = self.values
            self._quiet = True
            try:
                unknown = [name for name in values if name not in self.controls]
                if unknown:
                    raise ValueError(
                        f"there is no control {', '.join(unknown)}; "
                        f"choose from {', '.join(self.controls)}"
                    )
                self._put(self._good_text | values)
                self._show()
            except Exception:
                self._put(before)
                raise
            finally:
                self._quiet = False

    def reset(self):
        """Bring back the start."""
        self.set(**self._start)

    def predict_first(self):
        """Return a guess to be made, above this explorer, which the guess opens."""
        return PredictFirst(self)

    def sweep(self):
        """Drive every position of every control, and every pair of controls at their ends.

        Returns the sentences in order, one a move, for the tests; ends at the start.
        """
        sentences = []
        for name, control in self.controls.items():
            self.reset()
            for value in [*positions(control), *self.samples.get(name, ())]:
                self.set(**{name: value})
                sentences.append(self.sentence)
        for one, other in itertools.combinations(self.controls, 2):
            for end_of_one, end_of_other in itertools.product((0, -1), repeat=2):
                self.reset()
                self.set(**{one: positions(self.controls[one])[end_of_one]})
                self.set(**{other: positions(self.controls[other])[end_of_other]})
                sentences.append(self.sentence)
        self.reset()
        return sentences

    def drawn_whole(self):
        """Return the same picture drawn from nothing, with no kept pixels: the test's yardstick."""
        with self._lock, style():
            live = self.draw(self.compute(**self.values))
            for artist in live:
                artist.set_animated(False)
            self.figure.canvas.draw()
            for artist in live:
                artist.set_animated(True)
            return frame_png(self.figure)

    # how it works

    def _put(self, values):
        """Move the controls in their order, so that one that depends on another comes after it."""
        for name, control in self.controls.items():
            if name in values:
                control.value = self._offered(name, control, values[name])
                self._good_text.pop(name, None)
            self.adapt(self.values)

    def _offered(self, name, control, value):
        """Return the value if the control offers it; a slider would clip it without a word."""
        if isinstance(control, widgets.Text):
            if not isinstance(value, str):
                raise TypeError(f"{name}={value!r} is a {type(value).__name__}; expected text")
            return value
        offered = positions(control)
        for position in offered:
            same_kind = isinstance(value, bool) == isinstance(position, bool)
            if same_kind and value == position:
                return position
        if len(offered) > 16:
            raise ValueError(f"{name}={value!r}; choose from {offered[0]} to {offered[-1]}")
        raise ValueError(f"{name}={value!r}; choose one of {', '.join(map(repr, offered))}")

    def _moved(self, change):
        if not self._quiet:
            typed = isinstance(change["owner"], widgets.Text)
            self._from_reader(lambda: self._try(change) if typed else self._follow())

    def _try(self, change):
        """Show what was typed; a line that cannot be shown waits, and all else goes on moving."""
        name = next(n for n, control in self.controls.items() if control is change["owner"])
        good = self._good_text.pop(name, change["old"])
        try:
            self._follow()
        except Exception:
            self._good_text[name] = good
            raise

    def _follow(self):
        self._quiet = True  # adapt may move other controls: one picture is enough
        try:
            self.adapt(self.values)
        finally:
            self._quiet = False
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
        """Show an error above the picture, which stays as it was."""
        self._alert.value = (
            '<p role="alert" style="background:#FFF;color:#8C1C13;margin:4px 0;'
            'padding:4px 10px;border-left:4px solid #8C1C13">'
            f"{html.escape(str(error) or repr(error))}. "
            "The picture shows the last state that worked.</p>"
        )

    def _show(self):
        """Compute first, so that a bad value leaves the last good picture; then draw and send."""
        with self._lock, style():
            result = self.compute(**self.values)
            self.sentence = self.describe(result)
            self._blit(result)
            self.png = frame_png(self.figure)
            self._card.value = self._drawn_card()  # one message: picture and sentence agree
            if not self._good_text:
                self._alert.value = ""
            self._state.value = self.state

    def _drawn_card(self):
        width, height = shown_size(self.figure)
        sentence = html.escape(self.sentence)
        return (
            '<div style="background:#FFF;color:#222">'
            f'<img width="{width}" height="{height}" decoding="sync" alt="{sentence}" '
            f'style="max-width:100%;height:auto" onload="{ONCE_SHOWN}" '
            f'src="data:image/png;base64,{base64.b64encode(self.png).decode()}">'
            '<p role="status" aria-live="polite" style="min-height:2.6em;margin:0;'
            f'padding:4px 12px 6px;line-height:1.3;font-size:14px">{sentence}</p></div>'
        )

    def _blit(self, result):
        canvas = self.figure.canvas
        structure = self.structure(result)
        if structure != self._structure:
            self._structure = None  # half arranged, should arrange fail
            with style():
                self.arrange(result)
            self._structure = structure
        # Matplotlib draws by zorder, whatever the order of the list: so must we.
        live = sorted(self.draw(result), key=lambda artist: artist.get_zorder())
        if structure in self._backgrounds:
            self._backgrounds.move_to_end(structure)
        else:
            for artist in live:
                artist.set_animated(True)  # left out of the full draw below
            with style():
                canvas.draw()
            self._backgrounds[structure] = canvas.copy_from_bbox(self.figure.bbox)
            if len(self._backgrounds) > MOST_BACKGROUNDS:
                self._backgrounds.popitem(last=False)
        canvas.restore_region(self._backgrounds[structure])
        renderer = canvas.get_renderer()
        for artist in live:
            artist.draw(renderer)

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = self.sentence
        bundle["image/png"] = base64.b64encode(self.png).decode()
        return bundle


def parse_state(line):
    """Return the values in a line such as explorer.set(n_heads=4, seed=3).

    Only names and plain values are read; nothing is ever run.
    Raises ValueError for a line of another form.
    """
    expected = "expected a line such as explorer.set(n_heads=4, seed=3)"
    try:
        call = ast.parse(line.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or call.args or None in (k.arg for k in call.keywords):
            raise ValueError
        return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):  # nested too deeply
        raise ValueError(f"this state cannot be read: {line[:60]!r}; {expected}") from None
