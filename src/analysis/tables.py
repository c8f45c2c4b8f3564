"""Reads and writes the CSV tables of `data/` and remembers on which line each row stands.

Every value stays the text that was printed: numbers are made by the modules that know what they mean. A byte
order mark, which spreadsheets write, is read over. It refuses a missing file, a header that differs, a row of
the wrong width, bytes that are not UTF-8 and stray files, each with the file and line, because a row that
silently loses a cell is worse than a stop.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from analysis.errors import DataError, suggest

Cell = TypeVar("Cell")
_TABLES = """
metrics: metric_id* domain label_zh label_en unit measure polarity numerator denominator period_rule breaks
  comparable definition_en definition_zh caveat_en caveat_zh
regions: region_code* name_zh name_en level parent_code
peer_groups: group_id* label_en label_zh region_code*
sources: source_id* title publisher region_code year published accessed url mirror_url kind reliability note
events: year* region_code* label_en* label_zh source
corrections: region_code* year* metric_id* source_id* action* expected value reason status
evidence_exceptions: region_code* year* metric_id* source_id* value* reason
observations: region_code* unit_name* year* period* metric_id* value qualifier resolution scope*
  scope_as_reported* status source_id* locator evidence note
"""
"""The columns of each table in order; those with a star name a row."""
_LISTED = [
    (name, words.split()) for name, words in re.findall(r"^(\w+):((?: .*|\n  .*)+)", _TABLES, re.MULTILINE)
]
COLUMNS = {name: tuple(word.removesuffix("*") for word in words) for name, words in _LISTED}
KEYS = {name: tuple(word[:-1] for word in words if word.endswith("*")) for name, words in _LISTED}
"""The columns that name a row in each table; `scope_as_reported` tells rows of scope `other` apart."""
METRICS, REGIONS, PEER_GROUPS = COLUMNS["metrics"], COLUMNS["regions"], COLUMNS["peer_groups"]
SOURCES, EVENTS, OBSERVATIONS = COLUMNS["sources"], COLUMNS["events"], COLUMNS["observations"]
CORRECTIONS = COLUMNS["corrections"]


def read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """The rows of one CSV file as `rows` gives them, with the columns `file` and `line`."""
    return pd.DataFrame(rows(path, columns), columns=[*columns, "file", "line"])


def rows(path: Path, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """All rows of one CSV file with just these columns: cells as text, the file's name, the line.

    Raises:
        DataError: The file is missing or not UTF-8, its header differs, or a row has another width.
    """
    name = short_name(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            header = next(reader, [])
            _check_header(header, columns, name)
            found = []
            for row in reader:
                _check_width(row, columns, name, reader.line_num)
                found.append((*row, name, reader.line_num))
    except FileNotFoundError:
        raise DataError(f"The table {name} must exist", str(path), "restore it from git.") from None
    except UnicodeDecodeError as error:
        lines = path.read_bytes().split(b"\n")
        odd = [line.decode("utf-8", errors="replace").encode() != line for line in lines].index(True)
        fix = "save it as UTF-8 (in a spreadsheet: CSV UTF-8)."
        raise DataError(
            f"The table {name} must be UTF-8", f"{name}:{odd + 1}: {error.reason}", fix
        ) from error
    except csv.Error as error:
        given = f"{name}:{reader.line_num}: {error}"
        fix = "mend the quotes there."
        raise DataError(f"The table {name} must be well-formed CSV", given, fix) from error
    return found


def write(frame: pd.DataFrame, path: Path, columns: Sequence[str], key: Sequence[str]) -> None:
    """Writes a table sorted by its key: UTF-8, no BOM, Unix line ends, quotes only where needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = frame.sort_values(list(key), kind="stable")
    ordered.to_csv(path, columns=list(columns), index=False, lineterminator="\n", encoding="utf-8")


def observation_files(folder: Path) -> list[Path]:
    """The observation files of a data folder, one a province, sorted by province code.

    Raises:
        DataError: There is none, or something else is called like one: a copy, or a folder.
    """
    place = folder / "observations"
    found = sorted(path for path in place.glob("*") if path.suffix.lower() == ".csv")
    stray = [path for path in found if not re.fullmatch(r"[0-9]{2}\.csv", path.name) or not path.is_file()]
    if stray:
        rule = "data/observations/ must hold one file a province, named by two digits, and nothing else"
        given = ", ".join(f"observations/{path.name}{'/' if path.is_dir() else ''}" for path in stray)
        raise DataError(rule, given, "move it out of data/, or give its rows to the file of their province.")
    if not found:
        rule = "data/observations/ must hold one CSV file a province"
        raise DataError(rule, str(place), "restore the folder from git.")
    return found


def inert(cell: Cell) -> Cell | str:
    """A cell as it may stand in a CSV that a spreadsheet opens: no text is taken for a formula.

    A text that begins with = + - @, a tab or a line end gets an apostrophe in front, unless it is a number.
    """
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell.strip()):
        return f"'{cell}"
    return cell


_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?%?")


def row_text(row: pd.Series, columns: Iterable[str]) -> str:
    """One row as it would be pointed at in a message: file, line and the cells that are not empty."""
    return f"{row['file']}:{row['line']}: {cells_text(row, columns)}"


def cells_text(row: pd.Series, columns: Iterable[str]) -> str:
    """The cells of a row that are not empty, with the names of their columns."""
    return ", ".join(f"{name}={row[name]}" for name in columns if row[name] != "")


def short_name(path: Path) -> str:
    """A table's file as it is named in messages: its name within `data/`."""
    parent = path.parent.name
    return f"observations/{path.name}" if parent == "observations" else path.name


def _check_header(header: Sequence[str], columns: Sequence[str], name: str) -> None:
    if list(header) == list(columns):
        return
    wrong = [column for column in header if column not in columns]
    missing = [column for column in columns if column not in header]
    fix = "give the file exactly these columns, in this order: " + ", ".join(columns) + "."
    if wrong:
        fix = f"for {wrong[0]!r}, " + suggest(wrong[0], missing, fix)
    raise DataError(f"The header of {name} must be the one of the data dictionary", ",".join(header), fix)


def _check_width(row: Sequence[str], columns: Sequence[str], name: str, line: int) -> None:
    if len(row) != len(columns):
        given = f"{name}:{line}: {len(row)} cells: {','.join(row)}"
        fix = "add or remove the comma, or quote the cell that holds one."
        raise DataError(f"Each row of {name} must have {len(columns)} cells", given, fix)
