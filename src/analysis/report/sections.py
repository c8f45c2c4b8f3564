"""Which metrics a city shares with others, and on which of them it may be compared.

Computed once a page: the figures, tables and sentences of page 3 all speak of the same sections.
"""

from __future__ import annotations

from analysis import compare
from analysis.compare import CrossSection
from analysis.report.context import Context


def sections(context: Context) -> list[CrossSection]:
    """A cross-section of each metric that the city shares with another one, in the order of the catalogue."""
    return context.once("sections", lambda: _sections(context))


def compared(context: Context) -> list[CrossSection]:
    """The metrics on which the city has grade A or B beside at least one other, most reported first."""
    return context.once("compared", lambda: _compared(context))


def _sections(context: Context) -> list[CrossSection]:
    city, year = context.edition.city, context.edition.year
    metrics = compare.shared_metrics(context.panel, city, year)
    return [compare.cross_section(context.panel, metric, year, city, context.peers) for metric in metrics]


def _compared(context: Context) -> list[CrossSection]:
    fit = [
        section
        for section in sections(context)
        if section.reporting > 1 and (section.comparable["role"] == "focus").any()
    ]
    return sorted(fit, key=lambda section: -section.reporting)
