"""The picture of who looks at whom: any trace will do, lines are as thick as their weights."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from helpers import encoder_block, self_attention, stack
from helpers.drawing import palette, reading_attention
from helpers.drawing.figure import SCALE, new_figure, style
from helpers.drawing.reading_attention import attention_picture, weights_of
from helpers.learning import model

WORDS = "the animal crossed it".split()


def traces(n_layers=2, n_heads=2, count=4):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((count, 8))
    return stack.forward(x, stack.init(n_layers, 8, n_heads, 16, rng), n_heads)


def drawn(weights, words, *where, notes=(), knocked_out=()):
    """Return the view of a picture, its artists in place."""
    with style():
        view = reading_attention.AttentionView(new_figure(*reading_attention.SIZE))
        view.arrange(words, *weights.shape[:2])
        view.draw(weights, *where, notes=notes, knocked_out=knocked_out)
    return view


def test_weights_are_found_in_every_kind_of_trace():
    rng, stacked = np.random.default_rng(0), traces()
    expected = np.array([trace.attention.weights for trace in stacked])
    assert expected.shape == (2, 2, 4, 4)
    np.testing.assert_array_equal(weights_of(stacked), expected)
    np.testing.assert_array_equal(weights_of(stacked[0]), expected[:1])
    np.testing.assert_array_equal(weights_of(stacked[0].attention), expected[:1])
    np.testing.assert_array_equal(weights_of(expected), expected)

    x = stacked[0].x
    one = self_attention.forward(x, self_attention.init(8, 4, rng))
    np.testing.assert_array_equal(weights_of(one), one.weights[None, None])
    pre = encoder_block.forward(x, encoder_block.init(8, 4, 16, rng), 4, norm="pre")
    np.testing.assert_array_equal(weights_of(pre)[0], pre.attention.weights)

    design = model.Design(vocab_size=9, n_outputs=3, d_model=8, n_heads=2, d_ff=16, n_layers=3)
    whole = model.forward(np.array([[1, 2, 3]]), model.init(design, rng), design)
    assert weights_of(whole).shape == (3, 2, 3, 3)
    np.testing.assert_array_equal(weights_of(whole)[2], whole.blocks[2].attention.weights[0])


def picture(n_layers, n_heads, count):
    weights = np.ones((n_layers, n_heads, count, count))
    return attention_picture(weights, ["word"] * count)


def picture_of(**options):
    return attention_picture(traces(), **({"tokens": WORDS} | options))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        # what cannot be read
        (lambda: weights_of("words"), "a layer is of type str; expected a trace of encoder_block"),
        (lambda: weights_of([]), "there is no layer to read; expected at least one trace"),
        (lambda: weights_of(np.ones((2, 3, 2, 4, 4))),
         r"have shape \(3, 2, 4, 4\); expected one sent"),
        (lambda: weights_of(np.ones((1, 2, 4, 5))),
         r"shape \(2, 4, 5\); expected one sentence's"),
        (lambda: weights_of([*traces(1, 2), *traces(1, 4)]),
         r"shapes \(2, 4, 4\), \(4, 4, 4\); expected the same head count"),
        # a place that is not there
        (lambda: picture_of(tokens=WORDS[:3]), "there are 3 words; expected 4, one per row"),
        (lambda: picture_of(query="street"),
         "query='street'; choose one of 'the', 'animal', 'crossed', 'it'"),
        (lambda: picture_of(query=4), "query=4; choose from 0 to 3"),
        (lambda: picture_of(layer=2), "layer=2; choose from 0 to 1"),
        (lambda: picture_of(head=-1), "head=-1; choose from 0 to 1"),
        # what has no place
        (lambda: picture(1, 1, 18), "there are 18 words; expected at most 17"),
        (lambda: picture(25, 1, 2), "there are 25 layers; expected at most 24"),
        (lambda: picture(1, 49, 2), "there are 49 heads; expected at most 48"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_gets_a_sentence(call, message):
    with pytest.raises(TypeError if "of type" in message else ValueError, match=message):
        call()


@pytest.mark.parametrize("size", [(24, 48, 17), (24, 1, 1), (1, 48, 2), (10, 12, 3), (12, 16, 9)])
def test_all_that_has_room_is_drawn(size):
    n_layers, n_heads, count = size
    weights = np.full((n_layers, n_heads, count, count), 1 / count)
    words = ["incomprehensibilities"] * count
    view = drawn(weights, words, count - 1, n_layers - 1, n_heads - 1)
    height, width, _ = view.all_maps.get_array().shape
    assert height <= SCALE * reading_attention.ALL_MAPS[3]
    assert width <= SCALE * reading_attention.ALL_MAPS[2]
    for texts, axis, room in ((view.layers, 1, 15), (view.heads, 0, 22)):
        places = [text.get_position()[axis] for text in texts if text.get_text()]
        assert min(np.diff(places), default=room) >= room, "no two numbers touch"


def test_every_head_and_every_layer_of_a_real_encoder_has_its_number():
    view = drawn(np.full((6, 12, 16, 16), 1 / 16), ["word"] * 16, 0, 0, 0)
    assert [text.get_text() for text in view.heads][:13] == [*map(str, range(12)), ""]
    assert [text.get_text() for text in view.layers][:7] == [*map(str, range(6)), ""]
    left, top, width, height = view.box(3, 7)
    assert view.heads[7].get_position()[0] == left + width / 2
    assert view.layers[3].get_position()[1] == top + height / 2


def test_lines_end_at_the_words_and_begin_at_the_one_that_looks():
    """No line ends in the air: at most ten pixels lie between it and the word's first letter."""
    view = drawn(weights_of(traces()), WORDS, 1, 0, 0)
    starts, ends = np.array(view.lines.get_segments()).swapaxes(0, 1)  # (words, 2) each
    for key, (x, y) in zip(view.keys, ends, strict=False):
        assert key.get_position()[1] == y
        assert 0 < key.get_position()[0] - x < 10
    assert 0 < starts[0, 0] - view.asking.get_position()[0] < 10


