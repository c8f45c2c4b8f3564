"""From a frame to what a page shows of it: the rows of the panel that it rests on, and a table in words.

A frame has its trace in a column `rows` (tuples of labels of the panel) or in an index named "row" of such
labels; one with neither is refused: nothing reaches a page that cannot be led back to a line of data/.

A column is known by its name: region_code, metric_id, period, and the groups of words.csv (`CODED`) hold
codes; `value` is the figure of the row's own observation; `lower` and `upper` become one interval; computed
numbers are rounded. It refuses a missing value: a blank says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import chain
from typing import Any

import pandas as pd

from analysis import tables, words
from analysis.catalog import Language
from analysis.errors import InputError
from analysis.panel import Panel

Words = Mapping[str, str]
"""The same words in both languages, by `en` and `zh`."""
Traced = pd.DataFrame | pd.Series | int | Iterable[int]
CODED = (
    *("reason", "scope", "status", "domain", "grade", "role", "reliability"),
    *("measure", "comparable", "polarity", "result"),
)
"""The columns whose cells are keys of the group of the same name in words.csv."""
_HIDDEN = ["rows", "reasons", "made", "file", "line"]


def traced(what: Traced) -> tuple[int, ...]:
    """The labels of the panel that a frame, a row of one, or some labels rest on, in order, each once."""
    if isinstance(what, pd.DataFrame):
        return tuple(dict.fromkeys(chain.from_iterable(row_tuples(what))))
    found = what.get("rows", what.name) if isinstance(what, pd.Series) else what
    labels = tuple(found) if isinstance(found, Iterable) else (found,)
    if not all(hasattr(label, "__index__") for label in labels):
        raise _untraced(f"a row named {found!r}")
    return tuple(int(label) for label in labels)


def row_tuples(frame: pd.DataFrame) -> list[tuple[int, ...]]:
    """The labels of the panel that each row of a frame rests on."""
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


def table(
    frame: pd.DataFrame, panel: Panel, name: str, caption: str,
    *, headings: Mapping[str, Words] | None = None, html: str = "", attributes: Iterable[str] | None = None,
) -> dict[str, str]:  # fmt: skip
    """A frame in words as an output: text for comparison, and accessible HTML of the class `name`.

    `headings` are those that words.csv lacks; the cells of the column `html` are HTML and left out of the
    text; `attributes` are those of each row, as HTML.
    """
    plain, head, parts = {}, "", [attributes or [""] * len(frame)]
    numbers = frame.select_dtypes("number").columns
    paired = {"lower", "upper"} <= set(frame.columns)
    for column in frame.columns.drop(["rows", "upper"] if paired else ["rows"], errors="ignore"):
        label = "interval" if column == "lower" and paired else str(column)
        own = (headings or {}).get(label)
        heading = own[panel.language] if own else words.label("column", label, panel.language)
        texts = _column(frame, str(column), panel)
        if column != html:
            plain[heading], texts = texts, [escape(text) for text in texts]
        # the cells of the first column name their row; numbers stand flush right
        tag, scope = ("td", "") if head else ("th", ' scope="row"')
        kind = ' class="n"' if column in numbers else ""
        head += f'<th scope="col"{kind}>{escape(heading)}</th>'
        parts.append([f"<{tag}{scope}{kind}>{text}</{tag}>" for text in texts])
    body = "".join(f"<tr{own}>{''.join(cells)}</tr>" for own, *cells in zip(*parts, strict=True))
    inner = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return {
        "text/html": f'<table class="{escape(name)}">{inner}</table>',
        "text/plain": f"{caption}\n{pd.DataFrame(plain).to_string(index=False)}",
    }


def csv_text(frame: pd.DataFrame, panel: Panel) -> str:
    """A frame as CSV for a spreadsheet: its own columns, each row with the line of data/ that it rests on."""
    lines = [" ".join(line_of(panel, row) for row in rows) for rows in row_tuples(frame)]
    shown = pd.DataFrame(frame).drop(columns=_HIDDEN, errors="ignore").assign(line=lines)
    texts = shown.select_dtypes(exclude="number").columns
    return str(shown.assign(**{name: shown[name].map(tables.inert) for name in texts}).to_csv(index=False))


def line_of(panel: Panel, row: int) -> str:
    """The file and line of a row of the panel: 44.csv:123."""
    observation = panel.observations.loc[row]
    return f"{str(observation['file']).rsplit('/', 1)[-1]}:{observation['line']}"


def _column(frame: pd.DataFrame, column: str, panel: Panel) -> list[str]:
    """The cells of a column in words."""
    language, values = panel.language, frame[column].tolist()
    blank = words.label("word", "undated" if column == "published" else "none", language)
    names = {"region_code": panel.name, "metric_id": panel.label}
    if column in names:
        return [names[column](code) for code in values]
    if column in CODED:
        return [words.label(column, str(code), language) if code else blank for code in values]
    if column == "lower" and "upper" in frame.columns:
        return [words.interval(*pair, language) or blank for pair in zip(values, frame["upper"], strict=True)]
    if column in ("period", "value"):
        # the row's own observation is the first of its trace; a derived figure may rest on none
        own = panel.observations.reindex([next(iter(rows), -1) for rows in row_tuples(frame)])
        if column == "value":
            printed = zip(values, own["value"], own["qualifier"], own["metric_id"], strict=True)
            return [_figure(*cells, panel) for cells in printed]
        years = frame["year"] if "year" in frame.columns else own["year"]
        return [words.period(text, int(year), language) for text, year in zip(values, years, strict=True)]
    return [_plain(value, column, language) or blank for value in values]


def _figure(value: float, printed: float, qualifier: str, metric_id: str, panel: Panel) -> str:
    """The figure as its source prints it; a value that is not the row's own is a computed number."""
    if value != printed:
        return _plain(value, "value", panel.language)
    return words.figure(value, qualifier, panel.catalog.metrics[metric_id].unit, panel.language)


def _plain(value: Any, column: str, language: Language) -> str:
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        fix = "fill it in words, or leave the row out (dropna)."
        raise InputError("A table has no missing cell", f"column {column}", fix)
    if isinstance(value, bool):
        return words.label("word", "yes" if value else "no", language)
    return str(int(value)) if column == "year" else words.significant(float(value))
