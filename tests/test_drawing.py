"""The pictures' machinery: fast PNG files, fast text, fast heat maps, the block, the palette."""

import io

import matplotlib
import numpy as np
import pytest
from matplotlib.patches import Circle, FancyBboxPatch
from pictures import drawn_by_matplotlib, ink_elsewhere
from PIL import Image

from helpers.drawing import arrays, palette
from helpers.drawing import live_text as live_text_module
from helpers.drawing.block import STEPS, block_picture, draw_block
from helpers.drawing.figure import Picture, new_figure
from helpers.drawing.live_matrix import live_matrix, size_matrix
from helpers.drawing.live_text import live_text
from helpers.drawing.png import png


def decoded(png):
    image = Image.open(io.BytesIO(png))
    image.verify()  # checks every chunk's checksum
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 37), (37, 1), (100, 37)])
def test_png_holds_exactly_the_pixels_and_its_dots_per_inch(height, width):
    frame = np.random.default_rng(height).integers(0, 256, (height, width, 4), dtype=np.uint8)
    encoded = png(frame, 192)
    assert np.array_equal(decoded(encoded), frame[..., :3])
    assert Image.open(io.BytesIO(encoded)).info["dpi"] == pytest.approx((192, 192), abs=0.1)


@pytest.mark.parametrize("bad", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4)), [[1]]])
def test_png_refuses_what_is_no_frame(bad):
    with pytest.raises(ValueError, match="expected uint8"):
        png(bad, 96)


def test_a_picture_is_drawn_with_twice_the_dots_that_it_is_shown_with():
    picture = Picture(new_figure(4, 1.5), "An empty picture.")
    data, metadata = picture._repr_mimebundle_()
    assert decoded(picture.png).shape == (2 * 144, 2 * 384, 3)
    assert data["text/plain"] == "An empty picture."
    assert metadata == {"image/png": {"width": 384, "height": 144, "alt": "An empty picture."}}


WORDS = "Thinking looks 0.81 at it; AVATAR, Type To, fjord: −0.25 + $x$·1.20"


@pytest.mark.parametrize("where", ["left", "center", "right"])
@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("size", [11.25, 13])
def test_live_text_is_what_matplotlib_would_set(where, weight, size):
    """The same letters in the same places, to a pixel of the page."""
    quick, plain = new_figure(9, 0.5), new_figure(9, 0.5)
    for figure in (quick, plain):
        live_text(figure, 0.5, 0.5, WORDS, ha=where, va="center", weight=weight, fontsize=size)
    quick.canvas.draw()
    with drawn_by_matplotlib():
        plain.canvas.draw()
    assert ink_elsewhere(quick.canvas.buffer_rgba(), plain.canvas.buffer_rgba()) == 0


@pytest.mark.parametrize("family", ["serif", ["DejaVu Sans", "DejaVu Serif"], "no such family"])
def test_live_text_is_in_the_style_s_family_whatever_the_reader_has_set(family):
    text = "Thinking 생각하는 기계"
    pictures = []
    for reader in ({}, {"font.family": family}):
        figure = new_figure(4, 0.5)
        live_text(figure, 0.1, 0.3, text)
        live_text_module._letter.cache_clear()
        live_text_module._line.cache_clear()
        with matplotlib.rc_context(reader):  # as artists are drawn between two cells
            figure.canvas.draw()
        pictures.append(np.asarray(figure.canvas.buffer_rgba()).copy())
    assert np.array_equal(*pictures)


def test_live_matrix_gives_every_cell_its_colour():
    figure = new_figure(3, 3)
    ax = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    image = live_matrix(ax, "weights")
    size_matrix(ax, image, 2, 3)
    values = np.array([[0.0, 0.5, 1.0], [1.0, 0.25, 0.0]])
    image.set_data(values)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())
    for (row, column), value in np.ndenumerate(values):
        x, y = ax.transData.transform((column, row)).astype(int)
        expected = np.array(palette.WEIGHTS(value, bytes=True))
        assert np.abs(pixels[len(pixels) - 1 - y, x].astype(int) - expected).max() <= 1


def test_weight_zero_and_signed_zero_are_white():
    assert palette.WEIGHTS(0.0)[:3] == (1, 1, 1)
    assert np.allclose(palette.SIGNED(0.5)[:3], 1, atol=0.01)


