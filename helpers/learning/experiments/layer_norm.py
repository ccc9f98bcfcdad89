"""Notebook 03: with a norm more learning rates work, and layer norm sees no company.

The task is that of first_word: each word must name the first word of its sentence. In the second
experiment the sentences have different lengths, 2 to 16 words.
"""

import numpy as np

from helpers import checks, encoder_block
from helpers.learning import batch_norm, first_word, model, training
from helpers.learning.experiments import Report, Run

NORMS = ("none", "post", "pre")
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
WARMUPS = (0, 60)
N_LAYERS, STEPS = 6, 120

VOCAB, LONGEST, BATCH = 10, 16, 32  # word 0 only fills up short sentences
BLOCKS = {"layer": encoder_block, "batch": batch_norm}
DESIGN = model.Design(VOCAB, VOCAB, 32, 4, d_ff=1, n_layers=2, norm="post", feed_forward=False)
COMPANY_STEPS = 200
COMPANIONS = (0, 1, 3, 7, 31)
LENGTHS = (2, 8, 16)  # of the companions
OWN_LENGTH, ASKED = 6, 40  # words of the sentence that is looked at; sentences asked for an answer


def steady(seed, norm="pre", rate=3e-3, warmup=0, n_layers=N_LAYERS, size=1.0, n_steps=STEPS):
    """Train one stack at one learning rate, which stays as it is after the warm-up; Reports.

    size: of the numbers that each word begins with. The result is that of first_word.learn.
    Raises as it does.
    """
    size = checks.require_number(size, "size", minimum=0)
    return first_word.learn(
        seed, n_layers, norm, True, n_steps, rate, warmup, decay=False, embedding_scale=size
    )


def filled(sentences):
    """Return the Batch of sentences of different lengths, the short ones filled up with word 0."""
    lengths = np.array([len(sentence) for sentence in sentences])
    tokens = np.zeros((len(sentences), lengths.max()), int)
    there = np.arange(lengths.max()) < lengths[:, None]  # (batch, seq_len)
    tokens[there] = np.concatenate(sentences)
    targets = np.repeat(tokens[:, :1], tokens.shape[1], axis=1)
    return training.Batch(tokens, targets, there.astype(float), there[:, None])


def drawn(rng, lengths):
    """Return random sentences of these lengths."""
    return [rng.integers(1, VOCAB, length) for length in lengths]


def of_all_lengths(rng, batch=BATCH):
    """Yield batches of sentences of 2 to LONGEST words."""
    while True:
        yield filled(drawn(rng, rng.integers(2, LONGEST + 1, batch)))


def company(seed, norm="layer", n_steps=COMPANY_STEPS):
    """Train two attention layers with layer norm or batch norm; then put sentences in companies.

    norm: "layer", "batch", or "kept": batch norm that uses what it kept of training batches.
    The result, for each number of COMPANIONS and each of their LENGTHS: "right", the share of right
    answers of a sentence among them, (companions, lengths); "logits", what the last word of one
    and the same sentence answers, (companions, lengths, VOCAB); "answer", what it should. "alone",
    "accuracy": the share of right answers alone and among 31; "change": the largest change of a
    logit when 31 companions of 2 words give way to 31 of 16.
    Raises ValueError or TypeError for a seed or a step count that is no whole number from 0 or 1
    up, and an unknown norm.
    """
    seed, n_steps = checks.require_size(seed, "seed", 0), checks.require_size(n_steps, "n_steps")
    checks.require_choice(norm, "norm", ("layer", "batch", "kept"))
    block = BLOCKS["layer" if norm == "layer" else "batch"]
    params = model.init(DESIGN, np.random.default_rng(seed))
    test = next(of_all_lengths(np.random.default_rng(10_000), 64))
    batches = of_all_lengths(np.random.default_rng(1000 + seed))

    def run(params, batch):
        return model.compute(batch.tokens, params, DESIGN, batch.mask, block)

    for progress in training.train(
        model.gradients(DESIGN, block), params, batches, n_steps, 3e-3, every=-(-n_steps // 20)
    ):
        params, right = progress.params, share_right(run(progress.params, test), test)
        yield Report(0.6 * progress.step / n_steps, f"step {progress.step}, {right:.0%} right")
    if norm == "kept":
        seen = [run(params, next(batches)).blocks for _ in range(30)]
        params = params | {"layers": batch_norm.keep(params["layers"], seen)}
    places = len(COMPANIONS), len(LENGTHS)
    found = {"right": np.zeros(places), "logits": np.zeros((*places, VOCAB))}
    for i, count in enumerate(COMPANIONS):
        for j, length in enumerate(LENGTHS):
            rng = np.random.default_rng(20_000)  # the same sentences everywhere
            asked = drawn(rng, [OWN_LENGTH] * ASKED)
            groups = [filled([own, *drawn(rng, [length] * count)]) for own in asked]
            logits = [run(params, group).out[0, :OWN_LENGTH] for group in groups]
            said = np.argmax(logits, axis=-1)  # (asked, words)
            found["right"][i, j] = (said == np.array(asked)[:, :1]).mean()
            found["logits"][i, j] = logits[0][-1]
            found["answer"] = asked[0][0]
        yield Report(0.6 + 0.4 * (i + 1) / len(COMPANIONS), f"among {count} others")
    found["alone"] = found["right"][0, 0]
    found["accuracy"] = found["right"][-1].min()
    found["change"] = np.abs(found["logits"][-1, 0] - found["logits"][-1, -1]).max()
    yield Report(1.0, f"alone {found['alone']:.0%} right", found)


def share_right(trace, batch):
    """Return the share of right answers in a batch that was run through the model."""
    return model.cross_entropy(trace.out, batch.targets, batch.counted)[2]


def rate_name(norm, rate, warmup):
    """Return how a run is called, such as "pre, rate 0.003, no warm-up"."""
    return f"{norm}, rate {rate:g}, {warmup if warmup else 'no'} warm-up"


def company_name(norm):
    """Return how a run is called, such as "company, batch norm"."""
    return f"company, {'batch norm, kept statistics' if norm == 'kept' else f'{norm} norm'}"


RUNS = {
    rate_name(norm, rate, warmup): Run(
        steady,
        {"norm": norm, "rate": rate, "warmup": warmup},
        ("accuracy",),
        ("steps", "accuracies", "trouble"),
    )
    for warmup in WARMUPS
    for norm in NORMS
    for rate in RATES
}
RUNS |= {
    f"{norm}, rate {rate:g}, {what}": Run(
        steady, {"norm": norm, "rate": rate} | options, ("accuracy",)
    )
    for norm, what, options in (
        ("none", "3 layers", {"n_layers": 3}),
        *((norm, "words half as large", {"size": 0.5}) for norm in NORMS),
    )
    for rate in RATES[:3]
}
RUNS |= {
    company_name(norm): Run(
        company,
        {"norm": norm},
        ("accuracy", "alone", "change"),
        ("right", "logits", "answer"),
    )
    for norm in ("layer", "batch", "kept")
}
