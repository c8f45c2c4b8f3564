"""Who a city is set beside: all of its level, its province, a named group, or its nearest neighbours.

Near are the regions most like one in size, wealth and structure. Only context enters the distance; what the
reports say of themselves never does, or likeness would be measured by the outcome that is to be compared. A
region that lacks a dimension is listed with the reason and not imputed; with fewer than ten regions that have
all, nobody is called near. It refuses unknown names, and a group without a region of the level of the focus.
Residents are the same year's figure, a census count before a year-end estimate because it is the only full
count; else the nearest census: it never interpolates between years.

Sources: the project's methods, section 2; population, gross regional product and the registers of township-
level divisions as the panel has them.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis import words
from analysis.errors import InputError
from analysis.panel import Panel

NATION = "000000"
_POPULATION = "context.population"
_CENSUS_YEARS = (2010, 2020)
COUNT = 10
"""How many neighbours a group of nearest neighbours has."""
FEWEST = 10
"""With fewer regions than this that have all dimensions, no distance is given."""
YEARS_APART = 2
"""How far a year of context may lie from the year asked for."""
DIMENSIONS = ("residents", "gdp_per_head", "per_division")
"""Residents, yuan of gross regional product a resident, residents a township-level division."""
METHOD = "Euclidean distance of z-scored logarithms, equal weights"
_METRICS = {"gdp_per_head": "context.gdp", "per_division": "context.township_divisions"}
_YUAN = 100_000_000
"""Gross regional product is given in 100 million yuan."""


def province_code(panel: Panel, code: str) -> str:
    """The code of the province a region lies in, itself if it is a province; empty for the nation."""
    province = panel.catalog.province(code)
    return province.region_code if province else ""


def _likes(panel: Panel, focus: str) -> list[str]:
    """The regions of the focus' level, itself among them."""
    regions = panel.catalog.regions
    return [code for code, region in regions.items() if region.level == regions[focus].level]


def group(panel: Panel, name: str | Collection[str], focus: str, year: int) -> tuple[str, ...]:
    """The region codes of a comparator group, all of the level of the focus; it says nothing of who reports.

    The name is `all`, `province`, `nearest` (which depend on the year) or one of data/peer_groups.csv.

    Raises:
        InputError: There is no such group, none of it is of the level of the focus, the focus lies in no
            province, or neighbours cannot be told; the message says why.
    """
    if not isinstance(name, str):
        return tuple(panel.catalog.region(word).region_code for word in name)
    panel.catalog.check_group(name)
    if name in ("all", "province"):
        level, mine, likes = (
            panel.catalog.regions[focus].level,
            province_code(panel, focus),
            _likes(panel, focus),
        )
        if name == "province" and not mine:
            raise InputError("A region must lie in a province", focus, "name a province, a city or a county.")
        whole = name == "all" or level == "province"
        return tuple(code for code in likes if whole or province_code(panel, code) == mine)
    if name != "nearest":
        return panel.catalog.peers(name, focus)
    table = nearest(panel, focus, year)
    if table["neighbour"].any():
        return (focus, *table.loc[table["neighbour"], "region_code"])
    reasons = ", ".join(words.label("reason", code, "en") for code in table["reasons"].iloc[0])
    raise InputError(
        "Nearest neighbours need population, gross regional product and divisions of ten regions",
        f"{focus} in {year}: {reasons}",
        "choose the peers province, all or a group of data/peer_groups.csv.",
    )


