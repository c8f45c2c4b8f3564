"""Every metric of one city and year on one line: its grade, its change, its place, its flags.

This is what the scorecard reads. It adds nothing up: a line is never a score, and a metric that cannot be
followed, compared or checked says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.compare import CrossSection
from analysis.report import checks, metric_cards
from analysis.report.change_tables import CHANGED, pairs_of
from analysis.report.context import Context
from analysis.report.records import by_metric
from analysis.report.sections import compared
from analysis.report.standing import Standing, standing

_NOTED = ("mixed_rounding",)


@dataclass(frozen=True)
class Measure:
    """One metric of the edition.

    Attributes:
        metric_id: The metric.
        domain: Its domain.
        grade: The best grade of its figures.
        row: The panel's label of its first figure.
        section: The cross-section in which the city is compared; None where it is not.
        standing: The city's place with its uncertainty; None where there is none.
        change: The row of `changes` that ends in the edition's year; None without an earlier figure.
        flags: The audit's findings that ask a question, as rows of its frame.
    """

    metric_id: str
    domain: str
    grade: str
    row: int
    section: CrossSection | None
    standing: Standing | None
    change: pd.Series | None
    flags: tuple[pd.Series, ...]

    @property
    def changed(self) -> bool:
        """Whether a test that is adjusted for all others finds a change."""
        return self.change is not None and bool(self.change["p_adjusted"] < CHANGED)

    @property
    def outlying(self) -> str:
        """The limits it lies outside of, by chance and spread: "", "outside 95 %" or "outside 99.8 %"."""
        return self.standing.signal if self.standing else ""


def measures(context: Context) -> list[Measure]:
    """The metrics that the city reported for the year, in the order of the report."""
    return context.shared("measures", lambda: _measures(context))


def _changes(context: Context) -> pd.DataFrame:
    """The changes that end in the edition's year, context left out; the columns of `compare.changes`."""
    pairs = pairs_of(context)
    own = ~pairs["metric_id"].str.startswith("context.")
    return pairs[own & (pairs["year"] == context.edition.year) & pairs["ratio"].notna()]


def _measures(context: Context) -> list[Measure]:
    facts, placed = context.facts(), {section.metric_id: section for section in compared(context)}
    grades, moves, flags = _grades(context), _moves(context), _flags(context)
    first = facts.drop_duplicates("metric_id")
    return [
        Measure(
            metric_id=metric_id,
            domain=context.metric(metric_id).domain,
            grade=grades.get(metric_id, "C"),
            row=row,
            section=placed.get(metric_id),
            standing=standing(context, placed[metric_id]) if metric_id in placed else None,
            change=moves.get(metric_id),
            flags=tuple(flags.get(metric_id, ())),
        )
        for metric_id, row in zip(first["metric_id"].tolist(), first.index.tolist(), strict=True)
    ]


def _grades(context: Context) -> dict[str, str]:
    """The best grade of each metric's figures, each on its own scope; departments' own figures have none."""
    own = metric_cards.graded(context)
    best: dict[str, str] = {}
    for key, unit, grade in zip(own["metric_id"], own["unit_name"], own["grade"], strict=True):
        if not unit:
            best[key] = min(grade, best.get(key, grade))
    return best


def _moves(context: Context) -> dict[str, pd.Series]:
    """The change of each metric that a test speaks about, else of the whole area, else the first."""
    pairs = _changes(context)
    order = pairs.assign(untested=pairs["p_value"].isna(), part=pairs["scope"] != "whole")
    ordered = order.sort_values(["untested", "part"], kind="stable").drop_duplicates("metric_id")
    return {str(row["metric_id"]): row for _, row in ordered.iterrows()}


def _flags(context: Context) -> dict[str, list[pd.Series]]:
    """The findings that do not come out or cannot be decided, and a report that follows no single rule."""
    found = checks.findings(context)
    return by_metric(found[found["verdict"].isin(["fail", "undecided"]) | found["reason"].isin(_NOTED)])
