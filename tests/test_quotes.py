"""Numbers over seeds that a text quotes are those of the table, and none stands there unread."""

import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from lesson_minutes import CORE, DEEPER, ROOT, cells

from helpers.learning import evidence

NOTEBOOKS = ROOT / "notebooks"
MEASURED = re.compile(
    r"\d+\.\d+|\d·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|\d+ %|\b(?:in|for) (?:all )?\d+ of \d+\b|\d+ of \d+ seeds"
)
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Number(float):
    """A number that can also be written as a power of ten, by the format "power"."""

    def __format__(self, spec):
        if spec != "power":
            return super().__format__(spec)
        exponent = math.floor(math.log10(abs(self)))
        lead = round(self / 10**exponent)
        if lead == 10:
            lead, exponent = 1, exponent + 1
        return f"{lead}·10{str(exponent).translate(SUPERSCRIPTS)}"


class Quote(NamedTuple):
    text: str  # the notebook, such as "deeper/02_skip_connections"
    sentence: str
    fields: dict  # name -> "run | number" of the table, or a sentence of CLAIMS

    def written(self):
        """Return the sentence with the table's numbers in it."""
        return self.sentence.format(**{name: self.find(at) for name, at in self.fields.items()})

    def find(self, place):
        lesson, (run, *number) = self.text.rpartition("/")[2][3:], place.split(" | ")
        if not number:
            return evidence.claims(lesson)[run]
        found = evidence.measured(lesson)[run][number[0]]
        kept = {name: Number(getattr(found, name)) for name in ("mean", "lowest", "highest")}
        return SimpleNamespace(seeds=found.seeds, **kept)


def read(text):
    """Return the quotes of a text in the form of quotes.txt, and the phrases {notebook: [...]}."""
    quotes, phrases = [], {}
    for line in text[text.index("\n# ") :].splitlines():
        if line.startswith("# "):
            name = line[2:]
            phrases[name] = []
        elif line.startswith("- "):
            phrases[name].append(line[2:])
        elif line.startswith("  "):
            field, place = line.strip().split(" = ", 1)
            quotes[-1].fields[field] = place
        elif line:
            quotes.append(Quote(name, line, {}))
    return quotes, phrases


QUOTES, NOT_MEASURED = read(Path(__file__).with_name("quotes.txt").read_text(encoding="utf-8"))
every_quote = pytest.mark.parametrize(
    "quote", QUOTES, ids=lambda quote: f"{quote.text}: {quote.sentence[:60]}"
)


def name_of(path):
    """Return how a notebook is called in quotes.txt, such as "deeper/02_skip_connections"."""
    return path.relative_to(NOTEBOOKS).with_suffix("").as_posix()


def markdown(path):
    """Return the text of each markdown cell, in one line each."""
    return [" ".join(cell.source.split()) for cell in cells(path, "markdown")]


def unread(text, phrases):
    """Return the numbers of a cell about seeds that stand in none of the phrases."""
    if not re.search(r"\bseeds?\b", text):
        return []
    for phrase in phrases:
        text = text.replace(phrase, " ")
    return [found[0] for found in MEASURED.finditer(text)]


@every_quote
def test_a_quoted_sentence_has_the_numbers_of_the_table(quote):
    text = " ".join(markdown(NOTEBOOKS / f"{quote.text}.ipynb"))
    assert quote.written() in text


@pytest.mark.parametrize("path", CORE + DEEPER, ids=name_of)
def test_every_number_over_seeds_is_read_from_the_table(path):
    name = name_of(path)
    phrases = [quote.written() for quote in QUOTES if quote.text == name]
    phrases += NOT_MEASURED.get(name, [])
    left = {text[:60]: unread(text, phrases) for text in markdown(path)}
    assert not any(left.values()), {text: numbers for text, numbers in left.items() if numbers}


@pytest.mark.parametrize("name", NOT_MEASURED)
def test_what_is_not_measured_is_there(name):
    text = " ".join(markdown(NOTEBOOKS / f"{name}.ipynb"))
    assert [phrase for phrase in NOT_MEASURED[name] if phrase not in text] == []


@every_quote
def test_no_number_of_a_quote_is_typed_by_hand(quote):
    assert typed(quote, NOT_MEASURED.get(quote.text, [])) == []


def typed(quote, phrases):
    """Return the numbers of a quote that do not come from the table."""
    outside = re.sub(r"\{[^{}]*\}", " ", quote.sentence)
    return unread(f"seeds: {outside}", phrases)


WAVES = """What is written before the first notebook is not read.

# deeper/02_waves
- a rate of 0.01
From {a.lowest:.2f} to {a.highest:.0f} over {b.seeds} seeds; in {c}.
  a = high | accuracy
  b = high | size
  c = it learns
At a rate of 0.01 it reaches 0.95 to {a.highest:.2f}.
  a = high | accuracy
"""


def test_a_typed_number_is_found():
    (_, quote), phrases = read(WAVES)
    assert typed(quote, phrases["deeper/02_waves"]) == ["0.95"]


def test_a_quote_is_written_from_the_table(monkeypatch):
    number = SimpleNamespace(mean=0.5, lowest=0.25, highest=1.0, seeds=20)
    table = {"waves": {"high": {"accuracy": number, "size": number}}}
    monkeypatch.setattr(evidence, "measured", table.__getitem__)
    monkeypatch.setattr(evidence, "claims", lambda name: {"it learns": f"19 of 20 ({name})"})
    (quote, _), _ = read(WAVES)
    assert quote.written() == "From 0.25 to 1 over 20 seeds; in 19 of 20 (waves)."


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3e-6, "3·10⁻⁶"), (4.2e13, "4·10¹³"), (9.96e3, "1·10⁴"), (1.0, "1·10⁰")],
)
def test_powers_of_ten_are_written_as_in_the_text(value, expected):
    assert f"{Number(value):power}" == expected
    assert f"{Number(value):.1f}" == f"{value:.1f}"


@pytest.mark.parametrize(
    ("text", "phrases", "left"),
    [
        ("It reaches 0.95 at once.", [], []),
        ("Over twenty seeds it reaches 0.95.", [], ["0.95"]),
        ("Over twenty seeds it reaches 0.95. It holds in 22 of 27.", [], ["0.95", "in 22 of 27"]),
        ("Over twenty seeds it reaches 0.95.", ["it reaches 0.95"], []),
        ("Over twenty seeds it reaches 0.95.", ["it reaches 0.96"], ["0.95"]),
        ("In twenty seeds, 45 to 56 % are off.", [], ["56 %"]),
        ("The lowest of twenty seeds is 3·10⁻⁶.", [], ["3·10⁻⁶"]),
        ("A rate of 0.01, for 19 of 20 seeds.", ["A rate of 0.01"], ["for 19 of 20"]),
    ],
)
def test_numbers_that_no_entry_covers_are_found(text, phrases, left):
    assert unread(text, phrases) == left
