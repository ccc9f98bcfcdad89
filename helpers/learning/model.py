"""A small encoder that can be trained: embedding, positions, blocks, read-out.

    x = embedding[tokens] (+ positions)      x = block_N(… block_1(x))      logits = x W_out + b_out

The blocks are those of the lessons: encoder_block, stacked. Nothing is computed a second way here.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks, encoder_block, feed_forward, layer_norm, positional_encoding, stack
from helpers.linear import linear, linear_backward

EPS = 1e-5

PARTS = ("embedding", "layers", "last_norm", "W_out", "b_out")


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

        embedding ~ normal(0, embedding_scale²)      W_out ~ uniform(-a, a), a = √(6 / (in + out))

    dtype: float32 trains twice as fast as float64, and as well. n_layers may be 0: then the
    read-out sees the embedding. Raises ValueError or TypeError as the parts do, and for an unknown
    norm or activation, and if a switch is not a bool.
    Source: Glorot & Bengio (2010) for all matrices.
    """
    checks.require_record(design, Design, "design", "a Design")
    checks.require_choice(design.norm, "norm", encoder_block.NORMS)
    checks.require_choice(design.activation, "activation", feed_forward.ACTIVATIONS)
    for switch in ("skip", "feed_forward", "positions"):
        checks.require_flag(getattr(design, switch), switch)
    checks.require_generator(rng)
    embedding_scale = checks.require_number(embedding_scale, "embedding_scale", minimum=0)
    vocab_size = checks.require_size(design.vocab_size, "vocab_size")
    n_outputs = checks.require_size(design.n_outputs, "n_outputs")
    d_model = checks.require_size(design.d_model, "d_model")
    n_layers = checks.require_size(design.n_layers, "n_layers", 0)
    limit = (6 / (d_model + n_outputs)) ** 0.5
    params = {
        "embedding": rng.normal(0, embedding_scale, (vocab_size, d_model)),
        "layers": (
            stack.init(n_layers, d_model, design.n_heads, design.d_ff, rng) if n_layers else []
        ),
        "last_norm": layer_norm.init(d_model),
        "W_out": rng.uniform(-limit, limit, (d_model, n_outputs)),
        "b_out": np.zeros(n_outputs),
    }
    return map_arrays(lambda array: array.astype(dtype), params)


def map_arrays(function, tree):
    """Return the same nest of dicts and lists with the function applied to each array in it."""
    if isinstance(tree, dict):
        return {name: map_arrays(function, part) for name, part in tree.items()}
    if isinstance(tree, list):
        return [map_arrays(function, part) for part in tree]
    return function(tree)


def forward(tokens, params, design, mask=None):
    """Run the model on a batch of sentences.

    tokens: (batch, seq_len) whole numbers below vocab_size; mask: as in encoder_block, or a list
    with one for each layer. Returns a ModelTrace; out is (batch, seq_len, n_outputs).
    Raises ValueError for tokens outside the vocabulary, parameters that are not finite or not those
    of the design, and a mask that does not fit; TypeError for what is of the wrong kind.
    Source: Vaswani et al., "Attention Is All You Need" (2017), figure 1, left half.
    """
    checks.require_record(design, Design, "design", "a Design")
    checks.require_members(params, PARTS)
    if len(params["layers"]) != design.n_layers:
        raise ValueError(
            f"params hold {len(params['layers'])} layers; expected n_layers={design.n_layers}"
        )
    map_arrays(checks.require_array, params)
    vocab_size = len(params["embedding"])
    tokens = checks.to_array(tokens, "tokens")
    if tokens.ndim != 2 or tokens.dtype.kind not in "iu" or tokens.size == 0:
        raise ValueError(
            f"tokens are {tokens.dtype} {tokens.shape}; expected whole numbers (batch, seq_len)"
        )
    if tokens.min() < 0 or tokens.max() >= vocab_size:
        raise ValueError(
            f"tokens reach from {tokens.min()} to {tokens.max()}; expected 0 to {vocab_size - 1}"
        )
    square = (*tokens.shape, tokens.shape[-1])
    checked = [
        None if own_mask is None else checks.require_mask(own_mask, square)
        for own_mask in stack.masks(mask, params["layers"])
    ]
    return compute(tokens, params, design, checked)


