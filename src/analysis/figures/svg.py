"""Lighter SVG: the same picture in about half the characters, since a page carries its figures inside.

Letters are outlines, so most of a figure is glyphs of whole numbers: they are rewritten relative to the point
before. Coordinates keep two decimals of a point, which no eye can tell from six. Nothing drawn is left out,
and what this module does not know it leaves as it is.
"""

from __future__ import annotations

import re

from analysis.figures.theme import FONT_FILE

_DECIMALS = 2
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BETWEEN_TAGS = re.compile(r">\s+<")
_GROUP_NAME = re.compile(r'<g id="[a-z0-9_]+">')
_PLACE = re.compile(r"(?:translate\(|\b(?:d|x|y)=\")[^)\"]*\d\.\d[^)\"]*")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_OUTLINE = re.compile(r'd="((?:[MLQC](?: -?\d+)+ ?\n?|z\n?)+)"')
_SEGMENT = re.compile(r"([MLQCz])((?: -?\d+)*)")


def lighter_svg(svg: str) -> str:
    """The same drawing without comments and group names, with short glyph names and numbers.

    Args:
        svg: What matplotlib wrote, text as outlines.
    """
    svg = _COMMENT.sub("", svg)
    svg = _GROUP_NAME.sub("<g>", svg).replace(f"{FONT_FILE.removesuffix('.otf')}-", "n")
    svg = _PLACE.sub(lambda place: _LONG_NUMBER.sub(_rounded, place.group()), svg)
    svg = _OUTLINE.sub(lambda outline: f'd="{_relative(outline.group(1))}"', svg)
    return _BETWEEN_TAGS.sub("><", svg)


def _rounded(number: re.Match[str]) -> str:
    """The number with two decimals at most; a zero has no sign."""
    short = f"{float(number.group()):.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else short


def _relative(outline: str) -> str:
    """A glyph's outline of whole numbers, of M, L, Q, C and z only, with each point relative to the last.

    In a curve all control points are relative to the point before the curve (SVG 1.1, section 8.3).
    """
    parts: list[str] = []
    x, y = start = (0, 0)
    for command, numbers in _SEGMENT.findall(outline):
        if command == "z":
            x, y = start
            parts.append("z")
            continue
        values = [int(number) for number in numbers.split()]
        points = list(zip(values[::2], values[1::2], strict=True))
        steps = " ".join(f"{across - x} {down - y}" for across, down in points)
        parts.append(command.lower() + steps.replace(" -", "-"))
        x, y = points[-1]
        start = (x, y) if command == "M" else start
    return "".join(parts)
