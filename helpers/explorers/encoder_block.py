"""Explorers of notebook 06: the block that is walked through, and stacks trained without a part."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from helpers import encoder_block, stack
from helpers import words as lesson_words
from helpers.drawing import palette
from helpers.drawing.encoder_block import PARTS, PLACES, Panel, Walk, WalkedBlock
from helpers.drawing.live_text import live_title
from helpers.drawing.marks import LearningCurve, shares_axes
from helpers.drawing.numbers import as_read, equals, written
from helpers.drawing.sheet import live_frame
from helpers.explorers import explorer
from helpers.explorers.choices import WORDS
from helpers.explorers.live_experiment import LiveExperiment
from helpers.learning import evidence
from helpers.learning.experiments import encoder_block as ablation
from helpers.positional_encoding import sinusoidal

N_HEADS, D_FF, N_BLOCKS = 2, 6, 6
SEED = 3  # of the random blocks
STAGES = list(PARTS)  # a stage's number is its place in the block of 2017
LABELS = {
    "words": "words", "positions": "+ position", "attention": "attention", "add_1": "add",
    "norm_1": "norm", "feed_forward": "feed-forward", "add_2": "add", "norm_2": "norm",
}  # fmt: skip
NAMES = LABELS | {"words": "words", "positions": "x", "add_1": "sum", "add_2": "sum"}
PAPER = {"norm": "post", "skip": True, "feed_forward": True, "positions": True}
NUMBERS = [
    (f"{word}, {feature}", i * len(lesson_words.FEATURES) + j)
    for i, word in enumerate(WORDS)
    for j, feature in enumerate(lesson_words.FEATURES)
]


def stages(norm, block):
    """Return the stages of one block as choices, in walking order."""
    order = PLACES["pre" if norm == "pre" else "post"]
    parts = [part for part in order if block == 0 or part != "positions"]
    names = LABELS if block == 0 else LABELS | {"words": f"from block {block - 1}"}
    return [(names[part], STAGES.index(part)) for part in parts]


class Run(NamedTuple):
    embedding: np.ndarray  # (seq_len, d_model)
    code: np.ndarray | None  # (seq_len, d_model); None without positions
    layers: list  # the parameters, block by block
    traces: list  # of encoder_block, block by block


@lru_cache(maxsize=64)
def run(norm, skip, feed_forward, positions, seed=SEED):
    """Send the two words through six blocks: the first is hand-made, the others are random."""
    embedding = lesson_words.named(WORDS)  # (seq_len, d_model)
    code = sinusoidal(*embedding.shape) if positions else None  # (seq_len, d_model)
    layers = [lesson_words.hand_made_block()]
    layers += stack.init(
        N_BLOCKS - 1, embedding.shape[1], N_HEADS, D_FF, np.random.default_rng(seed)
    )
    x = embedding if code is None else embedding + code  # (seq_len, d_model)
    switches = {"norm": norm, "skip": skip, "feed_forward": feed_forward}
    return Run(embedding, code, layers, stack.forward(x, layers, N_HEADS, **switches))


def outputs(norm, block, found):
    """Return what each part of one block gave, in walking order; None for what is off."""
    trace = found.traces[block]
    maps = {"words": found.embedding if block == 0 else trace.x}
    if block == 0:
        maps["positions"] = None if found.code is None else trace.x
    for part in PLACES["pre" if norm == "pre" else "post"]:
        if part in ("words", "positions"):
            continue
        record = getattr(trace, part.replace("add", "skip"))
        maps[part] = None if record is None else record.out
    return maps


def rounded(number):
    """Return a number as it is written."""
    return as_read(written(number))


class EncoderBlockExplorer(explorer.Explorer):
    """The drawn block, stage by stage: the two words on their way through a stack of six."""

    drawing = WalkedBlock
    columns = 6

    def make_controls(self):
        return {
            "block": explorer.span(explorer.int_slider("Block", 0, 0, N_BLOCKS - 1), 2),
            "stage": explorer.span(explorer.choice_slider("Stage", 0, stages("post", 0)), 2),
            "norm": explorer.span(explorer.menu("norm", "post", encoder_block.NORMS), 2),
            "number": explorer.span(explorer.menu("Number", 3, NUMBERS), 2),
            "skip": explorer.switch("skip", True),
            "feed_forward": explorer.switch("feed-forward", True),
            "positions": explorer.switch("positions", True),
            "paper": explorer.switch("show paper", False),
        }

    def adapt(self, values):
        explorer.offer(self.controls["stage"], stages(values["norm"], values["block"]))

    def compute(self, stage, number, block, norm, skip, feed_forward, positions, paper):
        yours = {
            "norm": norm, "skip": skip, "feed_forward": feed_forward, "positions": positions
        }  # fmt: skip
        found, of_paper = run(**yours), run(**PAPER)
        part, traced = STAGES[stage], divmod(number, len(lesson_words.FEATURES))
        maps = outputs(norm, block, found)
        if paper:
            shown = beside_paper(part, maps, outputs("post", block, of_paper), traced)
        elif maps[part] is None:
            shown = passed_on(part, maps, traced)
        else:
            shown = opened(part, maps, found, block, traced)
        walk = Walk(
            WORDS, "pre" if norm == "pre" else "post", block, block == N_BLOCKS - 1, part,
            carried(part, maps), maps, *shown, traced[0],
        )  # fmt: skip
        return {
            "walk": walk,
            "handed_on": found.traces[block].out,  # (seq_len, d_model)
            "by_paper": of_paper.traces[block].out,  # the same from the paper's stack
            "differs": yours != PAPER,
        }

    def structure(self, result):
        return result.walk.order, tuple(result.walk.maps)

    def draw(self, result):
        return self.picture.draw(result.walk)

    def describe(self, result):
        walk = result.walk
        weights = "hand-made" if walk.block == 0 else "random"
        traced = "".join(piece if isinstance(piece, str) else piece[0] for piece in walk.traced)
        label = LABELS[walk.stage].removeprefix("+ ")
        sizes = largest, difference
        papers = [f" (paper: {size(result.by_paper)})" if result.differs else "" for size in sizes]
        return (
            f"Block {walk.block}, {weights} weights, {label}. {NUMBERS[result.number][0]}: "
            f"{traced}. "
            f"Largest number handed on: {largest(result.handed_on)}{papers[0]}; "
            f"largest difference of the words: {difference(result.handed_on)}{papers[1]}."
        )


def largest(out):
    """Return the size of the largest number, as it is written."""
    return written(np.abs(out).max())


def difference(out):
    """Return the largest difference between the two words' numbers, as it is written."""
    return written(np.abs(out[0] - out[1]).max())


