"""The rules that every notebook keeps, found by glob: executed, in order, clean."""

import ast
import base64
import builtins
import dis
import importlib
import re
from types import CodeType

import nbformat
import pytest
from lesson_minutes import CORE as NOTEBOOKS
from lesson_minutes import ROOT, cells, prose, stated

from helpers.explorers.explorer import Explorer

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
CHECKED = "nbval-check-output"
CHANGERS = set(
    "append extend insert pop remove clear update setdefault sort reverse add fill".split()
)
READS = {"reading_attention": "encoder_block"}  # a lesson without a step of its own: whose it reads


def texts(cell):
    """Return all text that running the cell gave."""
    found = [output.text for output in cell.outputs if output.output_type == "stream"]
    found += [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
    return found


def names(source):
    """Return the names that code binds, and those that it takes from elsewhere.

    What a function reads is taken from elsewhere: who calls it later, calls it after other cells.
    """
    bound, taken = set(), set()

    def walk(code, later):
        for step in dis.get_instructions(code):
            if step.opname in ("STORE_NAME", "STORE_GLOBAL"):
                bound.add(step.argval)
            elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                if later or step.argval not in bound:
                    taken.add(step.argval)
            elif isinstance(step.argval, CodeType):
                at_once = re.fullmatch("<(gen|list|set|dict).*>", step.argval.co_name)
                walk(step.argval, later or not at_once)

    walk(compile(source, "a cell", "exec"), False)
    return bound, taken - set(dir(builtins))


def changed(source):
    """Return the names of what code changes in place; a generator changes with every draw."""
    found = {"rng"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in CHANGERS:
            node = node.func.value
        elif not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            node = getattr(node, "value", None)  # of name[...] = or name.field =
        else:
            continue
        while isinstance(node, ast.Subscript | ast.Attribute):
            node = node.value
        found.add(getattr(node, "id", None))
    return found


def up_to(source, name):
    """Return the part of a cell that ends where it first binds a name."""
    nodes = ast.parse(source).body
    begins = next(node for node in nodes if name in names(ast.unparse(node))[0])
    return "\n".join(source.splitlines()[: begins.end_lineno])


def step_of(path):
    return path.stem.split("_", 1)[1]


def test_there_are_eight_lessons_in_class_order():
    lessons = "self_attention multi_head_attention skip_connections layer_norm feed_forward"
    lessons += " positional_encoding encoder_block reading_attention"
    expected = [f"{number:02d}_{lesson}" for number, lesson in enumerate(lessons.split())]
    assert [path.stem for path in NOTEBOOKS] == expected


@every_notebook
def test_every_code_cell_was_executed_in_order_without_errors(path):
    code = cells(path, "code")
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert "error" not in kinds
    streams = {o.name for c in code for o in c.outputs if o.output_type == "stream"}
    assert streams <= {"stdout"}, "a warning was printed"


@every_notebook
def test_no_widget_view_no_widget_state_no_timings_no_path(path):
    notebook, text = nbformat.read(path, as_version=4), path.read_text(encoding="utf-8")
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert "widget-view" not in text
    assert "widget-state" not in text
    assert all("execution" not in cell.metadata for cell in notebook.cells)
    without_pictures = re.sub(r'"image/png": "[^"]*"', "", text)
    assert not re.search(r"(/(home|root|tmp|usr|opt|work|Users|mnt)/|[A-Z]:\\\\)", without_pictures)
    assert not re.search(r"object at 0x|https?://(?!(doi|arxiv)\.org)", without_pictures)


@every_notebook
def test_a_lesson_opens_with_its_question_its_imports_and_the_block_lit(path):
    notebook = nbformat.read(path, as_version=4)
    title, imports = notebook.cells[:2]
    at = next(i for i, cell in enumerate(notebook.cells) if "block_picture(" in cell.source)
    assert at in (2, 4)  # lesson 00 shows first what attention is good for
    picture = notebook.cells[at]
    assert re.match(rf"# {path.stem[:2]} · .*\?", title.source)
    statements = ast.parse(imports.source).body
    assert len(statements) <= 6
    assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in statements)
    assert picture.source.removeprefix("block.") == f'block_picture("{step_of(path)}")'
    step = READS.get(step_of(path), step_of(path))
    assert re.search(rf"from helpers import .*\b{step}\b", imports.source)
    goals = notebook.cells[at + 1].source
    for word in ("**Goals.**", "**Time**", "**You need**"):
        assert word in goals


@every_notebook
def test_the_words_of_the_course_and_the_neighbours_are_named(path):
    everything = "".join(cell.source for cell in cells(path))
    assert "Thinking" in everything
    assert "Machines" in everything
    for other in NOTEBOOKS:
        if abs(int(other.stem[:2]) - int(path.stem[:2])) == 1:
            assert f"({other.name})" in prose(path), f"no link to {other.name}"


@every_notebook
def test_the_readme_says_the_same_minutes(path):
    minutes = stated(path)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if f"(notebooks/{path.name}) |" in line)
    assert f" | {minutes} | " in row


