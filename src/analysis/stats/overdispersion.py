"""Overdispersion: how much more units differ than chance alone explains, as phi and tau squared.

Units such as cities differ for structural reasons, so limits for chance alone flag nearly all of them. The
spread between units is estimated on a scale where the chance variance is known, extreme units pulled in
first so that they do not hide themselves. Refused: fewer than two units, which have no spread.

Source: Spiegelhalter (2005), Stat. Med. 24:1185; Spiegelhalter et al. (2012), J. R. Stat. Soc. A 175:1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.errors import InputError
from analysis.stats.refusals import FEWEST_UNITS, FloatArray

_WINSORISED = (0.1, 0.9)
_GROUPS = 4_000
_SEED = 20201231


@dataclass(frozen=True)
class Spread:
    """How far units spread beyond chance.

    Attributes:
        phi: Mean of the winsorised squared z-scores. Chance alone gives 1 before and about 0.65 after the
            winsorising in a group of twenty units, for rates as for proportions.
        tau_squared: Variance between units on the transformed scale; 0 where chance explains the spread.
    """

    phi: float
    tau_squared: float


def spread(deviations: FloatArray, variances: FloatArray) -> Spread:
    """The spread of units around their common value.

    Args:
        deviations: Each unit's distance from the common value, on the transformed scale.
        variances: Each unit's chance variance on that scale, above zero.

    Raises:
        InputError: Fewer than two units, or a variance that is not above zero.
    """
    units = len(deviations)
    if units < FEWEST_UNITS:
        raise InputError("A spread needs two units at least", f"{units} units", "widen the group of peers.")
    if not (variances > 0).all():
        raise InputError("A chance variance is above zero", variances.min(), "leave out units without cases.")
    phi = float(np.mean(winsorised(deviations / np.sqrt(variances)) ** 2))
    weights = 1 / variances
    divisor = weights.sum() - (weights**2).sum() / weights.sum()
    return Spread(phi, max(0.0, float((units * phi - (units - 1)) / divisor)))


def winsorised(scores: FloatArray) -> FloatArray:
    """The z-scores with those beyond the 10 % and 90 % quantiles (linear interpolation) set to them."""
    low, high = np.quantile(scores, _WINSORISED)
    return np.clip(scores, low, high)


@cache
def phi_by_chance(units: int) -> float:
    """The phi to expect of so many units that differ by chance alone: below 1, because of the winsorising.

    The mean over 4,000 simulated groups of standard normal scores around their own mean, with a fixed seed.

    Raises:
        InputError: Fewer than two units.
    """
    if units < FEWEST_UNITS:
        raise InputError("A spread needs two units at least", f"{units} units", "widen the group of peers.")
    scores = np.random.default_rng(_SEED).standard_normal((_GROUPS, units))
    centred = scores - scores.mean(axis=1, keepdims=True)
    low, high = np.quantile(centred, _WINSORISED, axis=1, keepdims=True)
    return float(np.mean(np.clip(centred, low, high) ** 2))


def angle(proportions: FloatArray) -> FloatArray:
    """Proportions on the arcsine scale, asin √p, where the chance variance is 1/(4n)."""
    return np.asarray(np.arcsin(np.sqrt(proportions)))


def angle_variance(totals: FloatArray) -> FloatArray:
    """The chance variance of `angle`: (1/(2√n))²."""
    return 1 / (4 * totals)


def log_ratio(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """Observed over expected on the log scale, log((O+½)/(E+½))."""
    return np.asarray(np.log((observed + 0.5) / (expected + 0.5)))


def log_ratio_variance(expected: FloatArray) -> FloatArray:
    """The chance variance of `log_ratio`, 1/E; 2 at most, since the scale says nothing below half an event.

    The expected count is fixed by the bases and takes no part in chance. O/(O+½)² + E/(E+½)², which is found
    for this purpose too, belongs to the ratio of two counts that both vary: it is twice too large here, and
    by chance alone phi would read half of what it should.
    """
    return 1 / np.maximum(expected, 0.5)
