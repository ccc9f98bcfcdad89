"""The door, and what every step promises: shapes, float types, clean arguments, clear errors."""

import copy
import inspect
import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import (
    checks,
    encoder_block,
    feed_forward,
    layer_norm,
    multi_head_attention,
    positional_encoding,
    self_attention,
    skip_connections,
)

SIZES = {"seq_len": 5, "d_model": 6, "n_heads": 2, "d_head": 3, "d_ff": 7, "1": 1}
SEQ_LEN, D_MODEL, N_HEADS, D_FF = (
    SIZES["seq_len"],
    SIZES["d_model"],
    SIZES["n_heads"],
    SIZES["d_ff"],
)
CAUSAL = np.tri(SEQ_LEN, dtype=bool)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# Every step behind one signature: init(rng), forward(x, params), backward(grad_out, trace, params)


def block(**choices):
    return SimpleNamespace(
        init=lambda rng: encoder_block.init(D_MODEL, N_HEADS, D_FF, rng),
        forward=lambda x, params: encoder_block.forward(x, params, N_HEADS, **choices),
        backward=encoder_block.backward,
    )


def network(activation):
    return SimpleNamespace(
        init=lambda rng: feed_forward.init(D_MODEL, D_FF, rng),
        forward=lambda x, params: feed_forward.forward(x, params, activation),
        backward=feed_forward.backward,
    )


def skip_backward(grad_out, trace, params):
    grad_x, grad_f_x = skip_connections.backward(grad_out, trace)
    return grad_x, {"f_x": grad_f_x}


LEARNING = {  # steps with parameters
    "self_attention": SimpleNamespace(
        init=lambda rng: self_attention.init(D_MODEL, SIZES["d_head"], rng),
        forward=self_attention.forward,
        backward=self_attention.backward,
    ),
    "multi_head_attention": SimpleNamespace(
        init=lambda rng: multi_head_attention.init(D_MODEL, N_HEADS, rng),
        forward=lambda x, params: multi_head_attention.forward(x, params, N_HEADS, CAUSAL),
        backward=multi_head_attention.backward,
    ),
    "layer_norm": SimpleNamespace(
        init=lambda rng: layer_norm.init(D_MODEL),
        forward=layer_norm.forward,
        backward=layer_norm.backward,
    ),
    "feed_forward, relu": network("relu"),
    "feed_forward, gelu": network("gelu"),
    "feed_forward, none": network("none"),
    "encoder_block, post": block(norm="post"),
    "encoder_block, pre": block(norm="pre", mask=CAUSAL, activation="gelu"),
    "encoder_block, none": block(norm="none"),
    "encoder_block, attention alone": block(skip=False, feed_forward=False),
}
STEPS = LEARNING | {
    "skip_connections": SimpleNamespace(
        init=lambda rng: {},
        forward=lambda x, params: skip_connections.forward(x, x),
        backward=skip_backward,
    ),
    "positional_encoding": SimpleNamespace(
        init=lambda rng: {},
        forward=lambda x, params: positional_encoding.forward(x),
        backward=lambda grad_out, trace, params: positional_encoding.backward(grad_out, trace),
    ),
}
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
every_learning_step = pytest.mark.parametrize("step", LEARNING.values(), ids=LEARNING)
TRACES = [
    self_attention.AttentionTrace,
    self_attention.SelfAttentionTrace,
    multi_head_attention.MultiHeadAttentionTrace,
    skip_connections.SkipConnectionTrace,
    layer_norm.LayerNormTrace,
    feed_forward.FeedForwardTrace,
    positional_encoding.PositionalEncodingTrace,
    encoder_block.PostNormTrace,
    encoder_block.PreNormTrace,
]


def leaves(tree):
    """Return all arrays in dicts and traces within each other."""
    if isinstance(tree, np.ndarray):
        return [tree]
    children = tree.values() if isinstance(tree, dict) else tree
    return [
        leaf for child in children if not isinstance(child, str | None) for leaf in leaves(child)
    ]


