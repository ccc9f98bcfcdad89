"""The claims of the tours of lesson 07."""

import numpy as np

from helpers import stack
from helpers import words as lesson_words
from helpers.learning import minilm, pronouns
from helpers.positional_encoding import sinusoidal
from tour_claims import claim

ANIMAL, STREET, IT = 1, 6, 8  # places in the famous sentence


def row(explorer):
    """Return the weights that the chosen word gives in the chosen head: (seq_len,)."""
    shown = explorer.shown
    return shown.weights[shown.layer, shown.head, shown.query]


def notes(explorer):
    """Return the lines of text beside the map."""
    return [text.get_text() for text in explorer.picture.notes if text.get_text()]


@claim("PronounExplorer", 0)
def it_gives_099_to_animal_and_the_answer_is_animal(now, before):
    shown = now.shown
    assert (shown.layer, shown.head) == (1, 3)
    assert shown.words[shown.query] == "it"
    assert shown.words[ANIMAL] == "animal"
    assert row(now)[ANIMAL].round(2) == 0.99
    assert notes(now)[1] == "answer: animal 1.00"
    widths = now.picture.lines.get_linewidths()
    assert np.argmax(widths) == ANIMAL
    assert now.picture.numbers[ANIMAL].get_text() == "0.99"


@claim("PronounExplorer", 1)
def it_looks_at_street_and_no_longer_at_animal(now, before):
    assert before.shown.words[-1] == "tired"
    assert now.shown.words[-1] == "wide"
    assert row(now)[[ANIMAL, STREET]].round(2).tolist() == [0.00, 1.00]
    assert np.argmax(before.picture.lines.get_linewidths()) == ANIMAL
    assert np.argmax(now.picture.lines.get_linewidths()) == STREET
    assert "answer: street 1.00" in notes(now)


@claim("PronounExplorer", 2)
def without_the_head_the_answer_is_still_street_as_head_2_looks_there_too(now, before):
    assert before.shown.knocked_out == ()
    assert now.shown.knocked_out == ((1, 3),)
    assert notes(now)[1:] == [
        "answer: street 1.00", "without layer 1 head 3:", "answer: street 0.99",
    ]  # fmt: skip
    assert now.shown.weights[1, 2, IT, STREET].round(2) == 1.00
    assert now.picture.title.get_text() == "layer 1, head 3: knocked out"
    assert np.isfinite(now.picture.crosses.get_xdata()).sum() == 4, "one cross"


@claim("PronounExplorer", 3)
def without_layer_1_the_answer_is_no_word_of_the_sentence(now, before):
    assert now.shown.knocked_out == ((1, 0), (1, 1), (1, 2), (1, 3))
    answer = notes(now)[-1].split()[1]
    assert answer == "field"
    assert answer in pronouns.ANSWERS
    assert answer not in now.shown.words
    assert np.isfinite(now.picture.crosses.get_xdata()).sum() == 4 * 4, "four crosses"


@claim("RealEncoderExplorer", 0)
def a_word_looks_at_the_word_before_it_in_all_sentences(now, before):
    assert (now.shown.layer, now.shown.head) == (0, 2)
    for sentence, reading in enumerate(minilm.readings()):
        now.set(sentence=sentence)
        inner = np.arange(2, len(reading.tokens) - 1)  # the words, but for the first
        assert (now.shown.weights[0, 2, inner, inner - 1] > 0.9).all()
    now.reset()
    assert now.shown.words[now.shown.query - 1 : now.shown.query + 1] == ["because", "it"]
    assert row(now)[now.shown.query - 1].round(2) == 1.00


@claim("RealEncoderExplorer", 1)
def it_gives_068_to_animal(now, before):
    assert now.shown.words[now.shown.query] == "it"
    assert row(now)[now.shown.words.index("animal")].round(2) == 0.68
    assert row(now).argmax() == now.shown.words.index("animal")


@claim("RealEncoderExplorer", 2)
def with_wide_the_animal_falls_and_the_street_hardly_gains(now, before):
    assert before.shown.words[-3] == "tired"
    assert now.shown.words[-3] == "wide"
    animal, street = now.shown.words.index("animal"), now.shown.words.index("street")
    assert row(before)[[animal, street]].round(2).tolist() == [0.68, 0.05]
    assert row(now)[[0, animal, street]].round(2).tolist() == [0.33, 0.28, 0.12]
    assert row(now).argmax() == now.shown.words.index("[CLS]")


@claim("RealEncoderExplorer", 3)
def in_the_passive_it_looks_at_the_street_tired_or_wide(now, before):
    words = now.shown.words
    assert words[:5] == ["[CLS]", "the", "street", "was", "not"]
    assert words[-3] == "tired"
    animal, street = words.index("animal"), words.index("street")
    assert row(now)[[animal, street]].round(2).tolist() == [0.14, 0.65]
    now.set(sentence=3)
    assert now.shown.words[-3] == "wide"
    assert row(now)[[animal, street]].round(2).tolist() == [0.06, 0.64]


@claim("AttentionExplorer", 0)
def thinking_looks_most_at_itself(now, before):
    assert (now.shown.layer, now.shown.head) == (0, 0)
    assert now.shown.words[now.shown.query] == now.shown.words[0] == "Thinking"
    assert row(now)[0].round(2) == 0.70


@claim("AttentionExplorer", 1)
def in_head_2_thinking_looks_at_look(now, before):
    assert (now.shown.layer, now.shown.head) == (0, 2)
    assert row(now)[now.shown.words.index("look")].round(2) == 0.61
    for seed in (1, 2, 3):  # what random weights draw has clear lines, whatever the seed
        layers = stack.init(2, 16, 4, 32, np.random.default_rng(seed))
        x = lesson_words.named(now.shown.words, 16) + sinusoidal(6, 16)  # (seq_len, d_model)
        traces = stack.forward(x, layers, 4)
        assert max(trace.attention.weights.max() for trace in traces) > 0.5
