"""The number of residents that a rate of a year is based on, and where it was read.

The same year's figure, a census count before a year-end estimate because it is the only full count; else the
nearest census. It never interpolates between years.
"""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from analysis.panel import Panel

POPULATION = "context.population"
CENSUS_YEARS = (2010, 2020)


def residents(panel: Panel, year: int) -> pd.DataFrame:
    """The population of every region that rates of a year are based on, indexed by region code.

    Returns:
        Columns residents (persons), residents_year, residents_period, residents_row (label of the panel).
    """
    return _residents(panel, year).copy(deep=False)


@lru_cache(maxsize=64)
def _residents(panel: Panel, year: int) -> pd.DataFrame:
    facts = panel.facts(metrics=[POPULATION], whole_area=True)
    facts = panel.pick(facts[facts["scope"] == "whole"])
    counted = facts["period"].str.startswith("at-")
    usable = facts[(facts["year"] == year) | (counted & facts["year"].isin(CENSUS_YEARS))]
    return (
        usable.assign(
            row=usable.index, away=(usable["year"] - year).abs(), estimated=~counted.loc[usable.index]
        )
        .sort_values(["away", "estimated"], kind="stable")
        .drop_duplicates("region_code")
        .set_index("region_code")[["value", "year", "period", "row"]]
        .add_prefix("residents_")
        .rename(columns={"residents_value": "residents"})
    )
