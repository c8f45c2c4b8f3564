"""One cross-section as a funnel: who lies further from the common rate than chance and spread explain.

It takes figures of grade A and B only, and of these only exact counts; what stays outside is listed with its
reason. Both kinds of limits are always given, with phi and tau squared; under ten cities the group is called
few. It refuses, in words, groups without two usable cities and metrics that are no counts; it names no best.

Sources: the project's methods, section 2; formulas in `stats.funnel`, `stats.ranks` and `stats.shrinkage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare.cities import PER_RESIDENTS, CrossSection
from analysis.compare.shares import shares
from analysis.errors import DataError
from analysis.panel import Panel
from analysis.stats import LIMIT_COLUMNS, Refusal

FEW = 10
"""Fewer cities than this are called few: a place or a limit among them says little."""
PER_CENT = 100
Kind = Literal["rate", "proportion"]
_CURVE_POINTS = 60
_CURVE_MARGIN = 1.25
_GROUP = ("reference", "phi", "tau_squared")
_SCALED = ("value", "own_lower", "own_upper", *LIMIT_COLUMNS, "reference")
_ENTERING = ["region_code", "role", "grade", "scope", "row", "parts", "count", "exposure"]
_RENAMED = {"value": "count", "residents": "exposure"}
_COUNTED = ["region_code", "role", "grade", "scope", "residents_row", *_RENAMED]
_OF_LIMITS = [*LIMIT_COLUMNS, *_GROUP, "expected", "z", "signal", "plain_signal", "n", "refusal"]
_OWN = {"value": "value", "lower": "own_lower", "upper": "own_upper", "method": "own_method"}
_RANK = {
    **{"value": "rank", "lower": "rank_lower", "upper": "rank_upper"},
    **{"observed_rank": "observed_rank", "p_top_quarter": "p_top_quarter"},
}
_SHRUNK = {"value": "shrunk", "lower": "shrunk_lower", "upper": "shrunk_upper", "weight": "weight"}


@dataclass(frozen=True)
class Funnel:
    """The cities of one cross-section against their common rate or share.

    Attributes:
        metric_id: The metric.
        year: The year.
        scope: The scope that all rows share.
        kind: `rate` (events per 100,000 residents) or `proportion` (cases per hundred).
        rows: One row a city, highest first, refused rows last: region_code, role, grade, scope, row (label of
            the panel, -1 where the share was computed from its counts), parts (labels of all rows it rests
            on), count, exposure (residents, or the denominator), `value`, `own_lower`, `own_upper`,
            `own_method` (exact Poisson or Wilson), `stats.LIMIT_COLUMNS` at its exposure, expected, z,
            `signal` and `plain_signal` ("", "outside 95 %", "outside 99.8 %"), observed_rank, `rank` (median
            place, 1 = highest), rank_lower, rank_upper, p_top_quarter, `shrunk`, shrunk_lower, shrunk_upper,
            weight (for rates only), n and `refusal` (words, where the row has no numbers).
        left_out: Regions of the cross-section that do not enter: region_code, role, row, reasons (codes of
            labels.toml).
        curves: The funnel over a grid: `exposure` and `stats.LIMIT_COLUMNS`; empty when refused.
        reference: The common rate or share, on the scale of `value`.
        reference_kind: `pooled` over the rows, or `nation`: the nation's own figure.
        phi: Mean squared winsorised z-score; about 0.65 by chance alone.
        tau_squared: The variance between cities beyond chance.
        refusal: Why there is no funnel, in English words of `stats.refusals`; empty when there is one.
    """

    metric_id: str
    year: int
    scope: str
    kind: Kind
    rows: pd.DataFrame
    left_out: pd.DataFrame
    curves: pd.DataFrame
    reference: float
    reference_kind: Literal["pooled", "nation"]
    phi: float
    tau_squared: float
    refusal: str

    @cached_property
    def used(self) -> pd.DataFrame:
        """The rows that are neither refused nor left out."""
        return self.rows[self.rows["refusal"] == ""]

    @property
    def few(self) -> bool:
        """Whether there are fewer than ten cities, so that both kinds of limits are only rough."""
        return len(self.used) < FEW


def funnel(panel: Panel, section: CrossSection, nation: bool = False) -> Funnel:
    """A cross-section as a funnel.

    Args:
        panel: The panel the section was made from; the counts behind shares are read from it.
        section: A section over cities or provinces.
        nation: Whether to take the nation's own rate as the common one where it may be compared.

    Raises:
        DataError: A region comes twice or scopes are mixed; the rows are shown.
    """
    metric = panel.catalog.metrics[section.metric_id]
    if section.rated:
        return judge(section, *_counts(section), "rate", _nation(section) if nation else None)
    if metric.measure == "rate" and metric.unit == "%":
        return judge(section, *shares(panel, section), "proportion")
    nothing, out = _counts(section)
    return judge(section, nothing.iloc[:0], out.iloc[:0], "rate", refusal=Refusal.NOT_COUNTS)


def judge(
    section: CrossSection,
    rows: pd.DataFrame,
    left_out: pd.DataFrame,
    kind: Kind,
    reference: float | None = None,
    refusal: Refusal = Refusal.TOO_FEW_UNITS,
) -> Funnel:
    """Counts and exposures with their limits, ranks and shrunken rates.

    Args:
        section: For metric, year and scope.
        rows: One row a region: region_code, role, grade, scope, row, parts, count, exposure.
        left_out: What does not enter, with reasons.
        kind: Whether counts are events per residents or cases of a total.
        reference: The common rate on the scale of the values; pooled from the rows when None.
        refusal: What is said when there is no row at all.

    Raises:
        DataError: A region comes twice or scopes are mixed; the rows are shown.
    """
    _check_scopes(rows)
    found = _rated(rows, reference) if kind == "rate" else _shared(rows)
    found = found.sort_values("value", ascending=False, kind="stable")
    used = found[found["refusal"] == ""]
    common, phi, tau_squared = (float(used[name].iloc[0]) if len(used) else np.nan for name in _GROUP)
    words = "" if len(used) else next(iter(found["refusal"]), stats.label(refusal))
    return Funnel(
        section.metric_id,
        section.year,
        section.scope,
        kind,
        found.drop(columns=list(_GROUP)),
        left_out,
        _curves(used, kind, common, tau_squared),
        common,
        "pooled" if reference is None else "nation",
        phi,
        tau_squared,
        words,
    )


def _counts(section: CrossSection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The exact counts of grade A and B with their residents, and the regions left out with reasons."""
    rows = section.rows
    exact = (rows["qualifier"] == "=") & rows["resolution"].isna()
    fit, left_out, reasons = [], [], []
    facts = zip(rows["role"], rows["grade"], exact, rows["reasons"], strict=True)
    for place, (role, grade, sharp, found) in enumerate(facts):
        if sharp and grade != "C" and role != "context":
            fit.append(place)
        elif role != "context":
            left_out.append(place)
            reasons.append(found if found or sharp else ("not_exact",))
    used, rest = rows[_COUNTED].iloc[fit], rows[["region_code", "role"]].iloc[left_out]
    parts = list(zip(used.index.tolist(), used["residents_row"].tolist(), strict=True))
    used = used.assign(row=used.index, parts=pd.Series(parts, index=used.index, dtype=object))
    rest = rest.assign(row=rest.index, reasons=pd.Series(reasons, index=rest.index, dtype=object))
    return used.rename(columns=_RENAMED)[_ENTERING], rest


