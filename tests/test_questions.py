"""The questions of every lesson, and the guess before an explorer: texts, answers, display."""

import json
import re

import pytest
from lesson_minutes import CORE, ROOT, prose, stated

from helpers.explorers.numbers import read_number
from helpers.explorers.questions import Questions, ask, load

pytestmark = pytest.mark.usefixtures("let_go")
WRITTEN = {path.stem for path in (ROOT / "helpers" / "data" / "questions").iterdir()}
NOTEBOOKS = {path.stem[3:]: path for path in CORE}
LESSONS = [lesson for lesson in NOTEBOOKS if lesson in WRITTEN]
every_lesson = pytest.mark.parametrize("lesson", LESSONS)


# the texts


@every_lesson
def test_five_questions_whose_choices_have_reasons_and_one_is_right(lesson):
    assert len(load(lesson)["questions"]) == 5
    for question in load(lesson)["questions"]:
        assert question["question"]
        parts = [*question.get("choices", []), *question.get("mistakes", []), question]
        for text in (part["why"] for part in parts if "why" in part):
            assert not text.startswith(("Right", "Not so", "Wrong")), "the card writes the verdict"
        if "choices" in question:
            assert set(question) == {"question", "choices"}
            assert len(question["choices"]) >= 3
            assert [choice.get("right") for choice in question["choices"]].count(True) == 1
            reasons = [choice["why"] for choice in question["choices"]]
            labels = [choice["says"] for choice in question["choices"]]
            assert all(reasons)
            assert len(set(reasons)) == len(set(labels)) == len(labels)
        else:
            keys = {"question", "number", "within", "why", "mistakes", "otherwise"}
            assert set(question) == keys
            numbers = [question["number"], *(m["number"] for m in question["mistakes"])]
            assert len(question["mistakes"]) >= 2
            assert all(m["why"] for m in question["mistakes"])
            for i, one in enumerate(numbers):
                for other in numbers[:i]:
                    assert abs(one - other) > 2 * question["within"]


def test_the_right_choice_is_not_always_in_the_same_place():
    places = [
        [choice.get("right") for choice in question["choices"]].index(True)
        for lesson in LESSONS
        for question in load(lesson)["questions"]
        if "choices" in question
    ]
    assert max(places.count(place) for place in set(places)) < 0.7 * len(places)


@every_lesson
def test_the_file_is_easy_to_translate(lesson):
    """Readable letters, not escapes; a translation is this file again, in other words."""
    path = ROOT / "helpers" / "data" / "questions" / f"{lesson}.json"
    text = path.read_text(encoding="utf-8")
    assert "\\u" not in text
    assert json.loads(text) == load(lesson)


def test_every_step_of_the_block_has_its_questions_and_no_file_lies_about():
    assert LESSONS[:7] == list(NOTEBOOKS)[:7]
    assert set(LESSONS) == WRITTEN


# answering


@every_lesson
def test_every_answer_gets_its_own_words(lesson):
    for card in Questions(lesson).cards:
        data, heard = card.data, []
        assert 'role="status"' in card._status.value
        assert "choices" in data or card.field.description
        if "choices" in data:
            for i, choice in enumerate(data["choices"]):
                card.answer(i)
                assert choice["says"] in card.said
                assert choice["why"] in card.said
                assert ("Right:" in card.said) == choice.get("right", False)
                assert ("Not so:" in card.said) != choice.get("right", False)
                heard.append(card.said)
        else:
            card.answer(data["number"])
            assert f"Right: {data['why']}" in card.said
            for mistake in data["mistakes"]:
                card.answer(mistake["number"])
                assert f"Not so: {mistake['why']}" in card.said
                heard.append(card.said)
            card.answer(-123456)
            assert f"Not so: {data['otherwise']}" in card.said
        assert len(set(heard)) == len(heard)


def test_no_answer_and_nonsense_are_answered_calmly():
    choices, _, number, *_ = Questions("self_attention").cards
    for card in (choices, number):
        card.check.click()
        assert card.said == "Give an answer first."
    number.answer("<script>alert(1)</script>")
    assert "is no number" in number.said
    assert "<script>" not in number._status.value
    assert "&lt;script&gt;" in number._status.value


