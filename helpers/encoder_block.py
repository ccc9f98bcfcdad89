"""The encoder block: attention, Add & Norm, feed-forward, Add & Norm.

    post (2017):  a = norm_1(x + attention(x))      out = norm_2(a + feed_forward(a))
    pre:          a = x + attention(norm_1(x))      out = a + feed_forward(norm_2(a))

A stack of pre-norm blocks wants one more norm after the last block.
Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.1; pre-norm as in
Xiong et al., "On Layer Normalization in the Transformer Architecture" (2020).
"""

from typing import NamedTuple

import numpy as np

from helpers import checks, layer_norm, multi_head_attention, skip_connections
from helpers import feed_forward as feed_forward_step

NORMS = ("post", "pre", "none")
PARTS = {
    "attention": multi_head_attention,
    "norm_1": layer_norm,
    "feed_forward": feed_forward_step,
    "norm_2": layer_norm,
}


class PostNormTrace(NamedTuple):
    """The record of norm="post" and norm="none", in computing order; None for what is off."""

    x: np.ndarray  # (..., seq_len, d_model)  what came in
    attention: multi_head_attention.MultiHeadAttentionTrace
    skip_1: skip_connections.SkipConnectionTrace | None
    norm_1: layer_norm.LayerNormTrace | None
    feed_forward: feed_forward_step.FeedForwardTrace | None
    skip_2: skip_connections.SkipConnectionTrace | None
    norm_2: layer_norm.LayerNormTrace | None
    out: np.ndarray  # (..., seq_len, d_model)  the next block's input


class PreNormTrace(NamedTuple):
    """The record of norm="pre", in computing order; None for what is off."""

    x: np.ndarray  # (..., seq_len, d_model)  what came in
    norm_1: layer_norm.LayerNormTrace
    attention: multi_head_attention.MultiHeadAttentionTrace
    skip_1: skip_connections.SkipConnectionTrace | None
    norm_2: layer_norm.LayerNormTrace | None
    feed_forward: feed_forward_step.FeedForwardTrace | None
    skip_2: skip_connections.SkipConnectionTrace | None
    out: np.ndarray  # (..., seq_len, d_model)  the next block's input


def init(d_model, n_heads, d_ff, rng):
    """Draw the parameters of all parts: {"attention", "norm_1", "feed_forward", "norm_2"}.

    Each part is what its own init returns. Raises ValueError if n_heads does not divide d_model,
    and as the parts do. Source: the parts' own.
    """
    return {
        "attention": multi_head_attention.init(d_model, n_heads, rng),
        "norm_1": layer_norm.init(d_model),
        "feed_forward": feed_forward_step.init(d_model, d_ff, rng),
        "norm_2": layer_norm.init(d_model),
    }


def _checked(params, dtype, **sizes):
    """Return the arrays of all parts in `dtype`, checked against each other and `sizes`."""
    checks.require_members(params, PARTS)
    checked = {}
    for part, step in PARTS.items():
        name = f"params[{part!r}]"
        checked[part] = checks.require_parameters(
            params[part], step.PARAMETER_SHAPES, dtype, name, **sizes
        )
        sizes["d_model"] = len(checked["attention"]["W_q"])
    return checked


def _sublayer(x, step, norm_params, norm, skip, eps):
    """Run one step with its Add & Norm around it; return the three traces and the result."""
    norm_trace = skip_trace = None
    if norm == "pre":
        norm_trace = layer_norm.compute(x, norm_params, eps)
    step_trace = step(x if norm_trace is None else norm_trace.out)
    out = step_trace.out  # (..., seq_len, d_model)
    if skip:
        skip_trace = skip_connections.compute(x, out)
        out = skip_trace.out
    if norm == "post":
        norm_trace = layer_norm.compute(out, norm_params, eps)
        out = norm_trace.out
    return step_trace, skip_trace, norm_trace, out


