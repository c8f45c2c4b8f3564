"""A region's own figure, and the rates of province and nation beside it, as parts of sentences.

A figure of part of the area or of some months says so, and a rate of another year or stage names it. It
refuses to put one count in the place of another without a word.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis import words
from analysis.audit.facts import scope_group
from analysis.compare.beside import COLUMNS
from analysis.panel import Panel


def told(panel: Panel, row: pd.Series, language: words.Language) -> str:
    """A figure as its source prints it; in brackets a period and a part that are not the whole."""
    shown = words.figure(
        float(row["value"]),
        str(row["qualifier"]),
        panel.catalog.metrics[str(row["metric_id"])].unit,
        language,
    )
    notes = []
    if row["period"] not in ("full", "year_end"):
        notes.append(words.period(str(row["period"]), int(row["year"]), language))
    scope, named = str(row["scope"]), str(row["scope_as_reported"])
    if scope_group(scope, named) != "whole":
        # what a part of the area is called, only its report says
        part = (
            words.label("word", "part_only", language)
            if scope == "other"
            else words.label("scope", scope, language)
        )
        notes.append(named if named and language == "zh" and scope in ("courts", "other") else part)
    note = (", " if language == "en" else "，").join(notes)
    return shown + (words.bracketed(note, language) if note else "")


def against_en(panel: Panel, rows: pd.DataFrame, year: int, unit: str = "") -> str:
    """The rates of province and nation, as a clause: 25.1 accepted in Guangdong in 2019 and 99.2 in China.

    Args:
        panel: The panel, for names.
        rows: Rows of `beside` or `corrections`; a count that stands in for the region's own is named.
        year: The year of the region's own figure: another is named.
        unit: What follows each number, e.g. %.
    """
    parts = []
    for _, row in rows.iterrows():
        region = panel.catalog.regions[row["region_code"]]
        then = "" if row["year"] == year else f" in {row['year']}"
        stage = f" {_stage(row, 'en')}" if _stage(row, "en") else ""
        parts.append(f"{_rate(row, 'en')}{unit}{stage} in {region.name_en}{then}")
    return words.listed(parts, "en")


def against_zh(panel: Panel, rows: pd.DataFrame, year: int, unit: str = "") -> str:
    """As `against_en`, in Chinese: 广东省2019年受理25.1，全国为99.2."""
    parts = []
    for _, row in rows.iterrows():
        region = panel.catalog.regions[row["region_code"]]
        where = "全国" if region.level == "nation" else region.name_zh
        then = "" if row["year"] == year else f"{row['year']}年"
        parts.append(f"{where}{then}{_stage(row, 'zh') or '为'}{_rate(row, 'zh')}{unit}")
    return "，".join(parts)


def paired(panel: Panel, frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """What `beside` returned for some counts, one row a pair: a rate above, and the region's own beside it.

    Args:
        panel: The panel, for its language.
        frames: Frames of `beside`; those without a figure above give no row.

    Returns:
        Their rows above, with `called`, the label of the count; `text`, who stands above, when, and at which
        stage where it is another; and the region's own `lower` and `upper`.
    """
    pairs = []
    for frame in frames:
        own, rest = frame.head(1), frame.iloc[1:]
        for row in rest.to_dict("records"):
            stage = _stage(pd.Series(row), panel.language)
            row["text"] = f"{row['name']} {row['year']}" + (
                words.bracketed(stage, panel.language) if stage else ""
            )
            row |= {name: own[name].iloc[0] for name in ("lower", "upper")}
            pairs.append(row | {"called": panel.label(row["own_metric"])})
    columns = [*COLUMNS, "called", "text"]
    return pd.DataFrame(pairs, columns=columns)


def _rate(row: pd.Series, language: words.Language) -> str:
    """The rate with the qualifier of the count it was made of."""
    value = words.significant(float(row["rate"]))
    return words.label("qualifier", str(row.get("qualifier", "=")), language).format(value=value)


def _stage(row: pd.Series, language: words.Language) -> str:
    """What is counted, where it is another count than the region's own."""
    name = str(row.get("metric_id", ""))
    return "" if name == row.get("own_metric", "") else words.label("stage", name, language)
