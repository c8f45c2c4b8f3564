"""The coverage matrix: who reports what, a disc in each cell, full, half or hollow.

A state is told by the cell's fill and by the disc's, so it survives print in grey. A pair of row and column
that the frame does not hold is refused: not looked for is not the same as not reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Bbox, BboxTransformTo

from analysis.errors import InputError
from analysis.figures.canvas import (
    MARGIN,
    WIDTH,
    KeyEntry,
    draw_key,
    key_height,
    longest_word,
    sheet,
    text_height,
    text_width,
    wrap,
    write,
    write_upright,
)
from analysis.figures.inputs import check_choice, check_frame, text_column
from analysis.figures.page import Page
from analysis.figures.theme import CONTEXT, FOCUS, INK, PAPER, RULE, SMALLEST_TEXT, WASH, themed

STATES = ("full", "partial", "none")
_LABEL_WIDTH = 2.1
_UPRIGHT_LENGTHS = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0)
_WIDEST_CELL = 1.15
_MOST_COLUMNS = 20
_ROW = 0.27
_FILLS = {"full": "#D5DFEA", "partial": WASH, "none": PAPER}
_DISCS: dict[str, dict[str, Any]] = {
    "full": {"marker": "o", "markersize": 8, "color": FOCUS, "markeredgecolor": FOCUS},
    "partial": {
        "marker": "o",
        "markersize": 8,
        "fillstyle": "left",
        "color": FOCUS,
        "markerfacecoloralt": PAPER,
        "markeredgecolor": FOCUS,
    },
    "none": {"marker": "o", "markersize": 4.5, "color": PAPER, "markeredgecolor": CONTEXT},
}


@themed()
def coverage_matrix(
    frame: pd.DataFrame, *, state_labels: Mapping[str, str], focus: str = "", corner: str = ""
) -> Figure:
    """A figure of rows by columns with a state in each cell, both in the order they first occur.

    Args:
        frame: One row a cell: `row` and `column` (labels), `state` (full | partial | none).
        state_labels: Words for the three states, for the key.
        focus: The label of the row to set off, empty for none.
        corner: Words above the row labels, such as what the counts at the right are out of.

    Raises:
        InputError: The frame is empty or lacks a column, a cell is missing, given twice or of an unknown
            state, the focus is none of the rows, or there are more than 20 columns.
    """
    check_frame(frame, ("row", "column", "state"), "a coverage matrix")
    check_choice(frame["state"], STATES, "state")
    check_choice(STATES, list(state_labels), "state with a label")
    rows = list(dict.fromkeys(text_column(frame, "row")))
    columns = list(dict.fromkeys(text_column(frame, "column")))
    if focus:
        check_choice([focus], rows, "row to set off")
    cells = _cells(frame, rows, columns)
    if len(columns) > _MOST_COLUMNS:
        raise InputError(
            f"A coverage matrix has at most {_MOST_COLUMNS} columns",
            len(columns),
            "split it into two figures.",
        )
    key = [KeyEntry(state_labels[state], _DISCS[state]) for state in STATES]
    return _draw(rows, columns, cells, key, focus, corner)


def _cells(frame: pd.DataFrame, rows: Sequence[str], columns: Sequence[str]) -> dict[tuple[str, str], str]:
    pairs = list(zip(text_column(frame, "row"), text_column(frame, "column"), strict=True))
    cells = dict(zip(pairs, text_column(frame, "state"), strict=True))
    absent = [(row, column) for row in rows for column in columns if (row, column) not in cells]
    if absent or len(cells) < len(pairs):
        raise InputError(
            "A coverage matrix has each pair of row and column once",
            f"missing {absent[:3]}" if absent else "a pair given twice",
            "give every cell a state, “none” where nothing is reported.",
        )
    return cells


def _draw(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[str, str], str],
    key: Sequence[KeyEntry],
    focus: str,
    corner: str,
) -> Figure:
    labels = [wrap(row, _LABEL_WIDTH) for row in rows]
    left = MARGIN + max(text_width(label) for label in labels) + 0.14
    totals_width = text_width(f"{len(columns)}/{len(columns)}") + 0.16
    cell = min((WIDTH - left - MARGIN - totals_width) / len(columns), _WIDEST_CELL)
    heads, upright = _heads(columns, cell)
    corner = wrap(corner, left - MARGIN - 0.1, SMALLEST_TEXT)
    head = max(_head_height(heads, upright), text_height(corner, SMALLEST_TEXT) + 0.08)
    top = MARGIN + key_height(key) + head
    heights = [max(_ROW, text_height(label) + 0.06) for label in labels]
    figure, page = sheet(WIDTH, top + sum(heights) + 0.1)
    draw_key(page, key, MARGIN, MARGIN / 2)
    _draw_heads(page, heads, left, top, cell, upright)
    write(page, MARGIN, top - 0.05, corner, va="bottom", size=SMALLEST_TEXT)
    tops = [top + sum(heights[:row]) for row in range(len(rows))]
    for state in STATES:
        places = [
            Bbox.from_bounds(left + position * cell, y, cell, height)
            for row, y, height in zip(rows, tops, heights, strict=True)
            for position, column in enumerate(columns)
            if cells[row, column] == state
        ]
        _draw_cells(page, places, state)
    for row, label, y, height in zip(rows, labels, tops, heights, strict=True):
        reported = sum(cells[row, column] != "none" for column in columns)
        place = Bbox.from_bounds(left, y, cell * len(columns), height)
        _draw_row(page, label, f"{reported}/{len(columns)}", place, row == focus)
    return figure


def _heads(columns: Sequence[str], cell: float) -> tuple[list[str], bool]:
    """The wrapped column labels, and whether they stand upright because a word is wider than its column."""
    if max(longest_word(column, SMALLEST_TEXT) for column in columns) <= cell - 0.08:
        return [wrap(column, cell - 0.08, SMALLEST_TEXT) for column in columns], False
    for length in _UPRIGHT_LENGTHS:
        heads = [wrap(column, length, SMALLEST_TEXT) for column in columns]
        if max(text_height(head, SMALLEST_TEXT) for head in heads) <= cell:
            break
    return heads, True


def _head_height(heads: Sequence[str], upright: bool) -> float:
    if upright:
        return max(text_width(head, SMALLEST_TEXT) for head in heads) + 0.1
    return max(text_height(head, SMALLEST_TEXT) for head in heads) + 0.08


def _draw_heads(
    page: Page, heads: Sequence[str], left: float, top: float, cell: float, upright: bool
) -> None:
    for position, head in enumerate(heads):
        x = left + (position + 0.5) * cell
        if upright:
            write_upright(page, x, top - 0.06, head, size=SMALLEST_TEXT)
        else:
            write(page, x, top - 0.05, head, ha="center", va="bottom", size=SMALLEST_TEXT)


def _draw_cells(page: Page, places: Sequence[Bbox], state: str) -> None:
    """None; the cells of one state as one shape, which is drawn far faster than a shape each, and discs."""
    if not places:
        return
    boxes = Path.make_compound_path(
        *(Path.unit_rectangle().transformed(BboxTransformTo(place)) for place in places)
    )
    page.add(PathPatch(boxes, facecolor=_FILLS[state], edgecolor=RULE, linewidth=0.8))
    middles = np.array([(place.x0 + place.width / 2, place.y0 + place.height / 2) for place in places])
    page.line(*middles.T, linestyle="none", **_DISCS[state])


def _draw_row(page: Page, label: str, count: str, place: Bbox, is_focus: bool) -> None:
    """None; one row's label and count on either side of its cells, and a frame around those of the focus."""
    colour = FOCUS if is_focus else INK
    if is_focus:
        frame: dict[str, Any] = {"fill": False, "edgecolor": FOCUS, "linewidth": 1.8, "zorder": 5}
        page.add(Rectangle(place.p0, place.width, place.height, **frame))
    middle = place.y0 + place.height / 2
    write(page, place.x0 - 0.1, middle, label, ha="right", color=colour)
    write(page, place.x1 + 0.1, middle, count, color=colour)
