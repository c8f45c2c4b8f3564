"""Strips: every city's value on one line a metric, each line with its own axis, the focus labelled.

A strip shows where a value lies among the others without ranking it. Labels other than the focus's are
written only where they have room; all values are in the data behind the figure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.canvas import (
    MARGIN,
    WIDTH,
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
    plain_number,
    text_column,
    tick_number,
    value_text,
)
from analysis.figures.labels import Box
from analysis.figures.page import Page
from analysis.figures.scales import set_value_axis, value_range
from analysis.figures.theme import CONTEXT, FOCUS, INK, PAPER, SMALLEST_TEXT, themed

_MARKS: dict[str, dict[str, Any]] = {
    "other": {"marker": "|", "markersize": 11, "color": INK, "alpha": 0.45, "markeredgewidth": 1.1},
    "peer": {"marker": "o", "markersize": 6.5, "color": CONTEXT, "markeredgecolor": INK},
    "context": {"marker": "D", "markersize": 6, "color": PAPER, "markeredgecolor": INK},
    "focus": {"marker": "o", "markersize": 9.5, "color": FOCUS},
}
_ABOVE = 0.26
_STRIP = 0.2
_BELOW = 0.34
_INDENT = 0.12


@themed()
def strips(
    frame: pd.DataFrame,
    *,
    words: Words,
    log_panels: Collection[str] = (),
    role_labels: Mapping[str, str] | None = None,
    number: NumberFormat = plain_number,
    axis_number: NumberFormat = tick_number,
) -> Figure:
    """A figure of one strip a metric, in the order in which the metrics first occur.

    Args:
        frame: One row a city and metric: `panel` (the metric, with its unit), `value` (NaN where missing),
            `role` (focus | peer | other | context), `label` (the city).
        words: The words for missing values and zeros.
        log_panels: The panels whose axis is logarithmic.
        role_labels: Words for roles; when given, a key names the roles that occur.
        number: How a value is written beside its label.
        axis_number: How a value is written on an axis.

    Raises:
        InputError: The frame is empty, lacks a column, or holds an unknown role, an unknown logarithmic panel
            or a value that cannot be drawn.
    """
    check_frame(frame, ("panel", "value", "role", "label"), "strips")
    check_choice(frame["role"], ROLES, "role")
    texts = {column: text_column(frame, column) for column in ("panel", "label")}
    rows = frame.assign(**texts, value=number_column(frame, "value"))
    check_choice(log_panels, list(dict.fromkeys(rows["panel"])), "logarithmic panel")
    panels = [
        _strip(part, part["panel"].iloc[0] in log_panels, words)
        for _, part in rows.groupby("panel", sort=False)
    ]
    key = key_of(rows["role"], role_labels or {}, _MARKS)
    y = MARGIN + key_height(key)
    figure, page = sheet(WIDTH, y + sum(strip.height for strip in panels))
    draw_key(page, key, MARGIN, MARGIN / 2)
    for strip in panels:
        write(page, MARGIN, y, strip.title, va="top")
        write(page, MARGIN, y + text_height(strip.title), strip.note, va="top", size=SMALLEST_TEXT)
        y += strip.height
        _draw_strip(figure, page, strip, y - _BELOW, number, axis_number)
    return figure


@dataclass(frozen=True)
class _Strip:
    """One panel's rows and words."""

    rows: pd.DataFrame
    log: bool
    title: str
    note: str

    @property
    def height(self) -> float:
        note = text_height(self.note, SMALLEST_TEXT) if self.note else 0.0
        return text_height(self.title) + note + _ABOVE + _STRIP + _BELOW


def _strip(part: pd.DataFrame, log: bool, words: Words) -> _Strip:
    number_column(part, "value", log=log)
    width = WIDTH - 2 * MARGIN
    note = wrap(_note(part, words, log), width, SMALLEST_TEXT)
    return _Strip(part.reset_index(drop=True), log, wrap(part["panel"].iloc[0], width), note)


def _note(part: pd.DataFrame, words: Words, log: bool) -> str:
    """Who has no place on the axis, and why, for the focus, peers and context."""
    zero = (part["value"] == 0) & log
    apart = part[(part["value"].isna() | zero) & (part["role"] != "other")]
    values = zip(apart["label"], apart["value"], strict=True)
    texts = [f"{label}: {value_text(value, words, plain_number, log=log)}" for label, value in values]
    return "; ".join(texts)


def _draw_strip(
    figure: Figure,
    page: Page,
    strip: _Strip,
    bottom: float,
    number: NumberFormat,
    axis_number: NumberFormat,
) -> None:
    part, log = strip.rows, strip.log
    width = WIDTH - 2 * MARGIN - 2 * _INDENT
    axes = plot_area(figure, MARGIN + _INDENT, bottom - _STRIP, width, _STRIP)
    axes.set_yticks([])
    axes.set_ylim(0, 1)
    axes.spines["bottom"].set_visible(True)
    drawn = part[part["value"].notna() & ((part["value"] > 0) | (not log))]
    limits = value_range(drawn["value"].to_numpy(dtype=float), log=log)
    set_value_axis(axes, limits, width, log=log, number=axis_number, grid=False)
    forward = np.log10 if log else np.asarray
    low, high = float(forward(limits[0])), float(forward(limits[1]))
    shares = (forward(drawn["value"].to_numpy(dtype=float)) - low) / (high - low)
    places = pd.Series(MARGIN + _INDENT + shares * width, index=drawn.index)
    for role, style in _MARKS.items():
        chosen = drawn["role"] == role
        ys = [bottom - _STRIP / 2] * int(chosen.sum())
        page.line(list(places[chosen]), ys, linestyle="none", **style)
    _draw_labels(page, drawn, places, bottom - _STRIP / 2, number)


def _draw_labels(
    page: Page, drawn: pd.DataFrame, places: pd.Series, middle: float, number: NumberFormat
) -> None:
    """None; labels above the strip, focus first, then context, the ends and the peers, as room allows."""
    order = _by_importance(drawn)
    chosen = drawn.loc[order]
    texts = [
        f"{label} {number(value)}" for label, value in zip(chosen["label"], chosen["value"], strict=True)
    ]
    top = middle - _STRIP / 2 - line_height()
    taken: list[Box] = []
    for index, text in zip(order, texts, strict=True):
        width = text_width(text)
        left = min(max(places[index] - width / 2, MARGIN), WIDTH - MARGIN - width)
        box = Box(left - 0.06, top, left + width + 0.06, top + line_height())
        if any(box.overlaps(other) for other in taken):
            continue
        taken.append(box)
        colour = FOCUS if drawn.at[index, "role"] == "focus" else INK
        write(page, left, top, text, va="top", color=colour)


def _by_importance(drawn: pd.DataFrame) -> list[int]:
    ranked = drawn["value"].sort_values(kind="stable").index
    ends = [ranked[-1], ranked[0]] if len(ranked) else []
    by_role = [drawn.index[drawn["role"] == role] for role in ("focus", "context")]
    peers = drawn.index[drawn["role"] == "peer"]
    return list(dict.fromkeys([*by_role[0], *by_role[1], *ends, *peers]))
