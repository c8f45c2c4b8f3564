"""Which metrics a city shares with others, and on which of them it may be compared.

Computed once for all pages of a city and year: figures, tables and sentences speak of the same sections.
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
    return _within(context, context.shared("sections", lambda: _sections(context)), domains)


def compared(context: Context, domains: Sequence[str] = ()) -> list[CrossSection]:
    """The metrics on which the city has grade A or B beside at least one other, most reported first."""
    return _within(context, context.shared("compared", lambda: _compared(sections(context))), domains)


def _within(context: Context, found: Sequence[CrossSection], domains: Sequence[str]) -> list[CrossSection]:
    return [item for item in found if not domains or context.metric(item.metric_id).domain in domains]


def _sections(context: Context) -> list[CrossSection]:
    city, year = context.edition.city, context.edition.year
    metrics = compare.shared_metrics(context.panel, city, year)
    return compare.cross_sections(context.panel, tuple(metrics), year, city, context.peers)


def _compared(found: Sequence[CrossSection]) -> list[CrossSection]:
    fit = [section for section in found if section.reporting > 1 and section.has_focus]
    return sorted(fit, key=lambda section: -section.reporting)
