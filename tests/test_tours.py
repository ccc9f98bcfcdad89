"""The tours of all explorers: their texts fit, their answers are held back, their claims hold."""

import ipywidgets as widgets
import pytest
import tour_claims
from every_explorer import EXPLORERS

from helpers.explorers import explorer as base
from helpers.explorers.explorer import Explorer
from helpers.explorers.questions import load_tour

STOPS = [(kind, i) for kind in EXPLORERS for i in range(len(load_tour(kind)))]
every_stop = pytest.mark.parametrize(
    ("kind", "i"), STOPS, ids=[f"{kind.__name__}-{i}" for kind, i in STOPS], scope="module"
)


@pytest.fixture(scope="module")
def two(kind, quick_pictures):
    """Two explorers of a class, for all tests of its tour: one at a stop, and one before it."""
    yield kind(), kind()
    widgets.Widget.close_all()


def at(explorer, i, asking=False):
    """Bring an explorer to a stop: as it asks, or with its answer shown; return it."""
    if getattr(explorer, "stands", None) != (i, asking, explorer.png):  # it was moved meanwhile
        explorer.reset()
        explorer.tour.go(i)
        if explorer.tour.waiting and not asking:
            explorer.tour.next()
        explorer.stands = i, asking, explorer.png
    return explorer


def is_pale(explorer):
    return "course-pale" in explorer._bar._told._dom_classes


# what is written


@pytest.mark.parametrize("kind", EXPLORERS)
def test_every_explorer_has_a_tour_of_two_to_four_stops(kind):
    assert 2 <= len(load_tour(kind)) <= 4


@every_stop
def test_a_stop_fits_into_the_bar(kind, i):
    stop = load_tour(kind)[i]
    assert set(stop) <= {"text", "ask", "choices", "state", "before"}
    assert ("text" in stop) != ("ask" in stop)
    assert ("choices" in stop) == ("ask" in stop)
    if "text" in stop:
        assert len(stop["text"]) <= 110
        assert "before" not in stop
        return
    assert len(stop["ask"]) <= 45
    assert stop["ask"].endswith("?")
    says = [choice["says"] for choice in stop["choices"]]
    assert len(set(says)) == len(says) == 3
    assert len("".join(says)) <= 45
    assert [bool(choice.get("right")) for choice in stop["choices"]].count(True) == 1
    for choice in stop["choices"]:
        assert len(choice["why"]) <= 90
        assert not choice["why"].endswith("."), "it follows a word: because"


# what is shown


@every_stop
def test_the_controls_stand_where_the_text_says_and_the_picture_changes_or_asks(two, i):
    explorer = at(two[0], i)
    assert explorer.values == explorer.tour.stops[i].state == explorer.tour.expected
    assert f"{i + 1}/{len(explorer.tour.stops)}" in explorer._bar._place.value
    assert not is_pale(explorer)
    if i and not explorer.tour.stops[i].choices:
        assert explorer.png != at(two[1], i - 1).png


@every_stop
def test_an_answer_is_held_back_in_picture_and_sentence(two, i):
    choices = two[0].tour.stops[i].choices
    if not choices:
        return
    asks, answers = at(two[0], i, asking=True), at(two[1], i)
    assert asks.tour.waiting
    assert not answers.tour.waiting
    assert asks.sentence != answers.sentence
    assert asks.png != answers.png
    for j in range(len(choices)):
        asks.tour.go(i)
        asks.tour.guess(j)
        assert asks.sentence == answers.sentence
        assert asks.png == answers.png
        assert len(asks.tour.text) <= 170, "two lines in the bar"


@every_stop
def test_a_claim_is_proved(kind, two, i):
    claims = tour_claims.load()
    assert (kind.__name__, i) in claims, "a stop without a claim in tests/tour_claims"
    asks = "ask" in load_tour(kind)[i]
    before = at(two[1], i, asking=True) if asks else at(two[1], i - 1) if i else None
    claims[kind.__name__, i](at(two[0], i), before)


def test_every_claim_has_its_stop():
    assert set(tour_claims.load()) == {(kind.__name__, i) for kind, i in STOPS}


# how a tour is walked

COUNT = [
    {"text": "It counts to 3.", "state": {"count": 3}},
    {
        "ask": "How far now?",
        "before": {"count": 1},
        "state": {"count": 5},
        "choices": [
            {"says": "to 5", "why": "it says so", "right": True},
            {"says": "to <4>", "why": "one comes after 4"},
            {"says": "nowhere", "why": "it always counts"},
        ],
    },
    {"text": "The word can change too.", "state": {"word": "b"}},
]


