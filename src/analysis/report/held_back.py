"""Figures that share a name and may not be compared, each with the reason, so that nothing is hidden."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import words
from analysis.compare import CrossSection
from analysis.report.context import Context
from analysis.report.outputs import Table
from analysis.report.records import records

_COLUMNS = (
    "metric_id", "region_code", "value", "qualifier", "period", "year", "scope", "role", "grade", "reasons",
)  # fmt: skip


def table(
    context: Context,
    shared: Sequence[CrossSection],
    compared: Sequence[CrossSection],
    name: str = "not_compared",
) -> Table:
    """Every shared figure that stands in no comparison: the city's, the others', and why.

    Args:
        context: The page.
        shared: The metrics that the city shares with others.
        compared: Those of them on which it is compared.
        name: The table's name.
    """
    placed = {section.metric_id for section in compared}
    rows = [line for section in shared for line in _held_back(context, section, section.metric_id in placed)]
    names = context.columns("metric", "city", "value", "period", "scope", "reason")
    caption = {"en": "Shown but not compared", "zh": "只列示、不比较的数字"}[context.language]
    empty = {"en": "No figure is held back.", "zh": "没有不作比较的数字。"}[context.language]
    return Table(
        name,
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=(names[2],),
        unbroken=context.unbroken(*names[1:5]),
        empty=empty,
    )


def _held_back(context: Context, section: CrossSection, placed: bool) -> list[tuple[str, ...]]:
    """One line a figure of grade C, the focus city first; of a metric not compared at all, every figure."""
    rows = records(section.rows, *_COLUMNS)
    rows = [row for row in rows if row["role"] != "context" and (row["grade"] == "C" or not placed)]
    rows.sort(key=lambda row: row["role"] != "focus")
    context.cite(*(row["row"] for row in rows))
    metric, language = context.metric(section.metric_id).label(context.language), context.language
    return [
        (
            metric,
            context.name(row["region_code"]),
            context.figure(row),
            context.period(row),
            context.label("scope", row["scope"]),
            words.listed([context.label("reason", code) for code in row["reasons"] or ("alone",)], language),
        )
        for row in rows
    ]
