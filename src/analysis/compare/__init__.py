"""Fair comparison: one city over the years, a city among cities, and the grade of every figure.

It decides what is comparable and says why not; it never ranks, tests or rates a figure of grade C.
"""

from analysis.compare.backcasts import OUTCOMES, backcasts
from analysis.compare.beside import beside, widest
from analysis.compare.changes import changes
from analysis.compare.clauses import against_en, against_zh, paired, told
from analysis.compare.corrections import corrections
from analysis.compare.fair import PER_RESIDENTS, fair, kind_of
from analysis.compare.grades import REASONS, grade
from analysis.compare.groups import group
from analysis.compare.levels import latest_with, province_code
from analysis.compare.neighbours import DIMENSIONS, nearest, neighbours
from analysis.compare.outcomes import outcomes
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
    "against_en",
    "against_zh",
    "all_fair",
    "backcasts",
    "beside",
    "changes",
    "corrections",
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
    "outcomes",
    "paired",
    "province_code",
    "residents",
    "series",
    "told",
    "unit_of",
    "vintages",
    "widest",
]
