"""Intervals for one figure: a proportion (Wilson) and a count or rate (exact Poisson, Garwood).

The figures are complete registers; an interval describes the chance variation of the process from year to
year. Refused: counts that are missing, negative or not whole, and bases that are missing or zero. Such rows
get a code (see `frames`), never a number.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped,unused-ignore]

from analysis.stats import frames
from analysis.stats.frames import Frame


def wilson_interval(
    frame: Frame, *, numerator: str = "numerator", denominator: str = "denominator",
    multiplier: float = 1, level: float = 0.95,
) -> Frame:  # fmt: skip
    """The frame with the proportion of its two columns and its Wilson score interval.

    `multiplier` is 1 for the scale 0 to 1, 100 for per cent.

    Returns:
        `rate`, `lower`, `upper`; `statistic` "proportion"; `method`; `n` the denominator; `refusal`.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22:209, as in `statsmodels.stats.proportion`.
    """
    words, _ = frames.check_level(level), frames.check_multiplier(multiplier)
    cases, total = frames.numbers(frame, numerator), frames.numbers(frame, denominator)
    refusal = frames.first_refusal(frames.proportion_rules(cases, total), len(frame))
    sound = refusal == ""
    cases, total = np.where(sound, np.rint(cases), 0.0), np.where(sound, np.rint(total), 1.0)
    lower, upper = (np.asarray(x) for x in proportion_confint(cases, total, 1 - level, method="wilson"))
    figures = {"rate": cases / total, "lower": lower, "upper": upper}
    figures = {name: values * multiplier for name, values in figures.items()} | {"n": total}
    texts = {"statistic": "proportion", "method": f"Wilson score, {words}"}
    return frames.add_results(frame, figures, texts, ("refusal", refusal), (numerator, denominator))


def poisson_interval(
    frame: Frame, *, count: str = "count", exposure: str | None = None,
    multiplier: float = 100_000, level: float = 0.95,
) -> Frame:  # fmt: skip
    """The frame with each row's count, or rate per `multiplier` of its exposure, and exact Poisson interval.

    Returns:
        `rate` (the count where there is no base), `lower`, `upper`; `statistic` "count" or e.g. "rate per
        100,000"; `method`; `n` the count of events; `refusal`.

    Source: Garwood (1936), Biometrika 28:437.
    """
    words, statistic = frames.check_level(level), frames.check_multiplier(multiplier)
    events = frames.numbers(frame, count)
    base = np.ones(len(frame)) if exposure is None else frames.numbers(frame, exposure)
    refusal = frames.first_refusal([*frames.count_rules(events), *frames.exposure_rules(base)], len(frame))
    sound, tail = refusal == "", (1 - level) / 2
    events = np.where(sound, np.rint(events), 0.0)
    scale = 1.0 if exposure is None else multiplier / np.where(sound, base, 1.0)
    # the chi-squared law with no degrees of freedom is undefined, so a count of 0 is set aside
    lower = np.where(events > 0, chi2.ppf(tail, 2 * np.maximum(events, 1)) / 2, 0.0)
    upper = np.asarray(chi2.ppf(1 - tail, 2 * events + 2) / 2)
    figures = {"rate": events * scale, "lower": lower * scale, "upper": upper * scale, "n": events}
    texts = {"statistic": statistic if exposure else "count", "method": f"exact Poisson (Garwood), {words}"}
    return frames.add_results(frame, figures, texts, ("refusal", refusal), (count, exposure or count))
