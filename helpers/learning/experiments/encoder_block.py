"""Notebook 06: what is each part of the block worth? Train without it, and see.

Every word must name sums of its own number and of others in its sentence: own + previous, own +
first, own + next, own + last, each modulo six. (The word before the first, and the one after the
last, is the word itself.) To find the others takes attention and positions; to add takes the
feed-forward network. All blocks are pre-norm, so that a stack of six trains in seconds.
"""

import numpy as np

from helpers import checks, encoder_block, stack, words
from helpers.learning import gradient_check, model, training
from helpers.learning.claims import claim, higher
from helpers.learning.experiments import CURVE, Run, at_once, generators, record
from helpers.learning.experiments.multi_head_attention import SENTENCE, WIDTH, look_up_places
from helpers.learning.measures import mean_cosine, rms
from helpers.positional_encoding import sinusoidal

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

    The result: "accuracy" on new sentences; "steps" and "accuracies" while it learns.
    Raises ValueError or TypeError for a number or a choice that it cannot take.
    """
    for_weights, for_training, for_test = generators(seed)
    checks.require_choice(stack, "stack", STACKS)
    checks.require_choice(off, "off", PARTS)
    n_layers, n_sums, most_steps, rate = STACKS[stack].values()
    n_steps = most_steps if n_steps is None else n_steps
    parts = {"norm": "pre"} | PARTS[off]
    design = model.Design(VOCAB, n_sums * VOCAB, D_MODEL, d_ff=D_FF, n_layers=n_layers, **parts)
    params, batches = model.init(design, for_weights), sentences(n_sums, for_training)
    test = next(sentences(n_sums, for_test, 256))

    def measure(params):
        return {"accuracies": model.accuracy(design, params, test)}

    found = {"steps": [0], "accuracies": [model.accuracy(design, params, test)]}
    run = training.train(model.gradients(design), params, batches, n_steps, rate, WARMUP, every=25)
    yield from record(run, found, measure)


def name(stack, off):
    """Return how a run is called, such as "6 blocks, 2 sums, without skip"."""
    return f"{stack}, whole" if off == "nothing" else f"{stack}, without {off}"


RUNS = {
    name(one, off): Run(
        ablation,
        {"stack": one, "off": off},
        kept=CURVE,
        seeds=10 if STACKS[one]["n_layers"] > 1 else 20,
    )
    for one in STACKS
    for off in PARTS
}


def placed():
    """Return the lesson's sentence with the codes of its positions: (seq_len, d_model)."""
    return words.named(SENTENCE, WIDTH) + sinusoidal(len(SENTENCE), WIDTH)


@at_once
def random_stack(seed, norm="post", skip=True):
    """Measure 24 random blocks on the lesson's sentence.

    The result, for each of DEPTHS: "size, 1 block", the root of the mean square; "alike, 1 block",
    the mean cosine of two words. "alike at first" is that before the blocks.
    """
    layers = stack.init(24, WIDTH, 4, 48, np.random.default_rng(seed))
    traces = stack.forward(placed(), layers, n_heads=4, norm=norm, skip=skip)
    found = {"alike at first": float(mean_cosine(placed()))}
    for blocks, depth in DEPTHS.items():
        found[f"size, {blocks}"] = float(rms(traces[depth - 1].out))
        found[f"alike, {blocks}"] = float(mean_cosine(traces[depth - 1].out))
    return found


@at_once
def moved_words(seed):
    """Measure by how much one random block's rows change if the words are shuffled first.

    The result: "without positions" and "with positions", the largest change of a number of a row
    that is followed to its new place.
    """
    rng = np.random.default_rng(seed)
    params, order = encoder_block.init(WIDTH, 4, 48, rng), [3, 0, 5, 1, 4, 2]
    sentence, found = words.named(SENTENCE, WIDTH), {}
    for which, codes in (("without", 0), ("with", sinusoidal(*sentence.shape))):
        first = encoder_block.forward(sentence[order] + codes, params, n_heads=4).out
        last = encoder_block.forward(sentence + codes, params, n_heads=4).out[order]
        found[f"{which} positions"] = float(np.abs(first - last).max())
    return found


