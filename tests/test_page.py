"""The page's own part of an explorer, as far as it can be seen without a browser."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers.explorers import memory, page
from helpers.explorers.layer_norm import LayerNormExplorer
from helpers.explorers.page import Page

BESIDE = Path(page.__file__)


def test_the_page_part_answers_when_it_is_asked(monkeypatch):
    part, sent = Page(), []
    monkeypatch.setattr(part, "send", sent.append)
    part._handle_custom_msg({"asked": 3}, [])
    assert sent == [{"asked": 3}]


@pytest.mark.parametrize(("metadata", "count"), [({"cellId": "a"}, 1), ({}, 0)])
def test_a_reminder_is_left_where_jupyterlab_runs_the_cell_alone(monkeypatch, metadata, count):
    shown = []
    monkeypatch.setattr(memory, "running_request", lambda: {"metadata": metadata})
    monkeypatch.setattr(page, "display", lambda data, raw: shown.append(data["text/html"]))
    LayerNormExplorer()._repr_mimebundle_()
    assert len(shown) == count
    assert all("Run All Cells" in text for text in shown)


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_script_can_be_parsed():
    script = BESIDE.with_suffix(".js").read_text(encoding="utf-8")
    command = ["node", "--check", "--input-type=module"]
    checked = subprocess.run(command, input=script, text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_every_class_that_the_script_looks_for_is_given_or_styled_by_name():
    """A name that is written differently on one side is found by no parser."""
    given = "".join(path.read_text(encoding="utf-8") for path in BESIDE.parent.glob("*.py"))
    script, style = (
        BESIDE.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".js", ".css")
    )
    made_in_the_page = set(re.findall(r'classList\.\w+\("([\w-]+)"|className = "([\w-]+)"', script))
    made = {name for pair in made_in_the_page for name in pair if name}
    for name in set(re.findall(r"course-[a-z-]*[a-z]", script + style)) - made:
        kind = name.removeprefix("course-")
        assert name in given or kind in ("right", "wrong") or name == "course-asked", name
