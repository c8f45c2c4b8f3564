"""Where a city stands among the cities whose figure may be compared: its place, the range, the evidence.

A place is counted from the highest and is no order of merit. Only rows of grade A or B are looked at, and
every place says of how many cities it is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis import words
from analysis.compare import CrossSection
from analysis.figures import Chart, strips
from analysis.report.context import Context
from analysis.report.outputs import Prose
from analysis.report.shared import absent, chart_words

LOG_RANGE = 20
"""Values that spread over more than this many times are drawn on a logarithmic scale."""


def place(context: Context, section: CrossSection) -> dict[str, Any]:
    """Where the city stands on one metric, counted from the highest, with the range of the others."""
    rows = section.comparable
    focus = rows[rows["role"] == "focus"].iloc[0]
    others = rows[rows["role"] != "focus"]
    metric = context.metric(section.metric_id)
    unit = "" if section.rated else words.unit_suffix(metric.unit, context.language)

    def amount(row: pd.Series) -> str:
        shown = words.significant(row["shown"])
        return context.label("qualifier", str(row["qualifier"])).format(value=shown) + unit

    top, low = rows.iloc[0], rows.iloc[-1]
    number = number_of(section)
    return {
        "label": words.metric_in_sentence(metric, context.language),
        "big": amount(focus),
        "rated": section.rated,
        "figure": context.figure(focus),
        "interval": words.interval(focus["lower"], focus["upper"], context.language),
        "place": number,
        "from_low": len(rows) - number + 1,
        "cities": len(rows),
        "below_median": bool(focus["shown"] < others["shown"].median()),
        "top_city": context.name(str(top["region_code"])),
        "top": amount(top),
        "low_city": context.name(str(low["region_code"])),
        "low": amount(low),
        "only_other": context.name(str(others.iloc[0]["region_code"])) if len(others) == 1 else "",
        "only_value": amount(others.iloc[0]),
        "letter": max(rows["grade"]),
        "grade": context.label("grade", max(rows["grade"])),
        "cite": context.cite(int(str(focus.name)), *(int(str(label)) for label in others.index[:3])),
    }


def number_of(section: CrossSection) -> int:
    """The city's place among those that may be compared, 1 = highest; equal figures share the smaller."""
    rows = section.comparable
    focus = rows[rows["role"] == "focus"].iloc[0]
    return int((rows["shown"] > focus["shown"]).sum()) + 1


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
    return context.chart(
        name, drawing, frame.drop(columns="panel"), [int(str(i)) for s in sections for i in s.rows.index],
        year=context.edition.year, metrics=len(sections), log=len(log),
        below=sum(item["below_median"] for item in found),
        label=found[0]["label"], place=found[0], words_of="strips",
    )  # fmt: skip


def _panel(context: Context, section: CrossSection) -> str:
    unit = context.label("word", "per_residents") if section.rated else context.label("word", "as_reported")
    return f"{context.metric(section.metric_id).label(context.language)}{words.comma(context.language)}{unit}"
