"""Changes between neighbouring years of a region's series, each with its test where the figures bear one.

Two exact counts give a ratio with its interval, two shares with their counts a difference in percentage
points; over all tests of one call the p-values are adjusted. It refuses to test across a break, a rounded or
a derived figure, and a percentage without its counts; ranks, scores and printed changes are left out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare.shares import counts_of
from analysis.panel import Panel
from analysis.stats import Refusal

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
    pairs = [
        _pair(before, after)
        for _, part in points[np.array(amounts, dtype=bool)].groupby("series", sort=False)
        for (_, before), (_, after) in zip(part.iloc[:-1].iterrows(), part.iloc[1:].iterrows(), strict=True)
        if before["year"] < after["year"]
    ]
    frame = pd.DataFrame(pairs, columns=_PAIR_COLUMNS)
    if frame.empty:
        return frame.assign(**dict.fromkeys([*_TEST_COLUMNS, *_SHARE_COLUMNS, *_FAMILY_COLUMNS], np.nan))
    tested = _of_shares(_of_counts(frame, panel), panel)
    family = stats.benjamini_hochberg(tested[["p_value"]])
    return tested.assign(p_adjusted=family["q_value"], tests=family["tests"])


def _pair(before: pd.Series, after: pd.Series) -> tuple[object, ...]:
    exact = all(row["qualifier"] == "=" and pd.isna(row["resolution"]) for row in (before, after))
    hazards = {
        "not_exact": not exact and not before["derived"],
        "derived": bool(before["derived"]),
        "break_between": bool(after["break_before"]),
        "no_full_year": after["kind"] != "year",
    }
    reasons = tuple(name for name in REASONS if hazards[name])
    return (
        *(after[name] for name in ("metric_id", "region_code", "scope", "kind")),
        before["year"],
        after["year"],
        *(before[name] for name in ("value", "lower", "upper", "derived")),
        after["value"],
        before.name,
        after.name,
        not reasons,
        reasons,
    )


def _of_counts(frame: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """The ratio of two exact counts with its conditional exact interval; else the ratio alone."""
    events = frame["metric_id"].map({key: item.counts_events for key, item in panel.catalog.metrics.items()})
    fit = frame["testable"].astype(bool) & events.astype(bool)
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
    share = frame["metric_id"].map({key: m.measure == "rate" and m.unit == "%" for key, m in metrics.items()})
    share = share.astype(bool) & frame["testable"].astype(bool)
    found = [
        _share_counts(row, panel) if fits else (np.nan,) * 4
        for fits, (_, row) in zip(share, frame.iterrows(), strict=True)
    ]
    names = ["numerator_before", "denominator_before", "numerator_after", "denominator_after"]
    counts = pd.DataFrame(found, index=frame.index, columns=names, dtype=float)
    known = counts.notna().all(axis=1)
    tested = stats.change_in_proportions(counts)
    for name, column in zip(("value", "lower", "upper"), _SHARE_COLUMNS, strict=True):
        frame[column] = tested[name] * _POINTS
    for name in ("statistic", "method", "n", "p_value", "refusal"):
        frame[name] = tested[name].where(known, frame[name])
    bare = stats.label(Refusal.PERCENTAGE_WITHOUT_COUNTS)
    return frame.assign(refusal=frame["refusal"].mask(share & ~known, bare))


def _share_counts(row: pd.Series, panel: Panel) -> tuple[float, float, float, float]:
    """Numerator and denominator of both years, NaN where they are not exact or give another share."""
    metric = panel.catalog.metrics[str(row["metric_id"])]
    place = str(row["region_code"]), str(row["scope"])
    before = counts_of(panel, metric, *place, int(row["year_before"]), float(row["before"]))
    return *before, *counts_of(panel, metric, *place, int(row["year"]), float(row["after"]))
