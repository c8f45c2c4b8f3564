"""Intervals, tests, control limits and places: frame in, same frame out, with the result beside the figures.

Two figures and intervals take any frame and the names of its columns of counts. Whatever ranks or sets limits
takes `Cases` only, what `compare.fair` found comparable. Each function names its method and `n`; a row that
cannot be computed has no number and the code of a refusal (its words: group `refusal` of words.csv). It
refuses percentages that come without counts, and never fills in a figure. Thin over scipy and statsmodels.
"""

from analysis.stats.cases import Cases, require
from analysis.stats.changes import benjamini_hochberg, change_in_counts, change_in_proportions
from analysis.stats.funnel import LIMITS, funnel, funnel_curve, funnel_limits, separates, spread
from analysis.stats.intervals import poisson_interval, wilson_interval
from analysis.stats.place import FEW, FEW_UNITS, Place, place, ranks

__all__ = [
    "FEW",
    "FEW_UNITS",
    "LIMITS",
    "Cases",
    "Place",
    "benjamini_hochberg",
    "change_in_counts",
    "change_in_proportions",
    "funnel",
    "funnel_curve",
    "funnel_limits",
    "place",
    "poisson_interval",
    "ranks",
    "require",
    "separates",
    "spread",
    "wilson_interval",
]
