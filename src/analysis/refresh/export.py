"""An executed notebook as files to publish: its page, its figures and tables with their data, and itself.

Rendering is a pure function of the notebook and its context: no clock, no host and no path enters, so the
same run gives the same bytes. nbconvert turns the notebook's outputs into one HTML file through a template of
ours. A page that would break a promise is refused with an error and never returned (`content`, `markup`,
`page_check`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, StrictUndefined
from markupsafe import escape
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from analysis.errors import FazhiError, InputError, suggest
from analysis.refresh import content, markup
from analysis.refresh.page_check import check_page

TEMPLATES = Path(__file__).parent / "templates"
NAME = "fazhi"
"""The template, as nbconvert knows it, and its folder below `TEMPLATES`."""
LANGUAGES = ("en", "zh")
_MIME = {"page": content.PAGE_MIME, "figure": content.FIGURE_MIME}


@dataclass(frozen=True)
class PageContext:
    """What a page must know beyond its notebook.

    Its edition's key and language, the notebook's stem, address and title of every page of the edition, its
    own place among them (from 1), the addresses of the same page in the other language, of the index and of
    the executed notebook (None: left out), and the panel's version.
    """

    edition: str
    language: str
    stem: str
    pages: tuple[tuple[str, str], ...]
    position: int
    other_language: str | None
    index: str
    data_version: str
    notebook: str | None = None


def export(notebook: NotebookNode, context: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the page says of itself, and the files of a run: path relative to reports/ -> bytes.

    The notebook was executed to its end; the context has the fields of `PageContext`.

    Raises:
        FazhiError: The page breaks a promise.
    """
    pages = tuple((address, title) for address, title in context["pages"])
    place = PageContext(**{**context, "pages": pages})
    edition, stem = place.edition, place.stem
    files = {f"{edition}/{stem}.html": render_page(notebook, place).encode()}
    pictures = list(content.figures(notebook))
    for one in pictures:
        files[f"{edition}/figures/{one.name}.svg"] = one.svg
        files[f"{edition}/figures/{one.name}.csv"] = one.csv_file
    files.update(_tables(notebook, f"{edition}/tables/{stem}"))
    files[f"{edition}/notebooks/{stem}.ipynb"] = notebook_bytes(notebook)
    about = {**asdict(content.header(notebook)), "findings": content.findings(notebook)}
    if pictures:
        about["picture"] = {"path": f"{edition}/figures/{pictures[0].name}.svg", "alt": pictures[0].alt}
    return about, files


def _tables(notebook: NotebookNode, folder: str) -> dict[str, bytes]:
    """Every table of the page as a CSV file; a name that comes again gets a number."""
    files: dict[str, bytes] = {}
    for _, output in content.shown(notebook):
        html = output.get("data", {}).get("text/html", "")
        if "<table" in html and content.FIGURE_MIME not in output.data:
            for name, text in markup.tables(html):
                again = sum(path.startswith(f"{folder}/{name}") for path in files)
                files[f"{folder}/{name}{again + 1 if again else ''}.csv"] = content.csv_file(text)
    return files


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as the bytes of its file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.encode()


def render_page(notebook: NotebookNode, context: PageContext) -> str:
    """The whole page of an executed notebook as one HTML text.

    Raises:
        InputError: The language is unknown, or the position is not that of a page.
        FazhiError: The notebook holds something that may not stand on a page.
    """
    words = labels(context.language)
    if not 1 <= context.position <= len(context.pages):
        raise InputError(
            "A page's position is its place among the edition's pages",
            f"position {context.position} of {len(context.pages)} pages",
            "count from 1 and list every page, this one included.",
        )
    header = content.header(notebook)
    if header.language != context.language:
        raise FazhiError(
            "A page is in the language of its edition",
            f"the notebook says {header.language}, the edition {context.language}",
            "run the notebook with the edition's language.",
        )
    place = {"header": header, "context": context, "labels": words, "mime": _MIME}
    chosen = content.select(notebook, context.language)
    html, _ = _exporter(context.language).from_notebook_node(chosen, resources={"fazhi": place})
    check_page(html)
    return html


class _PageExporter(TemplateExporter):
    """nbconvert's machinery over the template `fazhi`, with escaping on and misspelt names refused."""

    output_mimetype = "text/html"

    def __init__(self, language: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            template_name=NAME,
            default_preprocessors=[],
            file_extension=".html",
            extra_template_basedirs=[str(TEMPLATES)],
            filters={
                "markdown": markup.markdown,
                "inline": markup.inline_markdown,
                "chinese": markup.mark_chinese if language == "en" else escape,
                "body": markup.body,
                "figure": content.figure,
            },
        )

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        return strict(environment)


@cache
def _exporter(language: str) -> _PageExporter:
    return _PageExporter(language)


def strict(environment: Environment) -> Environment:
    """The same environment with escaping on and misspelt names refused."""
    environment.autoescape = True
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment


def labels(language: str) -> dict[str, str]:
    """The fixed words of a page in a language.

    Raises:
        InputError: The language is unknown.
    """
    if language not in LANGUAGES:
        fix = suggest(language, LANGUAGES, "type en or zh.")
        raise InputError(f"A page's language is one of {', '.join(LANGUAGES)}", language, fix)
    return all_labels()[language]


@cache
def all_labels() -> dict[str, dict[str, str]]:
    """The fixed words of pages and index: language or "overview" -> name -> words."""
    return tomllib.loads((TEMPLATES / NAME / "labels.toml").read_text(encoding="utf-8"))
