"""The sheet a figure is drawn on: inches from the top left, measured text, wrapped lines, a key.

Layout is settled before drawing: text is measured with the font itself, so a drawing function knows how
much room its longest label takes and gives the rest to the data. Nothing here knows about data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.figures.letters import Line, advance, font_features, set_line
from analysis.figures.page import Page
from analysis.figures.theme import INK, TEXT_SIZE, new_figure

WIDTH = 7.4
MARGIN = 0.06
GAP = 0.08
POINT = 1 / 72
_TOKEN = re.compile(
    r"\s+|[\u2e80-\u9fff\uf900-\uffef]|[^\s\u2e80-\u9fff\uf900-\uffef]+?(?<=[A-Za-z])-(?=[A-Za-z])|[^\s\u2e80-\u9fff\uf900-\uffef]+"
)
_NEVER_FIRST = "，。、；：？！）》〉」』】〕％%”’…·,.;:?!)]}"
_NEVER_LAST = "（《〈「『【〔“‘([{"


@cache
def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """The width of the longest line of a text in inches, with a little slack for hinting."""
    return max((_ems(line) for line in text.split("\n")), default=0.0) * size * 1.02 * POINT


def _ems(line: str) -> float:
    """The width of one line in ems."""
    return set_line(line, font_features(line)).width if line else 0.0


def line_height(size: float = TEXT_SIZE) -> float:
    """The distance from one line of text to the next in inches."""
    return size * 1.32 * POINT


def text_height(text: str, size: float = TEXT_SIZE) -> float:
    """The height of a text of one or more lines in inches."""
    return (text.count("\n") + 1) * line_height(size)


def wrap(text: str, width: float, size: float = TEXT_SIZE) -> str:
    """The text broken into lines of at most so many inches.

    Latin text breaks at spaces and hyphens, Chinese text between any two characters, but no line starts with
    a closing mark or ends with an opening one. A word longer than a line is cut.
    """
    return "\n".join(line for paragraph in text.split("\n") for line in _lines(paragraph, width, size))


def _lines(paragraph: str, width: float, size: float) -> list[str]:
    lines: list[str] = []
    current = ""
    for token in _unbreakable(paragraph):
        if current and _advance(current + token.rstrip(), size) > width:
            lines.append(current.rstrip())
            current = token
        else:
            current += token
        while _advance(current.rstrip(), size) > width and len(current.rstrip()) > 1:
            head = _longest_head(current, width, size)
            lines.append(head)
            current = current[len(head) :]
    return [*lines, current.rstrip()]


def _advance(text: str, size: float) -> float:
    """The width of a line in inches by its characters' advances: quicker than measuring, if a little wide."""
    return sum(advance(character) for character in text) * size * 1.02 * POINT


def longest_word(text: str, size: float = TEXT_SIZE) -> float:
    """The width in inches of the widest piece that `wrap` would not break."""
    return max((text_width(token.strip(), size) for token in _unbreakable(text)), default=0.0)


def _unbreakable(paragraph: str) -> list[str]:
    """The pieces of a paragraph between which a line may end; spaces stay with the piece before."""
    pieces: list[str] = []
    for token in _TOKEN.findall(paragraph):
        glued = pieces and (
            token.isspace() or token[0] in _NEVER_FIRST or pieces[-1].rstrip()[-1:] in tuple(_NEVER_LAST)
        )
        if glued:
            pieces[-1] += token
        else:
            pieces.append(token)
    return pieces


def _longest_head(word: str, width: float, size: float) -> str:
    length = len(word) - 1
    while length > 1 and _advance(word[:length], size) > width:
        length -= 1
    return word[:length]


def sheet(width: float, height: float) -> tuple[Figure, Page]:
    """A figure of so many inches and its page."""
    figure = new_figure(width, height)
    return figure, Page(figure)


