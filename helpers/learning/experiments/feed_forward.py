"""Notebook 04: a table to be learnt by heart, a word at a time.

Every word holds two numbers, a and b: its vector is A[a] + B[b], with random tables A and B that
training leaves alone. The model must answer with the entry at row a, column b of a table: of
(a + b) mod 11, or of random answers. Nothing in the other words helps; there are no positions.
"""

import numpy as np

from helpers import checks
from helpers.learning import model, training
from helpers.learning.experiments import Report, Run

D_MODEL, N_WORDS, STEPS = 32, 512, 400  # N_WORDS: in a batch, cut into sentences
TABLES = {"(a+b) mod 11": 11, "random": 16}  # how many rows, columns and different answers
KINDS = {  # sentence length, parts
    "read-out only": (1, {"n_layers": 0}),
    "attention, 1 word": (1, {"feed_forward": False}),
    "attention, 8 words": (8, {"feed_forward": False}),
    "two attentions, 8 words": (8, {"feed_forward": False, "n_layers": 2}),
    "block, 1 word": (1, {}),
    "block, 8 words": (8, {}),
}
D_FFS = (2, 4, 8, 16, 32, 64)
LONGER = 3  # times as many steps: what is out of reach, and what is only slow?


def truth(table, rng):
    """Return the table to be learnt: (rows, columns) of whole numbers from 0 up."""
    size = TABLES[table]
    if table == "random":
        return rng.integers(0, size, (size, size))
    return np.add.outer(np.arange(size), np.arange(size)) % size


def embedding(size, rng):
    """Return the vector of every pair, (A[a] + B[b]) / √2, row by row: (size², d_model)."""
    A, B = rng.standard_normal((2, size, D_MODEL))
    pairs = (A[:, None] + B) / 2**0.5  # (size, size, d_model): numbers of variance 1
    return pairs.reshape(-1, D_MODEL).astype(np.float32)


def sentences(answers, seq_len, rng):
    """Yield batches of random words in random company, and the entry that each must name."""
    while True:
        tokens = rng.integers(0, answers.size, (N_WORDS // seq_len, seq_len))
        yield training.Batch(tokens, answers.ravel()[tokens])  # (batch, seq_len)


def every_pair(answers, seq_len, rng, rounds=8):
    """Return a batch that holds every pair `rounds` times, in random company each time."""
    tokens = np.concatenate([rng.permutation(answers.size) for _ in range(rounds)])
    tokens = tokens.reshape(-1, seq_len)  # (batch, seq_len): the first round comes first
    return training.Batch(tokens, answers.ravel()[tokens])


def look_at(design, params, batch, shape):
    """Return the share of right answers, and what the first round says for each pair."""
    said = model.forward(batch.tokens, params, design).out.argmax(axis=-1)  # (batch, seq_len)
    first = slice(0, shape[0] * shape[1])
    table = np.empty(shape, np.int8)
    table.ravel()[batch.tokens.ravel()[first]] = said.ravel()[first]
    return float((said == batch.targets).mean()), table


def learn_table(
    seed, table="random", kind="block, 8 words", d_ff=64, n_steps=STEPS, rate=5e-3, snapshots=20
):
    """Train one kind of model on one table; yields Reports.

    The result: "accuracy" on all pairs, in new company; "steps", "accuracies" (snapshots,) and
    "said" (snapshots, rows, columns), the answer to each pair, while it learns; "truth" (rows,
    columns). A run that blew up has "trouble", and what it found until then.
    Raises ValueError or TypeError for a seed or a count that is no whole number from 0 or 1 up, a
    rate that is not positive, and an unknown table or kind.
    """
    seed, n_steps = checks.require_size(seed, "seed", 0), checks.require_size(n_steps, "n_steps")
    every = max(1, n_steps // checks.require_size(snapshots, "snapshots"))
    checks.require_choice(table, "table", TABLES)
    checks.require_choice(kind, "kind", KINDS)
    rng = np.random.default_rng(seed)
    answers = truth(table, rng)
    seq_len, parts = KINDS[kind]
    design = model.Design(answers.size, len(answers), D_MODEL, d_ff=d_ff, positions=False)
    design = design._replace(**parts)
    params = model.init(design, rng) | {"embedding": embedding(len(answers), rng)}
    test = every_pair(answers, seq_len, np.random.default_rng(10_000))
    batches = sentences(answers, seq_len, np.random.default_rng(1000 + seed))
    found = {"steps": [], "accuracies": [], "said": [], "truth": answers}
    for progress in training.train(
        model.gradients(design), params, batches, n_steps, rate,
        every=every, frozen=("embedding",),
    ):  # fmt: skip
        found["accuracy"], said = look_at(design, progress.params, test, answers.shape)
        found["steps"].append(progress.step)
        found["accuracies"].append(found["accuracy"])
        found["said"].append(said)
        if progress.trouble:
            found["trouble"] = progress.trouble
        note = progress.trouble or f"step {progress.step}, {found['accuracy']:.0%} right"
        yield Report(progress.step / n_steps, note, dict(found))


def name(table, kind, d_ff):
    """Return how a run is called, such as "random: block, 8 words, d_ff 64"."""
    return f"{table}: {kind}" + (f", d_ff {d_ff}" if has_feed_forward(kind) else "")


def has_feed_forward(kind):
    """Return whether a kind of model has a feed-forward network, and so a d_ff."""
    return kind.startswith("block")


KEPT = ("steps", "accuracies", "said", "truth")
RUNS = {
    name(table, kind, d_ff): Run(
        learn_table, {"table": table, "kind": kind, "d_ff": d_ff}, ("accuracy",), KEPT
    )
    for table in TABLES
    for kind in KINDS
    for d_ff in (D_FFS if has_feed_forward(kind) else D_FFS[-1:])
} | {
    f"{name(table, kind, None)}, {LONGER} × longer": Run(
        learn_table, {"table": table, "kind": kind, "n_steps": LONGER * STEPS}, ("accuracy",)
    )
    for table in TABLES
    for kind in ("attention, 1 word", "two attentions, 8 words")
}
