"""Explorers of experiments: a recorded run to look at, and a button that runs it live.

The picture starts with the recorded run (helpers.learning.evidence wrote it), so that it is there
at once. *Train live* runs the same experiment with the seed in the field beside it. That seed is
drawn anew for each explorer, so that every desk trains another run. The training is an asyncio task
that hands back the kernel after every report: sliders go on working, and *Stop* is heard.
"""

import asyncio
import html
import secrets
import signal
import threading
import weakref
from contextlib import contextmanager

import ipywidgets as widgets
import numpy as np

from helpers.explorers import explorer
from helpers.learning import evidence
from helpers.learning.experiments import snapshot

YIELD_SECONDS = 0.01  # between two reports, for whatever else the kernel has to do
MAX_SEED = 999  # of those that are drawn and typed; 0 is the recorded run's
MAX_KEPT = 12  # live runs: one per row of the largest table


def running_loop():
    """Return the event loop that calls us; None in plain Python, where there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def draw_seed():
    """Return a seed that nobody chose."""
    return 1 + secrets.randbelow(MAX_SEED)


class LiveExperiment(explorer.Explorer):
    """An explorer over the runs of one experiment. Besides an Explorer's methods, a subclass has:

    run_name(values)  the run that these values show; a key of RUNS in the lesson's experiments

    compute gets at the run's result with self.result(values): a dict, recorded or live. The live
    run is shown once it was trained here with the seed in the field; while it trains, the dict
    holds what has been found so far. A stop of the tour shows the recorded run.
    """

    def __init__(self, seed=None, **start):
        self._recorded = evidence.recorded(self.lesson)
        self._main_loop = running_loop()  # a click may come in another thread, a "subshell"
        self._live = {}  # (run, seed) -> (result, where it comes from), of runs that were made here
        self._notes = {}  # (run, seed) -> (share done, last words)
        self._task, self._stopping, self._training = None, False, None
        self._train = widgets.Button(tooltip="Run this experiment now, with this seed")
        self._stop = widgets.Button(
            description="Stop", tooltip="End the training, keep what it found", disabled=True
        )
        self._seed = widgets.BoundedIntText(
            value=draw_seed() if seed is None else self._seed_in_range(seed),
            min=1,
            max=MAX_SEED,
            description="Seed",
            style={"description_width": "40px"},
            layout=widgets.Layout(width="110px"),
        )
        self._progress = widgets.FloatProgress(
            min=0, max=1, layout=widgets.Layout(width="120px", visibility="hidden")
        )
        self._note = widgets.HTML()
        self._note.add_class("course-note")
        super().__init__(**start)
        self._train.on_click(lambda _: self._from_reader(self._clicked))
        self._stop.on_click(lambda _: self.stop())
        self._seed.observe(lambda _: self._updating or self._from_reader(self._redraw), "value")

    def rows_between(self):
        row = widgets.HBox([self._train, self._stop, self._seed, self._note, self._progress])
        row.add_class("course-train")
        return [row]

    # what a reader or a test calls

    @property
    def seed(self):
        """The seed with which *Train live* trains."""
        return self._seed.value

    @property
    def note(self):
        """The status line: what it says of the run on the screen."""
        return self._said

    @property
    def state_values(self):
        return self.values | {"seed": self.seed}

    def set(self, seed=None, **values):
        """Move controls, and the seed of the live run, as `Explorer.set` does."""
        with self._lock:
            before = self.seed
            wanted = before if seed is None else self._seed_in_range(seed)
            self._put_seed(wanted)
            try:
                super().set(**values)
            except Exception:
                self._put_seed(before)
                raise

    def result(self, values):
        """Return the result of the run that these values show."""
        name = self.run_name(values)
        live = self.live_result(name)
        return self._recorded[name] if live is None else live

    def learning(self, values, moment=None):
        """Return how the run that these values show has learnt, and where it comes from.

        steps and accuracies: (snapshots,); shown: the snapshot that is looked at, which is the
        last one while the run trains; origin: in words.
        """
        found = self.result(values)
        return {
            "steps": np.asarray(found["steps"]),
            "accuracies": np.asarray(found["accuracies"], float),
            "shown": snapshot(found, None if self.is_training(values) else moment),
            "origin": self.origin(values),
        }

    def live_result(self, name):
        """Return what this run gave here with the seed in the field; None if it was not run."""
        live = self._live.get((name, self.seed))
        return live[0] if live else None

    def take(self, name, result):
        """Show a result as if this run had just been trained here, for the tests."""
        self._keep((name, self.seed), result, f"trained here, seed {self.seed}")
        self._redraw()

    def origin(self, values):
        """Return where that run comes from, in words: "recorded run, seed 0"; and its trouble."""
        live = self._live.get((self.run_name(values), self.seed))
        origin = live[1] if live else "recorded run, seed 0"
        trouble = self.result(values).get("trouble")
        return f"{origin} ({trouble})" if trouble else origin

    def is_training(self, values):
        """Return whether the run that these values show is being trained right now."""
        return self._training == (self.run_name(values), self.seed)

    def train(self):
        """Run the chosen experiment to its end, as the button does, and wait for it."""
        for _ in self._steps():
            pass

    def stop(self):
        """End a live run after the report it is at; what it found stays."""
        self._stopping = True

    def reset(self):
        """Bring back the start and, unless a run is on, the recorded runs."""
        self._forget()
        super().reset()

    def close(self):
        self.stop()  # a run that is on finds at its next report that all has gone
        super().close()

    # how it works

    def _stand_at(self, values):
        self._forget()
        super()._stand_at(values)

    def _has_left_the_stop(self):
        is_live = self.live_result(self.run_name(self.values)) is not None
        return is_live or super()._has_left_the_stop()

    def _forget(self):
        if self._training is None:
            self._live.clear()
            self._notes.clear()

    def _seed_in_range(self, seed):
        if isinstance(seed, bool) or not isinstance(seed, int) or not 1 <= seed <= MAX_SEED:
            raise ValueError(f"seed={explorer.quoted(seed)}; choose from 1 to {MAX_SEED}")
        return seed

    def _put_seed(self, seed):
        updating, self._updating = self._updating, True
        self._seed.value = seed
        self._updating = updating

    def _clicked(self):
        if self._training is not None:
            return  # one run at a time
        loop = running_loop()
        if loop is None:
            self.train()
            return
        self._enter()  # at once: the second of two quick clicks finds that a run has begun
        self._task = loop.create_task(self._train_with_breaks())

    async def _train_with_breaks(self):
        try:
            with interrupt_calls(self.stop, self._main_loop):
                for _ in self._steps():
                    await asyncio.sleep(YIELD_SECONDS)
        except Exception as error:
            self._alarm(error)
            raise

    def _enter(self):
        """Note which run begins, and show that no second one can; a run made before is made anew
        with another seed."""
        name = self.run_name(self.values)
        while (name, self.seed) in self._live:
            self._put_seed(draw_seed())
        self._training, self._stopping = (name, self.seed), False
        self._train.disabled = self._seed.disabled = True
        self._stop.disabled = False

    def _steps(self):
        """Train: take in each report and draw it, then yield."""
        if self._training is None:
            self._enter()
        key = name, seed = self._training
        run = evidence.MODULES[self.lesson].RUNS[name]
        reports = run.experiment(seed, **run.options)
        done = 0
        try:
            for report in reports:
                done = report.done
                self._notes[key] = done, f"{name}, seed {seed}: {report.note}"
                if report.result is not None:
                    self._keep(key, report.result, f"trained here, seed {seed}")
                if report.result is not None and self.is_training(self.values):
                    self._redraw()
                self._say()
                yield
                if self.comm is None:  # closed meanwhile
                    return
                if self._stopping and report.done < 1:
                    self._stop_early(key, done)
                    break
        except KeyboardInterrupt:  # the kernel's ■ does what Stop does
            self._stop_early(key, done)
        except Exception:
            self._live.pop(key, None)
            self._notes.pop(key, None)
            raise
        finally:
            reports.close()
            if self.comm is not None:
                self._training = None
                self._train.disabled = self._seed.disabled = False
                self._stop.disabled = True
                self._redraw()

    def _stop_early(self, key, done):
        name, seed = key
        self._notes[key] = done, f"{name}, seed {seed}: stopped at {done:.0%}"
        if key in self._live:
            self._keep(key, self._live[key][0], f"trained here, seed {seed}, stopped early")

    def _keep(self, key, result, origin):
        self._live[key] = result, origin
        while len(self._live) > MAX_KEPT:
            self._live.pop(next(iter(self._live)))

    def _redraw(self):
        with self._lock:
            self._updating = True  # new results may narrow what a control offers
            try:
                self._adapt()
            finally:
                self._updating = False
            self._show()

    def _show(self):
        super()._show()
        self._say()

    def _say(self):
        """Let button, bar and status line speak of the run on the screen, or of the training."""
        shown = self.run_name(self.values), self.seed
        done, text = self._notes.get(shown, (0, f"Train live makes seed {self.seed}"))
        if self._training not in (None, shown):
            done, text = self._notes.get(self._training, (0, ""))
            text = f"in the background: {text}"
        self._said = text
        self._progress.value = done
        self._progress.layout.visibility = "visible" if done else "hidden"
        self._train.description = "Train again" if shown in self._live else "Train live"
        self._note.value = f'<span role="status">{html.escape(text)}</span>'


@contextmanager
def interrupt_calls(action, main_loop):
    """Let the kernel's interrupt call `action` while nothing else runs; ipykernel would ignore it.

    Only the main thread may say what a signal does, so its loop is asked to, unless this is it.
    While a cell runs, the interrupt ends that cell, as ever.
    """
    action = weakref.WeakMethod(action)  # a handler that outlives us must not hold an explorer
    before = None

    def handler(number, frame):
        if action() is not None:
            action()()

    def begin():
        nonlocal before
        before = signal.signal(signal.SIGINT, handler)

    def end():
        signal.signal(signal.SIGINT, before)

    in_main_thread(begin, main_loop)
    try:
        yield
    finally:
        in_main_thread(end, main_loop)


def in_main_thread(call, main_loop):
    if threading.current_thread() is threading.main_thread():
        call()
    elif main_loop is not None:
        main_loop.call_soon_threadsafe(call)
