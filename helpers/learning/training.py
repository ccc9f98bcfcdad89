"""Training a model before the class's eyes: a loop that reports, and that can be stopped.

`train` is a generator. A plain cell runs it to its end; a button takes a few reports at a time,
draws them, and lets go of the kernel in between. Whoever stops asking, stops the training.
"""

from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.learning import memory
from helpers.learning.adam import Adam, map_arrays


class Batch(NamedTuple):
    tokens: np.ndarray  # (batch, seq_len)   the questions
    targets: np.ndarray  # (batch, seq_len) or (batch, seq_len, n_answers)
    counted: np.ndarray | None = None  # as targets: 1 where an answer is asked for
    mask: np.ndarray | list | None = None  # as model.forward takes it


class Progress(NamedTuple):
    step: int  # steps done
    n_steps: int  # steps asked for
    loss: float  # of the last batch
    accuracy: float  # of the last batch
    params: dict  # the weights now; a later step changes them in place
    trouble: str | None = None  # why training ended early


def learning_rate(step, n_steps, rate, warmup, decay=True):
    """Return the rate of one step: up from 0 over `warmup` steps, then straight down to 0.

    rate(step) = rate · min(1, (step + 1) / warmup) · (1 - step / n_steps)
    """
    return rate * min(1, (step + 1) / max(1, warmup)) * (1 - step / n_steps if decay else 1)


def train(
    gradients, params, batches, n_steps, rate, warmup=20, decay=True, every=None, frozen=(),
    longest=None,
):  # fmt: skip
    """Train and report: yields a Progress after each `every` steps, and at the end.

    gradients: (params, batch) → loss, accuracy, grads, as model.gradients(design) is; params: a
    nest of dicts and lists of arrays, copied first; batches: an iterator; rate: Adam's; every: None
    for twenty reports; frozen: names of top-level parameters that keep their values; longest: a
    longer gradient is cut to this.
    A loss or a weight that is no longer finite ends the training: the last report names the step,
    and carries the weights from before it.
    A count or a rate that is not positive is refused, and so is what `gradients` refuses at first.
    Source: Goodfellow et al., "Deep Learning" (2016), sections 8.1 and 10.11.1.
    """
    rate = checks.require_number(rate, "rate", above=0)
    n_steps = checks.require_size(n_steps, "n_steps")
    every = every or -(-n_steps // 20)
    warmup, decay = checks.require_size(warmup, "warmup", 0), checks.require_flag(decay, "decay")
    memory.keep_freed()
    adam = Adam(params)
    good, report = adam.flat.copy(), None
    for step in range(n_steps):
        batch, now = next(batches), learning_rate(step, n_steps, rate, warmup, decay)
        try:
            loss, accuracy = _step(gradients, adam, batch, good, frozen, now, longest)
        except (ValueError, FloatingPointError) as error:
            refused = isinstance(error, ValueError)  # by a step, which takes finite numbers alone
            if refused and step == 0:
                raise
            adam.flat[:] = good
            loss, accuracy = (report.loss, report.accuracy) if report else (np.nan, 0.0)
            trouble = f"the numbers ran out of range ({error})" if refused else error
            trouble = f"{trouble} at step {step + 1}; the weights are those from before"
            yield Progress(step, n_steps, loss, accuracy, adam.params, trouble)
            return
        if (step + 1) % every == 0 or step + 1 == n_steps:
            report = Progress(step + 1, n_steps, loss, accuracy, adam.params)
            yield report


def _step(gradients, adam, batch, good, frozen, rate, longest):
    """Make one step and return its loss and accuracy; what the loss was finite with goes to `good`.

    Raises FloatingPointError where the loss or a weight is no longer finite.
    """
    with np.errstate(all="ignore"):
        loss, accuracy, grads = gradients(adam.params, batch)
        if not np.isfinite(loss):
            raise FloatingPointError("the loss became infinite")
        good[:] = adam.flat
        for name in frozen:
            grads[name] = map_arrays(np.zeros_like, grads[name])
        adam.step(grads, rate, longest)
    if not np.isfinite(adam.flat).all():
        raise FloatingPointError("the gradient became infinite")
    return loss, accuracy
