"""Rates drawn towards the common rate, the more so the less they rest on (Marshall's empirical Bayes).

A small unit's rate jumps about; shrinking shows what of it is likely to last. Refused: groups without two
usable units or without any event. Where chance explains all of the spread, every unit gets the common rate,
without limits and with a caution.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import gamma

from analysis.stats.frames import (
    add_results,
    check_frame,
    check_level,
    check_multiplier,
    check_unique,
    numbers,
    per_cent,
    rate_label,
)
from analysis.stats.refusals import (
    FEW_UNITS,
    FEWEST_UNITS,
    FloatArray,
    Labels,
    Refusal,
    cautions,
    count_rules,
    exposure_rules,
    first_refusal,
    refuse_rest,
)

_NUMBER_COLUMNS = ("observed", "reference", "weight")


def shrink_rates(
    frame: pd.DataFrame,
    *,
    unit: str = "region_code",
    count: str = "count",
    exposure: str = "exposure",
    multiplier: float = 100_000,
    level: float = 0.95,
) -> pd.DataFrame:
    """The frame with each unit's rate shrunk towards the common rate.

    Args:
        frame: One row a unit, any further columns.
        unit: Column that names the unit, each once.
        count: Column of the events counted.
        exposure: Column of the base of the rate, e.g. residents.
        multiplier: Rates are per so many units of the base.
        level: Probability the limits hold.

    Returns:
        `value` the shrunk rate; `lower` and `upper` the quantiles of the gamma posterior whose mean it is,
        with the common rate and the spread taken as known, so on the narrow side; `statistic` e.g. "shrunk
        rate per 100,000"; `method`; `n` the count of events; `refusal`; `observed` and `reference`, the
        unit's own and the common rate; `weight` of the unit's own rate, 0 to 1; `caution`.

    Raises:
        InputError: A column is missing or already there.
        DataError: A unit comes twice, or a figure is not a finite number.

    Source: Marshall (1991), Appl. Stat. 40:283, global estimator: m = ΣO/Σt, s² = Σt(r−m)²/Σt,
    A = max(0, s² − m/mean(t)), w = A/(A + m/t).
    """
    check_frame(frame, (*_NUMBER_COLUMNS, "caution"))
    check_unique(frame, unit)
    check_multiplier(multiplier)
    check_level(level)
    events, base = numbers(frame, count), numbers(frame, exposure)
    refusal = _refusals(events, base)
    used = refusal == ""
    events, base = np.where(used, np.rint(events), 1.0), np.where(used, base, 1.0)
    common, between = _marshall(events[used], base[used]) if used.any() else (1.0, 0.0)
    weight = between / (between + common / base)
    value = common + weight * (events / base - common)
    result = add_results(
        frame,
        estimates=(value * multiplier, *_limits(events, base, common, between, level, multiplier)),
        statistic=f"shrunk {rate_label(multiplier)}",
        method=f"Marshall empirical Bayes, gamma posterior, {per_cent(level)}",
        n=events,
        refusal=refusal,
        extra={
            "observed": events / base * multiplier,
            "reference": np.full(len(frame), common * multiplier),
            "weight": weight,
        },
    )
    few = [Refusal.FEW_UNITS] if used.sum() < FEW_UNITS else []
    result["caution"] = cautions(refusal, few + ([Refusal.NO_SPREAD] if between == 0 else []))
    return result


def _refusals(events: FloatArray, base: FloatArray) -> Labels:
    """Why a unit is not shrunk; all of them where too few are sound or nothing happened anywhere."""
    refusal = first_refusal([*count_rules(events), *exposure_rules(base)], len(events))
    used = refusal == ""
    if used.sum() < FEWEST_UNITS:
        return refuse_rest(refusal, Refusal.TOO_FEW_UNITS)
    return refusal if events[used].any() else refuse_rest(refusal, Refusal.NO_EVENTS)


def _marshall(events: FloatArray, base: FloatArray) -> tuple[float, float]:
    """The common rate m and the variance A of rates between units."""
    common = events.sum() / base.sum()
    spread = (base * (events / base - common) ** 2).sum() / base.sum()
    return float(common), max(0.0, float(spread - common / base.mean()))


def _limits(
    events: FloatArray, base: FloatArray, common: float, between: float, level: float, multiplier: float
) -> tuple[FloatArray, FloatArray]:
    if between == 0:
        nothing = np.full(len(events), np.nan)
        return nothing, nothing
    # the gamma law with mean m and variance A; with it the posterior mean is exactly Marshall's value
    shape, rate = common**2 / between + events, common / between + base
    tail = (1 - level) / 2
    return (
        np.asarray(gamma.ppf(tail, shape) / rate * multiplier),
        np.asarray(gamma.isf(tail, shape) / rate * multiplier),
    )
