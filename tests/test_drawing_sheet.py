"""The parts of the lessons' pictures: cells with numbers, arrows, frames, ghosts, lines of text."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from helpers.drawing import numbers, palette
from helpers.drawing.figure import SCALE, new_figure, shown_size
from helpers.drawing.live_cells import live_cells
from helpers.drawing.live_text import MIN_SIZE, live_line, text_length
from helpers.drawing.sheet import (
    elbow,
    live_arrow,
    live_frame,
    live_ghost,
    name_columns,
    name_rows,
    sheet,
)


@pytest.fixture
def ax():
    return sheet(new_figure(4, 2))  # 384 × 192 pixels of the page


def drawn(ax):
    """Return the picture at the size at which it is shown, each pixel its upper left dot."""
    ax.figure.canvas.draw()
    return np.asarray(ax.figure.canvas.buffer_rgba())[::SCALE, ::SCALE, :3].astype(int)


def near(pixel, colour, by=3):
    return np.abs(pixel - 255 * np.array(to_rgb(colour))).max() <= by


def test_a_sheet_is_measured_in_pixels_of_the_page_from_the_upper_left_corner(ax):
    assert (*ax.get_xlim(), *ax.get_ylim()) == (0, 384, 192, 0)
    assert shown_size(ax.figure) == (384, 192)
    ax.add_patch(Rectangle((100, 50), 1, 1, color="red", linewidth=0))
    rows, columns = np.nonzero(drawn(ax)[..., 1] < 100)
    assert set(rows) == {50}
    assert set(columns) == {100}


def test_the_tint_of_a_cell_grows_with_its_number_up_to_the_limit(ax):
    cells = live_cells(ax, 20, 40, 50, 30, "query", number=None, limit=4)
    cells.show([[0, 1, 2], [4, 8, 0]])
    picture = drawn(ax)
    middles = [
        [picture[55 + 30 * row, 45 + 50 * column] for column in range(3)] for row in range(2)
    ]
    reds = np.array(middles)[..., 0]
    assert near(middles[0][0], "white")
    assert 255 > reds[0, 1] > reds[0, 2] > reds[1, 0]
    assert reds[1, 0] == reds[1, 1]


def test_signed_cells_are_blue_below_zero_and_red_above_and_weights_reach_to_one(ax):
    signed = live_cells(ax, 20, 20, 50, 30, "signed", number=None)
    signed.show([-2, 0, 2])
    weights = live_cells(ax, 20, 80, 50, 30, "weights", number=None)
    weights.show([0, 0.5])
    picture = drawn(ax)
    for x, share in ((45, 0.0), (95, 0.5), (145, 1.0)):
        assert near(picture[35, x], palette.SIGNED(share))
    assert near(picture[95, 95], palette.WEIGHTS(0.5)), "0.5 is no full weight"


def test_cells_hold_their_numbers_back_with_their_tints(ax):
    cells = live_cells(ax, 20, 40, 50, 30, "query")
    cells.show([[0, 1.5, -2]])
    assert cells.get_text() == "0 1.50 −2"
    for held in ("?", ""):
        cells.show([[0, 1.5, -2]], held=held)
        assert set(cells.get_text().split()) <= {"?"}
        assert near(drawn(ax)[45, 25], "white")
    texts = [["a", "b", "c"]]
    cells.show([[0, 1.5, -2]], texts=texts)
    assert cells.get_text() == "a b c"


def test_what_is_not_spoken_of_is_pale_and_what_is_chosen_is_bold(ax):
    cells = live_cells(ax, 20, 40, 50, 30, "key")
    cells.show([3, 3])
    plain = drawn(ax)
    cells.show([3, 3], dim=[True, False])
    dim = drawn(ax)
    assert dim[42:68, 22:68].sum() > plain[42:68, 22:68].sum()
    assert np.array_equal(dim[42:68, 72:118], plain[42:68, 72:118])
    cells.show([3, 3], bold=[False, True])
    bold = drawn(ax)
    assert np.array_equal(bold[:, :68], plain[:, :68])
    assert bold[42:68, 72:118].sum() < plain[42:68, 72:118].sum()


def test_numbers_in_cells_have_at_least_thirteen_pixels(ax):
    with pytest.raises(ValueError, match=r"size=9; expected at least 9.75 points, 13 pixels"):
        live_cells(ax, 0, 0, 10, 10, "query", size=9)
    assert MIN_SIZE * 96 / 72 == 13


def test_boxes_and_sides_are_where_cells_are_drawn(ax):
    cells = live_cells(ax, 20, 40, 50, 30, "z")
    cells.show(np.zeros((2, 3)))
    assert cells.box() == (20, 40, 150, 60)
    assert cells.box(1) == (20, 70, 150, 30)
    assert cells.box(column=2) == (120, 40, 50, 60)
    assert cells.box(1, 2) == (120, 70, 50, 30)
    assert cells.side("left", 0) == (20, 55)
    assert cells.side("bottom", 1, 2) == (145, 100)
    frame = live_frame(ax, "query", width=4)
    frame.around(*cells.box(1, 2), gap=5)
    assert near(drawn(ax)[85, 115], palette.INK["query"])
    assert near(drawn(ax)[65, 145], palette.INK["query"])


def test_the_tip_of_an_arrow_is_where_it_points_to_in_every_direction(ax):
    for end in ((300, 100), (100, 100), (200, 20), (200, 180), (280, 160)):
        arrow = live_arrow(ax, (200, 100), end, head=12, kind="query")
        ink = np.argwhere(drawn(ax)[..., 0] < 128)[:, ::-1]  # (x, y) each
        way = np.array(end) - (200, 100)
        length = np.hypot(*way)
        reached = ((ink - (200, 100)) @ way / length).max()
        assert length - 3.5 <= reached <= length + 0.5
        arrow.remove()


def test_an_arrow_without_a_head_and_a_dim_one(ax):
    line = live_arrow(ax, (20, 50), (120, 50), head=0, width=4)
    full = drawn(ax)
    assert set(np.nonzero(full[..., 0] < 200)[0]) <= set(range(47, 53))
    line.set_dim(True)
    assert (drawn(ax)[50, 30:110] > full[50, 30:110]).all()
    line.set_dim(False)
    assert np.array_equal(drawn(ax), full)


def test_an_elbow_has_right_angles():
    for options in ({}, {"across": 7}, {"down": 5}):
        corners = np.array(elbow((0, 0), (10, 20), **options))
        assert (corners[0], corners[-1])[0].tolist() == [0, 0]
        assert corners[-1].tolist() == [10, 20]
        assert (np.diff(corners, axis=0) == 0).any(axis=1).all()
    assert (7, 0) in elbow((0, 0), (10, 20), across=7)
    assert (10, 5) in elbow((0, 0), (10, 20), down=5)


def test_a_ghost_is_paler_than_its_curve_and_behind_it(ax):
    (curve,) = ax.plot([20, 100], [50, 50], color=palette.FILL["z"], linewidth=3)
    ghost = live_ghost(ax, "z", linewidth=3)
    ghost.set_data([20, 180], [50, 50])
    picture = drawn(ax)
    assert near(picture[50, 60], palette.FILL["z"])
    assert near(picture[50, 150], palette.pale(palette.FILL["z"]))
    assert ghost.get_zorder() < curve.get_zorder()


def test_names_stand_beside_their_cells_and_long_ones_are_cut(ax):
    cells = live_cells(ax, 120, 60, 60, 30, "input")
    columns = name_columns(ax, cells, ["thing", "action"])
    rows = name_rows(ax, cells, ["$x$", "incomprehensibilities"])
    assert [text.get_position()[0] for text in columns] == [150, 210]
    assert [text.get_position()[1] for text in rows] == [75, 105]
    assert rows[1].get_text().endswith("…")
    assert not rows[0].get_parse_math()


def test_a_line_lowers_its_subscripts_and_is_as_long_as_its_pieces(ax):
    line = live_line(ax, 20, 100, ("W_q", "query"), " = ", ("z_12", "z", "bold"), size=15)
    assert line.get_text() == "W_q = z_12"
    parts = list(line._parts())
    assert [text for text, _, _, _ in parts] == ["W", "q", " = ", "z", "12"]
    assert [lowered > 0 for _, _, _, lowered in parts] == [False, True, False, False, True]
    assert min(font.size for _, font, _, _ in parts) >= MIN_SIZE
    assert parts[0][2] == palette.INK["query"]
    assert parts[3][1].weight == "bold"
    ink = np.nonzero(drawn(ax)[..., 0] < 200)
    length = sum(text_length(text, font) for text, font, _, _ in parts)
    assert ink[1].max() == pytest.approx(20 + length, abs=2.5)
    line.set(horizontalalignment="right", x=300)
    ink = np.nonzero(drawn(ax)[..., 0] < 200)
    assert ink[1].max() == pytest.approx(300, abs=2.5)
    assert ink[0].max() > 102, "nothing is lowered"


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (numbers.signed, {-0.001: "0.00", -1.005: "−1.00"}),
        (numbers.brief, {2.0: "2", -2: "−2", -0.0: "0", 0.7071: "0.71"}),
        (numbers.written, {0.625: "0.62", -0.001: "0.00", 9.996: "10.0", 99.96: "100",
                           -99.9996: "−100"}),
        (numbers.power, {0.031: "0.03", 120.4: "120", 2.4e-5: "2.4·10⁻⁵"}),
        (numbers.raised, {-12: "⁻¹²"}),
        (numbers.degrees_text, {np.pi: "180°", -np.pi / 4: "−45.0°", 0.001: "0.06°"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_numbers_are_written_as_a_reader_writes_them(write, expected):
    assert {number: write(number) for number in expected} == expected
