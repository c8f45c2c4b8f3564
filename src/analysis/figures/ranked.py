"""Ranked dots: one value a row with its interval, the focus in colour, context rows apart.

Values are ranked, highest first; what is missing or zero on a logarithmic axis stays unranked below, in
words. Context rows (a province, the nation) are shown for scale and never ranked among the cities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.canvas import GAP, WIDTH, key_of, text_width, wrap
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
from analysis.figures.rows import VALUE_SHARE, RowChart, draw_rule, row_chart, write_beside
from analysis.figures.scales import set_value_axis, value_range, with_room
from analysis.figures.theme import CONTEXT, FOCUS, INK, PAPER, themed

_MARKS: dict[str, dict[str, Any]] = {
    "focus": {"marker": "o", "markersize": 9, "color": FOCUS},
    "peer": {"marker": "o", "markersize": 7, "color": CONTEXT, "markeredgecolor": INK},
    "other": {"marker": "o", "markersize": 6.5, "color": PAPER, "markeredgecolor": INK},
    "context": {"marker": "D", "markersize": 5.5, "color": PAPER, "markeredgecolor": INK},
}
_CONTEXT_GAP = 0.16


@themed()
def ranked_dots(
    frame: pd.DataFrame,
    *,
    words: Words,
    log: bool = False,
    axis_label: str = "",
    role_labels: Mapping[str, str] | None = None,
    number: NumberFormat = plain_number,
    axis_number: NumberFormat = tick_number,
) -> Figure:
    """A figure of ranked horizontal dots with interval whiskers and value labels.

    Args:
        frame: One row a unit: `label`, `value`, `lower`, `upper` (floats, NaN where missing), `role` (focus |
            peer | other | context); optional `note`, a few words after the value.
        words: The words for missing values and zeros.
        log: Whether the axis is logarithmic.
        axis_label: What the axis shows, with its unit.
        role_labels: Words for roles; when given, a key names the roles that occur.
        number: How a value is written beside its dot.
        axis_number: How a value is written on the axis.

    Raises:
        InputError: The frame is empty, lacks a column, or holds an unknown role or a value that cannot be
            drawn.
    """
    rows = _ranked(frame, log, words, number)
    first_context = int((rows["role"] != "context").sum())
    gaps = {first_context: _CONTEXT_GAP} if 0 < first_context < len(rows) else {}
    chart = row_chart(
        text_column(rows, "label"),
        colours=[FOCUS if role == "focus" else INK for role in rows["role"]],
        beside=list(rows["text"]),
        key=key_of(rows["role"], role_labels or {}, _MARKS),
        axis_label=axis_label,
        gaps=gaps,
    )
    limits = _limits(rows, chart.width, log)
    set_value_axis(chart.axes, limits, chart.width, log=log, number=axis_number)
    for position, row in enumerate(rows.itertuples(index=False)):
        _draw_row(chart, position, row, limits, log)
    chart.pen.lift()
    for position, gap in gaps.items():
        draw_rule(chart, position, gap)
    return chart.figure


def _ranked(frame: pd.DataFrame, log: bool, words: Words, number: NumberFormat) -> pd.DataFrame:
    """The checked rows in drawing order, with `drawn` (has a place on the axis), `end` and wrapped `text`."""
    check_frame(frame, ("label", "value", "lower", "upper", "role"), "ranked dots")
    check_choice(frame["role"], ROLES, "role")
    rows = frame.assign(
        value=number_column(frame, "value", log=log),
        lower=number_column(frame, "lower"),
        upper=number_column(frame, "upper"),
        note=text_column(frame, "note"),
    )
    rows["drawn"] = rows["value"].notna() & ((rows["value"] > 0) | (not log))
    rows["end"] = rows[["value", "upper"]].max(axis=1).where(rows["drawn"])
    texts = [value_text(value, words, number, log=log) for value in rows["value"]]
    rows["text"] = [
        wrap(f"{text}  {note}".rstrip(), WIDTH * VALUE_SHARE)
        for text, note in zip(texts, rows["note"], strict=True)
    ]
    order = rows.assign(apart=rows["role"] == "context", rank=-rows["value"].where(rows["drawn"]))
    order = order.sort_values(["apart", "rank", "value"], kind="stable", na_position="last")
    return order.drop(columns=["apart", "rank"])


def _limits(rows: pd.DataFrame, width: float, log: bool) -> tuple[float, float]:
    """Limits around values and intervals, with room for the texts at the right."""
    drawn = rows[rows["drawn"]]
    shown = drawn[["value", "lower", "upper"]].to_numpy(dtype=float)
    limits = value_range(shown, log=log, from_zero=not log)
    if not log and limits[0] < 0:
        limits = (limits[0] - 0.03 * (limits[1] - limits[0]), limits[1])
    rooms = [text_width(text) + 2 * GAP for text in drawn["text"]]
    return with_room(limits, list(drawn["end"]), rooms, width, log=log)


def _draw_row(chart: RowChart, position: int, row: Any, limits: tuple[float, float], log: bool) -> None:
    y = chart.y[position]
    colour = FOCUS if row.role == "focus" else INK
    if not row.drawn:
        zero: dict[str, Any] = {"marker": "<", "markersize": 6, "color": PAPER, "markeredgecolor": colour}
        if row.value == 0:
            chart.pen.mark(limits[0], y, **zero)
        write_beside(
            chart, position, limits[0], row.text, colour=colour, gap=2 * GAP if row.value == 0 else GAP / 2
        )
        return
    if not np.isnan(row.lower) and not np.isnan(row.upper):
        start = max(row.lower, limits[0]) if log else row.lower
        line = FOCUS if row.role == "focus" else CONTEXT
        chart.pen.line([start, row.upper], [y, y], color=line, linewidth=2.4, zorder=2)
    chart.pen.mark(row.value, y, zorder=3, **_MARKS[row.role])
    write_beside(chart, position, row.end, row.text, colour=colour, gap=GAP + 0.03)
