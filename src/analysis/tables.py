"""The files of `data/`: CSV tables, whose cells stay text and whose rows know their line, and identities.

It refuses a missing file, another header, a row of the wrong width, bytes that are not UTF-8, stray files,
unknown keys and empty identities: a row that loses a cell, or an identity that checks nothing, is no help.
"""

import csv
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from analysis import project
from analysis.errors import DataError, suggest

Parts = Annotated[tuple[str, ...], Field(min_length=1)]


def _described() -> dict[str, dict[str, Any]]:
    """The data package is that which this code belongs to, else the project's."""
    own = Path(__file__).resolve().parents[2] / "data" / "datapackage.json"
    path = own if own.is_file() else project.data_folder() / own.name
    try:
        resources = json.loads(path.read_text(encoding="utf-8-sig"))["resources"]
    except (OSError, ValueError, KeyError) as error:
        rule = "data/datapackage.json must be there, as JSON with its resources"
        raise DataError(rule, f"{path.name}: {error}", "restore it from git.") from None
    tables = {item["name"]: item["schema"] for item in resources if "schema" in item}
    return {name: table for name, table in tables.items() if name != "adopted"}


SCHEMAS = _described()
"""The Table Schema of each table: its fields with their limits, and its keys."""
COLUMNS = {name: tuple(field["name"] for field in table["fields"]) for name, table in SCHEMAS.items()}
KEYS = {name: tuple(table["primaryKey"]) for name, table in SCHEMAS.items()}
"""The columns that name a row in each table; `scope_as_reported` tells rows of scope `other` apart."""
METRICS, REGIONS, PEER_GROUPS = COLUMNS["metrics"], COLUMNS["regions"], COLUMNS["peer_groups"]
SOURCES, EVENTS, OBSERVATIONS = COLUMNS["sources"], COLUMNS["events"], COLUMNS["observations"]
CORRECTIONS = COLUMNS["corrections"]


def codes(table: str, column: str) -> tuple[str, ...]:
    """The codes that a column may hold, in the order of the data package."""
    (field,) = (field for field in SCHEMAS[table]["fields"] if field["name"] == column)
    return tuple(field["constraints"]["enum"])


