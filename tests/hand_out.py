"""Write the notebooks that students get: without solutions, answers and checks marked.

    python tests/hand_out.py folder             the lessons as they are, for any way of handing out
    python tests/hand_out.py folder --nbgrader  a course for nbgrader 0.9: source/ and its settings

With --nbgrader each exercise is worth a point: nbgrader generate_assignment takes the hidden test
out, nbgrader autograde puts it back. Tried with nbgrader 0.9.6: generate_assignment, autograde.
"""

import argparse
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


def handed_out(notebook, for_nbgrader=False):
    """Return a notebook without its solutions, the answer and check of each exercise marked."""
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
        cells[-1].source += REGION if for_nbgrader else ""
        marked(cells[-1], f"answer-{name}", solution=True)
        cells.append(marked(cell, f"check-{name}", locked=True))
        if for_nbgrader:
            cells.append(nbformat.v4.new_code_cell(HIDDEN.format(call=cell.source)))
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
