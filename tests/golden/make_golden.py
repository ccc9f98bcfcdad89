"""Make helpers/data/golden_encoder.npz: what PyTorch says that each step gives.

Run by hand, where PyTorch is installed, from the project's root:

    PYTHONPATH=. python tests/golden/make_golden.py

The committed file was made with PyTorch 2.13.0 on a CPU. Everything is float64, in this course's
layout: a W multiplies from the right, W_q, W_k, W_v stand apart, a mask is True where a query may
look at a key. The keys, for the cases that are listed under "cases":

    x, grad_out                              (3, 5, 8): the input, the loss's gradient at out
    masks/padding (3, 1, 5), masks/causal (5, 5)
    params/attention/W_q … params/norm_2/beta             one set of parameters for all cases
    post-relu-padding/out, weights, grad_x                an encoder layer: norm-activation-mask
    post-relu-padding/grads/attention/W_q …
    attention-causal/out, weights, grad_x, grads/W_q …    multi-head attention alone: mask
    layer_norm-0.001/out, grad_x, grads/gamma …           layer norm with norm_1, alone: eps
"""

import functools
from pathlib import Path

import numpy as np
import torch

SEED, BATCH, SEQ_LEN, D_MODEL, N_HEADS, D_FF = 2017, 3, 5, 8, 2, 12
SIZES, OPTIONS = (D_MODEL, N_HEADS, D_FF), {"dropout": 0.0, "batch_first": True}
LENGTHS = (5, 3, 2)  # words in each sentence; what comes after is padding
MASKS = ("none", "padding", "causal")
FILE = Path(__file__).parents[2] / "helpers" / "data" / "golden_encoder.npz"


def perturb(module):
    """Make biases, γ and β non-trivial: at their start, 0 and 1 would hide a forgotten one."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.3 * torch.randn_like(parameter)


def attention_layout(named):
    """Cut in_proj into W_q, W_k, W_v and turn every W, which PyTorch multiplies transposed."""
    W_q, W_k, W_v = named["in_proj_weight"].chunk(3)
    b_q, b_k, b_v = named["in_proj_bias"].chunk(3)
    W_o, b_o = named["out_proj.weight"], named["out_proj.bias"]
    matrices = {"W_q": W_q.T, "W_k": W_k.T, "W_v": W_v.T, "W_o": W_o.T}
    return matrices | {"b_q": b_q, "b_k": b_k, "b_v": b_v, "b_o": b_o}


def norm_layout(named):
    return {"gamma": named["weight"], "beta": named["bias"]}


def block_layout(named):
    def part(prefix):
        return {name[len(prefix) :]: v for name, v in named.items() if name.startswith(prefix)}

    network = {f"W_{i}": named[f"linear{i}.weight"].T for i in (1, 2)}
    network |= {f"b_{i}": named[f"linear{i}.bias"] for i in (1, 2)}
    parts = {"attention": attention_layout(part("self_attn.")), "feed_forward": network}
    parts |= {f"norm_{i}": norm_layout(part(f"norm{i}.")) for i in (1, 2)}
    return {f"{part}/{name}": v for part, values in parts.items() for name, v in values.items()}


def values(module):
    return {name: p.detach() for name, p in module.named_parameters()}


def gradients(module):
    return {name: p.grad for name, p in module.named_parameters()}


def hidden(mask, padding_name, causal_name):
    """Return PyTorch's way to say the mask: True where a key is hidden."""
    if mask == "padding":
        return {padding_name: ~torch.from_numpy(masks["padding"][:, 0, :])}
    return {causal_name: ~torch.from_numpy(masks["causal"])} if mask == "causal" else {}


def run(name, module, layout, forward):
    """Run forward and backward of one case and keep out, grad_x and every gradient."""
    module.zero_grad()
    words = x.clone().requires_grad_()
    out = forward(words)
    out.backward(grad_out)
    golden[f"{name}/out"], golden[f"{name}/grad_x"] = out.detach(), words.grad
    for key, gradient in layout(gradients(module)).items():
        golden[f"{name}/grads/{key}"] = gradient
    cases.append(name)


torch.manual_seed(SEED)
torch.set_default_dtype(torch.float64)
masks = {
    "padding": np.arange(SEQ_LEN) < np.array(LENGTHS)[:, None, None],
    "causal": np.tri(SEQ_LEN, dtype=bool),
}
x, grad_out = torch.randn(2, BATCH, SEQ_LEN, D_MODEL)
cases, golden = [], {"x": x, "grad_out": grad_out}
golden |= {f"masks/{name}": mask for name, mask in masks.items()}

start = torch.nn.TransformerEncoderLayer(*SIZES, **OPTIONS)
perturb(start)
golden |= {f"params/{key}": value for key, value in block_layout(values(start)).items()}

for norm in ("post", "pre"):
    for activation in ("relu", "gelu"):
        choices = {"activation": activation, "norm_first": norm == "pre"}
        layer = torch.nn.TransformerEncoderLayer(*SIZES, **OPTIONS, **choices)
        layer.load_state_dict(start.state_dict())
        layer.train()  # the readable path; PyTorch's fused fast path serves inference alone
        for mask in MASKS:
            name = f"{norm}-{activation}-{mask}"
            hide = hidden(mask, "src_key_padding_mask", "src_mask")
            run(name, layer, block_layout, functools.partial(layer, **hide))
            seen = layer.norm1(x) if norm == "pre" else x  # what the layer's attention sees
            hide = hidden(mask, "key_padding_mask", "attn_mask")
            weights = layer.self_attn(seen, seen, seen, average_attn_weights=False, **hide)[1]
            golden[f"{name}/weights"] = weights.detach()

attention = torch.nn.MultiheadAttention(D_MODEL, N_HEADS, **OPTIONS)
attention.load_state_dict(start.self_attn.state_dict())
for mask in MASKS:
    name, hide = f"attention-{mask}", hidden(mask, "key_padding_mask", "attn_mask")

    def attend(words, name=name, hide=hide):
        out, weights = attention(words, words, words, average_attn_weights=False, **hide)
        golden[f"{name}/weights"] = weights.detach()
        return out

    run(name, attention, attention_layout, attend)

for eps in (1e-5, 1e-3):
    norm = torch.nn.LayerNorm(D_MODEL, eps=eps)
    norm.load_state_dict(start.norm1.state_dict())
    run(f"layer_norm-{eps}", norm, norm_layout, norm)

FILE.parent.mkdir(exist_ok=True)
np.savez_compressed(
    FILE,
    cases=np.array(cases),
    n_heads=N_HEADS,
    torch_version=str(torch.__version__),
    **{key: np.asarray(value) for key, value in golden.items()},
)
print(f"{len(cases)} cases, {FILE.stat().st_size} bytes, PyTorch {torch.__version__}")