def before(part, maps):
    """Return the names of the parts before this one that are on."""
    order = list(maps)
    return [name for name in order[: order.index(part)] if maps[name] is not None]


def goes_on(part, maps):
    """Return what leaves a part; where it is off, what the nearest part before it gave."""
    return maps[before(part, maps)[-1]] if maps[part] is None else maps[part]


def passed_on(part, maps, traced):
    """Show a part that is off: what reaches it goes on as it is."""
    values = goes_on(part, maps)
    kind = PARTS[part][1]
    title = (f"{LABELS[part].lstrip('+ ').capitalize()} is off: what comes in goes on unchanged",)
    return title, [Panel("unchanged", kind, values, traced=traced[1])], (written(values[traced]),)


def beside_paper(part, maps, paper, traced):
    """Show a part's output in the paper's stack, in the reader's, and the difference."""
    theirs, yours = goes_on(part, paper), goes_on(part, maps)
    kind, column = PARTS[part][1], traced[1]
    panels = [
        Panel("paper", kind, theirs, traced=column),
        Panel("yours", kind, yours, "|", traced=column),
        Panel("yours − paper", "quiet", yours - theirs, "=", traced=column),
    ]
    one, other = yours[traced], theirs[traced]
    line = (
        f"yours {written(one)} − paper {bracketed(other)} "
        f"{equals(rounded(one) - rounded(other), written(one - other))} {written(one - other)}",
    )
    return (f"After {LABELS[part]}: the paper's block beside yours",), panels, line


def bracketed(number):
    """Return a number for use in a sum: a negative one stands in brackets."""
    text = written(number)
    return f"({text})" if text.startswith("−") else text


def opened(part, maps, found, block, traced):
    """Show how a part makes its output: a title, the matrices, and one number's way."""
    trace, column = found.traces[block], traced[1]
    kind, out = PARTS[part][1], maps[part]
    if part == "words":
        title = ("Words: four hand-made numbers each",)
        if block:
            title = (f"In: what block {block - 1} handed on, as large as ever",)
        panel = Panel(NAMES[part] if block == 0 else "x", kind, out, traced=column)
        return title, [panel], (written(out[traced]),)
    if part == "positions":
        panels = [
            Panel("words", "input", found.embedding, traced=column),
            Panel("position", kind, found.code, "+", traced=column),
            Panel("x", "input", out, "=", traced=column),
        ]
        title = ("Position: where a word stands is added ", ("once", kind), ", before block 0")
        return title, panels, added(found.embedding[traced], found.code[traced], out[traced], kind)
    record = getattr(trace, part.replace("add", "skip"))
    comes = came_from(part, maps)
    if part == "attention":
        return open_attention(record, comes, traced)
    if part == "feed_forward":
        return open_feed_forward(record, comes, found.layers[block]["feed_forward"], traced)
    if part in ("norm_1", "norm_2"):
        return open_norm(record, comes, traced)
    step = "attention" if part == "add_1" else "feed_forward"
    step_kind = PARTS[step][1]
    panels = [
        Panel(carried(part, maps), "input", record.x, traced=column),
        Panel(LABELS[step], step_kind, record.f_x, "+", traced=column),
        Panel("sum", "input", out, "=", traced=column),
    ]
    what = "what it found" if part == "add_1" else "what it worked out"
    title = ("Add: each word keeps what it was, and adds ", (what, step_kind))
    return title, panels, added(record.x[traced], record.f_x[traced], out[traced], step_kind)


