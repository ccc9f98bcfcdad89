"""What a check says, as text, in colour, and as something that a program can read."""

import html
import textwrap
from dataclasses import dataclass
from functools import wraps

WIDTH = 88  # of a line of text
SIGNS = {"right": ("✓", "#00704f"), "wrong": ("✗", "#b34700")}  # white on both: 5:1 and more


@dataclass(frozen=True)
class Verdict:
    """What a check says; shown in a notebook as its text.

    kind: "right", "not started", or how well a wrong answer is understood: "mistake" (known by
    name), "relation" (what holds between the answer and the right one), "error", "kind" (of
    another type or shape), "other".
    """

    mistake: str | None  # the mistake's name; None for a right answer
    text: str
    kind: str

    @property
    def is_right(self):
        return self.kind == "right"

    @property
    def sign(self):
        """Return ✓ or ✗ with its colour, or nothing for what was not started."""
        if self.kind == "not started":
            return "", ""
        return SIGNS["right" if self.is_right else "wrong"]

    def __repr__(self):
        lines = f"{self.sign[0]} {self.text}".strip().splitlines()
        return "\n".join(
            textwrap.fill(line, WIDTH, subsequent_indent=" " * (len(line) - len(line.lstrip())))
            for line in lines
        )

    def _repr_html_(self):
        sign, colour = self.sign
        if not sign:
            return None
        first, *rest = repr(self).removeprefix(sign).strip().splitlines()
        badge = f"background:{colour};color:#fff;padding:0 .4em;border-radius:3px"
        return (
            f'<div style="border-left:4px solid {colour};padding-left:10px">'
            f'<b><span style="{badge}">{sign}</span> {html.escape(first)}</b>'
            f'<pre style="margin:.3em 0 0">{html.escape(chr(10).join(rest))}</pre></div>'
        )


def right(text="Your answer agrees with every example."):
    return Verdict(None, f"Right. {text}", "right")


def not_started():
    return Verdict(
        "not started",
        "Not started yet: put your answer in place of the dots, then run the cell.",
        "not started",
    )


def wrong(name, why, kind="mistake"):
    return Verdict(name, f"Not yet: {name}.\n{why}".strip(), kind)


def lines(*parts):
    """Return what is to be said, a line each, without what is empty."""
    return "\n".join(part for part in parts if part)


def calm(check):
    """Make a check answer with a verdict whatever it is handed."""

    @wraps(check)
    def checked(*given, **named):
        try:
            return check(*given, **named)
        except Exception:
            return wrong("this cannot be read", "It is nothing that the check can compare.", "kind")

    return checked
