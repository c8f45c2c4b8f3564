"""Page 3: how does the city compare? Each comparable metric among the cities that report it, with its grade.

Only grades A and B are placed or drawn among others; a figure of grade C stands in a table with the reason.
It names no best city and ranks no missing one.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import words
from analysis.compare import FEW, CrossSection
from analysis.figures import Chart, ranked_dots
from analysis.report import alike, held_back, reporting
from analysis.report.context import Context
from analysis.report.funnels import funnel_figure, funnel_of
from analysis.report.outputs import Contents, Prose, Table
from analysis.report.places import LOG_RANGE, drawn, place, role_labels, strips_figure
from analysis.report.sections import compared, sections
from analysis.report.shared import absent, cards, chart_words
from analysis.report.standing import Standing, placed_words, standing

_FEATURED = 4


def _head(context: Context) -> dict[str, Any]:
    return context.once("other cities head", lambda: _counts(context))


def _counts(context: Context) -> dict[str, Any]:
    """What the lead and the heads of sections count: metrics, cities, peers, and what is compared."""
    chosen = compared(context)
    cities = {code for section in chosen for code in section.comparable["region_code"]}
    shown = [section for section in sections(context) if not any(section is other for other in chosen)]
    return {
        "city": context.city,
        "year": context.edition.year,
        "metrics": len(chosen),
        "shared": len(sections(context)),
        "shown": len(shown),
        "others": len(cities - {context.edition.city}),
        "peers_label": context.panel.catalog.group_label(context.edition.peers, context.language),
        "peers": len(set(context.peers) - {context.edition.city}),
        "peers_compared": len((cities & set(context.peers)) - {context.edition.city}),
        "most": max((section.reporting for section in chosen), default=0),
        "few": FEW,
        "ranges": any(_has_range(context, section) for section in chosen),
    }


def _has_range(context: Context, section: CrossSection) -> bool:
    """Whether the place has a range: four or more cities with exact counts, the city among them."""
    found = standing(context, section)
    return found is not None and found.top_quarter is not None


def _standings(context: Context) -> list[Standing | None]:
    return [standing(context, section) for section in compared(context)]


def _findings(context: Context) -> dict[str, Any]:
    chosen = compared(context)[:_FEATURED]
    return {
        **_head(context),
        "places": [{**place(context, section), "standing": standing(context, section)} for section in chosen],
    }


def _ranked_figure(context: Context) -> Chart | Prose:
    chosen = compared(context)
    if not chosen:
        return absent(context, "absent_ranked", year=context.edition.year)
    found = funnel_of(context, chosen[0])
    if not found.refusal and not found.few and (found.used["role"] == "focus").any():
        return funnel_figure(context, "ranked", found)
    return ranked_chart(context, chosen[0])


def ranked_chart(context: Context, section: CrossSection) -> Chart:
    """The city among the others on one metric on which it may be compared, from the highest down."""
    fit = section.rows[section.rows["grade"] != "C"]
    rows = fit.sort_values("shown", ascending=False)
    frame = drawn(context, rows)
    log = rows["shown"].max() > LOG_RANGE * rows["shown"].min() > 0
    unit = context.label("word", "per_residents" if section.rated else "as_reported")
    drawing = ranked_dots(
        frame,
        words=chart_words(context),
        log=bool(log),
        axis_label=unit,
        role_labels=role_labels(context, frame),
        number=words.significant,
    )
    labels = [int(str(label)) for label in rows.index]
    found = place(context, section)
    return context.chart(
        "ranked",
        drawing,
        _data(section, rows),
        [*labels, *(int(label) for label in rows["residents_row"] if label >= 0 and section.rated)],
        year=context.edition.year,
        log=bool(log),
        unit=unit,
        method=words.method(next((text for text in rows["method"] if text), ""), context.language),
        context_rows=int((rows["role"] == "context").sum()),
        census=bool((rows["residents_period"] == "at-2020-11-01").any()) and section.rated,
        **{key: value for key, value in found.items() if key != "cite"},
    )


def _data(section: CrossSection, rows: pd.DataFrame) -> pd.DataFrame:
    names = [
        "region_code",
        "role",
        "value",
        "qualifier",
        "period",
        "scope",
        "status",
        "residents",
        "residents_period",
    ]
    more = ["shown", "lower", "upper", "statistic", "method", "n", "grade", "source_id"]
    return rows[[*names, *more]].assign(metric_id=section.metric_id, year=section.year)


def _compared_table(context: Context) -> Table:
    rows = [_compared_row(context, section) for section in compared(context)]
    names = context.columns("metric", "value", "rate", "range", "placed", "grade")
    caption = {
        "en": f"{context.city} among the cities whose figure may be compared",
        "zh": f"{context.city}与可比城市对照",
    }[context.language]
    empty = {
        "en": "No figure of this city may be set beside another city's.",
        "zh": "没有可与其他城市对照的数字。",
    }[context.language]
    return Table(
        "compared",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=tuple(names[1:2]),
        unbroken=context.unbroken(names[2], names[3]),
        empty=empty,
    )


def _compared_row(context: Context, section: CrossSection) -> tuple[str, ...]:
    found = place(context, section)
    joiner = "–" if context.language == "en" else "—"
    return (
        context.metric(section.metric_id).label(context.language),
        found["figure"],
        _rate_words(context, found) if section.rated else context.label("word", "not_applicable"),
        f"{found['low']}{joiner}{found['top']}",
        placed_words(context, section),
        found["letter"],
    )


def _rate_words(context: Context, found: dict[str, Any]) -> str:
    """The rate with its interval: `5.26 (4.73–5.82)`; the rate alone of a rounded count."""
    if not found["interval"]:
        return str(found["big"])
    bracket = words.bracketed(found["interval"], context.language)
    return f"{found['big']} {bracket}" if context.language == "en" else found["big"] + bracket


def _cards(context: Context) -> dict[str, Any]:
    chosen = [section.metric_id for section in compared(context)] or [s.metric_id for s in sections(context)]
    return {"cards": cards(context, chosen), "count": len(chosen)}


def _evidence(context: Context) -> dict[str, Any]:
    for section in compared(context):
        fit = section.rows[section.rows["grade"] != "C"]
        context.cite(*(int(str(label)) for label in fit.index))
        if section.rated:
            context.cite(*(int(label) for label in fit["residents_row"] if label >= 0))
    return {"city": context.city, "figures": len(context.cited)}


CONTENTS = Contents(
    "03_other_cities",
    reads="panel",
    sections={
        "head": _head,
        "findings": _findings,
        "ranked": _head,
        "strips": _head,
        "reporting": _head,
        "alike": alike.values,
        "not_compared": _head,
        "cards": _cards,
        "evidence": _evidence,
    },
    tables={
        "compared": _compared_table,
        "alike": alike.table,
        "not_compared": lambda context: held_back.table(context, sections(context), compared(context)),
    },
    figures={
        "ranked": _ranked_figure,
        "strips": lambda context: strips_figure(context, "strips", compared(context)),
        "reporting": reporting.figure,
    },
    ahead=(sections, compared, alike.nearest_of, _standings),
)
