"""Encoder blocks on top of each other: each block's output is the next block's input.

    x_0 = x      x_{l+1} = block_l(x_l)

Only encoder_block computes here; a stack adds the loop, and keeps what every block did.
Pre-norm stacks want one more norm after the last block (layer_norm.forward), which is not part
of the stack: so each layer's output can be read as it is.
"""

from helpers import checks, encoder_block


def init(n_layers, d_model, n_heads, d_ff, rng, gain=1.0):
    """Draw the parameters of n_layers blocks, one after the other: a list of dicts.

        W_o ← gain · W_o      W_2 ← gain · W_2      in every block

    gain: how loud the attention and the feed-forward network speak, for each ends in one of these
    two matrices; 1 is Glorot's own scale. The first blocks of a deep stack are those of a shallow
    stack of the same seed.
    Raises ValueError or TypeError as encoder_block.init does, and for a negative gain.
    Source: Glorot & Bengio (2010), as in the parts.
    """
    n_layers = checks.require_size(n_layers, "n_layers")
    gain = checks.require_number(gain, "gain", minimum=0)
    layers = []
    for _ in range(n_layers):
        params = encoder_block.init(d_model, n_heads, d_ff, rng)
        params["attention"]["W_o"] *= gain
        params["feed_forward"]["W_2"] *= gain
        layers.append(params)
    return layers


def forward(x, layers, n_heads, mask=None, **options):
    """Send sentences through all blocks; return the list of the blocks' traces.

        traces[l].x is what came into block l, traces[-1].out is what the stack hands on

    x: (..., seq_len, d_model); mask: as in encoder_block, or a list with one for each layer, of
    which any may be None; options: norm, skip and the like, the same for every block.
    Raises ValueError for a stack of no layers or another number of masks than of layers, and as
    encoder_block.forward does.
    Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.1.
    """
    _blocks(layers)
    traces = []
    for params, own_mask in zip(layers, masks(mask, layers), strict=True):
        traces.append(encoder_block.forward(x, params, n_heads, own_mask, **options))
        x = traces[-1].out  # (..., seq_len, d_model)
    return traces


def masks(mask, layers):
    """Return one mask for each layer: those of a list, or the same one for all.

    Raises ValueError for another number of masks than of layers.
    """
    checks.require_list(layers, "layers")
    if not isinstance(mask, list):
        return [mask] * len(layers)
    if len(mask) != len(layers):
        raise ValueError(f"there are {len(mask)} masks for {len(layers)} layers; expected equal")
    return mask


def backward(grad_out, traces, layers):
    """Return the gradient at each layer's input, in layer order, and the parameters' gradients.

        grad_xs[l] = the loss's gradient with respect to traces[l].x

    grad_out: (..., seq_len, d_model), the gradient at the stack's output. The second list has the
    form of `layers`. Raises ValueError where traces and layers are not equally many, and as
    encoder_block.backward does. Source: the blocks' own backwards, in reverse order.
    """
    _blocks(layers)
    if len(checks.require_list(traces, "traces")) != len(layers):
        raise ValueError(f"there are {len(traces)} traces for {len(layers)} layers; expected equal")
    grad_xs, grads = [], []
    for trace, params in zip(reversed(traces), reversed(layers), strict=True):
        grad_out, grad_params = encoder_block.backward(grad_out, trace, params)
        grad_xs.insert(0, grad_out)
        grads.insert(0, grad_params)
    return grad_xs, grads


def _blocks(layers):
    if not checks.require_list(layers, "layers"):
        raise ValueError("layers is empty; expected at least one block")
