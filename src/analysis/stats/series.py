"""Yearly rows as series, and the rule that decides whether a series may carry a trend.

The rule is OHID's: five or more independent yearly points and no break. A missing figure is not a point, and
nothing is interpolated. Refused in words: a series with an unsound figure, with too few points, or broken so
that too few are left. What a trend or a change is computed with comes from `trend`.

Source of the rule: Office for Health Improvement and Disparities, Fingertips technical guidance on trends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.stats.frames import check_unique, column, flags, numbers, show
from analysis.stats.refusals import FEWEST_YEARS, FloatArray, Labels, Refusal, join_labels, label

TREND_COLUMNS = (
    *("value", "lower", "upper", "statistic", "method", "n", "refusal"),
    *("p_value", "points", "year_from", "year_to"),
)
Row = dict[str, object]
_NOT_A_POINT = {
    label(code)
    for code in (
        Refusal.COUNT_MISSING,
        Refusal.NUMERATOR_MISSING,
        Refusal.DENOMINATOR_MISSING,
        Refusal.EXPOSURE_MISSING,
        Refusal.DENOMINATOR_ZERO,
    )
}


@dataclass(frozen=True)
class Points:
    """The usable points of one series, by year.

    Attributes:
        years: Calendar years, rising.
        counted: The events or cases of each year.
        base: The exposure or denominator of each year.
        runs: The number of the unbroken run each point belongs to.
    """

    years: FloatArray
    counted: FloatArray
    base: FloatArray
    runs: FloatArray

    def latest_run(self) -> Points:
        """The points since the last break."""
        keep = self.runs == self.runs[-1]
        return Points(self.years[keep], self.counted[keep], self.base[keep], self.runs[keep])


@dataclass(frozen=True)
class Model:
    """What is computed for a run of points.

    Attributes:
        fit: The trend: value, lower, upper, p_value, statistic, method.
        change: The change from the first to the last point, with its own refusal.
        problem: Why no trend can be fitted, or None.
        cases: The cases of each year, whose sum is `n`.
    """

    fit: Callable[[Points], Row]
    change: Callable[[Points], Row]
    problem: Callable[[Points], Refusal | None]
    cases: Callable[[Points], FloatArray]


@dataclass(frozen=True)
class Layout:
    """The columns that say how a frame falls into series.

    Attributes:
        by: Column that names the series.
        year: Column of the years.
        breaks: Column, true where a point cannot be compared with those before it.
        independent: Column, false where a point repeats or contains another; None when all are independent.
    """

    by: str
    year: str
    breaks: str
    independent: str | None


def judge_series(
    frame: pd.DataFrame, layout: Layout, counted: FloatArray, base: FloatArray, refusal: Labels, model: Model
) -> pd.DataFrame:
    """One row a series, in the order of their first rows: columns `layout.by` and `TREND_COLUMNS`.

    Args:
        frame: One row a series and year.
        layout: How the frame falls into series.
        counted: The events or cases of each row.
        base: The exposure or denominator of each row.
        refusal: The refusal labels of each row.
        model: What is computed.

    Raises:
        InputError: A column is missing.
        DataError: A year comes twice in a series, is not whole, or a flag is missing; shows the rows.
    """
    check_unique(frame, (layout.by, layout.year))
    years = numbers(frame, layout.year)
    if (years % 1 != 0).any():
        raise DataError(
            f"{layout.year} is a whole number", show(frame, years % 1 != 0), "give calendar years."
        )
    starts_run = flags(frame, layout.breaks)
    kept = flags(frame, layout.independent) if layout.independent else np.ones(len(frame), dtype=bool)
    keys = column(frame, layout.by)
    rows = []
    for key in keys.unique():
        at = np.flatnonzero((keys == key).to_numpy(bool))
        at = at[np.argsort(years[at])]
        # counted before the unusable rows are dropped: a break at a missing figure is a break all the same
        runs = np.cumsum(starts_run[at]).astype(np.float64)
        at, runs = at[kept[at]], runs[kept[at]]
        unsound = [words for words in refusal[at] if words and words not in _NOT_A_POINT]
        sound = refusal[at] == ""
        points = Points(years[at][sound], counted[at][sound], base[at][sound], runs[sound])
        rows.append({layout.by: key} | _judge(points, unsound, model))
    return _typed(pd.DataFrame(rows, columns=[layout.by, *TREND_COLUMNS]), keys)


def _judge(points: Points, unsound: list[str], model: Model) -> Row:
    if unsound or not len(points.years):
        return {"refusal": unsound[0] if unsound else label(Refusal.TOO_FEW_YEARS), "points": 0}
    run = points.latest_run()
    row: Row = {"points": len(run.years), "year_from": run.years[0], "year_to": run.years[-1]}
    if len(run.years) >= FEWEST_YEARS:
        problem = model.problem(run)
        if problem is not None:
            return row | {"refusal": label(problem)}
        return row | model.fit(run) | {"refusal": "", "n": model.cases(run).sum()}
    reason = label(Refusal.TOO_FEW_YEARS if len(points.years) < FEWEST_YEARS else Refusal.SERIES_BREAK)
    change = model.change(run) if len(run.years) > 1 else {"refusal": ""}
    return row | change | {"refusal": join_labels(reason, str(change["refusal"]))}


def _typed(rows: pd.DataFrame, keys: pd.Series) -> pd.DataFrame:
    words = {name: rows[name].astype("str").fillna("") for name in ("statistic", "method", "refusal")}
    floats = {name: "float64" for name in ("value", "lower", "upper", "p_value")}
    whole = {name: "Int64" for name in ("n", "points", "year_from", "year_to")}
    return rows.assign(**words).astype({rows.columns[0]: keys.dtype, **floats, **whole})
