"""Notebook 04: a table to be learnt by heart, one word at a time; what random layers do.

Every word holds two numbers, a and b: its vector is A[a] + B[b], with random tables A and B that
training leaves alone. The model must answer with the entry at row a, column b of a table: of
(a + b) mod 11, or of random answers. Nothing in the other words helps; there are no positions.
"""

import numpy as np

from helpers import checks, feed_forward, self_attention
from helpers.learning import model, training
from helpers.learning.claims import Claim, claim, higher
from helpers.learning.experiments import CURVE, Run, at_once, generators, longer, record

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
LIMITED = ("attention, 1 word", "two attentions, 8 words")  # out of reach, or only slow?


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
    """Yield batches of random words among random others, and the entry that each must name."""
    while True:
        tokens = rng.integers(0, answers.size, (N_WORDS // seq_len, seq_len))
        yield training.Batch(tokens, answers.ravel()[tokens])  # (batch, seq_len)


def every_pair(answers, seq_len, rng):
    """Return a batch that holds every pair eight times, among random others each time."""
    tokens = np.concatenate([rng.permutation(answers.size) for _ in range(8)])
    tokens = tokens.reshape(-1, seq_len)  # (batch, seq_len): the first round comes first
    return training.Batch(tokens, answers.ravel()[tokens])


def look_at(design, params, batch, shape):
    """Return the share of right answers, and what the first round says for each pair."""
    said = model.forward(batch.tokens, params, design).out.argmax(axis=-1)  # (batch, seq_len)
    first = slice(0, shape[0] * shape[1])
    table = np.empty(shape, np.int8)
    table.ravel()[batch.tokens.ravel()[first]] = said.ravel()[first]
    return float((said == batch.targets).mean()), table


def learn_table(seed, table="random", kind="block, 8 words", d_ff=64, n_steps=STEPS, rate=5e-3):
    """Train one kind of model on one table; yields Reports.

    The result: "accuracy" on all pairs, among new words; "steps", "accuracies" (snapshots,) and
    "said" (snapshots, rows, columns), the answer to each pair, while it learns; "truth" (rows,
    columns).
    Raises ValueError or TypeError for a number or a choice that it cannot take.
    """
    for_weights, for_training, for_test = generators(seed)
    checks.require_choice(table, "table", TABLES)
    checks.require_choice(kind, "kind", KINDS)
    answers = truth(table, for_weights)
    seq_len, parts = KINDS[kind]
    design = model.Design(answers.size, len(answers), D_MODEL, d_ff=d_ff, positions=False)
    design = design._replace(**parts)
    params = model.init(design, for_weights)
    params["embedding"] = embedding(len(answers), for_weights)
    test = every_pair(answers, seq_len, for_test)

    def measure(params):
        accuracy, said = look_at(design, params, test, answers.shape)
        return {"accuracies": accuracy, "said": said}

    batches, frozen = sentences(answers, seq_len, for_training), ("embedding",)
    run = training.train(model.gradients(design), params, batches, n_steps, rate, frozen=frozen)
    yield from record(run, {"truth": answers}, measure)


def name(table, kind, d_ff):
    """Return how a run is called, such as "random: block, 8 words, d_ff 64"."""
    return f"{table}: {kind}" + (f", d_ff {d_ff}" if has_feed_forward(kind) else "")


def has_feed_forward(kind):
    """Return whether a kind of model has a feed-forward network, and so a d_ff."""
    return kind.startswith("block")


KEPT = (*CURVE, "said", "truth")
RUNS = {
    name(table, kind, d_ff): Run(
        learn_table, {"table": table, "kind": kind, "d_ff": d_ff}, kept=KEPT
    )
    for table in TABLES
    for kind in KINDS
    for d_ff in (D_FFS if has_feed_forward(kind) else D_FFS[-1:])
} | {
    longer(name(table, kind, None)): Run(
        learn_table, {"table": table, "kind": kind, "n_steps": 3 * STEPS}
    )
    for table in TABLES
    for kind in LIMITED
}


@at_once
def random_layers(seed):
    """Measure random weights on a random sentence of six words, eight numbers per word.

    The result: "others moved by feed-forward" and "others moved by attention", the smallest change
    of another word's row (its largest number) if one word changes; "units off", the share of hidden
    numbers that ReLU sets to zero; "attention not linear", how far attention of the doubled
    sentence is from twice the attention, as a share of the largest number of that.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((6, 8))  # (seq_len, d_model)
    changed = x.copy()
    changed[2] += rng.standard_normal(8)
    layers = {
        "feed-forward": (feed_forward, feed_forward.init(8, 32, rng)),
        "attention": (self_attention, self_attention.init(8, 8, rng)),
    }
    found = {}
    for name, (step, params) in layers.items():
        moved = np.abs(step.forward(changed, params).out - step.forward(x, params).out)
        found[f"others moved by {name}"] = float(np.delete(moved.max(axis=1), 2).min())
    hidden = feed_forward.forward(x, layers["feed-forward"][1]).activated  # (seq_len, d_ff)
    once, doubled = (self_attention.forward(n * x, layers["attention"][1]).out for n in (1, 2))
    found["units off"] = float((hidden == 0).mean())
    found["attention not linear"] = float(np.abs(doubled - 2 * once).max() / np.abs(2 * once).max())
    return found


LAYERS = "random layers"
MOVED = ("others moved by feed-forward", "others moved by attention")
RUNS |= {LAYERS: Run(random_layers, {}, (*MOVED, "units off", "attention not linear"))}


def claims_of(table):
    """Return what the lesson says of one table."""
    attention, two = (name(table, kind, None) for kind in LIMITED)
    narrow, *_, sixteen, _, wide = (name(table, "block, 1 word", d_ff) for d_ff in D_FFS)
    doubled = tuple(name(table, "block, 1 word", d_ff) for d_ff in D_FFS[:4])
    claims = {
        "a block alone with its word answers 0.99 or more": claim(wide, at_least=0.99),
        "16 hidden units answer 0.95 or more": claim(sixteen, at_least=0.95),
        "two hidden units answer less than 0.95": claim(narrow, below=0.95),
        "attention with eight words answers less than 0.95":
            claim(name(table, "attention, 8 words", None), below=0.95),
        "attention alone with its word answers less than half": claim(attention, below=0.5),
        "attention alone stays below 0.65 in three times as many steps":
            claim(longer(attention), below=0.65),
        "two attentions with eight words answer 0.95 or more in three times as many steps":
            claim(longer(two), at_least=0.95),
        "a block answers more than two attentions, eight words":
            higher(name(table, "block, 8 words", 64), two),
        "each doubling of d_ff from 2 to 16 brings more":
            Claim(doubled, lambda *rows: (np.diff([row["accuracy"] for row in rows]) > 0).all()),
        "64 hidden units answer 0.99 or more, and two less than 0.8":
            Claim((wide, narrow), lambda w, n: w["accuracy"] >= 0.99 and n["accuracy"] < 0.8),
    }  # fmt: skip
    return {f"{table}: {sentence}": claim for sentence, claim in claims.items()}


CLAIMS = {sentence: claim for table in TABLES for sentence, claim in claims_of(table).items()} | {
    "feed-forward moves no other word": claim(LAYERS, MOVED[0], below=1e-12),
    "attention moves all other words": claim(LAYERS, MOVED[1], above=1e-3),
    "ReLU switches off 0.4 to 0.6 of the units": claim(LAYERS, "units off", above=0.4, below=0.6),
    "attention of six words is off from linear by more than 0.2":
        claim(LAYERS, "attention not linear", above=0.2),
}  # fmt: skip
