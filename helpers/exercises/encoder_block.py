"""Exercises of notebook 06: predict shapes, pre-norm, a stack, and the block of your own parts."""

import numpy as np

from helpers import encoder_block, layer_norm
from helpers.exercises import feed_forward as feed_forward_exercises
from helpers.exercises import layer_norm as layer_norm_exercises
from helpers.exercises import multi_head_attention as multi_head_exercises
from helpers.exercises import skip_connections as skip_exercises
from helpers.exercises.check import Exercise, Mistake, Verdict, check_shapes, not_started


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


def attention(x):
    """Stand-in for attention: the words before, added up."""
    return np.cumsum(x, axis=0) ** 2 / 2


def norm_1(x):
    """A layer norm with γ = 1, β = 0."""
    return layer_norm.forward(x, layer_norm.init(x.shape[-1])).out


def feed_forward(x):
    """Stand-in for the feed-forward step."""
    return np.maximum(x, 0) ** 2


def norm_2(x):
    """A layer norm with γ = 2, β = 1."""
    return 2 * norm_1(x) + 1


def _pre_norm(x, attention, norm_1, feed_forward, norm_2):
    half = x + attention(norm_1(x))
    return half + feed_forward(norm_2(half))


def _post_norm(x, attention, norm_1, feed_forward, norm_2):
    half = norm_1(x + attention(x))
    return norm_2(half + feed_forward(half))


def _second_half_from_x(x, attention, norm_1, feed_forward, norm_2):
    half = x + attention(norm_1(x))
    return x + feed_forward(norm_2(half))


def _skip_after_norm(x, attention, norm_1, feed_forward, norm_2):
    tidy = norm_1(x)
    half = tidy + attention(tidy)
    tidy = norm_2(half)
    return tidy + feed_forward(tidy)


PRE_NORM = Exercise(
    _pre_norm,
    [
        {
            "x": np.array(words, dtype=float),
            "attention": attention,
            "norm_1": norm_1,
            "feed_forward": feed_forward,
            "norm_2": norm_2,
        }
        for words in ([[1, 0, 2], [0, -1, 3]], [[0.5, 2, 1], [1, 1, -2], [3, 0, 1]])
    ],
    [
        Mistake(
            "post-norm",
            "This is the block of 2017, norm(x + f(x)). Pre-norm is x + f(norm(x)).",
            _post_norm,
        ),
        Mistake(
            "no skips",
            "x is never added back: x + attention(norm_1(x)), and the same for the second half.",
            lambda x, attention, norm_1, feed_forward, norm_2: feed_forward(
                norm_2(attention(norm_1(x)))
            ),
        ),
        Mistake(
            "the second skip starts at x",
            "The second half adds to what the first half made, not to x again.",
            _second_half_from_x,
        ),
        Mistake(
            "the skip starts behind the norm",
            "Under pre-norm the sum itself is never normed: x is added, not norm(x).",
            _skip_after_norm,
        ),
        Mistake(
            "the norms have changed places",
            "norm_1 belongs to attention, norm_2 to the feed-forward step.",
            lambda x, attention, norm_1, feed_forward, norm_2: _pre_norm(
                x, attention, norm_2, feed_forward, norm_1
            ),
        ),
        Mistake(
            "the halves have changed places",
            "Attention comes first.",
            lambda x, attention, norm_1, feed_forward, norm_2: _pre_norm(
                x, feed_forward, norm_1, attention, norm_2
            ),
        ),
        Mistake(
            "the last norm stands in the block",
            "That norm comes once, after the last block of a stack: the next exercise.",
            lambda x, attention, norm_1, feed_forward, norm_2: norm_2(
                _pre_norm(x, attention, norm_1, feed_forward, norm_2)
            ),
        ),
    ],
)


def check_pre_norm(function):
    """Check function(x, attention, norm_1, feed_forward, norm_2): one pre-norm block."""
    return PRE_NORM.check(function)


def block_1(x):
    """Stand-in for a block."""
    return x + x**2


def block_2(x):
    """Stand-in for another block."""
    return x + np.ones_like(x) * np.arange(x.shape[-1])


def _stack(x, blocks, norm):
    for block in blocks:
        x = block(x)
    return norm(x)


def _norm_each(x, blocks, norm):
    for block in blocks:
        x = norm(block(x))
    return x


