"""An executed notebook as files to publish: its page, its figures and tables with their data, and itself.

Rendering is a pure function of the notebook and its context: no clock, no host and no path enters, so the
same run gives the same bytes. nbconvert turns the notebook's outputs into one HTML file through a template of
ours. A page that would break a promise is refused with an error and never returned (`content`, `markup`,
`page_check`).
"""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import StrictUndefined
from markupsafe import escape
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from analysis.errors import FazhiError
from analysis.refresh import content, markup
from analysis.refresh.page_check import check_page

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("en", "zh")
PAGE_MIME = "application/vnd.fazhi.page+json"
FIGURE_MIME = "application/vnd.fazhi.figure+json"
SMALL_POINTS = 220
"""A picture of at most this width keeps its size and has its words at its side."""
_IMAGE = re.compile(r'src="(data:image/svg\+xml;base64,([^"]+))"')
_WIDTH = re.compile(rb'<svg[^>]* width="([\d.]+)pt"')


def export(notebook: NotebookNode, context: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the page says of itself, and the files of a run: path relative to reports/ -> bytes.

    The notebook was executed to its end. The context is what a page must know beyond it: its `edition` and
    `language`, its `stem`, address and title of the edition's `pages`, its `position` among them (from 1),
    the addresses of the `index` and, where there is one, of the `notebook` and of the page in the
    `other_language`, and the panel's `data_version`.

    Raises:
        FazhiError: The page breaks a promise.
    """
    edition, stem = context["edition"], context["stem"]
    files = {f"{edition}/{stem}.html": render_page(notebook, context).encode()}
    chosen = content.select(notebook, context["language"])
    outputs = [output for cell in chosen.cells for output in cell.get("outputs", [])]
    findings = [one.metadata.get("fazhi_text", "") for one in outputs if content.kind(one) == "finding"]
    about = {**_header(chosen), "findings": [text for text in findings if text]}
    for output in outputs:
        if FIGURE_MIME in output.data:
            one = figure(output.data)
            path = f"{edition}/figures/{one['name']}"
            files |= {f"{path}.svg": one["svg"], f"{path}.csv": one["csv_file"]}
            about.setdefault("picture", {"path": f"{path}.svg", "alt": one["alt"]})
        else:
            files |= _tables(output.data.get("text/html", ""), f"{edition}/tables/{stem}/", files)
    files[f"{edition}/notebooks/{stem}.ipynb"] = notebook_bytes(notebook)
    return about, files


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as the bytes of its file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.encode()


def render_page(notebook: NotebookNode, context: Mapping[str, Any]) -> str:
    """The whole page of an executed notebook as one HTML text; for the context see `export`.

    Raises:
        FazhiError: The notebook holds something that may not stand on a page.
    """
    language = context["language"]
    chosen = content.select(notebook, language)
    header = _header(chosen)
    if header["language"] != language:
        given = f"the notebook says {header['language']}, the edition {language}"
        fix = "run the notebook with the edition's language."
        raise FazhiError("A page is in the language of its edition", given, fix)
    labels = tomllib.loads((TEMPLATES / "fazhi/labels.toml").read_text(encoding="utf-8"))[language]
    place = {"header": header, "context": context, "labels": labels}
    html, _ = _exporter(language).from_notebook_node(chosen, resources={"fazhi": place})
    check_page(html)
    return html


def figure(data: Mapping[str, Any]) -> dict[str, Any]:
    """The figure of an output's data: its words, its image from the HTML beside them, and both as files.

    Raises:
        FazhiError: A field is empty; a figure without alt text or data has no place on a page.
    """
    image = _IMAGE.search(data.get("text/html", ""))
    words = {**data[FIGURE_MIME], "image": image[1] if image else ""}
    _refuse_blank(words, f"the figure {words['name']!r}")
    svg = base64.b64decode(image[2] if image else "")
    width, csv_file = _WIDTH.search(svg[:2000]), _csv_file(words["csv"])
    download = "data:text/csv;charset=utf-8;base64," + base64.b64encode(csv_file).decode("ascii")
    small = width is not None and float(width[1]) <= SMALL_POINTS
    return {**words, "svg": svg, "csv_file": csv_file, "download": download, "small": small}


def _header(chosen: NotebookNode) -> dict[str, Any]:
    """The words at the head of the page, from the one page bundle among the notebook's outputs."""
    outputs = [output for cell in chosen.cells for output in cell.get("outputs", [])]
    found = [output.data[PAGE_MIME] for output in outputs if PAGE_MIME in output.data]
    if len(found) != 1:
        fix = "show the head once, with page.head, in a cell near the top."
        raise FazhiError("A page has one header", f"{len(found)} of them", fix)
    _refuse_blank(found[0], "the page header")
    return dict(found[0])


def _refuse_blank(words: Mapping[str, Any], what: str) -> None:
    blank = [name for name, text in words.items() if not str(text).strip()]
    if blank:
        fix = "write the missing words in the edition's language."
        raise FazhiError(f"A page needs every field of {what}", f"nothing for {', '.join(blank)}", fix)


def _tables(html: str, folder: str, before: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every table of an output as a CSV file; a name that comes again gets a number."""
    files: dict[str, bytes] = {}
    for name, text in markup.tables(html) if "<table" in html else ():
        again = sum(path.startswith(folder + name) for path in (*before, *files))
        files[f"{folder}{name}{again + 1 if again else ''}.csv"] = _csv_file(text)
    return files


def _csv_file(text: str) -> bytes:
    """CSV as the bytes of a file, with the byte order mark that tells a spreadsheet it is UTF-8."""
    return text.encode("utf-8-sig")


@cache
def _exporter(language: str) -> TemplateExporter:
    """The machinery of nbconvert over the template `fazhi`, with escaping on and misspelt names refused."""
    made = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="fazhi",
        default_preprocessors=[],
        file_extension=".html",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={
            "markdown": markup.markdown,
            "inline": markup.inline_markdown,
            "chinese": markup.mark_chinese if language == "en" else escape,
            "body": markup.body,
            "figure": figure,
        },
    )
    environment = made.environment
    environment.autoescape, environment.undefined = True, StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    return made