@at_once
def gradient(seed, norm="post"):
    """Compare the block's backward with central differences on the two words.

    The result: "largest error", relative, of the gradients of the input and of all parameters.
    """
    rng = np.random.default_rng(seed)
    x = words.named(SENTENCE[:2]) + sinusoidal(2, 4)  # (seq_len, d_model)
    params = encoder_block.init(4, 2, 8, rng)
    errors = gradient_check.check(encoder_block, x, params, rng, n_heads=2, norm=norm)
    return {"largest error": max(errors.values())}


DEPTHS = {"1 block": 1, "6 blocks": 6, "24 blocks": 24}
RANDOM_STACKS = {
    f"random blocks, norm {norm}, {'with' if skip else 'without'} skip": (norm, skip)
    for norm, skip in (("post", True), ("pre", True), ("none", True), ("post", False))
}
MEASURES = ("alike at first", *(f"{what}, {n}" for what in ("size", "alike") for n in DEPTHS))
RUNS |= {
    run: Run(random_stack, {"norm": norm, "skip": skip}, MEASURES)
    for run, (norm, skip) in RANDOM_STACKS.items()
}
RUNS |= {"shuffled words": Run(moved_words, {}, ("without positions", "with positions"))}
RUNS |= {
    f"gradient, norm {norm}": Run(gradient, {"norm": norm}, ("largest error",))
    for norm in encoder_block.NORMS
}


ONE, TWO, SIX = STACKS
GRADIENTS = [f"gradient, norm {norm}" for norm in encoder_block.NORMS]
POST, PRE, NONE, BARE = RANDOM_STACKS
CLAIMS = {
    f"{name(stack, off)}: {limit} or more": claim(name(stack, off), at_least=limit)
    for stack, off, limit in (
        *((stack, "nothing", 0.95) for stack in STACKS),
        *((stack, off, 0.9) for stack in (ONE, TWO) for off in ("skip", "norm", "heads but one")),
        (SIX, "heads but one", 0.95),
    )
} | {
    f"{name(stack, off)}: less than {limit}": claim(name(stack, off), below=limit)
    for stack, off, limit in (
        *((stack, "positions", 0.45) for stack in STACKS),
        *((stack, "feed-forward", 0.9) for stack in STACKS),
        (SIX, "skip", 0.45),
        (SIX, "norm", 0.9),
    )
} | {
    f"{ONE}: one head answers less than all heads":
        higher(name(ONE, "nothing"), name(ONE, "heads but one")),
    "one random block without skip makes the words more alike than with it":
        higher(BARE, POST, "alike, 1 block"),
    "six random blocks without skip make all words one: cosine above 0.99":
        claim(BARE, "alike, 6 blocks", above=0.99),
    "after six random blocks, words are less alike with pre-norm than with post-norm":
        higher(POST, PRE, "alike, 6 blocks"),
    "after six random blocks, numbers have size 1 with post-norm, to 0.01":
        claim(POST, "size, 6 blocks", above=0.99, below=1.01),
    "after six random blocks, numbers have a size of 1.5 to 5.5 with pre-norm":
        claim(PRE, "size, 6 blocks", above=1.5, below=5.5),
    "after six random blocks, numbers have a size above 5 without a norm":
        claim(NONE, "size, 6 blocks", above=5),
    "shuffled words without positions: the same rows in another order":
        claim("shuffled words", "without positions", below=1e-12),
    "shuffled words with positions: a number changes by more than 0.4":
        claim("shuffled words", "with positions", above=0.4),
    "the gradient agrees with central differences to 1e-7, for all norms":
        claim(GRADIENTS, "largest error", below=1e-7),
}  # fmt: skip
