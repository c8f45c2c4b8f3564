"""What a page shows, as MIME bundles: the contract between a notebook and its export.

Refused: a frame without trace (a column `rows` of tuples of labels of the panel, or an index of them named
"row"), and a missing cell. A source seen only in a mirrored copy never becomes a link.
"""

import base64
from collections.abc import Iterable, Mapping
from html import escape
from operator import index
from typing import Any

import pandas as pd
from IPython.display import display

from analysis import tables, words
from analysis.catalog import Source
from analysis.errors import InputError
from analysis.panel import Panel

HEAD_MIME = "application/vnd.fazhi.page+json"
FIGURE_MIME = "application/vnd.fazhi.figure+json"
Words = Mapping[str, str]  # the same in both languages, by `en` and `zh`
Traced = pd.DataFrame | pd.Series | int | Iterable[int]
# columns whose cells are keys of the group of the same name in words.csv
_CODED = ["reason", "scope", "status", "domain", "grade", "role", "reliability", "measure", "comparable"]
_CODED += ["polarity", "result"]


def show(kind: str, bundle: dict[str, Any], **more: str) -> None:
    """Shows one output; its metadata say what kind it is, so that the export knows it for ours."""
    display(bundle, raw=True, metadata={"fazhi": kind, **more})  # type: ignore[no-untyped-call]


def row_tuples(what: Traced) -> list[tuple[int, ...]]:
    """The labels of the panel that each row of a frame, or one row, or some labels rest on."""
    found: Any = None
    if not isinstance(what, pd.DataFrame):
        label = what.get("rows", what.name) if isinstance(what, pd.Series) else what
        found = [label if isinstance(label, Iterable) else (label,)]
    elif "rows" in what.columns:
        found = what["rows"]
    elif what.index.name == "row":
        found = zip(what.index, strict=True)
    try:
        return [tuple(map(index, rows)) for rows in found]
    except TypeError:
        given = [*what.columns] if isinstance(what, pd.DataFrame) else what
        fix = 'keep the index named "row" (merge and groupby lose it), or add a column `rows` of such labels.'
        raise InputError("What a page shows leads to rows of the panel", given, fix) from None


def traced(*what: Traced) -> list[int]:
    """The labels that frames, rows of them or labels rest on, in order, each once."""
    return list(dict.fromkeys(row for item in what for rows in row_tuples(item) for row in rows))


def table(
    frame: pd.DataFrame, panel: Panel, name: str, caption: str,
    html: str = "", headings: Mapping[str, Words] | None = None, attributes: Iterable[str] | None = None,
) -> dict[str, str]:  # fmt: skip
    """A frame in words as an output: text for comparison, and accessible HTML of the class `name`.

    The column `html` is HTML, left out of the text; `headings` words.csv lacks; `attributes` are each row's.
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


def _column(frame: pd.DataFrame, column: str, panel: Panel) -> list[str]:
    """The cells of a column in words: names for codes, figures as printed, computed numbers rounded."""
    language, values = panel.language, frame[column].tolist()
    blank = words.label("word", "undated" if column == "published" else "none", language)
    if column in ("region_code", "metric_id"):
        return list(map(panel.name if column == "region_code" else panel.label, values))
    if column in _CODED:
        return [words.label(column, str(code), language) if code else blank for code in values]
    if column == "lower" and "upper" in frame.columns:
        return [words.interval(*pair, language) or blank for pair in zip(values, frame["upper"], strict=True)]
    shown = [_plain(value, column, panel) or blank for value in values]
    if column not in ("period", "value"):
        return shown
    # the row's own observation is the first of its trace; a derived figure may rest on none
    own = panel.observations.reindex([next(iter(rows), -1) for rows in row_tuples(frame)])
    if column == "period":
        years = frame["year"] if "year" in frame.columns else own["year"]
        return [words.period(text, int(year), language) for text, year in zip(values, years, strict=True)]
    printed = zip(values, own["value"], own["qualifier"], own["metric_id"], strict=True)
    for place, (value, there, sign, metric_id) in enumerate(printed):
        if value == there:
            shown[place] = words.figure(value, sign, panel.catalog.metrics[metric_id].unit, language)
    return shown


def _plain(value: Any, column: str, panel: Panel) -> str:
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        raise InputError("A table has no missing cell", f"column {column}", "fill it, or leave the row out.")
    if isinstance(value, bool):
        return word(panel, "yes" if value else "no")
    return str(int(value)) if column == "year" else words.significant(float(value))


def figure(panel: Panel, svg: bytes, data: pd.DataFrame, **given: str) -> dict[str, Any]:
    """A figure, given name, title, subtitle and alt: words and CSV, and HTML that holds the picture once."""
    known = [row for row in traced(data) if row in panel.observations.index]
    ids = panel.observations.loc[known, "source_id"].unique()
    names = list(dict.fromkeys(published(panel, panel.catalog.sources[key]) for key in ids))
    if len(names) > 4:
        names[4:] = [word(panel, "more_sources").format(count=len(names) - 4)]
    source, csv_label = word(panel, "sources") + word(panel, "semicolon").join(names), word(panel, "csv")
    title, subtitle, alt = (escape(given[name]) for name in ("title", "subtitle", "alt"))
    address = "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
    caption = f"<figcaption><b>{title}</b><br>{subtitle}</figcaption>"
    html = f'<figure>{caption}<img alt="{alt}" src="{address}"><p>{escape(source)}</p></figure>'
    bundle = {**given, "source": source, "csv": csv_text(data, panel), "csv_label": csv_label}
    return {FIGURE_MIME: bundle, "text/html": html, "text/plain": given["alt"]}


def csv_text(frame: pd.DataFrame, panel: Panel) -> str:
    """A frame as CSV for a spreadsheet: its own columns, each row with the line of data/ that it rests on."""
    lines = [" ".join(line_of(panel, row) for row in rows) for rows in row_tuples(frame)]
    hidden = ["rows", "reasons", "made", "file", "line"]
    shown = pd.DataFrame(frame).drop(columns=hidden, errors="ignore").assign(line=lines)
    texts = shown.select_dtypes(exclude="number").columns
    return str(shown.assign(**{name: shown[name].map(tables.inert) for name in texts}).to_csv(index=False))


def line_of(panel: Panel, row: int) -> str:
    """The file and line of a row of the panel: 44.csv:123."""
    file, line = panel.observations.loc[row, ["file", "line"]]
    return f"{str(file).rpartition('/')[2]}:{line}"


def word(panel: Panel, key: str) -> str:
    """A label of the group `word` in the panel's language."""
    return words.label("word", key, panel.language)


def fact(panel: Panel, row: pd.Series) -> str:
    """A fact in words: metric, scope where it is not the whole area, department or region, period."""
    metric = panel.label(row["metric_id"])
    if not row["unit_name"] and row["scope"] != "whole":
        metric += words.bracketed(words.label("scope", row["scope"], panel.language), panel.language)
    place = row["unit_name"] or panel.name(row["region_code"])
    parts = metric, place, words.period(row["period"], row["year"], panel.language)
    return word(panel, "comma").join(parts)


def published(panel: Panel, source: Source) -> str:
    """Publisher and date of a source."""
    return word(panel, "comma").join((source.publisher, source.published or word(panel, "undated")))


def link(source: Source, named: str) -> str:
    """The name of a source as HTML, a link where it may be one."""
    return f'<a href="{escape(source.link)}">{escape(named)}</a>' if source.link else escape(named)
