"""Two figures compared: a ratio of counts or rates, a difference of proportions, with interval and p.

One row a comparison: two years of one city, or two places (a city and the nation) in one year, side by side.
Refused: a ratio to an earlier count of zero, two counts of zero, and all that single figures are refused for.
The two are taken as independent: a part and its whole, or two overlapping periods, must not be given.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import binomtest, poisson
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped,unused-ignore]
from statsmodels.stats.proportion import (  # type: ignore[import-untyped,unused-ignore]
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)
from statsmodels.stats.rates import etest_poisson_2indep  # type: ignore[import-untyped,unused-ignore]

from analysis.errors import DataError
from analysis.stats import frames
from analysis.stats.frames import BoolArray, FloatArray, Frame, Rule

_WIDEST_GRID, _GRID_TAIL = 2_500, 1e-14


def change_in_counts(
    frame: Frame, *, count_before: str = "count_before", count_after: str = "count_after",
    exposure_before: str | None = None, exposure_after: str | None = None,
    level: float = 0.95, e_test: bool = True,
) -> Frame:  # fmt: skip
    """The frame with the ratio later/earlier of two Poisson counts or rates, its interval and two p-values.

    One row a comparison; names are columns, without exposures for a ratio of counts. The E-test (`e_test`)
    takes some hundred times as long as the rest.

    Returns:
        `change` the ratio, `lower`, `upper`; `statistic` "ratio" or "rate ratio"; `method`; `n` the sum of
        both counts; `refusal`; `p_value` of the conditional exact test and `p_value_e_test` of the E-test,
        both two-sided. The E-test has more power; above some 29,000 events a year its grid is too wide and it
        is missing, the conditional p-value by then being within 0.002 of it. An earlier count of zero has no
        ratio but keeps its p-values.

    Source: conditional test: Przyborowski & Wilenski (1940), Biometrika 31:313, limits from Clopper & Pearson
    (1934), Biometrika 26:404. E-test: Krishnamoorthy & Thomson (2004), J. Stat. Plan. Inference 119:23.
    """
    words = frames.check_level(level)
    before, after = (frames.numbers(frame, name) for name in (count_before, count_after))
    rated = not (exposure_before is None and exposure_after is None)
    # a missing name reaches `numbers` as a missing column, which is what it is
    names = (exposure_before or "exposure_before", exposure_after or "exposure_after") if rated else ()
    bases = [frames.numbers(frame, name) for name in names] or [np.ones(len(frame)), np.ones(len(frame))]
    rules: list[Rule] = [
        *(rule for counts in (before, after) for rule in frames.count_rules(counts)),
        *(rule for base in bases for rule in frames.exposure_rules(base)),
        ((before == 0) & (after == 0), "no_events"),
    ]
    testable = frames.first_refusal(rules, len(frame)) == ""
    refusal = frames.first_refusal([*rules, (before == 0, "earlier_count_zero")], len(frame))
    before, after = (np.where(testable, np.rint(counts), 1.0) for counts in (before, after))
    pairs = (before, np.where(testable, bases[0], 1.0), after, np.where(testable, bases[1], 1.0))
    figures = _ratio(np.where(refusal == "", before, 1.0), after, pairs[1] / pairs[3], level)
    texts = {"statistic": "rate ratio" if rated else "ratio"}
    texts["method"] = f"conditional exact (Clopper-Pearson), {words}"
    inputs = (count_before, count_after, *names)
    result = frames.add_results(frame, figures | {"n": before + after}, texts, ("refusal", refusal), inputs)
    result["p_value"] = _by_row(_conditional_p, testable, *pairs)
    result["p_value_e_test"] = _by_row(_e_test_p, testable & e_test, *pairs)
    return result


def change_in_proportions(
    frame: Frame, *,
    numerator_before: str = "numerator_before", denominator_before: str = "denominator_before",
    numerator_after: str = "numerator_after", denominator_after: str = "denominator_after",
    level: float = 0.95,
) -> Frame:  # fmt: skip
    """The frame with the difference later − earlier of two proportions, its interval and p-value.

    One row a comparison; names are columns. "Before" may be the place compared with.

    Returns:
        `change` the difference on the scale -1 to 1 (0.05 is five percentage points), `lower`, `upper`;
        `statistic` "difference of proportions"; `method`; `n` the sum of both denominators; `refusal`;
        `p_value` of the two-sided score test without correction (1 where both proportions are 0 or both 1).

    Source: Newcombe (1998), Stat. Med. 17:873, method 10. The score interval of statsmodels was tried and
    left: it has no root for many small counts, such as 1/10 against 3/12.
    """
    words = frames.check_level(level)
    names = (numerator_before, denominator_before, numerator_after, denominator_after)
    given = [frames.numbers(frame, name) for name in names]
    rules = [*frames.proportion_rules(*given[:2]), *frames.proportion_rules(*given[2:])]
    refusal = frames.first_refusal(rules, len(frame))
    sound = refusal == ""
    stand_in = (0.0, 1.0, 0.0, 1.0)
    earlier, earlier_total, later, later_total = (
        np.where(sound, np.rint(counts), other) for counts, other in zip(given, stand_in, strict=True)
    )
    lower, upper = confint_proportions_2indep(
        later, later_total, earlier, earlier_total, method="newcomb", compare="diff", alpha=1 - level
    )
    figures = {"change": later / later_total - earlier / earlier_total, "n": earlier_total + later_total}
    figures |= {"lower": np.asarray(lower), "upper": np.asarray(upper)}
    texts = {"statistic": "difference of proportions", "method": f"Newcombe score, {words}"}
    result = frames.add_results(frame, figures, texts, ("refusal", refusal), names)
    result["p_value"] = _by_row(_score_p, sound, earlier, earlier_total, later, later_total)
    return result


def benjamini_hochberg(frame: Frame, *, p_value: str = "p_value") -> Frame:
    """The frame with adjusted p-values: the share of chance to expect among findings as strong or stronger.

    With fifty metrics on a page, two or three fall below 0.05 by chance alone. A row without a p-value is no
    test and does not count. All rows are one family; for several, call it on each part.

    Returns:
        `q_value`, the adjusted p-value; `q_method`; `tests`, how many there were; `q_refusal`.

    Source: Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289.
    """
    p_values = frames.numbers(frame, p_value)
    outside = (p_values < 0) | (p_values > 1)
    if outside.any():
        rows = frames.show(frame, outside)
        raise DataError("A p-value lies between 0 and 1", rows, "name the column of p-values.")
    there = ~np.isnan(p_values)
    adjusted = np.full(len(frame), np.nan)
    if there.any():
        adjusted[there] = multipletests(p_values[there], method="fdr_bh")[1]
    figures = {"q_value": adjusted, "tests": np.full(len(frame), float(there.sum()))}
    refusal = np.where(there, "", "p_value_missing").astype(object)
    words = {"q_method": "Benjamini-Hochberg"}
    return frames.add_results(frame, figures, words, ("q_refusal", refusal), (p_value,))


def _ratio(before: FloatArray, after: FloatArray, scale: FloatArray, level: float) -> dict[str, FloatArray]:
    """Ratio and limits: given the sum, the later count is binomial; its odds are the ratio over `scale`."""
    limits = proportion_confint(after, before + after, alpha=1 - level, method="beta")
    lower, upper = (np.asarray(share) / (1 - np.asarray(share)) * scale for share in limits)
    return {"change": after / before * scale, "lower": lower, "upper": upper}


def _by_row(test: Callable[..., float], wanted: BoolArray, *columns: FloatArray) -> FloatArray:
    rows = pd.DataFrame(dict(enumerate((wanted, *columns)))).itertuples(index=False)
    return np.array([test(*row[1:]) if row[0] else np.nan for row in rows], dtype=np.float64)


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
