"""Where a city stands and how sure its place is: the funnel of each metric on which it is compared.

A place among cities swings with chance, so beside it stand its 95 % range and, where there are enough cities,
the chance of the top quarter. Refused: metrics that are no counts; they keep their bare place.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis import words
from analysis.compare import CrossSection, Funnel
from analysis.report.context import Context
from analysis.report.funnels import funnel_of
from analysis.report.places import place_words
from analysis.report.records import records

_COLUMNS = ("role", "rank", "rank_lower", "rank_upper", "p_top_quarter", "signal", "value")


@dataclass(frozen=True)
class Standing:
    """The city's row in the funnel of one metric.

    Attributes:
        cities: How many cities the funnel holds: those with exact counts.
        rank: The median place of the simulation, 1 = highest.
        lower, upper: The 95 % range of the place.
        top_quarter: The share of simulated rankings that put it in the top quarter; None for fewer than four.
        signal: "", "outside 95 %" or "outside 99.8 %", by the limits that allow for chance and spread.
        above: Whether its value is above the common one.
        few: Whether there are fewer than ten cities, so that a limit says little.
    """

    cities: int
    rank: int
    lower: int
    upper: int
    top_quarter: float | None
    signal: str
    above: bool
    few: bool


def standing(context: Context, section: CrossSection) -> Standing | None:
    """The city's place with its uncertainty; None where the metric or the city's figure allows none."""
    key = f"standing {section.metric_id} {section.year} {section.focus}"
    return context.shared(key, lambda: _standing(funnel_of(context, section)))


def _standing(found: Funnel) -> Standing | None:
    row = next((row for row in records(found.used, *_COLUMNS) if row["role"] == "focus"), None)
    if row is None:
        return None
    chance = row["p_top_quarter"]
    return Standing(
        cities=len(found.used),
        rank=int(row["rank"]),
        lower=int(row["rank_lower"]),
        upper=int(row["rank_upper"]),
        top_quarter=None if pd.isna(chance) else float(chance),
        signal=row["signal"],
        above=row["value"] > found.reference,
        few=found.few,
    )


def placed_words(context: Context, section: CrossSection) -> str:
    """The place, its 95 % range and the chance of the highest quarter in a table cell."""
    place, beside = place_words(context, section), standing_words(context, standing(context, section))
    return place + words.semicolon(context.language) + beside


def standing_words(context: Context, found: Standing | None) -> str:
    """The range of a place and the chance of the highest quarter in words; why there is none, else.

    Among fewer than four cities a range says no more than the place itself.
    """
    if found is None:
        return context.label("word", "no_range")
    if found.top_quarter is None:
        return context.label("word", "few_for_range")
    joiner = "–" if context.language == "en" else "—"
    spread = str(found.lower) if found.lower == found.upper else f"{found.lower}{joiner}{found.upper}"
    text = context.label("word", "range_of_place").format(range=spread, cities=found.cities)
    chance = context.label("word", "top_quarter").format(chance=_chance(context, found.top_quarter))
    return text + words.comma(context.language) + chance


def _chance(context: Context, share: float) -> str:
    """A simulated share in per cent; ten thousand draws are not quoted closer to the ends than 1 %."""
    percent = 100 * share
    if percent < 1 or percent > 99:
        return context.label("word", "under_one" if percent < 1 else "over_ninety_nine")
    return f"{words.number(percent, 0)}%"
