"""Every public function refuses what does not fit, by name, and says what was expected.

A function is tried if its docstring says what it raises. Each of its arguments in turn is replaced
by everything in a list of bad values; all others stay right.
"""

import importlib
import inspect
import re
from pathlib import Path
from types import GeneratorType

import numpy as np
import pytest

import helpers
from helpers import (
    encoder_block,
    feed_forward,
    layer_norm,
    multi_head_attention,
    positional_encoding,
    self_attention,
    skip_connections,
    stack,
)
from helpers.learning import evidence, model, rnn, training

ROOT = Path(helpers.__file__).parent
FOLDERS = [ROOT, ROOT / "learning", ROOT / "learning" / "experiments"]


def modules():
    """Yield every module of the steps, of learning and of the experiments, by its short name."""
    for path in sorted(path for folder in FOLDERS for path in folder.glob("*.py")):
        dotted = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        module = importlib.import_module(dotted.removesuffix(".__init__"))
        short = dotted.removeprefix("helpers.").removeprefix("learning.")
        yield short.removesuffix(".__init__"), module


def checks_arguments(function):
    """Tell whether a function checks what comes in: a `compute` finds only an overflow."""
    text = inspect.getdoc(function) or ""
    return (
        re.search(r"\b[Rr]aises (?!OSError)", text.replace("\n", " "))
        and "caller has checked" not in text
    )


TRIED = {
    f"{name}.{function.__name__}": function
    for name, module in modules()
    for function in vars(module).values()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and not re.search("^_|__", function.__name__)  # private, or a copy that a mutation changed
    and checks_arguments(function)
}

# What every function takes, by the names of its arguments

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 3, 4))  # (batch, seq_len, d_model)
ONES = np.ones((2, 3, 4))
TOKENS = RNG.integers(0, 5, (2, 3))
DESIGN = model.Design(5, 5, 4, 2, 6, 2)
PARAMS = {
    "self_attention": self_attention.init(4, 4, RNG),
    "multi_head_attention": multi_head_attention.init(4, 2, RNG),
    "layer_norm": layer_norm.init(4),
    "feed_forward": feed_forward.init(4, 6, RNG),
    "encoder_block": encoder_block.init(4, 2, 6, RNG),
    "rnn": rnn.init(4, RNG),
    "model": model.init(DESIGN, RNG, dtype=float),
}
LAYERS = stack.init(2, 4, 2, 6, RNG)
TRACES = {
    "self_attention": self_attention.forward(X, PARAMS["self_attention"]),
    "multi_head_attention": multi_head_attention.forward(X, PARAMS["multi_head_attention"], 2),
    "skip_connections": skip_connections.forward(X, X),
    "layer_norm": layer_norm.forward(X, PARAMS["layer_norm"]),
    "feed_forward": feed_forward.forward(X, PARAMS["feed_forward"]),
    "positional_encoding": positional_encoding.forward(X),
    "encoder_block": encoder_block.forward(X, PARAMS["encoder_block"], 2),
    "rnn": rnn.forward(X, PARAMS["rnn"]),
}
GIVEN = {
    "x": X, "f_x": X, "q": X, "k": X, "v": X, "grad_out": ONES, "features": X, "projected": X,
    "hidden": X, "scores": X, "found": X, "expected": X, "rng": RNG, "d_model": 4, "d_head": 2,
    "n_heads": 2, "d_ff": 6, "n_layers": 2, "seq_len": 3, "layers": LAYERS, "design": DESIGN,
    "tokens": TOKENS, "n_samples": 4, "half_width": 1.0, "labels": np.array([0, 1, 0]),
    "values": np.ones(3), "name": "self_attention", "text": "the dog", "words": ["the", "dog"],
    "seed": 0, "sentence": 0, "layer": 0, "head": 2, "n_steps": 2, "rate": 0.1, "run": lambda: None,
    "loss": lambda: 0.0, "gradients": model.gradients(DESIGN), "mask": np.ones((3, 3), bool),
}  # fmt: skip
BATCH = training.Batch(TOKENS, TOKENS)
OWN = {  # what a function calls by a common name and means in a way of its own
    "gradient_check.check": {"step": layer_norm, "params": PARAMS["layer_norm"]},
    "multi_head_attention.join_heads": {"heads": X},
    "probe.accuracy": {"features": X},
    "rnn.lstm_forward": {"params": rnn.lstm_init(4, RNG)},
    "stack.backward": {"traces": stack.forward(X, LAYERS, 2)},
    "first_word.learn": {"norm": "pre"},
}


# What hardly any function should take, and how a sentence names it: by its value, type or shape

