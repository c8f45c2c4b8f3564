"""One stacked bar: the parts of a total, and what the parts leave out, hatched.

Wide parts are labelled above the bar, narrow ones below it on a staircase of leaders, so many small parts
stay legible. When the parts exceed the printed total, the total is marked on the bar: the figure
shows the disagreement and does not decide it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.errors import InputError
from analysis.figures.canvas import (
    MARGIN,
    WIDTH,
    line_height,
    longest_word,
    sheet,
    text_height,
    text_width,
    wrap,
    write,
)
from analysis.figures.inputs import (
    NumberFormat,
    Words,
    check_choice,
    check_frame,
    number_column,
    plain_number,
    text_column,
)
from analysis.figures.page import Page
from analysis.figures.stairs import Stair, build_stairs, number_mark
from analysis.figures.theme import CONTEXT, FOCUS, INK, PAPER, PLUM, themed

_BAR_HEIGHT = 0.46
_LENGTH = WIDTH - 2 * MARGIN
_MOST_PARTS = 20
GAP_STYLE: dict[str, Any] = {"facecolor": PAPER, "edgecolor": PLUM, "hatch": "//////", "linewidth": 0.8}
"""How what the parts leave out is drawn, here and in a waterfall."""


@dataclass(frozen=True)
class _Part:
    """A part of the bar in inches from its left end, with its words."""

    start: float
    length: float
    text: str
    role: str

    @property
    def centre(self) -> float:
        return self.start + self.length / 2


@themed()
def composition(
    frame: pd.DataFrame,
    *,
    total: float | None,
    gap_label: str,
    words: Words,
    number: NumberFormat = plain_number,
) -> Figure:
    """A figure of one stacked bar, the parts in the order of the frame.

    Args:
        frame: One row a part: `label`, `value` (not negative, NaN where missing); optional `role` (focus |
            other) to set some parts off in colour, by default all in one colour.
        total: What the parts should add up to, or None when no total is printed.
        gap_label: The words for the difference between the total and the sum of the parts, either way.
        words: The words for missing values.
        number: How a value is written before its label.

    Raises:
        InputError: The frame is empty, lacks a column, holds a negative value, or has nothing or
            more than 20 parts to draw.
    """
    check_frame(frame, ("label", "value"), "a composition")
    values = number_column(frame, "value")
    if (values < 0).any() or not np.nansum(values) + (total or 0) > 0:
        raise InputError(
            "The parts of a composition are counts from zero up, not all zero",
            list(values),
            "correct the values or write a sentence instead.",
        )
    if len(frame) > _MOST_PARTS:
        raise InputError(
            f"A composition has at most {_MOST_PARTS} parts",
            len(frame),
            "group the small parts or draw bars.",
        )
    roles = text_column(frame, "role") if "role" in frame.columns else ["focus"] * len(frame)
    check_choice(roles, ("focus", "other"), "role of a part")
    labels = text_column(frame, "label")
    parts = _parts(
        values, [f"{_amount(v, number)}{label}" for v, label in zip(values, labels, strict=True)], roles
    )
    missing = [f"{label}: {words.missing}" for label, v in zip(labels, values, strict=True) if math.isnan(v)]
    whole = max(float(np.nansum(values)), total or 0.0)
    return _draw([_scaled(part, _LENGTH / whole) for part in parts], total, whole, gap_label, missing)


def _amount(value: float, number: NumberFormat) -> str:
    return "" if math.isnan(value) else f"{number(value)} "


def _parts(values: np.ndarray, texts: list[str], roles: list[str]) -> list[_Part]:
    """The parts with a value, in the unit of the values."""
    parts: list[_Part] = []
    start = 0.0
    for value, text, role in zip(values, texts, roles, strict=True):
        if not math.isnan(value):
            parts.append(_Part(start, float(value), text, role))
            start += float(value)
    return parts


def _scaled(part: _Part, scale: float) -> _Part:
    return _Part(part.start * scale, part.length * scale, part.text, part.role)


def _draw(
    parts: list[_Part], total: float | None, whole: float, gap_label: str, missing: list[str]
) -> Figure:
    """The figure of parts in inches; `whole` is the length of the bar in units."""
    end = parts[-1].start + parts[-1].length if parts else 0.0
    labelled = list(parts)
    mark = _LENGTH if total is None else total / whole * _LENGTH
    if mark > end + 1e-9:
        labelled.append(_Part(end, mark - end, gap_label, "gap"))
    elif mark < end - 1e-9:
        labelled.append(_Part(mark, end - mark, gap_label, "excess"))
    wide = [part for part in labelled if part.role != "excess" and _fits_above(part)]
    narrow = sorted((part for part in labelled if part not in wide), key=lambda part: part.centre)
    above = max((text_height(_wrapped(part)) for part in wide), default=0.0) + 0.08
    stairs = build_stairs([part.centre for part in narrow], [part.text for part in narrow], _LENGTH)
    notes = wrap("\n".join(missing), _LENGTH) if missing else ""
    depth = max((stair.bottom for stair in stairs), default=0.0)
    height = 2 * MARGIN + above + _BAR_HEIGHT + depth + 0.06
    figure, page = sheet(WIDTH, height + (text_height(notes) + 0.1 if notes else 0.0))
    top = MARGIN + above
    for part in labelled:
        _draw_part(page, part, top)
    for part in wide:
        write(page, MARGIN + part.start, top - 0.05, _wrapped(part), va="bottom", color=_text_colour(part))
    for stair in stairs:
        _draw_stair(page, stair, narrow[stair.mark], top + _BAR_HEIGHT)
    if notes:
        write(page, MARGIN, height, notes, va="top")
    return figure


def _fits_above(part: _Part) -> bool:
    """Whether the part's label fits above it: on one line, or on up to three where the part is wide."""
    room = part.length - 0.1
    if text_width(part.text) <= room:
        return True
    return room > 0.9 and longest_word(part.text) <= room and _wrapped(part).count("\n") <= 2


