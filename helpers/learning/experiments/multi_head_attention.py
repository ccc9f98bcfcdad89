"""Notebook 01: K look-ups need K heads.

Every word must name K other words of its sentence: the one before it, the first, the next, the
last. One attention layer with its skip and norm has to find them; there is no feed-forward network
to help out. The number of parameters is the same for every head count.
"""

import numpy as np

from helpers import checks
from helpers.learning import model, training
from helpers.learning.experiments import Report, Run

VOCAB, SEQ_LEN, D_MODEL, BATCH = 8, 10, 32, 64
LOOK_UPS = ("previous", "first", "next", "last")
STEPS = {2: 500, 4: 800}  # training steps for K look-ups


def look_up_places(n_look_ups, seq_len=SEQ_LEN):
    """Return which position each position must look at: (seq_len, n_look_ups)."""
    position = np.arange(seq_len)
    previous, after = np.maximum(position - 1, 0), np.minimum(position + 1, seq_len - 1)
    first, last = np.zeros_like(position), np.full_like(position, seq_len - 1)
    return np.stack([previous, first, after, last], axis=-1)[:, :n_look_ups]


def sentences(n_look_ups, rng, batch=BATCH):
    """Yield batches of random sentences, with the words that each position must name."""
    places = look_up_places(n_look_ups)
    while True:
        tokens = rng.integers(0, VOCAB, (batch, SEQ_LEN))
        yield training.Batch(tokens, tokens[:, places])  # (batch, seq_len, n_look_ups)


def look_ups(seed, n_heads=2, n_look_ups=2, n_steps=None, snapshots=20):
    """Train one attention layer on the look-ups; yields Reports.

    The result: "accuracy" on new sentences, all look-ups together; "steps", "accuracies"
    (snapshots,) and "by_look_up" (snapshots, n_look_ups) while it learns, and "weights"
    (snapshots, n_heads, seq_len, seq_len), averaged over sentences; "without_head" (n_heads,
    n_look_ups), what is right at the end with one head's slice set to zero; "parameters", their
    number. A run that blew up has "trouble", and what it found until then.
    Raises ValueError or TypeError for a seed or a count that is no whole number from 0 or 1 up, and
    for look-ups that STEPS does not have.
    """
    seed = checks.require_size(seed, "seed", 0)
    if checks.require_size(n_look_ups, "n_look_ups") not in STEPS:
        known = " or ".join(map(str, STEPS))
        raise ValueError(f"n_look_ups={n_look_ups}; expected {known}")
    n_steps = STEPS[n_look_ups] if n_steps is None else checks.require_size(n_steps, "n_steps")
    every = max(1, n_steps // checks.require_size(snapshots, "snapshots"))
    design = model.Design(VOCAB, n_look_ups * VOCAB, D_MODEL, n_heads, d_ff=1, feed_forward=False)
    params = model.init(design, np.random.default_rng(seed))
    attention = params["layers"][0]["attention"]
    found = {"steps": [], "accuracies": [], "by_look_up": [], "weights": []}
    found["parameters"] = sum(array.size for array in attention.values())
    test = next(sentences(n_look_ups, np.random.default_rng(10_000), 256))
    batches = sentences(n_look_ups, np.random.default_rng(1000 + seed))
    run = model.gradients(design)
    for progress in training.train(run, params, batches, n_steps, 1e-2, every=every):
        by_look_up, weights = right(design, progress.params, test)
        found["steps"].append(progress.step)
        found["accuracies"].append(by_look_up.mean())
        found["by_look_up"].append(by_look_up)
        found["weights"].append(weights)
        found["accuracy"] = float(by_look_up.mean())
        if progress.trouble:
            found["trouble"] = progress.trouble
        note = progress.trouble or f"step {progress.step}, {by_look_up.mean():.0%} right"
        yield Report(progress.step / n_steps, note, dict(found))
    found["without_head"] = np.array(
        [
            right(design, model.without_head(progress.params, 0, head, n_heads), test)[0]
            for head in range(n_heads)
        ]
    )
    yield Report(1.0, note, found)


def right(design, params, batch):
    """Return the share of right answers for each look-up, and the mean weights of each head."""
    trace = model.forward(batch.tokens, params, design)
    said = model.answers(trace.out, batch.targets).argmax(axis=-1)
    shares = (said == batch.targets).mean(axis=(0, 1))  # (n_look_ups,)
    return shares, trace.blocks[0].attention.weights.mean(axis=0)  # (n_heads, seq_len, seq_len)


def name(n_look_ups, n_heads):
    """Return how a run is called, such as "2 look-ups, 1 head"."""
    return f"{n_look_ups} look-ups, {n_heads} head{'s' if n_heads > 1 else ''}"


HEAD_COUNTS = (1, 2, 4, 8)
KEPT = ("steps", "accuracies", "by_look_up", "weights", "without_head")
RUNS = {
    name(n_look_ups, n_heads): Run(
        look_ups, {"n_heads": n_heads, "n_look_ups": n_look_ups}, ("accuracy",), KEPT
    )
    for n_look_ups in STEPS
    for n_heads in HEAD_COUNTS
} | {
    f"{name(n_look_ups, 1)}, 3 × longer": Run(
        look_ups,
        {"n_heads": 1, "n_look_ups": n_look_ups, "n_steps": 3 * STEPS[n_look_ups]},
        ("accuracy",),
    )
    for n_look_ups in STEPS
}
