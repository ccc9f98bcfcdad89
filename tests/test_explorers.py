"""Every explorer, found by looking into the folder: what a reader can do, and what may fail."""

import base64
import html
import importlib
import io
import pkgutil

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from PIL import Image

import helpers.explorers
from helpers import multi_head_attention
from helpers.drawing import palette
from helpers.drawing.numbers import signed, written
from helpers.explorers.explorer import MOST_BACKGROUNDS, Explorer, parse_state, positions
from helpers.explorers.multi_head_attention import MultiHeadAttentionExplorer
from helpers.explorers.self_attention import SelfAttentionExplorer


def found():
    """Return every explorer class in helpers/explorers."""
    classes = []
    for module in pkgutil.iter_modules(helpers.explorers.__path__):
        content = importlib.import_module(f"helpers.explorers.{module.name}")
        classes += [
            value
            for value in vars(content).values()
            if isinstance(value, type)
            and issubclass(value, Explorer)
            and value.__module__ == content.__name__
            and hasattr(value, "make_controls")
        ]
    return classes


pytestmark = pytest.mark.usefixtures("let_go")
EXPLORERS = found()
every_explorer = pytest.mark.parametrize("kind", EXPLORERS, ids=lambda kind: kind.__name__)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def text_controls(explorer):
    return [c for c in explorer.controls.values() if isinstance(c, widgets.Text)]


def test_there_is_an_explorer_for_every_lesson():
    assert len({kind.__module__ for kind in EXPLORERS}) >= 7


@every_explorer
def test_every_position_of_every_control_gives_a_picture_and_a_sentence(kind):
    explorer = kind()
    sentences = explorer.sweep()
    assert len(sentences) > len(explorer.controls)
    assert all(sentence.endswith(".") and any(map(str.isdigit, sentence)) for sentence in sentences)
    assert len(set(sentences)) > 3


@every_explorer
def test_every_control_changes_the_picture(kind):
    """A control that changes nothing anywhere is a dead control."""
    explorer = kind()
    for name, control in explorer.controls.items():
        changed = False
        for other in explorer.controls:
            for end in {name: (0,), other: (0, -1)}[other]:
                explorer.reset()
                explorer.set(**{other: positions(explorer.controls[other])[end]})
                pictures = set()
                for value in [*positions(control), *explorer.samples.get(name, ())]:
                    explorer.set(**{name: value})
                    pictures.add(explorer.png)
                changed = changed or len(pictures) > 1
            if changed:
                break
        assert changed, f"{name} never changes the picture"


