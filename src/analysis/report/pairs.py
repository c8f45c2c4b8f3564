"""Pairs of years as a dumbbell chart: the year before, reported or derived from a printed change, and now.

It draws counts only, of neighbouring years: a percentage and a count have no axis in common.
"""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.figures import Chart, changes
from analysis.report.context import Context
from analysis.report.outputs import Prose
from analysis.report.places import LOG_RANGE
from analysis.report.shared import absent, chart_words


def pairs_figure(context: Context, name: str, pairs: pd.DataFrame) -> Chart | Prose:
    """Counts of the edition's year beside the year before; `absent_pairs` where there is none.

    Args:
        context: The page.
        name: The figure's name; its words are `figure_pairs`.
        pairs: Rows of `compare.changes`.
    """
    year = context.edition.year
    fit = _drawable(context, pairs)
    if fit.empty:
        return absent(context, "absent_pairs", year=year)
    numbers = {name: float for name in ("before", "before_lower", "before_upper", "after")}
    frame = fit[[*numbers, "before_derived"]].astype({**numbers, "before_derived": bool})
    frame = frame.assign(label=[context.metric(key).label(context.language) for key in fit["metric_id"]])
    ends = frame[["before", "after"]].to_numpy(dtype=float)
    log = bool(ends.max() > LOG_RANGE * ends.min() > 0)
    drawing = changes(
        frame,
        before_label=words.period("full", year - 1, context.language),
        after_label=words.period("full", year, context.language),
        words=chart_words(context),
        log=log,
    )
    ratios = fit["ratio"].astype(float)
    widest = fit.iloc[int(ratios.argmax())]
    return context.chart(
        name,
        drawing,
        frame.assign(metric_id=fit["metric_id"], scope=fit["scope"], ratio=ratios),
        [int(row) for name in ("row", "row_before") for row in fit[name]],
        words_of="pairs",
        year=year,
        count=len(fit),
        derived=int(frame["before_derived"].sum()),
        rises=int((ratios > 1).sum()),
        label=words.metric_in_sentence(context.metric(str(widest["metric_id"])), context.language),
        ratio=words.significant(float(ratios.max())),
        log=log,
    )


def _drawable(context: Context, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of whole-year counts of the year and the one before, largest first, each metric once."""
    year = context.edition.year
    counts = pairs["metric_id"].map(lambda key: context.metric(key).measure == "count").astype(bool)
    money = pairs["metric_id"].map(lambda key: context.metric(key).unit in ("万元", "亿元")).astype(bool)
    near = (pairs["year"] == year) & (pairs["year_before"] == year - 1) & (pairs["kind"] == "year")
    fit = pairs[counts & ~money & near & pairs["ratio"].notna()]
    return fit.sort_values("after", ascending=False).drop_duplicates("metric_id")
