"""Checks the whole of `data/`: cells, keys, links, ranges, dates, evidence, order, guards and identities.

It returns every broken row with its file and line, and mends nothing. Whether a report agrees with itself is
the audit's question; here a report may say what it likes as long as the row is well formed.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from unicodedata import numeric

import pandas as pd

from analysis import panel as panels
from analysis import tables
from analysis.errors import DataError
from analysis.gazetteer import simplified

Frames = Mapping[str, pd.DataFrame]
Broken = tuple[str, str, pd.DataFrame]
"""A table, a rule, and the rows that break it."""
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_TYPES = {"number": _NUMBER, "year": "(?:19|20)[0-9]{2}"}
_WORD = {"千": 10**3, "万": 10**4, "亿": 10**8, "million": 10**6, "billion": 10**9}
_MONEY = {"元": 1, "万元": 10**4, "亿元": 10**8}
_FIGURE = re.compile(r"(\d[\d,]*(?:\.\d+)?)[ 余多几]*(亿|万|千|million|billion)?")
_SPLIT = re.compile(r"(\d+)万(\d{4})(?!\d)")
_CHINESE = re.compile("[零一二三四五六七八九十百]+(?=(万)?)")
_MEANT = {"未": 0, "没有": 0, "无": 0, "全覆盖": 100, "全部": 100, "首位": 1, "四分之一": 25, "quarter": 25}
"""Words that say a number."""


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
    """Every problem of a data folder; a file that cannot be read is one, and its rules are not tried."""
    frames, problems = _read(folder)
    whole = frames.keys() == tables.SCHEMAS.keys()
    found = [one for name, frame in frames.items() for one in (*broken(name, frame), *_order(name, frame))]
    for check in (_names, _observations, _evidence) if whole else ():
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
    rows = [(name, len(frame), max(1, frame["file"].nunique())) for name, frame in _read(folder)[0].items()]
    return pd.DataFrame(rows, columns=["table", "rows", "files"])


def require(folder: Path) -> None:
    """Returns when the data folder has no problem; the `DataError` shows the first ten with file and line."""
    if problems := run(folder):
        shown = "\n".join(f"{p.place}: {p.rule}: {p.given}" for p in problems[:10])
        rows = "1 row does" if len(problems) == 1 else f"{len(problems)} rows do"
        rule, fix = f"data/ must pass its checks, and {rows} not", "mend these rows, then run `fazhi check`."
        raise DataError(rule, "\n" + shown, fix)


def pattern(field: dict[str, Any]) -> str:
    """The expression that a whole cell of a field of the data package matches."""
    limits = field.get("constraints", {})
    found = limits.get("pattern") or "|".join(map(re.escape, limits.get("enum", ())))
    if field["type"] == "list":
        item = field["itemPattern"]
        found = f"{item}(?:{re.escape(field['delimiter'])}{item})*"
    elif not found:
        words = f"(?s:.{{{limits.get('minLength', 1)},{limits.get('maxLength', '')}}})"
        found = _TYPES.get(field["type"], words)
    if limits.get("minimum") == 0:
        found = found.removeprefix("-?")
    return found if limits.get("required") else f"(?:{found})?"


def broken(name: str, frame: pd.DataFrame) -> Iterator[Broken]:
    """The rules of a table that its cells (text) break, as `data/datapackage.json` tells and words them."""
    key = list(tables.KEYS[name])
    blank, once = "a cell has no blank at its start or end", "the key must stand in the table once: "
    rules = {once + ", ".join(key): frame.duplicated(key, keep=False)}
    for field in tables.SCHEMAS[name]["fields"]:
        cells = frame[field["name"]]
        rules[blank] = rules.get(blank, False) | (cells.str.strip() != cells)
        if "rule" in field:
            rules[field["rule"]] = rules.get(field["rule"], False) | ~cells.str.fullmatch(pattern(field))
    yield from ((name, rule, frame[wrong]) for rule, wrong in rules.items() if wrong.any())


def _read(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    frames: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []

    @contextmanager
    def noted(file: str) -> Iterator[None]:
        try:
            yield
        except DataError as error:
            problems.append(Problem(file, 0, error.rule, f"{error.given} (to fix this, {error.fix})"))

    for name, columns in tables.COLUMNS.items():
        files, parts = [], []
        with noted("observations/"):
            files = tables.files(name, folder)
        for path in files:
            with noted(tables.short_name(path)):
                parts.append(tables.read(path, columns))
        if files and len(parts) == len(files):
            frames[name] = pd.concat(parts, ignore_index=True)
    return frames, problems


def _order(name: str, frame: pd.DataFrame) -> Iterator[Broken]:
    key = list(tables.KEYS[name])
    for _, part in frame.groupby("file") if name != "corrections" else ():
        late = part.index != part.sort_values(key, kind="stable").index
        yield name, "rows are sorted by " + ", ".join(key), part[late].head(1)


def _names(frames: Frames) -> Iterator[Broken]:
    for name, frame in frames.items():
        for link in tables.SCHEMAS[name].get("foreignKeys", ()):
            (column,), other = link["fields"], link["reference"]
            known = frames[other["resource"]][other["fields"][0]]
            lost = ~frame[column].isin(known) & (frame[column] != "")
            yield name, f"{column} must stand in {other['resource']}.csv", frame[lost]
    metrics = frames["metrics"]
    for column in ("numerator", "denominator"):
        parts = metrics[column].str.split("+").explode()
        unknown = parts[(parts != "") & ~parts.isin(metrics["metric_id"])].index
        yield "metrics", f"{column} must name metrics of metrics.csv", metrics.loc[unknown.unique()]
    wrong = (metrics["numerator"] != "") & (metrics["measure"] != "rate")
    yield "metrics", "only a rate has a numerator", metrics[wrong]
    sources = frames["sources"]
    nowhere = (sources["url"] == "") & (sources["mirror_url"] == "")
    yield "sources", "a source needs a url, or the mirror_url it was read from", sources[nowhere]
    real = _is_date(sources["published"]) & _is_date(sources["accessed"])
    yield "sources", "a date is a day that exists", sources[~real]


def _observations(frames: Frames) -> Iterator[Broken]:
    frame = frames["observations"]
    value = pd.to_numeric(frame["value"], errors="coerce")
    measure, unit = _of_metric(frames, "measure"), _of_metric(frames, "unit")
    counted, part = measure.isin(["count", "stock"]), value % 1 > 0
    exact = (frame["qualifier"] == "=") & (frame["resolution"] == "") & ~unit.isin(["万元", "亿元"])
    home = "observations/" + frame["region_code"].str[:2] + ".csv"
    days = frame["period"].str.extract(r"(?s)(?:at|span)-(.*?)(?:\.\.(.*))?$").fillna("")
    start, end, year = days[0], days[1], frame["year"]
    share, change = ((unit == "%") & (measure == name) for name in ("rate", "change"))
    unnamed = (frame["scope"] == "other") & (frame["scope_as_reported"] == "")
    first, last, span = start.str[:4], end.str[:4], end != ""
    rules = {
        "a share is between 0 and 100 %": share & ((value < 0) | (value > 100)),
        "a count is not negative": counted & (value < 0),
        "a count printed as exact is a whole number": counted & exact & part,
        "a rank is a whole number from 1": (measure == "rank") & ((value < 1) | part),
        "a change is not below -100 %": change & (value < -100),
        "a row stands in the file of its province code": home != frame["file"],
        "scope other needs scope_as_reported": unnamed,
        "a period names days that exist": ~(_is_date(start) & _is_date(end)),
        "a date lies in the year of its row": (start != "") & ~span & (first != year),
        "a span runs forward": span & ((end + "-31").str[:10] < start),
        "a span reaches into the year of its row": span & ((first > year) | (last < year)),
    }
    yield from (("observations", rule, frame[wrong]) for rule, wrong in rules.items())


def _is_date(cells: pd.Series) -> pd.Series:
    days = pd.to_datetime((cells + "-01-01").str[:10], format="%Y-%m-%d", errors="coerce")
    return days.notna() | (cells == "")


def _of_metric(frames: Frames, column: str) -> pd.Series:
    known = frames["metrics"].drop_duplicates("metric_id").set_index("metric_id")[column]
    return frames["observations"]["metric_id"].map(known).fillna("")


def _evidence(frames: Frames) -> Iterator[Broken]:
    frame, listed = frames["observations"], frames["evidence_exceptions"]
    rows = frame.assign(unit=_of_metric(frames, "unit"))[frame["value"].str.fullmatch(_NUMBER)]
    columns = ["metric_id", "value", "evidence", "unit"]
    odd = rows[[_contradicts(*cells) for cells in rows[columns].itertuples(index=False, name=None)]]
    key = list(tables.KEYS["evidence_exceptions"])
    needed, given = pd.MultiIndex.from_frame(odd[key]), pd.MultiIndex.from_frame(listed[key])
    rule = "a value is one that its evidence prints, or listed in evidence_exceptions.csv"
    yield "observations", rule, odd[~needed.isin(given)]
    yield "evidence_exceptions", "an exception meets a row that needs it", listed[~given.isin(needed)]


def _contradicts(metric_id: str, value: str, evidence: str, unit: str) -> bool:
    """Whether no number of the evidence is the value; the sign is left to words, 万 of people to tables."""
    size = abs(Decimal(value))
    known = set(_printed(simplified(evidence), _MONEY.get(unit, 0)))
    people = metric_id.startswith("context.") and unit == "人"
    return size not in known and not (people and size / 10**4 in known)


def _printed(text: str, money: int) -> Iterator[Decimal]:
    for digits, word in _FIGURE.findall(text):
        number = Decimal(digits.replace(",", ""))
        yield number
        if word:
            yield number * _WORD[word]
        if money:
            yield number * _WORD.get(word, 1) / money
    for head, tail in _SPLIT.findall(text):
        yield Decimal(head) * 10**4 + Decimal(tail)
    for match in _CHINESE.finditer(text):
        total = digit = 0
        for size in map(int, map(numeric, match[0])):  # a Chinese number below a thousand
            total, digit = (total, size) if size < 10 else (total + max(digit, 1) * size, 0)
        yield Decimal((total + digit) * (10**4 if match[1] else 1))
    yield from (Decimal(number) for word, number in _MEANT.items() if word in text)


def _guards(folder: Path) -> list[Problem]:
    try:
        loaded = panels.load(folder)
    except DataError as error:
        file = "identities.toml" if "identities.toml" in error.rule else "corrections.csv"
        return [Problem(file, 0, error.rule, str(error.given))]
    told = loaded.identities.model_dump_json(exclude={"rates": {"__all__": {"scale"}}})
    unknown = set(re.findall(r'"([a-z_0-9]+\.[a-z_0-9]+)"', told)) - set(loaded.catalog.metrics)
    rule = "an identity names metrics of metrics.csv"
    return [Problem("identities.toml", 0, rule, word) for word in sorted(unknown)]
