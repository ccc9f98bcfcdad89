"""The task of notebooks 02 and 03: each word of a sentence must name the sentence's first word.

Attention has to carry one word to all places, which a single block can do. The question is what
becomes of that when more blocks stand on top of each other.
"""

import numpy as np

from helpers.learning import model, training
from helpers.learning.experiments import generators, record

VOCAB, SEQ_LEN, D_MODEL, N_HEADS, D_FF, BATCH = 10, 8, 32, 4, 64, 32
GUESS = 1 / VOCAB


def sentences(rng, batch=BATCH):
    """Yield batches of random sentences; at each position the answer is the first word."""
    while True:
        tokens = rng.integers(0, VOCAB, (batch, SEQ_LEN))
        yield training.Batch(tokens, np.repeat(tokens[:, :1], SEQ_LEN, axis=1))


def design(n_layers, norm="pre", skip=True):
    """Return the design of the model that learns it."""
    return model.Design(VOCAB, VOCAB, D_MODEL, N_HEADS, D_FF, n_layers, norm, skip)


def learn(
    seed, n_layers, norm, skip=True, n_steps=100, rate=3e-3, warmup=20, decay=True,
    embedding_scale=0.5,
):  # fmt: skip
    """Train one stack on the task; yields some twenty Reports.

    The result: "steps" and "accuracies" on new sentences while it learns; "accuracy", the last one;
    "params", the weights; "trouble", empty unless the run blew up: then it ends early.
    Raises ValueError or TypeError if the seed is not an integer from 0 up, if the step count is not
    a positive integer, and as model.init and training.train do.
    """
    for_weights, for_training, for_test = generators(seed)
    made = design(n_layers, norm, skip)
    params = model.init(made, for_weights, embedding_scale)
    test = next(sentences(for_test, 128))
    found = {"trouble": ""}

    def measure(params):
        found["params"] = params
        return {"accuracies": share_right(made, params, test)}

    batches = sentences(for_training)
    run = training.train(model.gradients(made), params, batches, n_steps, rate, warmup, decay)
    for report in record(run, found, measure):
        yield report._replace(done=1.0) if found["trouble"] else report


def share_right(made, params, batch):
    """Return the share of right answers: none where the numbers grew too large to compute with."""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return model.accuracy(made, params, batch)
    except ValueError:
        return 0.0
