"""Takes reviewed candidates over into `data/`: all of them with their source, or none.

It reads the file that `fazhi ingest` wrote and a person decided on, builds the new tables beside the old,
has the whole of them checked, and only then puts them in place. A report that is in the panel, an undecided
spelling, a row that breaks a rule: nothing is written.
"""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from filelock import FileLock

from analysis import check, editions, panel, schema, tables
from analysis.errors import DataError, InputError

DECISIONS = ("yes", "no", "?")


@dataclass(frozen=True)
class Accepted:
    """What was taken over: source, facts, lines that were left (doubtful, or no), editions that change."""

    source_id: str
    facts: int
    doubtful: int
    left: int
    editions: tuple[str, ...]


def accept(path: Path, data: Path, editions_file: Path) -> Accepted:
    """Appends the candidates marked yes, and the source beside them, to a data folder.

    Args:
        path: candidates.csv, with source.csv in the same folder.
        data: The data folder.
        editions_file: The editions that may change.

    Raises:
        DataError: A candidate, or the panel with it, breaks a rule; nothing was written.
        InputError: Nothing is marked yes, or a table is missing or malformed; nothing was written.
    """
    found = _read(path, ("accept", *tables.OBSERVATIONS))
    sources = _read(path.with_name("source.csv"), tables.SOURCES)
    wrong = found[~found["accept"].isin(DECISIONS)]
    if len(wrong) or len(sources) != 1:
        given = f"{len(sources)} sources"
        if len(wrong):
            given = f"line {wrong.index[0] + 2}: {wrong['accept'].iloc[0]!r}"
        raise InputError("Each candidate is marked yes, no or ?, beside one source", given, "mend it.")
    chosen = found[found["accept"] == "yes"]
    source = sources.iloc[0]
    chosen = chosen.assign(source_id=source["source_id"])
    _refuse_broken(chosen, path)
    with FileLock(data.parent / ".fazhi-data.lock"), tempfile.TemporaryDirectory() as place:
        staged = Path(shutil.copytree(data, Path(place) / "data"))
        changed = _stage(chosen[list(tables.OBSERVATIONS)], source, staged)
        check.require(staged)
        _put(changed, staged, data)
    counts = found["accept"].value_counts()
    regions = set(chosen["region_code"])
    return Accepted(
        str(source["source_id"]), len(chosen), int(counts.get("?", 0)), int(counts.get("no", 0)),
        _touched(regions, data, editions_file),
    )  # fmt: skip


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A table as text, without the apostrophes that keep spreadsheets from reading formulas."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        rule = "Candidates must be a CSV file in UTF-8"
        raise InputError(rule, f"{path}: {error}", "ingest anew.") from None
    missing = [name for name in columns if any(row.get(name) is None for row in rows)]
    if missing or not rows:
        rule = "Candidates must have all their columns"
        raise InputError(rule, missing or f"{path.name}: no row", "ingest anew.")
    frame = pd.DataFrame(rows)[list(columns)]
    return frame.replace(r"^'(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])", "", regex=True)


def _refuse_broken(chosen: pd.DataFrame, path: Path) -> None:
    if chosen.empty:
        rule = "At least one candidate must be marked yes"
        raise InputError(rule, path.name, "decide in the column accept.")
    broken = schema.broken("observations", chosen.reset_index(drop=True))
    if broken:
        rows = "\n".join(f"{path.name}:{chosen.index[row] + 2}: {rule}" for row, rule in broken[:10])
        rule = "Each accepted candidate must keep the rules of data/"
        raise DataError(rule, "\n" + rows, "mend or refuse them.")


def _stage(chosen: pd.DataFrame, source: pd.Series, staged: Path) -> list[str]:
    """Adds source and facts to the tables of a staged folder; the names of the files that changed.

    Raises:
        InputError: Facts of the same text are there already.
    """
    known = tables.read(staged / "sources.csv", tables.SOURCES)
    digest = re.search("[0-9a-f]{64}", source["note"])
    provinces = sorted(set(chosen["region_code"].str[:2]))
    texts = [staged / "observations" / f"{province}.csv" for province in provinces]
    used = [tables.read(path, tables.OBSERVATIONS) for path in tables.observation_files(staged)]
    twins = known[known["note"].str.contains(digest[0], regex=False)] if digest else known.head(0)
    twins = pd.concat([twins, known[known["source_id"] == source["source_id"]]])
    for rows in used:
        if rows["source_id"].isin(twins["source_id"]).any():
            given = f"{twins['source_id'].iloc[0]} has facts"
            raise InputError("A report is accepted once", given, "mend single rows in data/.")
    listed = pd.concat([known[known["source_id"] != source["source_id"]], source.to_frame().T])
    tables.write(listed, staged / "sources.csv", tables.SOURCES, tables.KEYS["sources"])
    for path in texts:
        mine = chosen[chosen["region_code"].str[:2] == path.stem]
        rows = pd.concat([tables.read(path, tables.OBSERVATIONS), mine]) if path.exists() else mine
        tables.write(rows, path, tables.OBSERVATIONS, tables.KEYS["observations"])
    return ["sources.csv", *(f"observations/{path.name}" for path in texts)]


def _put(changed: list[str], staged: Path, data: Path) -> None:
    """Puts files in place once all are written: sources first, since one without facts is no error."""
    fresh = {name: (data / name).with_name(f".{Path(name).name}.new") for name in changed}
    try:
        for name, path in fresh.items():
            shutil.copyfile(staged / name, path)
        for name, path in fresh.items():
            path.replace(data / name)
    finally:
        for path in fresh.values():
            path.unlink(missing_ok=True)


def _touched(regions: set[str], data: Path, editions_file: Path) -> tuple[str, ...]:
    """The editions on one of these regions, and those that set their city beside one."""
    from analysis.compare import group

    loaded = panel.load(data)
    return tuple(
        edition.key
        for edition in editions.load(editions_file, loaded)
        if regions & {edition.city, *group(loaded, edition.peers, edition.city, edition.year)}
    )
