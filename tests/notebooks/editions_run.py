"""Runs the notebooks of an edition in this process, with warnings as errors, and takes what their pages
show."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import papermill  # noqa: F401  first: it loads our engine by its entry point

from analysis.refresh import export
from analysis.refresh.engine import cells_shell

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "01_summary",
    "02_report",
    "03_over_time",
    "04_other_cities",
    "05_disputes",
    "06_administration",
    "metrics",
)
FIGURE = "application/vnd.fazhi.figure+json"
HEAD = "application/vnd.fazhi.page+json"
_TAGS = re.compile(r"<sup>.*?</sup>|<[^>]+>")
_WORD = re.compile(r"[A-Za-z0-9À-ÿ][\w’'.,%–-]*")


@dataclass
class Shown:
    """What one page shows: Markdown cells of its language, and outputs by kind."""

    page_id: str
    language: str
    headings: list[str] = field(default_factory=list)
    outputs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def of(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """The data of the outputs of these kinds."""
        return (data for kind, data in self.outputs if kind in kinds)

    def prose(self) -> str:
        """All running text: headings, explanations, sentences, findings, and the words of figures."""
        parts = [*self.headings, *(data["text/plain"] for data in self.of("text", "finding", "head"))]
        parts += [f"{data[FIGURE]['title']} {data[FIGURE]['subtitle']}" for data in self.of("figure")]
        return "\n".join(parts)

    def tables(self) -> dict[str, str]:
        """The HTML of each table by its name; evidence and sources left out."""
        found = [data["text/html"] for data in self.of("table")]
        return {name[1]: html for html in found if (name := re.search(r'<table class="(\w+)"', html))}


def words_in(text: str) -> int:
    """How many words a reader counts; marks of evidence and tags are none."""
    return len(_WORD.findall(_TAGS.sub(" ", text)))


def run(page_id: str, city: str, year: int, language: str, peers: str = "guangdong") -> Shown:
    """What a page shows for an edition.

    Raises:
        AssertionError: A cell fails, or shows what is no part of the page.
    """
    notebook = nbformat.read(ROOT / "notebooks" / f"{page_id}.ipynb", as_version=4)
    shown = Shown(page_id, language)
    plt.close("all")  # an open figure would be shown by the first cell that draws
    given = f"city, year, language, peers = {city!r}, {year}, {language!r}, {peers!r}"
    with warnings.catch_warnings(), cells_shell(notebook, 30) as shell:
        warnings.simplefilter("error")
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                source, cell.source = cell.source, given if is_tagged(cell, "parameters") else cell.source
                good = shell.run(cell, index)
                assert good, (
                    f"{page_id} {city} {year} {language}, cell {index + 1}: {source[:80]} {cell.outputs[-1]}"
                )
    for cell in export.select(notebook, language).cells:
        if cell.cell_type == "markdown":
            shown.headings.append(cell.source)
        else:
            shown.outputs += [(output.metadata["fazhi"], output.data) for output in cell.outputs]
    return shown


def is_tagged(cell: nbformat.NotebookNode, tag: str) -> bool:
    """Whether a cell has a tag."""
    return tag in cell.metadata.get("tags", [])
