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
from analysis.catalog import Catalog
from analysis.ingest import context, forms
from analysis.ingest.context import Found
from analysis.ingest.document import Document
from analysis.ingest.figures import PARAGRAPH, narrow
from analysis.ingest.paragraph import Paragraph, Setting
from analysis.ingest.patterns import Patterns

COLUMNS = (*tables.OBSERVATIONS, "kind", "unit", "confidence", "reason", "start", "end", "block")
_MONEY = {("元", "万元"): 10_000, ("元", "亿元"): 100_000_000}
# whose figures a court or a department tells, whoever else is named
_OWN = {"courts": ("own_level", "lower_level", "other"), "department": ("department",)}


def candidates(document: Document, catalog: Catalog, patterns: Patterns) -> pd.DataFrame:
    """The figures of a document, its text normalised, as candidates for `data/` in the order of the text."""
    setting = Setting(document, catalog, patterns)
    times = context.moments(narrow(document.title), document.year)
    usual = next((time for time in times if time.period != "full"), None)
    cells = forms.read(setting)
    rows: list[tuple[object, ...]] = []
    for number, block in enumerate(document.blocks):
        printed = cells[number] if number in cells else Paragraph(block, setting).found()
        told = (found for found in printed if found.kind != "none" or found.metric_id)
        rows += [_row(found, number, setting, usual) for found in told]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(found: Found, number: int, setting: Setting, usual: context.Moment | None) -> tuple[object, ...]:
    """One candidate in the columns of observations, in the unit of its metric, and what a reviewer needs."""
    figure, document, block = found.figure, setting.document, setting.document.blocks[number]
    metric = setting.catalog.metrics.get(found.metric_id)
    pattern = setting.patterns.metrics.get(found.metric_id)
    measure, unit = (metric.measure, metric.unit) if metric else ("", "")
    own_period, own_scope = (pattern.period, pattern.scope) if pattern else ("", "")
    time = found.time or usual
    if time and time.base and time.period == "full" and usual:
        time = replace(time, period=usual.period)
    scope = found.scope if found.scope[0] else (own_scope or document.scope, "")
    if found.scope[0] not in _OWN.get(document.scope, found.scope):
        scope = document.scope, ""
    factor, notes = _MONEY.get((figure.unit, unit), 1), list(found.notes)
    step = figure.step or Decimal(found.kind == "change" and figure.unit == "%" and figure.value % 1 == 0)
    if figure.low is not None:
        low, high = _plain(figure.low), _plain(figure.value * 2 - figure.low)
        notes.append(f"reported as a range {low}-{high}; midpoint")
    if unit == "%" and measure == "rate" and figure.value > 100:
        notes.append("over 100 %: was a decimal point lost?")
    return (
        *(found.region or document.region_code, document.unit_name, time.year if time else document.year),
        *(context.period(time, measure, own_period), found.metric_id),
        *(_plain(figure.value * found.sign / factor), figure.qualifier),
        _plain(step / factor) if step >= factor else "",
        *(*scope, "P" if PARAGRAPH["provisional"].search(found.left) else "A", "", block.locator),
        *(_evidence(found, block.text), "; ".join(notes)),
        *(found.kind, figure.unit, round(found.confidence, 2), found.reason),
        *(figure.start, figure.end, number),
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _evidence(found: Found, text: str) -> str:
    """Label, figure and unit as printed, at most 30 characters."""
    start = found.figure.start
    printed = " ".join(text[start : found.figure.end].split())[:30]
    if found.kind == "none":
        return printed
    has_own = len(found.own.strip("、,:和与及")) > 1
    before = found.own if has_own else narrow(text[max(0, start - 40) : start])
    words = re.split(r"[,。;:()\s]", re.sub(r"\([^()]{0,12}\)", "", before).lstrip("、"))
    label = next(filter(None, reversed(words)), "")
    shown = label[max(0, len(label) + len(printed) - 30) :] + printed
    return (shown + found.right)[:30] if len(label) < 3 else shown
