"""Page 1: what did the city report? Coverage, the largest figures, how cases ended, and whether it adds up.

It speaks of one report and never of other cities. Where the report lacks what a section needs, the section
says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis import words
from analysis.catalog import DOMAINS
from analysis.figures import Chart, bars, rate_windows
from analysis.report import checks, metric_cards, outcomes
from analysis.report.context import Context
from analysis.report.outputs import Contents, Prose, Table
from analysis.report.records import Record, records
from analysis.report.shared import absent, cards, chart_words

_LARGEST = 12
_FEATURED = (
    "reconsideration.received",
    "reconsideration.closed",
    "reconsideration.correction_rate",
    "enforcement.permits",
    "enforcement.penalties",
    "mediation.cases",
    "legal_aid.cases",
    "services.online_rate",
    "litigation.head_appearances",
)


def _head(context: Context) -> dict[str, Any]:
    facts = context.facts()
    return {
        "city": context.city,
        "year": context.edition.year,
        "figures": len(facts),
        "metrics": facts["metric_id"].nunique(),
        "domains": len(_domains(facts)),
        "all_domains": len(DOMAINS) - 1,
        "sources": facts["source_id"].nunique(),
        "reports": [
            {"title": item.title, "date": item.published}
            for item in (context.panel.catalog.sources[key] for key in facts["source_id"].unique())
            if item.kind == "annual_report"
        ],
    }


def _findings(context: Context) -> dict[str, Any]:
    facts = context.facts()
    return {
        "city": context.city,
        "year": context.edition.year,
        "corrected": outcomes.corrected(context),
        "gap": outcomes.gap(context),
        "largest": _largest_values(context, facts),
        "growth": _growth(context, facts),
        "checks": checks.counts(context),
        "coverage": _head(context),
    }


def _largest_values(context: Context, facts: pd.DataFrame) -> dict[str, Any] | None:
    counts = _counts(context, facts)
    counts = counts[(counts["scope"] == "whole") & (counts["period"] == "full")]
    if len(counts) < 2:
        return None
    first, second = counts.iloc[0], counts.iloc[1]
    return {
        "label": words.metric_in_sentence(context.metric(str(first["metric_id"])), context.language),
        "value": context.figure(first),
        "second": words.metric_in_sentence(context.metric(str(second["metric_id"])), context.language),
        "second_value": context.figure(second),
        "cite": context.cite(*(int(str(label)) for label in counts.index[:2])),
    }


def _growth(context: Context, facts: pd.DataFrame) -> list[dict[str, Any]]:
    """The changes on the year before that the report prints, largest first."""
    kinds = facts["metric_id"].map(lambda key: context.metric(key).measure)
    printed = facts[(kinds == "change") & (facts["unit_name"] == "")]
    printed = printed.reindex(printed["value"].abs().sort_values(ascending=False).index)
    return [
        {
            "label": words.metric_in_sentence(
                context.metric(str(row["metric_id"]).removesuffix("_change")), context.language
            ),
            "value": words.number(abs(float(row["value"]))),
            "rises": row["value"] >= 0,
            "note": _scope_note(context, row),
            "cite": context.cite(int(str(label))),
        }
        for label, row in printed.iterrows()
        if str(row["metric_id"]).removesuffix("_change") in context.panel.catalog.metrics
    ]


def _coverage_table(context: Context) -> Table:
    facts = context.facts()
    rough = (facts["qualifier"] != "=") | facts["resolution"].notna()
    told: dict[str, list[Record]] = {name: [] for name in DOMAINS}
    for fact in records(facts.assign(rough=rough), "metric_id", "scope", "rough"):
        told[context.metric(fact["metric_id"]).domain].append(fact)
    rows = [_coverage_row(context, name, told[name]) for name in DOMAINS[:-1]]
    names = context.columns("domain", "figures", "exact", "rounded", "scope")
    caption = {"en": "Figures reported in each domain", "zh": "各领域报告的数字"}[context.language]
    return Table("coverage", caption, pd.DataFrame(rows, columns=names), numeric=tuple(names[1:4]))


def _coverage_row(context: Context, domain: str, facts: Sequence[Record]) -> tuple[str | int, ...]:
    """How many figures of a domain there are, how many exact and how many rough, and their scopes."""
    rough = sum(fact["rough"] for fact in facts)
    scopes = [context.label("scope", scope) for scope in dict.fromkeys(fact["scope"] for fact in facts)]
    return (
        context.label("domain", domain),
        len(facts) or context.label("word", "not_reported"),
        len(facts) - rough,
        rough,
        words.listed(scopes, context.language) or context.label("word", "none"),
    )


def _coverage_figure(context: Context) -> Chart | Prose:
    facts = context.facts()
    domain = facts["metric_id"].map(lambda key: context.metric(key).domain)
    counts = domain.value_counts().reindex(DOMAINS[:-1], fill_value=0)
    none = context.label("word", "not_reported")
    frame = pd.DataFrame(
        {
            "label": [context.label("domain", name) for name in counts.index],
            "value": counts.to_numpy(dtype=float),
            "note": [words.bracketed(none, context.language) if value == 0 else "" for value in counts],
            "role": ["focus" if value == counts.max() else "peer" for value in counts],
        }
    )
    missing = [words.lowered(context.label("domain", str(name))) for name in counts.index[counts == 0]]
    return context.chart(
        "coverage",
        bars(frame, words=chart_words(context)),
        pd.DataFrame({"domain": counts.index, "label": frame["label"], "figures": counts.to_numpy()}),
        facts.index,
        year=context.edition.year,
        figures=len(facts),
        largest=words.listed(
            [words.lowered(label) for label in frame.loc[frame["role"] == "focus", "label"]], context.language
        ),
        largest_count=int(counts.max()),
        missing=missing,
    )


def _largest_figure(context: Context) -> Chart | Prose:
    counts = _counts(context, context.facts()).head(_LARGEST)
    if len(counts) < 2:
        return absent(context, "absent_largest", counts=len(counts))
    frame = pd.DataFrame(
        {
            "label": [context.metric(key).label(context.language) for key in counts["metric_id"]],
            "value": counts["value"].to_numpy(dtype=float),
            "note": [_scope_note(context, row) for _, row in counts.iterrows()],
            "role": ["focus", *["peer"] * (len(counts) - 1)],
        }
    )
    log = float(counts["value"].max()) > 20 * float(counts["value"].min())
    return context.chart(
        "largest",
        bars(frame, words=chart_words(context), log=log),
        counts[["metric_id", "value", "qualifier", "resolution", "period", "scope", "source_id"]],
        counts.index,
        year=context.edition.year,
        shown=len(counts),
        log=log,
        label=words.metric_in_sentence(context.metric(str(counts.iloc[0]["metric_id"])), context.language),
        value=context.figure(counts.iloc[0]),
        second=words.metric_in_sentence(context.metric(str(counts.iloc[1]["metric_id"])), context.language),
        second_value=context.figure(counts.iloc[1]),
    )


def _scope_note(context: Context, row: pd.Series) -> str:
    """What a reader must know about a figure: how exact it is, and an unusual scope or period."""
    inexact = {">": "more_than", "<": "no_more", "~": "about"}.get(str(row["qualifier"]))
    notes = [context.label("word", inexact)] if inexact else []
    notes += [] if row["scope"] == "whole" else [context.label("scope", str(row["scope"]))]
    notes += [context.period(row)] if str(row["period"]).startswith("ytd") else []
    return words.bracketed(words.comma(context.language).join(notes), context.language) if notes else ""


def _rates_figure(context: Context) -> Chart | Prose:
    windows = checks.rate_windows(context)
    if windows.empty:
        return absent(context, "absent_rates")
    drawing = rate_windows(
        windows.assign(verdict=[context.label("rounding", rule) for rule in windows["rule"]]),
        half_up_label=context.label("word", "half_up"),
        truncated_label=context.label("word", "truncated"),
        exact_label=context.label("word", "exact_quotient"),
        words=chart_words(context),
        number=lambda value: f"{value:.3f}",
        axis_label=context.label("word", "steps_axis"),
    )
    return context.chart("rates", drawing, windows, windows["row"], **checks.counts(context))


def _domains(facts: pd.DataFrame) -> list[str]:
    found = {metric.split(".")[0] for metric in facts["metric_id"]}
    return [name for name in DOMAINS if name in found]


def _counts(context: Context, facts: pd.DataFrame) -> pd.DataFrame:
    """The counts of events of a year, largest first; stocks of lists and money are other quantities."""
    kinds = facts["metric_id"].map(lambda key: context.metric(key).measure)
    money = facts["metric_id"].map(lambda key: context.metric(key).unit in ("万元", "亿元"))
    fit = facts[(kinds == "count") & ~money & (facts["unit_name"] == "")]
    return fit.sort_values("value", ascending=False)


def _cards(context: Context) -> dict[str, Any]:
    reported = set(context.facts()["metric_id"])
    chosen = [metric for metric in _FEATURED if metric in reported] or sorted(reported)[:6]
    return {"cards": cards(context, chosen), "count": len(chosen)}


def _all_evidence(context: Context) -> dict[str, Any]:
    facts = context.facts()
    context.cite(*(int(label) for label in facts.index))
    return {"city": context.city, "figures": len(facts), "year": context.edition.year}


CONTENTS = Contents(
    "01_report_profile",
    reads="city",
    sections={
        "head": _head,
        "findings": _findings,
        "coverage": _head,
        "largest": lambda context: {"city": context.city},
        "outcomes": lambda context: {"city": context.city, "gap": outcomes.gap(context)},
        "audit": checks.counts,
        "cards": _cards,
        "evidence": _all_evidence,
    },
    tables={"coverage": _coverage_table, "audit": checks.table},
    figures={
        "coverage": _coverage_figure,
        "largest": _largest_figure,
        "outcomes": outcomes.figure,
        "rates": _rates_figure,
    },
    ahead=(checks.findings, metric_cards.by_metric),
)
