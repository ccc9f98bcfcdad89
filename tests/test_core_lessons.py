"""The limits of a core lesson, and the language of all lessons: short sentences, terms in order.

A class has 35 minutes and reads in a second language. So a core lesson is short, its sentences
are short, and a term is bold and explained where it is first used.
"""

import math
import re

import pytest
from lesson_minutes import CORE, DEEPER, before_exercises, cells, code_lines, minutes, stated

every_core = pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
every_lesson = pytest.mark.parametrize(
    "path", CORE + DEEPER, ids=lambda path: f"{path.parent.name}-{path.stem}"
)

MAX_WORDS, MAX_CODE_LINES, MAX_CELLS, MAX_ASSERTS, MAX_EXPLORERS = 1300, 90, 45, 8, 2
MAX_CELL_LINES = 8
MAX_SENTENCE_WORDS = 25

# The lesson that explains each term. No earlier core lesson uses it, and its own first use is bold.
TERMS = {
    "00": ["embedding", "query", "key", "value", "score", "softmax", "weights", "mask", "d_head"],
    "01": ["head", "filter", "concat", "W_o", "d_model", "n_heads"],
    "02": ["skip connection", "gradient", "loss", "layer", "probe"],
    "03": ["layer norm", "variance", "learning rate", "pre-norm", "post-norm", "Add & Norm"],
    "04": ["feed-forward", "ReLU", "hidden unit", "d_ff", "bias"],
    "05": ["RNN", "long-term dependency", "equivariant", "positional encoding", "wave"],
    "06": ["encoder block", "ablation"],
    "07": ["pronoun"],
}


def plain(markdown):
    """Return the text of a markdown cell without its marks, formulas and code as one word each."""
    text = re.sub(r"<!--.*?-->|<[^>]+>", " ", markdown, flags=re.S)
    text = re.sub(r"```.*?```|\$\$.*?\$\$", "", text, flags=re.S)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)  # links
    text = re.sub(r"`[^`]*`|\$[^$]*\$", "code", text)
    return re.sub(r"[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![\w])", "", text)


def sentences(markdown):
    """Return the sentences of a markdown cell; headings, list items and table rows end one."""
    found, paragraph = [], []
    for line in [*plain(markdown).splitlines(), ""]:
        line = line.strip()
        if re.match(r"#|\||$", line) or re.match(r"([-+]|\d+\.)\s", line):
            found += re.split(r"(?<=[.!?])[\"”’)]*\s+", " ".join(paragraph))
            paragraph = [] if re.match(r"#|\||$", line) else [re.sub(r"^\S+\s", "", line)]
        else:
            paragraph.append(line)
    return [sentence for sentence in found if sentence]


@every_core
def test_core_lesson_keeps_its_limits(path):
    core = before_exercises(path)
    code = [cell for cell in core if cell.cell_type == "code"]
    lines = [line for cell in code for line in code_lines(cell)]
    words = sum(len(cell.source.split()) for cell in core if cell.cell_type == "markdown")
    asserts = sum(line.lstrip().startswith("assert") for line in lines)
    explorers = sum(len(re.findall(r"Explorer\(", cell.source)) for cell in code)
    assert words <= MAX_WORDS
    assert len(lines) <= MAX_CODE_LINES
    assert len(core) <= MAX_CELLS
    assert asserts <= MAX_ASSERTS
    assert explorers <= MAX_EXPLORERS
    assert max(len(code_lines(cell)) for cell in code) <= MAX_CELL_LINES


@every_core
def test_stated_minutes_are_the_measured_ones(path):
    assert stated(path) == 5 * math.ceil(minutes(path) / 5) <= 45


@every_core
def test_core_lesson_leaves_seeds_and_margins_to_the_deeper_one(path):
    """Only one line says in how many seeds the lesson's claim holds, and points to the table."""
    text = "\n".join(c.source for c in before_exercises(path) if c.cell_type == "markdown")
    assert len(re.findall(r"\d+ of \d+ seeds", text)) <= 2
    assert not re.search(r"margin|the assert asks|five seeds", text)


@every_lesson
def test_cells_have_15_lines_at_most(path):
    assert max(len(code_lines(cell)) for cell in cells(path, "code")) <= 15


@every_lesson
def test_sentences_are_short(path):
    long = [
        f"{len(sentence.split())} words: {sentence}"
        for cell in cells(path, "markdown")
        for sentence in sentences(cell.source)
        if len(sentence.split()) > MAX_SENTENCE_WORDS
    ]
    assert not long, "\n".join(long)


NUMBER = r"(?:one|two|three|four|five|six|seven|eight|\d+)"
THING = r"(?:word|head|row|column|token|layer|block|seed|step|position|dimension|feature"
THING += r"|sentence|pair|answer|run|query|key|unit|question|lesson|score)"
PER = rf"\b{NUMBER} (?:\w+ )?\w+ an? {THING}\b|\b(?:once|twice|times|numbers) an? {THING}\b"


@every_lesson
def test_per_is_written_per(path):
    for cell in cells(path, "markdown"):
        found = re.search(PER, plain(cell.source))
        assert not found or found[0].split()[1] in ("in", "of", "is", "for", "as"), found[0]


def uses(term):
    """Return the pattern of a term in prose, alone or in the plural."""
    return rf"(?<![\w-]){re.escape(term)}(?:s|es)?(?![\w])"


def prose(path):
    """Return a lesson's prose as (cell number, text); headings, goals and links may look ahead."""
    for number, cell in enumerate(cells(path)):
        if cell.cell_type != "markdown":
            continue
        text = re.sub(r"^#.*$", "", cell.source, flags=re.M)
        text = re.sub(r"\*\*Goals.*?(?=\n\*\*|\Z)", "", text, flags=re.S)
        yield number, re.sub(r"\[[^\]]*\]\([^)]*\)|`[^`]*`|\$\$?[^$]*\$\$?", "", text)


@every_core
def test_terms_are_bold_where_they_are_explained_and_not_used_before(path):
    lesson, problems = path.stem[:2], []
    for owner, terms in TERMS.items():
        for term in terms:
            first = next(
                ((n, m, t) for n, t in prose(path) for m in [re.search(uses(term), t, re.I)] if m),
                None,
            )
            if first is None or owner < lesson:
                continue
            number, match, text = first
            around = text[: match.start()].count("**") % 2
            if owner > lesson:
                problems.append(f"cell {number} says {term!r}; lesson {owner} explains it")
            elif not around:
                problems.append(f"cell {number} says {term!r} first, and not in bold")
    assert not problems, "\n".join(problems)


def test_sentences_are_told_apart():
    text = "# Head\nOne two 0.5 of it. Three!\n\n- an item\n- and **another** one\n\n$$a. b$$\n"
    text += "Last [a b](c.d)"
    expected = ["One two 0.5 of it.", "Three!", "an item", "and another one", "Last a b"]
    assert sentences(text) == expected
