"""Adopts a release of the mined tables (metrics, regions, sources, observations) into `data/`.

Each row is compared three ways: as it is in the release, as it is in `data/`, and as it was when last adopted
(`data/adopted.csv` keeps a digest of that). What somebody changed, added or removed by hand is never
overwritten, columns that only `data/` has are kept, and the outcome is checked before a file is touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from filelock import FileLock

from analysis import check, tables
from analysis.accept import put, staged
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
class Change:
    """What a release does: `rows` (table, key, state, detail), `merged` tables, and the `record` to keep."""

    rows: pd.DataFrame
    merged: Mapping[str, pd.DataFrame]
    record: pd.DataFrame


def compare(release: Path, data: Path) -> Change:
    """What adopting a release would change; tables that `data/` has not count as empty.

    Raises:
        InputError: The release lacks a table, or a key stands in one twice.
        DataError: A table is malformed.
    """
    missing = [name for name in RELEASE if not (release / f"{name}.csv").is_file()]
    if missing:
        rule = "A release must hold metrics.csv, regions.csv, sources.csv and observations.csv"
        raise InputError(rule, f"{release} lacks {', '.join(missing)}", "name the folder that holds them.")
    kept = data / "adopted.csv"
    adopted = {row[:2]: row[2] for row in tables.rows(kept, _RECORD)} if kept.exists() else {}
    rows, merged, record = [], {}, []
    for name, columns in RELEASE.items():
        theirs = _rows(tables.read(release / f"{name}.csv", columns), name)
        ours = _rows(tables.load(name, data), name)
        for key in sorted({*theirs, *ours}):
            other, mine = theirs.get(key, {}), ours.get(key, {})
            told, here = (_digest(*(row[one] for one in columns)) if row else "" for row in (other, mine))
            state = _state(told, here, adopted.get((name, _digest(key)), ""))
            differ = [one for one in columns if mine and other and mine[one] != other[one]]
            detail = "; ".join(f"{one}: {mine[one]} -> {other[one]}" for one in differ)
            if state in STATES:
                rows.append((name, key, state, detail))
            if told:
                record.append((name, _digest(key), told))
            if state == "gone":
                del ours[key]
            elif state in WRITTEN:
                ours[key] = {**dict.fromkeys(tables.COLUMNS[name], ""), **mine, **other}
        merged[name] = pd.DataFrame(list(ours.values()), columns=list(tables.COLUMNS[name]))
    found = pd.DataFrame(rows, columns=["table", "key", "state", "detail"])
    return Change(found, merged, pd.DataFrame(record, columns=list(_RECORD)))


def apply(change: Change, data: Path) -> None:
    """Writes the merged tables, and the digests of the release's rows, into a data folder."""
    for name, frame in change.merged.items():
        tables.save(name, frame, data)
    tables.write(change.record, data / "adopted.csv", _RECORD, ("table", "key"))


def take_over(change: Change, data: Path, write: bool) -> list[Problem]:
    """The rows that would break a rule of `data/`; where there are none, the release is written if wanted."""
    with FileLock(data.parent / ".fazhi-data.lock") if write else nullcontext(), staged(data) as copy:
        apply(change, copy)
        problems = check.run(copy)
        if write and not problems:
            put(copy, data)
    return problems


def summary(change: Change) -> pd.DataFrame:
    """How many rows of each table are in each state: columns table, then one for each state."""
    counts = change.rows.groupby(["table", "state"]).size().unstack(fill_value=0)
    return counts.reindex(index=list(RELEASE), columns=list(STATES), fill_value=0).reset_index()


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
    key = list(tables.KEYS[name])
    twice = frame[frame.duplicated(key)]
    if len(twice):
        given = tables.row_text(twice.iloc[0], key)
        raise InputError("A key must stand in a table once", given, "remove the duplicates.")
    return {"|".join(row[column] for column in key): row for row in frame.to_dict("records")}


def _digest(*cells: str) -> str:
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:16]
