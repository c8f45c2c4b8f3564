"""Printed percentages against their parts: which rounding rule, if any, gives the figure as printed.

All rows share one axis, the distance from the printed figure in steps of its last digit, so a percentage
with one decimal and one with two can be read together. A window's closed end is a line, its open end none.
The verdict's words are the caller's; the figure only shows where the exact quotient lies.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.errors import InputError
from analysis.figures.canvas import GAP, WIDTH, KeyEntry, text_width, wrap, write
from analysis.figures.inputs import NumberFormat, Words, check_frame, number_column, text_column
from analysis.figures.rows import RowChart, row_chart
from analysis.figures.scales import set_value_axis
from analysis.figures.theme import CONTEXT, FOCUS, INK, PLUM, TEAL, themed

_COLUMNS = (
    *("label", "printed", "exact", "half_up_lower", "half_up_upper"),
    *("truncated_lower", "truncated_upper", "verdict"),
)
_REACH = (-1.4, 1.9)
_HALF_UP: dict[str, Any] = {"facecolor": "#C9D6E4", "edgecolor": FOCUS}
_TRUNCATED: dict[str, Any] = {"facecolor": "#D3ECEA", "edgecolor": TEAL, "hatch": "////"}
_EXACT: dict[str, Any] = {"marker": "D", "markersize": 6.5, "color": PLUM}
_BAND = 0.1


@themed()
def rate_windows(
    frame: pd.DataFrame,
    *,
    half_up_label: str,
    truncated_label: str,
    exact_label: str,
    words: Words,
    number: NumberFormat,
    axis_label: str,
) -> Figure:
    """A figure of printed percentages, one a row, with the exact quotient of their printed parts.

    Args:
        frame: One row a percentage: `label`; `printed`, as printed; `exact`, the quotient (NaN where there is
            none); the windows [`half_up_lower`, `half_up_upper`) and [`truncated_lower`, `truncated_upper`)
            of quotients that give the printed figure by either rule; `verdict`, a few words.
        half_up_label: Words for rounding half up, for the key.
        truncated_label: Words for truncation, for the key.
        exact_label: Words for the exact quotient, for the key.
        words: The words for a missing quotient.
        number: How the exact quotient is written.
        axis_label: What the axis shows: the distance from the printed figure in steps of its last digit.

    Raises:
        InputError: The frame is empty, lacks a column, or a window is missing or empty.
    """
    check_frame(frame, _COLUMNS, "rate windows")
    rows = _in_steps(frame)
    labels = [f"{label}  {printed}" for label, printed in zip(rows["label"], rows["printed"], strict=True)]
    verdicts = _verdicts(rows, words, number)
    chart = row_chart(
        labels,
        beside=verdicts,
        key=_key(half_up_label, truncated_label, exact_label),
        axis_label=axis_label,
        right=max(text_width(verdict) for verdict in verdicts) + 2 * GAP,
        pitch=0.36,
    )
    set_value_axis(chart.axes, _REACH, chart.width, log=False)
    chart.axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    for position, row in enumerate(rows.itertuples(index=False)):
        _draw_row(chart, position, row)
        x = chart.left + chart.width + 2 * GAP
        write(chart.page, x, chart.top + chart.y[position], verdicts[position])
    return chart.figure


def _key(half_up_label: str, truncated_label: str, exact_label: str) -> list[KeyEntry]:
    """The entries of the key: both windows and the quotient."""
    return [
        KeyEntry(half_up_label, patch=_HALF_UP),
        KeyEntry(truncated_label, patch=_TRUNCATED),
        KeyEntry(exact_label, _EXACT),
    ]


def _verdicts(rows: pd.DataFrame, words: Words, number: NumberFormat) -> list[str]:
    """The exact quotient of each row with its verdict, wrapped."""
    exact = [words.missing if np.isnan(value) else number(value) for value in rows["exact"]]
    return [
        wrap(f"{value}  {verdict}".rstrip(), WIDTH * 0.3)
        for value, verdict in zip(exact, rows["verdict"], strict=True)
    ]


def _in_steps(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with the windows' ends and `place`, the exact quotient, in steps from the printed figure."""
    ends = {name: number_column(frame, name) for name in _COLUMNS[3:7]}
    exact = number_column(frame, "exact")
    steps = ends["truncated_upper"] - ends["truncated_lower"]
    if not (steps > 0).all() or not (ends["half_up_upper"] > ends["half_up_lower"]).all():
        raise InputError(
            "A printed percentage has a window for each rounding rule",
            frame.loc[~(steps > 0), "label"].tolist() or "a half-up window without width",
            "give lower ends below upper ends.",
        )
    zero = ends["truncated_lower"]
    texts = {name: text_column(frame, name) for name in ("label", "printed", "verdict")}
    scaled = {name: (values - zero) / steps for name, values in ends.items()}
    return frame.assign(**texts, **scaled, exact=exact, place=(exact - zero) / steps)


def _draw_row(chart: RowChart, position: int, row: Any) -> None:
    """None; the two windows, one above the other, and the quotient, an arrow where it lies off the axis."""
    y = chart.y[position]
    bands = (
        (row.half_up_lower, row.half_up_upper, y - _BAND - 0.01, _HALF_UP),
        (row.truncated_lower, row.truncated_upper, y + 0.01, _TRUNCATED),
    )
    for lower, upper, top, style in bands:
        box = Rectangle((lower, top), upper - lower, _BAND, **(style | {"linewidth": 0}))
        chart.axes.add_patch(box)
        chart.axes.plot([lower, lower], [top, top + _BAND], color=style["edgecolor"], linewidth=1.8)
    if np.isnan(row.place):
        return
    low, high = _REACH
    shown = min(max(row.place, low), high)
    marker = _EXACT if low < row.place < high else _EXACT | {"marker": "<" if row.place <= low else ">"}
    chart.axes.plot([0, shown], [y, y], color=CONTEXT, linewidth=1.0, zorder=2)
    chart.axes.plot([shown], [y], linestyle="none", zorder=4, clip_on=False, **marker)