def test_a_knocked_out_head_is_crossed_out_and_its_lines_are_grey():
    weights = weights_of(traces(n_layers=2, n_heads=4))
    view = drawn(weights, WORDS, 0, 1, 2, knocked_out=[(1, 2), (1, 3)])
    xs, ys = view.crosses.get_data()
    for place in ((1, 2), (1, 3)):
        left, top, width, height = view.box(*place)
        corners = {(left, top), (left + width, top), (left, top + height)}
        assert corners <= set(zip(xs, ys, strict=True))
    assert view.title.get_text() == "layer 1, head 2: knocked out"
    assert to_hex(view.lines.get_colors()[0]).upper() == palette.FILL["quiet"]
    view.draw(weights, 0, 1, 1, knocked_out=[(1, 2)])
    assert view.title.get_text() == "layer 1, head 1"
    assert to_hex(view.lines.get_colors()[0]).upper() == palette.FILL["query"]
    view.draw(weights, 0, 1, 1)
    assert len(view.crosses.get_xdata()) == 0


def test_lines_numbers_and_sentence_carry_the_weights_of_the_chosen_word():
    weights = weights_of(traces())
    query, layer, head = 3, 1, 0
    row = weights[layer, head, query]
    view = drawn(weights, WORDS, query, layer, head)
    np.testing.assert_allclose(view.lines.get_linewidths(), reading_attention.THICKEST * row)
    starts, ends = np.array(view.lines.get_segments()).swapaxes(0, 1)
    assert (starts[:, 1] == view.places[query]).all()
    np.testing.assert_array_equal(ends[:, 1], view.places)
    assert [text.get_text() for text in view.numbers[:4]] == [f"{w:.2f}" for w in row]
    assert view.asking.get_text() == view.queries[3].get_text() == "it"
    assert view.asking.get_position()[1] == view.places[3]

    picture = attention_picture(traces(), WORDS, "it", layer, head, "Random weights")
    strongest = np.argsort(-row)[:3]
    assert repr(picture).startswith('Random weights, layer 1, head 0: "it" looks at ')
    for key in strongest:
        assert f'"{WORDS[key]}" {row[key]:.2f}' in repr(picture)
    entropy = -(row * np.log(row)).sum()
    assert repr(picture).endswith(f"entropy {entropy:.2f} of at most {np.log(4):.2f}.")


def test_the_large_map_and_both_frames_show_the_chosen_head_and_word():
    weights = weights_of(traces(n_layers=2, n_heads=4))
    query, layer, head = 2, 1, 3
    view = drawn(weights, WORDS, query, layer, head)
    np.testing.assert_array_equal(view.map.get_array(), weights[layer, head])
    left, top, side = reading_attention.MAP
    assert set(view.row.get_xdata()) == {left, left + side}
    rows = np.array([query, query + 1]) * side / 4
    np.testing.assert_allclose(sorted(set(view.row.get_ydata())), top + rows)
    left, top, _, _ = reading_attention.ALL_MAPS
    wide, tall = view.tile
    np.testing.assert_allclose(
        sorted(set(view.chosen.get_xdata())), left + np.array([head, head + 1]) * wide
    )
    np.testing.assert_allclose(
        sorted(set(view.chosen.get_ydata())), top + np.array([layer, layer + 1]) * tall
    )


def test_a_word_that_sees_one_word_alone_has_no_entropy_and_names_no_other():
    weights = np.zeros((1, 1, 3, 3))
    weights[..., 0] = 1
    picture = attention_picture(weights, ["a", "b", "c"], "c")
    assert repr(picture) == (
        'your model, layer 0, head 0: "c" looks at "a" 1.00; entropy 0.00 of at most 1.10.'
    )


def test_every_head_has_its_place_among_the_small_maps():
    weights = np.zeros((2, 3, 4, 4))
    weights[1, 2, 0, 3] = 1
    together = reading_attention.side_by_side(weights, 22, 18)
    assert together.shape == (2 * 18, 3 * 22, 4)
    dark = np.argwhere((together == np.array(palette.WEIGHTS(1.0, bytes=True))).all(axis=-1))
    np.testing.assert_array_equal(dark.min(axis=0), [18, 2 * 22 + 15])
    np.testing.assert_array_equal(dark.max(axis=0), [18 + 3, 2 * 22 + 19])
    for line in (together[16:18], together[:, 20:22]):
        assert (line == [189, 189, 189, 255]).all()


def test_the_small_maps_follow_the_weights_also_without_a_new_arrangement():
    weights = weights_of(traces())
    view = drawn(weights, WORDS, 0, 0, 0)
    before = np.array(view.all_maps.get_array())
    view.draw(weights, 1, 1, 1)
    np.testing.assert_array_equal(view.all_maps.get_array(), before)
    view.draw(weights[::-1], 1, 1, 1)
    assert not np.array_equal(view.all_maps.get_array(), before)


def test_notes_stand_below_the_entropy_and_all_letters_have_15_pixels_or_more():
    weights = weights_of(traces())
    view = drawn(weights, WORDS, 0, 0, 0, notes=[("answer: animal", "z")])
    assert view.notes[1].get_text() == "answer: animal"
    texts = view.stage.figure.findobj(Text)
    assert min(text.get_fontsize() for text in texts if text.get_text()) >= 11.25
    view.draw(weights, 0, 0, 0)
    assert view.notes[1].get_text() == "", "they go when they are not given"
