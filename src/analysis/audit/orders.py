"""Order relations (check 7) and possible percentages (check 6).

Within one source a part that is larger than its whole is a failure; across sources it is undecided, because
two sources seldom count the same thing. Cases carried over from the year before may make cases closed exceed
cases accepted: that is a note. A share inside 0 to 100 passes, which proves little; a lost decimal point
(126 % for 12.6 %) shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from analysis.audit.facts import Company, Fact, grouped
from analysis.audit.findings import Finding, Result
from analysis.identities import Identities, Order
from analysis.quantity import HUNDRED, INFINITY, ZERO, Interval

NARROWER = frozenset({"own_level", "lower_level"})
"""Scopes that lie inside the whole area."""
_SHARE = Interval(ZERO, HUNDRED, True, True)
_CHANGE = Interval(-HUNDRED, INFINITY)


def check(identity: Order, company: Company) -> Iterator[Finding]:
    """The findings on the parts of one metric within one group."""
    whole = company.get(identity.larger)
    for name in identity.smaller if whole else ():
        if whole and name in company:
            exceeds = "part_exceeds_whole" if identity.strict else "carried_over"
            yield _compare("order", company[name], whole, exceeds)


def _compare(name: str, smaller: Fact, larger: Fact, exceeds: str) -> Finding:
    result: Result = "undecided"
    reason = "may_be_in_order"
    if smaller.interval.upper <= larger.interval.lower:
        result, reason = "pass", "in_order"
    elif smaller.interval.lower > larger.interval.upper:
        reason = exceeds
        if exceeds == "carried_over":
            result = "note"
        elif smaller.source_id == larger.source_id:
            result = "fail"
    allowed = Interval(ZERO, larger.interval.upper, True, True)
    return Finding(name, smaller, (larger,), result, reason, allowed, method="at most")


def between(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """Orders of one metric: narrower scope and whole area, shorter and longer part of a year, running totals.

    Rates and the like have no such order, and only some metrics (`accumulating`) grow within a year.
    """
    counts = (fact for fact in facts if fact.metric_id not in known.continuous)
    for same in grouped(counts, lambda fact: (fact.region_code, fact.unit_name, fact.metric_id)):
        yield from _scopes(same)
        yield from _running_totals(same)
        if same[0].metric_id in known.figures.accumulating:
            yield from _parts_of_year(same)


def _scopes(same: Sequence[Fact]) -> Iterator[Finding]:
    for times in grouped(same, lambda fact: (fact.year, fact.time)):
        wholes = [fact for fact in times if fact.area == "whole"]
        for part in times:
            if part.scope in NARROWER:
                for whole in wholes:
                    yield _compare("order", part, whole, "part_exceeds_whole")


def _running_totals(same: Sequence[Fact]) -> Iterator[Finding]:
    totals = sorted((fact for fact in same if fact.period == "cumulative"), key=lambda fact: fact.year)
    for earlier, later in pairwise(totals):
        if earlier.year < later.year and (earlier.scope, earlier.label) == (later.scope, later.label):
            yield _compare("cumulative", earlier, later, "cumulative_falls")


def _parts_of_year(same: Sequence[Fact]) -> Iterator[Finding]:
    dated = [fact for fact in same if _months(fact.period)]
    for parts in grouped(dated, lambda fact: (fact.year, fact.area)):
        parts.sort(key=lambda part: _months(part.period))
        for earlier, later in pairwise(parts):
            if _months(earlier.period) < _months(later.period):
                yield _compare("cumulative", earlier, later, "cumulative_falls")


def _months(period: str) -> int:
    found = re.fullmatch(r"ytd-(\d\d)", period)
    return 12 if period == "full" else int(found.group(1)) if found else 0


def percentages(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """One finding for each share and each change of a count: whether any true value is possible."""
    changes = {pair.change for pair in known.changes}
    for fact in facts:
        if fact.metric_id in known.figures.shares:
            yield _inside(fact, _SHARE, "share_outside")
        elif fact.metric_id in changes:
            yield _inside(fact, _CHANGE, "fall_beyond_all")
            if "百分点" in fact.evidence:
                yield Finding("points", fact, (), "note", "said_in_points", fact.interval)


def _inside(fact: Fact, possible: Interval, outside: str) -> Finding:
    inside = fact.interval.meets(possible)
    result: Result = "pass" if inside else "fail"
    reason = "within_range" if inside else outside
    return Finding("plausible", fact, (), result, reason, possible, method="range")
