"""What a reader types stays text, what is loaded is numbers, and JupyterLab keeps its token."""

import re
from pathlib import Path

import numpy as np
import pytest
from every_explorer import markup_stays_text

from helpers.explorers.questions import Questions

ROOT = Path(__file__).resolve().parents[1]


def test_all_data_is_numbers_and_text():
    files = sorted((ROOT / "helpers" / "data").rglob("*.np[yz]"))
    assert len(files) > 5
    for path in files:
        with np.load(path, allow_pickle=False) as stored:
            assert all(stored[name].dtype.kind in "biufU" for name in stored.files), path.name


# What is typed


LESSONS = sorted(path.stem for path in (ROOT / "helpers" / "data" / "questions").glob("*.json"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_markup_in_any_answer_is_shown_as_the_letters_it_is(lesson, let_go):
    assert markup_stays_text(Questions(lesson))


def test_an_answer_with_markup_is_shown_as_letters():
    card = Questions("self_attention").cards[0]
    card._say([("", "You said: <script>alert(1)</script>")])
    assert "<script" not in card._status.value


# The commands that readers copy

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")]
PAGES += sorted((ROOT / "notebooks").glob("*.md"))
SETTINGS = [
    path for path in (ROOT / "binder").rglob("*") if path.is_file() and path.suffix != ".pyc"
]
SETTINGS += [*(ROOT / ".github").rglob("*.yml"), ROOT / ".ci" / "run"]


# token='' in Python, or token= with nothing behind it in a shell
EMPTY_SECRET = r"(token|password)(\s*=\s*(''|\"\")|=(\s|$))"


@pytest.mark.parametrize("path", [*PAGES, *SETTINGS], ids=lambda path: path.name)
def test_no_command_switches_jupyters_token_off_or_opens_it_to_the_world(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(EMPTY_SECRET, text)
    assert not re.search(r"disable_check_xsrf|allow_origin|--ip|0\.0\.0\.0|trust-all", text)


def test_the_rule_for_commands_finds_what_it_forbids():
    for command in (
        "lab --ServerApp.token=''",
        'lab --IdentityProvider.token=""',
        "lab --token= x",
    ):
        assert re.search(EMPTY_SECRET, command)
    assert not re.search(EMPTY_SECRET, 'user_password = "a long phrase"')
    assert "jupyter lab" in (ROOT / "README.md").read_text(encoding="utf-8")
