"""Changes between neighbouring years of a region's series, each with its test where the figures bear one.

Two exact counts give a ratio with its interval, two shares with their counts a difference in percentage
points; over all tests of one call the p-values are adjusted. It refuses to test across a break, a rounded or
a derived figure, and a percentage without its counts; ranks, scores and printed changes are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare.shares import counts_of
from analysis.panel import Panel

_AMOUNTS = ("count", "stock", "rate")
_POINTS = 100
"""Percentage points in a difference of 1."""
_PAIR_COLUMNS = [
    *("metric_id", "region_code", "scope", "kind", "year_before", "year"),
    *(
        "before",
        "before_lower",
        "before_upper",
        "before_derived",
        "after",
        "row_before",
        "row",
        "testable",
        "reasons",
    ),
]
_TEST_COLUMNS = ["ratio", "lower", "upper", "statistic", "method", "n", "p_value", "refusal"]
_SHARE_COLUMNS = ["difference", "difference_lower", "difference_upper"]
_FAMILY_COLUMNS = ["p_adjusted", "tests"]


REASONS = ("not_exact", "derived", "break_between", "no_full_year")
"""Why a pair of years has no test; the words for each are in narrative/labels.toml."""


class Point(NamedTuple):
    """What a change needs to know of one point of a series; `row` is its index label."""

    row: int
    series: Hashable
    metric_id: str
    region_code: str
    scope: str
    kind: str
    year: int
    value: float
    lower: float
    upper: float
    derived: bool
    qualifier: str
    resolution: float
    break_before: bool


def changes(points: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """The change between neighbouring points of each series: one row a pair of years.

    Args:
        points: The points of `series`; all of one page, because its tests are one family.
        panel: For the measures, and for the counts behind shares.

    Returns:
        The columns metric_id, region_code, scope, kind, year_before, year, before, before_lower,
        before_upper, before_derived, after, row_before, row (index labels of the points), testable (exact,
        reported, of one rule and of full years) and `reasons` (codes of `REASONS`) where not; `ratio` with
        `lower` and `upper` (two exact counts only); `difference` with `difference_lower` and
        `difference_upper` (percentage points, two shares with their counts only);
        `statistic`, `method`, `n`, `p_value` and `refusal` of the one or the other; `p_adjusted`
        (Benjamini-Hochberg over all tests of the frame) and `tests`, their number.
    """
    amounts = [panel.catalog.metrics[str(key)].measure in _AMOUNTS for key in points["metric_id"]]
    columns = [points[name].tolist() for name in Point._fields[1:]]
    told = map(Point, points.index.tolist(), *columns)
    by_series: defaultdict[Hashable, list[Point]] = defaultdict(list)
    for point, is_amount in zip(told, amounts, strict=True):
        if is_amount:
            by_series[point.series].append(point)
    pairs = [
        _pair(before, after)
        for part in by_series.values()
        for before, after in pairwise(part)
        if before.year < after.year
    ]
    frame = pd.DataFrame(pairs, columns=_PAIR_COLUMNS)
    if frame.empty:
        return frame.assign(**dict.fromkeys([*_TEST_COLUMNS, *_SHARE_COLUMNS, *_FAMILY_COLUMNS], np.nan))
    tested = _of_shares(_of_counts(frame, panel), panel)
    family = stats.benjamini_hochberg(tested[["p_value"]])
    return tested.assign(p_adjusted=family["q_value"], tests=family["tests"])


def _pair(before: Point, after: Point) -> tuple[object, ...]:
    exact = all(point.qualifier == "=" and pd.isna(point.resolution) for point in (before, after))
    hazards = {
        "not_exact": not exact and not before.derived,
        "derived": before.derived,
        "break_between": after.break_before,
        "no_full_year": after.kind != "year",
    }
    reasons = tuple(name for name in REASONS if hazards[name])
    return (
        *(after.metric_id, after.region_code, after.scope, after.kind),
        *(before.year, after.year),
        *(before.value, before.lower, before.upper, before.derived),
        *(after.value, before.row, after.row),
        not reasons,
        reasons,
    )


def _of_counts(frame: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """The ratio of two exact counts with its conditional exact interval; else the ratio alone."""
    metrics = panel.catalog.metrics
    events = [metrics[name].counts_events for name in frame["metric_id"].tolist()]
    fit = frame["testable"].to_numpy(dtype=bool) & np.array(events, dtype=bool)
    pairs = pd.DataFrame(
        {"count_before": frame["before"].where(fit), "count_after": frame["after"].where(fit)},
        index=frame.index,
    ).astype(float)
    tested = stats.change_in_counts(pairs, e_test=False)
    ratio = frame["after"].astype(float) / frame["before"].astype(float).where(frame["before"] != 0)
    return frame.assign(ratio=ratio, **{name: tested[name] for name in _TEST_COLUMNS[1:]})


def _of_shares(frame: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """The difference of two shares from the counts that give them; words where counts are lacking."""
    metrics = panel.catalog.metrics
    of = [metrics[name] for name in frame["metric_id"].tolist()]
    share = np.array([metric.measure == "rate" and metric.unit == "%" for metric in of], dtype=bool)
    share &= frame["testable"].to_numpy(dtype=bool)
    found = np.full((len(frame), 4), np.nan)
    for place in np.flatnonzero(share):
        found[place] = _share_counts(frame.iloc[place], panel)
    names = ["numerator_before", "denominator_before", "numerator_after", "denominator_after"]
    counts = pd.DataFrame(found, index=frame.index, columns=names, dtype=float)
    known = ~np.isnan(found).any(axis=1)
    tested = stats.change_in_proportions(counts)
    for name, column in zip(("change", "lower", "upper"), _SHARE_COLUMNS, strict=True):
        frame[column] = tested[name] * _POINTS
    for name in ("statistic", "method", "n", "p_value", "refusal"):
        frame[name] = tested[name].where(known, frame[name])
    bare = "percentage_without_counts"
    return frame.assign(refusal=frame["refusal"].mask(share & ~known, bare))


def _share_counts(row: pd.Series, panel: Panel) -> tuple[float, float, float, float]:
    """Numerator and denominator of both years, NaN where they are not exact or give another share."""
    metric = panel.catalog.metrics[str(row["metric_id"])]
    place = str(row["region_code"]), str(row["scope"])
    before = counts_of(panel, metric, *place, int(row["year_before"]), float(row["before"]))
    return *before, *counts_of(panel, metric, *place, int(row["year"]), float(row["after"]))
