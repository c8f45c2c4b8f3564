"""The series of one city and the changes between their points, as tables that carry the result of page 2.

Every interval stands with its method and n; a pair of years without a test says why it has none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis import compare, stats, words
from analysis.report.context import Context
from analysis.report.outputs import Table

CHANGED = 0.05
"""A change or a trend holds when its p-value, adjusted for all tests of the city's series, is below this."""


def points_of(context: Context) -> pd.DataFrame:
    """Every point of the city's series, context included; the columns of `compare.series`."""
    return context.shared("points", lambda: compare.series(context.panel, context.edition.city))


def pairs_of(context: Context) -> pd.DataFrame:
    """Every change between neighbouring points; the columns of `compare.changes`."""
    return context.shared("pairs", lambda: compare.changes(points_of(context), context.panel))


def step(context: Context, row: pd.Series) -> dict[str, Any]:
    """What a sentence says of one change between two years: figures, ratio, interval, scope, links."""
    metric = context.metric(str(row["metric_id"]))
    return {
        "label": words.metric_in_sentence(metric, context.language),
        "percent_metric": metric.unit == "%",
        "before": words.number(row["before"]) + words.unit_suffix(metric.unit, context.language),
        "after": words.number(row["after"]) + words.unit_suffix(metric.unit, context.language),
        "year_before": int(row["year_before"]),
        "year": int(row["year"]),
        "points": words.number(abs(row["after"] - row["before"]), 2),
        "points_interval": words.interval(row["difference_lower"], row["difference_upper"], context.language),
        "rises": bool(row["after"] >= row["before"]),
        "ratio": words.significant(row["ratio"]),
        "lower": None if pd.isna(row["lower"]) else words.significant(row["lower"]),
        "upper": None if pd.isna(row["upper"]) else words.significant(row["upper"]),
        "scope": context.label("scope", str(row["scope"])),
        "whole": row["scope"] == "whole",
        "stock": metric.measure == "stock",
        "broken": "break_between" in row["reasons"],
        "cite": context.cite(int(row["row_before"]), int(row["row"])),
    }


def change_words(context: Context, row: pd.Series) -> str:
    """A change in a table cell: `1.23 (0.93–1.65) times 2019`, for a share `−3.2 percentage points on 2019`.

    Its 95 % interval stands beside it where the two figures are exact counts or shares with their counts;
    beside an earlier figure that is derived stands what the printed change leaves open, where it shows.
    """
    year = int(row["year_before"])
    if context.metric(str(row["metric_id"])).unit == "%":
        return context.label("word", "points_on").format(points=_points(context, row), year=year)
    return context.label("word", "times_of").format(ratio=_ratio(context, row), year=year)


def _ratio(context: Context, row: pd.Series) -> str:
    """The ratio of two figures with its interval: `1.23 (0.93–1.65)`."""
    lower, upper = row["lower"], row["upper"]
    if row["before_derived"] and np.isfinite(row["before_upper"]) and row["before_lower"] > 0:
        lower, upper = row["after"] / row["before_upper"], row["after"] / row["before_lower"]
    return words.significant(row["ratio"]) + _beside(context, lower, upper)


def _points(context: Context, row: pd.Series) -> str:
    """The difference of two percentages with its interval: `+7.2 (6.1–8.3)`."""
    gap = row["after"] - row["before"]
    beside = _beside(context, row["difference_lower"], row["difference_upper"])
    return f"{'+' if gap > 0 else ''}{words.number(round(gap, 2))}{beside}"


def _beside(context: Context, lower: float, upper: float) -> str:
    """An interval in brackets as it follows a figure; empty where there is none that shows."""
    if pd.isna(lower) or words.significant(lower) == words.significant(upper):
        return ""
    bracket = words.bracketed(words.interval(lower, upper, context.language), context.language)
    return f" {bracket}" if context.language == "en" else bracket


def series(context: Context) -> Table:
    """Every point of every series but context: its figure, what it can mean, and how that was found."""
    points = points_of(context)
    points = points[~points["metric_id"].str.startswith("context.")]
    rows = [
        (
            context.metric(str(row["metric_id"])).label(context.language),
            context.label("scope", str(row["scope"])),
            context.period(row),
            context.label("word", "derived") if row["derived"] else context.figure(row),
            _interval(context, row),
            words.method(str(row["method"]), context.language, row["n"]) or context.label("word", "none"),
        )
        for _, row in points.iterrows()
    ]
    names = context.columns("metric", "scope", "period", "value", "interval", "method")
    caption = {
        "en": "Every metric with more than one year, and what its figure can mean",
        "zh": "有两年以上数据的指标及其数值含义",
    }[context.language]
    empty = {"en": "No metric was reported for more than one year.", "zh": "没有指标有两年以上的数据。"}
    return Table(
        "series",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=(names[3], names[4]),
        unbroken=context.unbroken(names[1], names[2]),
        empty=empty[context.language],
    )


