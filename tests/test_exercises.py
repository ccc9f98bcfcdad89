"""The exercises' checks: each known mistake is named, right answers pass, nothing escapes."""

import importlib
import inspect
import pkgutil
import re
import sys
import time
import types
import warnings
from pathlib import Path

import exercise_answers
import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import helpers.exercises
from helpers.exercises import check, running, shapes, values
from helpers.exercises import encoder_block as block_exercises
from helpers.exercises import feed_forward as feed_forward_exercises
from helpers.exercises import layer_norm as layer_norm_exercises
from helpers.exercises import multi_head_attention as multi_head_exercises
from helpers.exercises import positional_encoding as position_exercises
from helpers.exercises import reading_attention as reading_exercises
from helpers.exercises import self_attention as attention_exercises
from helpers.exercises import skip_connections as skip_exercises
from helpers.exercises.variants import TEXTS, text_of
from helpers.exercises.verdict import WIDTH

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
every_exercise = pytest.mark.parametrize("answers", exercise_answers.ALL, ids=lambda a: a.check)
MODULES = [
    importlib.import_module(f"helpers.exercises.{module.name}")
    for module in pkgutil.iter_modules(helpers.exercises.__path__)
]
EXERCISES = [
    pytest.param(value, id=f"{module.__name__.rsplit('.', 1)[-1]}-{name}")
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, check.Exercise)
]

LESSONS = [
    module
    for module in MODULES
    if list(NOTEBOOKS.glob(f"*_{module.__name__.rsplit('.', 1)[-1]}.ipynb"))
]


# every mistake by its own name, every right answer accepted


@every_exercise
def test_each_wrong_answer_is_told_by_its_own_name(answers):
    for name, mistaken in answers.wrong.items():
        for answer in mistaken:
            verdict = answers.verdict(answer)
            assert verdict.mistake == name
            assert f"Not yet: {name}." in verdict.text


@every_exercise
def test_right_answers_in_three_styles_are_accepted(answers):
    assert len(answers.right) >= 3
    for answer in answers.right:
        verdict = answers.verdict(answer)
        assert verdict.is_right, verdict
        assert verdict.text.startswith("Right")
        assert verdict.kind == "right"


def known_mistakes(exercise):
    """Return the variants of an exercise that somebody gave a name."""
    return [variant for variant in exercise.variants if variant.is_known]


def test_there_are_many_wrong_answers_and_every_text_belongs_to_a_mistake():
    exercises = [e.values[0] for e in EXERCISES]
    names = {variant.name for exercise in exercises for variant in exercise.variants}
    assert sum(len(some) for a in exercise_answers.ALL for some in a.wrong.values()) >= 150
    assert len({variant.name for e in exercises for variant in known_mistakes(e)}) >= 250
    for name in TEXTS:
        assert any(name.removeprefix("…") in other for other in names), name
    assert text_of("pre-norm; and the bend comes last (in the feed-forward step)") == (
        f"{TEXTS['pre-norm']} {TEXTS['the bend comes last']}"
    )
    assert text_of("GELU of its input in place of ReLU") == TEXTS["… in place of ReLU"]


def test_every_exercise_with_a_function_is_among_the_answers():
    checks = {
        f"{module.__name__.rsplit('.', 1)[-1]}.{name}"
        for module in MODULES
        for name, value in vars(module).items()
        if name.startswith("check_") and value.__module__ == module.__name__
    }
    values = {"check_overflow", "check_harmless_sizes", "check_silent_shape"}  # tested below
    by_hand = {c for c in checks if c.endswith("_shapes") or c.split(".")[1] in values}
    assert checks - by_hand == {answers.check for answers in exercise_answers.ALL}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_known_mistake_is_told_with_an_example_that_shows_it(exercise):
    """Of two mistakes with the same numbers, the first name is told."""
    for variant in known_mistakes(exercise):
        outcomes = [variant.outcome(given.arguments) for given in exercise.examples]
        if all(map(values.agree, outcomes, exercise.expected)):
            # A part that pre-norm and post-norm share may change only one of them; and the last
            # part makes the result.
            stops = variant.name.startswith("you stop too early")
            assert stops or not isinstance(variant.right, types.FunctionType), variant.name
            continue
        verdict = exercise.check(answering(exercise, outcomes))
        assert not verdict.is_right, variant.name
        lines = verdict.text.splitlines()
        given = [line for line in lines if line.startswith("  you ")]
        wanted = [line for line in lines if line.startswith("  expected ")]
        assert len(given) == len(wanted) == 1, variant.name
        assert given[0].split(None, 2)[2] != wanted[0].split(None, 1)[1], variant.name


