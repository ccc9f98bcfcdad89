"""Notebook 03: what a norm does to numbers, to learning rates, and to sentences in a batch.

The trained stacks have the task of first_word: each word must name the first word of its sentence.
Where companions are looked at, the sentences have different lengths, 2 to 16 words.
"""

import numpy as np

from helpers import checks, encoder_block, layer_norm, stack
from helpers.learning import batch_norm, first_word, model, training
from helpers.learning.claims import Claim, claim, higher
from helpers.learning.experiments import CURVE, Report, Run, at_once, generators
from helpers.learning.measures import rms

NORMS = ("none", "post", "pre")
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
WARMUPS = (0, 60)
N_LAYERS, STEPS = 6, 120

VOCAB, LONGEST, BATCH = 10, 16, 32  # word 0 only fills up short sentences
DESIGN = model.Design(VOCAB, VOCAB, 32, 4, d_ff=1, n_layers=2, norm="post", feed_forward=False)
COMPANION_STEPS = 200
COMPANIONS = (0, 1, 3, 7, 31)
LENGTHS = (2, 8, 16)  # of the companions
OWN_LENGTH, ASKED = 6, 40  # words of the sentence that is looked at; sentences asked for an answer


def train_at_rate(
    seed, norm="pre", rate=3e-3, warmup=0, n_layers=N_LAYERS, size=1.0, n_steps=STEPS
):
    """Train one stack at one learning rate, which is constant after the warm-up; yields Reports.

    size: of the numbers that each word begins with. The result is that of first_word.learn.
    Raises as it does.
    """
    size = checks.require_number(size, "size", minimum=0)
    return first_word.learn(
        seed, n_layers, norm, True, n_steps, rate, warmup, decay=False, embedding_scale=size
    )


def padded_batch(sentences):
    """Return the Batch of sentences of different lengths, short ones filled up with word 0."""
    lengths = np.array([len(sentence) for sentence in sentences])
    tokens = np.zeros((len(sentences), lengths.max()), int)
    there = np.arange(lengths.max()) < lengths[:, None]  # (batch, seq_len)
    tokens[there] = np.concatenate(sentences)
    targets = np.repeat(tokens[:, :1], tokens.shape[1], axis=1)
    return training.Batch(tokens, targets, there.astype(float), there[:, None])


def random_sentences(rng, lengths):
    """Return random sentences of these lengths."""
    return [rng.integers(1, VOCAB, length) for length in lengths]


def mixed_length_batches(rng, batch=BATCH):
    """Yield batches of sentences of 2 to LONGEST words."""
    while True:
        yield padded_batch(random_sentences(rng, rng.integers(2, LONGEST + 1, batch)))


def train_with_companions(seed, norm="layer", n_steps=COMPANION_STEPS):
    """Train two attention layers with layer norm or batch norm; then change the companions.

    norm: "layer", "batch", or "kept": batch norm that uses what it kept of training batches.
    The result, for each number of COMPANIONS and each of their LENGTHS: "right", the share of right
    answers of a sentence among them, (companions, lengths); "logits", what the last word of one
    and the same sentence answers, (companions, lengths, VOCAB); "answer", what it should. "alone",
    "accuracy": the share of right answers alone and among 31; "change": the largest change of a
    logit when 31 companions of 2 words give way to 31 of 16.
    Raises ValueError or TypeError for a number or a choice that it cannot take.
    """
    for_weights, for_training, for_test = generators(seed)
    checks.require_choice(norm, "norm", ("layer", "batch", "kept"))
    block = encoder_block if norm == "layer" else batch_norm
    params, batches = model.init(DESIGN, for_weights), mixed_length_batches(for_training)
    test = next(mixed_length_batches(for_test, 64))

    def run(batch):
        return model.compute(batch.tokens, params, DESIGN, batch.mask, block)

    for progress in training.train(model.gradients(DESIGN, block), params, batches, n_steps, 3e-3):
        params = progress.params
        *_, right = model.cross_entropy(run(test).out, test.targets, test.counted)
        yield Report(0.6 * progress.step / n_steps, f"step {progress.step}, {right:.0%} right")
    if norm == "kept":
        seen = [run(next(batches)).blocks for _ in range(30)]
        params = params | {"layers": batch_norm.keep(params["layers"], seen)}
    yield from ask_among_companions(run)


