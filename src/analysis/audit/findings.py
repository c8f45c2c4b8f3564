"""Findings: what a check saw, as records that become one tidy frame, the weightiest first.

Their sentences stand in words.csv (groups `check` and `finding`); they say what the printed figures do, never
why, and accuse nobody. A reason without a sentence, or a number that its sentence lacks, raises. Law goes
before digits: cases that do not add up before the last digit of a rate.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from analysis.audit.facts import Fact
from analysis.catalog import DOMAINS, LANGUAGES, Catalog, Language
from analysis.quantity import EVERYTHING, Interval
from analysis.words import bracketed, label, listed, lowered, period, unit_suffix
from analysis.words import number as worded

Result = Literal["pass", "fail", "undecided", "note"]
Number = int | float | str | Decimal
Verdict = tuple[Result, str]
"""A result and its reason, a key of the group `finding` in words.csv."""
COLUMNS = (
    *("check", "result", "reason", "region_code", "unit_name", "year", "period", "scope", "source_id"),
    *("metric_id", "printed", "expected", "lower", "upper", "method", "n", "rows", "numbers"),
    *("sentence_en", "sentence_zh", "severity", "routine"),
)
_ROUTINE = ("plausible", "order", "points", "cumulative")  # their pass proves little
_FIRST = ("reconsideration", "litigation", "enforcement", "mediation", "legal_aid", "rulemaking")
_DOMAINS = {name: place for place, name in enumerate(dict.fromkeys((*_FIRST, *DOMAINS)))}
_DIGITS = ("rate", "base", "grim", "rounding", "backcast", "wording", "identical", "points", "plausible")
_FAR = 1.0  # a percentage point and more from what is printed, it is no check of digits


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one check (a key of the group `check` in words.csv) on `fact`, beside the other `parts`.

    `result` is pass, fail, undecided (the printed figures cannot decide it) or note (no verdict); `interval`
    the values that the check allows; `expected` what the parts give, None when it is no single number;
    `method` the rounding rules or the reading under which it holds; `numbers` what its sentence needs.
    """

    check: str
    fact: Fact
    parts: tuple[Fact, ...]
    result: Result
    reason: str
    interval: Interval = EVERYTHING
    expected: Decimal | None = None
    method: str = ""
    numbers: Mapping[str, Number] = field(default_factory=dict)


def compare(found: Interval, allowed: Interval) -> Result:
    """Pass when every value found is allowed, undecided when some are, fail when none is."""
    if found.within(allowed):
        return "pass"
    return "undecided" if found.meets(allowed) else "fail"


def centre(interval: Interval) -> Decimal | None:
    """The middle of an interval; None when it has none."""
    return (interval.lower + interval.upper) / 2 if interval.bounded else None


def to_frame(findings: Iterable[Finding], catalog: Catalog) -> pd.DataFrame:
    """The findings as a frame with `COLUMNS`, one row each, by place and year, the weightiest first.

    `rows` holds the panel's labels of the `n` figures that a finding rests on, the one under check first;
    `expected`, `lower` and `upper` are NaN when there is no number, infinite when a bound is open; `severity`
    is 1 (does not come out, and is about cases) to 5 (comes out); `routine` marks passes that prove little.
    """
    frame = pd.DataFrame([_row(finding, catalog) for finding in findings], columns=list(COLUMNS))
    domain = frame["metric_id"].str.partition(".")[0].map(_DOMAINS) if len(frame) else 0
    order = ["region_code", "year", "severity", "domain", "source_id", "check", "metric_id", "period", "rows"]
    ordered = frame.assign(domain=domain).sort_values(order, ignore_index=True).drop(columns="domain")
    return ordered.astype({"routine": bool})  # without findings, too, so that ~routine is a mask


def _row(finding: Finding, catalog: Catalog) -> tuple[Any, ...]:
    fact, facts, interval = finding.fact, (finding.fact, *finding.parts), finding.interval
    rows = tuple(dict.fromkeys(one.row for one in facts))
    ends = (None, None) if interval == EVERYTHING else (interval.lower, interval.upper)
    numbers = {name: _number(value) for name, value in finding.numbers.items()}
    return (
        *(finding.check, finding.result, finding.reason, fact.region_code, fact.unit_name, fact.year),
        *(fact.period, fact.scope, fact.source_id, fact.metric_id, f"{fact.printed:f}"),
        *(math.nan if value is None else float(value) for value in (finding.expected, *ends)),
        *(finding.method, len(rows), rows, numbers),
        *(_sentence(finding.reason, facts, numbers, catalog, language) for language in LANGUAGES),
        *(_severity(finding), finding.result == "pass" and finding.check in _ROUTINE),
    )


def _number(value: Number) -> int | float | str:
    """A Decimal as the plain number that a sentence shows: whole where it is whole."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _severity(finding: Finding) -> int:
    """1 a failure about cases, 2 one of digits or cases left open, 3 digits left open, 4 a note, 5 a pass."""
    if finding.result in ("pass", "note"):
        return 5 if finding.result == "pass" else 4
    gives = finding.numbers.get("gives")
    far = isinstance(gives, float) and abs(gives - float(finding.fact.printed)) >= _FAR
    return (1 if finding.result == "fail" else 2) + (finding.check in _DIGITS and not far)


def _sentence(
    reason: str, facts: Sequence[Fact], numbers: Mapping[str, Any], catalog: Catalog, language: Language
) -> str:
    """The sentence of a finding on the first of its facts; a gap is shown without its sign."""
    shown = {
        key: value if isinstance(value, str) else worded(abs(value) if key == "gap" else value)
        for key, value in numbers.items()
    }
    if "low" in numbers:
        joiner = " to " if language == "en" else "至"
        shown["range"] = joiner.join(dict.fromkeys((shown["low"], shown["high"])))
    told = [_fields(fact, catalog, language) for fact in facts]
    other = {f"other_{key}": text for key, text in told[min(1, len(told) - 1)].items()}
    values = listed(list(dict.fromkeys(fields["printed"] for fields in told)), language)
    return label("finding", reason, language).format_map(told[0] | other | {"values": values} | shown)


def _fields(fact: Fact, catalog: Catalog, language: Language) -> dict[str, str]:
    """What a sentence may say of a fact; a figure has its unit, and as many decimals as were printed."""
    metric, region = catalog.metrics[fact.metric_id], catalog.regions.get(fact.region_code)
    name, unit = metric.label(language), unit_suffix(metric.unit, language)
    if fact.area != "whole" or fact.unit_name:
        known = fact.unit_name or fact.label if language == "zh" else ""
        name += bracketed(known or label("scope", fact.scope, language), language)
    return {
        "label": lowered(name) if language == "en" else name,
        "Label": name,
        "printed": f"{fact.printed:,f}".replace("-", "−") + unit,
        "unit": unit,
        "mark": "%" if metric.unit == "%" else "",
        "place": region.name(language) if region else fact.region_code,
        "year": str(fact.year),
        "when": period(fact.period, fact.year, language),
    }
