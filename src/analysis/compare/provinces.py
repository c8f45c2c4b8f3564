"""Cross-sections over provinces, and the latest year for which a level has figures to compare.

City reports rarely allow a comparison in their own year; official tables of all provinces do, in another. It
never mixes years: the caller is told which year the section is of. It refuses levels that do not exist.
"""

from __future__ import annotations

from analysis.compare import grades
from analysis.compare.cities import CrossSection, cross_section
from analysis.compare.funnels import FEW
from analysis.errors import InputError, suggest
from analysis.panel import Panel

LEVELS = ("nation", "province", "prefecture", "county")


def provinces(panel: Panel, metric_id: str, year: int, focus: str) -> CrossSection:
    """One metric in one year over the provinces, the focus' own province in focus, the nation as context.

    Args:
        panel: The whole panel.
        metric_id: The metric.
        year: The year.
        focus: A region code of any level but the nation's; its province is taken.
    """
    regions = panel.catalog.regions
    codes = [code for code, region in regions.items() if region.level == "province"]
    return cross_section(panel, metric_id, year, province_of(panel, focus), codes)


def province_of(panel: Panel, code: str) -> str:
    """The code of the province a region lies in, its own if it is a province.

    Raises:
        InputError: It lies in none, as the nation does.
    """
    found = _province(panel, code)
    if not found:
        raise InputError("A region must lie in a province", code, "name a province, a city or a county.")
    return found


def same_province(panel: Panel, focus: str) -> tuple[str, ...]:
    """The regions of the focus' level in its province; all provinces for a province.

    Raises:
        InputError: The focus lies in no province.
    """
    level, mine = panel.catalog.regions[focus].level, province_of(panel, focus)
    return tuple(
        code
        for code, region in panel.catalog.regions.items()
        if region.level == level and (level == "province" or _province(panel, code) == mine)
    )


def _province(panel: Panel, code: str) -> str:
    """The code of the province above a region, or itself; empty when there is none."""
    regions = panel.catalog.regions
    while code in regions and regions[code].level != "province":
        code = regions[code].parent_code
    return code if code in regions else ""


def latest_with(panel: Panel, metric_id: str, level: str, at_most_year: int, fewest: int = FEW) -> int | None:
    """The latest year, not after the given one, in which a level has figures that may be compared.

    Args:
        panel: The whole panel.
        metric_id: The metric.
        level: One of `LEVELS`.
        at_most_year: The year not to go beyond.
        fewest: How many regions must have a figure of grade A or B for the whole area.

    Returns:
        The year; None when there is none.

    Raises:
        InputError: There is no such level.
    """
    if level not in LEVELS:
        raise InputError(
            "A level must be one of the catalogue", level, suggest(level, LEVELS, "type province.")
        )
    facts = panel.facts(metrics=[metric_id], whole_area=True)
    levels = facts["region_code"].map({code: item.level for code, item in panel.catalog.regions.items()})
    facts = facts[(levels == level) & (facts["year"] <= at_most_year)]
    # a rate's base may stand in any source of the region, so the bases are those of the whole panel
    graded = grades.grade(facts, panel.catalog, "whole", grades.bases(panel.observations))
    regions = graded[graded["grade"] != "C"].groupby("year")["region_code"].nunique()
    years = regions.index[regions >= fewest]
    return int(years.max()) if len(years) else None