STACK = Exercise(
    _stack,
    [
        {"x": np.array([[1.0, 0, 2]]), "blocks": (block_1, block_2), "norm": norm_1},
        {
            "x": np.array([[1.0, 0, 2], [0.5, -2, 1]]),
            "blocks": (block_2, block_1, block_2),
            "norm": norm_1,
        },
    ],
    [
        Mistake(
            "the last norm is missing",
            "A pre-norm stack ends in an unnormed sum. It wants one more norm after its last "
            "block.",
            lambda x, blocks, norm: _stack(x, blocks, lambda top: top),
        ),
        Mistake(
            "a norm after every block",
            "One more norm, once: after the last block.",
            _norm_each,
        ),
        Mistake(
            "the norm comes first",
            "It comes after the last block.",
            lambda x, blocks, norm: _stack(norm(x), blocks, lambda top: top),
        ),
        Mistake(
            "every block sees the first input",
            "What comes out of one block goes into the next.",
            lambda x, blocks, norm: norm(blocks[-1](x)),
        ),
    ],
)


def check_stack(function):
    """Check function(x, blocks, norm): a pre-norm stack, with the norm that it wants at its end."""
    return STACK.check(function)


def _block(norm="post", skip=True, feed_forward=True, swap=None):
    """Return a block with one thing done in another way."""

    def block(x, params, n_heads):
        if swap:
            params = params | {swap[0]: params[swap[1]], swap[1]: params[swap[0]]}
        return encoder_block.forward(
            x, params, n_heads, norm=norm, skip=skip, feed_forward=feed_forward
        ).out

    return block


def _one_skip(which):
    """Return a post-norm block in which only one of the two skips stands."""

    def block(x, params, n_heads):
        trace = encoder_block.forward(x, params, n_heads, skip=False)
        first = trace.attention.out + x * (which == 1)
        half = layer_norm.forward(first, params["norm_1"]).out
        hidden = np.maximum(half @ params["feed_forward"]["W_1"] + params["feed_forward"]["b_1"], 0)
        second = hidden @ params["feed_forward"]["W_2"] + params["feed_forward"]["b_2"]
        return layer_norm.forward(second + half * (which == 2), params["norm_2"]).out

    return block


def _second_skip_from_the_sum(x, params, n_heads):
    trace = encoder_block.forward(x, params, n_heads)
    return layer_norm.forward(trace.skip_1.out + trace.feed_forward.out, params["norm_2"]).out


def _second_skip_from_x(x, params, n_heads):
    trace = encoder_block.forward(x, params, n_heads)
    return layer_norm.forward(x + trace.feed_forward.out, params["norm_2"]).out


def _example(seq_len, d_model, n_heads, d_ff, seed):
    rng = np.random.default_rng(seed)
    params = encoder_block.init(d_model, n_heads, d_ff, rng)
    for part in ("norm_1", "norm_2"):
        params[part] = {"gamma": rng.uniform(0.5, 2, d_model), "beta": rng.uniform(-1, 1, d_model)}
    for bias in ("b_1", "b_2"):
        params["feed_forward"][bias] = rng.uniform(-1, 1, params["feed_forward"][bias].shape)
    return {
        "x": rng.standard_normal((seq_len, d_model)).round(1),
        "params": params,
        "n_heads": n_heads,
    }


BLOCK = Exercise(
    _block(),
    [_example(2, 4, 2, 6, 0), _example(3, 6, 3, 5, 1)],
    [
        Mistake(
            "pre-norm",
            "The block of 2017 norms the sums: norm(x + f(x)).",
            _block(norm="pre"),
        ),
        Mistake("no norms", "Each sum is normed: Add & Norm.", _block(norm="none")),
        Mistake("no skips", "Each step's input is added to its result.", _block(skip=False)),
        Mistake("the first skip is missing", "Attention adds to x.", _one_skip(2)),
        Mistake(
            "the second skip is missing",
            "The feed-forward step adds to what the first half made.",
            _one_skip(1),
        ),
        Mistake(
            "the second skip starts at x",
            "The second half adds to what the first half made, not to x again.",
            _second_skip_from_x,
        ),
        Mistake(
            "the second skip starts before the first norm",
            "What leaves the first half is normed; the second half works on that and adds to that.",
            _second_skip_from_the_sum,
        ),
        Mistake(
            "the norms have changed places",
            "norm_1 follows attention, norm_2 follows the feed-forward step.",
            _block(swap=("norm_1", "norm_2")),
        ),
        Mistake(
            "half a block",
            "After the first Add & Norm come the feed-forward step and a second Add & Norm.",
            _block(feed_forward=False),
        ),
        Mistake(
            "norm_1 is used twice",
            "The second norm has a γ and a β of its own: params['norm_2'].",
            lambda x, params, n_heads: _block()(x, params | {"norm_2": params["norm_1"]}, n_heads),
        ),
    ],
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
            return Verdict(verdict.mistake, f"my_{name}: {verdict.text}")
    return Verdict(
        None,
        "Right: all four parts, and the block that they make. Its numbers are those of "
        "encoder_block.forward.",
    )