def answering(exercise, outcomes):
    """Return a function that gives these outcomes to the examples, and stops for anything else."""

    def answer(*given):
        for example, outcome in zip(exercise.examples, outcomes, strict=True):
            if all(map(same_argument, given, example.arguments.values())):
                if outcome.error is not None:
                    raise outcome.error
                return outcome.value
        raise LookupError("not an example")

    return answer


def same_argument(given, known):
    if isinstance(known, dict):
        return all(same_argument(given[name], known[name]) for name in known)
    if isinstance(known, np.ndarray):
        return np.array_equal(given, known)
    if isinstance(known, np.random.Generator):
        return given.bit_generator.state == known.bit_generator.state
    return given == known


# what the guard says, whatever the function does


def raises(*given):
    raise RuntimeError("out of ideas")


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (raises, "it stops with an error"),
        (lambda *given: None, "it returns nothing"),
        (lambda *given: {}, "another kind of thing"),
        (lambda *given: ..., "not started"),
        (lambda: 0, "it stops with an error"),
    ],
)
def test_no_exercise_takes_a_broken_function_for_a_mistake_that_it_knows(
    exercise, function, mistake
):
    assert exercise.check(function).mistake == mistake


def careless(scores):
    return scores / 0 if isinstance(scores, int) else [1, 2][5]


def endless(scores):
    while True:
        scores = scores + 1


def endless_one_line(scores):
    while True: pass  # fmt: skip  # noqa: E701


def endless_in_a_helper(scores):
    return endless(scores)


def endless_comprehension(scores):
    return [i for i in iter(int, 1)]


def endless_and_catching(scores):
    while True:
        try:
            scores = scores + 1
        except Exception:
            pass


def endless_recursion(scores):
    return endless_recursion(scores)


def writes_into_its_input(scores):
    scores[:] = exercise_answers.exp_rows(scores)
    return scores


def unfinished(scores):
    return ...


def unfinished_too(scores):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("function", "mistake", "said"),
    [
        (..., "not started", "Not started yet"),
        (None, "not started", "Not started yet"),
        (unfinished, "not started", "Not started yet"),
        (unfinished_too, "not started", "Not started yet"),
        (np.ones(3), "that is not a function", "an array of float64"),
        (careless, "it stops with an error", "IndexError: list index out of range"),
        (careless, "it stops with an error", "return scores / 0 if isinstance"),
        (lambda scores: careless(1), "it stops with an error", "return scores / 0 if isinstance"),
        (lambda scores: scores + np.ones(5), "it stops with an error", "Two shapes do not fit"),
        (lambda scores: scores @ np.ones(5), "it stops with an error", "Two shapes do not fit"),
        (lambda scores: max(0, scores), "it stops with an error", "np.maximum, np.where"),
        (lambda scores: later(scores), "it stops with an error", "Run All Above Selected Cell"),  # noqa: F821
        (lambda: 1, "it stops with an error", "takes 0 positional arguments but 1 was given"),
        (lambda scores: sys.exit("bye"), "it stops with an error", "SystemExit: bye"),
        (endless_recursion, "it stops with an error", "RecursionError"),
        (lambda scores: None, "it returns nothing", "Is the `return` missing?"),
        (lambda scores: scores.tolist(), "another kind of thing", "np.array(...)"),
        (lambda scores: (scores,), "another kind of thing", "leave the comma out"),
        (lambda scores: np.array(1.5), "another kind of thing", "shape ()"),
        (lambda scores: np.ma.masked_all((2, 2)), "another kind of thing", "a masked array"),
        (lambda scores: "0.5", "another kind of thing", "a value of type str"),
        (lambda scores: scores > 0, "another kind of thing", "an array of bool"),
        (lambda scores: scores.astype(object), "another kind of thing", "an array of object"),
        (lambda scores: scores.astype(str), "another kind of thing", "an array of <U32"),
        (lambda scores: scores * 1j, "another kind of thing", "an array of complex128"),
        (lambda scores: np.array([[..., None]]), "another kind of thing", "an array of object"),
        (lambda scores: (s for s in scores), "another kind of thing", "a value of type generator"),
        (lambda scores: scores[0, :1], "another shape", "shape (1,), expected (2, 2)"),
        (
            lambda scores: scores * np.nan,
            "NaN, not a number (0 · ∞, ∞ − ∞ and 0 / 0 give it), everywhere",
            "[nan, nan]",
        ),
        (
            lambda scores: np.cos(7 * scores),
            "not all of your rows sum to 1",
            "[[1, 0.75], [0.14, 1]]",
        ),
        (lambda scores: scores.copy(), "the result is scores, as it came in", "you give"),
        (writes_into_its_input, "it changes its input scores", "Make a new array"),
    ],
)
def test_the_guard_has_a_calm_word_for_everything(function, mistake, said):
    verdict = attention_exercises.check_softmax(function)
    assert verdict.mistake == mistake
    assert said in verdict.text
    assert "Traceback" not in verdict.text