def written_shapes(kind):
    """Return {field: the shape in the comment beside it}, read from the source of a trace."""
    found = re.findall(
        r"^    (\w+): np\.ndarray  # \((.*?)\)", inspect.getsource(kind), re.MULTILINE
    )
    arrays = [name for name, kept in kind.__annotations__.items() if kept is np.ndarray]
    assert [name for name, _ in found] == arrays, f"{kind.__name__}: a field without a shape"
    return {name: shape.split(", ") for name, shape in found}


def check_shapes(trace, leading):
    for field, written in written_shapes(type(trace)).items():
        expected = [leading if size == "..." else (SIZES[size],) for size in written]
        assert getattr(trace, field).shape == sum(expected, ()), field
    for part in trace:
        if type(part) in TRACES:
            check_shapes(part, leading)


# What every step promises


@pytest.mark.parametrize("leading", [(), (2,), (2, 3), (1, 2, 1)])
@every_step
def test_every_field_has_the_shape_written_beside_it(rng, step, leading):
    params = step.init(rng)
    trace = step.forward(rng.standard_normal((*leading, SEQ_LEN, D_MODEL)), params)
    check_shapes(trace, leading)
    grad_x, grads = step.backward(np.ones(trace.out.shape), trace, params)
    assert grad_x.shape == trace.x.shape
    if params:
        assert list(grads) == list(params)
        assert [g.shape for g in leaves(grads)] == [p.shape for p in leaves(params)]


@pytest.mark.parametrize("kind", TRACES, ids=[kind.__name__ for kind in TRACES])
def test_out_is_the_last_field(kind):
    assert kind._fields[-1] == "out"


def test_attention_keeps_the_shapes_written_beside_its_fields(rng):
    q, k, v = (rng.standard_normal((2, n, d)) for n, d in ((4, 3), (5, 3), (5, 3)))
    trace = self_attention.scaled_dot_product_attention(q, k, v)
    sizes = {"...": 2, "queries": 4, "keys": 5, "d_head": 3}
    for field, written in written_shapes(self_attention.AttentionTrace).items():
        assert getattr(trace, field).shape == tuple(sizes[size] for size in written)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@every_step
def test_the_float_type_follows_the_input(rng, step, kind):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)).astype(kind), step.init(rng)
    trace = step.forward(x, params)  # the parameters are float64
    results = step.backward(rng.standard_normal(trace.out.shape), trace, params)
    arrays = leaves(trace) + leaves(results)
    assert len(arrays) > 3
    assert {array.dtype for array in arrays} == {np.dtype(kind)}
    for array in (trace.out, *leaves(results)):
        assert np.isfinite(array).all()


@every_step
def test_float16_gives_the_numbers_of_float64(rng, step):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), step.init(rng)
    coarse = step.forward(x.astype(np.float16), params).out
    np.testing.assert_allclose(coarse, step.forward(x, params).out, atol=0.05)


@every_step
def test_whole_numbers_become_float64(rng, step):
    numbers, params = rng.integers(-3, 4, (SEQ_LEN, D_MODEL)), step.init(rng)
    expected = step.forward(numbers.astype(float), params).out
    for x in (numbers, numbers.tolist(), numbers.astype(np.int8)):
        found = step.forward(x, params).out
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, expected)


@every_step
def test_arguments_stay_as_they_were(rng, step):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), step.init(rng)
    given_x, given_params = x.copy(), copy.deepcopy(params)
    trace = step.forward(x, params)
    given_trace, upstream = copy.deepcopy(trace), rng.standard_normal(trace.out.shape)
    given_upstream = upstream.copy()
    step.backward(upstream, trace, params)
    before = leaves([given_x, given_params, given_trace, given_upstream])
    after = leaves([x, params, trace, upstream])
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


@every_step
def test_read_only_arguments_are_enough(rng, step):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), step.init(rng)
    for array in leaves([x, params]):
        array.flags.writeable = False
    trace = step.forward(x, params)
    for array in leaves(trace):
        array.flags.writeable = False
    upstream = np.ones(trace.out.shape)
    upstream.flags.writeable = False
    step.backward(upstream, trace, params)


