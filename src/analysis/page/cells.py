"""The cells of a table in words: codes as labels, figures as printed, computed numbers rounded.

A column is known by its name: region_code, metric_id, period, and the groups of words.csv (reason, scope,
status,
domain, grade, role, measure, result …) hold codes; `value` is the figure of the row's own observation;
`lower` and
`upper` become one interval. It refuses a missing value: a blank says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis import tables, words
from analysis.errors import InputError
from analysis.page.trace import row_tuples
from analysis.panel import Panel

CODED = (
    "reason",
    "scope",
    "status",
    "domain",
    "grade",
    "role",
    "measure",
    "comparable",
    "polarity",
    "result",
)
"""The columns whose cells are keys of the group of the same name in words.csv."""
_NOT_SHOWN = ("rows",)
_HIDDEN = ("rows", "reasons", "made", "file", "line")


def in_words(
    frame: pd.DataFrame, panel: Panel, headings: Mapping[str, Mapping[str, str]]
) -> tuple[pd.DataFrame, list[str]]:
    """A frame with headings and cells in the panel's language, and the headings of its numeric columns.

    Raises:
        InputError: A cell is missing.
        FazhiError: A column or a code has no label.
    """
    columns: dict[str, list[str]] = {}
    numeric = []
    for column in frame.columns:
        if column in _NOT_SHOWN or (column == "upper" and "lower" in frame.columns):
            continue
        name = "interval" if column == "lower" and "upper" in frame.columns else str(column)
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
    language, values = panel.language, frame[column]
    if column == "region_code":
        return [panel.name(code) for code in values]
    if column == "metric_id":
        return [panel.label(name) for name in values]
    if column in CODED:
        return [
            words.label(column, str(code), language) if code else words.label("word", "none", language)
            for code in values
        ]
    if column == "period":
        return [
            words.period(text, year, language)
            for text, year in zip(values, _years(frame, panel), strict=True)
        ]
    if column == "lower" and "upper" in frame.columns:
        pairs = zip(values, frame["upper"], strict=True)
        return [words.interval(*pair, language) or words.label("word", "none", language) for pair in pairs]
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
    return words.figure(
        value, str(own["qualifier"]), panel.catalog.metrics[str(own["metric_id"])].unit, panel.language
    )


def _plain(value: Any, column: str, language: words.Language) -> str:
    if isinstance(value, str):
        return value or words.label("word", "none", language)
    if value is None or pd.isna(value):
        raise InputError(
            "A table has no missing cell",
            f"column {column}",
            "fill it in words, or leave the row out (dropna).",
        )
    if isinstance(value, bool):
        return words.label("word", "yes" if value else "no", language)
    if column == "year":
        return str(int(value))
    return words.number(value) if float(value).is_integer() else words.significant(float(value))