@pytest.mark.parametrize("missing", [None, "SIGPROF", "setitimer"])  # Windows; a browser
@pytest.mark.parametrize(
    "function",
    [
        endless,
        endless_one_line,
        endless_in_a_helper,
        endless_comprehension,
        endless_and_catching,
    ],
)
def test_a_loop_that_never_ends_is_stopped_once_and_in_time(function, missing, monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.2)
    if missing:
        monkeypatch.setattr(running, "TRACED", 1)
        monkeypatch.delattr(running.signal, missing)
    if missing == "setitimer":
        monkeypatch.setattr("sys.platform", "emscripten")
        monkeypatch.setattr(running.time, "process_time", lambda: 0.0)
    started = time.thread_time()  # of the processor: a busy machine is slow
    verdict = attention_exercises.check_softmax(function)
    assert verdict.mistake == "it takes too long"
    assert "after 0.2 seconds" in verdict.text
    assert time.thread_time() - started < 3


def test_a_slow_loop_that_is_right_is_given_its_time():
    def count(d_model, d_ff):
        total = 0
        for _ in range(d_model):
            for _ in range(d_ff):
                total += 2
        return total + d_model + d_ff

    assert feed_forward_exercises.check_count(count).is_right


def test_the_stop_button_is_answered_too():
    def interrupted(scores):
        raise KeyboardInterrupt

    assert attention_exercises.check_softmax(interrupted).mistake == "stopped"


def test_a_debugger_or_coverage_is_left_as_it_was(monkeypatch):
    def watch(frame, event, argument):
        return None

    monkeypatch.delattr(running.signal, "SIGPROF")
    before = sys.gettrace()
    sys.settrace(watch)
    try:
        attention_exercises.check_softmax(exercise_answers.softmax_loop)
        assert sys.gettrace() is watch
    finally:
        sys.settrace(before)


def test_a_view_of_the_input_is_said_and_accepted():
    verdict = multi_head_exercises.check_split_heads(
        lambda p, n: p.reshape(len(p), n, -1).swapaxes(0, 1)
    )
    assert verdict.is_right
    assert "is a view" in verdict.text
    copied = multi_head_exercises.check_split_heads(exercise_answers.split_loop)
    assert "view" not in copied.text


def test_no_warning_of_numpy_reaches_the_student():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = attention_exercises.check_softmax(exercise_answers.softmax_careless)
    assert verdict.mistake == "large scores overflow"


def test_a_check_does_not_change_its_own_examples():
    attention_exercises.check_softmax(writes_into_its_input)
    assert attention_exercises.check_softmax(exercise_answers.softmax_loop).is_right


def test_float32_is_good_enough():
    verdict = attention_exercises.check_softmax(
        lambda scores: exercise_answers.exp_rows(scores.astype(np.float32))
    )
    assert verdict.is_right


