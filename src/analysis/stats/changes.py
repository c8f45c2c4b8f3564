"""Change between two years: a ratio of counts or rates, a difference of proportions, with interval and p.

One row a comparison, the earlier and the later figure side by side. Refused: a ratio to an earlier count of
zero, two counts of zero, and all that the single figures are refused for. The two figures are taken as
independent; a part compared with its whole, or two overlapping periods, must not be given.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import binomtest, poisson
from statsmodels.stats.proportion import (  # type: ignore[import-untyped,unused-ignore]
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)
from statsmodels.stats.rates import etest_poisson_2indep  # type: ignore[import-untyped,unused-ignore]

from analysis.stats.frames import add_results, check_frame, check_level, numbers, per_cent
from analysis.stats.refusals import (
    BoolArray,
    FloatArray,
    Refusal,
    Rule,
    count_rules,
    exposure_rules,
    first_refusal,
    proportion_rules,
)

_WIDEST_GRID = 2_500
_GRID_TAIL = 1e-14


def change_in_counts(
    frame: pd.DataFrame,
    *,
    count_before: str = "count_before",
    count_after: str = "count_after",
    exposure_before: str | None = None,
    exposure_after: str | None = None,
    level: float = 0.95,
    e_test: bool = True,
) -> pd.DataFrame:
    """The frame with the ratio later/earlier of two Poisson counts or rates, its interval and two p-values.

    Args:
        frame: One row a comparison, any further columns.
        count_before: Column of the earlier counts.
        count_after: Column of the later counts.
        exposure_before: Column of the bases of the earlier rates; none, or both, for a ratio of counts.
        exposure_after: Column of the bases of the later rates.
        level: Confidence level.
        e_test: Whether to give the E-test too, which takes some hundred times as long.

    Returns:
        `value` the ratio, `lower`, `upper`; `statistic` "ratio" or "rate ratio"; `method`; `n` the sum of
        both counts; `refusal`; `p_value` of the conditional exact test; `p_value_e_test` of the E-test, which
        has more power, missing where not asked for. Both p-values are two-sided. The E-test sums over a grid
        of counts; where that grid would be wider than 2,500 (for equal bases above some 29,000 events a year)
        it is left missing, and the conditional p-value, by then within 0.002 of it, serves. An earlier count
        of zero has no ratio but keeps its p-values.

    Raises:
        InputError: A column is missing, only one exposure is named, or a result column is there already.
        DataError: A figure is not a finite number.

    Source: conditional test: Przyborowski & Wilenski (1940), Biometrika 31:313, limits from Clopper & Pearson
    (1934), Biometrika 26:404. E-test: Krishnamoorthy & Thomson (2004), J. Stat. Plan. Inference 119:23.
    """
    check_frame(frame, ("p_value", "p_value_e_test"))
    check_level(level)
    before, after = numbers(frame, count_before), numbers(frame, count_after)
    base_before, base_after, statistic = _bases(frame, exposure_before, exposure_after)
    rules: list[Rule] = [
        *count_rules(before),
        *count_rules(after),
        *exposure_rules(base_before),
        *exposure_rules(base_after),
        ((before == 0) & (after == 0), Refusal.NO_EVENTS),
    ]
    testable = first_refusal(rules, len(frame)) == ""
    refusal = first_refusal([*rules, (before == 0, Refusal.EARLIER_COUNT_ZERO)], len(frame))
    sound = refusal == ""
    before, after = np.where(testable, np.rint(before), 1.0), np.where(testable, np.rint(after), 1.0)
    base_before, base_after = np.where(testable, base_before, 1.0), np.where(testable, base_after, 1.0)
    result = add_results(
        frame,
        estimates=_ratio(np.where(sound, before, 1.0), after, base_before / base_after, level),
        statistic=statistic,
        method=f"conditional exact (Clopper-Pearson), {per_cent(level)}",
        n=before + after,
        refusal=refusal,
    )
    pairs = (before, base_before, after, base_after)
    result["p_value"] = _by_row(_conditional_p, testable, *pairs)
    result["p_value_e_test"] = _by_row(_e_test_p, testable & e_test, *pairs)
    return result


def change_in_proportions(
    frame: pd.DataFrame,
    *,
    numerator_before: str = "numerator_before",
    denominator_before: str = "denominator_before",
    numerator_after: str = "numerator_after",
    denominator_after: str = "denominator_after",
    level: float = 0.95,
) -> pd.DataFrame:
    """The frame with the difference later − earlier of two proportions, its interval and p-value.

    Args:
        frame: One row a comparison, any further columns.
        numerator_before: Column of the earlier cases.
        denominator_before: Column of all earlier cases.
        numerator_after: Column of the later cases.
        denominator_after: Column of all later cases.
        level: Confidence level.

    Returns:
        `value` the difference on the scale -1 to 1 (0.05 is five percentage points), `lower`, `upper`;
        `statistic` "difference of proportions"; `method`; `n` the sum of both denominators; `refusal`;
        `p_value` of the two-sided score test without correction (1 where both proportions are 0 or both 1).

    Raises:
        InputError: A column is missing, or a result column is there already.
        DataError: A count is not a finite number.

    Source: Newcombe (1998), Stat. Med. 17:873, method 10. The score interval of statsmodels was tried and
    left: it has no root for many small counts, such as 1/10 against 3/12.
    """
    check_frame(frame, ("p_value",))
    check_level(level)
    names = (numerator_before, denominator_before, numerator_after, denominator_after)
    earlier, earlier_total, later, later_total = (numbers(frame, name) for name in names)
    rules = [*proportion_rules(earlier, earlier_total), *proportion_rules(later, later_total)]
    refusal = first_refusal(rules, len(frame))
    sound = refusal == ""
    earlier, later = np.where(sound, np.rint(earlier), 0.0), np.where(sound, np.rint(later), 0.0)
    earlier_total = np.where(sound, np.rint(earlier_total), 1.0)
    later_total = np.where(sound, np.rint(later_total), 1.0)
    lower, upper = confint_proportions_2indep(
        later, later_total, earlier, earlier_total, method="newcomb", compare="diff", alpha=1 - level
    )
    result = add_results(
        frame,
        estimates=(later / later_total - earlier / earlier_total, np.asarray(lower), np.asarray(upper)),
        statistic="difference of proportions",
        method=f"Newcombe score, {per_cent(level)}",
        n=earlier_total + later_total,
        refusal=refusal,
    )
    result["p_value"] = _by_row(_score_p, sound, earlier, earlier_total, later, later_total)
    return result


def _bases(frame: pd.DataFrame, before: str | None, after: str | None) -> tuple[FloatArray, FloatArray, str]:
    if before is None and after is None:
        return np.ones(len(frame)), np.ones(len(frame)), "ratio"
    # a missing name reaches `numbers` as a missing column, which is what it is
    return (
        numbers(frame, before or "exposure_before"),
        numbers(frame, after or "exposure_after"),
        "rate ratio",
    )


def _ratio(
    before: FloatArray, after: FloatArray, scale: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Ratio and limits: given the sum, the later count is binomial; its odds are the ratio over `scale`."""
    lower, upper = proportion_confint(after, before + after, alpha=1 - level, method="beta")
    lower, upper = np.asarray(lower), np.asarray(upper)
    return after / before * scale, lower / (1 - lower) * scale, upper / (1 - upper) * scale


