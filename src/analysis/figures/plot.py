"""A plot: a part of a figure with a scale across and a scale up, a line along its bottom and ticks below it.

Groups, their order and the unseen ground are those that matplotlib's axes write, so that files stay the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.scale import LogTransform
from matplotlib.transforms import (
    Bbox,
    BboxTransformFrom,
    BboxTransformTo,
    IdentityTransform,
    TransformedBbox,
    blended_transform_factory,
)

from analysis.figures.letters import Line, extent
from analysis.figures.page import Page
from analysis.figures.theme import INK, PAPER, RULE, SMALLEST_TEXT

_POINT = 1 / 72
_BELOW = 5 * _POINT
_BASE: dict[str, Any] = {"edgecolor": INK, "fill": False, "linewidth": 0.8, "zorder": 2.5}
_BASE |= {"joinstyle": "miter", "capstyle": "projecting"}
_Ends = tuple[float, float]


class Plot(Page):
    """A part of a figure to draw on in values of its scales, which are set before; it lies below the page.

    Args:
        figure: The figure, which keeps its size.
        left: The left edge in inches from that of the figure.
        top: The top edge in inches from that of the figure.
        width: In inches.
        height: In inches.

    Attributes:
        across: The values at the left and at the right edge.
        up: The values at the bottom and at the top.
        log: Whether the scale across is logarithmic.
        log_up: Whether the scale up is logarithmic.
    """

    zorder = 1

    def __init__(self, figure: Figure, left: float, top: float, width: float, height: float) -> None:
        super().__init__(figure)
        self.left, self.top, self.width, self.height = left, top, width, height
        full, deep = figure.get_size_inches()
        place = Bbox.from_bounds(left / full, 1 - (top + height) / deep, width / full, height / deep)
        self._area = BboxTransformTo(TransformedBbox(place, figure.transSubfigure))
        self._clip = TransformedBbox(Bbox.unit(), self._area)
        self._inches = self._places
        self._ticks: list[tuple[Line2D | None, Line]] = []
        self.across, self.up, self.log, self.log_up = (0.0, 1.0), (0.0, 1.0), False, False

    def scale_across(self, left: float, right: float, *, log: bool = False) -> None:
        """None; the values at the left and at the right edge are set."""
        self.across, self.log = (left, right), log
        self._scale()

    def scale_up(self, bottom: float, top: float, *, log: bool = False) -> None:
        """None; the values at the bottom and at the top are set."""
        self.up, self.log_up = (bottom, top), log
        self._scale()

    def _scale(self) -> None:
        kinds = [LogTransform(10, "clip") if log else IdentityTransform() for log in (self.log, self.log_up)]
        forward = blended_transform_factory(*kinds)
        corners = Bbox(forward.transform(list(zip(self.across, self.up, strict=True))))
        self._places = forward + (BboxTransformFrom(corners) + self._area)

    def x(self, value: float) -> float:
        """Where a value of the scale across lies, in inches from the left edge of the figure."""
        return self.left + _share(value, self.across, self.log) * self.width

    def y(self, value: float) -> float:
        """Where a value of the scale up lies, in inches from the top edge of the figure."""
        return self.top + (1 - _share(value, self.up, self.log_up)) * self.height

    def upright(self, value: float, **style: Any) -> Line2D:
        """A line from the bottom to the top at a value, with the style of a `Line2D`."""
        return self.line([value, value], self.up, **style)

    def level(self, value: float, **style: Any) -> Line2D:
        """A line from the left to the right at a value, with the style of a `Line2D`."""
        return self.line(self.across, [value, value], **style)

    def tick(self, value: float, words: str, *, grid: bool) -> None:
        """None; words stand below the plot at a value, with a thin line above them if it has a grid."""
        width, above, _ = (ems * SMALLEST_TEXT * _POINT for ems in extent(words))
        baseline = self.top + self.height + _BELOW + above
        label = Line(self.x(value) - width / 2, baseline, words, color=INK, fontsize=SMALLEST_TEXT)
        rule = Line2D([value, value], self.up, color=RULE, linewidth=0.8) if grid else None
        self._join(label, self._inches)
        if rule:
            self._join(rule, self._places)
        self._ticks.append((rule, label))

    def get_children(self) -> list[Artist]:
        """What is drawn here: the ticks, then what was added, in order."""
        return [artist for tick in self._ticks for artist in tick if artist] + super().get_children()

    def draw(self, renderer: RendererBase) -> None:
        """None; the ground, the ticks, and by `zorder` what was added and the line along the bottom."""
        renderer.open_group("axes")
        Rectangle((0, 0), 1, 1, transform=self._area, alpha=0.0, facecolor=PAPER).draw(renderer)
        renderer.open_group("matplotlib.axis")
        for rule, label in self._ticks:
            renderer.open_group("xtick")
            if rule:
                rule.draw(renderer)
            _empty_group(renderer, "line2d")
            label.draw(renderer)
            renderer.close_group("xtick")
        renderer.close_group("matplotlib.axis")
        _empty_group(renderer, "matplotlib.axis")
        base = PathPatch(Path([(0, 0), (1, 0)]), transform=self._area, **_BASE)
        self._draw_all(renderer, [*self._drawn, base])
        renderer.close_group("axes")


def _empty_group(renderer: RendererBase, name: str) -> None:
    renderer.open_group(name)
    renderer.close_group(name)


def _share(value: float, ends: Sequence[float], log: bool) -> float:
    """How much of a scale lies before a value."""
    forward = math.log10 if log else float
    return (forward(value) - forward(ends[0])) / (forward(ends[1]) - forward(ends[0]))
