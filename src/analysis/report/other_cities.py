"""Page 3: how does the city compare? Each comparable metric among the cities that report it, with its grade.

Only grades A and B are placed or drawn among others; a figure of grade C stands in a table with the reason.
It names no best city and ranks no missing one.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import compare, words
from analysis.catalog import DOMAINS
from analysis.compare import CrossSection
from analysis.figures import Chart, coverage_matrix, ranked_dots, strips
from analysis.report.context import Context
from analysis.report.outputs import Contents, Prose, Table
from analysis.report.shared import absent, cards, chart_words

FEW = 10
"""Fewer cities than this are called few: a place among them says little."""
_LOG_RANGE = 20
_RANGE_CITIES = 3


def _sections(context: Context) -> list[CrossSection]:
    """A cross-section of each metric that the city shares with another one."""
    city, year = context.edition.city, context.edition.year
    metrics = compare.shared_metrics(context.panel, city, year)
    return context.once(
        "sections",
        lambda: [compare.cross_section(context.panel, key, year, city, context.peers) for key in metrics],
    )


def _compared(context: Context) -> list[CrossSection]:
    """The metrics on which the city has grade A or B beside at least one other, most reported first."""
    fit = [
        section
        for section in _sections(context)
        if section.reporting > 1 and (section.comparable["role"] == "focus").any()
    ]
    return sorted(fit, key=lambda section: -section.reporting)


def _head(context: Context) -> dict[str, Any]:
    compared = _compared(context)
    cities = {code for section in compared for code in section.comparable["region_code"]}
    shown = [section for section in _sections(context) if not any(section is other for other in compared)]
    return {
        "city": context.city,
        "year": context.edition.year,
        "metrics": len(compared),
        "shared": len(_sections(context)),
        "shown": len(shown),
        "others": len(cities - {context.edition.city}),
        "peers_label": context.panel.catalog.group_label(context.edition.peers, context.language),
        "peers": len(context.peers),
        "peers_compared": len((cities & set(context.peers)) - {context.edition.city}),
        "most": max((section.reporting for section in compared), default=0),
        "few": FEW,
    }


def _findings(context: Context) -> dict[str, Any]:
    return {**_head(context), "places": [_place(context, section) for section in _compared(context)[:4]]}


def _place(context: Context, section: CrossSection) -> dict[str, Any]:
    """Where the city stands on one metric, counted from the highest, with the range of the others."""
    rows = section.comparable
    focus = rows[rows["role"] == "focus"].iloc[0]
    others = rows[rows["role"] != "focus"]
    metric = context.metric(section.metric_id)
    top, low = rows.iloc[0], rows.iloc[-1]
    place = int((rows["shown"] > focus["shown"]).sum()) + 1
    return {
        "label": words.metric_in_sentence(metric, context.language),
        "big": words.significant(focus["shown"]),
        "rated": section.rated,
        "figure": context.figure(focus),
        "interval": words.interval(focus["lower"], focus["upper"], context.language),
        "place": place,
        "from_low": len(rows) - place + 1,
        "cities": len(rows),
        "median": words.significant(float(others["shown"].median())),
        "top_city": context.name(str(top["region_code"])),
        "top": words.significant(top["shown"]),
        "low_city": context.name(str(low["region_code"])),
        "low": words.significant(low["shown"]),
        "only_other": context.name(str(others.iloc[0]["region_code"])) if len(others) == 1 else "",
        "only_value": words.significant(float(others.iloc[0]["shown"])),
        "grade": context.label("grade", max(rows["grade"])),
        "cite": context.cite(int(str(focus.name)), *(int(str(label)) for label in others.index[:3])),
    }


def _ranked_figure(context: Context) -> Chart | Prose:
    compared = _compared(context)
    if not compared:
        return absent(context, "absent_ranked", year=context.edition.year)
    section = compared[0]
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
    compared = [section for section in _compared(context) if section.reporting >= _RANGE_CITIES]
    if not compared:
        return absent(context, "absent_strips", year=context.edition.year, least=_RANGE_CITIES)
    parts = []
    for section in compared:
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
    places = [_place(context, section) for section in compared]
    return context.chart(
        "strips", drawing, frame.drop(columns="panel"), [int(str(i)) for s in compared for i in s.rows.index],
        year=context.edition.year, metrics=len(compared), log=len(log),
        lower_half=sum(place["place"] > place["cities"] / 2 for place in places),
        label=places[0]["label"], place=places[0],
    )  # fmt: skip


def _panel(context: Context, section: CrossSection) -> str:
    unit = context.label("word", "per_residents") if section.rated else context.label("word", "as_reported")
    return f"{context.metric(section.metric_id).label(context.language)}{words.comma(context.language)}{unit}"


def _reporting_figure(context: Context) -> Chart | Prose:
    codes = list(dict.fromkeys([context.edition.city, *context.peers]))
    frame = compare.coverage(context.panel, context.edition.year, codes)
    domains = [name for name in DOMAINS[:-1] if name in set(frame["domain"])]
    most = frame.groupby("domain")["metrics"].max()
    counts = frame.set_index(["region_code", "domain"])["metrics"].to_dict()
    told = {code: sum(counts.get((code, name), 0) for name in domains) for code in codes}
    rows = sorted((code for code in codes if told[code]), key=lambda code: -told[code])
    cells = [
        (
            context.name(code),
            context.label("domain", name),
            _state(counts.get((code, name), 0), int(most[name])),
        )
        for code in rows
        for name in domains
    ]
    drawing = coverage_matrix(
        pd.DataFrame(cells, columns=["row", "column", "state"]),
        state_labels={
            "full": context.label("word", "full"),
            "partial": context.label("word", "partial"),
            "none": context.label("word", "not_reported"),
        },
        focus=context.city,
    )
    facts = context.panel.facts(year=context.edition.year)
    used = facts[facts["region_code"].isin(rows)]
    return context.chart(
        "reporting", drawing, frame, used.index, year=context.edition.year, reporting=len(rows),
        peers=len(codes), silent=len(codes) - len(rows),
        peers_label=context.panel.catalog.group_label(context.edition.peers, context.language),
        domains=len(domains), most_city=context.name(rows[0]), most=told[rows[0]],
        mine=told[context.edition.city],
    )  # fmt: skip


def _state(count: int, most: int) -> str:
    if count == 0:
        return "none"
    return "full" if 2 * count >= most else "partial"


def _compared_table(context: Context) -> Table:
    rows = [_compared_row(context, section) for section in _compared(context)]
    names = context.columns(
        "metric", "value", "rate", "interval", "cities", "median", "range", "place", "grade"
    )
    caption = {
        "en": f"{context.city} among the cities whose figure may be compared",
        "zh": f"{context.city}与可比城市",
    }[context.language]
    empty = {
        "en": "No figure of this city may be set beside another city's.",
        "zh": "本市没有可与其他城市对照的数字。",
    }[context.language]
    return Table(
        "compared", caption, pd.DataFrame(rows, columns=names), numeric=tuple(names[1:8]), empty=empty
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
        place["median"],
        f"{place['low']}{joiner}{place['top']}",
        str(place["place"]),
        place["grade"],
    )


def _not_compared_table(context: Context) -> Table:
    """Every shared figure that stands in no comparison: the city's, the others', and why."""
    rows = [line for section in _sections(context) for line in _held_back(context, section)]
    names = context.columns("metric", "city", "value", "period", "scope", "reason")
    caption = {"en": "Shown but not compared", "zh": "只列示、不比较的数字"}[context.language]
    empty = {"en": "Every shared figure could be compared.", "zh": "所有共有数字均可比较。"}[context.language]
    return Table("not_compared", caption, pd.DataFrame(rows, columns=names), numeric=(names[2],), empty=empty)


def _held_back(context: Context, section: CrossSection) -> list[tuple[str, ...]]:
    """One line a figure of grade C, the focus city first; of a metric not compared at all, every figure."""
    compared = any(section is other for other in _compared(context))
    rows = section.rows[section.rows["role"] != "context"]
    rows = rows[rows["grade"] == "C"] if compared else rows
    rows = rows.sort_values("role", key=lambda roles: roles != "focus", kind="stable")
    context.cite(*(int(str(label)) for label in rows.index))
    return [
        (
            context.metric(section.metric_id).label(context.language),
            context.name(str(row["region_code"])),
            context.figure(row),
            context.period(row),
            context.label("scope", str(row["scope"])),
            words.listed(
                [context.label("reason", code) for code in row["reasons"] or ("alone",)], context.language
            ),
        )
        for _, row in rows.iterrows()
    ]


def _cards(context: Context) -> dict[str, Any]:
    chosen = [section.metric_id for section in _compared(context)] or [
        s.metric_id for s in _sections(context)
    ]
    return {"cards": cards(context, chosen), "count": len(chosen)}


def _evidence(context: Context) -> dict[str, Any]:
    for section in _compared(context):
        fit = section.rows[section.rows["grade"] != "C"]
        context.cite(*(int(str(label)) for label in fit.index))
        if section.rated:
            context.cite(*(int(label) for label in fit["residents_row"] if label >= 0))
    return {"city": context.city, "figures": len(context.cited)}


CONTENTS = Contents(
    "03_other_cities",
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
    tables={"compared": _compared_table, "not_compared": _not_compared_table},
    figures={"ranked": _ranked_figure, "strips": _strips_figure, "reporting": _reporting_figure},
)
