"""Take README's picture, .github/explorer.png: the first explorer of notebook 01 in JupyterLab.

python tests/readme_picture.py
"""

from jupyterlab_page import NOTEBOOKS, ROOT, NotebookPage, chromium, jupyterlab

PICTURE = ROOT / ".github" / "explorer.png"

if __name__ == "__main__":
    with jupyterlab() as server, chromium() as browser:
        notebook = NotebookPage(browser, server, NOTEBOOKS[1])
        notebook.run_all()
        explorer = notebook.explorers()[0]
        explorer.in_view()
        explorer.root.locator("img").hover()  # so that the page shows no focus and no tool bar
        notebook.page.wait_for_timeout(1000)  # until the bars of JupyterLab stand still
        notebook.page.screenshot(path=PICTURE)
        print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")
