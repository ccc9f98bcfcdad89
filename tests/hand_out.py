"""Write the notebooks that students get: without solutions, an answer and its check in two cells.

    python tests/hand_out.py folder             the lessons as they are, for any way of handing out
    python tests/hand_out.py folder --nbgrader  a course for nbgrader 0.9: source/ and its settings

With --nbgrader each exercise is worth a point: nbgrader generate_assignment takes the hidden test
out, nbgrader autograde puts it back. Tried with nbgrader 0.9.6: generate_assignment, autograde.
"""

import argparse
import ast
from pathlib import Path

import nbformat

from helpers.exercises import grade

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
NBGRADER = """c = get_config()
c.CourseDirectory.course_id = "encoder-block-course"
# An answer's cell keeps its first lines; this stands below them.
c.ClearSolutions.code_stub = {"python": "# Your answer goes above."}
"""
REGION = "\n\n### BEGIN SOLUTION\n### END SOLUTION"
HIDDEN = "# Worth one point.\n### BEGIN HIDDEN TESTS\nassert {call}.is_right\n### END HIDDEN TESTS"


def is_solution(cell):
    """Tell whether a cell is folded away, as every solution is."""
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def marked(cell, name, **kind):
    """Give a cell nbgrader's metadata."""
    defaults = {"grade": False, "locked": False, "solution": False, "task": False}
    cell.metadata["nbgrader"] = defaults | {"schema_version": 3, "grade_id": name} | kind
    return cell


def in_two(source, number):
    """Split a cell into an answer and its check: (the answer, the check's call)."""
    *before, last = ast.parse(source).body
    call = last.value
    answer = "".join(source.splitlines(keepends=True)[: last.lineno - 1]).strip()
    owner = ast.unparse(call.func)
    inline = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not any(isinstance(value, ast.Constant) and value.value is ... for value in inline):
        return answer, ast.unparse(call)
    imports = [ast.unparse(line) for line in before]
    if call.keywords:
        lines = [f"    {k.arg}={ast.unparse(k.value)}," for k in call.keywords]
        answer = "\n".join([*imports, f"answer_{number} = dict(", *lines, ")"])
        return answer.strip(), f"{owner}(**answer_{number})"
    values = ", ".join(map(ast.unparse, call.args))
    return "\n".join([*imports, f"answer_{number} = {values}"]), f"{owner}(answer_{number})"


def handed_out(notebook, for_nbgrader=False):
    """Return a notebook without its solutions, each exercise in an answer and a check."""
    by_cell = {one.cell: one for one in grade.exercises(notebook)}
    cells, number = [], 0
    for place, cell in enumerate(notebook.cells):
        if is_solution(cell):
            continue
        if place not in by_cell:
            cells.append(cell)
            continue
        number += 1
        name = f"{by_cell[place].check}-{number}"
        answer, call = in_two(cell.source, number)
        if answer:
            cells.append(nbformat.v4.new_code_cell(answer))
        # Without an answer in it, the exercise already stands in two cells.
        cells[-1].source += REGION if for_nbgrader else ""
        marked(cells[-1], f"answer-{name}", solution=True)
        cells.append(nbformat.v4.new_code_cell(call))
        marked(cells[-1], f"check-{name}", locked=True)
        if for_nbgrader:
            cells.append(nbformat.v4.new_code_cell(HIDDEN.format(call=call)))
            marked(cells[-1], f"points-{name}", locked=True, grade=True, points=1)
    result = nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)
    nbformat.validate(result)
    return result


def write(folder, for_nbgrader=False):
    """Write the students' set into a folder; return the paths."""
    written = []
    for path in sorted(NOTEBOOKS.rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        notebook = nbformat.read(path, as_version=4)
        where = folder / path.relative_to(NOTEBOOKS)
        if for_nbgrader:
            if not grade.exercises(notebook):
                continue
            where = folder / "source" / path.stem / path.name
        where.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(handed_out(notebook, for_nbgrader), where)
        written.append(where)
    if for_nbgrader:
        (folder / "nbgrader_config.py").write_text(NBGRADER, encoding="utf-8")
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nbgrader", action="store_true")
    options = parser.parse_args()
    for path in write(options.folder, options.nbgrader):
        print(path)
