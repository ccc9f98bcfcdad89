"""What every step promises: shapes, gradients, float types, clean arguments, results in range.

That bad arguments are refused is the subject of test_refusals.py."""

import inspect
import itertools
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import random_numbers
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import (
    encoder_block,
    feed_forward,
    layer_norm,
    multi_head_attention,
    positional_encoding,
    self_attention,
    skip_connections,
)
from helpers.learning import gradient_check
from helpers.learning.adam import map_arrays

SEQ_LEN, D_MODEL, D_FF = 5, 6, 7


def every_step_of(seq_len, n_heads, d_head, d_ff):
    """Return all steps behind one signature: init(rng), forward(x, params), backward(g, t, p)."""
    d_model, causal = n_heads * d_head, np.tri(seq_len, dtype=bool)

    def step(module, *sizes, **choices):
        return SimpleNamespace(
            init=lambda rng: module.init(*sizes, *([] if module is layer_norm else [rng])),
            forward=lambda x, params: module.forward(x, params, **choices),
            backward=module.backward,
        )

    def block(**choices):
        return step(encoder_block, d_model, n_heads, d_ff, n_heads=n_heads, **choices)

    def skip_backward(grad_out, trace, params):
        grad_x, grad_f_x = skip_connections.backward(grad_out, trace)
        return grad_x + 2 * grad_f_x, {}  # where f(x) = 2 x

    return {
        "self_attention": step(self_attention, d_model, d_head),
        "self_attention, causal": step(self_attention, d_model, d_head, mask=causal),
        "multi_head_attention": step(
            multi_head_attention, d_model, n_heads, n_heads=n_heads, mask=causal
        ),
        "layer_norm": step(layer_norm, d_model),
        "feed_forward, relu": step(feed_forward, d_model, d_ff, activation="relu"),
        "feed_forward, gelu": step(feed_forward, d_model, d_ff, activation="gelu"),
        "feed_forward, none": step(feed_forward, d_model, d_ff, activation="none"),
        "encoder_block, post": block(norm="post"),
        "encoder_block, pre": block(norm="pre", mask=causal, activation="gelu"),
        "encoder_block, none": block(norm="none"),
        "encoder_block, attention alone": block(skip=False, feed_forward=False),
        "skip_connections": SimpleNamespace(
            init=lambda rng: {},
            forward=lambda x, params: skip_connections.forward(x, 2 * np.asarray(x)),
            backward=skip_backward,
        ),
        "positional_encoding": SimpleNamespace(
            init=lambda rng: {},
            forward=lambda x, params: positional_encoding.forward(x),
            backward=lambda grad_out, trace, params: positional_encoding.backward(grad_out, trace),
        ),
    }


STEPS = every_step_of(SEQ_LEN, 2, 3, D_FF)


def every(*without):
    chosen = {name: step for name, step in STEPS.items() if name not in without}
    return pytest.mark.parametrize("step", chosen.values(), ids=chosen)


every_step = every()
every_learning_step = every("skip_connections", "positional_encoding")
every_overflowing_step = every("positional_encoding")  # codes are at most 1: they add nothing
ORDER = {  # the fields of each trace, in computing order
    self_attention.AttentionTrace: "scores weights out",
    self_attention.SelfAttentionTrace: "x q k v scores weights out",
    multi_head_attention.MultiHeadAttentionTrace: "x q k v scores weights heads concat out",
    skip_connections.SkipConnectionTrace: "x f_x out",
    layer_norm.LayerNormTrace: "x mean variance std normalized out",
    feed_forward.FeedForwardTrace: "x hidden activation activated out",
    positional_encoding.PositionalEncodingTrace: "x encoding out",
    encoder_block.PostNormTrace: "x attention skip_1 norm_1 feed_forward skip_2 norm_2 out",
    encoder_block.PreNormTrace: "x norm_1 attention skip_1 norm_2 feed_forward skip_2 out",
}


def leaves(tree):
    """Return all arrays in dicts and traces within each other."""
    if isinstance(tree, np.ndarray):
        return [tree]
    children = tree.values() if isinstance(tree, dict) else tree
    return [
        leaf for child in children if not isinstance(child, str | None) for leaf in leaves(child)
    ]


def sentences(rng, kind=np.float64):
    """Return two sentences: (2, seq_len, d_model)."""
    return rng.standard_normal((2, SEQ_LEN, D_MODEL)).astype(kind)


# Shapes, numbers, gradients


def written_shapes(kind):
    """Return {field: the shape in the comment beside it}, read from the source of a trace."""
    found = re.findall(
        r"^    (\w+): np\.ndarray  # \((.*?)\)", inspect.getsource(kind), re.MULTILINE
    )
    arrays = [name for name, kept in kind.__annotations__.items() if kept is np.ndarray]
    assert [name for name, _ in found] == arrays, f"{kind.__name__}: a field without a shape"
    return {name: shape.split(", ") for name, shape in found}


