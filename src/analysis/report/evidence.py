"""Where each cited figure was read: the evidence table and the sources behind it.

A source seen only in a mirrored copy keeps its title, publisher and date, and never becomes a link.
"""

from __future__ import annotations

from html import escape

import pandas as pd

from analysis import words
from analysis.catalog import Source
from analysis.report.context import Context
from analysis.report.outputs import Table


def evidence(context: Context) -> Table:
    """Every fact cited on the page so far, in the order of the numbers; row n has the anchor `en`."""
    frame = context.panel.observations.loc[list(context.cited)]
    names = context.columns("number", "fact", "value", "printed", "source", "locator")
    rows = [
        (
            number,
            _fact(context, row),
            context.figure(row),
            row["evidence"],
            _link(context, context.panel.catalog.sources[str(row["source_id"])], short=True),
            row["locator"] or context.label("word", "section_unknown"),
        )
        for number, (_, row) in enumerate(frame.iterrows(), start=1)
    ]
    return Table(
        "evidence",
        {"en": "Where each figure was read", "zh": "每个数字的出处"}[context.language],
        pd.DataFrame(rows, columns=names),
        numeric=(names[2],),
        unbroken=context.unbroken(names[5]),
        html=(names[4],),
        anchors=tuple(f"e{number}" for number in range(1, len(rows) + 1)),
        empty=context.label("word", "none"),
    )


def sources(context: Context) -> Table:
    """The sources of the cited facts, the most cited first, with title, publisher, date, kind and address."""
    used = context.panel.observations.loc[list(context.cited), "source_id"].value_counts(sort=True)
    names = context.columns("title", "publisher", "published", "reliability", "facts")
    known = context.panel.catalog.sources
    rows = [
        (
            _link(context, known[str(key)], short=False),
            known[str(key)].publisher,
            context.date(known[str(key)]),
            context.label("reliability", known[str(key)].reliability),
            str(count),
        )
        for key, count in used.items()
    ]
    return Table(
        "sources",
        {"en": "The sources behind these figures", "zh": "以上数字的来源"}[context.language],
        pd.DataFrame(rows, columns=names),
        numeric=(names[4],),
        html=(names[0],),
        empty=context.label("word", "none"),
    )


def _fact(context: Context, row: pd.Series) -> str:
    metric = context.metric(str(row["metric_id"])).label(context.language)
    place = str(row["unit_name"]) or context.name(str(row["region_code"]))
    scoped = not row["unit_name"] and row["scope"] != "whole"
    opening, closing = (" (", ")") if context.language == "en" else ("（", "）")
    scope = f"{opening}{context.label('scope', str(row['scope']))}{closing}" if scoped else ""
    return words.comma(context.language).join([f"{metric}{scope}", place, context.period(row)])


def _link(context: Context, source: Source, short: bool) -> str:
    """The source as a link where it may be one: publisher and date, or its title."""
    named = (
        f"{source.publisher}{words.comma(context.language)}{context.date(source)}" if short else source.title
    )
    if source.link:
        return f'<a href="{escape(source.link)}">{escape(named)}</a>'
    if source.reliability == "mirror" and not short:
        opening, closing = (" (", ")") if context.language == "en" else ("（", "）")
        return f"{escape(named)}{opening}{context.label('word', 'mirror_only')}{closing}"
    return escape(named)
