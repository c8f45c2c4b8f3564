"""Page 5: what did officials do, and with which powers? Acts recorded, powers handed to towns, officers.

It compares no two counts of acts unless `compare` does, adds no planned power to those in force, and takes no
certificate for an examination passed.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.figures import Chart, composition
from analysis.report import acts
from analysis.report.amounts import by_metric
from analysis.report.context import Context
from analysis.report.highlights import highlights, silence
from analysis.report.outputs import Prose
from analysis.report.shared import absent, chart_words
from analysis.report.theme import Theme

TOWNS = "enforcement.town_powers_batch1"
TOWN_PARTS = (
    "enforcement.town_powers_penalty",
    "enforcement.town_powers_coercion",
    "enforcement.town_powers_inspection",
)
SECOND_BATCH = "enforcement.town_powers_batch2"
OFFICERS = (
    "enforcement.exam_sessions",
    "enforcement.exam_candidates",
    "enforcement.special_exam_candidates",
    "enforcement.certificates_issued",
)
LISTS = (
    "enforcement.random_check_lists",
    "enforcement.recording_lists",
    "enforcement.legal_review_lists",
)
ACCOUNTS = "enforcement.platform_accounts"


def _towns(context: Context) -> dict[str, Any] | None:
    """The powers handed to towns by kind against their total; None without a total or with one kind only."""
    rows = by_metric(context, (*TOWN_PARTS, TOWNS, SECOND_BATCH))
    parts = {key: row for key, row in rows.items() if key in TOWN_PARTS}
    if TOWNS not in rows or len(parts) < 2:
        return None
    total, second = int(rows[TOWNS]["value"]), rows.get(SECOND_BATCH)
    summed = int(sum(row["value"] for row in parts.values()))
    largest = max(parts, key=lambda key: parts[key]["value"])
    return {
        "total": total,
        "sum": summed,
        "gap": total - summed,
        "parts": [int(row["value"]) for row in sorted(parts.values(), key=lambda row: -row["value"])],
        "largest": context.label("town_power", largest.rpartition("_")[2]),
        "largest_count": int(parts[largest]["value"]),
        "percent": 100 * parts[largest]["value"] / total,
        "second": None if second is None else int(second["value"]),
        "cite": context.cite(*(int(str(row.name)) for row in rows.values())),
    }


def _officers(context: Context) -> dict[str, Any]:
    """Examinations and certificates of officers, and the lists that bind them; None where not reported."""
    rows = by_metric(context, (*OFFICERS, ACCOUNTS, *LISTS))
    counts = {key.partition(".")[2]: int(row["value"]) for key, row in rows.items()}
    sessions, candidates, certificates, accounts = (
        counts.get(name)
        for name in ("exam_sessions", "exam_candidates", "certificates_issued", "platform_accounts")
    )
    return {
        "sessions": sessions,
        "candidates": candidates,
        "special": counts.get("special_exam_candidates"),
        "certificates": certificates,
        "per_session": candidates / sessions if candidates and sessions else None,
        "per_hundred": 100 * certificates / candidates if candidates and certificates else None,
        "accounts": accounts,
        "lists": [
            {
                "name": context.label("enforcement_list", key.partition(".")[2]),
                "count": int(rows[key]["value"]),
                "per_hundred": 100 * rows[key]["value"] / accounts if accounts else None,
            }
            for key in LISTS
            if key in rows
        ],
        "cite_officers": context.cite(*(int(str(rows[key].name)) for key in OFFICERS if key in rows)),
        "cite_lists": context.cite(*(int(str(rows[key].name)) for key in (ACCOUNTS, *LISTS) if key in rows)),
    }


def _figure(context: Context) -> Chart | Prose:
    """The delegated powers by kind as one bar, the powers to penalise in colour."""
    totals = _towns(context)
    if totals is None:
        return absent(context, "absent_town_powers")
    rows = by_metric(context, TOWN_PARTS)
    frame = pd.DataFrame(
        {
            "label": [context.label("town_power", key.rpartition("_")[2]) for key in rows],
            "value": [float(row["value"]) for row in rows.values()],
            "role": ["focus" if key == TOWN_PARTS[0] else "other" for key in rows],
        }
    )
    drawing = composition(
        frame,
        total=totals["total"],
        gap_label=context.label("word", "not_itemised"),
        words=chart_words(context),
    )
    labels = [int(str(row.name)) for row in by_metric(context, (*TOWN_PARTS, TOWNS)).values()]
    data = context.panel.rows(labels)[["metric_id", "value", "source_id", "locator", "evidence"]]
    values = {key: value for key, value in totals.items() if key != "cite"}
    return context.chart("town_powers", drawing, data, labels, year=context.edition.year, **values)


def _findings(context: Context) -> dict[str, Any]:
    return {
        "acts": acts.made_up(context),
        "scale": acts.scale(context),
        "towns": _towns(context),
        "officers": _officers(context),
        **highlights(context, THEME),
        **silence(context, THEME),
    }


def _head(context: Context) -> dict[str, Any]:
    counted = THEME.facts(context)["metric_id"].isin(acts.ACTS).any()
    return {**THEME.head(context), **silence(context, THEME), "counted": bool(counted)}


THEME = Theme(
    "05_law_enforcement",
    "enforcement",
    ("enforcement", "decisions", "capacity"),
    sections={
        "head": _head,
        "findings": _findings,
        "acts": lambda context: {**_head(context), "acts": acts.made_up(context)},
        "scale": lambda context: {**_head(context), "scale": acts.scale(context)},
        "towns": lambda context: {**_head(context), "towns": _towns(context)},
        "officers": lambda context: {**_head(context), **_officers(context)},
    },
    tables={"scale": acts.table},
    figures={"enforcement_acts": acts.figure, "town_powers": _figure},
    ahead=(acts.elsewhere,),
)
CONTENTS = THEME.contents()
