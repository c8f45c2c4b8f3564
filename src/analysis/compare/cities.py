"""Compares one city with other cities, and says of each figure whether it may be compared.

Frames in and out; the sentences are the narrative's. It refuses to rank, test or rate anything of grade C, to
fill a year that was not reported, and to join points whose scope, period or rule differs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare import grades
from analysis.panel import Panel

PER_RESIDENTS = 100_000
"""Rates of counts are given per this number of residents."""
CENSUS_YEARS = (2010, 2020)
POPULATION = "context.population"
RATED_UNITS = ("件", "宗", "人", "人次", "次", "条", "场", "篇")
"""Counts in these units are rated by residents; items of a list, bodies and money are not."""
_ROW = ["metric_id", "region_code"]
_SCOPES = ("whole", "own_level", "courts", "lower_level", "other", "department")


@dataclass(frozen=True)
class CrossSection:
    """One metric in one year over regions.

    `rows` has one row a region that reports: the observation's columns and `role` (focus, peer, other,
    context), `grade`, `reasons`, `residents`, `residents_period`, `rate`, and `shown`, `lower`, `upper`,
    `statistic`, `method`, `n` (what is drawn: the rate where the metric is rated, else the figure). `rated`
    says which. `peers` is the size of the peer group, `peer_codes` its members, `focus` the region in focus,
    `reporting` how many cities of grade A or B there are.
    """

    metric_id: str
    year: int
    scope: str
    rated: bool
    rows: pd.DataFrame
    peers: int
    focus: str
    peer_codes: tuple[str, ...]

    @cached_property
    def comparable(self) -> pd.DataFrame:
        """The rows of cities with grade A or B, highest first."""
        fit = [role != "" for role in self._roles]
        return self.rows[np.array(fit, dtype=bool)].sort_values("shown", ascending=False)

    @property
    def reporting(self) -> int:
        """How many cities give a figure that may be compared, the focus included."""
        return sum(role != "" for role in self._roles)

    @property
    def has_focus(self) -> bool:
        """Whether the figure of the focus is one of those that may be compared."""
        return "focus" in self._roles

    @cached_property
    def _roles(self) -> list[str]:
        """The role of each row that may be compared, in the order of the rows; empty for any other row."""
        found = zip(self.rows["grade"].tolist(), self.rows["role"].tolist(), strict=True)
        return ["" if grade == "C" or role == "context" else role for grade, role in found]


def cross_section(
    panel: Panel, metric_id: str, year: int, focus: str, peers: Collection[str]
) -> CrossSection:
    """One metric in one year: the focus city, its peers, other cities, provinces and the nation as context.

    Args:
        panel: The whole panel.
        metric_id: The metric.
        year: The year.
        focus: The region code of the city in focus; its scope is the one compared on.
        peers: The region codes of the peer group.
    """
    return cross_sections(panel, (metric_id,), year, focus, peers)[0]


def cross_sections(
    panel: Panel, metric_ids: Sequence[str], year: int, focus: str, peers: Collection[str]
) -> list[CrossSection]:
    """A `cross_section` of each metric, all graded and rated together: one costs as much as twenty."""
    facts = panel.facts(year=year, metrics=metric_ids, whole_area=True)
    scopes = _focus_scopes(facts, focus)
    parts = {part for metric_id in metric_ids for part in panel.catalog.metrics[metric_id].denominators}
    known = grades.bases(panel.facts(year=year, metrics=parts))
    picked = panel.pick(facts)
    names = picked["metric_id"].tolist()
    scope = pd.Series([scopes.get(name, "whole") for name in names], index=picked.index, dtype=str)
    mine = _focus_parts(picked, scopes, focus)
    part = pd.Series([mine.get(name, "") for name in names], index=picked.index, dtype=str)
    rows = _one_each(grades.grade(picked, panel.catalog, scope, known, part), scope)
    group = set(peers)
    rows = rows.assign(role=[region_role(code, panel, focus, group) for code in rows["region_code"].tolist()])
    rows = _with_residents(rows[rows["role"] != ""], panel, year)
    rated = {metric_id: _is_rated(panel, metric_id) for metric_id in metric_ids}
    is_rated = np.array([rated[name] for name in rows["metric_id"].tolist()], dtype=bool)
    shown = {True: _rates(rows[is_rated]), False: _as_reported(rows[~is_rated])}
    by_metric = _by_metric(shown[True]) | _by_metric(shown[False])

    def section(metric_id: str) -> CrossSection:
        mine = by_metric[metric_id] if metric_id in by_metric else shown[rated[metric_id]].iloc[:0]
        scope = scopes.get(metric_id, "whole")
        return CrossSection(metric_id, year, scope, rated[metric_id], mine, len(peers), focus, tuple(peers))

    return [section(metric_id) for metric_id in metric_ids]


def _by_metric(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each metric, in their order; cut from sorted rows, because a filter each costs far more."""
    ordered = rows.sort_values("metric_id", kind="stable")
    names, starts = np.unique(ordered["metric_id"].to_numpy(dtype=object), return_index=True)
    ends = np.append(starts, len(ordered))[1:]
    return {str(name): ordered.iloc[start:end] for name, start, end in zip(names, starts, ends, strict=True)}


