"""Execute notebooks in place, each from a fresh kernel, ready to be committed.

    python tests/execute_notebooks.py                      all of them, by glob
    python tests/execute_notebooks.py notebooks/00_*.ipynb some of them

Kept: text, numbers, pictures. Left out: widget views and state (a notebook opened unrun would
show an error in their place), timings, and the versions of the machine that ran it. The cells of a
core lesson get their part in its deck of slides.
"""

import sys
import time
from pathlib import Path

import export
import nbclient
import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def execute(path):
    """Run the notebook at `path` and write it back with its outputs; return the seconds it took."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    client = nbclient.NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,  # what a cell prints is one text, however long it took
        resources={"metadata": {"path": str(path.parent)}},
    )
    started = time.perf_counter()
    client.execute()
    seconds = time.perf_counter() - started
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    if path.resolve().parent == NOTEBOOKS:
        export.mark(notebook)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    return seconds


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or sorted(NOTEBOOKS.glob("*.ipynb"))):
        print(f"{path.name}: {execute(path):.1f} s")
