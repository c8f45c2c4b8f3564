"""What of an executed notebook reaches its page: all that it shows to a reader, or the run fails.

Markdown cells are written for a language (tag `en` or `zh`) or for analysts (tag `analyst-note`); outputs are
made by `analysis.page`, whose metadata say so, or stand in a cell of the analysts. Anything else would be
lost without a word on the way from JupyterLab to the page, so it is refused, with the cell it comes from and
what to do. Code and standard error stay in the notebook.
"""

from __future__ import annotations

import copy
import re

from nbformat import NotebookNode

from analysis.errors import FazhiError

NOTE_TAG, INJECTED_TAG = "analyst-note", "injected-parameters"
_LOST = (
    ("stream", "printed text", "say it with page.say"),
    ("javascript|widget-view|bokehjs|plotly|mermaid", "a widget or script", "show a figure with page.figure"),
    (
        "image/",
        "a bare figure, without alt text, source and data",
        "show it with page.figure in this cell or the next",
    ),
    ("text/html", "a bare table or HTML", "show it with page.table"),
    ("text/markdown", "bare Markdown", "show it with page.say, or write a Markdown cell"),
    ("", "a plain result", "end the line with a semicolon, or say it with page.say"),
)
"""What would not reach the page, by its kind and MIME types, and what to do instead."""


def select(notebook: NotebookNode, language: str) -> NotebookNode:
    """The part of the notebook that is meant for the page in a language; cells are not copied.

    Raises:
        FazhiError: Something is shown that would not reach the page.
    """
    chosen = copy.copy(notebook)
    chosen.cells = []
    for position, cell in enumerate(notebook.cells):
        place, tags = where(notebook, position), _tags(cell)
        if NOTE_TAG in tags:
            continue
        if cell.cell_type == "code":
            _refuse_lost(cell, notebook.cells[position + 1 :], place)
            part = copy.copy(cell)
            part.outputs = [output for output in cell.outputs if kind(output)]
            chosen.cells.append(part)
        elif not {"en", "zh"} & set(tags):
            fix = f"tag it en or zh for the pages of that language, or {NOTE_TAG} to keep it in the notebook."
            raise FazhiError("A Markdown cell says for whom it is written", f"{place} has no tag", fix)
        elif language in tags:
            chosen.cells.append(cell)
    return chosen


def kind(output: NotebookNode) -> str:
    """What `analysis.page` says an output is; "" of an output that is not its own."""
    return str(output.get("metadata", {}).get("fazhi", ""))


def where(notebook: NotebookNode, position: int) -> str:
    """The number of a cell as its author counts, without what papermill put in, and its first line."""
    number = sum(INJECTED_TAG not in _tags(cell) for cell in notebook.cells[: position + 1])
    first_line = notebook.cells[position].source.strip().partition("\n")[0][:60]
    return f"cell {number} ({first_line})" if first_line else f"cell {number}"


def _tags(cell: NotebookNode) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags


def _refuse_lost(cell: NotebookNode, later: list[NotebookNode], place: str) -> None:
    """Refuses what JupyterLab shows and the page would not.

    Drawings may be shown under the cell that draws them when the next cell shows them with `page.figure`.
    """
    bare = [one for one in cell.outputs if not kind(one) and one.get("name") != "stderr"]
    code = (one for one in later if one.cell_type == "code" and NOTE_TAG not in _tags(one))
    shown_next: list[NotebookNode] = getattr(next(code, None), "outputs", [])
    previews = [one for one in bare if any(mime.startswith("image/") for mime in one.get("data", {}))]
    if len(previews) <= sum(kind(one) == "figure" for one in shown_next):
        bare = [one for one in bare if one not in previews]
    for output in bare:
        kinds = " ".join([output.output_type, *output.get("data", {})])
        what, instead = next(words for pattern, *words in _LOST if re.search(pattern, kinds))
        fix = f"{instead}, or tag the cell {NOTE_TAG} to keep it in the notebook."
        raise FazhiError("What a notebook shows is on its page", f"{place}: {what}", fix)
