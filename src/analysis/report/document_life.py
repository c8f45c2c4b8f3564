"""The life of a normative document as one report tells it, from review to repeal.

Each stage is a count of its own scope, so no stage is divided by another; a stage that was not reported
stands there in words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis import words
from analysis.figures import Chart, bars
from analysis.report.context import Context
from analysis.report.outputs import Prose
from analysis.report.places import LOG_RANGE
from analysis.report.shared import absent, chart_words

_REVIEWED = (
    "rulemaking.documents_reviewed",
    "rulemaking.government_documents_reviewed",
    "rulemaking.department_documents_reviewed",
)
STAGES: dict[str, tuple[str, ...]] = {
    "reviewed": _REVIEWED,
    "issued": ("rulemaking.documents_issued",),
    "filed": ("rulemaking.documents_filed",),
    "questioned": ("rulemaking.citizen_review_requests",),
    "repealed": ("rulemaking.documents_repealed",),
    "in_force": ("rulemaking.documents_in_force",),
}
"""The stages in order, each with the metrics that count it."""


def facts(context: Context) -> pd.DataFrame:
    """The edition's figures on the stages with the column `stage`, departments' own left out, in order."""
    return context.once("document life", lambda: _facts(context.facts()))


def _facts(found: pd.DataFrame) -> pd.DataFrame:
    stage_of = _stage_of()
    place = {metric: number for number, metric in enumerate(stage_of)}
    mine = found[(found["unit_name"] == "") & found["metric_id"].isin(list(stage_of))]
    order = mine["metric_id"].map(place).sort_values(kind="stable").index
    return mine.loc[order].assign(stage=mine["metric_id"].map(stage_of))


def _stage_of() -> dict[str, str]:
    """The stage of each metric, in order."""
    return {metric: stage for stage, metrics in STAGES.items() for metric in metrics}


def told(context: Context) -> dict[str, Any]:
    """Which stages are reported and which are not, in words, and the sum of what was reviewed before issue.

    `reviewed` is the figure of all documents, else the government's and its departments' added up where both
    are printed for one scope and period; None where neither is.
    """
    mine = facts(context)
    stages = set(mine["stage"])
    return {
        "told": [context.label("stage", stage) for stage in STAGES if stage in stages],
        "untold": [context.label("stage", stage) for stage in STAGES if stage not in stages],
        "stages": len(STAGES),
        "reviewed": _reviewed(context, mine),
    }


def _reviewed(context: Context, mine: pd.DataFrame) -> dict[str, Any] | None:
    """How many documents were reviewed before issue, with the parts where the report gives them apart."""
    whole = mine[mine["metric_id"] == _REVIEWED[0]]
    if len(whole):
        row = whole.iloc[0]
        return {"figure": context.figure(row), "parts": [], "cite": context.cite(int(str(row.name)))}
    parts = mine[mine["metric_id"].isin(_REVIEWED)]
    exact = (parts["qualifier"] == "=").all() and parts["resolution"].isna().all()
    if len(parts) != 2 or len(parts.drop_duplicates(["scope", "period"])) != 1 or not exact:
        return None
    return {
        "figure": words.number(float(parts["value"].sum())),
        "parts": [context.figure(row) for _, row in parts.iterrows()],
        "cite": context.cite(*(int(str(label)) for label in parts.index)),
    }


def figure(context: Context) -> Chart | Prose:
    """The stages as bars in their order, the unreported ones in words; a sentence for fewer than two."""
    mine = facts(context)
    if mine["stage"].nunique() < 2:
        found = context.facts()
        own = found[(found["unit_name"] != "") & found["metric_id"].isin(list(_stage_of()))]
        return absent(
            context,
            "absent_life",
            stages=mine["stage"].nunique(),
            departments=len(own),
            year=context.edition.year,
        )
    frame = pd.concat([_bars(context, stage, mine[mine["stage"] == stage]) for stage in STAGES])
    log = mine["value"].max() > LOG_RANGE * mine["value"].min() > 0
    largest = mine.sort_values("value", kind="stable").iloc[-1]
    values = told(context)
    return context.chart(
        "rules_life",
        bars(frame, words=chart_words(context), log=bool(log)),
        mine[["metric_id", "stage", "value", "qualifier", "period", "scope", "source_id"]],
        mine.index,
        year=context.edition.year,
        log=bool(log),
        label=words.metric_in_sentence(context.metric(str(largest["metric_id"])), context.language),
        value=context.figure(largest),
        **{key: values[key] for key in ("told", "untold", "stages")},
    )


def _bars(context: Context, stage: str, part: pd.DataFrame) -> pd.DataFrame:
    """A bar a figure of the stage; where there is none, one without value under the stage's own name."""
    if part.empty:
        name = context.metric(STAGES[stage][0]).label(context.language)
        return pd.DataFrame({"label": [name], "value": [np.nan], "note": [""], "role": ["other"]})
    notes = [
        words.bracketed(context.label("scope", str(scope)), context.language) if scope != "whole" else ""
        for scope in part["scope"]
    ]
    labels = [context.metric(str(key)).label(context.language) for key in part["metric_id"]]
    return pd.DataFrame(
        {"label": labels, "value": part["value"].astype(float), "note": notes, "role": "focus"}
    )
