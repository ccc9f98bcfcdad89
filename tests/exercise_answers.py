"""Right and wrong answers to every exercise, written as students write them.

Nothing here is shared with helpers/exercises: a mistake that both sides make in the same way
would go unseen.
"""

from importlib import import_module
from typing import NamedTuple

import numpy as np

from helpers import encoder_block


class Answers(NamedTuple):
    check: str  # helpers.exercises.<notebook>.<check_…>
    right: list
    wrong: dict  # the mistake's name: answers that make it

    def verdict(self, answer):
        notebook, name = self.check.split(".")
        others = PARTS if name == "check_block" else ()  # the last exercise also wants the parts
        return getattr(import_module(f"helpers.exercises.{notebook}"), name)(answer, *others)


def exp_rows(scores):
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


# 00


def softmax_loop(scores):
    out = np.zeros_like(scores)
    for i, row in enumerate(scores):
        e = [np.exp(s - max(row)) for s in row]
        out[i] = [value / sum(e) for value in e]
    return out


def softmax_by_logarithm(scores):
    return np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))


def softmax_by_column_vector(scores):
    e = np.exp((scores.T - scores.max(axis=1)).T)
    return (e.T / e.sum(axis=1)).T


def softmax_columns(scores):
    e = np.exp(scores)
    return e / e.sum(axis=0)


def softmax_careless(scores):
    out = np.empty(scores.shape)
    for i in range(len(scores)):
        out[i] = np.exp(scores[i]) / sum(np.exp(scores[i]))
    return out


def softmax_one_largest(scores):
    e = np.exp(scores - np.max(scores))
    return (e.T / e.sum(axis=1)).T


SOFTMAX = Answers(
    "self_attention.check_softmax",
    [softmax_loop, softmax_by_logarithm, softmax_by_column_vector, exp_rows],
    {
        "the result is 1 for the largest number of each row of the right one, 0 for the others": [
            lambda s: (s == s.max(axis=-1, keepdims=True)) * 1.0
        ],
        "softmax over the queries": [softmax_columns, lambda s: exp_rows(s.T).T],
        "softmax over everything at once": [lambda s: np.exp(s) / np.exp(s).sum()],
        "large scores overflow": [softmax_careless],
        "the largest score of all was subtracted": [softmax_one_largest],
        "the rows are not divided by their sums": [lambda s: np.exp((s.T - s.max(axis=1)).T)],
        "shares without e": [lambda s: (s.T / s.sum(axis=1)).T],
        "keepdims is missing": [
            lambda s: np.exp(s) / np.exp(s).sum(axis=1),
            lambda s: np.exp(s - s.max(axis=-1)) / np.exp(s - s.max(axis=-1)).sum(axis=-1),
            lambda s: np.exp(s - s.max(axis=1, keepdims=True)) / np.exp(s).sum(axis=1),
        ],
    },
)


def attention_loop(q, k, v):
    z = np.zeros((len(q), v.shape[1]))
    for i in range(len(q)):
        s = np.array([sum(a * b for a, b in zip(q[i], key, strict=True)) for key in k])
        s = s / len(q[i]) ** 0.5
        w = np.exp(s) / np.exp(s).sum()
        for j in range(len(k)):
            z[i] += w[j] * v[j]
    return z


def attention_into_zeros(q, k, v):
    z = np.zeros_like(q)  # a head's q and v are equally wide
    for i, query in enumerate(q):
        z[i] = exp_rows(query @ k.T / np.sqrt(len(query))) @ v
    return z


def attention_einsum(q, k, v):
    weights = exp_rows(np.einsum("id,jd->ij", q, k) / np.sqrt(q.shape[1]))
    return np.einsum("ij,jd->id", weights, v)


ATTENTION = Answers(
    "self_attention.check_attention",
    [
        attention_loop,
        attention_into_zeros,
        attention_einsum,
        lambda q, k, v: exp_rows(q @ k.T / np.sqrt(k.shape[-1])) @ v,
        lambda q, k, v: exp_rows((q / q.shape[1] ** 0.5) @ k.T) @ v,
    ],
    {
        "the weights, 0 in all rows but the first, in place of the weights": [
            lambda q, k, v: attention_einsum(q, k, v) * (np.arange(len(q)) == 0)[:, None]
        ],
        "no scale": [lambda q, k, v: exp_rows(np.einsum("id,jd->ij", q, k)) @ v],
        "divided by d_head, not by its root": [lambda q, k, v: exp_rows(q @ k.T / k.shape[1]) @ v],
        "multiplied by √d_head": [lambda q, k, v: exp_rows(q @ k.T * k.shape[1] ** 0.5) @ v],
        "√2 for every width": [lambda q, k, v: exp_rows(q @ k.T / 2**0.5) @ v],
        "k is not transposed": [lambda q, k, v: exp_rows(q @ k / q.shape[1] ** 0.5) @ v],
        "divided by the root of the number of words": [
            lambda q, k, v: exp_rows(q @ k.T / len(k) ** 0.5) @ v,
            lambda q, k, v: exp_rows(q @ k.T / q.shape[0] ** 0.5) @ v,
        ],
        "softmax over the queries": [
            lambda q, k, v: exp_rows((q @ k.T / q.shape[1] ** 0.5).T).T @ v
        ],
        "no softmax": [lambda q, k, v: (q @ k.T) @ v / q.shape[1] ** 0.5],
        "scaled after the softmax": [lambda q, k, v: exp_rows(q @ k.T) @ v / k.shape[1] ** 0.5],
        "queries and keys have changed places": [
            lambda q, k, v: exp_rows(k @ q.T / q.shape[1] ** 0.5) @ v
        ],
        "you stop too early, at the weights": [
            lambda q, k, v: exp_rows(q @ k.T / q.shape[1] ** 0.5)
        ],
    },
)


def masked_loop(scores, mask):
    out = np.zeros(scores.shape)
    for i in range(len(scores)):
        seen = [j for j in range(len(scores[i])) if mask[i, j]]
        if not seen:
            raise ValueError(f"query {i} may look at nothing")
        top = max(scores[i, j] for j in seen)
        total = sum(np.exp(scores[i, j] - top) for j in seen)
        for j in seen:
            out[i, j] = np.exp(scores[i, j] - top) / total
    return out


def masked_where(scores, mask):
    if (mask.sum(axis=1) == 0).any():
        raise ValueError("nothing to look at")
    return exp_rows(np.where(mask, scores, float("-inf")))


def masked_copy(scores, mask):
    assert mask.any(axis=1).all()
    hidden = scores.copy()
    hidden[~mask] = -np.inf
    return exp_rows(hidden)


def masked_weights(scores, mask):
    weights = exp_rows(scores)
    weights[~mask] = 0
    return weights


def masked_weights_but_refusing(scores, mask):
    if not mask.any(axis=1).all():
        raise ValueError("nothing to look at")
    return masked_weights(scores, mask)


def masked_weights_again(scores, mask):
    weights = masked_weights(scores, mask)
    return weights / weights.sum(axis=1, keepdims=True)


MASKED = Answers(
    "self_attention.check_masked_softmax",
    [masked_loop, masked_where, masked_copy],
    {
        "it accepts what it should refuse": [
            lambda s, m: np.nan_to_num(exp_rows(np.where(m, s, -np.inf)))
        ],
        "right, but not with: visible scores of -1e40; a row near -2000": [
            lambda s, m: 0 * masked_where(s, m) + exp_rows(np.where(m, s, -100))
        ],
        "the mask comes after the softmax": [masked_weights, masked_weights_but_refusing],
        "NaN, not a number (0 · ∞, ∞ − ∞ and 0 / 0 give it), everywhere": [
            lambda s, m: exp_rows(s + ~m * -np.inf),
        ],
        "hidden scores still count": [masked_weights_again],
        "hidden scores are 0": [lambda s, m: exp_rows(s * m)],
        "a large negative number was added": [lambda s, m: exp_rows(s + ~m * -1e9)],
        "a large negative number is not −∞": [
            lambda s, m: exp_rows(np.where(m, s, -1e9)),
            lambda s, m: exp_rows(np.where(m, s, np.finfo(np.float32).min)),
        ],
        "queries are hidden in place of keys": [
            lambda s, m: exp_rows(np.where(np.swapaxes(m, 0, 1), s, -np.inf)),
            lambda s, m: masked_loop(s, m.T),
        ],
        "the mask is upside down": [lambda s, m: exp_rows(np.where(m, -np.inf, s))],
        "a query with no key at all": [lambda s, m: exp_rows(s + np.where(m, 0, -np.inf))],
    },
)


