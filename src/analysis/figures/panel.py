"""One small panel of values over years: where things go, and how points, lines, breaks and labels are drawn.

Everything is drawn in inches on the figure's page, so that labels can be kept off marks, lines and each
other. What a panel cannot label for want of room is still in the data behind the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.markers import CARETDOWNBASE, CARETUPBASE
from matplotlib.ticker import MaxNLocator

from analysis.figures.canvas import line_height, text_height, text_width, wrap, write
from analysis.figures.inputs import NumberFormat
from analysis.figures.labels import Box, place_labels
from analysis.figures.page import Page
from analysis.figures.pen import Pen
from analysis.figures.stairs import number_mark
from analysis.figures.theme import CATEGORY_COLOURS, CONTEXT, INK, PAPER, PLUM, RULE, SMALLEST_TEXT

SCOPE_SHAPES = ("o", "s", "D", "^")
QUALIFIER_MARKS: dict[str, dict[str, Any]] = {
    ">": {"marker": CARETUPBASE, "markersize": 5, "color": PLUM},
    "<": {"marker": CARETDOWNBASE, "markersize": 5, "color": PLUM},
    "~": {"marker": "|", "markersize": 13, "color": PLUM},
}
PLOT_HEIGHT = 0.95
_CARET = 0.07
_AXIS_GAP = 0.08
_YEAR_ROOM = 0.17


@dataclass(frozen=True)
class PanelStyle:
    """What all panels of a figure share.

    Attributes:
        scopes: The scopes, in the order of their shapes.
        breaks: The breaks, in the order of their numbers.
        years: The first and last year.
        width: The width of a panel in inches, axis labels included.
        missing: The words for a panel without any value.
        number: How a value is written beside its point.
        axis_number: How a value is written on the axis.
    """

    scopes: tuple[str, ...]
    breaks: tuple[str, ...]
    years: tuple[int, int]
    width: float
    missing: str
    number: NumberFormat
    axis_number: NumberFormat


@dataclass(frozen=True)
class Panel:
    """The plot of a panel in inches on the page, with what maps years and values onto it."""

    left: float
    top: float
    width: float
    years: tuple[float, float]
    limits: tuple[float, float]

    def x(self, year: float) -> float:
        """Where a year lies on the page."""
        return self.left + (year - self.years[0]) / (self.years[1] - self.years[0]) * self.width

    def y(self, value: float) -> float:
        """Where a value lies on the page."""
        share = (value - self.limits[0]) / (self.limits[1] - self.limits[0])
        return self.top + (1 - share) * PLOT_HEIGHT

    @property
    def bottom(self) -> float:
        """The y of the time axis on the page."""
        return self.top + PLOT_HEIGHT

    @property
    def frame(self) -> Box:
        """The space that labels may use."""
        return Box(self.left + 0.02, self.top, self.left + self.width, self.bottom - 0.02)


def scope_marker(position: int, derived: bool) -> dict[str, Any]:
    """The style of a point of the scope at a position, hollow when the value is derived."""
    colour = CATEGORY_COLOURS[position]
    fill = PAPER if derived else colour
    return {
        "marker": SCOPE_SHAPES[position],
        "markersize": 5.5,
        "color": fill,
        "markeredgecolor": colour,
        "markeredgewidth": 1.2,
    }


def draw_panel(page: Page, pen: Pen, rows: pd.DataFrame, style: PanelStyle, left: float, top: float) -> None:
    """None; the rows of one panel (columns as in `small_multiples`) are drawn at a place on the page.

    Text is written at once, strokes appear when the pen is lifted.
    """
    limits = _limits(rows)
    ticks = [t for t in MaxNLocator(3).tick_values(*limits) if limits[0] <= t <= limits[1]]
    axis = (
        max((text_width(style.axis_number(tick), SMALLEST_TEXT) for tick in ticks), default=0.0) + _AXIS_GAP
    )
    first, last = style.years
    width = style.width - axis
    pad = max(0.6, (last - first) * _YEAR_ROOM / (width - 2 * _YEAR_ROOM))
    panel = Panel(left + axis, top, width, (first - pad, last + pad), limits)
    drawn = rows[rows["value"].notna()]
    _draw_time_axis(page, pen, panel, first, last)
    if drawn.empty:
        words = wrap(style.missing, panel.width)
        write(page, panel.left + panel.width / 2, top + PLOT_HEIGHT / 2, words, ha="center")
        return
    for tick in ticks:
        y = panel.y(tick)
        pen.line([panel.left, panel.left + panel.width], [y, y], color=RULE, linewidth=0.8, zorder=0.5)
        write(page, panel.left - _AXIS_GAP / 2, y, style.axis_number(tick), ha="right", size=SMALLEST_TEXT)
    obstacles = _draw_breaks(page, pen, panel, rows, style)
    obstacles += _draw_lines(pen, panel, drawn, _break_years(rows))
    obstacles += _draw_points(pen, panel, drawn, style)
    _draw_labels(page, panel, drawn, style, obstacles)


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Limits with room for labels; from zero unless all values lie far from it."""
    shown = rows[["value", "lower", "upper"]].to_numpy(dtype=float)
    shown = shown[np.isfinite(shown)]
    if shown.size == 0:
        return 0.0, 1.0
    low, high = float(shown.min()), float(shown.max())
    if 0 <= low < 0.6 * high or low == high > 0:
        low = 0.0
    span = high - low or abs(high) * 0.2 or 1.0
    return (0.0 if low == 0 else low - 0.25 * span), high + 0.3 * span


