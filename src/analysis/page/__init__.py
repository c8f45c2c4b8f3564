"""What a notebook shows, and the only way onto a page: head, sentences, findings, figures, tables, evidence.

A notebook opens its page in one cell, and shows each part with one call. Bad parameters are refused in that
first cell, in the words in which a refresh refuses them.
"""

from __future__ import annotations

from analysis import compare, editions, style
from analysis import panel as panels
from analysis.editions import Edition
from analysis.page.page import Page
from analysis.panel import Panel

CITY_PAGES = ("02_report", "03_over_time")
"""Pages that see only their own city's rows, so that other cities' new facts do not make them stale."""
__all__ = ["CITY_PAGES", "Page", "open_page", "warm"]


def open_page(
    page_id: str, city: str | int, year: int, language: str = "en", peers: str = "province",
    panel: Panel | None = None,
) -> Page:  # fmt: skip
    """A page of one edition, ready to be shown; the house style for charts is set.

    The page is named as its notebook, `04_other_cities`; the city by region code (papermill's
    `-p city 440800` makes it a number), Chinese name or pinyin; the peers by a group of data/peer_groups.csv,
    `all`, `province` or `nearest`. The panel is the project's when None.

    Raises:
        InputError: A parameter is not acceptable, or one was given that the notebook does not declare.
    """
    editions.refuse_undeclared()
    whole = panel or panels.shared()
    # the code of a region has six digits; as a number it lost its leading zeros
    code = f"{city:06d}" if type(city) is int else str(city)
    edition = editions.check({"city": code, "year": year, "language": language, "peers": peers}, whole)
    style.use()
    spoken = whole.in_language(edition.language) if panel else panels.shared(edition.language)
    return Page(page_id, edition, spoken.only(edition.city) if page_id in CITY_PAGES else spoken)


def warm(edition: Edition) -> None:
    """Computes what the pages of an edition share, and keeps it for processes that fork."""
    panel = panels.shared(edition.language)
    compare.all_fair(panel, edition.city, edition.year, edition.peers)
    style.use()
