"""Notebook 07: does "it" look at the noun that it stands for?

Two blocks read sentences of a small grammar (helpers.learning.pronouns) and are asked, at "it"
alone, for the noun. In layer 0 a word sees the three words to either side of it; in layer 1, all.
So "it" can learn in layer 0 what was too tired or too wide, and look for it in layer 1. All other
runs change one thing of this, to see whether the answers or the looks change.
"""

from functools import lru_cache

import numpy as np

from helpers import checks
from helpers.learning import adam, minilm, model, pronouns, training
from helpers.learning.claims import Claim, claim, higher
from helpers.learning.experiments import Report, Run, at_once, generators
from helpers.self_attention import softmax

D_MODEL, N_HEADS, D_FF = 32, 4, 64
SENTENCES, BATCH, HELD_OUT = 6000, 64, 500
STEPS, RATE, WARMUP, SNAPSHOT = 350, 8e-3, 30, 25
DROP, HIDDEN = 0.3, 0.15  # shares of words: little ones left out, and any hidden to be guessed
OUTPUTS = {  # what can be asked, and how many answers there are
    "noun": len(pronouns.ANSWERS),
    "kind": len(pronouns.NOUNS),
    "hidden words": len(pronouns.VOCABULARY),
}
FAMOUS = "the animal did not cross the street because it was too {}"


def design(asks="noun", n_layers=2):
    """Return the design of the model that is asked for this."""
    return model.Design(len(pronouns.VOCABULARY), OUTPUTS[asks], D_MODEL, N_HEADS, D_FF, n_layers)


def questions(corpus, asks, window, n_layers, rng):
    """Turn sentences into a batch: what stands there, what is asked for, and where.

    "noun" and "kind" are asked for at "it" alone; "hidden words" are blanked out (never "it") and
    asked for where they stood.
    """
    tokens, rows = corpus.tokens, np.arange(len(corpus.tokens))
    targets, counted = np.zeros_like(tokens), np.zeros(tokens.shape)  # (n_sentences, seq_len)
    if asks == "hidden words":
        hidden = (rng.random(tokens.shape) < HIDDEN) & (tokens > 0)
        hidden[rows, corpus.it] = False
        targets, counted = tokens, hidden.astype(float)
        tokens = np.where(hidden, 0, tokens)
    else:
        targets[rows, corpus.it] = corpus.answers if asks == "noun" else corpus.kind
        counted[rows, corpus.it] = 1
    return training.Batch(tokens, targets, counted, pronouns.masks(corpus.tokens, n_layers, window))


def batches(corpus, asks, window, n_layers, rng):
    """Yield batches of sentences drawn from the corpus."""
    while True:
        drawn = rng.integers(len(corpus.tokens), size=BATCH)
        yield questions(
            pronouns.Corpus(*(part[drawn] for part in corpus)), asks, window, n_layers, rng
        )


def pronoun(seed, asks="noun", window=3, n_layers=2, n_steps=STEPS):
    """Train the model and read its attention on sentences that it has never seen; yields Reports.

    asks: a key of OUTPUTS; window: how many words far layer 0 looks, None for all; n_steps: 0
    leaves the random weights as they are. The result: "accuracy", the share of right answers on
    held-out sentences; what `attention_from_it` says of them and of the famous pair; "weights", all
    parameters as one vector (`unpack` gives them their form); at the end what `knocked_out` says.
    "trouble" says why a run ended early.
    Raises ValueError or TypeError for a number or a choice that it cannot take.
    """
    for_weights, for_training, for_test = generators(seed)
    n_steps = checks.require_size(n_steps, "n_steps", 0)
    n_layers = checks.require_size(n_layers, "n_layers")
    if window is not None:
        window = checks.require_size(window, "window", 0)
    checks.require_choice(asks, "asks", OUTPUTS)
    own = design(asks, n_layers)
    corpus = pronouns.corpus(for_training, SENTENCES, drop=DROP)
    new = pronouns.corpus(for_test, HELD_OUT, new=True)
    test = questions(new, asks, window, n_layers, np.random.default_rng(0))
    params = model.init(own, for_weights, embedding_scale=1.0)
    drawn = batches(corpus, asks, window, n_layers, for_training)

    def found(params):
        return {
            "accuracy": model.accuracy(own, params, test),
            **attention_from_it(own, params, new, window),
            "weights": adam.flatten(params),
        }

    result, note = found(params), "random weights"
    gradients = model.gradients(own)
    learning = training.train(gradients, params, drawn, n_steps, RATE, WARMUP, every=SNAPSHOT)
    for progress in learning if n_steps else ():
        params, result = progress.params, found(progress.params)
        note = f"step {progress.step}, {result['accuracy']:.0%} of new sentences right"
        if progress.trouble:
            note = result["trouble"] = progress.trouble
        yield Report(0.95 * progress.step / n_steps, note, result)
    yield Report(1.0, note, result | knocked_out(own, params, test))


