"""Figures of one place: amounts, a whole in parts, coverage, what rounding leaves open, small pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.patches import Patch

from analysis import style
from analysis.charts import layout
from analysis.charts.layout import NO_ENDS, Ends, Words
from analysis.errors import InputError
from analysis.style import CONTEXT, EDGE, FOCUS, INK, PAPER, PLUM, RULE, TEAL
from analysis.words import number

_HATCHES = ("", "////", "....", "xxxx")
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
_MOST_SMALL = 4


def bars(
    frame: pd.DataFrame,
    x: str = "value",
    y: str = "name",
    hue: str = "",
    *,
    xlabel: str = "",
    ax: Axes | None = None,
) -> Axes | None:
    """Horizontal bars in the frame's order with the number at their end.

    The frame has `x`, an amount, `y`, its name, and for `hue` at most four categories, told apart by colour
    and hatch. Without `hue`, a row whose `role` is "focus" is in colour and the others are grey.
    """
    layout.needs(frame, "bars", x, y, hue)
    rows = frame.dropna(subset=[x])
    if rows.empty:
        return None
    twice = rows[rows.duplicated([name for name in (y, hue) if name])]
    if len(twice):
        raise InputError("A bar has one value", str(twice[y].iloc[0]), "drop or add up the rows of one name.")
    groups = layout.categories(rows, hue, "bars") if hue else [""]
    order = list(dict.fromkeys(rows[y]))
    names = {float(place): str(name) for place, name in enumerate(order)}
    ax = layout.row_axes(names, ax, 0.32 if len(groups) == 1 else 0.25 * len(groups) + 0.12, hue)
    focus = {
        float(order.index(name)) for name in (rows.loc[rows["role"] == "focus", y] if "role" in rows else [])
    }
    colours = dict(zip(groups, style.COLOURS, strict=False))
    step = 0.72 / len(groups)
    shade = (
        {"hue": hue, "hue_order": groups, "palette": colours}
        if hue
        else {"color": CONTEXT if focus else FOCUS}
    )
    sns.barplot(
        rows, x=x, y=y, order=order, errorbar=None, saturation=1, width=0.72, legend=False, ax=ax, **shade
    )
    for hatch, bunch in zip(_HATCHES, ax.containers, strict=False):
        for place, patch in enumerate(bunch):
            patch.set(
                hatch=hatch, edgecolor=PAPER, **({"facecolor": FOCUS} if place in focus and not hue else {})
            )
    for row, words in zip(rows.to_dict("records"), layout.texts(rows), strict=True):
        shift = (groups.index(row[hue]) - (len(groups) - 1) / 2) * step if hue else 0.0
        at, side = order.index(row[y]) + shift, 1 if row[x] >= 0 else -1
        layout.beside(ax, row[x], at, layout.shown(row[x], words), FOCUS if at in focus else INK, side)
    layout.name_rows(ax, names, xlabel, focus)
    patches = [
        Patch(facecolor=colours[group], edgecolor=PAPER, hatch=hatch, label=str(group))
        for group, hatch in zip(groups, _HATCHES, strict=False)
    ]
    layout.key(ax, patches if hue else [])
    return ax


def parts(
    frame: pd.DataFrame,
    value: str = "value",
    part: str = "part",
    *,
    whole: float | None = None,
    whole_label: str = "",
    rest_label: str = "",
    xlabel: str = "",
    ax: Axes | None = None,
) -> Axes | None:
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
        raise InputError(
            "A part of a whole is not below zero", rows.loc[rows[value] < 0, part].tolist(), "check it."
        )
    total = float(rows[value].sum() if whole is None else whole)
    steps = _steps(rows, value, part, total, whole_label, rest_label)
    names = {float(place): str(name) for place, name in enumerate(steps["name"])}
    ax = layout.row_axes(names, ax, 0.34)
    plain = {"facecolor": CONTEXT if steps["role"].eq("focus").any() else FOCUS}
    for place, step in enumerate(steps.to_dict("records")):
        end = step["start"] + step["value"]
        ax.barh(
            place, step["value"], left=step["start"], height=0.62, zorder=2, **_PARTS.get(step["role"], plain)
        )
        layout.beside(ax, end, place, layout.shown(step["value"], step["text"]), INK)
        layout.aside(ax, place, f"{number(100 * step['value'] / total, 1)}%")
        if step["role"] != "whole" and place + 1 < len(steps):
            ax.plot([end, end], [place - 0.31, place + 1.31], color=EDGE, linewidth=0.8, zorder=1)
    ax.set_xlim(0, max(total, (steps["start"] + steps["value"]).max()))
    layout.room(ax, right=max(map(layout.shown, steps["value"]), key=style.width))
    layout.name_rows(ax, names, xlabel)
    return ax


def _steps(rows: pd.DataFrame, value: str, part: str, total: float, whole: str, rest: str) -> pd.DataFrame:
    """The bars of `parts` from the top: the whole, its parts, the rest."""
    roles = rows["role"].tolist() if "role" in rows else [""] * len(rows)
    starts = (rows[value].cumsum() - rows[value]).tolist()
    steps = list(zip(rows[part], rows[value], starts, layout.texts(rows), roles, strict=True))
    left = total - float(rows[value].sum())
    if left > total * 1e-9:
        if not rest:
            raise InputError("What parts leave of a whole has a name", number(left), "give rest_label.")
        steps.append((rest, left, total - left, "", "rest"))
    top = [(whole, total, 0.0, "", "whole")] if whole else []
    return pd.DataFrame([*top, *steps], columns=["name", "value", "start", "text", "role"])


def coverage(
    frame: pd.DataFrame,
    x: str = "year",
    y: str = "domain",
    value: str = "facts",
    *,
    missing: str = "0",
    ax: Axes | None = None,
) -> Axes | None:
    """How many figures there are of each pair of `x` and `y`: the number in its field, darker for more.

    The frame has one row or several a field, whose `value` is added up; `missing` is the word where none.
    """
    layout.needs(frame, "coverage", x, y, value)
    rows = frame.dropna(subset=[value])
    if rows.empty:
        return None
    table = rows.pivot_table(index=y, columns=x, values=value, aggfunc="sum").reindex(
        list(dict.fromkeys(rows[y]))
    )
    names = {place + 0.5: str(name) for place, name in enumerate(table.index)}
    ax = layout.row_axes(names, ax, 0.32)
    shades = LinearSegmentedColormap.from_list("fazhi", ["#F3F5F7", "#9DB6CE", FOCUS])
    norm = PowerNorm(0.5, 0, max(float(table.max().max()), 1.0))
    words = table.map(lambda count: missing if pd.isna(count) else number(count))
    sns.heatmap(
        table.fillna(0), annot=words, fmt="", cmap=shades, norm=norm, cbar=False, linewidths=2,
        linecolor=PAPER, xticklabels=False, yticklabels=False, ax=ax,
    )  # fmt: skip
    for count, note in zip(table.fillna(0).to_numpy().ravel(), ax.texts, strict=True):
        note.set_color(PAPER if norm(count) > 0.66 else "#0B0C0C")
    layout.name_rows(ax, names, "")
    wide = max(4.0, 36 / len(table.columns))
    ax.set_xticks(
        np.arange(len(table.columns)) + 0.5, [style.wrap(str(name), wide) for name in table.columns]
    )
    ax.xaxis.tick_top()
    ax.set_ylim(len(names), 0)
    ax.grid(visible=False)
    return ax


def windows(
    frame: pd.DataFrame,
    lower: str = "lower",
    upper: str = "upper",
    point: str = "point",
    label: str = "label",
    *,
    step: str = "",
    key: Words = None,
    xlabel: str = "",
    ax: Axes | None = None,
) -> Axes | None:
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
    names = {float(place): str(name) for place, name in enumerate(rows[label])}
    ax = layout.row_axes(names, ax, 0.34, key)
    there = ["window"]
    for place, (low, high, spot) in enumerate(ends.itertuples(index=False)):
        found = "" if np.isnan(spot) else "inside" if low <= spot <= high else "outside"
        ax.barh(place, high - low, left=low, height=0.5, **_WINDOW)
        if found:
            there.append(found)
            ax.plot(spot, place, linestyle="none", zorder=4, **_POINTS[found])
        layout.aside(ax, place, layout.texts(rows)[place], PLUM if found == "outside" else INK)
    layout.name_rows(ax, names, xlabel)
    patch = [Patch(label=key["window"], **_WINDOW)] if key and "window" in key else []
    layout.key(ax, [*patch, *layout.marks(key, _POINTS, there)])
    return ax


def small(
    frame: pd.DataFrame,
    x: str = "value",
    label: str = "name",
    *,
    interval: Ends | None = None,
    reference: float | None = None,
    ax: Axes | None = None,
) -> Axes | None:
    """A picture beside a finding, 240 pixels wide: up to four values as named dots, a dashed line, no axes.

    The frame has `x`, `label`, a short name, and perhaps `role`; without it, the first row is in colour.
    """
    layout.needs(frame, "small", x, label, *(interval or ()))
    rows = frame.dropna(subset=[x])
    if rows.empty:
        return None
    if len(rows) > _MOST_SMALL:
        raise InputError(
            "A small picture holds four values", f"{len(rows)} rows", "keep the rows that matter."
        )
    names = {float(place): style.wrap(str(name), 8) for place, name in enumerate(rows[label])}
    tall = sum(name.count("\n") + 1 for name in names.values())
    ax = ax if ax is not None else layout.new_axes(2.5, max(0.94, 0.17 * tall + 0.07 * len(names)))
    roles = rows["role"].tolist() if "role" in rows else ["focus", *["other"] * (len(rows) - 1)]
    for place, (row, words) in enumerate(zip(rows.to_dict("records"), layout.texts(rows), strict=True)):
        ends = (row[interval[0]], row[interval[1]]) if interval else NO_ENDS
        ax.hlines(place, 0, row[x], color=RULE, linewidth=1.5, zorder=1)
        edge = layout.dot(ax, place, row[x], ends, roles[place], markersize=7.5)
        layout.beside(ax, edge, place, layout.shown(row[x], words), FOCUS if roles[place] == "focus" else INK)
    if reference is not None:
        ax.axvline(reference, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    layout.name_rows(ax, names, "", {float(place) for place, role in enumerate(roles) if role == "focus"})
    ax.tick_params(labelbottom=False, labelsize=9, pad=4)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    for note in ax.texts:
        note.set_fontsize(9)
    return ax
