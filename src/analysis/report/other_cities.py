"""Page 3: how does the city compare? Each comparable metric among the cities that report it, with its grade.

Only grades A and B are placed or drawn among others; a figure of grade C stands in a table with the reason.
It names no best city and ranks no missing one.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import words
from analysis.compare import CrossSection
from analysis.figures import Chart, ranked_dots, strips
from analysis.report import held_back, reporting
from analysis.report.context import Context
from analysis.report.outputs import Contents, Prose, Table
from analysis.report.sections import compared, sections
from analysis.report.shared import absent, cards, chart_words

FEW = 10
"""Fewer cities than this are called few: a place among them says little."""
_LOG_RANGE = 20


def _head(context: Context) -> dict[str, Any]:
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
    }


def _findings(context: Context) -> dict[str, Any]:
    return {**_head(context), "places": [_place(context, section) for section in compared(context)[:4]]}


def _place(context: Context, section: CrossSection) -> dict[str, Any]:
    """Where the city stands on one metric, counted from the highest, with the range of the others."""
    rows = section.comparable
    focus = rows[rows["role"] == "focus"].iloc[0]
    others = rows[rows["role"] != "focus"]
    metric = context.metric(section.metric_id)
    unit = "" if section.rated else words.unit_suffix(metric.unit, context.language)

    def amount(value: float) -> str:
        return words.significant(value) + unit

    top, low = rows.iloc[0], rows.iloc[-1]
    place = int((rows["shown"] > focus["shown"]).sum()) + 1
    return {
        "label": words.metric_in_sentence(metric, context.language),
        "big": amount(focus["shown"]),
        "rated": section.rated,
        "figure": context.figure(focus),
        "interval": words.interval(focus["lower"], focus["upper"], context.language),
        "place": place,
        "from_low": len(rows) - place + 1,
        "cities": len(rows),
        "below_median": bool(focus["shown"] < others["shown"].median()),
        "top_city": context.name(str(top["region_code"])),
        "top": amount(top["shown"]),
        "low_city": context.name(str(low["region_code"])),
        "low": amount(low["shown"]),
        "only_other": context.name(str(others.iloc[0]["region_code"])) if len(others) == 1 else "",
        "only_value": amount(float(others.iloc[0]["shown"])),
        "letter": max(rows["grade"]),
        "grade": context.label("grade", max(rows["grade"])),
        "cite": context.cite(int(str(focus.name)), *(int(str(label)) for label in others.index[:3])),
    }


def _ranked_figure(context: Context) -> Chart | Prose:
    chosen = compared(context)
    if not chosen:
        return absent(context, "absent_ranked", year=context.edition.year)
    section = chosen[0]
    fit = section.rows[section.rows["grade"] != "C"]
    rows = fit.sort_values("shown", ascending=False)
    frame = _drawn(context, rows)
    log = rows["shown"].max() > _LOG_RANGE * rows["shown"].min() > 0
    unit = context.label("word", "per_residents" if section.rated else "as_reported")
    drawing = ranked_dots(
        frame,
        words=chart_words(context),
        log=bool(log),
        axis_label=unit,
        role_labels=_role_labels(context, frame),
        number=words.significant,
    )
    labels = [int(str(label)) for label in rows.index]
    place = _place(context, section)
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
        **{key: value for key, value in place.items() if key != "cite"},
    )


def _drawn(context: Context, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": [context.both_names(str(code)) for code in rows["region_code"]],
            "value": rows["shown"].astype(float),
            "lower": rows["lower"].astype(float),
            "upper": rows["upper"].astype(float),
            "role": rows["role"],
        }
    )


def _role_labels(context: Context, frame: pd.DataFrame) -> dict[str, str]:
    return {
        role: context.label("role", role)
        for role in ("focus", "peer", "other", "context")
        if role in set(frame["role"])
    }


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


def _strips_figure(context: Context) -> Chart | Prose:
    chosen = compared(context)
    if len(chosen) < 2:
        return absent(context, "absent_strips", year=context.edition.year, metrics=len(chosen))
    parts = []
    for section in chosen:
        fit = section.rows[section.rows["grade"] != "C"]
        parts.append(_drawn(context, fit).assign(panel=_panel(context, section), metric_id=section.metric_id))
    frame = pd.concat(parts, ignore_index=True)
    ranges = frame.groupby("panel")["value"].agg(["min", "max"])
    log = [
        str(name) for name in ranges.index[(ranges["min"] > 0) & (ranges["max"] > _LOG_RANGE * ranges["min"])]
    ]
    drawing = strips(
        frame,
        words=chart_words(context),
        log_panels=log,
        role_labels=_role_labels(context, frame),
        number=words.significant,
    )
    places = [_place(context, section) for section in chosen]
    return context.chart(
        "strips", drawing, frame.drop(columns="panel"), [int(str(i)) for s in chosen for i in s.rows.index],
        year=context.edition.year, metrics=len(chosen), log=len(log),
        below=sum(place["below_median"] for place in places),
        label=places[0]["label"], place=places[0],
    )  # fmt: skip


def _panel(context: Context, section: CrossSection) -> str:
    unit = context.label("word", "per_residents") if section.rated else context.label("word", "as_reported")
    return f"{context.metric(section.metric_id).label(context.language)}{words.comma(context.language)}{unit}"


def _compared_table(context: Context) -> Table:
    rows = [_compared_row(context, section) for section in compared(context)]
    names = context.columns("metric", "value", "rate", "interval", "cities", "range", "place", "grade")
    caption = {
        "en": f"{context.city} among the cities whose figure may be compared",
        "zh": f"{context.city}与可比城市对照",
    }[context.language]
    empty = {
        "en": "No figure of this city may be set beside another city's.",
        "zh": "没有可与其他城市对照的数字。",
    }[context.language]
    return Table(
        "compared", caption, pd.DataFrame(rows, columns=names), numeric=tuple(names[1:7]), empty=empty
    )


def _compared_row(context: Context, section: CrossSection) -> tuple[str, ...]:
    place = _place(context, section)
    joiner = "–" if context.language == "en" else "—"
    return (
        context.metric(section.metric_id).label(context.language),
        place["figure"],
        place["big"] if section.rated else context.label("word", "not_applicable"),
        place["interval"] or context.label("word", "none"),
        str(place["cities"]),
        f"{place['low']}{joiner}{place['top']}",
        str(place["place"]),
        place["letter"],
    )


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
        "not_compared": _head,
        "cards": _cards,
        "evidence": _evidence,
    },
    tables={"compared": _compared_table, "not_compared": held_back.table},
    figures={"ranked": _ranked_figure, "strips": _strips_figure, "reporting": reporting.figure},
)
