"""Choices of controls that several lessons share."""

from helpers.drawing import arrays

NORM_CHOICES = [("before f (pre)", "pre"), ("after the sum (post)", "post"), ("none", "none")]


def numbered(words):
    """Return the words as choices, numbered from 0: a word that comes twice stays two choices."""
    return [(f"{i} {arrays.short(word)}", i) for i, word in enumerate(words)]
