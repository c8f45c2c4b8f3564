"""From a frame to what a page shows of it: the rows of the panel that it rests on, and its cells in words.

A frame has its trace in a column `rows` (tuples of labels of the panel) or in an index named "row" of such
labels; one with neither is refused: nothing reaches a page that cannot be led back to a line of data/.

A column is known by its name: region_code, metric_id, period, and the groups of words.csv (`CODED`) hold
codes; `value` is the figure of the row's own observation; `lower` and `upper` become one interval; computed
numbers are rounded. It refuses a missing value: a blank says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analysis import tables, words
from analysis.errors import InputError
from analysis.panel import Panel

CODED = (
    *("reason", "scope", "status", "domain", "grade", "role"),
    *("measure", "comparable", "polarity", "result"),
)
"""The columns whose cells are keys of the group of the same name in words.csv."""
_HIDDEN = ("rows", "reasons", "made", "file", "line")


def traced(what: pd.DataFrame | pd.Series | int | Iterable[int]) -> tuple[int, ...]:
    """The labels of the panel that a frame, a row of one, or some labels rest on, in order, each once.

    Raises:
        InputError: A frame or row has no trace.
    """
    if isinstance(what, pd.DataFrame):
        return tuple(dict.fromkeys(row for rows in row_tuples(what) for row in rows))
    if isinstance(what, pd.Series):
        if "rows" not in what and not hasattr(what.name, "__index__"):
            raise _untraced(f"a row named {what.name!r} with {', '.join(map(str, what.index))}")
        return tuple(int(row) for row in what.get("rows", (what.name,)))
    return tuple(int(row) for row in what) if isinstance(what, Iterable) else (int(what),)


def row_tuples(frame: pd.DataFrame) -> list[tuple[int, ...]]:
    """The labels of the panel that each row of a frame rests on.

    Raises:
        InputError: The frame has neither an index named "row" nor a column `rows`.
    """
    if "rows" in frame.columns:
        return [tuple(int(row) for row in rows) for rows in frame["rows"]]
    if frame.index.name == "row":
        return [(int(row),) for row in frame.index]
    columns = ", ".join(map(str, frame.columns))
    raise _untraced(f"a frame with index {frame.index.name!r} and columns {columns}")


def _untraced(given: str) -> InputError:
    fix = (
        'keep the index named "row" (merge and groupby lose it), or add a column `rows` of tuples of labels.'
    )
    return InputError("What a page shows leads to rows of the panel", given, fix)


def in_words(
    frame: pd.DataFrame, panel: Panel, headings: Mapping[str, Mapping[str, str]]
) -> tuple[pd.DataFrame, list[str]]:
    """A frame with headings and cells in the panel's language, and the headings of its numeric columns.

    Raises:
        InputError: A cell is missing.
        FazhiError: A column or a code has no label.
    """
    columns: dict[str, list[str]] = {}
    numeric, paired = [], {"lower", "upper"} <= set(frame.columns)
    for column in frame.columns:
        if column == "rows" or (column == "upper" and paired):
            continue
        name = "interval" if column == "lower" and paired else str(column)
        own = headings.get(name)
        heading = own[panel.language] if own else words.label("column", name, panel.language)
        columns[heading] = _column(frame, str(column), panel)
        if pd.api.types.is_numeric_dtype(frame[column]) and not pd.api.types.is_bool_dtype(frame[column]):
            numeric.append(heading)
    return pd.DataFrame(columns), numeric


def csv_text(frame: pd.DataFrame, panel: Panel) -> str:
    """A frame as CSV for a spreadsheet: its own columns, each row with the line of data/ that it rests on."""
    lines = [" ".join(line_of(panel, row) for row in rows) for rows in row_tuples(frame)]
    shown = pd.DataFrame(frame).drop(columns=[name for name in _HIDDEN if name in frame.columns])
    shown = shown.assign(line=lines)
    texts = shown.select_dtypes(exclude="number").columns
    return str(shown.assign(**{name: shown[name].map(tables.inert) for name in texts}).to_csv(index=False))


def line_of(panel: Panel, row: int) -> str:
    """The file and line of a row of the panel: 44.csv:123."""
    observation = panel.observations.loc[row]
    return f"{str(observation['file']).rsplit('/', 1)[-1]}:{observation['line']}"


def _column(frame: pd.DataFrame, column: str, panel: Panel) -> list[str]:
    language, values = panel.language, frame[column].tolist()
    none = words.label("word", "none", language)
    names = {"region_code": panel.name, "metric_id": panel.label}
    if column in names:
        return [names[column](code) for code in values]
    if column in CODED:
        return [words.label(column, str(code), language) if code else none for code in values]
    if column == "period":
        pairs = zip(values, _years(frame, panel), strict=True)
        return [words.period(text, year, language) for text, year in pairs]
    if column == "lower" and "upper" in frame.columns:
        return [words.interval(*pair, language) or none for pair in zip(values, frame["upper"], strict=True)]
    if column == "published":
        return [str(date) or words.label("word", "undated", language) for date in values]
    if column == "value":
        return [_figure(value, rows, panel) for value, rows in zip(values, row_tuples(frame), strict=True)]
    return [_plain(value, column, language) for value in values]


def _years(frame: pd.DataFrame, panel: Panel) -> list[int]:
    if "year" in frame.columns:
        return [int(year) for year in frame["year"]]
    return [int(str(panel.observations.loc[rows[0], "year"])) for rows in row_tuples(frame)]


def _figure(value: float, rows: tuple[int, ...], panel: Panel) -> str:
    """The figure as its source prints it; a value that is not the row's own is a computed number."""
    own = panel.observations.loc[rows[0]] if rows and rows[0] in panel.observations.index else None
    if own is None or own["value"] != value:
        return _plain(value, "value", panel.language)
    unit = panel.catalog.metrics[str(own["metric_id"])].unit
    return words.figure(value, str(own["qualifier"]), unit, panel.language)


def _plain(value: Any, column: str, language: words.Language) -> str:
    if isinstance(value, str):
        return value or words.label("word", "none", language)
    if value is None or pd.isna(value):
        fix = "fill it in words, or leave the row out (dropna)."
        raise InputError("A table has no missing cell", f"column {column}", fix)
    if isinstance(value, bool):
        return words.label("word", "yes" if value else "no", language)
    if column == "year":
        return str(int(value))
    return words.number(value) if float(value).is_integer() else words.significant(float(value))
