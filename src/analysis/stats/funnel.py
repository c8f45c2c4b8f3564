"""Funnel limits: which units lie further from the common value than chance, or chance and spread, explain.

`lower` and `upper` allow for the spread between units (additive overdispersion) at 95 %, `lower_998` and
`upper_998` at 99.8 %; the `plain_` columns are for chance alone. Refused: groups without two usable units,
and groups where nothing varies. Groups under ten units carry the caution "few units"; draw both kinds there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2, norm

from analysis.errors import InputError
from analysis.stats import overdispersion
from analysis.stats.frames import (
    add_results,
    check_frame,
    check_multiplier,
    check_unique,
    numbers,
    rate_label,
)
from analysis.stats.refusals import (
    FEW_UNITS,
    FEWEST_UNITS,
    BoolArray,
    FloatArray,
    Labels,
    Refusal,
    cautions,
    count_rules,
    exposure_rules,
    first_refusal,
    proportion_rules,
    refuse_rest,
)

LIMIT_COLUMNS = (
    *("lower", "upper", "lower_998", "upper_998"),
    *("plain_lower", "plain_upper", "plain_lower_998", "plain_upper_998"),
)
_NUMBER_COLUMNS = ("reference", "expected", "z", "phi", "tau_squared", *LIMIT_COLUMNS[2:])
_LABEL_COLUMNS = ("signal", "plain_signal", "caution")
_TAILS = {"": 0.025, "_998": 0.001}
_METHOD = "funnel limits, 95 % and 99.8 %, additive overdispersion"


def funnel_proportions(
    frame: pd.DataFrame,
    *,
    unit: str = "region_code",
    numerator: str = "numerator",
    denominator: str = "denominator",
    reference: float | None = None,
) -> pd.DataFrame:
    """The frame with each unit's proportion and the funnel limits at its denominator.

    Args:
        frame: One row a unit, any further columns.
        unit: Column that names the unit, each once.
        numerator: Column of the cases counted.
        denominator: Column of all cases.
        reference: The common proportion, between 0 and 1; pooled from the units where not given.

    Returns:
        `value`, `statistic` "proportion", `method`, `n` the denominator, `refusal`; the limits described in
        the module; `reference`, `expected` cases, `z` on the arcsine scale for chance alone, `phi` and
        `tau_squared` of the group; `signal` against the overdispersed and `plain_signal` against the plain
        limits ("", "outside 95 %", "outside 99.8 %"); `caution`. Rows refused do not enter the group.

    Raises:
        InputError: A column is missing or already there, or the reference is not between 0 and 1.
        DataError: A unit comes twice, or a count is not a finite number.

    Source: Spiegelhalter (2005), Stat. Med. 24:1185.
    """
    _check(frame, unit)
    cases, total = numbers(frame, numerator), numbers(frame, denominator)
    refusal = first_refusal(proportion_rules(cases, total), len(frame))
    sound = refusal == ""
    cases, total = np.where(sound, np.rint(cases), 0.0), np.where(sound, np.rint(total), 1.0)
    common = _checked_reference(reference, 1.0) if reference is not None else _pooled(cases, total, sound)
    refusal = _refuse_group(refusal, common in (0.0, 1.0), Refusal.NO_VARIATION)
    deviation = overdispersion.angle(cases / total) - overdispersion.angle(np.array(common))
    variance = overdispersion.angle_variance(total)
    spread = _spread(deviation, variance, refusal == "")
    return _result(
        frame,
        value=cases / total,
        limits=proportion_limits(total, common, spread.tau_squared),
        statistic="proportion",
        n=total,
        refusal=refusal,
        numbers_of={
            "reference": np.full(len(frame), common),
            "expected": total * common,
            "z": deviation / np.sqrt(variance),
        },
        spread=spread,
    )


def funnel_rates(
    frame: pd.DataFrame,
    *,
    unit: str = "region_code",
    count: str = "count",
    exposure: str = "exposure",
    multiplier: float = 100_000,
    reference: float | None = None,
) -> pd.DataFrame:
    """The frame with each unit's rate and the funnel limits at its exposure.

    Args:
        frame: One row a unit, any further columns.
        unit: Column that names the unit, each once.
        count: Column of the events counted.
        exposure: Column of the base of the rate, e.g. residents.
        multiplier: Rates, limits and reference are per so many units of the base.
        reference: The common rate per `multiplier`, above zero; pooled from the units where not given.

    Returns:
        As `funnel_proportions`, with `statistic` e.g. "rate per 100,000", `n` the count of events, `expected`
        events at the common rate, and `z` on the log scale.

    Raises:
        InputError: A column is missing or already there, or the reference is not above zero.
        DataError: A unit comes twice, or a figure is not a finite number.

    Source: Spiegelhalter (2005), Stat. Med. 24:1185; plain limits: Breslow & Day (1987), IARC 82.
    """
    _check(frame, unit)
    check_multiplier(multiplier)
    events, base = numbers(frame, count), numbers(frame, exposure)
    refusal = first_refusal([*count_rules(events), *exposure_rules(base)], len(frame))
    sound = refusal == ""
    events, base = np.where(sound, np.rint(events), 0.0), np.where(sound, base, 1.0)
    pooled = _pooled(events, base, sound) * multiplier
    common = pooled if reference is None else _checked_reference(reference, np.inf)
    refusal = _refuse_group(refusal, common == 0, Refusal.NO_EVENTS)
    # a stand-in keeps the arithmetic finite in a group that is refused
    common = common or multiplier
    expected = base * common / multiplier
    deviation = overdispersion.log_ratio(events, expected)
    variance = overdispersion.log_ratio_variance(expected)
    spread = _spread(deviation, variance, refusal == "")
    return _result(
        frame,
        value=events / base * multiplier,
        limits=rate_limits(base, common, spread.tau_squared, multiplier),
        statistic=rate_label(multiplier),
        n=events,
        refusal=refusal,
        numbers_of={
            "reference": np.full(len(frame), common),
            "expected": expected,
            "z": deviation / np.sqrt(variance),
        },
        spread=spread,
    )


def proportion_limits(
    denominators: npt.ArrayLike, reference: float, tau_squared: float = 0.0
) -> pd.DataFrame:
    """The funnel of a proportion: one row a denominator, columns `LIMIT_COLUMNS`, within 0 and 1.

    Args:
        denominators: Numbers of cases, above zero; for a curve, a grid.
        reference: The common proportion, 0 to 1.
        tau_squared: Variance between units on the arcsine scale, as `funnel_proportions` gives it.

    Raises:
        InputError: A denominator is not above zero.

    Source: plain limits p₀ ± z √(p₀(1−p₀)/n); overdispersed ones sin²(asin √p₀ ± z √(1/(4n) + τ²)).
    """
    total = _positive(denominators, "denominator")
    centre = np.arcsin(np.sqrt(reference))
    wide = np.sqrt(overdispersion.angle_variance(total) + tau_squared)
    plain = np.sqrt(reference * (1 - reference) / total)
    limits = {}
    for suffix, tail in _TAILS.items():
        for side, z in (("lower", norm.ppf(tail)), ("upper", norm.isf(tail))):
            limits[side + suffix] = np.sin(np.clip(centre + z * wide, 0, np.pi / 2)) ** 2
            limits["plain_" + side + suffix] = np.clip(reference + z * plain, 0, 1)
    return pd.DataFrame(limits, columns=list(LIMIT_COLUMNS))


def rate_limits(
    exposures: npt.ArrayLike, reference: float, tau_squared: float = 0.0, multiplier: float = 100_000
) -> pd.DataFrame:
    """The funnel of a rate: one row an exposure, columns `LIMIT_COLUMNS`, in rates per `multiplier`.

    Args:
        exposures: Bases of the rate, above zero; for a curve, a grid.
        reference: The common rate per `multiplier`, above zero.
        tau_squared: Variance between units on the log scale, as `funnel_rates` gives it.
        multiplier: Rates are per so many units of the base.

    Raises:
        InputError: An exposure is not above zero.

    Source: with E events expected, plain limits χ²(q; 2E)/2E and χ²(1−q; 2(E+1))/2E times the reference;
    overdispersed ones from log((O+½)/(E+½)) = ± z √(1/E + τ²), solved for O and not below zero, with 1/E not
    above 2.
    """
    expected = _positive(exposures, "exposure") * reference / multiplier
    wide = np.sqrt(overdispersion.log_ratio_variance(expected) + tau_squared)
    limits = {}
    for suffix, tail in _TAILS.items():
        limits["plain_lower" + suffix] = chi2.ppf(tail, 2 * expected) / (2 * expected) * reference
        limits["plain_upper" + suffix] = chi2.isf(tail, 2 * (expected + 1)) / (2 * expected) * reference
        for side, z in (("lower", norm.ppf(tail)), ("upper", norm.isf(tail))):
            events = np.exp(z * wide) * (expected + 0.5) - 0.5
            limits[side + suffix] = np.maximum(events, 0) / expected * reference
    return pd.DataFrame(limits, columns=list(LIMIT_COLUMNS))


def _check(frame: pd.DataFrame, unit: str) -> None:
    check_frame(frame, (*_NUMBER_COLUMNS, *_LABEL_COLUMNS))
    check_unique(frame, unit)


def _checked_reference(reference: float, ceiling: float) -> float:
    if not 0 < reference < ceiling:
        rule = "above zero" if ceiling == np.inf else "between 0 and 1"
        raise InputError(f"The reference lies {rule}", reference, "leave it out to pool the units.")
    return reference


def _positive(sizes: npt.ArrayLike, name: str) -> FloatArray:
    values = np.atleast_1d(np.asarray(sizes, dtype=np.float64))
    if not (values > 0).all():
        raise InputError(f"Each {name} of a funnel is above zero", values[~(values > 0)][0], "leave it out.")
    return values


def _pooled(cases: FloatArray, base: FloatArray, sound: BoolArray) -> float:
    return float(cases[sound].sum() / base[sound].sum()) if sound.any() else 0.0


def _refuse_group(refusal: Labels, flat: bool, reason: Refusal) -> Labels:
    if (refusal == "").sum() < FEWEST_UNITS:
        return refuse_rest(refusal, Refusal.TOO_FEW_UNITS)
    return refuse_rest(refusal, reason) if flat else refusal


def _spread(deviation: FloatArray, variance: FloatArray, used: BoolArray) -> overdispersion.Spread:
    if not used.any():
        return overdispersion.Spread(np.nan, 0.0)
    return overdispersion.spread(deviation[used], variance[used])


def _signal(value: FloatArray, limits: pd.DataFrame, prefix: str, refusal: Labels) -> Labels:
    signal = np.full(len(value), "", dtype=object)
    for suffix, words in (("", "outside 95 %"), ("_998", "outside 99.8 %")):
        below = value < limits[f"{prefix}lower{suffix}"].to_numpy()
        above = value > limits[f"{prefix}upper{suffix}"].to_numpy()
        signal[(below | above) & (refusal == "")] = words
    return signal


def _result(
    frame: pd.DataFrame,
    *,
    value: FloatArray,
    limits: pd.DataFrame,
    statistic: str,
    n: FloatArray,
    refusal: Labels,
    numbers_of: dict[str, FloatArray],
    spread: overdispersion.Spread,
) -> pd.DataFrame:
    rows = len(frame)
    numbers_of |= {"phi": np.full(rows, spread.phi), "tau_squared": np.full(rows, spread.tau_squared)}
    numbers_of |= {name: limits[name].to_numpy() for name in LIMIT_COLUMNS[2:]}
    result = add_results(
        frame,
        estimates=(value, limits["lower"].to_numpy(), limits["upper"].to_numpy()),
        statistic=statistic,
        method=_METHOD,
        n=n,
        refusal=refusal,
        extra=numbers_of,
    )
    result["signal"] = pd.array(_signal(value, limits, "", refusal), dtype="str")
    result["plain_signal"] = pd.array(_signal(value, limits, "plain_", refusal), dtype="str")
    few = (refusal == "").sum() < FEW_UNITS
    result["caution"] = cautions(refusal, [Refusal.FEW_UNITS] if few else [])
    return result
