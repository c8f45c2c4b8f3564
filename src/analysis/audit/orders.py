"""Order relations (check 7) and possible percentages (check 6).

Within one source a part that is larger than its whole is a failure; across sources it is undecided, because
two sources seldom count the same thing. Cases carried over from the year before may make cases closed exceed
cases accepted: that is a note. A share inside 0 to 100 passes, which proves little; a lost decimal point
(126 % for 12.6 %) shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, product

from analysis.audit.facts import Company, Fact, grouped
from analysis.audit.findings import Finding, Verdict
from analysis.identities import Identities, Order
from analysis.quantity import HUNDRED, INFINITY, ZERO, Interval

NARROWER = frozenset({"own_level", "lower_level"})
"""Scopes that lie inside the whole area."""
_SHARE = Interval(ZERO, HUNDRED, True, True)
_CHANGE = Interval(-HUNDRED, INFINITY)


def check(identity: Order, company: Company) -> Iterator[Finding]:
    """The findings on the parts of one metric within one group."""
    whole, exceeds = company.get(identity.larger), "part_exceeds_whole" if identity.strict else "carried_over"
    for name in identity.smaller:
        if whole and name in company:
            yield _compare("order", company[name], whole, exceeds)


def _compare(name: str, smaller: Fact, larger: Fact, exceeds: str) -> Finding:
    verdict: Verdict = "undecided", "may_be_in_order"
    if smaller.interval.upper <= larger.interval.lower:
        verdict = "pass", "in_order"
    elif smaller.interval.lower > larger.interval.upper:
        one_source = smaller.source_id == larger.source_id
        verdict = "note" if exceeds == "carried_over" else "fail" if one_source else "undecided", exceeds
    allowed = Interval(ZERO, larger.interval.upper, True, True)
    return Finding(name, smaller, (larger,), *verdict, allowed, method="at most")


def between(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """Orders of one metric: narrower scope and whole area, shorter and longer part of a year, running totals.

    Rates and the like have no such order, and only some metrics (`accumulating`) grow within a year.
    """
    counts = (fact for fact in facts if fact.metric_id not in known.continuous)
    for same in grouped(counts, lambda fact: (fact.region_code, fact.unit_name, fact.metric_id)):
        for times in grouped(same, lambda fact: (fact.year, fact.time)):
            parts = [fact for fact in times if fact.scope in NARROWER]
            for part, whole in product(parts, [fact for fact in times if fact.area == "whole"]):
                yield _compare("order", part, whole, "part_exceeds_whole")
        totals = [fact for fact in same if fact.period == "cumulative"]
        rising = grouped(totals, lambda fact: (fact.scope, fact.label))
        if same[0].metric_id in known.figures.accumulating:
            dated = [fact for fact in same if _months(fact.period)]
            rising += grouped(dated, lambda fact: (fact.year, fact.area))
        for series in rising:
            for earlier, later in pairwise(sorted(series, key=_moment)):
                if _moment(earlier) < _moment(later):
                    yield _compare("cumulative", earlier, later, "cumulative_falls")


def _moment(fact: Fact) -> tuple[int, int]:
    return fact.year, _months(fact.period)


def _months(period: str) -> int:
    found = re.fullmatch(r"ytd-(\d\d)", period)
    return 12 if period == "full" else int(found.group(1)) if found else 0


def percentages(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """One finding for each share and each change of a count: whether any true value is possible."""
    changes = {pair.change for pair in known.changes}
    for fact in facts:
        share = fact.metric_id in known.figures.shares
        if not share and fact.metric_id not in changes:
            continue
        possible, outside = (_SHARE, "share_outside") if share else (_CHANGE, "fall_beyond_all")
        inside = fact.interval.meets(possible)
        verdict: Verdict = ("pass", "within_range") if inside else ("fail", outside)
        yield Finding("plausible", fact, (), *verdict, possible, method="range")
        if not share and "百分点" in fact.evidence:
            yield Finding("points", fact, (), "note", "said_in_points", fact.interval)
