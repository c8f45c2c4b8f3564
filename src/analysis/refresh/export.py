"""An executed notebook as files to publish: its page, its figures with their data, and itself.

The page comes from `page.render_page`; here the figures among the outputs become figures/<name>.svg and
.csv, the CSV with the byte order mark that tells a spreadsheet it is UTF-8. A page that breaks a promise is
refused.
"""

from __future__ import annotations

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
    for one in figures(notebook):
        csv = content.BYTE_ORDER_MARK + one.csv.removeprefix(content.BYTE_ORDER_MARK)
        files[f"{edition}/figures/{one.name}.svg"] = one.svg
        files[f"{edition}/figures/{one.name}.csv"] = csv.encode()
    files[f"{edition}/notebooks/{stem}.ipynb"] = notebook_bytes(notebook)
    return asdict(content.header(notebook)), files


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as the bytes of its file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.encode()


def figures(notebook: NotebookNode) -> Iterator[content.FigureContent]:
    """Every figure among the outputs, in order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if content.FIGURE_MIME in output.get("data", {}):
                yield content.figure(output["data"])
