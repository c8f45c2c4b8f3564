"""How reconsideration cases ended, and the direct correction rate: from its counts, or as printed.

Direct means by the organ's own decision: revoked, modified, confirmed illegal, ordered to perform. Refused: a
rate whose kind is not named (纠错率 alone may add self-corrections), kinds listed in part, rounded counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis import stats
from analysis.compare.fair import SCOPES
from analysis.panel import Panel

KINDS = ("revoked", "modified", "confirmed_illegal", "ordered_to_perform")
"""What a reconsideration organ decides when it corrects the agency."""
ENDED = ("terminated", "mediated_or_withdrawn", "mediated")
"""How a case ends without a decision, the widest group first."""
OUTCOME_COLUMNS = ("outcome", "metric_id", "value", "corrects", "closed", "scope", "rows")
"""The columns of `outcomes`; its index is named "row"."""
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
_DOMAIN = "reconsideration."
_NEAR = 0.1
"""How far, in percentage points, counts may lie from the rate that is printed for them."""


def outcomes(panel: Panel, region: str, year: int) -> pd.DataFrame:
    """How the cases that a region closed in a year ended, in the widest scope that states both.

    Returns:
        One row an outcome, indexed by `row`, with `OUTCOME_COLUMNS`: outcome (a key of that group in
        words.csv), metric_id, value, corrects (whether it is direct correction), closed, scope and rows (its
        own and that of the cases closed). Corrections whose kind is not listed are one, `other_corrections`.
        Empty where no full year's total stands beside two outcomes that make up at least half of it.
    """
    for scope, facts in _by_scope(panel, region, year):
        if "closed" not in facts.index:
            continue
        total = facts.loc["closed"]
        parts = _parts(facts)
        if len(parts) < 2 or not total["value"] / 2 <= parts["value"].sum() <= total["value"]:
            continue
        parts = parts.reset_index(names="outcome").set_index("row")
        return parts.assign(
            corrects=parts["outcome"].isin([*KINDS, "corrections", "other_corrections"]),
            closed=total["value"],
            scope=scope,
            rows=[(int(row), int(total["row"])) for row in parts.index],
        )[list(OUTCOME_COLUMNS)]
    return pd.DataFrame(columns=OUTCOME_COLUMNS).rename_axis("row")


def _parts(facts: pd.DataFrame) -> pd.DataFrame:
    """The outcomes that leave no case twice; terminated holds what was settled or withdrawn."""
    ended = [name for name in ENDED if name in facts.index][:1]
    names = [name for name in ("upheld", "rejected", *KINDS) if name in facts.index]
    parts = facts.loc[[*names, *ended]]
    if "corrections" not in facts.index:
        return parts
    kinds = [name for name in KINDS if name in names]
    rest = facts.loc["corrections", "value"] - facts.loc[kinds, "value"].sum()
    more = facts.loc[["corrections"]].assign(value=rest)
    return (
        pd.concat([parts, more.rename(index={"corrections": "other_corrections"} if kinds else {})])
        if rest > 0
        else parts
    )


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
    breaks = panel.catalog.metrics[_DOMAIN + "direct_correction_rate"].break_years
    years = [
        then for then in range(year, year - back - 1, -1) if not any(then < rule <= year for rule in breaks)
    ]
    found = [frame for then in years if len(frame := _rate(panel, region, then))]
    return found[0] if found else pd.DataFrame(columns=COLUMNS).rename_axis("row")


def _rate(panel: Panel, region: str, year: int) -> pd.DataFrame:
    """The direct correction rate of one year, one row or none."""
    for scope, facts in _by_scope(panel, region, year):
        counts = _counts(facts)
        if counts:
            corrected, closed, rows = counts
            found = stats.wilson_interval(
                pd.DataFrame({"numerator": [corrected], "denominator": [closed]})
            ).iloc[0]
            rate, lower, upper = 100 * corrected / closed, 100 * found["lower"], 100 * found["upper"]
            row = (rate, lower, upper, found["method"], closed, corrected, "counts", rows)
        elif "direct_correction_rate" in facts.index:
            printed = facts.loc["direct_correction_rate"]
            row = (printed["value"], np.nan, np.nan, "", np.nan, np.nan, "printed", (int(printed["row"]),))
        else:
            continue
        name = panel.name(region)
        return pd.DataFrame(
            [(region, name, year, scope, *row)], index=[row[-1][0]], columns=COLUMNS
        ).rename_axis("row")
    return pd.DataFrame(columns=COLUMNS).rename_axis("row")


def _by_scope(panel: Panel, region: str, year: int) -> list[tuple[str, pd.DataFrame]]:
    """The exact figures of the full year by scope, the widest first, indexed by metric without its domain."""
    names = ["closed", "corrections", "direct_correction_rate", *KINDS, *ENDED, "upheld", "rejected"]
    facts = panel.pick(panel.facts(region, year, [_DOMAIN + name for name in names], whole_area=True))
    facts = facts[(facts["period"] == "full") & facts["resolution"].isna() & (facts["qualifier"] == "=")]
    facts = facts.assign(row=facts.index, outcome=facts["metric_id"].str.removeprefix(_DOMAIN))
    facts = facts.drop_duplicates(["scope", "outcome"]).set_index("outcome")
    return [(scope, facts[facts["scope"] == scope]) for scope in SCOPES if (facts["scope"] == scope).any()]


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
