"""The claims of the tours of lesson 00."""

import numpy as np

from tour_claims import claim

SEEDS = (0, 3, 7)


def row(explorer):
    """Return the weights of the query word, and what is written into their cells."""
    return explorer.shown.weights[explorer.values["query"]], explorer.picture.weights.get_text()


@claim("SelfAttentionExplorer", 0)
def thinking_asks_for_a_thing_and_machines_is_one(now, before):
    thinking, machines = now.shown.x
    assert (thinking[1], machines[0]) == (1, 2)  # action, thing
    assert now.shown.q[0].tolist() == [2, 1]
    assert now.shown.products[0].tolist() == [1, 4]
    assert row(now)[1] == "0.11 0.89"
    texts = [line.get_text() for line in now.picture.sums[:2]]
    assert texts == ["2·0 + 1·1 =", "2·2 + 1·0 ="]
    assert now.picture.gets.get_text() == "gets   0.11·1 + 0.89·2 ="


@claim("SelfAttentionExplorer", 1)
def thinking_gets_more_when_machines_is_no_thing(now, before):
    assert now.shown.x[1, 0] == 0
    assert now.shown.products[0].tolist() == [1, 0]
    assert row(now)[1] == "0.67 0.33"
    assert before.picture.products.get_text() == "? ?"
    assert not before.picture.weights.get_text().strip()
    assert "0.67" not in before.picture.gets.get_text()


@claim("SelfAttentionExplorer", 2)
def the_division_undoes_what_the_width_does(now, before):
    assert now.shown.products[0].tolist() == [4, 8]
    assert row(now)[1] == "0.33 0.67"
    now.set(d_head=2)
    assert now.shown.products[0].tolist() == [1, 2]
    for d_head in (2, 8, 32, 128):
        now.set(d_head=d_head)
        assert row(now)[1] == "0.33 0.67"


@claim("SelfAttentionExplorer", 3)
def undivided_the_larger_weight_grows_with_every_notch(now, before):
    assert row(now)[1] == "0.02 0.98"
    assert now.shown.scores[0].tolist() == [4, 8]
    assert round(np.exp(8 - 4)) == 55
    assert before.picture.divided.get_text().strip() == ""
    found = []
    for d_head in (2, 8, 32, 128):
        now.set(d_head=d_head)
        found.append(row(now)[0][1])
    assert (np.diff(found) > 0).all()
    now.set(d_head=2, scale=True)
    assert np.round(now.shown.scores[0], 2).tolist() == [0.71, 1.41]


def largest(explorer):
    """Return the largest weight, averaged over all queries."""
    return explorer.shown.weights.max(axis=1).mean()


@claim("RandomAttentionExplorer", 0)
def divided_the_largest_weight_is_half(now, before):
    assert round(largest(now), 2) == 0.56
    assert "largest weight 0.56" in now.sentence
    assert now.mean.get_text().endswith("0.56")


@claim("RandomAttentionExplorer", 1)
def undivided_one_key_takes_nearly_all(now, before):
    assert round(largest(now), 2) == 0.97
    assert now.mean.get_text().endswith("0.97")
    assert "0.97" not in before.sentence
    for seed in SEEDS:
        now.set(seed=seed, scale=False)
        undivided = largest(now)
        now.set(scale=True)
        assert undivided > 0.75 > 0.7 > largest(now)


@claim("RandomAttentionExplorer", 2)
def a_word_sees_itself_and_those_before(now, before):
    for seed in SEEDS:
        now.set(seed=seed)
        assert now.shown.weights[0].tolist() == [1, 0, 0, 0, 0, 0]
        assert not np.triu(now.shown.weights, 1).any()
        assert (np.tril(now.shown.weights) > 0).sum() == 21
