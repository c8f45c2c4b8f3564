"""Who reports what: a matrix of cities and domains, so that silence is seen before amounts are compared."""

from __future__ import annotations

import pandas as pd

from analysis import compare
from analysis.catalog import DOMAINS
from analysis.figures import Chart, coverage_matrix
from analysis.report.context import Context


def figure(context: Context) -> Chart:
    """Cities of the peer group by domain: half or more of the metrics, some, or nothing read."""
    codes = list(dict.fromkeys([context.edition.city, *context.peers]))
    frame = compare.coverage(context.panel, context.edition.year, codes)
    domains = [name for name in DOMAINS[:-1] if name in set(frame["domain"])]
    most = frame.groupby("domain")["metrics"].max()
    counts = frame.set_index(["region_code", "domain"])["metrics"].to_dict()
    told = {code: sum(counts.get((code, name), 0) for name in domains) for code in codes}
    rows = sorted((code for code in codes if told[code]), key=lambda code: -told[code])
    cells = [
        (
            context.name(code),
            context.label("domain", name),
            _state(counts.get((code, name), 0), int(most[name])),
        )
        for code in rows
        for name in domains
    ]
    drawing = coverage_matrix(
        pd.DataFrame(cells, columns=["row", "column", "state"]),
        state_labels={
            "full": context.label("word", "full"),
            "partial": context.label("word", "partial"),
            "none": context.label("word", "not_reported"),
        },
        focus=context.city,
    )
    facts = context.panel.facts(year=context.edition.year)
    told_of = ~facts["metric_id"].str.startswith("context.")
    used = facts[facts["region_code"].isin(rows) & told_of]
    return context.chart(
        "reporting", drawing, frame, used.index, year=context.edition.year, reporting=len(rows),
        peers=len(codes), silent=len(codes) - len(rows),
        peers_label=context.panel.catalog.group_label(context.edition.peers, context.language),
        domains=len(domains), most_city=context.name(rows[0]), most=told[rows[0]],
        mine=told[context.edition.city],
    )  # fmt: skip


def _state(count: int, most: int) -> str:
    if count == 0:
        return "none"
    return "full" if 2 * count >= most else "partial"
