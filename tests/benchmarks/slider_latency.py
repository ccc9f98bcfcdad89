"""Every explorer on one line: height, text, and what a move of a slider costs in the kernel.

    python tests/benchmarks/slider_latency.py [EncoderBlockExplorer …]

Runs in a real kernel with the widgets displayed, so that messages are packed and sent. For every
explorer it moves every control to every position. Times are CPU time, in milliseconds, so that a
busy computer changes little:

ordinary     the structure stays (the background is kept): blit, PNG, message
structural   ticks, labels or axes change: one full draw
interact     the same picture as `interact` with `plt.show()` makes it, in the same run: a new
             pyplot figure a move, drawn whole by matplotlib's own artists, through the inline
             backend
kB           of the picture that an ordinary move sends
memory       growth of the kernel's resident memory over 500 moves, in MiB, after 100 to warm up;
             what was freed is given back to the system before it is read
height       pixels from bar to State, as page.css sets them (`pytest -m browser` measures it)
text         the smallest letters at any stop of the tour, in pixels of the page
stops        of the tour, and how many of them have a test of what they claim
"""

import json
import sys
from pathlib import Path

from jupyter_client.manager import start_new_kernel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tour_claims

IN_KERNEL = r"""
%matplotlib inline
import ctypes, gc, importlib, itertools, json, pkgutil, statistics, time, warnings
import psutil
from IPython.display import display
import helpers.explorers
from helpers.explorers.explorer import Explorer, positions
from plain_interact import plain_interact
warnings.filterwarnings("ignore")

def found():
    for module in pkgutil.iter_modules(helpers.explorers.__path__):
        content = importlib.import_module(f"helpers.explorers.{module.name}")
        for value in vars(content).values():
            if isinstance(value, type) and issubclass(value, Explorer):
                if hasattr(value, "make_controls") and value.__module__ == content.__name__:
                    yield value

def moves(explorer):
    for name, control in explorer.controls.items():
        offered = [*positions(control), *explorer.samples.get(name, ())]
        for value in offered:
            if value != control.value:
                yield control, value
        explorer.reset()

def timed_moves(explorer, rounds):
    kept, changed, sizes = [], [], []
    for _ in range(rounds):
        for control, value in moves(explorer):
            structure = explorer._structure
            start = time.process_time()
            control.value = value
            took = 1000 * (time.process_time() - start)
            (kept if explorer._structure == structure else changed).append(took)
            sizes.append(len(explorer.png))
    return kept, changed, statistics.median(sizes) / 1000

def height(explorer):
    rows, column = 1, 0
    for control in explorer.controls.values():
        wanted = int((control.layout.grid_area or "1").rsplit(" ", 1)[-1])
        if column + wanted > explorer.columns:
            rows, column = rows + 1, 0
        column += wanted
    rows += len(explorer.rows_between())
    return 44 + 34 * rows + 2 + explorer.size[1] + 52 + 32  # bar, controls, picture, sentence, foot

def smallest_text(explorer):
    sizes = set()
    for i in range(max(1, len(explorer.tour.stops))):
        if explorer.tour.stops:
            explorer.tour.go(i)
        for artist in explorer.figure.findobj(lambda artist: hasattr(artist, "get_fontsize")):
            shown = artist.get_visible() and (artist.axes is None or artist.axes.get_visible())
            if shown and getattr(artist, "get_text", lambda: "cells")():
                sizes.add(artist.get_fontsize() * 96 / 72)
    explorer.reset()
    return min(sizes)

def through_interact(explorer):
    states = []
    for control, value in moves(explorer):
        control.value = value
        states.append(explorer.values)
    explorer.reset()
    states = states[:: max(1, len(states) // 12)]
    plain = plain_interact(explorer, states)
    display(plain)
    times = []
    for i in range(1, len(states)):
        start = time.process_time()
        plain.children[0].value = i
        times.append(1000 * (time.process_time() - start))
    return times

def held():
    gc.collect()
    if hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)
    return psutil.Process().memory_info().rss / 2**20

def memory(explorer):
    walk = itertools.islice(itertools.cycle(list(moves(explorer))), 600)
    for i, (control, value) in enumerate(walk):
        if i == 100:
            start = held()
        try:
            control.value = value
        except Exception:
            explorer.reset()  # a choice that another control no longer offers
    return held() - start

table = []
for kind in [kind for kind in found() if not WANTED or kind.__name__ in WANTED]:
    explorer = kind()
    display(explorer)
    kept, changed, kilobytes = timed_moves(explorer, 3)
    table.append({"name": kind.__name__, "kept": kept, "changed": changed, "kB": kilobytes,
                  "height": height(explorer), "text": smallest_text(explorer),
                  "stops": len(explorer.tour.stops),
                  "interact": through_interact(explorer), "memory": memory(kind())})
print("TABLE" + json.dumps(table))
"""


def run_in_kernel(source):
    """Run the source in a fresh kernel and return all that it printed."""
    manager, client = start_new_kernel(kernel_name="python3")
    printed = ""
    try:
        request = client.execute(source)
        while True:
            message = client.get_iopub_msg(timeout=600)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                printed += content["text"]
            if message["msg_type"] == "error":
                sys.exit("\n".join(content["traceback"]))
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return printed
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def percentile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main():
    beside = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
    beside += f"WANTED = {sys.argv[1:]!r}\n"
    table = json.loads(run_in_kernel(beside + IN_KERNEL).split("TABLE", 1)[1])
    claims = [kind for kind, _ in tour_claims.load()]
    print("                          ordinary move       structural   interact     memory")
    print("explorer                 median  p95    kB   median  max    median ratio   MiB", end="")
    print("  height  text  stops  claims")
    for row in table:
        ours, plain = percentile(row["kept"], 0.5), percentile(row["interact"], 0.5)
        changed = row["changed"] or [float("nan")]
        print(
            f"{row['name']:24s} {ours:6.1f}{percentile(row['kept'], 0.95):6.1f}{row['kB']:6.0f}"
            f"   {percentile(changed, 0.5):6.1f}{max(changed):5.0f}"
            f"   {plain:6.0f} {plain / ours:5.1f}  {row['memory']:+5.1f}"
            f"  {row['height']:6d}{row['text']:6.1f}{row['stops']:7d}{claims.count(row['name']):8d}"
        )


if __name__ == "__main__":
    main()
