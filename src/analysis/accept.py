"""Takes reviewed candidates over into `data/`: all of them with their source, or none.

It builds the new tables beside the old, has the whole of them checked, and only then puts them in place. A
report that is in the panel, an undecided spelling, a row that breaks a rule: nothing is written.
"""

from __future__ import annotations

import csv
import filecmp
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from filelock import FileLock

from analysis import check, editions, panel, schema, tables
from analysis.compare import group
from analysis.errors import DataError, InputError


@dataclass(frozen=True)
class Accepted:
    """What was taken over: source, facts, lines that were left (doubtful, or no), editions that change."""

    source_id: str
    facts: int
    doubtful: int
    left: int
    editions: tuple[str, ...]


def accept(path: Path, data: Path, editions_file: Path) -> Accepted:
    """Appends the candidates of candidates.csv marked yes, and source.csv beside it, to a data folder.

    Raises:
        DataError: A candidate, or the panel with it, breaks a rule; nothing was written.
        InputError: Nothing is marked yes, or a table is missing or malformed; nothing was written.
    """
    found = _read(path, ("accept", *tables.OBSERVATIONS))
    sources = _read(path.with_name("source.csv"), tables.SOURCES)
    wrong = found[~found["accept"].isin(["yes", "no", "?"])]
    if len(wrong) or len(sources) != 1:
        given = f"line {wrong.index[0] + 2}: {wrong['accept'].iloc[0]!r}" if len(wrong) else "source.csv"
        raise InputError("Each candidate is marked yes, no or ?, beside one source", given, "mend it.")
    source_id = sources["source_id"].iloc[0]
    chosen = found[found["accept"] == "yes"].assign(source_id=source_id)
    if chosen.empty:
        rule = "At least one candidate must be marked yes"
        raise InputError(rule, path.name, "decide in the column accept.")
    broken = [
        f"{path.name}:{line + 2}: {rule}"
        for rule, rows in schema.broken("observations", chosen)
        for line in rows.index
    ]
    if broken:
        rule = "Each accepted candidate must keep the rules of data/"
        raise DataError(rule, "\n".join(["", *broken[:10]]), "mend or refuse them.")
    with FileLock(data.parent / ".fazhi-data.lock"), staged(data) as copy:
        _append(chosen, sources, copy)
        check.require(copy)
        touched = _touched(set(chosen["region_code"]), copy, editions_file)
        put(copy, data)
    counts = found["accept"].value_counts()
    return Accepted(source_id, len(chosen), int(counts.get("?", 0)), int(counts.get("no", 0)), touched)


@contextmanager
def staged(data: Path) -> Iterator[Path]:
    """A copy of a data folder to change and to check before `put` takes it over."""
    with TemporaryDirectory(prefix="fazhi-") as place:
        before = shutil.copytree(data, Path(place) / "before")
        yield Path(shutil.copytree(before, Path(place) / "data"))


def put(copy: Path, data: Path) -> None:
    """Puts the changed tables of a copy in place once all are written beside the old ones.

    What a person saved meanwhile in other tables stays. Observations come after their sources: a source
    without facts is no error, a fact without its source is one; what was adopted is noted last of all.
    """
    before = copy.with_name("before")
    paths = sorted(copy.rglob("*.csv"), key=lambda path: (path.name == "adopted.csv", len(path.parts)))
    names = [str(path.relative_to(copy)) for path in paths]
    _, changed, added = filecmp.cmpfiles(copy, before, names, shallow=False)
    fresh = {name: (data / name).with_name(f".{Path(name).name}.new") for name in (*changed, *added)}
    try:
        for name, path in fresh.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(copy / name, path)
        for name, path in fresh.items():
            path.replace(data / name)
    finally:
        for path in fresh.values():
            path.unlink(missing_ok=True)
    for path in before.glob("observations/*.csv"):
        if not (copy / "observations" / path.name).exists():
            (data / "observations" / path.name).unlink(missing_ok=True)


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A table as text, without the apostrophes that keep spreadsheets from reading formulas."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *rows = [row for row in csv.reader(file, strict=True) if row]
        if odd := [number for number, row in enumerate(rows, start=2) if len(row) != len(head)]:
            raise ValueError(f"row {odd[0]} has not the {len(head)} cells of the head")
        frame = pd.DataFrame(rows, columns=head, dtype=str)[list(columns)]
    except (OSError, ValueError, KeyError, csv.Error) as error:
        rule = "Candidates must be a CSV file in UTF-8 with all their columns"
        raise InputError(rule, f"{path}: {error}", "ingest anew.") from None
    return frame.replace(f"^'(?={tables.FORMULA})", "", regex=True)


def _append(chosen: pd.DataFrame, source: pd.DataFrame, data: Path) -> None:
    """Adds source and facts to a data folder; an `InputError` when facts of the same text are there."""
    known, facts = tables.load("sources", data), tables.load("observations", data)
    digest = re.search("[0-9a-f]{64}", source["note"].iloc[0])
    same = known["source_id"].isin(source["source_id"])
    twins = known[same | known["note"].str.contains(digest[0] if digest else "\0", regex=False)]
    used = twins[twins["source_id"].isin(facts["source_id"])]["source_id"]
    if len(used):
        rule = "A report is accepted once"
        raise InputError(rule, f"{used.iloc[0]} has facts", "mend single rows in data/.")
    tables.save("sources", pd.concat([known[~same], source]), data)
    tables.save("observations", pd.concat([facts, chosen]), data)


def _touched(regions: set[str], data: Path, editions_file: Path) -> tuple[str, ...]:
    """The editions on one of these regions, and those that set their city beside one."""
    loaded = panel.load(data)
    return tuple(
        edition.key
        for edition in editions.load(editions_file, loaded)
        if regions & {edition.city, *group(loaded, edition.peers, edition.city, edition.year)}
    )
