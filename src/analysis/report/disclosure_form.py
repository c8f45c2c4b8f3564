"""The national form on information disclosure: who fills in which line, for the whole area or the own office.

The lines are set side by side and never added up: received, accepted and closed are three counts, an office
and a whole city two scopes. Rates need residents; where none are known, none is made.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import compare, stats, words
from analysis.report.context import Context
from analysis.report.outputs import Table

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
_NEAREST = 3


def facts(context: Context) -> pd.DataFrame:
    """The picked figures on the form's lines of every region of the city's level, departments left out.

    The observation's columns and `grade`, each figure judged in its own scope.
    """
    return context.once("disclosure form", lambda: _facts(context))


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
    found = facts(context)
    year = context.edition.year
    mine = found[found["region_code"] == context.edition.city]
    received = found[(found["metric_id"] == RECEIVED) & (found["scope"] == "whole")]
    return {
        "bodies": len(found.drop_duplicates(["region_code", "scope"])),
        "cities": found["region_code"].nunique(),
        "first": int(found["year"].min()) if len(found) else 0,
        "last": int(found["year"].max()) if len(found) else 0,
        "own": [_line(context, row) for _, row in mine[mine["year"] == year].iterrows()],
        "other_years": sorted({int(item) for item in mine["year"]} - {year}),
        "departments": _departments(context),
        "nearest": [_nearest(context, row) for _, row in _by_distance(received, mine, year).iterrows()],
        "reporting": received["region_code"].nunique(),
    }


def rates(context: Context) -> dict[str, Any]:
    """Whole-area requests per 100,000 residents where residents are known, and for how many they are not."""
    found = facts(context)
    received = found[(found["metric_id"] == RECEIVED) & (found["scope"] == "whole")]
    made = [rate for _, row in received.iterrows() if (rate := _rate(context, row))]
    return {"rates": made, "unrated": len(received) - len(made)}


def table(context: Context) -> Table:
    """Every body that gives lines of the form, by year: requests received, accepted, closed, and disputes."""
    found = facts(context)
    context.cite(*(int(str(label)) for label in found.index))
    rows = [_row(context, part) for _, part in found.groupby(_BODY, sort=True)]
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


def _row(context: Context, part: pd.DataFrame) -> tuple[str, ...]:
    """One body and year; lines it does not give are said not to be reported."""
    first = part.iloc[0]
    given = {str(row["metric_id"]): row for _, row in part.iterrows()}
    none = context.label("word", "not_reported")
    told = [context.name(str(first["region_code"])), context.period(first)]
    if first["scope"] != "whole":
        told.append(context.label("scope", str(first["scope"])))
    return (
        words.comma(context.language).join(told),
        *(context.figure(given[line]) if line in given else none for line in LINES),
        str(max(part["grade"])),
    )


def _rate(context: Context, row: pd.Series) -> dict[str, Any] | None:
    """Requests received per 100,000 residents with the exact Poisson interval; None without residents."""
    known = compare.residents(context.panel, int(row["year"]))
    if row["region_code"] not in known.index:
        return None
    residents = known.loc[str(row["region_code"])]
    counts = pd.DataFrame({"count": [row["value"]], "residents": [residents["residents"]]})
    rate = stats.poisson_interval(counts, exposure="residents", multiplier=compare.PER_RESIDENTS).iloc[0]
    return {
        "city": context.name(str(row["region_code"])),
        "year": int(row["year"]),
        "value": words.significant(rate["value"]),
        "interval": words.interval(rate["lower"], rate["upper"], context.language),
        "cite": context.cite(int(str(row.name)), int(str(residents["residents_row"]))),
    }


def _line(context: Context, row: pd.Series) -> dict[str, Any]:
    """One line of the city's own form in words."""
    return {
        "label": words.metric_in_sentence(context.metric(str(row["metric_id"])), context.language),
        "value": context.figure(row),
        "scope": context.label("scope", str(row["scope"])),
        "received": row["metric_id"] == RECEIVED,
        "cite": context.cite(int(str(row.name))),
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


def _by_distance(received: pd.DataFrame, mine: pd.DataFrame, year: int) -> pd.DataFrame:
    """The other cities' counts for the whole area, nearest year first, each city once."""
    others = received[~received["region_code"].isin(mine["region_code"])]
    order = (others["year"] - year).abs().sort_values(kind="stable").index
    return others.loc[order].drop_duplicates("region_code").head(_NEAREST)


def _nearest(context: Context, row: pd.Series) -> dict[str, Any]:
    return {
        "city": context.name(str(row["region_code"])),
        "year": int(row["year"]),
        "value": context.figure(row),
        "cite": context.cite(int(str(row.name))),
    }
