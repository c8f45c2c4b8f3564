"""Value axes: limits that leave room for labels, and ticks that never touch each other.

A logarithmic axis is never given a zero: a caller draws zeros apart and says so. Limits are computed from
measured text, not by trial, so the same frame always gives the same axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from analysis.figures.canvas import text_width
from analysis.figures.inputs import NumberFormat, tick_number
from analysis.figures.theme import RULE, SMALLEST_TEXT


def value_range(
    values: Sequence[float] | np.ndarray, *, log: bool, from_zero: bool = False
) -> tuple[float, float]:
    """The lowest and highest value to show: never the same, positive on a logarithmic axis.

    Args:
        values: What will be drawn; NaN is skipped, and so are values up to zero on a logarithmic axis.
        log: Whether the axis is logarithmic.
        from_zero: Whether a linear axis must include zero.
    """
    shown = np.asarray(values, dtype=float)
    shown = shown[np.isfinite(shown)]
    if log:
        shown = shown[shown > 0]
    if shown.size == 0:
        return (0.5, 2.0) if log else (0.0, 1.0)
    low, high = float(shown.min()), float(shown.max())
    if log:
        return (low / 1.5, high * 1.5) if high / low < 1.5 else (low / 1.08, high * 1.08)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        spread = abs(low) * 0.1 or 1.0
        return (low if from_zero else low - spread), high + spread
    return low, high


def with_room(
    limits: tuple[float, float],
    ends: Sequence[float],
    rooms: Sequence[float],
    width: float,
    *,
    log: bool,
    side: str = "high",
) -> tuple[float, float]:
    """The limits widened on one side, so that a label of so many inches fits beyond each end.

    Args:
        limits: Lowest and highest value.
        ends: Where each label starts, in values; NaN (and zero on a logarithmic axis) is skipped.
        rooms: The width of each label with its gap, in inches, less than the width of the axes.
        width: The width of the axes in inches.
        log: Whether the axis is logarithmic.
        side: "high" for labels right of their end, "low" for labels left of it.
    """
    forward = math.log10 if log else float
    low, high = forward(limits[0]), forward(limits[1])
    for end, room in zip(ends, rooms, strict=True):
        if not math.isfinite(end) or (log and end <= 0):
            continue
        share = min(room / width, 0.9)
        if side == "high":
            high = max(high, low + (forward(end) - low) / (1 - share))
        else:
            low = min(low, high - (high - forward(end)) / (1 - share))
    return (10**low, 10**high) if log else (low, high)


def set_value_axis(
    axes: Axes,
    limits: tuple[float, float],
    width: float,
    *,
    log: bool,
    number: NumberFormat = tick_number,
    grid: bool = True,
) -> None:
    """None; the x axis gets its limits and as many round ticks as fit in a width in inches."""
    axes.set_xscale("log" if log else "linear")
    axes.set_xlim(*limits)
    ticks = fitting_ticks(limits, width, log=log, number=number)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.tick_params(axis="x", pad=5, labelsize=SMALLEST_TEXT)
    if grid:
        axes.grid(axis="x", color=RULE, linewidth=0.8)


def fitting_ticks(
    limits: tuple[float, float], width: float, *, log: bool, number: NumberFormat = tick_number
) -> list[float]:
    """The finest round ticks within the limits whose labels do not touch, at least one where one fits."""
    candidates = _log_ticks(*limits) if log else []
    if not log or limits[1] / limits[0] < 8:
        candidates += [
            list(MaxNLocator(n, steps=[1, 2, 2.5, 5, 10]).tick_values(*limits)) for n in range(7, 0, -1)
        ]
    shown = [[tick for tick in ticks if limits[0] <= tick <= limits[1]] for ticks in candidates]
    inside = [_within(ticks, limits, width, log, number) for ticks in shown]
    for ticks in inside:
        if len(ticks) >= 2 and _labels_fit(ticks, limits, width, log, number):
            return ticks
    return next(([ticks[0]] for ticks in inside if ticks), [])


def _log_ticks(low: float, high: float) -> list[list[float]]:
    """Ticks from fine to coarse: 1-2-5, 1-3, then every so many powers of ten."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    powers = range(first, last + 1)
    fine = [[base * 10.0**power for power in powers for base in bases] for bases in ((1, 2, 5), (1, 3), (1,))]
    coarse = [[10.0**power for power in powers if power % step == 0] for step in (2, 3, 4, 6)]
    return fine + coarse


def _places(ticks: Sequence[float], limits: tuple[float, float], width: float, log: bool) -> list[float]:
    """Where ticks lie, in inches from the start of the axis."""
    forward = math.log10 if log else float
    span = forward(limits[1]) - forward(limits[0])
    return [(forward(tick) - forward(limits[0])) / span * width for tick in ticks]


def _within(
    ticks: Sequence[float], limits: tuple[float, float], width: float, log: bool, number: NumberFormat
) -> list[float]:
    """The ticks whose labels do not run over the right edge of the figure."""
    placed = zip(ticks, _places(ticks, limits, width, log), strict=True)
    return [
        tick
        for tick, place in placed
        if place + max(text_width(number(tick), SMALLEST_TEXT) / 2 - 0.05, 0.0) <= width
    ]


def _labels_fit(
    ticks: Sequence[float], limits: tuple[float, float], width: float, log: bool, number: NumberFormat
) -> bool:
    if len({number(tick) for tick in ticks}) < len(ticks):
        return False
    centres = _places(ticks, limits, width, log)
    halves = [text_width(number(tick), SMALLEST_TEXT) / 2 for tick in ticks]
    return all(centres[i + 1] - centres[i] > halves[i] + halves[i + 1] + 0.12 for i in range(len(ticks) - 1))
