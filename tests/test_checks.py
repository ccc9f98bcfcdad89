"""What every step promises: shapes, float types, clean arguments, results in range; and checks.py.

That bad arguments are refused is the subject of test_refusals.py."""

import copy
import inspect
import re
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

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
every_overflowing_step = pytest.mark.parametrize(  # codes are at most 1: they add nothing to 1e308
    "step",
    [step for name, step in STEPS.items() if name != "positional_encoding"],
    ids=[name for name in STEPS if name != "positional_encoding"],
)
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


def scaled(params, factor):
    """Return the parameters with every number changed to `factor`."""
    if isinstance(params, dict):
        return {name: scaled(value, factor) for name, value in params.items()}
    return np.full(params.shape, factor)


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


# Results in range

BIG = {"float16": 6e4, "float32": 3e38, "float64": 1.7e308}
OVERFLOWS = (
    r"(overflow float\d\d; expected smaller|holds NaN or infinity; expected finite) numbers$"
)


@pytest.mark.parametrize("kind", BIG)
@every_overflowing_step
def test_finite_numbers_whose_result_is_out_of_range_are_refused(rng, step, kind):
    x = np.full((2, SEQ_LEN, D_MODEL), BIG[kind], kind) * rng.choice([-1, 1], D_MODEL).astype(kind)
    params = step.init(rng)
    with pytest.raises(ValueError, match=OVERFLOWS):
        step.forward(x, params)


@pytest.mark.parametrize("kind", BIG)
@every_learning_step
def test_gradients_out_of_range_are_refused(rng, step, kind):
    x, params = rng.standard_normal((2, SEQ_LEN, D_MODEL)).astype(kind), step.init(rng)
    trace = step.forward(x, params)
    upstream = np.full(trace.out.shape, BIG[kind]) * rng.choice([-1, 1], trace.out.shape)
    with pytest.raises(ValueError, match=f"the gradients overflow {kind}; expected smaller"):
        step.backward(upstream, trace, params)


@every_learning_step
def test_parameters_are_looked_at_in_the_float_type_of_x(rng, step):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)).astype(np.float16), step.init(rng)
    large = scaled(params, 1e6)
    message = r"the numbers of params\[.*\] overflow float16; expected smaller numbers$"
    with pytest.raises(ValueError, match=message):
        step.forward(x, large)
    trace = step.forward(x, params)
    with pytest.raises(ValueError, match=message):
        step.backward(np.ones(trace.out.shape), trace, large)


@every_step
def test_tiny_numbers_may_vanish_whatever_numpy_is_told(rng, step):
    params = step.init(rng)
    for kind in (np.float32, np.float64):
        tiny = np.finfo(kind).tiny
        x = rng.standard_normal((SEQ_LEN, D_MODEL)).astype(kind)
        x[0], x[1], x[2, ::2] = tiny, 900 * x[1], 1e-30
        upstream = rng.standard_normal(step.forward(x, params).out.shape).astype(kind)
        upstream[0] = tiny
        with np.errstate(all="raise"):
            step.backward(upstream, step.forward(x, params), params)


def test_a_weight_may_vanish_whatever_numpy_is_told():
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(self_attention.softmax([0.0, -800.0]), [1, 0])
        np.testing.assert_array_equal(feed_forward.activate([-60.0, 60.0], "gelu"), [0, 60])
        assert positional_encoding.forward(np.ones((9, 6), np.float16)).out.dtype == np.float16


# Masked arrays, traces with holes, arrays too large for memory


def test_masked_parameters_and_masks_are_refused(rng):
    params = layer_norm.init(D_MODEL)
    params["gamma"] = np.ma.masked_less(params["gamma"], 0)
    with pytest.raises(TypeError, match=r"params\['gamma'\] is a masked array; expected"):
        layer_norm.forward(np.ones((SEQ_LEN, D_MODEL)), params)
    with pytest.raises(TypeError, match="mask is a masked array; expected a plain one"):
        checks.require_mask(np.ma.masked_array(CAUSAL, ~CAUSAL), CAUSAL.shape)


def holes(trace):
    """Yield each field of a trace and of the traces in it, and the trace without this field."""
    for field, value in trace._asdict().items():
        if value is not None:
            yield field, trace._replace(**{field: None})
        if hasattr(value, "_fields"):
            for inner, part in holes(value):
                yield f"{field}.{inner}", trace._replace(**{field: part})


