"""Adopts a release of the mined tables (metrics, regions, sources, observations) into `data/`.

A release is a folder of CSV files with the columns of `RELEASE`. Each row is compared three ways: as it is in
the release, as it is in `data/`, and as it was when last adopted (`data/adopted.csv` keeps a digest of that).
A row that somebody changed, added or removed by hand is never overwritten, and columns that only `data/` has
are kept. The outcome is checked as a whole before a file is touched.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from analysis import check, tables
from analysis.check import Problem
from analysis.errors import InputError

RELEASE: dict[str, tuple[str, ...]] = {
    "metrics": (
        "metric_id",
        "domain",
        "label_zh",
        "label_en",
        "unit",
        "measure",
        "polarity",
        "comparable",
    ),
    "regions": tables.REGIONS,
    "sources": tables.SOURCES,
    "observations": tables.OBSERVATIONS,
}
"""The columns of each table of a release."""
_RECORD = ("table", "key", "digest")
STATES = {
    "new": "added",
    "changed": "updated to the release",
    "gone": "removed: the release no longer has it",
    "kept": "kept: edited by hand, and the release differs",
    "kept_gone": "kept: edited by hand, though the release no longer has it",
    "left_out": "left out: removed here by hand",
}
"""What happens to a row in each state when the release is adopted."""
WRITTEN = ("new", "changed", "gone")
"""The states in which adopting changes a row of `data/`."""


@dataclass(frozen=True)
class TableChange:
    """What a release does to one table: `rows` (table, key, state, detail) and the `merged` outcome."""

    table: str
    rows: pd.DataFrame
    merged: pd.DataFrame
    digests: dict[str, str]


def compare(release: Path, data: Path) -> list[TableChange]:
    """What adopting a release would change, one entry a table; nothing is written.

    Args:
        release: The folder with the release's tables.
        data: The project's data folder; tables that do not exist there yet count as empty.

    Raises:
        InputError: The release lacks a table.
        DataError: A table is malformed.
    """
    missing = [name for name in RELEASE if not (release / f"{name}.csv").is_file()]
    if missing:
        raise InputError(
            "A release must hold metrics.csv, regions.csv, sources.csv and observations.csv",
            f"{release} lacks {', '.join(missing)}",
            "name the folder that holds them.",
        )
    record = _read_record(data)
    return [_compare_table(name, release, data, record.get(name, {})) for name in RELEASE]


def apply(changes: Sequence[TableChange], data: Path) -> None:
    """Writes the merged tables, and the digests of the release's rows, into a data folder."""
    for change in changes:
        key = tables.KEYS[change.table]
        if change.table == "observations":
            _write_observations(change.merged, data / "observations", key)
        else:
            tables.write(change.merged, data / f"{change.table}.csv", tables.COLUMNS[change.table], key)
    record = pd.DataFrame(
        [(item.table, key, digest) for item in changes for key, digest in item.digests.items()],
        columns=list(_RECORD),
    )
    tables.write(record, data / "adopted.csv", _RECORD, ("table", "key"))


def faults(changes: Sequence[TableChange], data: Path) -> list[Problem]:
    """The rows that would break a rule of `data/` if the release were adopted; nothing is written there."""
    with TemporaryDirectory(prefix="fazhi-adopt-") as place:
        tried = Path(place, "data")
        shutil.copytree(data, tried)
        apply(changes, tried)
        return check.run(tried)


def summary(changes: Sequence[TableChange]) -> pd.DataFrame:
    """How many rows of each table are in each state: columns table, then one for each state."""
    rows = pd.concat([change.rows for change in changes], ignore_index=True)
    counts = rows.groupby(["table", "state"]).size().unstack(fill_value=0)
    return counts.reindex(index=list(RELEASE), columns=list(STATES), fill_value=0).reset_index()


def _write_observations(frame: pd.DataFrame, folder: Path, key: Sequence[str]) -> None:
    """One file a province; a province without observations keeps no file."""
    parts = dict(list(frame.groupby(frame["region_code"].str[:2])))
    for province, part in parts.items():
        tables.write(part, folder / f"{province}.csv", tables.OBSERVATIONS, key)
    for path in folder.glob("*.csv"):
        if path.stem not in parts:
            path.unlink()


