"""A tour through an explorer: a few stops, each a text above the picture, walked with one key.

The stops of an explorer stand in helpers/data/questions/<lesson>.json, under "tours" and the name
of its class. A stop either tells or asks:

    {"text": "Knock out head 2: its three numbers of concat become 0.", "state": {"knocked_out": 2}}

    {"ask": "Which word does Thinking look at?", "state": {"query": 0}, "before": {"shown": false},
     "choices": [{"says": "Thinking", "why": "its score is 1, against 4"},
                 {"says": "Machines", "why": "4 beats 1", "right": true}]}

`state` names the controls that the stop moves. All others stand where the stop before left them;
before the first stop, where `make_controls` put them. So each stop is one full state.
A stop that asks holds its answer back until a guess, or until the second press on ▶:

    with "before"            the controls stand there until then (on top of the stop before)
    holds = True (a class)   the explorer draws the stop with `self.held` true, without the answer
    neither                  the picture of the stop before stays
"""

import html
from typing import NamedTuple

import ipywidgets as widgets

MAX_CHOICES = 4


class Stop(NamedTuple):
    """One stop: what it says, and where the controls stand."""

    text: str  # for a stop that asks, the question
    state: dict  # the value of every control
    before: dict | None  # the same, until the guess; None where the picture itself holds back
    choices: tuple  # of dicts with says, why and, once, right; empty for a stop that tells

    @property
    def right(self):
        """Return the choice that is right."""
        return next(choice for choice in self.choices if choice.get("right"))


def read_stops(data, start, holds):
    """Return the stops that `data` lists, from the controls' first values on.

    data: a list of dicts, as in the file. holds: whether the picture can hold an answer back.
    """
    stops, state = [], start
    for entry in data:
        last, state = state, state | entry.get("state", {})
        before = None
        if "ask" in entry and ("before" in entry or not holds):
            before = last | entry.get("before", {})
        choices = tuple(entry.get("choices", ()))
        stops.append(Stop(entry.get("ask") or entry["text"], state, before, choices))
    return stops


class Tour:
    """Where the tour of an explorer stands. Stops and choices are counted from 0."""

    def __init__(self, stops, move):
        """`move` puts the controls where a stop wants them: it takes all their values by name."""
        self.stops = stops
        self._move = move
        self.restart()

    def restart(self):
        """Stand at the first stop again, and leave the controls alone."""
        self.at = 0
        self.guessed = None  # the choice that was taken
        self.waiting = bool(self.stops and self.stops[0].choices)  # for a guess

    @property
    def stop(self):
        """The stop where the tour stands."""
        return self.stops[self.at]

    @property
    def expected(self):
        """The values that the text speaks of."""
        waits = self.waiting and self.stop.before is not None
        return self.stop.before if waits else self.stop.state

    @property
    def holding(self):
        """Whether the picture itself has to hold the answer back."""
        return self.waiting and self.stop.before is None

    def go(self, i):
        """Go to a stop, and move the controls there."""
        self._stand(i, waiting=bool(self.stops[i].choices))

    def next(self):
        """Show the answer that is held back, or go to the next stop; at the last one, stay."""
        if self.waiting:
            self._stand(self.at, waiting=False)
        elif self.at + 1 < len(self.stops):
            self.go(self.at + 1)

    def back(self):
        """Go to the stop before; at the first one, begin it again."""
        self.go(max(self.at - 1, 0))

    def guess(self, i):
        """Take a choice, and show the answer."""
        if not 0 <= i < len(self.stop.choices):
            raise ValueError(f"there is no choice {i}; the stop has {len(self.stop.choices)}")
        self._stand(self.at, waiting=False, guessed=i)

    def _stand(self, at, waiting, guessed=None):
        self.at, self.waiting, self.guessed = at, waiting, guessed
        self._move(self.expected)

    @property
    def parts(self):
        """The line in the bar as (text, kind) pairs; kind: "", "strong", "right" or "wrong"."""
        stop = self.stop
        if not stop.choices or self.waiting:
            return [(stop.text, "")]
        right = stop.right
        if self.guessed is None:
            return [("it is: ", ""), (right["says"], "strong"), (f", because {right['why']}", "")]
        guessed = stop.choices[self.guessed]
        said, because = ("you: ", ""), f"because {guessed['why']}"
        if guessed is right:
            return [said, (guessed["says"], "strong"), (" ✓ ", "right"), (because, "")]
        return [
            said, (guessed["says"], ""), (" ✗ ", "wrong"), ("· it is: ", ""),
            (right["says"], "strong"), (f", {because}", ""),
        ]  # fmt: skip

    @property
    def text(self):
        """The line in the bar."""
        return "".join(text for text, _ in self.parts)


