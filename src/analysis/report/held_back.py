"""Figures that share a name and may not be compared, each with the reason, so that nothing is hidden."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import words
from analysis.compare import CrossSection
from analysis.report.context import Context
from analysis.report.outputs import Table


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
    empty = {"en": "Every shared figure could be compared.", "zh": "所有共有数字均可比较。"}[context.language]
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
    rows = section.rows[section.rows["role"] != "context"]
    rows = rows[rows["grade"] == "C"] if placed else rows
    rows = rows.sort_values("role", key=lambda roles: roles != "focus", kind="stable")
    context.cite(*(int(str(label)) for label in rows.index))
    return [
        (
            context.metric(section.metric_id).label(context.language),
            context.name(str(row["region_code"])),
            context.figure(row),
            context.period(row),
            context.label("scope", str(row["scope"])),
            words.listed(
                [context.label("reason", code) for code in row["reasons"] or ("alone",)], context.language
            ),
        )
        for _, row in rows.iterrows()
    ]
