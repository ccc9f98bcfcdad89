"""The block: the order of its parts for each norm, by hand; gradients of every choice."""

import itertools

import by_hand
import numpy as np
import pytest

from helpers import encoder_block, feed_forward, layer_norm, multi_head_attention, skip_connections
from helpers.learning import gradient_check

SEQ_LEN, D_MODEL, N_HEADS, D_FF = 3, 4, 2, 5
CAUSAL = np.tri(SEQ_LEN, dtype=bool)
every_norm = pytest.mark.parametrize("norm", encoder_block.NORMS)
every_switch = pytest.mark.parametrize(
    "switches", [{"skip": s, "feed_forward": f} for s in (True, False) for f in (True, False)]
)


def random_params(rng):
    return by_hand.random_numbers(encoder_block.init(D_MODEL, N_HEADS, D_FF, rng), rng, 0.7)


@every_norm
@every_switch
@pytest.mark.parametrize("mask", [None, CAUSAL], ids=["no mask", "causal"])
def test_the_block_is_its_parts_in_order(rng, norm, switches, mask):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    for activation in ("relu", "gelu", "none"):
        choices = {"norm": norm, "activation": activation, "eps": 0.1, **switches}
        trace = encoder_block.forward(x, params, N_HEADS, mask, **choices)
        for sentence in range(2):
            expected = by_hand.encoder_block(x[sentence], params, N_HEADS, mask, **choices)
            np.testing.assert_allclose(trace.out[sentence], expected, atol=1e-12)


def test_the_defaults_are_the_block_of_2017(rng):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    out = encoder_block.forward(x, params, N_HEADS).out
    np.testing.assert_allclose(out, by_hand.encoder_block(x, params, N_HEADS), atol=1e-12)


def test_init_holds_what_the_parts_init():
    params = encoder_block.init(6, 3, 7, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    expected = {
        "attention": multi_head_attention.init(6, 3, rng),
        "norm_1": layer_norm.init(6),
        "feed_forward": feed_forward.init(6, 7, rng),
        "norm_2": layer_norm.init(6),
    }
    assert list(params) == list(expected)
    for part, values in expected.items():
        assert params[part].keys() == values.keys()
        for name, value in values.items():
            np.testing.assert_array_equal(params[part][name], value)


@pytest.mark.parametrize("activation", ["relu", "gelu", "none", "no feed-forward"])
@pytest.mark.parametrize("skip", [True, False], ids=["skip", "no skip"])
@every_norm
def test_gradients(rng, norm, skip, activation):
    """A part that is off has zeros, which are its gradient too."""
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    choices = {"mask": CAUSAL, "norm": norm, "skip": skip, "eps": 0.1}
    with_network = activation != "no feed-forward"
    choices |= {"activation": activation} if with_network else {"feed_forward": False}
    errors = gradient_check.check(encoder_block, x, params, rng, N_HEADS, **choices)
    names = {f"{part}.{name}" for part, values in params.items() for name in values}
    assert set(errors) == {"x"} | names
    assert max(errors.values()) <= 1e-7, errors


@every_norm
@every_switch
def test_the_trace_holds_the_parts_that_ran_and_each_hands_its_output_on(rng, norm, switches):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = encoder_block.forward(x, params, N_HEADS, norm=norm, **switches)
    skip = skip_connections.SkipConnectionTrace if switches["skip"] else None
    norm_kind = layer_norm.LayerNormTrace if norm != "none" else None
    kinds = {
        "attention": multi_head_attention.MultiHeadAttentionTrace,
        "skip_1": skip,
        "norm_1": norm_kind,
        "feed_forward": feed_forward.FeedForwardTrace,
        "skip_2": skip,
        "norm_2": norm_kind,
    }
    if not switches["feed_forward"]:
        kinds |= {"feed_forward": None, "skip_2": None, "norm_2": None}
    for field, kind in kinds.items():
        part = getattr(trace, field)
        assert part is None if kind is None else type(part) is kind, field
    assert type(trace).__name__ == ("PreNormTrace" if norm == "pre" else "PostNormTrace")
    ran = [part for part in trace[1:-1] if part is not None]
    for before, after in itertools.pairwise(ran):
        came_in = after.f_x if isinstance(after, skip_connections.SkipConnectionTrace) else after.x
        np.testing.assert_array_equal(came_in, before.out)
    np.testing.assert_array_equal(trace.out, ran[-1].out)


@pytest.mark.parametrize(
    ("part", "given", "error", "message"),
    [
        *((part, None, ValueError, f"params lacks {part}; expected attention, norm_1")
          for part in encoder_block.PARTS),
        ("norm_1", 3, TypeError, r"params\['norm_1'\] is of type int; expected a dict"),
        ("norm_2", {"gamma": np.ones(D_MODEL)}, ValueError,
         r"params\['norm_2'\] lacks beta; expected gamma, beta"),
        ("feed_forward", feed_forward.init(6, 5, np.random.default_rng(0)), ValueError,
         r"expected \(d_model, d_ff\) with d_model=4"),
    ],
)  # fmt: skip
def test_a_part_that_is_missing_or_does_not_fit_is_named(rng, part, given, error, message):
    params = {name: values for name, values in random_params(rng).items() if name != part}
    if given is not None:
        params[part] = given
    with pytest.raises(error, match=message):
        encoder_block.forward(np.ones((SEQ_LEN, D_MODEL)), params, N_HEADS)