@every_step
def test_a_trace_with_a_field_taken_out_is_refused(rng, step):
    params = step.init(rng)
    trace = step.forward(rng.standard_normal((SEQ_LEN, D_MODEL)), params)
    found = dict(holes(trace))
    assert len(found) >= 3
    for field, broken in found.items():
        message = rf"trace\.{field} is of type NoneType; expected what forward returned"
        with pytest.raises(
            (TypeError, ValueError), match=f"{message}|trace lacks a part; expected"
        ):
            step.backward(np.ones(trace.out.shape), broken, params)


HUGE = 2**31 - 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: positional_encoding.sinusoidal(HUGE, 1), r"\(2147483647, 1\) needs 17.2 GB"),
        (lambda rng: positional_encoding.frequencies(HUGE), r"frequencies of .* needs 17.2 GB"),
        (
            lambda rng: self_attention.init(HUGE, 3, rng),
            r"^a matrix of shape \(2147483647, 3\) needs 51.5 GB",
        ),
        (lambda rng: multi_head_attention.init(HUGE, 1, rng), "needs 36893488113.1 GB"),
        (lambda rng: feed_forward.init(2, HUGE, rng), r"\(2, 2147483647\) needs 34.4 GB"),
        (lambda rng: layer_norm.init(HUGE), r"gamma of shape \(2147483647,\) needs 17.2 GB"),
        (
            lambda rng: self_attention.scaled_dot_product_attention(*np.ones((3, 2, 12_000, 1))),
            r"scores of shape \(2, 12000, 12000\) needs 2.3 GB of memory; expected at most 1.1 GB",
        ),
    ],
)
def test_what_is_too_large_for_memory_is_refused_before_memory_is_asked_for(rng, call, message):
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=message):
            call(rng)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_the_largest_array_that_is_allowed_fills_a_gibibyte():
    checks.require_memory((2**27,), "encoding")
    with pytest.raises(ValueError, match=r"encoding of shape \(134217729,\) needs 1.1 GB"):
        checks.require_memory((2**27 + 1,), "encoding")


# The functions of checks.py


@every_learning_step
def test_input_of_another_width_is_refused(rng, step):
    message = r"x has shape \(5, 7\); expected \(\.\.\., seq_len, 6\), because the parameters"
    with pytest.raises(ValueError, match=message):
        step.forward(np.ones((SEQ_LEN, D_MODEL + 1)), step.init(rng))


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


