"""The exercises' checks: each known mistake is named, right answers pass, nothing escapes."""

import importlib
import pkgutil
import re
import sys
import time
import warnings
from pathlib import Path

import exercise_answers
import nbformat
import numpy as np
import pytest

import helpers.exercises
from helpers.exercises import check
from helpers.exercises import encoder_block as block_exercises
from helpers.exercises import feed_forward as feed_forward_exercises
from helpers.exercises import layer_norm as layer_norm_exercises
from helpers.exercises import multi_head_attention as multi_head_exercises
from helpers.exercises import self_attention as attention_exercises
from helpers.exercises import skip_connections as skip_exercises

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


def test_there_are_many_wrong_answers_and_every_named_mistake_has_one():
    known = {mistake.name for e in EXERCISES for mistake in e.values[0].mistakes}
    written = {name for answers in exercise_answers.ALL for name in answers.wrong}
    assert known <= written
    assert sum(len(some) for a in exercise_answers.ALL for some in a.wrong.values()) >= 45


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


def test_the_table_says_that_all_are_judged_rightly():
    *_, last = exercise_answers.table().splitlines()
    _, _, wrong, caught, right, accepted = last.split()
    assert (wrong, right) == (caught, accepted)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_mistakes_differ_from_each_other_and_from_what_is_right(exercise):
    """Two mistakes with the same numbers could not be told apart, on the examples alone."""
    found = {"right": exercise.outcomes(exercise.right)}
    for mistake in exercise.mistakes:
        if mistake.answer is not None:
            found[mistake.name] = exercise.outcomes(mistake.answer)
    names = list(found)
    for i, one in enumerate(names):
        for other in names[:i]:
            assert not all(map(check.agree, found[one], found[other])), (one, other)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_example_that_is_printed_shows_the_mistake(exercise):
    for mistake in exercise.mistakes:
        if mistake.answer is None:
            continue
        lines = exercise.check(mistake.answer).text.splitlines()
        given = [line for line in lines if line.startswith("  you ")]
        wanted = [line for line in lines if line.startswith("  expected ")]
        assert len(given) == len(wanted) == 1
        assert given[0].split(None, 2)[2] != wanted[0].split(None, 1)[1]


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
        (lambda: 1, "it stops with an error", "takes 0 positional arguments but 1 was given"),
        (lambda scores: sys.exit("bye"), "it stops with an error", "SystemExit: bye"),
        (endless_recursion, "it stops with an error", "RecursionError"),
        (lambda scores: None, "it returns nothing", "Is the `return` missing?"),
        (lambda scores: scores.tolist(), "another kind of thing", "a value of type list"),
        (lambda scores: "0.5", "another kind of thing", "a value of type str"),
        (lambda scores: scores > 0, "another kind of thing", "an array of bool"),
        (lambda scores: scores.astype(object), "another kind of thing", "an array of object"),
        (lambda scores: scores.astype(str), "another kind of thing", "an array of <U32"),
        (lambda scores: scores * 1j, "another kind of thing", "an array of complex128"),
        (lambda scores: np.array([[..., None]]), "another kind of thing", "an array of object"),
        (lambda scores: (s for s in scores), "another kind of thing", "a value of type generator"),
        (lambda scores: scores[0], "another shape", "shape (2,), expected (2, 2)"),
        (lambda scores: scores * np.nan, "NaN, which means: not a number", "[nan, nan]"),
        (lambda scores: scores + 3, "other numbers", "you give  [[3, 4], [5, 3]]"),
        (lambda scores: scores, "other numbers", "you give  [[0, 1], [2, 0]]"),
        (writes_into_its_input, "it changes its input scores", "Make a new array"),
    ],
)
def test_the_guard_has_a_calm_word_for_everything(function, mistake, said):
    verdict = attention_exercises.check_softmax(function)
    assert verdict.mistake == mistake
    assert said in verdict.text
    assert "Traceback" not in verdict.text


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
def test_a_loop_that_never_ends_is_stopped_once_and_in_time(function, monkeypatch):
    monkeypatch.setattr(check, "SECONDS", 0.2)
    started = time.perf_counter()
    verdict = attention_exercises.check_softmax(function)
    assert verdict.mistake == "it takes too long"
    assert "after 0.2 seconds" in verdict.text
    assert time.perf_counter() - started < 3


def test_the_stop_button_is_answered_too():
    def interrupted(scores):
        raise KeyboardInterrupt

    assert attention_exercises.check_softmax(interrupted).mistake == "stopped"


def test_a_debugger_or_coverage_is_left_as_it_was():
    def watch(frame, event, argument):
        return None

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
    assert max(map(len, repr(verdict).splitlines())) <= check.WIDTH


# exercises whose answer is a value


