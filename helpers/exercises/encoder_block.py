"""Exercises of notebook 06: predict shapes, pre-norm, a stack, and the block of your own parts."""

import numpy as np

from helpers import encoder_block
from helpers.exercises import feed_forward as feed_forward_exercises
from helpers.exercises import layer_norm as layer_norm_exercises
from helpers.exercises import multi_head_attention as multi_head_exercises
from helpers.exercises import skip_connections as skip_exercises
from helpers.exercises.check import Exercise, edge, example
from helpers.exercises.formulas import by_halves, by_loops
from helpers.exercises.layer_norm import norm as norm_2
from helpers.exercises.layer_norm import normalized, same, whole_norm
from helpers.exercises.shapes import check_shapes
from helpers.exercises.variants import (
    EPSILONS,
    Part,
    Program,
    applied,
    operation,
    said_of,
    unchanged,
)
from helpers.exercises.verdict import Verdict, not_started


def check_block_shapes(heads=..., skip_1=..., hidden=..., out=...):
    """Check predicted shapes: 5 words, d_model 8, n_heads 2, d_ff 32."""
    return check_shapes("encoder_block", heads=heads, skip_1=skip_1, hidden=hidden, out=out)


# two halves, each a step with its skip and its norm


def pre_norm(do, x, attention, norm_1, feed_forward, norm_2):
    half = do.sum_1(x, do.attention(do.norm_1(x, norm_1), attention))
    return do.sum_2(half, do.feed_forward(do.norm_2(half, norm_2), feed_forward))


def post_norm(do, x, attention, norm_1, feed_forward, norm_2):
    half = do.norm_1(do.sum_1(x, do.attention(x, attention)), norm_1)
    return do.norm_2(do.sum_2(half, do.feed_forward(half, feed_forward)), norm_2)


STEPS = ("attention", "norm_1", "feed_forward", "norm_2")
HALF_PARTS = {
    **{name: applied(name) for name in STEPS},
    "sum_1": operation("the first skip", "attention's result", np.add, "the first sum"),
    "sum_2": operation("the second skip", "feed_forward's result", np.add, "the second sum"),
}
NO_NORMS = {"norm_1": unchanged, "norm_2": unchanged}
NO_SKIPS = {"sum_1": lambda skip, found: found, "sum_2": lambda skip, found: found}


def attention(x):
    """Stand-in for attention: the words before, added up."""
    return np.cumsum(x, axis=0) ** 2 / 2 - np.roll(x, 1, axis=-1)


def norm_1(x):
    """A layer norm with γ = 0.5, β = 0.3."""
    return 0.5 * normalized(x) + 0.3


def feed_forward(x):
    """Stand-in for the feed-forward step."""
    return np.maximum(x, 0) ** 2 - 0.4 * np.roll(x, -1, axis=-1)


def _drawn_words(trait, x, **others):
    steps = dict(zip(STEPS, (attention, norm_1, feed_forward, norm_2), strict=True))
    return example(trait, x=x, **steps | others)


PRE_NORM = Exercise(
    Program(pre_norm, HALF_PARTS),
    [
        _drawn_words("two words", [[1, 0, 2], [0, -1, 3]]),
        _drawn_words("three words", [[0.5, 2, 1], [1, 1, -2], [3, 0, 1]]),
        _drawn_words("steps that are the identity", [[1, 3, -1], [0.5, -2, 2]], attention=same),
        _drawn_words(
            "norms over the whole sentence",
            [[1, 3], [0.5, -2]],
            norm_1=whole_norm,
            norm_2=whole_norm,
        ),
        _drawn_words("nine words", np.random.default_rng(3).normal(0, 1, (9, 4))),
        _drawn_words("four numbers per word", [[-1, 0.5, 2, -3], [0.25, -2, 1, 1.5]]),
        _drawn_words("one word", [[2, -1, 0.5]]),
        _drawn_words("attention(norm_1(x)) is x", [[1, 2], [0, 3]], attention=same, norm_1=same),
    ],
    {
        "post-norm": Program(post_norm, HALF_PARTS),
        "the last norm stands in the block": lambda *given: given[-1](PRE_NORM.right(*given)),
        "no skips": NO_SKIPS,
        "no norms": NO_NORMS,
        "the skip starts behind the norm": lambda x, a, n_1, f, n_2: (
            lambda half: n_2(half) + f(n_2(half))
        )(n_1(x) + a(n_1(x))),
        "the second skip starts at x": lambda x, a, n_1, f, n_2: x + f(n_2(x + a(n_1(x)))),
    },
    words="x",
    explain=by_halves("pre", ("x + attention(norm_1(x))", "h + feed_forward(norm_2(h))")),
)


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


def _normed(x, norm, *rest):
    return norm(x)


