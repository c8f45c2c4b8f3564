"""Fair comparison: one city over the years, a city among cities, and the grade of every figure.

It decides what is comparable and says why not; it never ranks, tests or rates a figure of grade C.
"""

from analysis.compare.backcasts import OUTCOMES, backcasts
from analysis.compare.changes import changes
from analysis.compare.cities import (
    PER_RESIDENTS,
    CrossSection,
    coverage,
    cross_section,
    cross_sections,
    residents,
    shared_metrics,
)
from analysis.compare.funnels import FEW, Funnel, funnel
from analysis.compare.grades import REASONS, bases, grade
from analysis.compare.groups import group
from analysis.compare.neighbours import DIMENSIONS, nearest, neighbours
from analysis.compare.provinces import latest_with, province_of, provinces
from analysis.compare.trends import trends
from analysis.compare.vintages import WHY, vintages
from analysis.compare.years import series

__all__ = [
    "DIMENSIONS",
    "FEW",
    "OUTCOMES",
    "PER_RESIDENTS",
    "REASONS",
    "WHY",
    "CrossSection",
    "Funnel",
    "backcasts",
    "bases",
    "changes",
    "coverage",
    "cross_section",
    "cross_sections",
    "funnel",
    "grade",
    "group",
    "latest_with",
    "nearest",
    "neighbours",
    "province_of",
    "provinces",
    "residents",
    "series",
    "shared_metrics",
    "trends",
    "vintages",
]
