"""Fair comparison: one metric in one year over regions, rows that may be compared and rows that may not.

`fair` gives `stats.Cases`, a frame that keeps its type through an analyst's own filters and sorts, and the
only
thing that places, funnels and ranked charts accept. Refused rows stay in it, with the reason. It refuses to
rate
what has no base, to join scopes or periods, and to let anything of grade C into a comparison.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare import grades
from analysis.compare.groups import group
from analysis.compare.levels import province_code
from analysis.compare.residents import residents
from analysis.compare.shares import counts_behind
from analysis.panel import Panel
from analysis.stats import Cases
from analysis.words import label

PER_RESIDENTS = 100_000
"""Rates of counts are given per this number of residents."""
PER_CENT = 100
_NATION = "000000"
RATED_UNITS = ("件", "宗", "人", "人次", "次", "条", "场", "篇")
"""Counts in these units are rated by residents; items of a list, bodies and money are not."""
SCOPES = ("whole", "own_level", "courts", "lower_level", "other", "department")
"""The scopes, the widest first."""
_NUMBERS = ("count", "exposure", "lower", "upper", "n")
_ABOVE = {"prefecture": ("province", "nation"), "county": ("province", "nation"), "province": ("nation",)}


def fair(
    panel: Panel,
    metric_id: str,
    year: int,
    city: str,
    peers: str | Collection[str] = "all",
    per: int = PER_RESIDENTS,
) -> Cases:
    """One metric in one year: the city, other regions of its level, provinces and the nation as context.

    Args:
        panel: The whole panel.
        metric_id: The metric; a typo is an error that names the closest.
        year: The year.
        city: Code or name of the region in focus; its own scope is the one compared on.
        peers: A group of data/peer_groups.csv, `all`, `province` or `nearest`, or region codes.
        per: Counts are rated per this many residents.

    Returns:
        One row a region, `stats.Cases` (its columns are listed there), highest first.

    Raises:
        InputError: There is no such metric, region or group.
    """
    focus = panel.catalog.region(city).region_code
    codes = codes_of(panel, peers, focus, year)
    return sections(panel, (panel.catalog.metric(metric_id).metric_id,), year, focus, codes, per)[metric_id]


def codes_of(panel: Panel, peers: str | Collection[str], focus: str, year: int) -> tuple[str, ...]:
    """The region codes that a group's name, or codes and names of regions, stand for."""
    if isinstance(peers, str):
        return group(panel, peers, focus, year)
    return tuple(panel.catalog.region(word).region_code for word in peers)


@lru_cache(maxsize=64)
def sections(
    panel: Panel, metric_ids: tuple[str, ...], year: int, focus: str, peers: tuple[str, ...], per: int
) -> dict[str, Cases]:
    """The cases of each metric, all graded and rated together: one costs as much as twenty."""
    facts = panel.facts(year=year, metrics=metric_ids, whole_area=True)
    roles = [_role(panel, code, focus, peers) for code in facts["region_code"]]
    facts = facts[np.array(roles, dtype=object) != ""]
    rows = _one_each(_graded(panel, panel.pick(facts), focus, year))
    rows = rows.assign(role=[_role(panel, code, focus, peers) for code in rows["region_code"]])
    rows = _described(measured(rows, panel, year, per), panel, year).rename_axis("row")
    last = rows["grade"] == "C"
    rows = rows.assign(last=last).sort_values(["last", "rate"], ascending=[True, False], kind="stable")
    return {
        name: _cases(panel, rows.drop(columns="last"), name, year, focus, peers, per) for name in metric_ids
    }


def _cases(
    panel: Panel, rows: pd.DataFrame, metric_id: str, year: int, focus: str, peers: Sequence[str], per: int
) -> Cases:
    metric, region = panel.catalog.metrics[metric_id], panel.catalog.regions[focus]
    kind, own = kind_of(panel, metric_id), rows[rows["metric_id"] == metric_id]
    # beside the cities stand the nation and those provinces in which one of them lies, if they may be
    # compared
    near = {*own.loc[own["role"] != "context", "province_code"], province_code(panel, focus)}
    above = own["region_code"].isin(near) | (own["region_code"] == _NATION)
    return Cases.from_fair(
        own[(own["role"] != "context") | (above & (own["grade"] != "C"))],
        metric_id=metric_id,
        label_en=metric.label_en,
        label_zh=metric.label_zh,
        unit=metric.unit,
        measure=metric.measure,
        year=year,
        focus=focus,
        focus_name=region.name(panel.language),
        kind=kind,
        per={"rate": per, "proportion": PER_CENT, "figure": 1}[kind],
        peers_en=f"{len(peers)} regions",
        peers_zh=f"{len(peers)}个地区",
    )


def kind_of(panel: Panel, metric_id: str) -> str:
    """What is compared on a metric: `rate` (a count by residents), `proportion` (per cent) or `figure`."""
    metric = panel.catalog.metrics[metric_id]
    if metric.measure == "count" and metric.unit in RATED_UNITS:
        return "rate"
    share = metric.measure == "rate" and metric.unit == "%" and metric.numerators and metric.denominators
    return "proportion" if share else "figure"


