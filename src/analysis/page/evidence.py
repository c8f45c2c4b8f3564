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
    ordered = sorted(set(numbers))
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(ordered), lambda pair: pair[1] - pair[0])
    ]
    parts = [[run] if len(run) > 2 else [[number] for number in run] for run in runs]
    return [
        f'<a href="#e{run[0]}">{run[0]}{f"–{run[-1]}" if len(run) > 1 else ""}</a>'
        for part in parts
        for run in part
    ]


def source_line(panel: Panel, rows: Sequence[int]) -> str:
    """The source line of a figure: publisher and date of the sources of the plotted rows, once each."""
    ids = dict.fromkeys(
        panel.observations.loc[[row for row in rows if row in panel.observations.index], "source_id"]
    )
    texts = list(dict.fromkeys(_short(panel, panel.catalog.sources[str(key)]) for key in ids))
    rest = len(texts) - _SOURCES_SHOWN
    more = [words.label("word", "more_sources", panel.language).format(count=rest)] if rest > 0 else []
    joiner = "; " if panel.language == "en" else "；"
    return words.label("word", "sources", panel.language) + joiner.join([*texts[:_SOURCES_SHOWN], *more])


def evidence_table(panel: Panel, cited: Sequence[int]) -> dict[str, Any]:
    """Every cited fact in the order of its number; row n has the anchor `en` and names its line of data/."""
    names = _headings(panel, "number", "fact", "value", "printed", "source", "locator")
    observations, unknown = (
        panel.observations.loc[list(cited)],
        words.label("word", "section_unknown", panel.language),
    )
    rows = [
        (
            str(number),
            _fact(panel, row),
            words.figure(
                row["value"], row["qualifier"], panel.catalog.metrics[row["metric_id"]].unit, panel.language
            ),
            row["evidence"] or unknown,
            _link(panel, panel.catalog.sources[row["source_id"]], short=True),
            row["locator"] or unknown,
        )
        for number, (_, row) in enumerate(observations.iterrows(), start=1)
    ]
    anchors = [
        f' id="e{number}" data-line="{line_of(panel, row)}"' for number, row in enumerate(cited, start=1)
    ]
    caption = {"en": "Where each figure was read", "zh": "每个数字的出处"}[panel.language]
    frame = pd.DataFrame(rows, columns=names)
    return table_bundle("evidence", caption, frame, numeric=[names[2]], html=[names[4]], attributes=anchors)


def sources_table(panel: Panel, cited: Sequence[int]) -> dict[str, Any]:
    """The sources of the cited facts, the most cited first, with title, publisher, date, kind and address."""
    used = Counter(panel.observations.loc[list(cited), "source_id"])
    names = _headings(panel, "title", "publisher", "published", "reliability", "facts")
    known = panel.catalog.sources
    rows = [
        (
            _link(panel, known[key], short=False),
            known[key].publisher,
            _date(panel, known[key]),
            words.label("reliability", known[key].reliability, panel.language),
            str(count),
        )
        for key, count in used.most_common()
    ]
    caption = {"en": "The sources behind these figures", "zh": "以上数字的来源"}[panel.language]
    return table_bundle(
        "sources", caption, pd.DataFrame(rows, columns=names), numeric=[names[4]], html=[names[0]]
    )


def _headings(panel: Panel, *keys: str) -> list[str]:
    return [words.label("column", key, panel.language) for key in keys]


def _fact(panel: Panel, row: pd.Series) -> str:
    """A fact in words: metric, scope where it is not the whole area, department or region, period."""
    metric = panel.label(row["metric_id"])
    if not row["unit_name"] and row["scope"] != "whole":
        metric += words.bracketed(words.label("scope", row["scope"], panel.language), panel.language)
    place = row["unit_name"] or panel.name(row["region_code"])
    comma = ", " if panel.language == "en" else "，"
    return comma.join([metric, place, words.period(row["period"], row["year"], panel.language)])


def _short(panel: Panel, source: Source) -> str:
    comma = ", " if panel.language == "en" else "，"
    return f"{source.publisher}{comma}{_date(panel, source)}"


def _date(panel: Panel, source: Source) -> str:
    """When a source was published, in words where that is unknown."""
    return source.published or words.label("word", "undated", panel.language)


def _link(panel: Panel, source: Source, short: bool) -> str:
    """The source as a link where it may be one: publisher and date, or its title."""
    named = _short(panel, source) if short else source.title
    if source.link:
        return f'<a href="{escape(source.link)}">{escape(named)}</a>'
    if source.reliability == "mirror" and not short:
        return escape(named) + words.bracketed(
            words.label("word", "mirror_only", panel.language), panel.language
        )
    return escape(named)
