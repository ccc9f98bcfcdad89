"""One Transformer encoder block, step by step. This page is the map.

The steps, in class order; each has init, forward and backward, in numpy alone:

    self_attention          each word takes a weighted sum of all words
    multi_head_attention    several such attentions side by side
    skip_connections        the input is added to what a layer made of it
    layer_norm              each word's vector gets mean 0 and variance 1
    feed_forward            the same small network at each word
    positional_encoding     a code for each position, added to the words
    encoder_block           all of it assembled
    linear                  y = x W + b and its backward, which the steps above share
    checks                  the one place that turns a bad argument into a clear error
    words, stack            the running example; blocks on top of each other
    threads                 one thread for numpy's matrix products

The subpackages behind them; imports point from later ones to earlier ones, never back:

    learning     models that are trained and stacks that are measured, and the experiments
                 of each lesson with their table over many seeds (numpy)
    drawing      pictures that take `ax` first, one palette, one style file (matplotlib)
    explorers    controls above one live figure above one sentence (ipywidgets)
    exercises    what a student wrote, checked: its mistake is named (numpy)
    data         golden numbers of a reference implementation; the table of the experiments; an
                 extract of a real encoder; the questions of each lesson

A notebook's stem is the name of its step's file, and of those in all other subpackages.
reading_attention has no step of its own: it reads what encoder_block did.
Importing this package limits numpy's matrix products to one thread (threads.py says why).
"""

from helpers import threads

threads.limit(1)
