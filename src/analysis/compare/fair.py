"""Fair comparison: one metric in one year over regions, rows that may be compared and rows that may not.

`fair` gives `stats.Cases`, a frame that keeps its type through an analyst's own filters and sorts, and the
only thing that places, funnels and ranked charts accept; `all_fair` gives those of all metrics of a city.
Refused rows stay in it, with the reason. It refuses to rate what has no base, to join scopes or periods, and
to let anything of grade C into a comparison.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare.grades import SCOPES, behind, counts_behind, graded, part_of
from analysis.compare.neighbours import NATION, group, province_code, residents
from analysis.panel import Panel
from analysis.stats import Cases
from analysis.words import label

PER_RESIDENTS = 100_000
"""Rates of counts are given per this number of residents."""
_RATED_UNITS = ("件", "宗", "人", "人次", "次", "条", "场", "篇")
"""Counts in these units are rated by residents; items of a list, bodies and money are not."""
_NUMBERS = ("count", "exposure", "lower", "upper", "n")
_ABOVE = {"prefecture": ("province", "nation"), "county": ("province", "nation"), "province": ("nation",)}
_ANY_METRIC = "reconsideration.received"
_OVERVIEW = [
    *("row", "metric_id", "value", "rate", "grade", "reason", "cities"),
    *("province_most", "in_province", "sources", "copies", "early"),
]


def fair(
    panel: Panel, metric_id: str, year: int, city: str,
    peers: str | Collection[str] = "all", per: int = PER_RESIDENTS,
) -> Cases:  # fmt: skip
    """One metric in one year: the city, other regions of its level, provinces and the nation as context.

    `city` and `metric_id` are names or codes, and the city's own scope is the one compared on; `peers` is a
    group of data/peer_groups.csv, `all`, `province` or `nearest`, or region codes; counts are rated `per` so
    many residents. One row a region, `stats.Cases` (its columns are listed there), highest first.

    Raises:
        InputError: There is no such metric, region or group.
    """
    focus = panel.catalog.region(city).region_code
    codes = _codes(panel, peers, focus, year)
    return _fair(panel, (panel.catalog.metric(metric_id).metric_id,), year, focus, codes, per)[metric_id]


class Sections(dict[str, Cases]):
    """The fair comparisons of many metrics, by metric id, in the order of the catalogue."""

    nothing: Cases

    @cached_property
    def overview(self) -> pd.DataFrame:
        """One row a metric that the focus gives, indexed by `row`, the focus' row of the panel.

        Columns: metric_id, value, rate, grade, reason (of the focus' own figure), cities (other regions of
        its level that may be compared), province_most (where most of them lie), in_province (how many),
        sources (how many they rest on), copies (read in a copy only), early (published before the year
        ended); most cities first.
        """
        rows = [row for cases in self.values() for row in _lines(cases)]
        frame = pd.DataFrame(rows, columns=_OVERVIEW).set_index("row")
        # what may be compared comes first, then what most cities report
        order = frame.assign(refused=frame["grade"] == "C")
        order = order.sort_values(["refused", "cities"], ascending=[True, False], kind="stable")
        return order.drop(columns="refused")

    @property
    def fullest(self) -> Cases:
        """The cases of the metric that most other cities report; empty ones where there is none."""
        if self and len(self.overview):
            return self[str(self.overview["metric_id"].iloc[0])]
        return next(iter(self.values()), self.nothing)


def _lines(cases: Cases) -> list[dict[str, object]]:
    """The line of an overview, or none."""
    others, provinces = cases.others, cases.others["province"].value_counts()
    return [
        {
            "row": row,
            **{name: mine[name] for name in ("metric_id", "value", "rate", "grade", "reason")},
            "cities": len(others),
            "province_most": provinces.index[0] if len(provinces) else "",
            "in_province": int(provinces.iloc[0]) if len(provinces) else 0,
            "sources": others["source_id"].nunique(),
            "copies": int((others["status"] == "U").sum()),
            "early": int(others["published_early"].sum()),
        }
        for row, mine in cases[cases["role"] == "focus"].iterrows()
    ]


def all_fair(panel: Panel, city: str, year: int, peers: str | Collection[str] = "all") -> Sections:
    """A fair comparison, as `fair`, of every metric that the city reports in the year, context left out."""
    focus = panel.catalog.region(city).region_code
    codes = _codes(panel, peers, focus, year)
    own = set(panel.facts(focus, year, whole_area=True)["metric_id"])
    known = panel.catalog.metrics.items()
    metrics = tuple(name for name, metric in known if name in own and metric.domain != "context")
    found = Sections(_fair(panel, metrics, year, focus, codes, PER_RESIDENTS))
    found.nothing = _fair(panel, (_ANY_METRIC,), year, focus, codes, PER_RESIDENTS)[_ANY_METRIC].iloc[:0]
    return found


def _codes(panel: Panel, peers: str | Collection[str], focus: str, year: int) -> tuple[str, ...]:
    """The region codes that a group's name, or codes and names of regions, stand for."""
    if isinstance(peers, str):
        return group(panel, peers, focus, year)
    return tuple(panel.catalog.region(word).region_code for word in peers)


