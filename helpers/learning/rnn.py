"""Recurrent networks: they read one word after the other, and carry a state along.

The plain network has init, forward and backward like the steps; the LSTM, which guards its state
with gates, has a forward alone. Both wait at each word for the word before it.
Source: Elman, "Finding Structure in Time" (1990); Hochreiter & Schmidhuber, "Long Short-Term
Memory" (1997), with the forget gate of Gers et al. (2000).
"""

from typing import NamedTuple

import numpy as np

from helpers import checks

PARAMETER_SHAPES = {
    "W_x": ("d_model", "d_state"),
    "W_h": ("d_state", "d_state"),
    "b_h": ("d_state",),
}
LSTM_SHAPES = {"W_x": ("d_model", "gates"), "W_h": ("d_state", "gates"), "b_h": ("gates",)}


class RnnTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)           what came in
    states: np.ndarray  # (..., seq_len + 1, d_model)  before each word, and after the last
    out: np.ndarray  # (..., seq_len, d_model)         the state after each word


class LstmTrace(NamedTuple):
    x: np.ndarray  # (..., seq_len, d_model)          what came in
    cells: np.ndarray  # (..., seq_len + 1, d_model)  the guarded memory, from zero on
    out: np.ndarray  # (..., seq_len, d_model)        what each step shows of its memory


def init(d_model, rng, orthogonal=False):
    """Draw W_x, W_h (d_model, d_model) and set b_h (d_model,) to zero.

    orthogonal=True makes W_h a random rotation or reflection, which keeps a state's length.
    Raises TypeError or ValueError if the size is not a positive integer.
    Source: linear.glorot; Saxe et al. (2014) for the orthogonal start.
    """
    params = _draw(d_model, 1, rng)
    if checks.require_flag(orthogonal, "orthogonal"):
        params["W_h"] = np.linalg.qr(rng.standard_normal((d_model, d_model)))[0]
    return params


def _draw(d_model, n_blocks, rng):
    """Draw W_x, W_h (d_model, n_blocks · d_model), each block as linear.glorot; b_h is zero."""
    d_model = checks.require_size(d_model, "d_model")
    checks.require_generator(rng)
    limit = (6 / (d_model + d_model)) ** 0.5
    W_x, W_h = rng.uniform(-limit, limit, (2, d_model, n_blocks * d_model))
    return {"W_x": W_x, "W_h": W_h, "b_h": np.zeros(n_blocks * d_model)}


def forward(x, params):
    """Read a sentence word by word: seq_len steps, each of which needs the one before.

        state_t = tanh(x_t W_x + state_{t-1} W_h + b_h)      state_0 = 0

    x: (..., seq_len, d_model). Returns an RnnTrace; out has the shape of x.
    Raises ValueError for unfit shapes and empty or non-finite input, TypeError for non-numbers.
    Source: Elman (1990).
    """
    x, params = checks.require_input(x, params, PARAMETER_SHAPES)
    driven = x @ params["W_x"] + params["b_h"]  # (..., seq_len, d_model): all words at once
    states = _before_the_first(driven)  # (..., seq_len + 1, d_model)
    for t in range(x.shape[-2]):  # ... but the states one after the other
        states[..., t + 1, :] = np.tanh(driven[..., t, :] + states[..., t, :] @ params["W_h"])
    return RnnTrace(x, states, states[..., 1:, :])


def backward(grad_out, trace, params):
    """Return grad_x and the parameters' gradients for the loss's gradient at `out`.

        grad_driven_t = grad_state_t · (1 - state_t²)
        grad_state_{t-1} = grad_out_{t-1} + grad_driven_t W_hᵀ

    Walks from the last word to the first: one factor W_h · (1 - state²) for each word between.
    grad_out: (..., seq_len, d_model), as trace.out; grads has the keys of params.
    Raises ValueError or TypeError for a gradient, trace or parameters that do not fit.
    Source: Werbos, "Backpropagation Through Time" (1990).
    """
    grad_out = checks.require_gradient(grad_out, trace, RnnTrace)
    _, params = checks.require_input(trace.x, params, PARAMETER_SHAPES)

    grad_driven = np.empty_like(grad_out)  # (..., seq_len, d_model)
    grad_carried = np.zeros_like(grad_out[..., 0, :])  # (..., d_model): from the later words
    for t in reversed(range(trace.x.shape[-2])):
        grad_state = grad_out[..., t, :] + grad_carried
        grad_driven[..., t, :] = grad_state * (1 - np.square(trace.out[..., t, :]))
        grad_carried = grad_driven[..., t, :] @ params["W_h"].T

    grad_rows = grad_driven.reshape(-1, grad_driven.shape[-1])  # (all words, d_model)
    before = trace.states[..., :-1, :].reshape(grad_rows.shape)  # (all words, d_model)
    words = trace.x.reshape(-1, trace.x.shape[-1])  # (all words, d_model)
    grads = {"W_x": words.T @ grad_rows, "W_h": before.T @ grad_rows, "b_h": grad_rows.sum(axis=0)}
    return grad_driven @ params["W_x"].T, grads


def lstm_init(d_model, rng):
    """Draw W_x, W_h (d_model, 4 · d_model) and set b_h (4 · d_model,) to zero.

    The four blocks of columns: what to let in, what to keep, what to show, what to propose.
    Raises TypeError or ValueError if the size is not a positive integer.
    Source: linear.glorot, for each block.
    """
    return _draw(d_model, 4, rng)


def lstm_forward(x, params):
    """Read a sentence word by word with an LSTM.

        enter, keep, show = sigmoid of their blocks      proposal = tanh of the last block
        cell_t = keep · cell_{t-1} + enter · proposal    out_t = show · tanh(cell_t)

    the blocks being those of x_t W_x + out_{t-1} W_h + b_h. x: (..., seq_len, d_model).
    Returns an LstmTrace; out has the shape of x.
    Raises ValueError for unfit shapes and empty or non-finite input, TypeError for non-numbers.
    Source: Hochreiter & Schmidhuber (1997); Gers et al. (2000).
    """
    x, params = checks.require_input(x, params, LSTM_SHAPES)
    d_model = x.shape[-1]
    checks.require_like(params["W_h"], (d_model, 4 * d_model), "params['W_h']")

    driven = x @ params["W_x"] + params["b_h"]  # (..., seq_len, 4 · d_model)
    cells = _before_the_first(x)  # (..., seq_len + 1, d_model)
    shown = np.zeros_like(cells)  # (..., seq_len + 1, d_model)
    for t in range(x.shape[-2]):
        blocks = driven[..., t, :] + shown[..., t, :] @ params["W_h"]  # (..., 4 · d_model)
        # sigmoid(h) = (1 + tanh(h / 2)) / 2, which cannot overflow
        gates = 0.5 + 0.5 * np.tanh(0.5 * blocks[..., : 3 * d_model])
        enter, keep, show = np.split(gates, 3, axis=-1)  # each (..., d_model)
        proposal = np.tanh(blocks[..., 3 * d_model :])  # (..., d_model)
        cells[..., t + 1, :] = keep * cells[..., t, :] + enter * proposal
        shown[..., t + 1, :] = show * np.tanh(cells[..., t + 1, :])
    return LstmTrace(x, cells, shown[..., 1:, :])


def _before_the_first(values):
    """Return zeros with one more row than `values`: row 0 is the state before the first word."""
    return np.zeros((*values.shape[:-2], values.shape[-2] + 1, values.shape[-1]), values.dtype)
