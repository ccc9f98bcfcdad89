"""Every explorer, found by looking into the folder: what a reader can do, and what may fail."""

import base64
import itertools

import ipywidgets as widgets
import matplotlib
import numpy as np
import pytest
from every_explorer import (
    EXPLORERS,
    Sweep,
    canvas,
    drawn_whole,
    every_explorer,
    every_pair,
    markup_stays_text,
    pixels,
    reaches_an_edge,
    text_controls,
    to_start,
    tried,
)
from pictures import drawn_by_matplotlib, ink_elsewhere
from test_drawing_style import hostile

from helpers import self_attention
from helpers.drawing.figure import frame_png
from helpers.drawing.live_text import MIN_SIZE
from helpers.explorers import explorer as explorer_module
from helpers.explorers import memory
from helpers.explorers.explorer import parse_state, positions
from helpers.explorers.multi_head_attention import MultiHeadAttentionExplorer
from helpers.explorers.reading_attention import PronounExplorer, RealEncoderExplorer


def test_there_is_an_explorer_for_every_lesson():
    assert len({kind.__module__ for kind in EXPLORERS}) >= 7


@pytest.mark.parametrize("count", range(1, 10))
def test_the_drive_meets_every_pair_of_ends(count):
    rows = every_pair(count)
    assert len(rows) <= 10
    for one, other in itertools.combinations(range(count), 2):
        assert {(row[one], row[other]) for row in rows} == {(0, 0), (0, -1), (-1, 0), (-1, -1)}


@pytest.fixture(scope="module")
def seen(made):
    """What one drive through all positions shows; it takes longer than all other tests."""
    return Sweep(made)


@every_explorer
def test_a_drive_through_all_positions_finds_no_fault(seen):
    assert len(seen.sentences) > seen.n_controls
    for sentence in seen.sentences:
        assert sentence.endswith("."), sentence
        assert any(map(str.isdigit, sentence)), sentence
    assert len(set(seen.sentences)) > 3
    assert not seen.cut_off, "something runs out of the picture"
    # Else the browser moves the slider, and sends where to, after all that was set meanwhile.
    assert not seen.left_late, "a slider leaves a place before that place is gone"
    assert seen.most_bytes <= memory.MAX_BYTES
    assert seen.artists_after <= seen.artists * 1.6 + 60, "ticks come and go, nothing else"
    assert seen.last == seen.first, "the same state gives the same picture after wandering about"


@every_explorer
def test_every_control_changes_the_picture(seen, explorer):
    """A control that changes nothing anywhere is a dead control."""
    dead = {name for name, pictures in seen.pictures.items() if len(pictures) == 1}
    for name, other in itertools.product(dead, explorer.controls):
        for end in (0, -1) if other != name else ():
            to_start(explorer)
            explorer.set(**{other: positions(explorer.controls[other])[end]})
            pictures = set()
            for value in tried(explorer, name):
                explorer.set(**{name: value})
                pictures.add(explorer.png)
            if len(pictures) > 1:
                dead = dead - {name}
    assert not dead


@every_explorer
def test_reset_brings_back_what_is_made_anew_whatever_settings_a_reader_has(explorer):
    """The tests below share one explorer per class, and stand on this."""
    start, shown, text = explorer.values, (explorer.png, explorer.sentence), explorer.tour.text
    name, control = first_but_text(explorer)
    chosen = positions(control)[-1]
    with matplotlib.rc_context(hostile()):
        fresh = type(explorer)(**{name: chosen})  # a start value of one's own
    for other, moved in explorer.controls.items():
        explorer.set(**{other: positions(moved)[-1]})
    fresh.set(**explorer.values)
    assert (fresh.png, fresh.sentence) == (explorer.png, explorer.sentence)
    fresh.set(**{name: positions(control)[0]})
    fresh.reset()
    assert fresh.values[name] == chosen
    fresh.set(**start)
    explorer.reset()
    for one in (explorer, fresh):
        assert one.values == start
        assert (one.png, one.sentence) == shown
        assert (one.error, one.tour.text) == ("", text)
    assert offered_by(explorer) == offered_by(fresh)
    fresh.close()


