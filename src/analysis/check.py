"""Checks the whole of `data/`: schema, keys, ranges, dates, evidence, order, guards and identities.

It returns every broken row with its file and line, and mends nothing. Whether a report agrees with itself is
the audit's question; here a report may say what it likes as long as the row is well formed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import evidence, identities, schema, tables
from analysis import panel as panels
from analysis.errors import DataError

COLUMNS = {name: columns for name, columns in tables.COLUMNS.items() if name != "observations"}
"""The tables that are one file each."""


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
    frames: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, columns in COLUMNS.items():
        problems += _read(frames, name, partial(tables.read, folder / f"{name}.csv", columns))
    problems += _read_observations(frames, folder)
    for name, frame in frames.items():
        problems += [_problem(frame.iloc[row], rule, name) for row, rule in schema.broken(name, frame)]
        problems += _order_problems(name, frame)
        problems += _blanks(name, frame)
    if len(frames) == len(schema.SCHEMAS):
        for rule in (_foreign_keys, _ranges, _periods, _evidence, _files, _expressions):
            problems += rule(frames)
        problems += _guards(folder, problems)
    return sorted(problems, key=lambda item: (item.file, item.line))


def sizes(folder: Path) -> pd.DataFrame:
    """How many rows each table has: columns table, rows, files."""
    rows = [(name, len(tables.read(folder / f"{name}.csv", columns)), 1) for name, columns in COLUMNS.items()]
    files = tables.observation_files(folder)
    rows.append(("observations", len(_observations(folder)), len(files)))
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
        raise DataError(
            f"data/ must pass its checks, and {rows} not",
            "\n" + shown,
            "mend these rows, then run `fazhi check`.",
        )


def _observations(folder: Path) -> pd.DataFrame:
    parts = [tables.read(path, tables.OBSERVATIONS) for path in tables.observation_files(folder)]
    return pd.concat(parts, ignore_index=True)


def _read(frames: dict[str, pd.DataFrame], name: str, reader: Callable[[], pd.DataFrame]) -> list[Problem]:
    try:
        frames[name] = reader()
    except DataError as error:
        return [Problem(f"{name}.csv", 0, error.rule, f"{error.given} (to fix this, {error.fix})")]
    return []


def _read_observations(frames: dict[str, pd.DataFrame], folder: Path) -> list[Problem]:
    """Reads the files of all provinces; each that cannot be read is a problem of its own."""
    try:
        paths = tables.observation_files(folder)
    except DataError as error:
        return [Problem("observations/", 0, error.rule, f"{error.given} (to fix this, {error.fix})")]
    parts: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for path in paths:
        name = f"observations/{path.stem}"
        problems += _read(parts, name, partial(tables.read, path, tables.OBSERVATIONS))
    if not problems:
        frames["observations"] = pd.concat(list(parts.values()), ignore_index=True)
    return problems


def _order_problems(name: str, frame: pd.DataFrame) -> list[Problem]:
    """The first row of each file that stands before the one above it in key order."""
    key = list(tables.KEYS[name]) if name != "corrections" else []
    problems = []
    for _, part in frame.groupby("file") if key else []:
        rows = list(part[key].itertuples(index=False, name=None))
        late = next((i for i in range(1, len(rows)) if rows[i] < rows[i - 1]), None)
        if late is not None:
            problems.append(_problem(part.iloc[late], "rows are sorted by " + ", ".join(key), name))
    return problems


def _blanks(name: str, frame: pd.DataFrame) -> Iterator[Problem]:
    """Rows with a cell that has blanks around its text, or nothing but blanks (U+3000 among them)."""
    cells = frame[list(tables.COLUMNS[name])]
    odd = cells.apply(lambda column: column.str.strip() != column)
    yield from _rows(frame[odd.any(axis=1)], "a cell has no blank at its start or end", name)


def _periods(frames: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    """Periods with days that do not exist, that run backwards or leave the year of their row."""
    frame = frames["observations"]
    fit = frame[frame["period"].str.fullmatch(schema.PERIOD)]
    pairs = zip(fit["period"], fit["year"], strict=True)
    faults = pd.Series([schema.fault_of_period(*pair) for pair in pairs], index=fit.index, dtype=str)
    for rule, rows in fit.groupby(faults):
        yield from _rows(rows[faults[rows.index] != ""], str(rule), "observations")


def _evidence(frames: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    """Values that their evidence does not print and nobody listed, and listings that meet no such row."""
    frame, listed = frames["observations"], frames["evidence_exceptions"]
    metrics = frames["metrics"].drop_duplicates("metric_id").set_index("metric_id")
    unit = frame["metric_id"].map(metrics["unit"]).fillna("")
    people = frame["metric_id"].str.startswith("context.") & (unit == "人")
    plain = frame["value"].str.fullmatch(schema.NUMBER)
    columns = zip(frame["value"], frame["evidence"], unit, people, plain, strict=True)
    odd = frame[[bool(good) and evidence.contradicts(*cells) for *cells, good in columns]]
    key = list(tables.KEYS["evidence_exceptions"])
    excused = pd.MultiIndex.from_frame(odd[key]).isin(pd.MultiIndex.from_frame(listed[key]))
    yield from _rows(
        odd[~excused],
        "a value is one that its evidence prints, or listed in evidence_exceptions.csv",
        "observations",
    )
    met = pd.MultiIndex.from_frame(listed[key]).isin(pd.MultiIndex.from_frame(odd[key]))
    yield from _rows(listed[~met], "an exception meets a row that needs it", "evidence_exceptions")


def _foreign_keys(frames: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    links = [
        ("observations", "metric_id", "metrics", "metric_id"),
        ("observations", "region_code", "regions", "region_code"),
        ("observations", "source_id", "sources", "source_id"),
        ("sources", "region_code", "regions", "region_code"),
        ("peer_groups", "region_code", "regions", "region_code"),
        ("regions", "parent_code", "regions", "region_code"),
        ("events", "region_code", "regions", "region_code"),
        ("corrections", "metric_id", "metrics", "metric_id"),
        ("corrections", "region_code", "regions", "region_code"),
        ("corrections", "source_id", "sources", "source_id"),
    ]
    for table, column, other, target in links:
        frame = frames[table]
        lost = frame[~frame[column].isin(frames[other][target]) & (frame[column] != "")]
        yield from _rows(lost, f"{column} must stand in {other}.csv", table)
    metrics = frames["metrics"]
    for column in ("numerator", "denominator"):
        parts = metrics[column].str.split("+").explode()
        unknown = parts[(parts != "") & ~parts.isin(metrics["metric_id"])].index
        yield from _rows(
            metrics[metrics.index.isin(unknown)], f"{column} must name metrics of metrics.csv", "metrics"
        )


def _ranges(frames: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    """Values against their metric's unit and measure."""
    frame = frames["observations"]
    metrics = frames["metrics"].drop_duplicates("metric_id").set_index("metric_id")
    value = pd.to_numeric(frame["value"], errors="coerce")
    measure, unit = frame["metric_id"].map(metrics["measure"]), frame["metric_id"].map(metrics["unit"])
    counted = measure.isin(["count", "stock"])
    money = unit.isin(["万元", "亿元"])
    exact = (frame["qualifier"] == "=") & (frame["resolution"] == "")
    share = (unit == "%") & (measure == "rate")
    rules: list[tuple[pd.Series, str]] = [
        (share & ~value.between(0, 100), "a share is between 0 and 100 %"),
        (counted & (value < 0), "a count is not negative"),
        (counted & ~money & exact & (value % 1 != 0), "a count printed as exact is a whole number"),
        ((measure == "rank") & ((value < 1) | (value % 1 != 0)), "a rank is a whole number from 1"),
        ((unit == "%") & (measure == "change") & (value < -100), "a change is not below -100 %"),
    ]
    for wrong, rule in rules:
        yield from _rows(frame[wrong & value.notna()], rule, "observations")


