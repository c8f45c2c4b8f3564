"""Counts that one body has reported for two years under one rule: who rose, who fell, and beyond chance?

All cities of the city's level are looked at, because a city seldom has two years itself, and a city compared
with itself needs no residents. Rounded figures and years parted by a new rule are left out, not tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis import compare, stats, words
from analysis.figures import Chart, ranked_dots
from analysis.panel import Panel
from analysis.report.context import Context
from analysis.report.outputs import Prose, Table
from analysis.report.records import Record, records
from analysis.report.shared import absent, chart_words

LEVEL = 0.05
"""An adjusted p-value below this counts as more than chance."""
FEWEST = 10
"""Fewer cases than this in both years together leave any ratio open; such a pair is not drawn."""
_TOLD = (
    "region_code", "metric_id", "scope", "year_before", "year", "before", "after", "ratio", "lower", "upper",
    "course",
)  # fmt: skip


def pairs(context: Context, domains: Sequence[str]) -> pd.DataFrame:
    """Each pair of neighbouring points that can be tested, the city's own first, then by metric and city.

    The columns of `compare.changes` with region_code, q_value (Benjamini-Hochberg over the pairs) and
    `course`: rose, fell or chance.
    """
    level = context.region.level
    found = context.panel.once(level, f"two years {domains}", lambda: _pairs(context.panel, level, domains))
    return context.shared(f"two years {domains}", lambda: _ordered(context, found))


def _pairs(panel: Panel, level: str, domains: Sequence[str]) -> pd.DataFrame:
    """The pairs of all regions of a level, by region and metric."""
    found = [
        points.assign(series=[f"{code} {number}" for number in points["series"]])
        for code, counts in _candidates(panel, level, domains).items()
        if len(points := compare.series(panel, code, counts))
    ]
    if not found:
        return pd.DataFrame(columns=["region_code", "metric_id", "scope", "year", "course"], dtype=str)
    frame = compare.changes(pd.concat(found), panel)
    return _judged(frame[frame["p_value"].notna()].reset_index(drop=True).astype({"p_value": float}))


def _candidates(panel: Panel, level: str, domains: Sequence[str]) -> dict[str, set[str]]:
    """The counts that each region of a level printed exactly for two years in one scope."""
    metrics, regions = panel.catalog.metrics, panel.catalog.regions
    counts = [key for key, item in metrics.items() if item.domain in domains and item.counts_events]
    facts = panel.facts(metrics=counts, whole_area=True)
    exact = (facts["qualifier"] == "=") & facts["resolution"].isna()
    years = facts[exact].groupby(["region_code", "metric_id", "scope"])["year"].nunique()
    found: dict[str, set[str]] = {}
    for code, metric_id, _ in years.index[years > 1]:
        if regions[code].level == level:
            found.setdefault(code, set()).add(metric_id)
    return found


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with p-values adjusted over all its pairs, whatever region they are of, and `course`."""
    own = ["q_value", "q_method", "tests", "q_refusal"]
    frame = stats.benjamini_hochberg(frame.drop(columns=own, errors="ignore"))
    chance = frame["q_value"] >= LEVEL
    return frame.assign(course=np.where(chance, "chance", np.where(frame["ratio"] > 1, "rose", "fell")))