def _draw_time_axis(page: Page, pen: Pen, panel: Panel, first: int, last: int) -> None:
    pen.line([panel.left, panel.left + panel.width], [panel.bottom] * 2, color=INK, linewidth=0.8)
    room = text_width("2000", SMALLEST_TEXT) + 0.1
    slots = max(int((panel.x(last) - panel.x(first)) / room), 1)
    span = last - first
    step = next((s for s in (1, 2, 5, 10, 20, 50) if span / s <= slots), span)
    for year in range(last, first - 1, -max(step, 1)):
        x = panel.x(year)
        pen.line([x, x], [panel.bottom, panel.bottom + 0.035], color=INK, linewidth=0.8)
        write(page, x, panel.bottom + 0.13, str(year), ha="center", size=SMALLEST_TEXT)


def _break_years(rows: pd.DataFrame) -> dict[int, str]:
    marked = rows[rows["break_before"] != ""]
    return dict(zip(marked["year"].astype(int), marked["break_before"], strict=True))


def _draw_breaks(page: Page, pen: Pen, panel: Panel, rows: pd.DataFrame, style: PanelStyle) -> list[Box]:
    boxes: list[Box] = []
    for year, words in _break_years(rows).items():
        x = panel.x(year - 0.5)
        text = number_mark(style.breaks.index(words))
        pen.line([x, x], [panel.top + 0.12, panel.bottom], color=PLUM, linewidth=1.0, linestyle=(0, (3, 2)))
        write(page, x, panel.top + 0.04, text, ha="center", color=PLUM, size=SMALLEST_TEXT)
        half = text_width(text, SMALLEST_TEXT) / 2
        boxes.append(Box(x - half, panel.top - 0.1, x + half, panel.top + 0.14))
        boxes.append(Box(x - 0.01, panel.top, x + 0.01, panel.bottom))
    return boxes


