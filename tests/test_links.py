"""Every link and every picture of the pages and of the lessons leads somewhere."""

import re
from urllib.parse import unquote

import pytest
from lesson_minutes import CORE, DEEPER, ROOT, prose

PAGES = [*ROOT.glob("*.md"), *(ROOT / "notebooks").rglob("*.md")]
NOTEBOOKS = CORE + DEEPER


def text_of(path):
    return prose(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")


def targets(text):
    """Return what links and pictures point to; code is no link."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    found = re.findall(r"\]\(\s*<?([^)\s>]+)", text)
    return found + re.findall(r"\b(?:src|href)=[\"']([^\"']+)", text)


def anchors(path):
    """Return the names that GitHub and JupyterLab give to a page's headings."""
    headings = re.findall(r"^#+ +(.+?) *$", text_of(path), re.MULTILINE)
    github = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return github | {heading.replace(" ", "-") for heading in headings}


def broken(text, path):
    """Return the targets in a page's text that are not there."""
    lost = []
    for target in targets(text):
        if re.match(r"[a-z]+:", target):
            if not re.fullmatch(r"https://[\w.-]+\.[a-z]+(/\S*)?", target):
                lost.append(target)
            continue
        file, _, anchor = unquote(target).partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or not there.is_relative_to(ROOT):
            lost.append(target)
        elif anchor and there.suffix in (".md", ".ipynb") and anchor not in anchors(there):
            lost.append(target)
    return lost


def test_the_pages_and_the_lessons_are_found():
    assert {"README.md", "CONTRIBUTING.md", "TEACHING.md"} <= {path.name for path in PAGES}
    assert len(NOTEBOOKS) >= 8


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_leads_somewhere(path):
    assert broken(text_of(path), path) == []


@pytest.mark.parametrize(
    "text",
    ["[a](lost.md)", "![a](.github/lost.png)", "[a](#lost)", "[a](README.md#lost)", "[a](/etc)"],
)
def test_a_lost_target_is_found(text):
    assert broken(text, ROOT / "README.md")


def test_what_leads_somewhere_and_what_is_code_passes():
    text = "[a](LICENSE) [b](README.md#open-it) [c](https://doi.org/10.1/2) `x[0](y)`"
    assert broken(text, ROOT / "README.md") == []
