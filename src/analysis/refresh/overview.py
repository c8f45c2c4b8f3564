"""The index of a site, made from its manifest and nothing else.

What it says of an edition was noted when its pages were rendered (`describe`), so that the index can be
made again without reading the data. Pages that fell behind carry the date and the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from analysis.refresh.index_page import IndexContext, IndexEdition, IndexPage, render_index
from analysis.refresh.manifest import Entry, Manifest

if TYPE_CHECKING:
    from analysis.editions import Edition
    from analysis.panel import Panel


def describe(edition: Edition, panel: Panel) -> dict[str, Any]:
    """What the index says of an edition: names of the city and its peers, year, language, number of facts."""
    catalog = panel.catalog
    city = catalog.region(edition.city)
    return {
        "city_en": city.name_en,
        "city_zh": city.name_zh,
        "year": edition.year,
        "peers_en": catalog.group_label(edition.peers, "en"),
        "peers_zh": catalog.group_label(edition.peers, "zh"),
        "language": edition.language,
        "facts": len(panel.facts(edition.city, year=edition.year)),
    }


def index_editions(manifest: Manifest) -> list[IndexEdition]:
    """The editions of a manifest as the index shows them."""
    editions = []
    for key, group in groupby(manifest.entries.values(), key=lambda entry: entry.edition):
        entries = list(group)
        days = [entry.published[:10] for entry in entries if entry.published]
        about: Mapping[str, Any] = entries[-1].about
        pages = tuple(index_page(entry) for entry in entries)
        editions.append(IndexEdition(key=key, pages=pages, rendered=max(days, default=None), **about))
    return editions


def index_page(entry: Entry) -> IndexPage:
    """One entry as the index shows it."""
    failure = entry.failure
    return IndexPage(
        href=f"{entry.edition}/{entry.notebook}.html" if entry.files else None,
        title=str(entry.page.get("title") or entry.notebook),
        seconds=entry.seconds or None,
        stale_since=failure.when[:10] if failure else None,
        stale_reason=failure.reason if failure else None,
    )


def render(manifest: Manifest) -> str:
    """The index as one HTML text."""
    context = IndexContext(
        manifest.data_version or "–", manifest.revision or None, manifest.refreshed[:10] or None
    )
    return render_index(index_editions(manifest), context)
