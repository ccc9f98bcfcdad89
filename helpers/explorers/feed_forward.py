"""Explorers of notebook 04: the network with its numbers, layers of hinges, a learnt table."""

from functools import lru_cache

import numpy as np
from matplotlib.collections import LineCollection

from helpers import feed_forward, layer_norm, words
from helpers.drawing import palette
from helpers.drawing.feed_forward import Answers, one_decimal, questions
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_matrix import live_matrix
from helpers.drawing.live_text import MIN_SIZE, live_line, live_text, live_title
from helpers.drawing.marks import LearningCurve, shares_axes
from helpers.drawing.numbers import brief, signed
from helpers.drawing.sheet import live_arrow, live_frame, name_columns, name_rows, sheet
from helpers.explorers import explorer
from helpers.explorers.choices import WORDS, word_menu
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import hinges
from helpers.learning.experiments import feed_forward as tables

BENDS = [("ReLU", "relu"), ("none", "none")]
NEW = words.FEATURES.index("new")  # the feature that is moved
# Places of the network, in pixels of the page.
ROW, TOP, OUT_TOP = 32, 56, 266
INPUT, ASKS, SUM, BEND, PASSED, ADDS = 74, 246, 420, 484, 538, 640
INPUT_WIDTH, CELL, ADDS_CELL = 58, 56, 54


@lru_cache(maxsize=1)
def network_input():
    """Return what Add & Norm made of the two words, with one decimal: (seq_len, d_model)."""
    x = words.named(WORDS)
    return layer_norm.forward(x + words.attention_step(x), layer_norm.init(4)).out.round(1)


