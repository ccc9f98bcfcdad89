"""Handed out: no solution, and each exercise in an answer, a check and, if asked, a point."""

import ast

import hand_out
import nbformat
import pytest

from helpers.exercises import grade

LESSONS = sorted(hand_out.NOTEBOOKS.glob("*.ipynb"))


def kinds(notebook):
    """Return the names that nbgrader knows the cells by, with the cells."""
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("for_nbgrader", [False, True])
def test_a_lesson_is_handed_out_without_solutions(path, for_nbgrader):
    lesson = nbformat.read(path, as_version=4)
    given = hand_out.handed_out(lesson, for_nbgrader)
    code = [cell.source for cell in given.cells if cell.cell_type == "code"]
    assert not any("Solution" in source or "solved_" in source for source in code)
    asked = [one.check for one in grade.exercises(lesson)]
    assert asked
    assert [one.check for one in grade.exercises(given)] == asked
    parts = ["answer", "check", "points"][: 2 + for_nbgrader]
    names = [f"{part}-{check}-{i + 1}" for i, check in enumerate(asked) for part in parts]
    assert list(kinds(given)) == names
    for name, cell in kinds(given).items():
        ast.parse(cell.source)
        assert ("..." in cell.source) == name.startswith("answer"), cell.source


def test_a_folder_gets_all_lessons_or_a_course_for_nbgrader(tmp_path):
    written = hand_out.write(tmp_path / "plain")
    assert {path.name for path in LESSONS} <= {path.name for path in written}
    assert not list((tmp_path / "plain").rglob("*.md"))
    written = hand_out.write(tmp_path / "course", for_nbgrader=True)
    assert len(written) >= len(LESSONS)
    assert all(path.parts[-3] == "source" and path.parent.name == path.stem for path in written)
    assert "code_stub" in (tmp_path / "course" / "nbgrader_config.py").read_text(encoding="utf-8")