def check_shapes(trace, sizes):
    for field, written in written_shapes(type(trace)).items():
        expected = [sizes[size] if size in sizes else (int(size),) for size in written]
        assert getattr(trace, field).shape == sum(expected, ()), field
    for part in trace:
        if type(part) in ORDER:
            check_shapes(part, sizes)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    st.lists(st.integers(1, 3), max_size=3), st.integers(1, 5), st.integers(1, 3),
    st.integers(1, 3), st.integers(1, 6),
)  # fmt: skip
def test_every_field_has_the_shape_written_beside_it(leading, seq_len, n_heads, d_head, d_ff):
    rng, d_model = np.random.default_rng(0), n_heads * d_head
    sizes = {"seq_len": (seq_len,), "d_model": (d_model,), "n_heads": (n_heads,)}
    sizes |= {"d_head": (d_head,), "d_ff": (d_ff,), "...": tuple(leading)}
    for step in every_step_of(seq_len, n_heads, d_head, d_ff).values():
        params = step.init(rng)
        trace = step.forward(rng.standard_normal((*leading, seq_len, d_model)), params)
        check_shapes(trace, sizes)
        grad_x, grads = step.backward(np.ones(trace.out.shape), trace, params)
        assert grad_x.shape == trace.x.shape
        assert list(grads) == list(params)
        assert [g.shape for g in leaves(grads)] == [p.shape for p in leaves(params)]
        assert all(np.isfinite(array).all() for array in (trace.out, grad_x, *leaves(grads)))


def test_attention_keeps_the_shapes_written_beside_its_fields(rng):
    q, k, v = (rng.standard_normal((2, n, d)) for n, d in ((4, 3), (5, 3), (5, 3)))
    trace = self_attention.scaled_dot_product_attention(q, k, v)
    check_shapes(trace, {"...": (2,), "queries": (4,), "keys": (5,), "d_head": (3,)})


@pytest.mark.parametrize("kind", ORDER, ids=lambda kind: kind.__name__)
def test_fields_stand_in_computing_order(kind):
    assert " ".join(kind._fields) == ORDER[kind]


@pytest.mark.parametrize("leading", [(), (2,), (2, 1)])
@every_step
def test_gradients(rng, step, leading):
    params = random_numbers(step.init(rng), rng)
    x = rng.standard_normal((*leading, SEQ_LEN, D_MODEL))
    errors = gradient_check.check(step, x, params, rng)
    assert len(errors) == 1 + len(leaves(params))
    assert max(errors.values()) <= 1e-6, errors


@every_step
def test_a_batch_is_its_sentences_one_by_one(rng, step):
    x, params = rng.standard_normal((2, 3, SEQ_LEN, D_MODEL)), step.init(rng)
    together = step.forward(x, params).out
    for index in np.ndindex(2, 3):
        alone = step.forward(x[index], params).out
        np.testing.assert_allclose(together[index], alone, atol=1e-13)