class FeedForwardExplorer(explorer.Explorer):
    """The hand-made network 4 → 6 → 4 on a sheet, with all numbers of one word."""

    size = (864, 368)
    columns = 4
    holds = True

    def make_controls(self):
        return {
            "word": word_menu(),
            "unit": explorer.int_slider("Unit", 1, 0, 5),
            "move": explorer.float_slider("+ new", 0.0, -3.0, 3.0, 0.2),
            "activation": explorer.menu("activation", "relu", BENDS),
        }

    def build(self, figure):
        self.params = words.hand_made_network()
        self.asked = questions(self.params["W_1"], words.FEATURES)
        ax = sheet(figure)
        d_ff, d_model = self.params["W_2"].shape
        height = d_ff * ROW / d_model
        self.x = live_cells(ax, INPUT, TOP, INPUT_WIDTH, height, "signed", one_decimal, limit=3)
        self.x.show(np.zeros((d_model, 1)))
        columns = {"limit": 2, "number": one_decimal}
        self.sums = live_cells(ax, SUM, TOP, CELL, ROW, "signed", **columns)
        self.passed = live_cells(ax, PASSED, TOP, CELL, ROW, "feed_forward", **columns)
        self.adds = live_cells(ax, ADDS, TOP, ADDS_CELL, ROW, "signed", **columns)
        self.out = live_cells(ax, ADDS, OUT_TOP, ADDS_CELL, 30, "signed", **columns)
        self.before = live_cells(ax, ADDS, OUT_TOP + 66, ADDS_CELL, 26, "signed", **columns)
        for cells, rows in ((self.adds, d_ff), (self.out, len(WORDS)), (self.before, 1)):
            cells.show(np.zeros((rows, d_model)))
        name_rows(ax, self.x, words.FEATURES)
        name_columns(ax, self.adds, words.FEATURES)
        name_rows(ax, self.out, WORDS)
        quiet = {"ha": "right", "va": "center", "color": palette.INK["quiet"]}
        self.earlier = live_text(ax, ADDS - 10, OUT_TOP + 79, "before the move", **quiet)
        live_text(ax, ADDS - 90, OUT_TOP + 15, "columns added up:", **quiet)
        self._name_parts(ax, d_ff)
        self.word = live_text(ax, INPUT, 20, weight="bold")
        self.frame = live_frame(ax, "feed_forward")
        self.arrows = [
            live_arrow(ax, (PASSED + CELL + 6, y), (ADDS - 6, y), kind="feed_forward")
            for y in TOP + ROW * (np.arange(d_ff) + 0.5)
        ]
        self.wires = ax.add_collection(LineCollection(self._wires(), zorder=1.5), autolim=False)
        self.bends = ax.add_collection(
            LineCollection([], colors=palette.INK["quiet"], linewidths=1.5), autolim=False
        )
        (self.dots,) = ax.plot([], [], "o", ms=6, color=palette.FILL["feed_forward"], zorder=3)
        self.notes = [live_line(ax, INPUT, OUT_TOP + 16 + 32 * i, va="center") for i in range(3)]

    def _name_parts(self, ax, d_ff):
        bold, quiet = {"weight": "bold"}, {"color": palette.INK["quiet"]}
        live_text(ax, ASKS, 20, "Six hidden units", color=palette.INK["feed_forward"], **bold)
        live_text(ax, ASKS, 44, "each asks", **quiet)
        live_text(ax, SUM + CELL / 2, 44, "sum", ha="center", **quiet)
        live_text(ax, PASSED + CELL / 2, 44, "passes on", ha="center", **quiet)
        live_text(ax, ADDS, 20, "Each adds to the result", **bold)
        live_text(ax, INPUT, 44, "comes in", **quiet)
        for unit, question in enumerate(self.asked):
            y = TOP + ROW * (unit + 0.5)
            live_text(ax, ASKS, y, f"{unit}", va="center", **bold)
            live_text(ax, ASKS + 17, y, question, va="center")

    def _wires(self):
        """Return the lines from features to units, one per weight that is not 0."""
        self.wired = np.argwhere(self.params["W_1"])  # (wires, 2): feature, unit
        starts = [self.x.side("right", feature, 0) for feature, _ in self.wired]
        ends = [(ASKS - 8, TOP + ROW * (unit + 0.5)) for _, unit in self.wired]
        return list(zip(starts, ends, strict=True))

    def compute(self, word, unit, move, activation):
        params, x = words.hand_made_network(), network_input().copy()
        unmoved = feed_forward.forward(x, params, activation).out[word]  # (d_model,)
        x[word, NEW] = round(x[word, NEW] + move, 1)
        trace = feed_forward.forward(x, params, activation)
        passed = trace.activated[word]  # (d_ff,)
        return {
            "trace": trace,  # of both words
            "unmoved": unmoved,
            "adds": passed[:, None] * params["W_2"],  # (d_ff, d_model), by each unit
            "lit": np.abs(passed) > 1e-9,  # (d_ff,): what is left of rounding is not lit
        }

    def structure(self, result):
        return result.activation

    def arrange(self, result):
        """Draw the bend of each unit, from −2 to 2."""
        h = np.array([-2.0, 0, 2])
        bent = feed_forward.activate(h, result.activation)
        self.bends.set_segments([np.column_stack(self._on_bend(u, h, bent)) for u in range(6)])

    def _on_bend(self, unit, h, bent):
        """Return the place of numbers before and after the bend on a unit's small curve."""
        across = BEND + 24 + 10 * np.clip(h, -2, 2)
        return across, TOP + ROW * (unit + 0.5) + 2 - 4.5 * np.clip(bent, -2, 2)

    def draw(self, result):
        word, unit, held = result.word, result.unit, self.held
        hidden, activated = result.trace.hidden[word], result.trace.activated[word]
        lit = result.lit & (not held)
        hide, blank = ("?", "") if held else (None, None)
        self.word.set_text(WORDS[word])
        self.x.show(result.trace.x[word][:, None])
        self.sums.show(hidden[:, None], held=hide, dim=~lit[:, None])
        self.passed.show(activated[:, None], held=blank)
        self.adds.show(result.adds, held=blank)
        dim = np.full((len(WORDS), 1), True)
        dim[word] = False
        self.out.show(result.trace.out, held=blank, dim=dim, bold=~dim)
        self.before.show(result.unmoved, held=blank, dim=True)
        for artist in (self.before, self.earlier):
            artist.set_visible(result.move != 0 and not held)
        self.frame.around(ASKS - 6, TOP + ROW * unit, ADDS + 4 * ADDS_CELL - ASKS + 8, ROW)
        for arrow, on in zip(self.arrows, lit, strict=True):
            arrow.set_visible(bool(on))
        self._draw_wires(unit, lit)
        xs, ys = zip(*map(self._on_bend, range(6), hidden, activated), strict=True)
        self.dots.set_data(*([], []) if held else (xs, ys))
        for note, pieces in zip(self.notes, self._written(result), strict=True):
            note.set_pieces(*([""] if held else pieces))
        return [
            self.word, self.x, self.sums, self.passed, self.adds, self.out, self.before,
            self.earlier, self.frame, *self.arrows, self.wires, self.dots, *self.notes,
        ]  # fmt: skip

    def _draw_wires(self, unit, lit):
        colors, widths, dashes = [], [], []
        for feature, to in self.wired:
            weight = self.params["W_1"][feature, to]
            color = palette.SIGNED(1.0 if weight > 0 else 0.0)[:3]
            chosen = to == unit
            colors.append(color if lit[to] or chosen else palette.pale(color))
            widths.append(3 if chosen else 1.5)
            dashes.append((0, ()) if weight > 0 else (0, (2.5, 1.2)))
        self.wires.set_color(colors)
        self.wires.set_linewidth(widths)
        self.wires.set_linestyle(dashes)

    def _written(self, result):
        """Return three lines about the chosen unit: its question, its sum, what it adds."""
        unit, x = result.unit, result.trace.x[result.word]
        W_1, b_1 = self.params["W_1"][:, unit], self.params["b_1"][unit]
        names, terms = "", ""
        for feature, weight in sorted(enumerate(W_1), key=lambda pair: -pair[1]):
            if weight:
                sign = " − " if weight < 0 else " + " if names else ""
                number = one_decimal(x[feature])
                number = f"({number})" if number.startswith("−") and sign else number
                names += sign + words.FEATURES[feature]
                terms += sign + number
        names, terms = (
            side.strip().replace("− ", "−", side.startswith(" −")) + (" − 1" if b_1 else "")
            for side in (names, terms)
        )
        total = one_decimal(result.trace.hidden[result.word, unit])
        passed = one_decimal(result.trace.activated[result.word, unit])
        row = ", ".join(brief(w) for w in self.params["W_2"][unit])
        adds = [(f"it adds {passed} · ({row})", "feed_forward", "bold")]
        return (
            [(f"unit {unit}", "feed_forward", "bold"), f":  {names}"],
            [f"= {terms} = ", (total, None, "bold")],
            adds if result.lit[unit] else ["not above 0: it adds nothing"],
        )

    def describe(self, result):
        word, unit = result.word, result.unit
        on = [str(i) for i in np.flatnonzero(result.lit)]
        listed = " and ".join([", ".join(on[:-1]), on[-1]] if len(on) > 1 else on)
        units = f"unit{'s' * (len(on) > 1)} {listed}" if on else "no unit"
        units = "all six units" if len(on) == 6 else units
        lights = "lights" if result.activation == "relu" else "uses"
        total = one_decimal(result.trace.hidden[word, unit])
        passed = one_decimal(result.trace.activated[word, unit])
        named = zip(words.FEATURES, result.trace.out[word], strict=True)
        numbers = ", ".join(f"{name} {one_decimal(number)}" for name, number in named)
        bend = "ReLU" if result.activation == "relu" else "no bend"
        return (
            f"Hand-made weights, {bend}. {WORDS[word]} {lights} {units}. "
            f"Unit {unit} has the sum {total} and passes on {passed}. Result: {numbers}."
        )