BAD = {
    "None": (None, "NoneType|None|object"),
    "a word": ("nonsense", "str|'nonsense'|<U8"),
    "a dict": ({"a": 1}, "dict|object|lacks"),
    "a set": ({1, 2}, "set|object"),
    "an object": (object(), "object"),
    "a function": (len, "builtin|object|len"),
    "True": (True, "True|bool"),
    "minus one": (-1, r"-1|int|\(\)"),
    "a half": (0.5, r"0\.5|float|\(\)"),
    "far too much": (10**400, "10{9}|object|int"),
    "not a number": (float("nan"), "nan|NaN|float"),
    "infinity": (float("inf"), "inf|float"),
    "an imaginary number": (1j, "1j|complex"),
    "ragged rows": ([[1.0], [2.0, 3.0]], r"unequal length|list|float|1\.0"),
    "no rows": (np.ones((0, 4)), r"\(0, 4\)|float|ndarray"),
    "another shape": (np.ones((7, 9)), r"\(7, 9\)|float64|ndarray"),
    "too many axes": (np.ones((1, 1, 2, 3, 4)), r"\(1, 1, 2, 3, 4\)|float64|ndarray"),
    "a masked array": (np.ma.masked_greater(X, 0), "[Mm]asked"),
    "a list with masked numbers": ([[1.0, np.ma.masked]], "[Mm]asked|list|unequal|there are [12]"),
    "NaN in an array": (np.full((2, 3, 4), np.nan), "NaN|float64|ndarray"),
    "a list of words": (["the", "dog"], "<U3|list|str|'the'"),
    "an empty list": ([], r"\(0,\)|empty|list|float64|0 "),
    "another record": (BATCH, "Batch|tuple|object|unequal length|array|4 "),
}
FITS = {  # for which arguments, or which of one function, it is right after all
    "None": "mask window spread longest scale counted"
    " experiments.encoder_block.ablation.n_steps"
    " experiments.multi_head_attention.look_ups.n_steps"
    " experiments.multi_head_attention.look_ups.d_ff",
    "True": "mask skip positions feed_forward orthogonal decay",
    "minus one": "hidden scale",
    "a half": "hidden eps floor half_width embedding_scale size spread train_share ridge gain rate"
    " longest scale",
    "no rows": "projected values",
    "another shape": "hidden scores values positional_encoding.forward",
    "too many axes": "x features hidden scores projected heads values",
    "a masked array": "values",
    "NaN in an array": "projected heads values logits",  # training stops at a loss that is none
    "another record": "batch",
    "an empty list": "frozen",
    "a word": "text",
    "a list of words": "words.named",
}
# Python itself says what is wrong with these, when it calls them or goes through them
FUNCTIONS = ("loss", "run", "gradients", "step", "experiment", "batches", "seeds", "dtype")
HANDED_ON = {"stack.masks"}  # looks at how many masks and layers there are, not into them
CALLED = {  # how a sentence calls what is wrong where it does not say the argument's name
    "text": ["words"],
    "mask": ["masks"],
    "layers": ["params", "traces"],
    "traces": ["trace"],
}


def names(path, name, sentence):
    """Return the names of which a sentence must say one if this argument is wrong."""
    fit_together = " shape " in sentence or "does not divide" in sentence
    return [name, *CALLED.get(name, []), *(given(path) if fit_together else [])]


def given(path):
    """Return arguments that a function takes: its own, its module's, or those of a common name."""
    module = path.rsplit(".", 1)[0]
    kinds = inspect.signature(TRIED[path]).parameters
    defaults = {n: kind.default for n, kind in kinds.items() if kind.default is not kind.empty}
    known = GIVEN | defaults | {"mask": GIVEN["mask"]} | OWN.get(path, {})
    known |= {"params": OWN.get(path, {}).get("params", PARAMS.get(module))}
    known |= {"trace": TRACES.get(module)}
    return {name: known[name] for name in kinds if name in known}


def call(path, arguments):
    """Call a function; of a generator, take the first report, for that is where it checks."""
    result = TRIED[path](**arguments)
    return next(result) if isinstance(result, GeneratorType) else result


def checked(path):
    """Return the names of those arguments of a function that it looks at."""
    kinds = inspect.signature(TRIED[path]).parameters
    return [name for name in kinds if name not in (*FUNCTIONS, "arguments", "options")]


every_function = pytest.mark.parametrize("path", sorted(TRIED))


@every_function
def test_a_function_takes_what_fits(path):
    if path not in ("evidence.measure", "experiments.finish"):  # minutes; an empty experiment
        call(path, given(path))


@every_function
def test_a_function_refuses_what_does_not_fit(path):
    for name in checked(path):
        for bad, (value, shown) in BAD.items():
            case = f"{path}({name}={bad})"
            try:
                call(path, given(path) | {name: value})
            except (ValueError, TypeError) as error:
                sentence = str(error)
                assert re.search("; (expected|choose one of) .", sentence), f"{case}: {sentence}"
                written = re.escape(" ".join(repr(value).split())[:9])
                assert re.search(rf"{shown}|{written}|shape \(|d_model=9", sentence), (
                    f"{case}: {sentence}"
                )
                named = "|".join(names(path, name, sentence))
                assert re.search(rf"\b({named})\b", sentence), f"{case}: {sentence}"
                assert "\n" not in sentence, f"{case}: {sentence}"
            else:
                fits = {name, path, f"{path}.{name}"} & set(FITS.get(bad, "").split())
                assert fits or path in HANDED_ON, f"{case} was taken"


EXPERIMENTS = {
    run.experiment  # those that explorers offer to train
    for module in evidence.MODULES.values()
    for run in module.RUNS.values()
    if run.kept
}


@pytest.mark.parametrize("experiment", sorted(EXPERIMENTS, key=lambda one: one.__name__))
def test_an_experiment_refuses_a_choice_that_it_does_not_have(experiment):
    """Else it would train something, and show it as what was asked for."""
    assert experiment in TRIED.values(), "its docstring does not say what it raises"
    for name, parameter in inspect.signature(experiment).parameters.items():
        if isinstance(parameter.default, str):
            with pytest.raises(ValueError, match=f"{name}='nonsense'; choose one of '"):
                next(experiment(0, **{name: "nonsense"}))


@pytest.mark.parametrize("part", ["norm", "skip", "feed_forward", "activation", "positions"])
def test_a_model_of_an_unknown_design_is_refused(part):
    with pytest.raises((ValueError, TypeError), match=f"{part}='nonsense'.*; (choose|expected)"):
        model.init(DESIGN._replace(**{part: "nonsense"}), RNG)


def test_there_are_many_bad_inputs():
    assert sum(len(checked(path)) for path in TRIED) * len(BAD) > 3000