def came_from(part, maps):
    """Return the name of what reaches a part."""
    last = before(part, maps)[-1]
    return "x" if last in ("words", "positions") else NAMES[last]


def carried(part, maps):
    """Return the name of what a skip carries: what left the half before it."""
    if part != "add_2":
        return "x"
    return NAMES[[name for name in before("feed_forward", maps) if name != "norm_2"][-1]]


def added(first, second, total, kind):
    """Return the pieces of first + second = total."""
    sign = equals(rounded(first) + rounded(second), written(total))
    second = (bracketed(second), kind, "bold")
    return f"{written(first)} + ", second, f" {sign} ", (written(total), None, "bold")


def open_attention(record, comes, traced):
    panels, pieces = [Panel(comes, "input", record.x)], []
    for head, weights in enumerate(record.weights):
        panels.append(Panel(f"head {head}", "weights", weights, " " if head else "→", ()))
        row = zip(weights[traced[0]], WORDS, strict=True)
        looks = " + ".join(f"{weight:.2f} · {word}" for weight, word in row)
        pieces.append(f"head {head}: {looks}{'' if head else ', '}")
    panels.append(Panel("attention", "z", record.out, "→"))
    title = ("Attention: each word ", ("takes from both words", "z"), ", by its weights")
    return title, panels, pieces


def open_norm(record, comes, traced):
    row, column = traced
    mean, std = np.ravel(record.mean)[row], np.ravel(record.std)[row]
    value, out = record.x[traced], written(record.out[traced])
    panels = [
        Panel(comes, "input", record.x, traced=column),
        Panel("mean", "norm", np.reshape(record.mean, (-1, 1)), "−", (), 0),
        Panel("std", "norm", np.reshape(record.std, (-1, 1)), "÷", (), 0),
        Panel("norm", "norm", record.out, "=", traced=column),
    ]
    sign = equals((rounded(value) - rounded(mean)) / rounded(std), out)
    line = (
        f"( {written(value)} − ", (bracketed(mean), "norm", "bold"), " ) ÷ ",
        (written(std), "norm", "bold"), f" {sign} ", (out, None, "bold"),
    )  # fmt: skip
    title = (
        "Norm: each word minus its own ", ("mean", "norm"), ", divided by its own ",
        ("std", "norm"),
    )  # fmt: skip
    return title, panels, line


def open_feed_forward(record, comes, params, traced):
    row, column = traced
    units = zip(record.activated[row], params["W_2"][:, column], strict=True)
    terms, out = [(h, w) for h, w in units if h > 0 and w != 0], written(record.out[traced])
    panels = [
        Panel(comes, "input", record.x),
        Panel("hidden", "feed_forward", record.activated, "→", tuple("012345")),
        Panel("feed-forward", "feed_forward", record.out, "→", traced=column),
    ]
    sign = equals(sum(rounded(h) * rounded(w) for h, w in terms), out)
    text = " + ".join(f"{written(h)} · {bracketed(w)}" for h, w in terms)
    line = f"{text} {sign} {out}" if terms else "no lit unit writes to it, so 0.00"
    title = ("Feed-forward: each word alone, 4 → ", ("6 hidden units", "feed_forward"), " → 4")
    return title, panels, (line,)


# How a stack is called in which a part is off, and whose colour its bar takes.
TRAINED = {
    "nothing": ("the whole", "quiet"),
    "positions": ("no positions", "position"),
    "skip": ("no skip", "input"),
    "norm": ("no norm", "norm"),
    "feed-forward": ("no feed-forward", "feed_forward"),
    "heads but one": ("only one head", "z"),
}


@lru_cache
def blind_bet():
    """Return how often the most frequent word of a sentence is the one that is asked for.

    It is the best that a word can bet on if it knows all words, but not their order.
    """
    batch = next(ablation.sentences(1, np.random.default_rng(0), batch=20_000))
    counts = (batch.tokens[..., None] == np.arange(ablation.VOCAB)).sum(axis=1)  # (batch, vocab)
    return counts.max(axis=1).mean() / ablation.SEQ_LEN


