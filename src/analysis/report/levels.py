"""The city beside its own province and the nation: the same metric, the same year, another level.

A province contains its cities, so it is no peer and takes no place; its rate is what the city's is measured
against. A ratio is given only where both figures are of grade A or B; elsewhere the reason stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis import compare, stats, words
from analysis.compare import PER_RESIDENTS, CrossSection
from analysis.errors import InputError
from analysis.report.context import Context
from analysis.report.outputs import Table

NATION = "000000"


def own_province(context: Context) -> str | None:
    """The code of the province that the city lies in; None for the nation."""
    try:
        return compare.province_of(context.panel, context.edition.city)
    except InputError:
        return None


def section_of(context: Context, metric_id: str) -> CrossSection:
    """The cross-section of a metric in the edition's year; those the city reports are computed together."""
    city, year = context.edition.city, context.edition.year
    reported = context.facts()["metric_id"]

    def sections(*metric_ids: str) -> dict[str, CrossSection]:
        found = compare.cross_sections(context.panel, metric_ids, year, city, context.peers)
        return {section.metric_id: section for section in found}

    own = context.once("own sections", lambda: sections(*dict.fromkeys(map(str, reported))))
    return own.get(metric_id) or context.once(f"section {metric_id}", lambda: sections(metric_id))[metric_id]


def beside(context: Context, metric_ids: Sequence[str]) -> pd.DataFrame:
    """The city's figures beside those of its province and the nation, where one of these gives the metric.

    Columns metric_id, region_code, mine and theirs (rows of the cross-section), rated, ratio, lower, upper
    (the city's rate as a multiple of theirs, with the exact Poisson interval of the city's count), reasons.
    """
    levels = {own_province(context), NATION} - {None, context.edition.city}
    rows = []
    for metric_id in dict.fromkeys(metric_ids):
        section = section_of(context, metric_id)
        mine = section.rows[section.rows["role"] == "focus"]
        others = section.rows[section.rows["region_code"].isin(levels)]
        for _, theirs in others.sort_values("region_code", ascending=False).iterrows():
            if len(mine):
                rows.append(_pair(section, mine.iloc[0], theirs))
    columns = ["metric_id", "region_code", "mine", "theirs", "rated", "ratio", "lower", "upper", "reasons"]
    return pd.DataFrame(rows, columns=columns)


def _pair(section: CrossSection, mine: pd.Series, theirs: pd.Series) -> dict[str, Any]:
    """One line of `beside`."""
    reasons = [*dict.fromkeys([*mine["reasons"], *theirs["reasons"]])]
    exact = all(row["qualifier"] == "=" and pd.isna(row["resolution"]) for row in (mine, theirs))
    reasons += [] if exact or reasons else ["rough"]
    ratio = {"ratio": float("nan"), "lower": float("nan"), "upper": float("nan")}
    if section.rated and not reasons:
        expected = float(theirs["shown"]) * float(mine["residents"]) / PER_RESIDENTS
        counts = pd.DataFrame({"count": [mine["value"]], "expected": [expected]})
        found = stats.poisson_interval(counts, exposure="expected", multiplier=1).iloc[0]
        ratio = {"ratio": found["value"], "lower": found["lower"], "upper": found["upper"]}
    return {
        "metric_id": section.metric_id,
        "region_code": str(theirs["region_code"]),
        "mine": mine,
        "theirs": theirs,
        "rated": section.rated,
        **ratio,
        "reasons": tuple(reasons),
    }


def table(context: Context, metric_ids: Sequence[str]) -> Table:
    """The city, its province and the nation, a line a metric and level."""
    frame = beside(context, metric_ids)
    rows = [_row(context, row) for _, row in frame.iterrows()]
    names = context.columns(
        "metric", "city_figure", "level", "level_figure", "ratio_or_points", "comparability"
    )
    caption = {
        "en": f"{context.city} beside its province and the nation",
        "zh": f"{context.city}与所在省及全国对照",
    }[context.language]
    empty = {
        "en": "Neither the province nor the nation gives a figure of the year for any of these metrics.",
        "zh": "所在省和全国当年均没有可对照的同名数字。",
    }[context.language]
    return Table(
        "levels",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=(names[1], names[3]),
        unbroken=context.unbroken(names[2]),
        empty=empty,
    )


def _row(context: Context, row: pd.Series) -> tuple[str, ...]:
    mine, theirs = row["mine"], row["theirs"]
    context.cite(int(str(mine.name)), int(str(theirs.name)))
    interval = words.interval(row["lower"], row["upper"], context.language)
    bracket = words.bracketed(interval, context.language) if interval else ""
    space = " " if bracket and context.language == "en" else ""
    letter = max(str(mine["grade"]), str(theirs["grade"]))
    reasons = [context.label("reason", code) for code in row["reasons"]]
    return (
        context.metric(str(row["metric_id"])).label(context.language),
        _figure(context, mine, bool(row["rated"])),
        context.name(str(row["region_code"])),
        _figure(context, theirs, bool(row["rated"])),
        f"{words.significant(row['ratio'])}{space}{bracket}"
        if pd.notna(row["ratio"])
        else _difference(context, row),
        words.comma(context.language).join([context.label("grade", letter), *reasons]),
    )


def _difference(context: Context, row: pd.Series) -> str:
    """Percentage points between two comparable percentages; that nothing is compared elsewhere."""
    metric = context.metric(str(row["metric_id"]))
    if row["reasons"] or row["rated"] or metric.measure != "rate" or metric.unit != "%":
        return context.label("word", "not_compared")
    points = float(row["mine"]["value"]) - float(row["theirs"]["value"])
    sign = "+" if points > 0 else ""
    return context.label("word", "points").format(points=f"{sign}{words.number(points, 1)}")


def _figure(context: Context, row: pd.Series, rated: bool) -> str:
    """A figure, and in brackets its rate per 100,000 residents where it has one."""
    shown = context.figure(row)
    if not rated or pd.isna(row["shown"]) or pd.isna(row["residents"]):
        return shown
    space = " " if context.language == "en" else ""
    return f"{shown}{space}{words.bracketed(words.significant(row['shown']), context.language)}"
