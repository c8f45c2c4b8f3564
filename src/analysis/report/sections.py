"""Which metrics a city shares with others, and on which of them it may be compared.

Computed once a page: the figures, tables and sentences of a page all speak of the same sections.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis import compare
from analysis.compare import CrossSection
from analysis.report.context import Context


def sections(context: Context, domains: Sequence[str] = ()) -> list[CrossSection]:
    """A cross-section of each metric that the city shares with another one, in the order of the catalogue.

    Args:
        context: The page.
        domains: Only metrics of these domains; all when empty.
    """
    return context.once(f"sections {domains}", lambda: _sections(context, domains))


def compared(context: Context, domains: Sequence[str] = ()) -> list[CrossSection]:
    """The metrics on which the city has grade A or B beside at least one other, most reported first."""
    return context.once(f"compared {domains}", lambda: _compared(context, domains))


def _sections(context: Context, domains: Sequence[str]) -> list[CrossSection]:
    city, year = context.edition.city, context.edition.year
    metrics = compare.shared_metrics(context.panel, city, year)
    if domains:
        metrics = [metric for metric in metrics if context.metric(metric).domain in domains]
    return compare.cross_sections(context.panel, tuple(metrics), year, city, context.peers)


def _compared(context: Context, domains: Sequence[str]) -> list[CrossSection]:
    fit = [
        section
        for section in sections(context, domains)
        if section.reporting > 1 and (section.comparable["role"] == "focus").any()
    ]
    return sorted(fit, key=lambda section: -section.reporting)
