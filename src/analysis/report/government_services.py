"""Page 6: how are government services supplied? What “online” means, the service hall, what the lists imply.

Shares of catalogue items describe supply, not use; no city is ranked by them. Figures for part of a year are
set beside others per month, in a table, and enter no place.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import compare, words
from analysis.compare import PER_RESIDENTS
from analysis.report import online
from analysis.report.amounts import by_metric
from analysis.report.context import Context
from analysis.report.highlights import highlights, silence
from analysis.report.outputs import Table
from analysis.report.theme import Theme

CASES = "services.hall_cases"
INDEX = "services.online_service_index"
_MONTHS = 12
_HALLS = ("own_level", "whole")
_LEVELS = ("own_level", "lower_level")


def _months(period: str) -> int | None:
    """How many months of its year a period covers, from January; None for a span or a date."""
    kind, _, rest = period.partition("-")
    return {"full": _MONTHS, "ytd": int(rest or 0) if kind == "ytd" else None}.get(kind)


def _halls(context: Context) -> pd.DataFrame:
    """Cases in service halls of the city and others of its level, the city's first; empty without its own.

    Returns the panel's columns with months, residents_row (-1 where the population is unknown) and monthly
    (cases per 100,000 residents and month).
    """
    return context.shared("halls", lambda: _made_halls(context))


def _made_halls(context: Context) -> pd.DataFrame:
    facts = context.panel.facts(year=context.edition.year, metrics=[CASES], whole_area=True)
    facts = context.panel.pick(facts)
    regions = context.panel.catalog.regions
    known = compare.residents(context.panel, context.edition.year)
    months = facts["period"].map(_months).astype(float)
    fit = facts["region_code"].map(lambda code: regions[code].level == context.region.level)
    frame = facts.assign(months=months)[fit.astype(bool) & months.notna()]
    mine = frame["region_code"] == context.edition.city
    if not mine.any():
        return frame.iloc[:0].assign(monthly=[], residents_row=[])
    people = known.reindex(frame["region_code"]).fillna({"residents_row": -1})
    frame = frame.assign(
        monthly=(frame["value"] / frame["months"]).to_numpy()
        / people["residents"].to_numpy()
        * PER_RESIDENTS,
        residents_row=people["residents_row"].to_numpy().astype(int),
        _other=~mine,
        _scope=frame["scope"].map({name: place for place, name in enumerate(_HALLS)}),
        _parts=-frame["months"],
    )
    return frame.sort_values(["_other", "region_code", "_scope", "_parts"], kind="stable")


def _offer(context: Context) -> dict[str, Any]:
    """What the service hall offers: items and departments; None where not reported."""
    rows = by_metric(context, (online.HALL_ITEMS, "services.hall_departments"), ("own_level", "whole"))
    items, departments = (rows.get(key) for key in (online.HALL_ITEMS, "services.hall_departments"))
    return {
        "items": None if items is None else int(items["value"]),
        "departments": None if departments is None else int(departments["value"]),
        "cite_hall": context.cite(*(int(str(row.name)) for row in rows.values())),
    }


def _cases(context: Context) -> dict[str, Any]:
    """The cases of the service hall with their rate a month, and how many others report a count."""
    frame = _halls(context)
    cases = None if frame.empty else frame.iloc[0]
    cited = [] if cases is None else [int(str(cases.name)), int(cases["residents_row"])]
    cited = [row for row in cited if row >= 0]
    return {
        "cases": None if cases is None else context.figure(cases),
        "cases_period": None if cases is None else context.period(cases),
        "cases_scope": None if cases is None else context.label("scope", str(cases["scope"])),
        "months": None if cases is None else int(cases["months"]),
        "monthly": None if cases is None or pd.isna(cases["monthly"]) else _monthly(context, cases),
        "others": frame["region_code"].nunique() - 1 if len(frame) else 0,
        "periods": frame["period"].nunique(),
        "scopes": frame["scope"].nunique(),
        "cite_cases": context.cite(*cited),
    }


def _monthly(context: Context, row: pd.Series) -> str:
    """The rate a month in words, with the qualifier of the count: more than 807; words where unknown."""
    if pd.isna(row["monthly"]):
        return context.label("reason", "no_residents")
    return context.label("qualifier", str(row["qualifier"])).format(value=words.significant(row["monthly"]))


def _halls_table(context: Context) -> Table:
    frame = _halls(context)
    context.cite(*(int(str(label)) for label in frame.index))
    names = context.columns("city", "value", "period", "scope", "monthly")
    rows = [
        (
            context.name(str(row["region_code"])),
            context.figure(row),
            context.period(row),
            context.label("scope", str(row["scope"])),
            _monthly(context, row),
        )
        for _, row in frame.iterrows()
    ]
    caption = {
        "en": "Cases in service halls: shown, not ranked",
        "zh": "实体办事大厅办理业务量：只列示、不排位",
    }[context.language]
    empty = {
        "en": "No count of cases in the service hall was reported for the year.",
        "zh": "没有报告当年的实体办事大厅办理业务量。",
    }[context.language]
    return Table(
        "halls",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=(names[1], names[4]),
        unbroken=context.unbroken(names[0], names[2], names[3]),
        empty=empty,
    )


def _promises(context: Context) -> dict[str, Any]:
    """What the catalogue promises: shorter times, fewer visits, shorter lists; None where not reported."""
    rows = by_metric(
        context,
        (
            "services.time_reduction_rate",
            "services.average_visits",
            "services.construction_approval_items_before",
            "services.construction_approval_items",
            "services.cross_province_items",
        ),
        ("own_level", "whole"),
    )
    value = {key.partition(".")[2]: float(row["value"]) for key, row in rows.items()}
    before, after = (
        value.get(name) for name in ("construction_approval_items_before", "construction_approval_items")
    )
    return {
        "time": value.get("time_reduction_rate"),
        "visits": value.get("average_visits"),
        "before": before,
        "after": after,
        "cut": 100 * (before - after) / before if before and after else None,
        "cross": value.get("cross_province_items"),
        "cite": context.cite(*(int(str(row.name)) for row in rows.values())),
    }


def _lists(context: Context) -> dict[str, Any] | None:
    """Supervision items claimed and inspection lists done, by level; None without both levels."""
    metrics = ("services.inspection_lists_done", "services.supervision_items_claimed")
    levels = [by_metric(context, metrics, (scope,)) for scope in _LEVELS]
    if any(len(rows) < 2 for rows in levels):
        return None
    counts = [[int(rows[key]["value"]) for key in metrics] for rows in levels]
    return {
        "city_done": counts[0][0],
        "city_claimed": counts[0][1],
        "city_share": 100 * counts[0][0] / counts[0][1],
        "county_done": counts[1][0],
        "county_claimed": counts[1][1],
        "county_share": 100 * counts[1][0] / counts[1][1],
        "cite": context.cite(*(int(str(row.name)) for rows in levels for row in rows.values())),
    }


def _index(context: Context) -> dict[str, Any] | None:
    """The latest national index of online services: the city, its province, both lists' ranges."""
    facts = context.panel.facts(metrics=[INDEX], whole_area=True)
    facts = context.panel.pick(facts[facts["year"] <= context.edition.year])
    if facts.empty:
        return None
    year = int(facts["year"].max())
    facts = facts[facts["year"] == year]
    level = facts["region_code"].map(lambda code: context.panel.catalog.regions[code].level)
    provinces, cities = facts[level == "province"], facts[level == "prefecture"]
    if provinces.empty or cities.empty:
        return None
    codes = (context.edition.city, f"{context.edition.city[:2]}0000")
    own, province = (facts[facts["region_code"] == code] for code in codes)
    province = province.iloc[:0] if codes[0] == codes[1] else province
    sides = ((part, part["value"]) for part in (provinces, cities))
    ends = [
        int(part.index[place])
        for part, value in sides
        for place in (int(value.argmin()), int(value.argmax()))
    ]
    low, high, low_city, high_city = facts.loc[ends, "value"].tolist()
    return {
        "index_year": year,
        "provinces": len(provinces),
        "cities": len(cities),
        "province_low": low,
        "province_high": high,
        "city_low": low_city,
        "city_high": high_city,
        "own": None if own.empty else float(own.iloc[0]["value"]),
        "province": context.name(codes[1]) if len(province) else None,
        "province_value": float(province.iloc[0]["value"]) if len(province) else None,
        "cite": context.cite(*(int(str(row)) for row in dict.fromkeys([*own.index, *province.index, *ends]))),
    }


