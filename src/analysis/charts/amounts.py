"""Figures of one place: amounts, a whole in parts, coverage, what rounding leaves open, small pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from analysis import style
from analysis.charts import layout
from analysis.charts.layout import NO_ENDS, Words
from analysis.errors import InputError
from analysis.style import CONTEXT, EDGE, FOCUS, INK, PAPER, PLUM, RULE, TEAL
from analysis.words import number

_PARTS: dict[str, dict[str, Any]] = {
    "focus": {"facecolor": FOCUS},
    "rest": {"facecolor": PAPER, "edgecolor": EDGE, "hatch": "////"},
    "whole": {"facecolor": EDGE},
}
_WINDOW: dict[str, Any] = {"facecolor": "#D3ECEA", "edgecolor": TEAL, "linewidth": 1}
_POINTS: dict[str, dict[str, Any]] = {
    "inside": {"marker": "D", "color": FOCUS, "markersize": 6.5},
    "outside": {"marker": "X", "color": PLUM, "markersize": 9},
}
_SHADES = LinearSegmentedColormap.from_list("fazhi", ["#F3F5F7", "#9DB6CE", FOCUS])
_MOST_SMALL, _SMALL_EMS = 4, 8.0


def bars(
    frame: pd.DataFrame, x: str = "value", y: str = "name", *, xlabel: str = "", ax: Axes | None = None
) -> Axes | None:
    """Horizontal bars in the frame's order with the number at their end.

    The frame has `x`, an amount, and `y`, its name. Where a `role` is "focus", the other rows are grey.
    """
    layout.needs(frame, "bars", x, y)
    rows = frame.dropna(subset=[x])
    if rows.empty:
        return None
    twice = rows[rows.duplicated(y)]
    if len(twice):
        raise InputError("A bar has one value", str(twice[y].iloc[0]), "drop or add up the rows of one name.")
    ax, drawn = layout.row_axes(rows[y].tolist(), ax, 0.32), layout.records(rows)
    focus = {at for at, row in enumerate(drawn) if row["role"] == "focus"}
    for at, row in enumerate(drawn):
        grey, colour = focus and at not in focus, FOCUS if at in focus else INK
        ax.barh(at, row[x], 0.72, zorder=2, facecolor=CONTEXT if grey else FOCUS, edgecolor=PAPER)
        layout.beside(ax, row[x], at, layout.shown(row[x], row["text"]), colour, 1 if row[x] >= 0 else -1)
    layout.finish(ax, xlabel, focus)
    return ax


def parts(
    frame: pd.DataFrame, value: str = "value", part: str = "part",
    *, whole: float | None = None, whole_label: str = "", rest_label: str = "", xlabel: str = "",
    ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """One whole in parts, each beginning where the one before ends, and what is not itemised, hatched.

    The frame has `value` and `part`, its name. `whole` is the printed whole (else the parts' sum), with a row
    of its own where it has a `whole_label`; what the parts leave of it needs a `rest_label`, "not itemised".
    Shares of the whole stand at the right.
    """
    layout.needs(frame, "parts", value, part)
    rows = frame.dropna(subset=[value])
    if rows.empty or not rows[value].sum():
        return None
    if (rows[value] < 0).any():
        wrong = rows.loc[rows[value] < 0, part].tolist()
        raise InputError("A part of a whole is not below zero", wrong, "leave it out.")
    total = float(rows[value].sum() if whole is None else whole)
    steps = [(row[part], row[value], row["text"], row["role"]) for row in layout.records(rows)]
    left = total - float(rows[value].sum())
    if left > total * 1e-9:
        if not rest_label:
            raise InputError("What parts leave of a whole has a name", number(left), "give rest_label.")
        steps.append((rest_label, left, "", "rest"))
    steps = [(whole_label, total, "", "whole")] * bool(whole_label) + steps
    ax = layout.row_axes([name for name, *_ in steps], ax, 0.34)
    plain = {"facecolor": CONTEXT if any(role == "focus" for *_, role in steps) else FOCUS}
    end = 0.0
    for at, (_, amount, words, role) in enumerate(steps):
        start, end = end, end + amount
        ax.barh(at, amount, left=start, height=0.62, zorder=2, **_PARTS.get(role, plain))
        layout.beside(ax, end, at, layout.shown(amount, words))
        layout.aside(ax, at, f"{number(100 * amount / total, 1)}%")
        end *= role != "whole"
        if end and at + 1 < len(steps):
            ax.plot([end, end], [at - 0.31, at + 1.31], color=EDGE, linewidth=0.8, zorder=1)
    ax.set_xlim(0, max(total, end) * 1.22)  # for the number beside the last bar
    layout.finish(ax, xlabel)
    return ax


def coverage(
    frame: pd.DataFrame, x: str = "year", y: str = "domain", value: str = "facts",
    *, ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """How many figures there are of each pair of `x` and `y`: the number in its field, darker for more.

    The frame has one row or several a field, whose `value` is added up.
    """
    layout.needs(frame, "coverage", x, y, value)
    rows = frame.dropna(subset=[value])
    if rows.empty:
        return None
    table = rows.pivot_table(index=y, columns=x, values=value, aggfunc="sum", fill_value=0, sort=False)
    table = table.sort_index(axis=1)
    ax = layout.row_axes(list(table.index), ax, 0.32)
    names = [name.get_text() for name in ax.get_yticklabels()]
    norm = PowerNorm(0.5, 0, max(float(table.to_numpy().max()), 1.0))
    bare = {"fmt": "", "linecolor": PAPER, "xticklabels": False, "yticklabels": False, "cbar": False}
    sns.heatmap(table, annot=table.map(number), cmap=_SHADES, norm=norm, linewidths=2, ax=ax, **bare)
    for count, note in zip(table.to_numpy().ravel(), ax.texts, strict=True):
        note.set_color(PAPER if norm(count) > 0.66 else "#0B0C0C")
    ax.set(xlabel="", ylabel="")
    ax.set_yticks(np.arange(len(names)) + 0.5, names)
    columns = [style.wrap(str(name), max(4.0, 36 / len(table.columns))) for name in table.columns]
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
    ax.xaxis.tick_top()
    ax.grid(visible=False)
    return ax


def windows(
    frame: pd.DataFrame, lower: str = "lower", upper: str = "upper", point: str = "point",
    label: str = "label",
    *, step: str = "", key: Words = None, xlabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """What rounding leaves open: a window a row, and where a `point` lies; outside, it is a cross in plum.

    With `step`, a column of units such as one step of the last printed digit, rows of unlike units share an
    axis: the distance from the window's middle in steps. `text` stands right of its row; `key` has words for
    window, inside, outside.
    """
    layout.needs(frame, "windows", lower, upper, point, label, step)
    rows = frame.dropna(subset=[lower, upper])
    if rows.empty:
        return None
    if (rows[lower] > rows[upper]).any():
        wrong = rows.loc[rows[lower] > rows[upper], label].tolist()
        raise InputError("A window's lower end is not above its upper", wrong, "swap the two columns.")
    ends = rows[[lower, upper, point]].astype(float)
    if step:
        ends = ends.sub(ends[[lower, upper]].mean(axis=1), axis=0).div(rows[step], axis=0)
    ax = layout.row_axes(rows[label].tolist(), ax, 0.34, key)
    there = set()
    for at, (row, (low, high, spot)) in enumerate(zip(layout.records(rows), ends.to_numpy(), strict=True)):
        found = "" if np.isnan(spot) else "inside" if low <= spot <= high else "outside"
        there.add(found)
        ax.barh(at, high - low, left=low, height=0.5, **_WINDOW)
        ax.plot(spot, at, linestyle="none", zorder=4, **_POINTS.get(found, {}))
        layout.aside(ax, at, row["text"], PLUM if found == "outside" else INK)
    ax.use_sticky_edges = False
    layout.finish(ax, xlabel)
    layout.key(ax, key, {"window": _WINDOW, **_POINTS}, {"window", *there})
    return ax


def small(
    frame: pd.DataFrame, x: str = "value", label: str = "name",
    *, ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """A picture beside a finding, 240 pixels wide: up to four values as named dots, no axes.

    The frame has `x`, `label`, a short name, and perhaps `role`; without it, the first row is in colour.
    """
    layout.needs(frame, "small", x, label)
    rows = frame.dropna(subset=[x])
    if rows.empty:
        return None
    if len(rows) > _MOST_SMALL:
        given = f"{len(rows)} rows"
        raise InputError("A small picture holds four values", given, "keep the rows that matter.")
    lines = [style.wrap(str(name), _SMALL_EMS).count("\n") + 1 for name in rows[label]]
    ax = ax if ax is not None else layout.new_axes(2.5, max(0.94, 0.16 * len(lines) * max(lines) + 0.1))
    layout.row_axes(rows[label].tolist(), ax, 0, ems=_SMALL_EMS)
    for at, row in enumerate(layout.records(rows)):
        role = row["role"] or ("other" if at else "focus")
        ax.hlines(at, 0, row[x], color=RULE, linewidth=1.5, zorder=1)
        edge = layout.dot(ax, at, row[x], NO_ENDS, role, markersize=7.5)
        colour = FOCUS if role == "focus" else INK
        layout.beside(ax, edge, at, layout.shown(row[x], row["text"]), colour)
        ax.get_yticklabels()[at].set_color(colour)
    ax.tick_params(labelbottom=False, labelsize=9, pad=4)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    for note in ax.texts:
        note.set_fontsize(9)
    return ax
