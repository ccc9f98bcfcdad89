"""Notebook 01: K look-ups need K heads.

Every word must name K other words of its sentence: the one before it, the first, the next, the
last. One attention layer with its skip and norm has to find them. A feed-forward network after it
would help out, so it has one in two runs only. Attention has as many parameters for every head
count.
"""

import numpy as np

from helpers import checks, multi_head_attention, self_attention, words
from helpers.learning import model, training
from helpers.learning.claims import Claim, claim
from helpers.learning.experiments import CURVE, Report, Run, at_once, generators, longer, record

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


def look_ups(seed, n_heads=2, n_look_ups=2, n_steps=None, d_ff=None):
    """Train one attention layer on the look-ups; yields Reports.

    d_ff: of a feed-forward network after attention; None for no such network.
    The result: "accuracy" on new sentences, all look-ups together; "steps", "accuracies"
    (snapshots,) and "by_look_up" (snapshots, n_look_ups) while it learns, and "weights"
    (snapshots, n_heads, seq_len, seq_len), averaged over sentences; "without_head" (n_heads,
    n_look_ups), what is right at the end with one head's slice set to zero, and what `shared_out`
    makes of it; "parameters", their number.
    Raises ValueError or TypeError for a number or a choice that it cannot take.
    """
    for_weights, for_training, for_test = generators(seed)
    if checks.require_size(n_look_ups, "n_look_ups") not in STEPS:
        known = " or ".join(map(str, STEPS))
        raise ValueError(f"n_look_ups={n_look_ups}; expected {known}")
    n_steps = STEPS[n_look_ups] if n_steps is None else n_steps
    network = {"d_ff": 1, "feed_forward": False} if d_ff is None else {"d_ff": d_ff}
    design = model.Design(VOCAB, n_look_ups * VOCAB, D_MODEL, n_heads, **network)
    params, batches = model.init(design, for_weights), sentences(n_look_ups, for_training)
    attention = params["layers"][0]["attention"]
    found = {"parameters": sum(array.size for array in attention.values())}
    test = next(sentences(n_look_ups, for_test, 256))

    def measure(params):
        by_look_up, weights = right(design, params, test)
        accuracy = float(by_look_up.mean())
        return {"accuracies": accuracy, "by_look_up": by_look_up, "weights": weights}

    run = training.train(model.gradients(design), params, batches, n_steps, 1e-2)
    params, note = yield from record(run, found, measure)
    found["without_head"] = np.array(
        [
            right(design, model.without_head(params, 0, head, n_heads), test)[0]
            for head in range(n_heads)
        ]
    )
    yield Report(1.0, note, found | shared_out(found["by_look_up"][-1], found["without_head"]))


def shared_out(whole, without_head):
    """Return how the heads share out the look-ups, from what is lost without each of them.

    whole: (n_look_ups,), without_head: (n_heads, n_look_ups), shares of right answers.
    "look-ups shared out": how many look-ups are the one that some head's absence hurts most;
    "lowest of the others": without any head, the lowest of the look-ups that it hurts less.
    """
    hurt = (whole - without_head).argmax(axis=1)  # (n_heads,)
    others = without_head[np.arange(len(whole)) != hurt[:, None]]
    return {"look-ups shared out": len(set(hurt.tolist())), "lowest of the others": others.min()}


def right(design, params, batch):
    """Return the share of right answers for each look-up, and the mean weights of each head."""
    trace = model.forward(batch.tokens, params, design)
    said = model.answers(trace.out, batch.targets).argmax(axis=-1)
    shares = (said == batch.targets).mean(axis=(0, 1))  # (n_look_ups,)
    return shares, trace.blocks[0].attention.weights.mean(axis=0)  # (n_heads, seq_len, seq_len)


def name(n_look_ups, n_heads):
    """Return how a run is called, such as "2 look-ups, 1 head"."""
    return f"{n_look_ups} look-ups, {n_heads} head{'s' if n_heads > 1 else ''}"


def helped(n_look_ups):
    """Return how a run of one head is called that a feed-forward network helps."""
    return f"{name(n_look_ups, 1)}, feed-forward"


HEAD_COUNTS = (1, 2, 4, 8)
KEPT = (*CURVE, "by_look_up", "weights", "without_head")
RUNS = {
    name(n_look_ups, n_heads): Run(
        look_ups,
        {"n_heads": n_heads, "n_look_ups": n_look_ups},
        ("accuracy", "look-ups shared out", "lowest of the others"),
        KEPT,
    )
    for n_look_ups in STEPS
    for n_heads in HEAD_COUNTS
} | {
    longer(name(n_look_ups, 1)): Run(
        look_ups, {"n_heads": 1, "n_look_ups": n_look_ups, "n_steps": 3 * STEPS[n_look_ups]}
    )
    for n_look_ups in STEPS
}
RUNS |= {
    helped(n_look_ups): Run(look_ups, {"n_heads": 1, "n_look_ups": n_look_ups, "d_ff": 64})
    for n_look_ups in STEPS
} | {name(2, 16): Run(look_ups, {"n_heads": 16, "n_look_ups": 2})}

