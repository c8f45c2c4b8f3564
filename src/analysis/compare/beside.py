"""A region's figure beside its province's and the nation's, of the same year or one not long before.

City reports seldom meet a figure of the same year above them, so an earlier year may stand in and is named.
Refused: a figure of grade C on either side, a part of the area, a year more than three years back, and one on
the other side of a change of the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from analysis.compare.fair import PER_RESIDENTS, measured
from analysis.compare.grades import SCOPES, areas, graded, rule_changed
from analysis.compare.neighbours import NATION, province_code
from analysis.panel import Panel

YEARS_BACK = 3
"""How many years before the region's own a figure above it may be."""
_FIRST = ("full", "year_end", "cumulative")
COLUMNS = (
    *("region_code", "name", "level", "metric_id", "year", "period", "scope", "value", "qualifier", "status"),
    *("rate", "lower", "upper", "method", "n", "residents", "own_metric", "own_rate", "ratio", "rows"),
)
"""The columns of `beside`: its index is named "row"."""


def widest(facts: pd.DataFrame) -> pd.DataFrame:
    """One figure a metric: of the whole area before a part, of a full year before another period.

    Args:
        facts: Observations of one region and year, e.g. `page.facts`; single departments are left out.
    """
    facts = facts[facts["unit_name"] == ""]
    rank = {"whole": -1} | {scope: place for place, scope in enumerate(SCOPES) if place}
    order = facts.assign(
        part=areas(facts).map(lambda part: rank[part.partition(":")[0]]), other=~facts["period"].isin(_FIRST)
    ).sort_values(["part", "other"], kind="stable")
    return order.drop_duplicates("metric_id").drop(columns=["part", "other"]).sort_index().rename_axis("row")


def beside(
    panel: Panel, city: str, year: int, metrics: Sequence[str], per: int = PER_RESIDENTS
) -> pd.DataFrame:
    """The region's own figure, then its province's and the nation's, as far as they may be compared.

    The metrics are ids of like counts, the wanted one first: where a level lacks it, the next stands in.

    Returns:
        Columns `COLUMNS`, the region's own row first; empty where it has no figure that may be compared.
        `rate`, `lower`, `upper`, `method` and `n` as in `fair`; `own_rate` is the region's, of the metric
        `own_metric`; `ratio` is it as a multiple of the row's, missing where they count different things.

    Raises:
        InputError: There is no such region or metric.
    """
    code = panel.catalog.region(city).region_code
    ids = [panel.catalog.metric(name).metric_id for name in metrics]
    above = [name for name in (province_code(panel, code), NATION) if name and name != code]
    own = _first(panel, code, ids, [year], year, per)
    if own.empty:
        return own
    mine = own.iloc[0]
    ids.sort(key=lambda name: name != mine["metric_id"])
    levels = [_first(panel, name, ids, range(year - YEARS_BACK, year + 1), year, per) for name in above]
    frame = pd.concat([own, *(level for level in levels if len(level))])
    ratio = (mine["rate"] / frame["rate"]).where(frame["metric_id"] == mine["metric_id"], np.nan)
    return frame.assign(own_metric=mine["metric_id"], own_rate=mine["rate"], ratio=ratio)


def _first(
    panel: Panel, code: str, metrics: Sequence[str], years: Collection[int], year: int, per: int
) -> pd.DataFrame:
    """The figure of one region to stand in a comparison with a year: the first metric's, then the latest."""
    facts = panel.pick(panel.facts(code, years, metrics, whole_area=True))
    known, region = panel.catalog.metrics, panel.catalog.regions[code]
    told = zip(facts["metric_id"], facts["year"], strict=True)
    joined = np.array([not rule_changed(known[name], then, year) for name, then in told], dtype=bool)
    fit = graded(panel, facts[(areas(facts) == "whole") & joined])
    fit = fit[fit["grade"] != "C"].assign(place=lambda frame: frame["metric_id"].map(metrics.index))
    # the whole area goes by two scopes, itself and all its courts
    order = fit.sort_values(["place", "year", "scope"], ascending=[True, False, True])
    one = order.head(1).drop(columns="place").rename_axis("row")
    if len(one):
        one = measured(one, panel, int(one["year"].iloc[0]), per)
        base = one["residents_row"].dropna().astype(int)
        one["rows"] = [(*rows, *base) for rows in one["rows"]]
    one = one[one["grade"] != "C"].assign(name=region.name(panel.language), level=region.level)
    return one.reindex(columns=COLUMNS)
