"""What of an executed notebook reaches its page: all that it shows to a reader, or the run fails.

Markdown cells are written for a language (tag `en` or `zh`) or for analysts (tag `analyst-note`); outputs are
made by `analysis.page`, whose metadata say so, or stand in a cell of the analysts. Anything else would be
lost without a word on the way from JupyterLab to the page, so it is refused, with the cell it comes from and
what to do. Code and standard error stay in the notebook.
"""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

from nbformat import NotebookNode

from analysis.errors import FazhiError

PAGE_MIME = "application/vnd.fazhi.page+json"
FIGURE_MIME = "application/vnd.fazhi.figure+json"
OURS = "fazhi"
"""The metadata of an output in which `analysis.page` names its kind."""
NOTE_TAG, INJECTED_TAG = "analyst-note", "injected-parameters"
LANGUAGE_TAGS = ("en", "zh")
BYTE_ORDER_MARK = "\ufeff"
_IMAGE = re.compile(r'src="(data:image/svg\+xml;base64,[^"]+)"')
_SCRIPTED = re.compile(r"javascript|widget-view|bokehjs|plotly|mermaid")

SMALL_POINTS = 220
"""A picture of at most this width keeps its size and has its words at its side."""


@dataclass(frozen=True)
class Header:
    """The words at the head of a page, as the notebook gave them; lead and kicker hold inline Markdown."""

    page_id: str
    title: str
    lead: str
    kicker: str
    language: str
    city_name: str
    year: int
    description: str


@dataclass(frozen=True)
class FigureContent:
    """A figure's words, data (as CSV text) and image (SVG as a data: address), as the notebook gave them."""

    name: str
    title: str
    subtitle: str
    alt: str
    source: str
    image: str
    csv: str
    csv_label: str

    @property
    def svg(self) -> bytes:
        """The image as the bytes of an SVG file."""
        return base64.b64decode(self.image.partition(",")[2])

    @property
    def is_small(self) -> bool:
        """Whether it is a small picture beside a finding, by the width that its SVG gives in points."""
        width = re.search(rb'<svg[^>]* width="([\d.]+)pt"', self.svg[:2000])
        return width is not None and float(width[1]) <= SMALL_POINTS

    @property
    def csv_file(self) -> bytes:
        """The CSV as the bytes of a file."""
        return csv_file(self.csv)

    @property
    def download(self) -> str:
        """The CSV as a data: address."""
        return "data:text/csv;charset=utf-8;base64," + base64.b64encode(self.csv_file).decode("ascii")


def csv_file(text: str) -> bytes:
    """CSV as the bytes of a file, with the byte order mark that tells a spreadsheet it is UTF-8."""
    return (BYTE_ORDER_MARK + text.removeprefix(BYTE_ORDER_MARK)).encode()


def header(notebook: NotebookNode) -> Header:
    """The header of the page, from the one page bundle among the notebook's outputs.

    Raises:
        FazhiError: There is no page bundle, more than one, or a field of it is missing or empty.
    """
    found = [
        (place, one["data"][PAGE_MIME]) for place, one in shown(notebook) if PAGE_MIME in one.get("data", {})
    ]
    if len(found) != 1:
        raise FazhiError(
            f"A page has one header, an output of the type {PAGE_MIME}",
            f"{len(found)} of them" + "".join(f", {place}" for place, _ in found),
            "show the head once, with page.head, in a cell near the top.",
        )
    place, bundle = found[0]
    return Header(**_fields(Header, bundle, f"the page header of {place}"))


def figure(data: Mapping[str, Any]) -> FigureContent:
    """The figure of an output's data: its words from the figure bundle, its image from the HTML beside it.

    Raises:
        FazhiError: A field is missing or empty; a figure without alt text or data has no place on a page.
    """
    bundle, image = data[FIGURE_MIME], _IMAGE.search(data.get("text/html", ""))
    found = {**bundle, "image": image[1] if image else ""}
    return FigureContent(**_fields(FigureContent, found, f"the figure {bundle.get('name', '')!r}"))


def figures(notebook: NotebookNode) -> Iterator[FigureContent]:
    """Every figure of the page, in order."""
    for _, output in shown(notebook):
        if FIGURE_MIME in output.get("data", {}):
            yield figure(output["data"])


def findings(notebook: NotebookNode) -> list[str]:
    """The findings of the page as plain text, in order."""
    texts = (one.metadata.get("fazhi_text", "") for _, one in shown(notebook) if _kind(one) == "finding")
    return [text for text in texts if text]


