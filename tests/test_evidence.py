"""The table that the lessons quote: whole, made by the experiments of today, and quoted rightly."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.learning import evidence, experiments
from helpers.learning.experiments import Report, Run

every_lesson = pytest.mark.parametrize("name", evidence.MODULES)


def counting(seed, top=3):
    for i in range(1, top + 1):
        yield Report(i / top, f"at {i}", {"height": i + seed, "path": np.arange(i)})


@every_lesson
def test_the_table_has_every_run_and_number_for_five_seeds_and_no_other(name):
    """A run that was renamed, added or dropped asks for the command to be run again."""
    runs, table = evidence.MODULES[name].RUNS, evidence.measured(name)
    assert {run: set(row) for run, row in table.items()} == {
        run: set(spec.numbers) for run, spec in runs.items()
    }
    values = [number.values for row in table.values() for number in row.values()]
    assert all(v.shape == (5,) and np.isfinite(v).all() for v in values)


@every_lesson
def test_what_explorers_show_is_kept_of_every_run(name):
    runs, kept = evidence.MODULES[name].RUNS, evidence.recorded(name)
    assert {run: set(row) for run, row in kept.items()} == {
        run: set(spec.kept) for run, spec in runs.items() if spec.kept
    }
    limit = 300_000 if name == "reading_attention" else 150_000  # it keeps whole models
    assert (evidence.DATA / "runs" / f"{name}.npz").stat().st_size <= limit


@every_lesson
def test_no_run_takes_longer_than_a_class_waits(name):
    seconds = evidence.seconds(name)
    assert max(seconds.values()) <= 10, seconds


def test_every_experiment_file_is_known_and_named_after_its_lesson():
    folder = evidence.Path(experiments.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == set(evidence.MODULES)
    assert set(json.loads(evidence.TABLE.read_text(encoding="utf-8"))) == files


def test_the_quickest_run_of_each_lesson_still_gives_the_number_of_the_table():
    """Another processor may round otherwise: what is learned must agree, not the last digit."""
    for name, module in evidence.MODULES.items():
        seconds = evidence.seconds(name)
        run = min(seconds, key=seconds.get)
        spec, row = module.RUNS[run], evidence.measured(name)[run]
        result = experiments.finish(spec.experiment(0, **spec.options))
        for number in spec.numbers:
            slack = 0.1 + 2 * np.ptp(row[number].values)
            assert abs(result[number] - row[number].values[0]) <= slack, (name, run, number)


def test_measuring_repeats_over_seeds_and_keeps_the_first(monkeypatch):
    runs = {"up": Run(counting, {"top": 4}, ("height",), ("path",))}
    monkeypatch.setitem(evidence.MODULES, "stairs", SimpleNamespace(RUNS=runs))
    table, kept = evidence.measure("stairs", seeds=(2, 5))
    assert table["up"]["height"] == [6, 9]
    assert np.array_equal(kept["up/path"], np.arange(4))


def test_a_number_knows_its_mean_and_its_ends():
    number = evidence.Measured(np.array([0.5, 1.0, 0.75]))
    assert (number.mean, number.lowest, number.highest) == (0.75, 0.5, 1.0)


def test_the_printed_table_is_the_committed_one(capsys):
    evidence.show("multi_head_attention", ["2 look-ups, 2 heads"])
    title, row = capsys.readouterr().out.splitlines()
    values = evidence.measured("multi_head_attention")["2 look-ups, 2 heads"]["accuracy"].values
    assert title.split() == ["accuracy,", "five", "seeds", "mean", "lowest", "highest"]
    assert row.split()[-3:] == [f"{f(values):.3f}" for f in (np.mean, np.min, np.max)]


@pytest.mark.parametrize("call", [evidence.measured, evidence.recorded, evidence.measure])
def test_an_unknown_lesson_is_an_error_with_the_choices(call):
    with pytest.raises(ValueError, match=r"'dancing'; choose one of .*multi_head_attention"):
        call("dancing")


def test_an_experiment_that_ends_without_a_result_is_an_error():
    with pytest.raises(ValueError, match="without a result"):
        experiments.finish(report for report in [Report(1.0, "done")])


def test_a_part_of_a_longer_run_reports_its_share_of_it():
    def whole():
        first = yield from experiments.part(counting(0), 0, 0.5)
        second = yield from experiments.part(counting(10), 0.5, 1)
        yield Report(1, "done", {"sum": first["height"] + second["height"]})

    reports = list(whole())
    assert [round(report.done, 2) for report in reports] == [0.17, 0.33, 0.5, 0.67, 0.83, 1, 1]
    assert reports[-1].result == {"sum": 3 + 13}
