"""Page 7: which rules were made, what was disclosed? Documents, the disclosure form, pairs of years.

Counts of items disclosed and of interpretations are set beside other cities' in words only: each publisher
decides what one item is. No stage is divided by another, and no city's missing form counts as none.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import words
from analysis.report import disclosure_form, document_life, two_years
from analysis.report.context import Context
from analysis.report.highlights import highlights, silence
from analysis.report.sections import sections
from analysis.report.shared import cards
from analysis.report.theme import Theme

DISCLOSED = "oversight.information_disclosed"
WIDE = 5
"""Counts that spread over this many times or more are hardly counts of one thing."""
EXPLAINED = ("oversight.policy_interpretations", "oversight.press_conferences")


def _told(context: Context, metric_id: str) -> dict[str, Any] | None:
    """The city's figure on a metric and, in words, what the others of the year print; None without one.

    `others` counts cities of the same scope, `low` and `high` are their smallest and largest figures as
    printed, `times` how many times the smallest the largest is, `wide` whether that is many.
    """
    facts = context.facts()
    mine = facts[(facts["metric_id"] == metric_id) & (facts["unit_name"] == "")]
    if mine.empty:
        return None
    section = next((item for item in sections(context, THEME.domains) if item.metric_id == metric_id), None)
    row, others = mine.iloc[0], mine.iloc[:0]
    if section:
        row = section.rows[section.rows["role"] == "focus"].iloc[0]
        others = _others(section.rows, str(row["scope"]))
    return {
        "label": words.metric_in_sentence(context.metric(metric_id), context.language),
        "value": context.figure(row),
        "whole": row["scope"] == "whole",
        "scope": context.label("scope", str(row["scope"])),
        "others": len(others),
        "cite": context.cite(int(str(row.name))),
        **(_range(context, others) if len(others) else {}),
    }


def _others(rows: pd.DataFrame, scope: str) -> pd.DataFrame:
    """The other cities' full-year figures of a scope, smallest first."""
    wanted = {(role, scope, "full") for role in ("peer", "other")}
    columns = zip(rows["role"], rows["scope"], rows["period"], strict=True)
    fit = [place for place, row in enumerate(columns) if row in wanted]
    values = rows["value"].tolist()
    return rows.iloc[sorted(fit, key=values.__getitem__)]


def _range(context: Context, others: pd.DataFrame) -> dict[str, Any]:
    low, high = others.iloc[0], others.iloc[-1]
    times = high["value"] / low["value"] if low["value"] else 0.0
    return {
        "low": context.figure(low),
        "low_city": context.name(str(low["region_code"])),
        "high": context.figure(high),
        "high_city": context.name(str(high["region_code"])),
        "times": words.number(times, 0),
        "wide": times >= WIDE,
        "others_cite": context.cite(*(int(str(label)) for label in (low.name, high.name))),
    }


def _head(context: Context) -> dict[str, Any]:
    return {**THEME.head(context), **silence(context, THEME)}


def _findings(context: Context) -> dict[str, Any]:
    return {
        **highlights(context, THEME),
        **silence(context, THEME),
        "life": document_life.told(context),
        "disclosed": _told(context, DISCLOSED),
        "explained": [found for key in EXPLAINED if (found := _told(context, key))],
        "form": disclosure_form.told(context),
        "course": two_years.told(context, THEME.domains),
    }


def _life(context: Context) -> dict[str, Any]:
    return {**THEME.head(context), "life": document_life.told(context)}


def _form(context: Context) -> dict[str, Any]:
    return {
        **THEME.head(context),
        "form": disclosure_form.told(context),
        **disclosure_form.rates(context),
    }


def _course(context: Context) -> dict[str, Any]:
    return {**THEME.head(context), "course": two_years.told(context, THEME.domains)}


def _cards(context: Context) -> dict[str, Any]:
    """The cards of what the city reports here, then of what the form and the pairs show of others."""
    form = set(disclosure_form.facts(context)["metric_id"])
    used = [*THEME.facts(context)["metric_id"], *(line for line in disclosure_form.LINES if line in form)]
    used += list(two_years.pairs(context, THEME.domains)["metric_id"])
    chosen = list(dict.fromkeys(str(metric) for metric in used))
    return {"cards": cards(context, chosen), "count": len(chosen)}


THEME: Theme = Theme(
    "07_rules_and_openness",
    "rules",
    ("rulemaking", "decisions", "oversight"),
    sections={
        "head": _head,
        "findings": _findings,
        "life": _life,
        "form": _form,
        "course": _course,
        "cards": _cards,
    },
    tables={
        "disclosure": disclosure_form.table,
        "course": lambda context: two_years.table(context, THEME.domains),
    },
    figures={
        "rules_life": document_life.figure,
        "rules_course": lambda context: two_years.figure(context, "rules_course", THEME.domains),
    },
    ahead=(lambda context: two_years.pairs(context, THEME.domains), disclosure_form.bases),
)
CONTENTS = THEME.contents()
