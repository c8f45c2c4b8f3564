"""Dumbbells: one metric a row in two years, computed earlier values hollow with their interval.

Direction is drawn, not judged: the line ends in the later year's larger mark, whichever side it lies on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.canvas import GAP, WIDTH, KeyEntry, text_height, text_width, wrap, write
from analysis.figures.inputs import (
    NumberFormat,
    Words,
    check_frame,
    number_column,
    plain_number,
    text_column,
    tick_number,
    value_text,
)
from analysis.figures.rows import RowChart, row_chart, write_beside
from analysis.figures.scales import set_value_axis, value_range, with_room
from analysis.figures.theme import CONTEXT, FOCUS, INK, PAPER, themed

_BEFORE: dict[str, Any] = {"marker": "o", "markersize": 7, "color": CONTEXT, "markeredgecolor": INK}
_DERIVED: dict[str, Any] = {"marker": "o", "markersize": 7, "color": PAPER, "markeredgecolor": INK}
_AFTER: dict[str, Any] = {"marker": "D", "markersize": 7.5, "color": FOCUS}

_COLUMNS = ("label", "before", "before_lower", "before_upper", "before_derived", "after")
_OUTSIDE = GAP + 0.04
_NOTE_SHARE = 0.2
_TEXT_SHARE = 0.22


@themed()
def changes(
    frame: pd.DataFrame,
    *,
    before_label: str,
    after_label: str,
    words: Words,
    log: bool = False,
    axis_label: str = "",
    number: NumberFormat = plain_number,
    axis_number: NumberFormat = tick_number,
) -> Figure:
    """A figure of pairs of values, one pair a row, in the order of the frame.

    Args:
        frame: One row a metric: `label`, `before`, `before_lower`, `before_upper`, `after` (floats, NaN where
            missing), `before_derived` (whether the earlier value was computed); optional `note`, such as the
            change, written at the right.
        before_label: The earlier year, for the key.
        after_label: The later year, for the key.
        words: The words for missing values, zeros and computed values.
        log: Whether the axis is logarithmic, where rows differ much in size.
        axis_label: What the axis shows.
        number: How a value is written beside its mark.
        axis_number: How a value is written on the axis.

    Raises:
        InputError: The frame is empty, lacks a column, or holds a value that cannot be drawn.
    """
    rows = _rows(frame, before_label, after_label, words, log, number)
    room = max(text_width(text) for text in rows["note"])
    chart = row_chart(
        text_column(rows, "label"),
        beside=[max(texts, key=text_height) for texts in zip(rows["note"], rows["high_text"], strict=True)],
        key=_key(rows, before_label, after_label, words),
        axis_label=axis_label,
        right=room + 2 * GAP if room else 0.0,
        pitch=0.34 if len(rows) <= 14 else None,
    )
    limits = _limits(rows, chart.width, log)
    set_value_axis(chart.axes, limits, chart.width, log=log, number=axis_number)
    for position, row in enumerate(rows.itertuples(index=False)):
        _draw_row(chart, position, row, limits)
        _write_note(chart, position, str(row.note))
    chart.pen.lift()
    return chart.figure


def _write_note(chart: RowChart, position: int, note: str) -> None:
    """None; a row's note is written at the right of the plot."""
    if note:
        x = chart.left + chart.width + 2 * GAP
        write(chart.page, x, chart.top + chart.y[position], note)


