"""What the heads of a real encoder do: all-MiniLM-L6-v2, six blocks of twelve heads, d_model 384.

The blocks are those of the lessons (post-norm, GELU), trained by others on a billion pairs of
sentences. helpers/data/minilm.npz holds an extract, made by tests/golden/make_minilm.py in half
precision: the attention of all 72 heads over a dozen sentences and, for four heads, what came into
their layer and their W_q, W_k, W_v. helpers/data/minilm.txt says whose work it is, and its
licence.
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers import checks, layer_norm, stack

D_MODEL, D_FF, MAX_WORDS = 384, 1536, 16
SPREAD = 0.02  # of the weights with which this model began, before it was trained
FILE = Path(__file__).resolve().parents[1] / "data" / "minilm.npz"
# Which word would a reader connect with which? (sentence, the word, the other word), by hand.
PAIRS = {
    "verb → object": (
        (0, "cross", "street"), (5, "bought", "car"), (6, "read", "book"), (8, "heat", "water"),
        (10, "has", "garden"), (11, "raised", "rates"),
    ),
    "adjective → noun": (
        (5, "red", "car"), (7, "quick", "fox"), (7, "lazy", "dog"), (10, "big", "house"),
        (10, "small", "garden"), (13, "small", "boat"), (13, "wide", "sea"),
    ),
    "pronoun → its noun": (
        (0, "it", "animal"), (8, "it", "water"), (9, "he", "john"), (9, "her", "mary"),
        (11, "its", "bank"),
    ),
}  # fmt: skip


class Reading(NamedTuple):
    text: str  # the sentence
    tokens: list  # seq_len word pieces, lower case; [CLS] before them and [SEP] after
    weights: np.ndarray  # (n_layers, n_heads, seq_len, seq_len)


class Head(NamedTuple):
    x: np.ndarray  # (seq_len, d_model)  what came into the head's layer
    params: dict  # W_q, W_k, W_v (d_model, d_head) and their biases, as self_attention takes them


@lru_cache(maxsize=1)
def _extract():
    with np.load(FILE, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


@lru_cache(maxsize=1)
def readings():
    """Return all sentences with the attention that the model gives them: a tuple of Reading."""
    stored = _extract()
    return tuple(
        Reading(str(text), stored[f"tokens/{i}"].tolist(), stored[f"weights/{i}"].astype(float))
        for i, text in enumerate(stored["sentences"])
    )


def close_ups():
    """Return the heads whose matrices are here: (layer, head), counted from 0."""
    return tuple((int(layer), int(head)) for layer, head in _extract()["close_up"])


def head(sentence, layer, head):
    """Return one head's input for a sentence, and its matrices.

    sentence: a number, as readings are counted. Raises ValueError for a
    head or a sentence that is not here, TypeError for anything but integers.
    """
    layer, head = checks.require_size(layer, "layer", 0), checks.require_size(head, "head", 0)
    if not checks.require_size(sentence, "sentence", 0) < len(readings()):
        raise ValueError(f"sentence={sentence}; expected 0 to {len(readings()) - 1}")
    if (layer, head) not in close_ups():
        raise ValueError(
            f"layer {layer} head {head} is not in the extract; choose one of "
            + ", ".join(map(str, close_ups()))
        )
    stored, name = _extract(), f"L{layer}H{head}"
    params = {
        f"{kind}_{role}": stored[f"{kind}_{role}/{name}"].astype(float)
        for kind in "Wb"
        for role in "qkv"
    }
    return Head(stored[f"x/{sentence}/{name}"].astype(float), params)


def closeness():
    """Return how close the first four sentences are to each noun as the culprit, and without heads.

    The model compares sentences by the mean of their words' outputs. For "… because it was too
    tired." it is asked how close that is to "The animal was too tired." and to "The street was too
    tired.": cosines, (4, 2). The second array has the same with one head's slice set to zero:
    (4, n_layers, n_heads, 2).
    """
    return _extract()["closeness"], _extract()["closeness_without"]


def patterns(weights):
    """Return what each head does on average over all sentences: {pattern: (n_layers, n_heads)}.

    weights: one array (n_layers, n_heads, seq_len, seq_len) a sentence, of this model or another
    that read the same sentences. The first and the last place, [CLS] and [SEP], do not count as
    query words; "previous word" and "next word" are looks from word to word.
    """
    found = {"previous word": [], "next word": [], "first place": []}
    for one in weights:
        inner = np.arange(1, one.shape[-1] - 1)  # the words and the full stop
        found["previous word"].append(one[..., inner[1:], inner[:-1]].mean(axis=-1))
        found["next word"].append(one[..., inner[:-1], inner[1:]].mean(axis=-1))
        found["first place"].append(one[..., inner, 0].mean(axis=-1))
    tokens = [reading.tokens for reading in readings()]
    for name, pairs in PAIRS.items():
        found[name] = [
            weights[i][..., tokens[i].index(word), tokens[i].index(other)]
            for i, word, other in pairs
        ]
    return {name: np.mean(means, axis=0) for name, means in found.items()}


@lru_cache(maxsize=1)
def habits():
    """Return the patterns of the trained model's heads over all sentences."""
    return patterns([reading.weights for reading in readings()])


def untrained(seed, spread=SPREAD):
    """Return the attention of the same encoder with random weights, over the same sentences.

    spread: the standard deviation of all weights, 0.02 where the real one began; None draws them as
    this course does (Glorot), two and a half times as wide. One array (n_layers, n_heads, seq_len,
    seq_len) per sentence. Raises ValueError or TypeError if the seed is not an integer from 0 up,
    and for a negative spread.
    """
    rng = np.random.default_rng(checks.require_size(seed, "seed", 0))
    if spread is not None:
        spread = checks.require_number(spread, "spread", minimum=0)
    n_layers, n_heads, _, _ = readings()[0].weights.shape
    layers = stack.init(n_layers, D_MODEL, n_heads, D_FF, rng)
    if spread is not None:
        for layer in layers:
            for params, names in ((layer["attention"], "qkvo"), (layer["feed_forward"], "12")):
                for W in (f"W_{name}" for name in names):
                    params[W] = spread * rng.standard_normal(params[W].shape, np.float32)
    vectors, places = {}, rng.standard_normal((MAX_WORDS, D_MODEL))
    found = []
    for reading in readings():
        words = [vectors.setdefault(t, rng.standard_normal(D_MODEL)) for t in reading.tokens]
        x = (np.array(words) + places[: len(words)]).astype(np.float32)  # (seq_len, d_model)
        x = layer_norm.forward(x, layer_norm.init(D_MODEL)).out
        traces = stack.forward(x, layers, n_heads)
        found.append(np.array([trace.attention.weights for trace in traces]))
    return found
