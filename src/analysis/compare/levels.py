"""A region among levels: the province above it, its siblings, and the residents that its rates are based on.

Residents are the same year's figure, a census count before a year-end estimate because it is the only full
count; else the nearest census. It never interpolates between years.
"""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from analysis.errors import InputError
from analysis.panel import Panel

NATION = "000000"
_POPULATION = "context.population"
_CENSUS_YEARS = (2010, 2020)


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
    likes = [code for code, region in regions.items() if region.level == level]
    return tuple(code for code in likes if level == "province" or province_code(panel, code) == mine)


def residents(panel: Panel, year: int) -> pd.DataFrame:
    """The population of every region that rates of a year are based on, indexed by region code.

    Returns:
        Columns residents (persons), residents_year, residents_period, residents_row (label of the panel).
    """
    return _residents(panel, year).copy(deep=False)


@lru_cache(maxsize=64)
def _residents(panel: Panel, year: int) -> pd.DataFrame:
    facts = panel.facts(metrics=[_POPULATION], whole_area=True)
    facts = panel.pick(facts[facts["scope"] == "whole"])
    counted = facts["period"].str.startswith("at-")
    facts = facts.assign(row=facts.index, away=(facts["year"] - year).abs(), estimated=~counted)
    usable = facts[(facts["year"] == year) | (counted & facts["year"].isin(_CENSUS_YEARS))]
    nearest = usable.sort_values(["away", "estimated"], kind="stable").drop_duplicates("region_code")
    found = nearest.set_index("region_code")[["value", "year", "period", "row"]].add_prefix("residents_")
    return found.rename(columns={"residents_value": "residents"})
