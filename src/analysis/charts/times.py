"""One thing at several times or places: pairs, ratios, and values over years."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis import style
from analysis.charts import layout
from analysis.charts.layout import MARKS, NO_ENDS, Ends, Words
from analysis.errors import InputError
from analysis.style import CONTEXT, FOCUS, INK, PAPER

_OPEN: dict[str, Any] = {"marker": "o", "color": PAPER, "markeredgecolor": FOCUS, "markeredgewidth": 1.6}
_MARKERS = ("o", "s", "D", "^")
_DASHED: dict[str, Any] = {"color": INK, "linewidth": 0.9, "linestyle": (0, (4, 3)), "zorder": 1}


def pairs(
    frame: pd.DataFrame, left: str = "left", right: str = "right", label: str = "name",
    *, interval: Ends | None = None, key: Words = None, xlabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """Two values a row, an open dot and a filled one.

    The frame has `left` and `right` in one unit; both of `interval` are round the right value; `text` stands
    right of its row. `key` has words for left, right.
    """
    layout.needs(frame, "pairs", left, right, label, *(interval or ()))
    rows = frame.dropna(subset=[right])
    if rows.empty:
        return None
    ax = layout.row_axes(rows[label].tolist(), ax, 0.33, key)
    for at, row in enumerate(layout.records(rows)):
        ends = (row[interval[0]], row[interval[1]]) if interval else NO_ENDS
        _pair(ax, at, float(row[left]), float(row[right]), ends)
        layout.aside(ax, at, row["text"])
    ax.margins(x=0.18)  # for the numbers beside the outermost dots
    layout.finish(ax, xlabel)
    looks = {"left": MARKS["other"], "right": MARKS["focus"]}
    layout.key(ax, key, looks, looks)
    return ax


def _pair(ax: Axes, at: float, left: float, right: float, ends: tuple[float, float]) -> None:
    """One row of `pairs`; the numbers stand outside of the two dots."""
    side = -1 if left > right else 1
    edge = layout.dot(ax, at, right, ends, "focus", markersize=8.5)
    edge = edge if side > 0 else float(np.nanmin([right, ends[0]]))
    layout.beside(ax, edge, at, layout.shown(right), FOCUS, side)
    if not np.isnan(left):
        ax.plot([left, right], [at, at], color=CONTEXT, linewidth=2, zorder=2)
        layout.dot(ax, at, left, NO_ENDS, "other")
        layout.beside(ax, left, at, layout.shown(left), side=-side)


def lines(
    frame: pd.DataFrame, x: str = "year", y: str = "value", hue: str = "",
    *, interval: Ends = ("lower", "upper"), key: Words = None, ylabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """Values over years: no line crosses a missing year or a break, and a back-cast is an open dot.

    The frame has one row a year, or a year and category of `hue`, whose lines are named at their end. Used
    where it has them: both of `interval`; `break`, words where a value cannot be joined to the one before it,
    else empty; `backcast`, whether a value was worked out from a later report. `key` has words for value,
    backcast.
    """
    layout.needs(frame, "lines", x, y, hue)
    rows = _pieces(frame.dropna(subset=[x, y]), x, hue)
    if rows.empty:
        return None
    groups = rows["_group"].unique().tolist()
    if len(groups) > len(style.COLOURS):
        rule = f"charts.lines tells at most {len(style.COLOURS)} categories apart"
        raise InputError(rule, ", ".join(groups), "keep those that matter, or draw one chart each.")
    ax = ax if ax is not None else layout.new_axes(layout.WIDTH, (3.3 if hue else 2.6) + 0.3 * bool(key))
    colours, markers = (dict(zip(groups, looks, strict=False)) for looks in (style.COLOURS, _MARKERS))
    sns.lineplot(
        rows, x=x, y=y, hue="_group", style="_group", units="_piece", estimator=None, palette=colours, ax=ax,
        markers=markers, dashes=False, markeredgecolor="none", legend=False,
    )  # fmt: skip
    for row in layout.records(rows):
        top, colour = row[y], colours[row["_group"]]
        if not np.isnan(ends := [row.get(name, np.nan) for name in interval]).any():
            top = max(top, ends[1])
            ax.plot([row[x]] * 2, ends, color=colour, linewidth=1.4, marker="_", markersize=8, zorder=2)
        if row["_backcast"]:
            look = _OPEN | {"markeredgecolor": colour, "marker": markers[row["_group"]]}
            ax.plot(row[x], row[y], zorder=4, **look)
        if row["text"] or not hue:
            words = layout.shown(row[y], row["text"])
            layout.note(ax, words, (row[x], top), (0, 7), ha="center", va="bottom", zorder=5)
    _axes_of_years(ax, rows, x)
    _breaks(ax, rows[rows["_break"] != ""].drop_duplicates(subset=[x]), x, ylabel)
    if hue:
        _name_lines(ax, rows, y, colours)
    looks = {"value": {"marker": "o", "color": FOCUS, "linestyle": "-"}, "backcast": _OPEN}
    layout.key(ax, key, looks, looks if rows["_backcast"].any() else ["value"])
    return ax


def _pieces(rows: pd.DataFrame, x: str, hue: str) -> pd.DataFrame:
    """The rows by group and year, with the unbroken piece of line that each belongs to."""
    groups = rows[hue].astype(str) if hue else pd.Series("", rows.index)
    order = {name: place for place, name in enumerate(dict.fromkeys(groups))}
    rows = rows.assign(_group=groups, _order=groups.map(order)).sort_values(["_order", x], kind="stable")
    words = rows["break"].fillna("").astype(str) if "break" in rows else pd.Series("", rows.index)
    guessed = rows["backcast"].eq(True) if "backcast" in rows else pd.Series(False, rows.index)
    new = rows["_order"].diff().ne(0) | rows[x].diff().gt(1) | words.ne("") | guessed.ne(guessed.shift())
    return rows.assign(_piece=new.cumsum(), _break=words, _backcast=guessed)


def _axes_of_years(ax: Axes, rows: pd.DataFrame, x: str) -> None:
    """Whole years below; values from zero up, unless one is below it, with room above."""
    ax.set_xlim(rows[x].min() - 0.5, rows[x].max() + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12, min_n_ticks=1))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.yaxis.set_major_formatter(layout.tick)
    ax.grid(visible=False, axis="x")
    bottom, top = min(0.0, ax.dataLim.y0 * 1.1), ax.dataLim.y1
    # a share of the whole axis: of 41 to 45 alone it would be too little for a dot and its number
    ax.set_ylim(bottom, top + 0.16 * ((top - bottom) or 1.0))


def _breaks(ax: Axes, broken: pd.DataFrame, x: str, ylabel: str) -> None:
    """A dashed line before each value that cannot be joined to an earlier one, its reason above the Axes."""
    above = [style.wrap(words, 12) for words in broken["_break"]]
    for year, words in zip(broken[x], above, strict=True):
        ax.axvline(year - 0.5, **_DASHED)
        frame = ("data", "axes fraction")
        layout.note(ax, words, (year - 0.5, 1), (0, 6), xycoords=frame, ha="center", va="bottom")
    tall = max((words.count("\n") + 1 for words in above), default=0)
    ax.set(xlabel="", ylabel="")
    ax.set_title(style.wrap(ylabel, 40), fontsize=10, color=INK, pad=8 + 15 * tall)


def _name_lines(ax: Axes, rows: pd.DataFrame, y: str, colours: dict[str, str]) -> None:
    """The last value and the name of each line at the right, spread so that none covers another."""
    low, high = ax.get_ylim()
    line, free, ems = 0.085 * (high - low), -np.inf, 12.0
    for row in layout.records(rows.groupby("_group", sort=False).tail(1).sort_values(y)):
        words, colour = f"{layout.shown(row[y])} {row['_group']}", colours[row["_group"]]
        half = line * (style.wrap(words, ems).count("\n") + 1) / 2
        place = max(row[y], free + half)
        free = place + half
        layout.aside(ax, place, words, colour if colour in style.TEXT_COLOURS else INK, ems)
