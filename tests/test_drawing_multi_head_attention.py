"""Heads side by side: the width is d_model at every head count; the bars are the numbers."""

import numpy as np
import pytest

from helpers import multi_head_attention
from helpers.drawing.bars import centres, live_bars, spans
from helpers.drawing.figure import new_figure
from helpers.drawing.multi_head_attention import heads_picture


@pytest.mark.parametrize("n_heads", [1, 2, 7, 12])
def test_the_heads_fill_the_same_width_side_by_side(n_heads):
    edges = spans(n_heads)
    assert edges.shape == (n_heads, 2)
    assert edges[0, 0] == 0
    assert edges[-1, 1] == pytest.approx(1)
    assert np.ptp(edges[:, 1] - edges[:, 0]) < 1e-12
    assert (edges[1:, 0] > edges[:-1, 1]).all()


def test_the_cells_of_a_head_lie_inside_it_and_in_order():
    middles = centres(3, 4)
    assert middles.shape == (3, 4)
    assert (np.diff(middles.ravel()) > 0).all()
    for row, (left, right) in zip(middles, spans(3), strict=True):
        assert left < row[0]
        assert row[-1] < right
        assert row.mean() == pytest.approx((left + right) / 2)


def test_a_bar_reaches_from_zero_to_its_number_head_by_head():
    values = np.array([[0.5, -1.0, 2.0], [3.0, 0.0, -4.0]])  # (n_heads, d_head)
    bars = live_bars(new_figure().add_subplot(), "z")
    bars.set_head_heights(values)
    corners = np.array([path.vertices[:4] for path in bars.get_paths()])
    assert corners.shape == (6, 4, 2)
    np.testing.assert_array_equal(corners[:, 1, 1], values.ravel())
    np.testing.assert_array_equal(corners[:, 2, 1], values.ravel())
    assert (corners[:, [0, 3], 1] == 0).all()
    np.testing.assert_allclose(corners[:, [0, 3], 0].mean(axis=1), centres(2, 3).ravel())
    assert (corners[1:, 0, 0] > corners[:-1, 3, 0]).all(), "bars overlap"


def test_the_picture_says_its_sizes_and_changes_with_its_numbers():
    x, rng = np.random.default_rng(0).standard_normal((2, 14)), np.random.default_rng(1)
    params = multi_head_attention.init(14, 7, rng)
    words = ["Thinking", "costs $5 $6"]
    picture = heads_picture(multi_head_attention.forward(x, params, 7), words)
    assert repr(picture) == ("7 heads of 2: 7 z's of 2 × 2, side by side 2 × 14, after W_o 2 × 14.")
    other = heads_picture(multi_head_attention.forward(x[::-1], params, 7), words)
    assert other.png != picture.png