@every_explorer
def test_blitted_and_fully_drawn_pictures_are_equal_pixel_by_pixel(kind):
    explorer = kind()
    assert np.array_equal(pixels(explorer.png), pixels(explorer.drawn_whole()))
    for name, control in explorer.controls.items():
        offered = [*positions(control), *explorer.samples.get(name, ())]
        for value in {
            repr(v): v for v in (offered[0], offered[len(offered) // 2], offered[-1])
        }.values():
            explorer.set(**{name: value})
            assert np.array_equal(pixels(explorer.png), pixels(explorer.drawn_whole())), (
                explorer.state
            )


@every_explorer
def test_the_same_state_gives_the_same_picture_after_wandering_about(kind):
    explorer = kind()
    first, sentence = explorer.png, explorer.sentence
    explorer.sweep()
    explorer.reset()
    assert np.array_equal(pixels(explorer.png), pixels(first))
    assert explorer.sentence == sentence


@every_explorer
def test_a_slider_leaves_a_place_before_that_place_is_gone(kind):
    """Else the browser moves it, and sends where to, after all that has been set meanwhile."""
    explorer = kind()

    def check(change):
        assert change.owner.index < len(change.new)

    for control in explorer.controls.values():
        if control.has_trait("_options_labels"):
            control.observe(check, "_options_labels")
    explorer.sweep()


@every_explorer
def test_the_state_line_brings_a_picture_back(kind):
    explorer, copy = kind(), kind()
    for name, control in explorer.controls.items():
        explorer.set(**{name: positions(control)[-1]})
    assert parse_state(explorer.state) == explorer.values
    copy._state.value = explorer.state  # pasted by a reader
    assert copy.values == explorer.values
    assert copy.sentence == explorer.sentence
    copy._reset.click()
    assert copy.sentence == kind().sentence


@every_explorer
def test_start_values_may_be_chosen_and_are_what_reset_returns_to(kind):
    name, control = next(
        (n, c) for n, c in kind().controls.items() if not isinstance(c, widgets.Text)
    )
    value = positions(control)[-1]
    explorer = kind(**{name: value})
    explorer.set(**{name: positions(control)[0]})
    explorer.reset()
    assert explorer.values[name] == value


@every_explorer
def test_bad_values_are_refused_and_nothing_is_lost(kind):
    explorer = kind()
    before, picture = explorer.values, explorer.png
    with pytest.raises(ValueError, match="there is no control nonsense; choose from"):
        explorer.set(nonsense=1)
    for name, control in explorer.controls.items():
        wrong = 3 if isinstance(control, widgets.Text) else "much too much"
        with pytest.raises((ValueError, TypeError), match=f"{name}=.*(choose|expected)"):
            explorer.set(**{name: wrong})
    assert explorer.values == before
    assert explorer.png == picture


@every_explorer
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "there is no word; expected 1 to"),
        ("   ", "there is no word; expected 1 to"),
        ("word " * 200, "there are 200 words; expected 1 to"),
    ],
)
def test_typed_words_that_cannot_be_shown_get_a_sentence(kind, typed, sentence):
    explorer = kind()
    for control in text_controls(explorer):
        picture, good = explorer.png, control.value
        with pytest.raises(ValueError, match=sentence):
            control.value = typed
        assert sentence in explorer._alert.value
        assert 'role="alert"' in explorer._alert.value
        assert explorer.png == picture
        control.value = good + " again"
        assert explorer._alert.value == ""
        assert explorer.png != picture


@every_explorer
def test_a_line_that_cannot_be_shown_waits_while_all_else_goes_on(kind):
    for field in text_controls(kind()):
        name = next(n for n, c in kind().controls.items() if c.description == field.description)
        explorer, twin = kind(), kind()
        with pytest.raises(ValueError, match="there are 200 words"):
            explorer.controls[name].value = "word " * 200
        for other, control in twin.controls.items():
            if other != name:
                value = positions(explorer.controls[other])[-1]
                explorer.controls[other].value = control.value = value
                assert explorer.sentence == twin.sentence
                assert np.array_equal(pixels(explorer.png), pixels(twin.png))
                assert explorer.state == twin.state
                assert "there are 200 words" in explorer._alert.value
        assert explorer.controls[name].value == "word " * 200  # to be mended, not typed anew
        with pytest.raises(ValueError, match="there is no word"):
            explorer.controls[name].value = ""
        explorer.controls[name].value = "it"
        twin.controls[name].value = "it"
        assert explorer._alert.value == ""
        assert explorer.values == twin.values
        assert explorer.sentence == twin.sentence


@every_explorer
@pytest.mark.filterwarnings("ignore:Glyph .* missing")  # the font has no Korean; it draws boxes
def test_what_is_typed_is_text_and_never_markup_or_a_formula(kind):
    explorer = kind()
    typed = "<script>alert(1)</script> $\\frac{ 한국어 &amp; \"'"
    for control in text_controls(explorer):
        if hasattr(kind, "vocabulary"):  # it refuses the words, in a sentence that quotes them
            with pytest.raises(ValueError, match=r"<script>.*not among"):
                control.value = typed
            assert "&lt;script&gt;" in explorer._alert.value
            assert "<script>" not in explorer._alert.value
            continue
        control.value = typed
        assert "<script>" not in explorer._card.value
        assert np.array_equal(pixels(explorer.png), pixels(explorer.drawn_whole()))