def test_a_decimal_comma_is_read_where_the_answer_is_near():
    lesson, place = next(
        (lesson, i)
        for lesson in LESSONS
        for i, question in enumerate(load(lesson)["questions"])
        if 2 < question.get("number", 0) < 2.1
    )
    card = Questions(lesson).cards[place]
    card.answer("2,079")
    assert "Right:" in card.said
    card.answer("30,123")
    assert "write 30.123 or 30123" in card.said


# what is shown


@every_lesson
def test_whoever_does_not_run_the_notebook_reads_the_questions_and_no_answer(lesson):
    text = ask(lesson)._repr_mimebundle_()["text/plain"]
    for question in load(lesson)["questions"]:
        assert question["question"] in text
        for choice in question.get("choices", []):
            assert choice["says"] in text
            assert choice["why"] not in text


def test_a_verdict_has_its_sign_and_its_colour():
    card = Questions("self_attention").cards[0]
    right = next(i for i, c in enumerate(card.data["choices"]) if c.get("right"))
    card.answer(right)
    assert "✓ Right: " in card.said
    assert 'class="course-right"' in card._status.value
    card.answer(1 - min(right, 1))
    assert "✗ Not so: " in card.said
    assert 'class="course-wrong"' in card._status.value


# the teacher's page


def section_of(lesson):
    text = (ROOT / "notebooks" / "TEACHING.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    number = NOTEBOOKS[lesson].stem[:2]
    return next(" ".join(s.split()) for s in sections if s.startswith(number))


@every_lesson
def test_the_teachers_page_has_everything_and_the_right_answers(lesson):
    section, data = section_of(lesson), load(lesson)
    assert re.search(r"\*\*(The whole lesson in f|F)ive minutes\.\*\*", section)
    for part in ("Minutes.", "Ask.", "Expect.", "Answers."):
        assert f"**{part}**" in section
    questions = section.split("Questions: ")[1].rstrip(".").split(" · ")
    for answer, question in zip(questions, data["questions"], strict=True):
        if "choices" in question:
            right = next(c["says"] for c in question["choices"] if c.get("right"))
            assert answer == f"*{right}*"
        else:
            assert abs(read_number(answer.strip("*")) - question["number"]) <= question["within"]


@every_lesson
def test_minutes_agree_everywhere(lesson):
    text = prose(NOTEBOOKS[lesson])
    exercises = re.search(r"About (\d+) minutes more", text)[1]
    each = re.findall(r"\*\*[^*]+\*\* \((?:\w+, )?(\d+) minutes\)", text)
    assert sum(map(int, each)) == int(exercises)
    assert f"Lesson {stated(NOTEBOOKS[lesson])}, exercises {exercises}." in section_of(lesson)


def test_the_machine_for_a_class_is_computed_from_one_student():
    page = (ROOT / "notebooks" / "TEACHING.md").read_text(encoding="utf-8")
    said = page.split("## For a whole class")[1]
    figures = (
        r"server of (\d+) MiB",
        r"kernel of at most (\d+) MiB",
        r"itself holds (\d+) MiB",
        r"lesson takes (\d+) s",
        r"longer than (\d+) s",
    )
    server, kernel, hub, lesson, wait = (int(re.search(figure, said)[1]) for figure in figures)
    assert f"students × ({server} + {kernel}) MiB + {hub} MiB" in said
    assert f"students × {lesson} s / {wait} s" in said
    rows = re.findall(r"^\| (\d+) \| ([\d.]+) GiB \| (\d+) \|$", said, flags=re.MULTILINE)
    assert [int(students) for students, _, _ in rows] == [30, 100, 1000]
    for students, memory, cores in rows:
        assert memory == f"{(int(students) * (server + kernel) + hub) / 1024:.1f}"
        assert int(cores) == int(students) * lesson / wait
    assert f"memory: {{guarantee: {server + kernel}M" in said
    assert f"cpu: {{guarantee: {lesson / wait:g}}}" in said
