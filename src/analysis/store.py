"""Keeps a large frame in columns on disk, to be read again in seconds as long as its key is the same.

Text is written as codes and a list of its different texts, numbers as they are, all in one `.npz` file whose
checksums find a damaged one. It holds copies only: what is missing, damaged, of another key or not to be
written is no error, and the caller makes the frame anew. It never runs what it reads (no pickles).

It is numpy's format and not Arrow's: where pyarrow is installed, pandas keeps all text in it, and the pages
of a small panel, which needs no store, take half as long again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

SEPARATOR = "\0"
MOST_CATEGORIES = 100_000
"""A column with more different texts than this is read as text."""
_KEY, _CODES, _TEXTS, _NUMBERS = "key", "codes:", "texts:", "numbers:"


def key_of(files: Iterable[Path]) -> str:
    """The SHA-256 over names and bytes of files, in the order given."""
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as handle:
            content = hashlib.file_digest(handle, "sha256").digest()
        total.update(f"{path.name}\0".encode() + content)
    return total.hexdigest()


def packed(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all parts below each other, text columns as categories: a tenth of the memory.

    Args:
        parts: Frames of the same columns, which are text, numbers or booleans; taken one by one.
    """
    small = [_categorical(part) for part in parts]
    return pd.DataFrame({name: _joined([part[name] for part in small]) for name in small[0].columns})


def unpacked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with text for its categories, or the frame itself where it has none; equal texts are one."""
    return taken(frame, np.arange(len(frame))) if _is_packed(frame) else frame


def taken(frame: pd.DataFrame, places: np.ndarray[Any, Any]) -> pd.DataFrame:
    """The rows at these positions, with text for categories."""
    if not _is_packed(frame):
        return frame.iloc[places]
    columns = {name: frame[name].array for name in frame.columns}
    rows = {
        name: column.categories.array.take(column.codes[places])
        if isinstance(column, pd.Categorical)
        else column.take(places)
        for name, column in columns.items()
    }
    return pd.DataFrame(rows, index=frame.index.take(places), copy=False)


def admitting(column: pd.Series, texts: Iterable[str]) -> pd.Series:
    """The column, into which these texts may be written, whether it is packed or not."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    return column.cat.add_categories(sorted(set(texts) - set(column.cat.categories)))


def read(path: Path, key: str) -> pd.DataFrame | None:
    """The packed frame that was written under this key; None where there is none, or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as held:
            if held[_KEY].tolist() != [key, *(name for name in held if name != _KEY)]:
                return None
            return pd.DataFrame(dict(_columns(held)), copy=False)
    except Exception:  # a damaged archive raises nearly anything, and each means the same
        return None


def write(frame: pd.DataFrame, path: Path, key: str) -> bool:
    """Whether the packed frame was written; readers see the old file or the new one, never a part.

    It is not where the disk refuses, or a text holds the separator.
    """
    draft = path
    try:
        arrays = dict(_arrays(frame))
        path.parent.mkdir(parents=True, exist_ok=True)
        # what a killed process left; one that still writes will fail, and this one has the same to say
        for left in path.parent.glob(f"{path.name}.*"):
            left.unlink(missing_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as handle:
            draft = Path(handle.name)
            np.savez(handle, allow_pickle=False, **{_KEY: np.array([key, *arrays])}, **arrays)
        draft.replace(path)
    except (OSError, ValueError):
        if draft != path:
            draft.unlink(missing_ok=True)
        return False
    return True


def _is_packed(frame: pd.DataFrame) -> bool:
    return any(isinstance(kind, pd.CategoricalDtype) for kind in frame.dtypes)


def _categorical(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with categories for text, in the order in which they come: so they lie in memory as read."""
    texts: pd.Index[str] = frame.select_dtypes("str").columns
    return frame.assign(**{name: pd.Categorical.from_codes(*pd.factorize(frame[name])) for name in texts})


def _joined(columns: list[pd.Series]) -> Any:
    if isinstance(columns[0].dtype, pd.CategoricalDtype):
        return union_categoricals(columns)
    return np.concatenate([column.to_numpy() for column in columns])


def _arrays(frame: pd.DataFrame) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """The arrays of a frame by their names in the file.

    Raises:
        ValueError: A text holds the separator.
    """
    for name, column in frame.items():
        if not isinstance(column.dtype, pd.CategoricalDtype):
            yield f"{_NUMBERS}{name}", column.to_numpy()
            continue
        texts = SEPARATOR.join(column.cat.categories)
        if texts.count(SEPARATOR) != len(column.cat.categories) - 1:
            raise ValueError(f"a text of {name} holds the separator")
        yield f"{_CODES}{name}", column.cat.codes.to_numpy()
        yield f"{_TEXTS}{name}", np.frombuffer(texts.encode(), dtype=np.uint8)


def _columns(held: Mapping[str, np.ndarray[Any, Any]]) -> Iterator[tuple[str, Any]]:
    """The columns of the file in the order they were written.

    Raises:
        ValueError: Codes and texts do not fit each other.
    """
    for entry in held:
        kind, _, name = entry.partition(":")
        if f"{kind}:" == _NUMBERS:
            yield name, held[entry]
        elif f"{kind}:" == _CODES:
            texts = held[f"{_TEXTS}{name}"].tobytes().decode().split(SEPARATOR)
            kept = pd.Index(texts, dtype="str")
            # categories are hashed to prove them unique, which takes longer than writing so many texts out
            many = len(kept) > MOST_CATEGORIES
            yield name, kept.array.take(held[entry]) if many else pd.Categorical.from_codes(held[entry], kept)
