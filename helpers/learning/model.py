"""A small encoder that can be trained: embedding, positions, blocks, read-out.

    x = embedding[tokens] (+ positions)      x = block_N(… block_1(x))      logits = x W_out + b_out

The blocks are those of the lessons: encoder_block, stacked. Nothing is computed a second way here.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks, encoder_block, feed_forward, layer_norm, positional_encoding, stack
from helpers.learning.adam import map_arrays
from helpers.linear import glorot, linear, linear_backward

EPS = 1e-5


class Design(NamedTuple):
    """What a model is made of; every part of the block can be switched off."""

    vocab_size: int
    n_outputs: int
    d_model: int = 32
    n_heads: int = 4
    d_ff: int = 64
    n_layers: int = 1
    norm: str = "post"  # "post" (2017), "pre" (with one more norm at the end) or "none"
    skip: bool = True
    feed_forward: bool = True
    activation: str = "relu"
    positions: bool = True


class ModelTrace(NamedTuple):
    tokens: np.ndarray  # (batch, seq_len)             which words came in
    embedded: np.ndarray  # (batch, seq_len, d_model)  their vectors
    positions: positional_encoding.PositionalEncodingTrace | None
    blocks: list  # one encoder block trace per layer
    last_norm: layer_norm.LayerNormTrace | None  # pre-norm only
    encoded: np.ndarray  # (batch, seq_len, d_model)   what the blocks made of them
    out: np.ndarray  # (batch, seq_len, n_outputs)     logits: one score an answer


def init(design, rng, embedding_scale=0.5, dtype=np.float32):
    """Draw all parameters: {"embedding", "layers", "last_norm", "W_out", "b_out"}.

        embedding ~ normal(0, embedding_scale²)

    dtype: float32 trains twice as fast as float64, and as well. n_layers may be 0: then the
    read-out sees the embedding. Raises ValueError or TypeError as the parts do, and for an unknown
    norm or activation, and if a switch is not a bool.
    Source: linear.glorot for all other matrices.
    """
    checks.require_type(design, Design, "design", "a Design")
    checks.require_choice(design.norm, "norm", encoder_block.NORMS)
    checks.require_choice(design.activation, "activation", feed_forward.ACTIVATIONS)
    for switch in ("skip", "feed_forward", "positions"):
        checks.require_flag(getattr(design, switch), switch)
    checks.require_generator(rng)
    embedding_scale = checks.require_number(embedding_scale, "embedding_scale", minimum=0)
    for size, minimum in {"vocab_size": 1, "n_outputs": 1, "d_model": 1, "n_layers": 0}.items():
        checks.require_size(getattr(design, size), size, minimum)
    vocab_size, n_outputs, d_model, n_heads, d_ff, n_layers, *_ = design
    params = {
        "embedding": rng.normal(0, embedding_scale, (vocab_size, d_model)),
        "layers": stack.init(n_layers, d_model, n_heads, d_ff, rng) if n_layers else [],
        "last_norm": layer_norm.init(d_model),
        "W_out": glorot(d_model, n_outputs, rng),
        "b_out": np.zeros(n_outputs),
    }
    return map_arrays(lambda array: array.astype(dtype), params)


def forward(tokens, params, design, mask=None):
    """Run the model on a batch of sentences.

    tokens: (batch, seq_len) whole numbers below vocab_size; mask: as in encoder_block, or a list
    with one for each layer. Returns a ModelTrace; out is (batch, seq_len, n_outputs).
    Weights that are not finite are refused with a ValueError: a training has blown up.
    Source: Vaswani et al., "Attention Is All You Need" (2017), figure 1, left half.
    """
    map_arrays(checks.require_array, params)
    return compute(tokens, params, design, mask)


def compute(tokens, params, design, mask=None, block=encoder_block):
    """Do what forward does, with weights that are known to be finite.

    block: what a layer is, a module with compute and compute_backward like encoder_block's.
    """
    x = embedded = params["embedding"][tokens]  # (batch, seq_len, d_model)
    positions = last_norm = None
    if design.positions:
        positions = positional_encoding.forward(x)
        x = positions.out
    blocks = []
    for layer, own_mask in zip(params["layers"], stack.masks(mask, params["layers"]), strict=True):
        switches = design.norm, design.skip, design.feed_forward, design.activation
        blocks.append(block.compute(x, layer, design.n_heads, own_mask, *switches, EPS))
        x = blocks[-1].out
    if design.norm == "pre":
        last_norm = layer_norm.compute(x, params["last_norm"], EPS)
        x = last_norm.out
    out = linear(x, params["W_out"], params["b_out"])  # (batch, seq_len, n_outputs)
    return ModelTrace(tokens, embedded, positions, blocks, last_norm, x, out)


def compute_backward(grad_out, trace, params, block=encoder_block):
    """Return the gradients of all parameters, in the form of params.

    grad_out: (batch, seq_len, n_outputs), as trace.out.
    Source: the parts' own backwards, in reverse order.
    """
    grad_x, grad_W_out, grad_b_out = linear_backward(grad_out, trace.encoded, params["W_out"])
    grad_norm = map_arrays(np.zeros_like, params["last_norm"])
    if trace.last_norm is not None:
        grad_x, grad_norm = layer_norm.compute_backward(
            grad_x, trace.last_norm, params["last_norm"]
        )
    grad_layers = []
    for own_trace, layer in zip(reversed(trace.blocks), reversed(params["layers"]), strict=True):
        grad_x, grad_layer = block.compute_backward(grad_x, own_trace, layer)
        grad_layers.insert(0, grad_layer)
    # A position code is added and not learned: its gradient goes nowhere, the words' goes on.
    # Each word of the vocabulary gathers the gradients of all places where it stood.
    stands = np.equal.outer(np.arange(len(params["embedding"])), trace.tokens.ravel())
    grad_embedding = stands.astype(grad_x.dtype) @ grad_x.reshape(-1, grad_x.shape[-1])
    return {
        "embedding": grad_embedding, "layers": grad_layers, "last_norm": grad_norm,
        "W_out": grad_W_out, "b_out": grad_b_out,
    }  # fmt: skip


def cross_entropy(logits, targets, counted=None):
    """Return the loss, its gradient with respect to the logits, and the share of right answers.

        loss = - Σ counted · ln softmax(logits)[target] / Σ counted

    logits: (..., n_outputs), targets: (...,) whole numbers, counted: (...,) 1 where an answer is
    asked for, 0 elsewhere; None counts all. Returns (float, array like logits, float).
    Source: Goodfellow et al., "Deep Learning" (2016), section 6.2.2.
    """
    rows = logits.reshape(-1, logits.shape[-1])  # (answers, n_outputs)
    counted = np.ones(len(rows)) if counted is None else np.ravel(counted).astype(float)
    shifted = rows - rows.max(axis=-1, keepdims=True)
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=-1)  # (answers,)
    answers = np.arange(len(rows))
    chosen = np.ravel(targets)
    share = counted / counted.sum()  # (answers,), float64: shares of right answers sum to 1
    loss = share @ (np.log(totals) - shifted[answers, chosen])
    right = share @ (rows.argmax(axis=-1) == chosen)
    gradient = exponentials / totals[:, None]
    gradient[answers, chosen] -= 1
    gradient *= share[:, None].astype(logits.dtype)
    return float(loss), gradient.reshape(logits.shape), float(right)


def answers(logits, targets):
    """Return the logits in the form of the targets: several answers per word stand side by side.

    logits: (batch, seq_len, n_answers · n_choices), targets: (batch, seq_len) for one answer a
    word, or (batch, seq_len, n_answers). Returns (*targets.shape, n_choices).
    """
    return logits.reshape(*np.shape(targets), -1)


def gradients(design, block=encoder_block):
    """Return the function that training calls: (params, batch) → loss, accuracy, grads.

    A batch has tokens, targets, counted and mask; it is taken as checked. block: as in compute.
    """

    def run(params, batch):
        trace = compute(batch.tokens, params, design, batch.mask, block)
        logits = answers(trace.out, batch.targets)
        loss, grad, accuracy = cross_entropy(logits, batch.targets, batch.counted)
        grads = compute_backward(grad.reshape(trace.out.shape), trace, params, block)
        return loss, accuracy, grads

    return run


def accuracy(design, params, batch):
    """Return the share of right answers on a batch."""
    trace = forward(batch.tokens, params, design, batch.mask)
    return cross_entropy(answers(trace.out, batch.targets), batch.targets, batch.counted)[2]


def without_head(params, layer, head, n_heads):
    """Return the parameters with the rows of W_o that read one head's slice set to zero."""
    layers = list(params["layers"])
    attention = layers[layer]["attention"]
    W_o = attention["W_o"].copy()  # (d_model, d_model)
    d_head = len(W_o) // n_heads
    W_o[head * d_head : (head + 1) * d_head] = 0
    layers[layer] = layers[layer] | {"attention": attention | {"W_o": W_o}}
    return params | {"layers": layers}