def _draw_lines(pen: Pen, panel: Panel, drawn: pd.DataFrame, breaks: dict[int, str]) -> list[Box]:
    """The space of the thin lines between comparable neighbours, as boxes along them."""
    boxes: list[Box] = []
    for _, scope in drawn.groupby("scope_style", sort=False):
        points = scope[~scope["year"].duplicated(keep=False)]
        years, values = points["year"].to_numpy(dtype=int), points["value"].to_numpy(dtype=float)
        for i in range(len(points) - 1):
            if years[i + 1] - years[i] != 1 or int(years[i + 1]) in breaks:
                continue
            xs = [panel.x(years[i]), panel.x(years[i + 1])]
            ys = [panel.y(values[i]), panel.y(values[i + 1])]
            pen.line(xs, ys, color=CONTEXT, linewidth=1.3, zorder=1)
            steps = np.linspace(0.0, 1.0, 9)
            boxes += [
                Box(x - 0.015, y - 0.015, x + 0.015, y + 0.015)
                for x, y in zip(np.interp(steps, [0, 1], xs), np.interp(steps, [0, 1], ys), strict=True)
            ]
    return boxes


def _draw_points(pen: Pen, panel: Panel, drawn: pd.DataFrame, style: PanelStyle) -> list[Box]:
    boxes: list[Box] = []
    for row in drawn.itertuples(index=False):
        record: Any = row
        x, y = panel.x(record.year), panel.y(record.value)
        low, high = y + 0.045, y - 0.045
        if not np.isnan(record.lower) and not np.isnan(record.upper):
            low, high = max(low, panel.y(record.lower)), min(high, panel.y(record.upper))
            pen.line(
                [x, x], [panel.y(record.lower), panel.y(record.upper)], color=CONTEXT, linewidth=2.4, zorder=1
            )
        marker = scope_marker(style.scopes.index(record.scope_style), bool(record.derived))
        pen.mark(x, y, zorder=3, **marker)
        offset = {">": -_CARET, "<": _CARET}.get(record.qualifier, 0.0)
        if record.qualifier in QUALIFIER_MARKS:
            pen.mark(x, y + offset, zorder=2, **QUALIFIER_MARKS[record.qualifier])
            low, high = low + max(offset, 0.0) + 0.05, high + min(offset, 0.0) - 0.05
        boxes.append(Box(x - 0.05, high, x + 0.05, low))
    return boxes


def _draw_labels(
    page: Page, panel: Panel, drawn: pd.DataFrame, style: PanelStyle, obstacles: Sequence[Box]
) -> None:
    """None; values are written beside their points, latest first, then earliest, highest and lowest."""
    positions = _by_importance(drawn["value"].to_numpy(dtype=float))
    points = [(panel.x(drawn["year"].iloc[i]), panel.y(drawn["value"].iloc[i])) for i in positions]
    texts = [style.number(drawn["value"].iloc[i]) for i in positions]
    sizes = [(text_width(text, SMALLEST_TEXT), line_height(SMALLEST_TEXT)) for text in texts]
    places = place_labels(points, sizes, frame=panel.frame, obstacles=obstacles, gap=0.07, upright=True)
    for i, text, box in zip(positions, texts, places, strict=True):
        if box is not None:
            colour = CATEGORY_COLOURS[0] if i == len(drawn) - 1 else INK
            write(page, box.left, box.low, text, va="top", color=colour, size=SMALLEST_TEXT)


def _by_importance(values: np.ndarray) -> list[int]:
    order = [len(values) - 1, 0, int(np.argmax(values)), int(np.argmin(values)), *range(len(values))]
    return list(dict.fromkeys(order))


def missing_years(rows: pd.DataFrame) -> str:
    """The years without a value as ranges, such as “2015–2017, 2019”; empty when some panel words say it."""
    years = sorted({int(year) for year in rows.loc[rows["value"].isna(), "year"]})
    years = [year for year in years if year not in set(rows.loc[rows["value"].notna(), "year"].astype(int))]
    if not rows["value"].notna().any():
        return ""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def note_height(note: str) -> float:
    """The height in inches below a plot: the years and the note, when there is one."""
    return 0.26 + (text_height(note, SMALLEST_TEXT) if note else 0.0)
