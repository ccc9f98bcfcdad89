"""Notebook 07's experiment: what is asked, what is shipped, and that a new run says the same."""

import numpy as np
import pytest

from helpers.explorers.reading_attention import PronounExplorer, RealEncoderExplorer
from helpers.learning import evidence, minilm, model, pronouns
from helpers.learning.experiments import finish
from helpers.learning.experiments import reading_attention as experiments

RECORDED = evidence.recorded("reading_attention")
MEASURED = evidence.measured("reading_attention")
NEW = pronouns.corpus(np.random.default_rng(10_000), experiments.HELD_OUT, new=True)


def settings(run):
    """Return asks, window and n_layers of a run."""
    options = experiments.RUNS[run].options
    return options.get("asks", "noun"), options.get("window", 3), options.get("n_layers", 2)


def from_it(run, adjective):
    """Return the words of a famous sentence and the recorded model's trace of it."""
    words, tokens = pronouns.read(experiments.FAMOUS.format(adjective))
    return words, experiments.read(run, RECORDED[run]["weights"], tokens)


@pytest.mark.parametrize("asks", ["noun", "kind"])
def test_it_alone_is_asked_for(asks):
    batch = experiments.questions(NEW, asks, 3, 2, None)
    rows = np.arange(len(NEW.tokens))
    assert (batch.counted.sum(axis=1) == 1).all()
    assert (batch.counted[rows, NEW.it] == 1).all()
    assert (batch.tokens[rows, NEW.it] == pronouns.NUMBER["it"]).all()
    asked = batch.targets[rows, NEW.it]
    nouns = NEW.tokens[rows, NEW.right]
    if asks == "noun":
        assert [pronouns.VOCABULARY[n] for n in nouns] == [pronouns.ANSWERS[a] for a in asked]
    else:
        in_places = [pronouns.VOCABULARY[n] in pronouns.NOUNS[1] for n in nouns]
        assert asked.tolist() == in_places


def test_hidden_words_are_blanked_out_and_it_never_is():
    batch = experiments.questions(NEW, "hidden words", 3, 2, np.random.default_rng(0))
    hidden = batch.counted == 1
    np.testing.assert_array_equal(batch.tokens[hidden], 0)
    np.testing.assert_array_equal(batch.targets[hidden], NEW.tokens[hidden])
    np.testing.assert_array_equal(batch.tokens[~hidden], NEW.tokens[~hidden])
    assert not hidden[np.arange(len(NEW.tokens)), NEW.it].any()
    assert not hidden[NEW.tokens == 0].any()
    assert 0.1 < hidden[NEW.tokens > 0].mean() < 0.2


def test_a_new_run_says_what_the_shipped_weights_say():
    """Another processor may differ in the last digits."""
    found = finish(experiments.pronoun(seed=0))
    row = MEASURED["which noun"]
    assert found["accuracy"] > 0.98
    assert found["selection"] > 0.98
    for number in ("accuracy", "selection", "right", "wrong", "without all last heads"):
        assert found[number] == pytest.approx(row[number].values[0], abs=0.05), number
    assert found["without_head"].shape == (2, 4)
    assert len(found["weights"]) == len(RECORDED["which noun"]["weights"])


@pytest.mark.parametrize("run", experiments.MODELS)
def test_the_shipped_weights_are_as_good_as_the_table_says(run):
    asks, window, n_layers = settings(run)
    own = experiments.design(asks, n_layers)
    test = experiments.questions(NEW, asks, window, n_layers, np.random.default_rng(0))
    params = experiments.unpack(RECORDED[run]["weights"], own)
    accuracy = model.accuracy(own, params, test)
    assert accuracy == pytest.approx(MEASURED[run]["accuracy"].values[0], abs=0.01)
    looks = experiments.attention_from_it(own, params, NEW, window)
    for number in ("selection", "right", "wrong"):
        assert looks[number] == pytest.approx(MEASURED[run][number].values[0], abs=0.02), number


@pytest.mark.parametrize("adjective", ["tired", "wide"])
def test_in_layer_0_it_learns_of_the_adjective(adjective):
    words, trace = from_it("which noun", adjective)
    assert trace.blocks[0].attention.weights[0, :, words.index("it")][:, -1].max() > 0.9


def test_no_model_looks_beyond_its_window_in_layer_0():
    words, trace = from_it("which noun", "tired")
    distance = np.abs(np.subtract.outer(np.arange(len(words)), np.arange(len(words))))
    assert (trace.blocks[0].attention.weights[0][:, distance > 3] == 0).all()
    assert (trace.blocks[1].attention.weights[0][:, distance > 3] > 0).all()
    _, trace = from_it("which noun, no window", "tired")
    assert (trace.blocks[0].attention.weights[0][:, distance > 3] > 0).all()


