"""Lawsuits, mediation and legal aid of one city and year: counts, the shares they allow, the year before.

A share is formed only from two counts of one scope and period; a percentage whose base is not printed is
repeated as printed. What one count says about another follows by arithmetic and is said as such.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from analysis import quantity, stats, words
from analysis.report.amounts import by_metric, exact
from analysis.report.change_tables import pairs_of
from analysis.report.context import Context
from analysis.report.levels import NATION, beside, section_of
from analysis.report.records import records

_SCOPES = ("whole", "courts", "own_level", "lower_level", "other")
_LAWSUITS = (
    "litigation.first_instance_filed",
    "litigation.first_instance_closed",
    "litigation.government_losses",
    "litigation.loss_rate",
    "litigation.head_appearances",
    "litigation.head_appearance_rate",
    "litigation.responded",
)
_MEDIATION = ("mediation.cases", "mediation.successes", "mediation.success_rate")
_AID = ("legal_aid.cases", "legal_aid.criminal_cases", "legal_aid.duty_lawyer_cases")
_PROVINCES = 3
PHASED_IN = (2017, 2020)
"""Defence counsel was extended to all criminal cases in these years, here earlier, there later."""

Rows = dict[str, pd.Series]


def lawsuits(context: Context) -> dict[str, Any] | None:
    """What was said of lawsuits against agencies; None when nothing was."""
    rows = by_metric(context, _LAWSUITS, _SCOPES, part_year=True)
    departments = context.facts()
    departments = departments[
        (departments["unit_name"] != "") & (departments["metric_id"] == "litigation.head_appearance_rate")
    ]
    if not rows and departments.empty:
        return None
    return {
        **_told(context, rows, "litigation."),
        "loss": _share(context, rows, "litigation.government_losses", "litigation.first_instance_closed"),
        "filed_before": year_before(context, "litigation.first_instance_filed"),
        "implied": _implied_base(rows),
        "elsewhere": _elsewhere(context, "litigation.head_appearances")
        if "litigation.head_appearances" in rows
        else [],
        "departments": [
            {
                "name": str(row["unit_name"]),
                "rate": context.figure(row),
                "cite": context.cite(int(str(label))),
            }
            for label, row in departments.iterrows()
        ],
    }


def mediation(context: Context) -> dict[str, Any] | None:
    """What was said of people’s mediation; None when neither cases nor their success were reported."""
    rows = by_metric(context, _MEDIATION, _SCOPES, part_year=True)
    if not rows:
        return None
    return {
        **_told(context, rows, "mediation."),
        "share": _share(context, rows, "mediation.successes", "mediation.cases"),
        "province": _above(context, "mediation.cases"),
    }


def legal_aid(context: Context) -> dict[str, Any] | None:
    """What was said of legal aid; None when no cases were reported."""
    rows = by_metric(context, _AID, _SCOPES, part_year=True)
    if not rows:
        return None
    cases, criminal, duty = (rows.get(key) for key in _AID)
    other = None
    if cases is not None and criminal is not None and _same(cases, criminal):
        other = float(cases["value"]) - float(criminal["value"])
    return {
        **_told(context, rows, "legal_aid."),
        "before": year_before(context, "legal_aid.cases"),
        "phased_in": PHASED_IN if PHASED_IN[0] <= context.edition.year <= PHASED_IN[1] else None,
        "criminal_share": _share(context, rows, "legal_aid.criminal_cases", "legal_aid.cases"),
        "other": None if other is None else _amount(context, _AID[0], other),
        "duty_overlaps": bool(other is not None and duty is not None and duty["value"] > other),
    }


def year_before(context: Context, metric_id: str) -> dict[str, Any] | None:
    """The city's count of the year before, reported or derived from a printed change; None if unknown."""
    pairs = pairs_of(context)
    year = context.edition.year
    fit = (pairs["metric_id"] == metric_id) & (pairs["year"] == year) & (pairs["year_before"] == year - 1)
    pairs = pairs[fit & (pairs["kind"] == "year") & pairs["ratio"].notna()]
    if pairs.empty:
        return None
    row = pairs.iloc[0]
    change = context.panel.facts(context.edition.city, year, [f"{metric_id}_change"], whole_area=True)
    derived = bool(row["before_derived"])
    cited = [int(row["row"]), *([int(str(change.index[0]))] if derived else [int(row["row_before"])])]
    return {
        "derived": derived,
        "ratio": words.significant(row["ratio"]),
        "before": _before(context, row),
        "printed": words.number(abs(float(change.iloc[0]["value"]))) if derived else "",
        "rises": bool(row["ratio"] > 1),
        "interval": "" if derived else words.interval(row["lower"], row["upper"], context.language),
        "year": year - 1,
        "cite": context.cite(*cited),
    }


def _amount(context: Context, metric_id: str, value: float) -> str:
    """A count with its measure word where the language has one."""
    return words.number(value) + words.unit_suffix(context.metric(metric_id).unit, context.language)


