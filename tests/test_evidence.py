"""The table that the lessons quote: whole, made by the experiments of today, and quoted rightly."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.learning import evidence, experiments
from helpers.learning.claims import Claim, claim, higher
from helpers.learning.experiments import Report, Run


def json_table():
    return json.loads(evidence.TABLE.read_text(encoding="utf-8"))


every_lesson = pytest.mark.parametrize("name", evidence.MODULES)


def counting(seed, top=3):
    for i in range(1, top + 1):
        yield Report(i / top, f"at {i}", {"height": i + seed, "path": np.arange(i)})


@every_lesson
def test_the_table_has_every_run_and_number_for_its_seeds_and_no_other(name):
    """A run that was renamed, added or dropped asks for the command to be run again."""
    runs, table = evidence.MODULES[name].RUNS, evidence.measured(name)
    assert {run: set(row) for run, row in table.items()} == {
        run: set(spec.numbers) for run, spec in runs.items()
    }
    for run, spec in runs.items():
        for number in table[run].values():
            assert number.seeds == spec.seeds >= 10, run
            assert np.isfinite(number.values).all(), run


@every_lesson
def test_every_row_was_made_with_the_options_of_today(name):
    made = {run: row["made by"] for run, row in json_table()[name].items()}
    assert made == {
        run: evidence.signature(spec) for run, spec in evidence.MODULES[name].RUNS.items()
    }


@every_lesson
def test_no_run_takes_longer_than_a_class_waits_and_quick_ones_have_twenty_seeds(name):
    seconds = {run: row["seconds"] for run, row in json_table()[name].items()}
    assert max(seconds.values()) <= 10, seconds
    few = {run for run, spec in evidence.MODULES[name].RUNS.items() if spec.seeds < 20}
    assert all(seconds[run] >= 0.7 for run in few), few  # a slower processor takes a second


@every_lesson
def test_claims_speak_of_runs_that_there_are_and_what_explorers_show_is_kept(name):
    runs, kept = evidence.MODULES[name].RUNS, evidence.recorded(name)
    claims = evidence.MODULES[name].CLAIMS.values()
    assert {run for claim in claims for run in claim.runs} <= set(runs)
    assert {run: set(row) for run, row in kept.items()} == {
        run: set(spec.kept) for run, spec in runs.items() if spec.kept
    }
    if kept:
        limit = 300_000 if name == "reading_attention" else 150_000  # it keeps whole models
        assert (evidence.DATA / "runs" / f"{name}.npz").stat().st_size <= limit


def test_every_experiment_file_is_known_and_named_after_its_lesson():
    folder = evidence.Path(experiments.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == set(evidence.MODULES)
    assert set(json_table()) == files


def test_the_quickest_run_of_each_lesson_still_gives_the_number_of_the_table():
    """Another processor may round otherwise: what is learned must agree, not the last digit."""
    for name, module in evidence.MODULES.items():
        seconds = {run: row["seconds"] for run, row in json_table()[name].items()}
        run = min(seconds, key=seconds.get)
        spec, row = module.RUNS[run], evidence.measured(name)[run]
        result = experiments.finish(spec.experiment(0, **spec.options))
        for number in spec.numbers:
            slack = 0.1 + 2 * np.ptp(row[number].values)
            assert abs(result[number] - row[number].values[0]) <= slack, (name, run, number)


@pytest.fixture
def stairs(monkeypatch, tmp_path):
    """A lesson of two small runs, and an empty folder for its table."""
    monkeypatch.setattr(evidence, "DATA", tmp_path)
    monkeypatch.setattr(evidence, "TABLE", tmp_path / "evidence.json")
    asked = []

    def climb(seed, top=3):
        asked.append((top, seed))
        yield from counting(seed, top)

    runs = {
        "low": Run(climb, {"top": 2}, ("height",), seeds=3),
        "up": Run(climb, {"top": 4}, ("height",), ("path",), seeds=3),
    }
    claims = {
        "up is higher": Claim(("low", "up"), lambda low, up: up["height"] > low["height"]),
        "up is above 5": Claim(("up",), lambda up: up["height"] > 5),
    }
    lesson = SimpleNamespace(RUNS=runs, CLAIMS=claims)
    monkeypatch.setattr(evidence, "MODULES", {"stairs": lesson})
    evidence._table.cache_clear()
    yield SimpleNamespace(runs=runs, asked=asked)
    evidence._table.cache_clear()


def test_measuring_repeats_over_seeds_keeps_the_first_and_counts_claims_per_seed(stairs):
    evidence.measure("stairs")
    assert evidence.measured("stairs")["up"]["height"].values.tolist() == [4, 5, 6]
    assert np.array_equal(evidence.recorded("stairs")["up"]["path"], np.arange(4))
    assert "path" not in evidence.recorded("stairs").get("low", {})
    found = {sentence: str(share) for sentence, share in evidence.claims("stairs").items()}
    assert found == {"up is higher": "3 of 3", "up is above 5": "1 of 3"}


def test_measuring_goes_on_where_it_was_stopped(stairs, monkeypatch):
    whole = stairs.runs["up"]

    def stopped(seed, top):
        if seed == 2:
            raise KeyboardInterrupt
        yield from whole.experiment(seed, top)

    stopped.__name__ = whole.experiment.__name__
    monkeypatch.setitem(stairs.runs, "up", whole._replace(experiment=stopped))
    with pytest.raises(KeyboardInterrupt):
        evidence.measure("stairs")
    monkeypatch.setitem(stairs.runs, "up", whole)
    assert stairs.asked == [(2, 0), (2, 1), (2, 2), (4, 0), (4, 1)]
    evidence.measure("stairs")
    assert stairs.asked[5:] == [(4, 2)]
    assert evidence.measured("stairs")["up"]["height"].values.tolist() == [4, 5, 6]
    assert set(evidence.recorded("stairs")["up"]) == {"path"}


def test_only_what_was_made_otherwise_is_measured_again_and_what_is_gone_leaves(
    stairs, monkeypatch
):
    def measured(**options):
        del stairs.asked[:]
        evidence.measure("stairs", **options)
        return stairs.asked

    assert len(measured()) == 6
    monkeypatch.setitem(stairs.runs, "low", stairs.runs["low"]._replace(options={"top": 3}))
    assert measured() == [(3, 0), (3, 1), (3, 2)]
    monkeypatch.setitem(stairs.runs, "up", stairs.runs["up"]._replace(seeds=4))
    assert measured() == [(4, 3)]
    assert len(measured(anew=True)) == 7
    monkeypatch.delitem(stairs.runs, "up")
    assert measured() == []
    assert set(evidence.measured("stairs")) == {"low"}
    assert evidence.recorded("stairs") == {}


def test_a_column_has_one_number_of_the_runs_that_have_it():
    column = evidence.column("multi_head_attention")
    assert "2 look-ups, 2 heads" in column
    assert "random heads" not in column
    assert column["2 look-ups, 2 heads"].seeds == 20


@pytest.mark.parametrize("call", ["measured", "recorded", "measure", "claims"])
def test_an_unknown_lesson_is_an_error_with_the_choices(call):
    with pytest.raises(ValueError, match=r"'dancing'; choose one of .*multi_head_attention"):
        getattr(evidence, call)("dancing")


def test_an_experiment_that_ends_without_a_result_is_an_error():
    with pytest.raises(ValueError, match="without a result"):
        experiments.finish(report for report in [Report(1.0, "done")])


def test_a_moment_of_training_is_the_last_one_unless_it_is_named():
    found = {"steps": [10, 20, 30]}
    assert [experiments.snapshot(found, moment) for moment in (None, 0, 2, 9)] == [2, 0, 2, 2]


def test_a_claim_holds_within_its_limits_for_each_of_its_runs():
    low, middle, high = ({"accuracy": value} for value in (0.25, 0.5, 0.75))
    between = claim(["one", "other"], above=0.25, below=0.75)
    assert between.runs == ("one", "other")
    assert between.holds(middle, middle)
    assert not between.holds(middle, low)
    assert not between.holds(high, middle)
    assert claim("one", at_least=0.25).holds(low)
    assert not claim("one", "accuracy", at_least=0.3).holds(low)
    assert higher("one", "other").holds(high, middle)
    assert not higher("one", "other").holds(middle, middle)


def test_every_seed_has_its_own_weights_and_training_and_the_same_test():
    first, second = ([rng.random() for rng in experiments.generators(seed)] for seed in (0, 1))
    assert len({*first, *second}) == 5
    assert first[2] == second[2]
