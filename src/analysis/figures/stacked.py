"""One stacked bar: the parts of a total, and what the parts leave out, hatched.

Wide parts are labelled above the bar, narrow ones below it on a staircase of leaders, so any number of small
parts stays legible. When the parts exceed the printed total, the total is marked on the bar: the figure
shows the disagreement and does not decide it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
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
from analysis.figures.labels import Box, spread
from analysis.figures.theme import CONTEXT, FOCUS, INK, PAPER, PLUM, themed

_BAR_HEIGHT = 0.46
_LENGTH = WIDTH - 2 * MARGIN
_STEP = 0.1
_FIRST_STEP = 0.14


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


@dataclass(frozen=True)
class _Stair:
    """A narrow part's leader (at x) and text (from a depth below the bar), in inches."""

    part: _Part
    x: float
    top: float
    text: str

    @property
    def rightward(self) -> bool:
        return self.x < _LENGTH / 2

    @property
    def bottom(self) -> float:
        return self.top + text_height(self.text) + 0.02

    @property
    def boxes(self) -> tuple[Box, Box]:
        """The space of the leader and of the text."""
        far = text_width(self.text) + 0.15
        start, end = (self.x, self.x + far) if self.rightward else (self.x - far, self.x)
        return Box(self.x - 0.03, 0.0, self.x + 0.03, self.bottom), Box(start, self.top, end, self.bottom)


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
        InputError: The frame is empty, lacks a column, holds a negative value, or has nothing to draw.
    """
    check_frame(frame, ("label", "value"), "a composition")
    values = number_column(frame, "value")
    if (values < 0).any() or not np.nansum(values) + (total or 0) > 0:
        raise InputError(
            "The parts of a composition are counts from zero up, not all zero",
            list(values),
            "correct the values or write a sentence instead.",
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
    narrow = [part for part in labelled if part not in wide]
    above = max((text_height(_wrapped(part)) for part in wide), default=0.0) + 0.08
    stairs = _stairs(sorted(narrow, key=lambda part: part.centre))
    notes = wrap("\n".join(missing), _LENGTH) if missing else ""
    depth = max((stair.bottom for stair in stairs), default=0.0)
    height = 2 * MARGIN + above + _BAR_HEIGHT + depth + 0.15
    figure, page = sheet(WIDTH, height + (text_height(notes) + 0.1 if notes else 0.0))
    top = MARGIN + above
    for part in labelled:
        _draw_part(page, part, top)
    for part in wide:
        write(page, MARGIN + part.start, top - 0.05, _wrapped(part), va="bottom", color=_text_colour(part))
    for stair in stairs:
        _draw_stair(page, stair, top + _BAR_HEIGHT)
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


def _stairs(parts: list[_Part]) -> list[_Stair]:
    """The narrow parts, from left to right, with their leaders and texts.

    Leaders left of the middle carry their text at the right and go deeper the further left they are; those
    right of the middle mirror this, so that no leader crosses a text. The right flight starts as high as the
    left one lets it.
    """
    xs = spread([part.centre for part in parts], [_STEP] * len(parts), 0.0, _LENGTH)
    pairs = list(zip(parts, xs, strict=True))
    left = _flight([pair for pair in reversed(pairs) if pair[1] < _LENGTH / 2], _FIRST_STEP)
    taken = [box for stair in left for box in stair.boxes]
    depths = [_FIRST_STEP, *(stair.bottom for stair in left)]
    right_pairs = [pair for pair in pairs if pair[1] >= _LENGTH / 2]
    for depth in depths:
        right = _flight(right_pairs, depth)
        if not any(box.overlaps(other) for stair in right for box in stair.boxes for other in taken):
            break
    return left + right


def _flight(pairs: list[tuple[_Part, float]], depth: float) -> list[_Stair]:
    """Stairs one below the other from a depth, in the order given."""
    stairs: list[_Stair] = []
    for part, x in pairs:
        text = wrap(part.text, _LENGTH / 2 - 0.2)
        stairs.append(_Stair(part, x, depth, text))
        depth = stairs[-1].bottom
    return stairs


def _draw_stair(page: Axes, stair: _Stair, bottom: float) -> None:
    part, colour = stair.part, _text_colour(stair.part)
    at, foot = MARGIN + stair.x, bottom + stair.top + line_height() / 2
    turn = 0.06 if stair.rightward else -0.06
    line = [(MARGIN + part.centre, bottom), (at, bottom + 0.1), (at, foot), (at + turn, foot)]
    page.plot(*zip(*line, strict=True), color=colour, linewidth=0.8)
    ha = "left" if stair.rightward else "right"
    write(page, at + 1.6 * turn, bottom + stair.top, stair.text, ha=ha, va="top", color=colour)


def _draw_part(page: Axes, part: _Part, top: float) -> None:
    corner = (MARGIN + part.start, top)
    style: dict[str, Any]
    if part.role == "gap":
        style = {"facecolor": PAPER, "edgecolor": PLUM, "hatch": "//////", "linewidth": 0.8}
    elif part.role == "excess":
        x = MARGIN + part.start
        page.plot(
            [x, x], [top - 0.08, top + _BAR_HEIGHT + 0.08], color=PLUM, linewidth=1.4, linestyle=(0, (3, 2))
        )
        return
    else:
        colour = FOCUS if part.role == "focus" else CONTEXT
        style = {"facecolor": colour, "edgecolor": PAPER, "linewidth": 1.0}
    page.add_patch(Rectangle(corner, part.length, _BAR_HEIGHT, **style))


def _text_colour(part: _Part) -> str:
    if part.role in ("gap", "excess"):
        return PLUM
    return FOCUS if part.role == "focus" else INK