HALF_WIDTH = 3.0  # the square that is shown reaches from −3 to 3
POINTS = 44  # per side
MAX_UNITS = 8
DARKEST = 8.0  # the number that gets the full colour
ACTIVATIONS = [("ReLU", "relu"), ("GELU", "gelu"), ("none", "none")]
PANELS = ("before", "added", "after")


def plane_points():
    """Return the centres of the cells, highest second number first: (POINTS, POINTS, 2)."""
    steps = HALF_WIDTH * (2 * np.arange(POINTS) + 1 - POINTS) / POINTS
    return np.stack(np.meshgrid(steps, -steps), axis=-1)


PLANE = plane_points()


def draw_hinges(seed):
    """Return W_1 (2, MAX_UNITS), b_1 (MAX_UNITS,) and signs (MAX_UNITS,) of random hinges.

    Each hinge rises by 1 per unit of length, or falls, and passes at most 2 from the middle.
    """
    rng = np.random.default_rng(seed)
    angles, b_1 = rng.uniform(0, 2 * np.pi, MAX_UNITS), rng.uniform(-2, 2, MAX_UNITS)
    signs = np.resize([1.0, -1.0], MAX_UNITS)  # as many up as down, so that the sum stays small
    return np.array([np.cos(angles), np.sin(angles)]), b_1, signs


@lru_cache(maxsize=64)
def sum_of_hinges(d_ff, activation, seed):
    """Return the sum of the first d_ff hinges over the square: (POINTS, POINTS)."""
    if not d_ff:
        return np.zeros((POINTS, POINTS))
    W_1, b_1, signs = draw_hinges(seed)
    return feed_forward.activate(PLANE @ W_1[:, :d_ff] + b_1[:d_ff], activation) @ signs[:d_ff]


