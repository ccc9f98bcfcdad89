"""Which way imports point and which names are forbidden: two linters read it in pyproject.toml."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"


def broken_contracts(folder):
    """Return what import-linter says of the course in a folder; nothing if all is well."""
    command = [sys.executable, "-c", LINT_IMPORTS]
    result = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    return result.stdout + result.stderr if result.returncode else ""


def forbidden(code, path):
    """Return the rules that code breaks by ruff, if it stands at a path of the course."""
    command = [sys.executable, "-m", "ruff", "check", "--output-format", "json"]
    command += ["--stdin-filename", path, "-"]
    options = {"input": code, "cwd": ROOT, "capture_output": True, "encoding": "utf-8"}
    return {fault["code"] for fault in json.loads(subprocess.run(command, **options).stdout)}


def test_imports_point_one_way():
    assert broken_contracts(ROOT) == ""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("layer_norm.py", "import matplotlib"),
        ("layer_norm.py", "from helpers.learning import adam"),
        ("layer_norm.py", "from helpers import encoder_block"),
        ("learning/adam.py", "from helpers import drawing"),
        ("learning/adam.py", "from helpers.exercises import layer_norm"),
        ("drawing/palette.py", "import ipywidgets"),
        ("drawing/palette.py", "def late():\n    from helpers.explorers import layer_norm"),
        ("exercises/layer_norm.py", "from helpers.learning import adam"),
        ("a_new_folder/__init__.py", ""),
    ],
)
def test_an_import_that_points_back_is_found(path, line, tmp_path):
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file = tmp_path / "helpers" / path
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    assert "BROKEN" in broken_contracts(tmp_path)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("eval(text)", "S307"),
        ("exec('x = 1')", "S102"),
        ("import os\nos.system('ls')", "S605"),
        ("import pickle", "TID251"),
        ("from urllib.request import urlopen", "TID251"),
        ("import subprocess", "TID251"),
        ("from matplotlib import pyplot", "TID251"),
        ("import matplotlib\nmatplotlib.pyplot.show()", "TID251"),
        ("import pylab", "TID251"),
        ("from threading import Thread", "TID251"),
        ("import threading\nthreading.Thread()", "TID251"),
        ("import concurrent.futures", "TID251"),
        ("import asyncio\nasyncio.to_thread(print)", "TID251"),
        ("import importlib\nimportlib.import_module('torch')", "TID251"),
        ("from numpy import *", "F403"),
        ("open('a.txt')", "PLW1514"),
    ],
)
def test_a_forbidden_name_is_found(code, rule):
    assert rule in forbidden(code, "helpers/layer_norm.py")


def test_what_is_allowed_passes():
    code = "import threading\n\nlock = threading.RLock()\n"
    assert forbidden(code, "helpers/explorers/explorer.py") == set()
