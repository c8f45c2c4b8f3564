"""Intervals of one figure, and two figures compared: a ratio of counts or rates, a difference of proportions.

The figures are complete registers; an interval describes the chance variation of the process from year to
year. Two compared stand in one row and are taken as independent: never a part and its whole, or periods that
overlap. Refused: counts missing, negative or not whole, bases missing or zero. Sources: docs/methods.md, 4.
"""

from collections.abc import Callable

import numpy as np
from scipy.stats import binomtest, norm, poisson
from statsmodels.stats import multitest, proportion, rates

from analysis.errors import InputError
from analysis.stats.cases import BoolArray, FloatArray, Frame, add_results, check_rows, counted, numbers

_MOST_EVENTS, _GRID_TAIL = 58_000, 1e-14


def wilson_interval(
    frame: Frame, *, numerator: str = "numerator", denominator: str = "denominator",
    multiplier: float = 1, level: float = 0.95,
) -> Frame:  # fmt: skip
    """The frame with the proportion of its two columns and its Wilson score interval; in per cent times 100.

    Returns:
        `rate`, `lower`, `upper`; `n` the denominator; `statistic` "proportion"; `method`; `refusal`.
    """
    words, _ = _named(level, multiplier)
    cases, total, refusal = counted(frame, numerator, denominator, share=True)
    ends = proportion.proportion_confint(cases, total, 1 - level, method="wilson")
    found = dict(zip(("rate", "lower", "upper"), np.array([cases / total, *ends]) * multiplier, strict=True))
    texts = {"statistic": "proportion", "method": f"Wilson score, {words}"}
    return add_results(frame, {**found, "n": total, **texts}, refusal, (numerator, denominator))


def poisson_interval(
    frame: Frame, *, count: str = "count", exposure: str | None = None,
    multiplier: float = 100_000, level: float = 0.95,
) -> Frame:  # fmt: skip
    """The frame with each row's count, or rate per `multiplier` of its exposure, and exact Poisson interval.

    Returns:
        `rate`, `lower`, `upper`; `n` the count; `statistic` "count" or "rate per …"; `method`; `refusal`.
    """
    words, statistic = _named(level, multiplier)
    events, base, refusal = counted(frame, count, exposure)
    scale = multiplier / base if exposure else base
    low, high = rates.confint_poisson(events, 1, method="exact-c", alpha=1 - level)
    found = {"rate": events * scale, "lower": low * scale, "upper": high * scale, "n": events}
    texts = {"statistic": statistic if exposure else "count", "method": f"exact Poisson (Garwood), {words}"}
    return add_results(frame, {**found, **texts}, refusal, (count, exposure or count))


def change_in_counts(
    frame: Frame, *, count_before: str = "count_before", count_after: str = "count_after",
    level: float = 0.95, e_test: bool = True,
) -> Frame:  # fmt: skip
    """The frame with the ratio later/earlier of two Poisson counts, its interval and two p-values.

    The E-test has more power, and takes some hundred times as long as the rest; above 58,000 events in both
    years it is missing, the conditional p-value by then being within 0.002 of it.

    Returns:
        `change` the ratio, `lower`, `upper`; `n` the sum of both counts; `statistic` "ratio"; `method`;
        `refusal`; `p_value` of the conditional exact test and `p_value_e_test`, both two-sided. An earlier
        count of zero has no ratio but keeps its p-values.
    """
    words, _ = _named(level)
    before, _, refusal = counted(frame, count_before)
    after, _, later = counted(frame, count_after)
    refusal = np.where(refusal == "", later, refusal)
    refusal = np.where((refusal == "") & (before + after == 0), "no_events", refusal)
    testable, few = refusal == "", before + after <= _MOST_EVENTS
    refusal = np.where(testable & (before == 0), "earlier_count_zero", refusal)
    # given the sum, the later count is binomial; its odds are the ratio
    earlier = np.where(refusal == "", before, 1.0)
    ends = proportion.proportion_confint(after, earlier + after, alpha=1 - level, method="beta")
    lower, upper = (share / (1 - share) for share in ends)
    found = {"change": after / earlier, "lower": lower, "upper": upper, "n": before + after}
    texts = {"statistic": "ratio", "method": f"conditional exact (Clopper-Pearson), {words}"}
    return add_results(frame, {**found, **texts}, refusal, (count_before, count_after)).assign(
        p_value=_by_row(_conditional_p, testable, before, after),
        p_value_e_test=_by_row(_e_test_p, testable & few & e_test, before, after),
    )