class HingesExplorer(explorer.Explorer):
    """Random hinges over a plane: each new unit adds its own, and changes no other."""

    def make_controls(self):
        return {
            "d_ff": explorer.int_slider("d_ff", 1, 1, MAX_UNITS),
            "turn": explorer.int_slider("Turn last", 0, -180, 180, 20),
            "shift": explorer.float_slider("Shift last", 0.0, -2.0, 2.0, 0.25),
            "activation": explorer.menu("activation", "relu", ACTIVATIONS),
            "seed": explorer.int_slider("Random seed", 0, 0, 9),
        }

    def build(self, figure):
        self.images, self.titles, self.creases, self.marks, self.numbers = {}, {}, {}, {}, {}
        ends = (-HALF_WIDTH, HALF_WIDTH)
        for name, left in zip(PANELS, (54, 336, 618), strict=True):
            ax = figure.add_axes((left / 864, 62 / 334, 226 / 864, 226 / 334))
            self.images[name] = live_matrix(ax, limit=DARKEST)
            self.images[name].set_extent((*ends, *ends))
            ax.set(xlim=ends, ylim=ends, xticks=[-3, 0, 3], yticks=[])
            ax.tick_params(length=0)  # a mark would reach into the live picture
            ax.tick_params(axis="x", pad=6)  # the two "−3" of a corner would touch
            self.titles[name] = live_title(ax)
            self.creases[name] = ax.add_collection(LineCollection([]), autolim=False)
            dot = {"ms": 13, "color": "white", "markeredgecolor": "#1A1A1A", "zorder": 3}
            (self.marks[name],) = ax.plot([], [], "o", **dot)
            middle = {"ha": "center", "va": "center", "size": MIN_SIZE, "zorder": 4}
            self.numbers[name] = [live_text(ax, 0, 0, **middle) for _ in range(MAX_UNITS)]
        first = self.images["before"].axes
        first.set_yticks([-3, 0, 3])
        first.set_ylabel("second number", labelpad=-4)
        first.set_xlabel("a word's first number", labelpad=2)
        ax = sheet(figure)
        for left, sign in ((308, "+"), (590, "=")):
            live_text(ax, left, 159, sign, ha="center", va="center", size=16)
        scale = f"white: 0    darkest red: {DARKEST:.0f}    darkest blue: −{DARKEST:.0f}"
        live_text(ax, 54, 328, scale, color=palette.INK["quiet"])
        self.pieces = live_text(ax, 731, 328, ha="center", weight="bold")

    def compute(self, d_ff, turn, shift, activation, seed):
        W_1, b_1, signs = draw_hinges(seed)
        W_1, b_1 = W_1[:, :d_ff].copy(), b_1[:d_ff].copy()
        angle = np.deg2rad(turn)
        W_1[:, -1] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]] @ W_1[:, -1]
        b_1[-1] -= shift
        last = feed_forward.activate(PLANE @ W_1[:, -1] + b_1[-1], activation)
        before, added = sum_of_hinges(d_ff - 1, activation, seed), signs[d_ff - 1] * last
        pieces = 1 if activation == "none" else hinges.count_pieces(W_1, b_1, HALF_WIDTH)
        return {
            "before": before,  # (POINTS, POINTS), the sum of all units but the last
            "added": added,  # (POINTS, POINTS)
            "after": before + added,
            "lines": hinges.creases(W_1, b_1, HALF_WIDTH),  # (d_ff, 2, 2): where each unit is zero
            "pieces": pieces,
        }

    def draw(self, result):
        last = len(result.lines) - 1
        before = "no unit yet" if not last else "unit 0" if last == 1 else f"units 0 to {last - 1}"
        self.titles["before"].set_text(f"Before: {before}")
        self.titles["added"].set_text(f"Unit {last} adds")
        self.titles["after"].set_text(f"Sum: {'unit 0' if not last else f'units 0 to {last}'}")
        self.pieces.set_text("no flat piece" if result.activation == "gelu" else flat(result))
        bent = result.activation != "none"
        for name, shown in zip(PANELS, (range(last), [last], range(last + 1)), strict=True):
            self.images[name].set_data(getattr(result, name))
            seen = [u for u in shown if bent and np.isfinite(result.lines[u]).all()]
            lines = result.lines[seen]  # (seen, 2, 2)
            self.creases[name].set_segments(lines)
            self.creases[name].set_color(["#1A1A1A" if u == last else "#5F5F5F" for u in seen])
            self.creases[name].set_linewidth([2.5 if u == last else 1.2 for u in seen])
            places = lines[:, 0] + 0.12 * (lines[:, 1] - lines[:, 0])  # (seen, 2)
            self.marks[name].set_data(*places.T)
            for unit, text in enumerate(self.numbers[name]):
                text.set_text(f"{unit}" if unit in seen else "")
                if unit in seen:
                    text.set_position(places[seen.index(unit)])
                    text.set_fontweight("bold" if unit == last else "normal")
        return [
            *self.images.values(), *self.titles.values(), *self.creases.values(),
            *self.marks.values(), *(text for texts in self.numbers.values() for text in texts),
            self.pieces,
        ]  # fmt: skip

    def describe(self, result):
        d_ff = len(result.lines)
        bend, shape = {
            "relu": ("ReLU", flat(result)),
            "gelu": ("GELU", "rounded everywhere, with no flat piece"),
            "none": ("no bend", "one flat piece, as with any d_ff"),
        }[result.activation]
        units = "1 hidden unit" if d_ff == 1 else f"{d_ff} hidden units"
        low, high = (signed(edge(result.added), 1) for edge in (np.min, np.max))
        turned = f", its line turned by {result.turn}°," if result.turn else ""
        return (
            f"Random weights, {units}, {bend}: the sum is {shape}. "
            f"Unit {d_ff - 1}{turned} adds from {low} to {high} here."
        )