class AblationExplorer(LiveExperiment):
    """What a part is worth: the stack trained without it, beside the table of all seeds."""

    columns = 2
    holds = True

    def make_controls(self):
        stacks = list(ablation.STACKS)
        parts = [(label, off) for off, (label, _) in TRAINED.items()]
        return {
            "stack": explorer.menu("Stack", stacks[0], stacks),
            "off": explorer.menu("Trained", "nothing", parts),
        }

    def run_name(self, values):
        return ablation.name(values["stack"], values["off"])

    def build(self, figure):
        quiet = palette.INK["quiet"]
        ax = self.curve_ax = shares_axes(
            figure, (0.062, 0.17, 0.375, 0.71), ylim=(0, 1.04), yticks=[0, 0.5, 1]
        )
        ax.axhline(blind_bet(), color=quiet, ls=":", lw=1.8)
        right = {"ha": "right", "color": quiet, "transform": ax.get_yaxis_transform()}
        ax.text(0.98, blind_bet() + 0.03, f"a bet without order, {blind_bet():.2f}", **right)
        self.dashed = ax.text(0.98, 0.06, "dashed: the whole", **right)
        self.curve_title = live_title(ax)
        (self.whole,) = ax.plot([], [], "--", color=quiet, lw=1.6)
        self.curve = LearningCurve(ax, 6)

        rows = range(len(TRAINED))
        ax = figure.add_axes(
            (0.625, 0.17, 0.352, 0.71),
            xlim=(0, 1.02), ylim=(len(rows) - 0.4, -0.6), xticks=[0, 0.5, 1],
        )  # fmt: skip
        self.table_title = ax.set_title("", loc="left")
        ax.set_yticks(rows, [label for label, _ in TRAINED.values()])
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        colors = [palette.FILL[kind] for _, kind in TRAINED.values()]
        self.bars = ax.barh(rows, np.zeros(len(rows)), 0.6, color=colors)
        self.ranges = [  # white below black, to be seen on every colour
            ax.plot([], [], color=color, lw=width)[0]
            for color, width in (("white", 5), ("#1A1A1A", 2))
        ]
        self.frame = live_frame(ax, width=3.3, color="#1A1A1A")
        (self.diamonds,) = ax.plot([], [], "D", color="white", mec="#1A1A1A", ms=8, clip_on=False)

    def compute(self, stack, off):
        table = evidence.measured(self.lesson)
        names = [ablation.name(stack, part) for part in TRAINED]
        results = map(self.live_result, names)
        return self.learning({"stack": stack, "off": off}) | {
            "title": f"{stack}: {TRAINED[off][0]}",
            "whole": self._recorded[names[0]],
            "table": [table[name]["accuracy"] for name in names],  # a Measured for each part
            # For each part the accuracy of a run made here, or NaN.
            "live": [result["accuracies"][-1] if result else np.nan for result in results],
        }

    def structure(self, result):
        return result.stack

    def arrange(self, result):
        rows = np.arange(len(result.table))
        for bar, number in zip(self.bars, result.table, strict=True):
            bar.set_width(0 if self.held else number.mean)
        low, high = np.array([(n.lowest, n.highest) for n in result.table]).T
        gap = np.full(len(rows), np.nan)  # lifts the pen between two rows
        xs = np.stack([low, high, gap], axis=1).ravel()
        for line in self.ranges:
            line.set_data(xs, np.stack([rows, rows, gap], axis=1).ravel())
            line.set_visible(not self.held)
        self.table_title.set_text(f"Right in {result.table[0].seeds} seeds: mean, range")
        last = ablation.STACKS[result.stack]["n_steps"]
        self.curve_ax.set_xlim(-0.03 * last, 1.03 * last)
        self.curve_ax.set_xticks([0, last // 2, last], ["0", f"{last // 2}", f"step {last}"])

    def draw(self, result):
        self.curve_title.set_text(result.title)
        self.whole.set_data(result.whole["steps"], result.whole["accuracies"])
        row = list(TRAINED).index(result.off)
        self.frame.around(0.004, row - 0.3, result.table[row].mean - 0.004, 0.6)
        self.diamonds.set_data(result.live, range(len(result.live)))
        answer = [*self.curve.draw(result), self.frame, self.diamonds]
        for artist in answer:
            artist.set_visible(not self.held)
        self.dashed.set_visible(result.off != "nothing")
        return [self.whole, self.dashed, self.curve_title, *answer]

    def describe(self, result):
        number, whole = result.table[list(TRAINED).index(result.off)], result.table[0]
        compared = f"; the whole {whole.lowest:.2f} to {whole.highest:.2f}"
        return (
            f"Trained ({result.origin}), {result.title}: {result.accuracies[-1]:.2f} right after "
            f"{result.steps[-1]} steps. In {number.seeds} seeds {number.lowest:.2f} to "
            f"{number.highest:.2f}{'' if result.off == 'nothing' else compared}."
        )
