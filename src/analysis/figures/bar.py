"""Horizontal bars, one a row in the caller's order; on a logarithmic axis they become lollipops.

A bar's length means its value only on an axis that starts at zero. A logarithmic axis has no zero, so a
bar there would mislead: a dot on a thin stem is drawn instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.canvas import GAP, WIDTH, text_width, wrap
from analysis.figures.inputs import (
    ROLES,
    NumberFormat,
    Words,
    check_choice,
    check_frame,
    number_column,
    plain_number,
    text_column,
    tick_number,
    value_text,
)
from analysis.figures.rows import VALUE_SHARE, RowChart, row_chart, write_beside
from analysis.figures.scales import set_value_axis, value_range, with_room
from analysis.figures.theme import CONTEXT, FOCUS, INK, PAPER, themed

BAR_HEIGHT = 0.17
FILLS: dict[str, dict[str, Any]] = {
    "focus": {"facecolor": FOCUS, "edgecolor": FOCUS},
    "peer": {"facecolor": CONTEXT, "edgecolor": INK},
    "other": {"facecolor": CONTEXT, "edgecolor": CONTEXT},
    "context": {"facecolor": PAPER, "edgecolor": INK, "hatch": "////"},
}
_HEADS: dict[str, dict[str, Any]] = {
    "focus": {"color": FOCUS},
    "peer": {"color": CONTEXT, "markeredgecolor": INK},
    "other": {"color": CONTEXT, "markeredgecolor": CONTEXT},
    "context": {"color": PAPER, "markeredgecolor": INK, "marker": "D", "markersize": 6},
}


@themed()
def bars(
    frame: pd.DataFrame,
    *,
    words: Words,
    log: bool = False,
    axis_label: str = "",
    number: NumberFormat = plain_number,
    axis_number: NumberFormat = tick_number,
) -> Figure:
    """A figure of horizontal bars with value labels, in the order of the frame.

    Args:
        frame: One row a bar: `label`, `value` (NaN where missing), `note` (a few words after the value, may
            be empty), `role` (focus | peer | other | context).
        words: The words for missing values and zeros.
        log: Whether the axis is logarithmic; bars are then drawn as lollipops.
        axis_label: What the axis shows, with its unit.
        number: How a value is written beside its bar.
        axis_number: How a value is written on the axis.

    Raises:
        InputError: The frame is empty, lacks a column, or holds an unknown role or a value that cannot be
            drawn.
    """
    check_frame(frame, ("label", "value", "note", "role"), "bars")
    check_choice(frame["role"], ROLES, "role")
    values = number_column(frame, "value", log=log)
    roles = list(frame["role"])
    texts = [
        wrap(f"{value_text(value, words, number, log=log)}  {note}".rstrip(), WIDTH * VALUE_SHARE)
        for value, note in zip(values, text_column(frame, "note"), strict=True)
    ]
    chart = row_chart(
        text_column(frame, "label"),
        colours=[FOCUS if role == "focus" else INK for role in roles],
        beside=texts,
        axis_label=axis_label,
    )
    limits = _limits(values, texts, chart.width, log)
    set_value_axis(chart.axes, limits, chart.width, log=log, number=axis_number)
    if not log:
        chart.axes.axvline(0, color=INK, linewidth=0.8)
    for position, (value, text, role) in enumerate(zip(values, texts, roles, strict=True)):
        _draw_row(chart, position, value, text, role, limits[0] if log else 0.0)
    chart.pen.lift()
    return chart.figure


def _limits(values: np.ndarray, texts: list[str], width: float, log: bool) -> tuple[float, float]:
    """Limits that hold the bars from zero and, beyond the end of each, its text."""
    low, high = value_range(values, log=log, from_zero=not log)
    rooms = [text_width(text) + 2 * GAP for text in texts]
    ends = list(values) if log else [max(value, 0.0) for value in values]
    if log:
        low = 10.0 ** np.floor(np.log10(low))
    return with_room((float(low), high), ends, rooms, width, log=log)


def _draw_row(chart: RowChart, position: int, value: float, text: str, role: str, base: float) -> None:
    y = chart.y[position]
    colour = FOCUS if role == "focus" else INK
    log = chart.axes.get_xscale() == "log"
    if np.isnan(value) or (log and value == 0):
        write_beside(chart, position, base, text, colour=colour, gap=GAP / 2)
        return
    if log:
        stem = FOCUS if role == "focus" else CONTEXT
        chart.pen.line([base, value], [y, y], color=stem, linewidth=1.6, zorder=2)
        style: dict[str, Any] = {"marker": "o", "markersize": 8} | _HEADS[role]
        chart.pen.mark(value, y, zorder=3, **style)
    else:
        chart.axes.barh([y], [value], height=BAR_HEIGHT, linewidth=0.8, zorder=2, **FILLS[role])
    write_beside(chart, position, max(value, base), text, colour=colour, gap=GAP + (0.03 if log else 0.0))
