"""An executed notebook as files to publish: its page, its figures and tables with their data, and itself.

Rendering is a pure function of the notebook and its context: no clock, no host and no path enters, so the
same run gives the same bytes. nbconvert turns the notebook's outputs into one HTML file through a template of
ours. A page that would break a promise is refused with an error and never returned (`content`, `markup`).
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
    edition, stem, language = context["edition"], context["stem"], context["language"]
    chosen = content.select(notebook, language)
    outputs = [output for cell in chosen.cells for output in cell.get("outputs", [])]
    header = _header(outputs, language)
    labels = tomllib.loads((TEMPLATES / "fazhi/labels.toml").read_text(encoding="utf-8"))[language]
    place = {"header": header, "context": context, "labels": labels}
    page, _ = _exporter(language).from_notebook_node(chosen, resources={"fazhi": place})
    markup.check_page(page)
    files = {f"{edition}/{stem}.html": page.encode()}
    findings = [one.metadata.get("fazhi_text", "") for one in outputs if content.kind(one) == "finding"]
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


def figure(data: Mapping[str, Any]) -> dict[str, Any]:
    """The figure of an output's data: its words, its image from the HTML beside them, and both as files.

    Raises:
        FazhiError: A field is empty; a figure without alt text or data has no place on a page.
    """
    image = _IMAGE.search(data.get("text/html", ""))
    words = {**data[FIGURE_MIME], "image": image[1] if image else ""}
    _refuse_blank(words, f"the figure {words['name']!r}")
    svg = base64.b64decode(image[2] if image else "")
    width, csv_file = _WIDTH.search(svg[:2000]), words["csv"].encode("utf-8-sig")
    download = "data:text/csv;charset=utf-8;base64," + base64.b64encode(csv_file).decode("ascii")
    small = width is not None and float(width[1]) <= SMALL_POINTS
    return {**words, "svg": svg, "csv_file": csv_file, "download": download, "small": small}


def _header(outputs: list[NotebookNode], language: str) -> dict[str, Any]:
    """The words at the head of the page, from the one page bundle among its outputs."""
    found = [output.data[PAGE_MIME] for output in outputs if PAGE_MIME in output.data]
    if len(found) != 1:
        fix = "show the head once, with page.head, in a cell near the top."
        raise FazhiError("A page has one header", f"{len(found)} of them", fix)
    _refuse_blank(found[0], "the page header")
    if found[0]["language"] != language:
        given = f"the notebook says {found[0]['language']}, the edition {language}"
        fix = "run the notebook with the edition's language."
        raise FazhiError("A page is in the language of its edition", given, fix)
    return dict(found[0])


def _refuse_blank(words: Mapping[str, Any], what: str) -> None:
    blank = [name for name, text in words.items() if not str(text).strip()]
    if blank:
        fix = "write the missing words in the edition's language."
        raise FazhiError(f"A page needs every field of {what}", f"nothing for {', '.join(blank)}", fix)


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
