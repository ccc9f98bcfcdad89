"""Notebook 05: tasks that need the order of the words; how far the first word is remembered.

Order: a single encoder block, with positions or without, must answer at each place of a random
sentence. Without positions nobody can do better than a guess that knows all words and no order;
`ceiling` computes how often the best such guess is right.
Recall: a block, or a recurrent network, reads a sentence and must name its first word at the end.
"""

from functools import lru_cache

import numpy as np

from helpers import checks, multi_head_attention, positional_encoding, self_attention
from helpers.learning import model, rnn, training
from helpers.learning.adam import map_arrays
from helpers.learning.claims import Claim, claim
from helpers.learning.experiments import CURVE, Report, Run, at_once, generators, longer, record
from helpers.learning.influence import influences
from helpers.linear import linear, linear_backward

VOCAB, SEQ_LEN, D_MODEL, BATCH, STEPS, RATE = 8, 10, 32, 64, 300, 5e-3
LENGTHS = range(SEQ_LEN, 2 * SEQ_LEN + 1)  # on which a model is tested that was trained on 10
TASKS = {  # what must be named
    "first": "the first word of the sentence",
    "previous": "the word just before",
    "reverse": "the word that stands here in the reversed sentence",
    "sort": "the word that stands here in the sorted sentence",
    "before": "at the last position: 1 if the word 0 stands before the word 1, else 0",
}


def sentences(task, rng, batch=BATCH, seq_len=SEQ_LEN):
    """Yield batches of random sentences, with what must be named at each place."""
    while True:
        tokens = rng.integers(0, VOCAB, (batch, seq_len))
        counted = np.ones(tokens.shape)
        if task == "first":
            targets = np.repeat(tokens[:, :1], seq_len, axis=1)
        elif task == "previous":
            targets = np.roll(tokens, 1, axis=1)
            counted[:, 0] = 0  # nothing stands before the first
        elif task == "reverse":
            targets = tokens[:, ::-1]
        elif task == "sort":
            targets = np.sort(tokens, axis=1)
        else:
            tokens, targets = before(rng, batch, seq_len)
            counted[:, :-1] = 0  # only the last word answers
        yield training.Batch(tokens, targets, counted)


def before(rng, batch, seq_len):
    """Return sentences with one 0 and one 1 before the last place, and whether the 0 is first."""
    tokens = rng.integers(2, VOCAB, (batch, seq_len))
    places = rng.random((batch, seq_len - 1)).argsort(axis=1)[:, :2]  # (batch, 2): two places
    np.put_along_axis(tokens, places, [[0, 1]], axis=1)
    first = (places[:, 0] < places[:, 1]).astype(int)  # (batch,)
    return tokens, np.repeat(first[:, None], seq_len, axis=1)


def example(task):
    """Return a sentence and what is to be answered below it, in words; "·" where nothing is."""
    tokens, targets, counted, _ = next(sentences(task, np.random.default_rng(3), batch=1))
    asked = np.where(counted[0] > 0, targets[0].astype(str), "·")
    return " ".join(map(str, tokens[0])), " ".join(asked)


@lru_cache(maxsize=64)
def ceiling(task, seq_len=SEQ_LEN, n_sentences=4000):
    """Return how often the best guess that knows all words, and no order, is right.

        P(answer = v) = own · [v is my word] + (1 - own) · (how often v is among the others) / (n-1)

    own: the chance that the word asked for stands in my own place; all orders are equally likely.
    The best guess is the v with the largest P (Bayes), averaged over random sentences.
    Source: Duda & Hart, "Pattern Classification and Scene Analysis" (1973), section 2.2.
    """
    if task == "before":
        return 0.5  # word 0 comes first in half of all orders
    own = {"first": 1, "sort": 1, "previous": 0, "reverse": seq_len % 2}[task] / seq_len
    tokens = np.random.default_rng(0).integers(0, VOCAB, (n_sentences, seq_len))
    mine = tokens[..., None] == np.arange(VOCAB)  # (sentences, seq_len, vocab)
    others = mine.sum(axis=1, keepdims=True) - mine  # (sentences, seq_len, vocab)
    chances = own * mine + (1 - own) * others / (seq_len - 1)
    return float(chances.max(axis=-1).mean())


def right_by_place(design, params, batch):
    """Return the share of right answers at each place: (longest,); NaN where none is asked."""
    said = model.forward(batch.tokens, params, design).out.argmax(axis=-1)  # (batch, seq_len)
    shares = np.full(LENGTHS[-1], np.nan)
    asked = np.flatnonzero(batch.counted[0])
    shares[asked] = (said == batch.targets)[:, asked].mean(axis=0)
    return shares


