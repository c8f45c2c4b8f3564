"""Takes rows over into `data/`, all or none: reviewed candidates, or a release of the mined tables.

It changes a copy, has the whole of that checked, and only then puts it in place. Refused are a report that is
in the panel, an undecided spelling, a row that breaks a rule. What somebody changed, added or removed by hand
is never overwritten by a release: `data/adopted.csv` keeps digests of the rows as they were last adopted.
"""

import filecmp
import hashlib
import re
import shutil
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from filelock import FileLock

from analysis import check, editions, panel, tables
from analysis.compare import group
from analysis.errors import DataError, InputError

RELEASE = {
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
class Accepted:
    """What was taken over: source, facts, lines that were left (doubtful, or no), editions that change."""

    source_id: str
    facts: int
    doubtful: int
    left: int
    editions: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """What a release does: `rows` (table, key, state, detail), `merged` tables, and the `record` to keep."""

    rows: pd.DataFrame
    merged: Mapping[str, pd.DataFrame]
    record: pd.DataFrame


def accept(path: Path, data: Path, editions_file: Path) -> Accepted:
    """Appends the candidates of candidates.csv marked yes, and source.csv beside it, to a data folder.

    Raises:
        InputError: Nothing is marked yes, or a row or table breaks a rule; nothing was written.
    """
    found = _read(path, ("accept", *tables.OBSERVATIONS))
    source = _read(path.with_name("source.csv"), tables.SOURCES)
    wrong = found[~found["accept"].isin(["yes", "no", "?"])]
    if len(wrong) or len(source) != 1:
        given = tables.row_text(wrong.iloc[0], ["accept"]) if len(wrong) else "source.csv"
        raise InputError("Each candidate is marked yes, no or ?, beside one source", given, "mend it.")
    source_id = source["source_id"].iloc[0]
    chosen = found[found["accept"] == "yes"].assign(source_id=source_id)
    if chosen.empty:
        fix = "decide in the column accept."
        raise InputError("At least one candidate must be marked yes", path.name, fix)
    broken = check.broken("observations", chosen)
    if shown := [f"\n{path.name}:{line}: {rule}" for _, rule, rows in broken for line in rows["line"]]:
        rule = "Each accepted candidate must keep the rules of data/"
        raise DataError(rule, "".join(shown[:10]), "mend or refuse them.")
    with staged(data) as copy:
        _append(chosen, source, copy)
        check.require(copy)
        loaded, regions = panel.load(copy), set(chosen["region_code"])
        touched = tuple(
            edition.key
            for edition in editions.load(editions_file, loaded)
            if regions & {edition.city, *group(loaded, edition.peers, edition.city, edition.year)}
        )
        put(copy, data)
    counts = found["accept"].value_counts()
    return Accepted(source_id, len(chosen), int(counts.get("?", 0)), int(counts.get("no", 0)), touched)


def compare(release: Path, data: Path) -> Change:
    """What adopting a release would change; an `InputError` where a table is lacking or malformed."""
    kept = data / "adopted.csv"
    before = tables.read(kept, _RECORD) if kept.exists() else pd.DataFrame(columns=list(_RECORD))
    adopted = before.set_index(["table", "key"])["digest"].to_dict()
    rows, merged, record = [], {}, []
    for name, columns in RELEASE.items():
        theirs = _by_key(tables.read(release / f"{name}.csv", columns), name)
        ours = _by_key(tables.load(name, data), name)
        for key in sorted({*theirs, *ours}):
            other, mine = theirs.get(key, {}), ours.get(key, {})
            told, here = (_digest(*(row[one] for one in columns)) if row else "" for row in (other, mine))
            state = _state(told, here, adopted.get((name, _digest(key)), ""))
            differ = [one for one in columns if mine and other and mine[one] != other[one]]
            if state in STATES:
                detail = "; ".join(f"{one}: {mine[one]} -> {other[one]}" for one in differ)
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


def take_over(change: Change, data: Path, write: bool) -> list[check.Problem]:
    """The rows that would break a rule of `data/`; where there are none, the release is written if wanted."""
    with staged(data, write) as copy:
        apply(change, copy)
        problems = check.run(copy)
        if write and not problems:
            put(copy, data)
    return problems


def summary(change: Change) -> pd.DataFrame:
    """How many rows of each table are in each state: columns table, then one for each state."""
    counts = pd.crosstab(change.rows["table"], change.rows["state"])
    return counts.reindex(index=list(RELEASE), columns=list(STATES), fill_value=0).reset_index()


@contextmanager
def staged(data: Path, write: bool = True) -> Iterator[Path]:
    """A copy of a data folder to change and to check before `put` takes it over, locked until then."""
    lock = FileLock(data.parent / ".fazhi-data.lock") if write else nullcontext()
    with lock, TemporaryDirectory(prefix="fazhi-") as place:
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
    for name in {str(path.relative_to(before)) for path in before.rglob("*.csv")}.difference(names):
        (data / name).unlink(missing_ok=True)


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        frame = tables.read(path, columns, others=True)
    except (DataError, OSError) as error:
        rule = "Candidates must be a CSV file in UTF-8 with all their columns"
        given = f"{path}: {error.rule}: {error.given}" if isinstance(error, DataError) else str(error)
        raise InputError(rule, given, "ingest anew.") from None
    return frame.replace(f"^'(?={tables.FORMULA})", "", regex=True)  # undoes what `tables.inert` did


def _append(chosen: pd.DataFrame, source: pd.DataFrame, data: Path) -> None:
    known, facts = tables.load("sources", data), tables.load("observations", data)
    digest = re.search("[0-9a-f]{64}", source["note"].iloc[0])
    same = known["source_id"].isin(source["source_id"])
    twins = known[same | known["note"].str.contains(digest[0] if digest else "\0", regex=False)]
    used = twins[twins["source_id"].isin(facts["source_id"])]["source_id"]
    for one in used:
        raise InputError("A report is accepted once", f"{one} has facts", "mend single rows in data/.")
    tables.save("sources", pd.concat([known[~same], source]), data)
    tables.save("observations", pd.concat([facts, chosen]), data)


def _state(theirs: str, ours: str, adopted: str) -> str:
    """The state of a row from its three digests; `same` and `by_hand` need no action."""
    if not theirs:
        return "by_hand" if not adopted else "gone" if ours == adopted else "kept_gone"
    if not ours:
        return "left_out" if adopted else "new"
    if theirs in (ours, adopted):
        return "same"
    return "changed" if ours == adopted else "kept"


def _by_key(frame: pd.DataFrame, name: str) -> dict[str, dict[Hashable, str]]:
    key = list(tables.KEYS[name])
    for _, row in frame[frame.duplicated(key)].iterrows():
        given = tables.row_text(row, key)
        raise InputError("A key must stand in a table once", given, "remove the duplicates.")
    return {"|".join(row[column] for column in key): row for row in frame.to_dict("records")}


def _digest(*cells: str) -> str:
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:16]
