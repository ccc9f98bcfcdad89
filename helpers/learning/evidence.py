"""Re-run every experiment over seeds, and keep the numbers that the lessons quote.

    python -m helpers.learning.evidence                 all experiments, five seeds: some minutes
    python -m helpers.learning.evidence layer_norm      those of one notebook

helpers/data/evidence.json holds, for each notebook, run and number, one value a seed.
helpers/data/runs/<notebook>.npz holds what explorers show of each run, for the first seed.
A lesson never types such a number: it asks `measured` for it.
"""

import io
import json
import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.learning import experiments
from helpers.learning.experiments import (
    encoder_block,
    feed_forward,
    layer_norm,
    multi_head_attention,
    positional_encoding,
    reading_attention,
    skip_connections,
)

MODULES = {
    "multi_head_attention": multi_head_attention,
    "skip_connections": skip_connections,
    "layer_norm": layer_norm,
    "feed_forward": feed_forward,
    "positional_encoding": positional_encoding,
    "encoder_block": encoder_block,
    "reading_attention": reading_attention,
}
DATA = Path(__file__).resolve().parents[1] / "data"
TABLE = DATA / "evidence.json"
SEEDS = range(5)
LARGE = 1000  # an array of more numbers is kept in half precision: it is only looked at


class Measured(NamedTuple):
    values: np.ndarray  # one number a seed

    @property
    def mean(self):
        return float(self.values.mean())

    @property
    def lowest(self):
        return float(self.values.min())

    @property
    def highest(self):
        return float(self.values.max())


def _known(name, choices):
    return choices[checks.require_choice(name, "name", choices)]


def measure(name, seeds=SEEDS):
    """Run all that one notebook claims; return its table and what is kept of the first seed.

    The table: {run: {"seconds": of one run, number: [one a seed]}}; kept: {"run/key": array}.
    Raises ValueError for a name that is no experiment file.
    """
    table, kept = {}, {}
    for run, (experiment, options, numbers, keys) in _known(name, MODULES).RUNS.items():
        start, results = time.process_time(), []
        for seed in seeds:
            results.append(experiments.finish(experiment(seed, **options)))
        seconds = (time.process_time() - start) / len(results)
        table[run] = {"seconds": round(seconds, 1)}
        for number in numbers:
            values = [float(f"{float(result[number]):.4g}") for result in results]
            table[run][number] = values
            print(f"{name}: {run}: {number} {np.mean(values):.3g} of {values}", flush=True)
        for key in keys:
            array = np.asarray(results[0][key])
            kept[f"{run}/{key}"] = array.astype(np.float16) if array.size > LARGE else array
    return table, kept


@lru_cache(maxsize=1)
def _table():
    return json.loads(TABLE.read_text(encoding="utf-8"))


def measured(name):
    """Return the committed numbers of one notebook: {run: {number: Measured}}.

    Raises ValueError where the table has no such notebook.
    """
    return {
        run: {number: Measured(np.array(v)) for number, v in row.items() if number != "seconds"}
        for run, row in _known(name, _table()).items()
    }


def seconds(name):
    """Return the processor time of each run, on the machine that made the table: {run: seconds}."""
    return {run: row["seconds"] for run, row in _known(name, _table()).items()}


def recorded(name):
    """Return what was kept of the first seed's runs: {run: {key: array}}.

    Raises ValueError for a name that is no experiment file.
    """
    _known(name, MODULES)
    runs = {}
    with np.load(DATA / "runs" / f"{name}.npz", allow_pickle=False) as arrays:
        for label in arrays.files:
            run, _, key = label.rpartition("/")
            runs.setdefault(run, {})[key] = arrays[label]
    return runs


def show(name, runs=None, number="accuracy"):
    """Print the committed numbers of some runs of a notebook, or of all, a row each."""
    found = measured(name)
    chosen = [run for run, row in found.items() if number in row] if runs is None else runs
    title = f"{number}, five seeds"
    width = max(map(len, [*chosen, title]))
    print(f"{title:{width}s}   mean  lowest  highest")
    for run in chosen:
        row = found[run][number]
        print(f"{run:{width}s}  {row.mean:5.3f}   {row.lowest:5.3f}    {row.highest:5.3f}")


def main(chosen):
    """Measure the notebooks of these names, or all, and write both files."""
    table = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    (DATA / "runs").mkdir(exist_ok=True)
    for name in chosen or MODULES:
        table[name], kept = measure(name)
        runs = io.BytesIO()
        np.savez_compressed(runs, **kept)
        (DATA / "runs" / f"{name}.npz").write_bytes(runs.getvalue())
        TABLE.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
