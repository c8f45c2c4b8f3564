"""What the findings of any field may open with: its largest changes, the city's places, and who kept silent.

It reports no change that rests on a computed earlier figure, and no place without the cities it is among.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from analysis.report.change_tables import step
from analysis.report.context import Context
from analysis.report.places import place
from analysis.report.theme import Theme

_MOST = 2


def highlights(context: Context, theme: Theme) -> dict[str, Any]:
    """What the findings of any field may open with: its largest changes and the city's places.

    The changes are those between reported years without a new rule in between; the places those on the
    metrics that most cities report.
    """
    pairs = theme.changes(context)
    pairs = pairs[pairs["ratio"].notna() & ~pairs["before_derived"].astype(bool)]
    broken = [_broken(context, row) for _, row in pairs.iterrows()]
    pairs = pairs[~pd.Series(broken, index=pairs.index, dtype=bool)]
    ratio = pairs["ratio"].astype(float)
    order = ratio.where(ratio >= 1, 1 / ratio.where(ratio > 0)).sort_values(ascending=False, kind="stable")
    return {
        **theme.head(context),
        "steps": [step(context, pairs.loc[label]) for label in order.index[:_MOST]],
        "places": [place(context, section) for section in theme.compared(context)[:_MOST]],
    }


def _broken(context: Context, row: pd.Series) -> bool:
    """Whether a new rule for the metric began between the two years, so that nothing follows from a ratio."""
    years = context.metric(str(row["metric_id"])).break_years
    return any(row["year_before"] < first <= row["year"] for first in years)


def silence(context: Context, theme: Theme) -> dict[str, Any]:
    """How much of a field only single departments told, and the nearest year that tells of the whole city.

    `departments` counts figures; `nearest` is a year or None.
    """
    facts = theme.facts(context)
    return {
        "departments": int((facts["unit_name"] != "").sum()),
        "nearest": context.once(f"nearest year {theme.domains}", lambda: _nearest(context, theme.domains)),
    }


def _nearest(context: Context, domains: Collection[str]) -> int | None:
    metrics = [key for key, item in context.panel.catalog.metrics.items() if item.domain in domains]
    facts = context.panel.facts(context.edition.city, metrics=metrics, whole_area=True)
    years = set(facts["year"].tolist()) - {context.edition.year}
    return min(years, key=lambda year: (abs(year - context.edition.year), year), default=None)
