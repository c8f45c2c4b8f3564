"""One HTML page from one executed notebook, and the overview that lists the pages.

Rendering is a pure function of the notebook and its context: no clock, no host and no path enters, so the
same run gives the same bytes. A page that would break a promise (script, remote address, missing header,
broken link) is refused with an error and never returned. Writing files is left to the publisher.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import escape
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from analysis.errors import FazhiError, InputError, suggest
from analysis.refresh import content, markup
from analysis.refresh.page_check import check_page

LANGUAGES = ("en", "zh")
_TEMPLATES = Path(__file__).parent / "templates"
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


@dataclass(frozen=True)
class IndexPage:
    """A page in the overview.

    Attributes:
        href: The page's address, None when no good page exists yet.
        title: The page's title in its own language.
        seconds: How long the run took, None if unknown.
        stale_since: The date since which the page is out of date, None when it is fresh.
        stale_reason: Why it is out of date.
    """

    href: str | None
    title: str
    seconds: float | None = None
    stale_since: str | None = None
    stale_reason: str | None = None


@dataclass(frozen=True)
class IndexEdition:
    """An edition in the overview; editions that differ only in language are shown together.

    Attributes:
        key: The edition's key.
        city_en, city_zh: The city's names.
        year: The reporting year.
        peers_en, peers_zh: The names of the peer group.
        language: "en" or "zh".
        facts: How many facts the panel holds for the city and year.
        pages: The edition's pages, in order.
        rendered: The date of the latest good run, None to print none.
    """

    key: str
    city_en: str
    city_zh: str
    year: int
    peers_en: str
    peers_zh: str
    language: str
    facts: int
    pages: tuple[IndexPage, ...]
    rendered: str | None = None

    @property
    def subject(self) -> tuple[str, int, str]:
        """What editions in two languages have in common: city, year and peers."""
        return (self.city_en, self.year, self.peers_en)


@dataclass(frozen=True)
class IndexContext:
    """What the overview must know beyond its editions: data version, revision and a date to print."""

    data_version: str
    revision: str | None = None
    rendered: str | None = None


class _PageExporter(TemplateExporter):
    """nbconvert's machinery over the template `fazhi`, with escaping on and misspelt names refused."""

    output_mimetype = "text/html"

    def __init__(self, language: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            template_name="fazhi",
            file_extension=".html",
            extra_template_basedirs=[str(_TEMPLATES)],
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
        environment.autoescape = True
        environment.undefined = StrictUndefined
        environment.trim_blocks = environment.lstrip_blocks = True
        return environment


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
    labels = _labels(context.language)
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


def render_index(entries: Sequence[IndexEdition], context: IndexContext) -> str:
    """The overview of all editions as one HTML text, English and Chinese side by side.

    Args:
        entries: The editions, in the order to show them.
        context: Data version, revision and date.

    Raises:
        InputError: An edition's language is unknown.
        FazhiError: The overview would break a promise of `page_check`.
    """
    for entry in entries:
        _labels(entry.language)
    groups: dict[tuple[str, int, str], list[IndexEdition]] = {e.subject: [] for e in entries}
    for entry in sorted(entries, key=lambda e: LANGUAGES.index(e.language)):
        groups[entry.subject].append(entry)
    template = _exporter("en").environment.get_template("overview.html.j2")
    html: str = template.render(groups=list(groups.values()), context=context, labels=_all_labels())
    check_page(html)
    return html


@cache
def _exporter(language: str) -> _PageExporter:
    return _PageExporter(language)


def _labels(language: str) -> dict[str, str]:
    if language not in LANGUAGES:
        raise InputError(
            f"A page's language is one of {', '.join(LANGUAGES)}",
            language,
            suggest(language, LANGUAGES, "type en or zh."),
        )
    return _all_labels()[language]


@cache
def _all_labels() -> dict[str, dict[str, str]]:
    return tomllib.loads((_TEMPLATES / "fazhi" / "labels.toml").read_text(encoding="utf-8"))
