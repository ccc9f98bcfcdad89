"""What explorers share that compare stacks which learn the same in several ways."""

from helpers.drawing.live_text import live_title
from helpers.drawing.marks import LearntCurves, shares_axes
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence


class LearntExplorer(LiveExperiment):
    """Right answers by training step, and at the end, for several stacks side by side.

    way, along   the names of two controls: the way in which the stacks differ (a norm, a reader),
                 and what the right axis shows (rates, lengths)
    styles       the style of a line for each way
    places       what `along` may be
    n_steps      of a training
    guess        what a guess gets
    at_end       settings of the right Axes
    heading(result)   the title over the left Axes
    """

    def build(self, figure):
        self.table = evidence.measured(self.lesson)
        by_step = shares_axes(
            figure, (0.065, 0.16, 0.42, 0.65), xlim=(0, 1.02 * self.n_steps), xlabel="training step"
        )
        at_end = shares_axes(
            figure, (0.565, 0.16, 0.42, 0.65), title="… at the end, all seeds", **self.at_end
        )
        at_end.set_xticks(self.places, [f"{place:g}" for place in self.places])
        at_end.minorticks_off()
        self.title = live_title(by_step)
        self.learnt = LearntCurves(by_step, at_end, self.styles, self.guess)
        handles, place = [*self.learnt.ends.means.values()], (0.995, 1.0)
        figure.legend(handles=handles, loc="upper right", bbox_to_anchor=place, ncols=3)

    def compute(self, **values):
        curves, ends = {}, {}
        for way in self.styles:
            other = values | {self.way: way}
            found = self.result(other)
            curves[way] = found["steps"], found["accuracies"]
            runs = [self.run_name(other | {self.along: place}) for place in self.places]
            ends[way] = [self.table[run]["accuracy"].values for run in runs]  # (seeds,) each
        return {"curves": curves, "ends": ends, "origin": self.origin(values)}

    def draw(self, result):
        self.title.set_text(self.heading(result))
        chosen, place = getattr(result, self.way), getattr(result, self.along)
        shown = self.learnt.draw(result.curves, self.places, result.ends, chosen, place)
        return [self.title, *shown]