def ask_among_companions(run):
    """Ask for the first words of sentences among others; yields Reports.

    run: batch → the trace of a trained model. The result: as train_with_companions says.
    """
    places = len(COMPANIONS), len(LENGTHS)
    found = {"right": np.zeros(places), "logits": np.zeros((*places, VOCAB))}
    for i, count in enumerate(COMPANIONS):
        for j, length in enumerate(LENGTHS):
            rng = np.random.default_rng(20_000)  # the same sentences everywhere
            asked = random_sentences(rng, [OWN_LENGTH] * ASKED)
            groups = [[own, *random_sentences(rng, [length] * count)] for own in asked]
            logits = [run(padded_batch(group)).out[0, :OWN_LENGTH] for group in groups]
            said = np.argmax(logits, axis=-1)  # (asked, words)
            found["right"][i, j] = (said == np.array(asked)[:, :1]).mean()
            found["logits"][i, j] = logits[0][-1]
            found["answer"] = asked[0][0]
        yield Report(0.6 + 0.4 * (i + 1) / len(COMPANIONS), f"among {count} others")
    found["alone"] = found["right"][0, 0]
    found["accuracy"] = found["right"][-1].min()
    found["change"] = np.abs(found["logits"][-1, 0] - found["logits"][-1, -1]).max()
    yield Report(1.0, f"alone {found['alone']:.0%} right", found)


def rate_name(norm, rate, warmup):
    """Return how a run is called, such as "pre, rate 0.003, no warm-up"."""
    return f"{norm}, rate {rate:g}, {warmup if warmup else 'no'} warm-up"


def companions_name(norm):
    """Return how a run is called, such as "companions, batch norm"."""
    return f"companions, {'batch norm, kept statistics' if norm == 'kept' else f'{norm} norm'}"


RUNS = {
    rate_name(norm, rate, warmup): Run(
        train_at_rate, {"norm": norm, "rate": rate, "warmup": warmup}, kept=(*CURVE, "trouble")
    )
    for warmup in WARMUPS
    for norm in NORMS
    for rate in RATES
}
RUNS |= {
    f"{norm}, rate {rate:g}, {what}": Run(train_at_rate, {"norm": norm, "rate": rate} | options)
    for norm, what, options, rates in (
        ("none", "3 layers", {"n_layers": 3}, RATES[:3]),
        *((norm, "8 layers", {"n_layers": 8}, RATES[:4]) for norm in NORMS),
        *((norm, "words half as large", {"size": 0.5}, RATES[:3]) for norm in NORMS),
    )
    for rate in rates
}
RUNS |= {
    companions_name(norm): Run(
        train_with_companions,
        {"norm": norm},
        ("accuracy", "alone", "change"),
        ("right", "logits", "answer"),
    )
    for norm in ("layer", "batch", "kept")
}
DEPTHS, D_MODEL = (1, 4, 12, 24), 32


@at_once
def rescaled(seed, eps=1e-5):
    """Measure by how much a norm's result changes if 1000 random words are taken times 100, plus 7.

    The result: "largest change" of a number.
    """
    x = np.random.default_rng(seed).standard_normal((1000, D_MODEL))  # (seq_len, d_model)
    params = layer_norm.init(D_MODEL)
    before, after = (layer_norm.forward(rows, params, eps).out for rows in (x, 100 * x + 7))
    return {"largest change": float(np.abs(after - before).max())}


