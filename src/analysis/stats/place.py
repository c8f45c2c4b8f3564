"""A region's place among comparable others, with the places that chance leaves open (by simulation).

Places of cities swing with chance; a place without its range claims too much. Place 1 is the highest value,
called neither better nor worse. What is not comparable gets no place and takes none from others. `place`
refuses, in words and as a false value, a focus that is not comparable and fewer than three figures.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.stats.cases import Cases, FloatArray, add_results, require

FEW, FEW_UNITS = 3, 10
"""Fewer comparable figures than the first give no place; among fewer than the second it says little."""
SEED, DRAWS = 20_200_101, 10_000
_RANGE, _QUARTER = (0.025, 0.5, 0.975), 4


@dataclass(frozen=True)
class Place:
    """Where a region stands; false when refused, with `why` and `why_zh` in words.

    `rank` of `n` (1 = highest, equal values share the smaller) is by `value`, with its interval `lower` to
    `upper` (NaN where it has none). Chance leaves `rank_lower` to `rank_upper` open (95 %); None, and no
    `method`, without exact counts. `few`: under ten figures. `rows`: of the panel, on which it rests.
    """

    region_code: str
    name: str
    n: int
    few: bool
    why: str = ""
    why_zh: str = ""
    rank: int = 0
    value: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    rank_lower: int | None = None
    rank_median: int | None = None
    rank_upper: int | None = None
    method: str = ""
    rows: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is a place."""
        return not self.why


def place(cases: Cases, focus: str = "") -> Place:
    """The place of one region (code or name; the focus when empty) among comparable cases by rate."""
    found = ranks(cases)
    focus = focus or cases.focus
    code, name = focus, cases.focus_name if focus == cases.focus else focus
    own = found[(found["region_code"] == focus) | (found["name"] == focus)]
    if len(own):
        code, name = own[["region_code", "name"]].iloc[0]
    ranked = found.dropna(subset=["rank"])
    n, few = len(ranked), len(ranked) < FEW_UNITS
    why, why_zh = _refusal(found, own, n, code, name)
    if why:
        return Place(code, name, n, few, why, why_zh)
    mine = own.iloc[0]
    ends = mine[["rank_lower", "rank_median", "rank_upper"]].dropna()
    told: dict[str, Any] = {str(key): int(end) for key, end in ends.items()}
    told |= {"method": mine["rank_method"] if len(ends) else "", "rows": tuple(ranked.index.tolist())}
    figures = int(mine["rank"]), float(mine["rate"]), float(mine["lower"]), float(mine["upper"])
    return Place(code, name, n, few, "", "", *figures, **told)


def ranks(cases: Cases, seed: int = SEED) -> Cases:
    """The cases with each one's place by `rate`, and the places that chance leaves open.

    Returns:
        `rank` (1 = highest, ties share the smaller), `rank_median`, `rank_lower`, `rank_upper` (missing
        without exact counts), `p_top_quarter` (from four cases on), `units`, `rank_method`, `rank_refusal`.
    """
    cases = require(cases, "a place among others")
    ranked = cases.comparable.dropna(subset=["rate"]).sort_values("region_code")
    found = np.full((6, len(cases)), np.nan)
    at = cases.index.get_indexer(ranked.index)
    found[0, at], found[5, at] = ranked["rate"].astype(float).rank(method="min", ascending=False), len(ranked)
    if ranked.kind != "figure" and len(ranked):
        places = (-_drawn(ranked, seed)).argsort(axis=1).argsort(axis=1) + 1
        exact = ranked[["count", "exposure"]].notna().all(axis=1).to_numpy()
        found[1:4, at] = np.where(exact, np.quantile(places, _RANGE, axis=0, method="inverted_cdf"), np.nan)
        if len(ranked) >= _QUARTER:
            found[4, at] = np.where(exact, (places <= len(ranked) / _QUARTER).mean(axis=0), np.nan)
    names = ("rank", "rank_lower", "rank_median", "rank_upper", "p_top_quarter", "units")
    refusal = np.where(np.isnan(found[0]), "not_comparable", "")
    result: dict[str, Any] = dict(zip(names, found, strict=True))
    result["rank_method"] = f"simulation, {DRAWS:,} draws, seed {seed}, 95 %"
    return add_results(cases, result, refusal, (), "rank_refusal")


def _drawn(ranked: Cases, seed: int) -> FloatArray:
    """Rates as chance might have had them, a row a draw: from the posteriors under Jeffreys' prior.

    These are Gamma(O+½)/t and Beta(x+½, n−x+½); a figure without exact counts is held fixed.
    """
    count, base = ranked["count"].to_numpy(dtype=float), ranked["exposure"].to_numpy(dtype=float)
    exact = ~(np.isnan(count) | np.isnan(base))
    count, base = np.where(exact, count, 0.0), np.where(exact, base, 1.0)
    size, generator = (DRAWS, len(ranked)), np.random.default_rng(seed)
    if ranked.kind == "proportion":
        drawn = generator.beta(count + 0.5, base - count + 0.5, size=size)
    else:
        drawn = generator.gamma(count + 0.5, size=size) / base
    return np.where(exact, drawn * ranked.per, ranked["rate"].to_numpy(dtype=float))


def _refusal(cases: Cases, own: Cases, n: int, code: str, name: str) -> tuple[str, str]:
    if own.empty and code in cases.all_regions:
        return f"{name} was left out of these cases", f"所选范围不含{name}"
    if own.empty:
        english = f"the panel holds no figure of {name} for {cases.year} on {cases.label_en}"
        return english, f"数据集未收录{name}{cases.year}年的{cases.label_zh}"
    if own["rank"].isna().any():
        text = own["reason_text"].iloc[0] or own["reason"].iloc[0]
        english, chinese = f"the figure of {name} is not compared", f"{name}的数字不作比较"
        return (f"{english}: {text}", f"{chinese}：{text}") if text else (english, chinese)
    if n < FEW:
        english = f"comparable figures: {n}, fewer than the {FEW} that a place needs"
        return english, f"可比数字仅{n}个，不足{FEW}个，不排位次"
    return "", ""