def _ordered(context: Context, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the city's own pairs first, then by metric and region."""
    place = {key: number for number, key in enumerate(context.panel.catalog.metrics)}
    keys = frame.assign(
        other=frame["region_code"] != context.edition.city, place=frame["metric_id"].map(place)
    )
    order = keys.sort_values(["other", "place", "region_code", "scope", "year"], kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def told(context: Context, domains: Sequence[str]) -> dict[str, Any]:
    """How many pairs can be tested, how many rose or fell beyond chance, and the longest run of years."""
    frame = pairs(context, domains)
    courses = frame["course"].value_counts()
    mine = frame[frame["region_code"] == context.edition.city]
    runs = frame.groupby(["region_code", "metric_id", "scope"]).size() if len(frame) else pd.Series([0])
    return {
        "pairs": len(frame),
        "cities": frame["region_code"].nunique(),
        "mine": len(mine),
        **{name: int(courses.get(name, 0)) for name in ("rose", "fell", "chance")},
        "longest": int(runs.max()) + 1 if len(frame) else 0,
    }


def figure(context: Context, name: str, domains: Sequence[str]) -> Chart | Prose:
    """The ratios with their intervals, highest first; a sentence where no pair has enough cases."""
    frame = pairs(context, domains)
    fit = frame[frame["n"] >= FEWEST] if len(frame) else frame
    if fit.empty:
        return absent(context, "absent_course")
    rows = records(fit, *_TOLD)
    drawn = pd.DataFrame(
        {
            "label": [_label(context, row) for row in rows],
            "value": fit["ratio"].astype(float),
            "lower": fit["lower"].astype(float),
            "upper": fit["upper"].astype(float),
            "role": np.where(fit["region_code"] == context.edition.city, "focus", "other"),
            "note": [
                words.bracketed(
                    f"{words.number(row['before'])} → {words.number(row['after'])}", context.language
                )
                for row in rows
            ],
        }
    )
    drawing = ranked_dots(
        drawn,
        words=chart_words(context),
        log=True,
        axis_label=context.label("word", "year_ratio"),
        number=words.significant,
    )
    plotted = [int(row) for key in ("row", "row_before") for row in fit[key]]
    more = {"drawn": len(fit), "small": len(frame) - len(fit), "fewest": FEWEST}
    values = {**told(context, domains), **_steepest(context, fit), **more}
    return context.chart(name, drawing, _data(fit), plotted, **values)


def _steepest(context: Context, frame: pd.DataFrame) -> dict[str, str]:
    """The largest change beyond chance, in words; empty where there is none."""
    beyond = frame[(frame["course"] != "chance") & (frame["ratio"] > 0)]
    if beyond.empty:
        return {"steepest": "", "ratio": ""}
    row = max(records(beyond, *_TOLD), key=lambda row: max(row["ratio"], 1 / row["ratio"]))
    return {"steepest": _label(context, row), "ratio": words.significant(row["ratio"])}


def table(context: Context, domains: Sequence[str]) -> Table:
    """The pairs with both values, the ratio, its interval and whether it is more than chance."""
    frame = pairs(context, domains)
    context.cite(*frame.reindex(columns=["row_before", "row"]).to_numpy().ravel())
    rows = [
        (
            context.name(row["region_code"]),
            context.metric(row["metric_id"]).label(context.language),
            context.label("scope", row["scope"]),
            _years(context, row),
            words.number(row["before"]),
            words.number(row["after"]),
            words.significant(row["ratio"]),
            words.interval(row["lower"], row["upper"], context.language),
            context.label("course", row["course"]),
        )
        for row in (records(frame, *_TOLD) if len(frame) else [])
    ]
    names = context.columns(
        "city", "metric", "scope", "period", "before", "after", "ratio", "interval", "verdict"
    )
    caption = {
        "en": "Counts that one body reports for two years; conditional exact intervals of the ratio",
        "zh": "同一主体有两年数字的计数，附比值的条件精确区间",
    }
    empty = {"en": "No count is known for two years.", "zh": "没有两年均有数字的计数。"}
    return Table(
        "course", caption[context.language], pd.DataFrame(rows, columns=names), numeric=tuple(names[4:8]),
        unbroken=context.unbroken(names[0], names[2]), empty=empty[context.language],
    )  # fmt: skip


def _data(frame: pd.DataFrame) -> pd.DataFrame:
    names = ["region_code", "metric_id", "scope", "year_before", "year", "before", "after", "ratio"]
    return frame[[*names, "lower", "upper", "statistic", "method", "n", "p_value", "q_value", "course"]]


def _label(context: Context, row: Record) -> str:
    """City, metric, scope and years, as a row of the chart is called."""
    metric = context.metric(row["metric_id"]).label(context.language)
    told = [context.both_names(row["region_code"]), words.lowered(metric), _years(context, row)]
    if row["scope"] != "whole":
        told.insert(2, context.label("scope", row["scope"]))
    return words.comma(context.language).join(told)


def _years(context: Context, row: Record) -> str:
    before, after = int(row["year_before"]), int(row["year"])
    return f"{before}–{after}" if context.language == "en" else f"{before}—{after}"
