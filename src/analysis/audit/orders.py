"""Order relations: part and whole, city-level organs and whole city, shorter and longer periods (check 7).

Within one source a part that is larger than its whole is a failure; across sources it is undecided, because
two sources seldom count the same thing. Cases carried over from the year before may make cases closed exceed
cases accepted: that is a note.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from analysis.audit.facts import Company, Fact, scope_group, timespan
from analysis.audit.findings import Finding, Number, Verdict, number
from analysis.audit.identities import Order
from analysis.interval import ZERO, Interval

NARROWER = frozenset({"own_level", "lower_level"})
"""Scopes that lie inside the whole area."""


def check(identity: Order, company: Company) -> Iterator[Finding]:
    """The findings on the parts of one metric within one group."""
    whole = company.get(identity.larger)
    if whole is None:
        return
    for name in identity.smaller:
        if name in company:
            exceeds = "part_exceeds_whole" if identity.strict else "carried_over"
            yield _compare("order", company[name], whole, exceeds)


def _compare(check_name: str, smaller: Fact, larger: Fact, exceeds: str) -> Finding:
    verdict: Verdict
    if smaller.interval.upper <= larger.interval.lower:
        verdict, reason = "pass", "in_order"
    elif smaller.interval.lower > larger.interval.upper:
        reason = exceeds
        verdict = "note" if exceeds == "carried_over" else "fail"
        if verdict == "fail" and smaller.source_id != larger.source_id:
            verdict = "undecided"
    else:
        verdict, reason = "undecided", "may_be_in_order"
    numbers: dict[str, Number] = {"smaller": number(smaller.printed), "larger": number(larger.printed)}
    allowed = Interval(ZERO, larger.interval.upper, True, True)
    parts = (f"{larger.source_id}:{larger.period}:{larger.scope}:{larger.text}",)
    return Finding(check_name, smaller, parts, None, allowed, verdict, reason, "at most", 2, numbers)


def between(
    facts: Iterable[Fact], continuous: frozenset[str], accumulating: frozenset[str]
) -> Iterator[Finding]:
    """Orders of one metric: narrower scope and whole area, shorter and longer part of a year, running totals.

    Args:
        facts: All facts.
        continuous: Rates and the like, which have no such order.
        accumulating: The metrics that only grow within a year.
    """
    series: defaultdict[tuple[str, str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.metric_id not in continuous:
            series[(fact.region_code, fact.unit_name, fact.metric_id)].append(fact)
    for (_, _, metric), same in series.items():
        yield from _scopes(same)
        yield from _running_totals(same)
        if metric in accumulating:
            yield from _parts_of_year(same)


def _scopes(same: Sequence[Fact]) -> Iterator[Finding]:
    wholes = [fact for fact in same if scope_group(fact.scope, fact.label) == "whole"]
    for part in same:
        if part.scope in NARROWER:
            times = (part.year, timespan(part.period))
            for whole in wholes:
                if (whole.year, timespan(whole.period)) == times:
                    yield _compare("order", part, whole, "part_exceeds_whole")


def _running_totals(same: Sequence[Fact]) -> Iterator[Finding]:
    totals = sorted((fact for fact in same if fact.period == "cumulative"), key=lambda fact: fact.year)
    for earlier, later in pairwise(totals):
        if earlier.year < later.year and (earlier.scope, earlier.label) == (later.scope, later.label):
            yield _compare("cumulative", earlier, later, "cumulative_falls")


def _parts_of_year(same: Sequence[Fact]) -> Iterator[Finding]:
    years: defaultdict[tuple[int, str], list[tuple[int, Fact]]] = defaultdict(list)
    for fact in same:
        months = _months(fact.period)
        if months:
            years[(fact.year, scope_group(fact.scope, fact.label))].append((months, fact))
    for parts in years.values():
        parts.sort(key=lambda part: part[0])
        for (short, earlier), (long, later) in pairwise(parts):
            if short < long:
                yield _compare("cumulative", earlier, later, "cumulative_falls")


def _months(period: str) -> int:
    if period == "full":
        return 12
    found = re.fullmatch(r"ytd-(\d\d)", period)
    return int(found.group(1)) if found else 0
