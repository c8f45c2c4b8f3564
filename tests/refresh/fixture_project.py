"""A tiny project in a temporary folder, with notebooks named after how they behave."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.editions import Edition
from analysis.refresh.orchestration import Watcher, refresh
from analysis.refresh.pool import Options, Submit
from analysis.refresh.publish import Recap

PARAMETERS = 'city = "440800"\nyear = 2020\nlanguage = "en"\npeers = "guangdong"'
HEADER = """
from IPython.display import display
from pathlib import Path
fields = dict(page_id="test", title=f"A page on {city}", lead="One lead.", kicker="A kicker",
              language=language, city_name="Zhanjiang", year=year, description="A page.")
display({"application/vnd.fazhi.page+json": fields}, raw=True, metadata={"fazhi": "head"})
"""
TEXT = 'display({"text/markdown": "## Findings\\n\\nAll is well."}, raw=True, metadata={"fazhi": "text"})'
FIGURE = """
figure = dict(name=f"bars_{language}", title="Bars", subtitle="Counts", alt="Three bars", source="A source",
              csv="城市,n\\n湛江,1\\n", csv_label="CSV")
svg = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="
html = f'<img alt="Three bars" src="data:image/svg+xml;base64,{svg}">'
display({"application/vnd.fazhi.figure+json": figure, "text/html": html, "text/plain": "Bars"}, raw=True,
        metadata={"fazhi": "figure"})
"""

KEEP = """
import os, pathlib, sys
pathlib.Path(sys.argv[1]).write_text(os.environ["FAZHI_EXIT"] + sys.stdin.read())
"""
"""A program that keeps what it was told in the file it is given."""

ENGLISH = Edition("440800", 2020, "guangdong", "en")
CHINESE = Edition("440800", 2020, "guangdong", "zh")


def describe(edition: Edition) -> dict[str, Any]:
    """What the index says of a test edition."""
    return {
        "city_en": "Zhanjiang",
        "city_zh": "湛江市",
        "year": edition.year,
        "peers_en": "Guangdong",
        "peers_zh": "广东",
        "language": edition.language,
        "facts": 3,
        "metrics": 2,
    }


def write_notebook(path: Path, *cells: str, parameters: str | None = PARAMETERS, header: bool = True) -> Path:
    """A notebook with a parameters cell, a page header and these code cells."""
    made = [new_markdown_cell("A note for analysts", metadata={"tags": ["analyst-note"]})]
    if parameters is not None:
        made.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    made += [new_code_cell(source) for source in ((HEADER, *cells) if header else cells)]
    book = new_notebook(cells=made)
    book.metadata["kernelspec"] = {"name": "a-kernel-nobody-has", "display_name": "?", "language": "python"}
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number}"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)
    return path


class Project:
    """A project folder with data, notebooks and reports, and a refresh of it."""

    def __init__(self, root: Path, submit: Submit) -> None:
        self.submit = submit
        self.root = root
        self.reports = root / "reports"
        self.state = root / ".refresh"
        (root / "data").mkdir()
        (root / "data" / "observations.csv").write_text("region_code,value\n440800,1\n")
        (root / "data" / "datapackage.json").write_text('{"version": "2026.11"}')
        self.package = root / "package"
        for name in (
            "compare.py",
            "cli/command.py",
            "narrative/en/profile.md.j2",
            "refresh/templates/page.html.j2",
        ):
            (self.package / name).parent.mkdir(parents=True, exist_ok=True)
            (self.package / name).write_text("first")

    @property
    def notebooks(self) -> list[Path]:
        """The notebooks, in page order."""
        return sorted((self.root / "notebooks").glob("*.ipynb"))

    def notebook(self, name: str, *cells: str, **options: Any) -> Path:
        """Writes a notebook of this name."""
        return write_notebook(self.root / "notebooks" / f"{name}.ipynb", *cells, **options)

    def refresh(
        self,
        editions: Sequence[Edition] = (ENGLISH,),
        watch: Watcher | None = None,
        **options: Any,
    ) -> Recap:
        """Refreshes the project in this process, by the workers of the test session."""
        chosen = Options(**{"seconds": 60, **options})
        return refresh(
            {edition: describe(edition) for edition in editions},
            self.notebooks,
            self.submit,
            options=chosen,
            watch=watch,
        )

    def page(self, stem: str, edition: Edition = ENGLISH) -> Path:
        """The page of a notebook."""
        return self.reports / edition.key / f"{stem}.html"


def reasons(recap: Recap) -> dict[str, str]:
    """Notebook -> reason of every failed row."""
    return {row.notebook: row.reason for row in recap.rows if row.state == "failed"}


def descendants() -> list[psutil.Process]:
    """Every process that runs below this one, but for those of multiprocessing itself."""
    return [child for child in psutil.Process().children(recursive=True) if _counts(child)]


def _counts(child: psutil.Process) -> bool:
    try:
        return not any("resource_tracker" in word or "forkserver" in word for word in child.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def snapshot(reports: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(reports).as_posix(): path.read_bytes()
        for path in reports.rglob("*")
        if path.is_file()
    }