def _nation(section: CrossSection) -> float | None:
    """The nation's rate, where it is exact and comparable; None elsewhere."""
    rows = section.rows[(section.rows["region_code"] == "000000") & (section.rows["grade"] != "C")]
    shown = rows.loc[rows["lower"].notna(), "shown"]
    return float(shown.iloc[0]) if len(shown) else None


def _check_scopes(rows: pd.DataFrame) -> None:
    if rows["scope"].nunique() > 1:
        raise DataError(
            "Cities are compared on one scope",
            rows[["region_code", "scope", "count"]].to_string(),
            "choose the rows of one scope before comparing.",
        )


def _rated(rows: pd.DataFrame, reference: float | None) -> pd.DataFrame:
    """The rows with rates per 100,000 residents, limits, ranks and shrunken rates."""
    counts = rows[["region_code", "count", "exposure"]]
    limits = stats.funnel_rates(counts, multiplier=PER_RESIDENTS, reference=reference)
    own = stats.poisson_interval(counts, exposure="exposure", multiplier=PER_RESIDENTS)
    ranks = stats.rank_rates(counts, exposure="exposure")
    shrunk = stats.shrink_rates(counts, multiplier=PER_RESIDENTS)
    return pd.concat([_joined(rows, limits, own, ranks), _named(shrunk, _SHRUNK)], axis=1)


def _shared(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with shares per hundred, limits and ranks; shares are not shrunken."""
    counts = rows.rename(columns={"count": "numerator", "exposure": "denominator"})
    counts = counts[["region_code", "numerator", "denominator"]]
    limits, own = stats.funnel_proportions(counts), stats.wilson_interval(counts)
    found = _joined(rows, limits, own, stats.rank_proportions(counts))
    scaled = {name: found[name] * PER_CENT for name in _SCALED}
    return found.assign(**scaled, **dict.fromkeys(_SHRUNK.values(), np.nan))


def _joined(rows: pd.DataFrame, limits: pd.DataFrame, own: pd.DataFrame, ranks: pd.DataFrame) -> pd.DataFrame:
    parts = [rows, _named(own, _OWN), limits[_OF_LIMITS], _named(ranks, _RANK)]
    return pd.concat(parts, axis=1)


def _named(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Some columns of a frame, by other names."""
    return frame[list(names)].set_axis(list(names.values()), axis=1)


def _curves(used: pd.DataFrame, kind: Kind, reference: float, tau_squared: float) -> pd.DataFrame:
    """The limits over a grid of exposures that holds every row with room at both ends."""
    if used.empty:
        return pd.DataFrame(columns=["exposure", *LIMIT_COLUMNS], dtype=float)
    ends = used["exposure"].min() / _CURVE_MARGIN, used["exposure"].max() * _CURVE_MARGIN
    grid = np.geomspace(*ends, _CURVE_POINTS)
    if kind == "rate":
        limits = stats.rate_limits(grid, reference, tau_squared, PER_RESIDENTS)
    else:
        limits = stats.proportion_limits(grid, reference / PER_CENT, tau_squared) * PER_CENT
    return limits.assign(exposure=grid)[["exposure", *LIMIT_COLUMNS]]