@every_explorer
def test_a_failing_callback_is_seen_and_leaves_the_explorer_usable(kind, monkeypatch):
    explorer = kind()
    name, control = next(
        (n, c) for n, c in explorer.controls.items() if not isinstance(c, widgets.Text)
    )
    values = [v for v in positions(control) if v != control.value]
    picture = explorer.png

    def broken(**values):
        raise RuntimeError("the maths <broke>")

    monkeypatch.setattr(explorer, "compute", broken)
    with pytest.raises(RuntimeError, match="the maths"):
        control.value = values[0]
    assert "the maths &lt;broke&gt;" in explorer._alert.value
    assert 'role="alert"' in explorer._alert.value
    assert explorer.png == picture
    monkeypatch.undo()
    control.value = values[-1] if len(values) > 1 else explorer._start[name]
    explorer.set(**{name: values[0]})
    assert explorer._alert.value == ""
    assert explorer.sentence == explorer.describe(explorer.compute(**explorer.values))


@every_explorer
def test_a_half_drawn_picture_is_never_shown(kind, monkeypatch):
    explorer = kind()
    name = next(n for n, c in explorer.controls.items() if not isinstance(c, widgets.Text))
    picture, card = explorer.png, explorer._card.value
    draw = explorer.draw

    def stops_half_way(result):
        draw(result)
        raise RuntimeError("out of ink")

    monkeypatch.setattr(explorer, "draw", stops_half_way)
    with pytest.raises(RuntimeError, match="out of ink"):
        explorer.set(**{name: positions(explorer.controls[name])[-1]})
    assert (explorer.png, explorer._card.value) == (picture, card)
    monkeypatch.undo()
    explorer.reset()
    assert np.array_equal(pixels(explorer.png), pixels(kind().png))


@every_explorer
def test_an_arrangement_that_failed_half_way_is_made_anew(kind, monkeypatch):
    explorer, arrange = kind(), kind.arrange
    start = explorer._structure
    for name, control in explorer.controls.items():
        explorer.set(**{name: [*positions(control), *explorer.samples.get(name, ())][-1]})
        value, arranged_anew = control.value, explorer._structure != start
        explorer.reset()
        if arranged_anew:
            break
    else:
        return  # one arrangement serves all values, and was made with the explorer

    def stops_half_way(result):
        arrange(explorer, result)
        raise RuntimeError("out of ink")

    monkeypatch.setattr(explorer, "arrange", stops_half_way)
    with pytest.raises(RuntimeError, match="out of ink"):
        explorer.set(**{name: value})
    monkeypatch.undo()
    explorer.reset()
    assert np.array_equal(pixels(explorer.png), pixels(kind().png))


@every_explorer
def test_picture_sentence_and_alternative_text_agree(kind):
    explorer = kind()
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == explorer.sentence
    assert base64.b64decode(bundle["image/png"]) == explorer.png
    width, height = explorer.figure.canvas.get_width_height()
    assert pixels(explorer.png).shape == (height, width, 3)
    assert height // 2 <= 440, "controls, picture and sentence must fit a 720 pixel screen"
    assert f'alt="{html.escape(explorer.sentence)}"' in explorer._card.value
    assert 'role="status"' in explorer._card.value


@every_explorer
def test_every_control_has_a_name(kind):
    explorer = kind()
    labels = [control.description for control in explorer.controls.values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)


@every_explorer
def test_kept_backgrounds_are_bounded_and_the_figure_does_not_grow(kind):
    explorer = kind()
    artists = len(explorer.figure.findobj())
    explorer.sweep()
    assert len(explorer._backgrounds) <= MOST_BACKGROUNDS
    assert len(explorer.figure.findobj()) <= artists * 1.6 + 60  # ticks come and go with labels