@pytest.mark.parametrize(
    ("init", "sizes", "shapes"),
    [
        (self_attention.init, (30, 20),
         {"W_q": (30, 20), "W_k": (30, 20), "W_v": (30, 20),
          "b_q": (20,), "b_k": (20,), "b_v": (20,)}),
        (multi_head_attention.init, (30, 5),
         {f"W_{n}": (30, 30) for n in "qkvo"} | {f"b_{n}": (30,) for n in "qkvo"}),
        (feed_forward.init, (20, 40),
         {"W_1": (20, 40), "b_1": (40,), "W_2": (40, 20), "b_2": (20,)}),
    ],
    ids=["self_attention", "multi_head_attention", "feed_forward"],
)  # fmt: skip
def test_init_draws_within_its_limit_from_the_generator(init, sizes, shapes):
    params, again, other = (init(*sizes, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert {name: value.shape for name, value in params.items()} == shapes
    for name, value in params.items():
        np.testing.assert_array_equal(value, again[name])
        assert value.dtype == np.float64
        assert value.any() == name.startswith("W")
    matrices = [W for drawn in (params, other) for W in drawn.values() if W.ndim == 2]
    for W in matrices:
        limit = math.sqrt(6 / sum(W.shape))
        assert 0.99 * limit < np.abs(W).max() <= limit
    for one, two in itertools.combinations(matrices, 2):
        assert one.shape != two.shape or np.abs(one - two).max() > 1e-2


# Float types, arguments that stay as they were


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@every_step
def test_the_float_type_follows_the_input(rng, step, kind):
    x, params = sentences(rng, kind), step.init(rng)
    trace = step.forward(x, params)  # the parameters are float64
    results = step.backward(rng.standard_normal(trace.out.shape), trace, params)
    arrays = leaves(trace) + leaves(results)
    assert len(arrays) > 3
    assert {array.dtype for array in arrays} == {np.dtype(kind)}
    for array in (trace.out, *leaves(results)):
        assert np.isfinite(array).all()


@every_step
def test_float16_gives_the_numbers_of_float64(rng, step):
    x, params = sentences(rng), step.init(rng)
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
def test_arguments_may_be_read_only_and_share_no_memory_with_results(rng, step):
    """So nothing is changed in place, neither here nor by whoever changes a result."""
    x, params = sentences(rng), step.init(rng)
    for array in leaves([x, params]):
        array.flags.writeable = False
    trace = step.forward(x, params)
    upstream = rng.standard_normal(trace.out.shape)
    for array in (upstream, *leaves(trace)):
        array.flags.writeable = False
    results = leaves(step.backward(upstream, trace, params))
    for result in (trace.out, *results):
        for argument in (x, upstream, *leaves(params)):
            assert not np.shares_memory(result, argument)
    for result in results:
        assert not any(np.shares_memory(result, kept) for kept in leaves(trace))


@every_step
def test_the_same_call_gives_the_same_numbers(rng, step):
    x, params = sentences(rng), step.init(rng)
    once, again = step.forward(x, params), step.forward(x, params)
    for one, other in zip(leaves(once), leaves(again), strict=True):
        np.testing.assert_array_equal(one, other)


@every_step
def test_memory_order_does_not_matter(rng, step):
    x, params = sentences(rng), step.init(rng)
    expected = step.forward(x, params).out
    for same in (np.asfortranarray(x), np.flip(np.flip(x, 1).copy(), 1)):
        np.testing.assert_allclose(step.forward(same, params).out, expected, atol=1e-13)


# Results in range

BIG = {"float16": 6e4, "float32": 3e38, "float64": 1.7e308}
every_kind = pytest.mark.parametrize("kind", BIG)


@every_kind
@every_overflowing_step
def test_finite_numbers_whose_result_is_out_of_range_are_refused(rng, step, kind):
    x = np.full((2, SEQ_LEN, D_MODEL), BIG[kind], kind) * rng.choice([-1, 1], D_MODEL).astype(kind)
    message = r"(overflow float\d\d; expected smaller|holds NaN or infinity; expected finite) num"
    params = step.init(rng)
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=message):
        step.forward(x, params)


@every_kind
@every_learning_step
def test_gradients_out_of_range_are_refused(rng, step, kind):
    x, params = sentences(rng, kind), step.init(rng)
    trace = step.forward(x, params)
    upstream = np.full(trace.out.shape, BIG[kind]) * rng.choice([-1, 1], trace.out.shape)
    with pytest.raises(ValueError, match=f"the gradients overflow {kind}; expected smaller"):
        step.backward(upstream, trace, params)


@every_learning_step
def test_parameters_are_looked_at_in_the_float_type_of_x(rng, step):
    x, params = rng.standard_normal((SEQ_LEN, D_MODEL)).astype(np.float16), step.init(rng)
    large = map_arrays(lambda array: np.full(array.shape, 1e6), params)
    message = r"the numbers of params\[.*\] overflow float16; expected smaller numbers$"
    with pytest.raises(ValueError, match=message):
        step.forward(x, large)
    trace = step.forward(x, params)
    with pytest.raises(ValueError, match=message):
        step.backward(np.ones(trace.out.shape), trace, large)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@every_step
def test_tiny_numbers_may_vanish_whatever_numpy_is_told(rng, step, kind):
    params, x, tiny = step.init(rng), sentences(rng, kind)[0], np.finfo(kind).tiny
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


# What backward is given must be what forward returned


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
        message = rf"trace\.{field} is of type NoneType; expected what|trace lacks a part; expected"
        with pytest.raises((TypeError, ValueError), match=message):
            step.backward(np.ones(trace.out.shape), broken, params)


@every_learning_step
def test_input_of_another_width_is_refused(rng, step):
    message = r"x has shape \(5, 7\); expected \(\.\.\., seq_len, 6\), because the parameters"
    with pytest.raises(ValueError, match=message):
        step.forward(np.ones((SEQ_LEN, D_MODEL + 1)), step.init(rng))


@every_learning_step
def test_backward_refuses_parameters_of_another_size_than_the_trace(rng, step):
    params = step.init(rng)
    trace = step.forward(rng.standard_normal((SEQ_LEN, D_MODEL)), params)
    used = {size for array in leaves(params) for size in array.shape}
    if getattr(trace, "feed_forward", trace) is None:
        used.remove(D_FF)
    for size in used:
        resized = map_arrays(
            lambda array, old=size: np.ones([12 if n == old else n for n in array.shape]), params
        )
        message = rf"params\[.*\] has shape \(.*12.*\); expected \(.*\) with d_\w+={size}$"
        with pytest.raises(ValueError, match=message):
            step.backward(np.ones(trace.out.shape), trace, resized)
