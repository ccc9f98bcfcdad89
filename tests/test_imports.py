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


def test_imports_point_one_way():
    assert broken_contracts(ROOT) == ""


POINTING_BACK = [  # a file, what is written at its end, and how the fault is told
    ("layer_norm.py", "import matplotlib", "helpers.layer_norm -> matplotlib"),
    ("layer_norm.py", "from helpers.learning import adam",
     "helpers.layer_norm -> helpers.learning"),
    ("layer_norm.py", "from helpers import encoder_block",
     "helpers.layer_norm -> helpers.encoder_block"),
    ("learning/adam.py", "from helpers import drawing", "helpers.learning.adam -> helpers.drawing"),
    ("learning/adam.py", "from helpers.exercises import layer_norm",
     "helpers.learning.adam -> helpers.exercises.layer_norm"),
    ("drawing/palette.py", "import ipywidgets", "helpers.drawing.palette -> ipywidgets"),
    ("drawing/palette.py", "def late():\n    from helpers.explorers import layer_norm",
     "helpers.drawing.palette -> helpers.explorers.layer_norm"),
    ("exercises/layer_norm.py", "from helpers.learning import adam",
     "helpers.exercises.layer_norm -> helpers.learning.adam"),
]  # fmt: skip


@pytest.fixture
def copied(tmp_path):
    """A folder with the course's code and its contracts."""
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_that_point_back_are_found(copied):
    for path, line, _ in POINTING_BACK:
        with (copied / "helpers" / path).open("a", encoding="utf-8") as source:
            source.write(f"\n{line}\n")
    (copied / "helpers" / "a_new_folder").mkdir()  # that no contract names
    (copied / "helpers" / "a_new_folder" / "__init__.py").touch()
    told = broken_contracts(copied)
    assert [fault for *_, fault in POINTING_BACK if fault not in told] == [], told
    assert "0 kept, 4 broken" in told
    assert "a_new_folder" in told


FORBIDDEN = {
    "eval(text)": "S307", "exec('x = 1')": "S102", "import os\nos.system('ls')": "S605",
    "import pickle": "TID251", "from urllib.request import urlopen": "TID251",
    "import subprocess": "TID251", "from matplotlib import pyplot": "TID251",
    "import matplotlib\nmatplotlib.pyplot.show()": "TID251", "import pylab": "TID251",
    "from threading import Thread": "TID251", "import threading\nthreading.Thread()": "TID251",
    "import concurrent.futures": "TID251", "import asyncio\nasyncio.to_thread(print)": "TID251",
    "import importlib\nimportlib.import_module('torch')": "TID251",
    "from numpy import *": "F403", "open('a.txt')": "PLW1514",
    "import threading\n\nlock = threading.RLock()\n": None,  # what is allowed
}  # fmt: skip


def test_a_forbidden_name_is_found_and_no_other(copied):
    names = {f"a{i}.py": rule for i, rule in enumerate(FORBIDDEN.values())}
    for name, code in zip(names, FORBIDDEN, strict=True):
        (copied / "helpers" / name).write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--output-format", "json", "helpers"]
    told = subprocess.run(command, cwd=copied, capture_output=True, encoding="utf-8").stdout
    found = {name: set() for name in names}
    for fault in json.loads(told):
        found[Path(fault["filename"]).name].add(fault["code"])
    for name, rule in names.items():
        assert (rule in found[name]) if rule else not found[name], (name, found[name])
