"""Back-casts: the figure of the year before that a printed change implies, beside what that year reported.

prior = current / (1 + g), with g as either rounding rule may have printed it. A reported figure outside both
intervals says that change and figure do not go together as printed; scope, period or a revision may have
changed between the reports, so it says no more. It refuses spans of several years, and writes nothing to the
panel.

Source: the project's methods, section 3.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.audit.facts import Fact, read, timespan
from analysis.compare.grades import areas
from analysis.panel import Panel
from analysis.quantity import HUNDRED, Rounding, prior_value

OUTCOMES = ("inside", "outside", "open", "unreported")
"""Where the reported figure lies: in an interval, in none, not to be told, or there is none."""
METHOD = "back-cast, half-up"
_PLACE = ["region_code", "unit_name", "year", "time", "group"]
_NAMES = [
    *("region_code", "unit_name", "metric_id", "scope", "scope_as_reported"),
    *("period", "year_before", "year", "source_id"),
]
_NUMBERS = ["current", "change", "implied", "lower", "upper", "cut_lower", "cut_upper", "reported", "gives"]


def backcasts(panel: Panel, region: str | None = None, year: int | None = None) -> pd.DataFrame:
    """Printed changes with the figure of the year before that they imply: one row a figure and its change.

    Returns:
        The figure's region_code, unit_name, metric_id, scope, scope_as_reported, period, year_before, year
        and source_id; `current` and `change` (per cent) as printed; `implied`, the middle; `lower` and
        `upper`, the whole numbers that a change rounded half up leaves open, `cut_lower` and `cut_upper`
        those of a truncated one; `reported`, the year before's own figure (NaN when none), and `gives`, the
        change in per cent that it would give; `outcome` (one of `OUTCOMES`); `method`, `n` (printed figures
        it rests on); `rows` (labels of the panel: the figure, its change and, where reported, the year
        before).
    """
    identities = panel.identities
    pairs = [(pair.level, pair.change) for pair in identities.changes]
    facts = panel.facts(region, metrics=sorted({name for pair in pairs for name in pair}))
    facts = facts.assign(
        row=facts.index,
        fact=pd.Series(read(facts, identities.continuous), index=facts.index, dtype=object),
        time=[timespan(period) for period in facts["period"]],
        group=areas(facts),
    )
    # of years and their first months the year before is known, of spans of years it is not
    facts = facts[(facts["time"] == "year") | facts["period"].str.startswith("ytd-")]
    # two figures for one metric in one source do not say which of them the change is of
    alone = facts[~facts.duplicated([*_PLACE, "source_id", "metric_id"], keep=False)]
    given = alone[[*_PLACE, "source_id", "metric_id", "row", "fact"]].rename(columns={"metric_id": "of"})
    found = alone.merge(pd.DataFrame(pairs, columns=["metric_id", "of"]), on="metric_id")
    found = found.merge(given, on=[*_PLACE, "source_id", "of"], suffixes=("", "_of"))
    found = panel.pick(found[(found["year"] == year) | (year is None)])
    prior = panel.pick(facts).drop_duplicates([*_PLACE, "metric_id"])[[*_PLACE, "metric_id", "row", "fact"]]
    prior = prior.assign(year=prior["year"] + 1)
    found = found.merge(prior, on=[*_PLACE, "metric_id"], how="left", suffixes=("", "_before"))
    told = [_told(row["fact"], row["fact_of"], row["fact_before"]) for _, row in found.iterrows()]
    labels = found[["row", "row_of", "row_before"]].itertuples(index=False, name=None)
    found = found.join(pd.DataFrame(told, index=found.index, columns=[*_NUMBERS, "outcome"])).assign(
        year_before=found["year"] - 1,
        method=METHOD,
        n=2 + found["row_before"].notna(),
        rows=pd.Series([tuple(int(row) for row in three if pd.notna(row)) for three in labels], dtype=object),
    )
    columns = [*_NAMES, *_NUMBERS, "outcome", "method", "n", "rows"]
    found = found.loc[found["implied"].notna(), columns].reset_index(drop=True)
    return found.astype(dict.fromkeys(_NUMBERS, float))


def _told(level: Fact, change: Fact, prior: Fact | float) -> tuple[float | str, ...]:
    """The numbers and outcome of one row; NaN where the words beside the figures leave nothing to compute."""
    if not (change.plain and level.interval.bounded and change.interval.lower > -HUNDRED):
        return (*[np.nan] * len(_NUMBERS), "open")
    rules = (Rounding.HALF_UP, Rounding.TRUNCATION)
    rounded, cut = (prior_value(level.interval, change.printed, change.step, rule) for rule in rules)
    ends = [float(end) for bounds in (rounded, cut) for end in bounds.outer_integers()]
    middle = float(round(level.printed / (1 + change.printed / HUNDRED)))
    first = (float(level.printed), float(change.printed), middle, *ends)
    if not isinstance(prior, Fact):
        return (*first, np.nan, np.nan, "unreported")
    either = rounded.hull(cut)
    fits = "inside" if prior.interval.within(either) and level.plain else "open"
    outcome = fits if prior.interval.meets(either) else "outside" if prior.label == level.label else "open"
    gives = float((level.printed / prior.printed - 1) * HUNDRED) if prior.printed else np.nan
    return (*first, float(prior.printed), round(gives, 2), outcome)
