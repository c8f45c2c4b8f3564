"""Every metric of one city and year on one line: its grade, its change, its place, its flags.

This is what the scorecard reads. It adds nothing up: a line is never a score, and a metric that cannot be
followed, compared or checked says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis import compare
from analysis.compare import CrossSection
from analysis.report import checks
from analysis.report.change_tables import CHANGED, pairs_of
from analysis.report.context import Context
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
    grades, moved, flagged = _grades(context), _changes(context), _flags(context)
    moves = {str(key): part for key, part in moved.groupby("metric_id", sort=False)}
    flags = {str(key): part for key, part in flagged.groupby("metric_id", sort=False)}
    found = []
    for key, rows in facts.groupby("metric_id", sort=False):
        metric_id = str(key)
        section = placed.get(metric_id)
        found.append(
            Measure(
                metric_id=metric_id,
                domain=context.metric(metric_id).domain,
                grade=grades.get(metric_id, "C"),
                row=int(str(rows.index[0])),
                section=section,
                standing=standing(context, section) if section else None,
                change=_change(moves.get(metric_id, moved.iloc[:0])),
                flags=tuple(row for _, row in flags[metric_id].iterrows()) if metric_id in flags else (),
            )
        )
    return found


def _grades(context: Context) -> dict[str, str]:
    """The best grade of each metric's figures, each on its own scope; departments' own figures have none."""
    facts = context.facts()
    whole = facts[facts["unit_name"] == ""]
    bases = compare.bases(context.panel.facts(context.edition.city, context.edition.year))
    graded = [
        compare.grade(part, context.panel.catalog, str(scope), bases)
        for scope, part in whole.groupby("scope", sort=False)
    ]
    if not graded:
        return {}
    best = pd.concat(graded).groupby("metric_id")["grade"].min()
    return {str(key): str(grade) for key, grade in best.items()}


def _change(pairs: pd.DataFrame) -> pd.Series | None:
    """The change of a metric that a test speaks about, else of the whole area, else the first."""
    if pairs.empty:
        return None
    order = pairs.assign(untested=pairs["p_value"].isna(), part=pairs["scope"] != "whole")
    return order.sort_values(["untested", "part"], kind="stable").iloc[0]


def _flags(context: Context) -> pd.DataFrame:
    """The findings that do not come out or cannot be decided, and a report that follows no single rule."""
    found = checks.findings(context)
    return found[found["verdict"].isin(["fail", "undecided"]) | found["reason"].isin(_NOTED)]
