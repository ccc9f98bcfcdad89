"""Questions with an answer to every choice, and a guess that opens an explorer.

The texts stand in helpers/data/questions/<lesson>.json, and nowhere else, so that they can be
translated: "predictions" by explorer, and five "questions". A question has either

    choices   each with what it says and why it is right or wrong; one is marked right
    number    the answer, with "within" (how far a guess may be off), "why", "mistakes"
              (numbers that come of a known mistake, each with its why) and "otherwise"
"""

import html
import json
from importlib.resources import files

import ipywidgets as widgets

from helpers.explorers.numbers import read_number

# The smallest picture there is. Its onload is the one place that can put right what ipywidgets
# leaves out: radio buttons get a common name, so that the arrow keys work, and their group a label;
# and JupyterLab leaves the arrow keys to them, which else would move to another cell.
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
NAME_THE_GROUP = (
    "const card=this.closest('.course-question');let tries=50;(function name(){"
    "const box=card.querySelector('.widget-radio-box');"
    "if(!box){if(tries--)setTimeout(name,100);return}"
    "const text=card.querySelector('.course-asked');"
    "text.id=text.id||'asked-'+Math.random().toString(36).slice(2);"
    "box.setAttribute('role','radiogroup');box.setAttribute('aria-labelledby',text.id);"
    "box.querySelectorAll('input').forEach(i=>{i.name=text.id;"
    "i.dataset.lmSuppressShortcuts='true'})})()"
)
# A long choice takes two lines, where ipywidgets leaves room for one.
STYLE = (
    "<style>.course-question .widget-radio-box label{height:auto;min-height:24px;"
    "display:flex;align-items:flex-start;line-height:1.4;padding:2px 0;white-space:normal}"
    ".course-question .widget-radio-box input{flex:none;order:-1}</style>"
)


def load(lesson):
    """Return the predictions and questions of a lesson, as they stand in its file."""
    path = files("helpers") / "data" / "questions" / f"{lesson}.json"
    return json.loads(path.read_text(encoding="utf-8"))


class Question(widgets.VBox):
    """A question, a way to answer, and what is said to the answer; `said` holds the last words.

    A subclass may do more in `answered`, which is called after each answer.
    """

    def __init__(self, data, title, button="Check"):
        self.data, self.said = data, ""
        asked = widgets.HTML(
            f'{STYLE}<div class="course-asked" style="line-height:1.4;max-width:860px">'
            f"<b>{html.escape(title)}</b> {html.escape(data['question'])}</div>"
            f'<img alt="" style="position:absolute" src="{DOT}" '
            f'onload="{html.escape(NAME_THE_GROUP)}">'
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
        self.buttons = widgets.HBox([self.check])
        self._status = widgets.HTML()
        self._say([])
        super().__init__([asked, self.field, self.buttons, self._status])
        self.add_class("course-question")

    def answer(self, value):
        """Answer as a reader would: the place of a choice, or a number."""
        self.field.value = value if "choices" in self.data else str(value)
        self._checked()

    def _checked(self):
        if self.field.value in (None, ""):
            self._say(["Give an answer first."])
            return
        try:
            guess, right, why = self._judged()
        except ValueError as error:
            self._say([f"{error}."])
            return
        self.answered(guess, right, why)

    def answered(self, guess, right, why):
        """Say whether the answer is right, and why; a wrong one may be tried again."""
        self._say([f"You said: {guess}", f"{'Right' if right else 'Not so'}: {why}"])

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
        """Put guess and truth side by side, and let screen readers speak them."""
        self.said = " ".join(parts)
        boxes = "".join(
            '<div style="flex:1 1 240px;max-width:420px;border-left:4px solid currentColor;'
            f'padding:0 10px;line-height:1.4">{html.escape(part)}</div>'
            for part in parts
        )
        self._status.value = (
            '<div role="status" aria-live="polite" '
            f'style="display:flex;flex-wrap:wrap;gap:6px 18px">{boxes}</div>'
        )


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
        super().__init__(self.cards, layout=widgets.Layout(grid_gap="14px"))

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": self.text}


class PredictFirst(Question):
    """A guess, and below it an explorer that opens when the guess is made, or skipped.

    After a guess the explorer stands where the answer can be seen. Nothing waits for the reader:
    run without one, the explorer can be used as ever, and the picture that is kept is its own.
    """

    def __init__(self, explorer):
        kind = type(explorer)
        lesson = kind.__module__.rsplit(".", 1)[-1]
        self.explorer = explorer
        super().__init__(load(lesson)["predictions"][kind.__name__], "Predict first.", "Guess")
        self.skip = widgets.Button(
            description="Skip, open the explorer", layout=widgets.Layout(width="auto")
        )
        self.skip.on_click(lambda _: self.unlock())
        self.buttons.children = [self.check, self.skip]
        explorer.layout.display = "none"
        height = explorer.figure.canvas.get_width_height()[1] + 100  # what the explorer will take
        self.closed = widgets.HTML(
            f'<div style="height:{height}px;max-width:896px;border:1px dashed currentColor;'
            'box-sizing:border-box;padding:10px">The explorer opens here.</div>'
        )
        self.children = [*self.children, self.closed, explorer]

    def unlock(self):
        """Show the explorer."""
        self.explorer.layout.display = None
        self.skip.layout.display = self.closed.layout.display = "none"

    def answered(self, guess, right, why):
        """Put the guess beside what happens, and open the explorer where it can be seen."""
        if "choices" in self.data:
            choice = next(choice for choice in self.data["choices"] if "right" in choice)
            truth, reason = choice["says"], choice["why"]
        else:
            truth, reason = f"{self.data['number']:g}", self.data["why"]
        guess = guess if right else f"{guess}. {why}"
        self._say([f"Your guess: {guess}", f"What happens: {truth}. {reason}"])
        self.explorer.set(**self.data["shows"])
        self.unlock()

    def _repr_mimebundle_(self, **kwargs):
        kept = self.explorer._repr_mimebundle_()
        shown = super()._repr_mimebundle_(**kwargs)
        return shown | {kind: kept[kind] for kind in ("text/plain", "image/png")}


def ask(lesson):
    """Return the questions of a lesson, to be shown."""
    return Questions(lesson)
