"""Fair comparison: one city over the years, a city among cities, and the grade of every figure.

It decides what is comparable and says why not; it never ranks, tests or rates a figure of grade C.
"""

from analysis.compare.backcasts import OUTCOMES, backcasts
from analysis.compare.changes import changes
from analysis.compare.fair import PER_RESIDENTS, fair, kind_of
from analysis.compare.grades import REASONS, grade
from analysis.compare.groups import group
from analysis.compare.levels import latest_with, province_code
from analysis.compare.neighbours import DIMENSIONS, nearest, neighbours
from analysis.compare.residents import residents
from analysis.compare.sections import Sections, all_fair
from analysis.compare.vintages import WHY, vintages
from analysis.compare.wording import events_en, events_zh, others_en, others_zh, unit_of
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
    "events_en",
    "events_zh",
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
    "unit_of",
    "vintages",
]
