"""Charts of named rows: cities in order, metrics, amounts, a whole in parts, windows of rounding, pairs.

Refused: ranks of what was not found comparable, a bar with two values, a part below zero, a rest without a
name, a window the wrong way round, a fifth dot in a small picture.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from analysis import style
from analysis.charts import layout
from analysis.charts.layout import MARKS, Ends, Looks, Words
from analysis.errors import InputError
from analysis.stats import Cases, require
from analysis.style import CONTEXT, EDGE, FOCUS, INK, PAPER, PLUM, RULE, TEAL
from analysis.words import number

_STRIPS: Looks = {
    "focus": MARKS["focus"] | {"marker": "D", "markersize": 8.5},
    "other": MARKS["peer"] | {"markeredgecolor": EDGE},
    "reference": {"linestyle": "-", "color": INK, "linewidth": 0.9},
}
_PARTS: Looks = {
    "focus": {"facecolor": FOCUS},
    "rest": {"facecolor": PAPER, "edgecolor": EDGE, "hatch": "////"},
    "whole": {"facecolor": EDGE},
}
_WINDOWS: Looks = {
    "window": {"facecolor": "#D3ECEA", "edgecolor": TEAL, "linewidth": 1},
    "inside": {"marker": "D", "color": FOCUS, "markersize": 6.5},
    "outside": {"marker": "X", "color": PLUM, "markersize": 9},
}
_PAIRS: Looks = {"left": MARKS["other"], "right": MARKS["focus"]}


def ranked(
    cases: Cases, x: str = "rate", interval: Ends = ("lower", "upper"), label: str = "name",
    *, key: Words = None, xlabel: str = "", most: int = 25, ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """Dots of the comparable rows, highest first, with intervals; province and nation apart below.

    Of more than `most`, those at the ends and round the focus are named. `key`: focus, peer, other, context.
    """
    groups = require(cases, "a ranked chart").comparable, cases.context
    rows, above = (layout.filled(group, "ranked", [x], label, *interval) for group in groups)
    if rows.empty:
        return None
    rows = rows.sort_values(x, ascending=False, kind="stable")
    places, hidden = _places(rows["role"].eq("focus").to_numpy(bool), most)
    at = [*places, *(places[-1] + 1.3 + np.arange(len(above)))]
    drawn = pd.concat([rows, above]).assign(_at=at, _few=[*hidden, *[False] * len(above)])
    names = dict(zip(at, drawn[label], strict=True))
    names |= {place: f"… {(places == place).sum()} …" for place in places[hidden]}
    ax = layout.row_axes(names.values(), ax, 0.29, key, list(names))
    for row in drawn.to_dict("records"):
        if row["_few"]:
            layout.dot(ax, row["_at"], row[x], row["role"], markersize=4)
        else:
            right = layout.dot(ax, row["_at"], row[x], row["role"], [row[end] for end in interval])
            layout.beside(ax, right, row["_at"], layout.shown(row[x], row["text"]), row["colour"])
    if len(above):
        ax.axhline(places[-1] + 0.65, color=CONTEXT, linewidth=0.9)
    if 0 < rows[x].min() < rows[x].max() / 2:
        ax.set_xlim(left=0)
    layout.finish(ax, xlabel, set(places[rows["role"] == "focus"]), key, MARKS, drawn["role"])
    return ax


def _places(focus: npt.NDArray[np.bool_], most: int) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.bool_]]:
    """The row of each unit, and whether it shares a row of unnamed dots with its neighbours."""
    order = np.arange(len(focus))
    named = (order < most // 4) | (order >= len(focus) - most // 4) | (len(focus) <= most)
    for place in np.flatnonzero(focus):
        named |= np.abs(order - place) <= most // 6
    # one alone would save no room
    hidden = ~named & (np.roll(~named, 1) | np.roll(~named, -1))
    return np.cumsum(~hidden | ~np.roll(hidden, 1)) - 1, hidden


def strips(
    frame: pd.DataFrame, x: str = "position", y: str = "metric", *, reference: float | None = None,
    log: bool = False, key: Words = None, xlabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """A row a metric: the city, its `text` at the right, and others in grey, at positions on one scale.

    A line stands at `reference`; a `log` axis has only what is above zero. `key`: focus, other, reference.
    """
    rows = layout.filled(frame, "strips", [x], y, "role")
    if (rows := rows[rows[x] > (0 if log else -np.inf)]).empty:
        return None
    order = list(dict.fromkeys(rows[y]))
    ax = layout.row_axes(order, ax, 0.36, key)
    ax.set_xscale("log" if log else "linear")
    ax.grid(visible=True, axis="y")
    if reference is not None:
        ax.axvline(reference, zorder=1, **_STRIPS["reference"])
    for role, some in rows.groupby(rows["role"].where(rows["role"] == "focus", "other")):
        ax.plot(some[x], some[y].map(order.index), linestyle="none", zorder=4, **_STRIPS[str(role)])
    for row in rows[rows["role"] == "focus"].to_dict("records"):
        layout.aside(ax, order.index(row[y]), row["text"], FOCUS)
    layout.finish(ax, xlabel, (), key, _STRIPS, _STRIPS)
    return ax


def bars(
    frame: pd.DataFrame, x: str = "value", y: str = "name", *, xlabel: str = "", ax: Axes | None = None
) -> Axes | None:
    """Bars of amounts `x` named `y`, in the frame's order; where a `role` is "focus", the others are grey."""
    if (rows := layout.filled(frame, "bars", [x], y)).empty:
        return None
    if len(twice := rows.loc[rows[y].duplicated(), y]):
        raise InputError("A bar has one value", twice.tolist(), "drop or add up the rows of one name.")
    ax, focus = layout.row_axes(rows[y], ax, 0.32), set(np.flatnonzero(rows["role"] == "focus").tolist())
    for at, row in enumerate(rows.to_dict("records")):
        face, side = CONTEXT if focus and at not in focus else FOCUS, 1 if row[x] >= 0 else -1
        ax.barh(at, row[x], 0.72, zorder=2, facecolor=face, edgecolor=PAPER)
        layout.beside(ax, row[x], at, layout.shown(row[x], row["text"]), row["colour"], side)
    layout.finish(ax, xlabel, focus)
    return ax


