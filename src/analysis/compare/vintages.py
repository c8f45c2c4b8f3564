"""One fact in several sources, side by side: what each gives, when, which one is used, and why.

The audit judges whether they agree; here stands what the panel makes of them. It never averages sources and
never calls one wrong: later is not truer, only later.
"""

from __future__ import annotations

import pandas as pd

from analysis.compare.grades import behind, first_of
from analysis.panel import FACT, Panel, fact_key

WHY = ("original", "more_reliable", "latest", "listed_first")
"""Why a source is used before the next: not a copy, of a more reliable kind, later, or none of these."""


def vintages(panel: Panel, region: str | None = None, year: int | None = None) -> pd.DataFrame:
    """Every fact that several sources or several releases give: one row a fact and source, as in the panel.

    Returns:
        Observations, indexed by `row`, with `fact` (an id, in the panel's order), `published`, `reliability`;
        `used`, whether the panel picks this source, and `picked` (one of `WHY`): why its fact's picked source
        comes before the next; `low` and `high` of the fact's figures. A fact's rows stand together, the
        earliest published first. A whole area's other names are left out, they are one fact.
    """
    facts = panel.facts(region, year)
    # the whole area goes by several names, which are one fact here as in the audit
    facts = facts.assign(scope_as_reported=fact_key(facts)["scope_as_reported"])
    facts = facts[facts.groupby(FACT)["source_id"].transform("nunique") > 1].rename_axis("row")
    sources = panel.catalog.sources
    facts = facts.assign(
        fact=facts.groupby(FACT, sort=False).ngroup(),
        published=behind(facts["source_id"], sources, "published"),
        reliability=behind(facts["source_id"], sources, "reliability"),
        used=facts.index.isin(panel.pick(facts).index),
        low=facts.groupby(FACT)["value"].transform("min"),
        high=facts.groupby(FACT)["value"].transform("max"),
    )
    facts = facts.assign(picked=facts["fact"].map(_why(panel, facts)).astype("str"))
    return facts.sort_values(["fact", "published"], kind="stable")


def _why(panel: Panel, facts: pd.DataFrame) -> pd.Series:
    """What sets the source in use apart from the one that would be used without it, by fact."""
    first = facts[facts["used"]].set_index("fact")
    chosen = facts["fact"].map(first["source_id"])
    second = panel.pick(facts[facts["source_id"] != chosen]).set_index("fact").reindex(first.index)
    reasons = pd.DataFrame(
        {
            "original": (first["status"] == "U") != (second["status"] == "U"),
            "more_reliable": first["reliability"] != second["reliability"],
            "latest": first["published"] != second["published"],
            "listed_first": True,
        }
    )
    return first_of(reasons)
