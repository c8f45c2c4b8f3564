"""What a notebook calls: open a page of an edition, then show its sections, tables and figures.

Everything a page says is computed in the page's module; the notebook only chooses the order. Parameters are
checked here as well as before a refresh, so that a notebook run alone refuses the same things in the same
words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from analysis import editions, narrative, panel
from analysis.errors import InputError, suggest
from analysis.figures import Chart
from analysis.panel import Panel
from analysis.report import (
    dispute_resolution,
    evidence,
    government_services,
    law_enforcement,
    metrics,
    other_cities,
    over_time,
    profile,
    rules_and_openness,
    scorecard,
)
from analysis.report.context import Context
from analysis.report.outputs import Contents, Head, Prose, Table

PAGES: dict[str, Contents] = {
    page.CONTENTS.page_id: page.CONTENTS
    for page in (
        profile,
        over_time,
        other_cities,
        dispute_resolution,
        law_enforcement,
        government_services,
        rules_and_openness,
        scorecard,
        metrics,
    )
}
"""What each page is made of, by the page's id (the notebook's name)."""
Made = TypeVar("Made")


@dataclass
class Page:
    """One page of one edition: the calls below each return something to show as a cell's last expression."""

    context: Context

    def head(self) -> Head:
        """The page's title, which is its question, and its lead."""
        values = self._values("head")
        context = self.context
        title = narrative.render(context.language, context.page_id, "title", **values)
        lead = narrative.render(context.language, context.page_id, "lead", **values)
        return Head(
            page_id=context.page_id,
            title=title,
            lead=lead,
            kicker=self._kicker(),
            language=context.language,
            city_name=context.city,
            year=context.edition.year,
            description=lead,
        )

    def text(self, section: str) -> Prose:
        """A section of the narrative.

        Raises:
            InputError: The page has no such section.
        """
        values = self._values(section)
        return Prose(narrative.render(self.context.language, self.context.page_id, section, **values))

    def table(self, name: str) -> Table:
        """A table of the page.

        Raises:
            InputError: The page has no such table.
        """
        return _named(self._contents.tables, name, "tables")(self.context)

    def figure(self, name: str) -> Chart | Prose:
        """A figure of the page; a sentence in its place when the city reported nothing it could show.

        Raises:
            InputError: The page has no such figure.
        """
        made: Chart | Prose = _named(self._contents.figures, name, "figures")(self.context)
        return made

    def evidence(self) -> Table:
        """Every fact that the page has cited, with its source."""
        return evidence.evidence(self.context)

    def sources(self) -> Table:
        """The sources of the facts that the page has cited."""
        return evidence.sources(self.context)

    def _values(self, section: str) -> Mapping[str, Any]:
        return _named(self._contents.sections, section, "sections")(self.context)

    @property
    def _contents(self) -> Contents:
        return PAGES[self.context.page_id]

    def _kicker(self) -> str:
        region = self.context.region
        name = region.name_zh if self.context.language == "zh" else f"{region.name_en} {region.name_zh}"
        return f"{name} · {self.context.edition.year}"


def _named(makers: Mapping[str, Made], name: str, kind: str) -> Made:
    if name not in makers:
        listed = ", ".join(makers)
        raise InputError(f"The page has these {kind}: {listed}", name, suggest(name, makers, "choose one."))
    return makers[name]


def open_page(
    page_id: str, *, city: str | int, year: int, language: str, peers: str, panel_: Panel | None = None
) -> Page:
    """A page of one edition, ready to be shown.

    Args:
        page_id: The notebook's name, e.g. `01_report_profile`.
        city: Region code, Chinese name or pinyin; papermill's `-p city 440100` makes the code a number.
        year: The year of the report.
        language: `en` or `zh`.
        peers: A group of data/peer_groups.csv.
        panel_: The panel to read; the project's when None.

    Raises:
        InputError: A parameter is not acceptable; the message says what would be.
    """
    if page_id not in PAGES:
        raise InputError(
            "A page must be one of " + ", ".join(PAGES), page_id, suggest(page_id, PAGES, "choose one.")
        )
    whole = panel_ or panel.latest()
    code = str(city) if type(city) is int else city
    parameters = {"city": code, "year": year, "language": language, "peers": peers}
    edition = editions.check(parameters, whole)
    seen = whole
    if PAGES[page_id].reads == "city":
        seen = whole.once(edition.subject, "its own rows", lambda: whole.narrowed([edition.city]))
    return Page(Context(page_id, edition, seen))


__all__ = ["PAGES", "Context", "Head", "Page", "Prose", "Table", "open_page"]
