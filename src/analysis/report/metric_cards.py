"""Metric cards: what a metric means, how it is rated and read, and what it may be compared with.

A card says what data/metrics.csv and the rules of `compare` and `stats` say, and the grade that the edition's
own figures have. Pages fold the cards of the metrics they use; the page `metrics` spells all of them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import pandas as pd

from analysis import compare, words
from analysis.catalog import Metric
from analysis.compare.cities import RATED_UNITS
from analysis.report import records
from analysis.report.context import Context

PAGE = "metrics"
"""The page that has every card, and its file's name without ending."""


def figures(context: Context) -> pd.DataFrame:
    """The picked figures of the edition's city and year, context and departments included, with `grade`.

    `grade` and `reasons` are those of `compare.grade`, each figure judged in its own scope: what keeps a
    figure from being compared whichever city it would stand beside.
    """
    return context.shared("graded figures", lambda: _figures(context))


def rows(context: Context, metric: Metric) -> list[tuple[str, str]]:
    """The lines of a card in order: the key of a heading in [card] of narrative/labels.toml, and the text."""
    language = context.language
    years = metric.breaks.replace(";", ", " if language == "en" else "、")
    return [
        ("definition", metric.definition(language) or context.label("card", "no_definition")),
        ("unit", context.label("measure", metric.measure).format(unit=_unit(metric, context))),
        ("numerator", _part(context, metric, metric.numerators, "numerator")),
        ("denominator", _part(context, metric, metric.denominators, "denominator")),
        ("polarity", context.label("polarity", metric.polarity)),
        ("period", context.label("period_rule", metric.period_rule)),
        ("comparable", context.label("comparable", metric.comparable)),
        ("comparator", _comparator(context, metric)),
        ("interval", context.label("interval_rule", _kind(metric))),
        ("breaks", years or context.label("card", "no_breaks")),
        ("caveat", metric.caveat(language) or context.label("word", "none")),
        ("grade", grade_words(context, metric)),
    ]


def folded(context: Context, metric: Metric) -> str:
    """One card in a fold that opens on demand, with a link to the same card on the page of all metrics."""
    lines = [(key, escape(text)) for key, text in rows(context, metric)]
    link = f'<a href="{PAGE}.html#{metric.metric_id}">{escape(context.label("card", "use_link"))}</a>'
    return fold(context, metric, [*lines, ("use", link)])


def fold(context: Context, metric: Metric, lines: Iterable[tuple[str, str]], anchor: str = "") -> str:
    """A card whose lines (HTML already) open on demand under the metric's name; perhaps with an id."""
    own = f' id="{anchor}"' if anchor else ""
    summary = f"<summary>{_heading(context, metric)}</summary>"
    return f"<details{own}>{summary}{_definition_list(context, lines)}</details>"


def best_grade(context: Context, metric_id: str) -> str:
    """The best grade among the edition's own figures of a metric; empty where it has none."""
    return min((str(row["grade"]) for row in own(context, metric_id)), default="")


def grade_words(context: Context, metric: Metric) -> str:
    """The grade of the edition's figures in words, with the reasons for a C, or why there is none."""
    mine = own(context, metric.metric_id)
    if not mine:
        some = metric.metric_id in by_metric(context)
        text = context.label("card", "departments_only" if some else "not_here")
        return text.format(city=context.city, year=context.edition.year)
    best = min(mine, key=lambda row: str(row["grade"]))
    reasons = [context.label("reason", code) for code in best["reasons"]]
    grade = context.label("grade", str(best["grade"]))
    if not reasons:
        return grade
    space = " " if context.language == "en" else ""
    return f"{grade}{space}{words.bracketed(words.listed(reasons, context.language), context.language)}"


def _definition_list(context: Context, lines: Iterable[tuple[str, str]]) -> str:
    """The lines of a card as an HTML list; the texts are HTML already."""
    items = (f"<dt>{escape(context.label('card', key))}</dt><dd>{text}</dd>" for key, text in lines)
    return f"<dl>{''.join(items)}</dl>"


def _heading(context: Context, metric: Metric) -> str:
    """The metric's name in the page's language, then in the other, as HTML."""
    other, mark = (metric.label_en, "en") if context.language == "zh" else (metric.label_zh, "zh")
    return f'{escape(metric.label(context.language))} <span lang="{mark}">{escape(other)}</span>'


def own(context: Context, metric_id: str) -> list[pd.Series]:
    """The edition's figures of a metric but those of single departments, as rows of `figures`."""
    return [row for row in by_metric(context).get(metric_id, ()) if not row["unit_name"]]


def by_metric(context: Context) -> dict[str, list[pd.Series]]:
    """The rows of `figures` by metric, single departments included; not to be changed."""
    return context.shared("graded rows", lambda: records.by_metric(figures(context)))


def graded(context: Context) -> pd.DataFrame:
    """The rows of `figures`, graded without a look at whether the population is known."""
    return context.shared("bare grades", lambda: _graded(context))


def _graded(context: Context) -> pd.DataFrame:
    facts = context.panel.facts(context.edition.city, context.edition.year)
    bases, catalog = compare.bases(facts), context.panel.catalog
    parts = context.panel.pick(facts).groupby("scope", sort=False)
    return pd.concat([compare.grade(part, catalog, str(scope), bases) for scope, part in parts]).sort_index()


def _figures(context: Context) -> pd.DataFrame:
    frame = graded(context)
    if context.edition.city in compare.residents(context.panel, context.edition.year).index:
        return frame
    catalog = context.panel.catalog
    rated = [_kind(catalog.metrics[key]) == "rated" for key in frame["metric_id"].tolist()]
    reasons = [
        (*found, "no_residents") if bare else found
        for found, bare in zip(frame["reasons"], rated, strict=True)
    ]
    return frame.assign(
        grade=frame["grade"].mask(pd.Series(rated, index=frame.index), "C"),
        reasons=pd.Series(reasons, index=frame.index, dtype=object),
    )


def _kind(metric: Metric) -> str:
    """How a metric's figures get an interval, if at all: rated, count, share, bare_share or printed."""
    if metric.measure == "count":
        return "rated" if metric.unit in RATED_UNITS else "count"
    if metric.measure == "rate":
        return "share" if metric.numerators and metric.denominators else "bare_share"
    return "printed"


def _part(context: Context, metric: Metric, parts: tuple[str, ...], side: str) -> str:
    if parts:
        plus = " + " if context.language == "en" else "＋"
        return plus.join(context.metric(part).label(context.language) for part in parts)
    kind = {"rated": "rated", "bare_share": "share", "share": "share"}.get(_kind(metric), "plain")
    return context.label("card", f"{kind}_{side}")


def _comparator(context: Context, metric: Metric) -> str:
    if metric.comparable == "no":
        return context.label("card", "no_comparator")
    peers = context.panel.catalog.group_label(context.edition.peers, context.language)
    return context.label("card", "comparators").format(peers=peers)


def _unit(metric: Metric, context: Context) -> str:
    if context.language == "zh" or metric.unit == "%":
        return metric.unit
    return context.label("unit_name", metric.unit)
