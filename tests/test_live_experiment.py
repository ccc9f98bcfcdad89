"""The button that trains: live results, one run at a time, a stop that leaves all usable."""

import asyncio
import itertools
import signal
from types import SimpleNamespace

import numpy as np
import pytest
from every_explorer import EXPLORERS

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
        return {"heights": heights[:step], "origin": self.origin({"run": run})}

    def draw(self, result):
        self.line.set_data(range(len(result.heights)), result.heights)
        return [self.line]

    def describe(self, result):
        heights = result.heights
        return f"{result.origin}: {len(heights)} steps, height {heights[-1]:.2f}."


@pytest.fixture
def climbing(monkeypatch):
    monkeypatch.setitem(evidence.MODULES, "climbing", SimpleNamespace(RUNS=RUNS))
    monkeypatch.setattr(evidence, "recorded", lambda name: RECORDED)
    return Climb(seed=1)


def train_and(explorer, condition, *actions):
    """Click *Train live*, wait for a condition, do things, and wait for the end of the run."""

    async def scene():
        explorer._train.click()
        await until(condition)
        for action in actions:
            action()
        await until(lambda: explorer._training is None)

    asyncio.run(scene())


async def until(condition):
    for _ in range(6000):  # half a minute: a busy machine is slow
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never happened")


def test_training_takes_the_seed_in_the_field_and_reset_forgets_the_run(climbing):
    assert climbing.sentence == "recorded run, seed 0: 10 steps, height 9.50."
    assert (climbing._train.disabled, climbing._stop.disabled) == (False, True)
    climbing.train()
    assert climbing.sentence == "trained here, seed 1: 10 steps, height 10.01."
    assert "slow, seed 1: step 10 &lt;b&gt;" in climbing._note.value
    assert climbing._train.description == "Train again"
    assert climbing._progress.value == 1
    climbing.set(run="fast")
    assert climbing.sentence.startswith("recorded run, seed 0")
    assert climbing.note == "Train live makes seed 1"
    assert climbing._train.description == "Train live"
    climbing.set(run="slow")
    assert climbing.sentence.startswith("trained here, seed 1")
    assert climbing.note.startswith("slow, seed 1: step 10")
    climbing.reset()
    assert climbing.sentence.startswith("recorded run, seed 0")
    assert climbing.note == "Train live makes seed 1"
    assert climbing._train.description == "Train live"
    assert climbing._progress.value == 0


def test_training_again_and_every_new_explorer_draw_a_seed(climbing, monkeypatch):
    seeds = {live_experiment.draw_seed() for _ in range(40)}
    assert len(seeds) > 20
    assert seeds <= set(range(1, 1000))
    monkeypatch.setattr(live_experiment, "draw_seed", lambda: 7)
    assert Climb().seed == 7
    climbing.train()
    climbing.train()
    assert climbing.sentence == "trained here, seed 7: 10 steps, height 10.07."


def test_a_pasted_state_with_a_seed_offers_to_train_it(climbing):
    climbing._state.value = "explorer.set(run='fast', step=4, seed=12)"
    assert climbing.sentence.startswith("recorded run, seed 0: 4 steps")
    assert climbing.note == "Train live makes seed 12"
    climbing._train.click()  # no event loop is there
    assert climbing.sentence == "trained here, seed 12: 4 steps, height 8.12."
    assert climbing._progress.value == 1
    assert climbing.state == "explorer.set(run='fast', step=4, seed=12)"


def test_a_typed_seed_shows_the_run_that_it_made(climbing):
    climbing.train()
    climbing._seed.value = 5
    assert climbing.sentence.startswith("recorded run, seed 0")
    assert climbing.note == "Train live makes seed 5"
    climbing._seed.value = 1
    assert climbing.sentence.startswith("trained here, seed 1")


@pytest.mark.parametrize("seed", [0, 1000, "7", 1.5, True])
def test_a_seed_out_of_range_is_refused_and_nothing_moves(climbing, seed):
    state = climbing.state
    with pytest.raises(ValueError, match=r"seed=.*; choose from 1 to 999"):
        climbing.set(seed=seed, step=2)
    assert climbing.state == state
    with pytest.raises(ValueError, match="there is no control stop"):
        climbing.set(seed=9, stop=2)
    assert climbing.state == state


def test_a_stop_of_the_tour_shows_the_recorded_run(climbing, monkeypatch):
    stops = [{"text": "All.", "state": {}}, {"text": "Half.", "state": {"step": 5}}]
    monkeypatch.setattr(explorer, "load_tour", lambda kind: stops)
    climb = Climb(seed=3)
    climb.train()
    assert "course-pale" in climb._bar._told._dom_classes, "the text speaks of the recorded run"
    climb.tour.next()
    assert climb.sentence.startswith("recorded run, seed 0: 5 steps")
    assert "course-pale" not in climb._bar._told._dom_classes


def test_the_kernels_interrupt_stops_as_stop_does(climbing):
    before = signal.getsignal(signal.SIGINT)
    train_and(
        climbing, lambda: "height 4" in climbing.sentence,
        lambda: signal.raise_signal(signal.SIGINT),
    )  # fmt: skip
    assert "stopped early" in climbing.sentence
    assert "stopped at" in climbing.note
    assert signal.getsignal(signal.SIGINT) is before


