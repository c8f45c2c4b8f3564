"""What a comparison is made of, in words: the unit, who the other cities are, what was special in their year.

Sentences in both languages, computed from the cases; each is empty where there is nothing to say.
"""

from __future__ import annotations

from collections import Counter

from analysis import words
from analysis.panel import Panel
from analysis.stats import Cases


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
    others = cases.others
    if others.empty:
        return ""
    most, source = others["province"].value_counts(), others["source_id"].value_counts()
    if len(others) == 1:
        parts = [f"The other one is in {most.index[0]}"]
    elif most.iloc[0] == 1:
        parts = [f"The {len(others)} others are in {len(most)} provinces"]
    elif most.iloc[0] == len(others):
        parts = [f"All {len(others)} others are in {most.index[0]}"]
    else:
        parts = [f"{most.iloc[0]} of the {len(others)} others are in {most.index[0]}"]
    if source.iloc[0] > 1:
        parts.append(f"{source.iloc[0]} figures come from one source")
    if copies := int((others["status"] == "U").sum()):
        parts.append(f"{copies} {'was' if copies == 1 else 'were'} read in a copy only")
    if early := int(others["published_early"].sum()):
        parts.append(f"{early} {'was' if early == 1 else 'were'} published before the year ended")
    return words.listed(parts, "en")


def others_zh(cases: Cases) -> str:
    """As `others_en`, in Chinese."""
    others = cases.others
    if others.empty:
        return ""
    most, source = others["province"].value_counts(), others["source_id"].value_counts()
    parts = [f"其余{len(others)}地中，{most.iloc[0]}地属{most.index[0]}"]
    if most.iloc[0] == len(others):
        parts = [f"其余{len(others)}地属{most.index[0]}"]
    elif most.iloc[0] == 1:
        parts = [f"其余{len(others)}地分属{len(most)}个省份"]
    if source.iloc[0] > 1:
        parts.append(f"{source.iloc[0]}地的数字出自同一来源")
    if copies := int((others["status"] == "U").sum()):
        parts.append(f"{copies}地仅见于转载")
    if early := int(others["published_early"].sum()):
        parts.append(f"{early}地在年末以前公布")
    return "，".join(parts)


def events_en(panel: Panel, cases: Cases) -> str:
    """What was special in the year where the other cities lie, as sentences; empty where nothing is known."""
    return " ".join(f"{label} ({count} of the others)." for label, count in _events(panel, cases, "en"))


def events_zh(panel: Panel, cases: Cases) -> str:
    """As `events_en`, in Chinese."""
    return "".join(f"{label}（涉及其余{count}地）。" for label, count in _events(panel, cases, "zh"))


def _events(panel: Panel, cases: Cases, language: words.Language) -> list[tuple[str, int]]:
    """The events of the year and how many of the other cities lie in their regions."""
    shared = panel.catalog.events(cases.focus, cases.year)
    others = cases.others["region_code"]
    # what touched the focus too is no difference between them
    events = [
        event for code in others for event in panel.catalog.events(code, cases.year) if event not in shared
    ]
    labels = [event.label_zh if language == "zh" else event.label_en for event in events]
    return list(Counter(labels).items())
