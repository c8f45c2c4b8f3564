"""Where each cited figure was read: the evidence table and the sources behind it.

A source seen only in a mirrored copy keeps its title, publisher and date, and never becomes a link.
"""

from __future__ import annotations

from collections import Counter
from html import escape

import pandas as pd

from analysis import words
from analysis.catalog import Source
from analysis.report.context import Context
from analysis.report.outputs import Table
from analysis.report.records import Record, records

_COLUMNS = (
    "metric_id", "unit_name", "region_code", "scope", "period", "year", "value", "qualifier", "evidence",
    "source_id", "locator",
)  # fmt: skip


def evidence(context: Context) -> Table:
    """Every fact cited on the page so far, in the order of the numbers; row n has the anchor `en`."""
    known = context.panel.catalog.sources
    names = context.columns("number", "fact", "value", "printed", "source", "locator")
    rows = [
        (
            number,
            _fact(context, row),
            context.figure(row),
            row["evidence"],
            _link(context, known[row["source_id"]], short=True),
            row["locator"] or context.label("word", "section_unknown"),
        )
        for number, row in enumerate(records(_cited(context), *_COLUMNS), start=1)
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
    used = Counter(_cited(context)["source_id"].tolist())
    names = context.columns("title", "publisher", "published", "reliability", "facts")
    known = context.panel.catalog.sources
    rows = [
        (
            _link(context, known[key], short=False),
            known[key].publisher,
            context.date(known[key]),
            context.label("reliability", known[key].reliability),
            str(count),
        )
        for key, count in used.most_common()
    ]
    return Table(
        "sources",
        {"en": "The sources behind these figures", "zh": "以上数字的来源"}[context.language],
        pd.DataFrame(rows, columns=names),
        numeric=(names[4],),
        html=(names[0],),
        empty=context.label("word", "none"),
    )


def _cited(context: Context) -> pd.DataFrame:
    """The observations cited so far, in the order of their numbers."""
    return context.panel.observations.loc[list(context.cited)]


def _fact(context: Context, row: Record) -> str:
    """A fact in words: metric, scope where it is not the whole area, department or region, period."""
    language = context.language
    metric, unit, scope = context.metric(row["metric_id"]).label(language), row["unit_name"], row["scope"]
    if not unit and scope != "whole":
        space = " " if language == "en" else ""
        metric += space + words.bracketed(context.label("scope", scope), language)
    place = unit or context.name(row["region_code"])
    return words.comma(language).join([metric, place, context.period(row)])


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