@every_step
def test_results_share_no_memory_with_arguments(rng, step):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), step.init(rng)
    trace = step.forward(x, params)
    upstream = rng.standard_normal(trace.out.shape)
    results = leaves(step.backward(upstream, trace, params))
    for result in (trace.out, *results):
        for argument in (x, upstream, *leaves(params)):
            assert not np.shares_memory(result, argument)
    for result in results:
        assert not any(np.shares_memory(result, kept) for kept in leaves(trace))


@every_step
def test_the_same_call_gives_the_same_numbers(rng, step):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), step.init(rng)
    once, again = step.forward(x, params), step.forward(x, params)
    for one, other in zip(leaves(once), leaves(again), strict=True):
        np.testing.assert_array_equal(one, other)


@every_learning_step
def test_the_same_seed_gives_the_same_parameters(step):
    one, other = (leaves(step.init(np.random.default_rng(7))) for _ in range(2))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == np.float64


@every_step
def test_memory_order_does_not_matter(rng, step):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), step.init(rng)
    expected = step.forward(x, params).out
    for same in (np.asfortranarray(x), np.flip(np.flip(x, 1).copy(), 1)):
        np.testing.assert_allclose(step.forward(same, params).out, expected, atol=1e-13)


# Errors at the door of every step

BAD_X = {
    "no words": (np.ones((0, D_MODEL)), ValueError, r"x is empty, shape \(0, 6\); expected at"),
    "no features": (np.ones((SEQ_LEN, 0)), ValueError, r"x is empty, shape \(5, 0\); expected"),
    "no sentences": (np.ones((0, 5, 6)), ValueError, r"x is empty, shape \(0, 5, 6\); expected"),
    "an empty list": ([], ValueError, r"x is empty, shape \(0,\); expected at least one number"),
    "a vector": (np.ones(6), ValueError, r"x has shape \(6,\); expected \(\.\.\., seq_len, d_m"),
    "a number": (1.0, ValueError, r"x has shape \(\); expected \(\.\.\., seq_len, d_model\)"),
    "words": ([["Thinking", "Machines"]], TypeError, "x holds <U8; expected real numbers"),
    "one string": ("Thinking", TypeError, "x holds <U8; expected real numbers"),
    "None": (None, TypeError, "x holds object; expected real numbers"),
    "booleans": (np.ones((5, 6), bool), TypeError, "x holds bool; expected real numbers"),
    "complex": (np.ones((5, 6), complex), TypeError, "x holds complex128; expected real numbers"),
    "objects": (np.ones((5, 6), object), TypeError, "x holds object; expected real numbers"),
    "a dict": ({"x": 1}, TypeError, "x holds object; expected real numbers"),
    "ragged rows": ([[1.0, 2.0], [3.0]], ValueError, "x has rows of unequal length; expected"),
    "NaN": (np.full((5, 6), np.nan), ValueError, "x holds NaN or infinity; expected finite"),
    "infinity": (np.full((5, 6), np.inf), ValueError, "x holds NaN or infinity; expected finite"),
    "-infinity": (np.full((5, 6), -np.inf), ValueError, "x holds NaN or infinity; expected finite"),
}


@pytest.mark.parametrize(("x", "error", "message"), BAD_X.values(), ids=BAD_X)
@every_step
def test_bad_input_is_refused(rng, step, x, error, message):
    with pytest.raises(error, match=message):
        step.forward(x, step.init(rng))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@every_step
def test_one_bad_number_is_enough(rng, step, bad):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)), step.init(rng)
    trace = step.forward(x, params)
    x[1, 4, 5] = bad
    with pytest.raises(ValueError, match="x holds NaN or infinity; expected finite numbers"):
        step.forward(x, params)
    upstream = np.ones(trace.out.shape)
    upstream[1, 4, -1] = bad
    with pytest.raises(ValueError, match="grad_out holds NaN or infinity; expected finite"):
        step.backward(upstream, trace, params)


