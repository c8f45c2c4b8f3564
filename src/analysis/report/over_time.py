"""Page 2: what changed? Every metric with more than one year, with what parts its points.

It joins no points across a change of scope, period or rule, and marks values computed from a printed change.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis import words
from analysis.figures import Chart, small_multiples
from analysis.figures import changes as changes_figure
from analysis.report import change_tables, metric_cards, restated
from analysis.report.change_tables import CHANGED, pairs_of, points_of
from analysis.report.context import Context
from analysis.report.outputs import Contents, Prose
from analysis.report.shared import absent, cards, chart_words


def _backcasts(context: Context) -> pd.DataFrame:
    """The pairs whose earlier value follows from a change printed for the edition's year."""
    pairs = pairs_of(context)
    return pairs[pairs["before_derived"].astype(bool) & (pairs["year"] == context.edition.year)]


def _head(context: Context) -> dict[str, Any]:
    points = points_of(context)
    years = sorted(int(year) for year in points["year"].unique())
    facts = context.panel.facts(context.edition.city)
    told = facts[~facts["metric_id"].str.startswith("context.")]
    by_metric = told.groupby("metric_id")["year"].nunique()
    return {
        "city": context.city,
        "year": context.edition.year,
        "metrics": points["metric_id"].nunique(),
        "first": years[0] if years else None,
        "last": years[-1] if years else None,
        "once": int((by_metric == 1).sum()),
        "reported": len(by_metric),
        "derived": int(points["derived"].astype(bool).sum()),
    }


def _findings(context: Context) -> dict[str, Any]:
    points = points_of(context)
    return {
        **_head(context),
        "backcasts": [_backcast_words(context, row) for _, row in _backcasts(context).iterrows()],
        "steps": _steps(context),
        "breaks": _breaks(context, points),
        "tested": int(pairs_of(context)["p_value"].notna().sum()),
        "changed": int((pairs_of(context)["p_adjusted"] < CHANGED).sum()),
        "level": words.number(CHANGED),
        "trends": [_trend_words(context, row) for _, row in change_tables.trends_of(context).iterrows()],
        "parted": int(points.groupby("metric_id")["series"].nunique().gt(1).sum()),
    }


def _backcast_words(context: Context, row: pd.Series) -> dict[str, Any]:
    unit = words.unit_suffix(context.metric(str(row["metric_id"])).unit, context.language)
    change = context.panel.facts(context.edition.city, int(row["year"]), [f"{row['metric_id']}_change"])
    change = change[(change["scope"] == row["scope"]) & (change["unit_name"] == "")]
    return {
        "label": words.metric_in_sentence(context.metric(str(row["metric_id"])), context.language),
        "scope": context.label("scope", str(row["scope"])),
        "whole": row["scope"] == "whole",
        "after": words.number(row["after"]) + unit,
        "lower": words.number(row["before_lower"]),
        "upper": words.number(row["before_upper"]) + unit,
        "rises": bool(change.iloc[0]["value"] >= 0),
        "change": words.number(abs(float(change.iloc[0]["value"]))),
        "broken": "break_between" in row["reasons"],
        "cite": context.cite(int(row["row"]), int(change.index[0])),
    }


def _trend_words(context: Context, row: pd.Series) -> dict[str, Any]:
    rows = points_of(context)
    known = rows[(rows["series"] == row["series"]) & rows["year"].between(row["year_from"], row["year_to"])]
    return {
        "label": words.metric_in_sentence(context.metric(str(row["metric_id"])), context.language),
        "ratio": words.significant(row["value"]),
        "interval": words.interval(row["lower"], row["upper"], context.language),
        "points": int(row["points"]),
        "first": int(row["year_from"]),
        "last": int(row["year_to"]),
        "p": words.p_value(float(row["p_adjusted"]), context.language),
        "tests": int(row["tests"]),
        "odds": str(row["statistic"]).startswith("odds"),
        "holds": bool(row["p_adjusted"] < CHANGED),
        "cite": context.cite(*(int(str(label)) for label in known.index[[0, -1]])),
    }


def _steps(context: Context) -> list[dict[str, Any]]:
    """The largest changes between two reported years that involve the edition's year, context left out."""
    pairs = pairs_of(context)
    near = (pairs["year"] == context.edition.year) | (pairs["year_before"] == context.edition.year)
    own = ~pairs["metric_id"].str.startswith("context.") & ~pairs["before_derived"].astype(bool)
    whole = pairs["kind"].isin(["year", "date"])
    chosen = pairs[near & own & whole & pairs["ratio"].notna()]
    ratio = chosen["ratio"].astype(float)
    distance = np.maximum(ratio, 1 / ratio.where(ratio > 0))
    order = chosen.assign(distance=distance).sort_values("distance", ascending=False, kind="stable")
    return [change_tables.step(context, row) for _, row in order.head(3).iterrows()]


def _breaks(context: Context, points: pd.DataFrame) -> list[str]:
    broken = points.loc[points["break_before"], "metric_id"].unique()
    return [words.metric_in_sentence(context.metric(str(key)), context.language) for key in broken]


