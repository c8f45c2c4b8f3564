"""One HTML page from one executed notebook.

Rendering is a pure function of the notebook and its context: no clock, no host and no path enters, so the
same run gives the same bytes. A page that would break a promise (script, remote address, missing header,
broken link) is refused with an error and never returned. Writing files is left to the publisher.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment
from markupsafe import escape
from nbconvert.exporters import TemplateExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode

from analysis.errors import FazhiError, InputError
from analysis.refresh import content, layout, markup
from analysis.refresh.page_check import check_page

_MIME = {"page": content.PAGE_MIME, "figure": content.FIGURE_MIME}


@dataclass(frozen=True)
class PageContext:
    """What a page must know beyond its notebook.

    Attributes:
        edition: The edition's key, as in "440800-2020-guangdong-en".
        language: "en" or "zh".
        stem: The notebook's file name without ending; `pages[position - 1]` is its page.
        pages: Address and title of every page of the edition, in order, this one included.
        position: The place of this page among them, from 1.
        other_language: The address of the same page in the other language, None if there is none.
        index: The address of the overview.
        data_version: The panel's version, as in "2026.11".
        revision: The revision of code and data, None to leave it out.
        notebook: The address of the executed notebook, None to leave it out.
        rendered: The date to print, None (the default) to print none.
    """

    edition: str
    language: str
    stem: str
    pages: tuple[tuple[str, str], ...]
    position: int
    other_language: str | None
    index: str
    data_version: str
    revision: str | None = None
    notebook: str | None = None
    rendered: str | None = None


class _PageExporter(TemplateExporter):
    """nbconvert's machinery over the template `fazhi`, with escaping on and misspelt names refused."""

    output_mimetype = "text/html"

    def __init__(self, language: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            template_name=layout.NAME,
            default_preprocessors=[CoalesceStreamsPreprocessor],
            file_extension=".html",
            extra_template_basedirs=[str(layout.TEMPLATES)],
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
        return layout.strict(environment)


def render_page(notebook: NotebookNode, context: PageContext) -> str:
    """The whole page as one HTML text.

    Args:
        notebook: An executed notebook; it is not changed.
        context: The page's place among the others.

    Raises:
        InputError: The language is unknown, or the position is not that of a page.
        FazhiError: The notebook holds something that may not stand on a page; see `content`, `markup`
            and `page_check`.
    """
    labels = layout.labels(context.language)
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
    place = {"header": header, "context": context, "labels": labels, "mime": _MIME}
    chosen = content.select(notebook)
    html, _ = _exporter(context.language).from_notebook_node(chosen, resources={"fazhi": place})
    check_page(html)
    return html


@cache
def _exporter(language: str) -> _PageExporter:
    return _PageExporter(language)