def contrast(one, other="#FFFFFF"):
    """Return the contrast ratio of two colours as WCAG 2.1 defines it."""
    light, dark = sorted([palette.luminance(one), palette.luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("kind", palette.INK | palette.FILL)
def test_every_ink_reads_on_white_and_text_on_every_fill(kind):
    if kind in palette.INK:
        assert contrast(palette.INK[kind]) >= 4.5
    if kind in palette.FILL:
        text = "#FFFFFF" if kind in palette.DARK else "#1A1A1A"
        assert contrast(palette.FILL[kind], text) >= 4.5


@pytest.mark.parametrize("kind", [*palette.FILL, "signed", "weights"])
def test_a_number_reads_in_a_cell_of_any_shade(kind):
    shades = palette.cell_map(kind)
    for share in np.linspace(0, 1, 501):
        assert contrast(shades(share), palette.on(shades(share))) >= 4.5


def test_a_number_in_a_cell_takes_the_ink_that_reads_there():
    ax = new_figure().add_subplot()
    image = arrays.matrix(ax, [[-1.0, -0.7, 0.0, 0.7, 1.0]])
    texts = arrays.write_numbers(ax, image)
    for text, value in zip(texts, (-1.0, -0.7, 0.0, 0.7, 1.0), strict=True):
        assert contrast(text.get_color(), image.cmap(image.norm(value))) >= 4.5


def test_luminance_is_that_of_wcag():
    assert (palette.luminance("black"), palette.luminance("white")) == (0, pytest.approx(1))
    assert palette.luminance("#777777") == pytest.approx(0.1845, abs=1e-4)  # 4.48 to 1 on white
    assert contrast("#767676") >= 4.5 > contrast("#777777")


def test_each_lesson_lights_another_part_of_the_block():
    pictures = {lit: block_picture(lit) for lit in STEPS}
    assert len({picture.png for picture in pictures.values()}) == len(STEPS)
    with pytest.raises(ValueError, match="lit='dropout'; choose one of 'self_attention'"):
        block_picture("dropout")


@pytest.mark.parametrize("lit", STEPS)
def test_every_word_on_the_block_reads(lit):
    ax = new_figure().add_subplot()
    draw_block(ax, lit)
    filled = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch | Circle)]
    for text in ax.texts:
        spot = ax.transData.transform(text.get_position())
        under = [patch for patch in filled if patch.contains_point(spot)]
        ground = under[0].get_facecolor() if under else "white"
        # WCAG asks 3 to 1 of large text, which the bold names in the boxes are
        assert contrast(text.get_color(), ground) >= (3 if under else 4.5), text.get_text()


def test_matrices_of_a_picture_share_their_colours_and_name_their_own_columns(monkeypatch):
    figures = []
    monkeypatch.setattr(arrays, "Picture", lambda figure, sentence: figures.append(figure))
    panels = [("x", [[1.0, 2]], "input"), ("q", [[2.0, -8]], "query")]
    arrays.matrices_picture(panels, columns=[(), ["new", "alive"]])
    x, q = (ax.images[0] for ax in figures[0].axes)
    assert x.get_clim() == q.get_clim() == (-8, 8)
    names = [[label.get_text() for label in ax.get_xticklabels()] for ax in figures[0].axes]
    assert names == [[], ["new", "alive"]]


def test_in_a_product_the_columns_of_the_first_matrix_name_the_rows_of_the_second(monkeypatch):
    figures = []
    monkeypatch.setattr(arrays, "Picture", lambda figure, sentence: figures.append(figure))
    panels = [("x", [[1.0, 2]], "input"), ("W_q", [[2.0], [1]], "query"), ("q", [[4.0]], "query")]
    names = [["new", "alive"], ["asks"], ["asks"]]
    for signs in (("@", "="), ("+", "=")):
        arrays.matrices_picture(panels, ["Thinking"], signs, columns=names)
    product, total = (
        [[label.get_text() for label in ax.get_yticklabels()] for ax in figure.axes]
        for figure in figures
    )
    assert product == [["Thinking"], ["new", "alive"], []]
    assert total == [["Thinking"], [], []]