def plot_area(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place given in inches from the top left, without a frame."""
    across, down = figure.get_size_inches()
    axes = figure.add_axes(
        (left / across, 1 - (top + height) / down, width / across, height / down), zorder=1
    )
    axes.patch.set_alpha(0)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return axes


def write(
    page: Page,
    x: float,
    y: float,
    text: str,
    *,
    ha: str = "left",
    va: str = "center",
    color: str = INK,
    size: float = TEXT_SIZE,
    paper: dict[str, Any] | None = None,
) -> list[Line]:
    """The lines of a text written on a page, one artist a line, evenly spaced and never clipped.

    Lines are aligned here, not by matplotlib, whose layout overlooks the OpenType features.

    Args:
        page: Page in inches from the top left, as `sheet` makes them.
        x: The text's left edge, middle or right edge, as `ha` says.
        y: The top, middle or bottom of the block of lines, as `va` says.
        text: One or more lines.
        ha: left | center | right.
        va: top | center | bottom.
        color: One of the text colours.
        size: In points.
        paper: How a rectangle behind each line is drawn (`pad` in points, `alpha`); None for none.
    """
    lines = text.split("\n")
    pitch = line_height(size)
    above = {"top": 0.0, "center": len(lines) / 2, "bottom": float(len(lines))}[va] * pitch
    first = y - above + pitch / 2 + 0.36 * size * POINT
    before = {"left": 0.0, "center": 0.5, "right": 1.0}[ha] * size * POINT
    return [
        page.add(
            Line(
                x - before * _ems(line),
                first + position * pitch,
                line,
                color=color,
                fontsize=size,
                paper=paper,
            )
        )
        for position, line in enumerate(lines)
        if line
    ]


def write_upright(page: Page, x: float, y: float, text: str, *, size: float = TEXT_SIZE) -> list[Line]:
    """The lines of a text written upwards from y, side by side around x, one artist a line."""
    lines = text.split("\n")
    pitch = line_height(size)
    first = x - len(lines) / 2 * pitch + pitch / 2 + 0.36 * size * POINT
    return [
        page.add(
            Line(
                first + position * pitch,
                y,
                line,
                rotation=90,
                rotation_mode="anchor",
                color=INK,
                fontsize=size,
            )
        )
        for position, line in enumerate(lines)
        if line
    ]


@dataclass(frozen=True)
class KeyEntry:
    """One entry of a key: words and how their mark is drawn.

    Attributes:
        text: The words.
        marker: Style of a `Line2D` of one point, or None.
        patch: Style of a small rectangle drawn instead of a marker, or None.
    """

    text: str
    marker: dict[str, Any] = field(default_factory=dict)
    patch: dict[str, Any] | None = None


_SWATCH = 0.24
_KEY_PITCH = 0.23


def _key_places(entries: Sequence[KeyEntry], width: float) -> list[tuple[float, int, str]]:
    """Left edge in inches, first line and wrapped words of each entry of a key."""
    places: list[tuple[float, int, str]] = []
    x, line, deepest = 0.0, 0, 1
    for entry in entries:
        words = wrap(entry.text, width - _SWATCH)
        needed = _SWATCH + text_width(words)
        if x > 0 and x + needed > width:
            x, line, deepest = 0.0, line + deepest, 1
        places.append((x, line, words))
        deepest = max(deepest, words.count("\n") + 1)
        x += needed + 0.2
    return places


def key_height(entries: Sequence[KeyEntry], width: float = WIDTH - 2 * MARGIN) -> float:
    """The height of a key in inches, zero when it has no entries."""
    places = _key_places(entries, width)
    bottom = max((line * _KEY_PITCH + text_height(words) for _, line, words in places), default=0.0)
    return bottom + 0.12 if places else 0.0


def key_of(
    kinds: Iterable[str], labels: Mapping[str, str], marks: Mapping[str, dict[str, Any]]
) -> list[KeyEntry]:
    """The entries of a key for the kinds that occur and have a label, in the order of the labels."""
    present = set(kinds)
    return [KeyEntry(words, marks[kind]) for kind, words in labels.items() if kind in present]


def draw_key(
    page: Page, entries: Sequence[KeyEntry], left: float, top: float, width: float = WIDTH - 2 * MARGIN
) -> None:
    """None; the key is drawn on the page, its entries side by side and as many lines as they need."""
    places = _key_places(entries, width)
    for entry, (x, line, words) in zip(entries, places, strict=True):
        y = top + (line + 0.5) * _KEY_PITCH
        if entry.patch is not None:
            box = Rectangle((left + x, y - 0.06), 0.17, 0.12, **({"linewidth": 0.8} | entry.patch))
            page.add(box)
        else:
            page.line([left + x + 0.085], [y], linestyle="none", **entry.marker)
        write(
            page, left + x + _SWATCH, y - _KEY_PITCH / 2 + (_KEY_PITCH - line_height()) / 2, words, va="top"
        )
