"""Letters: how wide a line is, where its glyphs stand and what they look like, each worked out once.

matplotlib lays a text out anew whenever it asks for its size or draws it, and reads every glyph from a file
of 8 MB again. Here a line is set once, from a font kept in memory, and drawn as it was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from matplotlib import ft2font
from matplotlib.backend_bases import RendererBase
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from analysis.figures.theme import PAPER, check_glyphs, font_path

FONT_SCALE = text_to_path.FONT_SCALE
"""The size in points at which letters are measured: a hundredth of an em is one unit of `SetLine.places`."""
_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\uffef]")
_UNHINTED = ft2font.LoadFlags.NO_HINTING
_COMMANDS: dict[Any, tuple[str, int]] = {
    Path.MOVETO: ("M", 1),
    Path.LINETO: ("L", 1),
    Path.CURVE3: ("Q", 2),
    Path.CURVE4: ("C", 3),
    Path.CLOSEPOLY: ("z", 0),
}


class SetLine(NamedTuple):
    """A line of text, set.

    Attributes:
        glyphs: The name of each glyph, for `outline`.
        places: Where each glyph starts on the line, in hundredths of an em.
        width: The width of the line in ems.
    """

    glyphs: tuple[str, ...]
    places: tuple[float, ...]
    width: float


class Extent(NamedTuple):
    """The size of a line in ems: its width, and its height above and below the baseline."""

    width: float
    above: float
    below: float


@cache
def font_in_memory() -> ft2font.FT2Font:
    """The font at the size for measuring; call nothing that changes the size.

    From memory: processes forked later would share one open file and move each other's place in it.
    """
    font = ft2font.FT2Font(BytesIO(font_path().read_bytes()))
    font.set_size(FONT_SCALE, text_to_path.DPI)
    return font


def font_features(text: str) -> tuple[str, ...]:
    """The OpenType features a text is set with: narrow quotation marks and dots unless it is Chinese."""
    return () if _CHINESE.search(text) else ("pwid",)


@cache
def _shapes() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Points and path codes of the glyphs that `set_line` has met: the font's, so they never change."""
    return {}


@cache
def set_line(line: str, features: tuple[str, ...]) -> SetLine:
    """A line of text set with OpenType features.

    Raises:
        InputError: The font lacks a character.
    """
    check_glyphs([line])
    font = font_in_memory()
    placed, _, _ = text_to_path.get_glyphs_with_font(font, line, _shapes(), features=features)  # type: ignore[arg-type]
    if not placed:
        return SetLine((), (), 0.0)
    glyphs, places, *_ = zip(*placed, strict=True)
    last: Any = int(glyphs[-1].rpartition("-")[2], 16)
    end = places[-1] + font.load_glyph(last, flags=_UNHINTED).horiAdvance / 64
    return SetLine(glyphs, places, end / FONT_SCALE)


def outline(glyph: str) -> Iterator[tuple[str, list[int]]]:
    """The outline of a glyph that was set: commands of SVG, and whole numbers, 64 to a unit of place."""
    vertices, codes = _shapes()[glyph]
    numbers = np.rint(vertices * 64).astype(int).tolist()
    position = 0
    while position < len(numbers):
        command, points = _COMMANDS[int(codes[position])]
        yield command, [number for point in numbers[position : position + points] for number in point]
        position += points or 1


@cache
def extent(line: str) -> Extent:
    """The room a line takes on paper, set without features, at least as high as the font says."""
    font = font_in_memory()
    font.set_text(line, 0.0, flags=_UNHINTED)
    width, height = (length / 64 / FONT_SCALE for length in font.get_width_height())
    below = font.get_descent() / 64 / FONT_SCALE
    table: Any = font.get_sfnt_table("OS/2")
    units = font.units_per_EM
    return Extent(
        width,
        max(height - below, table["sTypoAscender"] / units),
        max(below, -table["sTypoDescender"] / units),
    )


@cache
def advance(character: str) -> float:
    """The advance of a character in ems."""
    glyph = font_in_memory().load_char(ord(character), flags=_UNHINTED)
    return float(glyph.linearHoriAdvance) / 65536 / FONT_SCALE


class Line(Text):
    """A line of text that starts at a point of its baseline, drawn without the layout matplotlib makes first.

    Args:
        paper: Style of the rectangle behind the line and its `pad` in points, empty for none.
    """

    def __init__(
        self, x: float, y: float, line: str, *, paper: dict[str, Any] | None = None, **style: Any
    ) -> None:
        super().__init__(x, y, line, va="baseline", fontfeatures=font_features(line), clip_on=False, **style)
        self.paper = paper or {}

    def draw(self, renderer: RendererBase) -> None:
        """None; the line is drawn, upwards when its rotation is a right angle."""
        renderer.open_group("text")
        x, y = self.get_transform().transform(self.get_position())
        if self.paper:
            self._draw_paper(renderer, x, y)
        down = renderer.get_canvas_width_height()[1] - y if renderer.flipy() else y
        context = renderer.new_gc()
        context.set_foreground(self.get_color())
        font, angle = self.get_fontproperties(), self.get_rotation()
        renderer.draw_text(context, x, down, self.get_text(), font, angle, mtext=self)
        context.restore()
        renderer.close_group("text")

    def _draw_paper(self, renderer: RendererBase, x: float, y: float) -> None:
        points = float(self.get_fontsize())
        size: Any = renderer.points_to_pixels(points)
        style = dict(self.paper)
        pad = round(style.pop("pad") / points, 2) * size
        width, above, below = (size * length for length in extent(self.get_text()))
        corner, height = (x - pad, y - below - pad), above + below + 2 * pad
        Rectangle(corner, width + 2 * pad, height, linewidth=0, facecolor=PAPER, **style).draw(renderer)