@lru_cache(maxsize=64)
def _fair(
    panel: Panel, metric_ids: tuple[str, ...], year: int, focus: str, peers: tuple[str, ...], per: int
) -> dict[str, Cases]:
    """The cases of each metric, all graded and rated together: one costs as much as twenty."""
    facts = panel.facts(year=year, metrics=metric_ids, whole_area=True)
    chosen = frozenset(peers)
    roles = {code: _role(panel, code, focus, chosen) for code in facts["region_code"].unique()}
    facts = panel.pick(facts[facts["region_code"].map(roles).fillna("") != ""])
    rows = _one_each(panel, facts, focus)
    rows = rows.assign(role=rows["region_code"].map(roles))
    rows = _described(measured(rows, panel, year, per), panel, year).rename_axis("row")
    order = rows.assign(last=rows["grade"] == "C")
    rows = order.sort_values(["last", "rate"], ascending=[True, False], kind="stable").drop(columns="last")
    return {name: _cases(panel, rows, name, year, focus, per) for name in metric_ids}


def _cases(panel: Panel, rows: pd.DataFrame, metric_id: str, year: int, focus: str, per: int) -> Cases:
    metric, region = panel.catalog.metrics[metric_id], panel.catalog.regions[focus]
    kind, own = _kind(panel, metric_id), rows[rows["metric_id"] == metric_id]
    # beside the cities stand the nation and those provinces in which one lies, if they may be compared
    near = {*own.loc[own["role"] != "context", "province_code"], province_code(panel, focus), NATION}
    above = own["region_code"].isin(near) & (own["grade"] != "C")
    same = ("metric_id", "label_en", "label_zh", "unit", "measure")
    return Cases.from_fair(
        own[(own["role"] != "context") | above],
        **{name: getattr(metric, name) for name in same},
        year=year,
        focus=focus,
        focus_name=region.name(panel.language),
        kind=kind,
        per={"rate": per, "proportion": 100, "figure": 1}[kind],
    )


def _kind(panel: Panel, metric_id: str) -> str:
    """What is compared on a metric: `rate` (a count by residents), `proportion` (per cent) or `figure`."""
    metric = panel.catalog.metrics[metric_id]
    if metric.measure == "count" and metric.unit in _RATED_UNITS:
        return "rate"
    share = metric.measure == "rate" and metric.unit == "%" and metric.numerators and metric.denominators
    return "proportion" if share else "figure"