def flat(result):
    """Return how many flat pieces the sum has, in words."""
    return f"{result.pieces} flat piece{'s' * (result.pieces > 1)}"


class TableExplorer(LiveExperiment):
    """What a model answers to every pair of numbers, beside the table that it should learn."""

    size = (864, 326)

    def make_controls(self):
        steps = next(iter(self._recorded.values()))["steps"]
        return {
            "table": explorer.menu("Table", "(a+b) mod 11", list(tables.TABLES)),
            "kind": explorer.menu("Model", "block, 1 word", list(tables.KINDS)),
            "d_ff": explorer.choice_slider("d_ff", 64, list(tables.D_FFS)),
            "moment": explorer.span(explorer.moment_slider([int(step) for step in steps]), 2),
        }

    def adapt(self, values):
        """A model with no feed-forward network has no d_ff: the slider waits."""
        self.controls["d_ff"].disabled = not tables.has_feed_forward(values["kind"])

    def run_name(self, values):
        return tables.name(values["table"], values["kind"], values["d_ff"])

    def build(self, figure):
        ax = shares_axes(
            figure, (0.06, 0.22, 0.25, 0.65), title="Right answers",
            xlim=(0, 1.03 * tables.STEPS), xticks=[0, 200, 400], xlabel="step",
            ylim=(0, 1.04), yticks=[0, 0.5, 1],
        )  # fmt: skip
        self.curve = LearningCurve(ax)
        self.said, self.truth = (
            Answers(figure.add_axes((left, 0.22, 0.252, 0.652), title=title))
            for left, title in ((0.39, "What it answers"), (0.72, "The table"))
        )
        self.said.image.axes.set_ylabel("a", rotation=0, labelpad=6, va="center")
        self.count = live_text(figure, 0.39, 0.02)
        self.scale = live_text(figure, 0.72, 0.02)

    def compute(self, table, kind, d_ff, moment):
        values = {"table": table, "kind": kind, "d_ff": d_ff}
        found, learning = self.result(values), self.learning(values, moment)
        return learning | {
            "said": np.asarray(found["said"][learning["shown"]], int),  # (rows, columns)
            "truth": np.asarray(found["truth"], int),  # (rows, columns)
        }

    def structure(self, result):
        return len(result.truth)

    def arrange(self, result):
        for table in (self.said, self.truth):
            table.arrange(len(result.truth))

    def draw(self, result):
        wrong = (result.said != result.truth).sum()
        self.count.set_text(f"{wrong} of {result.said.size} wrong (dots)")
        self.scale.set_text(f"light: 0     dark: {len(result.truth) - 1}")
        return [
            *self.curve.draw(result), *self.said.draw(result.said, result.truth),
            *self.truth.draw(result.truth, result.truth), self.count, self.scale,
        ]  # fmt: skip

    def describe(self, result):
        wrong = (result.said != result.truth).sum()
        run = tables.name(result.table, result.kind, result.d_ff)
        return (
            f"Trained weights ({result.origin}), {run}, after {result.steps[result.shown]} "
            f"steps: {result.accuracies[result.shown]:.2f} of the answers are right; of the "
            f"{result.said.size} shown, {wrong} are wrong."
        )
