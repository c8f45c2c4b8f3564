"""The overview that lists the pages of all editions, English and Chinese side by side, as one HTML file.

It is drawn without a notebook and so without nbconvert: whoever publishes needs to import little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, Template

from analysis.refresh import layout
from analysis.refresh.page_check import check_page


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
        layout.labels(entry.language)
    groups: dict[tuple[str, int, str], list[IndexEdition]] = {e.subject: [] for e in entries}
    for entry in sorted(entries, key=lambda e: layout.LANGUAGES.index(e.language)):
        groups[entry.subject].append(entry)
    html = _template().render(groups=list(groups.values()), context=context, labels=layout.all_labels())
    check_page(html)
    return html


@cache
def _template() -> Template:
    loader = FileSystemLoader(layout.TEMPLATES / layout.NAME)
    return layout.strict(Environment(loader=loader)).get_template("overview.html.j2")
