"""How the reconsideration cases that a region closed in a year ended, as parts of one whole.

It refuses rounded counts and parts of a year, joins no scopes, and shows no list without most of the cases.
"""

from __future__ import annotations

import pandas as pd

from analysis.compare.fair import SCOPES
from analysis.panel import Panel

DOMAIN = "reconsideration."
KINDS = ("revoked", "modified", "confirmed_illegal", "ordered_to_perform")
"""What a reconsideration organ decides when it corrects the agency."""
ENDED = ("terminated", "mediated_or_withdrawn", "mediated")
"""How a case ends without a decision, the widest group first."""
COLUMNS = ("outcome", "metric_id", "value", "corrects", "closed", "scope", "rows")
"""The columns of `outcomes`; its index is named "row"."""


def outcomes(panel: Panel, region: str, year: int) -> pd.DataFrame:
    """How the cases that a region closed in a year ended, in the widest scope that states both.

    Returns:
        One row an outcome, indexed by `row`, with `COLUMNS`: outcome (a key of that group in
        words.csv), metric_id, value, corrects (whether it is direct correction), closed, scope and rows (its
        own and that of the cases closed). Corrections whose kind is not listed are one, `other_corrections`.
        Empty where no full year's total stands beside two outcomes that make up at least half of it.
    """
    for scope, facts in by_scope(panel, region, year):
        if "closed" not in facts.index:
            continue
        closed, row = float(facts["value"]["closed"]), int(facts["row"]["closed"])
        parts = _parts(facts)
        if len(parts) < 2 or not closed / 2 <= float(parts["value"].sum()) <= closed:
            continue
        parts = parts.reset_index(names="outcome").set_index("row")
        parts = parts.assign(
            corrects=parts["outcome"].isin([*KINDS, "corrections", "other_corrections"]),
            closed=closed,
            scope=scope,
        )
        parts["rows"] = [(int(own), row) for own in parts.index.tolist()]
        return parts[list(COLUMNS)]
    return pd.DataFrame(columns=COLUMNS).rename_axis("row")


def _parts(facts: pd.DataFrame) -> pd.DataFrame:
    """The outcomes that leave no case twice; terminated holds what was settled or withdrawn."""
    ended = [name for name in ENDED if name in facts.index][:1]
    names = [name for name in ("upheld", "rejected", *KINDS) if name in facts.index]
    parts = facts.loc[[*names, *ended]]
    if "corrections" not in facts.index:
        return parts
    kinds = [name for name in KINDS if name in names]
    rest = float(facts["value"]["corrections"]) - float(facts["value"][kinds].sum())
    more = facts.loc[["corrections"]].assign(value=rest)
    more = more.rename(index={"corrections": "other_corrections"}) if kinds else more
    return pd.concat([parts, more]) if rest > 0 else parts


def by_scope(panel: Panel, region: str, year: int) -> list[tuple[str, pd.DataFrame]]:
    """The exact figures of the full year by scope, the widest first, indexed by metric without its domain."""
    names = ["closed", "corrections", "direct_correction_rate", *KINDS, *ENDED, "upheld", "rejected"]
    facts = panel.pick(panel.facts(region, year, [DOMAIN + name for name in names], whole_area=True))
    facts = facts[(facts["period"] == "full") & facts["resolution"].isna() & (facts["qualifier"] == "=")]
    facts = facts.assign(row=facts.index, outcome=facts["metric_id"].str.removeprefix(DOMAIN))
    facts = facts.drop_duplicates(["scope", "outcome"]).set_index("outcome")
    return [(scope, facts[facts["scope"] == scope]) for scope in SCOPES if (facts["scope"] == scope).any()]