def _by_row(test: Callable[..., float], wanted: BoolArray, *columns: FloatArray) -> FloatArray:
    return np.array(
        [test(*row) if use else np.nan for use, *row in zip(wanted, *columns, strict=True)], dtype=np.float64
    )


def _conditional_p(before: float, base_before: float, after: float, base_after: float) -> float:
    share = base_after / (base_before + base_after)
    return float(binomtest(int(after), int(before + after), share).pvalue)


def _e_test_p(before: float, base_before: float, after: float, base_after: float) -> float:
    # scipy.stats.poisson_means_test drops the observed pair itself when unequal exposures round differently
    # on its two sides of ">="; statsmodels has a tolerance there
    pooled = (before + after) / (base_before + base_after)
    means = (pooled * base_before, pooled * base_after)
    lowest = max(poisson.ppf(_GRID_TAIL, min(means)), 0)
    highest = poisson.isf(_GRID_TAIL, max(means))
    if highest - lowest > _WIDEST_GRID:
        return np.nan
    grid = np.arange(lowest, highest + 1)
    p_value = etest_poisson_2indep(after, base_after, before, base_before, method="wald", y_grid=grid)[1]
    return min(float(p_value), 1.0)


def _score_p(earlier: float, earlier_total: float, later: float, later_total: float) -> float:
    if earlier + later in (0, earlier_total + later_total):
        return 1.0
    return float(proportions_ztest([later, earlier], [later_total, earlier_total])[1])
