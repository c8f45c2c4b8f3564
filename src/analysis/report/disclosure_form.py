"""The national form on information disclosure: who fills in which line, for the whole area or the own office.

The lines are set side by side and never added up: received, accepted and closed are three counts, an office
and a whole city two scopes. Rates need residents; where none are known, none is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from analysis import compare, stats, words
from analysis.report.context import Context
from analysis.report.outputs import Table
from analysis.report.records import Record, grouped, records

RECEIVED = "oversight.disclosure_requests_received"
LINES = (
    RECEIVED,
    "oversight.disclosure_requests_accepted",
    "oversight.disclosure_requests_closed",
    "oversight.disclosure_reconsiderations",
    "oversight.disclosure_litigations",
)
"""The lines of the form that the table shows, by metric."""
_COLUMNS = ("received", "accepted", "closed", "reconsiderations", "lawsuits")
_BODY = ["year", "region_code", "scope"]
_TOLD = (*_BODY, "metric_id", "value", "qualifier", "period", "grade")
_NEAREST = 3


def facts(context: Context) -> pd.DataFrame:
    """The picked figures on the form's lines of every region of the city's level, departments left out.

    The observation's columns and `grade`, each figure judged in its own scope.
    """
    return context.shared("disclosure form", lambda: _facts(context))


def _facts(context: Context) -> pd.DataFrame:
    panel = context.panel
    found = panel.pick(panel.facts(metrics=LINES, whole_area=True))
    levels = found["region_code"].map({code: item.level for code, item in panel.catalog.regions.items()})
    found = found[(levels == context.region.level) & (found["period"] == "full")]
    parts = [
        compare.grade(part, panel.catalog, str(scope)) for scope, part in found.groupby("scope", sort=False)
    ]
    return pd.concat(parts).sort_values(_BODY, kind="stable") if parts else found.assign(grade="")


def told(context: Context) -> dict[str, Any]:
    """How many bodies give the form, the city's own lines, its departments' and the nearest cities'."""
    found, year = records(facts(context), *_TOLD), context.edition.year
    mine = [row for row in found if row["region_code"] == context.edition.city]
    received = _received(found)
    years = [row["year"] for row in found]
    return {
        "bodies": len({(row["region_code"], row["scope"]) for row in found}),
        "cities": len({row["region_code"] for row in found}),
        "first": min(years, default=0),
        "last": max(years, default=0),
        "own": [_line(context, row) for row in mine if row["year"] == year],
        "other_years": sorted({row["year"] for row in mine} - {year}),
        "departments": _departments(context),
        "nearest": [_nearest(context, row) for row in _by_distance(received, context.edition.city, year)],
        "reporting": len({row["region_code"] for row in received}),
    }


def _received(found: Iterable[Record]) -> list[Record]:
    """The requests received of whole areas."""
    return [row for row in found if row["metric_id"] == RECEIVED and row["scope"] == "whole"]


def rates(context: Context) -> dict[str, Any]:
    """Whole-area requests per 100,000 residents where residents are known, and for how many they are not."""
    received = _received(records(facts(context), *_TOLD))
    known = bases(context)
    counts = pd.DataFrame(
        {"count": [row["value"] for row in received], "residents": [residents for residents, _ in known]},
        dtype=float,
    )
    limits = stats.poisson_interval(counts, exposure="residents", multiplier=compare.PER_RESIDENTS)
    every = zip(received, known, records(limits, "value", "lower", "upper"), strict=True)
    made = [_rate(context, row, base, rate) for row, (_, base), rate in every if base >= 0]
    return {"rates": made, "unrated": len(received) - len(made)}


def bases(context: Context) -> list[tuple[float, int]]:
    """Residents and the label of their row for each whole-area figure of requests; NaN and -1 for none."""
    received = _received(records(facts(context), *_TOLD))
    return context.shared("disclosure bases", lambda: [_base(context, row) for row in received])


def _base(context: Context, row: Record) -> tuple[float, int]:
    known, code = compare.residents(context.panel, row["year"]), row["region_code"]
    if code not in known.index:
        return float("nan"), -1
    return float(known["residents"].loc[code]), int(known["residents_row"].loc[code])


def table(context: Context) -> Table:
    """Every body that gives lines of the form, by year: requests received, accepted, closed, and disputes."""
    found = records(facts(context), *_TOLD)
    context.cite(*(row["row"] for row in found))
    rows = [_row(context, part) for part in grouped(found, *_BODY).values()]
    names = context.columns("body", *_COLUMNS, "grade")
    caption = {
        "en": "Lines of the national disclosure form, by year and body",
        "zh": "政府信息公开年报所列数字（按年份和主体）",
    }[context.language]
    return Table(
        "disclosure",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=tuple(names[1:6]),
        empty={"en": "No city gives lines of the form.", "zh": "没有城市给出该表数字。"}[context.language],
    )


def _row(context: Context, part: Sequence[Record]) -> tuple[str, ...]:
    """One body and year; lines it does not give are said not to be reported."""
    first = part[0]
    given = {row["metric_id"]: row for row in part}
    none = context.label("word", "not_reported")
    body = [context.name(first["region_code"]), context.period(first)]
    if first["scope"] != "whole":
        body.append(context.label("scope", first["scope"]))
    return (
        words.comma(context.language).join(body),
        *(context.figure(given[line]) if line in given else none for line in LINES),
        max(row["grade"] for row in part),
    )


def _rate(context: Context, row: Record, base: int, rate: Record) -> dict[str, Any]:
    """Requests received per 100,000 residents with the exact Poisson interval."""
    return {
        "city": context.name(row["region_code"]),
        "year": row["year"],
        "value": words.significant(rate["value"]),
        "interval": words.interval(rate["lower"], rate["upper"], context.language),
        "cite": context.cite(row["row"], base),
    }


def _line(context: Context, row: Record) -> dict[str, Any]:
    """One line of the city's own form in words."""
    return {
        "label": words.metric_in_sentence(context.metric(row["metric_id"]), context.language),
        "value": context.figure(row),
        "scope": context.label("scope", row["scope"]),
        "received": row["metric_id"] == RECEIVED,
        "cite": context.cite(row["row"]),
    }


def _departments(context: Context) -> dict[str, Any]:
    """What single departments of the city say they received, over all years."""
    found = context.panel.facts(context.edition.city, metrics=[RECEIVED])
    found = context.panel.pick(found[found["unit_name"] != ""])
    return {
        "figures": len(found),
        "units": found["unit_name"].nunique(),
        "years": sorted({int(year) for year in found["year"]}),
        "low": words.number(float(found["value"].min())) if len(found) else "",
        "high": words.number(float(found["value"].max())) if len(found) else "",
        "cite": context.cite(*(int(str(label)) for label in found.index)),
    }


def _by_distance(received: Sequence[Record], city: str, year: int) -> list[Record]:
    """The other cities' counts for the whole area, nearest year first, each city once."""
    nearest: dict[str, Record] = {}
    for row in sorted(received, key=lambda row: abs(row["year"] - year)):
        nearest.setdefault(row["region_code"], row)
    return [row for code, row in nearest.items() if code != city][:_NEAREST]


def _nearest(context: Context, row: Record) -> dict[str, Any]:
    return {
        "city": context.name(row["region_code"]),
        "year": row["year"],
        "value": context.figure(row),
        "cite": context.cite(row["row"]),
    }
