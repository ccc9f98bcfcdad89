"""Exercises of notebook 06: predict shapes, pre-norm, a stack, and the block of your own parts."""

import numpy as np

from helpers import encoder_block, layer_norm
from helpers.exercises import feed_forward as feed_forward_exercises
from helpers.exercises import layer_norm as layer_norm_exercises
from helpers.exercises import multi_head_attention as multi_head_exercises
from helpers.exercises import skip_connections as skip_exercises
from helpers.exercises.check import Exercise, calm, example
from helpers.exercises.shapes import check_shapes
from helpers.exercises.variants import Part, Program
from helpers.exercises.verdict import Verdict, not_started


@calm
def check_block_shapes(heads=..., skip_1=..., hidden=..., out=...):
    """Check predicted shapes: 5 words, d_model 8, n_heads 2, d_ff 32."""
    return check_shapes(
        {"heads": heads, "skip_1": skip_1, "hidden": hidden, "out": out},
        {"heads": (2, 5, 4), "skip_1": (5, 8), "hidden": (5, 32), "out": (5, 8)},
        {
            "heads": "n_heads, then words, then d_head = d_model / n_heads.",
            "skip_1": "A sum is as large as its parts.",
            "hidden": "A row of d_ff numbers for each word.",
            "out": "The next block must be able to take it in.",
        },
        {
            ("heads", (2, 5, 8)): ("heads of full width", "Two heads share the 8 numbers."),
            ("heads", (5, 2, 4)): ("words before heads", "The heads come first."),
            ("skip_1", (5, 16)): ("laid side by side", "A skip adds."),
            ("hidden", (2, 5, 32)): ("heads in the feed-forward step", "It has none."),
            ("out", (5, 32)): ("out as wide as hidden", "W_2 brings it back to d_model."),
        },
    )


# two halves, each a step with its skip and its norm


def halves(do, x, attention, norm_1, feed_forward, norm_2):
    """Return the result of a block of two halves, as a recipe."""
    attention, norm_1, feed_forward, norm_2 = do.order(attention, norm_1, feed_forward, norm_2)
    middle = do.first_half(x, attention, norm_1)
    return do.whole(do.second_half(middle, feed_forward, norm_2, x), x, middle, norm_2)


def _pre(x, f, norm, *rest):
    return x + f(norm(x))


def _post(x, f, norm, *rest):
    return norm(x + f(x))


def _first(x, *rest):
    return x


IN_A_HALF = {  # by what is wrong: pre-norm, post-norm
    "the {which} skip is missing": (lambda x, f, n, *_: f(n(x)), lambda x, f, n, *_: n(f(x))),
    "{step} is left out": (_first, lambda x, f, n, *_: n(x)),
    "{norm} is left out": (lambda x, f, n, *_: x + f(x),) * 2,
    "{norm} is done twice in a row": (
        lambda x, f, n, *_: x + f(n(n(x))),
        lambda x, f, n, *_: n(n(x + f(x))),
    ),
    "{norm} stands before {step} and after the sum": (lambda x, f, n, *_: n(x + f(n(x))),) * 2,
    "{norm} is done on the result of {step} alone": (lambda x, f, n, *_: x + n(f(x)),) * 2,
    "{norm} is done on the skip alone": (lambda x, f, n, *_: n(x) + f(x),) * 2,
    "the {which} skip starts behind {norm}": (
        lambda x, f, n, *_: n(x) + f(n(x)),
        lambda x, f, n, *_: n(n(x) + f(n(x))),
    ),
    "the {which} sum is a difference, x − f(x)": (
        lambda x, f, n, *_: x - f(n(x)),
        lambda x, f, n, *_: n(x - f(x)),
    ),
    "the {which} sum is a product": (
        lambda x, f, n, *_: x * f(n(x)),
        lambda x, f, n, *_: n(x * f(x)),
    ),
}
IN_THE_SECOND_HALF = {  # x is what came into the first one, h what came out of it
    "the second skip starts at x": (
        lambda h, f, n, x: x + f(n(h)),
        lambda h, f, n, x: n(x + f(h)),
    ),
    "feed_forward works on x itself": (
        lambda h, f, n, x: h + f(n(x)),
        lambda h, f, n, x: n(h + f(x)),
    ),
    "feed_forward works on what the first half adds": (
        lambda h, f, n, x: h + f(n(h - x)),
        lambda h, f, n, x: n(h + f(h - x)),
    ),
    "the second skip starts at what the first half adds": (
        lambda h, f, n, x: h - x + f(n(h)),
        lambda h, f, n, x: n(h - x + f(h)),
    ),
    "the second skip also adds x": (
        lambda h, f, n, x: h + x + f(n(h)),
        lambda h, f, n, x: n(h + x + f(h)),
    ),
}
ORDERS = {
    "the norms have changed places": lambda a, n_1, f, n_2: (a, n_2, f, n_1),
    "only the steps have changed places": lambda a, n_1, f, n_2: (f, n_1, a, n_2),
    "the halves have changed places": lambda a, n_1, f, n_2: (f, n_2, a, n_1),
    "norm_1 is used twice": lambda a, n_1, f, n_2: (a, n_1, f, n_1),
    "norm_2 is used twice": lambda a, n_1, f, n_2: (a, n_2, f, n_2),
    "attention is used twice, and feed_forward never": lambda a, n_1, f, n_2: (a, n_1, a, n_2),
    "feed_forward is used twice, and attention never": lambda a, n_1, f, n_2: (f, n_1, f, n_2),
}


