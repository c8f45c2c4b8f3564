"""Findings: what a check saw, as records that become one tidy frame.

A finding names its figures and numbers and a reason code; it never holds a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import Any, Literal

import pandas as pd

from analysis.audit.facts import Fact
from analysis.interval import EVERYTHING, Interval

Verdict = Literal["pass", "fail", "undecided", "note"]
Number = int | float | str

COLUMNS = (
    "check",
    "region_code",
    "unit_name",
    "year",
    "period",
    "scope",
    "source_id",
    "metric_id",
    "parts",
    "expected",
    "lower",
    "upper",
    "reported",
    "verdict",
    "method",
    "n",
    "reason",
    "numbers",
)
"""The columns of a findings frame."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one check.

    Attributes:
        check: The check, one of `reasons.CHECKS`.
        fact: The figure under check.
        parts: The other figures, as `metric=value` or `source=value`.
        expected: What the parts give; None when it is no single number.
        interval: The values that the check allows.
        verdict: pass, fail, undecided (the printed figures cannot decide it) or note (no error).
        reason: One of `reasons.REASONS`.
        method: The rounding rules or the reading under which it holds.
        n: How many printed figures the finding rests on.
        numbers: The numbers that a sentence about it needs.
    """

    check: str
    fact: Fact
    parts: tuple[str, ...]
    expected: Decimal | None
    interval: Interval
    verdict: Verdict
    reason: str
    method: str
    n: int
    numbers: Mapping[str, Number] = field(default_factory=dict)


def compare(found: Interval, allowed: Interval) -> Verdict:
    """Pass when every value found is allowed, undecided when some are, fail when none is."""
    if found.within(allowed):
        return "pass"
    return "undecided" if found.meets(allowed) else "fail"


def number(value: Decimal) -> int | float:
    """A Decimal as the plain number that a sentence shows: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def centre(interval: Interval) -> Decimal | None:
    """The middle of an interval; None when it has none."""
    return (interval.lower + interval.upper) / 2 if interval.bounded else None


def to_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """The findings as a frame with `COLUMNS`, one row each, sorted by place, year, source, check and metric.

    `expected`, `lower` and `upper` are floats (NaN when there is no number, infinite when a bound is open);
    `reported` is the figure as printed; `parts` is text, separated by `; `; `numbers` holds a dict.
    """
    order = [*COLUMNS[1:4], "source_id", "scope", "check", "period", "metric_id", "parts"]
    rows = sorted(
        (_row(finding) for finding in findings), key=itemgetter(*(COLUMNS.index(name) for name in order))
    )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(finding: Finding) -> tuple[Any, ...]:
    fact = finding.fact
    known = finding.interval != EVERYTHING
    return (
        finding.check,
        fact.region_code,
        fact.unit_name,
        fact.year,
        fact.period,
        fact.scope,
        fact.source_id,
        fact.metric_id,
        "; ".join(finding.parts),
        float("nan") if finding.expected is None else float(finding.expected),
        float(finding.interval.lower) if known else float("nan"),
        float(finding.interval.upper) if known else float("nan"),
        f"{fact.printed:f}",
        finding.verdict,
        finding.method,
        finding.n,
        finding.reason,
        dict(finding.numbers),
    )
