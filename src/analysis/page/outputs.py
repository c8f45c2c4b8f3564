"""The outputs of a notebook that reach its page, as MIME bundles: the contract between notebook and export.

A figure is HTML with its picture for JupyterLab, and words and data for the page. The tables of evidence say
where each cited figure was read. A source seen only in a mirrored copy keeps its title, publisher and date,
and never becomes a link.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Any

import pandas as pd
from IPython.display import display

from analysis import words
from analysis.catalog import Source
from analysis.page.cells import csv_text, line_of, table, traced
from analysis.panel import Panel

HEAD_MIME = "application/vnd.fazhi.page+json"
FIGURE_MIME = "application/vnd.fazhi.figure+json"
_SOURCES_SHOWN = 4


def show(kind: str, bundle: dict[str, Any], **more: str) -> None:
    """Shows one output; its metadata say what kind it is, so that the export knows it for ours."""
    metadata = {"fazhi": kind, **{f"fazhi_{name}": value for name, value in more.items()}}
    display(bundle, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


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
