"""Write the lessons as slides or as pages, readable without Jupyter and without a network.

    python tests/export.py slides folder   a deck per core lesson: the way of its five minutes
    python tests/export.py pages folder    an HTML page per lesson, core and deeper
    python tests/export.py mark            sets the `slide_type` of cells in the core notebooks

A deck shows the title, each picture with the text that leads to it, every stop of every tour, and
what to remember. The arrow keys turn its pages.
"""

import argparse
import ast
import base64
import functools
import hashlib
import html
import io
import re
import tarfile
import urllib.request
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter, SlidesExporter

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
# A text for each picture. Where the course is installed, nbconvert's own command uses it too.
DESCRIBED = (ROOT / "binder" / "nbconvert" / "index.html.j2").read_text(encoding="utf-8")
MAX_CELLS = 12  # of a deck, beside the stops of its tours
MAX_WORDS = 110  # of a text on one slide
# What a page needs besides: npm's packages with their sha256, and the files of each.
SCRIPTS = {
    "reveal.js-4.6.1": "4f4121ef2b8e7e9398bdecd7b3b6ce5e0ee3a2f5af221708eb6c4ce03bcae6be",
    "mathjax-3.2.2": "1b9c0a1c44df864e915690558e72adb9cc5203360daefd385084ced3b6c64c09",
}
FILES = "dist/reveal.js dist/reveal.css dist/theme/white.css es5/tex-svg.js LICENSE".split()
# The same page for both: scripts of the folder itself.
PAGE = """{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}
<script>window.MathJax = {tex: {inlineMath: [['$', '$']], displayMath: [['$$', '$$']]}};</script>
<script defer src="scripts/es5/tex-svg.js"></script>
{% endblock %}
"""
START = """{% block footer_js %}
<script src="scripts/dist/reveal.js"></script>
<script>Reveal.initialize({width: 1280, height: 720, margin: 0, history: true});</script>
{% endblock %}
"""
SMALL = """<style>
.reveal {font-family: sans-serif} .reveal .slides {text-align: left}
.reveal p, .reveal li, .reveal table {font-size: 22px}
.reveal section {padding: 0 40px; box-sizing: border-box}
.reveal h1, .reveal h2, .reveal h3 {text-transform: none}
.reveal h1 {font-size: 38px} .reveal h2, .reveal h3 {font-size: 30px}
.reveal .jp-InputArea, .reveal .jp-OutputArea {font-size: 18px}
.reveal .jp-InputPrompt, .reveal .jp-OutputPrompt {display: none}
</style>
"""


def has_picture(cell):
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def is_exercise(cell):
    return "helpers.exercises" in cell.source or "## Exercises" in cell.source


def chosen(notebook):
    """Return the places of the cells that a deck shows, in order."""
    cells = notebook.cells
    end = next((i for i, cell in enumerate(cells) if is_exercise(cell)), len(cells))
    pictures = [i for i in range(end) if cells[i].cell_type == "code" and has_picture(cells[i])]
    last = [i for i in range(end, len(cells)) if "## What to remember" in cells[i].source]
    last = [i for i in last if len(cells[i].source.split()) <= 1.5 * MAX_WORDS]  # a table
    places = [0, *pictures, *last]
    for picture in reversed(pictures):  # late texts first: the first ones say what all know
        text = next((i for i in range(picture - 1, 0, -1) if cells[i].cell_type == "markdown"), 0)
        short = len(cells[text].source.split()) <= MAX_WORDS
        if text not in places and short and len(places) < MAX_CELLS:
            places.append(text)
    return sorted(places)


def mark(notebook):
    """Set each cell's part in a deck: a slide of its own, or none."""
    places = chosen(notebook)
    for place, cell in enumerate(notebook.cells):
        cell.metadata["slideshow"] = {"slide_type": "slide" if place in places else "skip"}


def makes_explorer(line):
    call = line.value if isinstance(line, ast.Assign) else None
    function = call.func if isinstance(call, ast.Call) else None
    return getattr(function, "id", getattr(function, "attr", "")).endswith("Explorer")