@every_notebook
def test_claims_are_asserted_and_explorers_are_ours(path):
    source = "\n".join(cell.source for cell in cells(path, "code"))
    asserts = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    assert len(asserts) >= 6
    for forbidden in ("interact(", "Output(", "pyplot", "%matplotlib", "!pip", "%pip", "import *"):
        assert forbidden not in source
    assert not re.search(r";\s*$", source, re.MULTILINE)


@every_notebook
def test_the_committed_sentence_is_what_the_explorer_says_today(path):
    module = importlib.import_module(f"helpers.explorers.{step_of(path)}")
    shown = [cell for cell in cells(path, "code") if "Explorer()" in cell.source]
    assert shown
    for cell in shown:
        made = re.fullmatch(r"(\w*explorer) = (\w+)\(\)\n\1", cell.source)
        assert made, f"an explorer stands in a cell of its own, unlike in: {cell.source}"
        explorer = getattr(module, made[2])()
        assert isinstance(explorer, Explorer)
        assert texts(cell) == ["\n".join(explorer.walk()) or explorer.sentence]
        assert CHECKED in cell.metadata.tags
        assert any("image/png" in output.data for output in cell.outputs)


@every_notebook
def test_every_picture_is_stored_as_one_and_nothing_waits_for_trust(path):
    """Opened unrun and untrusted, nothing of a notebook runs, and all pictures are there."""
    n_pictures = 0
    for cell in cells(path, "code"):
        shown = [output.data for output in cell.outputs if "data" in output]
        assert all(set(data) <= {"image/png", "text/plain"} for data in shown), cell.source
        last = ast.parse(cell.source).body[-1]
        if isinstance(last, ast.Expr) and re.search(r"picture\(|explorer\b", ast.unparse(last)):
            n_pictures += 1
            png = base64.b64decode(shown[-1]["image/png"])
            assert png.startswith(b"\x89PNG"), cell.source
            assert png.endswith(b"IEND\xaeB`\x82"), cell.source
    assert n_pictures >= 4


@every_notebook
def test_whatever_prints_is_compared(path):
    """Times of this machine and live training, whose last digit varies, are not; all else is.

    Such a cell shows by its words which of the two it is, and a trained one asserts its claim.
    """
    for cell in cells(path, "code"):
        times = "perf_counter" in cell.source or "milliseconds" in cell.source
        trained = "finish(" in cell.source and "assert " in cell.source
        if any(texts(cell)):
            compared = CHECKED in cell.metadata.get("tags", [])
            assert compared != (times or trained), cell.source


@every_notebook
def test_prose_leads_to_code(path):
    """No more than two code cells stand together without a word; folded solutions do not count."""
    shown = [c for c in cells(path) if "jupyter" not in c.metadata]
    kinds = [cell.cell_type for cell in shown]
    after_imports = kinds[3:]
    for i in range(len(after_imports) - 2):
        assert after_imports[i : i + 3] != ["code"] * 3


@every_notebook
def test_cells_in_any_order_show_what_they_should_or_lack_a_name(path):
    """A name that one cell makes for others has one maker, and nobody else changes it.

    So a cell that runs again finds what it found before. And what a cell fills in place, and hands
    on, it begins only when all that it needs is there: where it stops, nothing half made is left.
    """
    code = [cell.source for cell in cells(path, "code")]
    found = [names(source) for source in code]
    for source, (bound, taken) in zip(code, found, strict=True):
        makers = {}
        for name in taken:
            makers[name], *others = (at for at, (made, _) in enumerate(found) if name in made)
            assert not others, f"{name} has another meaning elsewhere than in: {source}"
        assert not taken & changed(source), source
        for name in bound & changed(source):
            if any(name in needed for _, needed in found):
                there = {makers[early] for early in names(up_to(source, name))[1]} | {0}
                assert set(makers.values()) <= there, f"{name} may stay half made in: {source}"