def test_the_kernels_interrupt_stops_a_training_in_another_thread(climbing):
    """JupyterLab sends clicks to a subshell: a thread of its own, where no signal is heard."""

    async def scene():
        here = Climb(seed=1)  # made in the main thread, as a cell does
        before = signal.getsignal(signal.SIGINT)

        async def clicked():
            here._train.click()
            await until(lambda: here._training is None)

        there = asyncio.create_task(asyncio.to_thread(asyncio.run, clicked()))
        await until(lambda: "height 4" in here.sentence)
        signal.raise_signal(signal.SIGINT)
        await there
        await asyncio.sleep(0)
        assert "stopped at" in here.note
        assert signal.getsignal(signal.SIGINT) is before

    asyncio.run(scene())


def test_an_interrupted_cell_that_trains_ends_without_a_traceback(climbing, monkeypatch):
    def interrupted(seed):
        yield Report(0.3, "on its way", {"heights": [1.0, 2.0]})
        raise KeyboardInterrupt

    monkeypatch.setitem(RUNS, "slow", Run(interrupted, {}, ()))
    climbing.train()
    assert climbing.sentence == "trained here, seed 1, stopped early: 2 steps, height 2.00."
    assert climbing.note == "slow, seed 1: stopped at 30%"


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
    train_and(climbing, lambda: True, climbing._train.click)
    assert len(started) == 1
    assert climbing.seed == 1


def test_a_stop_keeps_what_was_found_and_leaves_all_usable(climbing):
    train_and(climbing, lambda: "height 4" in climbing.sentence, climbing._stop.click)
    assert "stopped early: 4 steps" in climbing.sentence or "5 steps" in climbing.sentence
    assert "stopped at" in climbing._note.value
    climbing.controls["step"].value = 2
    assert "2 steps" in climbing.sentence
    climbing.set(step=10)
    climbing._train.click()
    assert climbing.seed != 1
    assert climbing.sentence.startswith(f"trained here, seed {climbing.seed}: 10 steps")


def test_an_error_is_shown_and_raised_and_the_recorded_run_comes_back(climbing):
    climbing.set(run="broken")
    with pytest.raises(ValueError, match="nothing holds"):
        climbing.train()
    climbing._train.click()  # ipywidgets logs what a click raises
    assert "nothing holds at step 4" in climbing.error
    assert climbing.sentence.startswith("recorded run, seed 0")
    assert not climbing._train.disabled
    train_and(climbing, lambda: climbing._task.done())
    with pytest.raises(ValueError, match="nothing holds"):
        climbing._task.result()
    assert "nothing holds at step 4" in climbing.error


def test_reset_while_training_leaves_the_run_alone(climbing):
    train_and(climbing, lambda: "height 3" in climbing.sentence, climbing._reset.click)
    assert climbing.sentence.startswith("trained here, seed 1: 10 steps")


def test_a_run_that_blew_up_says_so(climbing, monkeypatch):
    def blows_up(seed):
        yield Report(0.5, "the loss became infinite at step 5", {"heights": [1.0], "trouble": "x"})

    monkeypatch.setitem(RUNS, "slow", Run(blows_up, {}, ()))
    climbing.train()
    assert climbing.sentence == "trained here, seed 1 (x): 1 steps, height 1.00."
    assert "infinite at step 5" in climbing._note.value


def test_an_explorer_that_is_closed_while_it_trains_ends_in_silence(climbing):
    steps = climbing._steps()
    next(steps)
    climbing.close()
    assert list(steps) == []


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


# The explorers of the lessons

REAL = [kind for kind in EXPLORERS if issubclass(kind, LiveExperiment)]


@pytest.mark.parametrize("lesson", sorted({kind.lesson for kind in REAL}))
def test_every_position_of_the_controls_has_its_recorded_run_and_no_run_is_left(lesson):
    shown = set()
    for kind in REAL:
        if kind.lesson == lesson:
            made = kind()
            offered = [explorer.positions(control) for control in made.controls.values()]
            for values in itertools.product(*offered):
                shown.add(made.run_name(dict(zip(made.controls, values, strict=True))))
    assert shown == set(evidence.recorded(lesson))


@pytest.mark.parametrize(
    ("name", "start", "reports", "running", "stopped", "later"),
    [  # an explorer; after how many reports it is stopped; what it says before, then, later
        ("TableExplorer", {"kind": "read-out only", "table": "random"}, 3,
         "after 60 steps", "stopped early), random: read-out only, after 60 steps",
         [({"moment": 0}, "after 20 steps"), ({"moment": 19}, "after 60 steps")]),
        ("RatesExplorer", {}, 2, "at step 12", "stopped early",
         [({"rate": 0.003}, "recorded run, seed 0")]),
        ("OrderTasksExplorer", {"task": "sort"}, 3,
         "step 45", "stopped early), sort, with positions, step 45",
         [({"moment": 0}, "step 15:"),
          ({"seq_len": 14}, "longer sentences are tested when the training is done")]),
        ("RecallExplorer", {"reader": "RNN", "seq_len": 5}, 3, "after 45 steps",
         "stopped early), 5 words: after 45 steps RNN names", [({}, "attention 1.00")]),
        ("PronounExplorer", {}, 3, "", "stopped early",
         [({"adjective": "wide", "head": 0, "knocked_out": "head"}, "without layer 0 head 0")]),
        ("DeepStacksExplorer", {"n_layers": 4}, 3, "step 24", "stopped early", []),
    ],
)  # fmt: skip
def test_a_stopped_run_is_shown_as_far_as_it_came(name, start, reports, running, stopped, later):
    shown = next(kind for kind in REAL if kind.__name__ == name)(**start, seed=1)
    steps = shown._steps()
    for _ in range(reports):
        next(steps)
    assert running in shown.sentence
    assert "trained here, seed 1" in shown.sentence
    shown.stop()
    assert list(steps) == []
    assert stopped in shown.sentence
    for values, sentence in later:
        shown.set(**values)
        assert sentence in shown.sentence