def test_a_verdict_is_shown_in_lines_that_fit_a_screen():
    verdict = multi_head_exercises.check_multi_head(exercise_answers.full_width)
    assert max(map(len, repr(verdict).splitlines())) <= WIDTH


# exercises whose answer is a value


@pytest.mark.parametrize(
    ("check_it", "answer"),
    [
        (attention_exercises.check_head_shapes, {"q": (5, 3), "scores": (5, 5), "out": (5, 3)}),
        (
            multi_head_exercises.check_head_shapes,
            {"q": (4, 6, 3), "weights": (4, 6, 6), "concat": (6, 12), "W_o": (12, 12)},
        ),
        (layer_norm_exercises.check_norm_shapes, {"mean": (5, 1), "gamma": (8,), "out": (5, 8)}),
        (
            feed_forward_exercises.check_network_shapes,
            {"W_1": (8, 32), "hidden": (6, 32), "out": (6, 8)},
        ),
        (
            block_exercises.check_block_shapes,
            {"heads": (2, 5, 4), "skip_1": (5, 8), "hidden": (5, 32), "out": (5, 8)},
        ),
    ],
)
def test_predicted_shapes(check_it, answer):
    known = shapes.SHAPES[check_it.__module__.rsplit(".", 1)[-1]]
    assert check_it().mistake == "not started"
    assert check_it(**answer).is_right
    assert check_it(**{name: list(np.array(shape)) for name, shape in answer.items()}).is_right
    for name, shape in answer.items():

        def verdict(other, name=name):
            return check_it(**answer | {name: other})

        for mistaken, mistake, why in known[name]["mistakes"]:
            assert verdict(tuple(mistaken)).mistake == mistake
            assert why in verdict(mistaken).text
        for other, said in (
            ((7, 7, 7, 7), f"{name} has too many axes"),
            ((), f"{name} has too few axes"),
            (tuple(size + 70 for size in shape), f"{name} has another shape"),
            ((*shape[:-1], 10**400), "along axis"),
        ):
            assert said in verdict(other).mistake or len(shape) == 1
            assert str(shape) not in verdict(other).text, "a hint does not give the answer away"
        if shape[::-1] not in (shape, *(tuple(m[0]) for m in known[name]["mistakes"])):
            assert verdict(shape[::-1]).mistake == f"{name} has the right sizes in another order"
        assert verdict(...).mistake == "one is missing"
        for nonsense in ("5, 8", None, 2.5, (2.5, 1), [[1]], np.ones((2, 2))):
            assert verdict(nonsense).mistake == f"{name} is not a shape"


@pytest.mark.parametrize(
    ("check_it", "answers"),
    [
        (
            attention_exercises.check_overflow,
            {
                None: [[1000, 0], np.array([0.0, 710.0]), [1e300, 1e300]],
                "not started": [...],
                "no overflow": [[1, 2, 3], [700.0, 1.0], [-1000.0, 0]],
                "underflow, not overflow": [[-1000, -1001], [-1e300, -1e300]],
                "these are no scores": [
                    "abc",
                    [],
                    None,
                    [np.nan],
                    [np.inf],
                    {},
                    [[1], [1, 2]],
                    [[1000, 999]],
                    10**400,
                    [10**400],
                    np.array(1000.0),
                    np.ones(10**6),
                ],
            },
        ),
        (
            multi_head_exercises.check_harmless_sizes,
            {
                None: [
                    (1, 3, 4),
                    (5, 1, 2),
                    [np.int64(1), 1, 1],
                    np.array([1, 3, 4]),
                    (100000, 1, 1000),
                    (10**400, 1, 2),
                ],
                "not started": [...],
                "these sizes show the mistake": [(2, 2, 2), (3, 2, 1), (2, 5, 1), (10**9,) * 3],
                "these are no sizes": [
                    "abc",
                    3,
                    None,
                    (1, 2),
                    (0, 2, 2),
                    (-1, 2, 2),
                    (1, "a", 2),
                    (1, 2.5, 2),
                    (1, "3", 4),
                    (True, 2, 2),
                ],
            },
        ),
        (
            skip_exercises.check_silent_shape,
            {
                None: [(1, 4), (2, 1), (4,), (1,), (), (1, 1), 4, np.array([1, 4])],
                "not started": [...],
                "equal shapes": [(2, 4), [2, 4]],
                "numpy complains": [(2, 3), (3, 4), (2,), (10**400, 4), (0, 4)],
                "that is no shape": ["abc", None, 2.5, (-1, 4), (1.0, 4), (True, 4)],
                "the sum has another shape": [(1, 2, 4), (7, 2, 4)],
            },
        ),
    ],
)
def test_answers_that_are_values(check_it, answers):
    for mistake, some in answers.items():
        for value in some:
            assert check_it(value).mistake == mistake, value


