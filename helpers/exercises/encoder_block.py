"""Exercises of notebook 06: predict shapes, pre-norm, a stack, and the block of your own parts."""

from types import SimpleNamespace

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
    attended = do.branch_1(attention(do.inside_1(x, norm_1)), norm_1)
    middle = do.outside_1(do.sum_1(do.skip_1(x, norm_1), attended), norm_1)
    enters = do.enters_2(middle, x, attended)
    worked = do.branch_2(feed_forward(do.inside_2(enters, norm_2)), norm_2)
    summed = do.sum_2(do.skip_2(middle, x, attended, norm_2), worked)
    return do.end(do.outside_2(summed, norm_2), x, middle, norm_1, norm_2)


def _as_is(value, *rest):
    return value


def _half(number, step, norm, is_pre):
    """Return the parts of one half: where it is normed, and how its sum is made."""
    first = "first" if number == 1 else "second"
    inside, outside = (_normed, _as_is) if is_pre else (_as_is, _normed)
    before = {f"{norm} stands before {step}": _normed}
    after = {f"{norm} is done on the {first} sum": _normed}
    none = {
        f"{norm} is left out": _as_is,
        f"{norm} is done twice in a row": lambda value, norm: norm(norm(value)),
    }
    sums = {
        f"the {first} skip is missing": lambda skip, out: out,
        f"{step} is left out": lambda skip, out: skip,
        f"the {first} sum is a difference, x − f(x)": np.subtract,
        f"the {first} sum is a difference, f(x) − x": lambda s, o: o - s,
        f"the {first} sum is a product": np.multiply,
        f"the {first} sum is a mean": lambda skip, out: (skip + out) / 2,
        f"the {first} skip counts twice": lambda skip, out: 2 * skip + out,
        f"{step} counts twice": lambda skip, out: skip + 2 * out,
    }
    return {
        f"inside_{number}": Part(inside, changes=none if is_pre else before),
        f"branch_{number}": Part(
            _as_is,
            changes={
                f"{norm} is done on the result of {step}, before the sum": _normed,
            },
        ),
        f"sum_{number}": Part(np.add, makes=f"the {first} sum", changes=sums),
        f"outside_{number}": Part(
            outside,
            changes=after if is_pre else none,
            makes="" if is_pre else f"the result of {norm}",
        ),
    }


def _normed(value, norm):
    return norm(value)


