"""A whole class on one machine: many kernels run a lesson at once, then everybody moves a slider.

    python tests/benchmarks/classroom.py                 30 kernels, notebook 01, 40 moves each
    python tests/benchmarks/classroom.py 10 05           10 kernels, notebook 05

With OPENBLAS_NUM_THREADS=1 before it, every kernel computes on one thread.

Prints how long the lesson took when all run it at once, the processor time that it cost (with the
start of the kernel), how long a move took when all move, and how much memory a kernel holds: its
proportional set size, in which what kernels share is shared out among them. Every cell must run
without an error, or the benchmark ends with it.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
from jupyter_client.manager import start_new_async_kernel

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
MOVE = """
from helpers.explorers.explorer import Explorer, positions
import itertools, time
shown = [value for value in list(globals().values()) if isinstance(value, Explorer)][-1]
control = next(c for c in shown.controls.values() if len(positions(c)) > 1)
taken = []
for value in itertools.islice(itertools.cycle(positions(control)), 40):
    start = time.perf_counter()
    control.value = value
    taken.append(time.perf_counter() - start)
print(max(taken))
"""


async def run(client, source):
    """Run the source; return what it printed. Raises RuntimeError with the kernel's own error."""
    printed = []

    def heard(message):
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            printed.append(content["text"])
        if kind == "error":
            raise RuntimeError(f"{content['ename']}: {content['evalue']}")

    await client.execute_interactive(source, output_hook=heard, timeout=1200)
    return "".join(printed)


async def lesson_in(client, cells):
    """Run a lesson from top to bottom; return the seconds it took."""
    started = time.perf_counter()
    for cell in cells:
        await run(client, cell)
    return time.perf_counter() - started


def row(name, values, unit):
    """Print the median and the largest of some numbers."""
    middle, largest = statistics.median(values), max(values)
    print(f"{name:38s}  median {middle:5.1f}  largest {largest:5.1f}  {unit}")


async def main(n_kernels=30, lesson="01"):
    (path,) = NOTEBOOKS.glob(f"{lesson}_*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "not set")
    print(f"{n_kernels} kernels on {psutil.cpu_count()} cores, {path.stem}")
    print(f"OPENBLAS_NUM_THREADS: {threads}", flush=True)
    kernels = []
    try:
        for _ in range(n_kernels):
            options = {"cwd": str(NOTEBOOKS), "stderr": subprocess.DEVNULL}
            kernels.append(await start_new_async_kernel(kernel_name="python3", **options))
        processes = [psutil.Process(manager.provisioner.process.pid) for manager, _ in kernels]
        clients = [client for _, client in kernels]
        lessons = await asyncio.gather(*(lesson_in(client, cells) for client in clients))
        row("the lesson, all at once", lessons, "s")
        row("processor time", [sum(p.cpu_times()[:2]) for p in processes], "s a kernel")
        moves = await asyncio.gather(*(run(client, MOVE) for client in clients))
        slowest = [1000 * float(move.split()[-1]) for move in moves]
        row("the slowest of 40 moves, all at once", slowest, "ms")
        row("memory", [p.memory_full_info().pss / 2**20 for p in processes], "MiB a kernel")
    finally:
        for manager, client in kernels:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    asyncio.run(main(*(kind(word) for kind, word in zip((int, str), sys.argv[1:], strict=False))))
