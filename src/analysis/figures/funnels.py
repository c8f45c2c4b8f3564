"""The funnel: each unit's value against its exposure, with limits for chance and for chance and spread.

Cities differ for structural reasons, so both kinds of limits are always drawn. A mark beyond the limits is
filled at 99.8 % and outlined at 95 %; its meaning is a question, not a verdict. The limits and the signals
are the caller's: nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.errors import InputError
from analysis.figures.canvas import (
    MARGIN,
    WIDTH,
    KeyEntry,
    draw_key,
    key_height,
    key_of,
    line_height,
    plot_area,
    sheet,
    text_height,
    text_width,
    wrap,
    write,
)
from analysis.figures.inputs import (
    ROLES,
    NumberFormat,
    Words,
    check_choice,
    check_frame,
    number_column,
    text_column,
    tick_number,
)
from analysis.figures.labels import Box, place_labels, spread
from analysis.figures.page import Page
from analysis.figures.scales import fitting_ticks, set_value_axis, value_range
from analysis.figures.theme import CONTEXT, FOCUS, INK, PAPER, PLUM, RULE, SMALLEST_TEXT, themed

SIGNALS = ("", "outside 95 %", "outside 99.8 %")
LIMITS = ("plain_95", "plain_998", "95", "998")
_ENDS = {"plain_95": ("plain_lower", "plain_upper"), "plain_998": ("plain_lower_998", "plain_upper_998")}
_ENDS |= {"95": ("lower", "upper"), "998": ("lower_998", "upper_998")}
_LINES: dict[str, dict[str, Any]] = {
    "plain_95": {"color": CONTEXT, "linewidth": 1.2, "linestyle": (0, (4, 2))},
    "plain_998": {"color": CONTEXT, "linewidth": 1.6},
    "95": {"color": FOCUS, "linewidth": 1.0, "linestyle": (0, (4, 2))},
    "998": {"color": FOCUS, "linewidth": 1.3},
}
_MARKS: dict[str, dict[str, Any]] = {
    "focus": {"marker": "o", "markersize": 9.5, "color": FOCUS},
    "peer": {"marker": "o", "markersize": 6.5, "color": CONTEXT, "markeredgecolor": INK},
    "other": {"marker": "o", "markersize": 5.5, "color": PAPER, "markeredgecolor": INK},
    "context": {"marker": "D", "markersize": 6, "color": PAPER, "markeredgecolor": INK},
}
_SIGNAL_STYLE: dict[str, dict[str, Any]] = {
    "": {},
    "outside 95 %": {"markeredgecolor": PLUM, "markeredgewidth": 2.0},
    "outside 99.8 %": {"color": PLUM, "markeredgecolor": PLUM},
}
_HEIGHT = 3.7
_END_WIDTH = 1.35


@dataclass(frozen=True)
class _Plot:
    """The plot in inches on the page, with its axes."""

    axes: Axes
    page: Page
    left: float
    top: float
    width: float

    def place(self, exposure: float, value: float) -> tuple[float, float]:
        """Where a unit lies on the page."""
        shares = self.axes.transAxes.inverted().transform(self.axes.transData.transform((exposure, value)))
        return self.left + float(shares[0]) * self.width, self.top + (1 - float(shares[1])) * _HEIGHT

    @property
    def box(self) -> Box:
        """The space of the plot."""
        return Box(self.left, self.top, self.left + self.width, self.top + _HEIGHT)


@themed()
def funnel(
    frame: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    target: float,
    target_label: str,
    limit_labels: Mapping[str, str],
    exposure_label: str,
    value_label: str,
    words: Words,
    log: bool = True,
    log_value: bool = False,
    role_labels: Mapping[str, str] | None = None,
    axis_number: NumberFormat = tick_number,
) -> Figure:
    """A figure of units by exposure and value with both kinds of funnel limits.

    Args:
        frame: One row a unit: `exposure` (above zero), `value` (NaN where missing), `label`, `role` (focus |
            peer | other | context); optional `signal` ("" | outside 95 % | outside 99.8 %).
        limits: One row an exposure, ascending: `exposure`; `lower`, `upper`, `lower_998`, `upper_998`, which
            allow for the spread between units; the same with the prefix `plain_`, for chance alone.
        target: The common value.
        target_label: Its words.
        limit_labels: Words for the limits: plain_95, plain_998, 95, 998.
        exposure_label: What the x axis shows, with its unit.
        value_label: What the y axis shows, with its unit.
        words: The words for missing values.
        log: Whether the x axis is logarithmic.
        log_value: Whether the y axis is logarithmic, as suits rates that spread many times over; a zero is
            then named below the plot, and limits below the lowest mark end at the edge.
        role_labels: Words for roles; when given, a key names the roles that occur.
        axis_number: How a figure is written on an axis.

    Raises:
        InputError: A frame is empty, lacks a column, or holds a role, signal or exposure it may not.
    """
    rows, curves = _checked(frame, limits, limit_labels)
    drawn = rows[rows["value"] > 0] if log_value else rows[rows["value"].notna()]
    key = key_of(rows["role"], role_labels or {}, _MARKS)
    below = wrap(_notes(rows, exposure_label, words, log_value), WIDTH - 2 * MARGIN, SMALLEST_TEXT)
    figure, page, top = _headed_sheet(key, value_label, below)
    ends = {name: wrap(text, _END_WIDTH, SMALLEST_TEXT) for name, text in limit_labels.items()}
    ends["target"] = wrap(target_label, _END_WIDTH, SMALLEST_TEXT)
    plot = _plot(figure, page, top, (drawn, curves, target), ends, (log, log_value), axis_number)
    _draw_curves(plot, curves, target, ends)
    _draw_units(plot, drawn)
    write(page, plot.left, top + _HEIGHT + 0.27, below, va="top", size=SMALLEST_TEXT)
    return figure


def _headed_sheet(key: Sequence[KeyEntry], value_label: str, below: str) -> tuple[Figure, Page, float]:
    """A figure with room for plot and text, its page with key and heading, and where the plot begins."""
    heading = wrap(value_label, WIDTH - 2 * MARGIN, SMALLEST_TEXT)
    top = MARGIN + key_height(key) + text_height(heading, SMALLEST_TEXT) + 0.08
    figure, page = sheet(WIDTH, top + _HEIGHT + 0.32 + text_height(below, SMALLEST_TEXT))
    draw_key(page, key, MARGIN, MARGIN / 2)
    write(page, MARGIN, MARGIN + key_height(key), heading, va="top", size=SMALLEST_TEXT)
    return figure, page, top


def _notes(rows: pd.DataFrame, exposure_label: str, words: Words, log_value: bool) -> str:
    """What the x axis shows, and the units that have no place in the plot."""
    absent = {words.missing: rows["value"].isna(), words.zero: log_value & (rows["value"] == 0)}
    notes = [
        f"{word}: {', '.join(rows.loc[flags, 'label'])}" for word, flags in absent.items() if flags.any()
    ]
    return "\n".join([exposure_label, *notes])


def _checked(
    frame: pd.DataFrame, limits: pd.DataFrame, limit_labels: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The units and the curves with checked numbers and words."""
    curve_columns = ("exposure", *(column for pair in _ENDS.values() for column in pair))
    check_frame(frame, ("exposure", "value", "label", "role"), "a funnel")
    check_frame(limits, curve_columns, "a funnel's limits")
    check_choice(frame["role"], ROLES, "role")
    check_choice(LIMITS, list(limit_labels), "limit with a label")
    signals = text_column(frame, "signal")
    check_choice(signals, SIGNALS, "signal")
    numbers = {name: number_column(frame, name) for name in ("exposure", "value")}
    curves = pd.DataFrame({name: number_column(limits, name) for name in curve_columns})
    if not ((numbers["exposure"] > 0).all() and (curves["exposure"] > 0).all()):
        raise InputError(
            "A unit in a funnel has an exposure above zero",
            frame.loc[~(numbers["exposure"] > 0), "label"].tolist(),
            "leave out units without a base and name them in the text.",
        )
    rows = frame.assign(**numbers, label=text_column(frame, "label"), signal=signals)
    return rows.reset_index(drop=True), curves.sort_values("exposure")