def explorers(notebook):
    """Make the explorers of a notebook in this process: {place of its cell: explorer}."""
    names, made = {}, {}
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        made_here = [line for line in body if makes_explorer(line)]
        lines = [line for line in body if isinstance(line, ast.Import | ast.ImportFrom)]
        exec(compile(ast.Module(lines, []), "a cell", "exec"), names)
        try:
            exec(compile(ast.Module(made_here, []), "a cell", "exec"), names)
        except NameError:
            continue  # it shows what earlier cells computed, and has no tour: its picture is stored
        if made_here:
            made[place] = names[made_here[0].targets[0].id]
    return made


def stop_slides(explorer):
    """Yield a slide for each stop of an explorer's tour: its text and its picture."""
    for at in range(len(explorer.tour.stops)):
        explorer.tour.go(at)
        if explorer.tour.waiting:
            question = explorer.tour.text
            explorer.tour.next()
            answer = explorer.tour.text
            text = f"{question} {answer[0].upper()}{answer[1:]}."
        else:
            text = explorer.tour.text
        png = base64.b64encode(explorer.png).decode()
        alt = html.escape(explorer.sentence, quote=True)
        width, height = explorer.size
        width = min(1200, round(width * 540 / height))
        cell = nbformat.v4.new_markdown_cell(
            f"**{at + 1}/{len(explorer.tour.stops)}** {text}\n\n"
            f'<img alt="{alt}" width="{width}" src="data:image/png;base64,{png}">'
        )
        cell.metadata["slideshow"] = {"slide_type": "slide"}
        yield cell


def deck(notebook):
    """Return the notebook that becomes a deck."""
    mark(notebook)
    made, cells = explorers(notebook), []
    for place, cell in enumerate(notebook.cells):
        if place in made and getattr(made[place], "tour", None) and made[place].tour.stops:
            cells += stop_slides(made[place])
        elif cell.metadata["slideshow"]["slide_type"] == "slide":
            cells.append(cell)
    notebook.cells = cells
    return notebook


def put_scripts(folder):
    """Put the files that pages load beside them."""
    for package, sha256 in SCRIPTS.items():
        name = package.rsplit("-", 1)[0]
        address = f"https://registry.npmjs.org/{name}/-/{package}.tgz"
        with urllib.request.urlopen(address) as reply:
            content = reply.read()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"{address} is not the file that was expected; its sha256 differs")
        with tarfile.open(fileobj=io.BytesIO(content)) as tarball:
            for member in tarball:
                file = member.name.removeprefix("package/")
                if file in FILES:
                    place = folder / (f"LICENSE-{name}" if file == "LICENSE" else file)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    text = tarball.extractfile(member).read()
                    place.write_bytes(re.sub(rb"@import [^;]*;", b"", text))  # of a font


def as_slides(notebook, title):
    exporter = SlidesExporter(reveal_url_prefix="scripts", reveal_theme="white")
    exporter.raw_template = DESCRIBED + PAGE + START
    page, _ = exporter.from_notebook_node(deck(notebook), {"metadata": {"name": title}})
    return page.replace("</head>", SMALL + "</head>", 1)


@functools.cache
def page_exporter():
    exporter = HTMLExporter()
    exporter.raw_template = DESCRIBED + PAGE
    return exporter


def as_page(notebook, title):
    return page_exporter().from_notebook_node(notebook, {"metadata": {"name": title}})[0]


def write(kind, folder):
    """Write the decks or the pages of all lessons; return their paths."""
    put_scripts(folder / "scripts")
    written, core = [], sorted(NOTEBOOKS.glob("*.ipynb"))
    deeper = sorted(NOTEBOOKS.glob("deeper/*.ipynb")) if kind == "pages" else []
    for path in core + deeper:
        notebook = nbformat.read(path, as_version=4)
        page = (as_slides if kind == "slides" else as_page)(notebook, path.stem)
        name = path.stem + ("_deeper" if path in deeper else "")
        written.append(folder / f"{name}.html")
        written[-1].write_text(page, encoding="utf-8")
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["slides", "pages", "mark"])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("site"))
    options = parser.parse_args()
    if options.kind == "mark":
        for path in sorted(NOTEBOOKS.glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            mark(notebook)
            path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    else:
        for path in write(options.kind, options.folder):
            print(path)
