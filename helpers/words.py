"""Words and their vectors: the same two words, with the same numbers, in every notebook.

The numbers of "Thinking" and "Machines" are hand-made, small enough to multiply on paper. Every
other word gets random numbers. They depend on its letters alone, so a word has the same vector in
every lesson and on every computer. Nothing here is trained.
"""

import unicodedata
import zlib

import numpy as np

from helpers import checks, self_attention

FEATURES = ("thing", "action", "alive", "new")  # what the four numbers of a hand-made word say
NAMED = {
    "Thinking": (0.0, 1.0, 1.0, 1.0),  # an action, alive, new
    "Machines": (2.0, 0.0, 0.0, 2.0),  # a thing, very new
}
MAX_WORDS = 12


def split(text, maximum=MAX_WORDS):
    """Return the words of a typed line; letters that were typed in parts are put together (NFC).

    Raises TypeError for anything but text, and ValueError for no word or more than `maximum`.
    """
    if not isinstance(text, str):
        raise TypeError(f"the words are a {type(text).__name__}; expected text such as 'a b c'")
    maximum = checks.require_size(maximum, "maximum")
    words = unicodedata.normalize("NFC", text).split()
    if not words:
        raise ValueError(f"there is no word; expected 1 to {maximum}, with spaces between them")
    if len(words) > maximum:
        raise ValueError(f"there are {len(words)} words; expected 1 to {maximum}")
    return words


def named(words, d_model=4):
    """Return one row per word: (len(words), d_model), float64.

        Thinking 0 1 1 1      Machines 2 0 0 2      thing, action, alive, new

    These first four numbers are hand-made, and FEATURES names them. All others are drawn from a
    standard normal distribution, with the word's letters as the seed.
    Raises ValueError for an empty list or a d_model below 1, TypeError for anything but words.
    """
    d_model = checks.require_size(d_model, "d_model")
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise TypeError(f"{checks.of_type(words, 'words')}; expected a list of words")
    if not words:
        raise ValueError("words is empty; expected at least one word")
    rows = []
    for word in words:
        row = np.random.default_rng(zlib.crc32(word.encode())).standard_normal(d_model)
        known = NAMED.get(word, ())[:d_model]
        row[: len(known)] = known
        rows.append(row)
    return np.array(rows)  # (seq_len, d_model)


def hand_made_attention():
    """Return parameters of self_attention, for words of four numbers, that can be read aloud.

        query: an action asks for a thing, twice, and for something alive; a thing asks for
               something alive
        key:   a thing answers "thing"; something alive answers "alive"
        value: how new the word is, and whether it is alive

    So "Thinking" looks at "Machines" and "Machines" at "Thinking". W_q, W_k, W_v are (4, 2), the
    biases (2,) are zero. The columns of W_q and W_k are "thing" and "alive", those of W_v "new"
    and "alive".
    """
    return {
        "W_q": np.array([[0.0, 1.0], [2.0, 1.0], [0.0, 0.0], [0.0, 0.0]]),
        "W_k": np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
        "W_v": np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]),
        **{name: np.zeros(2) for name in ("b_q", "b_k", "b_v")},
    }


def attention_step(x):
    """Return what the hand-made attention finds, laid back onto the four features.

        f(x) = z W_o      W_o puts "new" under new and "alive" under alive

    x: (seq_len, 4); returns (seq_len, 4). So Thinking finds out that Machines are new.
    """
    z = self_attention.forward(x, hand_made_attention()).out  # (seq_len, 2): new, alive
    W_o = np.array([[0.0, 0, 0, 1], [0, 0, 1, 0]])  # (2, d_model)
    return z @ W_o


def hand_made_network():
    """Return parameters of feed_forward, 4 → 6 → 4, that can be read aloud.

        unit   asks (W_1, b_1)        lit, it adds (W_2)
        0      thing, not action?     a thing, and no action
        1      action, not thing?     an action, and no thing
        2      alive and new?         twice alive
        3      new, not alive?        not alive
        4      thing and new?         new
        5      not new?               not new

    W_1 is (4, 6), b_1 (6,), W_2 (6, 4) and b_2 (4,). b_2 is zero. Units 2, 3 and 4 pass on only
    what is above 1.
    """
    return {
        "W_1": np.array(
            [[1.0, -1, 0, 0, 1, 0], [-1, 1, 0, 0, 0, 0], [0, 0, 1, -1, 0, 0], [0, 0, 1, 1, 1, -1]]
        ),
        "b_1": np.array([0.0, 0, -1, -1, -1, 0]),
        "W_2": np.array(
            [
                [1.0, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 2, 0],
                [0, 0, -1, 0], [0, 0, 0, 1], [0, 0, 0, -1],
            ]
        ),
        "b_2": np.zeros(4),
    }  # fmt: skip


def hand_made_block():
    """Return parameters of encoder_block, with 2 heads and 6 hidden units, that can be read aloud.

    head 0:  hand_made_attention: an action asks for a thing, a thing for something alive
    head 1:  an action asks for an action, a thing for a thing; each finds its own kind
    W_o:     new → new, alive → action and alive, thing → thing, action → action
    norms:   γ = 1, β = 0
    feed-forward: hand_made_network
    """
    first = hand_made_attention()
    own_kind = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])  # thing, action
    second = {"W_q": own_kind * [1, 2], "W_k": own_kind, "W_v": own_kind * [0.5, 1]}
    attention = {name: np.hstack([first[name], second[name]]) for name in ("W_q", "W_k", "W_v")}
    attention["W_o"] = np.array([[0.0, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]])
    return {
        "attention": attention | {name: np.zeros(4) for name in ("b_q", "b_k", "b_v", "b_o")},
        "norm_1": {"gamma": np.ones(4), "beta": np.zeros(4)},
        "feed_forward": hand_made_network(),
        "norm_2": {"gamma": np.ones(4), "beta": np.zeros(4)},
    }
