"""What each finding says, in English and Chinese: short, computed, in words that accuse nobody.

The sentences stand in words.csv (groups `check` and `finding`), with names in braces for what is computed
here. They say what the printed figures do, never why. A reason without a sentence, or a number that its
sentence lacks, is a programming error and raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.audit.facts import Fact
from analysis.catalog import Catalog, Language
from analysis.words import bracketed, label, listed, lowered, number, period, unit_suffix


def sentence(
    reason: str, facts: Sequence[Fact], numbers: Mapping[str, Any], catalog: Catalog, language: Language
) -> str:
    """The sentence of a finding on the first of its facts; a gap is shown without its sign."""
    shown = {
        key: number(abs(value) if key == "gap" else value) if isinstance(value, int | float) else value
        for key, value in numbers.items()
    }
    if "low" in numbers:
        joiner = " to " if language == "en" else "至"
        shown["range"] = joiner.join(dict.fromkeys((shown["low"], shown["high"])))
    own, other = (_fields(fact, catalog, language) for fact in (facts[0], facts[min(1, len(facts) - 1)]))
    others = {f"other_{key}": text for key, text in other.items()}
    values = listed(list(dict.fromkeys(_printed(fact, catalog, language) for fact in facts)), language)
    return label("finding", reason, language).format_map(own | others | {"values": values} | shown)


def _fields(fact: Fact, catalog: Catalog, language: Language) -> dict[str, str]:
    """What a sentence may say of a fact: metric, figure with unit, unit, place, year and period."""
    metric, region = catalog.metrics[fact.metric_id], catalog.regions.get(fact.region_code)
    name = metric.label(language)
    if fact.area != "whole" or fact.unit_name:
        known = fact.unit_name or fact.label if language == "zh" else ""
        name += bracketed(known or label("scope", fact.scope, language), language)
    return {
        "label": lowered(name) if language == "en" else name,
        "Label": name,
        "printed": _printed(fact, catalog, language),
        "unit": unit_suffix(metric.unit, language),
        "mark": "%" if metric.unit == "%" else "",
        "place": region.name(language) if region else fact.region_code,
        "year": str(fact.year),
        "when": period(fact.period, fact.year, language),
    }


def _printed(fact: Fact, catalog: Catalog, language: Language) -> str:
    """A figure with its unit, with as many decimals as were printed."""
    unit = unit_suffix(catalog.metrics[fact.metric_id].unit, language)
    return f"{fact.printed:,f}".replace("-", "−") + unit
