"""An executed notebook as files to publish: its page, its figures with their data, and itself.

The page comes from `page.render_page`; here the figure bundles among the outputs become figures/<name>.png,
.svg and .csv, the CSV with the byte order mark that tells a spreadsheet it is UTF-8. A page that
breaks a promise is refused.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import nbformat

from analysis.refresh import content, page

if TYPE_CHECKING:
    from nbformat import NotebookNode


def export(notebook: NotebookNode, context: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The page header, and the files of a run: path relative to reports/ -> bytes.

    Args:
        notebook: Executed to its end.
        context: The page's place among the others: the fields of `page.PageContext`.

    Raises:
        FazhiError: The page breaks a promise.
    """
    pages = tuple((address, title) for address, title in context["pages"])
    place = page.PageContext(**{**context, "pages": pages})
    edition, stem = place.edition, place.stem
    html = page.render_page(notebook, place)
    files = {f"{edition}/{stem}.html": html.encode()}
    for bundle in figure_bundles(notebook):
        files |= {f"{edition}/figures/{name}": body for name, body in figure_files(bundle).items()}
    files[f"{edition}/notebooks/{stem}.ipynb"] = notebook_bytes(notebook)
    return asdict(content.header(notebook)), files


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as the bytes of its file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.encode()


def figure_bundles(notebook: NotebookNode) -> Iterator[Mapping[str, Any]]:
    """The data of every output that holds a figure, in order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if content.FIGURE_MIME in output.get("data", {}):
                yield output["data"]


def figure_files(bundle: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of one figure: name -> bytes of its SVG, its CSV and, where there is one, its PNG."""
    figure = content.figure(bundle[content.FIGURE_MIME])
    text = content.BYTE_ORDER_MARK + figure.csv.removeprefix(content.BYTE_ORDER_MARK)
    files = {f"{figure.name}.svg": figure.svg.encode(), f"{figure.name}.csv": text.encode()}
    if "image/png" in bundle:
        files[f"{figure.name}.png"] = base64.b64decode(bundle["image/png"])
    return files
