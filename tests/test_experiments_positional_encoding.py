"""Order and recall in notebook 05: the tasks, the ceiling without order, the recurrent reader."""

import itertools

import numpy as np
import pytest

from helpers.explorers.positional_encoding import OrderTasksExplorer, RecallExplorer
from helpers.learning import evidence, gradient_check, model
from helpers.learning.adam import leaves
from helpers.learning.experiments import finish
from helpers.learning.experiments import positional_encoding as experiments

every_task = pytest.mark.parametrize("task", experiments.TASKS)


def answers(task, words):
    """Return what is to be named at each place, by the task's own words; None where nothing is."""
    if task == "first":
        return [words[0] for _ in words]
    if task == "previous":
        return [None, *words[:-1]]
    if task == "reverse":
        return [words[-1 - place] for place in range(len(words))]
    if task == "sort":
        return sorted(words)
    return [None] * (len(words) - 1) + [int(words.index(0) < words.index(1))]


@every_task
@pytest.mark.parametrize("seq_len", [10, 11, 20])
def test_the_targets_are_what_the_task_says(task, seq_len):
    batch = next(experiments.sentences(task, np.random.default_rng(0), 50, seq_len))
    assert batch.tokens.shape == batch.targets.shape == (50, seq_len)
    for words, targets, counted in zip(*batch[:3], strict=True):
        for place, answer in enumerate(answers(task, words.tolist())):
            assert counted[place] == (answer is not None)
            assert answer is None or targets[place] == answer


def test_before_is_a_fair_question_about_one_pair_of_words():
    batch = next(experiments.sentences("before", np.random.default_rng(0), 2000))
    assert ((batch.tokens == 0).sum(axis=1) == 1).all()
    assert ((batch.tokens == 1).sum(axis=1) == 1).all()
    assert (batch.tokens[:, -1] > 1).all()
    assert batch.targets[:, -1].mean() == pytest.approx(0.5, abs=0.04)


@every_task
@pytest.mark.parametrize("seq_len", [3, 4])
def test_the_ceiling_is_the_best_guess_over_all_sentences_counted_one_by_one(
    task, seq_len, monkeypatch
):
    """Sentences of two or three different words, all of them: who knows my word and all words?"""
    monkeypatch.setattr(experiments, "VOCAB", 3)
    votes, total = {}, 0
    for words in itertools.product(range(3), repeat=seq_len):
        if task == "before" and (words.count(0) != 1 or words.count(1) != 1 or words[-1] < 2):
            continue
        for place, answer in enumerate(answers(task, list(words))):
            if answer is not None:
                known = (words[place], tuple(sorted(words)))
                counts = votes.setdefault(known, np.zeros(3))
                counts[answer] += 1
                total += 1
    best = sum(counts.max() for counts in votes.values()) / total
    assert experiments.ceiling(task, seq_len, 20_000) == pytest.approx(best, abs=0.01)


@every_task
def test_with_positions_order_is_learnt_and_without_it_is_not(task):
    blind, sees = (
        finish(experiments.learn_order(0, task, positions, n_steps=n_steps))
        for positions, n_steps in ((False, 60), (True, 150))
    )
    ceiling = experiments.ceiling(task)
    assert blind["accuracy"] < ceiling + 0.04
    assert sees["accuracy"] > ceiling + 0.1
    assert np.shape(sees["by_place"]) == (len(sees["steps"]), 20)
    assert sees["by_length"].shape == (11, 20)
    asked = next(experiments.sentences(task, np.random.default_rng(0), 1, 20)).counted[0] > 0
    assert np.array_equal(np.isfinite(sees["by_length"][-1]), asked)
    assert np.isnan(sees["by_length"][0, 10:]).all()
    assert np.nanmean(sees["by_length"][-1]) == pytest.approx(sees["twice as long"])


def test_what_a_longer_sentence_breaks_is_what_the_lesson_says():
    """Reverse looks where the mirror was in ten words; previous is right up to place ten."""
    runs = evidence.recorded("positional_encoding")
    reverse = runs["reverse, with positions"]["by_length"][1]  # on 11 words
    assert reverse[:10].max() < 0.25
    assert reverse[10] > 0.95
    previous = runs["previous, with positions"]["by_length"][1]
    assert previous[1:10].min() > 0.95
    assert previous[10] < 0.6


