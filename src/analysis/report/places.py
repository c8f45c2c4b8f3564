"""Where a city stands among the cities whose figure may be compared: its place, the range, the evidence.

A place is counted from the highest and is no order of merit. Only rows of grade A or B are looked at, and
every place says of how many cities it is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import pandas as pd

from analysis import words
from analysis.compare import CrossSection
from analysis.figures import Chart, strips
from analysis.report.context import Context
from analysis.report.outputs import Prose
from analysis.report.records import Record, records
from analysis.report.shared import absent, chart_words

LOG_RANGE = 20
"""Values that spread over more than this many times are drawn on a logarithmic scale."""
FEWEST_OTHERS = 3
"""A median of fewer other cities is not spoken of."""
_COLUMNS = ("metric_id", "region_code", "role", "value", "qualifier", "shown", "lower", "upper", "grade")


def place(context: Context, section: CrossSection) -> dict[str, Any]:
    """Where the city stands on one metric, counted from the highest, with the range of the others."""
    rows = records(section.comparable, *_COLUMNS)
    focus = next(row for row in rows if row["role"] == "focus")
    others = [row for row in rows if row["role"] != "focus"]
    metric = context.metric(section.metric_id)
    unit = "" if section.rated else words.unit_suffix(metric.unit, context.language)

    def amount(row: Record) -> str:
        shown = words.significant(row["shown"])
        return context.label("qualifier", row["qualifier"]).format(value=shown) + unit

    top, low, number = rows[0], rows[-1], number_of(section)
    letter = max(row["grade"] for row in rows)
    return {
        "label": words.metric_in_sentence(metric, context.language),
        "big": amount(focus),
        "rated": section.rated,
        "figure": context.figure(focus),
        "interval": words.interval(focus["lower"], focus["upper"], context.language),
        "place": number,
        "from_low": len(rows) - number + 1,
        "cities": len(rows),
        "below_median": focus["shown"] < median(row["shown"] for row in others),
        "top_city": context.name(top["region_code"]),
        "top": amount(top),
        "low_city": context.name(low["region_code"]),
        "low": amount(low),
        "only_other": context.name(others[0]["region_code"]) if len(others) == 1 else "",
        "only_value": amount(others[0]),
        "letter": letter,
        "grade": context.label("grade", letter),
        "cite": context.cite(focus["row"], *(row["row"] for row in others[:3])),
    }


def number_of(section: CrossSection) -> int:
    """The city's place among those that may be compared, 1 = highest; equal figures share the smaller."""
    rows = section.comparable
    shown, roles = rows["shown"].tolist(), rows["role"].tolist()
    mine = shown[roles.index("focus")]
    return len([value for value in shown if value > mine]) + 1


def place_words(context: Context, section: CrossSection) -> str:
    """The place in a table cell: `8 of 9`, counted from the highest."""
    return context.label("word", "place_of").format(place=number_of(section), cities=section.reporting)


def drawn(context: Context, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a section as charts want them: label, value, lower, upper, role."""
    return pd.DataFrame(
        {
            "label": [context.both_names(str(code)) for code in rows["region_code"]],
            "value": rows["shown"].astype(float),
            "lower": rows["lower"].astype(float),
            "upper": rows["upper"].astype(float),
            "role": rows["role"],
        }
    )


def role_labels(context: Context, frame: pd.DataFrame) -> dict[str, str]:
    """Words for the roles that a frame holds, in the order of a key."""
    return {
        role: context.label("role", role)
        for role in ("focus", "peer", "other", "context")
        if role in set(frame["role"])
    }


def strips_figure(context: Context, name: str, sections: Sequence[CrossSection]) -> Chart | Prose:
    """A strip a metric with the city among the others; a sentence where fewer than two may be drawn.

    Its words are those of `figure_strips` and `absent_strips`.
    """
    if len(sections) < 2:
        return absent(context, "absent_strips", year=context.edition.year, metrics=len(sections))
    parts = []
    for section in sections:
        fit = section.rows[section.rows["grade"] != "C"]
        parts.append(drawn(context, fit).assign(panel=_panel(context, section), metric_id=section.metric_id))
    frame = pd.concat(parts, ignore_index=True)
    ranges = frame.groupby("panel")["value"].agg(["min", "max"])
    log = [
        str(panel)
        for panel in ranges.index[(ranges["min"] > 0) & (ranges["max"] > LOG_RANGE * ranges["min"])]
    ]
    drawing = strips(
        frame,
        words=chart_words(context),
        log_panels=log,
        role_labels=role_labels(context, frame),
        number=words.significant,
    )
    found = [place(context, section) for section in sections]
    judged = [item for item, one in zip(found, sections, strict=True) if one.reporting - 1 >= FEWEST_OTHERS]
    return context.chart(
        name, drawing, frame.drop(columns="panel"), [int(str(i)) for s in sections for i in s.rows.index],
        year=context.edition.year, metrics=len(sections), log=len(log),
        judged=[item["label"] for item in judged], fewest=FEWEST_OTHERS,
        below=sum(item["below_median"] for item in judged),
        label=found[0]["label"], place=found[0], words_of="strips",
    )  # fmt: skip


def _panel(context: Context, section: CrossSection) -> str:
    unit = context.label("word", "per_residents") if section.rated else context.label("word", "as_reported")
    return f"{context.metric(section.metric_id).label(context.language)}{words.comma(context.language)}{unit}"
