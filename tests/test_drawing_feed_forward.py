"""The bends that are drawn are the step's own, and two hinges do make a fold."""

import numpy as np

from helpers import feed_forward
from helpers.drawing.feed_forward import bends_picture, draw_bends, draw_fold
from helpers.drawing.figure import new_figure


def curves(ax):
    return {line.get_label(): line.get_xydata() for line in ax.get_lines()}


def test_each_curve_is_the_activation_that_it_is_named_after():
    ax = new_figure().add_subplot()
    draw_bends(ax)
    drawn = curves(ax)
    for label, activation in (("ReLU", "relu"), ("GELU", "gelu"), ("none: h itself", "none")):
        h, bent = drawn[label].T
        assert (h[0], h[-1]) == (-3, 3)
        np.testing.assert_allclose(bent, feed_forward.activate(h, activation))
    assert len({line.get_linestyle() for line in ax.get_lines()}) == 3  # never colour alone


def test_a_fold_is_the_sum_of_its_hinges():
    ax, a = new_figure().add_subplot(), np.linspace(-2, 2, 9)
    draw_fold(ax, np.maximum(a, 0), np.maximum(-a, 0), a)
    drawn = curves(ax)
    np.testing.assert_allclose(drawn["their sum"][:, 1], np.abs(a))
    np.testing.assert_allclose(drawn["unit 1"][:, 1] + drawn["unit 2"][:, 1], np.abs(a))


def test_the_lowest_value_in_the_sentence_is_that_of_gelu():
    lowest = feed_forward.activate(np.linspace(-3, 0, 3001), "gelu").min()
    assert f"dips to −{-lowest:.2f}" in bends_picture().sentence
