"""Adopts a release of the mined tables (metrics, regions, sources, observations) into `data/`.

A release is a folder of CSV files with the columns of `RELEASE`. Each row is compared three ways: as it is in
the release, as it is in `data/`, and as it was when last adopted (`data/adopted.csv` keeps a digest of that).
A row that somebody changed, added or removed by hand is never overwritten, and columns that only `data/` has
are kept. The outcome is checked as a whole before a file is touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import check, tables
from analysis.accept import put, read_table, staged, write_table
from analysis.check import Problem
from analysis.errors import InputError

RELEASE: dict[str, tuple[str, ...]] = {
    "metrics": (*tables.METRICS[: tables.METRICS.index("numerator")], "comparable"),
    "regions": tables.REGIONS,
    "sources": tables.SOURCES,
    "observations": tables.OBSERVATIONS,
}
"""The columns of each table of a release."""
_RECORD = ("table", "key", "digest")
WRITTEN = ("new", "changed", "gone")
"""The states of rows in which adopting changes `data/` as the release has it."""
STATES = (*WRITTEN, "kept", "kept_gone", "left_out")
"""And those in which a person did: edited the row, edited one that the release dropped, or removed it."""


@dataclass(frozen=True)
class TableChange:
    """What a release does to one table: `rows` (table, key, state, detail) and the `merged` outcome.

    `digests` are those of the release's rows, to be kept when it is adopted.
    """

    table: str
    rows: pd.DataFrame
    merged: pd.DataFrame
    digests: pd.DataFrame


def compare(release: Path, data: Path) -> list[TableChange]:
    """What adopting a release would change, one entry a table; tables that `data/` has not count as empty.

    Raises:
        InputError: The release lacks a table, or a key stands in one twice.
        DataError: A table is malformed.
    """
    missing = [name for name in RELEASE if not (release / f"{name}.csv").is_file()]
    if missing:
        rule = "A release must hold metrics.csv, regions.csv, sources.csv and observations.csv"
        raise InputError(rule, f"{release} lacks {', '.join(missing)}", "name the folder that holds them.")
    adopted = data / "adopted.csv"
    record = tables.rows(adopted, _RECORD) if adopted.exists() else []
    known = {name: {key: digest for table, key, digest, *_ in record if table == name} for name in RELEASE}
    return [_compare_table(name, release, data, known[name]) for name in RELEASE]


def apply(changes: Sequence[TableChange], data: Path) -> None:
    """Writes the merged tables, and the digests of the release's rows, into a data folder."""
    for change in changes:
        write_table(change.table, change.merged, data)
    record = pd.concat([change.digests for change in changes])
    tables.write(record, data / "adopted.csv", _RECORD, ("table", "key"))


def take_over(changes: Sequence[TableChange], data: Path, write: bool) -> list[Problem]:
    """The rows that would break a rule of `data/`; where there are none, the release is written if wanted."""
    with staged(data) as copy:
        apply(changes, copy)
        problems = check.run(copy)
        if write and not problems:
            put(copy, data)
    return problems


def summary(changes: Sequence[TableChange]) -> pd.DataFrame:
    """How many rows of each table are in each state: columns table, then one for each state."""
    rows = pd.concat([change.rows for change in changes], ignore_index=True)
    counts = rows.groupby(["table", "state"]).size().unstack(fill_value=0)
    return counts.reindex(index=list(RELEASE), columns=list(STATES), fill_value=0).reset_index()


def _compare_table(name: str, release: Path, data: Path, adopted: Mapping[str, str]) -> TableChange:
    columns = RELEASE[name]
    theirs = _rows(tables.read(release / f"{name}.csv", columns), name)
    ours = _rows(read_table(name, data), name)
    told = {key: _digest(*(row[column] for column in columns)) for key, row in theirs.items()}
    here = {key: _digest(*(row[column] for column in columns)) for key, row in ours.items()}
    states, details = {}, {}
    for key in sorted({*theirs, *ours}):
        states[key] = _state(told.get(key, ""), here.get(key, ""), adopted.get(_digest(key), ""))
        both = columns if key in told and key in here else ()
        differ = [column for column in both if ours[key][column] != theirs[key][column]]
        details[key] = "; ".join(f"{one}: {ours[key][one]} -> {theirs[key][one]}" for one in differ)
    rows = [(name, key, state, details[key]) for key, state in states.items() if state in STATES]
    merged = {key: row for key, row in ours.items() if states[key] != "gone"}
    taken = [key for key, state in states.items() if state in ("new", "changed")]
    blank = dict.fromkeys(tables.COLUMNS[name], "")
    merged |= {key: {**blank, **ours.get(key, {}), **theirs[key]} for key in taken}
    return TableChange(
        name,
        pd.DataFrame(rows, columns=["table", "key", "state", "detail"]),
        pd.DataFrame(list(merged.values()), columns=list(tables.COLUMNS[name])),
        pd.DataFrame([(name, _digest(key), text) for key, text in told.items()], columns=list(_RECORD)),
    )


def _state(theirs: str, ours: str, adopted: str) -> str:
    """The state of a row from its three digests; `same` and `by_hand` need no action."""
    if not theirs:
        return "by_hand" if not adopted else "gone" if ours == adopted else "kept_gone"
    if not ours:
        return "left_out" if adopted else "new"
    if theirs in (ours, adopted):
        return "same"
    return "changed" if ours == adopted else "kept"


def _rows(frame: pd.DataFrame, name: str) -> dict[str, dict[Hashable, str]]:
    """The rows of a table by the text of their key."""
    rows = frame.to_dict("records")
    found = {"|".join(row[column] for column in tables.KEYS[name]): row for row in rows}
    if len(found) < len(rows):
        twice = frame[frame.duplicated(list(tables.KEYS[name]))]
        given = tables.row_text(twice.iloc[0], tables.KEYS[name])
        raise InputError("A key must stand in a table once", given, "remove the duplicates.")
    return found


def _digest(*cells: str) -> str:
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:16]
