"""Make a site on which the course runs in the browser alone, by JupyterLite and Pyodide.

    python -m venv .lite && .lite/bin/pip install -r binder/lite/requirements.txt
    .lite/bin/python binder/lite/build.py site
    python -m http.server --directory site

Compiled packages come from Pyodide's CDN; with --whole the site holds them too, for a school's own
server or a stick. The kernel starts with all that the course needs: it stands in Pyodide's list of
packages, pyodide-lock.json, to which this adds the course and what Pyodide does not have.
"""

import argparse
import email
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARBALLS = {  # of Pyodide's core: npm's, with their sha256
    "314.0.6": "d78ac549b28a2a58600cd06f44e017024151775f8c6b2d73fab1475400d38ea2",
    "0.27.7": "89d5d952675eb08e11286e52c7238f1248ce71726e896db9703e73bef23dc343",
}
CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.", "python_stdlib.zip", "pyodide-lock.json")
IN_THE_PAGE = {"jupyterlab-widgets", "widgetsnbextension"}  # the site holds them as extensions
KERNEL = "@jupyterlite/pyodide-kernel-extension"
# What the kernel starts with, by the names that two of its versions use.
KERNELS_OWN = ["micropip", "piplite", "sqlite3", "ipykernel", "comm", "jedi", "ipython"]
KERNELS_OWN += ["pyodide_kernel", "pyodide-kernel"]
COURSE = "encoder-block-course"
ANSWERS = "TEACHING.md"


def fetched(address, sha256):
    """Return what is at an address; anything but what was expected is an error."""
    with urllib.request.urlopen(address) as reply:
        content = reply.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{address} is not the file that was expected; its sha256 differs")
    return content


def stage(folder):
    """Lay out what JupyterLite reads: its settings, and the notebooks without the answers."""
    for name in ("jupyter_lite_config.json", "jupyter-lite.json", "overrides.json"):
        shutil.copy(HERE / name, folder)
    ignored = shutil.ignore_patterns(ANSWERS, ".ipynb_checkpoints")
    shutil.copytree(ROOT / "notebooks", folder / "files", ignore=ignored)
    for path in (folder / "files").rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["metadata"]["kernelspec"] = {"name": "python", "display_name": "Python (Pyodide)"}
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")


def put_core(version, folder):
    """Unpack Pyodide's core, with its list of packages."""
    address = f"https://registry.npmjs.org/pyodide/-/pyodide-{version}.tgz"
    content = fetched(address, TARBALLS[version])
    with tarfile.open(fileobj=io.BytesIO(content)) as tarball:
        for member in tarball:
            name = Path(member.name).name
            if name.startswith(CORE) and not name.endswith(".map"):
                (folder / name).write_bytes(tarball.extractfile(member).read())


def pip(*arguments):
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True)


def put_wheels(site, folder):
    """Put the course's wheel, those that it needs beside Pyodide, and the kernel's own."""
    pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    pure = ["--platform=any", "--implementation=py", "--abi=none", "--only-binary=:all:"]
    pure += ["--no-deps", "--python-version=3.14", "--require-hashes"]
    pip("download", "--dest", str(folder), *pure, "-r", str(HERE / "wheels.txt"))
    for wheel in (site / "extensions" / KERNEL / "static" / "pypi").glob("*.whl"):
        if canonicalize_name(wheel.name.split("-")[0]) not in IN_THE_PAGE:
            shutil.copy(wheel, folder)


def described(wheel):
    """Return what Pyodide's list of packages says of a pure wheel, and what the wheel requires."""
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
        (about,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(files.read(about))
    requires = map(Requirement, metadata.get_all("Requires-Dist", []))
    tops = {name.split("/")[0].removesuffix(".py") for name in names}
    return {
        "name": canonicalize_name(metadata["Name"]),
        "version": metadata["Version"],
        "file_name": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "imports": sorted(top for top in tops if top.isidentifier()),
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }, [r for r in requires if not r.marker or r.marker.evaluate({"extra": ""})]


def add_to(packages, wheels):
    """Add wheels to Pyodide's packages; a version that does not fit is an error."""
    found = [described(wheel) for wheel in wheels]
    packages |= {entry["name"]: entry for entry, _ in found}
    for entry, requires in found:
        needed = {canonicalize_name(r.name): r for r in requires}
        needed = {name: r for name, r in needed.items() if name not in IN_THE_PAGE}
        for name, requirement in needed.items():
            if name not in packages or not requirement.specifier.contains(
                packages[name]["version"]
            ):
                raise ValueError(f"{entry['name']} needs {requirement}; Pyodide has another")
        entry["depends"] = sorted(needed)


def closure(packages, names):
    """Return these packages and all that they depend on."""
    found, left = set(), [canonicalize_name(name) for name in names]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += map(canonicalize_name, packages[name]["depends"])
    return found


def build(site, version, whole, source):
    """Make the site. `source`: where compiled packages come from, in place of Pyodide's CDN."""
    source = source or f"https://cdn.jsdelivr.net/pyodide/v{version}/full/"
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(site)]
        subprocess.run(command, cwd=folder, check=True)
    pyodide = site / "static/pyodide"
    shutil.rmtree(pyodide, ignore_errors=True)
    pyodide.mkdir(parents=True)
    put_core(version, pyodide)
    put_wheels(site, pyodide)

    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    add_to(lock["packages"], sorted(pyodide.glob("*.whl")))
    start = [name for name in KERNELS_OWN if canonicalize_name(name) in lock["packages"]]
    start.append(COURSE)
    needed = closure(lock["packages"], start)
    lock["packages"] = {name: lock["packages"][name] for name in sorted(needed)}
    for package in lock["packages"].values():
        name = package["file_name"]
        if (pyodide / name).exists():
            continue
        if whole:
            (pyodide / name).write_bytes(fetched(source + name, package["sha256"]))
        else:
            package["file_name"] = source + name
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")

    path = site / "jupyter-lite.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    kernel = settings["jupyter-config-data"]["litePluginSettings"][f"{KERNEL}:kernel"]
    kernel["loadPyodideOptions"] = {"packages": start}
    entry = "pyodide.mjs" if version == PYODIDE_VERSION else "pyodide.js"
    kernel["pyodideUrl"] = f"./static/pyodide/{entry}"
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path, help="the folder to make")
    parser.add_argument("--whole", action="store_true", help="hold the compiled packages too")
    parser.add_argument("--pyodide", default=PYODIDE_VERSION, help="another version of Pyodide")
    parser.add_argument("--source", help="where its compiled packages are, if not at its CDN")
    options = parser.parse_args()
    build(options.site.resolve(), options.pyodide, options.whole, options.source)
