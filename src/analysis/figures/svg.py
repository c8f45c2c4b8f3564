"""Lighter SVG: the same picture in about half the characters, since a page carries its figures inside.

Letters are outlines, so most of a figure is glyphs: they are written here, each point relative to the one
before, under short names. Coordinates keep two decimals of a point, which no eye can tell from six. Nothing
drawn is left out, and what this module does not know it leaves as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from io import StringIO
from typing import Any

from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from analysis.figures.letters import FONT_SCALE, outline, set_line

POINTS_PER_INCH = 72
_DECIMALS = 2
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BETWEEN_TAGS = re.compile(r">\s+<")
_GROUP_NAME = re.compile(r'<g id="[a-z0-9_]+">')
_PLACE = re.compile(r"(?:translate\(|\b(?:d|x|y)=\")[^)\"]*\d\.\d[^)\"]*")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_OUTLINE = re.compile(r'd="((?:[MLQC](?: -?\d+)+ ?\n?|z\n?)+)"')
_SEGMENT = re.compile(r"([MLQCz])((?: -?\d+)*)")


def figure_svg(figure: Figure, metadata: Mapping[str, str | None]) -> str:
    """The figure as SVG with metadata; its resolution is that of SVG afterwards."""
    figure.set_dpi(POINTS_PER_INCH)
    width, height = figure.get_size_inches() * POINTS_PER_INCH
    buffer = StringIO()
    renderer = _Renderer(width, height, buffer, image_dpi=POINTS_PER_INCH, metadata=dict(metadata))
    figure.draw(renderer)
    renderer.finalize()  # type: ignore[no-untyped-call]
    return lighter_svg(buffer.getvalue())


def lighter_svg(svg: str) -> str:
    """The same drawing without comments and group names, and with short numbers.

    Args:
        svg: What matplotlib wrote, but for letters, which are short already.
    """
    svg = _COMMENT.sub("", svg)
    svg = _GROUP_NAME.sub("<g>", svg)
    svg = _PLACE.sub(lambda place: _LONG_NUMBER.sub(_rounded, place.group()), svg)
    svg = _OUTLINE.sub(lambda outline: f'd="{_relative(_segments(outline.group(1)))}"', svg)
    return _BETWEEN_TAGS.sub("><", svg)


def _segments(path: str) -> Iterator[tuple[str, list[int]]]:
    """The commands of a path of whole numbers, with their numbers."""
    for command, numbers in _SEGMENT.findall(path):
        yield command, [int(number) for number in numbers.split()]


def _relative(segments: Iterable[tuple[str, list[int]]]) -> str:
    """An outline of M, L, Q, C and z only, with each point relative to the last.

    In a curve all control points are relative to the point before the curve (SVG 1.1, section 8.3).
    """
    parts: list[str] = []
    x, y = start = (0, 0)
    for command, numbers in segments:
        if command == "z":
            x, y = start
            parts.append("z")
            continue
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        steps = " ".join(f"{across - x} {down - y}" for across, down in points)
        parts.append(command.lower() + steps.replace(" -", "-"))
        x, y = points[-1]
        start = (x, y) if command == "M" else start
    return "".join(parts)


def _rounded(number: re.Match[str]) -> str:
    return _short(float(number.group()))


def _short(number: float) -> str:
    """The number with two decimals at most; a zero has no sign."""
    short = f"{number:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else short


class _Renderer(RendererSVG):
    """matplotlib's renderer, but letters are drawn from outlines made once and written ready."""

    def __init__(self, width: float, height: float, file: StringIO, **options: Any) -> None:
        super().__init__(width, height, file, **options)  # type: ignore[no-untyped-call]
        self._file = file
        self._defined: set[str] = set()

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: object = False,
        mtext: Text | None = None,
    ) -> None:
        """None; the text is written, with the outlines of glyphs that have not been used before."""
        features = tuple(mtext.get_fontfeatures() or ()) if mtext else ()
        glyphs, uses = _uses(s, features)
        new = [glyph for glyph in glyphs if glyph not in self._defined]
        self._defined.update(new)
        outlines = f"<defs>{''.join(map(_definition, new))}</defs>" if new else ""
        turn = f" rotate({-angle:g})" if angle else ""
        scale = f"{prop.get_size_in_points() / FONT_SCALE:g}"
        place = f"translate({_short(x)} {_short(y)}){turn} scale({scale} -{scale})"
        # ends the tag before; comments are taken out at last
        self.writer.comment("text")  # type: ignore[no-untyped-call]
        self._file.write(f'<g style="fill: {to_hex(gc.get_rgb())}" transform="{place}">{outlines}{uses}</g>')


@cache
def _uses(line: str, features: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The glyphs of a line, each once, and the elements that place them."""
    letters = set_line(line, features)
    uses = [
        f'<use xlink:href="#{_name(glyph)}"'
        + (f' transform="translate({_short(place)} 0)"/>' if place else "/>")
        for glyph, place in zip(letters.glyphs, letters.places, strict=True)
    ]
    return tuple(dict.fromkeys(letters.glyphs)), "".join(uses)


@cache
def _definition(glyph: str) -> str:
    """The element that holds a glyph's outline; a space has none."""
    shape = _relative(outline(glyph))
    drawn = f' d="{shape}"' if shape else ""
    return f'<path id="{_name(glyph)}"{drawn} transform="scale(0.015625)"/>'


def _name(glyph: str) -> str:
    """The short name of a glyph: n and its index in the font."""
    return f"n{glyph.rpartition('-')[2]}"
