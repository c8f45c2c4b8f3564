"""Comparability grades: whether a figure may stand beside another city's, and if not, why.

A: same form, rule and period. B: same name, base stated, full year. C: shown with its reason, never ranked,
tested or drawn among others. It grades figures, not cities, and refuses nothing: a C figure is still shown.

Source: the project's methods, section 1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.audit.facts import scope_group
from analysis.catalog import Catalog
from analysis.panel import Panel

REASONS = (
    "not_comparable",
    "scored_elsewhere",
    "part_year",
    "cumulative",
    "other_period",
    "scope_differs",
    "base_unstated",
    "saturated",
    "provisional",
    "estimated",
    "no_residents",
)
"""Why a figure has grade C, the weightiest first; the words for each are in words.csv."""
SATURATION = 99.0
"""A share at or above this is at its ceiling: differences there say nothing."""
_WORDED_SCOPES = ("courts", "other")
"""Scopes whose code alone does not say which part of an area is meant."""


def grade(frame: pd.DataFrame, catalog: Catalog, stated: pd.Series, wanted: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns `grade` (A, B or C) and `reason` (a code of `REASONS`, empty for A and B).

    Args:
        frame: Observations (the columns of the panel).
        catalog: For measures, comparability and the kind of each source.
        stated: Whether the base of each row's rate is stated, by the frame's index.
        wanted: `scope` and `part` (see `part_of`) that each row is compared on, by the frame's index.
    """
    hazards = _hazards(frame, catalog, stated, wanted)
    hit = hazards.any(axis=1)
    clean = pd.Series("B", index=frame.index).mask(_same_form(frame, catalog), "A")
    return frame.assign(
        grade=clean.mask(hit, "C"),
        reason=pd.Series(hazards.idxmax(axis=1) if len(frame) else "", index=frame.index, dtype=object).where(
            hit, ""
        ),
        weight=hazards.sum(axis=1),
    )


def graded(panel: Panel, facts: pd.DataFrame, scope: str = "whole") -> pd.DataFrame:
    """The facts with grade and reason, all compared on one scope; bases are looked for in the whole panel."""
    parts = {
        part for name in facts["metric_id"].unique() for part in panel.catalog.metrics[name].denominators
    }
    known = panel.facts(metrics=sorted(parts)) if parts else facts.iloc[:0]
    wanted = pd.DataFrame({"scope": scope, "part": part_of(facts)}, index=facts.index)
    return grade(facts, panel.catalog, base_stated(facts, panel.catalog, known), wanted)


def part_of(frame: pd.DataFrame) -> pd.Series:
    """Which part of an area each figure is of, where the code of its scope leaves that to words; else empty.

    All courts of an area are one part, however they are called; any other court is a part of its own.
    """
    pairs = zip(frame["scope"], frame["scope_as_reported"], strict=True)
    parts = [
        scope_group(scope, label).replace("whole", "") if scope in _WORDED_SCOPES else ""
        for scope, label in pairs
    ]
    return pd.Series(parts, index=frame.index, dtype=object)


def base_stated(frame: pd.DataFrame, catalog: Catalog, known: pd.DataFrame) -> pd.Series:
    """Whether the denominators of each row's metric are figures of the same region, year and scope.

    Args:
        frame: Observations.
        catalog: For the denominators of each metric.
        known: Observations among which the bases are looked for.
    """
    key = ["region_code", "year", "scope", "metric_id"]
    have = set(known.loc[known["unit_name"] == "", key].itertuples(index=False, name=None))
    bases = {name: catalog.metrics[name].denominators for name in frame["metric_id"].unique()}
    rows = frame[key].itertuples(index=False, name=None)
    stated = [
        bool(bases[name]) and all((*where, part) in have for part in bases[name]) for *where, name in rows
    ]
    return pd.Series(stated, index=frame.index, dtype=bool)


def _hazards(frame: pd.DataFrame, catalog: Catalog, stated: pd.Series, wanted: pd.DataFrame) -> pd.DataFrame:
    """Whether each reason applies to each row: one column a reason."""
    about = pd.DataFrame(
        [
            (name, metric.measure, metric.unit, metric.comparable)
            for name, metric in ((name, catalog.metrics[name]) for name in frame["metric_id"].unique())
        ],
        columns=["metric_id", "measure", "unit", "comparable"],
    ).set_index("metric_id")
    measure, unit, comparable = (frame["metric_id"].map(about[name]) for name in about)
    share, stock, period = (measure == "rate") & (unit == "%"), measure == "stock", frame["period"]
    of_a_date = period.str.startswith(("full", "cumulative", "year_end", "at-"))
    hazards = {
        "not_comparable": comparable == "no",
        "scored_elsewhere": measure.isin(["rank", "score"]) & (comparable != "yes"),
        "part_year": ~stock & period.str.startswith("ytd-"),
        "cumulative": ~stock & (period == "cumulative"),
        "other_period": np.where(stock, ~of_a_date, period.str.startswith("span-")),
        "scope_differs": (frame["scope"] != wanted["scope"]) | (part_of(frame) != wanted["part"]),
        "base_unstated": (measure == "change") | (share & ~stated),
        "saturated": share & (frame["value"] >= SATURATION),
        "provisional": frame["status"] == "P",
        "estimated": frame["status"] == "E",
        "no_residents": False,
    }
    return pd.DataFrame(hazards, index=frame.index, columns=list(REASONS)).astype(bool)


def _same_form(frame: pd.DataFrame, catalog: Catalog) -> pd.Series:
    """Whether a figure comes from a form or a definition that is the same for every city, and no copy."""
    kind = frame["source_id"].map({key: item.kind for key, item in catalog.sources.items()})
    reliability = frame["source_id"].map({key: item.reliability for key, item in catalog.sources.items()})
    form = frame["metric_id"].str.startswith("oversight.disclosure_") & (kind == "disclosure_report")
    context = frame["metric_id"].str.startswith("context.") & reliability.isin(["official", "dataset"])
    return (form | context) & (frame["status"] != "U")
