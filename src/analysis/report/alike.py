"""The cities most alike: the nearest by size, wealth and structure, with their distance and their figures.

Only context makes cities alike; what they report enters no distance. Where context is known of too few, or
not of the city itself, nobody is called near and the reason is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis import compare, words
from analysis.compare import CrossSection
from analysis.report.context import Context
from analysis.report.outputs import Table
from analysis.report.records import Record, records
from analysis.report.sections import compared

SHOWN = 5
"""How many of the nearest cities are shown."""
_FIGURES = 2
_CITED = tuple(f"row_{name}" for name in compare.DIMENSIONS)
_COLUMNS = ("region_code", *compare.DIMENSIONS, "distance", *_CITED)


def nearest_of(context: Context) -> pd.DataFrame:
    """The distance table of the city in the edition's year; the columns of `compare.nearest`."""
    city, year = context.edition.city, context.edition.year
    return context.shared("nearest", lambda: compare.nearest(context.panel, city, year, SHOWN))


def values(context: Context) -> dict[str, Any]:
    """What the section says: the nearest, how many have all context, of which year, or why none is near."""
    found = nearest_of(context)
    focus = found.iloc[0]
    near = [context.name(str(code)) for code in found.loc[found["neighbour"], "region_code"]]
    return {
        "city": context.city,
        "near": near,
        "cities": int(focus["n"]),
        "context_year": int(focus["year_gdp_per_head"]),
        "reasons": [context.label("reason", code) for code in _reasons(focus["reasons"])],
    }


def _reasons(codes: Sequence[str]) -> list[str]:
    """What the city lacks; where it lacks nothing, what the whole table lacks."""
    own = [code for code in dict.fromkeys(codes) if code.startswith("lacks_")]
    return own or list(codes)


def table(context: Context) -> Table:
    """The city and its nearest neighbours: context, distance, and their figures on the compared metrics."""
    found = nearest_of(context)
    near = found[found["neighbour"]]
    shown = pd.concat([found.iloc[:1], near]) if len(near) else near
    chosen = compared(context)[:_FIGURES]
    rows = [_row(context, row, chosen) for row in records(shown, *_COLUMNS)]
    names = context.columns("city", "residents", "gdp_per_head", "per_division", "distance", "figures_alike")
    caption = {"en": "The nearest cities and their figures", "zh": "最相近的城市及其数字"}
    empty = {"en": "No distance can be given.", "zh": "无法计算距离。"}
    return Table(
        "alike",
        caption[context.language],
        pd.DataFrame(rows, columns=names),
        numeric=tuple(names[1:5]),
        unbroken=context.unbroken(names[0]),
        empty=empty[context.language],
    )


def _row(context: Context, row: Record, chosen: Sequence[CrossSection]) -> tuple[str, ...]:
    code = row["region_code"]
    context.cite(*(row[name] for name in _CITED))
    told = [text for section in chosen if (text := _figure(context, section, code))]
    return (
        context.name(code),
        words.number(row["population"]),
        words.number(row["gdp_per_head"], 0),
        words.number(row["residents_per_division"], 0),
        f"{row['distance']:.2f}",
        words.semicolon(context.language).join(told) or context.label("word", "none"),
    )


def _figure(context: Context, section: CrossSection, code: str) -> str:
    """A region's comparable figure with the metric's label; empty when it has none."""
    rows = records(section.comparable, "region_code", "shown", "qualifier")
    row = next((row for row in rows if row["region_code"] == code), None)
    if row is None:
        return ""
    metric = context.metric(section.metric_id)
    value = context.label("qualifier", row["qualifier"]).format(value=words.significant(row["shown"]))
    amount = (
        context.label("word", "rate_short").format(rate=value)
        if section.rated
        else value + words.unit_suffix(metric.unit, context.language)
    )
    colon = ": " if context.language == "en" else "："
    return f"{words.metric_in_sentence(metric, context.language)}{colon}{amount}"
