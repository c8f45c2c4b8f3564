"""Labels that never collide: moved apart along a line, or tried at places around a point.

`spread` moves labels as little as possible; `place_labels` gives a label up rather than let it cover
another one. A caller ranks its labels, so that what is given up is what matters least.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression


class Box(NamedTuple):
    """A rectangle, in inches or any other unit with y either way."""

    left: float
    low: float
    right: float
    high: float

    def overlaps(self, other: Box) -> bool:
        """Whether two boxes share some area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.low < other.high
            and other.low < self.high
        )

    def within(self, other: Box) -> bool:
        """Whether this box lies wholly inside the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.low >= other.low
            and self.high <= other.high
        )


def spread(positions: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres that keep the order of the positions, do not overlap and lie as near to them as possible.

    Args:
        positions: The wished centres, ascending.
        sizes: The length that each label takes along the line, gaps included.
        low: Where the line starts.
        high: Where it ends; when the labels are longer than the line, they run over its end.

    The least squares solution: wished centres less the room of the labels before them, made ascending by
    isotonic regression (pool adjacent violators), then kept between the ends.
    """
    if not positions:
        return []
    lengths = np.asarray(sizes, dtype=float)
    offsets = np.concatenate([[0.0], np.cumsum((lengths[:-1] + lengths[1:]) / 2)])
    free = isotonic_regression(np.asarray(positions, dtype=float) - offsets).x
    first = low + lengths[0] / 2
    last = max(high - lengths[-1] / 2 - offsets[-1], first)
    return [float(value) for value in np.clip(free, first, last) + offsets]


def candidates(
    x: float, y: float, width: float, height: float, gap: float, *, upright: bool = False
) -> list[Box]:
    """Boxes of a size around a point, best place first: right, left, above, below, then the corners.

    With `upright` the places above and below come first, as suits points along a time axis.
    """
    near = gap * 0.7
    right, left = x + gap, x - gap - width
    boxes = [
        Box(right, y - height / 2, right + width, y + height / 2),
        Box(left, y - height / 2, left + width, y + height / 2),
        Box(x - width / 2, y - gap - height, x + width / 2, y - gap),
        Box(x - width / 2, y + gap, x + width / 2, y + gap + height),
        Box(x + near, y - near - height, x + near + width, y - near),
        Box(x + near, y + near, x + near + width, y + near + height),
        Box(x - near - width, y - near - height, x - near, y - near),
        Box(x - near - width, y + near, x - near, y + near + height),
    ]
    return [*boxes[2:4], *boxes[:2], *boxes[4:]] if upright else boxes


def place_labels(
    anchors: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    *,
    frame: Box,
    obstacles: Sequence[Box] = (),
    gap: float = 0.08,
    upright: bool = False,
) -> list[Box | None]:
    """A free box for each label, most important first, or None where there is no room.

    Args:
        anchors: The points that the labels belong to.
        sizes: Width and height of each label.
        frame: What no label may leave.
        obstacles: What no label may cover, such as the marks.
        gap: The distance between a point and its label.
        upright: Whether places above and below a point come before those beside it.
    """
    taken = list(obstacles)
    placed: list[Box | None] = []
    for (x, y), (width, height) in zip(anchors, sizes, strict=True):
        free = next(
            (
                box
                for box in candidates(x, y, width, height, gap, upright=upright)
                if box.within(frame) and not any(box.overlaps(other) for other in taken)
            ),
            None,
        )
        placed.append(free)
        if free is not None:
            taken.append(free)
    return placed