def _backcast_figure(context: Context) -> Chart | Prose:
    pairs = _backcasts(context)
    if pairs.empty:
        return absent(context, "absent_backcasts", year=context.edition.year)
    frame = pd.DataFrame(
        {
            "label": [context.metric(key).label(context.language) for key in pairs["metric_id"]],
            "before": pairs["before"].astype(float),
            "before_lower": pairs["before_lower"].astype(float),
            "before_upper": pairs["before_upper"].astype(float),
            "before_derived": True,
            "after": pairs["after"].astype(float),
        }
    )
    year = context.edition.year
    drawing = changes_figure(
        frame,
        before_label=words.period("full", year - 1, context.language),
        after_label=words.period("full", year, context.language),
        words=chart_words(context),
    )
    ratios = pairs["ratio"].astype(float)
    return context.chart(
        "backcasts",
        drawing,
        frame.assign(metric_id=pairs["metric_id"], year=pairs["year"]),
        pairs["row"],
        year=year,
        count=len(pairs),
        label=words.metric_in_sentence(
            context.metric(str(pairs["metric_id"].iloc[int(ratios.argmax())])), context.language
        ),
        ratio=words.significant(float(ratios.max())),
    )


def _series_figure(context: Context) -> Chart | Prose:
    points = drawable(context, points_of(context))
    if points.empty:
        return absent(context, "absent_series", year=context.edition.year)
    return series_chart(context, points, "series", metrics=points["metric_id"].nunique())


def series_chart(context: Context, points: pd.DataFrame, name: str, **values: Any) -> Chart:
    """Points of `compare.series`, one panel a metric.

    Args:
        context: The page.
        points: What `drawable` leaves, at least one row.
        name: The chart's name; its words are those of `figure_<name>`.
        **values: What the words need beside first, last, points, derived and breaks.
    """
    frame = pd.DataFrame(
        {
            "panel": [_panel_title(context, key) for key in points["metric_id"]],
            "year": points["year"].astype(int),
            "value": points["value"].astype(float),
            "lower": points["lower"].astype(float),
            "upper": points["upper"].astype(float),
            "qualifier": points["qualifier"].mask(points["derived"].astype(bool), "="),
            "derived": points["derived"].astype(bool),
            "break_before": [
                context.label("word", "break") if broken else "" for broken in points["break_before"]
            ],
            "scope_style": [context.label("scope", str(scope)) for scope in points["scope"]],
        }
    )
    finite = frame["upper"].where(np.isfinite(frame["upper"]), frame["value"])
    drawing = small_multiples(frame.assign(upper=finite), words=chart_words(context), number=words.number)
    rows = [int(label) for label in points.index if label in context.panel.observations.index]
    return context.chart(
        name, drawing, _series_data(points), rows,
        first=int(points["year"].min()), last=int(points["year"].max()), points=len(points),
        derived=int(points["derived"].astype(bool).sum()), breaks=_breaks(context, points), **values,
    )  # fmt: skip


def drawable(context: Context, points: pd.DataFrame) -> pd.DataFrame:
    """The points that a line may join: amounts of a whole year or at a date, of metrics with more than one.

    Ranks and scores are text and never a course; part-year figures stand in the table.
    """
    amounts = points["metric_id"].map(lambda key: context.metric(key).measure in ("count", "stock", "rate"))
    fit = points[points["kind"].isin(["year", "date"]) & amounts.astype(bool)]
    return fit[fit.groupby("metric_id")["year"].transform("nunique") > 1]


def _panel_title(context: Context, metric_id: str) -> str:
    metric = context.metric(metric_id)
    suffix = words.unit_suffix(metric.unit, context.language).strip()
    if not suffix:
        return metric.label(context.language)
    return f"{metric.label(context.language)} ({suffix.removeprefix('× ')})"


def _series_data(points: pd.DataFrame) -> pd.DataFrame:
    names = [
        "metric_id",
        "scope",
        "year",
        "period",
        "value",
        "qualifier",
        "lower",
        "upper",
        "method",
        "derived",
    ]
    return points[[*names, "status", "break_before", "source_id"]]


def _cards(context: Context) -> dict[str, Any]:
    chosen = [str(key) for key in points_of(context)["metric_id"].unique()]
    return {"cards": cards(context, chosen), "count": len(chosen)}


def _evidence(context: Context) -> dict[str, Any]:
    points = points_of(context)
    known = [int(label) for label in points.index if label in context.panel.observations.index]
    context.cite(*known)
    return {"city": context.city, "figures": len(context.cited)}


CONTENTS = Contents(
    "02_over_time",
    reads="city",
    sections={
        "head": _head,
        "findings": _findings,
        "backcasts": _head,
        "series": _head,
        "changes": _head,
        "restated": restated.values,
        "cards": _cards,
        "evidence": _evidence,
    },
    tables={
        "series": change_tables.series,
        "changes": change_tables.changes,
        "trends": change_tables.trends,
        "restated": restated.table,
    },
    figures={"backcasts": _backcast_figure, "series": _series_figure},
    ahead=(
        points_of,
        pairs_of,
        change_tables.trends_of,
        restated.vintages_of,
        restated.backcasts_of,
        metric_cards.by_metric,
    ),
)
