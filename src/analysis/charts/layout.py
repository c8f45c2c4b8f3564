"""What the charts share: Axes of a fitting height, named rows, marks, words beside marks, a key.

Colour never stands alone: a marker, a hatch or a label says the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator

from analysis import style
from analysis.errors import InputError, suggest
from analysis.style import CONTEXT, FOCUS, INK, PAPER
from analysis.words import number, significant

Ends = tuple[str, str]
Words = Mapping[str, str] | None
Looks = dict[str, dict[str, Any]]
MARKS: Looks = {
    "focus": {"marker": "o", "markersize": 9.5, "color": FOCUS},
    "peer": {"marker": "o", "markersize": 7, "color": CONTEXT, "markeredgecolor": INK},
    "other": {"marker": "o", "markersize": 7, "color": PAPER, "markeredgecolor": INK},
    "context": {"marker": "D", "markersize": 6, "color": PAPER, "markeredgecolor": INK},
}
_KEY_EMS = 54.0


def filled(frame: pd.DataFrame, chart: str, there: Collection[str], *columns: str) -> pd.DataFrame:
    """The rows with figures in `there`, each with a `colour` and words for `text`, `role` and `break`.

    An InputError names the closest column, when the frame lacks one of all that are named.
    """
    known = [str(name) for name in frame.columns]
    for name in filter(None, (*there, *columns)):
        if name not in known:
            rule = f"charts.{chart} needs a column for each thing it draws"
            raise InputError(rule, name, suggest(name, known, f"assign it; the frame has {known}."))
    rows = pd.DataFrame(frame.dropna(subset=list(there)))
    for name in ("text", "role", "break"):
        rows[name] = rows[name].fillna("").astype(str) if name in rows else ""
    return rows.assign(colour=np.where(rows["role"] == "focus", FOCUS, INK))


def shown(value: float, words: str = "") -> str:
    """Words for a number where there are some, else the number; a computed one with three digits."""
    return words or (number(value) if round(value, 2) == value else significant(value))


def axes(ax: Axes | None, height: float, width: float = 7.5) -> Axes:
    """The given Axes, else those of a new figure of so many inches, 720 pixels wide, in the house's look."""
    if ax is None and mpl.rcParams["font.family"] != [style.FONT]:
        style.use()
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax


def row_axes(
    names: Iterable[object], ax: Axes | None, pitch: float, key: object = None,
    places: Sequence[float] = (), ems: float = 18.0,
) -> Axes:  # fmt: skip
    """Axes with a named row at each place, counted from the top, so high that the longest name has room."""
    wrapped = [style.wrap(str(name), ems) for name in names]
    at = places or range(len(wrapped))
    tallest = max(name.count("\n") for name in wrapped) + 1
    ax = axes(ax, (max(at) + 1) * max(pitch, 0.17 * tallest + 0.02) + 0.62 + 0.3 * bool(key))
    ax.set_yticks(at, wrapped)
    ax.set_ylim(max(at) + 0.6, min(at) - 0.6)
    ax.grid(visible=False, axis="y")
    return ax


def finish(
    ax: Axes, xlabel: str, focus: Collection[float] = (),
    key: Words = None, looks: Looks = MARKS, there: Iterable[str] = (),
) -> None:  # fmt: skip
    """Name the axis of values, give it few plain numbers, colour the names of rows in focus, add the key."""
    for name, place in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True):
        name.set_color(FOCUS if place in focus else INK)
    ax.set(xlabel=style.wrap(xlabel, 40), ylabel="")
    log, plain = LogLocator(subs=(1, 2, 5)), MaxNLocator(6, steps=[1, 2, 2.5, 5, 10])
    ax.xaxis.set_major_locator(log if ax.get_xscale() == "log" else plain)
    ax.xaxis.set(major_formatter=tick, minor_formatter="")
    # the key stands above the picture, on one line where it fits: looks that are there and have words
    figure, names = ax.get_figure(root=True), {*there} & {*looks}
    texts = {name: style.wrap(str(text), _KEY_EMS / 2) for name, text in (key or {}).items() if name in names}
    line: dict[str, Any] = {"xdata": [], "ydata": [], "linestyle": "none"}
    handles = [
        Patch(label=text, **looks[name]) if "facecolor" in looks[name]
        else Line2D(**line | looks[name] | {"label": text}) for name, text in texts.items()
    ]  # fmt: skip
    if handles and figure is not None:
        columns = 2 if sum(style.width(text) + 4 for text in texts.values()) > _KEY_EMS else len(texts)
        figure.legend(handles=handles, loc="outside upper left", ncols=columns, borderpad=0.1)


def tick(value: float, _: object = None) -> str:
    """A number on an axis."""
    return number(float(f"{value:.6g}"))


def dot(ax: Axes, at: float, x: float, role: str, ends: Any = (np.nan, np.nan), **changes: Any) -> float:
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


def aside(ax: Axes, at: float, words: str, colour: str = INK, ems: float = 15.0) -> None:
    """Words in the column right of all rows."""
    words, frame = style.wrap(words, ems), ("axes fraction", "data")
    note(ax, words, (1, at), (10, 0), xycoords=frame, color=colour, ha="left", va="center")
