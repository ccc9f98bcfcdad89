"""The steps once more, word by word and head by head: what the tests hold the course against."""

import math

import numpy as np

BENDS = {
    "relu": lambda h: h if h > 0 else 0.0,
    "gelu": lambda h: h * (1 + math.erf(h / math.sqrt(2))) / 2,
    "none": lambda h: h,
}


def random_numbers(params, rng, size=1.0):
    """Return parameters as init returns them, every number drawn anew: no bias is 0, no γ is 1."""
    if isinstance(params, dict):
        return {name: random_numbers(part, rng, size) for name, part in params.items()}
    return size * rng.standard_normal(params.shape)


def softmax(row):
    exponentials = [math.exp(score) for score in row]
    return [exponential / sum(exponentials) for exponential in exponentials]


def attention(q, k, v, mask=None, scale=None):
    """Return weights and out, number by number; q, k, v are one sentence's."""
    scale = 1 / math.sqrt(q.shape[1]) if scale is None else scale
    weights, out = np.zeros((len(q), len(k))), np.zeros((len(q), v.shape[1]))
    for query in range(len(q)):
        allowed = [key for key in range(len(k)) if mask is None or mask[query, key]]
        scores = [
            sum(a * b for a, b in zip(q[query], k[key], strict=True)) * scale for key in allowed
        ]
        for key, weight in zip(allowed, softmax(scores), strict=True):
            weights[query, key] = weight
            out[query] += weight * v[key]
    return weights, out


def head(x, params, columns, mask=None):
    """Return q, k, v, weights and z of the head that owns these columns."""
    q, k, v = (x @ params[f"W_{n}"][:, columns] + params[f"b_{n}"][columns] for n in "qkv")
    return q, k, v, *attention(q, k, v, mask)


def multi_head_attention(x, params, n_heads, mask=None):
    """Return one sentence's output with a loop over heads: no reshape anywhere."""
    d_head = x.shape[-1] // n_heads
    slices = [slice(i * d_head, (i + 1) * d_head) for i in range(n_heads)]
    z = [head(x, params, columns, mask)[-1] for columns in slices]
    return np.concatenate(z, axis=-1) @ params["W_o"] + params["b_o"]


def layer_norm(word, params, eps=1e-5):
    """Return the norm of one word's vector, number by number."""
    mean = sum(word) / len(word)
    variance = sum((feature - mean) ** 2 for feature in word) / len(word)
    return [
        (feature - mean) / math.sqrt(variance + eps) * gamma + beta
        for feature, gamma, beta in zip(word, params["gamma"], params["beta"], strict=True)
    ]


def network(word, params, activation):
    """Return the network's answer to one word, unit by unit."""
    out = params["b_2"].copy()
    for unit in range(len(params["b_1"])):
        hidden = sum(word * params["W_1"][:, unit]) + params["b_1"][unit]
        out += BENDS[activation](hidden) * params["W_2"][unit]
    return out


def sinusoidal(seq_len, d_model, base=10000):
    """Return the table of the paper, number by number."""
    code = np.zeros((seq_len, d_model))
    for position in range(seq_len):
        for i in range(math.ceil(d_model / 2)):
            angle = position / base ** (2 * i / d_model)
            code[position, 2 * i] = math.sin(angle)
            if 2 * i + 1 < d_model:
                code[position, 2 * i + 1] = math.cos(angle)
    return code


def encoder_block(
    x, params, n_heads, mask=None, norm="post", skip=True, feed_forward=True, activation="relu",
    eps=1e-5,
):  # fmt: skip
    """Return one sentence's output, part by part in the order of the paper."""

    def normed(words, part):
        return np.array([layer_norm(word, params[part], eps) for word in words])

    def attend(words):
        return multi_head_attention(words, params["attention"], n_heads, mask)

    def transform(words):
        return np.array([network(word, params["feed_forward"], activation) for word in words])

    for step, part in [(attend, "norm_1"), (transform, "norm_2")][: 1 + feed_forward]:
        step_out = step(normed(x, part) if norm == "pre" else x)
        x = x + step_out if skip else step_out
        x = normed(x, part) if norm == "post" else x
    return x