def test_values_may_come_without_brackets():
    assert attention_exercises.check_overflow(1000, 999).is_right
    assert multi_head_exercises.check_harmless_sizes(1, 3, 4).is_right
    assert skip_exercises.check_silent_shape(1, 4).is_right


# anything at all


class Hostile:
    """What raises whenever it is looked at."""

    def __repr__(self):
        raise RuntimeError("no words")

    __str__ = __len__ = __iter__ = __array__ = __eq__ = __bool__ = __float__ = __index__ = __repr__
    __hash__ = None


class HostileError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raises_without_words(*given):
    raise HostileError


JUNK = [
    np.array(1.5), np.array(True), np.array("a"), np.array(None), np.array([]), np.zeros((0, 2)),
    np.array([1, "a"], dtype=object), np.array(["a", "b"]), np.full((2, 2), None),
    np.ma.masked_all((2, 2)), np.ma.masked, np.zeros(2, dtype=[("a", float)]),
    np.array(["2020-01-01"], dtype="datetime64[D]"), np.full((2, 2), np.nan), np.inf, np.nan,
    np.matrix([[1.0]]), 10**400, -(10**400), [10**400], (10**400, 1), 1j, True, None, "2,079", b"x",
    "x" * 10**6, [[1], [1, 2]], (), (1,), [], {}, set(), {1: 2}, range(3),
    len, iter(()), (i for i in range(3)), map(abs, [1]), slice(3),
    object(), np.float16(3), np.longdouble(2), np.random.default_rng(0), NotImplemented, [...],
    Ellipsis, attention_exercises,
]  # fmt: skip
HOSTILE = [Hostile(), [Hostile()], (Hostile(), 1), Hostile]  # even hypothesis stumbles over them
numbers = st.floats() | st.integers() | st.just(10**400)
junk = st.one_of(
    st.sampled_from(JUNK),
    numbers,
    st.text(max_size=3),
    st.lists(numbers, max_size=4),
    st.tuples(numbers, numbers),
    arrays(
        st.sampled_from([np.float64, np.float16, np.int64, bool, complex, object, "U2"]),
        array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
)
CHECKS = [
    getattr(module, name)
    for module in LESSONS
    for name in vars(module)
    if name.startswith("check_") and getattr(module, name).__module__ == module.__name__
]


def arguments_of(check_it):
    """Return how many answers a check takes; one, where it takes any number."""
    parameters = inspect.signature(check_it).parameters.values()
    return sum(p.kind is not p.VAR_POSITIONAL for p in parameters) or 1


@pytest.mark.parametrize("check_it", CHECKS, ids=lambda c: c.__name__)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(value=junk, other=junk)
def test_no_junk_breaks_a_check_or_is_right(check_it, value, other):
    count = arguments_of(check_it)
    for answer in (value, lambda *given: value):
        verdict = check_it(*[answer] * (count - 1), other if count > 1 else answer)
        assert not verdict.is_right or is_rightly_right(check_it, answer)
        assert verdict.text.startswith(("Not", "my_", "Right"))
        assert "this cannot be read" not in verdict.text
        assert max(map(len, repr(verdict).splitlines())) <= WIDTH


def is_rightly_right(check_it, answer):
    """Three checks have many right answers; junk may be one by chance."""
    names = ("check_overflow", "check_harmless_sizes", "check_silent_shape")
    return check_it.__name__ in names and type(answer) in (list, tuple, int, np.ndarray)


@pytest.mark.parametrize("value", JUNK + HOSTILE, ids=lambda v: type(v).__name__)
def test_every_piece_of_junk_meets_every_exercise(value):
    for exercise in EXERCISES:
        verdict = exercise.values[0].check(lambda *given: value)
        assert not verdict.is_right
        assert "Traceback" not in repr(verdict)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_error_without_words_is_told(exercise):
    verdict = exercise.check(raises_without_words)
    assert verdict.mistake == "it stops with an error"
    assert "HostileError" in verdict.text


# answers that are right now and then, and relations


def test_an_answer_that_is_random_is_never_right():
    rng = np.random.default_rng(0)

    def dropout(scores):
        kept = rng.random(scores.shape) > 0.05
        return exercise_answers.exp_rows(scores) * kept

    for _ in range(50):
        assert not attention_exercises.check_softmax(dropout).is_right


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda out: 3 * out, "every number is 3 times the right one"),
        (lambda out: out / np.sqrt(2), "every number is 1/√2 times the right one"),
        (lambda out: out + 1.5, "every number is the right one plus 3/2"),
        (lambda out: 2 * out + 1, "every number is 2 times the right one plus 1"),
        (lambda out: out[::-1], "x with its rows in reverse order, in place of x"),
        (
            lambda out: np.roll(out, 1, axis=1),
            "the right one with its columns one place too far on",
        ),
        (lambda out: out.T, "rows and columns have changed places (transposed)"),
        (lambda out: out**2, "the result is the square of the right one"),
        (lambda out: np.trunc(out), "the right one cut to whole numbers"),
        (lambda out: np.minimum(out, 1), "the result is the right one cut at 1"),
        (lambda out: out.sum(axis=0), "the result is the sum of the rows of the right one"),
        (lambda out: out[0], "the result is the first of the rows of the right one"),
        (lambda out: out[None], "an axis of length 1 is missing or too many"),
        (lambda out: out.ravel(), "in the right order, but in another shape"),
        (lambda out: out * np.arange(len(out))[:, None] + 0.5 * out, "times a number of its own"),
        (lambda out: out + (np.arange(len(out)) > 0)[:, None] * out**3, "right in the first"),
        (lambda out: np.where(out > 1, np.nan, out), "0 / 0 give it); the rest is right"),
        (lambda out: 0 * out + 7, "every number of the result is 7"),
        (lambda out: out * (1 + 0.001 * np.sin(9 * out)), "near, but not equal"),
    ],
)
def test_relations_are_told(change, said):
    exercise = feed_forward_exercises.NETWORK
    verdict = exercise.check(lambda *given: change(exercise.right(*given)))
    assert said in verdict.mistake
    assert verdict.kind in ("relation", "kind", "mistake")


