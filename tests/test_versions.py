"""What requirements.txt and pyproject.toml allow is one and the same, and the lock fits it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(lines):
    """Return name: versions of the lines that name a package; the rest is options and comments."""
    named = [Requirement(line) for line in lines if re.match(r"\w", line)]
    return {r.name.lower(): r.specifier for r in named}


def read(name):
    return requirements((ROOT / name).read_text(encoding="utf-8").splitlines())


EXTRAS = PROJECT["optional-dependencies"]
DECLARED = requirements([*PROJECT["dependencies"], *EXTRAS["test"], *EXTRAS["browser"]])
LISTED = read("requirements.txt")


def test_both_files_allow_the_same_versions():
    both = DECLARED.keys() & LISTED.keys()
    assert {"numpy", "matplotlib", "ipywidgets", "jupyterlab", "nbval"} <= both
    assert {name: LISTED[name] for name in both} == {name: DECLARED[name] for name in both}


@pytest.mark.parametrize("name", sorted(DECLARED | LISTED))
def test_the_lock_has_an_exact_version_that_is_allowed(name):
    (exact,) = read("binder/lock.txt")[name]
    assert exact.operator == "=="
    assert (DECLARED | LISTED)[name].contains(exact.version)


def test_ci_runs_the_lock_from_the_oldest_python_on_and_on_binders():
    workflow = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    oldest, *newer = re.findall(r'"(3[.\d]+)"', re.search(r"python: \[(.*)\]", workflow)[1])
    assert PROJECT["requires-python"] == f">={oldest}"
    assert oldest in (ROOT / "README.md").read_text(encoding="utf-8")
    minor = int(oldest.split(".")[1])
    assert newer == [f"3.{minor + 1 + i}" for i in range(len(newer))]
    binder = (ROOT / "binder/runtime.txt").read_text(encoding="utf-8").strip()
    assert binder.removeprefix("python-") in newer
