"""Grade a notebook that a student hands in: run it in a fresh kernel, and check each answer anew.

    python -m helpers.exercises.grade hand_in.ipynb
    python -m helpers.exercises.grade hand_in.ipynb --of handed_out.ipynb --json

One line per exercise: right, not started, or the mistake's name; --json gives Gradescope's format.
Outputs in the notebook are not read. --of names the notebook that was handed out: an exercise that
the student has deleted then counts as not handed in. Exit code: 0 if all is right, 1 if not, 2 if
there is nothing to grade.

The answers run as the student wrote them. Grade strangers' notebooks in a container.
"""

import argparse
import ast
import json
import os
import re
import secrets
import sys
from pathlib import Path
from typing import NamedTuple

import nbclient
import nbformat

TIMEOUT = 60  # seconds for a cell; the checks have limits of their own
# Runs behind each cell that checks: with the course's own checks, whatever the cells did to them.
CHECK = """
def grade_one():
    import json, sys
    used = [name for name in sys.modules if name.split(".")[0] == "helpers"]
    used = {{name: sys.modules.pop(name) for name in used}}
    try:
        from helpers.exercises import {module} as exercises
        verdict = exercises.{call}
        found = {{"right": verdict.is_right, "mistake": verdict.mistake, "text": repr(verdict)}}
    except Exception as error:
        found = {{"right": False, "mistake": f"{{type(error).__name__}}: {{error}}", "text": ""}}
    finally:
        sys.modules.update(used)
    print({token!r} + json.dumps(found))

grade_one()
"""


class Exercise(NamedTuple):
    """One check that a notebook calls."""

    title: str  # as the lesson writes it: "2 · Write the softmax"
    check: str  # the function's name
    module: str  # of helpers.exercises
    call: str | None  # as the student calls it; None in a cell that is not Python
    cell: int  # where


class Grade(NamedTuple):
    """What became of one exercise."""

    title: str
    check: str
    verdict: str  # "right", "not started", "wrong", "not run" or "not handed in"
    mistake: str  # its name, or why it was not run
    text: str  # what the student sees


def read(path):
    """Return a notebook. Raises ValueError with a sentence if the file is none."""
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except Exception:  # nbformat lets many kinds through, from JSON's to its own
        raise ValueError(f"{path} is not a notebook") from None


def exercises(notebook):
    """Return the exercises of a notebook, in order: every check that a line of its own calls."""
    found, title, modules = [], "", {}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            titles = re.findall(r"\*\*(\d+ · [^*]+)\*\*", cell.source)
            title = titles[-1].strip() if titles else title
        if cell.cell_type != "code":
            continue
        try:
            lines = ast.parse(cell.source).body
        except SyntaxError:
            lines = []
            for owner, check in re.findall(r"^(\w+)\.(check_\w+)\(", cell.source, re.MULTILINE):
                if owner in modules:
                    found.append(Exercise(title or check, check, modules[owner], None, number))
        for line in lines:
            match line:
                case ast.ImportFrom(module="helpers.exercises", names=names):
                    modules |= {alias.asname or alias.name: alias.name for alias in names}
                case ast.Expr(ast.Call(ast.Attribute(ast.Name(owner), check)) as call):
                    if owner in modules and check.startswith("check_"):
                        source = ast.unparse(call).removeprefix(f"{owner}.")
                        module = modules[owner]
                        found.append(Exercise(title or check, check, module, source, number))
    return found


def grade(notebook, handed_out=None, timeout=TIMEOUT, folder="."):
    """Run a notebook in a fresh kernel and return a Grade for each exercise.

    Raises ValueError if there is no exercise in it, or in the notebook that was handed out.
    """
    there = exercises(notebook)
    asked = exercises(handed_out) if handed_out else there
    if not asked:
        raise ValueError("there is no exercise: no cell calls a check of helpers.exercises")
    token = secrets.token_hex(16)
    ran, trouble = _run(notebook, there, token, timeout, folder)
    return [_grade_of(wanted, there, ran, trouble) for wanted in asked]


def _grade_of(wanted, there, ran, trouble):
    title, check = wanted.title, wanted.check
    place = next((i for i, one in enumerate(there) if one.check == check), None)
    if place is None:
        return Grade(title, check, "not handed in", "its check is not in the notebook", "")
    if there[place].call is None:
        return Grade(title, check, "wrong", "its cell is not Python: invalid syntax", "")
    if place not in ran:
        return Grade(title, check, "not run", trouble or "its cell took too long", "")
    found = ran[place]
    verdict = "right" if found["right"] else "wrong"
    if found["mistake"] == "not started":
        verdict = "not started"
    return Grade(title, check, verdict, found["mistake"] or "", found["text"])


def _run(notebook, there, token, timeout, folder):
    """Run all cells, with a check behind each that asks for one; return results and trouble."""
    cells = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cells.append(nbformat.v4.new_code_cell(cell.source))
        for place, one in enumerate(there):
            if one.cell == number and one.call is not None:
                source = CHECK.format(module=one.module, call=one.call, token=f"{token} {place} ")
                cells.append(nbformat.v4.new_code_cell(source))
    work = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(
        work,
        timeout=timeout,
        interrupt_on_timeout=True,
        allow_errors=True,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    trouble = None
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            client.execute(stderr=nowhere)  # what the kernel itself says of the machine
    except nbclient.exceptions.DeadKernelError:
        trouble = "the kernel ended before"
    ran = {}
    for output in (output for cell in work.cells for output in cell.get("outputs", [])):
        for line in output.get("text", "").splitlines():
            if line.startswith(token):
                _, place, result = line.split(" ", 2)
                ran[int(place)] = json.loads(result)
    return ran, trouble


SIGNS = {"right": "✓", "wrong": "✗"}


def as_line(one):
    what = one.mistake if one.verdict == "wrong" else one.verdict
    because = f": {one.mistake}" if one.verdict == "not run" else ""
    return f"{SIGNS.get(one.verdict, '·')} {one.title}: {what}{because}"


def as_gradescope(grades):
    """Return what Gradescope's autograder reads as results.json."""
    tests = [
        {
            "name": one.title,
            "score": int(one.verdict == "right"),
            "max_score": 1,
            "status": "passed" if one.verdict == "right" else "failed",
            "output": one.text or one.mistake,
            "extra_data": {"check": one.check, "verdict": one.verdict, "mistake": one.mistake},
        }
        for one in grades
    ]
    return {"score": sum(test["score"] for test in tests), "tests": tests}


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m helpers.exercises.grade", description=__doc__.splitlines()[0]
    )
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--of", type=Path, help="the notebook that was handed out")
    parser.add_argument("--json", action="store_true", help="print what Gradescope reads")
    parser.add_argument("--seconds", type=int, default=TIMEOUT, help="for each cell")
    options = parser.parse_args(arguments)
    try:
        handed_out = read(options.of) if options.of else None
        notebook, folder = read(options.notebook), options.notebook.resolve().parent
        grades = grade(notebook, handed_out, options.seconds, folder)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    n_right = sum(one.verdict == "right" for one in grades)
    if options.json:
        print(json.dumps(as_gradescope(grades), indent=1, ensure_ascii=False))
    else:
        print("\n".join(map(as_line, grades)))
        print(f"{n_right} of {len(grades)} right")
    return 0 if n_right == len(grades) else 1


if __name__ == "__main__":
    sys.exit(main())