def test_a_factor_is_told_by_its_name():
    exercise = position_exercises.INPUT
    verdict = exercise.check(lambda x, code: exercise.right(x, code) / np.sqrt(x.shape[-1]))
    assert verdict.mistake == "every number is the right one divided by √d_model"


def test_what_differs_between_right_and_wrong_examples_is_told():
    verdict = reading_exercises.check_entropy(
        lambda w: -(w * np.log(w + 1e-40)).sum(-1) * (w > 0).all()
    )
    assert "a weight of 0" in verdict.text


@pytest.mark.parametrize(
    ("answer", "formula"),
    [
        (lambda x, f, norm: norm(norm(x) + f(norm(x))), "norm(norm(x) + f(norm(x)))"),
        (lambda x, f, norm: x + norm(x + f(x)), "x + norm(x + f(x))"),
        (lambda x, f, norm: norm(x - f(norm(x))), "norm(x - f(norm(x)))"),
    ],
)
def test_a_formula_is_found(answer, formula):
    assert formula in layer_norm_exercises.check_post_norm(answer).mistake


def test_a_count_is_written_as_a_sum():
    verdict = feed_forward_exercises.check_count(lambda d_model, d_ff: 3 * d_model * d_ff - d_ff)
    assert verdict.mistake == "you count 3·d_model·d_ff - d_ff"


def test_two_mistakes_at_once_are_told():
    verdict = attention_exercises.check_attention(
        lambda q, k, v: exercise_answers.exp_rows(k @ q.T) @ v
    )
    assert set(verdict.mistake.split("; and ")) == {
        "queries and keys have changed places",
        "no scale",
    }