def test_divisors_are_those_of_a_loop():
    for d_model in range(1, 130):
        expected = [n for n in range(1, d_model + 1) if (d_model // n) * n == d_model]
        assert checks.divisors(d_model) == expected
        assert all(checks.require_head_width(d_model, n) * n == d_model for n in expected)


MASK = np.ones((2, 3, 3), bool)
MASK[1, 2] = False
SAID = [  # a check, what it is given, and the whole of its sentence
    (checks.require_array, (["a"],), "x holds <U1; expected real numbers"),
    (checks.require_array, ([True],), "x holds bool; expected real numbers"),
    (checks.require_array, ([1j],), "x holds complex128; expected real numbers"),
    (checks.require_array, (None, "f_x"), "f_x holds object; expected real numbers"),
    (checks.require_array, ([],), "x is empty, shape (0,); expected at least one number"),
    (checks.require_array, ([np.nan],), "x holds NaN or infinity; expected finite numbers"),
    (checks.require_array, ([[1], [2, 3]],), "x has rows of unequal length; expected a full array"),
    (checks.require_sequence, ([1.0],), "x has shape (1,); expected (..., seq_len, d_model)"),
    (checks.require_like, ([1.0], (2,), "b"), "b has shape (1,); expected (2,)"),
    (checks.require_scores, (1.0,), "scores has 0 axes, shape (); expected at least 1"),
    (checks.require_scores, ([np.nan],), "scores holds NaN or infinity; expected finite numbers"),
    (checks.require_members, (3, "W"),
     "params is of type int; expected a dict, as init returns it"),
    (checks.require_members, ({"b": 1}, "Wb"), "params lacks W; expected W, b"),
    (checks.require_mask, ([0], (1, 1)),
     "mask holds int64; expected bool, True where a query may look at a key"),
    (checks.require_mask, ([True] * 2, (3, 3)),
     "mask has shape (2,); expected one that broadcasts to (..., queries, keys) = (3, 3)"),
    (checks.require_mask, (MASK, MASK.shape),
     "mask lets query (1, 2) look at no key; expected at least one True in each row"),
    (checks.require_mask, (MASK[1], (3, 3)),
     "mask lets query 2 look at no key; expected at least one True in each row"),
    (checks.require_size, (0, "d_ff"), "d_ff=0; expected 1 to 2147483647"),
    (checks.require_size, (-1, "layer", 0), "layer=-1; expected 0 to 2147483647"),
    (checks.require_size, (2**31, "d_ff"), "d_ff=2147483648; expected 1 to 2147483647"),
    (checks.require_size, (10**5000, "d_ff"),
     "d_ff=a number of thousands of digits; expected 1 to 2147483647"),
    (checks.require_size, (2.0, "d_ff"), "d_ff=2.0 is of type float; expected a whole number"),
    (checks.require_size, (True, "d_ff"), "d_ff=True is of type bool; expected a whole number"),
    (checks.require_size, (None, "d_ff"), "d_ff=None is of type NoneType; expected a whole number"),
    (checks.require_head_width, (6, 4),
     "n_heads=4 does not divide d_model=6; choose one of 1, 2, 3, 6"),
    (checks.require_number, ("1", "eps"), "eps='1' is of type str; expected a number"),
    (checks.require_number, (True, "eps"), "eps=True is of type bool; expected a number"),
    (checks.require_number, (-1, "eps", 0), "eps=-1; expected 0 or more"),
    (checks.require_number, (1, "base", None, 1), "base=1; expected more than 1"),
    (checks.require_number, (np.inf, "eps"), "eps=inf; expected a finite number in float64"),
    (checks.require_number, (10**400, "eps"),
     f"eps={10**58}…; expected a finite number in float64"),
    (checks.require_choice, ("Pre", "norm", ("a", "b")), "norm='Pre'; choose one of 'a', 'b'"),
    (checks.require_choice, (["a"], "norm", ("a", "b")), "norm=['a']; choose one of 'a', 'b'"),
    (checks.require_flag, (1, "skip"), "skip=1 is of type int; expected True or False"),
    (checks.require_generator, (0,),
     "rng is of type int; expected one such as np.random.default_rng(0)"),
    (checks.require_record, ({}, str), "trace is of type dict; expected what forward returned"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "given", "sentence"), SAID, ids=[s for _, _, s in SAID])
def test_a_check_says_what_came_and_what_was_expected(check, given, sentence):
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(sentence)}$") as caught:
        check(*given)
    is_a_type = re.search("is of type|holds (?!NaN)", sentence)
    assert caught.type is (TypeError if is_a_type else ValueError)


def test_a_check_calls_an_argument_by_the_name_that_most_steps_give_it():
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
        trace = skip_connections.SkipConnectionTrace(None, None, np.array(too_large))
        with pytest.raises(ValueError, match="the sums overflow float64; expected smaller"):
            checks.require_in_range(trace, "the sums")


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


def test_a_long_array_is_cut_even_if_numpy_prints_it_whole():
    with np.printoptions(threshold=10**9), pytest.raises(TypeError) as caught:
        checks.require_size(np.zeros(10**4), "d_ff")
    assert len(str(caught.value)) < 120
    for call in (checks.require_flag, checks.require_number, checks.require_list):
        with pytest.raises(TypeError) as caught:
            call("x " * 500_000, "skip")
        assert len(str(caught.value)) < 120


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_number_must_be_finite_in_the_float_type_that_meets_it(kind):
    assert checks.require_number(1e4, "eps", dtype=kind) == 1e4
    message = f"eps=1e\\+300; expected a finite number in {np.dtype(kind)}"
    with pytest.raises(ValueError, match=message):
        checks.require_number(1e300, "eps", dtype=kind)
    with pytest.raises(ValueError, match=message):
        layer_norm.forward(np.ones((2, 6), kind), layer_norm.init(6), eps=1e300)
    with pytest.raises(ValueError, match=message):
        encoder_block.forward(
            np.ones((2, 6), kind),
            encoder_block.init(6, 2, 7, np.random.default_rng(0)),
            2,
            eps=1e300,
        )
