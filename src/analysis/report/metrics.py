"""The page of metrics: every card of the catalogue, by domain, with the edition's figures and who reports.

It explains and compares nothing. All metrics stand here, not only those of the edition, because a reader
may come from any page, and a metric that the city does not report is an answer too.
"""

from __future__ import annotations

from collections.abc import Hashable
from html import escape
from typing import Any

import pandas as pd

from analysis import narrative, words
from analysis.catalog import DOMAINS, Metric
from analysis.report import metric_cards
from analysis.report.context import Context
from analysis.report.outputs import Contents, Table

_LEVELS = ("prefecture", "county", "province", "nation")


def usage(context: Context) -> pd.DataFrame:
    """Who reports each metric, departments left out; one row a metric that the panel holds, by its id.

    Returns the columns facts (figures of all years), prefecture, county, province, nation (how many
    regions), first, last (years) and years (how many different ones).
    """
    return context.shared("usage", lambda: _usage(context))


def _usage(context: Context) -> pd.DataFrame:
    facts = context.panel.facts(whole_area=True)
    levels = {code: item.level for code, item in context.panel.catalog.regions.items()}
    grouped = facts.groupby("metric_id")
    years = grouped["year"].agg(first="min", last="max", years="nunique")
    regions = facts.assign(level=facts["region_code"].map(levels)).groupby(["metric_id", "level"])
    counts = regions["region_code"].nunique().unstack(fill_value=0).reindex(columns=_LEVELS, fill_value=0)
    joined: pd.DataFrame = years.join(counts).assign(facts=grouped.size())
    return joined


def _metrics(context: Context, domain: str = "") -> list[Metric]:
    """The metrics of a domain, or all, in the order of the domains and then of the catalogue."""
    known = context.panel.catalog.metrics.values()
    return [item for name in DOMAINS for item in known if item.domain == name and domain in ("", name)]


def _head(context: Context) -> dict[str, Any]:
    metrics = _metrics(context)
    grades = [metric_cards.best_grade(context, item.metric_id) for item in metrics]
    used = usage(context)
    return {
        "city": context.city,
        "year": context.edition.year,
        "metrics": len(metrics),
        "domains": len({item.domain for item in metrics}),
        "here": sum(bool(grade) for grade in grades),
        "fit": sum(grade in ("A", "B") for grade in grades),
        "used": int(used.index.isin([item.metric_id for item in metrics]).sum()),
    }


def _index(context: Context) -> dict[str, Any]:
    return {
        **_head(context),
        "groups": [
            {
                "label": context.label("domain", name),
                "metrics": [
                    {
                        "id": item.metric_id,
                        "label": item.label(context.language),
                        "grade": metric_cards.best_grade(context, item.metric_id),
                    }
                    for item in _metrics(context, name)
                ],
            }
            for name in DOMAINS
        ],
    }


def _cards(context: Context) -> dict[str, Any]:
    groups = [
        {
            "label": context.label("domain", name),
            "cards": [_card(context, item) for item in _metrics(context, name)],
        }
        for name in DOMAINS
    ]
    return {"groups": groups}


def _card(context: Context, metric: Metric) -> str:
    """A card with the edition's figures before its grade, and who else reports the metric at its end."""
    *lines, grade = [(key, escape(text)) for key, text in metric_cards.rows(context, metric)]
    here = _here(context, metric)
    figures = [("here", here)] if here else []
    use = ("use", escape(_use(context, metric)))
    return metric_cards.fold(context, metric, [*lines, *figures, grade, use], anchor=metric.metric_id)


def _here(context: Context, metric: Metric) -> str:
    """The edition's figures of a metric with their scopes and evidence, those of departments left out."""
    mine = metric_cards.own(context, metric.metric_id)
    return words.listed([_figure(context, row) for row in mine], context.language)


def _figure(context: Context, row: pd.Series) -> str:
    scope = context.label("scope", str(row["scope"]))
    told = words.bracketed(words.comma(context.language).join([scope, context.period(row)]), context.language)
    space = " " if context.language == "en" else ""
    return f"{escape(context.figure(row))}{space}{escape(told)}{context.cite(int(str(row.name)))}"


def _used(context: Context) -> dict[Hashable, Any]:
    """`usage` by metric."""
    return context.shared("usage by metric", lambda: usage(context).to_dict("index"))


def _use(context: Context, metric: Metric) -> str:
    """In how many regions and years the panel has a metric."""
    values = {str(key): count for key, count in _used(context).get(metric.metric_id, {}).items()}
    return narrative.render(context.language, metric_cards.PAGE, "use", **{"facts": 0, **values})


def _domains_table(context: Context) -> Table:
    rows = []
    for name in DOMAINS:
        metrics = _metrics(context, name)
        graded = [metric_cards.best_grade(context, item.metric_id) for item in metrics]
        kinds = [item.comparable for item in metrics]
        counts = [kinds.count(kind) for kind in ("yes", "with_care", "no")]
        counts += [sum(bool(grade) for grade in graded), sum(grade in ("A", "B") for grade in graded)]
        rows.append((context.label("domain", name), len(metrics), *counts))
    names = context.columns(
        "domain", "metrics", "comparable", "with_care", "not_comparable", "reported_here", "grade_a_or_b"
    )
    caption = {"en": "How far the metrics of each domain may be compared", "zh": "各领域指标的可比程度"}
    return Table(
        "domains", caption[context.language], pd.DataFrame(rows, columns=names), numeric=tuple(names[1:])
    )


CONTENTS = Contents(
    metric_cards.PAGE,
    reads="panel",
    sections={
        "head": _head,
        "index": _index,
        "cards": _cards,
        "evidence": lambda context: {"city": context.city, "figures": len(context.cited)},
    },
    tables={"domains": _domains_table},
    figures={},
    ahead=(_used, metric_cards.by_metric),
)
