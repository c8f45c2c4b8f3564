"""The pen: lines and marks collected by their style and drawn together, one artist a style.

A figure of many small panels has hundreds of strokes and only a dozen styles. Drawn one by one they make a
figure slow and its SVG heavy; the pen keeps them until `lift`, which must be called once at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from analysis.figures.page import Page

_Style = tuple[tuple[str, Any], ...]


class Pen:
    """Draws on axes what has been asked for since it was made.

    Args:
        axes: Where to draw; their limits must not follow from what is drawn.
    """

    def __init__(self, axes: Axes | Page) -> None:
        self._axes = axes
        self._strokes: dict[_Style, tuple[list[float], list[float]]] = {}

    def line(self, xs: Sequence[float], ys: Sequence[float], **style: Any) -> None:
        """None; an open line through the points, apart from all others of its style."""
        self._add(xs, ys, style)

    def mark(self, x: float, y: float, **style: Any) -> None:
        """None; a mark at a point."""
        self._add([x], [y], {"linestyle": "none"} | style)

    def lift(self) -> None:
        """None; everything asked for is drawn, styles in the order in which they were first used."""
        for style, (xs, ys) in self._strokes.items():
            draw = self._axes.line if isinstance(self._axes, Page) else self._axes.plot
            draw(xs, ys, **({"clip_on": False} | dict(style)))
        self._strokes.clear()

    def _add(self, xs: Sequence[float], ys: Sequence[float], style: dict[str, Any]) -> None:
        """Points of a style; a NaN parts them from the next, so that no line joins what was drawn apart."""
        across, down = self._strokes.setdefault(tuple(style.items()), ([], []))
        across.extend([*xs, float("nan")])
        down.extend([*ys, float("nan")])
