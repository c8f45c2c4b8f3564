"""Nearest neighbours: the regions most like one in size, wealth and structure, with the whole distance table.

Only context enters the distance; what the reports say of themselves never does, or likeness would be measured
by the outcome that is to be compared. A region that lacks a dimension is listed with the reason and not
imputed; with fewer than ten regions that have all, nobody is called near.

Sources: the project's methods, section 2; population, gross regional product and the registers of township-
level divisions as the panel has them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.compare.residents import residents
from analysis.panel import Panel

COUNT = 10
"""How many neighbours a group of nearest neighbours has."""
FEWEST = 10
"""With fewer regions than this that have all dimensions, no distance is given."""
YEARS_APART = 2
"""How far a year of context may lie from the year asked for."""
DIMENSIONS = ("population", "gdp_per_head", "residents_per_division")
"""Residents, yuan of gross regional product a resident, residents a township-level division."""
METHOD = "Euclidean distance of z-scored logarithms, equal weights"
_METRICS = {"gdp_per_head": "context.gdp", "residents_per_division": "context.township_divisions"}
_YUAN = 100_000_000
"""Gross regional product is given in 100 million yuan."""


def nearest(panel: Panel, focus: str, year: int, count: int = COUNT) -> pd.DataFrame:
    """The distance table of a region: every region of its level with any context, the nearest first.

    All context is of one year: the asked one, else the nearest within two years (the earlier of two) in which
    the focus and nine others have every dimension. Residents may be of the nearest census, as in `residents`.

    Args:
        panel: The whole panel.
        focus: The region code.
        year: The year that is compared.
        count: How many are called neighbours.

    Returns:
        One row a region: region_code; for each of `DIMENSIONS` its figure, `z_…` (its z-scored logarithm),
        `year_…` (0 where there is none) and `row_…` (label of the panel, -1 where there is none); `distance`
        from the focus, `place` (1 is the nearest), `neighbour`; `n` (regions that have all dimensions),
        `method`; `reasons` (codes of labels.toml: lacks_population, lacks_gdp_per_head,
        lacks_residents_per_division of the region; few_with_context, focus_lacks_context of the table; then
        no distance is given). Sorted by distance; the focus comes first, regions without a distance last.
    """
    regions = panel.catalog.regions
    codes = [code for code, region in regions.items() if region.level == regions[focus].level]
    frame = _best_year(panel, focus, year, codes)
    held = frame[list(DIMENSIONS)].notna()
    frame = frame[held.any(axis=1) | (frame.index == focus)]
    frame = _distances(frame, focus)
    frame = frame.assign(reasons=_reasons(frame, focus))
    place = frame["distance"].drop(focus, errors="ignore").rank(method="first").reindex(frame.index)
    frame = frame.assign(place=place.astype("Int64"), neighbour=(place <= count).astype(bool))
    order = frame.assign(first=frame.index != focus).sort_values(["first", "distance"], kind="stable")
    return order.drop(columns="first").rename_axis("region_code").reset_index()


def alike(panel: Panel, focus: str, year: int) -> pd.DataFrame:
    """The regions most like one, the nearest first, with names; empty where nobody can be called near.

    Returns:
        region_code, name, `DIMENSIONS` (`population` as `residents`), distance, and `rows`, the labels of the
        panel that the figures rest on.
    """
    table = nearest(panel, focus, year)
    near = table[table["neighbour"]].sort_values("distance")
    labels = near[[f"row_{name}" for name in DIMENSIONS]].itertuples(index=False, name=None)
    return near.assign(
        name=[panel.name(code) for code in near["region_code"]],
        residents=near["population"],
        rows=pd.Series(
            [tuple(int(row) for row in found if row >= 0) for found in labels], near.index, dtype=object
        ),
    )[["region_code", "name", "residents", "gdp_per_head", "residents_per_division", "distance", "rows"]]


def neighbours(table: pd.DataFrame) -> tuple[str, ...]:
    """The region codes that a table of `nearest` calls neighbours, the nearest first; perhaps none."""
    return tuple(str(code) for code in table.loc[table["neighbour"], "region_code"])


def _best_year(panel: Panel, focus: str, year: int, codes: list[str]) -> pd.DataFrame:
    """The context of the nearest year that gives a table; of the year with most regions when none does."""
    fullest, most = pd.DataFrame(), -1
    for candidate in sorted(range(year - YEARS_APART, year + YEARS_APART + 1), key=lambda y: abs(y - year)):
        frame = _context(panel, candidate, codes)
        whole = frame[list(DIMENSIONS)].notna().all(axis=1)
        if whole[focus] and whole.sum() >= FEWEST:
            return frame
        if whole.sum() > most:
            fullest, most = frame, int(whole.sum())
    return fullest


def _context(panel: Panel, year: int, codes: list[str]) -> pd.DataFrame:
    """Every dimension of one year with its year and row, NaN, 0 and -1 where there is none; by code."""
    known = residents(panel, year).reindex(codes)
    people = known["residents"]
    frame = pd.DataFrame(
        {
            "population": people,
            "year_population": known["residents_year"],
            "row_population": known["residents_row"],
        }
    )
    for name, metric_id in _METRICS.items():
        facts = panel.facts(year=year, metrics=[metric_id], whole_area=True)
        facts = panel.pick(facts[(facts["scope"] == "whole") & (facts["value"] > 0)])
        facts = facts.assign(row=facts.index).drop_duplicates("region_code", keep="last")
        found = facts.set_index("region_code").reindex(codes)
        frame[name] = found["value"]
        frame[f"year_{name}"] = found["year"]
        frame[f"row_{name}"] = found["row"]
    frame["gdp_per_head"] = frame["gdp_per_head"] * _YUAN / people
    frame["residents_per_division"] = people / frame["residents_per_division"]
    none = {f"{kind}_{name}": value for name in DIMENSIONS for kind, value in (("year", 0), ("row", -1))}
    return frame.fillna(none).astype(dict.fromkeys(none, int))


def _distances(frame: pd.DataFrame, focus: str) -> pd.DataFrame:
    """The z-scores over the regions with all dimensions, and their distance from the focus."""
    whole = frame[list(DIMENSIONS)].dropna()
    logs = np.log(whole)
    spread = logs.std(ddof=0).replace(0.0, 1.0)
    scores = ((logs - logs.mean()) / spread).reindex(frame.index)
    if focus not in whole.index or len(whole) < FEWEST:
        scores = scores * np.nan
    gaps = scores - scores.loc[focus]
    return frame.assign(
        **{f"z_{name}": scores[name] for name in DIMENSIONS},
        distance=np.sqrt((gaps**2).sum(axis=1, skipna=False)),
        n=len(whole),
        method=METHOD,
    )


def _reasons(frame: pd.DataFrame, focus: str) -> pd.Series:
    """Why a region has no distance: what it lacks, then what the whole table lacks."""
    lacking = frame[list(DIMENSIONS)].isna()
    table = []
    if lacking.loc[focus].any():
        table = ["focus_lacks_context"]
    elif (~lacking.any(axis=1)).sum() < FEWEST:
        table = ["few_with_context"]
    found = [
        (*(f"lacks_{name}" for name in DIMENSIONS if row[name]), *table) for _, row in lacking.iterrows()
    ]
    return pd.Series(found, index=frame.index, dtype=object)
