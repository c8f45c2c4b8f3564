"""Where to look first: the few metrics whose figures ask a question, each with its reason and its page.

A metric is listed when a check on it does not come out, or when its change holds after adjustment for all
tests and it lies outside the limits that allow for chance and spread. At most five are named, and how many
were left out is said. A question is not a verdict, and nothing is added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis import audit, words
from analysis.compare import FEW
from analysis.report import checks
from analysis.report.context import Context
from analysis.report.measures import Measure, measures
from analysis.report.places import place

MOST = 5
PROFILE = "01_report_profile"
PAGE_OF = {
    "reconsideration": "04_dispute_resolution",
    "litigation": "04_dispute_resolution",
    "mediation": "04_dispute_resolution",
    "legal_aid": "04_dispute_resolution",
    "enforcement": "05_law_enforcement",
    "services": "06_government_services",
    "rulemaking": "07_rules_and_openness",
    "decisions": "07_rules_and_openness",
    "oversight": "07_rules_and_openness",
}
"""The page of the edition that treats a domain; the profile treats the others."""
_FAIL, _FAR, _OUT, _UNDECIDED, _NOTE = range(5)
_RANK = {"fail": _FAIL, "undecided": _UNDECIDED, "note": _NOTE}


@dataclass(frozen=True)
class Question:
    """One entry of the list: the metric, its urgency (smaller first), and the finding behind it, if any."""

    measure: Measure
    rank: int
    finding: pd.Series | None


def page_of(domain: str) -> str:
    """The address of the page that treats a domain, beside the scorecard in the edition's folder."""
    return f"{PAGE_OF.get(domain, PROFILE)}.html"


def questions(context: Context) -> list[Question]:
    """Everything worth a look, the most pressing first, in the report's order where equal."""
    return context.once("questions", lambda: sorted(_questions(context), key=lambda item: item.rank))


def _questions(context: Context) -> list[Question]:
    found = []
    for measure in measures(context):
        found += [Question(measure, _RANK[str(flag["verdict"])], flag) for flag in measure.flags]
        if measure.changed and measure.outlying:
            rank = _FAR if measure.outlying == "outside 99.8 %" else _OUT
            found.append(Question(measure, rank, None))
    return found


def values(context: Context) -> dict[str, Any]:
    """What the list prints: at most five entries in words, how many more there are, what was looked at."""
    found, every = questions(context), measures(context)
    tested = [item for item in every if item.change is not None and pd.notna(item.change["p_value"])]
    return {
        "city": context.city,
        "year": context.edition.year,
        "items": [_words(context, item) for item in found[:MOST]],
        "more": max(0, len(found) - MOST),
        "metrics": len(every),
        "checks": checks.counts(context)["total"],
        "tested": len(tested),
        "family": max((int(item.change["tests"]) for item in tested if item.change is not None), default=0),
        "changed": sum(item.changed for item in every),
        "limited": sum(item.standing is not None for item in every),
        "outlying": sum(bool(item.outlying) for item in every),
        "few": all(item.standing.few for item in every if item.standing),
        "few_cities": FEW,
    }


def _words(context: Context, item: Question) -> dict[str, Any]:
    measure = item.measure
    metric = context.metric(measure.metric_id)
    common = {
        "label": words.metric_in_sentence(metric, context.language),
        "page": page_of(measure.domain),
        "domain": words.lowered(context.label("domain", measure.domain)),
        "cite": context.cite(measure.row),
    }
    if item.finding is None:
        return {**common, "kind": "outlying", **_outlying(context, measure)}
    return {**common, "kind": "flag", **_flag(context, item.finding)}


def _flag(context: Context, finding: pd.Series) -> dict[str, Any]:
    printed = pd.notna(finding["reported"]) and finding["check"] != "rounding"
    return {
        "big": _printed(context, finding) if printed else str(finding["n"]),
        "small": getattr(audit.CHECKS[str(finding["check"])], context.language),
        "reason": getattr(audit.REASONS[str(finding["reason"])], context.language),
        "subject": checks.subject_words(context, finding),
        "parts": checks.parts_words(context, finding),
        "computed": "" if pd.isna(finding["expected"]) else checks.computed_words(context, finding),
    }


def _printed(context: Context, finding: pd.Series) -> str:
    """The figure under check as printed, a percentage with its sign; other units are in the sentence."""
    sign = "%" if context.metric(str(finding["metric_id"])).unit == "%" else ""
    return words.number(float(finding["reported"])) + sign


def _outlying(context: Context, measure: Measure) -> dict[str, Any]:
    change, standing = measure.change, measure.standing
    if change is None or standing is None or measure.section is None:
        return {}
    return {
        "place": place(context, measure.section),
        "cities": standing.cities,
        "few": standing.few,
        "above": standing.above,
        "far": standing.signal == "outside 99.8 %",
        "ratio": words.significant(change["ratio"]),
        "interval": words.interval(change["lower"], change["upper"], context.language),
        "year_before": int(change["year_before"]),
        "p": words.p_value(float(change["p_adjusted"]), context.language),
        "tests": int(change["tests"]),
    }