def parts(
    frame: pd.DataFrame, value: str = "value", part: str = "part", *, whole: float | None = None,
    whole_label: str = "", rest_label: str = "", xlabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """One whole in parts, each beginning where the one before ends, with its share of it at the right.

    `whole`, if not their sum, has a row of its own by its `whole_label`; a rest is hatched, by `rest_label`.
    """
    rows = layout.filled(frame, "parts", [value], part)
    if not (known := float(rows[value].sum())):
        return None
    if (rows[value] < 0).any():
        raise InputError("A part of a whole is not below zero", rows[value].min(), "leave it out.")
    total = known if whole is None else whole
    steps = rows[[part, value, "text", "role"]].to_numpy().tolist()
    if (left := total - known) > total * 1e-9:
        if not rest_label:
            raise InputError("What parts leave of a whole has a name", number(left), "give rest_label.")
        steps.append([rest_label, left, "", "rest"])
    steps = [[whole_label, total, "", "whole"]] * bool(whole_label) + steps
    ax, end = layout.row_axes([name for name, *_ in steps], ax, 0.34), 0.0
    plain = {"facecolor": CONTEXT if rows["role"].eq("focus").any() else FOCUS}
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


def windows(
    frame: pd.DataFrame, lower: str = "lower", upper: str = "upper", point: str = "point",
    label: str = "label", *, step: str = "", key: Words = None, xlabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """A window a row, what rounding leaves open, and where a `point` lies; outside, it is a cross in plum.

    With `step`, a column of units such as one step of the last printed digit, rows of unlike units share an
    axis: the distance from the window's middle in steps. `key`: window, inside, outside.
    """
    if (rows := layout.filled(frame, "windows", [lower, upper], point, label, step)).empty:
        return None
    if (rows[lower] > rows[upper]).any():
        raise InputError("A window's lower end is not above its upper", (lower, upper), "swap the columns.")
    ends = rows[[lower, upper, point]].astype(float)
    if step:
        ends = ends.sub(ends[[lower, upper]].mean(axis=1), axis=0).div(rows[step], axis=0)
    ax, there = layout.row_axes(rows[label], ax, 0.34, key), {"window"}
    for at, (text, (low, high, spot)) in enumerate(zip(rows["text"], ends.to_numpy(), strict=True)):
        found = "" if np.isnan(spot) else "inside" if low <= spot <= high else "outside"
        there.add(found)
        ax.barh(at, high - low, left=low, height=0.5, **_WINDOWS["window"])
        ax.plot(spot, at, linestyle="none", zorder=4, **_WINDOWS.get(found, {}))
        layout.aside(ax, at, text, PLUM if found == "outside" else INK)
    ax.use_sticky_edges = False
    layout.finish(ax, xlabel, (), key, _WINDOWS, there)
    return ax


def pairs(
    frame: pd.DataFrame, left: str = "left", right: str = "right", label: str = "name",
    *, interval: Ends | None = None, key: Words = None, xlabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """Two values of one unit a row, an open dot and a filled one, with their numbers outside of both.

    `interval` is round the right value; `text` stands right of its row. `key`: left, right.
    """
    if (rows := layout.filled(frame, "pairs", [right], left, label, *(interval or ()))).empty:
        return None
    ax = layout.row_axes(rows[label], ax, 0.33, key)
    for at, row in enumerate(rows.to_dict("records")):
        one, other = float(row[left]), float(row[right])
        ends, side = [row[end] for end in interval or ()] or [np.nan] * 2, -1 if one > other else 1
        edge = layout.dot(ax, at, other, "focus", ends, markersize=8.5)
        edge = edge if side > 0 else float(np.nanmin([other, ends[0]]))
        layout.beside(ax, edge, at, layout.shown(other), FOCUS, side)
        if not np.isnan(one):
            ax.plot([one, other], [at, at], color=CONTEXT, linewidth=2, zorder=2)
            layout.dot(ax, at, one, "other")
            layout.beside(ax, one, at, layout.shown(one), side=-side)
        layout.aside(ax, at, row["text"])
    ax.margins(x=0.18)  # for the numbers beside the outermost dots
    layout.finish(ax, xlabel, (), key, _PAIRS, _PAIRS)
    return ax


def small(
    frame: pd.DataFrame, x: str = "value", label: str = "name", *, ax: Axes | None = None
) -> Axes | None:
    """A picture beside a finding, 240 pixels wide: up to four dots; without a `role`, the first in colour."""
    if (rows := layout.filled(frame, "small", [x], label)).empty:
        return None
    if len(rows) > 4:
        raise InputError("A small picture holds four values", len(rows), "keep the rows that matter.")
    tallest = max(style.wrap(str(name), 8).count("\n") + 1 for name in rows[label])
    ax = layout.axes(ax, max(0.94, 0.16 * len(rows) * tallest + 0.1), 2.5)
    layout.row_axes(rows[label], ax, 0, ems=8)
    for at, row in enumerate(rows.to_dict("records")):
        role = row["role"] or ("other" if at else "focus")
        colour = FOCUS if role == "focus" else INK
        ax.hlines(at, 0, row[x], color=RULE, linewidth=1.5, zorder=1)
        edge = layout.dot(ax, at, row[x], role, markersize=7.5)
        layout.beside(ax, edge, at, layout.shown(row[x], row["text"]), colour)
        ax.get_yticklabels()[at].set_color(colour)
    ax.tick_params(labelbottom=False, labelsize=9, pad=4)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    for note in ax.texts:
        note.set_fontsize(9)
    return ax
