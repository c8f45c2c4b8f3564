"""Figures: drawing functions over generic frames, one look, and one way to save them with their words.

The package knows nothing of reports, metrics or cities and loads no data: frames and words arrive ready,
in the edition's language. It refuses to draw a value that is not there, and to save a figure without its
source.
"""

from analysis.figures.bar import bars
from analysis.figures.chart import FIGURE_MIME, Chart, ChartText, save_figure
from analysis.figures.coverage import coverage_matrix
from analysis.figures.dumbbell import changes
from analysis.figures.funnels import funnel
from analysis.figures.inputs import NumberFormat, Words, plain_number, tick_number
from analysis.figures.marks import mark_rows
from analysis.figures.multiples import small_multiples
from analysis.figures.ranked import ranked_dots
from analysis.figures.stacked import composition
from analysis.figures.strip import strips
from analysis.figures.theme import new_figure, themed
from analysis.figures.waterfall import waterfall
from analysis.figures.windows import rate_windows

__all__ = [
    "FIGURE_MIME",
    "Chart",
    "ChartText",
    "NumberFormat",
    "Words",
    "bars",
    "changes",
    "composition",
    "coverage_matrix",
    "funnel",
    "mark_rows",
    "new_figure",
    "plain_number",
    "ranked_dots",
    "rate_windows",
    "save_figure",
    "small_multiples",
    "strips",
    "themed",
    "tick_number",
    "waterfall",
]