@every_learning_step
def test_input_of_another_width_is_refused(rng, step):
    message = r"x has shape \(5, 7\); expected \(\.\.\., seq_len, 6\), because the parameters"
    with pytest.raises(ValueError, match=message):
        step.forward(np.ones((SEQ_LEN, D_MODEL + 1)), step.init(rng))


@every_step
def test_an_upstream_gradient_of_another_shape_is_refused(rng, step):
    params = step.init(rng)
    trace = step.forward(rng.standard_normal((2, SEQ_LEN, D_MODEL)), params)
    right = trace.out.shape
    for wrong in (right[1:], (1, *right[1:]), (*right[:-1], 1), (*right, 1), ()):
        message = f"grad_out has shape {wrong}; expected {right}"
        with pytest.raises(ValueError, match=re.escape(message)):
            step.backward(np.ones(wrong), trace, params)
    with pytest.raises(TypeError, match="grad_out holds object; expected real numbers"):
        step.backward(None, trace, params)


@every_step
def test_backward_wants_the_trace_of_its_own_forward(rng, step):
    params = step.init(rng)
    trace = step.forward(rng.standard_normal((SEQ_LEN, D_MODEL)), params)
    foreign = self_attention.AttentionTrace(trace.x, trace.x, trace.out)
    for wrong in (None, trace.out, tuple(trace), trace._asdict(), foreign):
        message = f"trace is of type {type(wrong).__name__}; expected what forward returned"
        with pytest.raises(TypeError, match=message):
            step.backward(np.ones(trace.out.shape), wrong, params)


@pytest.mark.parametrize("params", [None, [], "W_q", np.ones(3), 1])
@every_learning_step
def test_parameters_must_be_a_dict(rng, step, params):
    x = rng.standard_normal((SEQ_LEN, D_MODEL))
    trace = step.forward(x, step.init(rng))
    message = f"params is of type {type(params).__name__}; expected a dict, as init returns it"
    with pytest.raises(TypeError, match=message):
        step.forward(x, params)
    with pytest.raises(TypeError, match=message):
        step.backward(np.ones(trace.out.shape), trace, params)


@every_learning_step
def test_missing_parameters_are_named(rng, step):
    params = step.init(rng)
    trace = step.forward(rng.standard_normal((SEQ_LEN, D_MODEL)), params)
    for missing in (*([name] for name in params), list(params)):
        fewer = {key: value for key, value in params.items() if key not in missing}
        message = f"params lacks {', '.join(missing)}; expected {', '.join(params)}"
        with pytest.raises(ValueError, match=message):
            step.forward(trace.x, fewer)
        with pytest.raises(ValueError, match=message):
            step.backward(np.ones(trace.out.shape), trace, fewer)


plain_step = pytest.mark.parametrize(
    "step",
    [step for name, step in LEARNING.items() if "block" not in name],
    ids=[name for name in LEARNING if "block" not in name],
)


@plain_step
def test_parameters_are_checked_one_by_one(rng, step):
    params = step.init(rng)
    x = rng.standard_normal((SEQ_LEN, D_MODEL))
    for name, value in params.items():
        label = re.escape(f"params['{name}']")
        bad_values = [
            (value * np.nan, ValueError, "holds NaN or infinity; expected finite numbers"),
            (value[None], ValueError, r"has shape \(1, .*; expected \(d_"),
            (value.astype(str), TypeError, "holds <U.*; expected real numbers"),
            (None, TypeError, "holds object; expected real numbers"),
        ]
        for bad, error, message in bad_values:
            with pytest.raises(error, match=f"{label} {message}"):
                step.forward(x, params | {name: bad})


@plain_step
def test_parameters_of_unequal_sizes_are_refused(rng, step):
    params = step.init(rng)
    for name, value in list(params.items())[1:]:
        longer = np.ones((*value.shape[:-1], value.shape[-1] + 1))
        message = re.escape(f"params['{name}'] has shape {longer.shape}; expected (")
        with pytest.raises(ValueError, match=message):
            step.forward(np.ones((SEQ_LEN, D_MODEL)), params | {name: longer})