# 01


def split_loop(projected, n_heads):
    if projected.shape[1] % n_heads:
        raise ValueError(f"{n_heads} heads do not fit")
    d_head = projected.shape[1] // n_heads
    heads = np.zeros((n_heads, len(projected), d_head))
    for head in range(n_heads):
        for word in range(len(projected)):
            for i in range(d_head):
                heads[head, word, i] = projected[word, head * d_head + i]
    return heads


def split_floor(projected, n_heads):
    d_head = projected.shape[1] // n_heads
    return np.array([projected[:, h * d_head : h * d_head + d_head] for h in range(n_heads)])


SPLIT = Answers(
    "multi_head_attention.check_split_heads",
    [
        split_loop,
        lambda p, n: np.stack(np.split(p, n, axis=1)),
        lambda p, n: p.reshape(len(p), n, p.shape[1] // n).transpose(1, 0, 2),
        lambda p, n: np.einsum("shd->hsd", p.reshape(len(p), n, -1)),
    ],
    {
        "reshape with no axis swap": [lambda p, n: p.reshape(n, p.shape[0], -1)],
        "the swap is missing": [lambda p, n: p.reshape(p.shape[0], n, -1)],
        "a head takes every n-th column": [lambda p, n: np.stack([p[:, h::n] for h in range(n)])],
        "the axes have changed places: yours is the right one, transposed by (0, 2, 1)": [
            lambda p, n: np.stack([part.T for part in np.split(p, n, axis=1)])
        ],
        "columns are lost": [split_floor],
    },
)


def heads_in_a_loop(x, W_q, W_k, W_v, W_o, n_heads, divisor=None, own_part=None):
    """Several attentions by loop; the mistakes below change one thing each."""
    d_model = x.shape[1]
    d_head = d_model // n_heads
    z = []
    for head in range(n_heads):
        own = own_part or slice(head * d_head, (head + 1) * d_head)
        q, k, v = x @ W_q[:, own], x @ W_k[:, own], x @ W_v[:, own]
        z.append(exp_rows(q @ k.T / (divisor or d_head**0.5)) @ v)
    return np.concatenate(z, axis=1) @ W_o


def heads_einsum(x, W_q, W_k, W_v, W_o, n_heads):
    cut = {name: W.reshape(len(W), n_heads, -1) for name, W in zip("qkv", (W_q, W_k, W_v))}  # noqa: B905
    q, k, v = (np.einsum("sm,mhd->hsd", x, cut[name]) for name in "qkv")
    weights = exp_rows(np.einsum("hid,hjd->hij", q, k) / np.sqrt(q.shape[-1]))
    return np.einsum("hij,hjd,hdm->im", weights, v, W_o.reshape(n_heads, -1, len(x[0])))


def heads_matmul(x, W_q, W_k, W_v, W_o, n_heads, way_in=None, way_out=None, weigh=exp_rows):
    """Several attentions as one product; the mistakes below change one way each."""
    seq_len, d_model = x.shape
    way_in = way_in or (lambda p: p.reshape(seq_len, n_heads, -1).transpose(1, 0, 2))
    way_out = way_out or (lambda z: z.transpose(1, 0, 2).reshape(seq_len, d_model))
    q, k, v = way_in(x @ W_q), way_in(x @ W_k), way_in(x @ W_v)
    return way_out(weigh(q @ k.transpose(0, 2, 1) / (d_model // n_heads) ** 0.5) @ v) @ W_o


def heads_summed_projections(x, W_q, W_k, W_v, W_o, n_heads):
    out = 0
    for own in np.split(np.arange(x.shape[1]), n_heads):
        q, k, v = x @ W_q[:, own], x @ W_k[:, own], x @ W_v[:, own]
        out = out + exp_rows(q @ k.T / len(own) ** 0.5) @ v @ W_o[own]
    return out


def straight(x, n_heads):
    return lambda p: p.reshape(n_heads, len(x), -1)


def flat(x):
    return lambda z: z.reshape(x.shape)


def columns_of_weights(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)


def pieces_of_the_input(x, W_q, W_k, W_v, W_o, n_heads):
    z, d_head = [], x.shape[1] // n_heads
    for i in range(0, x.shape[1], d_head):
        j = i + d_head
        q, k, v = (x[:, i:j] @ W[i:j, i:j] for W in (W_q, W_k, W_v))
        z.append(exp_rows(q @ k.T / d_head**0.5) @ v)
    return np.concatenate(z, axis=1) @ W_o


def full_width(x, W_q, W_k, W_v, W_o, n_heads):
    z = [exp_rows(x @ W_q @ (x @ W_k).T / len(W_q) ** 0.5) @ x @ W_v for _ in range(n_heads)]
    return np.mean(z, axis=0) @ W_o


MULTI_HEAD = Answers(
    "multi_head_attention.check_multi_head",
    [heads_in_a_loop, heads_einsum, heads_matmul, heads_summed_projections],
    {
        "every number has the wrong sign": [lambda *given: -heads_in_a_loop(*given)],
        "divided by √d_model": [lambda x, *rest: heads_in_a_loop(x, *rest, x.shape[1] ** 0.5)],
        "no scale": [lambda *given: heads_in_a_loop(*given, 1)],
        "divided by d_head, not by its root": [
            lambda x, *rest: heads_in_a_loop(x, *rest, x.shape[1] // rest[-1])
        ],
        "reshape with no axis swap": [
            lambda x, *rest: heads_matmul(x, *rest, way_in=straight(x, rest[-1]))
        ],
        "joined with no axis swap": [lambda x, *rest: heads_matmul(x, *rest, way_out=flat(x))],
        "no axis swap, neither in nor out": [
            lambda x, *rest: heads_matmul(x, *rest, straight(x, rest[-1]), flat(x))
        ],
        "softmax over the queries": [lambda *given: heads_matmul(*given, weigh=columns_of_weights)],
        "the input is split, then projected": [pieces_of_the_input],
        "heads of full width": [full_width],
        "you stop too early, at concat, before W_o": [
            lambda x, q, k, v, W_o, n: heads_matmul(x, q, k, v, np.eye(len(W_o)), n)
        ],
    },
)


# 02


def add_loop(x, f_x):
    if np.shape(x) != np.shape(f_x):
        raise ValueError(f"{x.shape} and {f_x.shape}")
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        out[place] = x[place] + f_x[place]
    return out


def add_asserted(x, f_x):
    assert x.shape == f_x.shape
    return np.add(x, f_x)


def add_after_a_try(x, f_x):
    if not np.array_equal(np.shape(x), np.shape(f_x)):
        raise ValueError("cannot be added")
    return np.sum([x, f_x], axis=0)


def add_in_place(x, f_x):
    if x.shape != f_x.shape:
        raise ValueError("unequal")
    x += f_x
    return x


ADD = Answers(
    "skip_connections.check_add",
    [add_loop, add_asserted, add_after_a_try],
    {
        "unequal sizes are added without a word": [np.add, lambda x, f_x: f_x + x],
        "x is left out": [lambda x, f_x: f_x.copy()],
        "without f(x)": [lambda x, f_x: x.copy()],
        "the mean of both": [lambda x, f_x: 0.5 * x + 0.5 * f_x],
        "multiplied, not added": [np.multiply],
        "laid side by side": [lambda x, f_x: np.hstack([x, f_x])],
        "it changes its input x": [add_in_place],
    },
)


def gradient_loop(grad_out, f_backward):
    through = f_backward(grad_out)
    return np.array([[a + b for a, b in zip(*rows)] for rows in zip(grad_out, through)])  # noqa: B905


GRADIENT = Answers(
    "skip_connections.check_gradient",
    [
        gradient_loop,
        lambda g, back: g + back(g),
        lambda g, back: np.sum([g, back(g)], axis=0),
    ],
    {
        "the way along the skip is missing": [lambda g, back: back(g)],
        "the way through f is missing": [lambda g, back: g.copy()],
        "divided between the two ways": [lambda g, back: 0.5 * g + back(0.5 * g)],
        "multiplied, not added": [lambda g, back: back(g) * g],
        "f_backward gets the sum": [lambda g, back: g + back(g) + back(back(g))],
    },
)


def stack_loop(x, steps):
    for step in steps:
        x = step(x) + x
    return x


def stack_recursive(x, steps):
    return stack_recursive(x + steps[0](x), steps[1:]) if steps else x


def stack_list(x, steps):
    states = [x]
    for step in steps:
        states.append(np.add(states[-1], step(states[-1])))
    return states[-1]


def stack_plain(x, steps):
    for step in steps:
        x = step(x)
    return x


def stack_start(x, steps):
    out = x
    for step in steps:
        out = x + step(out)
    return out


def stack_parallel(x, steps):
    out = x.copy()
    for step in steps:
        out += step(x)
    return out


def stack_in_place(x, steps):
    for step in steps:
        x += step(x)
    return x


STACK = Answers(
    "skip_connections.check_stack",
    [stack_loop, stack_recursive, stack_list],
    {
        "no skip": [stack_plain],
        "every step adds to the first input": [stack_start],
        "every step sees the first input": [stack_parallel],
        "one skip around all": [lambda x, steps: stack_plain(x, steps) + x],
        "it changes its input x": [stack_in_place],
    },
)


# 03


def norm_loop(x, gamma, beta, eps):
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        word = x[place]
        mean = sum(word) / len(word)
        variance = sum((number - mean) ** 2 for number in word) / len(word)
        out[place] = [(number - mean) / (variance + eps) ** 0.5 for number in word]
        out[place] = out[place] * gamma + beta
    return out


def norm_einsum(x, gamma, beta, eps):
    centred = x - np.einsum("...d->...", x)[..., None] / x.shape[-1]
    variance = np.einsum("...d,...d->...", centred, centred) / x.shape[-1]
    return np.einsum("...d,...,d->...d", centred, (variance + eps) ** -0.5, gamma) + beta


def norm_numpy(x, gamma, beta, eps):
    mean, var = np.mean(x, axis=-1, keepdims=True), np.var(x, axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def norm_transposed(x, gamma, beta, eps):
    columns = np.moveaxis(x, -1, 0)
    tidy = (columns - columns.mean(axis=0)) / np.sqrt(columns.var(axis=0) + eps)
    return np.moveaxis(tidy, 0, -1) * gamma + beta


def norm_along(axis):
    def norm(x, gamma, beta, eps):
        mean, variance = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
        return gamma * ((x - mean) / np.sqrt(variance + eps)) + beta

    return norm


def batch_norm(x, gamma, beta, eps):
    words = x.reshape(-1, x.shape[-1])
    tidy = (words - words.mean(axis=0)) / np.sqrt(words.var(axis=0) + eps)
    return tidy.reshape(x.shape) * gamma + beta


def norm_with(spread):
    def norm(x, gamma, beta, eps):
        return (x - x.mean(-1, keepdims=True)) / spread(x, eps) * gamma + beta

    return norm


def norm_shifted_first(x, gamma, beta, eps):
    return gamma * (norm_loop(x, np.ones(len(gamma)), np.zeros(len(gamma)), eps) + beta)


def norm_uncentred(x, gamma, beta, eps):
    return gamma * x / np.sqrt(np.var(x, axis=-1, keepdims=True) + eps) + beta


def norm_in_place(x, gamma, beta, eps):
    x -= x.mean(axis=-1, keepdims=True)
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gamma + beta


NORM = Answers(
    "layer_norm.check_layer_norm",
    [norm_loop, norm_einsum, norm_numpy, norm_transposed],
    {
        "mean and variance over the words": [norm_along(-2)],
        "mean and variance over the batch": [batch_norm],
        "mean and variance over the first axis": [norm_along(0)],
        "mean and variance over axis 1": [norm_along(1)],
        "mean and variance over everything": [norm_along(None)],
        "the unbiased variance": [
            norm_with(lambda x, eps: np.sqrt(x.var(-1, ddof=1, keepdims=True) + eps))
        ],
        "ε beside the root": [norm_with(lambda x, eps: x.std(-1, keepdims=True) + eps)],
        "squared in place of the root": [
            norm_with(lambda x, eps: np.square(x.var(-1, keepdims=True) + eps))
        ],
        "no root": [norm_with(lambda x, eps: x.var(-1, keepdims=True) + eps)],
        "ε is not added": [norm_with(lambda x, eps: x.std(-1, keepdims=True))],
        "you stop too early, at the normalized numbers, before γ and β": [
            lambda x, gamma, beta, eps: norm_loop(x, np.ones_like(gamma), 0 * beta, eps)
        ],
        "β before γ": [norm_shifted_first],
        "the mean is not subtracted": [norm_uncentred],
        "keepdims is missing": [
            lambda x, g, b, eps: (x - x.mean(axis=-1)) / np.sqrt(x.var(axis=-1) + eps) * g + b,
            lambda x, g, b, eps: g * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1) + eps) + b,
        ],
        "it changes its input x": [norm_in_place],
    },
)


def post_norm_steps(x, f, norm):
    found = f(x)
    added = x + found
    return norm(added)


POST_NORM = Answers(
    "layer_norm.check_post_norm",
    [
        post_norm_steps,
        lambda x, f, norm: norm(np.add(f(x), x)),
        lambda x, f, norm: norm(np.sum([x, f(x)], axis=0)),
    ],
    {
        "pre-norm": [lambda x, f, norm: f(norm(x)) + x],
        "the skip is missing": [lambda x, f, norm: norm(f(x))],
        "the skip leads around the norm": [lambda x, f, norm: norm(f(x)) + x],
        "the skip is normed before the sum": [lambda x, f, norm: f(x) + norm(x)],
        "you stop too early, at the sum": [lambda x, f, norm: f(x) + x],
        "two norms": [lambda x, f, norm: norm(f(norm(x)) + x)],
    },
)


def upstream_loop(shape, rng):
    out = np.zeros(shape)
    for place in np.ndindex(shape):
        out[place] = rng.normal()
    return out


def upstream_one_word(shape, rng):
    out = np.zeros(shape)
    out[0] = rng.standard_normal(shape[-1])
    return out


UPSTREAM = Answers(
    "layer_norm.check_upstream",
    [
        upstream_loop,
        lambda shape, rng: rng.uniform(-1, 1, shape),
        lambda shape, rng: np.random.default_rng(7).standard_normal(shape),
    ],
    {
        "the numbers are too small, or too much alike, to show a mistake": [
            lambda shape, rng: 1e-12 * rng.standard_normal(shape),
        ],
        "every word's gradient is zero": [
            lambda shape, rng: np.ones(shape),
            lambda shape, rng: np.zeros(shape),
            lambda shape, rng: rng.standard_normal((shape[0], 1)) * np.ones(shape),
        ],
        "some words are not tested": [upstream_one_word],
        "another shape": [lambda shape, rng: rng.standard_normal(shape[-1])],
    },
)


# 04


def network_loop(x, W_1, b_1, W_2, b_2):
    out = []
    for word in x:
        total = b_2.copy()
        for j in range(len(b_1)):
            total += max(word @ W_1[:, j] + b_1[j], 0) * W_2[j]
        out.append(total)
    return np.array(out)


def network_einsum(x, W_1, b_1, W_2, b_2):
    hidden = np.einsum("sm,mf->sf", x, W_1) + b_1
    return np.einsum("sf,fm->sm", hidden * (hidden > 0), W_2) + b_2


def network_matmul(x, W_1, b_1, W_2, b_2):
    return (x @ W_1 + b_1).clip(0) @ W_2 + b_2


def network_shared_maximum(x, W_1, b_1, W_2, b_2):
    hidden = np.max(x @ W_1 + b_1, axis=0).clip(0)
    return np.tile(hidden @ W_2 + b_2, (len(x), 1))


def network_after_a_mean(x, W_1, b_1, W_2, b_2):
    return network_matmul(x + x.mean(axis=0), W_1, b_1, W_2, b_2)


NETWORK = Answers(
    "feed_forward.check_feed_forward",
    [network_loop, network_einsum, network_matmul],
    {
        "no bend": [lambda x, W_1, b_1, W_2, b_2: (x @ W_1 + b_1) @ W_2 + b_2],
        "the bend comes last": [
            lambda x, W_1, b_1, W_2, b_2: np.maximum((x @ W_1 + b_1) @ W_2 + b_2, 0)
        ],
        "a second bend at the end": [lambda *given: network_loop(*given).clip(0)],
        "absolute values in place of ReLU": [
            lambda x, W_1, b_1, W_2, b_2: abs(x @ W_1 + b_1) @ W_2 + b_2
        ],
        "the wrong half is kept": [
            lambda x, W_1, b_1, W_2, b_2: (x @ W_1 + b_1).clip(None, 0) @ W_2 + b_2
        ],
        "the largest of each column in place of ReLU": [
            lambda x, W_1, b_1, W_2, b_2: np.max(x @ W_1 + b_1, axis=0) @ W_2 + b_2
        ],
        "without b_1": [lambda x, W_1, b_1, W_2, b_2: (x @ W_1).clip(0) @ W_2 + b_2],
        "without b_2": [lambda x, W_1, b_1, W_2, b_2: (x @ W_1 + b_1).clip(0) @ W_2],
        "it mixes words: a word's result changes when another word changes": [
            network_shared_maximum
        ],
        "x plus the mean of each column, in place of x": [network_after_a_mean],
    },
)


def count_arrays(d_model, d_ff):
    arrays = [
        np.zeros((d_model, d_ff)),
        np.zeros(d_ff),
        np.zeros((d_ff, d_model)),
        np.zeros(d_model),
    ]
    return sum(array.size for array in arrays)


COUNT = Answers(
    "feed_forward.check_count",
    [
        count_arrays,
        lambda d_model, d_ff: (d_model + 1) * d_ff + (d_ff + 1) * d_model,
        lambda d_model, d_ff: d_model * d_ff + d_ff + d_ff * d_model + d_model,
    ],
    {
        "d_ff = 4 · d_model taken for a law": [
            lambda d_model, d_ff: 2 * d_model * (4 * d_model) + 4 * d_model + d_model
        ],
        "d_ff = 4 · d_model taken for a law, and no biases": [
            lambda d_model, d_ff: 2 * 4 * d_model * d_model
        ],
        "you count 2·d_model·d_ff": [lambda d_model, d_ff: d_model * d_ff + d_ff * d_model],
        "you count d_model·d_ff + d_ff": [lambda d_model, d_ff: (d_model + 1) * d_ff],
        "you count 2·d_model·d_ff + 2·d_ff": [lambda d_model, d_ff: 2 * (d_model + 1) * d_ff],
    },
)


def merge_by_probing(W_1, b_1, W_2, b_2):
    constant = (np.zeros((1, len(W_1))) @ W_1 + b_1) @ W_2 + b_2
    return (np.eye(len(W_1)) @ W_1 + b_1) @ W_2 + b_2 - constant, constant[0]


MERGE = Answers(
    "feed_forward.check_merge",
    [
        merge_by_probing,
        lambda W_1, b_1, W_2, b_2: (W_1 @ W_2, b_1 @ W_2 + b_2),
        lambda W_1, b_1, W_2, b_2: [np.einsum("mf,fn->mn", W_1, W_2), W_2.T @ b_1 + b_2],
    ],
    {
        "b_1 does not go through W_2": [lambda W_1, b_1, W_2, b_2: (np.dot(W_1, W_2), b_2 + b_1)],
        "without b_1 @ W_2": [lambda W_1, b_1, W_2, b_2: (np.dot(W_1, W_2), b_2.copy())],
        "the matrices in the wrong order": [
            lambda W_1, b_1, W_2, b_2: (np.dot(W_2, W_1), W_2.T @ b_1 + b_2)
        ],
        "multiplied number by number": [
            lambda W_1, b_1, W_2, b_2: (np.multiply(W_1, W_2), np.multiply(b_1, W_2) + b_2)
        ],
    },
)


# 05


def code_loop(seq_len, d_model):
    code = np.zeros((seq_len, d_model))
    for position in range(seq_len):
        for j in range(d_model):
            angle = position / 10000 ** (2 * (j // 2) / d_model)
            code[position, j] = np.cos(angle) if j % 2 else np.sin(angle)
    return code


def code_slices(seq_len, d_model, exponent=2, sin=np.sin, cos=np.cos, first=0):
    code = np.zeros((seq_len, d_model))
    i = np.arange((d_model + 1) // 2)
    angles = np.outer(np.arange(first, seq_len + first), 10000.0 ** (-exponent * i / d_model))
    code[:, 0::2] = sin(angles)
    code[:, 1::2] = cos(angles)[:, : d_model // 2]
    return code


def code_complex(seq_len, d_model):
    speeds = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)
    hands = np.exp(1j * np.einsum("p,i->pi", np.arange(seq_len), speeds))
    return np.stack([hands.imag, hands.real], axis=-1).reshape(seq_len, -1)[:, :d_model]


def code_joined(seq_len, d_model):
    angles = np.outer(np.arange(seq_len), 10000.0 ** (-np.arange(0, d_model, 2) / d_model))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def code_without_brackets(seq_len, d_model):
    code = np.zeros((seq_len, d_model))
    for position in range(seq_len):
        for j in range(d_model):
            angle = position / 10000**2 * (j // 2) / d_model
            code[position, j] = np.cos(angle) if j % 2 else np.sin(angle)
    return code


def code_by_columns(seq_len, d_model, exponent):
    code = np.zeros((seq_len, d_model))
    for position in range(seq_len):
        for j in range(d_model):
            angle = position / 10000 ** (exponent(j) / d_model)
            code[position, j] = np.sin(angle) if j % 2 == 0 else np.cos(angle)
    return code


def code_crashes(seq_len, d_model):
    code = np.zeros((seq_len, d_model))
    angles = np.outer(np.arange(seq_len), 10000.0 ** (-np.arange(0, d_model, 2) / d_model))
    code[:, 0::2] = np.sin(angles)
    code[:, 1::2] = np.cos(angles)
    return code


def code_whole_pairs(seq_len, d_model):
    code = np.zeros((seq_len, d_model))
    for position in range(seq_len):
        for i in range(d_model // 2):
            angle = position / 10000 ** (2 * i / d_model)
            code[position, 2 * i : 2 * i + 2] = np.sin(angle), np.cos(angle)
    return code


CODE = Answers(
    "positional_encoding.check_code",
    [code_loop, code_slices, code_complex],
    {
        "all sines first": [code_joined],
        "odd columns have an exponent of their own": [
            lambda seq_len, d_model: code_by_columns(seq_len, d_model, lambda j: j)
        ],
        "the exponent of each pair is half of what it should be": [
            lambda seq_len, d_model: code_slices(seq_len, d_model, exponent=1)
        ],
        "the exponent of each pair is twice what it should be": [
            lambda seq_len, d_model: code_slices(seq_len, d_model, exponent=4)
        ],
        "2 times the column in the exponent": [
            lambda seq_len, d_model: code_by_columns(seq_len, d_model, lambda j: 2 * j)
        ],
        "brackets are missing around the exponent": [code_without_brackets],
        "sine and cosine have changed places": [
            lambda seq_len, d_model: code_slices(seq_len, d_model, sin=np.cos, cos=np.sin)
        ],
        "positions start at 1": [lambda seq_len, d_model: code_loop(seq_len + 1, d_model)[1:]],
        "odd widths crash": [code_crashes],
        "the last column of an odd width stays empty": [code_whole_pairs],
    },
)


def input_loop(x, code):
    out = np.zeros(x.shape)
    for sentence in range(len(x)):
        for position in range(len(x[sentence])):
            out[sentence, position] = x[sentence, position] * len(code[0]) ** 0.5 + code[position]
    return out


def input_by_sentence(x, code):
    out = x * np.sqrt(x.shape[-1])
    for sentence in range(len(x)):
        out[sentence] += code[sentence]
    return out


def input_first_only(x, code):
    out = x * np.sqrt(x.shape[-1])
    out[0] += code
    return out


INPUT = Answers(
    "positional_encoding.check_input",
    [
        input_loop,
        lambda x, code: np.sqrt(x.shape[2]) * x + code,
        lambda x, code: np.einsum("bsd,->bsd", x, x.shape[2] ** 0.5) + code[None],
    ],
    {
        "one position vector for each sentence": [input_by_sentence],
        "the words are divided by √d_model": [lambda x, code: code + x / len(code[0]) ** 0.5],
        "the words are not scaled": [lambda x, code: np.add(x, code)],
        "the sum is scaled": [lambda x, code: np.sqrt(len(code[0])) * np.add(x, code)],
        "multiplied by d_model, not by its root": [lambda x, code: len(code[0]) * x + code],
        "scaled by the number of words": [lambda x, code: len(code) ** 0.5 * x + code],
        "only the first sentence got a position vector": [input_first_only],
    },
)


def equivariant_loop(step, x, order):
    before, after = step(x), step(np.array([x[i] for i in order]))
    return all(np.allclose(after[place], before[i]) for place, i in enumerate(order))


EQUIVARIANT = Answers(
    "positional_encoding.check_equivariant",
    [
        equivariant_loop,
        lambda step, x, order: np.allclose(step(x[order]), step(x)[order]),
        lambda step, x, order: np.allclose(step(x[order])[np.argsort(order)], step(x)),
        lambda step, x, order: bool(np.abs(step(x[order]) - step(x)[order]).max() < 1e-9),
    ],
    {
        "this asks for invariance": [lambda step, x, order: np.allclose(step(x), step(x[order]))],
        "only a mean or a sum is compared": [
            lambda step, x, order: np.allclose(step(x).sum(axis=0), step(x[order]).sum(axis=0))
        ],
        "shuffled once more, or in the wrong direction": [
            lambda step, x, order: np.allclose(step(x[order])[order], step(x))
        ],
        "compared to the last digit": [
            lambda step, x, order: np.array_equal(step(x)[order], step(x[order])),
            lambda step, x, order: bool((step(x)[order] == step(x[order])).all()),
        ],
        "True in every example": [lambda step, x, order: len(step(x[order])) == len(step(x))],
    },
)

BASE = Answers(
    "positional_encoding.check_base",
    [
        lambda d_model: 2 ** (d_model / 2),
        lambda d_model: np.sqrt(2.0) ** d_model,
        lambda d_model: np.exp(np.log(2) * d_model / 2),
    ],
    {
        "your numbers are those of 2 ** (d_model // 2)": [lambda d_model: 2.0 ** (d_model // 2)],
        "the ratio taken for the base": [lambda d_model: 2.0],
        "the paper's base": [lambda d_model: 1e4],
        "one wave for each column": [lambda d_model: 2**d_model],
        "the power turned round": [lambda d_model: np.power(2, 2 / d_model)],
    },
)


# 06


def pre_norm_lines(x, attention, norm_1, feed_forward, norm_2):
    normed = norm_1(x)
    x = x + attention(normed)
    normed = norm_2(x)
    return x + feed_forward(normed)


def pre_norm_loop(x, attention, norm_1, feed_forward, norm_2):
    for norm, step in ((norm_1, attention), (norm_2, feed_forward)):
        x = np.add(x, step(norm(x)))
    return x


def pre_norm_nested(x, attention, norm_1, feed_forward, norm_2):
    def add(step, words):
        return words + step(words)

    half = add(lambda words: attention(norm_1(words)), x)
    return add(lambda words: feed_forward(norm_2(words)), half)


def normed_before_the_skip(x, attention, norm_1, feed_forward, norm_2):
    for norm, step in ((norm_1, attention), (norm_2, feed_forward)):
        x = norm(x)
        x = x + step(x)
    return x


PRE_NORM = Answers(
    "encoder_block.check_pre_norm",
    [pre_norm_lines, pre_norm_loop, pre_norm_nested],
    {
        "post-norm": [lambda x, att, n_1, ff, n_2: n_2(n_1(x + att(x)) + ff(n_1(x + att(x))))],
        "no skips": [lambda x, att, n_1, ff, n_2: ff(n_2(att(n_1(x))))],
        "the second skip starts at x": [
            lambda x, att, n_1, ff, n_2: x + ff(n_2(att(n_1(x)) + x)),
        ],
        "the skip starts behind the norm": [normed_before_the_skip],
        "norm_1 and norm_2 have changed places": [
            lambda x, att, n_1, ff, n_2: pre_norm_lines(x, att, n_2, ff, n_1)
        ],
        "attention and feed_forward have changed places": [
            lambda x, att, n_1, ff, n_2: pre_norm_lines(x, ff, n_1, att, n_2)
        ],
        "the last norm stands in the block": [lambda *given: given[-1](pre_norm_lines(*given))],
    },
)


def blocks_in_a_loop(x, blocks, norm):
    for block in blocks:
        x = block(x)
    return norm(x)


def blocks_recursive(x, blocks, norm):
    return blocks_recursive(blocks[0](x), blocks[1:], norm) if blocks else norm(x)


def blocks_by_number(x, blocks, norm):
    states = [x]
    for i in range(len(blocks)):
        states.append(blocks[i](states[i]))
    return norm(states[-1])


def blocks_normed_each(x, blocks, norm):
    for i in range(len(blocks)):
        x = norm(blocks[i](x))
    return x


def blocks_without_norm(x, blocks, norm):
    for block in blocks:
        x = block(x)
    return x


def blocks_on_the_first(x, blocks, norm):
    for block in blocks:
        out = block(x)
    return norm(out)


BLOCKS = Answers(
    "encoder_block.check_stack",
    [blocks_in_a_loop, blocks_recursive, blocks_by_number],
    {
        "right, but not with: three blocks; four blocks; nine blocks": [
            lambda x, blocks, norm: blocks_in_a_loop(x, blocks[:2], norm)
        ],
        "the last norm is missing": [blocks_without_norm],
        "a norm after every block": [blocks_normed_each],
        "the norm comes first": [
            lambda x, blocks, norm: blocks_recursive(norm(x), blocks, np.copy)
        ],
        "every block sees the first input: only the last counts": [blocks_on_the_first],
    },
)


def block_of_parts(attend=heads_in_a_loop, norm=norm_loop, network=network_loop, how=None):
    """Return a block made of a student's own parts; `how` says in which order."""

    def block(x, params, n_heads):
        p = params["attention"]

        def attention(words):
            return attend(words, p["W_q"], p["W_k"], p["W_v"], p["W_o"], n_heads)

        def norm_1(words):
            return norm(words, params["norm_1"]["gamma"], params["norm_1"]["beta"], 1e-5)

        def norm_2(words):
            return norm(words, params["norm_2"]["gamma"], params["norm_2"]["beta"], 1e-5)

        def feed_forward(words):
            f = params["feed_forward"]
            return network(words, f["W_1"], f["b_1"], f["W_2"], f["b_2"])

        return (how or post_norm_block)(x, attention, norm_1, feed_forward, norm_2)

    return block


def post_norm_block(x, attention, norm_1, feed_forward, norm_2):
    half = norm_1(x + attention(x))
    return norm_2(half + feed_forward(half))


def block_made_so(how):
    return block_of_parts(how=how)


BLOCK = Answers(
    "encoder_block.check_block",
    [
        block_of_parts(),
        block_of_parts(heads_einsum, norm_einsum, network_einsum),
        block_of_parts(heads_matmul, norm_numpy, network_matmul),
        lambda x, params, n_heads: encoder_block.forward(x, params, n_heads).out,
    ],
    {
        "pre-norm": [block_made_so(pre_norm_lines)],
        "no norms": [block_made_so(lambda x, att, n_1, ff, n_2: x + att(x) + ff(x + att(x)))],
        "no skips": [block_made_so(lambda x, att, n_1, ff, n_2: n_2(ff(n_1(att(x)))))],
        "without the first skip": [
            block_made_so(lambda x, att, n_1, ff, n_2: n_2(n_1(att(x)) + ff(n_1(att(x)))))
        ],
        "without the second skip": [
            block_made_so(lambda x, att, n_1, ff, n_2: n_2(ff(n_1(x + att(x)))))
        ],
        "the second sum: made of x, not of norm_1's result": [
            block_made_so(lambda x, att, n_1, ff, n_2: n_2(x + ff(n_1(x + att(x)))))
        ],
        "the norms have changed places": [
            block_made_so(lambda x, att, n_1, ff, n_2: post_norm_block(x, att, n_2, ff, n_1))
        ],
        "the second sum: made of the first sum, not of norm_1's result": [
            block_made_so(lambda x, att, n_1, ff, n_2: n_2(x + att(x) + ff(n_1(x + att(x)))))
        ],
        "you stop too early, at norm_1's result": [
            block_made_so(lambda x, att, n_1, ff, n_2: n_1(x + att(x)))
        ],
        "norm_1 is used twice": [
            block_made_so(lambda x, att, n_1, ff, n_2: post_norm_block(x, att, n_1, ff, n_1))
        ],
    },
)
PARTS = [heads_in_a_loop, add_loop, norm_loop, network_loop]


# 07


def strongest_loop(weights, tokens, query):
    best = 0
    for key in range(len(tokens)):
        if weights[query, key] > weights[query, best]:
            best = key
    return tokens[best]


STRONGEST = Answers(
    "reading_attention.check_strongest",
    [
        strongest_loop,
        lambda weights, tokens, query: tokens[np.argmax(weights[query])],
        lambda weights, tokens, query: max(zip(weights[query], tokens, strict=True))[1],
        lambda weights, tokens, query: np.array(tokens)[weights.argmax(axis=1)][query],
    ],
    {
        "the mean of all rows is read": [lambda w, t, q: t[w.mean(axis=0).argmax()]],
        "a column is read in place of a row": [lambda w, t, q: t[np.argmax(w.T[q])]],
        "the weakest look": [lambda w, t, q: t[np.argsort(w[q])[0]]],
        "the place, not the word": [lambda w, t, q: np.argmax(w[q])],
        "the weight, not the word": [lambda w, t, q: max(w[q])],
        "the largest weight of the whole map": [
            lambda w, t, q: t[np.unravel_index(np.argmax(w), w.shape)[1]]
        ],
    },
)


def entropy_loop(weights):
    out = []
    for row in weights:
        out.append(-sum(w * np.log(w) for w in row if w > 0))
    return np.array(out)


def entropy_einsum(weights):
    return -np.einsum("ij,ij->i", weights, np.log(np.maximum(weights, 1e-300)))


ENTROPY = Answers(
    "reading_attention.check_entropy",
    [
        entropy_loop,
        entropy_einsum,
        lambda w: (w * -np.log(w + 1e-300)).sum(axis=1),
        lambda w: -np.nansum(w * np.log(w), axis=1),
    ],
    {
        "a weight of 0 gives NaN": [lambda w: (w * -np.log(w)).sum(axis=1)],
        "the sign is missing": [lambda w: np.einsum("ij,ij->i", w, np.log(w + 1e-300))],
        "another logarithm: to base 2": [lambda w: entropy_loop(w) / np.log(2)],
        "entropy of the columns": [lambda w: entropy_loop(w.T)],
        "one number for the whole map": [lambda w: sum(entropy_loop(w))],
        "the weights are left out": [lambda w: np.log(1 / w).sum(axis=1)],
    },
)


def knock_out_loop(concat, W_o, n_heads, head):
    out, d_head = 0, len(W_o) // n_heads
    for other in range(n_heads):
        if other != head:
            own = slice(other * d_head, (other + 1) * d_head)
            out = out + concat[:, own] @ W_o[own]
    return out


def knock_out_rows(concat, W_o, n_heads, head):
    silent = W_o.reshape(n_heads, -1, len(W_o)).copy()
    silent[head] = 0
    return concat @ silent.reshape(W_o.shape)


def knock_out_einsum(concat, W_o, n_heads, head):
    heads = concat.reshape(len(concat), n_heads, -1)
    loud = np.arange(n_heads) != head
    return np.einsum("shd,h,hdm->sm", heads, loud, W_o.reshape(n_heads, -1, len(W_o)))


def knock_out_in_place(concat, W_o, n_heads, head):
    d_head = len(W_o) // n_heads
    concat[:, head * d_head : (head + 1) * d_head] = 0
    return concat @ W_o


def zeroed(array, columns):
    out = array.copy()
    out[:, columns] = 0
    return out


KNOCK_OUT = Answers(
    "reading_attention.check_knock_out",
    [
        knock_out_loop,
        knock_out_rows,
        knock_out_einsum,
        lambda c, W_o, n, h: zeroed(c, np.split(np.arange(len(W_o)), n)[h]) @ W_o,
    ],
    {
        "only this head is left": [lambda *given: given[0] @ given[1] - knock_out_loop(*given)],
        "a word is silenced, not a head": [lambda c, W_o, n, h: zeroed(c.T, h).T @ W_o],
        "numbers of the output are silenced": [
            lambda c, W_o, n, h: zeroed(c @ W_o, np.split(np.arange(len(W_o)), n)[h])
        ],
        "every n-th column": [lambda c, W_o, n, h: zeroed(c, range(h, len(W_o), n)) @ W_o],
        "a head of one column": [lambda c, W_o, n, h: zeroed(c, h) @ W_o],
        "nothing is taken away": [lambda c, W_o, n, h: np.dot(c, W_o)],
        "you stop too early, at concat without the head, before W_o": [
            lambda c, W_o, n, h: zeroed(c, np.split(np.arange(len(W_o)), n)[h])
        ],
        "it changes its input concat": [knock_out_in_place],
    },
)


def stack_doubled(x, steps):
    for step in steps:
        x = 2 * x + step(x)
    return x


def norm_of_root(x, gamma, beta, eps):
    return norm_with(lambda x, eps: np.sqrt(x.std(-1, keepdims=True) + eps))(x, beta, gamma, eps)


def kept(function):
    """Return a function that gives again what it gave for arguments of the same shapes."""
    known = {}

    def remembering(x, *given):
        key = x.shape, *(value for value in given if isinstance(value, int))
        known.setdefault(key, function(x, *given))
        return known[key].copy()

    return remembering


def added_in_place(x, found):
    found += x
    return found


def masked_looking_at_the_first(scores, mask):
    if not mask[0].any():
        raise ValueError("nothing to look at")
    return exp_rows(np.where(mask, scores, -np.inf))


def masked_below(scores, mask):
    if not mask.any(axis=-1).all():
        raise ValueError("nothing to look at")
    return exp_rows(np.where(mask, scores, -1e9))


def masked_as(scores, mask, hidden):
    if not mask.any(axis=-1).all():
        raise ValueError("nothing to look at")
    return exp_rows(np.where(mask, scores, hidden))


def masked_too_late(scores, mask):
    if not mask.any(axis=-1).all():
        raise ValueError("nothing to look at")
    weights = exp_rows(scores) * mask
    return weights / weights.sum(axis=-1, keepdims=True)


def add_with_another_error(x, f_x):
    if x.shape != f_x.shape:
        raise IndexError("unequal")
    return x + f_x


def add_of_two_axes(x, f_x):
    if x.shape[:2] != f_x.shape[:2]:
        raise ValueError("unequal")
    return x + f_x


def heads_overwritten(x, W_q, W_k, W_v, W_o, n_heads):
    for own in np.split(np.arange(x.shape[1]), n_heads):
        q, k, v = x @ W_q[:, own], x @ W_k[:, own], x @ W_v[:, own]
        z = exp_rows(q @ k.T / len(own) ** 0.5) @ v
    return np.tile(z, n_heads) @ W_o


def share_of_words(weights, tokens, query):
    share = {}
    for token, weight in zip(tokens, weights[query], strict=True):
        share[token] = share.get(token, 0) + weight
    return max(share, key=share.get)


def norm_with_eps(eps):
    return lambda x, gamma, beta, _: norm_numpy(x, gamma, beta, eps)


REMEMBERED = "right with the numbers of the examples, but not with others of the same shape"


def stack_without_start(x, steps):
    out = None
    for step in steps:
        out = x = x + step(x)
    return out


def heads_of_their_own(roles, cut):
    """Multi-head attention with some of q, k and v cut in a way of their own."""

    def attention(x, W_q, W_k, W_v, W_o, n):
        made = {}
        for role, W in {"q": W_q, "k": W_k, "v": W_v}.items():
            pieces = (x @ W).reshape(len(x), n, -1).swapaxes(0, 1)
            made[role] = cut(x, n)(x @ W) if role in roles else pieces
        scores = made["q"] @ made["k"].swapaxes(1, 2) / np.sqrt(made["q"].shape[-1])
        z = exp_rows(scores) @ made["v"]
        return z.swapaxes(0, 1).reshape(x.shape) @ W_o

    return attention


def heads_sharing(roles, several):
    """Multi-head attention in which several heads share some of q, k and v."""

    def attention(x, W_q, W_k, W_v, W_o, n):
        matrices = {"q": W_q, "k": W_k, "v": W_v}
        for role in roles:
            pieces = np.hsplit(matrices[role], n)
            matrices[role] = np.hstack([pieces[i // several] for i in range(n)])
        return heads_in_a_loop(x, *matrices.values(), W_o, n)

    return attention


def masked_then(scores, mask, share):
    """Mask after the softmax, and hand what is lost to some keys."""
    if not mask.any(axis=1).all():
        raise ValueError("a query sees nothing")
    weights = exp_rows(scores) * mask
    return weights + (1 - weights.sum(axis=1, keepdims=True)) * share(weights)


OF_A_KIND = [  # kinds of mistakes that were once accepted, misnamed or not told at all
    # examples of one size, or all tame
    (MASKED, "a large negative number is not −∞", masked_below),
    (MASKED, "only the mask's first row is looked at before refusing", masked_looking_at_the_first),
    (SOFTMAX, "not all of your rows sum to 1", lambda s: exp_rows(s) * (exp_rows(s) > 1e-3)),
    (STACK, "right, but not with: nine steps", lambda x, steps: stack_loop(x, steps[:4])),
    (ADD, "it accepts what it should refuse", add_of_two_axes),
    (
        CODE,
        "right, but not with: 20 columns, 300 positions",
        lambda n, d: code_loop(64, d)[:n],
    ),
    (
        NETWORK,
        "right, but not with: very large numbers",
        lambda x, W_1, b_1, W_2, b_2: (x @ W_1 + b_1).clip(0, 100) @ W_2 + b_2,
    ),
    (
        BASE,
        "numbers above 4294967296 are cut there, the rest is right",
        lambda d: 2 ** min(d / 2, 32),
    ),
    (
        EQUIVARIANT,
        "only the lengths of the rows are compared",
        lambda step, x, order: np.allclose(
            np.linalg.norm(step(x[order]), axis=1), np.linalg.norm(step(x)[order], axis=1)
        ),
    ),
    (
        STRONGEST,
        "right, but not with: “the” (word 0) of 4 words; “dog” of 4 words",
        share_of_words,
    ),
    (
        BLOCK,
        "the result stays the same when n_heads changes",
        lambda x, params, n: block_of_parts()(x, params, max(1, x.shape[1] // 2)),
    ),
    # a result learnt by heart, an argument changed behind a step's back
    (BLOCK, REMEMBERED, kept(block_of_parts())),
    (GRADIENT, "it changes its input grad_out", lambda g, back: added_in_place(g, back(g))),
    # errors, and names that are true of one exercise only
    (ADD, "it stops with another error than a ValueError", add_with_another_error),
    (
        GRADIENT,
        "it stops with an error",
        lambda g, back: np.eye(g.shape[-1])[: len(g)] + back(g),
    ),
    (
        MULTI_HEAD,
        "z of every head with the last of its heads in the place of each, "
        "in place of z of every head",
        heads_overwritten,
    ),
    # other places, factors and orders of the steps
    (STACK, "your numbers are those of x = x + x + step(x) for each step", stack_doubled),
    (
        PRE_NORM,
        "your first half, h, is 2 * x + attention(norm_1(x)), "
        "and your second half is 2 * h + feed_forward(norm_2(h))",
        lambda x, a, n_1, f, n_2: (lambda h: 2 * h + f(n_2(h)))(2 * x + a(n_1(x))),
    ),
    (
        BLOCK,
        "your first half, h, is x + norm_1(attention(x)), "
        "and your second half is h + norm_2(feed_forward(h))",
        block_made_so(lambda x, a, n_1, f, n_2: (lambda h: h + n_2(f(h)))(x + n_1(a(x)))),
    ),
    (
        BLOCKS,
        "your numbers are those of x = step(x) for each step, and x - norm(x) at the end",
        lambda x, blocks, norm: (lambda out: out - norm(out))(blocks_without_norm(x, blocks, norm)),
    ),
    # two mistakes
    (
        BLOCK,
        "ε is 0.01, not 0.00001; and W_o is transposed (in attention)",
        block_of_parts(
            lambda x, q, k, v, o, n: heads_in_a_loop(x, q, k, v, o.T, n), norm_with_eps(0.01)
        ),
    ),
    (
        NORM,
        "γ and β have changed places; and the standard deviation in place of the variance",
        norm_of_root,
    ),
    (
        ATTENTION,
        "divided by d_head, not by its root; and beside what that gives, the result is that plus v",
        lambda q, k, v: exp_rows(q @ k.T / k.shape[1]) @ v + v,
    ),
    (
        INPUT,
        "the words are not scaled; and code with its rows in reverse order, in place of code",
        lambda x, code: x + code[::-1],
    ),
    # parts of multi-head attention
    (
        MULTI_HEAD,
        "k of every head with its heads one place too early, in place of k of every head",
        lambda x, q, k, v, o, n: heads_matmul(
            x, q, np.roll(k, -(x.shape[1] // n), axis=1), v, o, n
        ),
    ),
    # one example more: no step, as many words as hidden units, one word, a word twice, wide models
    (STACK, "it returns nothing", stack_without_start),
    (
        NETWORK,
        "right, but not with: as many words as hidden units",
        lambda x, W_1, b_1, W_2, b_2: (
            np.maximum(x @ W_1 + (b_1[:, None] if len(b_1) == len(x) else b_1), 0) @ W_2 + b_2
        ),
    ),
    (
        PRE_NORM,
        "right, but not with: one word",
        lambda x, a, n_1, f, n_2: (lambda half: half + f(n_2(half) if len(half) > 1 else half))(
            x + a(n_1(x))
        ),
    ),
    (
        NETWORK,
        "ELU of its input in place of ReLU",
        lambda x, W_1, b_1, W_2, b_2: (
            (lambda h: np.where(h > 0, h, np.exp(np.minimum(h, 0)) - 1))(x @ W_1 + b_1) @ W_2 + b_2
        ),
    ),
    (
        ENTROPY,
        "1 is added before the logarithm",
        lambda weights: -(weights * np.log1p(weights)).sum(axis=-1),
    ),
    (
        ATTENTION,
        "k and v have changed places",
        lambda q, k, v: exp_rows(q @ v.T / np.sqrt(q.shape[1])) @ k,
    ),
    (
        STRONGEST,
        "right, but not with: “saw” of 4 words",
        lambda weights, tokens, query: max(
            tokens, key=dict(zip(tokens, weights[query], strict=True)).get
        ),
    ),
    (BASE, "infinity", lambda d_model: float(np.float32(2) ** np.float32(d_model / 2))),
    # pairs whose halves meet, or that other changes explain as well
    (
        PRE_NORM,
        "your first half, h, is x + feed_forward(norm_1(x)), "
        "and your second half is attention(norm_2(h))",
        lambda x, a, n_1, f, n_2: a(n_2(x + f(n_1(x)))),
    ),
    (
        PRE_NORM,
        "your first half, h, is right, "
        "and your second half is (norm_2(h) + feed_forward(norm_2(h))) / 2",
        lambda x, a, n_1, f, n_2: (lambda h: (n_2(h) + f(n_2(h))) / 2)(x + a(n_1(x))),
    ),
    (
        ATTENTION,
        "q is used in place of k; and softmax over the queries",
        lambda q, k, v: exp_rows(q @ q.T / q.shape[1] ** 0.5).T @ v,
    ),
    (MASKED, "hidden scores still count", masked_too_late),
    (
        BLOCKS,
        "the last of blocks is left out; and a norm after every block",
        lambda x, blocks, norm: blocks_normed_each(x, blocks[:-1], norm),
    ),
    (
        BLOCK,
        "ε is 0.01, not 0.00001; and the second sum: made of x, not of norm_1's result",
        block_of_parts(
            norm=norm_with_eps(0.01),
            how=lambda x, a, n_1, f, n_2: n_2(x + f(n_1(x + a(x)))),
        ),
    ),
    # one number for a formula: rounded, another base, ^ in place of **, 32 bits
    (BASE, "your numbers are those of 2 ^ d_model // 2", lambda d_model: 2 ^ (d_model // 2)),
    (BASE, "your numbers are those of 1.41 ** d_model", lambda d_model: 1.41**d_model),
    (
        COUNT,
        "the result is the right one, counted in thousands and rounded",
        lambda m, f: round((2 * m * f + m + f) / 1000),
    ),
    (
        COUNT,
        "the result is the right one rounded to 3 significant digits",
        lambda m, f: float(f"{2 * m * f + m + f:.3g}"),
    ),
    (
        COUNT,
        "right, but not for very wide layers",
        lambda m, f: int(np.int32(2 * m) * np.int32(f) + np.int32(m + f)),
    ),
    # examples that hid it: no scores near 0, a β of 0, an f that treats each word by itself
    (
        MASKED,
        "near, but not equal: off by up to 4.2 % of the largest number",
        lambda s, mask: masked_as(s, mask, -10 * abs(s).max()),
    ),
    (
        NORM,
        "right, but not with: a word of equal numbers",
        lambda x, g, b, e: np.where(np.ptp(x, -1, keepdims=True) == 0, 0, norm_numpy(x, g, b, e)),
    ),
    (
        POST_NORM,
        "each word's result depends on this word alone: the words do not meet",
        lambda x, f, norm: np.vstack([norm(word + f(word)) for word in x[:, None]]),
    ),
    # what was told by the name of another mistake
    (
        NORM,
        "the larger of the root and ε",
        lambda x, g, b, e: (
            (x - x.mean(-1, keepdims=True)) / np.maximum(x.std(-1, keepdims=True), e) * g + b
        ),
    ),
    (
        GRADIENT,
        "right in the last of the rows, wrong in the others",
        lambda grad, f_backward: np.vstack([grad[:-1], grad[-1:] + f_backward(grad)[-1:]]),
    ),
    (
        MASKED,
        "softmax to base 2 of each row of its input in place of the softmax",
        lambda s, mask: masked_as(np.log(2) * s, mask, -np.inf),
    ),
    (
        ENTROPY,
        "the sign is missing; and the mean in place of the sum",
        lambda weights: (weights * np.log(np.where(weights > 0, weights, 1))).mean(-1),
    ),
    (
        ENTROPY,
        "every number is the right one divided by the number of words",
        lambda weights: -(weights * np.log(np.where(weights > 0, weights, 1))).mean(-1),
    ),
    # a change told where it is seen, not where it may be
    (
        ATTENTION,
        "the scores, times 2, in place of the scores",
        lambda q, k, v: exp_rows(2 * q @ k.T / q.shape[1] ** 0.5) @ v,
    ),
    (
        ATTENTION,
        "1 for the first of the largest numbers of each row of its input, 0 for the others "
        "in place of the softmax",
        lambda q, k, v: v[(q @ k.T).argmax(axis=1)],
    ),
    (
        MULTI_HEAD,
        "every number is the right one divided by n_heads",
        lambda *given: heads_in_a_loop(*given) / given[-1],
    ),
    (
        STACK,
        "only the last of steps is used, each time",
        lambda x, steps: stack_loop(x, steps[-1:] * len(steps)),
    ),
    (
        STACK,
        "each step's result is divided by 10",
        lambda x, steps: stack_loop(x, [lambda x, f=f: f(x) / 10 for f in steps]),
    ),
    (
        MASKED,
        "the last visible key of each row is hidden",
        lambda s, m: (
            masked_as(
                s, m & ((m[:, ::-1].cumsum(1)[:, ::-1] > 1) | (m.sum(1) == 1)[:, None]), -np.inf
            )
            if m.any(axis=1).all()
            else masked_as(s, m, 0)
        ),
    ),
    # arguments of a block handed on wrongly, with another mistake
    (
        BLOCK,
        "the matrices are taken in the order W_k, W_o, W_q, W_v (in attention)",
        block_of_parts(lambda x, q, k, v, o, n: heads_in_a_loop(x, k, o, q, v, n)),
    ),
    (
        BLOCK,
        "the norms have changed places; and ε is 0.001, not 0.00001",
        block_of_parts(
            norm=norm_with_eps(1e-3),
            how=lambda x, a, n_1, f, n_2: post_norm_block(x, a, n_2, f, n_1),
        ),
    ),
    (
        BLOCK,
        "both norms stand at the end; and W_q is transposed (in attention)",
        block_of_parts(
            lambda x, q, k, v, o, n: heads_in_a_loop(x, q.T, k, v, o, n),
            how=lambda x, a, n_1, f, n_2: n_2(n_1(x + a(x) + f(x + a(x)))),
        ),
    ),
    (
        BLOCK,
        "the network reads x, not h; and there are d_head heads, each n_heads wide (in attention)",
        block_of_parts(
            lambda *given: heads_in_a_loop(*given[:5], len(given[1]) // given[5]),
            how=lambda x, a, n_1, f, n_2: n_2(n_1(x + a(x)) + f(x)),
        ),
    ),
    (
        BLOCK,
        "the second skip starts at norm_1(x)",
        block_made_so(lambda x, a, n_1, f, n_2: n_2(n_1(x) + f(n_1(x + a(x))))),
    ),
    # some heads, keys or places only
    (MULTI_HEAD, "reshape with no axis swap (in v alone)", heads_of_their_own("v", straight)),
    (
        MULTI_HEAD,
        "reshape with no axis swap (in q and k alone)",
        heads_of_their_own("qk", straight),
    ),
    (MULTI_HEAD, "every head has that of head 0 (in k and v alone)", heads_sharing("kv", 99)),
    (MULTI_HEAD, "the heads have those of heads 0, 0, 1, 1 … (in k alone)", heads_sharing("k", 2)),
    (
        MULTI_HEAD,
        "the last head is left out; and divided by √d_model",
        lambda x, q, k, v, o, n: heads_in_a_loop(
            x, q, k, v * (np.arange(len(v)) < len(v) - len(v) // n), o, n, len(v) ** 0.5
        ),
    ),
    (
        MASKED,
        "the hidden keys' share is spread evenly over the visible ones",
        lambda s, m: masked_then(s, m, lambda w: m / m.sum(axis=1, keepdims=True)),
    ),
    (
        MASKED,
        "the hidden keys' share goes to the largest visible weight",
        lambda s, m: masked_then(s, m, lambda w: np.eye(s.shape[1])[w.argmax(axis=1)]),
    ),
    (
        INPUT,
        "the words are not scaled; and one position vector for each sentence",
        lambda x, code: x + code[np.arange(len(x)) % len(code), None],
    ),
    (
        NORM,
        "ε beside the root; and the scaled numbers minus β is taken",
        lambda x, g, b, eps: (
            (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + eps) * g - b
        ),
    ),
    # true, but hard to read
    (
        MULTI_HEAD,
        "the sum of v of every head over all heads, in every place, in place of v of every head",
        lambda x, q, k, v, o, n: heads_in_a_loop(x, q, k, np.tile(sum(np.hsplit(v, n)), n), o, n),
    ),
    (BASE, "every number of the result is 1.15792e+77", lambda d_model: 2.0**256),
    (
        KNOCK_OUT,
        "without W_o; and concat, times 2, in place of concat",
        lambda concat, W_o, n, head: 2 * concat * (np.arange(len(W_o)) // (len(W_o) // n) != head),
    ),
    (
        GRADIENT,
        "numbers outside -1 … 1 are cut there, the rest is right",
        lambda g, back: np.clip(g + back(g), -1, 1),
    ),
]
for answers, name, answer in OF_A_KIND:
    answers.wrong.setdefault(name, []).append(answer)

ALL = [
    SOFTMAX, ATTENTION, MASKED, SPLIT, MULTI_HEAD, ADD, GRADIENT, STACK, NORM, POST_NORM, UPSTREAM,
    NETWORK, COUNT, MERGE, CODE, INPUT, EQUIVARIANT, BASE, PRE_NORM, BLOCKS, BLOCK,
    STRONGEST, ENTROPY, KNOCK_OUT,
]  # fmt: skip
