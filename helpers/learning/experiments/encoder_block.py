"""Notebook 06: what is each part of the block worth? Train without it, and see.

Every word must name sums of its own number and of others in its sentence: own + previous, own +
first, own + next, own + last, each modulo six. (The word before the first, and the one after the
last, is the word itself.) To find the others takes attention and positions; to add takes the
feed-forward network. All blocks are pre-norm, so that a stack of six trains in seconds.
"""

import numpy as np

from helpers import checks
from helpers.learning import model, training
from helpers.learning.experiments import Report, Run
from helpers.learning.experiments.multi_head_attention import look_up_places

VOCAB, SEQ_LEN, D_MODEL, D_FF, BATCH = 6, 8, 32, 128, 32
PARTS = {  # what is switched off, and how
    "nothing": {},
    "positions": {"positions": False},
    "skip": {"skip": False},
    "norm": {"norm": "none"},
    "feed-forward": {"feed_forward": False},
    "heads but one": {"n_heads": 1},
}
STACKS = {  # blocks, sums to be named, and how long and fast it is trained
    "1 block, 4 sums": {"n_layers": 1, "n_sums": 4, "n_steps": 1000, "rate": 1e-2},
    "1 block, 2 sums": {"n_layers": 1, "n_sums": 2, "n_steps": 700, "rate": 1e-2},
    "6 blocks, 2 sums": {"n_layers": 6, "n_sums": 2, "n_steps": 700, "rate": 3e-3},
}
WARMUP = 60


def sentences(n_sums, rng, batch=BATCH):
    """Yield batches of random sentences, with the sums that each word must name."""
    places = look_up_places(n_sums, SEQ_LEN)  # (seq_len, n_sums)
    while True:
        tokens = rng.integers(0, VOCAB, (batch, SEQ_LEN))
        yield training.Batch(tokens, (tokens[:, places] + tokens[..., None]) % VOCAB)


def ablation(seed, stack="1 block, 4 sums", off="nothing", n_steps=None):
    """Train a stack of blocks with one part switched off; yields Reports.

    The result: "accuracy" on new sentences; "steps" and "accuracies" while it learns. A run that
    blew up has "trouble". Raises ValueError or TypeError for a seed or a step count that is no
    whole number from 0 or 1 up, and an unknown stack or part.
    """
    seed = checks.require_size(seed, "seed", 0)
    checks.require_choice(stack, "stack", STACKS)
    checks.require_choice(off, "off", PARTS)
    n_layers, n_sums, most_steps, rate = STACKS[stack].values()
    n_steps = most_steps if n_steps is None else checks.require_size(n_steps, "n_steps")
    design = model.Design(
        VOCAB, n_sums * VOCAB, D_MODEL, d_ff=D_FF, n_layers=n_layers, norm="pre"
    )._replace(**PARTS[off])
    params = model.init(design, np.random.default_rng(seed))
    batches = sentences(n_sums, np.random.default_rng(1000 + seed))
    test = next(sentences(n_sums, np.random.default_rng(10_000), 256))
    found = {"steps": [0], "accuracies": [model.accuracy(design, params, test)]}
    for progress in training.train(
        model.gradients(design), params, batches, n_steps, rate, WARMUP, every=25
    ):
        accuracy = model.accuracy(design, progress.params, test)
        found["steps"].append(progress.step)
        found["accuracies"].append(accuracy)
        found["accuracy"] = accuracy
        if progress.trouble:
            found["trouble"] = progress.trouble
        note = progress.trouble or f"step {progress.step}, {accuracy:.0%} right"
        yield Report(progress.step / n_steps, note, dict(found))


def name(stack, off):
    """Return how a run is called, such as "6 blocks, 2 sums, without skip"."""
    return f"{stack}, whole" if off == "nothing" else f"{stack}, without {off}"


RUNS = {
    name(stack, off): Run(
        ablation, {"stack": stack, "off": off}, ("accuracy",), ("steps", "accuracies")
    )
    for stack in STACKS
    for off in PARTS
}