def resized(params, old, new):
    """Return parameters whose axes of the old length have the new one."""
    if isinstance(params, dict):
        return {name: resized(value, old, new) for name, value in params.items()}
    return np.ones([new if size == old else size for size in params.shape])


@every_learning_step
def test_backward_refuses_parameters_of_another_size_than_the_trace(rng, step):
    params = step.init(rng)
    trace = step.forward(rng.standard_normal((SEQ_LEN, D_MODEL)), params)
    used = {size for array in leaves(params) for size in array.shape}
    if isinstance(trace, encoder_block.PostNormTrace) and trace.feed_forward is None:
        used.remove(D_FF)
    for size in used:
        message = rf"params\[.*\] has shape \(.*12.*\); expected \(.*\) with d_\w+={size}$"
        with pytest.raises(ValueError, match=message):
            step.backward(np.ones(trace.out.shape), trace, resized(params, size, 12))


@pytest.mark.parametrize("rng", [0, None, np.random.RandomState(0), np.random], ids=str)
def test_randomness_is_passed_in_as_a_generator(rng):
    message = f"rng is of type {type(rng).__name__}; expected one such as np.random.default_rng"
    for init, sizes in (
        (self_attention.init, (6, 3)),
        (multi_head_attention.init, (6, 2)),
        (feed_forward.init, (6, 7)),
        (encoder_block.init, (6, 2, 7)),
    ):
        with pytest.raises(TypeError, match=message):
            init(*sizes, rng)


# Masks, at the door of every attention


def attend(mask, shape=(SEQ_LEN, D_MODEL)):
    x = np.ones(shape)
    return [
        lambda: self_attention.scaled_dot_product_attention(x, x, x, mask),
        lambda: self_attention.forward(x, LEARNING["self_attention"].init(GENERATOR), mask),
        lambda: multi_head_attention.forward(
            x, multi_head_attention.init(6, 2, GENERATOR), 2, mask
        ),
        lambda: encoder_block.forward(x, encoder_block.init(6, 2, 7, GENERATOR), 2, mask),
    ]


GENERATOR = np.random.default_rng(0)
BAD_MASKS = {
    "another length": (np.ones((4, 4), bool), ValueError, r"mask has shape \(4, 4\); expected one"),
    "an axis too many": (np.ones((1, 5, 5), bool), ValueError, "expected one that broadcasts to"),
    "an axis of two": (np.ones((2, 5), bool), ValueError, r"\(\.\.\., queries, keys\) = \(5, 5\)"),
    "whole numbers": (
        np.ones((5, 5), np.int8),
        TypeError,
        "mask holds int8; expected bool, True wh",
    ),
    "floats": (
        np.zeros((5, 5)),
        TypeError,
        "mask holds float64; expected bool, True where a query",
    ),
    "a string": ("causal", TypeError, "mask holds <U6; expected bool"),
    "ragged rows": ([[True], [True, False]], ValueError, "mask has rows of unequal length; expect"),
    "no key for query 0": (np.tri(5, k=-1, dtype=bool), ValueError, "mask lets query 0 look at no"),
    "no key at all": (False, ValueError, "mask lets query 0 look at no key; expected at least one"),
}


@pytest.mark.parametrize(("mask", "error", "message"), BAD_MASKS.values(), ids=BAD_MASKS)
def test_bad_masks_are_refused(mask, error, message):
    for call in attend(mask):
        with pytest.raises(error, match=message):
            call()


@pytest.mark.parametrize("shape", [(), (5,), (1, 5), (5, 1), (5, 5), (2, 1, 5), (2, 5, 5)])
def test_a_mask_that_broadcasts_is_enough(shape):
    for call in attend(np.ones(shape, bool), (2, SEQ_LEN, D_MODEL)):
        assert np.isfinite(call().out).all()


# The functions of checks.py


def test_array_returns_floats_of_the_given_kind():
    assert checks.require_array([1, 2]).dtype == np.float64
    assert checks.require_array(np.ones(2, np.float32)).dtype == np.float32
    assert checks.require_array(np.ones(2, np.uint8)).dtype == np.float64
    with pytest.raises(ValueError, match=r"q has 1 axes, shape \(2,\); expected at least 2"):
        checks.require_array([1.0, 2.0], "q", min_ndim=2)


