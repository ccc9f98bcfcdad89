"""Words and their vectors: the same two words, with the same numbers, in every notebook.

The numbers of "Thinking" and "Machines" are hand-made, small enough to multiply on paper. Every
other word gets random numbers that depend on its letters alone, so it has the same vector in
every lesson and on every machine. Nothing here is trained: these vectors carry no meaning.
"""

import zlib

import numpy as np

from helpers import checks

HAND_MADE = {
    "Thinking": (1.0, 0.0, 1.0, 0.5),
    "Machines": (0.0, 2.0, -1.0, 1.0),
}
MOST_WORDS = 12


def split(text, most=MOST_WORDS):
    """Return the words of a typed line.

    Raises TypeError for what is no text, ValueError for no word at all and for more than `most`.
    """
    if not isinstance(text, str):
        raise TypeError(f"the words are a {type(text).__name__}; expected text such as 'a b c'")
    most = checks.require_size(most, "most")
    words = text.split()
    if not words:
        raise ValueError(f"there is no word; expected 1 to {most}, with spaces between them")
    if len(words) > most:
        raise ValueError(f"there are {len(words)} words; expected 1 to {most}")
    return words


def embed(words, d_model=4):
    """Return one row for each word: (len(words), d_model), float64.

    The first four numbers of "Thinking" and "Machines" are hand-made; all others are drawn from
    a standard normal distribution, with the word's letters as the seed.
    Raises ValueError for an empty list or a d_model below 1, TypeError for what is no word.
    """
    d_model = checks.require_size(d_model, "d_model")
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise TypeError(f"{checks.of_type(words, 'words')}; expected a list of words")
    if not words:
        raise ValueError("words is empty; expected at least one word")
    rows = []
    for word in words:
        row = np.random.default_rng(zlib.crc32(word.encode())).standard_normal(d_model)
        known = HAND_MADE.get(word, ())[:d_model]
        row[: len(known)] = known
        rows.append(row)
    return np.array(rows)  # (seq_len, d_model)
