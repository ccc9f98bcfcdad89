"""The recurrent networks: their formulas number by number, the gradients, and that they walk."""

import math

import numpy as np
import pytest
from by_hand import random_numbers

from helpers.learning import gradient_check, rnn

D_MODEL = 3
both = pytest.mark.parametrize(
    ("forward", "start"), [(rnn.forward, rnn.init), (rnn.lstm_forward, rnn.lstm_init)]
)


def random_params(rng, d_model=D_MODEL, start=rnn.init):
    return random_numbers(start(d_model, rng), rng)


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


def lstm_by_hand(sentence, params):
    """Return the LSTM's outputs for one sentence, number by number."""
    d_model = sentence.shape[1]
    cell, shown, out = [0.0] * d_model, [0.0] * d_model, []
    for word in sentence:
        blocks = [
            sum(
                word[i] * params["W_x"][i, j] + shown[i] * params["W_h"][i, j]
                for i in range(d_model)
            )
            + params["b_h"][j]
            for j in range(4 * d_model)
        ]
        for i in range(d_model):
            enter, keep, show = (sigmoid(blocks[i + gate * d_model]) for gate in range(3))
            cell[i] = keep * cell[i] + enter * math.tanh(blocks[i + 3 * d_model])
            shown[i] = show * math.tanh(cell[i])
        out.append(list(shown))
    return np.array(out)


@pytest.mark.parametrize("shape", [(4, D_MODEL), (2, 4, D_MODEL), (2, 1, 4, D_MODEL)])
def test_each_state_comes_from_its_word_and_the_state_before(rng, shape):
    x, params = rng.standard_normal(shape), random_params(rng)
    trace = rnn.forward(x, params)
    for index in np.ndindex(shape[:-2]):
        state = np.zeros(D_MODEL)
        np.testing.assert_array_equal(trace.states[index][0], state)
        for t in range(shape[-2]):
            state = np.tanh(x[index][t] @ params["W_x"] + state @ params["W_h"] + params["b_h"])
            np.testing.assert_allclose(trace.out[index][t], state, atol=1e-14)
            np.testing.assert_allclose(trace.states[index][t + 1], state, atol=1e-14)


@pytest.mark.parametrize("shape", [(4, D_MODEL), (2, 4, D_MODEL)])
def test_the_lstm_is_its_formula(rng, shape):
    x, params = rng.standard_normal(shape), random_params(rng, start=rnn.lstm_init)
    trace = rnn.lstm_forward(x, params)
    assert trace.cells.shape == (*shape[:-2], shape[-2] + 1, D_MODEL)
    for index in np.ndindex(shape[:-2]):
        np.testing.assert_allclose(trace.out[index], lstm_by_hand(x[index], params), atol=1e-14)


def test_large_numbers_saturate_the_gates_without_a_warning(rng):
    params = random_params(rng, start=rnn.lstm_init)
    out = rnn.lstm_forward(np.full((3, D_MODEL), 1e300), params).out
    assert np.abs(out).max() <= 1


@pytest.mark.parametrize("shape", [(5, D_MODEL), (2, 4, D_MODEL), (2, 1, 3, D_MODEL), (1, D_MODEL)])
def test_gradients(rng, shape):
    x, params = rng.standard_normal(shape), random_params(rng)
    errors = gradient_check.check(rnn, x, params, rng)
    assert set(errors) == {"x", "W_x", "W_h", "b_h"}
    assert max(errors.values()) <= 1e-7, errors


def test_an_orthogonal_start_keeps_a_states_length(rng):
    W_h = rnn.init(6, rng, orthogonal=True)["W_h"]
    np.testing.assert_allclose(W_h @ W_h.T, np.eye(6), atol=1e-14)
    other = rnn.init(6, rng)["W_h"]
    assert np.abs(other @ other.T - np.eye(6)).max() > 0.1


@pytest.mark.parametrize("start", [rnn.init, rnn.lstm_init])
def test_init_draws_within_its_limit_from_the_generator(start):
    params, again = (start(20, np.random.default_rng(0)) for _ in range(2))
    limit = math.sqrt(6 / 40)
    for name in ("W_x", "W_h"):
        np.testing.assert_array_equal(params[name], again[name])
        assert 0.9 * limit < np.abs(params[name]).max() <= limit
    assert not params["b_h"].any()
    assert np.abs(params["W_x"] - params["W_h"]).max() > 0.1


@both
def test_float32_stays_float32(rng, forward, start):
    x = rng.standard_normal((2, 4, D_MODEL)).astype(np.float32)
    params = random_params(rng, start=start)
    trace = forward(x, params)
    assert {part.dtype for part in trace} == {np.dtype(np.float32)}
    if forward is rnn.forward:
        upstream = np.ones_like(x)
        grad_x, grads = rnn.backward(upstream, trace, params)
        assert {grad_x.dtype, *(grad.dtype for grad in grads.values())} == {np.dtype(np.float32)}
        np.testing.assert_array_equal(upstream, 1)


def test_an_lstm_wants_four_blocks_and_words_as_wide_as_its_matrices(rng):
    with pytest.raises(ValueError, match=r"params\['W_h'\] has shape \(3, 3\); expected \(3, 12\)"):
        rnn.lstm_forward(np.ones((4, D_MODEL)), random_params(rng))
    with pytest.raises(ValueError, match=r"x has shape \(4, 2\); expected \(\.\.\., seq_len, 3\)"):
        rnn.lstm_forward(np.ones((4, 2)), random_params(rng, start=rnn.lstm_init))
