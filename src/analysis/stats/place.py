"""A region's place among comparable others, with the places that chance leaves open.

Rank 1 is the highest value; it is called neither better nor worse. Refused, in words and as a false value: a
focus that is not among the comparable, and fewer than three comparable figures. Under ten the place is `few`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError, suggest
from analysis.stats.cases import Cases, require

FEW = 3
"""Fewer comparable figures than this give no place."""
FEW_UNITS = 10
"""Fewer than this are few: a place among them says little."""
DRAWS = 10_000
SEED = 20_200_101
_RANGE = (0.025, 0.5, 0.975)


@dataclass(frozen=True)
class Place:
    """Where a region stands; false when refused, with `why` and `why_zh` in words.

    Attributes:
        region_code: The region.
        name: Its name, in the language of the cases.
        rank: Its place by value, 1 = highest; equal values share the smaller. 0 when refused.
        n: How many comparable figures there are, its own included.
        value: Its figure; `lower` and `upper` its interval, NaN where it has none.
        rank_lower: The highest place that chance leaves open (95 %); None without exact counts.
        rank_upper: The lowest such place.
        rank_median: The middle place of the simulation.
        few: Whether there are fewer than ten.
        method: How the range of places was made; empty where there is none.
        rows: The panel's rows that the place rests on.
        why: Why there is no place, in English; empty when there is one.
        why_zh: The same in Chinese.
    """

    region_code: str
    name: str
    rank: int
    n: int
    value: float
    lower: float
    upper: float
    rank_lower: int | None
    rank_upper: int | None
    rank_median: int | None
    few: bool
    method: str
    rows: tuple[int, ...]
    why: str = ""
    why_zh: str = ""

    def __bool__(self) -> bool:
        """Whether there is a place."""
        return not self.why

    @property
    def rank_from_lowest(self) -> int:
        """Its place counted from the lowest value."""
        return self.n + 1 - self.rank if self else 0


def place(cases: Cases, focus: str = "", column: str = "rate", draws: int = DRAWS, seed: int = SEED) -> Place:
    """The place of one region among the comparable cases.

    Args:
        cases: What `compare.fair` returned, perhaps filtered: rows that are not in it take no place.
        focus: A region code or name as in the cases; the focus of the cases when empty.
        column: The column ranked by. Only for `rate` is chance simulated.
        draws: Number of simulated rankings.
        seed: Seed of the simulation; the order of rows does not change the result.

    Returns:
        The place. Each exact rate is drawn from Gamma(O+½)/t, each proportion from Beta(x+½, n−x+½), the
        posteriors under Jeffreys' prior; a figure without exact counts is held fixed.

    Source: Marshall & Spiegelhalter (1998), BMJ 316:1701.

    Raises:
        InputError: Not cases, or no such column.
    """
    cases = require(cases, "a place among others")
    if column not in cases.columns:
        known = [str(name) for name in cases.columns]
        raise InputError(
            "A place is by a column of the cases", column, suggest(column, known, "see columns.")
        )
    own = cases[(cases["region_code"] == (focus or cases.focus)) | (cases["name"] == focus)]
    code = own["region_code"].iloc[0] if len(own) else focus or cases.focus
    name = own["name"].iloc[0] if len(own) else cases.focus_name if code == cases.focus else code
    ranked = cases.comparable.dropna(subset=[column]).sort_values("region_code")
    why = _refusal(cases, ranked, str(code), str(name))
    at = ranked["region_code"] == code
    if why:
        nothing = (0, len(ranked), np.nan, np.nan, np.nan, None, None, None, len(ranked) < FEW_UNITS, "", ())
        return Place(str(code), str(name), *nothing, *why)
    chance = _simulated(ranked, np.flatnonzero(at)[0], draws, seed) if column == "rate" else None
    return Place(
        str(code),
        str(name),
        rank=int(ranked[column].rank(method="min", ascending=False)[at].iloc[0]),
        n=len(ranked),
        value=float(ranked.loc[at, column].iloc[0]),
        lower=float(ranked.loc[at, "lower"].iloc[0]) if column == "rate" else np.nan,
        upper=float(ranked.loc[at, "upper"].iloc[0]) if column == "rate" else np.nan,
        rank_lower=chance and chance[0],
        rank_median=chance and chance[1],
        rank_upper=chance and chance[2],
        few=len(ranked) < FEW_UNITS,
        method=f"simulation, {draws:,} draws, seed {seed}, 95 %" if chance else "",
        rows=tuple(int(row) for row in ranked.index),
    )


def _refusal(cases: Cases, ranked: Cases, code: str, name: str) -> tuple[str, str] | None:
    """Why there is no place, in English and Chinese; None when there is one."""
    if code not in set(cases["region_code"]):
        if code in cases.all_regions:
            return f"{name} was left out of these cases", f"所选范围不含{name}"
        return (
            f"the panel holds no figure of {name} for {cases.year} on {cases.label_en}",
            f"数据集未收录{name}{cases.year}年的{cases.label_zh}",
        )
    if code not in set(ranked["region_code"]):
        own = cases[cases["region_code"] == code].iloc[0]
        text = own["reason_text"] or own["reason"]
        return f"the figure of {name} is not compared: {text}", f"{name}的数字不作比较：{text}"
    if len(ranked) < FEW:
        return (
            f"comparable figures: {len(ranked)}, fewer than the {FEW} that a place needs",
            f"可比数字仅{len(ranked)}个，不足{FEW}个，不排位次",
        )
    return None


def _simulated(ranked: Cases, at: int, draws: int, seed: int) -> tuple[int, int, int] | None:
    """Lower end, median and upper end of the place at a position; None where its counts are not exact."""
    drawn = simulated_rates(ranked, draws, seed)
    if drawn is None or pd.isna(ranked["count"].iloc[at]):
        return None
    # the place in a draw is one more than the number of rates above; no need to order all of them
    places = 1 + (drawn > drawn[:, [at]]).sum(axis=1)
    lower, median, upper = np.quantile(places, _RANGE, method="inverted_cdf")
    return int(lower), int(median), int(upper)


def simulated_rates(ranked: Cases, draws: int, seed: int) -> np.ndarray | None:
    """Rates as chance might have had them, a row a draw; None for figures without a model of chance."""
    if ranked.kind == "figure":
        return None
    count = ranked["count"].to_numpy(dtype=float)
    base = ranked["exposure"].to_numpy(dtype=float)
    exact = ~(np.isnan(count) | np.isnan(base))
    count, base = np.where(exact, count, 0.0), np.where(exact, base, 1.0)
    size, generator = (draws, len(ranked)), np.random.default_rng(seed)
    if ranked.kind == "proportion":
        drawn = generator.beta(count + 0.5, base - count + 0.5, size=size)
    else:
        drawn = generator.gamma(count + 0.5, size=size) / base
    return np.where(exact, drawn * ranked.per, ranked["rate"].to_numpy(dtype=float))