def half_parts(is_pre):
    """Return the parts of both halves of a pre-norm or a post-norm block."""
    first = _half(1, "attention", "norm_1", is_pre)
    second = _half(2, "feed_forward", "norm_2", is_pre)
    return (
        first
        | second
        | {
            "skip_1": Part(
                _as_is,
                changes={
                    "the first skip starts behind the norm": _normed,
                },
            ),
            "enters_2": Part(
                _as_is,
                changes={
                    "feed_forward works on x itself": lambda middle, x, attended: x,
                    "feed_forward works on attention's result alone": lambda middle, x, attended: (
                        attended
                    ),
                },
            ),
            "skip_2": Part(
                _as_is,
                changes={
                    "the second skip starts at x": lambda middle, x, attended, norm_2: x,
                    "the second skip starts before the first norm": lambda _, x, attended, norm_2: (
                        x + attended
                    ),
                    "the second skip starts behind the norm": lambda middle, x, attended, norm_2: (
                        norm_2(middle)
                    ),
                    "the second skip starts at attention's result": lambda _, x, attended, norm_2: (
                        attended
                    ),
                    "the second skip also adds x": lambda middle, x, attended, norm_2: middle + x,
                },
            ),
            "end": Part(
                _as_is,
                changes={
                    "norm_2 is done once more at the end": lambda out, x, middle, norm_1, norm_2: (
                        norm_2(out)
                    ),
                    "norm_1 is done at the end": lambda out, x, middle, norm_1, norm_2: norm_1(out),
                    "x is added once more at the end": lambda out, x, middle, norm_1, norm_2: (
                        out + x
                    ),
                    "the first half is added once more at the end": lambda out, x, middle, *norms: (
                        out + middle
                    ),
                },
            ),
        }
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


PRE_PROGRAM, POST_PROGRAM = Program(halves, half_parts(True)), Program(halves, half_parts(False))


def _zero_skip(skip, out):
    return out


HALVES_MISTAKES = {
    "no skips": {"sum_1": _zero_skip, "sum_2": _zero_skip},
    "no norms": {"inside_1": _as_is, "inside_2": _as_is},
    "the skip starts behind the norm": {
        "skip_1": _normed,
        "skip_2": lambda middle, x, attended, norm: norm(middle),
    },
    "both steps work on x, side by side": lambda x, a, n_1, f, n_2: x + a(n_1(x)) + f(n_2(x)),
    "one skip around both steps": lambda x, a, n_1, f, n_2: x + f(n_2(a(n_1(x)))),
    "the halves have changed places": lambda x, a, n_1, f, n_2: PRE_PROGRAM(x, f, n_2, a, n_1),
    "only the steps have changed places": lambda x, a, n_1, f, n_2: PRE_PROGRAM(x, f, n_1, a, n_2),
    "the norms have changed places": lambda x, a, n_1, f, n_2: PRE_PROGRAM(x, a, n_2, f, n_1),
}


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
        "post-norm": POST_PROGRAM,
        "post-norm in the first half": {"inside_1": _as_is, "outside_1": _normed},
        "post-norm in the second half": {"inside_2": _as_is, "outside_2": _normed},
        "the last norm stands in the block": lambda *given: given[-1](PRE_PROGRAM(*given)),
        **HALVES_MISTAKES,
    },
    words="x",
    explain=skip_exercises.by_formula(
        ("attention", "norm_1", "feed_forward", "norm_2"), ("x",), ("+",), 9
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


BLOCKS = Exercise(
    Program(
        _stack_recipe,
        {
            "begin": Part(
                _as_is,
                changes={
                    "the norm is also done before the first block": lambda x, norm: norm(x),
                },
            ),
            "enters": Part(
                _as_is,
                changes={
                    "every block sees the first input": lambda x, start, norm: start,
                    "the norm stands before every block, and at the end": lambda x, start, norm: (
                        norm(x)
                    ),
                },
            ),
            "sum": Part(
                _as_is,
                changes={
                    "the block's input is added to its result": lambda out, x, start: out + x,
                    "the first input is added to each block's result": lambda out, x, start: (
                        out + start
                    ),
                    "every block is averaged with its input": lambda out, x, start: (out + x) / 2,
                },
            ),
            "between": Part(
                _as_is,
                changes={
                    "a norm after every block, and one at the end": lambda x, norm, i, blocks: norm(
                        x
                    ),
                    "a norm between the blocks as well": lambda x, norm, i, blocks: (
                        norm(x) if i < len(blocks) - 1 else x
                    ),
                    "a norm after the first block as well": lambda x, norm, i, blocks: (
                        norm(x) if i == 0 else x
                    ),
                },
            ),
            "end": Part(
                lambda x, norm, start: norm(x),
                changes={
                    "the last norm is missing": _as_is,
                    "the norm is done twice at the end": lambda x, norm, start: norm(norm(x)),
                    "the norm is added to the sum, x + norm(x)": lambda x, norm, start: x + norm(x),
                    "the first input is added behind the norm": lambda x, norm, start: (
                        norm(x) + start
                    ),
                    "the first input is added before the norm": lambda x, norm, start: norm(
                        x + start
                    ),
                },
            ),
        },
    ),
    [
        example("two blocks", x=np.array([[1.0, 0, 2]]), blocks=(block_1, block_2), norm=norm_2),
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
        "a norm after every block": {"between": lambda x, norm, i, blocks: norm(x), "end": _as_is},
        "the norm comes first": {"begin": lambda x, norm: norm(x), "end": _as_is},
        "the norm stands before every block": {
            "enters": lambda x, start, norm: norm(x),
            "end": _as_is,
        },
        "the norm stands before every block, with a skip around both": {
            "enters": lambda x, start, norm: norm(x),
            "sum": lambda out, x, start: out + x,
            "end": _as_is,
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

    steps = do.order(attention, norm("norm_1"), feed_forward, norm("norm_2"))
    return halves(SimpleNamespace(**(vars(do) | {"end": do.block_end})), x, *steps)


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


def _block_parts():
    own = half_parts(False)
    own["block_end"] = own.pop("end")
    return own | {
        "epsilon": Part(
            _as_is,
            changes={
                f"ε is {epsilon:g}, not 0.00001": lambda old, e=epsilon: e
                for epsilon in (0.0, 1e-6, 1e-8, 1e-12, 1e-3, 1e-4)
            },
        ),
        "order": Part(
            lambda *steps: steps,
            changes={
                "the norms have changed places": lambda a, n_1, f, n_2: (a, n_2, f, n_1),
                "the steps have changed places": lambda a, n_1, f, n_2: (f, n_1, a, n_2),
                "the halves have changed places": lambda a, n_1, f, n_2: (f, n_2, a, n_1),
                "norm_1 is used twice": lambda a, n_1, f, n_2: (a, n_1, f, n_1),
                "norm_2 is used twice": lambda a, n_1, f, n_2: (a, n_2, f, n_2),
                "attention is used twice, and feed_forward never": lambda a, n_1, f, n_2: (
                    a,
                    n_1,
                    a,
                    n_2,
                ),
                "feed_forward is used twice, and attention never": lambda a, n_1, f, n_2: (
                    f,
                    n_1,
                    f,
                    n_2,
                ),
            },
        ),
        **_renamed(multi_head_exercises.MULTI_HEAD_PARTS, "in attention"),
        **_renamed(layer_norm_exercises.NORM_PARTS, "in both norms"),
        **_renamed(feed_forward_exercises.NETWORK_PARTS, "in the feed-forward step"),
    }


BLOCK_PROGRAM = Program(_block_recipe, _block_parts())


def _block(norm="post", skip=True, feed_forward=True):
    """Return the package's block, with one switch in another place."""

    def block(x, params, n_heads):
        return encoder_block.forward(
            x, params, n_heads, norm=norm, skip=skip, feed_forward=feed_forward
        ).out

    return block


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
        "pre-norm": _block("pre"),
        "no norms": _block("none"),
        "no skips": _block(skip=False),
        "half a block": _block(feed_forward=False),
        **_said_of(multi_head_exercises.MULTI_HEAD_CHANGES, "in attention"),
        **_said_of(layer_norm_exercises.NORM_CHANGES, "in both norms"),
        **_said_of(feed_forward_exercises.NETWORK_CHANGES, "in the feed-forward step"),
        "one head of full width": lambda x, params, n_heads: BLOCK_PROGRAM(x, params, 1),
        "pre-norm in the first half": {"inside_1": _normed, "outside_1": _as_is},
        "pre-norm in the second half": {"inside_2": _normed, "outside_2": _as_is},
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
