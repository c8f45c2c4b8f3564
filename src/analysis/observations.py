"""Every observation as it was reported: reads the files of `data/observations/` and makes their numbers.

A small panel is read anew each time. One of national size is checked against its schema and kept in columns
outside `data/` (see `store`): a copy, used only while the bytes of every file, and the rules it passed, are
the same. It applies no correction and picks no source; that is the panel's.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis import store, tables
from analysis.errors import DataError

STORED_FROM = 50_000_000
"""Bytes of the files from which a store is kept; below it, reading them takes less than three seconds."""
STORE = "observations.npz"
_RULES = ("observations.py", "schema.py", "store.py", "tables.py")
_SHOWN = 5


def load(folder: Path) -> pd.DataFrame:
    """One row an observation, in the order of the files: the columns of `panel.Panel` but `correction`.

    Text columns are categories where the panel is stored (`store.unpacked` makes them text).

    Args:
        folder: The data folder; the store lies in `.refresh/` beside it.

    Raises:
        DataError: A file is malformed or a number is not one; where a store is made, also when a row breaks
            a rule of the schema. The rows are shown.
    """
    files = tables.observation_files(folder)
    if sum(path.stat().st_size for path in files) < STORED_FROM:
        return pd.concat(
            [_with_numbers(tables.read(path, tables.OBSERVATIONS)) for path in files], ignore_index=True
        )
    path = folder.parent / ".refresh" / STORE
    key = _key(files)
    frame = store.read(path, key)
    if frame is None:
        frame = store.packed(_with_numbers(_checked(one)) for one in files)
        # files that changed while they were read are read again next time
        if _key(files) == key:
            store.write(frame, path, key)
    return frame


def _key(files: list[Path]) -> str:
    """The hash of the files and of the rules that they were read by."""
    rules = [Path(__file__).with_name(name) for name in _RULES]
    return store.key_of([*files, *rules])


def _checked(path: Path) -> pd.DataFrame:
    """The rows of one file, once they are known to keep the rules of the schema.

    Raises:
        DataError: The file is malformed, or rows break a rule.
    """
    # pandera takes half a second to import, and a small panel needs none of it
    from analysis import schema

    frame = tables.read(path, tables.OBSERVATIONS)
    broken = schema.broken("observations", frame)
    if broken:
        rows = "\n".join(
            f"{tables.row_text(frame.iloc[row], tables.OBSERVATIONS)}: {rule}"
            for row, rule in broken[:_SHOWN]
        )
        raise DataError(
            "Each row must keep the rules of its table", f"{len(broken)} rows:\n{rows}", "mend them."
        )
    return frame


def _with_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        printed=frame["value"],
        value=_numbers(frame, "value"),
        resolution=_numbers(frame, "resolution"),
        year=_numbers(frame, "year").astype(int),
        derived=False,
    )


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    text = frame[column]
    numbers = pd.to_numeric(text, errors="coerce")
    empty_allowed = text == "" if column == "resolution" else False
    wrong = frame[numbers.isna() & ~empty_allowed]
    if len(wrong):
        rows = "\n".join(
            tables.row_text(row, tables.OBSERVATIONS) for _, row in wrong.head(_SHOWN).iterrows()
        )
        raise DataError(f"Each {column} must be a plain number", f"{len(wrong)} rows:\n{rows}", "mend them.")
    return numbers.astype(float)
