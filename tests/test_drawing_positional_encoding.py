"""The waves go through the codes, and what is compared by length carries its own numbers."""

import numpy as np
import pytest

from helpers import positional_encoding
from helpers.drawing import positional_encoding as pictures
from helpers.drawing.figure import new_figure
from helpers.explorers.positional_encoding import ChainExplorer, WaveExplorer

pytestmark = pytest.mark.usefixtures("quick_pictures")


@pytest.mark.parametrize("d_model", [2, 4, 5])
def test_each_wave_goes_through_the_dots_that_are_the_code(d_model):
    axes = new_figure().subplots(d_model)
    pictures.draw_waves(axes, d_model, seq_len=7)
    code = positional_encoding.sinusoidal(7, d_model)
    for column, ax in enumerate(axes):
        wave, dots = ax.get_lines()
        np.testing.assert_allclose(dots.get_ydata(), code[:, column])
        at_positions = np.interp(np.arange(7), *wave.get_data())
        np.testing.assert_allclose(at_positions, code[:, column], atol=1e-12)


def test_curves_by_length_are_drawn():
    ax, curves = new_figure().add_subplot(), {"slow": [1.0, 8.0], "quick": [1.0, 2.0]}
    pictures.draw_by_length(ax, [2, 8], curves)
    for line, (name, values) in zip(ax.get_lines(), curves.items(), strict=True):
        assert line.get_label() == name
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([[2, 8], values]))
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def numbers_in(*cells):
    return [float(text.replace("−", "-")) for part in cells for text in part.get_text().split()]


@pytest.mark.parametrize("base", WaveExplorer.bases)
@pytest.mark.parametrize("word", ["Thinking", "Machines"])
def test_sums_of_the_wave_reader_hold_as_printed_and_its_dots_lie_on_the_waves(base, word):
    explorer = WaveExplorer(base=base, word=word)
    for position in range(explorer.longest):
        explorer.set(position=position)
        vector, x, total = (numbers_in(*explorer.picture.cells[i : i + 2]) for i in (0, 2, 4))
        np.testing.assert_allclose(np.add(vector, x), total, atol=1e-9)
        for wave, dot_x, dot_y in zip(
            explorer.picture.waves, *explorer.picture.dots.get_data(), strict=True
        ):
            assert np.interp(dot_x, *wave.get_data()) == pytest.approx(dot_y, abs=1e-6)


def test_the_circles_of_the_chain_hold_the_shares():
    explorer = ChainExplorer(step=5, asking=2)
    shares = [*explorer.shown.rnn, *explorer.shown.attention]
    for number, share in zip(explorer.picture.numbers, shares, strict=True):
        written = number.get_text().removesuffix(" %")
        assert float(written or 0) == pytest.approx(100 * share, abs=0.5)
    assert [number.get_text() for number in explorer.picture.numbers[5:12]] == 7 * [""]
