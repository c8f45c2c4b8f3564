"""The page a figure is drawn on: lines, shapes and texts in inches from its top left corner.

It takes the place of matplotlib's axes where nothing has a scale: axes make two axis objects with ticks and
labels before they are told that none is wanted. Groups and order in a file are those of axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox, BboxTransformFrom, BboxTransformTo, TransformedBbox

_Kind = TypeVar("_Kind", bound=Artist)


class Page(Artist):
    """All of a figure, as something to draw on in inches from its top left corner; it lies above any plot.

    Args:
        figure: The figure, which keeps its size.
    """

    zorder = 2

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self._figure = figure
        width, height = figure.get_size_inches()
        whole = BboxTransformTo(TransformedBbox(Bbox.unit(), figure.transSubfigure))
        self._inches = BboxTransformFrom(Bbox([[0, height], [width, 0]])) + whole
        self._clip = TransformedBbox(Bbox.unit(), whole)
        self._drawn: list[Artist] = []
        figure.add_artist(self)

    def add(self, artist: _Kind) -> _Kind:
        """The artist, now drawn here, and clipped unless it says that it is not."""
        artist.set_figure(self._figure)
        artist.set_transform(self._inches)
        if artist.get_clip_on():
            artist.set_clip_box(self._clip)
        self._drawn.append(artist)
        return artist

    def line(self, xs: Sequence[float], ys: Sequence[float], **style: Any) -> Line2D:
        """A line through points, or marks at them, with the style of a `Line2D`."""
        return self.add(Line2D(xs, ys, **style))

    def get_children(self) -> list[Artist]:
        """What is drawn here, in the order in which it was added."""
        return list(self._drawn)

    def draw(self, renderer: RendererBase) -> None:
        """None; everything is drawn by its `zorder`, what was added later above what was added before."""
        renderer.open_group("axes")
        for artist in sorted(self._drawn, key=lambda artist: artist.get_zorder()):
            artist.draw(renderer)
        renderer.close_group("axes")