def learn_order(seed, task="first", positions=True, n_steps=STEPS, rate=RATE):
    """Train one block on sentences of ten words; yields Reports.

    The result: "accuracy" on new sentences of ten words; "steps", "accuracies" (snapshots,) and
    "by_place" (snapshots, longest), the share of right answers at each place, while it learns, NaN
    where there is no place or no question; at the end "by_length" (lengths, longest), the same for
    every length in LENGTHS, and "twice as long", the accuracy on sentences of twenty words.
    Raises ValueError or TypeError for a number or a choice that it cannot take.
    """
    for_weights, for_training, for_test = generators(seed)
    checks.require_choice(task, "task", TASKS)
    design = model.Design(VOCAB, VOCAB, D_MODEL, positions=positions)
    params, batches = model.init(design, for_weights), sentences(task, for_training)
    few = next(sentences(task, for_test, 400))

    def measure(params):
        by_place = right_by_place(design, params, few)
        return {"accuracies": float(np.nanmean(by_place)), "by_place": by_place}

    found, by_length = {}, []
    run = training.train(model.gradients(design), params, batches, n_steps, rate)
    params, note = yield from record(run, found, measure, until=0.8)
    for i, seq_len in enumerate(LENGTHS, 1):
        many = next(sentences(task, np.random.default_rng(seq_len), 20_000 // seq_len, seq_len))
        by_length.append(right_by_place(design, params, many))
        yield Report(0.8 + 0.2 * i / (len(LENGTHS) + 1), f"tested on {seq_len} words", dict(found))
    found["by_length"] = np.array(by_length)
    found["accuracy"], found["twice as long"] = np.nanmean(found["by_length"][[0, -1]], axis=1)
    yield Report(1.0, note, found)


READERS = ("attention", "RNN", "RNN, orthogonal start")
RECALL_LENGTHS = (5, 10, 20, 40)


def recurrent(rng, orthogonal, dtype=np.float32):
    """Draw a recurrent reader: {"embedding", "rnn", "W_out", "b_out"}, sized as the block's."""
    params = model.init(model.Design(VOCAB, VOCAB, D_MODEL, n_layers=0), rng)
    parts = {name: params[name] for name in ("embedding", "W_out", "b_out")}
    parts["rnn"] = rnn.init(D_MODEL, rng, orthogonal)
    return map_arrays(lambda array: array.astype(dtype), parts)


def recurrent_gradients(params, batch):
    """Return loss, accuracy and gradients of a recurrent reader, as a model's would."""
    words = np.eye(VOCAB, dtype=params["b_out"].dtype)[batch.tokens]  # (batch, seq_len, vocab)
    trace = rnn.forward(words @ params["embedding"], params["rnn"])
    logits = linear(trace.out, params["W_out"], params["b_out"])  # (batch, seq_len, vocab)
    loss, grad, accuracy = model.cross_entropy(logits, batch.targets, batch.counted)
    grad, grad_W_out, grad_b_out = linear_backward(grad, trace.out, params["W_out"])
    grad_x, grad_rnn = rnn.backward(grad, trace, params["rnn"])
    _, grad_embedding, _ = linear_backward(grad_x, words, params["embedding"])
    return loss, accuracy, {
        "embedding": grad_embedding, "W_out": grad_W_out, "b_out": grad_b_out, "rnn": grad_rnn
    }  # fmt: skip


def recall(seed, reader="attention", seq_len=10, n_steps=STEPS, rate=RATE):
    """Train a reader to name the first word when it has read the last; yields Reports.

    The result: "accuracy" on new sentences; "steps" and "accuracies" (snapshots,) while it learns.
    Raises ValueError or TypeError for a number or a choice that it cannot take.
    """
    for_weights, for_training, for_test = generators(seed)
    seq_len = checks.require_size(seq_len, "seq_len")
    checks.require_choice(reader, "reader", READERS)
    if reader == "attention":
        design = model.Design(VOCAB, VOCAB, D_MODEL)
        gradients, params = model.gradients(design), model.init(design, for_weights)
    else:
        gradients, params = recurrent_gradients, recurrent(for_weights, "orthogonal" in reader)
    test = at_the_end(next(sentences("first", for_test, 300, seq_len)))
    batches = map(at_the_end, sentences("first", for_training, BATCH, seq_len))

    def measure(params):
        _, accuracy, _ = gradients(params, test)
        return {"accuracies": accuracy}

    run = training.train(gradients, params, batches, n_steps, rate, longest=1)
    yield from record(run, {}, measure)


def at_the_end(batch):
    """Return the batch with a question at the last place alone."""
    counted = np.zeros(batch.tokens.shape)
    counted[:, -1] = 1
    return batch._replace(counted=counted)


def order_name(task, positions):
    """Return how a run is called, such as "first, with positions"."""
    return f"{task}, {'with' if positions else 'without'} positions"


def recall_name(reader, seq_len):
    """Return how a run is called, such as "attention, 10 words"."""
    return f"{reader}, {seq_len} words"


RUNS = {
    order_name(task, positions): Run(
        learn_order,
        {"task": task, "positions": positions},
        ("accuracy", "twice as long"),
        (*CURVE, "by_place", "by_length"),
    )
    for task in TASKS
    for positions in (False, True)
}
RUNS |= {
    recall_name(reader, seq_len): Run(
        recall,
        {"reader": reader, "seq_len": seq_len},
        kept=CURVE,
        seeds=40 if "RNN" in reader and seq_len >= 20 else 20,  # rare seeds get through
    )
    for reader in READERS
    for seq_len in RECALL_LENGTHS
}
RUNS |= {
    longer(recall_name(reader, seq_len)): Run(
        recall, {"reader": reader, "seq_len": seq_len, "n_steps": 3 * STEPS}
    )
    for reader in READERS[1:]
    for seq_len in RECALL_LENGTHS[2:]
}


@at_once
def reach(seed, seq_len=32):
    """Measure the influence of the first word on the last result (influence.py), random weights.

    The result: "RNN" and "attention"; "attention · words", the second times seq_len.
    """
    rng = np.random.default_rng(seed)
    sentence = rng.standard_normal((seq_len, D_MODEL))  # (seq_len, d_model)
    readers = {
        "RNN": (rnn, rnn.init(D_MODEL, rng)),
        "attention": (self_attention, self_attention.init(D_MODEL, D_MODEL, rng)),
    }
    found = {
        reader: float(influences(step, params, sentence, [-1])[0, 0])
        for reader, (step, params) in readers.items()
    }
    return found | {"attention · words": seq_len * found["attention"]}


@at_once
def shuffled(seed, positions=False):
    """Measure what shuffling eight words changes in random attention of four heads.

    The result: "rows", the largest change of a row that is followed to its new place; "mean", the
    largest change of the mean of all rows.
    """
    rng = np.random.default_rng(seed)
    sentence, order = rng.standard_normal((8, D_MODEL)), rng.permutation(8)
    params = multi_head_attention.init(D_MODEL, 4, rng)
    versions = [sentence, sentence[order]]  # each (seq_len, d_model)
    if positions:
        versions = [positional_encoding.forward(version).out for version in versions]
    z, z_shuffled = (multi_head_attention.forward(v, params, 4).out for v in versions)
    rows, mean = z_shuffled - z[order], z_shuffled.mean(axis=0) - z.mean(axis=0)
    return {"rows": float(np.abs(rows).max()), "mean": float(np.abs(mean).max())}


RUNS |= {
    f"influence, {seq_len} words": Run(
        reach, {"seq_len": seq_len}, ("RNN", "attention", "attention · words")
    )
    for seq_len in (2, 8, 32, 128)
} | {
    f"shuffled, {side} positions": Run(shuffled, {"positions": side == "with"}, ("rows", "mean"))
    for side in ("without", "with")
}


RECURRENT = [run for run in RUNS if run.startswith("RNN")]
WITH, WITHOUT = ({task: order_name(task, given) for task in TASKS} for given in (True, False))
CLAIMS = {
    f"{task}: 0.98 or more with positions": claim(run, at_least=0.98)
    for task, run in WITH.items()
} | {
    f"{task}: at most 0.03 above the best blind guess without positions": Claim(
        (run,), lambda row, task=task: row["accuracy"] < ceiling(task) + 0.03
    )
    for task, run in WITHOUT.items()
} | {
    f"{task}: 0.98 or more on sentences twice as long": claim(run, "twice as long", at_least=0.98)
    for task, run in WITH.items()
} | {
    f"{run}: 0.95 or more": claim(run, at_least=0.95)
    for run in (*(recall_name("attention", seq_len) for seq_len in RECALL_LENGTHS), *RECURRENT)
} | {
    f"{run}: at most 0.25, hardly more than a guess":
        Claim((run,), lambda row: row["accuracy"] <= 0.25)
    for run in RECURRENT
} | {
    "reverse: below the best blind guess on sentences twice as long": Claim(
        (WITH["reverse"],), lambda row: row["twice as long"] < ceiling("reverse", 2 * SEQ_LEN)
    ),
    "over 40 words, attention answers more than any RNN": Claim(
        tuple(recall_name(reader, 40) for reader in READERS),
        lambda attention, *others: all(attention["accuracy"] > row["accuracy"] for row in others),
    ),
    "influence, 128 words: of the RNN's less than 1e-15 is left":
        claim("influence, 128 words", "RNN", below=1e-15),
    "influence, 32 words: attention's is more than 100 times the RNN's":
        Claim(("influence, 32 words",), lambda row: row["attention"] > 100 * row["RNN"]),
    "shuffled words without positions: the same rows in another order":
        Claim(("shuffled, without positions",), lambda row: max(row.values()) < 1e-12),
    "shuffled words with positions: a row changes by more than 0.3":
        claim("shuffled, with positions", "rows", above=0.3),
}  # fmt: skip
