"""Stairs: labels below a bar for marks too narrow to carry one, each at the foot of a leader.

A label stands left or right of its leader, as high as it can without touching another label or leader. Where
no arrangement is free of crossings, the marks are numbered and the labels listed below: never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.figures.canvas import line_height, text_height, text_width, wrap
from analysis.figures.labels import Box, spread

_PITCH = 0.1
_NUMBER_PITCH = 0.24
_FIRST = 0.14
_TURN = 0.1
_TEXT_SHARE = 0.4
_SLACK = 0.04
_BETWEEN = 0.02


@dataclass(frozen=True)
class Stair:
    """A label below a bar, in inches from the bar's lower left corner.

    Attributes:
        mark: The position of the mark, in the order given.
        anchor: Where the leader starts on the bar.
        x: Where the leader goes down.
        top: The top of the label.
        text: The wrapped label.
        rightward: Whether the label stands right of its leader.
        listed: Whether the label stands in a list below and the leader ends in its number.
    """

    mark: int
    anchor: float
    x: float
    top: float
    text: str
    rightward: bool
    listed: bool = False

    @property
    def bottom(self) -> float:
        """The lower end of the label."""
        return self.top + text_height(self.text) + _BETWEEN - 1e-6

    @property
    def boxes(self) -> tuple[Box, Box]:
        """The space of the leader and of the label."""
        far = text_width(self.text) + _TURN + _SLACK
        start, end = (self.x, self.x + far) if self.rightward else (self.x - far, self.x)
        leader = Box(self.x - _SLACK / 2, 0.0, self.x + _SLACK / 2, self.top + line_height() / 2)
        return leader, Box(start, self.top, end, self.bottom)


def number_mark(position: int) -> str:
    """The circled number of a position from 0, in brackets from 20 on."""
    return chr(0x2460 + position) if position < 20 else f"({position + 1})"


def build_stairs(anchors: Sequence[float], texts: Sequence[str], length: float) -> list[Stair]:
    """The labels of marks, from left to right, below a bar of some length in inches.

    Args:
        anchors: The marks' centres, ascending.
        texts: Their labels.
        length: The length of the bar, which labels do not leave.
    """
    xs = spread(anchors, [_PITCH] * len(anchors), 0.0, length)
    wrapped = [wrap(text, length * _TEXT_SHARE) for text in texts]
    marks = list(zip(range(len(anchors)), anchors, xs, wrapped, strict=True))
    flights = [_flight(marks, first, length) for first in range(len(marks) + 1)]
    complete = [flight for flight in flights if flight is not None]
    if not complete:
        return _numbered(anchors, texts, length)
    return min(complete, key=lambda flight: max((stair.bottom for stair in flight), default=0.0))


def _flight(marks: Sequence[tuple[int, float, float, str]], first: int, length: float) -> list[Stair] | None:
    """Stairs, the labels of marks before `first` right of their leaders; None where they collide."""
    steps = [_FIRST + row * (line_height() + _BETWEEN) for row in range(4 * len(marks) + 4)]
    order = [*marks[first:], *reversed(marks[:first])]
    placed: list[Stair] = []
    for mark, anchor, x, text in order:
        tries = (Stair(mark, anchor, x, step, text, rightward=mark < first) for step in steps)
        stair = next((stair for stair in tries if _free(stair, placed, length)), None)
        if stair is None:
            return None
        placed.append(stair)
    return placed


def _free(stair: Stair, placed: Sequence[Stair], length: float) -> bool:
    label = stair.boxes[1]
    if label.left < 0 or label.right > length:
        return False
    return not any(
        box.overlaps(other) for box in stair.boxes for earlier in placed for other in earlier.boxes
    )


def _numbered(anchors: Sequence[float], texts: Sequence[str], length: float) -> list[Stair]:
    """A list of labels, numbered as the short leaders above it."""
    xs = spread(anchors, [_NUMBER_PITCH] * len(anchors), 0.0, length)
    stairs: list[Stair] = []
    top = _FIRST + 2 * line_height()
    for mark, (anchor, x, text) in enumerate(zip(anchors, xs, texts, strict=True)):
        label = wrap(f"{number_mark(mark)} {text}", length)
        stairs.append(Stair(mark, anchor, x, top, label, rightward=True, listed=True))
        top = stairs[-1].bottom
    return stairs
