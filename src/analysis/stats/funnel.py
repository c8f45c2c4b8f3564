"""Funnel limits: which cases lie further from the common rate than chance, or chance and spread, explain.

Cities differ for structural reasons, so limits for chance alone (`plain_…`) flag nearly all of them; the
others allow for the spread between units, extreme units pulled in first so that they do not hide themselves.
Refused: fewer than two units with exact counts, groups where nothing varies. Sources: docs/methods.md, 4.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2, norm

from analysis.errors import InputError
from analysis.stats.cases import BoolArray, Cases, FloatArray, Labels, add_results, counted, require
from analysis.stats.place import FEW_UNITS

LIMITS = (
    *("low_95", "high_95", "low_998", "high_998"),
    *("plain_low_95", "plain_high_95", "plain_low_998", "plain_high_998"),
)
_TAILS = {"95": 0.025, "998": 0.001}
_FEWEST_UNITS, _POINTS, _MARGIN = 2, 60, 1.25


def funnel(cases: Cases) -> Cases:
    """The cases with funnel limits at each one's exposure; only comparable rows with exact counts enter.

    Returns:
        `reference`, the pooled rate, `expected` events at it, `z` on the transformed scale for chance alone,
        `phi` and `tau_squared` of the group, `LIMITS` on the scale of `rate`; `signal` against the
        overdispersed and `plain_signal` against the plain limits ("", "outside 95 %", "outside 99.8 %");
        `units`, how many entered; `funnel_method`; `funnel_refusal`, a code.
    """
    cases = require(cases, "funnel limits")
    shares = cases.kind == "proportion"
    count, base, refusal = _entering(cases, shares)
    used = refusal == ""
    # a stand-in keeps the arithmetic finite in a group that is refused
    common = float(count[used].sum() / base[used].sum()) if used.any() else 0.5
    deviation, variance = _deviation(count, base, common, shares)
    phi, tau_squared = spread(deviation[used], variance[used]) if used.any() else (np.nan, 0.0)
    limits = funnel_limits(base, common * cases.per, cases.kind, cases.per, tau_squared)
    rate = count / base * cases.per
    found = {
        **{"expected": base * common, "z": deviation / np.sqrt(variance), "reference": common * cases.per},
        **{"phi": phi, "tau_squared": tau_squared, "units": used.sum()},
        **{name: limits[name].to_numpy() for name in LIMITS},
        **{f"{way}signal": _signal(rate, limits, way, used) for way in ("", "plain_")},
        "funnel_method": "funnel limits, 95 % and 99.8 %, additive overdispersion",
    }
    return add_results(cases, found, refusal, (), "funnel_refusal")


def _entering(cases: Cases, shares: bool) -> tuple[FloatArray, FloatArray, Labels]:
    """Counts and bases, stand-ins where a case does not enter, and the codes of why it does not."""
    count, base, refusal = counted(cases, "count", "exposure", shares)
    unfit = ~cases.index.isin(cases.comparable.index) | (cases.kind == "figure")
    refusal = np.where(unfit, "not_comparable", refusal)
    used = refusal == ""
    count, base = np.where(used, count, 0.0), np.where(used, base, 1.0)
    common = count[used].sum() / base[used].sum() if used.any() else 0.0
    if used.sum() < _FEWEST_UNITS:
        refusal = np.where(used, "too_few_units", refusal)
    elif common == 0 or (shares and common == 1):
        refusal = np.where(used, "no_variation" if shares else "no_events", refusal)
    return count, base, refusal


def separates(found: Cases) -> bool:
    """Whether a funnel says something: ten cases at least, of which limits set some apart but not all."""
    used = found[found["funnel_refusal"] == ""]
    return len(used) >= FEW_UNITS and 0 < (used["signal"] != "").sum() < len(used)


def funnel_curve(found: Cases) -> pd.DataFrame:
    """`LIMITS` over a grid of `exposure` that holds every case with room at both ends; empty if refused."""
    used = found[found["funnel_refusal"] == ""]
    if used.empty:
        return pd.DataFrame(columns=["exposure", *LIMITS], dtype=float)
    grid = np.geomspace(used["exposure"].min() / _MARGIN, used["exposure"].max() * _MARGIN, _POINTS)
    common, tau_squared = (float(used[name].iloc[0]) for name in ("reference", "tau_squared"))
    return funnel_limits(grid, common, found.kind, found.per, tau_squared).assign(exposure=grid)


def funnel_limits(
    exposures: npt.ArrayLike, reference: float, kind: str, per: float = 1, tau_squared: float = 0.0
) -> pd.DataFrame:
    """The limits at any exposures on the scale of `reference`, the common rate or share: columns `LIMITS`.

    Source: proportions: p₀ ± z √(p₀(1−p₀)/n) and sin²(asin √p₀ ± z √(1/(4n) + τ²)). Rates, with E events
    expected: χ²(q; 2E)/2E and χ²(1−q; 2(E+1))/2E times the reference, and log((O+½)/(E+½)) = ± z √(1/E + τ²)
    solved for O and not below zero, with 1/E not above 2.
    """
    base = np.atleast_1d(np.asarray(exposures, dtype=np.float64))
    if not (base > 0).all():
        raise InputError("Each exposure of a funnel is above zero", base[~(base > 0)][0], "leave it out.")
    share, limits = reference / per, {}
    for suffix, tail in _TAILS.items():
        for side, z in (("low", norm.ppf(tail)), ("high", norm.isf(tail))):
            if kind == "proportion":
                angle = np.arcsin(np.sqrt(share)) + z * np.sqrt(1 / (4 * base) + tau_squared)
                wide = np.sin(np.clip(angle, 0, np.pi / 2)) ** 2
                plain = np.clip(share + z * np.sqrt(share * (1 - share) / base), 0, 1)
            else:
                expected = base * share
                distance = z * np.sqrt(1 / np.maximum(expected, 0.5) + tau_squared)
                events = np.exp(distance) * (expected + 0.5) - 0.5
                wide = np.maximum(events, 0) / base
                exact = chi2.ppf(tail, 2 * expected) if side == "low" else chi2.isf(tail, 2 * (expected + 1))
                plain = exact / 2 / base
            limits[f"{side}_{suffix}"], limits[f"plain_{side}_{suffix}"] = wide * per, plain * per
    return pd.DataFrame(limits, columns=list(LIMITS))


def spread(deviations: FloatArray, variances: FloatArray) -> tuple[float, float]:
    """How far units spread beyond chance, by each one's distance from the common value and chance variance.

    Phi is the mean squared z-score, scores beyond the 10 % and 90 % quantiles set to these; by chance alone
    about 0.65 in a group of twenty. Tau squared is the variance between units, 0 where chance explains it.
    """
    units = len(deviations)
    if units < _FEWEST_UNITS or not (variances > 0).all():
        rule = "A spread needs two units at least, each with a chance variance above zero"
        raise InputError(rule, variances.tolist(), "widen the group of peers.")
    scores = deviations / np.sqrt(variances)
    phi = float(np.mean(np.clip(scores, *np.quantile(scores, (0.1, 0.9))) ** 2))
    weights = 1 / variances
    divisor = weights.sum() - (weights**2).sum() / weights.sum()
    return phi, max(0.0, float((units * phi - (units - 1)) / divisor))


def _deviation(count: FloatArray, base: FloatArray, common: float, shares: bool) -> list[FloatArray]:
    if shares:
        return [np.arcsin(np.sqrt(count / base)) - np.arcsin(np.sqrt(common)), 1 / (4 * base)]
    expected = base * common
    # the bases fix E, which says nothing below half an event
    return [np.log((count + 0.5) / (expected + 0.5)), 1 / np.maximum(expected, 0.5)]


def _signal(rate: FloatArray, limits: pd.DataFrame, way: str, used: BoolArray) -> Labels:
    low, high, far_low, far_high = (limits[f"{way}{name}"].to_numpy() for name in LIMITS[:4])
    outside, far = (rate < low) | (rate > high), (rate < far_low) | (rate > far_high)
    return np.select([far & used, outside & used], ["outside 99.8 %", "outside 95 %"], "")
