"""Which way imports point: steps ← learning ← drawing ← explorers; exercises on the steps alone."""

import ast
import sys
from pathlib import Path

import pytest

import helpers

ROOT = Path(helpers.__file__).parent
FILES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
ALLOWED = {  # room: packages, rooms
    "steps": ({"numpy"}, {"steps"}),
    "learning": ({"numpy"}, {"steps", "learning"}),
    "drawing": ({"numpy", "matplotlib"}, {"steps", "learning", "drawing"}),
    "explorers": (
        {"numpy", "matplotlib", "ipywidgets", "IPython", "PIL"},
        {"steps", "learning", "drawing", "explorers"},
    ),
    "exercises": ({"numpy"}, {"steps", "exercises"}),
}
# A browser's Python has neither threads nor processes.
PARALLEL = {"threading", "_thread", "multiprocessing", "concurrent", "subprocess"}
PARALLEL_CALLS = {"to_thread", "run_in_executor"}


def room_of(path):
    """Return the room of a file below helpers/; what lies at the top is a step."""
    return path.parts[0] if len(path.parts) > 1 else "steps"


def imported(tree, path):
    """Return the full name of everything that is imported, in functions too."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = ["helpers", *path.parent.parts]
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            names += [f"{source}.{alias.name}" for alias in node.names]
    return names


def violations(source, path):
    """Return one sentence for each rule that the source of helpers/<path> breaks."""
    tree, room = ast.parse(source), room_of(path)
    packages, rooms = ALLOWED[room]
    names = imported(tree, path)
    found = []
    for name in names:
        top, *inner = name.split(".")
        target = inner[0] if inner and inner[0] in ALLOWED else "steps"
        if inner and inner[-1] == "*":
            found.append(f"{name}: a wildcard")
        if top == "helpers" and target not in rooms:
            found.append(f"{name}: {room} may not import {target}")
        if top != "helpers" and top not in packages | sys.stdlib_module_names:
            found.append(f"{name}: {room} may not import {top}")
        if top in PARALLEL and not (
            room == "explorers" and name in ("threading", "threading.RLock")
        ):
            found.append(f"{name}: threads and processes")
        if {"pyplot", "pylab"} & {top, *inner}:
            found.append(f"{name}: pyplot")
    for node in ast.walk(tree):
        attribute = node.attr if isinstance(node, ast.Attribute) else None
        owner = getattr(node.value, "id", None) if attribute else None
        if attribute in ("pyplot", "pylab"):
            found.append(f"{attribute}: pyplot")
        if attribute in PARALLEL_CALLS or (owner == "threading" and attribute != "RLock"):
            found.append(f"{attribute}: threads and processes")
        if attribute in ("import_module", "__import__") or getattr(node, "id", "") == "__import__":
            found.append("an import that this test cannot read")
    if path == Path("__init__.py") and names:
        found.append("helpers/__init__.py imports something")
    return found


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_imports_what_its_room_may(path):
    assert violations((ROOT / path).read_text(encoding="utf-8"), path) == []


def test_the_steps_are_among_the_files():
    steps = (
        "self_attention multi_head_attention skip_connections layer_norm feed_forward "
        "positional_encoding encoder_block checks"
    )
    assert {Path(f"{name}.py") for name in steps.split()} | {Path("__init__.py")} <= set(FILES)
    assert Path("learning/gradient_check.py") in FILES


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("layer_norm.py", "import matplotlib", "steps may not import matplotlib"),
        ("layer_norm.py", "import torch.nn as nn", "steps may not import torch"),
        ("layer_norm.py", "from scipy.special import erf", "steps may not import scipy"),
        ("layer_norm.py", "from helpers.learning import adam", "steps may not import learning"),
        ("layer_norm.py", "from helpers import drawing", "steps may not import drawing"),
        ("layer_norm.py", "from . import explorers", "steps may not import explorers"),
        ("layer_norm.py", "def f():\n    import helpers.learning.adam", "may not import learning"),
        ("learning/adam.py", "from helpers.drawing import maps", "learning may not import drawing"),
        ("learning/adam.py", "from ..drawing import maps", "learning may not import drawing"),
        ("learning/adam.py", "from helpers import exercises", "learning may not import exercises"),
        ("drawing/maps.py", "import ipywidgets", "drawing may not import ipywidgets"),
        ("drawing/maps.py", "from helpers.explorers import a", "drawing may not import explorers"),
        ("explorers/a.py", "from helpers.exercises import a", "may not import exercises"),
        ("explorers/a.py", "import pandas", "explorers may not import pandas"),
        ("exercises/a.py", "from helpers.learning import adam", "may not import learning"),
        ("exercises/a.py", "import matplotlib", "exercises may not import matplotlib"),
        ("drawing/maps.py", "import matplotlib.pyplot as plt", "pyplot"),
        ("drawing/maps.py", "from matplotlib import pyplot", "pyplot"),
        ("drawing/maps.py", "from matplotlib.pyplot import show", "pyplot"),
        ("drawing/maps.py", "import matplotlib\nmatplotlib.pyplot.show()", "pyplot"),
        ("explorers/a.py", "import pylab", "pyplot"),
        ("learning/adam.py", "import threading", "threads and processes"),
        ("explorers/a.py", "import threading\nthreading.Thread()", "threads and processes"),
        ("explorers/a.py", "from threading import Thread", "threads and processes"),
        ("explorers/a.py", "import multiprocessing", "threads and processes"),
        ("explorers/a.py", "from concurrent import futures", "threads and processes"),
        ("explorers/a.py", "import concurrent.futures", "threads and processes"),
        ("explorers/a.py", "import asyncio\nasyncio.to_thread(f)", "threads and processes"),
        ("layer_norm.py", "from helpers.checks import *", "a wildcard"),
        ("layer_norm.py", "from numpy import *", "a wildcard"),
        ("layer_norm.py", "__import__('torch')", "cannot read"),
        ("layer_norm.py", "import importlib\nimportlib.import_module('torch')", "cannot read"),
        ("__init__.py", "from helpers import layer_norm", "imports something"),
        ("__init__.py", "import numpy", "imports something"),
    ],
)
def test_the_rule_finds_a_made_up_violation(path, source, message):
    found = violations(source, Path(path))
    assert any(message in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("layer_norm.py", "import math\nfrom typing import NamedTuple\nfrom helpers import checks"),
        ("layer_norm.py", "import numpy as np\nfrom helpers.self_attention import softmax"),
        ("learning/adam.py", "import numpy\nfrom helpers import layer_norm\nfrom . import rnn"),
        ("drawing/maps.py", "from matplotlib.figure import Figure\nfrom helpers.learning import a"),
        ("explorers/a.py", "import threading\nlock = threading.RLock()"),
        ("explorers/a.py", "import asyncio, ipywidgets, PIL.Image\nfrom helpers.drawing import b"),
        ("exercises/a.py", "import numpy as np\nfrom helpers import encoder_block"),
    ],
)
def test_the_rule_lets_the_rest_pass(path, source):
    assert violations(source, Path(path)) == []


def test_a_new_room_must_be_given_its_rule():
    assert {room_of(path) for path in FILES} <= set(ALLOWED)