def half_parts(is_pre):
    """Return the parts of a pre-norm or a post-norm block."""
    half, other = (_pre, _post) if is_pre else (_post, _pre)
    kind = "post" if is_pre else "pre"

    def changes(which, step, norm):
        named = {
            name.format(which=which, step=step, norm=norm): ways[0 if is_pre else 1]
            for name, ways in IN_A_HALF.items()
        }
        return {f"{kind}-norm in the {which} half": other} | named

    second = {name: ways[0 if is_pre else 1] for name, ways in IN_THE_SECOND_HALF.items()}
    second |= changes("second", "feed_forward", "norm_2")
    return {
        "order": Part(lambda *steps: steps, changes=ORDERS),
        "first_half": Part(
            half,
            changes=changes("first", "attention", "norm_1")
            | {"the first half is left out": _first},
            makes="the first half's result",
        ),
        "second_half": Part(half, changes=second),
        "whole": Part(
            _first,
            changes={
                "norm_2 is done once more at the end": lambda out, x, h, n_2: n_2(out),
                "the first half is added once more at the end": lambda out, x, h, n_2: out + h,
            },
        ),
    }


def _in_both(name):
    """Return both halves with the same change."""
    pre, post = IN_A_HALF[name]
    return (
        {"first_half": pre, "second_half": pre},
        {"first_half": post, "second_half": post},
    )


def attention(x):
    """Stand-in for attention: the words before, added up."""
    return np.cumsum(x, axis=0) ** 2 / 2 - np.roll(x, 1, axis=-1)


def norm_1(x):
    """A layer norm with γ = 0.5, β = 0.3."""
    return 0.5 * layer_norm.forward(x, layer_norm.init(x.shape[-1])).out + 0.3


def feed_forward(x):
    """Stand-in for the feed-forward step."""
    return np.maximum(x, 0) ** 2 - 0.4 * np.roll(x, -1, axis=-1)


def norm_2(x):
    """A layer norm with γ = 2, β = 1."""
    return 2 * layer_norm.forward(x, layer_norm.init(x.shape[-1])).out + 1


PRE_PROGRAM = Program(halves, half_parts(True))


def _drawn_words(trait, words):
    return example(
        trait,
        x=np.array(words, dtype=float),
        attention=attention,
        norm_1=norm_1,
        feed_forward=feed_forward,
        norm_2=norm_2,
    )


PRE_NORM = Exercise(
    PRE_PROGRAM,
    [
        _drawn_words("two words", [[1, 0, 2], [0, -1, 3]]),
        _drawn_words("three words", [[0.5, 2, 1], [1, 1, -2], [3, 0, 1]]),
        _drawn_words("four numbers per word", [[-1, 0.5, 2, -3], [0.25, -2, 1, 1.5]]),
    ],
    {
        "post-norm": {"first_half": _post, "second_half": _post},
        "the last norm stands in the block": {"whole": lambda out, x, h, norm_2: norm_2(out)},
        "no skips": _in_both("the {which} skip is missing")[0],
        "no norms": _in_both("{norm} is left out")[0],
        "the skip starts behind the norm": _in_both("the {which} skip starts behind {norm}")[0],
        "both steps work on x, side by side": lambda x, a, n_1, f, n_2: x + a(n_1(x)) + f(n_2(x)),
        "one skip around both steps": lambda x, a, n_1, f, n_2: x + f(n_2(a(n_1(x)))),
    },
    words="x",
    explain=skip_exercises.by_formula(
        ("attention", "norm_1", "feed_forward", "norm_2"),
        ("x",),
        ("+",),
        leaf=("h", lambda x, attention, norm_1, *_: _pre(x, attention, norm_1)),
    ),
)


