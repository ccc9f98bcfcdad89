"""Notebook 02: deep stacks learn with skips, and the loss around what they learnt is smoother.

The task is that of first_word: each word must name the first word of its sentence.
"""

import numpy as np

from helpers.learning import first_word, landscape, model
from helpers.learning.experiments import Report, Run, part

DEPTHS = (4, 8, 12)
SURFACE_DEPTHS = (4, 6)
STEPS = 150
COUNT, REACH = (
    15,
    1.0,
)  # places along each side of a surface, and how far it reaches from the middle
SIDES = {"with": True, "without": False}  # of a skip


def deep(seed, n_layers=8, norm="pre", skip=True, n_steps=STEPS):
    """Train one stack on the task; yields Reports, with the result of first_word.learn.

    Raises as that does.
    """
    return first_word.learn(seed, n_layers, norm, skip, n_steps)


def surfaces(seed, n_layers=4, n_steps=STEPS):
    """Train a pre-norm stack with and without skip, then measure the loss around both; Reports.

    The result has, for "with" and for "without": the table "surface with" (COUNT, COUNT), NaN where
    it is not measured yet; "accuracy with" after training; "minima with", how many places are lower
    than their neighbours; "bends with", the share of places where the table bends down.
    Raises as first_word.learn does.
    """
    found = {f"surface {side}": np.full((COUNT, COUNT), np.nan) for side in SIDES}
    batch = next(first_word.sentences(np.random.default_rng(20_000)))
    for start, (side, skip) in zip((0.0, 0.5), SIDES.items(), strict=True):
        learning = first_word.learn(seed, n_layers, "pre", skip, n_steps)
        trained = yield from part(learning, start, start + 0.25)
        params, design = trained["params"], first_word.design(n_layers, "pre", skip)
        rng = np.random.default_rng(seed)
        directions = [landscape.direction(params, rng) for _ in range(2)]

        def loss(moved, design=design):
            logits = model.compute(batch.tokens, moved, design).out
            return model.cross_entropy(logits, batch.targets)[0]

        found[f"accuracy {side}"] = trained["accuracy"]
        rows = landscape.surface(loss, params, directions, REACH, COUNT)
        for row, table in enumerate(rows, 1):
            found |= {
                f"surface {side}": table,
                f"minima {side}": int(landscape.minima(table).sum()),
                f"bends {side}": landscape.bends_down(table),
            }
            done = start + 0.25 + 0.25 * row / COUNT
            yield Report(done, f"{side} skip, row {row} of {COUNT}", dict(found))


def depth_name(n_layers, norm, skip):
    """Return how a run is called, such as "8 layers, pre, with skip"."""
    return f"{n_layers} layers, {norm}, {'with' if skip else 'without'} skip"


def surface_name(n_layers):
    """Return how a run is called, such as "surfaces, 4 layers"."""
    return f"surfaces, {n_layers} layers"


RUNS = {
    depth_name(n_layers, norm, skip): Run(
        deep,
        {"n_layers": n_layers, "norm": norm, "skip": skip},
        ("accuracy",),
        ("steps", "accuracies"),
    )
    for norm in ("pre", "post")
    for n_layers in DEPTHS
    for skip in (True, False)
}
RUNS |= {
    f"{depth_name(n_layers, 'post', True)}, 2 × longer": Run(
        deep, {"n_layers": n_layers, "norm": "post", "n_steps": 2 * STEPS}, ("accuracy",)
    )
    for n_layers in (8, 12)
}
RUNS |= {
    surface_name(n_layers): Run(
        surfaces,
        {"n_layers": n_layers},
        tuple(f"{number} {side}" for number in ("accuracy", "minima", "bends") for side in SIDES),
        tuple(f"{table} {side}" for table in ("surface", "accuracy") for side in SIDES),
    )
    for n_layers in SURFACE_DEPTHS
}
