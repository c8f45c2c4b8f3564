"""What the charts share: Axes of a fitting height, names of rows, marks, numbers beside marks, a key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from analysis import style
from analysis.errors import InputError, suggest
from analysis.style import CONTEXT, FOCUS, INK, PAPER
from analysis.words import number, significant

Ends = tuple[str, str]
Words = Mapping[str, str] | None
WIDTH = 7.5
"""Inches: 720 pixels on a page."""
MARKS: Mapping[str, dict[str, Any]] = {
    "focus": {"marker": "o", "markersize": 9.5, "color": FOCUS},
    "peer": {"marker": "o", "markersize": 7, "color": CONTEXT, "markeredgecolor": INK},
    "other": {"marker": "o", "markersize": 7, "color": PAPER, "markeredgecolor": INK},
    "context": {"marker": "D", "markersize": 6, "color": PAPER, "markeredgecolor": INK},
}
"""The mark of each role."""
NO_ENDS = (np.nan, np.nan)
_LABEL_EMS, _ASIDE_EMS, _KEY_EMS, _AXES_INCHES = 18.0, 15.0, 54.0, 3.2


def needs(frame: pd.DataFrame, chart: str, *columns: str) -> None:
    """Raise an InputError that names the closest column, when the frame lacks one; empty names pass."""
    known = [str(name) for name in frame.columns]
    for name in columns:
        if name and name not in known:
            fix = suggest(
                name, known, f"rename or assign a column; the frame has {', '.join(known) or 'none'}."
            )
            raise InputError(f"charts.{chart} needs a column for each thing it draws", name, fix)


def categories(frame: pd.DataFrame, column: str, chart: str) -> list[Any]:
    """The categories of a column in the frame's order; more than a reader tells apart are refused."""
    found = list(dict.fromkeys(frame[column].dropna()))
    if len(found) > len(style.COLOURS):
        given, most = ", ".join(map(str, found)), len(style.COLOURS)
        fix = "keep the categories that matter, or draw one chart each."
        raise InputError(f"charts.{chart} tells at most {most} categories apart", given, fix)
    return found


def texts(rows: pd.DataFrame) -> list[str]:
    """The rows' words of the column `text`, empty where there are none."""
    return rows["text"].fillna("").astype(str).tolist() if "text" in rows else [""] * len(rows)


def shown(value: float, words: Any = None) -> str:
    """Words for a number where there are some, else the number; a computed one with three digits."""
    if isinstance(words, str) and words:
        return words
    return number(value) if round(value, 2) == value else significant(value)


def new_axes(width: float, height: float) -> Axes:
    """Axes of a new figure of so many inches, in the house's look."""
    if not style.in_use():
        style.use()
    return plt.subplots(figsize=(width, height))[1]


def row_axes(names: Mapping[float, str], ax: Axes | None, pitch: float = 0.29, key: object = None) -> Axes:
    """Axes for rows at places counted from the top, so high that the longest name has room."""
    if ax is not None:
        return ax
    tallest = max(style.wrap(str(name), _LABEL_EMS).count("\n") for name in names.values()) + 1
    return new_axes(WIDTH, (max(names) + 1) * max(pitch, 0.17 * tallest + 0.02) + 0.62 + 0.3 * bool(key))


def name_rows(ax: Axes, names: Mapping[float, str], xlabel: str, focus: Collection[float] = ()) -> None:
    """Names at the left of the rows, the focus in colour, and what the axis shows."""
    ax.set_yticks(list(names), [style.wrap(str(name), _LABEL_EMS) for name in names.values()])
    for place, tick in zip(names, ax.get_yticklabels(), strict=True):
        tick.set_color(FOCUS if place in focus else INK)
    ax.set_ylim(max(names) + 0.6, min(names) - 0.6)
    ax.grid(visible=False, axis="y")
    ax.set(xlabel=style.wrap(xlabel, 40), ylabel="")
    plain_numbers(ax)


def plain_numbers(ax: Axes) -> None:
    """Few ticks with plain numbers on the axis of values."""
    if ax.get_xscale() == "log":
        low, high = ax.get_xlim()
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < 200 else (1.0,)))
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(tick))


def tick(value: float, _: object = None) -> str:
    """A number on an axis."""
    return number(float(f"{value:.6g}"))


def room(ax: Axes, left: str = "", right: str = "") -> None:
    """Widen the axis of values, so that words beside the outermost marks stay within it."""
    axis = ax.xaxis.get_transform()
    low, high = axis.transform(ax.get_xlim())
    em = (high - low) * 10 / 72 / _AXES_INCHES
    ends = (
        low - em * (style.width(left) + 1) * bool(left),
        high + em * (style.width(right) + 1) * bool(right),
    )
    ax.set_xlim(*axis.inverted().transform(ends))


def dot(ax: Axes, at: float, x: float, ends: tuple[float, float], role: str, **changes: Any) -> float:
    """Draw the mark of a role and its interval, if it has one; the right end of both."""
    if not np.isnan(ends).any():
        ax.hlines(at, *ends, color=FOCUS if role == "focus" else CONTEXT, linewidth=3.2, zorder=2)
    mark = MARKS.get(role, MARKS["other"]) | changes
    ax.plot([x], [at], linestyle="none", zorder=4, clip_on=False, **mark)
    return float(np.nanmax([x, ends[1]]))


def beside(ax: Axes, x: float, at: float, words: str, colour: str = INK, side: int = 1) -> None:
    """Words right (1) or left (-1) of a place."""
    ax.annotate(
        *(words, (x, at), (9 * side, 0)), textcoords="offset points", va="center_baseline", color=colour,
        ha="left" if side > 0 else "right", annotation_clip=False, zorder=3,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )  # fmt: skip


def aside(ax: Axes, at: float, words: str, colour: str = INK) -> None:
    """Words in the column right of all rows."""
    ax.annotate(
        *(style.wrap(words, _ASIDE_EMS), (1, at), (12, 0)), xycoords=("axes fraction", "data"), color=colour,
        textcoords="offset points", ha="left", va="center", annotation_clip=False,
    )  # fmt: skip


def key(ax: Axes, handles: Sequence[Artist]) -> None:
    """A key above the picture, on one line where it fits."""
    figure = ax.get_figure(root=True)
    if not handles or figure is None:
        return
    labels = [style.wrap(str(handle.get_label()), _KEY_EMS / 2) for handle in handles]
    wide = sum(style.width(label) + 4 for label in labels) > _KEY_EMS
    figure.legend(handles, labels, loc="outside upper left", ncols=2 if wide else len(labels), borderpad=0.1)


def marks(words: Words, looks: Mapping[str, dict[str, Any]], there: Iterable[str]) -> list[Artist]:
    """Entries of a key: the looks that occur and have words."""
    found = [name for name in looks if name in (words or {}) and name in set(there)]
    return [
        Line2D([], [], label=(words or {})[name], **({"linestyle": "none"} | looks[name])) for name in found
    ]
