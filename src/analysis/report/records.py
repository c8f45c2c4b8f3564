"""Rows of a frame as plain dicts, for what is put into words row by row, and rows by what they share.

A frame of observations has a block of memory a column, so that taking one row out of it costs as much as
taking a column. Words are made from lists of columns instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

Record = Mapping[str, Any]
"""A row: its columns by name, and its label in the frame as `row`."""


def records(frame: pd.DataFrame, *columns: str) -> list[Record]:
    """The rows of a frame, in order, with these of its columns."""
    lists = [frame[name].tolist() for name in columns]
    names = ("row", *columns)
    return [dict(zip(names, row, strict=True)) for row in zip(frame.index.tolist(), *lists, strict=True)]


def grouped(rows: Iterable[Record], *columns: str) -> dict[tuple[Any, ...], list[Record]]:
    """The records by their values of these columns, groups and members in the order of the records."""
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in columns), []).append(row)
    return groups


def by_metric(frame: pd.DataFrame) -> dict[str, list[pd.Series]]:
    """The rows of a frame by metric, for those who need whole rows more than once."""
    rows: dict[str, list[pd.Series]] = {}
    for _, row in frame.iterrows():
        rows.setdefault(str(row["metric_id"]), []).append(row)
    return rows
