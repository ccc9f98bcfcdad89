"""The sheet of lesson 00: what is written adds up, and nothing is cut off or lies on another."""

from itertools import product

import numpy as np
import pytest

from helpers.drawing.live_text import Font, text_length
from helpers.drawing.self_attention import CELL, PRODUCT, K, V, shares_text
from helpers.explorers.self_attention import D_HEADS, FAMOUS, SelfAttentionExplorer, features

pytestmark = pytest.mark.usefixtures("quick_pictures")

SENTENCES = ("one", "Thinking Machines", "Machines Thinking look", FAMOUS)


@pytest.fixture(scope="module")
def explorer():
    return SelfAttentionExplorer()


def states():
    """Yield every state of the two words."""
    names = "query", "action", "thing", "d_head", "scale"
    for values in product((0, 1), (0, 1, 2), (0, 1, 2), D_HEADS, (True, False)):
        yield dict(zip(names, values, strict=True))


def written(text):
    return [float(part) for part in text.split()]


@pytest.mark.parametrize("seed", range(20))
def test_printed_weights_sum_to_1_and_are_near_the_true_ones(seed):
    rng = np.random.default_rng(seed)
    for count in range(1, 13):
        row = rng.dirichlet(np.full(count, rng.choice([0.05, 1, 20])))
        shown = [float(text) for text in shares_text(row)]
        assert round(sum(shown), 10) == 1
        assert np.abs(shown - row).max() < 0.01


def test_sums_hold_as_they_are_printed_and_lines_have_room_in_every_state(explorer):
    for state in states():
        explorer.set(**state)
        sheet, shown = explorer.picture, explorer.shown
        assert max(map(length, sheet.sums[:2])) < PRODUCT - 6 - (K + 2 * CELL)
        end = sheet.longer.get_position()[0] + length(sheet.longer, "normal")
        assert end < V - 8 - length(sheet.gets)
        shares = written(sheet.weights.get_text())
        assert round(sum(shares), 10) == 1
        z = written(sheet.z.get_text())
        for j in range(2):
            assert round(shares @ shown.v[:, j], 2) == z[j], state
        q, products = written(sheet.q.get_text()), written(sheet.products.get_text())
        for i, line in enumerate(sheet.sums[:2]):
            terms = line.get_text().removesuffix(" =").split(" + ")
            pairs = [[float(part) for part in term.split("·")] for term in terms]
            assert [a for a, _ in pairs] == q
            assert [b for _, b in pairs] == shown.k[i].tolist()
            assert sum(a * b for a, b in pairs) == products[i]
        parts = sheet.gets.get_text().removeprefix("gets").removesuffix("=").split("+")
        assert round(sum(float(a) * float(b) for a, b in (p.split("·") for p in parts)), 2) == z[0]
        root = np.sqrt(state["d_head"]) if state["scale"] else 1
        divided = written(sheet.divided.get_text())
        np.testing.assert_allclose(divided, np.array(products) / root, atol=0.005)


def length(line, weight="bold"):
    """Return a line's length in pixels of the page, as if all of it had this weight."""
    return text_length(line.get_text(), Font(line.get_fontsize(), weight))


@pytest.mark.parametrize("words", SENTENCES)
def test_each_number_stands_for_the_one_that_was_computed(words):
    explorer = SelfAttentionExplorer(words=words)
    for query in range(len(words.split())):
        explorer.set(query=query)
        sheet, shown = explorer.picture, explorer.shown
        np.testing.assert_array_equal(sheet.x.values, features(words.split()))
        np.testing.assert_array_equal(sheet.q.values[0], shown.q[query])
        np.testing.assert_array_equal(sheet.products.values[:, 0], shown.q[query] @ shown.k.T)
        np.testing.assert_array_equal(sheet.weights.values[:, 0], shown.weights[query])
        np.testing.assert_allclose(sheet.z.values[0], shown.weights[query] @ shown.v)
        assert sheet.asking.get_text() == words.split()[query]
        np.testing.assert_array_equal(sheet.k.values, shown.k)
        np.testing.assert_array_equal(sheet.v.values, shown.v)
        best = np.flatnonzero(sheet.weights.bold[:, 0])
        np.testing.assert_allclose(shown.weights[query][best], shown.weights[query].max())
        assert shown.weights[query].argmax() in best


@pytest.mark.parametrize("words", SENTENCES)
def test_rows_lie_within_the_picture_and_are_high_enough_for_their_numbers(words):
    sheet = SelfAttentionExplorer(words=words).picture
    left, top, width, height = sheet.v.box()
    assert top + height + 17 < 334
    assert left + width < 864
    assert sheet.row >= 1.25 * sheet.v.size  # points: the height of a digit and a margin


def test_all_features_are_0_1_or_2():
    x = features([f"word{i}" for i in range(200)])
    assert set(np.unique(x)) == {0, 1, 2}
    assert features(["Machines", "Thinking"], thing=1, action=0).tolist() == [
        [1, 0, 0, 2],
        [0, 0, 1, 1],
    ]