def _compare_table(name: str, release: Path, data: Path, adopted: dict[str, str]) -> TableChange:
    columns, key = list(RELEASE[name]), tables.KEYS[name]
    theirs = _keyed(tables.read(release / f"{name}.csv", columns), key)
    ours = _keyed(_current(name, data), key)
    their_digest, our_digest = _digests(theirs, columns), _digests(ours, columns)
    states = {
        row: _state(their_digest.get(row), our_digest.get(row), adopted.get(_digest(row)))
        for row in dict.fromkeys([*theirs.index, *ours.index])
    }
    rows = pd.DataFrame(
        [
            (name, row, state, _detail(row, theirs, ours, columns))
            for row, state in states.items()
            if state in STATES
        ],
        columns=["table", "key", "state", "detail"],
    )
    merged = _merge(theirs, ours, states, columns)
    digests = {_digest(row): digest for row, digest in their_digest.items()}
    return TableChange(name, rows, merged, digests)


def _state(theirs: str | None, ours: str | None, adopted: str | None) -> str:
    """The state of one row from its three digests; `same` and `by_hand` need no action."""
    if theirs is None:
        if adopted is None:
            return "by_hand"
        return "gone" if ours == adopted else "kept_gone"
    if ours is None:
        return "new" if adopted is None else "left_out"
    if ours == theirs or theirs == adopted:
        return "same"
    return "changed" if ours == adopted else "kept"


def _merge(
    theirs: pd.DataFrame, ours: pd.DataFrame, states: dict[str, str], columns: list[str]
) -> pd.DataFrame:
    """The table after adoption: ours, with new and changed rows of the release and without what is gone."""
    merged = ours.drop(index=[row for row, state in states.items() if state == "gone"])
    changed = [row for row, state in states.items() if state == "changed"]
    merged.loc[changed, columns] = theirs.loc[changed, columns]
    new = [row for row, state in states.items() if state == "new"]
    return pd.concat([merged, theirs.loc[new]]).fillna("")


def _current(name: str, data: Path) -> pd.DataFrame:
    if name != "observations":
        path, columns = data / f"{name}.csv", tables.COLUMNS[name]
        return tables.read(path, columns) if path.exists() else pd.DataFrame(columns=columns)
    files = sorted((data / "observations").glob("*.csv"))
    parts = [tables.read(path, tables.OBSERVATIONS) for path in files]
    return pd.concat(parts) if parts else pd.DataFrame(columns=tables.OBSERVATIONS)


def _keyed(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    frame = frame.drop(columns=["file", "line"], errors="ignore").astype(str)
    frame.index = pd.Index(frame[list(key)].agg("|".join, axis=1) if len(frame) else [], dtype=str)
    twice = frame.index[frame.index.duplicated()]
    if len(twice):
        raise InputError("A key must stand in a table once", ", ".join(twice[:5]), "remove the duplicates.")
    return frame


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _digests(frame: pd.DataFrame, columns: list[str]) -> dict[str, str]:
    rows = frame[columns].itertuples(index=True, name=None)
    return {str(row[0]): _digest("\x1f".join(row[1:])) for row in rows}


def _detail(row: str, theirs: pd.DataFrame, ours: pd.DataFrame, columns: list[str]) -> str:
    """What differs in a row that both have: `column: here -> release`."""
    if row not in theirs.index or row not in ours.index:
        return ""
    mine, other = ours.loc[row], theirs.loc[row]
    return "; ".join(
        f"{name}: {mine[name]} -> {other[name]}" for name in columns if mine[name] != other[name]
    )


def _read_record(data: Path) -> dict[str, dict[str, str]]:
    path = data / "adopted.csv"
    if not path.exists():
        return {}
    frame = tables.read(path, _RECORD)
    return {
        str(name): dict(zip(part["key"], part["digest"], strict=True))
        for name, part in frame.groupby("table")
    }
