"""What explorers share that compare stacks which learn the same in several ways."""

from helpers.drawing import palette
from helpers.drawing.live_text import live_title
from helpers.drawing.marks import ABOVE, SeedCurves, chosen_ring, shares_axes
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
        for ax in (by_step, at_end):
            ax.axhline(self.guess, color=palette.INK["quiet"], ls=":", lw=1.5)
        figure.text(0.065, 0.03, "···· guessing", color=palette.INK["quiet"])
        self.title = live_title(by_step)
        self.lines = {
            way: by_step.plot([], [], ms=4, zorder=ABOVE, **style)[0]
            for way, style in self.styles.items()
        }
        self.ends = SeedCurves(at_end, self.styles)
        self.rings = [chosen_ring(ax) for ax in (by_step, at_end)]
        handles, place = [*self.ends.means.values()], (0.995, 1.0)
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

    def structure(self, result):
        drawn_anew = self.way, self.along
        return tuple(getattr(result, name) for name in self.controls if name not in drawn_anew)

    def arrange(self, result):
        self.ends.draw(self.places, result.ends)

    def draw(self, result):
        self.title.set_text(self.heading(result))
        for way, curve in result.curves.items():
            self.lines[way].set_data(*curve)
        chosen = getattr(result, self.way)
        steps, shares = result.curves[chosen]
        for ring, x in zip(self.rings, (steps[-1], getattr(result, self.along)), strict=True):
            ring.set_data([x], [shares[-1]])
        self.rings[1].set_transform(self.ends.means[chosen].get_transform())
        return [self.title, *self.lines.values(), *self.rings]