def _plot(
    figure: Figure,
    page: Page,
    top: float,
    shown: tuple[pd.DataFrame, pd.DataFrame, float],
    ends: Mapping[str, str],
    logs: tuple[bool, bool],
    axis_number: NumberFormat,
) -> _Plot:
    """Axes whose limits hold all units and the limits at the larger exposures; `logs` of x and of y."""
    log, log_value = logs
    drawn, curves, target = shown
    later = curves.tail(max(len(curves) // 2, 1))
    inner = later[[column for pair in _ENDS.values() for column in pair]].to_numpy(dtype=float)
    values = np.concatenate([drawn["value"].to_numpy(dtype=float), inner.ravel(), [target]])
    low, high = _value_limits(values, log_value)
    ticks = fitting_ticks((low, high), _HEIGHT, log=log_value, number=axis_number)
    left = MARGIN + max((text_width(axis_number(tick), SMALLEST_TEXT) for tick in ticks), default=0.0) + 0.1
    right = max(text_width(text, SMALLEST_TEXT) for text in ends.values()) + 0.16
    width = WIDTH - MARGIN - left - right
    axes = plot_area(figure, left, top, width, _HEIGHT)
    exposures = np.append(drawn["exposure"].to_numpy(dtype=float), curves["exposure"].to_numpy(dtype=float))
    set_value_axis(axes, value_range(exposures, log=log), width, log=log, number=axis_number, grid=False)
    axes.set_yscale("log" if log_value else "linear")
    axes.set_ylim(low, high)
    axes.set_yticks([])
    axes.set_yticks([], minor=True)
    axes.spines["bottom"].set_visible(True)
    plot = _Plot(axes, page, left, top, width)
    for tick in ticks:
        y = plot.place(exposures[0], tick)[1]
        page.line([left, left + width], [y, y], color=RULE, linewidth=0.8, zorder=0.5)
        write(page, left - 0.07, y, axis_number(tick), ha="right", size=SMALLEST_TEXT)
    return plot


def _value_limits(values: np.ndarray, log: bool) -> tuple[float, float]:
    """The ends of the y axis, with some room; from zero where a linear axis comes near it."""
    low, high = value_range(values, log=log)
    if log:
        room = (high / low) ** 0.06
        return low / room, high * room
    pad = 0.06 * (high - low)
    return (0.0 if 0 <= low < 2 * pad else low - pad), high + pad


def _draw_curves(plot: _Plot, curves: pd.DataFrame, target: float, ends: Mapping[str, str]) -> None:
    """None; the limits and the common value, with words at the right ends of the upper ones."""
    low, high = plot.axes.get_ylim()
    for name, pair in _ENDS.items():
        for column in pair:
            shown = curves[column].clip(lower=low)
            plot.axes.plot(curves["exposure"], shown, zorder=1, **_LINES[name])
    plot.axes.axhline(target, color=INK, linewidth=1.0, zorder=1)
    last = curves.iloc[-1]
    values = {name: float(last[upper]) for name, (_, upper) in _ENDS.items()} | {"target": target}
    wished = {
        name: plot.place(float(last["exposure"]), min(max(value, low), high))[1]
        for name, value in values.items()
    }
    order = sorted(wished, key=lambda name: wished[name])
    sizes = [text_height(ends[name], SMALLEST_TEXT) for name in order]
    centres = spread([wished[name] for name in order], sizes, plot.top - 0.1, plot.top + _HEIGHT)
    edge = plot.left + plot.width
    for name, y in zip(order, centres, strict=True):
        plot.page.line([edge, edge + 0.1], [wished[name], y], color=CONTEXT, linewidth=0.8)
        colour = FOCUS if name in ("95", "998") else INK
        write(plot.page, edge + 0.14, y, ends[name], color=colour, size=SMALLEST_TEXT)


def _draw_units(plot: _Plot, drawn: pd.DataFrame) -> None:
    """None; the marks, and as many labels as have room: the focus and the units beyond the limits first."""
    points = [plot.place(*unit) for unit in zip(drawn["exposure"], drawn["value"], strict=True)]
    for (x, y), role, signal in zip(points, drawn["role"], drawn["signal"], strict=True):
        style = _MARKS[role] | _SIGNAL_STYLE[signal]
        plot.page.line([x], [y], linestyle="none", zorder=3 + (role == "focus"), **style)
    order = sorted(range(len(drawn)), key=lambda i: _rank(drawn["role"].iloc[i], drawn["signal"].iloc[i]))
    labels = list(drawn["label"])
    sizes = [(text_width(labels[i], SMALLEST_TEXT), line_height(SMALLEST_TEXT)) for i in order]
    marks = [Box(x - 0.06, y - 0.06, x + 0.06, y + 0.06) for x, y in points]
    places = place_labels([points[i] for i in order], sizes, frame=plot.box, obstacles=marks, gap=0.09)
    for i, box in zip(order, places, strict=True):
        if box is not None:
            colour = FOCUS if drawn["role"].iloc[i] == "focus" else INK
            words: dict[str, Any] = {"va": "top", "color": colour, "size": SMALLEST_TEXT}
            write(plot.page, box.left, box.low, labels[i], paper={"pad": 0.2, "alpha": 0.8}, **words)


def _rank(role: str, signal: str) -> tuple[bool, int, int]:
    return role != "focus", -SIGNALS.index(signal), ROLES.index(role)
