"""One fact in several sources, side by side: what each gives, when, which one is used, and why.

The audit judges whether they agree; here stands what the panel makes of them. It never averages sources and
never calls one wrong: later is not truer, only later.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from analysis import audit
from analysis.panel import FACT, RELIABILITY, Panel

WHY = ("original", "more_reliable", "latest", "listed_first")
"""Why a source is used before the next: not a copy, of a more reliable kind, later, or none of these."""
Key = tuple[Any, ...]
_COLUMNS = [
    *FACT,
    *("sources", "published", "values", "rows", "picked", "picked_row", "why"),
    *("low", "high", "gap", "verdict", "reason", "n"),
]


def vintages(panel: Panel, region: str | None = None, year: int | None = None) -> pd.DataFrame:
    """Every fact that several sources or several releases give: one row a fact, in the panel's order.

    Args:
        panel: The panel.
        region: A region code; all when None.
        year: The year of the facts; all when None.

    Returns:
        The columns of a fact (`panel.FACT`; a whole area's other names are left out); `sources` (ids),
        `published`, `values` (as printed) and `rows` (labels of the panel), tuples in order of publication;
        `picked`, the source in use, `picked_row` and `why` (one of `WHY`); `low`, `high` and `gap`;
        `verdict`, `reason` and `n` of the audit's check of sources.
    """
    facts = panel.facts(region, year)
    published = facts["source_id"].map({key: item.published for key, item in panel.catalog.sources.items()})
    # the whole area goes by several names, which are one fact here as in the audit
    label = facts["scope_as_reported"].where(facts["scope"] != "whole", "")
    facts = facts.assign(published=published, scope_as_reported=label)
    facts = facts[facts.groupby(FACT, sort=False)["source_id"].transform("nunique") > 1]
    picked = panel.pick(facts)
    chosen = facts[FACT].merge(picked[[*FACT, "source_id"]], on=FACT)["source_id"].to_numpy()
    others = panel.pick(facts[facts["source_id"].to_numpy() != chosen])
    seconds = dict(zip(_keys(others), others.to_dict("records"), strict=True))
    told = dict(iter(facts.groupby(FACT, sort=False)))
    findings = _findings(panel, facts)
    rows = [
        {**_sources(told[key]), **_use(panel, row, seconds[key]), **findings[(*key[:-1], _parts(told[key]))]}
        for key, (_, row) in zip(_keys(picked), picked.iterrows(), strict=True)
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _keys(facts: pd.DataFrame) -> list[Key]:
    return list(facts[FACT].itertuples(index=False, name=None))


def _sources(told: pd.DataFrame) -> dict[str, object]:
    """What the sources of one fact give, the earliest first."""
    told = told.sort_values("published", kind="stable")
    return {
        "sources": tuple(told["source_id"]),
        "published": tuple(told["published"]),
        "values": tuple(told["printed"]),
        "rows": tuple(int(label) for label in told.index),
    }


def _use(panel: Panel, picked: pd.Series, second: dict[Any, Any]) -> dict[str, object]:
    """The source in use and what sets it apart from the one that would be used without it."""
    sources = panel.catalog.sources
    first, other = sources[str(picked["source_id"])], sources[str(second["source_id"])]
    if (picked["status"] == "U") != (second["status"] == "U"):
        why = "original"
    elif RELIABILITY.index(first.reliability) != RELIABILITY.index(other.reliability):
        why = "more_reliable"
    else:
        why = "latest" if first.published != other.published else "listed_first"
    found = {"picked": picked["source_id"], "picked_row": int(str(picked.name)), "why": why}
    return {**{name: picked[name] for name in FACT}, **found}


def _findings(panel: Panel, facts: pd.DataFrame) -> dict[Key, dict[str, object]]:
    """The audit's findings by place and by what the sources print."""
    found = audit.same_facts(facts, panel.identities).to_dict("records")
    return {
        tuple(row[name] for name in (*FACT[:-1], "parts")): {
            **{name: row["numbers"][name] for name in ("low", "high", "gap")},
            **{name: row[name] for name in ("verdict", "reason", "n")},
        }
        for row in found
    }


def _parts(told: pd.DataFrame) -> str:
    """The sources of one fact as the audit lists them."""
    pairs = zip(told["source_id"], told["printed"], strict=True)
    return "; ".join(f"{source}={Decimal(printed):f}" for source, printed in pairs)