def shared_metrics(panel: Panel, focus: str, year: int) -> list[str]:
    """The metrics that the focus and at least one other city report in the year, without context."""
    facts = panel.facts(year=year, whole_area=True)
    facts = facts[~facts["metric_id"].str.startswith("context.")]
    levels = facts["region_code"].map({code: item.level for code, item in panel.catalog.regions.items()})
    mine = set(facts.loc[facts["region_code"] == focus, "metric_id"])
    level = panel.catalog.regions[focus].level
    others = set(facts.loc[(facts["region_code"] != focus) & (levels == level), "metric_id"])
    return [metric for metric in panel.catalog.metrics if metric in mine & others]


def coverage(panel: Panel, year: int, regions: Collection[str]) -> pd.DataFrame:
    """How many metrics of each domain each region reports: columns region_code, domain, metrics.

    Context is left out; a region without any report has no row.
    """
    facts = panel.facts(year=year)
    facts = facts[facts["region_code"].isin(list(regions)) & ~facts["metric_id"].str.startswith("context.")]
    domain = facts["metric_id"].map({key: item.domain for key, item in panel.catalog.metrics.items()})
    counted = (
        facts.assign(domain=domain).groupby(["region_code", "domain"], sort=False)["metric_id"].nunique()
    )
    return counted.rename("metrics").reset_index()


def residents(panel: Panel, year: int) -> pd.DataFrame:
    """The population that rates of a year are based on, one row a region, indexed by its code.

    The same year's figure, a census count before a year-end estimate because it is the only full count; else
    the nearest census. Columns residents, residents_year, residents_period, residents_row (panel label).
    """
    return panel.once("residents", str(year), lambda: _residents(panel, year)).copy(deep=False)


def _population(panel: Panel) -> pd.DataFrame:
    """Every picked population figure of whole areas, and whether it was `counted` in a census."""
    facts = panel.facts(metrics=[POPULATION], whole_area=True)
    facts = panel.pick(facts[facts["scope"] == "whole"])[["region_code", "year", "period", "value"]]
    return facts.assign(counted=facts["period"].str.startswith("at-"))


def _residents(panel: Panel, year: int) -> pd.DataFrame:
    """The frame of `residents`, which every metric of a year asks for."""
    facts = panel.once("residents", "population", lambda: _population(panel))
    facts = facts[(facts["year"] == year) | (facts["counted"] & facts["year"].isin(CENSUS_YEARS))]
    # nearest year first; within it a count before an estimate, and then the order of the panel
    farness = 2 * (facts["year"] - year).abs() + ~facts["counted"]
    order = facts.loc[farness.sort_values(kind="stable").index].drop_duplicates("region_code")
    return pd.DataFrame(
        {
            "residents": order["value"].to_numpy(),
            "residents_year": order["year"].to_numpy(),
            "residents_period": order["period"].to_numpy(),
            "residents_row": order.index.to_numpy(),
        },
        index=pd.Index(order["region_code"], dtype=str),
    )