def told(stop):
    """Return what a stop tells, with its answer, for a reader who cannot press ▶."""
    if not stop.choices:
        return stop.text
    choices = " · ".join(choice["says"] for choice in stop.choices)
    return f"{stop.text} ({choices}) It is: {stop.right['says']}, because {stop.right['why']}."


class Bar(widgets.HBox):
    """The tour's line above an explorer: ◀ 2/4 ▶, the text, and choices where a stop asks.

    An error takes the place of the text, so that nothing moves when it comes or goes.
    """

    def __init__(self, tour, act):
        """`act` runs what a button does, and shows what goes wrong."""
        self._tour = tour
        self._back = _button("◀", "One stop back (PageUp)", "course-step", "course-back")
        self._next = _button("▶", "Next stop (PageDown)", "course-step", "course-next")
        self._place, self._told, self._alert = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._told.add_class("course-told")
        self._alert.add_class("course-alert")
        self._choices = [_button("", "", "course-choice") for _ in range(MAX_CHOICES)]
        self._back.on_click(lambda _: act(tour.back))
        self._next.on_click(lambda _: act(tour.next))
        for i, button in enumerate(self._choices):
            button.on_click(lambda _, i=i: act(lambda: tour.guess(i)))
        if not tour.stops:
            for part in (self._back, self._place, self._next):
                part.layout.display = "none"
            self._told.value = "Move a control: the picture and its sentence follow."
        self.error = ""
        super().__init__(
            [self._back, self._place, self._next, self._told, *self._choices, self._alert]
        )
        self.add_class("course-bar")

    def show(self, moved, error):
        """Show the tour's line: pale where the controls were moved away; or else an error."""
        tour, self.error = self._tour, error
        choices = tour.stop.choices if tour.stops and tour.waiting and not error else ()
        if tour.stops:
            place = f"{tour.at + 1}/{len(tour.stops)}"
            self._place.value = f"<b>{place}</b>"
            self._told.value = _markup(tour.parts)
        self._alert.value = f'<div role="alert">{html.escape(error)}</div>' if error else ""
        _have_class(self._told, "course-pale", moved)
        _have_class(self._told, "course-asks", bool(choices))
        _have_class(self._next, "course-end", bool(tour.stops) and tour.at + 1 == len(tour.stops))
        self._told.layout.display = "none" if error else None
        self._alert.layout.display = None if error else "none"
        for i, button in enumerate(self._choices):
            button.description = choices[i]["says"] if i < len(choices) else ""
            button.layout.display = None if i < len(choices) else "none"


def _button(text, tooltip, *classes):
    button = widgets.Button(description=text, tooltip=tooltip)
    for name in classes:
        button.add_class(name)
    return button


def _markup(parts):
    kinds = {"strong": "<b>{}</b>", "": "{}"}
    line = "".join(
        kinds.get(kind, f'<span class="course-{kind}">{{}}</span>').format(html.escape(text))
        for text, kind in parts
    )
    return f'<div role="status">{line}</div>'


def _have_class(widget, name, wanted):
    (widget.add_class if wanted else widget.remove_class)(name)
