"""Explorers of experiments: a recorded run to look at, and a button that runs it live.

The picture starts with the recorded run (helpers.learning.evidence wrote it), so that it is there
at once. *Train live* runs the same experiment with the next seed: an asyncio task that hands back
the kernel after every report, so that sliders go on working and *Stop* is heard.
"""

import asyncio
import html

import ipywidgets as widgets

from helpers.explorers import explorer
from helpers.learning import evidence

BREATH = 0.01  # seconds between two reports, for whatever else the kernel has to do


def running_loop():
    """Return the event loop that calls us; None in plain Python, where there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class LiveExperiment(explorer.Explorer):
    """An explorer over the runs of one experiment. Besides an Explorer's methods, a subclass has:

    lesson            the file of experiments whose runs it shows
    run_name(values)  the run that these values show; a key of RUNS in that file

    compute gets at the run's result with self.result(values): a dict, recorded or live. While a run
    is training it holds what has been found so far.
    """

    lesson = ""

    def __init__(self, **start):
        self._recorded = evidence.recorded(self.lesson)
        self._live = {}  # the results of runs that were made here, by name
        self._origins = {}  # where they come from, in words
        self._task, self._stopping, self._training = None, False, None
        self.seed = 0  # of the recorded runs; the next live run takes the next one
        self._train = widgets.Button(
            description="Train live", tooltip="Run this experiment now, with the next seed"
        )
        self._stop = widgets.Button(
            description="Stop", tooltip="End the training, keep what it found", disabled=True
        )
        self._bar = widgets.FloatProgress(
            min=0, max=1, description="", layout=widgets.Layout(width="160px")
        )
        self._note = widgets.HTML()
        super().__init__(**start)
        row = widgets.HBox(
            [self._train, self._stop, self._bar, self._note],
            layout=widgets.Layout(flex_flow="row wrap", grid_gap="2px 10px", align_items="center"),
        )
        self.children = (self.children[0], row, *self.children[1:])
        self._train.on_click(lambda _: self._from_reader(self._clicked))
        self._stop.on_click(lambda _: self.stop())

    # what a reader or a test calls

    def result(self, values):
        """Return the result of the run that these values show."""
        name = self.run_name(values)
        return self._live.get(name) or self._recorded[name]

    def origin(self, values):
        """Return where that run comes from, in words: "recorded run, seed 0"; and its trouble."""
        origin = self._origins.get(self.run_name(values), "recorded run, seed 0")
        trouble = self.result(values).get("trouble")
        return f"{origin} ({trouble})" if trouble else origin

    def is_training(self, values):
        """Return whether the run that these values show is being trained right now."""
        return self._training is not None and self._training == self.run_name(values)

    def train(self):
        """Run the chosen experiment to its end, as the button does, and wait for it."""
        for _ in self._steps():
            pass

    def stop(self):
        """End a live run after the report it is at; what it found stays."""
        self._stopping = True

    def reset(self):
        """Bring back the start and, unless a run is on, the recorded runs."""
        if self._training is None:
            self._live.clear()
            self._origins.clear()
        super().reset()

    # how it works

    def _clicked(self):
        if self._training is not None:
            return  # one run at a time
        loop = running_loop()
        if loop is None:
            self.train()
            return
        self._enter()  # at once: the second of two quick clicks finds the door closed
        self._task = loop.create_task(self._train_with_breaks())

    async def _train_with_breaks(self):
        try:
            for _ in self._steps():
                await asyncio.sleep(BREATH)
        except Exception as error:
            self._alarm(error)
            raise

    def _enter(self):
        """Note which run begins, and show that no second one can."""
        self._training, self._stopping = self.run_name(self.values), False
        self.seed += 1
        self._train.disabled, self._stop.disabled = True, False

    def _steps(self):
        """Train: take in each report and draw it, then yield."""
        if self._training is None:
            self._enter()
        name, seed = self._training, self.seed
        run = evidence.MODULES[self.lesson].RUNS[name]
        reports = run.experiment(seed, **run.options)
        before = self._live.get(name), self._origins.get(name)
        try:
            for report in reports:
                if report.result is not None:
                    self._live[name] = report.result
                    self._origins[name] = f"trained here, seed {seed}"
                self._say(report.done, f"{name}, seed {seed}: {report.note}")
                if report.result is not None and self.is_training(self.values):
                    self._redraw()
                yield
                if self._stopping and report.done < 1:
                    self._say(report.done, f"{name}, seed {seed}: stopped at {report.done:.0%}")
                    self._origins[name] = f"trained here, seed {seed}, stopped early"
                    break
        except Exception:
            self._live[name], self._origins[name] = before
            self._live = {key: value for key, value in self._live.items() if value}
            self._origins = {key: value for key, value in self._origins.items() if value}
            raise
        finally:
            reports.close()
            self._training = None
            self._train.disabled, self._stop.disabled = False, True
            self._train.description = "Train again"
            self._redraw()

    def _redraw(self):
        with self._lock:
            self._quiet = True  # new results may narrow what a control offers
            try:
                self.adapt(self.values)
            finally:
                self._quiet = False
            self._show()

    def _say(self, done, text):
        self._bar.value = done
        self._note.value = f'<span role="status" aria-live="polite">{html.escape(text)}</span>'
