"""What a comparison is made of, in words: a figure, the rates above it, the unit, who the other cities are.

Parts of sentences in both languages, computed from the rows; each is empty where there is nothing to say. A
figure of part of the area or of some months says so, and a rate of another year or stage names it: no count
stands in the place of another without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from analysis import words
from analysis.audit.facts import scope_group
from analysis.compare.beside import COLUMNS
from analysis.panel import Panel
from analysis.stats import Cases


def told(panel: Panel, row: pd.Series, language: words.Language) -> str:
    """A figure as its source prints it; in brackets a period and a part that are not the whole."""
    unit, scope, named = panel.catalog.metrics[row["metric_id"]].unit, row["scope"], row["scope_as_reported"]
    notes = []
    if row["period"] not in ("full", "year_end"):
        notes.append(words.period(row["period"], int(row["year"]), language))
    if scope_group(scope, named) != "whole":
        # what a part of the area is called, only its report says
        group, key = ("word", "part_only") if scope == "other" else ("scope", scope)
        own = named and language == "zh" and scope in ("courts", "other")
        notes.append(named if own else words.label(group, key, language))
    note = (", " if language == "en" else "，").join(notes)
    shown = words.figure(float(row["value"]), row["qualifier"], unit, language)
    return shown + (words.bracketed(note, language) if note else "")


def against_en(panel: Panel, rows: pd.DataFrame, year: int, unit: str = "") -> str:
    """The rates of province and nation, as a clause: 25.1 accepted in Guangdong in 2019 and 99.2 in China.

    The rows are of `beside` or `corrections`; a count that stands in for the region's own is named, and so is
    another year than its own. The unit follows each number, e.g. %.
    """
    parts = []
    for _, row in rows.iterrows():
        stage, then = _stage(row, "en"), "" if row["year"] == year else f" in {row['year']}"
        place = f"in {panel.catalog.regions[row['region_code']].name_en}{then}"
        parts.append(" ".join(part for part in (f"{_rate(row, 'en')}{unit}", stage, place) if part))
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

    Returns:
        The rows above, perhaps none, with `called`, the label of the count; `text`, who stands above, when,
        and at which stage where it is another; and the region's own `lower` and `upper`.
    """
    pairs = []
    for frame in frames:
        own = frame[["lower", "upper"]].head(1).to_dict("records")
        for _, row in frame.iloc[1:].iterrows():
            stage, text = _stage(row, panel.language), f"{row['name']} {row['year']}"
            text += words.bracketed(stage, panel.language) if stage else ""
            pairs.append({**row, **own[0], "called": panel.label(row["own_metric"]), "text": text})
    return pd.DataFrame(pairs, columns=[*COLUMNS, "called", "text"])


def _rate(row: pd.Series, language: words.Language) -> str:
    """The rate with the qualifier of the count it was made of."""
    value = words.significant(float(row["rate"]))
    return words.label("qualifier", str(row.get("qualifier", "=")), language).format(value=value)


def _stage(row: pd.Series, language: words.Language) -> str:
    """What is counted, where it is another count than the region's own."""
    name = str(row.get("metric_id", ""))
    return "" if name == row.get("own_metric", "") else words.label("stage", name, language)


def unit_of(cases: Cases) -> dict[str, str]:
    """What `rate` is counted in, in both languages: per residents, per cent, or the unit as reported."""
    if cases.kind == "rate":
        wan = cases.per // 10_000
        return {"en": f"per {words.number(cases.per)} residents", "zh": f"每{wan}万常住人口"}
    if cases.unit == "%":
        return {"en": "per cent", "zh": "%"}
    return {language: words.label("unit_name", str(cases.unit), language) for language in words.LANGUAGES}


def others_en(cases: Cases) -> str:
    """Who the other cities are: province, source, copies, early publication; without a full stop."""
    if (others := cases.others).empty:
        return ""
    most, source, copies, early = _who(others)
    if len(others) == 1:
        parts = [f"The other one is in {most.index[0]}"]
    elif most.iloc[0] == 1:
        parts = [f"The {len(others)} others are in {len(most)} provinces"]
    elif most.iloc[0] == len(others):
        parts = [f"All {len(others)} others are in {most.index[0]}"]
    else:
        parts = [f"{most.iloc[0]} of the {len(others)} others are in {most.index[0]}"]
    if source > 1:
        parts.append(f"{source} figures come from one source")
    if copies:
        parts.append(f"{copies} {'was' if copies == 1 else 'were'} read in a copy only")
    if early:
        parts.append(f"{early} {'was' if early == 1 else 'were'} published before the year ended")
    return words.listed(parts, "en")


def others_zh(cases: Cases) -> str:
    """As `others_en`, in Chinese."""
    if (others := cases.others).empty:
        return ""
    most, source, copies, early = _who(others)
    parts = [f"其余{len(others)}地中，{most.iloc[0]}地属{most.index[0]}"]
    if most.iloc[0] == len(others):
        parts = [f"其余{len(others)}地属{most.index[0]}"]
    elif most.iloc[0] == 1:
        parts = [f"其余{len(others)}地分属{len(most)}个省份"]
    parts += [f"{source}地的数字出自同一来源"] * (source > 1)
    parts += [f"{copies}地仅见于转载"] * bool(copies)
    parts += [f"{early}地在年末以前公布"] * bool(early)
    return "，".join(parts)


def _who(others: Cases) -> tuple[pd.Series, int, int, int]:
    """How many lie in each province, rest on the commonest source, were read in a copy, came out early."""
    source, early = others["source_id"].value_counts().iloc[0], others["published_early"].sum()
    return others["province"].value_counts(), int(source), int((others["status"] == "U").sum()), int(early)


def events_en(panel: Panel, cases: Cases) -> str:
    """What was special in the year where the other cities lie, as sentences; empty where nothing is known."""
    return " ".join(f"{label} ({count} of the others)." for label, count in _events(panel, cases, "en"))


def events_zh(panel: Panel, cases: Cases) -> str:
    """As `events_en`, in Chinese."""
    return "".join(f"{label}（涉及其余{count}地）。" for label, count in _events(panel, cases, "zh"))


def _events(panel: Panel, cases: Cases, language: words.Language) -> list[tuple[str, int]]:
    """The events of the year and how many of the other cities lie in their regions."""
    shared, others = panel.catalog.events(cases.focus, cases.year), cases.others["region_code"]
    # what touched the focus too is no difference between them
    events = [event for code in others for event in panel.catalog.events(code, cases.year)]
    labels = [getattr(event, f"label_{language}") for event in events if event not in shared]
    return list(Counter(labels).items())
