"""From a document to candidates: every figure with the metric, period, scope and qualifier the text gives it.

A figure without a metric stays in the list with an empty `metric_id` and the reason. Nothing is added up and
nothing filled in: two figures in one clause are two candidates, and only the text may name their sum.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from analysis import tables
from analysis.catalog import Catalog, Metric
from analysis.ingest import context, forms
from analysis.ingest.context import Found
from analysis.ingest.document import Document
from analysis.ingest.figures import PARAGRAPH, narrow
from analysis.ingest.mapping import Setting
from analysis.ingest.paragraph import Paragraph
from analysis.ingest.patterns import Patterns

COLUMNS = (*tables.OBSERVATIONS, "kind", "unit", "confidence", "reason", "start", "end", "block")
_PAREN = re.compile(r"\([^()]{0,12}\)")
_MONEY = {("元", "万元"): 10_000, ("元", "亿元"): 100_000_000}


def candidates(document: Document, catalog: Catalog, patterns: Patterns) -> pd.DataFrame:
    """The figures of a document, its text normalised, as candidates for `data/` in the order of the text."""
    setting = Setting(document, catalog, patterns)
    times = context.moments(narrow(document.title), document.year)
    usual = next((time for time in times if time.period != "full"), None)
    cells, tables_at = forms.read(setting)
    rows: list[dict[str, object]] = []
    for number, block in enumerate(document.blocks):
        printed = cells.get(number, []) if number in tables_at else Paragraph(block, setting).found()
        told = (found for found in printed if found.kind != "none" or found.metric_id)
        rows += [_row(found, number, setting, usual) for found in told]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(found: Found, number: int, setting: Setting, usual: context.Moment | None) -> dict[str, object]:
    """One candidate in the columns of observations, and what a reviewer needs."""
    figure, document = found.figure, setting.document
    block, metric = document.blocks[number], setting.catalog.metrics.get(found.metric_id)
    pattern = setting.patterns.metrics.get(found.metric_id)
    time = found.time or usual
    if time and time.base and time.period == "full" and usual:
        time = replace(time, period=usual.period)
    code, reported = _scope(found, document, pattern.scope if pattern else "")
    period = context.period(time, metric.measure if metric else "", pattern.period if pattern else "")
    place = (found.region or document.region_code, document.unit_name, time.year if time else document.year)
    value = (period, found.metric_id, *_value(found, metric), code, reported)
    status = "P" if PARAGRAPH["provisional"].search(found.left) else "A"
    source = (status, "", block.locator, _evidence(found, block.text), "; ".join(_notes(found, metric)))
    review = (found.kind, figure.unit, round(found.confidence, 2), found.reason)
    where = (figure.start, figure.end, number)
    return dict(zip(COLUMNS, (*place, *value, *source, *review, *where), strict=True))


def _value(found: Found, metric: Metric | None) -> tuple[str, str, str]:
    """Value, qualifier and resolution, in the unit of the metric."""
    figure, step = found.figure, found.figure.step
    factor = _MONEY.get((figure.unit, metric.unit), 1) if metric else 1
    if step is None and found.kind == "change" and figure.unit == "%" and figure.value % 1 == 0:
        step = Decimal(1)
    resolution = _plain(step / factor) if step and step >= factor else ""
    return _plain(figure.value * found.sign / factor), figure.qualifier, resolution


def _notes(found: Found, metric: Metric | None) -> list[str]:
    """What a reviewer should know of a figure."""
    figure, notes = found.figure, list(found.notes)
    if figure.low is not None:
        high = _plain(figure.value * 2 - figure.low)
        notes.append(f"reported as a range {_plain(figure.low)}-{high}; midpoint")
    if metric and metric.unit == "%" and metric.measure == "rate" and figure.value > 100:
        notes.append("over 100 %: was a decimal point lost?")
    return notes


def _scope(found: Found, document: Document, usual: str) -> tuple[str, str]:
    """Whose figure it is: by the sentence, else as usual for the metric, else the document's."""
    code, reported = found.scope
    if document.scope == "courts" and code not in ("own_level", "lower_level", "other"):
        return "courts", ""
    if document.scope == "department" and code != "department":
        return "department", ""
    return (code, reported) if code else (usual or document.scope, "")


def _plain(value: Decimal) -> str:
    """Digits without an exponent and without zeros that were not printed."""
    shown = format(value, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _evidence(found: Found, text: str) -> str:
    """Label, figure and unit as printed, at most 30 characters."""
    printed = " ".join(text[found.figure.start : found.figure.end].split())[:30]
    if found.kind == "none":
        return printed
    before = narrow(text[max(0, found.figure.start - 40) : found.figure.start])
    before = found.own if len(found.own.strip("、,:和与及")) > 1 else before
    before = _PAREN.sub("", before).lstrip("、")
    label = next((part for part in reversed(re.split("[,。;:()\\s]", before)) if part), "")
    room = 30 - len(printed)
    shown = (label[-room:] if room else "") + printed
    return (shown + found.right)[:30] if len(label) < 3 else shown
