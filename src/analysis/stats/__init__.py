"""Intervals, tests, control limits and ranks: frame in, same frame out, with the result beside the figures.

Each function takes a frame and the names of its columns of counts, and returns a copy with `value`, `lower`,
`upper`, `statistic` (what the value is), `method`, `n` (the cases it rests on; the function says which) and
`refusal` (words, where a row cannot be computed; then no number). The names of the result never change with
the arguments. Thin over scipy and statsmodels. The package refuses percentages that come without counts, and
never fills in a missing figure. A list of the refusals, in English and Chinese, is in `refusals`.
"""

from analysis.stats.cases import Cases
from analysis.stats.changes import change_in_counts, change_in_proportions
from analysis.stats.frames import RESULT_COLUMNS
from analysis.stats.funnel import (
    LIMIT_COLUMNS,
    funnel_proportions,
    funnel_rates,
    proportion_limits,
    rate_limits,
)
from analysis.stats.intervals import poisson_interval, wilson_interval
from analysis.stats.many import benjamini_hochberg
from analysis.stats.overdispersion import Spread, phi_by_chance, spread
from analysis.stats.place import Place, place
from analysis.stats.ranks import rank_proportions, rank_rates
from analysis.stats.refusals import Refusal, in_language, label
from analysis.stats.series import TREND_COLUMNS
from analysis.stats.shrinkage import shrink_rates
from analysis.stats.trend import trend_in_counts, trend_in_proportions

__all__ = [
    "LIMIT_COLUMNS",
    "RESULT_COLUMNS",
    "TREND_COLUMNS",
    "Cases",
    "Place",
    "Refusal",
    "Spread",
    "benjamini_hochberg",
    "change_in_counts",
    "change_in_proportions",
    "funnel_proportions",
    "funnel_rates",
    "in_language",
    "label",
    "phi_by_chance",
    "place",
    "poisson_interval",
    "proportion_limits",
    "rank_proportions",
    "rank_rates",
    "rate_limits",
    "shrink_rates",
    "spread",
    "trend_in_counts",
    "trend_in_proportions",
    "wilson_interval",
]
