"""Every observation as it was reported: reads the files of `data/observations/` and makes their numbers.

Of a panel of national size an Arrow copy is kept outside `data/`, where pyarrow is installed (the extra
`national`): used only while the bytes of every file are the same, made again when missing or damaged.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from analysis import tables
from analysis.errors import DataError

LARGE = 50_000_000
"""Bytes of the files from which a copy is kept; below it, reading them takes less than three seconds."""
REPEATED = [
    *("region_code", "unit_name", "period", "metric_id", "qualifier", "scope", "scope_as_reported", "status"),
    *("source_id", "locator", "file"),
]
"""Columns of text that repeats: categories in a large panel, a tenth of the memory."""


def load(folder: Path) -> pd.DataFrame:
    """One row an observation, in the order of the files: the columns of `panel.Panel` but `correction`.

    Raises:
        DataError: A file is malformed or a number is not one. The rows are shown.
    """
    files = tables.files("observations", folder)
    if sum(path.stat().st_size for path in files) < LARGE or not find_spec("pyarrow"):
        return pd.concat([_read(path) for path in files], ignore_index=True)
    return _large(files, folder.parent / ".refresh")


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with text for its categories, or the frame itself where it has none."""
    held = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(held, "str")) if len(held) else frame


def _large(files: list[Path], place: Path) -> pd.DataFrame:
    """The rows of all files from their copy, which is made where there is none of the same bytes."""
    import pyarrow as pa
    from pyarrow import feather

    copy = place / f"observations-{tables.digest(files)[:24]}.arrow"
    try:  # a fifth of the time that Parquet takes
        held: pd.DataFrame = feather.read_table(copy).to_pandas(split_blocks=True)
        return held
    except (OSError, ValueError):  # missing, or damaged, which pyarrow tells by either
        packed, parts = pa.dictionary(pa.int32(), pa.large_string()), []
    for path in files:  # each packed by itself, so that never all text is held at once
        part = pa.Table.from_pandas(_read(path), preserve_index=False)
        kinds = [field.with_type(packed) if field.name in REPEATED else field for field in part.schema]
        parts.append(part.cast(pa.schema(kinds)))
    frame: pd.DataFrame = pa.concat_tables(parts).unify_dictionaries().to_pandas()
    try:
        place.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=place, prefix="observations-") as draft:
            feather.write_feather(frame, str(Path(draft, copy.name)), compression="zstd")
            for old in place.glob("observations-*.*"):
                old.unlink(missing_ok=True)
            Path(draft, copy.name).replace(copy)
    except OSError:
        pass  # a disk that refuses costs the time of reading, and nothing else
    return frame


def _read(path: Path) -> pd.DataFrame:
    frame = tables.read(path, tables.OBSERVATIONS)
    numbers = {
        column: pd.to_numeric(frame[column], errors="coerce") for column in ("value", "resolution", "year")
    }
    for column, found in numbers.items():
        wrong = frame[found.isna() & ((frame[column] != "") | (column != "resolution"))]
        if len(wrong):
            rows = "\n".join(tables.row_text(row, tables.OBSERVATIONS) for _, row in wrong.head().iterrows())
            raise DataError(
                f"Each {column} must be a plain number", f"{len(wrong)} rows:\n{rows}", "mend them."
            )
    return frame.assign(printed=frame["value"], **numbers, derived=False).astype(
        {"value": float, "resolution": float, "year": int}
    )
