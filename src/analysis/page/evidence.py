"""Where each cited figure was read: marks, source lines, the table of facts and the table of sources.

A source seen only in a mirrored copy keeps its title, publisher and date, and never becomes a link.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Any

import pandas as pd

from analysis import words
from analysis.catalog import Source
from analysis.page.cells import line_of
from analysis.page.outputs import table_bundle
from analysis.panel import Panel

_SOURCES_SHOWN = 4


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
    texts = list(dict.fromkeys(_short(panel, panel.catalog.sources[str(key)]) for key in ids))
    rest = len(texts) - _SOURCES_SHOWN
    more = [_word(panel, "more_sources").format(count=rest)] if rest > 0 else []
    joiner = "; " if panel.language == "en" else "；"
    return _word(panel, "sources") + joiner.join([*texts[:_SOURCES_SHOWN], *more])


def evidence_table(panel: Panel, cited: Sequence[int]) -> dict[str, Any]:
    """Every cited fact in the order of its number; row n has the anchor `en` and names its line of data/."""
    names = _headings(panel, "number", "fact", "value", "printed", "source", "locator")
    unknown, rows, anchors = _word(panel, "section_unknown"), [], []
    for number, (label, row) in enumerate(panel.observations.loc[list(cited)].iterrows(), start=1):
        unit = panel.catalog.metrics[row["metric_id"]].unit
        figure = words.figure(row["value"], row["qualifier"], unit, panel.language)
        source = _link(panel, panel.catalog.sources[row["source_id"]], short=True)
        cells = (str(number), _fact(panel, row), figure, row["evidence"], source, row["locator"])
        rows.append([cell or unknown for cell in cells])
        anchors.append(f' id="e{number}" data-line="{line_of(panel, int(str(label)))}"')
    caption = {"en": "Where each figure was read", "zh": "每个数字的出处"}[panel.language]
    frame = pd.DataFrame(rows, columns=names)
    return table_bundle("evidence", caption, frame, numeric=[names[2]], html=[names[4]], attributes=anchors)


def sources_table(panel: Panel, cited: Sequence[int]) -> dict[str, Any]:
    """The sources of the cited facts, the most cited first, with title, publisher, date, kind and address."""
    used = Counter(panel.observations.loc[list(cited), "source_id"])
    names = _headings(panel, "title", "publisher", "published", "reliability", "facts")
    rows = []
    for key, count in used.most_common():
        source = panel.catalog.sources[key]
        kind = words.label("reliability", source.reliability, panel.language)
        link = _link(panel, source, short=False)
        rows.append((link, source.publisher, _date(panel, source), kind, str(count)))
    caption = {"en": "The sources behind these figures", "zh": "以上数字的来源"}[panel.language]
    frame = pd.DataFrame(rows, columns=names)
    return table_bundle("sources", caption, frame, numeric=[names[4]], html=[names[0]])


def _word(panel: Panel, key: str) -> str:
    return words.label("word", key, panel.language)


def _headings(panel: Panel, *keys: str) -> list[str]:
    return [words.label("column", key, panel.language) for key in keys]


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
    return _joined(panel, source.publisher, _date(panel, source))


def _date(panel: Panel, source: Source) -> str:
    """When a source was published, in words where that is unknown."""
    return source.published or _word(panel, "undated")


def _link(panel: Panel, source: Source, short: bool) -> str:
    """The source as a link where it may be one: publisher and date, or its title."""
    named = _short(panel, source) if short else source.title
    if source.link:
        return f'<a href="{escape(source.link)}">{escape(named)}</a>'
    if source.reliability == "mirror" and not short:
        return escape(named) + words.bracketed(_word(panel, "mirror_only"), panel.language)
    return escape(named)