@pytest.mark.parametrize("orthogonal", [False, True])
def test_every_gradient_of_the_recurrent_reader_is_that_of_its_loss(orthogonal):
    params = experiments.recurrent(np.random.default_rng(0), orthogonal, np.float64)
    batch = next(experiments.sentences("first", np.random.default_rng(1), 2, 4))
    batch = experiments.at_the_end(batch)
    _, _, grads = experiments.recurrent_gradients(params, batch)
    for found, values in zip(leaves(grads), leaves(params), strict=True):
        expected = gradient_check.numerical_gradient(
            lambda: experiments.recurrent_gradients(params, batch)[0], values
        )
        assert gradient_check.relative_error(found, expected) < 1e-6
    assert np.allclose(params["rnn"]["W_h"] @ params["rnn"]["W_h"].T, np.eye(32)) == orthogonal


def test_readers_start_from_embeddings_of_one_size():
    recurrent = experiments.recurrent(np.random.default_rng(0), False)
    block = model.init(model.Design(8, 8), np.random.default_rng(0))
    assert recurrent["embedding"].std() == pytest.approx(block["embedding"].std(), abs=0.03)
    assert all(array.dtype == np.float32 for array in leaves(recurrent))


def test_only_the_last_place_is_asked_to_recall():
    batch = next(experiments.sentences("first", np.random.default_rng(0), 3, 5))
    assert experiments.at_the_end(batch).counted.tolist() == [[0, 0, 0, 0, 1]] * 3
    assert (batch.targets[:, -1] == batch.tokens[:, 0]).all()


def heights(bars):
    """Return the height of each bar, by the middle of its base."""
    corners = [path.vertices[:4] for path in bars.get_paths()]
    return {round(bar[:, 0].mean(), 2): bar[:, 1].max() for bar in corners}


@pytest.mark.parametrize(("seq_len", "kept"), [(10, "by_place"), (11, "by_length")])
def test_the_bars_are_the_shares_at_each_place_and_the_dots_the_ceilings(seq_len, kept):
    pictures = OrderTasksExplorer(task="previous", seq_len=seq_len)
    run = evidence.recorded("positional_encoding")["previous, with positions"]
    shares = run[kept][-1 if kept == "by_place" else 1]
    expected = {place: shares[place] for place in range(1, seq_len)}
    assert heights(pictures.bars) == pytest.approx(expected, abs=1e-3)
    shown = [line.get_ydata()[0] for line in pictures.ceilings]
    assert shown == [experiments.ceiling("previous", n) for n in (10, seq_len)]
    assert np.array_equal(pictures.curve.line.get_ydata(), run["accuracies"])


def test_each_reader_has_its_own_curve_and_the_ring_is_at_the_chosen_one():
    pictures = RecallExplorer(reader="RNN, orthogonal start", seq_len=10)
    runs = evidence.recorded("positional_encoding")
    for reader, curve in pictures.lines.items():
        kept = runs[experiments.recall_name(reader, 10)]
        assert np.array_equal(curve.get_ydata(), kept["accuracies"])
    measured = evidence.measured("positional_encoding")
    for reader, dots in pictures.ends.seeds.items():
        names = [experiments.recall_name(reader, n) for n in (5, 10)]  # 20 and 40: to be guessed
        seeds = [measured[name]["accuracy"].values for name in names]
        assert np.array_equal(dots.get_ydata(), np.concatenate(seeds))
    asides = [dots.get_transform().transform((0, 0))[0] for dots in pictures.ends.seeds.values()]
    assert (np.diff(asides) > 10).all(), "the dots of two readers lie on each other"
    pictures.set(reader="RNN", seq_len=40)
    at_step, at_end = (ring.get_xydata().tolist() for ring in pictures.rings)
    assert max(pictures.ends.seeds["RNN"].get_xdata()) == 40
    reached = runs["RNN, 40 words"]["accuracies"][-1]
    assert (at_step, at_end) == ([[experiments.STEPS, reached]], [[40, reached]])