@pytest.mark.parametrize(
    ("check_it", "names", "answer", "wrong"),
    [
        (
            attention_exercises.check_head_shapes,
            ("q", "scores", "out"),
            ((5, 3), (5, 5), (5, 3)),
            {
                "q as wide as x": ((5, 8), (5, 5), (5, 3)),
                "q.T @ k in place of q @ k.T": ((5, 3), (3, 3), (5, 3)),
                "z as wide as x": ((5, 3), (5, 5), (5, 8)),
                "weights in place of z": ((5, 3), (5, 5), (5, 5)),
            },
        ),
        (
            multi_head_exercises.check_head_shapes,
            ("q", "weights", "concat", "W_o"),
            ((4, 6, 3), (4, 6, 6), (6, 12), (12, 12)),
            {
                "heads of full width": ((4, 6, 12), (4, 6, 6), (6, 48), (48, 12)),
                "before the swap": ((6, 4, 3), (4, 6, 6), (6, 12), (12, 12)),
                "one map for all heads": ((4, 6, 3), (6, 6), (6, 12), (12, 12)),
                "q.T @ k in place of q @ k.T": ((4, 6, 3), (4, 3, 3), (6, 12), (12, 12)),
                "z's added, not laid side by side": ((4, 6, 3), (4, 6, 6), (6, 3), (12, 12)),
                "W_o for one head": ((4, 6, 3), (4, 6, 6), (6, 12), (3, 12)),
            },
        ),
        (
            layer_norm_exercises.check_norm_shapes,
            ("mean", "gamma", "out"),
            ((5, 1), (8,), (5, 8)),
            {
                "a mean over the words": ((1, 8), (8,), (5, 8)),
                "keepdims is missing": ((5,), (8,), (5, 8)),
                "one γ for each word": ((5, 1), (5,), (5, 8)),
                "a γ for each number": ((5, 1), (5, 8), (5, 8)),
            },
        ),
        (
            feed_forward_exercises.check_network_shapes,
            ("W_1", "hidden", "out"),
            ((8, 32), (6, 32), (6, 8)),
            {
                "W_1 turned round": ((32, 8), (6, 32), (6, 8)),
                "one network for the whole sentence": ((48, 32), (6, 32), (6, 8)),
                "hidden as wide as x": ((8, 32), (6, 8), (6, 8)),
                "one row for all words": ((8, 32), (32,), (6, 8)),
                "out as wide as hidden": ((8, 32), (6, 32), (6, 32)),
            },
        ),
        (
            block_exercises.check_block_shapes,
            ("heads", "skip_1", "hidden", "out"),
            ((2, 5, 4), (5, 8), (5, 32), (5, 8)),
            {
                "heads of full width": ((2, 5, 8), (5, 8), (5, 32), (5, 8)),
                "words before heads": ((5, 2, 4), (5, 8), (5, 32), (5, 8)),
                "laid side by side": ((2, 5, 4), (5, 16), (5, 32), (5, 8)),
                "heads in the feed-forward step": ((2, 5, 4), (5, 8), (2, 5, 32), (5, 8)),
                "out as wide as hidden": ((2, 5, 4), (5, 8), (5, 32), (5, 32)),
            },
        ),
    ],
)
def test_predicted_shapes(check_it, names, answer, wrong):
    def verdict(shapes):
        return check_it(**dict(zip(names, shapes, strict=True)))

    assert check_it().mistake == "not started"
    assert verdict(answer).is_right
    assert verdict([list(np.array(shape)) for shape in answer]).is_right
    for name, shapes in wrong.items():
        assert verdict(shapes).mistake == name
    for i, name in enumerate(names):
        other = [*answer[:i], (7, 7, 7), *answer[i + 1 :]]
        assert verdict(other).mistake == f"{name} has another shape"
        assert str(answer[i]) not in verdict(other).text, "a hint does not give the answer away"
        assert verdict([*answer[:i], ..., *answer[i + 1 :]]).mistake == "one is missing"
        for nonsense in ("5, 8", None, 2.5, (2.5, 1), [[1]], np.ones((2, 2))):
            assert verdict([*answer[:i], nonsense, *answer[i + 1 :]]).mistake == (
                f"{name} is not a shape"
            )


@pytest.mark.parametrize(
    ("check_it", "answers"),
    [
        (
            attention_exercises.check_overflow,
            {
                None: [[1000, 0], np.array([0.0, 710.0]), [1e300, 1e300]],
                "not started": [...],
                "no overflow": [[1, 2, 3], [700.0], [-1000.0, 0]],
                "these are no scores": ["abc", [], None, [np.nan], [np.inf], {}, [[1], [1, 2]]],
            },
        ),
        (
            multi_head_exercises.check_harmless_sizes,
            {
                None: [(1, 3, 4), (5, 1, 2), [np.int64(1), 1, 1]],
                "not started": [...],
                "these sizes show the mistake": [(2, 2, 2), (3, 2, 1), (2, 5, 1)],
                "these are no sizes": ["abc", 3, None, (1, 2), (0, 2, 2), (-1, 2, 2), (1, "a", 2)],
            },
        ),
        (
            skip_exercises.check_silent_shape,
            {
                None: [(1, 4), (2, 1), (4,), (1,), (), (1, 1), 4],
                "not started": [...],
                "equal shapes": [(2, 4), [2, 4]],
                "numpy complains": [(2, 3), (3, 4), (2,)],
                "that is no shape": ["abc", None, 2.5],
                "the sum has another shape": [(1, 2, 4), (7, 2, 4)],
            },
        ),
    ],
)
def test_answers_that_are_values(check_it, answers):
    for mistake, values in answers.items():
        for value in values:
            assert check_it(value).mistake == mistake, value


def test_values_may_come_without_brackets():
    assert attention_exercises.check_overflow(1000, 999).is_right
    assert multi_head_exercises.check_harmless_sizes(1, 3, 4).is_right
    assert skip_exercises.check_silent_shape(1, 4).is_right


# the last exercise


def test_a_block_that_spoils_its_parameters_or_counts_without_end_is_answered_calmly():
    def spoils(x, params, n_heads):
        params["norm_1"] = None
        params["feed_forward"]["b_1"] = "nothing"
        return x

    verdict = block_exercises.check_block(spoils, *exercise_answers.PARTS)
    assert verdict.mistake == "it changes its input params"
    huge = feed_forward_exercises.check_count(lambda d_model, d_ff: 10**5000)
    assert huge.mistake == "other numbers"


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


LESSONS = [module for module in MODULES if module is not check]


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
