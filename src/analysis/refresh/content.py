"""What of an executed notebook reaches its page, and what must not.

Code, markdown cells, streams, plain text and every output of a cell tagged `analyst-note` stay in the
notebook. A notebook that failed, a page without its header, a picture without alt text and any output
that needs a script are refused, each with the cell it comes from.
"""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from nbformat import NotebookNode

from analysis.errors import FazhiError

PAGE_MIME = "application/vnd.fazhi.page+json"
FIGURE_MIME = "application/vnd.fazhi.figure+json"
NOTE_TAG = "analyst-note"
TEXT_TAG = "page-text"
BYTE_ORDER_MARK = "\ufeff"

_SCRIPTED = (
    "application/javascript",
    "text/javascript",
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.bokehjs_load.v0+json",
    "application/vnd.plotly.v1+json",
    "text/vnd.mermaid",
)
_IMAGE = re.compile(r'src="(data:image/svg\+xml;base64,[^"]+)"')
_SHOWN = (PAGE_MIME, FIGURE_MIME, "text/html", "text/markdown")


@dataclass(frozen=True)
class Header:
    """The words at the head of a page, as the notebook gave them.

    Attributes:
        page_id: The page's short name, as in "other_cities".
        title: The page's question, its only h1.
        lead: One or two sentences under the title; inline Markdown.
        kicker: The line above the title; inline Markdown.
        language: "en" or "zh".
        city_name: The city's name in the page's language.
        year: The reporting year.
        description: One plain sentence for search results and link previews.
    """

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
    """A figure's words, image and data, as the notebook gave them.

    Attributes:
        name: The file stem, unique on the page.
        title: The finding.
        subtitle: What, where, when, unit.
        alt: Kind of chart and main message.
        source: The source line.
        image: The image, SVG as a data: address.
        csv: The data behind the image, as CSV text.
        csv_label: The words of the link to the CSV.
    """

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
    def download(self) -> str:
        """The CSV as a data: address, with the byte order mark that tells a spreadsheet it is UTF-8."""
        text = BYTE_ORDER_MARK + self.csv.removeprefix(BYTE_ORDER_MARK)
        return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode()).decode("ascii")


def header(notebook: NotebookNode) -> Header:
    """The header of the page, from the one page bundle among the notebook's outputs.

    Raises:
        FazhiError: There is no page bundle, more than one, or a field of it is missing or empty.
    """
    bundles = [
        (where, output["data"][PAGE_MIME])
        for where, output in _outputs(notebook)
        if PAGE_MIME in output.get("data", {})
    ]
    if len(bundles) != 1:
        raise FazhiError(
            f"A page has one header, an output of the type {PAGE_MIME}",
            f"{len(bundles)} of them" + "".join(f", {where}" for where, _ in bundles),
            "open the report once, in the first cell after the parameters.",
        )
    where, bundle = bundles[0]
    return Header(**_fields(Header, bundle, f"the page header of {where}"))


def figure(data: Mapping[str, Any]) -> FigureContent:
    """The figure of an output's data: its words from the figure bundle, its image from the HTML beside it.

    Raises:
        FazhiError: A field is missing or empty; a figure without alt text or data has no place on a page.
    """
    bundle, image = data[FIGURE_MIME], _IMAGE.search(data.get("text/html", ""))
    found = {**bundle, "image": image[1] if image else ""}
    return FigureContent(**_fields(FigureContent, found, f"the figure {bundle.get('name', '')!r}"))


def select(notebook: NotebookNode) -> NotebookNode:
    """The part of the notebook that is meant for the page; what it holds is the notebook's own, not copied.

    Raises:
        FazhiError: An output is an error, needs a script, or is a picture without alt text.
    """
    for position, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            _refuse_failure(output, _where(position, cell))
    for where, output in _outputs(notebook):
        _refuse_unshowable(output, where)
    chosen = copy.copy(notebook)
    chosen.cells = [
        _shown_part(cell)
        for cell in notebook.cells
        if cell.cell_type == "code" and NOTE_TAG not in _tags(cell)
    ]
    return chosen


def _shown_part(cell: NotebookNode) -> NotebookNode:
    """The cell with only those of its outputs that are meant for the page."""
    keep_text = TEXT_TAG in _tags(cell)
    part = copy.copy(cell)
    part.outputs = [output for output in cell.outputs if _is_shown(output, keep_text)]
    return part


def _outputs(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and NOTE_TAG not in _tags(cell):
            for output in cell.outputs:
                yield _where(position, cell), output


def _where(position: int, cell: NotebookNode) -> str:
    first_line = cell.source.strip().partition("\n")[0][:60]
    return f"cell {position + 1} ({first_line})" if first_line else f"cell {position + 1}"


def _tags(cell: NotebookNode) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags


def _is_shown(output: NotebookNode, keep_text: bool) -> bool:
    if output.output_type == "stream":
        return keep_text and output.name == "stdout"
    data = output.get("data", {})
    return any(mime in data for mime in _SHOWN) or (keep_text and "text/plain" in data)


def _refuse_failure(output: NotebookNode, where: str) -> None:
    if output.output_type == "error":
        raise FazhiError(
            "A page is made only from a notebook that ran to its end",
            f"{where}: {output.get('ename', 'error')}: {output.get('evalue', '')}",
            "mend the cell and run the notebook again.",
        )


def _refuse_unshowable(output: NotebookNode, where: str) -> None:
    data = output.get("data", {})
    scripted = [mime for mime in _SCRIPTED if mime in data]
    if scripted:
        raise FazhiError(
            "A page runs no script",
            f"{where}: an output of the type {scripted[0]}",
            f"show a figure or a table of the report, or tag the cell {NOTE_TAG}.",
        )
    pictures = [mime for mime in data if mime.startswith("image/")]
    if pictures and not any(mime in data for mime in _SHOWN):
        raise FazhiError(
            "Every figure has alt text, a source and its data",
            f"{where}: a bare picture of the type {pictures[0]}",
            f"save it with save_figure, or tag the cell {NOTE_TAG}.",
        )


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
