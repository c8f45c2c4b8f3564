"""Intervals, tests, control limits and places: frame in, same frame out, with the result beside the figures.

Intervals take any frame and the names of its columns of counts; what ranks or sets limits takes `Cases` only,
what `compare.fair` found comparable. Each names its method and `n`; a row that cannot be computed has no
number and the code of a refusal (group `refusal` of words.csv). Percentages without counts are refused.
"""

from analysis.stats.cases import Cases, require
from analysis.stats.funnel import LIMITS, funnel, funnel_curve, funnel_limits, separates, spread
from analysis.stats.intervals import (
    benjamini_hochberg,
    change_in_counts,
    change_in_proportions,
    poisson_interval,
    wilson_interval,
)
from analysis.stats.place import FEW, FEW_UNITS, Place, place, ranks

__all__ = ["FEW", "FEW_UNITS", "LIMITS", "Cases", "Place", "benjamini_hochberg", "change_in_counts"]
__all__ += ["change_in_proportions", "funnel", "funnel_curve", "funnel_limits", "place", "poisson_interval"]
__all__ += ["ranks", "require", "separates", "spread", "wilson_interval"]