@every_explorer
def test_nothing_is_cut_off_at_the_edge_of_the_picture(kind):
    """What runs out of a picture leaves ink on its outermost line of pixels."""
    explorer = kind()
    long = "incomprehensibilities antidisestablishmentarianism c d e"
    if hasattr(kind, "vocabulary"):  # the longest words that it takes
        long = " ".join(sorted(kind.vocabulary, key=len)[-9:])
    for name, control in explorer.controls.items():
        explorer.reset()
        typed = [long, *explorer.samples.get(name, ())] if name in explorer.samples else []
        for value in [*typed, positions(control)[0], positions(control)[-1]]:
            explorer.reset()
            explorer.set(**{name: value})
            picture = pixels(explorer.png)
            for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
                assert (edge == 255).all(), explorer.state


@every_explorer
def test_text_in_the_figure_is_at_least_ten_points(kind):
    explorer = kind()
    small = [
        t
        for t in explorer.figure.findobj(lambda a: hasattr(a, "get_fontsize"))
        if t.get_fontsize() < 10
    ]
    assert not [t.get_text() for t in small if t.get_text()]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "explorer.set(4)",
        "explorer.set(**{'a': 1})",
        "explorer.set(seed=__import__('os').getcwd())",
        "explorer.set(seed=1); explorer.reset()",
    ],
)
def test_a_state_that_is_no_plain_line_of_values_is_refused(line):
    with pytest.raises(ValueError, match=r"cannot be read: .*; expected a line such as"):
        parse_state(line)


def test_a_pasted_state_that_cannot_be_read_is_said_in_the_explorer():
    explorer = EXPLORERS[0]()
    with pytest.raises(ValueError, match="cannot be read"):
        explorer._state.value = "what is this"
    assert "cannot be read" in explorer._alert.value


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.625, "0.62"), (-0.001, "0.00"), (9.996, "10.0"), (99.96, "100"), (-99.9996, "−100")],
)
def test_a_bar_is_marked_with_three_digits_so_that_neighbours_do_not_touch(value, text):
    assert written(value) == text


def test_one_number_of_z_is_spelt_out_to_the_end():
    """q·k, score, weight, and z: each line gives the number that the trace holds."""
    for values in ({}, {"words": "a b c d e f g h", "d_head": 8, "query": 5}, {"scale": False}):
        explorer = SelfAttentionExplorer(**values)
        result = explorer.compute(**explorer.values)
        q, k = result.trace.q[result.query], result.trace.k[result.key]
        weights = result.weights[result.query]
        text = "\n".join(explorer.arithmetic(result))
        for name, value in (
            ("", q @ k),
            ("score", q @ k * result.scale),
            ("weight", weights[result.key]),
            ("z, first number", weights @ result.trace.v[:, 0]),
        ):
            line = text[text.index(name) :]
            assert f"= {signed(value)}" in line, (name, text)
        shown = [line.get_text() for line in explorer.lines]
        assert shown[: text.count("\n") + 1] == text.split("\n")


def test_the_query_is_blue_and_the_chosen_key_orange():
    explorer = SelfAttentionExplorer(words="a b c d", query=1, key=2)
    fill = {kind: to_rgba(palette.FILL[kind]) for kind in ("query", "key", "quiet")}
    colours = [bar.get_facecolor() for bar in explorer.bars[:4]]
    assert colours == [fill["quiet"], fill["quiet"], fill["key"], fill["quiet"]]
    assert to_rgba(explorer.row_frame.get_color()) == fill["query"]


def test_a_head_that_is_knocked_out_adds_nothing():
    explorer = MultiHeadAttentionExplorer(knocked_out=1)
    result = explorer.compute(**explorer.values)
    n_heads, _, d_head = result.trace.heads.shape
    params = multi_head_attention.init(n_heads * d_head, n_heads, np.random.default_rng(0))
    own = slice(d_head, 2 * d_head)
    added = result.trace.heads[1, result.query] @ params["W_o"][own]
    assert not result.concat[own].any()
    np.testing.assert_allclose(result.out + added, result.trace.out[result.query], atol=1e-12)
