"""A city among others: in order, on several metrics at once, and within funnel limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from adjustText import adjust_text
from matplotlib.axes import Axes

from analysis import style
from analysis.charts import layout
from analysis.charts.layout import MARKS, NO_ENDS, Ends, Words
from analysis.errors import InputError
from analysis.stats.cases import Cases, require
from analysis.stats.place import FEW_UNITS
from analysis.style import CONTEXT, EDGE, FOCUS, INK

_MOST_NAMED = 6


def ranked(
    cases: Cases, x: str = "rate", interval: Ends = ("lower", "upper"), label: str = "name",
    *, key: Words = None, xlabel: str = "", most: int = 25, ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
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
    names = dict(zip(places, rows[label], strict=True)) | dict(zip(below, above[label], strict=True))
    names |= {place: f"… {(places == place).sum()} …" for place in places[hidden]}
    ax = layout.row_axes(list(names.values()), ax, 0.29, key, list(names))
    drawn = layout.records(pd.concat([rows, above]))
    for row, at, few in zip(drawn, [*places, *below], [*hidden, *[False] * len(above)], strict=True):
        if few:
            layout.dot(ax, at, row[x], NO_ENDS, row["role"], markersize=4)
        else:
            right = layout.dot(ax, at, row[x], (row[interval[0]], row[interval[1]]), row["role"])
            layout.beside(ax, right, at, layout.shown(row[x], row["text"]), _colour(row))
    if len(above):
        ax.axhline(places[-1] + 0.65, color=CONTEXT, linewidth=0.9)
    if 0 < rows[x].min() < rows[x].max() / 2:
        ax.set_xlim(left=0)
    layout.finish(ax, xlabel, set(places[rows["role"] == "focus"]))
    layout.key(ax, key, MARKS, [row["role"] for row in drawn])
    return ax


def _places(focus: npt.NDArray[np.bool_], most: int) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.bool_]]:
    """The row of each unit, and whether it shares a row of unnamed dots with its neighbours."""
    order, at = np.arange(len(focus)), np.flatnonzero(focus)
    named = (order < most // 4) | (order >= len(focus) - most // 4) | (len(focus) <= most)
    for place in at:
        named |= np.abs(order - place) <= most // 6
    # one alone would save no room
    hidden = ~named & (np.roll(~named, 1) | np.roll(~named, -1))
    return np.cumsum(~hidden | ~np.roll(hidden, 1)) - 1, hidden


def strips(
    frame: pd.DataFrame, x: str = "position", y: str = "metric",
    *, reference: float | None = None, log: bool = False, key: Words = None, xlabel: str = "",
    ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
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
    order = list(dict.fromkeys(rows[y]))
    ax = layout.row_axes(order, ax, 0.36, key)
    ax.set_xscale("log" if log else "linear")
    ax.grid(visible=True, axis="y")
    looks: dict[str, dict[str, Any]] = {
        "focus": MARKS["focus"] | {"marker": "D", "markersize": 8.5},
        "other": MARKS["peer"] | {"markeredgecolor": EDGE},
        "reference": {"linestyle": "-", "color": INK, "linewidth": 0.9},
    }
    if reference is not None:
        ax.axvline(reference, zorder=1, **looks["reference"])
    for role, some in rows.groupby(rows["role"].where(rows["role"] == "focus", "other")):
        ax.plot(some[x], some[y].map(order.index), linestyle="none", zorder=4, **looks[str(role)])
    for row in layout.records(rows[rows["role"] == "focus"]):
        layout.aside(ax, order.index(row[y]), row["text"], FOCUS)
    layout.finish(ax, xlabel)
    layout.key(ax, key, looks, looks if reference is not None else ["focus", "other"])
    return ax


def funnel(
    cases: Cases, curve: pd.DataFrame | None = None, label: str = "name",
    *, key: Words = None, xlabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """Rates against their exposure between limits at 95 % and 99.8 %; names of the focus and of outliers.

    It takes what `stats.funnel` returned and `stats.funnel_curve` of it, and refuses fewer than ten rows with
    limits. The limits allow for the spread between units. `key` has words for the roles, limits, outer,
    reference.
    """
    cases = require(cases, "a funnel")
    inner, outer = ([f"{side}_{tail}" for side in ("low", "high")] for tail in ("95", "998"))
    layout.needs(cases, "funnel", label, "reference", *inner, *outer)
    rows = pd.DataFrame(cases.comparable.dropna(subset=["exposure", "rate", *inner]))
    if rows.empty:
        return None
    if len(rows) < FEW_UNITS:
        fix = "draw charts.ranked, and say that the units are few."
        raise InputError(f"A funnel needs {FEW_UNITS} comparable units", f"{len(rows)}", fix)
    ax = ax if ax is not None else layout.new_axes(layout.WIDTH, 4.2)
    looks: dict[str, dict[str, Any]] = {
        "limits": {"linestyle": "-", "color": EDGE, "linewidth": 1.1},
        "outer": {"linestyle": (0, (4, 2)), "color": EDGE, "linewidth": 1.1},
        "reference": {"linestyle": "-", "color": INK, "linewidth": 0.9},
    }
    bounds = (rows if curve is None else curve).sort_values("exposure")
    ax.plot(bounds["exposure"], bounds[inner], zorder=1, **looks["limits"])
    ax.plot(bounds["exposure"], bounds[outer], zorder=1, **looks["outer"])
    ax.axhline(rows["reference"].iloc[0], zorder=1, **looks["reference"])
    for row in layout.records(rows):
        layout.dot(ax, row["rate"], row["exposure"], NO_ENDS, row["role"])
    layout.finish(ax, xlabel)
    ax.yaxis.set_major_formatter(layout.tick)
    layout.key(ax, key, {**MARKS, **looks}, [*rows["role"], *looks])
    _name_outliers(ax, rows, inner, label)
    return ax


def _name_outliers(ax: Axes, rows: pd.DataFrame, limits: list[str], label: str) -> None:
    """Names of the focus and of the units furthest outside the limits, moved off dots and each other."""
    beyond = pd.concat([rows[limits[0]] - rows["rate"], rows["rate"] - rows[limits[1]]], axis=1).max(axis=1)
    named = rows[(beyond > 0) & (beyond.rank(ascending=False) <= _MOST_NAMED) | (rows["role"] == "focus")]
    names = [
        ax.text(row["exposure"], row["rate"], style.wrap(row[label], 12), color=_colour(row), zorder=5)
        for row in layout.records(named)
    ]
    ax.margins(0.08)
    spots, arrows = (rows[name].tolist() for name in ("exposure", "rate")), {"arrowstyle": "-", "color": EDGE}
    # steps, not seconds, end the search: the same picture on a slow machine
    adjust_text(names, *spots, ax=ax, iter_lim=300, expand=(1.25, 1.8), arrowprops=arrows)


def _colour(row: Mapping[str, Any]) -> str:
    return FOCUS if row["role"] == "focus" else INK
