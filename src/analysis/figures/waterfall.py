"""A waterfall: what comes in, what is taken from it step by step, and what does not add up, hatched.

Levels are bars from zero, such as cases received and cases closed; parts hang from the level above them. What
a level's parts and the next level leave over is computed here, so that the picture always adds up and
shows a disagreement instead of hiding it. Nothing is inferred about why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.errors import InputError
from analysis.figures.bar import BAR_HEIGHT, FILLS
from analysis.figures.canvas import GAP, WIDTH, text_width, wrap
from analysis.figures.inputs import (
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
from analysis.figures.stacked import GAP_STYLE
from analysis.figures.theme import FOCUS, INK, PLUM, themed

KINDS = ("level", "part")
_STYLES: dict[str, dict[str, Any]] = {
    "level": FILLS["peer"],
    "focus": FILLS["focus"],
    "other": FILLS["other"],
    "rest": GAP_STYLE,
}
_COLOURS = {"level": INK, "focus": FOCUS, "other": INK, "rest": PLUM}
_EXACT = 1e-9


@dataclass(frozen=True)
class _Step:
    """One bar: where it starts and where it leaves the running amount, with its words."""

    label: str
    text: str
    start: float
    end: float
    style: str

    @property
    def right(self) -> float:
        """The bar's right end."""
        return max(self.start, self.end)


@themed()
def waterfall(
    frame: pd.DataFrame,
    *,
    words: Words,
    axis_label: str = "",
    number: NumberFormat = plain_number,
    axis_number: NumberFormat = tick_number,
) -> Figure:
    """A figure of levels and the parts taken from them, from top to bottom in the order of the frame.

    Args:
        frame: One row a bar: `label`, `value` (not negative; NaN where a part is missing), `kind` (level |
            part; the first is a level); optional `role` (focus | other) of parts, `note` (a few words after
            the value) and `rest` (on a level: the words for what its parts and the next level leave of it,
            needed where they leave anything, either way).
        words: The words for missing values.
        axis_label: What the axis shows, with its unit.
        number: How a value is written beside its bar.
        axis_number: How a value is written on the axis.

    Raises:
        InputError: The frame is empty, lacks a column or holds an unknown kind or role, a level is missing, a
            value is negative, or what is left over has no words.
    """
    check_frame(frame, ("label", "value", "kind"), "a waterfall")
    steps = list(_steps(frame, words, number))
    texts = [wrap(step.text, WIDTH * VALUE_SHARE) for step in steps]
    chart = row_chart(
        [step.label for step in steps],
        colours=[_COLOURS[step.style] for step in steps],
        beside=texts,
        axis_label=axis_label,
    )
    limits = value_range([end for step in steps for end in (step.start, step.end)], log=False, from_zero=True)
    rooms = [text_width(text) + 2 * GAP for text in texts]
    limits = with_room(limits, [step.right for step in steps], rooms, chart.width, log=False)
    set_value_axis(chart.axes, limits, chart.width, log=False, number=axis_number)
    chart.axes.axvline(0, color=INK, linewidth=0.8)
    _draw(chart, steps, texts)
    chart.pen.lift()
    return chart.figure


def _steps(frame: pd.DataFrame, words: Words, number: NumberFormat) -> Iterator[_Step]:
    """Each bar in turn, with a bar for what is left over after the parts of a level."""
    values = _checked(frame)
    kinds, labels = text_column(frame, "kind"), text_column(frame, "label")
    notes, rests = text_column(frame, "note"), text_column(frame, "rest")
    roles = text_column(frame, "role") if "role" in frame.columns else ["other"] * len(frame)
    running, above = 0.0, 0
    for row, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        text = f"{value_text(value, words, number)}  {notes[row]}".rstrip()
        if kind == "level":
            if row:
                yield from _left_over(running, value, rests[above], number)
            yield _Step(labels[row], text, 0.0, value, "level")
            running, above = value, row
            continue
        taken = 0.0 if math.isnan(value) else value
        yield _Step(labels[row], text, running, running - taken, roles[row] or "other")
        running -= taken
    yield from _left_over(running, 0.0, rests[above], number)


def _checked(frame: pd.DataFrame) -> list[float]:
    """The values, when they can be drawn."""
    values = [float(value) for value in number_column(frame, "value")]
    kinds = text_column(frame, "kind")
    check_choice(kinds, KINDS, "kind")
    if "role" in frame.columns:
        check_choice((role for role in text_column(frame, "role") if role), ("focus", "other"), "role")
    if kinds[0] != "level":
        raise InputError("A waterfall starts with a level", kinds[0], "put what the parts belong to first.")
    unknown = [kind == "level" and math.isnan(value) for value, kind in zip(values, kinds, strict=True)]
    if any(unknown) or any(value < 0 for value in values):
        raise InputError(
            "Levels are known and nothing in a waterfall is negative", values, "leave the level out."
        )
    return values


def _left_over(running: float, level: float, label: str, number: NumberFormat) -> Iterator[_Step]:
    """The bar from the running amount to the next level, or none where they are the same."""
    if math.isclose(running, level, rel_tol=_EXACT, abs_tol=_EXACT):
        return
    if not label:
        raise InputError(
            "What the parts and the next level leave over is named",
            f"{running - level:g} without words",
            "give the level above them a `rest`.",
        )
    yield _Step(label, number(abs(running - level)), running, level, "rest")


def _draw(chart: RowChart, steps: Sequence[_Step], texts: Sequence[str]) -> None:
    """None; the bars, their texts, and a thin line from the end of each bar to the next one."""
    for position, (step, text) in enumerate(zip(steps, texts, strict=True)):
        y = chart.y[position]
        left = min(step.start, step.end)
        width = step.right - left
        chart.axes.barh(
            [y], [width], left=left, height=BAR_HEIGHT, zorder=2, **{"linewidth": 0.8} | _STYLES[step.style]
        )
        if position + 1 < len(steps):
            chart.pen.line([step.end] * 2, [y, chart.y[position + 1]], color=INK, linewidth=0.8, zorder=1)
        write_beside(chart, position, step.right, text, colour=_COLOURS[step.style])