SENTENCE, WIDTH, N_HEADS = "Thinking Machines look at every word".split(), 12, 4


def distances(weights):
    """Return how much of their attention two heads give to other words: (n_heads, n_heads).

        distance = ½ · Σ |difference| of their rows of weights, averaged over the queries

    weights: (n_heads, seq_len, seq_len). 0 is the same look, 1 a look at other words altogether.
    """
    return np.abs(weights[:, None] - weights).sum(axis=-1).mean(axis=-1) / 2


@at_once
def random_heads(seed):
    """Measure four heads with random weights on one sentence.

    The result: "nearest heads" and "furthest heads", the smallest and the largest distance of two;
    "reshape error", the largest error of an output number if heads are cut without the swap.
    """
    x = words.named(SENTENCE, WIDTH)  # (seq_len, d_model)
    params = multi_head_attention.init(WIDTH, N_HEADS, np.random.default_rng(seed))
    trace = multi_head_attention.forward(x, params, N_HEADS)
    apart = distances(trace.weights)[np.triu_indices(N_HEADS, k=1)]  # (pairs,)
    cut = [
        (x @ params[name]).reshape(N_HEADS, len(x), -1)  # the mistake: no swap of axes
        for name in ("W_q", "W_k", "W_v")
    ]
    heads = self_attention.scaled_dot_product_attention(*cut).out  # (n_heads, seq_len, d_head)
    wrong = heads.swapaxes(0, 1).reshape(x.shape) @ params["W_o"]  # (seq_len, d_model)
    return {
        "nearest heads": float(apart.min()),
        "furthest heads": float(apart.max()),
        "reshape error": float(np.abs(wrong - trace.out).max()),
    }


@at_once
def scales(seed, n_heads=16, d_model=64):
    """Measure the scores of random heads, divided by the root of d_head and of d_model.

    The result, for each: "variance, …" of the scores and "largest, …", the mean largest weight of
    a row of ten words.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((40, 10, d_model))  # (sentences, seq_len, d_model)
    params = multi_head_attention.init(d_model, n_heads, rng)
    right = multi_head_attention.forward(x, params, n_heads).scores
    found = {}
    for name, scores in (("√d_head", right), ("√d_model", right / n_heads**0.5)):
        found[f"variance, {name}"] = float(scores.var())
        found[f"largest, {name}"] = float(self_attention.softmax(scores).max(axis=-1).mean())
    return found


SCALES = tuple(
    f"{what}, {root}" for what in ("variance", "largest") for root in ("√d_head", "√d_model")
)
RUNS |= {
    "random heads": Run(random_heads, {}, ("nearest heads", "furthest heads", "reshape error")),
    **{
        f"scores of {n_heads} heads": Run(scales, {"n_heads": n_heads}, SCALES)
        for n_heads in (1, 4, 16)
    },
}
CLAIMS = {
    "with two look-ups, two heads answer 0.99 and one head at most 0.8": Claim(
        (name(2, 1), name(2, 2)), lambda one, two: one["accuracy"] <= 0.8 and two["accuracy"] > 0.99
    ),
    "two, four, eight or 16 heads answer two look-ups, 0.99 or more":
        claim([name(2, n) for n in (2, 4, 8, 16)], above=0.99),
    "four or eight heads answer four look-ups, 0.99 or more":
        claim([name(4, 4), name(4, 8)], above=0.99),
    "two heads answer less than 0.95 of four look-ups": claim(name(4, 2), below=0.95),
    "in three times as many steps, one head answers 0.95 of two look-ups":
        claim(longer(name(2, 1)), above=0.95),
    "in three times as many steps, one head answers less than 0.8 of four look-ups":
        claim(longer(name(4, 1)), below=0.8),
    "with a feed-forward network, one head answers 0.95 of two look-ups":
        claim(helped(2), above=0.95),
    "with a feed-forward network, one head answers less than 0.9 of four look-ups":
        claim(helped(4), below=0.9),
    "four look-ups: each of four heads has its own, which falls most without this head":
        claim(name(4, 4), "look-ups shared out", at_least=4),
    "two look-ups: each of two heads has its own, which falls most without this head":
        claim(name(2, 2), "look-ups shared out", at_least=2),
    "without one of four heads, the other three look-ups stay above 0.9":
        claim(name(4, 4), "lowest of the others", above=0.9),
    "any two of four random heads are more than 0.15 apart":
        claim("random heads", "nearest heads", above=0.15),
    "heads cut without the swap are wrong by more than 0.7":
        claim("random heads", "reshape error", above=0.7),
}  # fmt: skip