def _wrapped(part: _Part) -> str:
    return wrap(part.text, max(part.length - 0.1, 0.1))


def _draw_stair(page: Page, stair: Stair, part: _Part, bottom: float) -> None:
    """None; a leader from the bar to a label beside its foot, or to the number of a listed one."""
    colour = _text_colour(part)
    at = MARGIN + stair.x
    foot = bottom + (0.14 if stair.listed else stair.top + line_height() / 2)
    turn = 0.0 if stair.listed else 0.06 if stair.rightward else -0.06
    line = [(MARGIN + stair.anchor, bottom), (at, bottom + 0.1), (at, foot), (at + turn, foot)]
    page.line(*zip(*line, strict=True), color=colour, linewidth=0.8)
    if stair.listed:
        write(page, at, foot + 0.02, number_mark(stair.mark), ha="center", va="top", color=colour)
        write(page, MARGIN, bottom + stair.top, stair.text, va="top", color=colour)
        return
    ha = "left" if stair.rightward else "right"
    write(page, at + 1.6 * turn, bottom + stair.top, stair.text, ha=ha, va="top", color=colour)


def _draw_part(page: Page, part: _Part, top: float) -> None:
    corner = (MARGIN + part.start, top)
    style: dict[str, Any]
    if part.role == "gap":
        style = GAP_STYLE
    elif part.role == "excess":
        x = MARGIN + part.start
        ends = [top - 0.03, top + _BAR_HEIGHT + 0.1]
        page.line([x, x], ends, color=PAPER, linewidth=5.0)
        page.line([x, x], ends, color=PLUM, linewidth=2.0)
        return
    else:
        colour = FOCUS if part.role == "focus" else CONTEXT
        style = {"facecolor": colour, "edgecolor": PAPER, "linewidth": min(part.length / _LENGTH * 100, 1.0)}
    page.add(Rectangle(corner, part.length, _BAR_HEIGHT, **style))


def _text_colour(part: _Part) -> str:
    if part.role in ("gap", "excess"):
        return PLUM
    return FOCUS if part.role == "focus" else INK
