"""What a page shows, as MIME bundles: the contract between a notebook and its export.

A frame has its trace in a column `rows` (tuples of labels of the panel) or in an index named "row" of such
labels; one with neither is refused: nothing reaches a page that cannot be led back to a line of data/.

A column of a table is known by its name: region_code, metric_id, period, and the groups of words.csv that
`CODED` lists hold codes; `value` is the figure of the row's own observation; `lower` and `upper` become one
interval; computed numbers are rounded. A missing value is refused: a blank says nothing.

The tables of evidence say where each cited figure was read. A source seen only in a mirrored copy keeps its
title, publisher and date, and never becomes a link.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import chain, groupby
from typing import Any

import pandas as pd
from IPython.display import display

from analysis import tables, words
from analysis.catalog import Language, Source
from analysis.errors import InputError
from analysis.panel import Panel

HEAD_MIME = "application/vnd.fazhi.page+json"
FIGURE_MIME = "application/vnd.fazhi.figure+json"
_SOURCES_SHOWN = 4
Words = Mapping[str, str]
"""The same words in both languages, by `en` and `zh`."""
Traced = pd.DataFrame | pd.Series | int | Iterable[int]
CODED = (
    *("reason", "scope", "status", "domain", "grade", "role", "reliability"),
    *("measure", "comparable", "polarity", "result"),
)
"""The columns whose cells are keys of the group of the same name in words.csv."""
_HIDDEN = ["rows", "reasons", "made", "file", "line"]


def show(kind: str, bundle: dict[str, Any], **more: str) -> None:
    """Shows one output; its metadata say what kind it is, so that the export knows it for ours."""
    metadata = {"fazhi": kind, **{f"fazhi_{name}": value for name, value in more.items()}}
    display(bundle, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


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


def figure(panel: Panel, svg: bytes, data: pd.DataFrame, **given: str) -> dict[str, Any]:
    """A figure as an output: words and data for the page, and HTML that holds the picture once.

    `given` are its name, title, subtitle and alt; `data` the plotted rows, with their trace.
    """
    source, csv_label = source_line(panel, traced(data)), _word(panel, "csv")
    title, subtitle, alt = (escape(given[name]) for name in ("title", "subtitle", "alt"))
    address = "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
    caption = f"<figcaption><b>{title}</b><br>{subtitle}</figcaption>"
    html = f'<figure>{caption}<img alt="{alt}" src="{address}"><p>{escape(source)}</p></figure>'
    bundle = {**given, "source": source, "csv": csv_text(data, panel), "csv_label": csv_label}
    return {FIGURE_MIME: bundle, "text/html": html, "text/plain": given["alt"]}


def links(numbers: Sequence[int]) -> list[str]:
    """Links to rows of the evidence table; three or more numbers in a row become one link: 4–9."""
    found = []
    for _, run in groupby(enumerate(sorted(set(numbers))), lambda pair: pair[1] - pair[0]):
        row = [number for _, number in run]
        found += [(row[0], f"–{row[-1]}")] if len(row) > 2 else [(number, "") for number in row]
    return [f'<a href="#e{number}">{number}{rest}</a>' for number, rest in found]


def source_line(panel: Panel, rows: Sequence[int]) -> str:
    """The source line of a figure: publisher and date of the sources of the plotted rows, once each."""
    known = [row for row in rows if row in panel.observations.index]
    ids = panel.observations.loc[known, "source_id"].unique()
    texts = list(dict.fromkeys(_short(panel, panel.catalog.sources[key]) for key in ids))
    rest = len(texts) - _SOURCES_SHOWN
    more = [_word(panel, "more_sources").format(count=rest)] if rest > 0 else []
    joiner = "; " if panel.language == "en" else "；"
    return _word(panel, "sources") + joiner.join([*texts[:_SOURCES_SHOWN], *more])


def evidence_table(panel: Panel, cited: Sequence[int]) -> dict[str, str]:
    """Every cited fact in the order of its number; row n has the anchor `en` and names its line of data/."""
    facts = panel.observations.loc[list(cited)].rename_axis("row")
    numbers = [str(number) for number in range(1, len(facts) + 1)]
    lines = [line_of(panel, row) for row in facts.index]
    frame = facts.assign(
        number=numbers,
        fact=[_fact(panel, row) for _, row in facts.iterrows()],
        printed=facts["evidence"].replace("", _word(panel, "section_unknown")),
        source=[_link(panel, panel.catalog.sources[key], short=True) for key in facts["source_id"]],
        locator=facts["locator"].replace("", _word(panel, "section_unknown")),
    )[["number", "fact", "value", "printed", "source", "locator"]]
    anchors = [f' id="e{number}" data-line="{line}"' for number, line in zip(numbers, lines, strict=True)]
    caption = {"en": "Where each figure was read", "zh": "每个数字的出处"}[panel.language]
    return table(frame, panel, "evidence", caption, html="source", attributes=anchors)


def sources_table(panel: Panel, cited: Sequence[int]) -> dict[str, str]:
    """The sources of the cited facts, the most cited first, with title, publisher, date, kind and address."""
    used = Counter(panel.observations.loc[list(cited), "source_id"]).most_common()
    rows = [
        (_link(panel, source, short=False), source.publisher, source.published, source.reliability, count)
        for source, count in ((panel.catalog.sources[key], count) for key, count in used)
    ]
    frame = pd.DataFrame(rows, columns=["title", "publisher", "published", "reliability", "facts"])
    caption = {"en": "The sources behind these figures", "zh": "以上数字的来源"}[panel.language]
    return table(frame, panel, "sources", caption, html="title")


def _word(panel: Panel, key: str) -> str:
    return words.label("word", key, panel.language)


def _fact(panel: Panel, row: pd.Series) -> str:
    """A fact in words: metric, scope where it is not the whole area, department or region, period."""
    metric = panel.label(row["metric_id"])
    if not row["unit_name"] and row["scope"] != "whole":
        metric += words.bracketed(words.label("scope", row["scope"], panel.language), panel.language)
    place = row["unit_name"] or panel.name(row["region_code"])
    return _joined(panel, metric, place, words.period(row["period"], row["year"], panel.language))


def _joined(panel: Panel, *parts: str) -> str:
    return (", " if panel.language == "en" else "，").join(parts)


def _short(panel: Panel, source: Source) -> str:
    return _joined(panel, source.publisher, source.published or _word(panel, "undated"))


def _link(panel: Panel, source: Source, short: bool) -> str:
    """The source as a link where it may be one: publisher and date, or its title."""
    named = escape(_short(panel, source) if short else source.title)
    if source.link:
        return f'<a href="{escape(source.link)}">{named}</a>'
    if source.reliability == "mirror" and not short:
        return named + words.bracketed(_word(panel, "mirror_only"), panel.language)
    return named
