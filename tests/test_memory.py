"""A lesson that is run again and again in one kernel holds no more memory than before."""

import gc
import os
import re
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client.manager import start_new_kernel

from helpers.explorers import memory
from helpers.explorers.layer_norm import LayerNormExplorer
from helpers.explorers.questions import Questions

ROOT = Path(__file__).resolve().parents[1]
RUNS, MAX_GROWTH = 4, 12  # MiB
MOVE = """
from helpers.explorers.explorer import positions
for control in {name}.controls.values():
    for value in positions(control)[::4]:
        control.value = value
{name}.reset()
"""

# What is freed is kept for the next training, up to 64 MiB (helpers/learning/memory.py).
GIVE_BACK = """
import ctypes, gc
gc.collect()
if hasattr(ctypes.CDLL(None), "malloc_trim"):
    ctypes.CDLL(None).malloc_trim(0)
"""


def lesson_cells(path):
    """Return the sources of a lesson, and after each explorer one that moves its controls."""
    sources = []
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            sources.append(cell.source)
            shown = re.search(r"^(\w*explorer) = \w+Explorer\(", cell.source, re.MULTILINE)
            if shown:
                sources.append(MOVE.format(name=shown[1]))
    return sources


def growth(path):
    """Return the MiB that a kernel holds more after a lesson was run and moved four times more."""
    cells = lesson_cells(path)
    assert any("controls" in source for source in cells)
    manager, client = start_new_kernel(
        kernel_name="python3", env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=str(path.parent)
    )
    try:
        process = psutil.Process(manager.provisioner.process.pid)
        held = []
        for _ in range(RUNS + 1):
            for cell in cells:
                run(client, cell)
            run(client, GIVE_BACK)
            held.append(process.memory_info().rss / 2**20)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    print(f"{path.stem}:", *(f"{mib:.0f}" for mib in held), "MiB")
    return held[-1] - held[0]


def run(client, source):
    reply = client.execute_interactive(source, output_hook=lambda message: None, timeout=120)
    assert reply["content"]["status"] == "ok", reply["content"]


# The second takes a minute, and is run together with the browser's tests.
@pytest.mark.parametrize(
    "lesson",
    ["00_self_attention", pytest.param("07_reading_attention", marks=pytest.mark.browser)],
)
def test_a_lesson_that_is_run_four_times_more_holds_little_more(lesson):
    grown = growth(ROOT / "notebooks" / f"{lesson}.ipynb")
    assert grown <= MAX_GROWTH, f"{grown:.0f} MiB"


@pytest.fixture
def cell(monkeypatch):
    """Play a notebook's cell; set its first two entries to a cell and to an execution of it."""
    running = ["cell", 1]
    monkeypatch.setattr(memory, "_running_cell", lambda: tuple(running))
    gc.collect()
    gc.freeze()  # what other tests have left need not be gone through again
    yield running
    gc.unfreeze()
    memory._by_cell.clear()


@pytest.mark.parametrize("make", [LayerNormExplorer, lambda: Questions("layer_norm")])
def test_a_second_run_of_a_cell_closes_what_the_first_has_shown(cell, make):
    first, beside = make(), make()
    assert first.comm is not None, "two may stand in one cell"
    cell[:] = ["another cell", 2]
    make().close()
    assert beside.comm is not None
    cell[:] = ["cell", 3]
    make()
    assert first.comm is None
    assert beside.comm is None


def test_a_closed_explorer_holds_no_pixels(cell):
    before = memory.held()
    explorer = LayerNormExplorer()
    assert memory.held() > before
    explorer.close()
    assert memory.held() == before
    assert not {"figure", "controls", "tour", "shown"} & set(vars(explorer))
    explorer.close()  # twice is no error


def test_backgrounds_of_all_explorers_together_are_bounded():
    memory._backgrounds.clear()
    ones, others = memory.Backgrounds(), memory.Backgrounds()
    part = memory.MAX_BYTES // 3
    for i in range(3):
        ones.keep(i, f"pixels {i}", part)
    assert ones.get(0) == "pixels 0"  # used again: now 1 is the oldest
    others.keep(0, "other pixels", part)
    assert memory.held() <= memory.MAX_BYTES
    assert ones.get(1) is None
    assert ones.get(0) == "pixels 0"
    assert others.get(0) == "other pixels"
    ones.clear()
    others.clear()
    assert memory.held() == 0


if __name__ == "__main__":
    for lesson in sys.argv[1:]:
        print(f"{lesson}: {growth(Path(lesson)):.0f} MiB")