def knocked_out(own, params, batch):
    """Return what is left of the accuracy if slices of heads are set to zero.

    "without_head" (n_layers, n_heads): one head's; "without one head": the lowest of these;
    "without all last heads": those of the whole last layer.
    """
    without_head = [
        [
            model.accuracy(own, model.without_head(params, layer, head, N_HEADS), batch)
            for head in range(N_HEADS)
        ]
        for layer in range(own.n_layers)
    ]
    for head in range(N_HEADS):
        params = model.without_head(params, own.n_layers - 1, head, N_HEADS)
    return {
        "without_head": np.array(without_head),
        "without one head": np.min(without_head),
        "without all last heads": model.accuracy(own, params, batch),
    }


def attention_from_it(own, params, corpus, window):
    """Return where "it" looks in the last layer, over sentences and in the famous pair.

    "right", "wrong": the weight on the right and the wrong noun, of the head that looks hardest
    at it, averaged over sentences; "selection": the share of sentences in which the right noun
    gets the harder look of the two. "tired: animal", "tired: street" and their like: the same
    weights in the two famous sentences.
    """
    trace = run(own, params, corpus.tokens, window)
    rows = np.arange(len(corpus.tokens))
    from_it = trace.blocks[-1].attention.weights[rows, :, corpus.it]  # (n_sentences, n_heads, seq)
    right, wrong = (from_it[rows, :, noun].max(axis=-1) for noun in (corpus.right, corpus.wrong))
    found = {"right": right.mean(), "wrong": wrong.mean(), "selection": (right > wrong).mean()}
    found = {name: float(mean) for name, mean in found.items()}
    for adjective in ("tired", "wide"):
        words, tokens = pronouns.read(FAMOUS.format(adjective))
        trace = run(own, params, tokens[None], window)
        from_it = trace.blocks[-1].attention.weights[0, :, words.index("it")]  # (n_heads, seq_len)
        for noun in ("animal", "street"):
            found[f"{adjective}: {noun}"] = float(from_it[:, words.index(noun)].max())
    return found


def run(own, params, tokens, window):
    """Let a model of this design read sentences (n_sentences, seq_len); return its trace."""
    return model.forward(tokens, params, own, pronouns.masks(tokens, own.n_layers, window))


@lru_cache(maxsize=8)
def _form(own):
    return model.init(own, np.random.default_rng(0))  # only the shapes matter


def unpack(weights, own):
    """Return one vector of weights in the form of the parameters of a design."""
    return adam.views(np.asarray(weights, np.float32), _form(own))


def read(name, weights, tokens, without=()):
    """Let the model of a run read one sentence; return the model's trace, of a batch of one.

    name: a key of RUNS; weights: that run's "weights"; tokens: (seq_len,) as pronouns.read gives;
    without: the heads whose slices are set to zero, (layer, head) each.
    """
    options = RUNS[name].options
    own = design(options.get("asks", "noun"), options.get("n_layers", 2))
    params = unpack(weights, own)
    for layer, head in without:
        params = model.without_head(params, layer, head, N_HEADS)
    return run(own, params, tokens[None], options.get("window", 3))


def answer(run, trace, words):
    """Return what a model says at "it", with its share: "animal 1.00"; "none" if not asked."""
    asks = RUNS[run].options.get("asks", "noun")
    if asks == "hidden words" or pronouns.IT not in words:
        return "none"
    shares = softmax(trace.out[0, words.index(pronouns.IT)])  # (n_outputs,)
    choices = pronouns.ANSWERS if asks == "noun" else ("alive", "not alive")
    return f"{choices[shares.argmax()]} {shares.max():.2f}"


