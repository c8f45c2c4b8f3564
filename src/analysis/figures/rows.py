"""Charts of labelled rows: a column of wrapped labels beside one value axis, rows as tall as their text.

Rows are measured first, so no label is cut and no two rows touch, from one row to sixty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.canvas import (
    GAP,
    MARGIN,
    WIDTH,
    KeyEntry,
    draw_key,
    key_height,
    plot_area,
    sheet,
    text_height,
    text_width,
    wrap,
    write,
)
from analysis.figures.page import Page
from analysis.figures.pen import Pen
from analysis.figures.theme import INK, RULE, SMALLEST_TEXT

LABEL_SHARE = 0.34
VALUE_SHARE = 0.3


@dataclass(frozen=True)
class RowChart:
    """Axes for rows, with the labels written.

    Attributes:
        figure: The figure.
        page: Unseen axes over the whole figure, in inches from the top left.
        axes: The plot; its y axis runs in inches downwards from its top.
        pen: The pen for marks and lines on the plot, to be lifted at the end.
        y: The centre of each row on that axis.
        heights: The height of each row.
        left: The left edge of the plot on the page.
        top: The top edge of the plot on the page.
        width: The width of the plot in inches.
    """

    figure: Figure
    page: Page
    axes: Axes
    pen: Pen
    y: tuple[float, ...]
    heights: tuple[float, ...]
    left: float
    top: float
    width: float

    def across(self, value: float) -> float:
        """Where a value lies on the page, in inches from its left edge."""
        share = self.axes.transAxes.inverted().transform(self.axes.transData.transform((value, 0)))[0]
        return self.left + float(share) * self.width


def row_chart(
    labels: Sequence[str],
    *,
    colours: Sequence[str] | None = None,
    beside: Sequence[str] = (),
    key: Sequence[KeyEntry] = (),
    axis_label: str = "",
    gaps: Mapping[int, float] | None = None,
    right: float = 0.0,
    pitch: float | None = None,
) -> RowChart:
    """The axes for rows from top to bottom, with their labels at the left and room for all text.

    Args:
        labels: The rows' labels, wrapped to a third of the width.
        colours: The labels' colours.
        beside: Other texts of the rows, already wrapped, that a row must be tall enough for.
        key: The entries of the key above the plot.
        axis_label: What the value axis shows, written below it.
        gaps: Additional space in inches before the row of that position.
        right: Space in inches kept free at the right of the plot.
        pitch: The least height of a row in inches; by default less when there are many rows.
    """
    wrapped = [wrap(label, WIDTH * LABEL_SHARE) for label in labels]
    texts = list(beside) or [""] * len(wrapped)
    least = pitch or _pitch(len(wrapped))
    heights = [
        max(least, max(text_height(a), text_height(b)) + 0.08) for a, b in zip(wrapped, texts, strict=True)
    ]
    centres, depth = _centres(heights, gaps or {})
    left = MARGIN + max(text_width(label) for label in wrapped) + 2 * GAP
    below = wrap(axis_label, WIDTH - left - MARGIN, SMALLEST_TEXT) if axis_label else ""
    top = MARGIN + key_height(key)
    bottom = 0.3 + (text_height(below, SMALLEST_TEXT) if below else 0.0)
    figure, page = sheet(WIDTH, top + depth + bottom)
    width = WIDTH - left - MARGIN - right
    axes = _row_axes(figure, left, top, width, depth)
    draw_key(page, key, MARGIN, MARGIN / 2)
    for position, label in enumerate(wrapped):
        colour = colours[position] if colours else INK
        write(page, left - 2 * GAP, top + centres[position], label, ha="right", color=colour)
    if below:
        write(page, left, top + depth + 0.27, below, va="top", size=SMALLEST_TEXT)
    return RowChart(figure, page, axes, Pen(axes), tuple(centres), tuple(heights), left, top, width)


def _row_axes(figure: Figure, left: float, top: float, width: float, depth: float) -> Axes:
    """Axes with a line at the bottom whose vertical scale is inches from the top."""
    axes = plot_area(figure, left, top, width, depth)
    axes.set_ylim(depth, 0)
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(True)
    return axes


def draw_rule(chart: RowChart, position: int, gap: float) -> None:
    """None; a thin rule across the page in the middle of the gap before the row of that position."""
    y = chart.top + chart.y[position] - chart.heights[position] / 2 - gap / 2
    chart.page.line([MARGIN, WIDTH - MARGIN], [y, y], color=RULE, linewidth=1.2)


def write_beside(
    chart: RowChart,
    position: int,
    value: float,
    text: str,
    *,
    colour: str = INK,
    gap: float = GAP,
    side: str = "right",
) -> None:
    """None; a row's text is written right or left of a value on its axis, which has its limits already."""
    x = chart.across(value) + (gap if side == "right" else -gap)
    ha = "left" if side == "right" else "right"
    write(chart.page, x, chart.top + chart.y[position], text, ha=ha, color=colour, paper={"pad": 0.5})


def _pitch(rows: int) -> float:
    if rows <= 14:
        return 0.3
    return 0.25 if rows <= 30 else 0.2


def _centres(heights: Sequence[float], gaps: Mapping[int, float]) -> tuple[list[float], float]:
    centres: list[float] = []
    y = 0.06
    for position, height in enumerate(heights):
        y += gaps.get(position, 0.0)
        centres.append(y + height / 2)
        y += height
    return centres, y + 0.06
