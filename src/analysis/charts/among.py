"""A city among others: in order, on several metrics at once, and within funnel limits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn as sns
from adjustText import adjust_text
from matplotlib.axes import Axes

from analysis.charts import layout
from analysis.charts.layout import MARKS, NO_ENDS, Ends, Words
from analysis.errors import InputError
from analysis.stats.cases import Cases, require
from analysis.style import CONTEXT, EDGE, FOCUS, INK, RULE

FEWEST_IN_FUNNEL = 10
_MOST_NAMED = 8


def ranked(
    cases: Cases,
    x: str = "rate",
    interval: Ends = ("lower", "upper"),
    label: str = "name",
    *,
    key: Words = None,
    xlabel: str = "",
    most: int = 25,
    ax: Axes | None = None,
) -> Axes | None:
    """Dots in order, highest first, with intervals; the focus in colour, province and nation apart below.

    It takes what `compare.fair` returned, filtered or not, and ranks its comparable rows by `x`. Of more than
    `most` rows, names stand at both ends and round the focus; the others share a row of small dots. `key` has
    words for focus, peer, other, context.
    """
    cases = require(cases, "a ranked chart")
    layout.needs(cases, "ranked", x, label, *interval)
    rows = pd.DataFrame(cases.comparable.dropna(subset=[x]).sort_values(x, ascending=False, kind="stable"))
    if rows.empty:
        return None
    above = pd.DataFrame(cases.context.dropna(subset=[x]))
    places, hidden = _places(rows["role"].eq("focus").to_numpy(bool), most)
    below = places[-1] + 1.3 + np.arange(len(above))
    names = _names(rows[label].tolist(), places, hidden) | dict(zip(below, above[label], strict=True))
    drawn = pd.concat([rows, above]).assign(at=[*places, *below], hidden=[*hidden, *[False] * len(above)])
    ax = layout.row_axes(names, ax, key=key)
    for row in drawn.to_dict("records"):
        if row["hidden"]:
            layout.dot(ax, row["at"], row[x], NO_ENDS, str(row["role"]), markersize=4)
            continue
        right = layout.dot(ax, row["at"], row[x], (row[interval[0]], row[interval[1]]), str(row["role"]))
        colour = FOCUS if row["role"] == "focus" else INK
        layout.beside(ax, right, row["at"], layout.shown(row[x], row.get("text")), colour)
    if len(above):
        ax.axhline(places[-1] + 0.65, color=CONTEXT, linewidth=0.9)
    if 0 < drawn[x].min() < drawn[x].max() / 2:
        ax.set_xlim(left=0)
    layout.name_rows(ax, names, xlabel, set(drawn.loc[drawn["role"] == "focus", "at"]))
    layout.key(ax, layout.marks(key, MARKS, drawn["role"]))
    return ax


def _places(focus: npt.NDArray[np.bool_], most: int) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.bool_]]:
    """The row of each unit, and whether it shares a row of unnamed dots with its neighbours."""
    order, at = np.arange(len(focus)), np.flatnonzero(focus)
    near = np.abs(order - at[0]) <= most // 6 if len(at) else np.zeros(len(focus), bool)
    ends = (order < most // 4) | (order >= len(focus) - most // 4)
    hidden = ~(ends | near) if len(focus) > most else np.zeros(len(focus), bool)
    # one alone would save no room
    hidden &= np.roll(hidden, 1) | np.roll(hidden, -1)
    return np.cumsum(~hidden | ~np.roll(hidden, 1)) - 1, hidden


def _names(names: list[str], places: npt.NDArray[np.int_], hidden: npt.NDArray[np.bool_]) -> dict[float, str]:
    """The name of each row; a row of unnamed dots says how many they are."""
    counts = np.bincount(places)
    rows = zip(names, places, hidden, strict=True)
    return {float(place): f"… {counts[place]} …" if dots else name for name, place, dots in rows}


def strips(
    frame: pd.DataFrame,
    x: str = "position",
    y: str = "metric",
    *,
    reference: float | None = None,
    log: bool = False,
    key: Words = None,
    xlabel: str = "",
    ax: Axes | None = None,
) -> Axes | None:
    """One row a metric: the city among others, whose dots are grey.

    The frame has one row a metric and city: `x`, a position that metrics share (a multiple of the median, a z
    score), `y`, the metric's name, and `role`; the focus' `text` stands right of its row. Positions are read
    from the line at `reference`; where the axis is `log`, what is not above zero is left out. `key` has words
    for focus, other, reference.
    """
    layout.needs(frame, "strips", x, y, "role")
    rows = frame[frame[x].gt(0 if log else -np.inf)]
    if rows.empty:
        return None
    order = {name: float(place) for place, name in enumerate(dict.fromkeys(rows[y]))}
    ax = layout.row_axes({place: name for name, place in order.items()}, ax, 0.36, key)
    ax.set_xscale("log" if log else "linear")
    ax.hlines(
        list(order.values()), 0, 1, transform=ax.get_yaxis_transform(), color=RULE, linewidth=0.9, zorder=0
    )
    looks = {
        "focus": MARKS["focus"] | {"marker": "D", "markersize": 8.5},
        "other": MARKS["peer"] | {"markeredgecolor": EDGE},
        "reference": {"linestyle": "-", "color": INK, "linewidth": 0.9},
    }
    if reference is not None:
        ax.axvline(reference, zorder=1, **looks["reference"])
    mine, others = rows[rows["role"] == "focus"], rows[rows["role"] != "focus"]
    spots = {"x": others[x].to_numpy(float), "y": others[y].map(order).to_numpy(float)}
    sns.scatterplot(spots, x="x", y="y", color=CONTEXT, edgecolor=EDGE, s=55, alpha=0.8, zorder=2, ax=ax)
    for row, words in zip(mine.to_dict("records"), layout.texts(mine), strict=True):
        layout.dot(ax, order[row[y]], row[x], NO_ENDS, "focus", **looks["focus"])
        layout.aside(ax, order[row[y]], words, FOCUS)
    layout.name_rows(ax, {place: name for name, place in order.items()}, xlabel)
    there = [name for name in looks if name != "reference" or reference is not None]
    layout.key(ax, layout.marks(key, looks, there))
    return ax


def funnel(
    cases: Cases,
    x: str = "exposure",
    y: str = "rate",
    limits: Ends = ("limit_lower", "limit_upper"),
    outer: Ends = ("limit_lower_998", "limit_upper_998"),
    label: str = "name",
    *,
    curve: pd.DataFrame | None = None,
    reference: float | None = None,
    key: Words = None,
    xlabel: str = "",
    ylabel: str = "",
    ax: Axes | None = None,
) -> Axes | None:
    """Rates against their base between 95 % (`limits`) and 99.8 % limits (`outer`); names of those outside.

    It takes what `compare.fair` returned with columns of limits, and refuses fewer than ten comparable rows.
    `curve` may hold the limits at more bases, in the same columns; the common rate is a line at `reference`.
    `key` has words for the roles, limits, outer.
    """
    cases = require(cases, "a funnel")
    layout.needs(cases, "funnel", x, y, label, *limits, *outer)
    rows = pd.DataFrame(cases.comparable.dropna(subset=[x, y, *limits]))
    if rows.empty:
        return None
    if len(rows) < FEWEST_IN_FUNNEL:
        fix = "draw charts.ranked, and say that the units are few."
        raise InputError(f"A funnel needs {FEWEST_IN_FUNNEL} comparable units", f"{len(rows)}", fix)
    ax = ax if ax is not None else layout.new_axes(layout.WIDTH, 4.2)
    bounds = (rows if curve is None else curve).sort_values(x)
    looks = {"limits": {"linestyle": "-"}, "outer": {"linestyle": (0, (4, 2))}}
    looks = {name: look | {"color": EDGE, "linewidth": 1.1} for name, look in looks.items()}
    for column, name in zip((*limits, *outer), ("limits", "limits", "outer", "outer"), strict=True):
        ax.plot(bounds[x], bounds[column], zorder=1, **looks[name])
    if reference is not None:
        ax.axhline(reference, color=INK, linewidth=0.9, zorder=1)
    for row in rows.to_dict("records"):
        layout.dot(ax, row[y], row[x], NO_ENDS, str(row["role"]))
    ax.set(xlabel=xlabel, title=ylabel, ylabel="")
    layout.plain_numbers(ax)
    layout.key(ax, layout.marks(key, MARKS | looks, [*rows["role"], *looks]))
    _name_outliers(ax, rows, x, y, limits, label)
    return ax


def _name_outliers(ax: Axes, rows: pd.DataFrame, x: str, y: str, limits: Ends, label: str) -> None:
    """Names of the focus and of the units furthest outside the limits, moved off dots and each other."""
    beyond = np.maximum(rows[limits[0]] - rows[y], rows[y] - rows[limits[1]])
    named = rows[(beyond > 0) & (beyond.rank(ascending=False) <= _MOST_NAMED) | (rows["role"] == "focus")]
    names = [
        ax.text(row[x], row[y], str(row[label]), color=FOCUS if row["role"] == "focus" else INK, zorder=5)
        for row in named.to_dict("records")
    ]
    ax.margins(0.08)
    arrows = {"arrowstyle": "-", "color": EDGE, "linewidth": 0.7}
    # steps, not seconds, end the search: the same picture on a slow machine
    adjust_text(
        names, rows[x].tolist(), rows[y].tolist(), ax=ax, iter_lim=100, expand=(1.15, 1.5), arrowprops=arrows
    )
