"""Comparability grades: whether a figure may stand beside another city's, and if not, why.

A: same form, rule and period. B: same name, base stated, full year. C: shown with its reason, never ranked,
tested or drawn among others. It grades figures, not cities, and refuses nothing: a C figure is still shown.

Source: the project's methods, section 1.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from analysis.catalog import Catalog

REASONS = (
    "not_comparable",
    "scored_elsewhere",
    "part_year",
    "cumulative",
    "other_period",
    "scope_differs",
    "base_unstated",
    "saturated",
    "no_residents",
)
"""Why a figure has grade C; the words for each are in narrative/labels.toml."""
SATURATION = 99.0
"""A share at or above this is at its ceiling: differences there say nothing."""
_NATIONAL_FORM = "oversight.disclosure_"
_YEAR_POINTS = ("year_end", "at-")


def grade(
    frame: pd.DataFrame,
    catalog: Catalog,
    scope: str = "whole",
    bases: Collection[tuple[str, int, str, str]] = (),
) -> pd.DataFrame:
    """The frame with the columns `grade` (A, B or C) and `reasons` (tuple of codes of `REASONS`).

    Args:
        frame: Observations (the columns of the panel).
        catalog: For measures, comparability and the kind of each source.
        scope: The scope that figures are compared on; another one is `scope_differs`.
        bases: (region_code, year, scope, metric_id) of every figure in the panel: a rate's base is stated
            when its denominators are among them for the same region, year and scope.
    """
    known = set(bases)
    rows = [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]
    reasons = [_reasons(row, catalog, scope, known) for row in rows]
    grades = ["C" if found else _clean_grade(row, catalog) for found, row in zip(reasons, rows, strict=True)]
    return frame.assign(
        grade=pd.Series(grades, index=frame.index, dtype=str),
        reasons=pd.Series(reasons, index=frame.index, dtype=object),
    )


def bases(observations: pd.DataFrame) -> set[tuple[str, int, str, str]]:
    """(region_code, year, scope, metric_id) of every whole-area figure: the stated bases of `grade`."""
    whole = observations[observations["unit_name"] == ""]
    columns = whole[["region_code", "year", "scope", "metric_id"]]
    return {(str(r), int(y), str(s), str(m)) for r, y, s, m in columns.itertuples(index=False, name=None)}


def _reasons(
    row: dict[str, object], catalog: Catalog, scope: str, known: set[tuple[str, int, str, str]]
) -> tuple[str, ...]:
    metric = catalog.metrics[str(row["metric_id"])]
    tests = {
        "not_comparable": metric.comparable == "no",
        "scored_elsewhere": metric.measure in ("rank", "score") and metric.comparable != "yes",
        **_period_reasons(str(row["period"]), metric.measure),
        "scope_differs": row["scope"] != scope,
        "base_unstated": metric.measure == "change" or _base_unstated(row, catalog, known),
        "saturated": metric.unit == "%" and metric.measure == "rate" and _value(row) >= SATURATION,
    }
    return tuple(code for code in REASONS if tests.get(code))


def _period_reasons(period: str, measure: str) -> dict[str, bool]:
    """A stock is a figure on a date; everything else must cover the calendar year."""
    if measure == "stock":
        return {"other_period": not period.startswith(("full", "cumulative", *_YEAR_POINTS))}
    return {
        "part_year": period.startswith("ytd-"),
        "cumulative": period == "cumulative",
        "other_period": period.startswith("span-"),
    }


def _base_unstated(row: dict[str, object], catalog: Catalog, known: set[tuple[str, int, str, str]]) -> bool:
    metric = catalog.metrics[str(row["metric_id"])]
    if metric.measure != "rate" or metric.unit != "%":
        return False
    place = (str(row["region_code"]), int(str(row["year"])), str(row["scope"]))
    parts = metric.denominators
    return not parts or any((*place, part) not in known for part in parts)


def _clean_grade(row: dict[str, object], catalog: Catalog) -> str:
    source = catalog.sources[str(row["source_id"])]
    metric_id = str(row["metric_id"])
    same_form = metric_id.startswith(_NATIONAL_FORM) and source.kind == "disclosure_report"
    official_count = metric_id.startswith("context.") and source.reliability in ("official", "dataset")
    return "A" if (same_form or official_count) and row["status"] != "U" else "B"


def _value(row: dict[str, object]) -> float:
    return float(str(row["value"]))