def _stack_recipe(do, x, blocks, norm):
    start, x = x, do.begin(x, norm)
    for block in blocks:
        x = do.update(x, block, norm, start)
    return do.end(x, norm, start)


STACK_PARTS = {
    "begin": Part(unchanged, changes={"the norm is also done before the first block": _normed}),
    "update": Part(
        lambda x, block, norm, start: block(x),
        changes={
            "a norm after every block, and one at the end": lambda x, b, norm, start: norm(b(x)),
            "a norm before every block, and one at the end": lambda x, b, norm, start: b(norm(x)),
            "the block's input is added to its result": lambda x, b, norm, start: x + b(x),
            "the mean of each block's input and result": lambda x, b, *rest: (x + b(x)) / 2,
            "every block sees the first input: only the last counts": lambda x, b, _, s: b(s),
        },
    ),
    "end": Part(
        _normed,
        changes={
            "the last norm is missing": unchanged,
            "the norm is done twice at the end": lambda x, norm, start: norm(norm(x)),
            "the first x is added before the last norm": lambda x, norm, start: norm(x + start),
            "the first x is added after the last norm": lambda x, norm, start: norm(x) + start,
        },
    ),
}


def _without_end(update, begin=unchanged):
    """Return what changes the stack so: no norm at its end, and other lines before that."""
    return {"begin": begin, "update": update, "end": unchanged}


def _norm_between(end):
    """Return a stack with a norm between its blocks, and this at its end."""

    def stack(x, blocks, norm):
        for i, block in enumerate(blocks):
            x = block(norm(x) if i else x)
        return end(x, norm)

    return stack


def _stacked(trait, x, norm, *blocks):
    return example(trait, x=x, blocks=blocks, norm=norm)


_FOUR = (block_3, block_2, block_1, block_3)
BLOCKS = Exercise(
    Program(_stack_recipe, STACK_PARTS),
    [
        _stacked("two blocks", [[1, 0, 2], [0, 1, -1]], norm_2, block_1, block_2),
        _stacked("three blocks", [[1, 0, 2], [0.5, -2, 1]], norm_2, block_2, block_1, block_3),
        _stacked("four blocks", [[-1, 0.5, 2], [1.5, -2, 0], [0.25, 1, -1]], norm_1, *_FOUR),
        _stacked(
            "nine blocks",
            [[0.5, 1, -1], [0.2, -0.3, 0.1]],
            norm_1,
            *(block_3, block_2, block_1) * 3,
        ),
        _stacked(
            "a block that is the identity", [[1, 0, 2], [0, 3, -1]], whole_norm, same, block_2
        ),
        _stacked("one block", [[0.5, -1, 2, 1], [1, 3, -2, 0]], norm_2, block_3),
        edge("no block", x=[[0.5, -1, 2]], blocks=(), norm=norm_2),
    ],
    {
        "a norm after every block": _without_end(lambda x, b, norm, start: norm(b(x))),
        "a norm between the blocks as well": _norm_between(_normed),
        "a norm between the blocks, and none at the end": _norm_between(unchanged),
        "the norm comes first": _without_end(lambda x, b, *rest: b(x), _normed),
        "the norm stands before every block": _without_end(lambda x, b, norm, start: b(norm(x))),
        "the norm stands before every block, with a skip around both": _without_end(
            lambda x, b, norm, start: x + b(norm(x))
        ),
        "the results of all blocks are added up": lambda x, blocks, norm: norm(
            sum(block(x) for block in blocks)
        ),
    },
    sizes=lambda x, blocks, norm: {"the number of blocks": len(blocks)},
    words="x",
    explain=by_loops("blocks", 6),
)


def check_stack(function):
    """Check function(x, blocks, norm): a pre-norm stack, with the norm that it wants at its end."""
    return BLOCKS.check(function)


def _block_recipe(do, x, params, n_heads):
    """The recipe of a whole block: the recipes of its steps, inside two halves."""
    return do.halves(do, x, *do.order(*_steps(do, params, n_heads).values()))


def _steps(do, params, n_heads):
    """Return the four steps of a block by name, as functions of the words alone."""
    weights = [params["attention"][f"W_{role}"] for role in "qkvo"]
    network = [params["feed_forward"][name] for name in ("W_1", "b_1", "W_2", "b_2")]

    def norm(gamma, beta):
        eps = do.epsilon(1e-5)
        return lambda words: layer_norm_exercises.norm_recipe(do, words, gamma, beta, eps)

    return {
        "attention": lambda x: multi_head_exercises.multi_head_recipe(do, x, *weights, n_heads),
        "norm_1": norm(**params["norm_1"]),
        "feed_forward": lambda x: feed_forward_exercises.network_recipe(do, x, *network),
        "norm_2": norm(**params["norm_2"]),
    }


