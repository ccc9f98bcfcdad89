"""How long a core lesson takes in class, by a formula; the lesson states what comes out.

    python tests/lesson_minutes.py

Words are read at 110 per minute, as by a reader in a second language. A line of code takes 6
seconds. A stop of a tour takes half a minute, a stop that asks takes a whole one. The class asks
two questions, each of two minutes. The sum is rounded up to five minutes.
"""

import json
import math
import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
CORE = sorted((ROOT / "notebooks").glob("*.ipynb"))
DEEPER = sorted((ROOT / "notebooks" / "deeper").glob("*.ipynb"))
WORDS_PER_MINUTE, CODE_LINE, STOP, ASKING_STOP, QUESTION = 110, 6 / 60, 0.5, 1, 2


def cells(path, kind=None):
    """Return all cells of a notebook, or those of a kind."""
    found = nbformat.read(path, as_version=4).cells
    return [cell for cell in found if kind in (None, cell.cell_type)]


def prose(path):
    """Return all words of a notebook."""
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def before_exercises(path):
    """Return the cells above the heading Exercises: what a class reads."""
    found = []
    for cell in cells(path):
        if cell.cell_type == "markdown" and re.search(r"^#+ .*Exercises", cell.source, re.M):
            return found
        found.append(cell)
    raise ValueError(f"{path.name} has no heading 'Exercises'")


def code_lines(cell):
    """Return the lines of a code cell that are not empty."""
    return [line for line in cell.source.splitlines() if line.strip()]


def stops(path):
    """Return the stops of all tours of the explorers that the core lesson shows."""
    questions = ROOT / "helpers" / "data" / "questions" / f"{path.stem[3:]}.json"
    tours = json.loads(questions.read_text(encoding="utf-8")).get("tours", {})
    code = "\n".join(c.source for c in before_exercises(path) if c.cell_type == "code")
    return [stop for name, tour in tours.items() if f"{name}(" in code for stop in tour]


def minutes(path):
    """Return the minutes of a core lesson by the formula, not yet rounded."""
    core = before_exercises(path)
    words = sum(len(cell.source.split()) for cell in core if cell.cell_type == "markdown")
    lines = sum(len(code_lines(cell)) for cell in core if cell.cell_type == "code")
    walked = sum(ASKING_STOP if "ask" in stop else STOP for stop in stops(path))
    return words / WORDS_PER_MINUTE + lines * CODE_LINE + walked + 2 * QUESTION


def stated(path):
    """Return the minutes that the lesson says it takes."""
    text = "\n".join(c.source for c in before_exercises(path) if c.cell_type == "markdown")
    return int(re.search(r"\*\*Time\.?\*\*\s*(\d+) minutes", text)[1])


if __name__ == "__main__":
    for path in CORE:
        measured = minutes(path)
        rounded = 5 * math.ceil(measured / 5)
        print(f"{path.stem:25s} {measured:5.1f} → {rounded}, stated {stated(path)}")