@calm
def check_pre_norm(function):
    """Check function(x, attention, norm_1, feed_forward, norm_2): one pre-norm block."""
    return PRE_NORM.check(function)


def block_1(x):
    """Stand-in for a block."""
    return x + np.cumsum(x, axis=0) ** 2 / 3


def block_2(x):
    """Stand-in for another block."""
    return 0.5 * x - np.ones_like(x) * np.arange(x.shape[-1])


def block_3(x):
    """Stand-in for a third block."""
    return np.roll(x, 1, axis=-1) + np.sin(x)


def _stack_recipe(do, x, blocks, norm):
    start, x = x, do.begin(x, norm)
    for i, block in enumerate(blocks):
        x = do.between(do.sum(block(do.enters(x, start, norm)), x, start), norm, i, blocks)
    return do.end(x, norm, start)


BLOCKS_PARTS = {
    "begin": Part(
        _first,
        changes={"the norm is also done before the first block": lambda x, norm: norm(x)},
    ),
    "enters": Part(
        _first,
        changes={
            "every block sees the first input: only the last counts": lambda x, start, norm: start,
            "the norm stands before every block, and at the end": lambda x, start, norm: norm(x),
        },
    ),
    "sum": Part(
        _first,
        changes={
            "the block's input is added to its result": lambda out, x, start: out + x,
            "the first input is added to each block's result": lambda out, x, start: out + start,
            "every block is averaged with its input": lambda out, x, start: (out + x) / 2,
        },
    ),
    "between": Part(
        _first,
        changes={
            "a norm after every block, and one at the end": lambda x, norm, *_: norm(x),
            "a norm between the blocks as well": lambda x, norm, i, blocks: (
                norm(x) if i < len(blocks) - 1 else x
            ),
            "a norm after the first block as well": lambda x, norm, i, *_: norm(x) if i == 0 else x,
        },
    ),
    "end": Part(
        lambda x, norm, start: norm(x),
        changes={
            "the last norm is missing": _first,
            "the norm is done twice at the end": lambda x, norm, start: norm(norm(x)),
            "the norm is added to the sum, x + norm(x)": lambda x, norm, start: x + norm(x),
            "the first input is added behind the norm": lambda x, norm, start: norm(x) + start,
            "the first input is added before the norm": lambda x, norm, start: norm(x + start),
        },
    ),
}
BLOCKS = Exercise(
    Program(_stack_recipe, BLOCKS_PARTS),
    [
        example(
            "two blocks",
            x=np.array([[1.0, 0, 2], [0, 1, -1]]),
            blocks=(block_1, block_2),
            norm=norm_2,
        ),
        example(
            "three blocks",
            x=np.array([[1.0, 0, 2], [0.5, -2, 1]]),
            blocks=(block_2, block_1, block_3),
            norm=norm_2,
        ),
        example(
            "four blocks",
            x=np.array([[-1.0, 0.5, 2], [1.5, -2, 0], [0.25, 1, -1]]),
            blocks=(block_3, block_2, block_1, block_3),
            norm=norm_1,
        ),
        example(
            "one block",
            x=np.array([[0.5, -1.0, 2, 1], [1, 3, -2, 0]]),
            blocks=(block_3,),
            norm=norm_2,
        ),
    ],
    {
        "a norm after every block": {"between": lambda x, norm, i, blocks: norm(x), "end": _first},
        "the norm comes first": {"begin": lambda x, norm: norm(x), "end": _first},
        "the norm stands before every block": {
            "enters": lambda x, start, norm: norm(x),
            "end": _first,
        },
        "the norm stands before every block, with a skip around both": {
            "enters": lambda x, start, norm: norm(x),
            "sum": lambda out, x, start: out + x,
            "end": _first,
        },
        "the results of all blocks are added up": lambda x, blocks, norm: norm(
            sum(block(x) for block in blocks)
        ),
    },
    words="x",
)


@calm
def check_stack(function):
    """Check function(x, blocks, norm): a pre-norm stack, with the norm that it wants at its end."""
    return BLOCKS.check(function)


def _block_recipe(do, x, params, n_heads):
    """The whole block: the recipes of its steps, inside the two halves."""
    weights = [params["attention"][f"W_{role}"] for role in "qkvo"]

    def attention(words):
        return multi_head_exercises.multi_head_recipe(do, words, *weights, n_heads)

    def norm(name):
        own = params[name]
        return lambda words: layer_norm_exercises.norm_recipe(
            do, words, own["gamma"], own["beta"], do.epsilon(1e-5)
        )

    def feed_forward(words):
        own = params["feed_forward"]
        return feed_forward_exercises.network_recipe(
            do, words, own["W_1"], own["b_1"], own["W_2"], own["b_2"]
        )

    return halves(do, x, attention, norm("norm_1"), feed_forward, norm("norm_2"))


