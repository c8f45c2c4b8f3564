"""From a frame to the rows of the panel that it rests on.

A frame has its trace in a column `rows` (tuples of labels of the panel) or in an index named "row" of such
labels.
A frame with neither is refused: nothing reaches a page that cannot be led back to a line of data/.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.errors import InputError


def traced(what: pd.DataFrame | pd.Series | int | Iterable[int]) -> tuple[int, ...]:
    """The labels of the panel that a frame, a row of one, or some labels rest on, in order, each once.

    Raises:
        InputError: A frame or row has no trace.
    """
    if isinstance(what, pd.DataFrame):
        return tuple(dict.fromkeys(row for rows in row_tuples(what) for row in rows))
    if isinstance(what, pd.Series):
        if "rows" in what.index:
            return tuple(int(row) for row in what["rows"])
        if isinstance(what.name, int | float) or hasattr(what.name, "__index__"):
            return (int(str(what.name)),)
        raise _untraced(f"a row named {what.name!r} with {', '.join(map(str, what.index))}")
    if isinstance(what, Iterable):
        return tuple(int(row) for row in what)
    return (int(what),)


def row_tuples(frame: pd.DataFrame) -> list[tuple[int, ...]]:
    """The labels of the panel that each row of a frame rests on.

    Raises:
        InputError: The frame has neither an index named "row" nor a column `rows`.
    """
    if "rows" in frame.columns:
        return [tuple(int(row) for row in rows) for rows in frame["rows"]]
    if frame.index.name != "row":
        raise _untraced(
            f"a frame with index {frame.index.name!r} and columns {', '.join(map(str, frame.columns))}"
        )
    return [(int(row),) for row in frame.index]


def _untraced(given: str) -> InputError:
    return InputError(
        "What a page shows leads to rows of the panel",
        given,
        'keep the index named "row" (merge and groupby lose it), or add a column `rows` of tuples of labels.',
    )