# what a verdict looks like


def test_a_verdict_has_a_sign_words_and_a_colour():
    right = attention_exercises.check_softmax(exercise_answers.exp_rows)
    wrong = attention_exercises.check_softmax(exercise_answers.softmax_columns)
    waiting = attention_exercises.check_softmax(...)
    assert repr(right).startswith("✓ Right.")
    assert repr(wrong).startswith("✗ Not yet: softmax over the queries.")
    assert repr(waiting).startswith("Not started yet")
    assert waiting._repr_html_() is None
    assert "✓" in right._repr_html_()
    assert "#00704f" in right._repr_html_()
    assert "✗" in wrong._repr_html_()
    assert "#b34700" in wrong._repr_html_()
    assert wrong._repr_html_() == wrong._repr_html_()


def test_what_a_student_wrote_is_shown_as_letters():
    def markup(scores):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in attention_exercises.check_softmax(markup)._repr_html_()


# the last exercise


def test_a_block_that_spoils_its_parameters_or_counts_without_end_is_answered_calmly():
    def spoils(x, params, n_heads):
        params["norm_1"] = None
        params["feed_forward"]["b_1"] = "nothing"
        return x

    verdict = block_exercises.check_block(spoils, *exercise_answers.PARTS)
    assert verdict.mistake == "it changes its input params"
    huge = feed_forward_exercises.check_count(lambda d_model, d_ff: 10**5000 + d_ff)
    assert huge.mistake == "other numbers"
    assert "a huge number" in huge.text


def test_the_block_wants_its_parts_first():
    block, parts = exercise_answers.BLOCK.right[0], exercise_answers.PARTS
    nothing, product = [...] * 4, [np.multiply, np.multiply, exercise_answers.batch_norm, np.add]
    assert block_exercises.check_block(..., *nothing).text.startswith("Not started")
    assert block_exercises.check_block(block, *nothing).mistake == "not started"
    for i, name in enumerate(("multi_head", "add", "layer_norm", "feed_forward")):
        for other, said in ((..., "Not started"), (product[i], "Not yet")):
            verdict = block_exercises.check_block(block, *parts[:i], other, *parts[i + 1 :])
            assert verdict.text.startswith(f"my_{name}: {said}")
    assert block_exercises.check_block(..., *parts).text.startswith("my_block: Not started")
    assert block_exercises.check_block(block, *parts).is_right


# the notebooks


@pytest.mark.parametrize("module", LESSONS, ids=lambda m: m.__name__.rsplit(".", 1)[-1])
def test_each_lesson_offers_every_exercise_with_a_folded_solution(module):
    lesson = module.__name__.rsplit(".", 1)[-1]
    (path,) = NOTEBOOKS.glob(f"*_{lesson}.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    headings = [cell.source for cell in cells if "## " in cell.source]
    assert "## Exercises\n" in headings[-2]
    assert "## What to remember" in headings[-1]
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    exercises = re.findall(r"\*\*(\d) · [^*]+\*\* \((easy|medium|hard), \d+ minutes\)", prose)
    assert [int(number) for number, _ in exercises] == list(range(1, len(exercises) + 1))
    assert 3 <= len(exercises) <= 5
    deeper = path.parent / "deeper" / path.name  # an exercise may stand there
    both = cells + (nbformat.read(deeper, as_version=4).cells if deeper.exists() else [])
    folded = [c for c in both if c.metadata.get("jupyter", {}).get("source_hidden")]
    for name in (n for n in vars(module) if n.startswith("check_")):
        if getattr(module, name).__module__ != module.__name__:
            continue
        asked = [c for c in both if f"exercises.{name}(" in c.source and c not in folded]
        assert len(asked) == 1
        assert "Not started yet" in asked[0].outputs[0].data["text/plain"]
        solved = [c for c in folded if f"assert exercises.{name}(" in c.source]
        assert len(solved) == 1
    for cell in folded:
        assert cell.outputs == []
        first_line = cell.source.splitlines()[0]  # JupyterLab shows it in place of the cell
        assert first_line.startswith(("def ", "# Solution"))
    assert f'ask("{lesson}")' in cells[-2].source
