"""Checks the whole of `data/`: schema, keys, ranges, dates, evidence, order, guards and identities.

It returns every broken row with its file and line, and mends nothing. Whether a report agrees with itself is
the audit's question; here a report may say what it likes as long as the row is well formed.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis import evidence, schema, tables
from analysis import panel as panels
from analysis.errors import DataError

Frames = Mapping[str, pd.DataFrame]
Broken = tuple[str, str, pd.DataFrame]
"""A table, a rule, and the rows that break it."""


@dataclass(frozen=True)
class Problem:
    """One broken rule: where, which rule, and the row or cell that breaks it; line 0 is the whole file."""

    file: str
    line: int
    rule: str
    given: str

    @property
    def place(self) -> str:
        """File and line as they are shown; the file alone where it could not be read."""
        return f"{self.file}:{self.line}" if self.line else self.file


def run(folder: Path) -> list[Problem]:
    """Every problem of a data folder, in the order of the files; empty when all is well.

    A file that cannot be read at all is one problem, and the rules that need it are not tried.
    """
    frames, problems = _read(folder)
    whole = len(frames) == len(schema.SCHEMAS)
    found: list[Broken] = []
    for name, frame in frames.items():
        found += [(name, rule, frame.iloc[[row]]) for row, rule in schema.broken(name, frame)]
        found += [*_order(name, frame), _blanks(name, frame)]
    for check in (_links, _cells, _dates, _evidence) if whole else ():
        found += check(frames)
    for name, rule, rows in found:
        for _, row in rows.iterrows():
            given = tables.cells_text(row, tables.COLUMNS[name])
            problems.append(Problem(str(row["file"]), int(row["line"]), rule, given))
    if whole and not any(problem.file.startswith("observations") for problem in problems):
        problems += _guards(folder)
    return sorted(problems, key=lambda item: (item.file, item.line))


def sizes(folder: Path) -> pd.DataFrame:
    """How many rows each table has: columns table, rows, files."""
    frames, _ = _read(folder)
    rows = [(name, len(frame), max(1, frame["file"].nunique())) for name, frame in frames.items()]
    return pd.DataFrame(rows, columns=["table", "rows", "files"])


def require(folder: Path) -> None:
    """Returns when the data folder has no problem.

    Raises:
        DataError: It has; the first ten are shown with file and line.
    """
    problems = run(folder)
    if problems:
        shown = "\n".join(f"{p.place}: {p.rule}: {p.given}" for p in problems[:10])
        rows = "1 row does" if len(problems) == 1 else f"{len(problems)} rows do"
        rule, fix = f"data/ must pass its checks, and {rows} not", "mend these rows, then run `fazhi check`."
        raise DataError(rule, "\n" + shown, fix)


def _read(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """The tables of which every file can be read, and a problem for each file that cannot."""
    problems: list[Problem] = []
    files = {name: [folder / f"{name}.csv"] for name in tables.COLUMNS if name != "observations"}
    try:
        files["observations"] = tables.observation_files(folder)
    except DataError as error:
        problems.append(_unread("observations/", error))
    frames = {}
    for name, paths in files.items():
        parts = []
        for path in paths:
            try:
                parts.append(tables.read(path, tables.COLUMNS[name]))
            except DataError as error:
                problems.append(_unread(tables.short_name(path), error))
        if len(parts) == len(paths):
            frames[name] = pd.concat(parts, ignore_index=True)
    return frames, problems


def _unread(file: str, error: DataError) -> Problem:
    return Problem(file, 0, error.rule, f"{error.given} (to fix this, {error.fix})")


def _order(name: str, frame: pd.DataFrame) -> Iterator[Broken]:
    """The first row of each file that stands before the one above it in key order."""
    key = list(tables.KEYS[name])
    for _, part in frame.groupby("file") if name != "corrections" else ():
        rows = part[key].itertuples(index=False, name=None)
        late = [place for place, (above, row) in enumerate(pairwise(rows), 1) if row < above]
        yield name, "rows are sorted by " + ", ".join(key), part.iloc[late[:1]]


def _blanks(name: str, frame: pd.DataFrame) -> Broken:
    """Rows with a cell that has blanks around its text, or nothing but blanks (U+3000 among them)."""
    odd = frame[list(tables.COLUMNS[name])].apply(lambda column: column.str.strip() != column)
    return name, "a cell has no blank at its start or end", frame[odd.any(axis=1)]


def _dates(frames: Frames) -> Iterator[Broken]:
    """Days that do not exist, and periods that run backwards or leave the year of their row."""
    sources, frame = frames["sources"], frames["observations"]
    for column in ("published", "accessed"):
        lost = sources[[bool(day) and not _is_date(day) for day in sources[column]]]
        yield "sources", "a date is a day that exists", lost
    dated = frame[frame["period"].str.startswith(("at-", "span-"))]
    pairs = zip(dated["period"], dated["year"], strict=True)
    faults = pd.Series([_fault_of_period(*pair) for pair in pairs], dated.index, dtype=str)
    yield from (("observations", str(rule), rows) for rule, rows in dated.groupby(faults[faults != ""]))


def _fault_of_period(period: str, year: str) -> str:
    """What is wrong with a period of dates: an impossible one, or one outside the year."""
    start, _, end = period.partition("-")[2].partition("..")
    if not all(_is_date(day) for day in (start, end or start)):
        return "a period names days that exist"
    if not end:
        return "" if start[:4] == year else "a date lies in the year of its row"
    if end < start[: len(end)]:
        return "a span runs forward"
    return "" if start[:4] <= year <= end[:4] else "a span reaches into the year of its row"


def _is_date(text: str) -> bool:
    """Whether YYYY, YYYY-MM or YYYY-MM-DD is a year, month or day that exists."""
    try:
        datetime.date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def _evidence(frames: Frames) -> Iterator[Broken]:
    """Values that their evidence does not print and nobody listed, and listings that meet no such row."""
    frame, listed = frames["observations"], frames["evidence_exceptions"]
    unit = _of_metric(frames, "unit").fillna("")
    people = frame["metric_id"].str.startswith("context.") & (unit == "人")
    plain = frame["value"].str.fullmatch(schema.NUMBER)
    columns = zip(frame["value"], frame["evidence"], unit, people, plain, strict=True)
    odd = frame[[bool(good) and evidence.contradicts(*cells) for *cells, good in columns]]
    key = list(tables.KEYS["evidence_exceptions"])
    needed, given = pd.MultiIndex.from_frame(odd[key]), pd.MultiIndex.from_frame(listed[key])
    rule = "a value is one that its evidence prints, or listed in evidence_exceptions.csv"
    yield "observations", rule, odd[~needed.isin(given)]
    yield "evidence_exceptions", "an exception meets a row that needs it", listed[~given.isin(needed)]


def _links(frames: Frames) -> Iterator[Broken]:
    """Columns that name rows of another table, as the data package says, and the parts of rates."""
    for table, described in tables.SCHEMAS.items():
        for key in described.get("foreignKeys", ()):
            (column,), other, (target,) = (
                key["fields"],
                key["reference"]["resource"],
                key["reference"]["fields"],
            )
            frame = frames[table]
            lost = frame[~frame[column].isin(frames[other][target]) & (frame[column] != "")]
            yield table, f"{column} must stand in {other}.csv", lost
    metrics = frames["metrics"]
    for column in ("numerator", "denominator"):
        parts = metrics[column].str.split("+").explode()
        unknown = parts[(parts != "") & ~parts.isin(metrics["metric_id"])].index
        rows = metrics[metrics.index.isin(unknown)]
        yield "metrics", f"{column} must name metrics of metrics.csv", rows
    wrong = metrics[(metrics["numerator"] != "") & (metrics["measure"] != "rate")]
    yield "metrics", "only a rate has a numerator", wrong


def _cells(frames: Frames) -> Iterator[Broken]:
    """Values against their metric's unit and measure; rows and addresses where they belong."""
    frame, sources = frames["observations"], frames["sources"]
    value = pd.to_numeric(frame["value"], errors="coerce")
    broken = value % 1 > 0
    measure, unit = _of_metric(frames, "measure"), _of_metric(frames, "unit")
    counted = measure.isin(["count", "stock"])
    exact = (frame["qualifier"] == "=") & (frame["resolution"] == "") & ~unit.isin(["万元", "亿元"])
    home = "observations/" + frame["region_code"].str[:2] + ".csv"
    rules = {
        "a share is between 0 and 100 %": (unit == "%") & (measure == "rate") & ((value < 0) | (value > 100)),
        "a count is not negative": counted & (value < 0),
        "a count printed as exact is a whole number": counted & exact & broken,
        "a rank is a whole number from 1": (measure == "rank") & ((value < 1) | broken),
        "a change is not below -100 %": (unit == "%") & (measure == "change") & (value < -100),
        "a row stands in the file of its province code": frame["file"] != home,
        "scope other needs scope_as_reported": (frame["scope"] == "other")
        & (frame["scope_as_reported"] == ""),
    }
    yield from (("observations", rule, frame[wrong]) for rule, wrong in rules.items())
    nowhere = sources[(sources["url"] == "") & (sources["mirror_url"] == "")]
    yield "sources", "a source needs a url, or the mirror_url it was read from", nowhere


def _of_metric(frames: Frames, column: str) -> pd.Series:
    """What metrics.csv says of each observation's metric; missing where it is not there."""
    metrics = frames["metrics"].drop_duplicates("metric_id").set_index("metric_id")
    return frames["observations"]["metric_id"].map(metrics[column])


def _guards(folder: Path) -> list[Problem]:
    """Corrections against the values they expect, and identities against the metrics they name."""
    try:
        loaded = panels.load(folder)
    except DataError as error:
        file = "identities.toml" if "identities.toml" in error.rule else "corrections.csv"
        return [Problem(file, 0, error.rule, str(error.given))]
    told = loaded.identities.model_dump_json(exclude={"rates": {"__all__": {"scale"}}})
    named = set(re.findall(r'"([a-z_0-9]+\.[a-z_0-9]+)"', told))
    rule = "an identity names metrics of metrics.csv"
    unknown = sorted(named - set(loaded.catalog.metrics))
    return [Problem("identities.toml", 0, rule, word) for word in unknown]
