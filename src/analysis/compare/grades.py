"""Comparability grades: whether a figure may stand beside another city's, and if not, why.

A: same form, rule and period. B: same name, base stated, full year. C: shown with its reason, never ranked,
tested or drawn among others. It grades figures, not cities, and refuses nothing: a C figure is still shown.

Source: the project's methods, section 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.audit.facts import scope_group
from analysis.catalog import Catalog, Metric

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
"""Why a figure has grade C; the words for each are in narrative/labels.toml."""
SATURATION = 99.0
"""A share at or above this is at its ceiling: differences there say nothing."""
_NATIONAL_FORM = "oversight.disclosure_"
_YEAR_POINTS = ("year_end", "at-")
_WORDED = ("courts", "other")
"""Scopes whose code alone does not say which part of an area is meant."""

Flags = npt.NDArray[np.bool_]
"""Whether something applies, a row each."""


def grade(
    frame: pd.DataFrame,
    catalog: Catalog,
    scope: str | pd.Series = "whole",
    bases: Collection[tuple[str, int, str, str]] = (),
    part: pd.Series | None = None,
) -> pd.DataFrame:
    """The frame with the columns `grade` (A, B or C) and `reasons` (tuple of codes of `REASONS`).

    Args:
        frame: Observations (the columns of the panel).
        catalog: For measures, comparability and the kind of each source.
        scope: The scope that figures are compared on, one for all or a row each; another is `scope_differs`.
        bases: (region_code, year, scope, metric_id) of every figure in the panel: a rate's base is stated
            when its denominators are among them for the same region, year and scope.
        part: What `part_of` gives for the figure compared with, a row each; None to compare no words. Two
            courts, and two parts of a city, are `scope_differs` under one code of scope.
    """
    hazards = _hazards(frame, catalog, scope, set(bases))
    if part is not None:
        hazards["scope_differs"] = hazards["scope_differs"] | (part_of(frame).to_numpy() != part.to_numpy())
    # rows with the same hazards share one tuple: there are few combinations and may be thousands of rows
    weights = 1 << np.arange(len(REASONS))
    combined = np.column_stack([hazards[name] for name in REASONS]) @ weights
    tuples = {
        code: tuple(name for name, weight in zip(REASONS, weights, strict=True) if code & weight)
        for code in set(combined.tolist())
    }
    reasons = [tuples[code] for code in combined.tolist()]
    clean = np.where(_same_everywhere(frame, catalog), "A", "B")
    return frame.assign(
        grade=pd.Series(np.where(combined > 0, "C", clean), index=frame.index, dtype=str),
        reasons=pd.Series(reasons, index=frame.index, dtype=object),
    )


def bases(observations: pd.DataFrame) -> set[tuple[str, int, str, str]]:
    """(region_code, year, scope, metric_id) of every whole-area figure: the stated bases of `grade`."""
    columns = (
        observations[name].tolist() for name in ("region_code", "year", "scope", "metric_id", "unit_name")
    )
    return {tuple(fact) for *fact, unit in zip(*columns, strict=True) if unit == ""}


def part_of(frame: pd.DataFrame) -> pd.Series:
    """Which part of an area each figure is of, where the code of its scope leaves that to words; else empty.

    All courts of an area are one part, however they are called; any other court is a part of its own.
    """
    pairs = zip(frame["scope"].tolist(), frame["scope_as_reported"].tolist(), strict=True)
    return pd.Series([part_name(*pair) for pair in pairs], index=frame.index, dtype=str)


def part_name(scope: str, label: str) -> str:
    """What `part_of` gives for a figure of this scope with these words."""
    return scope_group(scope, label).replace("whole", "") if scope in _WORDED else ""


def _hazards(
    frame: pd.DataFrame,
    catalog: Catalog,
    scope: str | pd.Series,
    known: Collection[tuple[str, int, str, str]],
) -> dict[str, Flags]:
    """Whether each reason applies to each row, by reason."""
    # compared as plain objects: each comparison of a column of text costs as much as ten of these
    scopes, status = frame["scope"].to_numpy(dtype=object), frame["status"].to_numpy(dtype=object)
    other = scope if isinstance(scope, str) else scope.to_numpy(dtype=object)
    place, names = pd.factorize(frame["metric_id"].to_numpy(dtype=object))
    metrics = [catalog.metrics[str(name)] for name in names]

    def of_metric(test: Callable[[Metric], bool]) -> Flags:
        return np.array([test(item) for item in metrics], dtype=bool)[place]

    share = of_metric(lambda item: item.measure == "rate" and item.unit == "%")
    change = of_metric(lambda item: item.measure == "change")
    unstated = _base_unstated(frame, catalog, known) if share.any() else share
    return {
        "not_comparable": of_metric(lambda item: item.comparable == "no"),
        "scored_elsewhere": of_metric(
            lambda item: item.measure in ("rank", "score") and item.comparable != "yes"
        ),
        **_period_hazards(frame["period"], of_metric(lambda item: item.measure == "stock")),
        "scope_differs": (scopes != other).astype(bool),
        "base_unstated": change | (share & unstated),
        "saturated": share & (frame["value"].to_numpy(dtype=float) >= SATURATION),
        "provisional": (status == "P").astype(bool),
        "estimated": (status == "E").astype(bool),
        "no_residents": np.zeros(len(frame), dtype=bool),
    }


def _period_hazards(period: pd.Series, stock: Flags) -> dict[str, Flags]:
    """A stock is a figure on a date; everything else must cover the calendar year."""
    periods = period.to_numpy(dtype=object)
    place, names = pd.factorize(periods)

    def begins(*starts: str) -> Flags:
        return np.array([str(name).startswith(starts) for name in names], dtype=bool)[place]

    return {
        "part_year": ~stock & begins("ytd-"),
        "cumulative": ~stock & (periods == "cumulative").astype(bool),
        "other_period": np.where(stock, ~begins("full", "cumulative", *_YEAR_POINTS), begins("span-")),
    }


def _base_unstated(
    frame: pd.DataFrame, catalog: Catalog, known: Collection[tuple[str, int, str, str]]
) -> Flags:
    """Whether a denominator of the row's metric is missing from the known bases, or none is named."""
    columns = (frame[name].tolist() for name in ("metric_id", "region_code", "year", "scope"))
    parts = {name: catalog.metrics[name].denominators for name in set(frame["metric_id"].tolist())}
    lacking = [
        not parts[name] or any((*row, part) not in known for part in parts[name])
        for name, *row in zip(*columns, strict=True)
    ]
    return np.array(lacking, dtype=bool)


def _same_everywhere(frame: pd.DataFrame, catalog: Catalog) -> Flags:
    """Whether a figure comes from a form or a definition that is the same for every city, and no copy."""
    same = [
        (name.startswith(_NATIONAL_FORM) and catalog.sources[source].kind == "disclosure_report")
        or (name.startswith("context.") and catalog.sources[source].reliability in ("official", "dataset"))
        for name, source in zip(frame["metric_id"].tolist(), frame["source_id"].tolist(), strict=True)
    ]
    copied: Flags = (frame["status"].to_numpy(dtype=object) == "U").astype(bool)
    return np.array(same, dtype=bool) & ~copied
