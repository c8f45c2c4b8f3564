"""Page 4: how were disputes resolved? Reconsideration, lawsuits, people’s mediation and legal aid.

Intake is set against other cities and, for lack of a table of the year, the provinces of the latest official
one. How cases ended is shown as printed, gap included. Nothing here says that more cases are better or worse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis import compare, words
from analysis.compare import CrossSection, Funnel
from analysis.figures import Chart
from analysis.report import case_flow, legal_fields, levels
from analysis.report.context import Context
from analysis.report.funnels import PROVINCES, first_funnel, funnel_figure, funnel_words
from analysis.report.highlights import silence
from analysis.report.outputs import Prose, Table
from analysis.report.pairs import pairs_figure
from analysis.report.theme import Theme

_INTAKE = ("reconsideration.received", "reconsideration.accepted", "reconsideration.handled")
_PROVINCIAL = "reconsideration.accepted"
_FEWEST_PROVINCES = 10


def _funnel(context: Context) -> Funnel | None:
    """The funnel of the intake, else of whatever most cities report."""
    found = THEME.compared(context)
    order = sorted(found, key=lambda section: (_preference(section), -section.reporting))
    return context.shared("disputes funnel", lambda: first_funnel(context, order))


def _preference(section: CrossSection) -> int:
    return _INTAKE.index(section.metric_id) if section.metric_id in _INTAKE else len(_INTAKE)


def _provinces(context: Context) -> Funnel | None:
    """The provinces in the latest year, not after the edition's, in which they can be set side by side."""
    return context.shared("province funnel", lambda: _province_funnel(context))


def _province_funnel(context: Context) -> Funnel | None:
    if levels.own_province(context) is None:
        return None
    year = compare.latest_with(
        context.panel, _PROVINCIAL, "province", context.edition.year, fewest=_FEWEST_PROVINCES
    )
    if year is None:
        return None
    return first_funnel(context, [compare.provinces(context.panel, _PROVINCIAL, year, context.edition.city)])


def _intake(context: Context) -> dict[str, Any]:
    """The place of the intake among cities, or the figure alone with the reason why it has none."""
    found = _funnel(context)
    return {
        **THEME.head(context),
        "funnel": funnel_words(context, found) if found else None,
        "alone": None if found else _alone(context),
    }


def _alone(context: Context) -> dict[str, Any] | None:
    """The city's first intake figure that stands in no comparison, with the reasons."""
    for metric_id in _INTAKE:
        section = levels.section_of(context, metric_id)
        mine = section.rows[section.rows["role"] == "focus"]
        if len(mine):
            row = mine.iloc[0]
            reasons = [context.label("reason", code) for code in row["reasons"] or ("few_with_counts",)]
            return {
                "label": words.metric_in_sentence(context.metric(metric_id), context.language),
                "value": context.figure(row),
                "period": context.period(row),
                "scope": context.label("scope", str(row["scope"])),
                "whole": row["scope"] == "whole",
                "reasons": reasons,
                "cite": context.cite(int(str(row.name))),
            }
    return None


def _province_words(context: Context) -> dict[str, Any]:
    """The province's place, and the city's own rate of the year for scale, where it has one."""
    found = _provinces(context)
    city = _funnel(context)
    own = funnel_words(context, city) if city and city.metric_id in _INTAKE else None
    return {
        "city": context.city,
        "year": context.edition.year,
        "provinces": funnel_words(context, found) if found else None,
        "own": own,
        "same": bool(found and city and (city.metric_id, city.year) == (found.metric_id, found.year)),
    }


def _nation(context: Context) -> dict[str, Any] | None:
    """The nation's printed correction rate of the year, which is no counterpart but a scale."""
    rows = levels.section_of(context, levels.CORRECTION_RATE).rows
    rows = rows[(rows["region_code"] == levels.NATION) & (rows["scope"] == "whole")]
    if rows.empty or context.edition.city == levels.NATION:
        return None
    row = rows.iloc[0]
    return {
        "rate": context.figure(row),
        "reasons": [context.label("reason", code) for code in row["reasons"]],
        "cite": context.cite(int(str(row.name))),
    }


def _outcomes(context: Context) -> dict[str, Any]:
    shares = case_flow.correction_shares(context)
    return {
        "city": context.city,
        "year": context.edition.year,
        "flow": case_flow.flow_words(context),
        "corrected": case_flow.own_share(context),
        "nation": _nation(context),
        "others": int((~shares["mine"]).sum()),
        "own": bool(shares["mine"].any()),
    }


def _fields(context: Context) -> dict[str, Any]:
    told = {
        "lawsuits": legal_fields.lawsuits(context),
        "mediation": legal_fields.mediation(context),
        "legal_aid": legal_fields.legal_aid(context),
    }
    silent = [context.label("field", name) for name, found in told.items() if found is None]
    return {"city": context.city, "year": context.edition.year, **told, "silent": silent}


def _levels_words(context: Context) -> dict[str, Any]:
    pairs = levels.beside(context, _whole_metrics(context))
    return {
        "city": context.city,
        "year": context.edition.year,
        "lines": len(pairs),
        "ratios": sum(pd.notna(pair.ratio) for pair in pairs),
        "has_province": levels.own_province(context) is not None,
    }


def _whole_metrics(context: Context) -> list[str]:
    """The metrics of the field that the city itself reports, single departments left out."""
    facts = THEME.facts(context)
    return [str(key) for key in facts.loc[facts["unit_name"] == "", "metric_id"].unique()]


def _levels_table(context: Context) -> Table:
    return levels.table(context, _whole_metrics(context))


def _findings(context: Context) -> Mapping[str, Any]:
    return {
        **silence(context, THEME),
        **_intake(context),
        **_outcomes(context),
        **_fields(context),
        "provinces": _province_words(context)["provinces"],
    }


def _funnel_chart(context: Context) -> Chart | Prose:
    return funnel_figure(context, "disputes_funnel", _funnel(context))


def _provinces_chart(context: Context) -> Chart | Prose:
    return funnel_figure(
        context, "provinces_funnel", _provinces(context), absent_of="provinces_funnel", roles=PROVINCES
    )


def _changes_chart(context: Context) -> Chart | Prose:
    pairs: pd.DataFrame = THEME.changes(context)
    return pairs_figure(context, "disputes_changes", pairs)


THEME: Theme = Theme(
    "04_dispute_resolution",
    "disputes",
    levels.DOMAINS,
    sections={
        "findings": _findings,
        "intake": _intake,
        "provinces": _province_words,
        "outcomes": _outcomes,
        "fields": _fields,
        "levels": _levels_words,
    },
    tables={"shares": case_flow.shares, "levels": _levels_table},
    figures={
        "disputes_funnel": _funnel_chart,
        "provinces_funnel": _provinces_chart,
        "disputes_waterfall": case_flow.flow_figure,
        "disputes_changes": _changes_chart,
    },
    ahead=(_funnel, _provinces, levels.every_pair, case_flow.flow, case_flow.correction_shares),
)
CONTENTS = THEME.contents()