@at_once
def sizes(seed, norm="pre"):
    """Measure how large the numbers are after random blocks, and what is left of the input.

    The result, for each of DEPTHS: "size, 24 blocks", the root of the mean square, and
    "input, 24 blocks", the mean cosine of a word's vector with its own input.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((4, 8, D_MODEL))  # (sentences, seq_len, d_model)
    traces = stack.forward(x, stack.init(max(DEPTHS), D_MODEL, 4, 64, rng), n_heads=4, norm=norm)
    found = {}
    for depth in DEPTHS:
        out = traces[depth - 1].out  # (sentences, seq_len, d_model)
        products = (x * out).sum(axis=-1)  # (sentences, seq_len)
        lengths = np.linalg.norm(x, axis=-1) * np.linalg.norm(out, axis=-1)
        found[f"size, {depth} blocks"] = float(rms(out))
        found[f"input, {depth} blocks"] = float((products / lengths).mean())
    return found


RUNS |= {
    f"times 100, plus 7, ε {eps:g}": Run(rescaled, {"eps": eps}, ("largest change",))
    for eps in (0, 1e-5)
}
RUNS |= {
    f"size, {norm}": Run(
        sizes,
        {"norm": norm},
        tuple(f"{what}, {depth} blocks" for what in ("size", "input") for depth in DEPTHS),
    )
    for norm in NORMS
}


def _working(rows):
    """Return how many learning rates work: nine answers of ten are right."""
    return sum(row["accuracy"] >= 0.9 for row in rows)


def _all_rates(norm, warmup=0):
    """Return the runs of one norm at all rates."""
    return tuple(rate_name(norm, rate, warmup) for rate in RATES)


def _eight_layers(norm):
    """Return the runs of one norm with eight layers."""
    return tuple(f"{norm}, rate {rate:g}, 8 layers" for rate in RATES[:4])


LAYER, BATCH_NORM, KEPT = map(companions_name, ("layer", "batch", "kept"))
CLAIMS = {
    f"{run}: works, 0.9 or more": claim(run, at_least=0.9)
    for run, spec in RUNS.items()
    if spec.experiment is train_at_rate
} | {
    "without warm-up, more rates work with pre-norm than with post-norm or no norm": Claim(
        (*_all_rates("pre"), *_all_rates("post"), *_all_rates("none")),
        lambda *rows: _working(rows[:5]) > max(_working(rows[5:10]), _working(rows[10:])),
    ),
    "without warm-up, four rates work with pre-norm":
        Claim(_all_rates("pre"), lambda *rows: _working(rows) == 4),
    "without warm-up, no rate works without a norm": claim(_all_rates("none"), below=0.9),
    "at rate 0.01 pre-norm learns, post-norm and no norm do not": Claim(
        tuple(rate_name(norm, 1e-2, 0) for norm in ("pre", "post", "none")),
        lambda pre, *others: _working([pre]) and not _working(others),
    ),
    "with eight layers, no rate works without a norm": claim(_eight_layers("none"), below=0.9),
    "with eight layers, rate 0.001 alone works with post-norm": Claim(
        _eight_layers("post"), lambda slow, *others: _working([slow]) and not _working(others)
    ),
    "with eight layers, four rates work with pre-norm": claim(_eight_layers("pre"), at_least=0.9),
    "alone, a sentence is answered under layer norm: 0.95 or more":
        claim(LAYER, "alone", at_least=0.95),
    "alone, a sentence is answered under batch norm in less than 0.3":
        claim(BATCH_NORM, "alone", below=0.3),
    "alone, a sentence is answered with kept statistics: 0.95 or more":
        claim(KEPT, "alone", at_least=0.95),
    "among 31 others, batch norm answers 0.95 or more": claim(BATCH_NORM, at_least=0.95),
    "other companions change a logit under batch norm by more than 1":
        claim(BATCH_NORM, "change", above=1),
    "other companions change a logit under layer norm by less than 0.0001":
        claim(LAYER, "change", below=1e-4),
    "times 100, plus 7 changes nothing without ε: less than 1e-12":
        claim("times 100, plus 7, ε 0", "largest change", below=1e-12),
    "at 24 blocks, numbers are above 10,000 without a norm":
        claim("size, none", "size, 24 blocks", above=1e4),
    "at 24 blocks, numbers are between 3 and 12 with pre-norm":
        claim("size, pre", "size, 24 blocks", above=3, below=12),
    "at 24 blocks, numbers are 1 with post-norm, to 0.001":
        claim("size, post", "size, 24 blocks", above=0.999, below=1.001),
    "at 12 blocks, more of the input is left with pre-norm than with post-norm":
        higher("size, pre", "size, post", "input, 12 blocks"),
}  # fmt: skip
