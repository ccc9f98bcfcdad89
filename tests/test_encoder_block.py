"""The block: the order of its parts for each norm, by hand; gradients of every choice."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import encoder_block, feed_forward, layer_norm, multi_head_attention, skip_connections
from helpers.learning import gradient_check

SEQ_LEN, D_MODEL, N_HEADS, D_FF = 3, 4, 2, 5
CAUSAL = np.tri(SEQ_LEN, dtype=bool)
NORMS = ["post", "pre", "none"]
BOTH = (True, False)
SWITCHES = [{"skip": skip, "feed_forward": ffn} for skip in BOTH for ffn in BOTH]


def random_params(rng, d_model=D_MODEL, n_heads=N_HEADS, d_ff=D_FF):
    params = encoder_block.init(d_model, n_heads, d_ff, rng)
    return {
        part: {name: 0.7 * rng.standard_normal(value.shape) for name, value in values.items()}
        for part, values in params.items()
    }


def parts_by_hand(x, params, n_heads, mask, activation, eps):
    """Return attention, feed-forward and the two norms as plain functions of one sentence."""

    def norm(part):
        def apply(words):
            mean, variance = words.mean(-1, keepdims=True), words.var(-1, keepdims=True)
            return (words - mean) / np.sqrt(variance + eps) * params[part]["gamma"] + params[part][
                "beta"
            ]

        return apply

    def attention(words):
        p, d_head = params["attention"], words.shape[-1] // n_heads
        z = []
        for head in range(n_heads):
            columns = slice(head * d_head, (head + 1) * d_head)
            q, k, v = (words @ p[f"W_{n}"][:, columns] + p[f"b_{n}"][columns] for n in "qkv")
            exponentials = np.exp(q @ k.T / math.sqrt(d_head))
            if mask is not None:
                exponentials = exponentials * mask
            z.append(exponentials / exponentials.sum(-1, keepdims=True) @ v)
        return np.concatenate(z, axis=-1) @ p["W_o"] + p["b_o"]

    def network(words):
        p = params["feed_forward"]
        hidden = words @ p["W_1"] + p["b_1"]
        if activation == "relu":
            bent = hidden * (hidden > 0)
        elif activation == "gelu":
            bent = np.vectorize(lambda h: h * (1 + math.erf(h / 2**0.5)) / 2)(hidden)
        else:
            bent = hidden
        return bent @ p["W_2"] + p["b_2"]

    return attention, network, norm("norm_1"), norm("norm_2")


def block_by_hand(
    x, params, mask=None, norm="post", skip=True, feed_forward=True, activation="relu", eps=1e-5
):
    attention, network, norm_1, norm_2 = parts_by_hand(x, params, N_HEADS, mask, activation, eps)
    out = x
    for step, its_norm in [(attention, norm_1), (network, norm_2)][: 1 + feed_forward]:
        step_out = step(its_norm(out) if norm == "pre" else out)
        out = out + step_out if skip else step_out
        out = its_norm(out) if norm == "post" else out
    return out


# The numbers, by hand


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("switches", SWITCHES)
@pytest.mark.parametrize("mask", [None, CAUSAL], ids=["no mask", "causal"])
def test_the_block_is_its_parts_in_order(rng, norm, switches, mask):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    for activation in ("relu", "gelu", "none"):
        choices = {"norm": norm, "activation": activation, "eps": 0.1, **switches}
        trace = encoder_block.forward(x, params, N_HEADS, mask, **choices)
        for sentence in range(2):
            expected = block_by_hand(x[sentence], params, mask, **choices)
            np.testing.assert_allclose(trace.out[sentence], expected, atol=1e-12)


def test_the_defaults_are_the_block_of_2017(rng):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    out = encoder_block.forward(x, params, N_HEADS).out
    np.testing.assert_allclose(out, block_by_hand(x, params), atol=1e-12)


def test_init_holds_what_the_parts_init():
    params = encoder_block.init(6, 3, 7, np.random.default_rng(0))
    again = encoder_block.init(6, 3, 7, np.random.default_rng(0))
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
            np.testing.assert_array_equal(again[part][name], value)


# Gradients


@pytest.mark.parametrize("activation", ["relu", "gelu", "none", "no feed-forward"])
@pytest.mark.parametrize("skip", [True, False], ids=["skip", "no skip"])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(
    ("leading", "mask"), [((), CAUSAL), ((2,), None)], ids=["one sentence, causal", "batch"]
)
def test_gradients(rng, leading, mask, norm, skip, activation):
    x, params = rng.standard_normal((*leading, SEQ_LEN, D_MODEL)), random_params(rng)
    choices = {"mask": mask, "norm": norm, "skip": skip, "eps": 0.1}
    with_network = activation != "no feed-forward"
    choices |= {"activation": activation} if with_network else {"feed_forward": False}
    errors = gradient_check.check(encoder_block, x, params, rng, N_HEADS, **choices)
    names = {f"{part}.{name}" for part, values in params.items() for name in values}
    assert set(errors) == {"x"} | names
    assert max(errors.values()) <= 1e-7, errors


@pytest.mark.parametrize("norm", NORMS)
def test_gradients_with_padding(rng, norm):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), random_params(rng)
    mask = np.array([[[True] * 3], [[True, True, False]]])  # (batch, 1, seq_len)
    errors = gradient_check.check(
        encoder_block, x, params, rng, N_HEADS, mask=mask, norm=norm, eps=0.1
    )
    assert max(errors.values()) <= 1e-7, errors


@pytest.mark.parametrize("norm", NORMS)
def test_a_part_that_is_off_has_zero_gradients(rng, norm):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = encoder_block.forward(x, params, N_HEADS, norm=norm, feed_forward=False)
    _, grads = encoder_block.backward(rng.standard_normal(x.shape), trace, params)
    off = {"feed_forward", "norm_2"} | ({"norm_1"} if norm == "none" else set())
    for part, values in grads.items():
        assert values.keys() == params[part].keys()
        for name, value in values.items():
            assert value.shape == params[part][name].shape
            assert name == "b_k" or value.any() == (part not in off), (part, name)


# The trace


def test_fields_stand_in_computing_order():
    fields = "x attention skip_1 norm_1 feed_forward skip_2 norm_2 out"
    assert " ".join(encoder_block.PostNormTrace._fields) == fields
    fields = "x norm_1 attention skip_1 norm_2 feed_forward skip_2 out"
    assert " ".join(encoder_block.PreNormTrace._fields) == fields


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("switches", SWITCHES)
def test_the_trace_holds_the_traces_of_the_parts_that_ran(rng, norm, switches):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = encoder_block.forward(x, params, N_HEADS, norm=norm, **switches)
    kinds = {
        "attention": multi_head_attention.MultiHeadAttentionTrace,
        "skip_1": skip_connections.SkipConnectionTrace if switches["skip"] else None,
        "norm_1": layer_norm.LayerNormTrace if norm != "none" else None,
        "feed_forward": feed_forward.FeedForwardTrace,
        "skip_2": skip_connections.SkipConnectionTrace if switches["skip"] else None,
        "norm_2": layer_norm.LayerNormTrace if norm != "none" else None,
    }
    if not switches["feed_forward"]:
        kinds |= {"feed_forward": None, "skip_2": None, "norm_2": None}
    for field, kind in kinds.items():
        part = getattr(trace, field)
        assert part is None if kind is None else type(part) is kind, field
    assert type(trace).__name__ == ("PreNormTrace" if norm == "pre" else "PostNormTrace")


@pytest.mark.parametrize("norm", NORMS)
def test_each_part_hands_its_output_to_the_next(rng, norm):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)), random_params(rng)
    trace = encoder_block.forward(x, params, N_HEADS, norm=norm)
    ran = [part for part in trace[1:-1] if part is not None]
    for before, after in itertools.pairwise(ran):
        came_in = after.f_x if isinstance(after, skip_connections.SkipConnectionTrace) else after.x
        np.testing.assert_array_equal(came_in, before.out)
    np.testing.assert_array_equal(trace.out, ran[-1].out)


# Any sizes


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.lists(st.integers(1, 2), max_size=2),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 4),
    st.sampled_from(NORMS),
    st.sampled_from(["relu", "gelu", "none"]),
    st.booleans(),
    st.booleans(),
)
def test_out_and_grad_x_are_shaped_as_x(
    leading, seq_len, n_heads, d_head, d_ff, norm, activation, skip, with_network
):
    rng, d_model = np.random.default_rng(0), n_heads * d_head
    x = rng.standard_normal((*leading, seq_len, d_model))
    params = random_params(rng, d_model, n_heads, d_ff)
    choices = (norm, skip, with_network, activation)
    trace = encoder_block.forward(x, params, n_heads, None, *choices)
    grad_x, grads = encoder_block.backward(np.ones(x.shape), trace, params)
    assert trace.out.shape == grad_x.shape == x.shape
    assert np.isfinite(trace.out).all()
    assert np.isfinite(grad_x).all()
    for part, values in params.items():
        assert {n: g.shape for n, g in grads[part].items()} == {
            n: v.shape for n, v in values.items()
        }


# Bad arguments


@pytest.mark.parametrize("part", encoder_block.PARTS)
def test_a_missing_part_is_named(rng, part):
    params = random_params(rng)
    del params[part]
    with pytest.raises(ValueError, match=f"params lacks {part}; expected attention, norm_1"):
        encoder_block.forward(np.ones((SEQ_LEN, D_MODEL)), params, N_HEADS)


def test_parts_of_another_width_are_refused(rng):
    params = random_params(rng) | {"feed_forward": feed_forward.init(6, 5, rng)}
    with pytest.raises(ValueError, match=r"expected \(d_model, d_ff\) with d_model=4"):
        encoder_block.forward(np.ones((SEQ_LEN, D_MODEL)), params, N_HEADS)


def test_a_bad_part_is_named():
    params = encoder_block.init(4, 2, 8, np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"params\['norm_1'\] is of type int; expected a dict"):
        encoder_block.forward(np.ones((2, 4)), params | {"norm_1": 3}, 2)
    with pytest.raises(ValueError, match=r"params\['norm_2'\] lacks beta; expected gamma, beta"):
        encoder_block.forward(np.ones((2, 4)), params | {"norm_2": {"gamma": np.ones(4)}}, 2)
