"""A hand-in is graded by running it: what it says of itself counts for nothing."""

import json

import nbformat
import pytest

from helpers.exercises import grade

IMPORT = "from helpers.exercises import self_attention as exercises\nimport numpy as np"
CHECK = "exercises.check_softmax(my_softmax)"
TITLE = "**2 · Write the softmax** (medium, 8 minutes)."
RIGHT = """
def my_softmax(scores):
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
"""
WRONG = RIGHT.replace("axis=-1", "axis=0")
EMPTY = "def my_softmax(scores):\n    return ..."


def hand_in(folder, *sources, name="hand_in.ipynb"):
    """Write a notebook with these code cells under the title of an exercise."""
    cells = [nbformat.v4.new_code_cell(IMPORT), nbformat.v4.new_markdown_cell(TITLE)]
    cells += map(nbformat.v4.new_code_cell, sources)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / name)
    return str(folder / name)


def graded(capsys, *arguments):
    """Return the exit code and the lines that the command prints, errors last."""
    code = grade.main(list(arguments))
    printed = capsys.readouterr()
    return code, (printed.out + printed.err).splitlines()


@pytest.mark.parametrize(
    ("answer", "code", "line"),
    [
        (RIGHT, 0, "✓ 2 · Write the softmax: right"),
        (EMPTY, 1, "· 2 · Write the softmax: not started"),
        (WRONG, 1, "✗ 2 · Write the softmax: "),
        (WRONG + "\nexercises.check_softmax = lambda f: print('Right.')", 1, "✗ 2 · Write"),
        (WRONG + "\nsys = __import__('sys'); sys.modules['helpers'] = None", 1, "✗ 2 · Write"),
        ("def my_softmax(scores:", 1, "✗ 2 · Write the softmax: NameError"),
        ("import time\nwhile True:\n    time.sleep(0.1)", 1, "✗ 2 · Write the softmax: NameError"),
        ("import os\nos._exit(1)", 1, "· 2 · Write the softmax: not run: the kernel ended before"),
    ],
    ids=["right", "empty", "wrong", "forged", "broken", "syntax", "endless", "dead"],
)
def test_a_line_says_what_became_of_the_answer(answer, code, line, tmp_path, capsys):
    path = hand_in(tmp_path, answer, CHECK)
    limit = ["--seconds", "5"] if "while" in answer else []  # no other cell is in a hurry
    found, (first, last) = graded(capsys, path, *limit)
    assert found == code
    assert first.startswith(line)
    assert last == f"{1 - code} of 1 right"


def test_a_pasted_verdict_counts_for_nothing(tmp_path, capsys):
    path = hand_in(tmp_path, WRONG, CHECK)
    notebook = nbformat.read(path, as_version=4)
    pasted = nbformat.v4.new_output("stream", text="Right. Your answer agrees.")
    notebook.cells[-1].outputs = [pasted]
    nbformat.write(notebook, path)
    assert graded(capsys, path)[0] == 1


def test_a_deleted_exercise_counts(tmp_path, capsys):
    path = hand_in(tmp_path, "exercises.check_head_shapes(q=(5, 3), scores=(5, 5), out=(5, 3))")
    handed_out = hand_in(tmp_path, "exercises.check_head_shapes(q=..., scores=..., out=...)", CHECK)
    path = hand_in(
        tmp_path,
        "exercises.check_head_shapes(q=(5, 3), scores=(5, 5), out=(5, 3))",
        name="without.ipynb",
    )
    code, lines = graded(capsys, path, "--of", handed_out)
    assert code == 1
    assert lines[-2:] == ["· 2 · Write the softmax: not handed in", "1 of 2 right"]
    assert graded(capsys, path)[0] == 0


def test_an_answer_and_its_check_in_one_broken_cell_is_wrong(tmp_path, capsys):
    path = hand_in(tmp_path, "def my_softmax(scores:\n\n" + CHECK)
    code, lines = graded(capsys, path)
    assert (code, lines[-1]) == (1, "0 of 1 right")
    assert "invalid syntax" in lines[0]


def test_json_is_what_gradescope_reads(tmp_path, capsys):
    path = hand_in(tmp_path, RIGHT, CHECK)
    code, lines = graded(capsys, path, "--json")
    result = json.loads("\n".join(lines))
    assert (code, result["score"]) == (0, 1)
    (test,) = result["tests"]
    assert (test["score"], test["max_score"], test["status"]) == (1, 1, "passed")
    assert test["extra_data"] == {"check": "check_softmax", "verdict": "right", "mistake": ""}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file"),
        ("not json", "is not a notebook"),
        ("[1]", "is not a notebook"),
        (b"\xff\xfe", "is not a notebook"),
        (nbformat.writes(nbformat.v4.new_notebook()), "there is no exercise"),
    ],
)
def test_what_cannot_be_graded_is_told_in_a_sentence(content, sentence, tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, lines = graded(capsys, str(path))
    assert code == 2
    assert len(lines) == 1
    assert sentence in lines[0]
    assert "Traceback" not in lines[0]
