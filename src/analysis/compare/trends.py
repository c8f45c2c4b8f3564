"""Trends of a region's yearly series, where the rule allows one: five independent points without a break.

Counts are fitted as counts and shares as shares of their counts; residents are not brought in, because their
estimates are rebased in census years. It refuses, in words, shorter and broken series, and gives the change
over the latest unbroken run instead; rounded, derived and running figures are no points.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare.shares import counts_of
from analysis.panel import Panel

_NAMES = ["metric_id", "region_code", "scope", "series"]


def trends(points: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """The trend of every yearly series of counts or of shares: one row a series.

    Args:
        points: The points of `series`.
        panel: For the measures, and for the counts behind shares.

    Returns:
        metric_id, region_code, scope, series and `stats.TREND_COLUMNS` (`value` is the ratio, or for shares
        the odds ratio, from one year to the next; without a trend `refusal` says why and the numbers are the
        change from `year_from` to `year_to`); `p_adjusted` (Benjamini-Hochberg over the trends of the frame)
        and `tests`, their number. Context, stocks, ranks, scores and part-years are left out.
    """
    metrics = panel.catalog.metrics
    yearly = points[points["kind"] == "year"]
    yearly = yearly[yearly.groupby("series")["year"].transform("nunique") > 1]
    of = [metrics[str(key)] for key in yearly["metric_id"]]
    counts = _yearly(yearly[np.array([metric.counts_events for metric in of], dtype=bool)])
    shares = yearly[np.array([metric.measure == "rate" and metric.unit == "%" for metric in of], dtype=bool)]
    shares = _with_counts(_yearly(shares), panel)
    found = [
        stats.trend_in_counts(counts, by="series"),
        stats.trend_in_proportions(shares, by="series"),
    ]
    frame = pd.concat([rows for rows in found if len(rows)] or found[:1])
    names = yearly[_NAMES].drop_duplicates("series")
    return _adjusted(names.merge(frame, on="series", how="inner"))


def _yearly(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a series and year: `count` is the exact figure of the year itself, missing for any other."""
    exact = (rows["qualifier"] == "=") & rows["resolution"].isna() & ~rows["derived"].astype(bool)
    exact &= rows["period"] == "full"
    broken = rows.groupby(["series", "year"])["break_before"].transform("max").astype(bool)
    rows = rows.assign(count=rows["value"].where(exact), break_before=broken, inexact=~exact)
    rows = rows.sort_values(["series", "year", "inexact"], kind="stable")
    return rows.drop_duplicates(["series", "year"]).reset_index(drop=True)


def _with_counts(rows: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """The rows with the numerator and denominator behind each share, missing where they are not exact."""
    found = [
        (np.nan, np.nan)
        if pd.isna(row["count"])
        else counts_of(
            panel,
            panel.catalog.metrics[str(row["metric_id"])],
            str(row["region_code"]),
            str(row["scope"]),
            int(row["year"]),
            float(row["count"]),
        )
        for _, row in rows.iterrows()
    ]
    counts = pd.DataFrame(found, columns=["numerator", "denominator"], index=rows.index, dtype=float)
    return rows[[*_NAMES, "year", "break_before"]].assign(**counts)


def _adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """The trends' p-values adjusted; a change over a run is no trend and not of the family."""
    trend = frame.assign(p_value=frame["p_value"].where(frame["refusal"] == ""))[["p_value"]].astype(float)
    family = stats.benjamini_hochberg(trend)
    return frame.assign(p_adjusted=family["q_value"], tests=family["tests"])