def select(notebook: NotebookNode, language: str) -> NotebookNode:
    """The part of the notebook that is meant for the page in a language; cells are not copied.

    Raises:
        FazhiError: An output is an error, or something is shown that would not reach the page.
    """
    for position, cell in enumerate(notebook.cells):
        _refuse_failure(cell, where(notebook, position))
    previews = _previews(notebook)
    for place, output in shown(notebook):
        if id(output) not in previews:
            _refuse_lost(output, place)
    chosen = copy.copy(notebook)
    chosen.cells = [
        part for position, cell in enumerate(notebook.cells) for part in _part(notebook, position, language)
    ]
    return chosen


def shown(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """The outputs that a reader sees, each with its place: of code cells that are not the analysts' own."""
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and NOTE_TAG not in _tags(cell):
            for output in cell.outputs:
                yield where(notebook, position), output


def where(notebook: NotebookNode, position: int) -> str:
    """The number of a cell as its author counts, without what papermill put in, and its first line."""
    cells = notebook.cells
    number = 1 + sum(INJECTED_TAG not in _tags(cell) for cell in cells[:position])
    if INJECTED_TAG in _tags(cells[position]):
        number -= 1
    first_line = cells[position].source.strip().partition("\n")[0][:60]
    return f"cell {number} ({first_line})" if first_line else f"cell {number}"


def _part(notebook: NotebookNode, position: int, language: str) -> Iterator[NotebookNode]:
    """The cell with what of it stands on the page, if anything does."""
    cell = notebook.cells[position]
    tags = _tags(cell)
    if NOTE_TAG in tags:
        return
    if cell.cell_type == "code":
        part = copy.copy(cell)
        part.outputs = [output for output in cell.outputs if _kind(output)]
        yield part
    elif not set(tags) & set(LANGUAGE_TAGS):
        raise FazhiError(
            "A Markdown cell says for whom it is written",
            f"{where(notebook, position)} has no tag",
            f"tag it en or zh for the pages of that language, or {NOTE_TAG} to keep it in the notebook.",
        )
    elif language in tags:
        yield cell


def _previews(notebook: NotebookNode) -> set[int]:
    """Drawings shown under the cell that draws them, which the next one shows with `page.figure`."""
    found: set[int] = set()
    seen = [cell for cell in notebook.cells if cell.cell_type == "code" and NOTE_TAG not in _tags(cell)]
    for cell, following in pairwise(seen):
        bare = [one for one in cell.outputs if not _kind(one) and _is_picture(one)]
        if len(bare) <= sum(_kind(one) == "figure" for one in following.outputs):
            found |= {id(one) for one in bare}
    return found


def _is_picture(output: NotebookNode) -> bool:
    return any(mime.startswith("image/") for mime in output.get("data", {}))


def _tags(cell: NotebookNode) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags


def _kind(output: NotebookNode) -> str:
    """What `analysis.page` says an output is; "" of an output that is not its own."""
    return str(output.get("metadata", {}).get(OURS, ""))


def _refuse_failure(cell: NotebookNode, place: str) -> None:
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            raise FazhiError(
                "A page is made only from a notebook that ran to its end",
                f"{place}: {output.get('ename', 'error')}: {output.get('evalue', '')}",
                "mend the cell and run the notebook again.",
            )


def _refuse_lost(output: NotebookNode, place: str) -> None:
    """Refuses what JupyterLab shows and the page would not."""
    what, instead = _lost(output)
    if what:
        raise FazhiError(
            "What a notebook shows is on its page",
            f"{place}: {what}",
            f"{instead}, or tag the cell {NOTE_TAG} to keep it in the notebook.",
        )


def _lost(output: NotebookNode) -> tuple[str, str]:
    """What would not reach the page, and what to do instead; two empty words where nothing is lost."""
    if _kind(output) or (output.output_type == "stream" and output.name == "stderr"):
        return "", ""
    if output.output_type == "stream":
        return "printed text", "say it with page.say"
    mimes = list(output.get("data", {}))
    if any(_SCRIPTED.search(mime) for mime in mimes):
        return "a widget or script", "show a figure with page.figure"
    if _is_picture(output):
        return (
            "a bare figure, without alt text, source and data",
            "show it with page.figure in this cell or the next",
        )
    if "text/html" in mimes:
        return "a bare table or HTML", "show it with page.table"
    if "text/markdown" in mimes:
        return "bare Markdown", "show it with page.say, or write a Markdown cell"
    return "a plain result", "end the line with a semicolon, or say it with page.say"


def _fields(kind: type[Any], bundle: Mapping[str, Any], what: str) -> dict[str, Any]:
    names = [field.name for field in fields(kind)]
    missing = [name for name in names if not str(bundle.get(name, "")).strip()]
    if missing:
        raise FazhiError(
            f"A page needs every field of {what}",
            f"nothing for {', '.join(missing)}",
            "write the missing words in the edition's language.",
        )
    return {name: bundle[name] for name in names}
