"""Charts: a frame in, matplotlib Axes out, on seaborn's axes-level functions and matplotlib's own layout.

Every word comes from the frame or an argument: `text` for a number, `key` for the marks that a chart lists; a
frame without a figure gives None. `ax` are Axes to draw on. What would mislead is refused.
"""

from analysis.charts.rows import bars, pairs, parts, ranked, small, strips, windows
from analysis.charts.scales import coverage, funnel, lines

__all__ = ["bars", "coverage", "funnel", "lines", "pairs", "parts", "ranked", "small", "strips", "windows"]
