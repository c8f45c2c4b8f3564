"""Fair comparison: one city over the years, a city among cities, and the grade of every figure.

It decides what is comparable and says why not; it never ranks, tests or rates a figure of grade C.
"""

from analysis.compare.backcasts import OUTCOMES, backcasts
from analysis.compare.changes import changes
from analysis.compare.fair import PER_RESIDENTS, Sections, all_fair, fair, kind_of, others_en, others_zh
from analysis.compare.grades import REASONS, grade
from analysis.compare.groups import group
from analysis.compare.levels import latest_with, province_code
from analysis.compare.neighbours import DIMENSIONS, nearest, neighbours
from analysis.compare.residents import residents
from analysis.compare.vintages import WHY, vintages
from analysis.compare.years import series

__all__ = [
    "DIMENSIONS",
    "OUTCOMES",
    "PER_RESIDENTS",
    "REASONS",
    "WHY",
    "Sections",
    "all_fair",
    "backcasts",
    "changes",
    "fair",
    "grade",
    "group",
    "kind_of",
    "latest_with",
    "nearest",
    "neighbours",
    "others_en",
    "others_zh",
    "province_code",
    "residents",
    "series",
    "vintages",
]
