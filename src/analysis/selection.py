"""Which editions a command line means: all of editions.toml, some of them, or one that is not listed.

It refuses a choice that fits nothing, and says what editions there are.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis import compare, editions
from analysis.catalog import LANGUAGES
from analysis.editions import Edition
from analysis.errors import InputError
from analysis.panel import Panel


def select(
    listed: Sequence[Edition],
    panel: Panel,
    *,
    city: str | None,
    year: int | None,
    language: str | None,
    peers: str | None,
) -> tuple[Edition, ...]:
    """The editions that fit what was given, all when nothing was; city and year can name one not listed.

    Args:
        listed: The editions of editions.toml.
        panel: For cities, years and peer groups.
        city: Region code, Chinese name or pinyin; any when None.
        year: A year; any listed when None.
        language: `en` or `zh`; both when None.
        peers: A peer group, or all, province or nearest; the listed one, else the city's own, when None.

    Raises:
        InputError: A word is not acceptable, or nothing fits.
    """
    region = panel.catalog.region(city) if city else None
    languages = [editions.check_language(language)] if language else list(LANGUAGES)
    if peers:
        panel.catalog.check_group(peers)
    if region and year is not None:
        editions.check_year(year, region, panel)
    wanted = (region.region_code if region else None, year, peers)
    fit = tuple(item for item in listed if item.language in languages and _fits(item.subject, wanted))
    if not fit and (region is None or year is None):
        rule = "A choice of editions must fit one of editions.toml, or name a city and a year"
        known = ", ".join(sorted({item.key for item in listed}))
        given = f"city={city}, year={year}, peers={peers}, language={language}"
        raise InputError(rule, given, f"give --city and --year, or choose among {known}.")
    if not fit and region and year is not None:
        group = peers or own_group(region.region_code, panel)
        fit = tuple(Edition(region.region_code, year, group, item) for item in languages)
    for edition in fit:
        if edition.peers == "nearest":  # an error where its neighbours cannot be told
            compare.group(panel, edition.peers, edition.city, edition.year)
    return fit


def _fits(subject: Sequence[object], wanted: Sequence[object]) -> bool:
    """Whether a subject has every part that is wanted; None wants nothing."""
    return all(part in (None, own) for own, part in zip(subject, wanted, strict=True))


def own_group(region_code: str, panel: Panel) -> str:
    """The smallest peer group of the catalogue that a region is in; all of its level when it is in none.

    A group of partners is left out, because its members are not the region's likes.
    """
    groups = panel.catalog.groups
    mine = [name for name, codes in groups.items() if region_code in codes and "partners" not in name]
    provincial = [name for name in mine if len(groups[name]) >= _LEAST_PEERS]
    return min(provincial, key=lambda name: len(groups[name]), default="all")


_LEAST_PEERS = 10
