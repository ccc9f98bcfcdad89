"""Notebook 06: what is each part of the block worth? Train without it, and see.

Every word must name sums of its own number and of others in its sentence: own + previous, own +
first, own + next, own + last, each modulo six. To find the others takes attention and positions; to
add takes the feed-forward network. One block has to name four sums, a stack of six has to name two.
"""

import numpy as np

from helpers.learning import model, training
from helpers.learning.experiments import Report, Run
from helpers.learning.experiments.multi_head_attention import look_up_places

VOCAB, SEQ_LEN, D_MODEL, BATCH = 6, 8, 32, 32
PARTS = {  # what is switched off, and how
    "nothing": {},
    "positions": {"positions": False},
    "skip": {"skip": False},
    "norm": {"norm": "none"},
    "feed-forward": {"feed_forward": False},
    "heads but one": {"n_heads": 1},
}
SIZES = {  # blocks: what the whole is made of, and how it is trained
    1: {"n_sums": 4, "d_ff": 128, "norm": "post", "rate": 1e-2, "n_steps": 1000},
    6: {"n_sums": 2, "d_ff": 64, "norm": "pre", "rate": 3e-3, "n_steps": 700},
}
WARMUP = 60


def sentences(n_sums, rng, batch=BATCH):
    """Yield batches of random sentences, with the sums that each word must name."""
    places = look_up_places(n_sums, SEQ_LEN)  # (seq_len, n_sums)
    while True:
        tokens = rng.integers(0, VOCAB, (batch, SEQ_LEN))
        yield training.Batch(tokens, (tokens[:, places] + tokens[..., None]) % VOCAB)


def ablation(seed, n_layers=1, off="nothing", n_steps=None):
    """Train a stack of blocks with one part switched off; yields Reports.

    The result: "accuracy" on new sentences; "steps" and "accuracies" while it learns. A run that
    blew up has "trouble".
    """
    size = SIZES[n_layers]
    n_steps = n_steps or size["n_steps"]
    design = model.Design(
        VOCAB, size["n_sums"] * VOCAB, D_MODEL, d_ff=size["d_ff"], n_layers=n_layers,
        norm=size["norm"],
    )._replace(**PARTS[off])  # fmt: skip
    params = model.init(design, np.random.default_rng(seed))
    batches = sentences(size["n_sums"], np.random.default_rng(1000 + seed))
    test = next(sentences(size["n_sums"], np.random.default_rng(10_000), 256))
    found = {"steps": [0], "accuracies": [model.accuracy(design, params, test)]}
    for progress in training.train(
        model.gradients(design), params, batches, n_steps, size["rate"], WARMUP, every=25
    ):
        accuracy = model.accuracy(design, progress.params, test)
        found["steps"].append(progress.step)
        found["accuracies"].append(accuracy)
        found["accuracy"] = accuracy
        if progress.trouble:
            found["trouble"] = progress.trouble
        note = progress.trouble or f"step {progress.step}, {accuracy:.0%} right"
        yield Report(progress.step / n_steps, note, dict(found))


def name(n_layers, off):
    """Return how a run is called, such as "6 blocks, without skip"."""
    blocks = "1 block" if n_layers == 1 else f"{n_layers} blocks"
    return f"{blocks}, whole" if off == "nothing" else f"{blocks}, without {off}"


RUNS = {
    name(n_layers, off): Run(
        ablation, {"n_layers": n_layers, "off": off}, ("accuracy",), ("steps", "accuracies")
    )
    for n_layers in SIZES
    for off in PARTS
}
