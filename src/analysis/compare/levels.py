"""Regions by level: the province above a city, its siblings, and the latest year a level can be compared in.

City reports rarely allow a comparison in their own year; official tables of all provinces do, in another. It
never mixes years: the caller is told which year it is. It refuses levels that do not exist.
"""

from __future__ import annotations

from analysis.compare import grades
from analysis.errors import InputError, suggest
from analysis.panel import Panel

LEVELS = ("nation", "province", "prefecture", "county")
FEWEST = 10


def province_code(panel: Panel, code: str) -> str:
    """The code of the province a region lies in, itself if it is a province; empty for the nation."""
    province = panel.catalog.province(code)
    return province.region_code if province else ""


def same_province(panel: Panel, focus: str) -> tuple[str, ...]:
    """The regions of the focus' level in its province; all provinces for a province.

    Raises:
        InputError: The focus lies in no province.
    """
    regions, mine = panel.catalog.regions, province_code(panel, focus)
    if not mine:
        raise InputError("A region must lie in a province", focus, "name a province, a city or a county.")
    level = regions[focus].level
    return tuple(
        code
        for code, region in regions.items()
        if region.level == level and (level == "province" or province_code(panel, code) == mine)
    )


def latest_with(panel: Panel, metric_id: str, level: str, at_most: int, fewest: int = FEWEST) -> int | None:
    """The latest year, not after the given one, in which a level has figures that may be compared.

    Args:
        panel: The whole panel.
        metric_id: The metric.
        level: One of `LEVELS`.
        at_most: The year not to go beyond.
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
    facts = facts[(levels == level) & (facts["year"] <= at_most)]
    graded = grades.graded(panel, facts)
    regions = graded[graded["grade"] != "C"].groupby("year")["region_code"].nunique()
    years = regions.index[regions >= fewest]
    return int(years.max()) if len(years) else None
