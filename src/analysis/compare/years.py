"""One region over the years: every metric with more than one year, with what joins or parts its points.

Points are joined only inside a series: same metric, unit, scope and kind of period, and no break between. It
fills no year, and marks what was computed from a printed change (the audit's back-cast) as derived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from decimal import Decimal

import numpy as np
import pandas as pd

from analysis import audit, quantity, stats
from analysis.audit.facts import scope_group
from analysis.catalog import Metric
from analysis.compare import grades
from analysis.panel import Panel

SERIES = ["metric_id", "unit_name", "scope", "part", "kind"]
"""The columns that make two points members of one series."""


def series(panel: Panel, region: str, metrics: Collection[str] = ()) -> pd.DataFrame:
    """Every point of every metric that has more than one year in a region, whole area or level of government.

    Departments' own figures are left out. Returns the observation's columns and `kind` (see `period_kind`),
    `part` (the whole, or the scope with its words, because two courts or two parts of a city are no series),
    `grade`, `reasons`, `lower`, `upper`, `method`, `n` (what the printed figure can mean, or the exact
    Poisson interval of an exact count), `series` (an id) and `break_before` (a new rule began after the
    point before it); sorted by metric, series and year.

    Args:
        panel: The panel.
        region: The region's code.
        metrics: Only series of these metrics; all when empty.
    """
    facts = panel.facts(region, whole_area=True)
    reported = panel.pick(facts)
    frame = pd.concat([reported, _derived(panel, facts, reported)], ignore_index=False)
    frame = frame[frame["metric_id"].isin(list(metrics))] if metrics else frame
    labels = zip(frame["scope"].tolist(), frame["scope_as_reported"].tolist(), strict=True)
    frame = frame.assign(
        kind=pd.array([period_kind(period) for period in frame["period"].tolist()], dtype="str"),
        part=pd.array([scope_group(scope, label) for scope, label in labels], dtype="str"),
    )
    told = set(zip(frame["metric_id"].tolist(), frame["year"].tolist(), strict=True))
    years = Counter(metric for metric, _ in told)
    frame = frame[np.array([years[metric] > 1 for metric in frame["metric_id"].tolist()], dtype=bool)]
    frame = grades.grade(frame, panel.catalog, "whole", grades.bases(facts)) if len(frame) else frame
    return _breaks(_intervals(_grouped(frame, panel), panel), panel)


def period_kind(period: str) -> str:
    """What a period is: `year` (a whole year), `date` (a stock), or the period itself where it is neither.

    So January to June of one year meets January to June of another, and never a whole year.
    """
    if period in ("full", "cumulative"):
        return "year"
    if period == "year_end" or period.startswith("at-"):
        return "date"
    return period


def _derived(panel: Panel, facts: pd.DataFrame, reported: pd.DataFrame) -> pd.DataFrame:
    """Back-cast values of the year before, for metrics that do not report that year themselves."""
    derived = audit.backcast(facts, panel.identities)
    if derived.empty:
        return derived
    names = ("metric_id", "year", "scope")
    have = set(zip(*(reported[name].tolist() for name in names), strict=True))
    # row labels below zero tell derived rows from those of the panel, which evidence can cite
    derived.index = pd.RangeIndex(-1, -1 - len(derived), -1)
    new = [key not in have for key in zip(*(derived[name].tolist() for name in names), strict=True)]
    return derived[new]


def _grouped(frame: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    order = {name: place for place, name in enumerate(panel.catalog.metrics)}
    names = ("scope", "part", "kind", "year", "period")
    columns = [
        [order[name] for name in frame["metric_id"].tolist()],
        *(frame[name].tolist() for name in names),
    ]
    keys = list(zip(*columns, strict=True))
    frame = frame.iloc[sorted(range(len(keys)), key=keys.__getitem__)]
    known: dict[tuple[str, ...], int] = {}
    members = zip(*(frame[name].tolist() for name in SERIES), strict=True)
    return frame.assign(
        series=np.array([known.setdefault(key, len(known)) for key in members], dtype=np.int64)
    )


def _intervals(frame: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Exact Poisson for exact counts of a year; for the rest, what the printed figure can mean."""
    events = {key: item.counts_events for key, item in panel.catalog.metrics.items()}
    derived = frame["derived"].to_numpy(dtype=bool)
    values, steps = frame["value"].to_numpy(dtype=float), frame["resolution"].to_numpy(dtype=float)
    exact = (frame["qualifier"] == "=").to_numpy() & np.isnan(steps) & (values % 1 == 0) & ~derived
    counted = exact & np.array([events[name] for name in frame["metric_id"].tolist()], dtype=bool)
    counts = pd.DataFrame({"count": np.where(counted, values, np.nan)}, index=frame.index)
    poisson = stats.poisson_interval(counts)
    columns = (frame[name].tolist() for name in ("value", "printed", "qualifier", "resolution", "derived"))
    bounds = [_printed_interval(*figure) for figure in zip(*columns, strict=True)]
    lower, upper = np.array(bounds, dtype=float).reshape(-1, 2).T
    own = frame.reindex(columns=["lower", "upper", "method", "n"])
    method = np.where(counted, poisson["method"], np.where(lower < upper, "as printed", ""))
    return frame.assign(
        lower=own["lower"].where(derived, np.where(counted, poisson["lower"], lower)),
        upper=own["upper"].where(derived, np.where(counted, poisson["upper"], upper)),
        method=own["method"].where(derived, pd.Series(method, index=frame.index)),
        n=own["n"].where(derived, poisson["n"].where(counted)),
    )


def _printed_interval(
    value: float, printed: str, qualifier: str, step: float, derived: bool
) -> tuple[float, float]:
    """The bounds of what a printed figure can stand for; both are the figure where it is exact or derived."""
    if derived:
        return value, value
    place = quantity.printed_step(printed) if pd.isna(step) else Decimal(str(step))
    interval = quantity.reading(Decimal(printed), qualifier, place)
    return float(interval.lower), float(interval.upper)


def _breaks(frame: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Marks each point before which the metric's rule changed, counted from the series' point before it."""
    columns = (frame[name].tolist() for name in ("series", "metric_id", "year", "status"))
    previous: dict[int, int] = {}
    flags = []
    for number, metric, year, status in zip(*columns, strict=True):
        flags.append(_broken(panel.catalog.metrics[metric], previous.get(number), year, status))
        previous[number] = year
    return frame.assign(break_before=pd.Series(flags, index=frame.index, dtype=bool))


def _broken(metric: Metric, before: int | None, year: int, status: str) -> bool:
    if before is None:
        return False
    return status == "B" or any(before < first <= year for first in metric.break_years)