def _role(panel: Panel, code: str, focus: str, peers: Sequence[str]) -> str:
    """The role of a region beside the focus: focus, peer, other or context; empty when it has none."""
    regions = panel.catalog.regions
    if code == focus:
        return "focus"
    if regions[code].level == regions[focus].level:
        return "peer" if code in peers else "other"
    return "context" if regions[code].level in _ABOVE.get(regions[focus].level, ()) else ""


def _graded(panel: Panel, facts: pd.DataFrame, focus: str, year: int) -> pd.DataFrame:
    """The facts with grade and reason, compared on the widest scope that the focus itself reports."""
    rank = facts["scope"].map({name: place for place, name in enumerate(SCOPES)})
    own = facts.assign(rank=rank, part=grades.part_of(facts))[facts["region_code"] == focus]
    own = own.sort_values("rank", kind="stable").drop_duplicates("metric_id").set_index("metric_id")
    wanted = pd.DataFrame(
        {
            "scope": facts["metric_id"].map(own["scope"]).astype("str").fillna("whole"),
            "part": facts["metric_id"].map(own["part"]).astype("str").fillna(""),
        }
    )
    parts = {
        part for name in facts["metric_id"].unique() for part in panel.catalog.metrics[name].denominators
    }
    known = panel.facts(year=year, metrics=sorted(parts))
    stated = grades.base_stated(facts, panel.catalog, known)
    return grades.grade(facts, panel.catalog, stated, wanted).assign(
        off_scope=facts["scope"] != wanted["scope"], scope_rank=rank
    )


def _one_each(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a metric and region: the scope compared on, then the fewest reasons, then the widest scope."""
    order = rows.sort_values(["off_scope", "weight", "scope_rank"], kind="stable")
    return order.drop_duplicates(["metric_id", "region_code"]).drop(
        columns=["off_scope", "scope_rank", "weight"]
    )


def measured(rows: pd.DataFrame, panel: Panel, year: int, per: int) -> pd.DataFrame:
    """The rows with what is compared, its exact counts and its interval; grade C where there is no base."""
    kind = rows["metric_id"].map({name: kind_of(panel, name) for name in rows["metric_id"].unique()})
    rows = rows.join(residents(panel, year), on="region_code")
    lacks = (kind == "rate") & rows["residents"].isna() & (rows["grade"] != "C")
    rows = rows.assign(
        grade=rows["grade"].mask(lacks, "C"),
        reason=rows["reason"].mask(lacks, "no_residents"),
        rows=pd.Series([(int(row),) for row in rows.index], index=rows.index, dtype=object),
    )
    parts = [
        _by_residents(rows[kind == "rate"], per),
        _by_counts(panel, rows[kind == "proportion"], year),
        rows[kind == "figure"].assign(
            rate=lambda frame: frame["value"],
            statistic="as reported",
            method="",
            **dict.fromkeys(_NUMBERS, np.nan),
        ),
    ]
    return pd.concat([part for part in parts if len(part)] or parts[2:]).loc[rows.index]


def _by_residents(rows: pd.DataFrame, per: int) -> pd.DataFrame:
    """Counts as rates; an exact count has an exact Poisson interval, a rounded one has none."""
    exact = (rows["qualifier"] == "=") & rows["resolution"].isna() & rows["residents"].notna()
    counts = pd.DataFrame({"count": rows["value"].where(exact), "exposure": rows["residents"].where(exact)})
    found = stats.poisson_interval(counts, exposure="exposure", multiplier=per)
    return rows.assign(
        rate=rows["value"] / rows["residents"] * per,
        count=counts["count"],
        exposure=counts["exposure"],
        statistic=found["statistic"],
        method=found["method"].where(exact, ""),
        **{name: found[name].where(exact) for name in ("lower", "upper", "n")},
    )


def _by_counts(panel: Panel, rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Shares as printed; where the counts behind them are printed too, with a Wilson interval."""
    if rows.empty:
        return rows
    behind = counts_behind(panel, rows, year)
    found = stats.wilson_interval(behind[["numerator", "denominator"]])
    known = behind["denominator"].notna()
    return rows.assign(
        rate=rows["value"],
        count=behind["numerator"],
        exposure=behind["denominator"],
        statistic="per cent",
        lower=found["lower"] * PER_CENT,
        upper=found["upper"] * PER_CENT,
        method=found["method"].where(known, ""),
        n=found["n"].where(known),
        rows=rows["rows"] + behind["parts"],
    )


def _described(rows: pd.DataFrame, panel: Panel, year: int) -> pd.DataFrame:
    """The rows with names, province, and what is special of their source or year."""
    regions, sources = panel.catalog.regions, panel.catalog.sources
    provinces = rows["region_code"].map(
        {code: province_code(panel, code) for code in rows["region_code"].unique()}
    )
    published = rows["source_id"].map({key: sources[key].published for key in rows["source_id"].unique()})
    names = {code: item.name(panel.language) for code, item in regions.items()}
    return rows.assign(
        name=rows["region_code"].map(names),
        province_code=provinces,
        province=provinces.map(names).fillna(""),
        published=published,
        # a report published within its year cannot cover the whole of it
        published_early=published.str[:4] == str(year),
        reason_text=[label("reason", code, panel.language) if code else "" for code in rows["reason"]],
        unit=rows["metric_id"].map(
            {name: panel.catalog.metrics[name].unit for name in rows["metric_id"].unique()}
        ),
    )
