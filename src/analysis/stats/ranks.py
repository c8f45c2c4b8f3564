"""How sure a unit's rank is: median rank, its 95 % range and the chance of the top quarter, by simulation.

Ranks of cities swing with chance; a rank without its range claims too much. Refused: groups without two
usable units, and units with missing or unsound counts, which get no rank and take no place from others.
Rank 1 is the highest value, or the lowest on request; neither is called better.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.stats.frames import add_results, check_frame, check_unique, numbers
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
    proportion_rules,
    refuse_rest,
)

SEED = 20_200_101
DRAWS = 10_000
_RANGE = (0.025, 0.5, 0.975)
_QUARTER = 4
_FEWEST_DRAWS = 1_000
_NUMBER_COLUMNS = ("observed_rank", "p_top_quarter", "units")
Draw = Callable[[np.random.Generator, FloatArray, FloatArray, tuple[int, int]], FloatArray]


def rank_rates(
    frame: pd.DataFrame,
    *,
    unit: str = "region_code",
    count: str = "count",
    exposure: str | None = None,
    highest_first: bool = True,
    seed: int = SEED,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """The frame with each unit's median rank by count or rate, and its 95 % range.

    Args:
        frame: One row a unit, any further columns.
        unit: Column that names the unit, each once.
        count: Column of the events counted.
        exposure: Column of the base of the rate; none to rank the counts themselves.
        highest_first: Whether rank 1 is the highest value.
        seed: Seed of the simulation; the result does not depend on the order of the rows.
        draws: Number of simulated rankings, 1,000 at least.

    Returns:
        `value` the median rank, `lower` and `upper` its 95 % range, whole numbers; `statistic`; `method`; `n`
        the unit's count of events; `refusal`; `observed_rank` (ties share the smaller); `p_top_quarter`, the
        share of draws with rank ≤ units/4, missing for fewer than four units; `units` ranked; `caution`.

    Raises:
        InputError: A column is missing or already there, or too few draws.
        DataError: A unit comes twice, or a figure is not a finite number.

    Source: each rate is drawn from Gamma(O+½)/t, the posterior under Jeffreys' prior; ranks by simulation as
    in Marshall & Spiegelhalter (1998), BMJ 316:1701.
    """
    _check(frame, unit, draws)
    events = numbers(frame, count)
    base = np.ones(len(frame)) if exposure is None else numbers(frame, exposure)
    refusal = first_refusal([*count_rules(events), *exposure_rules(base)], len(frame))
    return _ranked(
        frame,
        unit,
        (events, base),
        refusal,
        _draw_rates,
        n=events,
        highest_first=highest_first,
        seed=seed,
        draws=draws,
    )


def rank_proportions(
    frame: pd.DataFrame,
    *,
    unit: str = "region_code",
    numerator: str = "numerator",
    denominator: str = "denominator",
    highest_first: bool = True,
    seed: int = SEED,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """The frame with each unit's median rank by proportion, and its 95 % range.

    Args:
        frame: One row a unit, any further columns.
        unit: Column that names the unit, each once.
        numerator: Column of the cases counted.
        denominator: Column of all cases.
        highest_first: Whether rank 1 is the highest value.
        seed: Seed of the simulation; the result does not depend on the order of the rows.
        draws: Number of simulated rankings, 1,000 at least.

    Returns:
        As `rank_rates`, with `n` the denominator.

    Raises:
        InputError: A column is missing or already there, or too few draws.
        DataError: A unit comes twice, or a count is not a finite number.

    Source: as `rank_rates`; each proportion is drawn from Beta(x+½, n−x+½).
    """
    _check(frame, unit, draws)
    cases, total = numbers(frame, numerator), numbers(frame, denominator)
    refusal = first_refusal(proportion_rules(cases, total), len(frame))
    return _ranked(
        frame,
        unit,
        (cases, total),
        refusal,
        _draw_proportions,
        n=total,
        highest_first=highest_first,
        seed=seed,
        draws=draws,
    )


def _check(frame: pd.DataFrame, unit: str, draws: int) -> None:
    check_frame(frame, (*_NUMBER_COLUMNS, "caution"))
    check_unique(frame, unit)
    if draws < _FEWEST_DRAWS:
        raise InputError(f"Ranks take {_FEWEST_DRAWS:,} draws at least", draws, f"type draws={DRAWS:_}.")


def _draw_rates(
    generator: np.random.Generator, events: FloatArray, base: FloatArray, size: tuple[int, int]
) -> FloatArray:
    return generator.gamma(events + 0.5, size=size) / base


def _draw_proportions(
    generator: np.random.Generator, cases: FloatArray, total: FloatArray, size: tuple[int, int]
) -> FloatArray:
    return generator.beta(cases + 0.5, total - cases + 0.5, size=size)


def _ranked(
    frame: pd.DataFrame,
    unit: str,
    counts: tuple[FloatArray, FloatArray],
    refusal: Labels,
    draw: Draw,
    *,
    n: FloatArray,
    highest_first: bool,
    seed: int,
    draws: int,
) -> pd.DataFrame:
    if (refusal == "").sum() < FEWEST_UNITS:
        refusal = refuse_rest(refusal, Refusal.TOO_FEW_UNITS)
    sound = np.flatnonzero(refusal == "")
    # drawn in the order of the units' names, so that the order of rows does not change the result
    sound = sound[np.argsort(frame[unit].to_numpy()[sound].astype(str), kind="stable")]
    top, base = np.rint(counts[0][sound]), counts[1][sound]
    units, columns = len(sound), np.full((6, len(frame)), np.nan)
    if units:
        sign = -1.0 if highest_first else 1.0
        drawn = sign * draw(np.random.default_rng(seed), top, base, (draws, units))
        ranks = drawn.argsort(axis=1).argsort(axis=1) + 1
        columns[:3, sound] = np.quantile(ranks, _RANGE, axis=0, method="inverted_cdf")
        columns[3, sound] = pd.Series(sign * top / base).rank(method="min").to_numpy()
        columns[4, sound] = (ranks <= units / _QUARTER).mean(axis=0) if units >= _QUARTER else np.nan
        columns[5, sound] = units
    result = add_results(
        frame,
        estimates=(columns[1], columns[0], columns[2]),
        statistic=f"median rank (1 = {'highest' if highest_first else 'lowest'})",
        method=f"simulation, {draws:,} draws, seed {seed}, 95 %",
        n=n,
        refusal=refusal,
        extra=dict(zip(_NUMBER_COLUMNS, columns[3:], strict=True)),
    ).astype({"observed_rank": "Int64", "units": "Int64"})
    result["caution"] = cautions(refusal, [Refusal.FEW_UNITS] if units < FEW_UNITS else [])
    return result
