"""Rows of small marks, one a thing: how many there are in each row, and what is known of each.

A mark is filled by halves, so its states survive print in grey; a flag is a square around it, and a note
stands at the right of its row. There is no row without marks: what is absent is for the words to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.canvas import (
    MARGIN,
    WIDTH,
    KeyEntry,
    draw_key,
    key_height,
    sheet,
    text_height,
    text_width,
    wrap,
    write,
)
from analysis.figures.inputs import check_choice, check_frame, text_column
from analysis.figures.page import Page
from analysis.figures.theme import FOCUS, PAPER, PLUM, RULE, SMALLEST_TEXT, themed

STATES = ("both", "left", "right", "none")
_LABEL_WIDTH = 2.1
_NOTE_WIDTH = 1.5
_PITCH = 0.145
_LINE = 0.19
_ROW = 0.25
_DISC: dict[str, Any] = {"marker": "o", "markersize": 6.2, "color": FOCUS, "markeredgecolor": FOCUS}
_HALF = {"markerfacecoloralt": PAPER, "markeredgewidth": 0.8}
_DISCS: dict[str, dict[str, Any]] = {
    "both": _DISC,
    "left": _DISC | _HALF | {"fillstyle": "left"},
    "right": _DISC | _HALF | {"fillstyle": "right"},
    "none": _DISC | {"color": PAPER, "markeredgewidth": 0.8},
}
_FLAG: dict[str, Any] = {
    "marker": "s",
    "markersize": 9.5,
    "color": "none",
    "markeredgecolor": PLUM,
    "markeredgewidth": 1.5,
}


@dataclass(frozen=True)
class _Row:
    """One row: its label and note, wrapped, the state of each mark, and which marks have a flag."""

    label: str
    note: str
    states: tuple[str, ...]
    flags: tuple[bool, ...]
    across: int

    @property
    def lines(self) -> int:
        return -(-len(self.states) // self.across)

    @property
    def height(self) -> float:
        return max(
            _ROW + (self.lines - 1) * _LINE,
            text_height(self.label) + 0.06,
            text_height(self.note, SMALLEST_TEXT) + 0.06,
        )


@themed()
def mark_rows(
    frame: pd.DataFrame,
    *,
    state_labels: Mapping[str, str],
    flag_label: str,
    note_label: str = "",
) -> Figure:
    """A figure of rows of marks, rows and marks in the order they come.

    Args:
        frame: One row a mark: `row` (label), `state` (both | left | right | none: which half is filled),
            `flag` (whether a square stands around it), optional `note` (words at the right of the row; the
            first one counts).
        state_labels: Words for the states that occur, in the order of the key.
        flag_label: Words for the square.
        note_label: The heading of the notes.

    Raises:
        InputError: The frame is empty or lacks a column, or a state is unknown or has no label.
    """
    check_frame(frame, ("row", "state", "flag"), "rows of marks")
    states = text_column(frame, "state")
    check_choice(states, STATES, "state")
    check_choice(states, list(state_labels), "state with a label")
    notes = [wrap(note, _NOTE_WIDTH, SMALLEST_TEXT) for note in text_column(frame, "note")]
    labels = [wrap(label, _LABEL_WIDTH) for label in text_column(frame, "row")]
    left = MARGIN + max(text_width(label) for label in labels) + 0.55
    heading = wrap(note_label, _NOTE_WIDTH, SMALLEST_TEXT)
    right = WIDTH - MARGIN - max(text_width(note, SMALLEST_TEXT) for note in [*notes, heading])
    across = max(1, int((right - 0.2 - left) / _PITCH))
    ready = frame.assign(row=labels, note=notes, state=states)
    rows = [_row(part, across) for _, part in ready.groupby("row", sort=False)]
    key = [KeyEntry(words, _DISCS[state]) for state, words in state_labels.items() if state in states]
    key += [KeyEntry(flag_label, _FLAG)] if frame["flag"].any() else []
    top = MARGIN + key_height(key) + text_height(heading, SMALLEST_TEXT) * bool(heading) + 0.04
    figure, page = sheet(WIDTH, top + sum(row.height for row in rows) + 0.08)
    draw_key(page, key, MARGIN, MARGIN / 2)
    write(page, right, top - 0.06, heading, va="bottom", size=SMALLEST_TEXT)
    _draw(page, rows, (left, top, right))
    return figure


def _row(part: pd.DataFrame, across: int) -> _Row:
    flags = tuple(bool(flag) for flag in part["flag"])
    return _Row(part["row"].iloc[0], part["note"].iloc[0], tuple(part["state"]), flags, across)


def _draw(page: Page, rows: Sequence[_Row], place: tuple[float, float, float]) -> None:
    """None; the rows between rules; their place is left edge of the marks, top, and left edge of notes."""
    left, top, right = place
    for row in rows:
        page.line([MARGIN, WIDTH - MARGIN], [top, top], color=RULE, linewidth=0.8, zorder=0)
        middle = top + row.height / 2
        write(page, MARGIN, middle, row.label)
        write(page, right, middle, row.note, size=SMALLEST_TEXT)
        write(page, left - 0.16, middle, str(len(row.states)), ha="right", color=FOCUS)
        _draw_marks(page, row, left, middle - (row.lines - 1) * _LINE / 2)
        top += row.height


def _draw_marks(page: Page, row: _Row, left: float, first: float) -> None:
    places = [
        (left + index % row.across * _PITCH, first + index // row.across * _LINE)
        for index in range(len(row.states))
    ]
    for (x, y), state, flag in zip(places, row.states, row.flags, strict=True):
        page.line([x], [y], linestyle="none", **_DISCS[state])
        if flag:
            page.line([x], [y], linestyle="none", **_FLAG)
