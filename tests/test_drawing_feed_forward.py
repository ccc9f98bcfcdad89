"""The bends that are drawn are the step's own, and two hinges do make a fold."""

import numpy as np

from helpers import feed_forward
from helpers.drawing.feed_forward import (
    Answers,
    answers_picture,
    bend_picture,
    bends_picture,
    draw_bend,
    draw_bends,
    draw_fold,
    draw_parameters,
    draw_sum,
    questions,
)
from helpers.drawing.figure import new_figure
from helpers.drawing.live_cells import LiveCells
from helpers.drawing.sheet import sheet


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
    np.testing.assert_allclose(drawn["unit 0"][:, 1] + drawn["unit 1"][:, 1], np.abs(a))


def test_the_lowest_value_in_the_sentence_is_that_of_gelu():
    lowest = feed_forward.activate(np.linspace(-3, 0, 3001), "gelu").min()
    assert f"dips to −{-lowest:.2f}" in bends_picture().sentence


def test_a_question_says_what_the_unit_adds_up():
    W_1 = np.array([[1.0, 0, 0], [-1, 1, -1], [0, 2, 0]])  # (d_model, d_ff)
    assert questions(W_1, ["a", "b", "c"]) == ["a, not b?", "b and c?", "not b?"]


def test_the_lit_units_are_named_and_stand_on_the_curve():
    sums = np.array([-1.0, 1.5, 0.5])
    assert "units 1, 2 are lit" in bend_picture(sums, "a word").sentence
    ax = new_figure().add_subplot()
    draw_bend(ax, sums)
    on, off = (line.get_xydata().tolist() for line in ax.get_lines()[1:])
    assert (on, off) == ([[1.5, 1.5], [0.5, 0.5]], [[-1, 0]])


def test_a_dot_stands_on_every_wrong_answer():
    truth = np.arange(9).reshape(3, 3)
    said = truth.copy()
    said[2, 1] = 0
    ax = new_figure().add_subplot()
    Answers(ax).draw(said, truth)
    assert ax.get_lines()[0].get_xydata().tolist() == [[1, 2]]
    assert "small has 1 wrong" in answers_picture({"small": said}, truth).sentence


def test_the_numbers_of_sum_and_weights_stand_in_their_cells():
    x, f_x = np.array([[1.0, -0.5]]), np.array([[0.5, 0.1]])
    ax = sheet(new_figure())
    draw_sum(ax, x, f_x, x, ["word"], ["a", "b"])
    assert written(ax) == ["1.0 −0.5", "0.5 0.1", "1.5 −0.4", "1.0 −0.5"]
    params = {"W_1": np.eye(2), "b_1": np.array([0.0, -1]), "W_2": 2 * np.eye(2)}
    ax = sheet(new_figure())
    draw_parameters(ax, params, ["a", "b"])
    assert written(ax) == ["1 0 0 1", "0 −1", "2 0 0 2"]


def written(ax):
    """Return what stands in each matrix of a sheet."""
    return [part.get_text() for part in ax.artists if isinstance(part, LiveCells)]
