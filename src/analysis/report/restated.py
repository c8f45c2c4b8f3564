"""Figures stated more than once: a fact in several sources, and a year that a later report's change implies.

It shows both figures and says whether they go together. It calls neither wrong: scope, period or a revision
may lie between two reports, and a later figure is not truer, only later.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import audit, compare, words
from analysis.report.context import Context
from analysis.report.outputs import Table


def backcasts_of(context: Context) -> pd.DataFrame:
    """The printed changes whose year before was reported, too; the columns of `compare.backcasts`."""
    found = context.shared("reconciled", lambda: compare.backcasts(context.panel, context.edition.city))
    told = (found["outcome"] != "unreported") & (found["unit_name"] == "")
    return found[told & ~found["metric_id"].str.startswith("context.")]


def vintages_of(context: Context) -> pd.DataFrame:
    """The facts that several sources give, context included; the columns of `compare.vintages`."""
    return context.shared("vintages", lambda: compare.vintages(context.panel, context.edition.city))


def values(context: Context) -> dict[str, Any]:
    """How many facts stand in several sources, how many alike, and how many changes meet a figure."""
    told, back = vintages_of(context), backcasts_of(context)
    alike = int((told["verdict"] == "pass").sum())
    return {
        "city": context.city,
        "several": len(told),
        "alike": alike,
        "differ": len(told) - alike,
        "met": len(back),
        "inside": int((back["outcome"] == "inside").sum()),
    }


def table(context: Context) -> Table:
    """The sources that differ on one fact and the changes that meet a reported year, with what follows."""
    told = vintages_of(context)
    rows = [_back_row(context, row) for _, row in backcasts_of(context).iterrows()]
    rows += [_vintage_row(context, row) for _, row in told[told["verdict"] != "pass"].iterrows()]
    names = context.columns("metric", "period", "stated", "verdict")
    caption = {"en": "Figures that are stated more than once", "zh": "不止一处给出的数字"}
    empty = {
        "en": "No printed change meets a reported year before, and no two sources differ on a fact.",
        "zh": "没有可与上年公布数对照的同比变化，也没有不同来源之间的差异。",
    }
    return Table(
        "restated",
        caption[context.language],
        pd.DataFrame(rows, columns=names),
        unbroken=context.unbroken(names[1]),
        empty=empty[context.language],
    )


def _back_row(context: Context, row: pd.Series) -> tuple[str, ...]:
    """A change and the figure of the year before: what the one implies under either rounding, the other."""
    metric = context.metric(str(row["metric_id"]))
    facts = context.panel.facts(context.edition.city, metrics=[metric.metric_id], whole_area=True)
    ends = facts["year"].isin([row["year"], row["year_before"]]) & (facts["scope"] == row["scope"])
    context.cite(*(int(str(label)) for label in facts.index[ends & (facts["period"] == row["period"])]))
    low = row[["half_up_low", "truncation_low"]].min()
    high = row[["half_up_high", "truncation_high"]].max()
    bounded = pd.notna(low) and pd.notna(high)
    said = context.label("word", "change_implies" if bounded else "change_beside").format(
        year=int(row["year"]),
        year_before=int(row["year_before"]),
        current=words.number(row["current"]),
        change=f"{'+' if row['change'] > 0 else ''}{words.number(row['change'])}%",
        implied=words.interval(low, high, context.language, digits=7) if bounded else "",
        reported=words.number(row["reported"]),
    )
    return (_name(context, row), f"{int(row['year_before'])}", said, _verdict(context, row))


def _vintage_row(context: Context, row: pd.Series) -> tuple[str, ...]:
    """A fact with what each source gives, in order of publication, and which one is used and why."""
    context.cite(*row["rows"])
    known = context.panel.catalog.sources
    given = [
        f"{words.number(float(value))} "
        + words.bracketed(f"{known[key].publisher}{words.comma(context.language)}{context.date(known[key])}",
                          context.language)
        for key, value in zip(row["sources"], row["values"], strict=True)
    ]  # fmt: skip
    used = context.label("word", "in_use").format(
        value=words.number(float(row["values"][row["rows"].index(row["picked_row"])])),
        why=context.label("why", str(row["why"])),
    )
    stated = words.semicolon(context.language).join([*given, used])
    return (_name(context, row), context.period(row), stated, _verdict(context, row))


def _name(context: Context, row: pd.Series) -> str:
    label = context.metric(str(row["metric_id"])).label(context.language)
    if row["scope"] == "whole":
        return label
    scope = words.bracketed(context.label("scope", str(row["scope"])), context.language)
    return f"{label} {scope}" if context.language == "en" else label + scope


def _verdict(context: Context, row: pd.Series) -> str:
    return str(getattr(audit.REASONS[str(row["reason"])], context.language))
