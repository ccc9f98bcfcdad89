"""Repeat every experiment over many seeds, and keep the numbers that the lessons quote.

    python -m helpers.learning.evidence                 all experiments: about an hour
    python -m helpers.learning.evidence layer_norm      those of one notebook
    python -m helpers.learning.evidence --anew          measured rows are measured again

It prints progress and can be stopped at any time. The next call goes on where it was: a row that
was made with today's options is kept.

helpers/data/evidence.json holds one value per seed for each notebook, run and number.
helpers/data/runs/<notebook>.npz holds what explorers show of each run, for the first seed.
A lesson never types such a number: it asks `measured` or `claims` for it.
"""

import json
import re
import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.learning.experiments import (
    encoder_block,
    feed_forward,
    finish,
    layer_norm,
    multi_head_attention,
    positional_encoding,
    reading_attention,
    self_attention,
    skip_connections,
)

MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        self_attention, multi_head_attention, skip_connections, layer_norm,
        feed_forward, positional_encoding, encoder_block, reading_attention,
    )
}  # fmt: skip
DATA = Path(__file__).resolve().parents[1] / "data"
TABLE = DATA / "evidence.json"
LARGE = 1000  # an array of more numbers is kept in half precision: it is only looked at


class Measured(NamedTuple):
    values: np.ndarray  # one number per seed

    @property
    def mean(self):
        return float(self.values.mean())

    @property
    def lowest(self):
        return float(self.values.min())

    @property
    def highest(self):
        return float(self.values.max())

    @property
    def seeds(self):
        return len(self.values)


class Share(NamedTuple):
    holds: int  # seeds in which the sentence holds
    seeds: int

    def __str__(self):
        return f"{self.holds} of {self.seeds}"


def _known(name, choices):
    return choices[checks.require_choice(name, "name", choices)]


def signature(run):
    """Return how a run is made, as text: a row made otherwise is out of date."""
    options = ", ".join(f"{key}={value!r}" for key, value in run.options.items())
    return f"{run.experiment.__name__}({options}) {', '.join(run.numbers)}"


def _read():
    return json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}


def _write(table):
    text = json.dumps(table, indent=1, ensure_ascii=False)
    text = re.sub(r"\[[^\[\]]*\]", lambda values: " ".join(values[0].split()), text)
    TABLE.write_text(text + "\n", encoding="utf-8")


def measure(name, anew=False):
    """Run what is missing of one notebook's table, and write the files after each row."""
    runs, table = _known(name, MODULES).RUNS, _read()
    old, kept = ({}, {}) if anew else (table.get(name, {}), _kept(name))
    rows = table[name] = {run: old[run] for run in runs if run in old}  # what was dropped goes
    kept = {label: array for label, array in kept.items() if label.rpartition("/")[0] in runs}
    for run, spec in runs.items():
        row, made_by = rows.get(run, {}), signature(spec)
        complete = all(f"{run}/{key}" in kept for key in spec.kept)
        if row.get("made by") != made_by or not complete:
            row = {"made by": made_by, "seconds": 0.0} | {number: [] for number in spec.numbers}
        if _count(row, spec) == spec.seeds:
            continue
        try:
            _extend(row, spec, kept, run)
        finally:  # also when it is stopped
            if _count(row, spec):
                rows[run] = row
                _write(table)
                _keep(name, kept)
        print(f"{name}: {run}, {spec.seeds} seeds, {row['seconds']} s each", flush=True)
        for number in spec.numbers:
            found = Measured(np.array(row[number]))
            print(f"    {number}: {found.mean:.3g} ({found.lowest:.3g} to {found.highest:.3g})")
    table[name] = {run: rows[run] for run in runs}  # in the order of RUNS
    _keep(name, kept)
    _write({lesson: table[lesson] for lesson in MODULES if lesson in table})
    _table.cache_clear()


def _count(row, spec):
    return min(len(row[number]) for number in spec.numbers)


def _extend(row, spec, kept, run):
    done = _count(row, spec)
    for number in spec.numbers:
        del row[number][spec.seeds :]
    for seed in range(done, spec.seeds):
        started = time.process_time()
        result = finish(spec.experiment(seed, **spec.options))
        spent = time.process_time() - started
        row["seconds"] = round((row["seconds"] * seed + spent) / (seed + 1), 2)
        if seed == 0:
            for key in spec.kept:
                array = np.asarray(result[key])
                kept[f"{run}/{key}"] = array.astype(np.float16) if array.size > LARGE else array
        for number in spec.numbers:
            row[number].append(float(f"{float(result[number]):.4g}"))


@lru_cache(maxsize=1)
def _table():
    return _read()


def measured(name):
    """Return the committed numbers of one notebook: {run: {number: Measured}}.

    Raises ValueError where the table has no such notebook.
    """
    return {
        run: {
            number: Measured(np.array(values))
            for number, values in row.items()
            if number not in ("made by", "seconds")
        }
        for run, row in _known(name, _table()).items()
    }


def column(name, number="accuracy"):
    """Return one number of all runs of a notebook that have it: {run: Measured}."""
    return {run: row[number] for run, row in measured(name).items() if number in row}


def claims(name):
    """Return in how many seeds each sentence about a notebook's runs holds: {sentence: Share}.

    Raises ValueError where the table has no such notebook.
    """
    rows, found = measured(name), {}
    for sentence, claim in MODULES[name].CLAIMS.items():
        compared = zip(*(_by_seed(rows[run]) for run in claim.runs), strict=False)
        holds = [bool(claim.holds(*numbers)) for numbers in compared]
        found[sentence] = Share(sum(holds), len(holds))
    return found


def _by_seed(row):
    """Return one dict of numbers per seed."""
    columns = [number.values.tolist() for number in row.values()]
    return [dict(zip(row, values, strict=True)) for values in zip(*columns, strict=True)]


def _kept(name):
    path = DATA / "runs" / f"{name}.npz"
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as arrays:
        return {label: arrays[label] for label in arrays.files}


def _keep(name, kept):
    path = DATA / "runs" / f"{name}.npz"
    path.parent.mkdir(exist_ok=True)
    if kept:
        np.savez_compressed(path, **kept)
    else:
        path.unlink(missing_ok=True)


def recorded(name):
    """Return what was kept of the first seed's runs: {run: {key: array}}.

    Raises ValueError for a name that has no experiment file.
    """
    _known(name, MODULES)
    runs = {}
    for label, array in _kept(name).items():
        run, _, key = label.rpartition("/")
        runs.setdefault(run, {})[key] = array
    return runs


def show(name, runs=None, number="accuracy"):
    """Print the committed numbers of some runs of a notebook, or of all, one row each."""
    found = column(name, number)
    chosen = found if runs is None else runs
    width = max(map(len, [*chosen, number]))
    print(f"{number:{width}s}   mean  lowest  highest  seeds")
    for run in chosen:
        row = found[run]
        print(
            f"{run:{width}s}  {row.mean:5.3f}   {row.lowest:5.3f}    {row.highest:5.3f}  "
            f"{row.seeds:5d}"
        )


def main(arguments):
    """Measure the notebooks of these names, or all."""
    anew = "--anew" in arguments
    for name in [name for name in arguments if name != "--anew"] or MODULES:
        measure(name, anew)
        for sentence, share in claims(name).items():
            print(f"{name}: {share}: {sentence}")


if __name__ == "__main__":
    main(sys.argv[1:])