class Count(Explorer):
    size = (200, 50)
    blank = None  # whether the picture was drawn without its answer

    def make_controls(self):
        return {
            "word": base.text_field("Word", "a"),
            "count": base.int_slider("Count", 2, 1, 9),
        }

    def build(self, figure):
        self.ax = figure.add_axes((0, 0, 1, 1))
        (self.line,) = self.ax.plot([], [])

    def compute(self, word, count):
        if not word:
            raise ValueError("there is no word")
        return {"line": word * count}

    def draw(self, result):
        self.blank = self.held
        self.line.set_data([0, 0 if self.held else len(result.line)], [0, 0])
        return [self.line]

    def describe(self, result):
        return f"{result.line}: {len(result.line)} letters."


class Holding(Count):
    holds = True


@pytest.fixture
def tours(monkeypatch, let_go):
    """The stops by class name; what is not there has no tour."""
    found = {"Count": COUNT}
    monkeypatch.setattr(base, "load_tour", lambda kind: found.get(kind.__name__, []))
    return found


def test_it_opens_at_the_first_stop_and_reset_goes_back_there(tours):
    count = Count()
    assert count.values == {"word": "a", "count": 3}
    assert count.tour.text == "It counts to 3."
    count.tour.next()
    count.set(count=9)
    count.reset()
    assert (count.tour.at, count.values) == (0, {"word": "a", "count": 3})


def test_start_values_override_the_first_stop_and_its_text_is_pale(tours):
    count = Count(count=7)
    assert count.values["count"] == 7
    assert is_pale(count)
    count.controls["count"].value = 3
    assert not is_pale(count), "one is where the text says"
    count.controls["count"].value = 4
    assert is_pale(count)
    count.tour.next()
    count.reset()
    assert count.values["count"] == 7


def test_a_stop_that_asks_waits_for_a_guess(tours):
    count = Count()
    count.tour.next()
    assert count.values["count"] == 1
    assert count.tour.text == "How far now?"
    shown = [b.description for b in count._bar._choices if b.layout.display is None]
    assert shown == ["to 5", "to <4>", "nowhere"]
    count._bar._choices[1].click()
    assert count.values["count"] == 5
    assert count.tour.text == "you: to <4> ✗ · it is: to 5, because one comes after 4"
    assert "to &lt;4&gt;" in count._bar._told.value
    assert all(b.layout.display == "none" for b in count._bar._choices)
    count.tour.back()
    count.tour.go(1)
    count.tour.guess(0)
    assert count.tour.text == "you: to 5 ✓ because it says so"
    with pytest.raises(ValueError, match="there is no choice 3"):
        count.tour.guess(3)


def test_a_second_press_shows_the_answer_and_a_third_goes_on(tours):
    count = Count()
    for _ in range(2):
        count._bar._next.click()
    assert count.values["count"] == 5
    assert count.tour.text == "it is: to 5, because it says so"
    count._bar._next.click()
    assert count.values == {"word": "b", "count": 5}, "what no stop names stays"
    count._bar._next.click()
    assert count.tour.at == 2, "after the last stop there is none"
    count._bar._back.click()
    assert count.tour.text == "How far now?"


def test_without_before_the_stop_before_stays_or_the_picture_lacks_its_answer(tours):
    asks = {k: v for k, v in COUNT[1].items() if k != "before"}
    tours["Count"] = tours["Holding"] = [COUNT[0], asks]
    count = Count()
    count.tour.next()
    assert count.values["count"] == 3
    assert not count.blank
    count = Holding()
    count.tour.next()
    assert count.values["count"] == 5
    assert count.blank
    assert count.sentence == count._page.sentence == "How far now?"
    blank = count.png
    count.controls["count"].value = 4  # free play: what it shows now answers nothing
    assert not count.blank
    assert is_pale(count)
    count.controls["count"].value = 5
    assert count.blank
    assert count.png == blank
    count.tour.guess(0)
    assert not count.blank
    assert count.sentence == "aaaaa: 5 letters."


def test_an_error_takes_the_place_of_the_text_and_goes_with_it(tours):
    count = Count()
    count.tour.next()
    with pytest.raises(ValueError, match="there is no word"):
        count.controls["word"].value = ""
    assert count.error.startswith("there is no word")
    assert count._bar._told.layout.display == "none"
    assert all(b.layout.display == "none" for b in count._bar._choices)
    count.controls["word"].value = "a"
    assert count.error == ""
    assert count._bar._told.layout.display is None
    assert count._bar._choices[0].layout.display is None


def test_plain_text_tells_every_stop_with_its_sentence(tours):
    count = Count()
    assert count._repr_mimebundle_()[0]["text/plain"] == (
        "1/3 It counts to 3. → aaa: 3 letters.\n"
        "2/3 How far now? (to 5 · to <4> · nowhere) It is: to 5, because it says so. "
        "→ aaaaa: 5 letters.\n"
        "3/3 The word can change too. → bbbbb: 5 letters."
    )


def test_an_explorer_without_a_tour_says_what_to_do(tours):
    tours.clear()
    count = Count()
    assert "Move a control" in count._bar._told.value
    count.controls["count"].value = 4
    assert not is_pale(count)
    assert count._repr_mimebundle_()[0]["text/plain"] == count.sentence
