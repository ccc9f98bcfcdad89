"""The model's gradients, Adam, the loss, and a loop that can be stopped."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import encoder_block, stack
from helpers.learning import evidence, gradient_check, memory, model, training
from helpers.learning.adam import Adam, flatten, leaves, views

SMALL = model.Design(vocab_size=5, n_outputs=3, d_model=4, n_heads=2, d_ff=6, n_layers=2)


def questions(seed, vocab_size=5, shape=(3, 4)):
    rng = np.random.default_rng(seed)
    while True:
        tokens = rng.integers(0, vocab_size, shape)
        yield training.Batch(tokens, np.minimum(tokens, 2))


@pytest.mark.parametrize("norm", ["post", "pre", "none"])
@pytest.mark.parametrize("change", [{}, {"skip": False}, {"feed_forward": False}, {"n_layers": 0}])
def test_every_gradient_of_the_model_is_that_of_its_loss(norm, change):
    design = SMALL._replace(norm=norm, **change)
    params = model.init(design, np.random.default_rng(0), dtype=np.float64)
    batch = next(questions(1))._replace(counted=np.array([[1, 0, 2, 1]] * 3))
    targets, counted = batch.targets, batch.counted

    def loss():
        logits = model.answers(model.compute(batch.tokens, params, design).out, targets)
        return model.cross_entropy(logits, targets, counted)[0]

    found_loss, _, grads = model.gradients(design)(params, batch)
    assert found_loss == loss()
    for found, values in zip(leaves(grads), leaves(params), strict=True):
        expected = gradient_check.numerical_gradient(loss, values)
        assert gradient_check.relative_error(found, expected) < 1e-6


def test_the_model_is_the_stack_of_the_lessons_blocks():
    params = model.init(SMALL, np.random.default_rng(0), dtype=np.float64)
    tokens = next(questions(1)).tokens
    trace = model.forward(tokens, params, SMALL)
    blocks = stack.forward(trace.positions.out, params["layers"], 2)
    assert np.array_equal(blocks[-1].out, trace.encoded)
    assert isinstance(trace.blocks[0], encoder_block.PostNormTrace)
    assert np.allclose(trace.out, trace.encoded @ params["W_out"] + params["b_out"])


def test_one_mask_a_layer_reaches_its_own_layer():
    params = model.init(SMALL, np.random.default_rng(0))
    near = np.abs(np.subtract.outer(range(4), range(4))) <= 1
    trace = model.forward(next(questions(1)).tokens, params, SMALL, [near, None])
    assert (trace.blocks[0].attention.weights[..., ~near] == 0).all()
    assert (trace.blocks[1].attention.weights > 0).all()
    with pytest.raises(ValueError, match="1 masks for 2 layers"):
        model.forward(np.zeros((1, 4), int), params, SMALL, [near])


def test_adam_makes_the_steps_of_its_paper():
    """Algorithm 1 of Kingma & Ba, written out for one number."""
    adam, gradients = Adam({"a": np.array([1.0])}), [0.5, -2.0, 0.25]
    mean = square = 0.0
    value = 1.0
    for n, gradient in enumerate(gradients, 1):
        adam.step({"a": np.array([gradient])}, 0.1)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        value -= 0.1 * (mean / (1 - 0.9**n)) / (np.sqrt(square / (1 - 0.999**n)) + 1e-8)
    assert adam.params["a"][0] == pytest.approx(value, abs=1e-12)


def test_a_gradient_that_is_too_long_is_cut_to_its_length():
    cut, whole = Adam({"a": np.zeros(2)}), Adam({"a": np.zeros(2)})
    for _ in range(2):
        cut.step({"a": np.array([30.0, 40.0])}, 0.1, longest=1)
        whole.step({"a": np.array([0.6, 0.8])}, 0.1, longest=1)
    assert np.allclose(cut._square, whole._square)


def test_what_adam_changes_the_model_has():
    params = {"a": np.zeros((2, 2)), "b": [np.ones(3)]}
    adam = Adam(params)
    adam.step({"a": np.ones((2, 2)), "b": [np.ones(3)]}, 0.1)
    assert np.allclose(adam.params["b"][0], 0.9)
    assert np.array_equal(params["a"], np.zeros((2, 2)))  # the start is left alone
    assert np.array_equal(flatten(views(adam.flat, params)), adam.flat)
    with pytest.raises(ValueError, match="3 gradients; expected 7"):
        adam.step({"b": [np.ones(3)]}, 0.1)


@given(seed=st.integers(0, 10_000), n_outputs=st.integers(2, 6))
def test_cross_entropy_has_the_gradient_of_its_loss(seed, n_outputs):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (2, 3, n_outputs))
    targets = rng.integers(0, n_outputs, (2, 3))
    counted = rng.integers(0, 2, (2, 3))
    counted[0, 0] = 1
    loss, gradient, right = model.cross_entropy(logits, targets, counted)
    expected = gradient_check.numerical_gradient(
        lambda: model.cross_entropy(logits, targets, counted)[0], logits
    )
    assert gradient_check.relative_error(gradient, expected) < 1e-6
    hits = (logits.argmax(axis=-1) == targets) * counted
    assert right == pytest.approx(hits.sum() / counted.sum())
    assert loss > 0


def test_a_huge_logit_does_not_overflow_the_loss():
    loss, gradient, right = model.cross_entropy(np.array([[1e300, 0.0]]), np.array([0]))
    assert (loss, right) == (0, 1)
    assert np.isfinite(gradient).all()


def test_training_learns_reports_and_leaves_the_start_alone():
    design = SMALL._replace(d_model=16, d_ff=32)
    params = model.init(design, np.random.default_rng(0))
    start = flatten(params).copy()
    running = training.train(model.gradients(design), params, questions(0), 120, 1e-2, every=50)
    reports = list(running)
    assert [report.step for report in reports] == [50, 100, 120]
    assert reports[-1].accuracy == 1
    assert reports[-1].loss < reports[0].loss < 0.1
    assert np.array_equal(flatten(params), start)
    assert model.accuracy(design, reports[-1].params, next(questions(9))) == 1


def test_the_training_stops_when_its_reports_are_no_longer_asked_for():
    calls = []

    def counting(params, batch):
        calls.append(1)
        return model.gradients(SMALL)(params, batch)

    running = training.train(
        counting, model.init(SMALL, np.random.default_rng(0)), questions(0), 1000, 1e-2, every=5
    )
    next(running)
    running.close()
    assert len(calls) == 5


def test_frozen_parameters_keep_their_values():
    params = model.init(SMALL, np.random.default_rng(0))
    *_, last = training.train(
        model.gradients(SMALL), params, questions(0), 5, 1e-2, frozen=("embedding",)
    )
    assert np.array_equal(last.params["embedding"], params["embedding"])
    assert not np.array_equal(last.params["W_out"], params["W_out"])


def test_a_loss_that_blows_up_ends_with_the_step_and_the_last_good_weights():
    def blows_up(params, batch):
        blows_up.step += 1
        loss = np.inf if blows_up.step == 8 else 1.0
        return loss, 0.5, {"a": np.ones(2)}

    blows_up.step = 0
    reports = list(training.train(blows_up, {"a": np.zeros(2)}, questions(0), 50, 1e-2, every=5))
    assert len(reports) == 2
    assert (reports[-1].step, reports[-1].loss) == (7, 1.0)
    assert re.match("the loss became infinite at step 8; the weights are", reports[-1].trouble)
    expected = Adam({"a": np.zeros(2)})
    for step in range(6):  # the seventh step led to the infinite loss
        expected.step({"a": np.ones(2)}, training.learning_rate(step, 50, 1e-2, 20))
    assert np.array_equal(reports[-1].params["a"], expected.params["a"])


def test_the_rate_rises_and_falls_in_straight_lines():
    rates = [training.learning_rate(step, 100, 1.0, 20) for step in range(100)]
    assert rates[0] == pytest.approx(0.05)
    assert np.argmax(rates) == 19
    assert rates[99] == pytest.approx(0.01)
    assert training.learning_rate(99, 100, 1.0, 20, decay=False) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: model.forward([[0]], p | {"b_out": np.array([np.nan] * 3)}, SMALL), "NaN"),
        (lambda p: model.init(SMALL._replace(n_heads=3), np.random.default_rng(0)), "n_heads=3"),
        (lambda p: list(training.train(None, p, questions(0), 5, 0)), "expected more than 0"),
    ],
)
def test_bad_input_is_refused_in_words(call, message):
    params = model.init(SMALL, np.random.default_rng(0))
    with pytest.raises(ValueError, match=re.escape(message)):
        call(params)


def test_keeping_memory_says_whether_it_could(monkeypatch):
    assert memory.keep_freed() in (True, False)
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory.keep_freed() is False
    monkeypatch.setattr(memory, "ctypes", None)
    assert memory.keep_freed() is False


def test_weights_that_became_infinite_in_the_last_step_are_not_handed_out():
    def gradients(params, batch):
        return 1.0, 0.5, {"a": np.array([np.inf])}

    reports = list(training.train(gradients, {"a": np.ones(1)}, iter([None]), 1, 0.1))
    assert "the gradient became infinite at step 1" in reports[-1].trouble
    assert reports[-1].params["a"] == [1.0]


@pytest.mark.parametrize(
    ("lesson", "name"),
    [
        ("encoder_block", "ablation"), ("feed_forward", "learn_table"),
        ("layer_norm", "train_at_rate"), ("multi_head_attention", "look_ups"),
        ("positional_encoding", "learn_order"), ("positional_encoding", "recall"),
        ("reading_attention", "pronoun"), ("skip_connections", "deep"),
    ],
)  # fmt: skip
def test_an_experiment_whose_rate_is_too_large_ends_in_words(lesson, name, monkeypatch):
    experiment = getattr(evidence.MODULES[lesson], name)
    train = training.train

    def reckless(gradients, params, batches, n_steps, rate, *rest, **options):
        return train(gradients, params, batches, n_steps, 1e30, *rest, **options)

    monkeypatch.setattr(training, "train", reckless)
    with np.errstate(all="ignore"):
        *_, last = experiment(0, n_steps=40)
    assert "at step 2; the weights are those from before" in last.result["trouble"]
    assert last.note == last.result["trouble"]
    if name == "deep":
        assert last.done == 1
    for number in ("accuracy", "accuracies", "by_look_up"):
        assert np.isfinite(last.result.get(number, 0)).all(), number