def forward(
    x,
    params,
    n_heads,
    mask=None,
    norm="post",
    skip=True,
    feed_forward=True,
    activation="relu",
    eps=1e-5,
):
    """Send a sentence through one encoder block.

        post: norm(x + f(x))      pre: x + f(norm(x))      none: x + f(x)

    for f = attention, then for f = feed-forward; without skip, `x +` falls away.
    x: (..., seq_len, d_model); mask: bool, broadcasts to (..., seq_len, seq_len).
    norm: "post" (2017), "pre" or "none". skip, feed_forward: False leaves the part out.
    activation: "relu", "gelu" or "none"; eps: the ε of both norms.
    Returns a PostNormTrace or PreNormTrace that holds the traces of the steps; out is shaped as x.
    Raises ValueError or TypeError as the steps do, and for an unknown norm or a switch that is
    no bool. Source: Vaswani et al. (2017), section 3.1; Xiong et al. (2020), figure 1.
    """
    x = checks.require_sequence(x)
    params = _checked(params, x.dtype)
    d_model = params["attention"]["W_q"].shape[0]
    checks.require_width(x, d_model)
    checks.require_head_width(d_model, n_heads)
    if mask is not None:
        mask = checks.require_mask(mask, (*x.shape[:-1], x.shape[-2]))
    checks.require_choice(norm, "norm", NORMS)
    checks.require_choice(activation, "activation", feed_forward_step.ACTIVATIONS)
    skip, feed_forward = (
        checks.require_flag(skip, "skip"),
        checks.require_flag(feed_forward, "feed_forward"),
    )
    eps = checks.require_number(eps, "eps", minimum=0)
    return compute(x, params, n_heads, mask, norm, skip, feed_forward, activation, eps)


def compute(x, params, n_heads, mask, norm, skip, feed_forward, activation, eps):
    """Do what forward does; the caller has checked what comes in."""

    def attend(words):
        return multi_head_attention.compute(words, params["attention"], n_heads, mask)

    def transform(words):
        return feed_forward_step.compute(words, params["feed_forward"], activation)

    attention_trace, skip_1, norm_1, out = _sublayer(x, attend, params["norm_1"], norm, skip, eps)
    feed_forward_trace = skip_2 = norm_2 = None
    if feed_forward:
        feed_forward_trace, skip_2, norm_2, out = _sublayer(
            out, transform, params["norm_2"], norm, skip, eps
        )
    if norm == "pre":
        return PreNormTrace(
            x, norm_1, attention_trace, skip_1, norm_2, feed_forward_trace, skip_2, out
        )
    return PostNormTrace(
        x, attention_trace, skip_1, norm_1, feed_forward_trace, skip_2, norm_2, out
    )


def _zeros(params, dtype):
    """Return a gradient of nothing but zeros, for a part that was switched off."""
    return {name: np.zeros(np.shape(value), dtype) for name, value in params.items()}


def _sublayer_backward(grad_out, step_backward, traces, params, norm_first):
    """Walk one step and its Add & Norm in reverse; return grad_x and both parts' gradients."""
    step_trace, skip_trace, norm_trace = traces
    step_params, norm_params = params
    grad_skip, grad_norm = 0, _zeros(norm_params, grad_out.dtype)
    if norm_trace is not None and not norm_first:
        grad_out, grad_norm = layer_norm.compute_backward(grad_out, norm_trace, norm_params)
    if skip_trace is not None:
        grad_skip = grad_out  # a sum hands the same gradient to both of its parts
    grad_x, grad_step = step_backward(grad_out, step_trace, step_params)
    if norm_first:
        grad_x, grad_norm = layer_norm.compute_backward(grad_x, norm_trace, norm_params)
    return grad_x + grad_skip, grad_step, grad_norm


def backward(grad_out, trace, params):
    """Return grad_x and the gradients of all parts for the loss's gradient at `out`.

    grad_out: (..., seq_len, d_model), as trace.out; grads has the keys of params, part by part;
    a part that was switched off gets zeros. Raises ValueError or TypeError for a gradient,
    trace or parameters that do not fit. Source: the parts' own backwards, in reverse order.
    """
    checks.require_record(trace, PostNormTrace | PreNormTrace)
    grad_out = checks.require_like(grad_out, trace.out.shape, "grad_out", trace.out.dtype)
    sizes = {"d_model": trace.x.shape[-1]}
    if trace.feed_forward is not None:
        sizes["d_ff"] = trace.feed_forward.hidden.shape[-1]
    params = _checked(params, trace.x.dtype, **sizes)
    return compute_backward(grad_out, trace, params)


def compute_backward(grad_out, trace, params):
    """Do what backward does; the caller has checked what comes in."""
    norm_first = isinstance(trace, PreNormTrace)

    grads = {part: {} for part in PARTS}
    if trace.feed_forward is None:
        for part in ("feed_forward", "norm_2"):
            grads[part] = _zeros(params[part], grad_out.dtype)
    else:
        grad_out, grads["feed_forward"], grads["norm_2"] = _sublayer_backward(
            grad_out,
            feed_forward_step.compute_backward,
            (trace.feed_forward, trace.skip_2, trace.norm_2),
            (params["feed_forward"], params["norm_2"]),
            norm_first,
        )
    grad_x, grads["attention"], grads["norm_1"] = _sublayer_backward(
        grad_out,
        multi_head_attention.compute_backward,
        (trace.attention, trace.skip_1, trace.norm_1),
        (params["attention"], params["norm_1"]),
        norm_first,
    )
    return grad_x, grads
