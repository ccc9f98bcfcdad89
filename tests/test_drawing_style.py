"""Nothing of a reader's matplotlib settings shows in a picture; Korean words are drawn."""

import contextlib
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import font_manager
from pictures import drawn_by_matplotlib

import helpers.explorers
from helpers import positional_encoding
from helpers.drawing import arrays, palette
from helpers.drawing import feed_forward as bends
from helpers.drawing import positional_encoding as waves
from helpers.drawing.block import block_picture
from helpers.drawing.figure import NOT_A_STYLE, STYLE, frame_png, new_figure, style
from helpers.drawing.live_text import live_text

FONTS = Path(helpers.explorers.__file__).parents[1] / "data" / "fonts"
CHOSEN = {
    "font.family": ["serif"], "image.origin": "lower", "text.usetex": True,
    "axes.prop_cycle": matplotlib.cycler("color", ["red"]), "image.cmap": "hot",
    "axes.titlelocation": "right", "legend.loc": "lower right", "image.aspect": "auto",
    "path.sketch": (5, 50, 5), "lines.marker": "x", "lines.linestyle": ":", "text.hinting": "none",
    "mathtext.fontset": "cm", "axes.formatter.limits": (0, 0), "xtick.direction": "in",
    "ytick.direction": "in", "figure.figsize": (2, 2), "savefig.format": "svg",
    "image.interpolation": "bilinear", "grid.linestyle": ":",
    "axes.autolimit_mode": "round_numbers",
}  # fmt: skip


def another(name, value):
    """Return another valid value for a setting, or None if none is known."""
    if name in CHOSEN:
        return CHOSEN[name]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return 3 * value + 1
    others = {"color": "magenta", "size": "xx-large", "weight": "black"}
    return next((other for kind, other in others.items() if kind in name), None)


@lru_cache(maxsize=1)
def hostile():
    """Return another valid value for as many settings as can be found one for."""
    settings = {}
    for name, value in matplotlib.rcParamsDefault.items():
        other = another(name, value)
        without_effect = ("figure.hooks", "animation", "webagg", "keymap")
        if other is None or name in NOT_A_STYLE or name.startswith(without_effect):
            continue
        with contextlib.suppress(ValueError, RuntimeError):  # of another kind: it stays as it is
            with matplotlib.rc_context({name: other}):
                settings[name] = other
    return settings


def pictures():
    """Return the bytes of pictures with matrices, words, curves, legends, a log axis, a block."""
    words = ["Thinking", "기계"]
    found = [
        block_picture("encoder_block"),
        bends.bends_picture(),
        waves.waves_picture(),
        waves.by_length_picture([8, 16, 32], {"a": np.array([1.0, 10, 100])}, "Steps"),
        waves.sum_picture(positional_encoding.forward(np.ones((2, 4))), words),
    ]
    figure = new_figure(3, 3)
    with style():
        ax = figure.add_axes((0.2, 0.2, 0.7, 0.7))
        arrays.matrix(ax, [[1.0, -2], [3, 4]], "x", numbers=".1f")
        arrays.label_columns(ax, words)
        ax.plot([0, 1], [1, 0], "o-", color=palette.INK["z"])
        text = live_text(ax, 0, 0.5, "LiveText 0.81")
        figure.canvas.draw()
    text.set_text("LiveText 0.93")
    text.draw(figure.canvas.get_renderer())  # outside the style
    return [*(picture.png for picture in found), frame_png(figure)]


def test_a_reader_s_settings_do_not_show():
    expected, settings = pictures(), hostile()
    assert len(settings) >= 130
    with matplotlib.rc_context(settings):
        assert pictures() == expected


def test_threads_that_draw_at_once_leave_the_reader_s_settings_as_they_were():
    with matplotlib.rc_context({"font.size": 33}):
        with ThreadPoolExecutor(4) as pool:
            sizes = list(pool.map(drawn_in_style, range(40)))
        assert set(sizes) == {STYLE["font.size"]}
        assert matplotlib.rcParams["font.size"] == 33


def drawn_in_style(i):
    """Enter the style twice, hand over to other threads, and return the size of its letters."""
    with style():
        time.sleep(0.002 * (i % 3))
        with style():
            time.sleep(0.001)
        return matplotlib.rcParams["font.size"]


def test_the_fonts_hold_the_syllables_of_ks_x_1001_in_two_weights_under_a_name_of_their_own():
    syllables = [
        letter for letter in map(chr, range(0xAC00, 0xD7A4)) if len(letter.encode("euc_kr")) == 2
    ]
    assert len(syllables) == 2350
    weights = set()
    for path in FONTS.glob("*.otf"):
        assert path.stat().st_size < 300_000
        font = font_manager.get_font(path)
        held = font.get_charmap()
        assert all(ord(letter) in held for letter in [*syllables, *"ㄱㅏㅎ、。"])
        assert "source" not in font.family_name.lower()
        assert "noto" not in font.family_name.lower()
        weights.add(font.style_name)
    assert weights == {"Regular", "Bold"}
    license_text = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "Copyright 2014-2021 Adobe" in license_text
    assert "SIL OPEN FONT LICENSE Version 1.1" in license_text


@pytest.mark.filterwarnings("error:Glyph")
@pytest.mark.parametrize(
    "draw", [contextlib.nullcontext, drawn_by_matplotlib], ids=["quick", "plain"]
)
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_korean_words_are_drawn_and_not_boxed(weight, draw, caplog):
    drawn = []
    for text in ("가나", "다라", "가나"):
        figure = new_figure(2, 0.5)
        live_text(figure, 0.1, 0.3, text, weight=weight)
        with draw():
            figure.canvas.draw()
        drawn.append(frame_png(figure))
    assert drawn[0] == drawn[2] != drawn[1], "two words look alike: boxes"
    assert not caplog.records, "matplotlib has missed a family"


def test_korean_words_leave_english_pictures_as_they_are(monkeypatch):
    def encoder():
        figure = new_figure(4, 1)
        with style():
            figure.text(0.1, 0.5, "Encoder block: x + f(x)\nnext line", linespacing=1.3)
            live_text(figure, 0.1, 0.2, "norm, 0.71")
            figure.canvas.draw()
        return frame_png(figure)

    both = encoder()
    monkeypatch.setitem(STYLE, "font.family", ["DejaVu Sans"])
    assert encoder() == both


def test_long_words_are_cut_by_their_width_and_letters_are_put_together():
    assert arrays.short("Machines") == "Machines"
    assert arrays.short("incomprehensibilities") == "incomprehen…"
    assert arrays.short("가나다라마바사") == "가나다라마바사"  # 11.9 letters wide
    assert arrays.short("가나다라마바사아자차") == "가나다라마바…"
    apart = unicodedata.normalize("NFD", "한국어")
    assert len(apart) > 3
    assert arrays.short(apart) == "한국어"
