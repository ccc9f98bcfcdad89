"""Batch norm: each feature gets mean 0 and variance 1 over all words that are computed together.

    out = (x - mean) / √(variance + ε) · γ + β      mean and variance of a feature, over all words

What layer norm does to the rows of the table of all words, batch norm does to its columns. So it is
the layer norm of that table turned on its side, and nothing is computed a second way here.
`compute` and `compute_backward` make a block of it, for model.gradients(design, batch_norm).
Source: Ioffe & Szegedy, "Batch Normalization" (2015), algorithms 1 and 2.
"""

from typing import NamedTuple

import numpy as np

from helpers import encoder_block, layer_norm

EPS = 1e-5
PLAIN = {"gamma": 1, "beta": 0}  # changes nothing: a feature has its own γ and β


class BatchNormTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)    what came in
    words: np.ndarray  # (..., seq_len)         True where a word stands, False for padding
    turned: layer_norm.LayerNormTrace  # of (d_model, n_words): a row for each feature
    out: np.ndarray  # (..., seq_len, d_model)  zeros where no word stands


class BlockTrace(NamedTuple):
    """Attention with its skip, and then batch norm in the place of layer norm."""

    attention: encoder_block.PostNormTrace  # without norm and without feed-forward network
    norm: BatchNormTrace | None  # None where kept statistics were used
    out: np.ndarray  # (..., seq_len, d_model)


def forward(x, params, words=None, eps=EPS):
    """Normalise every feature over all words of all sentences.

    x: (..., seq_len, d_model); params: those of layer_norm; words: bool, (..., seq_len), False
    where a short sentence was filled up, None for words everywhere: only words count.
    Returns a BatchNormTrace.
    Source: Ioffe & Szegedy (2015), algorithm 1.
    """
    if words is None:
        words = np.ones(x.shape[:-1], bool)
    turned = layer_norm.compute(x[words].T, PLAIN, eps)  # of (d_model, n_words)
    out = np.zeros_like(x)
    out[words] = turned.normalized.T * params["gamma"] + params["beta"]
    return BatchNormTrace(x, words, turned, out)


def backward(grad_out, trace, params):
    """Return grad_x and the gradients of gamma and beta for the loss's gradient at `out`.

    grad_out: (..., seq_len, d_model), as trace.out. The gradient of a word depends on all words,
    because all are part of the mean.
    Source: layer_norm.backward, on the turned table.
    """
    rows = grad_out[trace.words]  # (n_words, d_model)
    grad_table, _ = layer_norm.compute_backward((rows * params["gamma"]).T, trace.turned, PLAIN)
    grad_x = np.zeros_like(grad_out)
    grad_x[trace.words] = grad_table.T
    grads = {"gamma": (rows * trace.turned.normalized.T).sum(axis=0), "beta": rows.sum(axis=0)}
    return grad_x, grads


def compute(x, params, n_heads, mask, norm, skip, feed_forward, activation, eps):
    """Run attention with its skip, then batch norm: a block in the place of encoder_block's.

        out = batch_norm(x + attention(x))

    mask: (batch, 1, seq_len), True where a word stands, or None. Where norm_1 holds a kept "mean"
    and "variance" (algorithm 2), these are used: no word meets another any more. norm and
    feed_forward are not; the rest is as in encoder_block.
    """
    attention = encoder_block.compute(
        x, params, n_heads, mask, "none", skip, False, activation, eps
    )
    words = None if mask is None else mask[:, 0]  # (batch, seq_len)
    if "mean" in params["norm_1"]:
        kept, eps = params["norm_1"], attention.out.dtype.type(eps)
        scale = kept["gamma"] / np.sqrt(kept["variance"] + eps)  # (d_model,)
        return BlockTrace(attention, None, (attention.out - kept["mean"]) * scale + kept["beta"])
    norm = forward(attention.out, params["norm_1"], words, eps)
    return BlockTrace(attention, norm, norm.out)


def compute_backward(grad_out, trace, params):
    """Return grad_x and the gradients of the block's parameters, in reverse order of compute."""
    grad_out, grad_norm = backward(grad_out, trace.norm, params["norm_1"])
    grad_x, grads = encoder_block.compute_backward(grad_out, trace.attention, params)
    return grad_x, grads | {"norm_1": grad_norm}


def keep(layers, runs):
    """Return the layers with what training keeps: the mean of the statistics of several runs.

    layers: parameters, one dict per layer; runs: for each batch, its BlockTraces, one per layer.
    """
    kept = []
    for layer, blocks in zip(layers, zip(*runs, strict=True), strict=True):
        seen = [block.norm.turned for block in blocks]
        mean = np.mean([turned.mean[:, 0] for turned in seen], axis=0)  # (d_model,)
        variance = np.mean([turned.variance[:, 0] for turned in seen], axis=0)  # (d_model,)
        kept.append(layer | {"norm_1": layer["norm_1"] | {"mean": mean, "variance": variance}})
    return kept
