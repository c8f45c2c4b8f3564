"""Trend over years: the yearly ratio of counts, rates or odds, where the rule of `series` allows one.

Refused otherwise, in words, and beside them stands the change from the first to the last point of the latest
unbroken run, with its interval. Whether a point starts a new series is never assumed: the caller must say so
for each row. Refused too: runs in which no slope exists because all events lie at one end.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from scipy.stats import t
from statsmodels.genmod.families import Binomial, Poisson  # type: ignore[import-untyped,unused-ignore]
from statsmodels.genmod.generalized_linear_model import GLM  # type: ignore[import-untyped,unused-ignore]
from statsmodels.tools.sm_exceptions import (  # type: ignore[import-untyped,unused-ignore]
    PerfectSeparationWarning,
)

from analysis.stats.changes import change_in_counts, change_in_proportions
from analysis.stats.frames import check_level, numbers, per_cent
from analysis.stats.refusals import (
    FloatArray,
    Refusal,
    count_rules,
    exposure_rules,
    first_refusal,
    proportion_rules,
)
from analysis.stats.series import Layout, Model, Points, Row, judge_series

_CHANGE_COLUMNS = ("value", "lower", "upper", "statistic", "method", "n", "refusal", "p_value")
_TOLERANCE = 1e-13


def trend_in_counts(
    frame: pd.DataFrame,
    *,
    by: str = "region_code",
    year: str = "year",
    count: str = "count",
    exposure: str | None = None,
    breaks: str = "break_before",
    independent: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row a series: the yearly ratio of counts or rates, or a refusal and the change over the latest run.

    Args:
        frame: One row a series and year.
        by: Column that names the series, e.g. the city.
        year: Column of the years, each once a series.
        count: Column of the events counted.
        exposure: Column of the base of the rate; none for the counts themselves.
        breaks: Column, true where a point cannot be compared with those before it.
        independent: Column, false where a point repeats or contains another, such as a cumulative or a
            back-cast figure; such rows are left out. None when all are independent.
        level: Confidence level.

    Returns:
        Columns `by` and `TREND_COLUMNS`. With a trend: `value` the ratio from one year to the next,
        `statistic` "ratio per year" or "rate ratio per year", `p_value` of no trend, `n` the sum of the
        counts in the run. Without: `refusal` says why, and the other columns are those of `change_in_counts`
        from `year_from` to `year_to`, missing where the run has one point. `points` is the number of yearly
        points in the latest run.

    Raises:
        InputError: A column is missing.
        DataError: A year comes twice in a series, is not whole, or a flag is missing; shows the rows.

    Source: log-linear quasi-Poisson regression, McCullagh & Nelder (1989), ch. 6; the dispersion is not taken
    below 1, and the limits use Student's t with points − 2 degrees of freedom.
    """
    check_level(level)
    events = numbers(frame, count)
    base = np.ones(len(frame)) if exposure is None else numbers(frame, exposure)
    refusal = first_refusal([*count_rules(events), *exposure_rules(base)], len(frame))

    def fit(run: Points) -> Row:
        kind = "ratio per year" if exposure is None else "rate ratio per year"
        words = {"statistic": kind, "method": f"quasi-Poisson regression, {per_cent(level)}"}
        return (
            _slope(GLM(run.counted, _design(run), family=Poisson(), offset=np.log(run.base)), level) | words
        )

    def change(run: Points) -> Row:
        before, after = (None, None) if exposure is None else ("base_before", "base_after")
        ends = _ends(run, "count", "base")
        return _first(
            change_in_counts(ends, exposure_before=before, exposure_after=after, level=level, e_test=False)
        )

    model = Model(fit, change, _no_slope_in_counts, cases=lambda run: run.counted)
    return judge_series(frame, Layout(by, year, breaks, independent), events, base, refusal, model)


