"""Every explorer on one line: what a move of a slider costs in the kernel.

    python tests/benchmarks/slider_latency.py [EncoderBlockExplorer …]

Runs in a real kernel with the widgets displayed, so that messages are packed and sent. For every
explorer it moves every control to every position. Times are CPU time, in milliseconds, so that a
busy computer changes little:

ordinary     the structure stays (the background is kept): blit, PNG, message
structural   ticks, labels or axes change: one full draw
kB           of the picture that an ordinary move sends
"""

import statistics
import sys
import time
from pathlib import Path

from jupyter_client.manager import run_kernel

FOLDER = Path(__file__).resolve().parent
IN_KERNEL = """
import sys
sys.path[:0] = {folders!r}
from slider_latency import print_table
print_table({wanted!r})
"""


def moves(explorer):
    from every_explorer import tried

    for name, control in explorer.controls.items():
        for value in tried(explorer, name):
            if value != control.value:
                yield control, value
        explorer.reset()


def milliseconds(control, value):
    """Move a control; return the CPU time that it took."""
    start = time.process_time()
    control.value = value
    return 1000 * (time.process_time() - start)


def timed_moves(explorer, rounds=3):
    """Return the times of ordinary and of structural moves, and the median size of pictures."""
    times, sizes = {True: [], False: []}, []
    for _ in range(rounds):
        for control, value in moves(explorer):
            structure = explorer._structure
            took = milliseconds(control, value)
            times[explorer._structure == structure].append(took)
            sizes.append(len(explorer.png))
    return times[True], times[False], statistics.median(sizes) / 1000


def print_table(wanted):
    """Measure the explorers of these names, or all, in this process; print a line for each."""
    from every_explorer import EXPLORERS
    from IPython.display import display

    print("                          ordinary move       structural")
    print("explorer                 median  p95    kB   median  max")
    for kind in [kind for kind in EXPLORERS if not wanted or kind.__name__ in wanted]:
        explorer = kind()
        display(explorer)
        kept, changed, kilobytes = timed_moves(explorer)
        changed = changed or [float("nan")]
        middle, high = statistics.median(kept), statistics.quantiles(kept, n=20)[-1]
        print(f"{kind.__name__:24s} {middle:6.1f}{high:6.1f}{kilobytes:6.0f}", end="")
        print(f"   {statistics.median(changed):6.1f}{max(changed):5.0f}", flush=True)


if __name__ == "__main__":

    def show(message):
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            print(content["text"], end="", flush=True)
        if message["msg_type"] == "error":
            sys.exit("\n".join(content["traceback"]))

    source = IN_KERNEL.format(folders=[str(FOLDER), str(FOLDER.parent)], wanted=sys.argv[1:])
    with run_kernel(kernel_name="python3") as client:
        client.execute_interactive(source, output_hook=show)
