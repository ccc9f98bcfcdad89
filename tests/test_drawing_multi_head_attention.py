"""The sheet of all heads is drawn to scale, and its parts are where the numbers say."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from helpers.drawing import palette
from helpers.drawing.figure import SCALE, new_figure, style
from helpers.drawing.heads_sheet import (
    CONCAT,
    ROW,
    TOP,
    UNIT,
    X_LEFT,
    Block,
    HeadsSheet,
    Sizes,
    tints,
)
from helpers.drawing.live_text import Font, fitting, text_length
from helpers.drawing.multi_head_attention import filters_picture, split_picture
from helpers.explorers.multi_head_attention import MultiHeadAttentionExplorer

SIZES = [
    Sizes(words, d_model, n_heads, d_model // n_heads)
    for words in (1, 2, 3)
    for d_model, n_heads in ((14, 1), (14, 2), (14, 7), (12, 3), (12, 12), (4, 4))
]
SIZES += [Sizes(words, 4, 7, 4) for words in (1, 2, 3)]


def arranged(sizes):
    sheet = HeadsSheet(new_figure(9, 334 / 96))
    with style():
        sheet.arrange(["word"] * sizes.n_words, sizes)
    return sheet


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_no_matrix_of_the_sheet_covers_another_or_leaves_it(sizes):
    boxes = np.array([block.box() for block in arranged(sizes)._blocks()])
    left, top, width, height = boxes.T
    assert (left >= 0).all()
    assert (top >= 0).all()
    assert (left + width).max() <= 864
    assert (top + height).max() <= 334
    for i, (x, y, w, h) in enumerate(boxes):
        apart = (x >= left + width) | (left >= x + w) | (y >= top + height) | (top >= y + h)
        assert np.flatnonzero(~apart).tolist() == [i]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_every_number_is_equally_wide_and_each_z_stands_under_its_piece_of_concat(sizes):
    sheet = arranged(sizes)
    blocks = list(sheet._blocks())
    concat = next(b for b in blocks if (b.left, b.top) == (CONCAT, TOP))
    x = next(b for b in blocks if (b.left, b.top) == (X_LEFT, TOP))
    assert concat.box()[2] / x.box()[2] == sizes.n_heads * sizes.d_head / sizes.d_model
    zs = [b for b in blocks if b.kind == "z" and b.columns == sizes.d_head and b.height < ROW + 1]
    zs = [b for b in zs if b.top >= sheet.lanes_top]
    for head in range(sizes.n_heads):
        z = next(b for b in zs if b.left == CONCAT + UNIT * sizes.d_head * head)
        assert z.box()[2] == UNIT * sizes.d_head


def test_cells_have_a_gap_of_a_pixel_and_stand_row_by_row():
    cells = Block(10, 20, 2, 3, 8, 18, "z").cells()
    assert cells.shape == (6, 4, 2)
    assert cells[0].tolist() == [[10, 20], [17, 20], [17, 37], [10, 37]]
    assert cells[4, 0].tolist() == [18, 38]


def test_a_tint_is_darker_the_further_from_0_and_pale_where_it_is_not_spoken_of():
    white, half, full, beyond, below = tints([0, 0.5, 1, 9, -1], "z")
    assert white.tolist() == [1, 1, 1]
    np.testing.assert_allclose(full, to_rgb(palette.FILL["z"]))
    assert (half > full).any()
    assert beyond.tolist() == below.tolist() == full.tolist()
    assert (tints([1, 1], "z", dim=[True, False])[0] > full).all()
    np.testing.assert_allclose(tints([1], "weights")[0], palette.WEIGHTS(1.0)[:3])


def test_the_lit_heads_rows_of_W_o_are_framed_and_what_is_knocked_out_is_empty():
    explorer = MultiHeadAttentionExplorer()
    explorer.set(knocked_out=False, lit=3)
    sheet = explorer.picture
    (left, right), (top, bottom) = (sorted(set(v)) for v in sheet.rows_frame.get_data())
    assert (top + 2, bottom - 2) == (TOP + UNIT * 6, TOP + UNIT * 8)
    assert (left + 2, right - 2) == (sheet.w_o, sheet.w_o + UNIT * 14)
    assert not any(frame.get_visible() for frame in sheet.empty)
    with_it = explorer.picture.tiles.get_facecolor().copy()
    explorer.set(knocked_out=True)
    assert all(frame.get_visible() for frame in sheet.empty)
    first = 2 * 14 + 3 * (3 * 4 + 4 + 4) + 3 * 4 + 4  # the cells before z_3
    without = explorer.picture.tiles.get_facecolor()
    assert (without[first : first + 4, :3] == 1).all()
    assert not (with_it[first : first + 4, :3] == 1).all()


def test_a_word_is_cut_to_its_place():
    assert fitting("short", 74) == "short"
    cut = fitting("internationalization", 74)
    assert cut.endswith("…")
    assert text_length(cut, Font(11.25)) <= 74 < text_length(cut + "n", Font(11.25)) + 9


def bright(picture, x, y):
    """Return the grey level, 0 to 255, of a pixel of the page."""
    return Image.open(BytesIO(picture.png)).convert("L").getpixel((SCALE * x, SCALE * y))


def test_what_is_bright_is_drawn_bright_and_filters_are_drawn():
    image = np.array([[0.0, 0.0], [0.0, 1.0]])
    edge = np.array([[-1.0, 1.0], [-1.0, 1.0]])
    picture = filters_picture(image, [("left", edge, image), ("top", edge.T, image)])
    assert bright(picture, 24, 102) < 60  # the corner of a cell with 0
    assert bright(picture, 20 + 32 + 4, 98 + 32 + 4) > 250  # with 1
    assert bright(picture, 254, 52) < 60  # the filter's -1
    assert bright(picture, 254 + 32, 52) > 250  # its 1


def test_no_picture_is_cut_off_at_its_edge():
    address = np.array([["T0", "T1", "T2", "T3"], ["M0", "M1", "M2", "M3"]])
    cut = split_picture(address, address.reshape(2, 2, 2), address.reshape(2, 2, 2), ["a", "b"])
    for picture in (cut, filters_picture(np.eye(4), [("one", np.eye(2), np.eye(3))] * 2)):
        grey = np.asarray(Image.open(BytesIO(picture.png)).convert("L"))
        for edge in (grey[0], grey[-1], grey[:, 0], grey[:, -1]):
            assert (edge == 255).all()
