"""Adopts a release of the mined tables (metrics, regions, sources, observations) into `data/`.

A release is a folder of CSV files with the columns of `RELEASE`. Each row is compared three ways: as it is in
the release, as it is in `data/`, and as it was when last adopted (`data/adopted.csv` keeps a digest of that).
A row that somebody changed, added or removed by hand is never overwritten, and columns that only `data/` has
are kept. The outcome is checked as a whole before a file is touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
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
    record = tables.read(adopted, _RECORD) if adopted.exists() else pd.DataFrame(columns=list(_RECORD))
    return [_compare_table(name, release, data, record[record["table"] == name]) for name in RELEASE]


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


def _compare_table(name: str, release: Path, data: Path, adopted: pd.DataFrame) -> TableChange:
    columns, key = list(RELEASE[name]), tables.KEYS[name]
    theirs = _keyed(tables.read(release / f"{name}.csv", columns)[columns], key)
    ours = _keyed(read_table(name, data), key)
    digests = pd.DataFrame(
        {side: _joined(frame[columns]).map(_digest) for side, frame in (("theirs", theirs), ("ours", ours))}
    )
    by_key = adopted.set_index("key")["digest"].to_dict()
    digests["adopted"] = [by_key.get(_digest(row)) for row in digests.index]
    state = _states(digests.fillna(""))
    shown = state[state.isin(list(STATES))]
    details = [_detail(row, theirs, ours, columns) for row in shown.index]
    rows = pd.DataFrame({"table": name, "key": shown.index, "state": shown.to_numpy(), "detail": details})
    told = digests["theirs"].dropna()
    record = pd.DataFrame({"table": name, "key": told.index.map(_digest), "digest": told.to_numpy()})
    return TableChange(name, rows, _merge(theirs, ours, state, columns), record)


def _states(digests: pd.DataFrame) -> pd.Series:
    """The state of each row from its three digests; `same` and `by_hand` need no action."""
    theirs, ours, adopted = (digests[side] for side in ("theirs", "ours", "adopted"))
    states = {
        "by_hand": (theirs == "") & (adopted == ""),
        "gone": (theirs == "") & (ours == adopted),
        "kept_gone": theirs == "",
        "new": (ours == "") & (adopted == ""),
        "left_out": ours == "",
        "same": (ours == theirs) | (theirs == adopted),
        "changed": ours == adopted,
    }
    return pd.Series(np.select(list(states.values()), list(states), default="kept"), digests.index, dtype=str)


def _merge(theirs: pd.DataFrame, ours: pd.DataFrame, state: pd.Series, columns: list[str]) -> pd.DataFrame:
    """The table after adoption: ours, with new and changed rows of the release and without what is gone."""
    gone, changed, new = (state.index[state == name] for name in ("gone", "changed", "new"))
    merged = ours.drop(index=gone)
    merged.loc[changed, columns] = theirs.loc[changed, columns]
    return pd.concat([merged, theirs.loc[new]]).fillna("")


def _keyed(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    frame.index = pd.Index(_joined(frame[list(key)], "|"))
    twice = frame.index[frame.index.duplicated()]
    if len(twice):
        raise InputError("A key must stand in a table once", ", ".join(twice[:5]), "remove the duplicates.")
    return frame


def _joined(frame: pd.DataFrame, mark: str = "\x1f") -> pd.Series:
    rows = frame.itertuples(index=False, name=None)
    return pd.Series([mark.join(row) for row in rows], frame.index, dtype=str)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _detail(row: str, theirs: pd.DataFrame, ours: pd.DataFrame, columns: list[str]) -> str:
    """What differs in a row that both have: `column: here -> release`."""
    if row not in theirs.index or row not in ours.index:
        return ""
    mine, other = ours.loc[row], theirs.loc[row]
    differ = [name for name in columns if mine[name] != other[name]]
    return "; ".join(f"{name}: {mine[name]} -> {other[name]}" for name in differ)
