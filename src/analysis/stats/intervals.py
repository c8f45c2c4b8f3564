"""Intervals for one figure: a proportion (Wilson) and a count or rate (exact Poisson, Garwood).

The figures are complete registers; an interval describes the chance variation of the process from year to
year. Refused: percentages without their counts, counts that are missing, negative or not whole, and
bases that are missing or zero. Such rows get words, never a number.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped,unused-ignore]

from analysis.stats.frames import (
    add_results,
    check_frame,
    check_level,
    check_multiplier,
    numbers,
    per_cent,
    rate_label,
)
from analysis.stats.refusals import (
    FloatArray,
    Refusal,
    Rule,
    count_rules,
    exposure_rules,
    first_refusal,
    proportion_rules,
)


def wilson_interval(
    frame: pd.DataFrame,
    *,
    numerator: str = "numerator",
    denominator: str = "denominator",
    percentage: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The frame with each row's proportion and its Wilson score interval, on the scale 0 to 1.

    Args:
        frame: One row a proportion, any further columns.
        numerator: Column of the cases counted.
        denominator: Column of all cases.
        percentage: Column of reported percentages, if any. It is never computed with: a row that has one but
            lacks a count is refused as such.
        level: Confidence level.

    Returns:
        `value`, `lower`, `upper`; `statistic` "proportion"; `method`; `n` the denominator; `refusal`.

    Raises:
        InputError: A column is missing, or a result column is there already.
        DataError: A count is not a finite number.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22:209, as in `statsmodels.stats.proportion`.
    """
    check_frame(frame)
    check_level(level)
    cases, total = numbers(frame, numerator), numbers(frame, denominator)
    rules: list[Rule] = proportion_rules(cases, total)
    if percentage is not None:
        bare = ~np.isnan(numbers(frame, percentage)) & (np.isnan(cases) | np.isnan(total))
        rules.insert(0, (bare, Refusal.PERCENTAGE_WITHOUT_COUNTS))
    refusal = first_refusal(rules, len(frame))
    sound = refusal == ""
    cases, total = np.where(sound, np.rint(cases), 0.0), np.where(sound, np.rint(total), 1.0)
    return add_results(
        frame,
        estimates=(cases / total, *wilson_limits(cases, total, level)),
        statistic="proportion",
        method=f"Wilson score, {per_cent(level)}",
        n=total,
        refusal=refusal,
    )


def poisson_interval(
    frame: pd.DataFrame,
    *,
    count: str = "count",
    exposure: str | None = None,
    multiplier: float = 100_000,
    level: float = 0.95,
) -> pd.DataFrame:
    """The frame with each row's count, or its rate, and the exact Poisson interval.

    Args:
        frame: One row a count, any further columns.
        count: Column of the events counted.
        exposure: Column of the base of the rate, e.g. residents; none for the count itself.
        multiplier: The rate is given per so many units of the base; not used for a count.
        level: Confidence level.

    Returns:
        `value`, `lower`, `upper`; `statistic` "count" or e.g. "rate per 100,000"; `method`; `n` the count of
        events; `refusal`.

    Raises:
        InputError: A column is missing, or a result column is there already.
        DataError: A figure is not a finite number.

    Source: Garwood (1936), Biometrika 28:437.
    """
    check_frame(frame)
    check_level(level)
    check_multiplier(multiplier)
    events = numbers(frame, count)
    base = np.ones(len(frame)) if exposure is None else numbers(frame, exposure)
    refusal = first_refusal([*count_rules(events), *exposure_rules(base)], len(frame))
    sound = refusal == ""
    events = np.where(sound, np.rint(events), 0.0)
    scale = 1.0 if exposure is None else multiplier / np.where(sound, base, 1.0)
    lower, upper = garwood_limits(events, level)
    return add_results(
        frame,
        estimates=(events * scale, lower * scale, upper * scale),
        statistic="count" if exposure is None else rate_label(multiplier),
        method=f"exact Poisson (Garwood), {per_cent(level)}",
        n=events,
        refusal=refusal,
    )


def wilson_limits(cases: FloatArray, total: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Lower and upper Wilson limits of sound counts, within 0 and 1."""
    lower, upper = proportion_confint(cases, total, alpha=1 - level, method="wilson")
    return np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)


def garwood_limits(events: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Lower and upper exact limits of Poisson counts; the lower is 0 for no events."""
    tail = (1 - level) / 2
    # the chi-squared law with no degrees of freedom is undefined, so a count of 0 is set aside
    lower = np.where(events > 0, chi2.ppf(tail, 2 * np.maximum(events, 1)) / 2, 0.0)
    upper = np.asarray(chi2.ppf(1 - tail, 2 * events + 2) / 2)
    return lower, upper
