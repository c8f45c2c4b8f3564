"""What the charts share: Axes of a fitting height, names of rows, marks, words beside marks, a key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
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
LABEL_EMS, _ASIDE_EMS, _KEY_EMS = 18.0, 15.0, 54.0


def needs(frame: pd.DataFrame, chart: str, *columns: str) -> None:
    """Raise an InputError that names the closest column, when the frame lacks one; empty names pass."""
    known = [str(name) for name in frame.columns]
    for name in columns:
        if name and name not in known:
            fix = f"rename or assign a column; the frame has {', '.join(known) or 'none'}."
            rule = f"charts.{chart} needs a column for each thing it draws"
            raise InputError(rule, name, suggest(name, known, fix))


def records(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows, each with a `text`, empty where it has none, and a `role`, empty too."""
    words = {name: rows[name].fillna("").astype(str) if name in rows else "" for name in ("text", "role")}
    return pd.DataFrame(rows).assign(**words).to_dict("records")


def shown(value: float, words: str = "") -> str:
    """Words for a number where there are some, else the number; a computed one with three digits."""
    return words or (number(value) if round(value, 2) == value else significant(value))


def new_axes(width: float, height: float) -> Axes:
    """Axes of a new figure of so many inches, in the house's look."""
    if not style.in_use():
        style.use()
    return plt.subplots(figsize=(width, height))[1]


def row_axes(
    names: Sequence[object], ax: Axes | None, pitch: float, key: object = None,
    places: Sequence[float] = (), ems: float = LABEL_EMS,
) -> Axes:  # fmt: skip
    """Axes with a named row at each place, counted from the top, so high that the longest name has room."""
    wrapped = [style.wrap(str(name), ems) for name in names]
    at = list(places) or list(range(len(names)))
    if ax is None:
        tallest = max(name.count("\n") for name in wrapped) + 1
        height = (max(at) + 1) * max(pitch, 0.17 * tallest + 0.02) + 0.62 + 0.3 * bool(key)
        ax = new_axes(WIDTH, height)
    ax.set_yticks(at, wrapped)
    ax.set_ylim(max(at) + 0.6, min(at) - 0.6)
    ax.grid(visible=False, axis="y")
    return ax


def finish(ax: Axes, xlabel: str, focus: Collection[float] = ()) -> None:
    """Name the axis of values, give it few plain numbers, and colour the names of rows in focus."""
    for name, place in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True):
        name.set_color(FOCUS if place in focus else INK)
    ax.set(xlabel=style.wrap(xlabel, 40), ylabel="")
    plain, log = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]), LogLocator(subs=(1, 2, 5))
    ax.xaxis.set_major_locator(log if ax.get_xscale() == "log" else plain)
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_formatter(FuncFormatter(tick))


def tick(value: float, _: object = None) -> str:
    """A number on an axis."""
    return number(float(f"{value:.6g}"))


def dot(ax: Axes, at: float, x: float, ends: tuple[float, float], role: str, **changes: Any) -> float:
    """Draw the mark of a role and its interval, if it has one; the right end of both."""
    if not np.isnan(ends).any():
        ax.hlines(at, *ends, color=FOCUS if role == "focus" else CONTEXT, linewidth=3.2, zorder=2)
    mark = MARKS.get(role, MARKS["other"]) | changes
    ax.plot([x], [at], linestyle="none", zorder=4, clip_on=False, **mark)
    return float(np.nanmax([x, ends[1]]))


def note(ax: Axes, words: str, spot: tuple[float, float], shift: tuple[float, float], **options: Any) -> None:
    """Words so many points right of and above a spot."""
    ax.annotate(words, spot, shift, textcoords="offset points", annotation_clip=False, **options)


def beside(ax: Axes, x: float, at: float, words: str, colour: str = INK, side: int = 1) -> None:
    """Words right (1) or left (-1) of a place, on paper that lines do not show through."""
    paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
    options = {"color": colour, "ha": "left" if side > 0 else "right", "va": "center_baseline", "bbox": paper}
    note(ax, words, (x, at), (9 * side, 0), zorder=3, **options)


def aside(ax: Axes, at: float, words: str, colour: str = INK, ems: float = _ASIDE_EMS) -> None:
    """Words in the column right of all rows."""
    words, frame = style.wrap(words, ems), ("axes fraction", "data")
    note(ax, words, (1, at), (10, 0), xycoords=frame, color=colour, ha="left", va="center")


def key(ax: Axes, words: Words, looks: Mapping[str, dict[str, Any]], there: Iterable[str]) -> None:
    """A key above the picture, on one line where it fits: the looks that occur and have words."""
    figure, seen = ax.get_figure(root=True), set(there)
    found = {name: label for name, label in (words or {}).items() if name in looks and name in seen}
    plain = {"linestyle": "none"}
    handles = [
        Patch(label=label, **looks[name]) if "facecolor" in looks[name]
        else Line2D([], [], label=label, **(plain | looks[name])) for name, label in found.items()
    ]  # fmt: skip
    if handles and figure is not None:
        labels = [style.wrap(str(handle.get_label()), _KEY_EMS / 2) for handle in handles]
        columns = 2 if sum(style.width(label) + 4 for label in labels) > _KEY_EMS else len(labels)
        figure.legend(handles, labels, loc="outside upper left", ncols=columns, borderpad=0.1)