def _interval(context: Context, row: pd.Series) -> str:
    if pd.isna(row["lower"]) or row["lower"] == row["upper"]:
        return context.label("word", "exact")
    if not np.isfinite(row["upper"]):
        return f"≥ {words.number(row['lower'])}"
    edges_are_printed = row["derived"] or row["method"] == "as printed"
    return words.interval(row["lower"], row["upper"], context.language, digits=6 if edges_are_printed else 4)


def changes(context: Context) -> Table:
    """Every change between neighbouring years but context, with its test or the reason for none."""
    pairs = pairs_of(context)
    pairs = pairs[~pairs["metric_id"].str.startswith("context.")]
    rows = [
        (
            context.metric(str(row["metric_id"])).label(context.language),
            _years(context, row),
            _before(context, row),
            words.number(row["after"]),
            _plain_change(context, row),
            words.p_value(float(row["p_adjusted"]), context.language)
            if pd.notna(row["p_adjusted"])
            else context.label("word", "none"),
            _test_words(context, row),
        )
        for _, row in pairs.iterrows()
    ]
    names = context.columns("metric", "period", "before", "after", "change", "adjusted", "method")
    caption = {"en": "Changes between neighbouring years", "zh": "相邻年份之间的变化"}[context.language]
    empty = {"en": "No two years can be set side by side.", "zh": "没有可以对照的两个年份。"}[
        context.language
    ]
    return Table(
        "changes",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=tuple(names[3:4]),
        unbroken=context.unbroken(names[1], names[4]),
        empty=empty,
    )


def trends_of(context: Context) -> pd.DataFrame:
    """The series of the city that bear a trend; the columns of `compare.trends`."""
    found = context.shared("trends", lambda: compare.trends(points_of(context), context.panel))
    return found[found["refusal"] == ""]


def trends(context: Context) -> Table:
    """The yearly ratio of every series with five independent yearly points under one rule."""
    rows = [
        (
            context.metric(str(row["metric_id"])).label(context.language),
            context.label("scope", str(row["scope"])),
            context.label("word", "years_of").format(
                first=int(row["year_from"]), last=int(row["year_to"]), points=int(row["points"])
            ),
            words.significant(row["value"]) + _beside(context, row["lower"], row["upper"]),
            words.p_value(float(row["p_adjusted"]), context.language),
            words.method(str(row["method"]), context.language, row["n"]),
        )
        for _, row in trends_of(context).iterrows()
    ]
    names = context.columns("metric", "scope", "period", "yearly_ratio", "adjusted", "method")
    caption = {"en": "Trends", "zh": "趋势"}[context.language]
    empty = {
        "en": "No series has five independent yearly points under one rule, so no trend is given.",
        "zh": "没有同一口径下具备五个独立年度数的指标，因此不给出趋势。",
    }[context.language]
    return Table("trends", caption, pd.DataFrame(rows, columns=names), empty=empty)


def _plain_change(context: Context, row: pd.Series) -> str:
    """The change without its year: `× 1.23 (0.93–1.65)`, `+7.2 (6.1–8.3) points`; words for none."""
    if context.metric(str(row["metric_id"])).unit == "%":
        return context.label("word", "points_only").format(points=_points(context, row))
    if pd.isna(row["ratio"]):
        return context.label("word", "not_applicable")
    return context.label("word", "times_only").format(ratio=_ratio(context, row))


def _years(context: Context, row: pd.Series) -> str:
    joiner = "–" if context.language == "en" else "—"
    return f"{int(row['year_before'])}{joiner}{int(row['year'])}"


def _before(context: Context, row: pd.Series) -> str:
    if not row["before_derived"]:
        return words.number(row["before"])
    interval = words.interval(row["before_lower"], row["before_upper"], context.language, digits=6)
    derived = words.bracketed(context.label("word", "derived"), context.language)
    return f"{interval} {derived}" if context.language == "en" else f"{interval}{derived}"


def _test_words(context: Context, row: pd.Series) -> str:
    if pd.notna(row["p_value"]):
        return words.method(str(row["method"]), context.language, row["n"])
    if row["before_derived"]:
        return context.label("word", "from_printed_change")
    if not row["testable"]:
        return context.label("word", "no_test")
    return str(stats.in_language(pd.Series([row["refusal"]], dtype=str), context.language).iloc[0])
