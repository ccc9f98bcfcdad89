"""The button that trains: live results, one run at a time, a stop that leaves all usable."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.explorers import explorer, live_experiment
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence
from helpers.learning.experiments import Report, Run

pytestmark = pytest.mark.usefixtures("let_go")
STEPS = 10


def climb(seed, speed=1, fails_at=None):
    """An experiment that counts: its result holds the heights so far."""
    heights = []
    for step in range(1, STEPS + 1):
        if step == fails_at:
            raise ValueError(f"nothing holds at step {step}")
        heights.append(step * speed + seed / 100)
        yield Report(step / STEPS, f"step {step} <b>", {"heights": list(heights)})


RUNS = {
    "slow": Run(climb, {}, ()),
    "fast": Run(climb, {"speed": 2}, ()),
    "broken": Run(climb, {"fails_at": 4}, ()),
}
RECORDED = {name: {"heights": np.arange(STEPS) + 0.5} for name in RUNS}


class Climb(LiveExperiment):
    lesson = "climbing"

    def make_controls(self):
        return {
            "run": explorer.menu("Run", "slow", list(RUNS)),
            "step": explorer.int_slider("Step", STEPS, 1, STEPS),
        }

    def run_name(self, values):
        return values["run"]

    def build(self, figure):
        self.ax = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        self.ax.set(xlim=(0, STEPS), ylim=(0, 20))
        (self.line,) = self.ax.plot([], [])

    def compute(self, run, step):
        heights = self.result({"run": run})["heights"]
        return heights[:step], self.origin({"run": run})

    def draw(self, result):
        self.line.set_data(range(len(result[0])), result[0])
        return [self.line]

    def describe(self, result):
        return f"{result[1]}: {len(result[0])} steps, height {result[0][-1]:.2f}."


@pytest.fixture
def climbing(monkeypatch):
    monkeypatch.setitem(evidence.MODULES, "climbing", SimpleNamespace(RUNS=RUNS))
    monkeypatch.setattr(evidence, "recorded", lambda name: RECORDED)
    return Climb()


async def until(condition):
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never happened")


def test_it_begins_with_the_recorded_run(climbing):
    assert climbing.sentence == "recorded run, seed 0: 10 steps, height 9.50."
    assert climbing._stop.disabled
    assert not climbing._train.disabled


def test_training_takes_the_next_seed_each_time_and_reset_forgets_it(climbing):
    climbing.train()
    assert climbing.sentence == "trained here, seed 1: 10 steps, height 10.01."
    climbing.set(run="fast")
    assert climbing.sentence.startswith("recorded run, seed 0")
    climbing.set(run="slow")
    climbing.train()
    assert climbing.sentence == "trained here, seed 2: 10 steps, height 10.02."
    climbing.reset()
    assert climbing.sentence.startswith("recorded run, seed 0")


def test_the_button_works_without_an_event_loop_too(climbing):
    climbing._train.click()
    assert climbing.sentence.startswith("trained here, seed 1")
    assert climbing._bar.value == 1


def test_progress_is_shown_and_escaped(climbing):
    climbing.train()
    assert "slow, seed 1: step 10 &lt;b&gt;" in climbing._note.value


def test_the_picture_grows_while_it_trains_and_sliders_stay_alive(climbing):
    async def scene():
        climbing._train.click()
        assert climbing._train.disabled
        assert not climbing._stop.disabled
        await until(lambda: "height 3" in climbing.sentence)
        climbing.controls["step"].value = 2
        assert climbing.sentence == "trained here, seed 1: 2 steps, height 2.01."
        climbing.controls["run"].value = "fast"
        seen = climbing.sentence
        await until(lambda: climbing._training is None)
        assert climbing.sentence == seen
        climbing.set(run="slow", step=10)
        assert climbing.sentence == "trained here, seed 1: 10 steps, height 10.01."

    asyncio.run(scene())


def test_two_clicks_start_one_run(climbing, monkeypatch):
    started = []
    entered = live_experiment.LiveExperiment._enter
    monkeypatch.setattr(Climb, "_enter", lambda self: (started.append(1), entered(self)))

    async def scene():
        climbing._train.click()
        climbing._train.click()
        await until(lambda: climbing._training is None)

    asyncio.run(scene())
    assert len(started) == 1
    assert climbing.seed == 1


def test_a_stop_keeps_what_was_found_and_leaves_all_usable(climbing):
    async def scene():
        climbing._train.click()
        await until(lambda: "height 4" in climbing.sentence)
        climbing._stop.click()
        await until(lambda: climbing._training is None)

    asyncio.run(scene())
    assert "stopped early: 4 steps" in climbing.sentence or "5 steps" in climbing.sentence
    assert "stopped at" in climbing._note.value
    climbing.controls["step"].value = 2
    assert "2 steps" in climbing.sentence
    climbing.set(step=10)
    climbing._train.click()
    assert climbing.sentence == "trained here, seed 2: 10 steps, height 10.02."


def test_an_error_is_shown_and_raised_and_the_recorded_run_comes_back(climbing):
    climbing.set(run="broken")
    with pytest.raises(ValueError, match="nothing holds"):
        climbing.train()
    climbing._train.click()  # ipywidgets logs what a click raises
    assert 'role="alert"' in climbing._alert.value
    assert "nothing holds at step 4" in climbing._alert.value
    assert climbing.sentence.startswith("recorded run, seed 0")
    assert not climbing._train.disabled

    async def scene():
        climbing._train.click()
        with pytest.raises(ValueError, match="nothing holds"):
            await climbing._task

    asyncio.run(scene())
    assert "nothing holds at step 4" in climbing._alert.value
    assert climbing._training is None


def test_reset_while_training_leaves_the_run_alone(climbing):
    async def scene():
        climbing._train.click()
        await until(lambda: "height 3" in climbing.sentence)
        climbing._reset.click()
        await until(lambda: climbing._training is None)

    asyncio.run(scene())
    assert climbing.sentence.startswith("trained here, seed 1: 10 steps")


def test_a_run_that_blew_up_says_so(climbing, monkeypatch):
    def blows_up(seed):
        yield Report(0.5, "the loss became infinite at step 5", {"heights": [1.0], "trouble": "x"})

    monkeypatch.setitem(RUNS, "slow", Run(blows_up, {}, ()))
    climbing.train()
    assert climbing.sentence == "trained here, seed 1 (x): 1 steps, height 1.00."
    assert "infinite at step 5" in climbing._note.value


def test_nothing_is_left_at_work_when_the_loop_is_closed(climbing):
    """A closed kernel ends the loop, and with it the task: there is no thread."""

    async def scene():
        climbing._train.click()
        await asyncio.sleep(0.02)

    asyncio.run(scene())
    assert climbing._task.cancelled()
    assert climbing._training is None
    climbing.train()
    assert "10 steps" in climbing.sentence