@every_explorer
def test_blitted_and_fully_drawn_pictures_are_equal_pixel_by_pixel(explorer):
    for name, control in explorer.controls.items():
        offered = tried(explorer, name)
        middle = [] if hasattr(control, "step") else [offered[len(offered) // 2]]
        for value in (offered[0], *middle, offered[-1]):
            if value == explorer.values[name]:
                continue  # it was compared before; the start is compared below
            explorer.set(**{name: value})
            assert np.array_equal(canvas(explorer), drawn_whole(explorer)), explorer.state
    to_start(explorer)
    shown = canvas(explorer)
    assert np.array_equal(shown, drawn_whole(explorer))
    plain = drawn_whole(explorer, text=drawn_by_matplotlib)
    assert ink_elsewhere(shown, plain, reach=2) == 0, "letters stand where matplotlib's do"


@every_explorer
def test_there_and_back_is_where_one_was(explorer, monkeypatch):
    """Whatever a choice narrows comes back with the choice before it."""
    monkeypatch.setattr(explorer, "_blit", lambda result: None)  # values alone: no picture
    monkeypatch.setattr(explorer_module, "frame_png", lambda figure: b"")
    for end in (None, -1):
        to_start(explorer)
        if end is not None:
            for name, control in explorer.controls.items():
                explorer.set(**{name: positions(control)[end]})
        before = explorer.values
        for name, control in explorer.controls.items():
            offered = tried(explorer, name)
            if not isinstance(control, widgets.Dropdown | widgets.Text):
                offered = [offered[0], offered[-1]]
            for value in offered:
                if value != before[name]:
                    control.value = value
                    control.value = before[name]
                    assert explorer.values == before, f"{name} to {value!r} and back"


@every_explorer
def test_a_refused_line_moves_nothing_else(explorer):
    for name, field in text_controls(explorer).items():
        to_start(explorer)
        for other, control in explorer.controls.items():
            if other != name:
                explorer.set(**{other: positions(control)[-1]})
        before, picture, options = explorer.values, explorer.png, offered_by(explorer)
        for line in ("", "one", "word " * 200, "the xylophone"):
            try:
                field.value = line
            except ValueError:
                assert explorer.values == before, f"{line!r} was refused"
                assert offered_by(explorer) == options
                assert explorer.png == picture
            field.value = before[name]
            assert explorer.values == before, f"{line!r} was mended"
            assert explorer.png == picture
            assert explorer.error == ""


def offered_by(explorer):
    fields = text_controls(explorer)
    return {n: positions(control) for n, control in explorer.controls.items() if n not in fields}


@every_explorer
def test_the_state_line_brings_a_picture_back(explorer):
    start = explorer.sentence
    for name, control in explorer.controls.items():
        explorer.set(**{name: positions(control)[-1]})
    state, shown = explorer.state, (explorer.png, explorer.sentence)
    assert parse_state(state) == explorer.state_values
    explorer._reset.click()
    assert explorer.sentence == start
    explorer._state.value = state  # pasted by a reader
    assert explorer.state == state
    assert (explorer.png, explorer.sentence) == shown


def first_but_text(explorer):
    """Return name and control of the first that is no line of text."""
    texts = text_controls(explorer)
    return next((n, c) for n, c in explorer.controls.items() if n not in texts)


@every_explorer
def test_bad_values_are_refused_and_nothing_is_lost(explorer):
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
def test_a_line_that_cannot_be_shown_waits_while_all_else_goes_on(explorer):
    for name, field in text_controls(explorer).items():
        others = [control for other, control in explorer.controls.items() if other != name]
        explorer.reset()
        expected = list(moved_to_their_ends(explorer, others))
        field.value = "it"
        mended = explorer.values, explorer.sentence
        explorer.reset()
        picture = explorer.png
        with pytest.raises(ValueError, match="there are 200 words; expected 1 to"):
            field.value = "word " * 200
        assert explorer.png == picture
        for found, there in zip(moved_to_their_ends(explorer, others), expected, strict=True):
            assert found == there
            assert "there are 200 words" in explorer.error
            assert 'role="alert"' in explorer._bar._alert.value
        assert field.value == "word " * 200  # to be mended, not typed anew
        for nothing in ("", "   "):
            with pytest.raises(ValueError, match="there is no word; expected 1 to"):
                field.value = nothing
        field.value = "it"
        assert explorer.error == ""
        assert (explorer.values, explorer.sentence) == mended


def moved_to_their_ends(explorer, controls):
    """Move controls one after another; yield what the explorer shows after each."""
    for control in controls:
        control.value = positions(control)[-1]
        yield explorer.sentence, explorer.png, explorer.state


@every_explorer
def test_what_is_typed_is_text_and_never_markup_or_a_formula(explorer):
    typed = "<script>alert(1)</script> $\\frac{ 한국어 &amp; \"'"
    typed = " ".join(typed.split()[: getattr(explorer, "max_words", None)])
    for control in text_controls(explorer).values():
        if hasattr(explorer, "vocabulary"):  # it refuses the words, in a sentence that quotes them
            with pytest.raises(ValueError, match=r"<script>.*not among"):
                control.value = typed
            assert "&lt;script&gt;" in explorer._bar._alert.value
            assert "<script>" not in explorer._bar._alert.value
            continue
        control.value = typed
        assert np.array_equal(canvas(explorer), drawn_whole(explorer))


@every_explorer
def test_markup_in_any_field_is_shown_as_the_letters_it_is(explorer):
    assert markup_stays_text(explorer)


@pytest.fixture(scope="module")
def another(made):
    """A control, a value for it, and whether that asks for another arrangement: best it does."""
    texts, found = text_controls(made), []
    for name in sorted(made.controls, key=lambda name: name in texts):
        made.reset()
        start, before = made._structure, made.values[name]
        value = next(value for value in tried(made, name)[::-1] if value != before)
        made.set(**{name: value})
        found.append((name, value, made._structure != start))
        if found[-1][2]:
            return found[-1]
    return found[0]


@every_explorer
@pytest.mark.parametrize("method", ["compute", "arrange", "draw"])
def test_what_fails_is_seen_and_leaves_all_usable(another, explorer, monkeypatch, method):
    """The last good picture stays; one that is half arranged or half drawn is made anew."""
    name, value, arranged_anew = another
    if method == "arrange" and not arranged_anew:
        return  # one arrangement serves all values, and was made with the explorer
    before, shown = explorer.values[name], (explorer.png, explorer.sentence)
    works = getattr(explorer, method)

    def stops_half_way(*result, **values):
        works(*result, **values)
        raise RuntimeError("out of <ink>")

    monkeypatch.setattr(explorer, method, stops_half_way)
    with pytest.raises(RuntimeError, match="out of <ink>"):
        explorer.controls[name].value = value
    assert "out of &lt;ink&gt;" in explorer._bar._alert.value
    assert (explorer._page.picture, explorer._page.sentence) == shown
    monkeypatch.undo()
    explorer.controls[name].value = before
    assert explorer.error == ""
    assert (explorer.png, explorer.sentence) == shown
    explorer.set(**{name: value})
    assert explorer.sentence == explorer.describe(explorer.would_show(explorer.values))


@every_explorer
def test_picture_sentence_and_alternative_text_agree(explorer, monkeypatch):
    monkeypatch.setattr(explorer_module, "frame_png", frame_png)  # no checksum in its place
    explorer.reset()
    data, metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == ("\n".join(explorer.walk()) or explorer.sentence)
    assert base64.b64decode(data["image/png"]) == explorer.png == explorer._page.picture
    width, height = explorer.size
    assert np.array_equal(pixels(explorer.png), canvas(explorer)[..., :3])
    assert canvas(explorer).shape == (2 * height, 2 * width, 4)
    assert (explorer._page.width, explorer._page.height) == (width, height)
    shown = metadata["image/png"]
    assert shown == {"alt": explorer.sentence, "width": width, "height": height}
    assert explorer._page.sentence == explorer.sentence


@every_explorer
def test_the_longest_words_are_not_cut_off_at_the_edge_of_the_picture(explorer):
    long = "incomprehensibilities antidisestablishmentarianism c d e"
    long = " ".join(long.split()[: getattr(explorer, "max_words", None)])
    if hasattr(explorer, "vocabulary"):  # the longest words that it takes
        long = " ".join(sorted(explorer.vocabulary, key=len)[-9:])
    for name in explorer.samples:
        explorer.reset()
        explorer.set(**{name: long})
        assert not reaches_an_edge(explorer), explorer.state


@every_explorer
def test_every_control_has_a_name_and_text_is_at_least_13_pixels(explorer):
    labels = [control.description for control in explorer.controls.values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    letters = explorer.figure.findobj(lambda artist: hasattr(artist, "get_fontsize"))
    assert not [t.get_text() for t in letters if t.get_fontsize() < MIN_SIZE and t.get_text()]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "explorer.set(4)",
        "explorer.set(**{'a': 1})",
        "explorer.set(seed=__import__('os').getcwd())",
        "explorer.set(seed=1); explorer.reset()",
        "explorer.set(seed=[x for x in (1,)])",
        "explorer.set(seed=" + "(" * 10_000 + "1" + ")" * 10_000 + ")",
        "explorer.set(seed=" + "-" * 100_000 + "1)",
        "explorer.set(seed=1\x00)",
    ],
    ids=lambda line: line[:50].replace("\0", "a zero byte"),
)
def test_a_state_that_is_no_plain_line_of_values_is_refused_and_never_run(line):
    with pytest.raises(ValueError, match=r"state cannot be read: .*; expected a line such as"):
        parse_state(line)


@pytest.mark.parametrize(
    "line",
    [
        "explorer.set(words=“a b”, n_heads=4)",
        "explorer.set(words=‘a b’, n_heads=4)",
        "explorer.set(words='a\u00a0b',\u202fn_heads=4)",
        "`explorer.set(words='a b', n_heads=4)`.",
        "words='a b', n_heads=4",
        "words='a b', n_heads=4)",
        "explorer.set(words='a b',\n n_heads=4);",
    ],
)
def test_a_state_line_is_read_as_chat_programs_leave_it(line):
    assert parse_state(line) == {"words": "a b", "n_heads": 4}


def test_what_a_reader_typed_stays_as_it_was_typed():
    assert parse_state("explorer.set(words='it’s “so”\u00a0')") == {"words": "it’s “so”\u00a0"}


def test_a_huge_value_is_never_repeated_whole():
    explorer = MultiHeadAttentionExplorer()
    huge = "x " * 500_000
    for values in ({"seed": huge}, {"nonsense" * 1000: 1}):
        with pytest.raises(ValueError, match="seed") as caught:
            explorer.set(**values)
        assert len(str(caught.value)) < 500
    with pytest.raises(ValueError, match="cannot be read") as caught:
        explorer._state.value = huge
    assert len(str(caught.value)) < 300
    assert "cannot be read" in explorer.error
    assert len(explorer.error) < 400


def test_full_heads_are_seven_whole_attentions():
    shown = MultiHeadAttentionExplorer(width="full").shown
    rng = np.random.default_rng(0)
    for head in range(7):
        trace = self_attention.forward(shown.x, self_attention.init(4, 4, rng))
        np.testing.assert_array_equal(shown.weights[head], trace.weights)
        np.testing.assert_array_equal(shown.concat[:, 4 * head : 4 * head + 4], trace.out)


def test_a_full_stop_or_a_mark_never_asks_in_the_real_encoder():
    explorer = RealEncoderExplorer()
    for sentence in positions(explorer.controls["sentence"]):
        explorer.set(sentence=sentence)
        asking = [explorer.shown.words[i] for i in positions(explorer.controls["query"])]
        assert asking == [word for word in explorer.shown.words if word not in "[CLS][SEP].,'"]
        assert explorer.shown.words[explorer.shown.query] in asking


def test_the_word_for_a_gap_can_be_chosen_only_where_there_is_a_gap():
    explorer = PronounExplorer()
    chosen = explorer.controls["adjective"]
    assert not chosen.disabled
    explorer.set(words="the dog was not seen by the man because it was lazy")
    assert chosen.disabled
    with pytest.raises(ValueError, match="zebra"):
        explorer.controls["words"].value = "the zebra was _"
    assert chosen.disabled
    explorer.reset()
    assert not chosen.disabled