def _findings(context: Context) -> dict[str, Any]:
    return {
        "spread": online.spread(context),
        "remainders": online.remainders(context),
        "catalogue": online.catalogue(context),
        "instant": online.instant(context),
        "hall": _cases(context),
        **highlights(context, THEME),
        **silence(context, THEME),
        "rescoped": _rescoped(context),
    }


def _rescoped(context: Context) -> dict[str, Any] | None:
    """A share printed for another scope the year before: it looks like a change and is none."""
    rows = by_metric(context, online.RATES, ("whole", "own_level"))
    for key, row in rows.items():
        facts = context.panel.pick(context.panel.facts(context.edition.city, metrics=[key], whole_area=True))
        near = facts[facts["year"] == context.edition.year - 1]
        if near.empty or (near["scope"] == row["scope"]).any():
            continue
        other = near.iloc[0]
        return {
            "label": words.metric_in_sentence(context.metric(key), context.language),
            "value": context.figure(row),
            "scope": context.label("scope", str(row["scope"])),
            "other_value": context.figure(other),
            "other_scope": context.label("scope", str(other["scope"])),
            "other_year": int(other["year"]),
            "cite": context.cite(int(str(row.name)), int(str(other.name))),
        }
    return None


def _head(context: Context) -> dict[str, Any]:
    return {**THEME.head(context), **silence(context, THEME)}


def _online(context: Context) -> dict[str, Any]:
    return {
        **_head(context),
        "shares": len(online.shares(context)),
        "base": online.least_base(context),
        "catalogue": online.catalogue(context),
    }


THEME = Theme(
    "06_government_services",
    "services",
    ("services",),
    sections={
        "head": _head,
        "findings": _findings,
        "online": _online,
        "labels": lambda context: {**_head(context), "labels": len(online.hall_labels(context))},
        "hall": lambda context: {**_head(context), **_offer(context), **_cases(context)},
        "promises": lambda context: {**_head(context), **_promises(context), "lists": _lists(context)},
        "index": lambda context: {**_head(context), "index": _index(context)},
    },
    tables={"halls": _halls_table},
    figures={"services_online": online.online_figure, "hall_labels": online.labels_figure},
    ahead=(_halls, online.fitting_base),
)
CONTENTS = THEME.contents()