def change_in_proportions(
    frame: Frame, *,
    numerator_before: str = "numerator_before", denominator_before: str = "denominator_before",
    numerator_after: str = "numerator_after", denominator_after: str = "denominator_after",
    level: float = 0.95,
) -> Frame:  # fmt: skip
    """The frame with the difference later − earlier of two proportions, its interval and p-value.

    Returns:
        `change` the difference, 0.05 for five percentage points, `lower`, `upper`; `n` the sum of both
        denominators; `statistic`; `method`; `refusal`; `p_value` of the two-sided score test.
    """
    words, _ = _named(level)
    names = (numerator_before, denominator_before, numerator_after, denominator_after)
    earlier, earlier_total, refusal = counted(frame, *names[:2], share=True)
    later, later_total, other = counted(frame, *names[2:], share=True)
    refusal = np.where(refusal == "", other, refusal)
    pairs = later, later_total, earlier, earlier_total
    # the score interval of statsmodels has no root for many small counts, such as 1/10 against 3/12
    ends = proportion.confint_proportions_2indep(*pairs, method="newcomb", compare="diff", alpha=1 - level)
    change, n = later / later_total - earlier / earlier_total, earlier_total + later_total
    pooled = (earlier + later) / n
    error = np.sqrt(pooled * (1 - pooled) * (1 / earlier_total + 1 / later_total))
    p_value = 2 * norm.sf(np.abs(change) / np.where(error > 0, error, np.inf))
    found = {"change": change, "n": n, "lower": ends[0], "upper": ends[1]}
    texts = {"statistic": "difference of proportions", "method": f"Newcombe score, {words}"}
    return add_results(frame, {**found, **texts, "p_value": p_value}, refusal, names)


def benjamini_hochberg(frame: Frame, *, p_value: str = "p_value") -> Frame:
    """The frame with adjusted p-values: the share of chance to expect among findings as strong or stronger.

    All rows with a p-value are one family of `tests`; for several families, call it on each part.

    Returns:
        `q_value`, the adjusted p-value; `tests`, how many; `q_method`; `q_refusal`.
    """
    given = numbers(frame, p_value)
    outside = (given < 0) | (given > 1)
    check_rows("A p-value lies between 0 and 1", frame, outside, "name the column of p-values.")
    there, adjusted = ~np.isnan(given), given.copy()
    if there.any():
        adjusted[there] = multitest.multipletests(given[there], method="fdr_bh")[1]
    found = {"q_value": adjusted, "tests": float(there.sum()), "q_method": "Benjamini-Hochberg"}
    return add_results(frame, found, np.where(there, "", "p_value_missing"), (p_value,), "q_refusal")


def _named(level: float, multiplier: float = 1) -> tuple[str, str]:
    """A confidence level and a rate in words: "95 %", "rate per 100,000"; an error where they are none."""
    if not 0 < level < 1:
        raise InputError("A confidence level lies between 0 and 1", level, "type 0.95 for 95 %.")
    if not (multiplier > 0 and np.isfinite(multiplier)):
        fix = "type 100_000 for a rate per 100,000."
        raise InputError("The multiplier of a rate is above zero", multiplier, fix)
    return f"{100 * level:.10g} %", f"rate per {multiplier:,.10g}"


def _by_row(test: Callable[..., float], wanted: BoolArray, *columns: FloatArray) -> FloatArray:
    rows = zip(wanted, *columns, strict=True)
    return np.array([test(*row) if there else np.nan for there, *row in rows], dtype=np.float64)


def _conditional_p(before: float, after: float) -> float:
    return float(binomtest(int(after), int(before + after)).pvalue)


def _e_test_p(before: float, after: float) -> float:
    # statsmodels, because scipy.stats.poisson_means_test cuts more of the tails
    mean = (before + after) / 2
    grid = np.arange(max(poisson.ppf(_GRID_TAIL, mean), 0), poisson.isf(_GRID_TAIL, mean) + 1)
    p_value = rates.etest_poisson_2indep(after, 1, before, 1, method="wald", y_grid=grid)[1]
    return min(float(p_value), 1.0)