def compute(tokens, params, design, mask=None, block=encoder_block):
    """Do what forward does; the caller has checked what comes in.

    block: what a layer is, a module with compute and compute_backward like encoder_block's.
    """
    x = embedded = params["embedding"][tokens]  # (batch, seq_len, d_model)
    positions = last_norm = None
    if design.positions:
        positions = positional_encoding.forward(x)
        x = positions.out
    blocks = []
    for layer, own_mask in zip(params["layers"], stack.masks(mask, params["layers"]), strict=True):
        blocks.append(
            block.compute(
                x, layer, design.n_heads, own_mask, design.norm, design.skip,
                design.feed_forward, design.activation, EPS,
            )
        )  # fmt: skip
        x = blocks[-1].out
    if design.norm == "pre":
        last_norm = layer_norm.compute(x, params["last_norm"], EPS)
        x = last_norm.out
    out = linear(x, params["W_out"], params["b_out"])  # (batch, seq_len, n_outputs)
    return ModelTrace(tokens, embedded, positions, blocks, last_norm, x, out)


def backward(grad_out, trace, params):
    """Return the gradients of all parameters, and that of the embedded words.

    grad_out: (batch, seq_len, n_outputs), as trace.out. Returns (grad_embedded, grads): grads has
    the form of params. Raises ValueError or TypeError for a gradient or a trace that does not fit.
    Source: the parts' own backwards, in reverse order.
    """
    checks.require_record(trace, ModelTrace)
    grad_out = checks.require_like(grad_out, trace.out.shape, "grad_out", trace.out.dtype)
    checks.require_members(params, PARTS)
    return compute_backward(grad_out, trace, params)


def compute_backward(grad_out, trace, params, block=encoder_block):
    """Do what backward does; the caller has checked what comes in."""
    grad_x, grad_W_out, grad_b_out = linear_backward(grad_out, trace.encoded, params["W_out"])
    grad_norm = {name: np.zeros_like(value) for name, value in params["last_norm"].items()}
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
    grads = {
        "embedding": grad_embedding,
        "layers": grad_layers,
        "last_norm": grad_norm,
        "W_out": grad_W_out,
        "b_out": grad_b_out,
    }
    return grad_x, grads


def cross_entropy(logits, targets, counted=None):
    """Return the loss, its gradient with respect to the logits, and the share of right answers.

        loss = - Σ counted · ln softmax(logits)[target] / Σ counted

    logits: (..., n_outputs), targets: (...,) whole numbers, counted: (...,) 1 where an answer is
    asked for, 0 elsewhere; None counts all. Returns (float, array like logits, float).
    Raises ValueError for shapes that do not fit, for a target outside of the outputs, or if nothing
    is counted; TypeError for anything but numbers.
    Source: Goodfellow et al., "Deep Learning" (2016), section 6.2.2.
    """
    logits, targets = checks.require_axes(logits, "logits", 1), checks.to_array(targets, "targets")
    if logits.dtype.kind != "f":
        raise TypeError(f"logits hold {logits.dtype}; expected floats")
    n_outputs = logits.shape[-1]
    if targets.shape != logits.shape[:-1]:
        raise ValueError(f"targets have shape {targets.shape}; expected {logits.shape[:-1]}")
    if targets.dtype.kind not in "iu" or targets.min() < 0 or targets.max() >= n_outputs:
        raise ValueError(
            f"targets reach from {targets.min()} to {targets.max()}, {targets.dtype}; "
            f"expected whole numbers from 0 to {n_outputs - 1}"
        )
    counted = np.ones(targets.shape) if counted is None else checks.to_array(counted, "counted")
    if counted.dtype == bool:
        counted = counted.astype(float)
    counted = checks.require_like(counted, targets.shape, "counted", float).ravel()
    if not counted.sum() > 0:
        raise ValueError("counted is zero everywhere; expected at least one answer to count")
    rows = logits.reshape(-1, n_outputs)  # (answers, n_outputs)
    shifted = rows - rows.max(axis=-1, keepdims=True)
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=-1)  # (answers,)
    answers = np.arange(len(rows))
    chosen = targets.ravel()
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
        _, grads = compute_backward(grad.reshape(trace.out.shape), trace, params, block)
        return loss, accuracy, grads

    return run


def accuracy(design, params, batch):
    """Return the share of right answers on a batch; raises as forward and cross_entropy do."""
    if not all(hasattr(batch, name) for name in ("tokens", "targets", "counted", "mask")):
        raise TypeError(f"{checks.of_type(batch, 'batch')}; expected a training.Batch")
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