NUMBERS = (
    "accuracy", "selection", "right", "wrong",
    "tired: animal", "tired: street", "wide: street", "wide: animal",
    "without one head", "without all last heads",
)  # fmt: skip
KEPT = ("weights", "without_head")
RUNS = {
    name: Run(pronoun, options, NUMBERS, KEPT, seeds=10 if name == "hidden words" else 20)
    for name, options in {
        "which noun": {},
        "which noun, no window": {"window": None},
        "which noun, one block": {"window": None, "n_layers": 1},
        "alive or not": {"asks": "kind"},
        "hidden words": {"asks": "hidden words"},
        "not trained": {"n_steps": 0},
    }.items()
}

MODELS = tuple(RUNS)  # the runs that train a model, and so have weights to read


@at_once
def lucky_heads(seed, spread=minilm.SPREAD):
    """Measure the best of 72 heads with random weights at each pattern of the real encoder's heads.

    The result: {pattern: weight}, and "best", the largest of them. spread: as minilm.untrained has.
    """
    patterns = minilm.patterns(minilm.untrained(seed, spread))
    found = {name: float(means.max()) for name, means in patterns.items()}
    return found | {"best": max(found.values())}


PATTERNS = ("previous word", "next word", "first place", *minilm.PAIRS)
RUNS |= {
    f"random encoder, {width}": Run(lucky_heads, {"spread": spread}, ("best", *PATTERNS))
    for width, spread in (("small", minilm.SPREAD), ("wide", None))
}

NOUN, NO_WINDOW, ONE_BLOCK, ALIVE, HIDDEN_WORDS, NOT_TRAINED = MODELS
ALL_RIGHT = "or more of new sentences are right"
NO_HEADS = "are right without all heads of the last layer"
CLAIMS = {
    f"{NOUN}: 0.97 {ALL_RIGHT}": claim(NOUN, at_least=0.97),
    f"{NOUN}: selection above 0.95": claim(NOUN, "selection", above=0.95),
    f"{NOUN}: right noun above 0.8, wrong noun below 0.2":
        Claim((NOUN,), lambda row: row["right"] > 0.8 and row["wrong"] < 0.2),
    f"{NOUN}: tired looks at the animal, wide at the street": Claim(
        (NOUN,),
        lambda row: row["tired: animal"] > row["tired: street"]
        and row["wide: street"] > row["wide: animal"],
    ),
    f"{NOUN}: 0.8 or more are right without any one head":
        claim(NOUN, "without one head", at_least=0.8),
    f"{NOUN}: less than 0.2 {NO_HEADS}": claim(NOUN, "without all last heads", below=0.2),
    f"{NO_WINDOW}: 0.97 {ALL_RIGHT}": claim(NO_WINDOW, at_least=0.97),
    f"{NO_WINDOW}: selection below 0.95": claim(NO_WINDOW, "selection", below=0.95),
    f"{ONE_BLOCK}: 0.9 {ALL_RIGHT}": claim(ONE_BLOCK, at_least=0.9),
    f"{ONE_BLOCK}: selection below 0.85": claim(ONE_BLOCK, "selection", below=0.85),
    f"{ALIVE}: 0.98 {ALL_RIGHT}": claim(ALIVE, at_least=0.98),
    f"{ALIVE}: right noun below 0.3": claim(ALIVE, "right", below=0.3),
    f"{ALIVE}: 0.95 or more {NO_HEADS}": claim(ALIVE, "without all last heads", at_least=0.95),
    f"{HIDDEN_WORDS}: right noun below 0.3": claim(HIDDEN_WORDS, "right", below=0.3),
    f"{NOT_TRAINED}: selection between 0.4 and 0.6":
        claim(NOT_TRAINED, "selection", above=0.4, below=0.6),
    "random encoder, small: no head above 0.15": claim("random encoder, small", "best", below=0.15),
    "random encoder, wide: no head above 0.3": claim("random encoder, wide", "best", below=0.3),
    "selection is higher with the window than without": higher(NOUN, NO_WINDOW, "selection"),
    "selection is higher with two blocks than with one": higher(NOUN, ONE_BLOCK, "selection"),
}  # fmt: skip