def _second_half(skipping, reading):
    """Return a post-norm block whose second half takes its words from elsewhere."""

    def block(do, x, a, n_1, f, n_2):
        half = do.norm_1(do.sum_1(x, do.attention(x, a)), n_1)
        words = {"x": x, "h": half, "norm_1(x)": n_1(x)}
        return do.norm_2(do.sum_2(words[skipping], do.feed_forward(words[reading], f)), n_2)

    return block


HALVES = {
    "pre-norm": pre_norm,
    "the second sum: made of x, not of norm_1's result": _second_half("x", "h"),
    "the second skip starts at norm_1(x)": _second_half("norm_1(x)", "h"),
    "the network reads x, not h": _second_half("h", "x"),
}


ORDERS = {  # of the places of attention, norm_1, feed_forward, norm_2
    "the norms have changed places": (0, 3, 2, 1),
    "only the steps have changed places": (2, 1, 0, 3),
    "the halves have changed places": (2, 3, 0, 1),
    "norm_1 is used twice": (0, 1, 2, 1),
    "norm_2 is used twice": (0, 3, 2, 3),
    "attention is used twice, and feed_forward never": (0, 1, 0, 3),
    "feed_forward is used twice, and attention never": (2, 1, 2, 3),
}


def _then(one, other):
    """Return two steps as one."""
    return lambda x: other(one(x))


OTHER_STEPS = {
    "both norms stand at the end": lambda a, n_1, f, n_2: (a, same, f, _then(n_1, n_2)),
    "norm_1 is done before the first sum": lambda a, n_1, f, n_2: (_then(a, n_1), same, f, n_2),
    "norm_2 is done before the second sum": lambda a, n_1, f, n_2: (a, n_1, _then(f, n_2), same),
}


def _within(parts, where):
    return {name: part.within(where) for name, part in parts.items()}


ATTENTION_PARTS = _within(multi_head_exercises.MULTI_HEAD_PARTS, "in attention")
BLOCK_PARTS = {
    "order": Part(
        lambda *steps: steps,
        changes=OTHER_STEPS
        | {name: lambda *steps, of=of: [steps[i] for i in of] for name, of in ORDERS.items()},
    ),
    "epsilon": Part(
        unchanged,
        changes={f"ε is {e:g}, not 0.00001": lambda old, e=e: e for e in EPSILONS[1:]}
        | {"ε is left out, or nearly so": lambda old: 0.0},
    ),
    "halves": Part(post_norm, changes=HALVES),
    **{name: ATTENTION_PARTS[name] for name in ("cut", "matrices")},  # likelier than others
    **HALF_PARTS,
    **ATTENTION_PARTS,
    **_within(layer_norm_exercises.NORM_PARTS, "in both norms"),
    **_within(feed_forward_exercises.NETWORK_PARTS, "in the feed-forward step"),
}


def _drawn(trait, seq_len, d_model, n_heads, d_ff, seed, size=1.0):
    rng = np.random.default_rng(seed)
    params = encoder_block.init(d_model, n_heads, d_ff, rng)
    for part in ("norm_1", "norm_2"):
        params[part] = {"gamma": rng.uniform(0.5, 2, d_model), "beta": rng.uniform(-1, 1, d_model)}
    for bias in ("b_1", "b_2"):
        params["feed_forward"][bias] = rng.uniform(-1, 1, params["feed_forward"][bias].shape)
    x = size * rng.standard_normal((seq_len, d_model)).round(1)
    return example(trait, x=x, params=params, n_heads=n_heads)


def _named(x, params, n_heads):
    return {"x": x} | _steps(BLOCK.right.namespace(), params, n_heads)


BLOCK = Exercise(
    Program(_block_recipe, BLOCK_PARTS),
    [
        _drawn("2 words, 2 heads", 2, 4, 2, 6, 0),
        _drawn("3 words, 3 heads", 3, 6, 3, 5, 1),
        _drawn("5 words, 4 heads", 5, 8, 4, 16, 2),
        _drawn("3 words, 2 heads of 3", 3, 6, 2, 7, 5),
        _drawn("70 words, 4 heads of 5", 70, 20, 4, 30, 6),
        _drawn("one head", 4, 3, 1, 2, 3),
        _drawn("quiet words", 3, 4, 2, 6, 4, 0.01),
        _drawn("40 hidden units", 6, 4, 2, 40, 7),
    ],
    {
        "no norms": NO_NORMS,
        "no skips": NO_SKIPS,
        **said_of(multi_head_exercises.MULTI_HEAD_CHANGES, "in attention"),
        **said_of(layer_norm_exercises.NORM_CHANGES, "in both norms"),
        **said_of(feed_forward_exercises.NETWORK_CHANGES, "in the feed-forward step"),
        "one head of full width": lambda x, params, n_heads: BLOCK.right(x, params, 1),
    },
    words="x",
    outer="heads",
    explain=by_halves("post", ("norm_1(x + attention(x))", "norm_2(h + feed_forward(h))"), _named),
)


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
