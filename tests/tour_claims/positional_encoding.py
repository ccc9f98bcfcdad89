"""The claims of the tours of lesson 05."""

import numpy as np

from helpers import positional_encoding, self_attention
from helpers import words as lesson_words
from helpers.explorers.positional_encoding import SENTENCE, percent
from helpers.learning import influence, rnn
from helpers.learning.experiments import positional_encoding as experiments
from tour_claims import claim


def shares_of_one_seed(seed):
    """Return each word's share of the influence on each result, for one draw of weights."""
    x = lesson_words.named(list(SENTENCE), influence.D_MODEL)
    rng = np.random.default_rng(seed)
    found = influence.influences(rnn, rnn.init(influence.D_MODEL, rng), x)
    attention = self_attention.init(influence.D_MODEL, influence.D_MODEL, rng)
    attention = influence.influences(self_attention, attention, x)
    return [rows / rows.sum(axis=1, keepdims=True) for rows in (found, attention)]


@claim("ChainExplorer", 0)
def one_word_is_read_and_all_of_attention_is_there(now, before):
    assert now.shown.step == 1
    assert (now.shown.rnn > 0).tolist() == [True] + 11 * [False]
    assert SENTENCE[now.shown.asking] == "tired"
    assert (now.shown.attention > 0).all()


@claim("ChainExplorer", 1)
def less_than_1_percent_is_left_of_the_first_word(now, before):
    assert before.shown.rnn[0] == 1
    assert now.shown.rnn[0] < 0.01
    assert 1 / len(SENTENCE) > 0.08  # an equal part
    left = [now.shown.rnn[0]]
    for step in range(1, 12):
        now.set(step=step)
        left.insert(-1, now.shown.rnn[0])
    assert (np.divide(left[1:], left[:-1]) > 0.39).all()
    assert np.median(np.divide(left[1:], left[:-1])) > 0.5  # nearly half is taken
    assert np.median(np.divide(left[1:], left[:-1])) < 0.6
    for seed in range(20, 23):
        chain, _ = shares_of_one_seed(seed)
        assert chain[-1, 0] < 0.01


@claim("ChainExplorer", 2)
def of_animal_1_percent_is_left_and_one_line_leads_to_it(now, before):
    animal, it = SENTENCE.index("animal"), SENTENCE.index("it")
    assert now.shown.step - 1 == now.shown.asking == it
    assert it - animal == 7
    assert percent(now.shown.rnn[animal]) == "1 %"
    assert percent(now.shown.rnn[0]) == "0.8 %"
    assert now.shown.attention[animal] > 3 * now.shown.rnn[animal]
    segments = now.picture.lines.get_segments()
    assert len(segments) == 11
    ends = {round(segment[-1][0]) for segment in segments} | {round(s[0][0]) for s in segments}
    assert now.picture.x[animal] in ends


@claim("ChainExplorer", 3)
def the_first_result_takes_in_the_words_after_it(now, before):
    assert (now.shown.rnn[1:] == 0).all()
    assert (now.shown.attention[1:] > 0.01).all()
    for seed in (20, 21, 22):
        chain, attention = shares_of_one_seed(seed)
        assert (chain[0, 1:] == 0).all()
        assert (attention[0, 1:] > 0).all()


@claim("WaveExplorer", 0)
def the_line_cuts_the_waves_at_four_numbers(now, before):
    assert now.shown.vector.round(2).tolist() == [0.84, 0.54, 0.01, 1.00]
    heights = (now.picture.wave_y - now.picture.dots.get_ydata()) / now.picture.height
    assert heights.round(2).tolist() == [0.84, 0.54, 0.01, 1.00]
    lines = np.array(now.picture.readings.get_segments())  # (4, points, 2)
    np.testing.assert_allclose(lines[:, 0], np.transpose(now.picture.dots.get_data()))
    np.testing.assert_allclose(lines[:, -1, 1], now.picture.wave_y)  # the middles of the boxes
    assert [cells.get_text() for cells in now.picture.cells[-2:]] == ["0.84 1.54", "1.01 2.00"]


def turn(one, other):
    """Return by how many degrees the two hands turn from one vector to another: (2,)."""
    angles = [np.arctan2(*vector.reshape(2, 2).T) for vector in (one, other)]
    return np.rad2deg(angles[1] - angles[0]) % 360


@claim("WaveExplorer", 1)
def the_first_hand_turns_57_degrees_per_position(now, before):
    assert before.shown.position == 1
    assert now.shown.position == 4
    assert now.shown.word == before.shown.word == "Thinking"
    assert turn(now.shown.before, now.shown.vector).round(2).tolist() == [57.3, 0.57]
    assert np.allclose(100, np.divide(*turn(now.shown.before, now.shown.vector)))


