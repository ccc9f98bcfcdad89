"""The steps give PyTorch's numbers, forward and backward (tests/golden/make_golden.py)."""

from pathlib import Path

import numpy as np
import pytest

import helpers
from helpers import encoder_block, layer_norm, multi_head_attention

FILE = Path(helpers.__file__).parent / "data" / "golden_encoder.npz"
with np.load(FILE, allow_pickle=False) as stored:
    GOLDEN = {key: stored[key] for key in stored.files}
CASES = [str(name) for name in GOLDEN["cases"]]
X, GRAD_OUT, N_HEADS = GOLDEN["x"], GOLDEN["grad_out"], int(GOLDEN["n_heads"])
MASKS = {"none": None, "padding": GOLDEN["masks/padding"], "causal": GOLDEN["masks/causal"]}


def stored_params(*parts):
    """Return the stored parameters: {part: {name: array}}."""
    found = {part: {} for part in parts}
    for key, value in GOLDEN.items():
        if key.startswith("params/") and key.split("/")[1] in parts:
            found[key.split("/")[1]][key.split("/")[2]] = value
    return found


def run(case):
    """Return what the course gives for a case: the trace, its weights, grad_x, grads."""
    kind, *words = case.split("-", 1)
    if kind == "attention":
        params = stored_params("attention")["attention"]
        trace = multi_head_attention.forward(X, params, N_HEADS, MASKS[words[0]])
        return trace.out, trace.weights, *multi_head_attention.backward(GRAD_OUT, trace, params)
    if kind == "layer_norm":
        params = stored_params("norm_1")["norm_1"]
        trace = layer_norm.forward(X, params, eps=float(words[0]))
        return trace.out, None, *layer_norm.backward(GRAD_OUT, trace, params)
    norm, activation, mask = case.split("-")
    params = stored_params("attention", "norm_1", "feed_forward", "norm_2")
    trace = encoder_block.forward(X, params, N_HEADS, MASKS[mask], norm=norm, activation=activation)
    weights = trace.attention.weights
    return trace.out, weights, *encoder_block.backward(GRAD_OUT, trace, params)


def flat(tree, prefix=""):
    if not isinstance(tree, dict):
        return {prefix: tree}
    return {k: v for name, part in tree.items() for k, v in flat(part, f"{prefix}/{name}").items()}


def test_the_file_holds_all_cases():
    blocks = [f"{n}-{a}-{m}" for n in ("post", "pre") for a in ("relu", "gelu") for m in MASKS]
    alone = [f"attention-{mask}" for mask in MASKS] + ["layer_norm-1e-05", "layer_norm-0.001"]
    assert CASES == blocks + alone
    assert len(CASES) == 17


@pytest.mark.parametrize("case", CASES)
def test_forward_and_backward_are_pytorchs(case):
    out, weights, grad_x, grads = run(case)
    found = {"/out": out, "/grad_x": grad_x} | flat(grads, "/grads")
    if weights is not None:
        found["/weights"] = weights
    expected = {
        key.removeprefix(case): value for key, value in GOLDEN.items() if key.startswith(f"{case}/")
    }
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key].shape == value.shape, key
        assert np.abs(found[key] - value).max() <= 1e-10, key


@pytest.mark.parametrize("case", CASES)
def test_no_stored_gradient_is_zero_but_that_of_b_k(case):
    # A key's bias shifts all scores of a row alike, and the softmax does not see it.
    gradients = {key: value for key, value in GOLDEN.items() if key.startswith(f"{case}/grad")}
    assert len(gradients) in (3, 9, 17)
    for key, value in gradients.items():
        assert (np.abs(value).max() < 1e-12) == key.endswith("/b_k"), key


def test_the_cases_differ_from_each_other():
    outs = [GOLDEN[f"{case}/out"] for case in CASES]
    for i, out in enumerate(outs):
        for other in outs[:i]:
            assert np.abs(out - other).max() > 1e-4


def test_the_file_is_small():
    assert FILE.stat().st_size <= 300_000