def _said_of(changes, where):
    """Return changes with names that say where in the block they are made."""
    return {f"{name} ({where})": does for name, does in changes.items()}


def _renamed(parts, where):
    """Return the parts of a step, with names that say which step of the block they belong to."""
    return {
        name: Part(
            part.right,
            f"{part.does} {where}" if part.does else "",
            f"{part.makes} {where}" if part.makes else "",
            _said_of(part.changes, where),
        )
        for name, part in parts.items()
    }


BLOCK_PARTS = half_parts(is_pre=False) | {
    "epsilon": Part(
        _first,
        changes={
            f"ε is {epsilon:g}, not 0.00001": lambda old, e=epsilon: e
            for epsilon in (1e-6, 1e-8, 1e-3, 1e-4)
        }
        | {"ε is left out, or nearly so": lambda old: 0.0},
    ),
    **_renamed(multi_head_exercises.MULTI_HEAD_PARTS, "in attention"),
    **_renamed(layer_norm_exercises.NORM_PARTS, "in both norms"),
    **_renamed(feed_forward_exercises.NETWORK_PARTS, "in the feed-forward step"),
}
BLOCK_PROGRAM = Program(_block_recipe, BLOCK_PARTS)


def _drawn(trait, seq_len, d_model, n_heads, d_ff, seed, size=1.0):
    rng = np.random.default_rng(seed)
    params = encoder_block.init(d_model, n_heads, d_ff, rng)
    for part in ("norm_1", "norm_2"):
        params[part] = {"gamma": rng.uniform(0.5, 2, d_model), "beta": rng.uniform(-1, 1, d_model)}
    for bias in ("b_1", "b_2"):
        params["feed_forward"][bias] = rng.uniform(-1, 1, params["feed_forward"][bias].shape)
    return example(
        trait,
        x=size * rng.standard_normal((seq_len, d_model)).round(1),
        params=params,
        n_heads=n_heads,
    )


BLOCK = Exercise(
    BLOCK_PROGRAM,
    [
        _drawn("2 words, 2 heads", 2, 4, 2, 6, 0),
        _drawn("3 words, 3 heads", 3, 6, 3, 5, 1),
        _drawn("5 words, 4 heads", 5, 8, 4, 16, 2),
        _drawn("one head", 4, 3, 1, 2, 3),
        _drawn("quiet words", 3, 4, 2, 6, 4, 0.01),
    ],
    {
        "pre-norm": {"first_half": _pre, "second_half": _pre},
        "no norms": _in_both("{norm} is left out")[1],
        "no skips": _in_both("the {which} skip is missing")[1],
        "half a block": {"second_half": _first},
        "the second skip starts before the first norm": {
            "first_half": lambda x, f, n: (x + f(x), n(x + f(x))),
            "second_half": lambda pair, f, n, x: n(pair[0] + f(pair[1])),
            "whole": lambda out, *rest: out,
        },
        **_said_of(multi_head_exercises.MULTI_HEAD_CHANGES, "in attention"),
        **_said_of(layer_norm_exercises.NORM_CHANGES, "in both norms"),
        **_said_of(feed_forward_exercises.NETWORK_CHANGES, "in the feed-forward step"),
        "one head of full width": lambda x, params, n_heads: BLOCK_PROGRAM(x, params, 1),
    },
    words="x",
)


@calm
def check_block(block, multi_head, add, norm, feed_forward):
    """Check function(x, params, n_heads), after its parts, each as in its own lesson."""
    verdicts = {
        "multi_head": multi_head_exercises.check_multi_head(multi_head),
        "add": skip_exercises.check_add(add),
        "layer_norm": layer_norm_exercises.check_layer_norm(norm),
        "feed_forward": feed_forward_exercises.check_feed_forward(feed_forward),
        "block": BLOCK.check(block),
    }
    if all(verdict.mistake == "not started" for verdict in verdicts.values()):
        return not_started()
    for name, verdict in verdicts.items():
        if verdict.mistake is not None:
            return Verdict(verdict.mistake, f"my_{name}: {verdict.text}", verdict.kind)
    return Verdict(
        None,
        "Right: all four parts, and the block that they make. Its numbers are those of "
        "encoder_block.forward.",
        "right",
    )
