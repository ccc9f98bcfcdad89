"""numpy multiplies with one thread as soon as the course is imported."""

import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info

from helpers import threads


def blas_threads():
    return {found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"}


@pytest.fixture
def restored():
    yield
    threads.limit(1)


@pytest.mark.usefixtures("restored")
def test_the_limit_holds_until_it_is_set_again():
    assert threads.limit(2) == 2
    assert blas_threads() == {2}
    assert threads.limit() == 1
    assert blas_threads() == {1}


def run(code, **environment):
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=environment or None, capture_output=True, text=True, check=True
    ).stdout.split()


def test_importing_any_part_of_the_course_sets_one_thread():
    code = (
        "import numpy, threadpoolctl\n"
        "threadpoolctl.threadpool_limits(2, user_api='blas')\n"
        "import helpers.self_attention\n"
        "print(*(found['num_threads'] for found in threadpoolctl.threadpool_info()))"
    )
    assert set(run(code)) == {"1"}


def test_a_python_without_ctypes_imports_everything():
    code = (
        "import sys, importlib, pkgutil\n"
        "sys.modules['_ctypes'] = None\n"
        "sys.modules['ctypes'] = None\n"
        "import helpers, helpers.learning\n"
        "for module in pkgutil.walk_packages(helpers.learning.__path__, 'helpers.learning.'):\n"
        "    importlib.import_module(module.name)\n"
        "from helpers import threads\n"
        "from helpers.learning import memory\n"
        "print(threads.limit(1), memory.keep_freed())"
    )
    assert run(code) == ["None", "False"]