def nearest(panel: Panel, focus: str, year: int, count: int = COUNT) -> pd.DataFrame:
    """The distance table of a region: all of its level with any context, the nearest `count` its neighbours.

    All context is of one year: the asked one, else the nearest within two years (the earlier of two) in which
    the focus and nine others have every dimension. Residents may be of the nearest census, as in `residents`.

    Returns:
        One row a region: region_code, `name` and `province` in the panel's language; the figure of each of
        `DIMENSIONS` (NaN where there is none), `context_year`; `distance` from the focus, `place` (1: the
        nearest), `neighbour`; `n` (regions that have all dimensions), `method`; `reasons` (of words.csv:
        lacks_residents, lacks_gdp_per_head, lacks_per_division of the region; few_with_context,
        focus_lacks_context of the table; then no distance is given); `rows`, labels of the panel. Sorted by
        distance; the focus comes first, regions without a distance last.
    """
    codes = _likes(panel, focus)
    years = sorted(range(year - YEARS_APART, year + YEARS_APART + 1), key=lambda other: abs(other - year))
    tables = [_context(panel, other, codes) for other in years]
    whole = [table[list(DIMENSIONS)].notna().all(axis=1) for table in tables]
    fit = [place for place, there in enumerate(whole) if there[focus] and there.sum() >= FEWEST]
    best = fit[0] if fit else int(np.argmax([there.sum() for there in whole]))
    frame, complete = tables[best], whole[best]
    logs = np.log(frame.loc[complete, list(DIMENSIONS)])
    scores = (logs - logs.mean()) / logs.std(ddof=0).replace(0.0, 1.0)
    scores = scores.reindex(frame.index) if fit else scores.reindex(frame.index) * np.nan
    distance = np.sqrt(((scores - scores.loc[focus]) ** 2).sum(axis=1, skipna=False))
    place = distance.drop(focus).rank(method="first").reindex(frame.index)
    homes = [province_code(panel, code) for code in frame.index]
    frame = frame.assign(
        name=[panel.name(code) for code in frame.index],
        province=[panel.name(home) if home else "" for home in homes],
        context_year=years[best],
        distance=distance,
        place=place.astype("Int64"),
        neighbour=(place <= count).astype(bool),
        n=int(complete.sum()),
        method=METHOD,
        reasons=_reasons(frame, focus, bool(fit)),
        first=frame.index != focus,
    )
    frame = frame[frame[list(DIMENSIONS)].notna().any(axis=1) | ~frame["first"]]
    return frame.sort_values(["first", "distance"], kind="stable").drop(columns="first").reset_index()


def _context(panel: Panel, year: int, codes: list[str]) -> pd.DataFrame:
    """Every dimension of one year with the rows it rests on, by region code."""
    people = residents(panel, year).reindex(codes)
    frame = pd.DataFrame({"residents": people["residents"]}).rename_axis("region_code")
    labels = {"residents": people["residents_row"]}
    for name, metric_id in _METRICS.items():
        facts = panel.facts(year=year, metrics=[metric_id], whole_area=True)
        facts = panel.pick(facts[(facts["scope"] == "whole") & (facts["value"] > 0)])
        found = facts.assign(row=facts.index).drop_duplicates("region_code", keep="last")
        found = found.set_index("region_code")
        frame[name], labels[name] = found["value"].reindex(codes), found["row"].reindex(codes)
    rows = pd.DataFrame(labels).apply(
        lambda row: tuple(row.dropna().astype(int)), axis=1, result_type="reduce"
    )
    return frame.assign(
        gdp_per_head=frame["gdp_per_head"] * _YUAN / frame["residents"],
        per_division=frame["residents"] / frame["per_division"],
        rows=rows,
    )


def _reasons(frame: pd.DataFrame, focus: str, told: bool) -> pd.Series:
    """Why a region has no distance: what it lacks, then what the whole table lacks."""
    lacking = frame[list(DIMENSIONS)].isna()
    table = () if told else ("focus_lacks_context",) if lacking.loc[focus].any() else ("few_with_context",)
    rows = lacking.itertuples(index=False, name=None)
    names = [f"lacks_{name}" for name in DIMENSIONS]
    found = [(*(name for name, lacks in zip(names, row, strict=True) if lacks), *table) for row in rows]
    return pd.Series(found, index=frame.index, dtype=object)


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
