"""Controls and choices that several lessons share."""

from helpers import words as lesson_words
from helpers.drawing import arrays
from helpers.explorers import explorer

WORDS = list(lesson_words.NAMED)  # the two words of the running example
NORM_CHOICES = [("pre-norm", "pre"), ("post-norm", "post"), ("none", "none")]


def numbered(words):
    """Return the words as choices, numbered from 0: a word that comes twice stays two choices."""
    return [(f"{i} {arrays.short(word)}", i) for i, word in enumerate(words)]


def word_menu():
    """Return the menu of the two words."""
    return explorer.menu("Word", 0, [(word, i) for i, word in enumerate(WORDS)])


def offer_words(query, line, maximum=lesson_words.MAX_WORDS):
    """Let the control of the query word offer the words of a typed line; return whether it does.

    Where the line cannot be read the choices stay as they are: compute says what is wrong.
    """
    try:
        words = lesson_words.split(line, maximum)
    except ValueError:
        return False
    explorer.offer(query, numbered(words))
    return True