@claim("WaveExplorer", 2)
def with_base_100_the_second_hand_is_10_times_slower_and_points_right(now, before):
    assert (now.shown.position, now.shown.base) == (18, 100)
    first, second = positional_encoding.frequencies(4, now.shown.base)[::2]
    assert np.isclose(first / second, 10)
    first, second = positional_encoding.frequencies(4, before.shown.base)[::2]
    assert np.isclose(first / second, 100)
    for explorer, points_right in ((now, True), (before, False)):
        _, ((x, y), (tip_x, tip_y)) = explorer.picture.hands.get_segments()
        assert (abs(tip_x - x) > 3 * abs(tip_y - y)) == points_right
        assert tip_x > x


@claim("WaveExplorer", 3)
def the_position_stays_whatever_the_word(now, before):
    assert (now.shown.word, before.shown.word) == ("Machines", "Thinking")
    assert now.picture.cells[0].get_text() == before.picture.cells[0].get_text()
    assert now.picture.cells[1].get_text() == before.picture.cells[1].get_text()
    assert now.picture.cells[4].get_text() != before.picture.cells[4].get_text()


@claim("OrderExplorer", 0)
def the_same_rows_in_another_order(now, before):
    for seed in (0, 3, 7):
        now.set(seed=seed)
        shown = now.shown
        assert not np.allclose(shown.shuffled, shown.written)
        np.testing.assert_allclose(shown.shuffled, shown.written[shown.order], atol=1e-12)


@claim("OrderExplorer", 1)
def with_positions_the_rows_are_other_ones(now, before):
    assert not before.shown.positions
    for seed in (0, 3, 7):
        now.set(seed=seed)
        assert now.shown.positions
        assert now.shown.moved.min() > 0.1


@claim("TwoPositionsExplorer", 0)
def each_hand_turns_by_its_own_angle(now, before):
    assert (now.shown.first, now.shown.second) == (3, 8)
    assert (np.diff(now.shown.turns) < 0).all()
    # The drawn way leads from the hand of a to the hand of b, and turns by that angle.
    hands = zip(now.hands_a.get_segments(), now.hands_b.get_segments(), strict=True)
    for turn, way, (a, b) in zip(
        now.shown.turns[now.shown.clocks], now.ways.get_segments(), hands, strict=True
    ):
        angle = np.unwrap(np.arctan2(*(np.array([a[1], *way, b[1]]) - a[0]).T))
        np.testing.assert_allclose(angle[[0, -1]], angle[[1, -2]], atol=1e-6)
        assert np.isclose(angle[-1] - angle[0], turn)


@claim("TwoPositionsExplorer", 1)
def the_dot_product_depends_on_the_distance_alone(now, before):
    assert now.shown.second - now.shown.first == before.shown.second - before.shown.first
    assert np.isclose(now.shown.dot, before.shown.dot)
    np.testing.assert_allclose(now.shown.turns, before.shown.turns)
    for first in (0, 11, 20):
        now.set(first=first, second=first + 5)
        assert np.isclose(now.shown.dot, before.shown.dot)


@claim("TwoPositionsExplorer", 2)
def with_four_columns_the_dot_product_comes_back_again_and_again(now, before):
    peaks = [d for d in range(1, 31) if now.shown.fit[d] > now.shown.fit[[d - 1, d + 1]].max()]
    assert peaks == [6, 13, 19, 25]
    assert now.shown.fit[peaks].min() > 0.94
    assert before.shown.fit[6:].max() < 0.85


@claim("OrderTasksExplorer", 0)
def reversing_ten_words_is_learnt(now, before):
    assert (now.shown.task, now.shown.positions, now.shown.seq_len) == ("reverse", True, 10)
    assert now.shown.by_place.min() > 0.98


@claim("OrderTasksExplorer", 1)
def on_eleven_words_hardly_an_answer_is_right(now, before):
    assert before.shown.by_place.mean() > 0.98
    assert (now.shown.by_place < 0.2).sum() == 10
    assert now.shown.by_place.mean() < now.shown.ceiling


@claim("OrderTasksExplorer", 2)
def on_twelve_words_the_last_one_alone_is_right(now, before):
    assert now.shown.by_place[-1] > 0.9
    assert (now.shown.by_place[:-1] < 0.2).all()


@claim("OrderTasksExplorer", 3)
def without_positions_nothing_gets_far_above_the_blind_guess(now, before):
    for task in experiments.TASKS:
        now.set(task=task)
        asked = now.shown.by_place[np.isfinite(now.shown.by_place)]
        assert not now.shown.positions
        assert asked.mean() < now.shown.ceiling + 0.05


@claim("RecallExplorer", 0)
def at_ten_words_all_three_name_the_first(now, before):
    assert now.shown.seq_len == 10
    assert all(accuracies[-1] > 0.95 for _, accuracies in now.shown.curves.values())
    assert all(max(line.get_xdata()) == 10 for line in now.ends.seeds.values())  # 40 is asked next


@claim("RecallExplorer", 1)
def at_forty_words_attention_alone_does(now, before):
    ends = {name: accuracies[-1] for name, (_, accuracies) in now.shown.curves.items()}
    assert ends.pop("attention") > 0.95
    assert max(ends.values()) < 0.25
