"""The city beside its own province and the nation: the same metric, the same year, another level.

A province contains its cities, so it is no peer and takes no place; its rate is what the city's is measured
against. A ratio is given only where both figures are of grade A or B; elsewhere the reason stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis import compare, stats, words
from analysis.compare import PER_RESIDENTS, CrossSection
from analysis.errors import InputError
from analysis.report.context import Context
from analysis.report.outputs import Table

NATION = "000000"
DOMAINS = ("reconsideration", "litigation", "mediation", "legal_aid")
"""The domains whose figures are set beside those of other levels."""
CORRECTION_RATE = "reconsideration.correction_rate"
"""Looked up for the nation's figure whether or not the city reports it."""


@dataclass(frozen=True)
class Pair:
    """The city's figure of a metric beside that of its province or the nation.

    Attributes:
        metric_id: The metric.
        region_code: The province or the nation.
        mine, theirs: Rows of the cross-section.
        rated: Whether the metric is rated by residents.
        reasons: Codes of labels.toml; why the figures are not compared, empty where they are.
        ratio, lower, upper: The city's rate as a multiple of theirs, with the exact Poisson interval of the
            city's count; NaN where no ratio is given.
    """

    metric_id: str
    region_code: str
    mine: pd.Series
    theirs: pd.Series
    rated: bool
    reasons: tuple[str, ...]
    ratio: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")


def own_province(context: Context) -> str | None:
    """The code of the province that the city lies in; None for the nation."""
    try:
        return compare.province_of(context.panel, context.edition.city)
    except InputError:
        return None


def section_of(context: Context, metric_id: str) -> CrossSection:
    """The cross-section of a metric in the edition's year; those of `own_sections` are computed together."""
    own = own_sections(context)
    if metric_id in own:
        return own[metric_id]
    return context.shared(f"section {metric_id}", lambda: _sections(context, [metric_id])[metric_id])


def own_sections(context: Context) -> dict[str, CrossSection]:
    """The cross-sections of the metrics of `DOMAINS` that the city reports, and of the correction rate."""

    def make() -> dict[str, CrossSection]:
        reported = dict.fromkeys(map(str, context.facts()["metric_id"]))
        own = [key for key in reported if context.metric(key).domain in DOMAINS]
        return _sections(context, dict.fromkeys([*own, CORRECTION_RATE]))

    return context.shared("own sections", make)


def _sections(context: Context, metric_ids: Iterable[str]) -> dict[str, CrossSection]:
    city, year = context.edition.city, context.edition.year
    found = compare.cross_sections(context.panel, tuple(metric_ids), year, city, context.peers)
    return {section.metric_id: section for section in found}


def beside(context: Context, metric_ids: Sequence[str]) -> list[Pair]:
    """The city's figures of `DOMAINS` beside those of its province and the nation, where these give any."""
    every = every_pair(context)
    return [pair for metric_id in dict.fromkeys(metric_ids) for pair in every.get(metric_id, ())]


def every_pair(context: Context) -> dict[str, list[Pair]]:
    """The pairs of each metric, the province's before the nation's; all ratios are computed at once."""
    return context.shared("beside", lambda: _every_pair(context))


def _every_pair(context: Context) -> dict[str, list[Pair]]:
    levels = {own_province(context), NATION} - {None, context.edition.city}
    bare = [pair for section in own_sections(context).values() for pair in _bare_pairs(section, levels)]
    expected = [
        float(pair.theirs["shown"]) * float(pair.mine["residents"]) / PER_RESIDENTS
        if pair.rated and not pair.reasons
        else float("nan")
        for pair in bare
    ]
    counts = pd.DataFrame({"count": [float(pair.mine["value"]) for pair in bare], "expected": expected})
    found = stats.poisson_interval(counts, exposure="expected", multiplier=1)
    pairs: dict[str, list[Pair]] = {}
    for pair, ratio, lower, upper in zip(bare, found["value"], found["lower"], found["upper"], strict=True):
        done = replace(pair, ratio=float(ratio), lower=float(lower), upper=float(upper))
        pairs.setdefault(pair.metric_id, []).append(done)
    return pairs


