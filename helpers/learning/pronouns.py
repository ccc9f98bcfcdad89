"""A small grammar in which "it" stands for one of two nouns, and only the last word says which.

    the animal did not cross the street because it was too tired      it: the animal
    the animal did not cross the street because it was too wide       it: the street

Ten animates, ten places, six adjectives that fit only the one and six that fit only the other;
active and passive, either noun first, the reason before or after. A fifth of all combinations of
animate, place and adjective is held out of training, both sentences above among them. So a
model that answers those has not learned them by heart.
"""

import difflib
import re
from typing import NamedTuple

import numpy as np

from helpers import words as lesson_words

NOUNS = (
    tuple("animal dog cat horse child woman man bird rabbit soldier".split()),
    tuple("street road river bridge field fence box wall path tunnel".split()),
)
ADJECTIVES = (  # those that fit the nouns above, kind by kind
    tuple("tired hungry scared sleepy lazy thirsty".split()),
    tuple("wide deep narrow long steep icy".split()),
)
VERBS = tuple("cross leave enter reach pass see".split())
PARTICIPLES = tuple("crossed left entered reached passed seen".split())
COLOURS = tuple("red blue green black white brown old new".split())
ADVERBS = tuple("yesterday today again then".split())
DEGREES = tuple("too so very".split())
FRAMES = (  # capitals are filled in; FIRST and SECOND are one animate and one place, in any order
    "the FIRST did not VERB the SECOND because it was DEGREE ADJECTIVE",
    "the FIRST was not PARTICIPLE by the SECOND because it was DEGREE ADJECTIVE",
    "because it was DEGREE ADJECTIVE the FIRST did not VERB the SECOND",
    "because it was DEGREE ADJECTIVE the FIRST was not PARTICIPLE by the SECOND",
)
BLANK, IT = "", "it"  # a blank stands behind the end, and for a word that is hidden
ANSWERS = NOUNS[0] + NOUNS[1]
VOCABULARY = (
    BLANK, *"the did not was by because it".split(), *ANSWERS, *ADJECTIVES[0], *ADJECTIVES[1],
    *VERBS, *PARTICIPLES, *COLOURS, *ADVERBS, *DEGREES,
)  # fmt: skip
NUMBER = {word: number for number, word in enumerate(VOCABULARY)}
MAX_WORDS = 17  # the longest sentence of the grammar


class Sentence(NamedTuple):
    words: list
    it: int  # where "it" stands
    right: int  # where the noun stands that the adjective fits
    wrong: int  # where the other noun stands
    kind: int  # 0: the right noun is an animate, 1: a place


class Corpus(NamedTuple):
    tokens: np.ndarray  # (n_sentences, seq_len)  numbers of words, 0 behind the end
    it: np.ndarray  # (n_sentences,)              positions, as in Sentence
    right: np.ndarray  # (n_sentences,)
    wrong: np.ndarray  # (n_sentences,)
    kind: np.ndarray  # (n_sentences,)
    answers: np.ndarray  # (n_sentences,)         which of ANSWERS "it" stands for


def held_out(animate, place, adjective):
    """Tell whether training never sees this combination: one in five.

    Each argument is a word's number in its own list. Every pair of nouns, and every noun with every
    adjective, does occur in training; these triples do not.
    """
    return (animate + 2 * place + 3 * adjective) % 5 == 0


def sentence(rng, new=False, drop=0.0):
    """Draw a sentence from the grammar: one that is held out if `new`, else one that is not.

    drop: the share of little words (those no answer needs) that are left out.
    """
    while True:
        animate, place, adjective = rng.integers(10), rng.integers(10), rng.integers(6)
        if held_out(animate, place, adjective) == new:
            break
    kind, first = rng.integers(2), rng.integers(2)  # of the right noun; of the noun that leads
    nouns = (NOUNS[0][animate], NOUNS[1][place])
    verb = rng.integers(len(VERBS))
    filled = {
        "FIRST": nouns[first], "SECOND": nouns[1 - first], "VERB": VERBS[verb],
        "PARTICIPLE": PARTICIPLES[verb], "DEGREE": DEGREES[rng.integers(3)],
        "ADJECTIVE": ADJECTIVES[kind][adjective],
    }  # fmt: skip
    found, at = [ADVERBS[i] for i in rng.integers(0, 4, rng.integers(3))], {}
    for slot in FRAMES[rng.integers(4)].split():
        if slot in ("FIRST", "SECOND") and rng.random() < 0.5:
            found.append(COLOURS[rng.integers(8)])
        if slot in ("FIRST", "SECOND", "ADJECTIVE", IT):
            at[slot] = len(found)
        elif rng.random() < drop:
            continue
        found.append(filled.get(slot, slot))
    places = at["FIRST"], at["SECOND"]
    right = places[0] if first == kind else places[1]
    return Sentence(found, at[IT], right, sum(places) - right, int(kind))


def corpus(rng, n_sentences, new=False, drop=0.0):
    """Draw many sentences and lay them side by side; arguments as for `sentence`."""
    drawn = [sentence(rng, new, drop) for _ in range(n_sentences)]
    tokens = np.zeros((n_sentences, MAX_WORDS), int)
    for row, one in zip(tokens, drawn, strict=True):
        row[: len(one.words)] = [NUMBER[word] for word in one.words]
    it, right, wrong, kind = np.array([one[1:] for one in drawn]).T  # each (n_sentences,)
    answers = np.array([ANSWERS.index(one.words[one.right]) for one in drawn])
    return Corpus(tokens, it, right, wrong, kind, answers)


def masks(tokens, n_layers, window=None):
    """Return one mask per layer: True where a word may look.

    No word looks at padding. window: how many words far layer 0 looks to either side; None: all.
    A place behind the end looks at itself, for a softmax needs something to look at.
    Each is (n_sentences, seq_len, seq_len).
    """
    position = np.arange(tokens.shape[1])
    distance = np.abs(np.subtract.outer(position, position))  # (seq_len, seq_len)
    everywhere = (tokens != 0)[:, None, :] | (distance == 0)
    near = everywhere if window is None else everywhere & (distance <= window)
    return [near] + [everywhere] * (n_layers - 1)


def plain(text):
    """Return a typed sentence in lower case and without commas and full stops."""
    return re.sub(r"[.,;:!?]", " ", text.lower())


def read(text, maximum=MAX_WORDS):
    """Return the words of a typed sentence, and their numbers (seq_len,).

    Raises ValueError for a word that the grammar lacks, naming near ones, for no word, and for
    more than `maximum`; TypeError for anything but text.
    """
    typed = lesson_words.split(plain(text) if isinstance(text, str) else text, maximum)
    for word in typed:
        if word not in NUMBER:
            near = difflib.get_close_matches(word, VOCABULARY, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "nothing is near it"
            raise ValueError(
                f"{word!r} is not among the {len(VOCABULARY) - 1} words of this small language: "
                f"{hint}; expected words such as {', '.join((*NOUNS[0][:3], *NOUNS[1][:3]))}"
            )
    return typed, np.array([NUMBER[word] for word in typed])