def _before(context: Context, row: pd.Series) -> str:
    """The count of the year before, an interval where it is derived and its digits leave one open."""
    metric_id = str(row["metric_id"])
    if not row["before_derived"] or row["before_lower"] == row["before_upper"]:
        return _amount(context, metric_id, row["before"])
    found = words.interval(row["before_lower"], row["before_upper"], context.language, digits=7)
    return found + words.unit_suffix(context.metric(metric_id).unit, context.language)


def _told(context: Context, rows: Rows, prefix: str) -> dict[str, Any]:
    """Each figure in words by the metric's short name, None where it was not reported."""
    names = {"litigation.": _LAWSUITS, "mediation.": _MEDIATION, "legal_aid.": _AID}[prefix]
    return {key.removeprefix(prefix): _figure(context, rows[key]) if key in rows else None for key in names}


def _figure(context: Context, row: pd.Series) -> dict[str, Any]:
    """A figure with what a sentence must add to it: its period, its scope, its rate per residents."""
    section = section_of(context, str(row["metric_id"]))
    found = records(section.rows, "role", "grade", "shown", "lower", "upper") if section.rated else []
    rated = next((own for own in found if (own["row"], own["role"]) == (row.name, "focus")), None)
    rated = rated if rated and rated["grade"] != "C" else None
    return {
        "value": context.figure(row),
        "period": context.period(row),
        "full": row["period"] == "full",
        "scope": context.label("scope", str(row["scope"])),
        "whole": row["scope"] == "whole",
        "rate": words.significant(rated["shown"]) if rated else "",
        "counted": words.unit_suffix(context.metric(str(row["metric_id"])).unit, context.language),
        "interval": words.interval(rated["lower"], rated["upper"], context.language) if rated else "",
        "cite": context.cite(int(str(row.name))),
    }


def _same(one: pd.Series | None, other: pd.Series | None) -> bool:
    """Whether two figures are exact counts of one scope and period."""
    if one is None or other is None:
        return False
    return exact(one) and exact(other) and all(one[name] == other[name] for name in ("scope", "period"))


def _share(context: Context, rows: Rows, part: str, whole: str) -> dict[str, Any] | None:
    """A part of a whole with its Wilson interval; None unless both are exact, of one scope and period."""
    if not _same(rows.get(part), rows.get(whole)):
        return None
    counts = {"numerator": [rows[part]["value"]], "denominator": [rows[whole]["value"]]}
    found = stats.wilson_interval(pd.DataFrame(counts)).iloc[0]
    if found["refusal"]:
        return None
    return {
        "part": _amount(context, part, rows[part]["value"]),
        "of": _amount(context, whole, rows[whole]["value"]),
        "percent": f"{100 * found['value']:.1f}%",
        "lower": f"{100 * found['lower']:.1f}%",
        "upper": f"{100 * found['upper']:.1f}%",
        "cite": context.cite(*(int(str(rows[key].name)) for key in (part, whole))),
    }


def _implied_base(rows: Rows) -> list[str]:
    """The number of lawsuits that appearances and their printed rate leave open: the least and the greatest.

    Both rounding and truncation of the rate are allowed for; empty where one of the figures is missing or
    rough.
    """
    count, rate = rows.get("litigation.head_appearances"), rows.get("litigation.head_appearance_rate")
    if count is None or rate is None or not exact(count) or rate["qualifier"] != "=" or not rate["value"]:
        return []
    step = float(quantity.printed_step(str(rate["printed"]), str(rate["evidence"]), continuous=True))
    low, high = float(rate["value"]) - step / 2, float(rate["value"]) + step
    least, greatest = math.ceil(100 * count["value"] / high), math.floor(100 * count["value"] / low)
    return [words.number(end) for end in dict.fromkeys((least, greatest))] if least <= greatest else []


def _above(context: Context, metric_id: str) -> dict[str, Any] | None:
    """The rate of the province or the nation, whichever is nearer, and the city's as a multiple of it."""
    pair = next((pair for pair in beside(context, [metric_id]) if pd.notna(pair.ratio)), None)
    if pair is None:
        return None
    return {
        "name": context.name(pair.region_code),
        "rate": words.significant(pair.theirs["shown"]),
        "ratio": words.significant(pair.ratio),
        "interval": words.interval(pair.lower, pair.upper, context.language),
        "grade": context.label("grade", max(str(pair.mine["grade"]), str(pair.theirs["grade"]))),
        "cite": context.cite(int(str(pair.theirs.name))),
    }


def _elsewhere(context: Context, metric_id: str) -> list[dict[str, Any]]:
    """The provinces that report the same count of the year by a fit rate, the highest three."""
    rows = records(section_of(context, metric_id).rows, "role", "grade", "region_code", "shown")
    fit = [row for row in rows if row["role"] == "context" and row["grade"] != "C"]
    provinces = [row for row in fit if row["region_code"] != NATION]
    return [
        {
            "name": context.name(row["region_code"]),
            "rate": words.significant(row["shown"]),
            "grade": context.label("grade", row["grade"]),
            "cite": context.cite(row["row"]),
        }
        for row in sorted(provinces, key=lambda row: -row["shown"])[:_PROVINCES]
    ]