def _files(frames: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    """Rows in the right province's file, and every address where it belongs."""
    frame = frames["observations"]
    home = "observations/" + frame["region_code"].str[:2] + ".csv"
    yield from _rows(
        frame[frame["file"] != home], "a row stands in the file of its province code", "observations"
    )
    other = frame[(frame["scope"] == "other") & (frame["scope_as_reported"] == "")]
    yield from _rows(other, "scope other needs scope_as_reported", "observations")
    sources = frames["sources"]
    nowhere = sources[(sources["url"] == "") & (sources["mirror_url"] == "")]
    yield from _rows(nowhere, "a source needs a url, or the mirror_url it was read from", "sources")


def _expressions(frames: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    """Only rates have a numerator, and then a denominator too unless the base is no metric."""
    metrics = frames["metrics"]
    wrong = metrics[(metrics["numerator"] != "") & (metrics["measure"] != "rate")]
    yield from _rows(wrong, "only a rate has a numerator", "metrics")


def _guards(folder: Path, problems: Iterable[Problem]) -> list[Problem]:
    """Corrections against the values they expect, and identities against the metrics they name."""
    if any(problem.file.startswith("observations") for problem in problems):
        return []
    try:
        sums = identities.read(folder)
        identities.parse(sums)
    except DataError as error:
        return [Problem("identities.toml", 0, error.rule, str(error.given))]
    try:
        loaded = panels.load(folder)
    except DataError as error:
        return [Problem("corrections.csv", 0, error.rule, str(error.given))]
    unknown = sorted(word for word in set(_words(sums)) if word not in loaded.catalog.metrics)
    return [
        Problem("identities.toml", 0, "an identity names metrics of metrics.csv", word) for word in unknown
    ]


def _words(item: Any) -> Iterator[str]:
    """Every string of an identities table that looks like a metric id."""
    if isinstance(item, str):
        if re.fullmatch(schema.METRIC, item):
            yield item
    elif isinstance(item, dict):
        for value in item.values():
            yield from _words(value)
    elif isinstance(item, list):
        for value in item:
            yield from _words(value)


def _rows(frame: pd.DataFrame, rule: str, table: str) -> Iterator[Problem]:
    for _, row in frame.iterrows():
        yield _problem(row, rule, table)


def _problem(row: pd.Series, rule: str, table: str) -> Problem:
    cells = ", ".join(f"{name}={row[name]}" for name in tables.COLUMNS[table] if row[name] != "")
    return Problem(str(row["file"]), int(row["line"]), rule, cells)
