"""Questions with an answer to every choice.

The texts stand in helpers/data/questions/<lesson>.json, and nowhere else, so that they can be
translated: five "questions", and the "tours" of the explorers. A question has either

    choices   each with what it says and why it is right or wrong; one is marked right
    number    the answer, with "within" (how far a guess may be off), "why", "mistakes"
              (numbers that come of a known mistake, each with its why) and "otherwise"
"""

import html
import json
from importlib.resources import files

import ipywidgets as widgets

from helpers.explorers import memory
from helpers.explorers.numbers import read_number
from helpers.explorers.page import Page, publish_reminder


def load(lesson):
    """Return the questions and tours of a lesson, as they stand in its file."""
    path = files("helpers") / "data" / "questions" / f"{lesson}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def load_tour(kind):
    """Return the stops of an explorer class, as they stand in its lesson's file; [] for none."""
    path = files("helpers") / "data" / "questions" / f"{kind.lesson}.json"
    return load(kind.lesson).get("tours", {}).get(kind.__name__, []) if path.is_file() else []


class Question(widgets.VBox):
    """A question, a way to answer, and what is said to the answer; `said` holds the last words."""

    def __init__(self, data, title, button):
        self.data, self.said = data, ""
        asked = widgets.HTML(
            f'<div class="course-asked"><b>{html.escape(title)}</b> '
            f"{html.escape(data['question'])}</div>"
        )
        if "choices" in data:
            self.field = widgets.RadioButtons(
                options=[(choice["says"], i) for i, choice in enumerate(data["choices"])],
                index=None,
                layout=widgets.Layout(width="auto", max_width="860px"),
            )
        else:
            self.field = widgets.Text(
                description="Your number", style={"description_width": "initial"}
            )
        self.check = widgets.Button(description=button, layout=widgets.Layout(width="auto"))
        self.check.on_click(lambda _: self._checked())
        self._status = widgets.HTML()
        self._say([])
        super().__init__([asked, self.field, self.check, self._status])
        self.add_class("course-question")

    def answer(self, value):
        """Answer as a reader would: the place of a choice, or a number."""
        self.field.value = value if "choices" in self.data else str(value)
        self._checked()

    def _checked(self):
        if self.field.value in (None, ""):
            self._say([("", "Give an answer first.")])
            return
        try:
            guess, right, why = self._judged()
        except ValueError as error:
            self._say([("", f"{error}.")])
            return
        verdict = ("✓", f"Right: {why}") if right else ("✗", f"Not so: {why}")
        self._say([("", f"You said: {guess}"), verdict])

    def _judged(self):
        """Return what was said, whether it is right, and why."""
        if "choices" in self.data:
            choice = self.data["choices"][self.field.value]
            return choice["says"], choice.get("right", False), choice["why"]
        data = self.data
        known = [data["number"], *(mistake["number"] for mistake in data["mistakes"])]
        number = read_number(self.field.value, near=known)
        if abs(number - data["number"]) <= data["within"]:
            return self.field.value, True, data["why"]
        for mistake in data["mistakes"]:
            if abs(number - mistake["number"]) <= data["within"]:
                return self.field.value, False, mistake["why"]
        return self.field.value, False, data["otherwise"]

    def _say(self, parts):
        """Put guess and verdict, each with its sign, side by side; screen readers speak them."""
        self.said = " ".join(f"{sign} {text}".strip() for sign, text in parts)
        kinds = {"✓": "course-right", "✗": "course-wrong", "": ""}
        boxes = "".join(
            f'<div class="{kinds[sign]}"><span class="course-sign">{sign}</span> '
            f"{html.escape(text)}</div>"
            for sign, text in parts
        )
        self._status.value = f'<div role="status" class="course-verdict">{boxes}</div>'


def written(data, title):
    """Return a question as plain text, for whoever reads the notebook without running it."""
    lines = [f"{title} {data['question']}"]
    lines += [f"  {letter}) {c['says']}" for letter, c in zip("abcdef", data.get("choices", []))]  # noqa: B905
    return "\n".join(lines)


class Questions(widgets.VBox):
    """The questions of a lesson, one below the other."""

    def __init__(self, lesson):
        asked = load(lesson)["questions"]
        titles = [f"Question {i + 1}." for i in range(len(asked))]
        self.text = "\n\n".join(map(written, asked, titles))
        self.cards = [
            Question(data, title, f"Check answer {i + 1}")
            for i, (data, title) in enumerate(zip(asked, titles, strict=True))
        ]
        super().__init__([*self.cards, Page()], layout=widgets.Layout(grid_gap="14px"))
        self.add_class("course-page")
        memory.close_predecessors(self)

    def close(self):
        """Close all that is shown."""
        memory.close_with_parts(self)
        super().close()
        self.children = ()
        memory.let_go(self)

    def _repr_mimebundle_(self, **kwargs):
        publish_reminder()
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": self.text}


def ask(lesson):
    """Return the questions of a lesson, to be shown."""
    return Questions(lesson)