def read(path: Path, columns: Sequence[str], others: bool = False) -> pd.DataFrame:
    """All rows of a CSV file as text, with `file` and `line`; `others`: more columns may stand in it."""
    name = short_name(path)
    try:
        reader = csv.reader(StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        head = next(reader, [])
        if not (others and set(columns) <= set(head)):
            _check_header(head, columns, name)
        rows = [(*row, name, reader.line_num) for row in reader if row or not others]
    except FileNotFoundError:
        fix = "restore it from git, or name the folder that holds it."
        raise DataError(f"The table {name} must exist", str(path), fix) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fix = "save it as UTF-8 (in a spreadsheet: CSV UTF-8)."
        raise DataError(f"The table {name} must be UTF-8", f"{name}:{line}: {error.reason}", fix) from error
    except csv.Error as error:
        rule, given = f"The table {name} must be well-formed CSV", f"{name}:{reader.line_num}: {error}"
        raise DataError(rule, given, "mend the quotes there.") from error
    for *cells, _, number in rows:
        if len(cells) != len(head):
            given = f"{name}:{number}: {len(cells)} cells: {','.join(map(str, cells))}"
            fix = "add or remove the comma, or quote the cell that holds one."
            raise DataError(f"Each row of {name} must have {len(head)} cells", given, fix)
    return pd.DataFrame(rows, columns=[*head, "file", "line"])[[*columns, "file", "line"]]


def _check_header(header: list[str], columns: Sequence[str], name: str) -> None:
    if header != list(columns):
        wrong = [column for column in header if column not in columns]
        missing = [column for column in columns if column not in header]
        fix = f"give the file exactly these columns, in this order: {', '.join(columns)}."
        if wrong:
            fix = f"for {wrong[0]!r}, {suggest(wrong[0], missing, fix)}"
        raise DataError(f"The header of {name} must be the one of the data dictionary", ",".join(header), fix)


def write(frame: pd.DataFrame, path: Path, columns: Sequence[str], key: Sequence[str]) -> None:
    """Writes a table sorted by its key: UTF-8, no BOM, Unix line ends, quotes only where needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = frame.sort_values(list(key), kind="stable")
    ordered.to_csv(path, columns=list(columns), index=False, lineterminator="\n")


def files(name: str, folder: Path) -> list[Path]:
    """The files of a table, one a province for observations; a `DataError` where others lie beside those."""
    if name != "observations":
        return [folder / f"{name}.csv"]
    place = folder / "observations"
    found = sorted(path for path in place.glob("*") if path.suffix.lower() == ".csv")
    stray = [path for path in found if not re.fullmatch(r"[0-9]{2}\.csv", path.name) or not path.is_file()]
    rule = "data/observations/ must hold one file a province, named by two digits, and nothing else"
    if stray:
        given = ", ".join(f"observations/{path.name}{'/' if path.is_dir() else ''}" for path in stray)
        raise DataError(rule, given, "move it out of data/, or give its rows to the file of their province.")
    if not found:
        raise DataError(rule, str(place), "restore the folder from git.")
    return found


def load(name: str, folder: Path) -> pd.DataFrame:
    """All rows of a table of a data folder, as `read` gives them; none where it is not there yet."""
    if any(folder.glob(f"{name}.csv")) or any(folder.glob(f"{name}/*")):
        return pd.concat([read(path, COLUMNS[name]) for path in files(name, folder)], ignore_index=True)
    return pd.DataFrame(columns=[*COLUMNS[name], "file", "line"], dtype=str)


def save(name: str, frame: pd.DataFrame, folder: Path) -> None:
    """Writes a whole table; observations one file a province, none for a province without any."""
    files = {f"{name}.csv": frame}
    if name == "observations":
        files = {f"{name}/{code}.csv": part for code, part in frame.groupby(frame["region_code"].str[:2])}
        for path in folder.glob("observations/*.csv"):
            path.unlink()
    for file, part in files.items():
        write(part, folder / file, COLUMNS[name], KEYS[name])


def digest(paths: Iterable[Path]) -> str:
    """The SHA-256 of files: of their names and bytes, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            total.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\0".encode())
    return total.hexdigest()


FORMULA = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
"""How a text begins that a spreadsheet takes for a formula."""
_NUMBER = r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?%?"


def inert(cell: object) -> object:
    """A cell for a CSV that a spreadsheet opens: an apostrophe before a formula that is no number."""
    if isinstance(cell, str) and re.match(FORMULA, cell) and not re.fullmatch(_NUMBER, cell.strip()):
        return f"'{cell}"
    return cell


def row_text(row: pd.Series, columns: Iterable[str]) -> str:
    """One row as a message points at it: file, line and the cells that are not empty."""
    return f"{row['file']}:{row['line']}: {cells_text(row, columns)}"


def cells_text(row: pd.Series, columns: Iterable[str]) -> str:
    """The cells of a row that are not empty, with the names of their columns."""
    return ", ".join(f"{name}={row[name]}" for name in columns if row[name] != "")


def short_name(path: Path) -> str:
    """A table's file as it is named in messages: its name within `data/`."""
    return f"observations/{path.name}" if path.parent.name == "observations" else path.name


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sum(_Record):
    """A total and the readings of its parts; `exhaustive` when the parts are all there are."""

    name: str
    total: str
    readings: Annotated[tuple[Parts, ...], Field(min_length=1)]
    exhaustive: bool
    least: PositiveInt = 2


class Rate(_Record):
    """A rate, its possible numerators (each a sum) and bases; `stated`: its name says the first base.

    `scale` is what the quotient is multiplied with: 100 for per cent.
    """

    rate: str
    numerators: tuple[Parts, ...]
    denominators: Parts
    stated: bool
    scale: Annotated[Decimal, Field(gt=0, multiple_of=1)] = Decimal(100)


class Change(_Record):
    """A level and the metric that prints its change on the year before in per cent."""

    level: str
    change: str


class Order(_Record):
    """Metrics that are at most another one; not `strict` when carried-over cases may turn it round."""

    larger: str
    smaller: Parts
    strict: bool


class Figures(_Record):
    """Metric ids by what is known of their figures."""

    continuous: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()
    accumulating: frozenset[str] = frozenset()
    revised: frozenset[str] = frozenset()
    lasting: frozenset[str] = frozenset()


class Identities(_Record):
    """Everything that the audit checks."""

    sums: tuple[Sum, ...] = Field(default=(), alias="sum")
    rates: tuple[Rate, ...] = Field(default=(), alias="rate")
    changes: tuple[Change, ...] = Field(default=(), alias="change")
    orders: tuple[Order, ...] = Field(default=(), alias="order")
    figures: Figures = Figures()

    @cached_property
    def continuous(self) -> frozenset[str]:
        """The metrics whose plain whole numbers are rounded figures, not counts."""
        rates = {rate.rate for rate in self.rates} | {pair.change for pair in self.changes}
        return self.figures.continuous | self.figures.shares | rates


def identities(folder: Path) -> Identities:
    """What should add up, as `identities.toml` explains; a `DataError` where that is missing or broken."""
    path = folder / "identities.toml"
    try:
        return Identities.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise DataError("The file identities.toml must exist", str(path), "restore it from git.") from None
    except ValidationError as error:
        raise DataError("identities.toml must follow its form", str(error), "mend these keys.") from error
    except ValueError as error:
        raise DataError("The file identities.toml must be TOML", str(error), "mend that line.") from error