def trend_in_proportions(
    frame: pd.DataFrame,
    *,
    by: str = "region_code",
    year: str = "year",
    numerator: str = "numerator",
    denominator: str = "denominator",
    breaks: str = "break_before",
    independent: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row a series: the yearly odds ratio, or a refusal and the change over the latest run.

    Args:
        frame: One row a series and year.
        by: Column that names the series, e.g. the city.
        year: Column of the years, each once a series.
        numerator: Column of the cases counted.
        denominator: Column of all cases.
        breaks: Column, true where a point cannot be compared with those before it.
        independent: Column, false where a point repeats or contains another; None when all are independent.
        level: Confidence level.

    Returns:
        As `trend_in_counts`, with `statistic` "odds ratio per year", or for a change the columns of
        `change_in_proportions`; `n` is the sum of the denominators.

    Raises:
        InputError: A column is missing.
        DataError: A year comes twice in a series, is not whole, or a flag is missing; shows the rows.

    Source: quasi-binomial logistic regression, McCullagh & Nelder (1989), ch. 4; dispersion and limits as for
    counts.
    """
    check_level(level)
    cases, total = numbers(frame, numerator), numbers(frame, denominator)
    refusal = first_refusal(proportion_rules(cases, total), len(frame))

    def fit(run: Points) -> Row:
        outcomes = np.column_stack([run.counted, run.base - run.counted])
        words = {
            "statistic": "odds ratio per year",
            "method": f"quasi-binomial regression, {per_cent(level)}",
        }
        return _slope(GLM(outcomes, _design(run), family=Binomial()), level) | words

    def change(run: Points) -> Row:
        return _first(change_in_proportions(_ends(run, "numerator", "denominator"), level=level))

    model = Model(fit, change, _no_slope_in_proportions, cases=lambda run: run.base)
    return judge_series(frame, Layout(by, year, breaks, independent), cases, total, refusal, model)


def _design(run: Points) -> FloatArray:
    return np.column_stack([np.ones(len(run.years)), run.years - run.years.mean()])


def _slope(model: GLM, level: float) -> Row:
    with warnings.catch_warnings():
        # separation was ruled out before; here the warning only means that the points lie on the curve
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fitted = model.fit(tol=_TOLERANCE)
    freedom = len(model.endog) - 2
    error = fitted.bse[1] * np.sqrt(max(1.0, fitted.pearson_chi2 / freedom))
    slope, width = fitted.params[1], t.isf((1 - level) / 2, freedom) * error
    return {
        "value": np.exp(slope),
        "lower": np.exp(slope - width),
        "upper": np.exp(slope + width),
        "p_value": 2 * t.sf(abs(slope) / error, freedom),
    }


def _no_slope_in_counts(run: Points) -> Refusal | None:
    """Why no log-linear slope exists: no events, or all of them in the first or in the last year."""
    if not run.counted.any():
        return Refusal.NO_EVENTS
    with_events = run.years[run.counted > 0]
    at_one_end = with_events.max() == run.years[0] or with_events.min() == run.years[-1]
    return Refusal.NO_SLOPE if at_one_end else None


def _no_slope_in_proportions(run: Points) -> Refusal | None:
    """Why no logistic slope exists: all one outcome, or the outcomes are parted by a year."""
    inside, outside = run.years[run.counted > 0], run.years[run.counted < run.base]
    if not len(inside) or not len(outside):
        return Refusal.NO_VARIATION
    parted = inside.max() <= outside.min() or outside.max() <= inside.min()
    return Refusal.NO_SLOPE if parted else None


def _ends(run: Points, counted: str, base: str) -> pd.DataFrame:
    """The first and the last point side by side, as the functions of `changes` want them."""
    ends: dict[str, list[float]] = {}
    for name, at in (("before", 0), ("after", -1)):
        ends |= {f"{counted}_{name}": [run.counted[at]], f"{base}_{name}": [run.base[at]]}
    return pd.DataFrame(ends)


def _first(change: pd.DataFrame) -> Row:
    return {name: change[name].iloc[0] for name in _CHANGE_COLUMNS}