def _bare_pairs(section: CrossSection, levels: Collection[str | None]) -> list[Pair]:
    """The city's figure with that of each level, without ratio."""
    rows = section.rows
    roles, codes = rows["role"].tolist(), rows["region_code"].tolist()
    if "focus" not in roles:
        return []
    mine = rows.iloc[roles.index("focus")]
    others = sorted((code for code in codes if code in levels), reverse=True)
    pairs = []
    for code in others:
        theirs = rows.iloc[codes.index(code)]
        reasons = tuple(dict.fromkeys([*mine["reasons"], *theirs["reasons"]]))
        exact = all(row["qualifier"] == "=" and pd.isna(row["resolution"]) for row in (mine, theirs))
        reasons = reasons if exact or reasons else ("rough",)
        pairs.append(Pair(section.metric_id, str(code), mine, theirs, section.rated, reasons))
    return pairs


def table(context: Context, metric_ids: Sequence[str]) -> Table:
    """The city, its province and the nation, a line a metric and level."""
    rows = [_row(context, pair) for pair in beside(context, metric_ids)]
    names = context.columns(
        "metric", "city_figure", "level", "level_figure", "ratio_or_points", "comparability"
    )
    caption = {
        "en": f"{context.city} beside its province and the nation",
        "zh": f"{context.city}与所在省及全国对照",
    }[context.language]
    empty = {
        "en": "Neither the province nor the nation gives a figure of the year for any of these metrics.",
        "zh": "所在省和全国当年均没有可对照的同名数字。",
    }[context.language]
    return Table(
        "levels",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=(names[1], names[3]),
        unbroken=context.unbroken(names[2], names[4]),
        empty=empty,
    )


def _row(context: Context, pair: Pair) -> tuple[str, ...]:
    mine, theirs = pair.mine, pair.theirs
    context.cite(int(str(mine.name)), int(str(theirs.name)))
    letter = max(str(mine["grade"]), str(theirs["grade"]))
    reasons = [context.label("reason", code) for code in pair.reasons]
    return (
        context.metric(pair.metric_id).label(context.language),
        _figure(context, mine, pair.rated),
        context.name(pair.region_code),
        _figure(context, theirs, pair.rated),
        _difference(context, pair) if pd.isna(pair.ratio) else _ratio(context, pair),
        words.comma(context.language).join([context.label("grade", letter), *reasons]),
    )


def _ratio(context: Context, pair: Pair) -> str:
    """The ratio with its interval: `1.23 (0.93–1.65)`."""
    interval = words.interval(pair.lower, pair.upper, context.language)
    bracket = words.bracketed(interval, context.language) if interval else ""
    space = " " if bracket and context.language == "en" else ""
    return f"{words.significant(pair.ratio)}{space}{bracket}"


def _difference(context: Context, pair: Pair) -> str:
    """Percentage points between two comparable percentages; that nothing is compared elsewhere."""
    metric = context.metric(pair.metric_id)
    if pair.reasons or pair.rated or metric.measure != "rate" or metric.unit != "%":
        return context.label("word", "not_compared")
    points = float(pair.mine["value"]) - float(pair.theirs["value"])
    sign = "+" if points > 0 else ""
    return context.label("word", "points").format(points=f"{sign}{words.number(points, 1)}")


def _figure(context: Context, row: pd.Series, rated: bool) -> str:
    """A figure, and in brackets its rate per 100,000 residents where it has one."""
    shown = context.figure(row)
    if not rated or pd.isna(row["shown"]) or pd.isna(row["residents"]):
        return shown
    space = " " if context.language == "en" else ""
    return f"{shown}{space}{words.bracketed(words.significant(row['shown']), context.language)}"
