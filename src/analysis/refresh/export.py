"""An executed notebook as files to publish: its page, its figures and tables with their data, and itself.

A pure function of notebook and context: the same run gives the same bytes. What a notebook shows reaches its
page (made by nbconvert with a template of ours) or is refused with its cell and what to do: outputs are made
by `analysis.page`, Markdown is tagged `en` or `zh`, and the rest is tagged `analyst-note`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import nbformat
from markupsafe import escape
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from analysis.errors import FazhiError
from analysis.refresh import markup

LANGUAGES = ("en", "zh")
PAGE_MIME = "application/vnd.fazhi.page+json"
FIGURE_MIME = "application/vnd.fazhi.figure+json"
NOTE_TAG, INJECTED_TAG = "analyst-note", "injected-parameters"
SMALL_POINTS = 220  # a picture of at most this width keeps its size and has its words at its side
_IMAGE = re.compile(r'src="(data:image/svg\+xml;base64,[^"]+)"')
_WIDTH = re.compile(rb'<svg[^>]* width="([\d.]+)pt"')
_LOST = {
    "stream": ("printed text", "say it with page.say"),
    "javascript|widget-view|bokehjs|plotly|mermaid": ("a widget or script", "show a figure with page.figure"),
    "image/": ("a bare figure, without alt text, source and data", "show it with page.figure here or next"),
    "text/html": ("a bare table or HTML", "show it with page.table"),
    "text/markdown": ("bare Markdown", "show it with page.say, or write a Markdown cell"),
    "": ("a plain result", "end the line with a semicolon, or say it with page.say"),
}
"""What would not reach the page, by its kind and MIME types, and what to do instead."""


def export(notebook: NotebookNode, context: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the page says of itself, and the files of a run: path relative to reports/ -> bytes.

    The context is what a page must know beyond its notebook (`plan.plan`); a broken promise is a FazhiError.
    """
    edition, stem, language = context["edition"], context["stem"], context["language"]
    chosen = select(notebook, language)
    outputs = [output for cell in chosen.cells for output in cell.get("outputs", [])]
    header = _header(outputs, language)
    place = {"fazhi": {"header": header, "context": context}}
    page, _ = _exporter(language).from_notebook_node(chosen, resources=place)
    markup.check_page(page)
    files = {f"{edition}/{stem}.html": page.encode()}
    findings = [one.metadata.get("fazhi_text", "") for one in outputs if kind(one) == "finding"]
    about = {**header, "findings": findings}
    for output in outputs:
        if FIGURE_MIME in output.data:
            one = figure(output.data)
            path = f"{edition}/figures/{one['name']}"
            files |= {f"{path}.svg": one["svg"], f"{path}.csv": one["csv_file"]}
            about.setdefault("picture", {"path": f"{path}.svg", "alt": one["alt"]})
            continue
        for name, text in markup.tables(output.data.get("text/html", "")):
            path = f"{edition}/tables/{stem}/{name}"
            again = sum(other.startswith(path) for other in files)
            files[f"{path}{again + 1 if again else ''}.csv"] = text.encode("utf-8-sig")
    files[f"{edition}/notebooks/{stem}.ipynb"] = notebook_bytes(notebook)
    return about, files


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as the bytes of its file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.encode()


def select(notebook: NotebookNode, language: str) -> NotebookNode:
    """The part of a notebook that is meant for the page in a language; what would be lost is a FazhiError."""
    chosen = NotebookNode({**notebook, "cells": []})  # type: ignore[no-untyped-call]
    for position, cell in enumerate(notebook.cells):
        place, tags = where(notebook, position), _tags(cell)
        if NOTE_TAG in tags:
            continue
        if cell.cell_type == "code":
            _refuse_lost(cell, notebook.cells[position + 1 :], place)
            outputs = [output for output in cell.outputs if kind(output)]
            chosen.cells.append(NotebookNode({**cell, "outputs": outputs}))  # type: ignore[no-untyped-call]
        elif tags.isdisjoint(LANGUAGES):
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


def _tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", ()))


def _refuse_lost(cell: NotebookNode, later: list[NotebookNode], place: str) -> None:
    """A drawing may be shown bare under the cell that draws it when the next cell shows it on the page."""
    bare = [one for one in cell.outputs if not kind(one) and one.get("name") != "stderr"]
    code = (one for one in later if one.cell_type == "code" and NOTE_TAG not in _tags(one))
    shown: list[NotebookNode] = getattr(next(code, None), "outputs", [])
    previews = [one for one in bare if any(mime.startswith("image/") for mime in one.get("data", {}))]
    if len(previews) <= sum(kind(one) == "figure" for one in shown):
        bare = [one for one in bare if one not in previews]
    for output in bare:
        kinds = " ".join([output.output_type, *output.get("data", {})])
        what, instead = next(words for pattern, words in _LOST.items() if re.search(pattern, kinds))
        fix = f"{instead}, or tag the cell {NOTE_TAG} to keep it in the notebook."
        raise FazhiError("What a notebook shows is on its page", f"{place}: {what}", fix)


def figure(data: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a figure, its image from the HTML beside them, and both as files; no field is empty."""
    image = _IMAGE.search(data.get("text/html", ""))
    words = {**data[FIGURE_MIME], "image": image[1] if image else ""}
    _refuse_blank(words, f"the figure {words['name']!r}")
    svg, csv_file = base64.b64decode(words["image"].partition(",")[2]), words["csv"].encode("utf-8-sig")
    download = "data:text/csv;charset=utf-8;base64," + base64.b64encode(csv_file).decode("ascii")
    width = _WIDTH.search(svg[:2000])
    small = width is not None and float(width[1]) <= SMALL_POINTS
    return {**words, "svg": svg, "csv_file": csv_file, "download": download, "small": small}


def _header(outputs: list[NotebookNode], language: str) -> dict[str, Any]:
    found = [output.data[PAGE_MIME] for output in outputs if PAGE_MIME in output.data]
    if len(found) != 1:
        fix = "show the head once, with page.head, in a cell near the top."
        raise FazhiError("A page has one header", f"{len(found)} of them", fix)
    header: dict[str, Any] = dict(found[0])
    _refuse_blank(header, "the page header")
    if header["language"] != language:
        given = f"the notebook says {header['language']}, the edition {language}"
        raise FazhiError("A page is in the language of its edition", given, "run it in that language.")
    return header


def _refuse_blank(words: Mapping[str, Any], what: str) -> None:
    if blank := [name for name, text in words.items() if not str(text).strip()]:
        fix = "write the missing words in the edition's language."
        raise FazhiError(f"A page needs every field of {what}", f"nothing for {', '.join(blank)}", fix)


@cache
def _exporter(language: str) -> TemplateExporter:
    made = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="fazhi",
        default_preprocessors=[],
        file_extension=".html",
        extra_template_basedirs=[str(markup.TEMPLATES.parent)],
    )
    chinese = markup.mark_chinese if language == "en" else escape
    markup.strict(made.environment).filters |= {"chinese": chinese, "body": markup.body, "figure": figure}
    return made
