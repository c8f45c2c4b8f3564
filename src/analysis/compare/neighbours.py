"""Who a city is set beside: all of its level, its province, a named group, or its nearest neighbours.

Only context enters the distance, never what the reports say of themselves. It imputes and interpolates
nothing, and calls nobody near with fewer than ten regions that have all. Sources: the methods, section 2.
"""

from collections.abc import Collection
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis import words
from analysis.errors import InputError
from analysis.panel import Panel

NATION = "000000"
FEWEST = 10  # regions that have all dimensions: with fewer no distance is given
DIMENSIONS = ["residents", "gdp_per_head", "per_division"]
"""Residents, yuan of gross regional product a resident, residents a township-level division."""
_METRICS = {"gdp_per_head": "context.gdp", "per_division": "context.township_divisions"}
_YUAN = 100_000_000  # the unit in which gross regional product is given


def province_code(panel: Panel, code: str) -> str:
    """The code of the province a region lies in, itself if it is a province; empty for the nation."""
    province = panel.catalog.province(code)
    return province.region_code if province else ""


def _alike(panel: Panel, focus: str) -> list[str]:
    regions = panel.catalog.regions
    return [code for code in regions if regions[code].level == regions[focus].level]


def group(panel: Panel, name: str | Collection[str], focus: str, year: int) -> tuple[str, ...]:
    """The region codes of a comparator group, all of the level of the focus; it says nothing of who reports.

    It is `all`, `province`, `nearest`, one of data/peer_groups.csv, or names and codes, taken as they are.

    Raises:
        InputError: There is no such group or region, none is of this level, or neighbours cannot be told.
    """
    if not isinstance(name, str):
        return tuple(panel.catalog.region(word).region_code for word in name)
    panel.catalog.check_group(name)
    if name == "nearest":
        table = nearest(panel, focus, year)
        if table["neighbour"].any():
            return (focus, *table.loc[table["neighbour"], "region_code"])
        reasons = ", ".join(words.label("reason", code, "en") for code in table["reasons"].iloc[0])
        raise InputError(
            "Nearest neighbours need population, gross regional product and divisions of ten regions",
            f"{focus} in {year}: {reasons}",
            "choose the peers province, all or a group of data/peer_groups.csv.",
        )
    if name not in ("all", "province"):
        return panel.catalog.peers(name, focus)
    alike, home = _alike(panel, focus), province_code(panel, focus)
    if name == "all" or home == focus:
        return tuple(alike)
    if not home:
        raise InputError("A region must lie in a province", focus, "name a province, a city or a county.")
    return tuple(code for code in alike if province_code(panel, code) == home)


def nearest(panel: Panel, focus: str, year: int, count: int = 10) -> pd.DataFrame:
    """The distance table of a region: all of its level with any context, the nearest `count` its neighbours.

    All context is of one year: the asked one, else the nearest within two years (the earlier of two) in which
    the focus and nine others have every dimension. Residents may be of the nearest census, as in `residents`.

    Returns:
        One row a region, the focus first, then by distance: region_code, `name`, `province`; the figures of
        `DIMENSIONS` (NaN where there is none), `context_year`; `distance` from the focus, `neighbour`; `n`
        (regions that have all dimensions), `method`; `reasons` why there is no distance; `rows`.
    """
    years = sorted(range(year - 2, year + 3), key=lambda other: abs(other - year))
    tables = [_context(panel, other, _alike(panel, focus)) for other in years]
    complete = [table.dropna(subset=DIMENSIONS) for table in tables]
    fit = [focus in there.index and len(there) >= FEWEST for there in complete]
    best = int(np.argmax(fit if any(fit) else [len(there) for there in complete]))
    frame, logs = tables[best], np.log(complete[best][DIMENSIONS])
    scores = (logs - logs.mean()) / logs.std(ddof=0).replace(0.0, 1.0)
    scores = scores.reindex(frame.index) * (1 if any(fit) else np.nan)
    distance = np.sqrt(((scores - scores.loc[focus]) ** 2).sum(axis=1, skipna=False))
    lacking = frame[DIMENSIONS].isna().add_prefix("lacks_")
    few = "focus_lacks_context" if lacking.loc[focus].any() else "few_with_context"
    reasons = [(*lacking.columns[row], *([] if any(fit) else [few])) for row in lacking.to_numpy()]
    homes = [province_code(panel, code) for code in frame.index]
    frame = frame.assign(
        name=[panel.name(code) for code in frame.index],
        province=[panel.name(home) if home else "" for home in homes],
        context_year=years[best],
        distance=distance,
        neighbour=distance.drop(focus).rank(method="first").reindex(frame.index) <= count,
        n=len(logs),
        method="Euclidean distance of z-scored logarithms, equal weights",
        reasons=pd.Series(reasons, index=frame.index, dtype=object),
        later=frame.index != focus,
    )
    frame = frame[frame[DIMENSIONS].notna().any(axis=1) | ~frame["later"]]
    return frame.sort_values(["later", "distance"], kind="stable").drop(columns="later").reset_index()


def _context(panel: Panel, year: int, codes: list[str]) -> pd.DataFrame:
    """Every dimension of one year with the rows it rests on, by region code."""
    people = residents(panel, year).reindex(codes)
    frame, labels = people[["residents"]].rename_axis("region_code"), people[["residents_row"]]
    for name, metric_id in _METRICS.items():
        facts = panel.facts(year=year, metrics=metric_id, whole_area=True)
        facts = panel.pick(facts[(facts["scope"] == "whole") & (facts["value"] > 0)])
        found = facts.assign(row=facts.index).drop_duplicates("region_code", keep="last")
        found = found.set_index("region_code").reindex(codes)
        frame, labels = frame.assign(**{name: found["value"]}), labels.assign(**{name: found["row"]})
    rows = [tuple(int(row) for row in three if pd.notna(row)) for three in labels.itertuples(index=False)]
    return frame.assign(
        gdp_per_head=frame["gdp_per_head"] * _YUAN / frame["residents"],
        per_division=frame["residents"] / frame["per_division"],
        rows=pd.Series(rows, index=frame.index, dtype=object),
    )


@lru_cache(maxsize=64)
def residents(panel: Panel, year: int) -> pd.DataFrame:
    """The population of every region that rates of a year are based on, indexed by region code.

    It is the same year's, a census count before an estimate; else the nearest census: nothing in between.

    Returns:
        Columns residents (persons), residents_year, residents_period, residents_row (label of the panel).
    """
    facts = panel.facts(None, {year, 2010, 2020}, "context.population", whole_area=True)
    facts = panel.pick(facts[facts["scope"] == "whole"])
    counted = facts["period"].str.startswith("at-")
    facts = facts.assign(row=facts.index, away=(facts["year"] - year).abs(), estimated=~counted)
    usable = facts[(facts["year"] == year) | (counted & facts["year"].isin([2010, 2020]))]
    found = usable.sort_values(["away", "estimated"], kind="stable").drop_duplicates("region_code")
    found = found.set_index("region_code")[["value", "year", "period", "row"]].add_prefix("residents_")
    return found.rename(columns={"residents_value": "residents"})