def _focus_scopes(facts: pd.DataFrame, focus: str) -> dict[str, str]:
    """The scope to compare each metric on: the widest of the focus' own figures."""
    columns = (facts[name].tolist() for name in ("region_code", "metric_id", "scope"))
    own = {(metric_id, scope) for region, metric_id, scope in zip(*columns, strict=True) if region == focus}
    return {metric_id: scope for scope in reversed(_SCOPES) for metric_id, mine in own if mine == scope}


def _focus_parts(picked: pd.DataFrame, scopes: Mapping[str, str], focus: str) -> dict[str, str]:
    """The part of the area that the focus' own figure of each metric is of, in the scope compared on."""
    columns = (picked[name].tolist() for name in ("region_code", "metric_id", "scope", "scope_as_reported"))
    parts: dict[str, str] = {}
    for region, metric_id, scope, label in zip(*columns, strict=True):
        if region == focus and scope == scopes.get(metric_id, "whole"):
            parts.setdefault(metric_id, grades.part_name(scope, label))
    return parts


def _one_each(frame: pd.DataFrame, scope: pd.Series) -> pd.DataFrame:
    """One row a metric and region: the scope compared on, then the fewest reasons, then the widest scope."""
    ranks = {name: rank for rank, name in enumerate(_SCOPES)}
    scopes, wanted, reasons = frame["scope"].tolist(), scope.tolist(), frame["reasons"].tolist()

    def against(place: int) -> tuple[bool, int, int]:
        own = scopes[place]
        return own != wanted[place], len(reasons[place]), ranks.get(own, len(ranks))

    kept: dict[tuple[str, str], int] = {}
    for place, row in enumerate(zip(*(frame[name].tolist() for name in _ROW), strict=True)):
        other = kept.setdefault(row, place)
        if other != place and against(place) < against(other):
            kept[row] = place
    chosen = frame if len(kept) == len(frame) else frame.iloc[sorted(kept.values())]
    return chosen.sort_index()


def region_role(code: str, panel: Panel, focus: str, peers: Collection[str]) -> str:
    """The role of a region beside the focus: focus, peer, other or context; empty when it has none.

    Peers and others are of the focus' level; the nation and provinces above it are context.
    """
    regions = panel.catalog.regions
    if code == focus:
        return "focus"
    if regions[code].level == regions[focus].level:
        return "peer" if code in peers else "other"
    return "context" if regions[code].level in ("province", "nation") else ""


def _is_rated(panel: Panel, metric_id: str) -> bool:
    metric = panel.catalog.metrics[metric_id]
    return metric.measure == "count" and metric.unit in RATED_UNITS


def _with_residents(rows: pd.DataFrame, panel: Panel, year: int) -> pd.DataFrame:
    """The rows with the columns of `residents`; where none is known, no number, no period and row -1."""
    known = residents(panel, year)
    at = known.index.get_indexer(pd.Index(rows["region_code"]))
    unknown = {"residents": np.nan, "residents_year": 0, "residents_period": "", "residents_row": -1}
    return rows.assign(
        **{
            name: known[name].array.take(at, allow_fill=True, fill_value=value)
            for name, value in unknown.items()
        }
    )


def _as_reported(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the figure that was reported as the one that is drawn."""
    return rows.assign(
        shown=rows["value"], lower=np.nan, upper=np.nan, statistic="as reported", method="", n=np.nan
    )


def _rates(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with rates, and intervals for exact counts; grade C where no rate can be made."""
    exact = (rows["qualifier"] == "=") & rows["resolution"].isna()
    counts = pd.DataFrame(
        {"count": rows["value"].where(exact), "residents": rows["residents"]}, index=rows.index
    )
    rates = stats.poisson_interval(counts, exposure="residents", multiplier=PER_RESIDENTS)
    unrated = rows["residents"].isna()
    reasons = [
        (*found, "no_residents") if lacks else found
        for found, lacks in zip(rows["reasons"], unrated, strict=True)
    ]
    return rows.assign(
        grade=rows["grade"].mask(unrated, "C"),
        reasons=pd.Series(reasons, index=rows.index, dtype=object),
        shown=rates["value"].fillna(rows["value"] / rows["residents"] * PER_RESIDENTS),
        lower=rates["lower"],
        upper=rates["upper"],
        statistic=rates["statistic"],
        method=rates["method"].where(rates["lower"].notna(), ""),
        n=rates["n"],
    )