def test_parameters_come_back_in_the_float_type_asked_for():
    found = checks.require_parameters({"b": [1, 2], "more": None}, {"b": ("d",)}, np.float32)
    assert list(found) == ["b"]
    assert found["b"].dtype == np.float32


@pytest.mark.parametrize("value", [1, np.int64(3), np.uint8(7)])
def test_size_takes_whole_numbers(value):
    assert checks.require_size(value, "d_ff") == value
    assert type(checks.require_size(value, "d_ff")) is int


@pytest.mark.parametrize("value", [True, np.True_, 2.0, np.float64(2), "2", None, [2], 1j])
def test_size_takes_nothing_else(value):
    with pytest.raises(TypeError, match=r"d_ff=.* is of type .*; expected a whole number"):
        checks.require_size(value, "d_ff")


@pytest.mark.parametrize("value", [0, -1, np.int64(-5)])
def test_size_starts_at_one(value):
    with pytest.raises(ValueError, match=f"d_ff={value}; expected 1 to"):
        checks.require_size(value, "d_ff")


def test_number_knows_its_bounds():
    assert checks.require_number(np.float32(0.5), "eps", minimum=0) == 0.5
    assert checks.require_number(0, "eps", minimum=0) == 0
    with pytest.raises(ValueError, match="eps=-1; expected 0 or more"):
        checks.require_number(-1, "eps", minimum=0)
    with pytest.raises(ValueError, match="base=1; expected more than 1"):
        checks.require_number(1, "base", above=1)
    with pytest.raises(ValueError, match="eps=nan; expected a finite number"):
        checks.require_number(np.nan, "eps")


def test_flag_takes_booleans_alone():
    assert checks.require_flag(np.True_, "skip") is True
    assert checks.require_flag(False, "skip") is False
    for value in (0, 1, None, "yes"):
        with pytest.raises(TypeError, match=r"skip=.* is of type .*; expected True or False"):
            checks.require_flag(value, "skip")


