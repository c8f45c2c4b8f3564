"""The city's own figures by metric, and counts per residents: what pages about a field of work compute with.

Figures of single departments are left out, since they say nothing of the whole; a part of the year is taken
only where the caller says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis import compare, stats, words
from analysis.compare import PER_RESIDENTS
from analysis.report import records
from analysis.report.context import Context

_WHOLE = ("full", "year_end", "cumulative")


def by_metric(
    context: Context,
    metrics: Sequence[str],
    scopes: Sequence[str] = ("whole",),
    part_year: bool = False,
) -> dict[str, pd.Series]:
    """The city's picked figure of each metric it reports, in the order of the metrics.

    Args:
        context: The page.
        metrics: Metric ids.
        scopes: The scopes that count, the wanted one first; a metric has one figure at most.
        part_year: Whether a figure for a part of the year counts too.
    """
    order = {scope: place for place, scope in enumerate(scopes)}
    rows = context.shared("own rows", lambda: _own_rows(context.facts()))
    found = {}
    for metric in metrics:
        fit = [
            row for row in rows.get(metric, ()) if row["scope"] in order and (part_year or not _is_part(row))
        ]
        if fit:
            found[metric] = min(fit, key=lambda row: (_is_part(row), order[row["scope"]]))
    return found


def _own_rows(facts: pd.DataFrame) -> dict[str, list[pd.Series]]:
    return records.by_metric(facts[facts["unit_name"] == ""])


def _is_part(row: pd.Series) -> bool:
    """Whether a figure is for a part of the year."""
    period = str(row["period"])
    return period not in _WHOLE and not period.startswith("at-")


def exact(row: pd.Series) -> bool:
    """Whether a figure is a whole count that was neither rounded nor qualified."""
    return bool(row["qualifier"] == "=" and pd.isna(row["resolution"]) and row["value"] % 1 == 0)


def per_residents(context: Context, rows: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Counts of the city per 100,000 residents, indexed by metric id.

    Returns the columns count, rate, lower, upper (exact Poisson, 95 %, for exact counts only; NaN where the
    population is unknown), row and residents_row (labels in the panel, -1 for none).
    """
    known = compare.residents(context.panel, context.edition.year).reindex([context.edition.city]).iloc[0]
    frame = pd.DataFrame(
        {
            "count": [float(row["value"]) for row in rows.values()],
            "exact": [exact(row) for row in rows.values()],
            "residents": float(known["residents"]),
            "row": [int(str(row.name)) for row in rows.values()],
            "residents_row": -1 if pd.isna(known["residents_row"]) else int(known["residents_row"]),
        },
        index=list(rows),
    )
    counts = frame.assign(count=frame["count"].where(frame["exact"]))
    limits = stats.poisson_interval(counts, exposure="residents", multiplier=PER_RESIDENTS)
    return pd.DataFrame(
        {
            "count": frame["count"],
            "rate": frame["count"] / frame["residents"] * PER_RESIDENTS,
            "lower": limits["lower"],
            "upper": limits["upper"],
            "row": frame["row"],
            "residents_row": frame["residents_row"],
        }
    )


def rate_words(context: Context, row: pd.Series) -> str:
    """A row of `per_residents` in words: 233 per 100,000 (230–237); empty where no rate is known."""
    if pd.isna(row["rate"]):
        return ""
    interval = words.interval(row["lower"], row["upper"], context.language)
    space = " " if context.language == "en" else ""
    bracket = space + words.bracketed(interval, context.language) if interval else ""
    return context.label("word", "rate_short").format(rate=words.significant(row["rate"])) + bracket