@pytest.mark.parametrize(
    ("run", "words", "answer"),
    [
        ("alive or not", "because it was so icy the dog did not see the road", "not alive 1.00"),
        ("alive or not", "it was tired", "alive 1.00"),
        ("hidden words", "it was tired", "none"),
        ("which noun", "the animal was tired", "none"),
    ],
)
def test_answers_in_words(run, words, answer):
    words, tokens = pronouns.read(words)
    trace = experiments.read(run, RECORDED[run]["weights"], tokens)
    assert experiments.answer(run, trace, words) == answer


def test_a_head_that_is_taken_out_adds_nothing():
    _, tokens = pronouns.read("the animal did not cross it")
    whole = experiments.read("which noun", RECORDED["which noun"]["weights"], tokens)
    without = experiments.read("which noun", RECORDED["which noun"]["weights"], tokens, [(1, 2)])
    np.testing.assert_array_equal(whole.blocks[0].out, without.blocks[0].out)
    attention = without.blocks[1].attention
    assert not np.allclose(attention.out, whole.blocks[1].attention.out)
    params = experiments.unpack(RECORDED["which noun"]["weights"], experiments.design())
    own = params["layers"][1]["attention"]
    part = whole.blocks[1].attention.heads[0, 2] @ own["W_o"][16:24]
    np.testing.assert_allclose(attention.out[0] + part, whole.blocks[1].attention.out[0], atol=1e-5)


def test_without_all_heads_of_a_layer_its_attention_adds_only_the_bias():
    _, tokens = pronouns.read("the animal did not cross it")
    out = [(1, head) for head in range(4)]
    without = experiments.read("which noun", RECORDED["which noun"]["weights"], tokens, out)
    params = experiments.unpack(RECORDED["which noun"]["weights"], experiments.design())
    bias = params["layers"][1]["attention"]["b_o"]
    np.testing.assert_allclose(without.blocks[1].attention.out[0], [bias] * 6, atol=1e-6)


def test_the_explorer_fills_the_gap_and_shows_the_model_without_a_head():
    explorer = PronounExplorer()
    assert '"it" looks at "animal" 0.99' in explorer.sentence
    assert explorer.sentence.endswith("Answer: animal 1.00.")
    explorer.set(adjective="wide")
    assert '"it" looks at "street" 1.00' in explorer.sentence
    explorer.set(head=6, knocked_out="head")
    assert "Answer: street 1.00; without layer 1 head 2: street 0." in explorer.sentence
    assert explorer.shown.knocked_out == ((1, 2),)
    explorer.set(knocked_out="layer")
    assert explorer.shown.knocked_out == ((1, 0), (1, 1), (1, 2), (1, 3))
    assert "; without layer 1: " in explorer.sentence
    explorer.set(words="it was _ yesterday")
    assert explorer.controls["query"].options[2][0] == "2 _"
    with pytest.raises(ValueError, match=r"'stret' is not among .* did you mean street"):
        explorer.set(words="the stret")


def test_commas_and_full_stops_are_no_words():
    explorer = PronounExplorer()
    before = explorer.png
    explorer.set(words="The animal did not cross the street, because it was too _.")
    assert explorer.png == before
    assert [label for label, _ in explorer.controls["query"].options][6] == "6 street"


def test_layer_and_head_stay_when_the_model_changes_and_comes_back():
    """One block has no layer 1; whoever returns to two blocks is where one was."""
    explorer = PronounExplorer(head=6, knocked_out="head")
    explorer.set(run="which noun, one block")
    assert explorer.controls["head"].options[-1] == ("layer 0 head 3", 3)
    assert len(explorer.controls["head"].options) == 4
    for run in experiments.MODELS:
        explorer.set(run=run)
    explorer.set(run="alive or not")
    assert (explorer.shown.layer, explorer.shown.head) == (1, 2)
    assert "Random (" in PronounExplorer(run="not trained").sentence


def test_the_real_encoders_explorer_says_a_heads_habit():
    explorer = RealEncoderExplorer(layer=0, head=2)
    habit = minilm.habits()["previous word"][0, 2]
    assert explorer.sentence.endswith(f"habit over 14 sentences: previous word, {habit:.2f}.")
    explorer.set(sentence=4)
    assert explorer.controls["query"].options[0] == ("1 thinking", 1), "[CLS] asks nothing"
