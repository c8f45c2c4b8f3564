"""A funnel on a page: the chart of `compare.Funnel`, and its result as values that sentences print.

It draws only where three or more units can be used and the page's own is one of them; else a sentence stands
in its place. Both kinds of limits are always shown, and fewer than ten units are called few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis import compare, stats, words
from analysis.compare import CrossSection, Funnel
from analysis.figures import Chart, funnel
from analysis.report.context import Context
from analysis.report.outputs import Prose
from analysis.report.records import Record, records
from analysis.report.shared import absent, chart_words

FEWEST = 3
"""Fewer units than this are two points beside a line, and no funnel."""
SPREAD = 5
"""Rates that spread over more than this many times are drawn on a logarithmic axis."""
_LIMITS = ("plain_95", "plain_998", "95", "998")
_FAR = "outside 99.8 %"
_TOLD = (
    "region_code", "role", "grade", "row", "parts", "count", "value", "own_lower", "own_upper",
    "observed_rank", "rank_lower", "rank_upper", "signal", "plain_signal",
)  # fmt: skip
CITIES = {"focus": "focus", "peer": "peer", "other": "other"}
PROVINCES = {"focus": "own_province", "peer": "other_province", "other": "other_province"}
"""The words of the roles, by role: keys of [role] in labels.toml."""


def funnel_of(context: Context, section: CrossSection) -> Funnel:
    """The funnel of a section, computed once for all pages of an edition."""
    key = f"funnel {section.metric_id} {section.year} {section.focus}"
    return context.shared(key, lambda: compare.funnel(context.panel, section))


def first_funnel(context: Context, sections: Iterable[CrossSection]) -> Funnel | None:
    """The funnel of the first section that can be drawn with its focus in it; None where none can."""
    for section in sections:
        found = funnel_of(context, section)
        if not found.refusal and len(found.used) >= FEWEST and (found.used["role"] == "focus").any():
            return found
    return None


def funnel_words(context: Context, found: Funnel) -> dict[str, Any]:
    """What sentences say of a funnel: value, place with its range, limits passed, phi, the extremes.

    `apart` is the number of units beyond the plain 99.8 % limits, `signals` of those beyond the 95 % limits
    that allow for spread; `beyond` and `plainly` say whether the focus is one of either.
    """
    used = records(found.used, *_TOLD)
    focus = next(row for row in used if row["role"] == "focus")
    metric = context.metric(found.metric_id)
    rated = found.kind == "rate"
    unit, counted = ("", words.unit_suffix(metric.unit, context.language)) if rated else ("%", "")
    top, low, letter = used[0], used[-1], max(row["grade"] for row in used)
    return {
        "metric_id": found.metric_id,
        "label": words.metric_in_sentence(metric, context.language),
        "place_name": context.name(focus["region_code"]),
        "year": found.year,
        "rated": rated,
        "units": len(used),
        "noun": context.label("units", context.panel.catalog.regions[focus["region_code"]].level),
        "few": found.few,
        "fewer_than": compare.FEW,
        "count": words.number(focus["count"]) + counted,
        "counted": counted,
        "value": words.significant(focus["value"]) + unit,
        "interval": words.interval(focus["own_lower"], focus["own_upper"], context.language) + unit,
        "place": int(focus["observed_rank"]),
        "from_low": len(used) - int(focus["observed_rank"]) + 1,
        "rank_lower": int(focus["rank_lower"]),
        "rank_upper": int(focus["rank_upper"]),
        "reference": words.significant(found.reference) + unit,
        "breaks": [str(year) for year in metric.break_years if found.year < year <= context.edition.year],
        "above": focus["value"] > found.reference,
        "phi": words.significant(found.phi),
        "phi_by_chance": words.significant(stats.phi_by_chance(len(used)), 2),
        **_signals(used, focus),
        "top": words.significant(top["value"]) + unit,
        "top_name": context.name(top["region_code"]),
        "low": words.significant(low["value"]) + unit,
        "low_name": context.name(low["region_code"]),
        "letter": letter,
        "grade": context.label("grade", letter),
        "cite": context.cite(*_stated(focus, top, low)),
    }


def funnel_figure(
    context: Context,
    name: str,
    found: Funnel | None,
    *,
    absent_of: str = "funnel",
    roles: Mapping[str, str] = CITIES,
) -> Chart | Prose:
    """The funnel as a chart with the words of `figure_funnel`, or a sentence where there is none.

    Args:
        context: The page.
        name: The figure's name.
        found: What to draw; None for the sentence.
        absent_of: The sentence in its place is `absent_<absent_of>`.
        roles: `CITIES` or `PROVINCES`.
    """
    if found is None:
        return absent(context, f"absent_{absent_of}", year=context.edition.year, fewest=FEWEST)
    used = found.used
    frame = used.assign(label=[context.both_names(str(code)) for code in used["region_code"]])
    said = funnel_words(context, found)
    unit = context.label("word", "per_residents" if said["rated"] else "per_cent")
    log = bool(used["value"].max() > SPREAD * used["value"].min() > 0) and said["rated"]
    axis = words.comma(context.language).join([unit, *([context.label("limit", "log")] if log else [])])
    drawing = funnel(
        frame,
        found.curves,
        target=found.reference,
        target_label=context.label("limit", "target").format(units=said["units"], value=said["reference"]),
        limit_labels={key: context.label("limit", key) for key in _LIMITS},
        exposure_label=context.label("limit", "residents" if said["rated"] else "base"),
        value_label=f"{context.metric(found.metric_id).label(context.language)}"
        f"{words.comma(context.language)}{axis}",
        words=chart_words(context),
        log_value=log,
        role_labels={role: context.label("role", roles[role]) for role in roles if role in set(used["role"])},
    )
    rows = [row for parts in used["parts"] for row in parts if row >= 0]
    return context.chart(name, drawing, _data(found), rows, words_of="funnel", **said, unit=unit)


def _signals(used: Sequence[Record], focus: Record) -> dict[str, Any]:
    """How many units lie beyond the limits, and whether the focus does."""
    return {
        "apart": sum(row["plain_signal"] == _FAR for row in used),
        "signals": sum(row["signal"] != "" for row in used),
        "plainly": focus["plain_signal"] == _FAR,
        "beyond": focus["signal"] != "",
    }


def _stated(*rows: Record) -> list[int]:
    """The labels of the rows' figures, each once: those printed, else the counts behind them."""
    found = [[row["row"]] if row["row"] >= 0 else list(row["parts"]) for row in rows]
    return list(dict.fromkeys(label for labels in found for label in labels))


def _data(found: Funnel) -> pd.DataFrame:
    """The units with their counts, exposures, values, both limits and ranges of places."""
    group: dict[str, Any] = {
        "metric_id": found.metric_id,
        "year": found.year,
        "reference": found.reference,
        "phi": found.phi,
        "tau_squared": found.tau_squared,
    }
    return found.used.drop(columns=["row", "parts", "refusal"]).assign(**group)
