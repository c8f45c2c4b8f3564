"""Fair comparison: one city over the years, a city among cities, and the grade of every figure.

It decides what is comparable and says why not; it never ranks, tests or rates a figure of grade C.
"""

from analysis.compare.beside import against, beside, paired, told, widest
from analysis.compare.fair import all_fair, events, fair, others, unit_of
from analysis.compare.neighbours import group, nearest, province_code, residents
from analysis.compare.reconsideration import corrections, outcomes
from analysis.compare.years import backcasts, changes, series, vintages

__all__ = [
    "against", "all_fair", "backcasts", "beside", "changes", "corrections", "events", "fair", "group",
    "nearest", "others", "outcomes", "paired", "province_code", "residents", "series", "told", "unit_of",
    "vintages", "widest",
]  # fmt: skip
