"""The direct correction rate of administrative reconsideration: from its counts, or as printed.

Direct means by the organ's own decision: revoked, modified, confirmed illegal, ordered to perform. Refused: a
rate whose kind is not named (纠错率 alone may add self-corrections), kinds listed in part, rounded counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare.outcomes import DOMAIN, KINDS, by_scope
from analysis.panel import Panel

COLUMNS = (
    "region_code",
    "name",
    "year",
    "scope",
    "rate",
    "lower",
    "upper",
    "method",
    "n",
    "corrected",
    "made",
    "rows",
)
"""The columns of `corrections`; its index is named "row"."""
_PER_CENT = 100
_NEAR = 0.1
"""How far, in percentage points, counts may lie from the rate that is printed for them."""


def corrections(panel: Panel, region: str, year: int, back: int = 0) -> pd.DataFrame:
    """The direct correction rate of a region in a year, in the widest scope that gives one.

    Args:
        panel: The panel.
        region: A region code.
        year: The year.
        back: How many years before it may stand in, the latest first, unless the rules changed in between.

    Returns:
        One row or none, with `COLUMNS`, indexed by `row`. `rate`, `lower` and `upper` in per cent. `made` is
        "counts" (corrected of n closed, with a Wilson interval) or "printed" (no interval, `n` missing).
    """
    breaks = panel.catalog.metrics[DOMAIN + "direct_correction_rate"].break_years
    years = [
        then for then in range(year, year - back - 1, -1) if not any(then < rule <= year for rule in breaks)
    ]
    found = [frame for then in years if len(frame := _rate(panel, region, then))]
    return found[0] if found else pd.DataFrame(columns=COLUMNS).rename_axis("row")


def _rate(panel: Panel, region: str, year: int) -> pd.DataFrame:
    """The direct correction rate of one year, one row or none."""
    for scope, facts in by_scope(panel, region, year):
        counts, printed = _counts(facts), "direct_correction_rate"
        if counts is None and printed not in facts.index:
            continue
        same: dict[str, Any] = {
            "region_code": region,
            "name": panel.name(region),
            "year": year,
            "scope": scope,
        }
        if counts:
            corrected, closed, rows = counts
            base = pd.DataFrame({"numerator": [corrected], "denominator": [closed]})
            found = stats.wilson_interval(base, multiplier=_PER_CENT).iloc[0].to_dict()
            numbers = {name: found[name] for name in ("rate", "lower", "upper", "method")}
            row = {**same, **numbers, "n": closed, "corrected": corrected, "made": "counts", "rows": rows}
        else:
            rows = (int(facts["row"][printed]),)
            nothing = dict.fromkeys(("lower", "upper", "n", "corrected"), np.nan)
            rate = float(facts["value"][printed])
            row = {**same, "rate": rate, **nothing, "method": "", "made": "printed", "rows": rows}
        return pd.DataFrame([row], index=[rows[0]], columns=COLUMNS).rename_axis("row")
    return pd.DataFrame(columns=COLUMNS).rename_axis("row")


def _counts(facts: pd.DataFrame) -> tuple[int, int, tuple[int, ...]] | None:
    """Cases corrected, cases closed and the rows that say so; None where they are not all there."""
    value = facts["value"]
    kinds, closed = [name for name in KINDS if name in value], float(value.get("closed", 0))
    listed = value[value.index.isin([*KINDS, "upheld", "rejected", "terminated"])].sum()
    printed: Any = value.get("direct_correction_rate")
    # a stated total goes before the kinds, of which a report may list some
    for names in (["corrections"], kinds):
        if not closed or not names or not set(names) <= set(value.index):
            continue
        corrected = float(value[names].sum())
        complete = names == ["corrections"] or len(names) == len(KINDS) or listed == closed
        near = printed is not None and abs(100 * corrected / closed - printed) <= _NEAR
        if corrected <= closed and (near or (complete and printed is None)):
            rows = [*names, "closed", *(["direct_correction_rate"] if near else [])]
            return int(corrected), int(closed), tuple(int(row) for row in facts.loc[rows, "row"])
        if names == ["corrections"] and printed is None:
            return None
    return None