def _rows(
    frame: pd.DataFrame, before_label: str, after_label: str, words: Words, log: bool, number: NumberFormat
) -> pd.DataFrame:
    """The checked rows with what has a place on the axis, `low_end`, `high_end` and texts outside them."""
    check_frame(frame, _COLUMNS, "changes")
    columns = ["before", "before_lower", "before_upper", "after"]
    rows = frame.assign(**{column: number_column(frame, column, log=log) for column in columns})
    rows["note"] = [wrap(note, WIDTH * _NOTE_SHARE) for note in text_column(frame, "note")]
    rows["before_derived"] = frame["before_derived"].fillna(False).astype(bool)
    texts = [
        [value_text(value, words, number, log=log) for value in rows[name]] for name in ("before", "after")
    ]
    if log:
        rows[columns] = rows[columns].where(rows[columns] > 0)
    rows.loc[rows["before"].isna(), ["before_lower", "before_upper"]] = np.nan
    rows["low_end"], rows["high_end"] = rows[columns].min(axis=1), rows[columns].max(axis=1)
    rows["falls"] = rows["after"] < rows["before"]
    pairs = [
        _outer_texts((f"{before_label}: {before}", f"{after_label}: {after}"), (before, after), absent)
        for before, after, *absent in zip(*texts, rows["before"].isna(), rows["after"].isna(), strict=True)
    ]
    ordered = [pair[::-1] if falls else pair for pair, falls in zip(pairs, rows["falls"], strict=True)]
    wrapped = [[wrap(text, WIDTH * _TEXT_SHARE) for text in pair] for pair in ordered]
    return rows.assign(low_text=[low for low, _ in wrapped], high_text=[high for _, high in wrapped])


def _outer_texts(named: tuple[str, str], plain: tuple[str, str], absent: Sequence[bool]) -> tuple[str, str]:
    """What stands left and right of a row's marks; all of it at the right when a year has no mark."""
    if not any(absent):
        return plain
    marked = [text for text, gone in zip(plain, absent, strict=True) if not gone]
    apart = [text for text, gone in zip(named, absent, strict=True) if gone]
    return "", "  ".join([*marked, *apart])


def _limits(rows: pd.DataFrame, width: float, log: bool) -> tuple[float, float]:
    """Limits with room for the texts on both sides, widened in turns: each side's room moves the other's."""
    ends = rows[["low_end", "high_end"]].to_numpy(dtype=float)
    limits = value_range(ends, log=log, from_zero=not log)
    most = 0.47 * width
    high_rooms = [min(text_width(text) + 2 * _OUTSIDE, most) for text in rows["high_text"]]
    low_rooms = [min(text_width(text) + 2 * _OUTSIDE, most) for text in rows["low_text"]]
    for _ in range(60):
        limits = with_room(limits, list(rows["high_end"]), high_rooms, width, log=log)
        limits = with_room(limits, list(rows["low_end"]), low_rooms, width, log=log, side="low")
    return limits


def _draw_row(chart: RowChart, position: int, row: Any, limits: tuple[float, float]) -> None:
    y = chart.y[position]
    pen = chart.pen
    if np.isnan(row.low_end):
        write_beside(chart, position, limits[0], row.high_text, gap=GAP / 2)
        return
    if not np.isnan(row.before) and not np.isnan(row.after):
        pen.line([row.before, row.after], [y, y], color=CONTEXT, linewidth=2.2, zorder=1)
    if not np.isnan(row.before_lower) and not np.isnan(row.before_upper):
        pen.line([row.before_lower, row.before_upper], [y, y], color=INK, linewidth=5, alpha=0.35, zorder=2)
    if not np.isnan(row.before):
        style = _DERIVED if row.before_derived else _BEFORE
        pen.mark(row.before, y, zorder=3, **style)
    if not np.isnan(row.after):
        pen.mark(row.after, y, zorder=4, **_AFTER)
    low_colour, high_colour = (FOCUS, INK) if row.falls or np.isnan(row.after) else (INK, FOCUS)
    write_beside(chart, position, row.high_end, row.high_text, colour=high_colour, gap=_OUTSIDE)
    write_beside(chart, position, row.low_end, row.low_text, colour=low_colour, gap=_OUTSIDE, side="left")


def _key(rows: pd.DataFrame, before_label: str, after_label: str, words: Words) -> list[KeyEntry]:
    derived = rows["before_derived"] & rows["before"].notna()
    key = []
    if (~rows["before_derived"]).any():
        key.append(KeyEntry(before_label, _BEFORE))
    if derived.any():
        key.append(KeyEntry(f"{before_label} · {words.derived}", _DERIVED))
    return [*key, KeyEntry(after_label, _AFTER)]
