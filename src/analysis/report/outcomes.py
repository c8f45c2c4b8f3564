"""How reconsideration cases ended in one report: the share corrected, what is not itemised, the picture.

It adds up printed outcomes of the whole area and year only, and says nothing where fewer than three are
listed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from analysis import stats, words
from analysis.figures import Chart, composition
from analysis.report.context import Context
from analysis.report.outputs import Prose
from analysis.report.shared import absent, chart_words

CLOSED = "reconsideration.closed"
CORRECTIONS = (
    "reconsideration.revoked",
    "reconsideration.modified",
    "reconsideration.confirmed_illegal",
    "reconsideration.ordered_to_perform",
)
"""The outcomes in which the agency was corrected: the numerator of the direct correction rate."""
OUTCOMES = (
    *CORRECTIONS,
    "reconsideration.upheld",
    "reconsideration.terminated",
    "reconsideration.rejected",
)
"""Every way in which a closed case can end."""
_LEAST_OUTCOMES = 3


class Fact(NamedTuple):
    """A figure and the label of its row in the panel."""

    value: int
    row: int


def corrected(context: Context) -> dict[str, Any] | None:
    """How many closed cases ended with the agency corrected, with the Wilson interval; None if unknown."""
    facts = _facts(context)
    if not {*CORRECTIONS, CLOSED} <= set(facts):
        return None
    count, closed = sum(facts[key].value for key in CORRECTIONS), facts[CLOSED].value
    share = stats.wilson_interval(pd.DataFrame({"numerator": [count], "denominator": [closed]})).iloc[0]
    return {
        "count": count,
        "closed": closed,
        "percent": 100 * share["value"],
        "lower": 100 * share["lower"],
        "upper": 100 * share["upper"],
        "method": words.method(str(share["method"]).partition(",")[0], context.language),
        "cite": context.cite(facts[CLOSED].row, *(facts[key].row for key in CORRECTIONS)),
    }


def gap(context: Context) -> dict[str, Any] | None:
    """Closed cases against the sum of the itemised outcomes; None with fewer than three outcomes."""
    facts = _facts(context)
    parts = {key: facts[key] for key in OUTCOMES if key in facts}
    if CLOSED not in facts or len(parts) < _LEAST_OUTCOMES:
        return None
    itemised = sum(fact.value for fact in parts.values())
    largest = max(parts, key=lambda key: parts[key].value)
    return {
        "closed": facts[CLOSED].value,
        "itemised": itemised,
        "gap": facts[CLOSED].value - itemised,
        "outcomes": len(parts),
        "largest": _label(context, largest),
        "largest_count": parts[largest].value,
        "cite": context.cite(facts[CLOSED].row, *(fact.row for fact in parts.values())),
    }


def figure(context: Context) -> Chart | Prose:
    """The outcomes as one bar drawn to scale, the corrections in colour, the gap hatched."""
    totals = gap(context)
    if totals is None:
        return absent(context, "absent_outcomes")
    facts = _facts(context)
    parts = sorted((key for key in OUTCOMES if key in facts), key=lambda key: -facts[key].value)
    frame = pd.DataFrame(
        {
            "label": [_label(context, key) for key in parts],
            "value": [float(facts[key].value) for key in parts],
            "role": ["focus" if key in CORRECTIONS else "other" for key in parts],
        }
    )
    drawing = composition(
        frame,
        total=totals["closed"],
        gap_label=context.label("word", "not_itemised"),
        words=chart_words(context),
    )
    rows = [facts[key].row for key in (*parts, CLOSED)]
    data = context.panel.observations.loc[rows, ["metric_id", "value", "source_id", "locator", "evidence"]]
    values = {**totals, "year": context.edition.year, "corrected": corrected(context)}
    return context.chart("outcomes", drawing, data, rows, **values)


def _label(context: Context, metric_id: str) -> str:
    return context.label("outcome", metric_id.split(".")[1])


def _facts(context: Context) -> dict[str, Fact]:
    """The whole-area, full-year counts of the report by metric id."""
    facts = context.facts()
    fit = facts[(facts["unit_name"] == "") & (facts["scope"] == "whole") & (facts["period"] == "full")]
    fit = fit[fit["metric_id"].isin([*OUTCOMES, CLOSED]) & (fit["value"] % 1 == 0)]
    columns = zip(fit["metric_id"], fit["value"], fit.index, strict=True)
    return {str(metric): Fact(int(value), int(str(row))) for metric, value, row in columns}
