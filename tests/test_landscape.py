"""The slice through the loss: directions as long as the weights, places, what is counted."""

import numpy as np
import pytest

from helpers.learning import landscape, model

PARAMS = {
    "W": np.array([[3.0, 0.0, 1.0], [4.0, 0.0, 1.0]]),  # (in, out): columns of length 5, 0, √2
    "parts": [{"b": np.ones(3)}],
}


def test_each_column_of_a_direction_is_as_long_as_that_of_the_weights():
    drawn = landscape.direction(PARAMS, np.random.default_rng(0))
    assert np.allclose(np.linalg.norm(drawn["W"], axis=0), [5, 0, 2**0.5])
    assert np.array_equal(drawn["parts"][0]["b"], np.zeros(3))
    other = landscape.direction(PARAMS, np.random.default_rng(1))
    assert np.abs(drawn["W"] - other["W"]).max() > 0.1


def test_a_direction_of_a_model_has_the_form_of_its_weights():
    params = model.init(model.Design(5, 3, 4, 2, 6), np.random.default_rng(0))
    drawn = landscape.direction(params, np.random.default_rng(0))
    assert drawn["layers"][0]["attention"]["W_q"].dtype == np.float32
    assert np.array_equal(drawn["layers"][0]["norm_1"]["gamma"], np.zeros(4))


def test_rows_go_along_the_second_direction_and_come_one_by_one():
    params = {"p": np.array([[10.0, 20.0]])}
    u, v = {"p": np.array([[1.0, 0.0]])}, {"p": np.array([[0.0, 3.0]])}

    def loss(moved):
        return moved["p"][0, 0] + 100 * moved["p"][0, 1]

    tables = list(landscape.surface(loss, params, (u, v), reach=2.0, count=3))
    first, _, whole = tables
    expected = [[8 + 1400, 10 + 1400, 12 + 1400], [8 + 2000, 10 + 2000, 12 + 2000]]
    assert np.array_equal(whole[:2], expected)
    assert np.array_equal(np.isnan(first), [[False] * 3, [True] * 3, [True] * 3])
    assert np.array_equal(params["p"], [[10.0, 20.0]])


def test_the_middle_of_a_slice_is_the_loss_of_the_weights_themselves():
    params = {"p": np.random.default_rng(0).standard_normal((4, 3))}
    directions = [landscape.direction(params, np.random.default_rng(seed)) for seed in (1, 2)]

    def loss(moved):
        return float(np.square(moved["p"] - 1).sum())

    *_, table = landscape.surface(loss, params, directions, count=5)
    assert table[2, 2] == loss(params)
    assert table[2, 3] == pytest.approx(loss({"p": params["p"] + 0.5 * directions[0]["p"]}))
    assert landscape.bends_down(table) == 0  # a sum of squares bends up along every line


def test_minima_are_places_lower_than_their_four_neighbours():
    table = np.array(
        [
            [0, 5, 5, 5, 5],  # the rim does not count
            [5, 2, 5, 3, 3],  # a flat place is no minimum
            [5, 5, 1, 5, 5],  # a lower place on the diagonal is no neighbour
            [5, 5, 5, 5, 5],
        ]
    )
    assert np.argwhere(landscape.minima(table)).tolist() == [[1, 1], [2, 2]]
    half = table.astype(float)
    half[3] = np.nan
    assert np.argwhere(landscape.minima(half)).tolist() == [[1, 1]]


def test_what_bends_down_is_counted_along_rows_and_columns():
    x = np.linspace(-1, 1, 7)
    assert landscape.bends_down(np.add.outer(x**2, x**2)) == 0
    assert landscape.bends_down(-np.add.outer(x**2, x**2)) == 1
    assert landscape.bends_down(np.subtract.outer(x**2, x**2)) == 0.5


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[3, 1, 2, 4]], 1),  # a valley
        ([[1, 2, 3, 4]], 1),  # a slope
        ([[4, 3, 2, 1]], 1),
        ([[1, 3, 4, 2]], 0),  # a hill
        ([[3, 1, 2, 1]], 0),  # two valleys
        ([[3, 1, 2, 4], [3, 1, 2, 1], [4, 3, 2, 1]], 2),
    ],
)
def test_rows_with_a_single_valley_are_counted(rows, expected):
    assert landscape.single_valleys(rows) == expected
