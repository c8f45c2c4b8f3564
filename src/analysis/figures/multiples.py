"""Small multiples: one small panel a metric over the years, each with its own scale.

A line joins two points only when they are a year apart, of the same scope, the only ones of their year, and
no break lies between them: a gap in the reports is a gap in the picture. Breaks are numbered rules, explained
below the panels.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from analysis.errors import InputError
from analysis.figures.canvas import (
    MARGIN,
    WIDTH,
    KeyEntry,
    draw_key,
    key_height,
    sheet,
    text_height,
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
    tick_number,
)
from analysis.figures.panel import (
    PLOT_HEIGHT,
    QUALIFIER_MARKS,
    SCOPE_SHAPES,
    PanelStyle,
    draw_panel,
    missing_years,
    note_height,
    scope_marker,
)
from analysis.figures.pen import Pen
from analysis.figures.stairs import number_mark
from analysis.figures.theme import FOCUS, SMALLEST_TEXT, themed

QUALIFIERS = ("=", ">", "<", "~", "")
_COLUMNS = ("panel", "year", "value", "lower", "upper", "qualifier", "derived", "break_before", "scope_style")
_ACROSS = 3
_BETWEEN = 0.26
_BELOW = 0.18


@themed()
def small_multiples(
    frame: pd.DataFrame,
    *,
    words: Words,
    number: NumberFormat = plain_number,
    axis_number: NumberFormat = tick_number,
) -> Figure:
    """A figure of small panels, three across, in the order in which they first occur.

    Args:
        frame: One row a point: `panel` (its title), `year`, `value`, `lower`, `upper` (floats, NaN where
            missing), `qualifier` (= | > | < | ~), `derived` (whether computed), `break_before` (what changed
            between the year before and this one; empty for nothing), `scope_style` (the scope's words; at
            most four different ones).
        words: The words for missing, computed and qualified values.
        number: How a value is written beside its point.
        axis_number: How a value is written on an axis.

    Raises:
        InputError: The frame is empty, lacks a column, or holds an unknown qualifier, more than four scopes,
            or a value that cannot be drawn.
    """
    check_frame(frame, _COLUMNS, "small multiples")
    rows = _rows(frame)
    panels = [part for _, part in rows.groupby("panel", sort=False)]
    across = min(_ACROSS, len(panels))
    width = (WIDTH - 2 * MARGIN - (across - 1) * _BETWEEN) / across
    style = PanelStyle(
        scopes=tuple(dict.fromkeys(rows["scope_style"])),
        breaks=tuple(dict.fromkeys(rows.loc[rows["break_before"] != "", "break_before"])),
        years=(int(rows["year"].min()), int(rows["year"].max())),
        width=width,
        missing=words.missing,
        number=number,
        axis_number=axis_number,
    )
    return _draw(panels, style, across, _key(rows, style, words), words)


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The checked rows, panels in their order and years ascending within them."""
    texts = {
        column: text_column(frame, column) for column in ("panel", "qualifier", "break_before", "scope_style")
    }
    check_choice(texts["qualifier"], QUALIFIERS, "qualifier")
    scopes = set(texts["scope_style"])
    if len(scopes) > len(SCOPE_SHAPES):
        raise InputError(
            f"Small multiples tell at most {len(SCOPE_SHAPES)} scopes apart",
            sorted(scopes),
            "draw fewer scopes or split the figure.",
        )
    numbers = {column: number_column(frame, column) for column in ("value", "lower", "upper")}
    rows = frame.assign(**texts, **numbers, derived=frame["derived"].fillna(False).astype(bool))
    order = {panel: place for place, panel in enumerate(dict.fromkeys(texts["panel"]))}
    rows = rows.assign(place=[order[panel] for panel in texts["panel"]])
    return rows.sort_values(["place", "year"], kind="stable").drop(columns="place").reset_index(drop=True)


def _draw(
    panels: Sequence[pd.DataFrame], style: PanelStyle, across: int, key: Sequence[KeyEntry], words: Words
) -> Figure:
    titles = [wrap(part["panel"].iloc[0], style.width) for part in panels]
    notes = [_note(part, style, words) for part in panels]
    starts, heads = _grid(titles, notes, across)
    legend = _legend(style)
    top = MARGIN + key_height(key)
    figure, page = sheet(WIDTH, top + starts[-1] + text_height(legend) + (0.1 if legend else 0.0))
    draw_key(page, key, MARGIN, MARGIN / 2)
    pen = Pen(page)
    for position, part in enumerate(panels):
        row, column = divmod(position, across)
        x, y = MARGIN + column * (style.width + _BETWEEN), top + starts[row]
        write(page, x, y, titles[position], va="top", color=FOCUS)
        y += heads[row]
        draw_panel(page, pen, part, style, x, y)
        write(page, x, y + PLOT_HEIGHT + note_height(""), notes[position], va="top", size=SMALLEST_TEXT)
    pen.lift()
    write(page, MARGIN, top + starts[-1], legend, va="top")
    return figure


def _grid(titles: Sequence[str], notes: Sequence[str], across: int) -> tuple[list[float], list[float]]:
    """The tops of the rows of panels, with the end of the last one, and the heights of their titles."""
    starts, heads = [0.0], []
    for first in range(0, len(titles), across):
        heads.append(max(text_height(title) for title in titles[first : first + across]) + 0.1)
        tail = max(note_height(note) for note in notes[first : first + across])
        starts.append(starts[-1] + heads[-1] + PLOT_HEIGHT + tail + _BELOW)
    return starts, heads


def _note(part: pd.DataFrame, style: PanelStyle, words: Words) -> str:
    years = missing_years(part)
    return wrap(f"{words.missing}: {years}", style.width, SMALLEST_TEXT) if years else ""


def _legend(style: PanelStyle) -> str:
    lines = [f"{number_mark(place)} {words}" for place, words in enumerate(style.breaks)]
    return wrap("\n".join(lines), WIDTH - 2 * MARGIN) if lines else ""


def _key(rows: pd.DataFrame, style: PanelStyle, words: Words) -> list[KeyEntry]:
    """Entries for the marks that occur: scopes when they need telling apart, derived and qualified values."""
    drawn = rows[rows["value"].notna()]
    key = [
        KeyEntry(scope, scope_marker(place, False))
        for place, scope in enumerate(style.scopes)
        if scope and len(style.scopes) > 1
    ]
    if drawn["derived"].any():
        key.append(KeyEntry(words.derived, scope_marker(0, True)))
    meanings = {">": words.more, "<": words.less, "~": words.about}
    present = set(drawn["qualifier"])
    return key + [KeyEntry(text, QUALIFIER_MARKS[sign]) for sign, text in meanings.items() if sign in present]
