"""Changes between neighbouring years of a region's series, each with its test where the figures bear one.

Two exact counts give a ratio with its interval, two shares with their counts a difference in percentage
points; over all tests of one call the p-values are adjusted. It refuses to test across a break, a rounded,
derived, saturated or part-year figure, a sum of money, and a percentage without its counts; ranks, scores and
printed changes are left out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare.grades import counts_behind, first_of
from analysis.panel import Panel

REASONS = (
    *("break_between", "derived", "not_events", "no_full_year"),
    *("saturated", "provisional", "not_exact", "counts_unstated"),
)
"""Why a pair of years has no test, the weightiest first; the words for each are in words.csv."""
_RESULT = ["lower", "upper", "method", "n", "p_value"]


def changes(panel: Panel, points: pd.DataFrame) -> pd.DataFrame:
    """The change between neighbouring points of each series: one row a pair of years.

    The points are those of `series`, all of one page, because its tests are one family.

    Returns:
        The columns of the later point and, with the ending `_before`, of the earlier; `ratio` (NaN after
        zero); `change`, the ratio or, of shares, the difference in percentage points, as `statistic` says
        (`ratio`, `points`); `lower`, `upper`, `method`, `n`, `p_value` of the test (NaN and empty where there
        is none); `p_adjusted` (Benjamini-Hochberg over all tests of the frame), `tests`, their number;
        `reason` (one of `REASONS`, empty where tested); `rows` of both years and of the counts behind their
        shares.
    """
    of = points["metric_id"].map(panel.catalog.metrics)
    share = pd.Series([item.measure == "rate" and item.unit == "%" for item in of], points.index, dtype=bool)
    exact = (points["qualifier"] == "=") & points["resolution"].isna() & (points["method"] != "as printed")
    amounts = points.assign(
        share=share,
        events=pd.Series([item.counts_events for item in of], points.index, dtype=bool),
        inexact=~(exact | share),
    )[of.map(lambda item: item.measure in ("count", "stock", "rate")).astype(bool)]
    amounts = amounts.join(_behind(panel, amounts))
    pairs = amounts.join(amounts.groupby("series", sort=False).shift().add_suffix("_before"))
    pairs = pairs[pairs["year_before"] < pairs["year"]].astype({"year_before": int}).reset_index(drop=True)
    ratio = pairs["value"] / pairs["value_before"].replace(0.0, np.nan)
    pairs = pairs.assign(reason=_reasons(pairs), ratio=ratio)
    tested = _tested(pairs)
    family = stats.benjamini_hochberg(tested[["p_value"]])
    rows = [
        tuple(dict.fromkeys(row for part in four for row in part))
        for four in pairs[["rows_before", "rows", "parts_before", "parts"]].itertuples(index=False, name=None)
    ]
    return pairs.drop(columns=_RESULT[:-1]).assign(
        **tested,
        p_adjusted=family["q_value"],
        tests=int(tested["p_value"].notna().sum()),
        rows=pd.Series(rows, index=pairs.index, dtype=object),
    )


def _behind(panel: Panel, points: pd.DataFrame) -> pd.DataFrame:
    """The counts behind each share of a full year, by the frame's index; none for the other points."""
    shares = points[points["share"] & (points["kind"] == "year") & ~points["derived"]]
    counts = counts_behind(panel, shares).reindex(points.index)
    counts = counts.astype({"numerator": float, "denominator": float})
    return counts.assign(parts=counts["parts"].map(lambda parts: parts if isinstance(parts, tuple) else ()))


def _reasons(pairs: pd.DataFrame) -> pd.Series:
    """Why a pair bears no test: the first of `REASONS` that applies, empty where none does."""

    def either(column: str, *values: object) -> pd.Series:
        return pairs[column].isin(values) | pairs[f"{column}_before"].isin(values)

    bare = pairs[["denominator", "denominator_before"]].isna().any(axis=1)
    hazards = {
        "break_between": pairs["break_before"],
        "derived": either("derived", True),
        "not_events": ~pairs["events"] & ~pairs["share"],
        "no_full_year": pairs["kind"] != "year",
        "saturated": either("reason", "saturated"),
        "provisional": either("status", "P", "E"),
        "not_exact": either("inexact", True),
        "counts_unstated": pairs["share"] & bare,
    }
    return first_of(pd.DataFrame(hazards, index=pairs.index, columns=list(REASONS)).astype(bool))


def _tested(pairs: pd.DataFrame) -> pd.DataFrame:
    """The test of each pair that bears one: conditional exact of two counts, Newcombe of two shares."""
    bears, share = pairs["reason"] == "", pairs["share"].astype(bool)
    counts = pairs[["value_before", "value"]].astype(float).where(bears & ~share)
    ratios = stats.change_in_counts(counts.set_axis(["count_before", "count_after"], axis=1), e_test=False)
    names = ["numerator_before", "denominator_before", "numerator", "denominator"]
    quotients = pairs[names].astype(float).where(bears & share)
    points = stats.change_in_proportions(
        quotients, numerator_after="numerator", denominator_after="denominator"
    )
    points = points.assign(lower=points["lower"] * 100, upper=points["upper"] * 100)
    both = pd.DataFrame({name: points[name].where(share, ratios[name]) for name in _RESULT})
    return both.assign(
        method=both["method"].where(both["p_value"].notna(), ""),
        statistic=np.where(share, "points", "ratio"),
        change=(pairs["value"] - pairs["value_before"]).where(share, pairs["ratio"]),
    )
