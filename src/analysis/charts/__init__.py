"""Charts: a frame in, matplotlib Axes out, on seaborn's axes-level functions and matplotlib's own layout.

Every word comes from the frame or an argument, so a chart knows no language. In every chart the column
`text`, where the frame has it, holds words to stand for a number; `role` says which row is the "focus";
`xlabel` says what the axis shows, with its unit; `key` gives words for marks, and those that occur are
explained above; `ax` takes Axes to draw on, else new ones are made of a fitting height. Further calls on the
Axes are welcome.

A frame without a figure gives None, of which a page says in words that there is nothing to show. Refused,
with an `InputError`: a missing column, more than four categories, ranks or limits of what was not found
comparable, a funnel of fewer than ten. Colour never stands alone: a marker, a hatch or a label says the same.
"""

from analysis.charts.among import funnel, ranked, strips
from analysis.charts.amounts import bars, coverage, parts, small, windows
from analysis.charts.times import lines, pairs

__all__ = ["bars", "coverage", "funnel", "lines", "pairs", "parts", "ranked", "small", "strips", "windows"]
