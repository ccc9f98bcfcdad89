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


class PostNormTrace(NamedTuple):  # also of norm="none"; None for what is off
    x: np.ndarray  # (..., seq_len, d_model)  what came in
    attention: multi_head_attention.MultiHeadAttentionTrace
    skip_1: skip_connections.SkipConnectionTrace | None
    norm_1: layer_norm.LayerNormTrace | None
    feed_forward: feed_forward_step.FeedForwardTrace | None
    skip_2: skip_connections.SkipConnectionTrace | None
    norm_2: layer_norm.LayerNormTrace | None
    out: np.ndarray  # (..., seq_len, d_model)  the next block's input


class PreNormTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)  what came in
    norm_1: layer_norm.LayerNormTrace
    attention: multi_head_attention.MultiHeadAttentionTrace
    skip_1: skip_connections.SkipConnectionTrace | None
    norm_2: layer_norm.LayerNormTrace | None
    feed_forward: feed_forward_step.FeedForwardTrace | None
    skip_2: skip_connections.SkipConnectionTrace | None
    out: np.ndarray  # (..., seq_len, d_model)  the next block's input


def init(d_model, n_heads, d_ff, rng):
    """Draw the parameters of all parts, each as its own init returns them.

    Raises ValueError if n_heads does not divide d_model, and as the parts do. Source: the parts'.
    """
    return {
        "attention": multi_head_attention.init(d_model, n_heads, rng),
        "norm_1": layer_norm.init(d_model),
        "feed_forward": feed_forward_step.init(d_model, d_ff, rng),
        "norm_2": layer_norm.init(d_model),
    }


def forward(
    x, params, n_heads, mask=None, norm="post", skip=True, feed_forward=True,
    activation="relu", eps=1e-5,
):  # fmt: skip
    """Send a sentence through one encoder block.

        post: norm(x + f(x))      pre: x + f(norm(x))      none: x + f(x)

    for f = attention, then for f = feed-forward; without skip, `x +` falls away.
    x: (..., seq_len, d_model); mask: bool, broadcasts to (..., seq_len, seq_len).
    norm: "post" (2017), "pre" or "none". skip, feed_forward: False leaves the part out.
    activation: "relu", "gelu" or "none"; eps: the ε of both norms.
    Returns a PostNormTrace or PreNormTrace that holds the traces of the steps; out is shaped as x.
    Raises ValueError or TypeError as the steps do, and for an unknown norm or a switch of no bool.
    Source: Vaswani et al. (2017), section 3.1; Xiong et al. (2020), figure 1.
    """
    x = checks.require_sequence(x)
    params = checks.require_parts(params, PARTS, x.dtype)
    checks.require_width(x, len(params["attention"]["W_q"]))
    checks.require_head_width(x.shape[-1], n_heads)
    mask = checks.require_mask(mask, (*x.shape[:-1], x.shape[-2]))
    checks.require_choice(norm, "norm", NORMS)
    checks.require_flag(skip, "skip")
    checks.require_flag(feed_forward, "feed_forward")
    checks.require_choice(activation, "activation", feed_forward_step.ACTIVATIONS)
    eps = checks.require_number(eps, "eps", minimum=0, dtype=x.dtype)
    with checks.quiet():
        trace = compute(x, params, n_heads, mask, norm, skip, feed_forward, activation, eps)
    return checks.require_in_range(trace)


def compute(x, params, n_heads, mask, norm, skip, feed_forward, activation, eps):
    """Do what forward does; the caller has checked what comes in."""

    def attend(words):
        return multi_head_attention.compute(words, params["attention"], n_heads, mask)

    def transform(words):
        return feed_forward_step.compute(words, params["feed_forward"], activation)

    def add_and_norm(x, step, norm_params):
        """Run one step with its skip and its norm; return the three traces and the result."""
        norm_trace = layer_norm.compute(x, norm_params, eps) if norm == "pre" else None
        step_trace = step(x if norm_trace is None else norm_trace.out)
        skip_trace = skip_connections.forward(x, step_trace.out) if skip else None
        out = (skip_trace or step_trace).out  # (..., seq_len, d_model)
        if norm == "post":
            norm_trace = layer_norm.compute(out, norm_params, eps)
            out = norm_trace.out
        return step_trace, skip_trace, norm_trace, out

    attention, skip_1, norm_1, out = add_and_norm(x, attend, params["norm_1"])
    network = skip_2 = norm_2 = None
    if feed_forward:
        network, skip_2, norm_2, out = add_and_norm(out, transform, params["norm_2"])
    if norm == "pre":
        return PreNormTrace(x, norm_1, attention, skip_1, norm_2, network, skip_2, out)
    return PostNormTrace(x, attention, skip_1, norm_1, network, skip_2, norm_2, out)


def backward(grad_out, trace, params):
    """Return grad_x and the gradients of all parts for the loss's gradient at `out`.

    grad_out: (..., seq_len, d_model), as trace.out; grads has the keys of params, part by part;
    a part that was switched off gets zeros. Raises ValueError or TypeError for a gradient,
    trace or parameters that do not fit. Source: the parts' own backwards, in reverse order.
    """
    grad_out = checks.require_gradient(grad_out, trace, PostNormTrace | PreNormTrace)
    checks.require_chain(trace)
    sizes = {"d_model": trace.x.shape[-1]}
    if trace.feed_forward is not None:
        sizes["d_ff"] = trace.feed_forward.hidden.shape[-1]
    params = checks.require_parts(params, PARTS, trace.x.dtype, **sizes)
    with checks.quiet():
        return checks.require_in_range(compute_backward(grad_out, trace, params), "the gradients")


def compute_backward(grad_out, trace, params):
    """Do what backward does; the caller has checked what comes in."""
    norm_first = isinstance(trace, PreNormTrace)
    grads = {
        part: {name: np.zeros_like(value) for name, value in values.items()}
        for part, values in params.items()
    }

    def add_and_norm_backward(grad_out, part, norm, skip_trace):
        """Walk one part, its skip and its norm in reverse; return the gradient at their input."""
        step, step_trace, norm_trace = PARTS[part], getattr(trace, part), getattr(trace, norm)
        if norm_trace is not None and not norm_first:
            grad_out, grads[norm] = layer_norm.compute_backward(grad_out, norm_trace, params[norm])
        grad_x, grads[part] = step.compute_backward(grad_out, step_trace, params[part])
        if norm_first:
            grad_x, grads[norm] = layer_norm.compute_backward(grad_x, norm_trace, params[norm])
        return grad_x if skip_trace is None else grad_x + grad_out  # a sum: the same to both parts

    if trace.feed_forward is not None:
        grad_out = add_and_norm_backward(grad_out, "feed_forward", "norm_2", trace.skip_2)
    return add_and_norm_backward(grad_out, "attention", "norm_1", trace.skip_1), grads