def test_divisors_are_those_of_a_loop():
    for d_model in range(1, 130):
        expected = [n for n in range(1, d_model + 1) if (d_model // n) * n == d_model]
        assert checks.divisors(d_model) == expected
        assert all(checks.require_head_width(d_model, n) * n == d_model for n in expected)


# The same, on generated values

KINDS = ["float16", "float32", "float64", "int8", "int64", "bool", "complex64", "U3", "O"]
small = settings(deadline=None, max_examples=80, derandomize=True)


@st.composite
def arrays(draw):
    """Any array of up to four axes, right or wrong; one entry may be NaN or infinite."""
    shape = draw(st.lists(st.sampled_from([0, 1, 2, D_MODEL]), max_size=4))
    array = np.ones(shape, draw(st.sampled_from(KINDS)))
    if array.dtype.kind == "f" and array.size:
        array.flat[draw(st.integers(0, array.size - 1))] = draw(
            st.sampled_from([1, np.nan, np.inf])
        )
    return array


def nested(values):
    return st.recursive(values, lambda inner: st.lists(inner, max_size=3), max_leaves=8)


numbers = st.floats(-1e3, 1e3) | st.sampled_from([np.nan, np.inf]) | st.integers()
anything = nested(st.none() | st.booleans() | numbers | st.text(max_size=3))


def fits(x, step):
    """Say, in another way than the door does, whether a step should take this array."""
    return (
        x.ndim >= 2
        and 0 not in x.shape
        and x.dtype.name in ("float16", "float32", "float64", "int8", "int64")
        and bool((abs(x) < np.inf).all())
        and (
            x.shape[-1] == D_MODEL
            or step in (STEPS["skip_connections"], STEPS["positional_encoding"])
        )
    )


def refuses_clearly(call):
    """Return whether the call refuses; then its message says what came, what was expected."""
    try:
        call()
        return False
    except (ValueError, TypeError) as error:
        message = str(error)
    assert re.search("; (expected|choose one of) .", message), message
    assert "\n" not in message
    assert not message.endswith(".")
    return True


def takes_or_refuses(step, x):
    """Return whether the step takes x; what comes out is then finite."""
    params, traces = step.init(np.random.default_rng(0)), []
    if refuses_clearly(lambda: traces.append(step.forward(x, params))):
        return False
    assert np.isfinite(traces[0].out).all()
    assert traces[0].out.shape[:-1] == np.shape(x)[:-1]
    return True


# The causal mask of some steps is 5 × 5; here sentences have other lengths.
MASKED = ("multi_head_attention", "encoder_block, pre")
ANY_LENGTH = {name: step for name, step in STEPS.items() if name not in MASKED}


@pytest.mark.parametrize("step", ANY_LENGTH.values(), ids=ANY_LENGTH)
@small
@given(x=arrays())
def test_a_step_takes_what_fits_and_refuses_the_rest(step, x):
    assert takes_or_refuses(step, x) == fits(x, step)


@every_step
@small
@given(x=anything)
def test_a_step_refuses_nonsense_clearly(step, x):
    takes_or_refuses(step, x)


@small
@given(nested(st.none() | st.booleans() | st.integers(0, 1) | st.text(max_size=1)))
def test_a_mask_is_refused_clearly_or_keeps_rows_that_sum_to_one(mask):
    x = np.ones((2, 3))

    def call():
        weights = self_attention.scaled_dot_product_attention(x, x, x, mask).weights
        np.testing.assert_allclose(weights.sum(axis=-1), 1)

    refuses_clearly(call)


@small
@given(st.lists(st.sampled_from([1, 2, 5]), max_size=4), st.integers(0, 20))
def test_a_mask_of_any_shape_broadcasts_or_is_refused(shape, seed):
    mask = np.random.default_rng(seed).random(shape) < 0.7
    wanted = (2, 5, 5)
    try:
        expected = np.broadcast_shapes(tuple(shape), wanted) == wanted
    except ValueError:
        expected = False
    expected = expected and np.all(np.any(np.broadcast_to(mask, wanted), axis=-1))
    assert refuses_clearly(lambda: checks.require_mask(mask, wanted)) != expected


junk = (
    st.none()
    | st.booleans()
    | st.text(max_size=3)
    | st.floats()
    | st.lists(st.integers(), max_size=2)
)


@small
@given(junk | st.integers(max_value=0), st.sampled_from(["d_model", "n_heads", "d_ff"]))
def test_no_init_takes_a_size_that_is_no_whole_number_from_1_up(value, name):
    sizes = {"d_model": 6, "n_heads": 2, "d_ff": 7} | {name: value}
    assert refuses_clearly(lambda: encoder_block.init(**sizes, rng=np.random.default_rng(0)))


@small
@given(st.integers(1, 300), st.integers(1, 40))
def test_a_head_count_divides_or_is_refused_with_the_choices(d_model, n_heads):
    if d_model % n_heads == 0:
        assert checks.require_head_width(d_model, n_heads) == d_model / n_heads
        return
    with pytest.raises(ValueError, match="does not divide") as caught:
        checks.require_head_width(d_model, n_heads)
    choices = [int(choice) for choice in str(caught.value).split("choose one of ")[1].split(", ")]
    assert choices == checks.divisors(d_model)


@small
@given(junk | st.integers(), st.sampled_from(["norm", "activation"]))
def test_an_unknown_choice_is_refused(value, name):
    params = encoder_block.init(6, 2, 7, np.random.default_rng(0))
    if value in ("post", "pre", "none", "relu"):
        return
    assert refuses_clearly(
        lambda: encoder_block.forward(np.ones((2, 6)), params, 2, **{name: value})
    )


@pytest.mark.parametrize(
    "huge", [2**31, 2**63, 10**400, 10**5000], ids=["31", "63", "400 digits", "5000 digits"]
)
def test_a_size_beyond_all_memory_is_refused(huge):
    with pytest.raises(ValueError, match=r"^d_ff=[^;]{10,60}; expected 1 to 2147483647"):
        checks.require_size(huge, "d_ff")


def test_a_whole_number_too_large_for_a_float_is_refused():
    with pytest.raises(ValueError, match=r"eps=1000.*; expected a finite number"):
        checks.require_number(10**400, "eps")


def test_a_door_calls_an_argument_by_the_name_that_most_steps_give_it():
    for call, name in (
        (lambda: checks.require_array("a"), "x"),
        (lambda: checks.require_sequence(1.0), "x"),
        (lambda: checks.require_width(np.ones((2, 3)), 4), "x"),
        (lambda: checks.require_members(1, ()), "params"),
        (lambda: checks.require_parameters({}, {"b": ("d",)}, float), "params"),
        (lambda: checks.require_scores("a"), "scores"),
        (lambda: checks.require_mask(1, (1, 1)), "mask"),
        (lambda: checks.require_head_width(4, 1.5), "n_heads"),
        (lambda: checks.require_record(1, str), "trace"),
    ):
        with pytest.raises((TypeError, ValueError), match=f"^{name}[ =]"):
            call()


def test_what_is_checked_comes_back():
    mask = checks.require_mask([True, False], (3, 2))
    np.testing.assert_array_equal(mask, [[True, False]] * 3)
    assert checks.require_record("trace", str) == "trace"
    assert checks.require_list((1, 2), "layers") == (1, 2)
    assert checks.require_like(np.ones(2, np.float32), (2,), "b").dtype == np.float32
    assert checks.require_axes([[1]], "heads", 2).shape == (1, 1)


def test_what_fits_is_taken_without_a_copy():
    """Else every call would copy the weights of a trained model."""
    given = np.ones((3, 3))
    assert checks.require_like(given, (3, 3), "x", float) is given
    assert checks.require_parameters({"W": given}, {"W": ("d", "d")}, float)["W"] is given
    assert skip_connections.forward(given, given).f_x is given


def test_scores_may_be_whole_numbers_and_hold_masked_places():
    assert checks.require_scores([0, 1]).dtype == np.float64
    given = np.array([[0.0, -np.inf], [-np.inf, 1.0]])
    np.testing.assert_array_equal(checks.require_scores(given), given)
    with pytest.raises(ValueError, match="scores has a row where every entry is -inf; expected"):
        checks.require_scores([[0.0, -np.inf], [-np.inf, -np.inf]])
    with pytest.raises(ValueError, match="scores holds NaN or infinity; expected finite numbers"):
        checks.require_scores([0.0, np.inf])


def test_products_are_in_range_only_if_all_are():
    checks.require_in_range(np.array([-1e300, 1e300]), "the squares")
    for too_large in ([1.0, np.inf], [-np.inf, 1.0], [1.0, np.nan]):
        with pytest.raises(ValueError, match="the squares overflow float64; expected smaller"):
            checks.require_in_range(np.array(too_large), "the squares")


def test_the_shape_that_was_expected_is_written_as_python_writes_it():
    for shape, written in ((("d_model",), "(d_model,)"), (("d_model", "d_ff"), "(d_model, d_ff)")):
        with pytest.raises(ValueError, match=re.escape(f"expected {written}") + "$"):
            checks.require_parameters({"W": 1.0}, {"W": shape}, float)


def test_the_largest_size_is_a_size_and_long_values_are_cut():
    assert checks.require_size(checks.MAX_SIZE, "d_ff") == 2147483647
    assert checks.require_size(0, "layer", minimum=0) == 0
    with pytest.raises(TypeError, match=rf"^d_ff=\[{'1, ' * 19}1…+ is of type list; expected a"):
        checks.require_size([1] * 100, "d_ff")
    for letters, shown in ((58, "a" * 58 + "'"), (59, "a" * 58 + "…")):
        with pytest.raises(TypeError, match=rf"^d_ff='{shown} is of type str; expected a"):
            checks.require_size("a" * letters, "d_ff")
