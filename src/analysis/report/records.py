"""Rows of a frame as plain dicts, for what is put into words row by row.

A frame of observations has a block of memory a column, so that taking one row out of it costs as much as
taking a column. Words are made from lists of columns instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

Record = Mapping[str, Any]
"""A row: its columns by name, and its label in the frame as `row`."""


def records(frame: pd.DataFrame, *columns: str) -> list[Record]:
    """The rows of a frame, in order, with these of its columns."""
    lists = [frame[name].tolist() for name in columns]
    names = ("row", *columns)
    return [dict(zip(names, row, strict=True)) for row in zip(frame.index.tolist(), *lists, strict=True)]