def _role(panel: Panel, code: str, focus: str, peers: frozenset[str]) -> str:
    """The role of a region beside the focus: focus, peer, other or context; empty when it has none."""
    regions = panel.catalog.regions
    if code == focus:
        return "focus"
    if regions[code].level == regions[focus].level:
        return "peer" if code in peers else "other"
    return "context" if regions[code].level in _ABOVE.get(regions[focus].level, ()) else ""


def _one_each(panel: Panel, facts: pd.DataFrame, focus: str) -> pd.DataFrame:
    """One graded row a metric and region: of the focus' scope, with the fewest reasons, then the widest."""
    rank = facts["scope"].map(SCOPES.index)
    own = facts.assign(rank=rank, part=part_of(facts))[facts["region_code"] == focus]
    own = own.sort_values("rank", kind="stable").drop_duplicates("metric_id").set_index("metric_id")
    lacking = {"scope": "whole", "part": ""}
    found = {name: facts["metric_id"].map(own[name]).astype("str") for name in lacking}
    wanted = pd.DataFrame(found).fillna(lacking)
    rows = graded(panel, facts, wanted).assign(off_scope=facts["scope"] != wanted["scope"], rank=rank)
    rows = rows.sort_values(["off_scope", "weight", "rank"], kind="stable")
    return rows.drop_duplicates(["metric_id", "region_code"]).drop(columns=["off_scope", "rank", "weight"])


def measured(rows: pd.DataFrame, panel: Panel, year: int, per: int) -> pd.DataFrame:
    """The rows with what is compared, its exact counts and its interval; grade C where there is no base."""
    kind = rows["metric_id"].map({name: _kind(panel, name) for name in rows["metric_id"].unique()})
    rows = rows.join(residents(panel, year), on="region_code")
    lacks = (kind == "rate") & rows["residents"].isna() & (rows["grade"] != "C")
    rows = rows.assign(
        grade=rows["grade"].mask(lacks, "C"),
        reason=rows["reason"].mask(lacks, "no_residents"),
        rows=pd.Series([(int(row),) for row in rows.index], index=rows.index, dtype=object),
    )
    figures, nothing = rows[kind == "figure"], dict.fromkeys(_NUMBERS, np.nan)
    figures = figures.assign(rate=figures["value"], statistic="as reported", method="", **nothing)
    rates, shares = _by_residents(rows[kind == "rate"], per), _by_counts(panel, rows[kind == "proportion"])
    parts = [part for part in (rates, shares, figures) if len(part)]
    return pd.concat(parts or [figures]).loc[rows.index]


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


def _by_counts(panel: Panel, rows: pd.DataFrame) -> pd.DataFrame:
    """Shares as printed; where the counts behind them are printed too, with a Wilson interval."""
    counts = counts_behind(panel, rows)
    found = stats.wilson_interval(counts[["numerator", "denominator"]], multiplier=100)
    known = counts["denominator"].notna()
    return rows.assign(
        rate=rows["value"],
        count=counts["numerator"],
        exposure=counts["denominator"],
        statistic="per cent",
        lower=found["lower"],
        upper=found["upper"],
        method=found["method"].where(known, ""),
        n=found["n"].where(known),
        rows=rows["rows"] + counts["parts"],
    )


def _described(rows: pd.DataFrame, panel: Panel, year: int) -> pd.DataFrame:
    """The rows with names, province, and what is special of their source or year."""
    codes = rows["region_code"].unique()
    names = {code: item.name(panel.language) for code, item in panel.catalog.regions.items()}
    provinces = rows["region_code"].map({code: province_code(panel, code) for code in codes})
    published = behind(rows["source_id"], panel.catalog.sources, "published")
    return rows.assign(
        name=rows["region_code"].map(names),
        province_code=provinces,
        province=provinces.map(names).fillna(""),
        published=published,
        # a report published within its year cannot cover the whole of it
        published_early=published.str[:4] == str(year),
        reason_text=[label("reason", code, panel.language) if code else "" for code in rows["reason"]],
        unit=behind(rows["metric_id"], panel.catalog.metrics, "unit"),
    )
