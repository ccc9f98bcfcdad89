"""How fast the course's model trains, and how fast its block runs when it is large.

    python tests/benchmarks/training.py

Prints milliseconds per training step (forward, loss, backward, Adam) for d_model 32 and 64, 4
heads, 2 layers, batch 64, 12 words, float32. Then the forward of one block at d_model 512, 8 heads,
512 words, with the share it reaches of the fastest matrix product here. Where PyTorch is installed,
the same in PyTorch eager, alternating in the same run, as a ratio, with one thread and with two.
Training has one thread in both cases, as in the lessons. PyTorch reads its number of threads once,
so each number runs in a process of its own.
"""

import os
import statistics
import subprocess
import sys
import time

SIZES = ((32, 64), (64, 256))  # d_model, d_ff
BATCH, SEQ_LEN, VOCAB, N_HEADS, N_LAYERS, REPEATS = 64, 12, 50, 4, 2, 80
LARGE = {"d_model": 512, "n_heads": 8, "d_ff": 2048, "seq_len": 512}


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
    import numpy as np

    from helpers.learning import memory, model, training
    from helpers.learning.adam import Adam

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


def torch_step(torch, d_model, d_ff):
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


def large_forwards(torch):
    import numpy as np

    from helpers import encoder_block
    from helpers.learning.model import map_arrays

    rng = np.random.default_rng(0)
    sizes = (LARGE["d_model"], LARGE["n_heads"], LARGE["d_ff"])
    params = map_arrays(lambda a: a.astype(np.float32), encoder_block.init(*sizes, rng))
    x = rng.standard_normal((1, LARGE["seq_len"], LARGE["d_model"]), dtype=np.float32)
    square = rng.standard_normal((1024, 1024), dtype=np.float32)
    functions = [
        lambda: encoder_block.forward(x, params, LARGE["n_heads"]),
        lambda: square @ square,
    ]
    if torch:
        block = torch.nn.TransformerEncoderLayer(*sizes, dropout=0.0, batch_first=True)
        words = torch.tensor(x)

        def run():
            with torch.no_grad():
                block(words)

        functions.append(run)
    return functions


def measure(n_threads):
    from helpers import threads

    try:
        import torch

        torch.set_num_threads(n_threads)
    except ImportError:
        torch = None
    for d_model, d_ff in SIZES:
        functions = [our_step(d_model, d_ff)]
        functions += [torch_step(torch, d_model, d_ff)] if torch else []
        medians = [statistics.median(times) for times in alternate(functions, REPEATS)]
        line = f"  step, d_model {d_model}, d_ff {d_ff:3d}: {medians[0]:6.2f} ms"
        if torch:
            line += f"   PyTorch {medians[1]:6.2f} ms   ratio {medians[0] / medians[1]:.2f}"
        print(line)
    threads.limit(n_threads)
    forward, square, *others = map(statistics.median, alternate(large_forwards(torch), 15))
    n, d, f = LARGE["seq_len"], LARGE["d_model"], LARGE["d_ff"]
    operations = 2 * n * d * (4 * d + 2 * f) + 4 * n * n * d
    share = (operations / forward) / (2 * 1024**3 / square)
    line = f"  forward, {n} words, d_model {d}: {forward:6.1f} ms, {share:.0%} of the peak"
    if others:
        line += f"   PyTorch {others[0]:6.1f} ms   ratio {forward / others[0]:.2f}"
    print(line)


if __name__ == "__main__":
    if sys.argv[1:]:
        measure(int(sys.argv[1]))
    else:
        for n_threads in ("1", "2"):
            print(f"{n_threads} thread{'s' if n_threads == '2' else ''}", flush=True)
            environment = {"OPENBLAS_NUM_THREADS": n_threads, "OMP_NUM_THREADS": n_threads}
            subprocess.run(
                [sys.executable, __file__, n_threads], env=os.environ | environment, check=True
            )
