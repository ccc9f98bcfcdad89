"""How fast the course's model trains.

    PYTHONPATH=. python tests/benchmarks/training.py

Prints milliseconds per training step (forward, loss, backward, Adam) for d_model 32 and 64, 4
heads, 2 layers, batch 64, 12 words, float32, on one thread as in the lessons. Where PyTorch is
installed, the same in PyTorch eager, alternating in the same run, as a ratio.
"""

import statistics
import time

import numpy as np

from helpers.learning import memory, model, training
from helpers.learning.adam import Adam

try:
    import torch
except ImportError:
    torch = None

SIZES = ((32, 64), (64, 256))  # d_model, d_ff
BATCH, SEQ_LEN, VOCAB, N_HEADS, N_LAYERS, REPEATS = 64, 12, 50, 4, 2, 80


def alternate(functions, repeats):
    """Return the times of each function in ms; they take turns, so that noise hits all alike."""
    times = [[] for _ in functions]
    for function in functions:
        function()
        function()
    for _ in range(repeats):
        for function, found in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            found.append(1000 * (time.perf_counter() - start))
    return times


def our_step(d_model, d_ff):
    memory.keep_freed()  # as training does
    design = model.Design(VOCAB, VOCAB, d_model, N_HEADS, d_ff, N_LAYERS)
    rng = np.random.default_rng(0)
    adam = Adam(model.init(design, rng))
    tokens = rng.integers(0, VOCAB, (BATCH, SEQ_LEN))
    batch, gradients = training.Batch(tokens, tokens), model.gradients(design)

    def step():
        _, _, grads = gradients(adam.params, batch)
        adam.step(grads, 1e-3)

    return step


def torch_step(d_model, d_ff):
    embedding = torch.nn.Embedding(VOCAB, d_model)
    blocks = torch.nn.ModuleList(
        torch.nn.TransformerEncoderLayer(d_model, N_HEADS, d_ff, dropout=0.0, batch_first=True)
        for _ in range(N_LAYERS)
    )
    read_out = torch.nn.Linear(d_model, VOCAB)
    positions = torch.randn(SEQ_LEN, d_model)
    parameters = [*embedding.parameters(), *blocks.parameters(), *read_out.parameters()]
    adam = torch.optim.Adam(parameters, 1e-3)
    tokens = torch.randint(0, VOCAB, (BATCH, SEQ_LEN))

    def step():
        adam.zero_grad()
        x = embedding(tokens) + positions
        for block in blocks:
            x = block(x)
        loss = torch.nn.functional.cross_entropy(read_out(x).reshape(-1, VOCAB), tokens.ravel())
        loss.backward()
        adam.step()

    return step


if __name__ == "__main__":
    if torch:
        torch.set_num_threads(1)  # as numpy has
    for d_model, d_ff in SIZES:
        functions = [our_step(d_model, d_ff)] + ([torch_step(d_model, d_ff)] if torch else [])
        ours, *others = map(statistics.median, alternate(functions, REPEATS))
        print(f"step, d_model {d_model}, d_ff {d_ff:3d}: {ours:6.2f} ms", end="")
        print(*(f"   PyTorch {other:6.2f} ms   ratio {ours / other:.2f}" for other in others))
