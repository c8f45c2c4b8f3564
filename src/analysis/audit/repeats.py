"""The same fact in several sources or sections, and figures that repeat unexpectedly (checks 8 and 9).

Agreement of outlets that copy one another is not confirmation: a finding says how many sources, no more.
Identical figures are a note, and only where they are long enough not to meet by chance.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from analysis.audit.facts import Fact, scope_group
from analysis.audit.findings import Finding, Number, Verdict, number
from analysis.audit.identities import Figures
from analysis.quantity import HUNDRED

LONG = 3
"""Significant digits from which two years or two periods with one figure are worth a note."""
VERY_LONG = 4
"""The same for two places, of which there are many pairs."""

_AGAIN = re.compile(r"also stated in (\S+)")


def sources(facts: Iterable[Fact], revised: frozenset[str]) -> Iterator[Finding]:
    """One finding for each fact that several sources give.

    Args:
        facts: All facts.
        revised: The metrics that are published in several vintages, where a difference is a note.
    """
    same: defaultdict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        label = "" if fact.scope == "whole" else fact.label
        place = (fact.region_code, fact.unit_name, fact.year, fact.period, fact.metric_id)
        same[(*place, fact.scope, label)].append(fact)
    for told in same.values():
        if len({fact.source_id for fact in told}) > 1:
            yield _told(told, told[0].metric_id in revised)


def _told(told: Sequence[Fact], revised: bool) -> Finding:
    fact = told[0]
    pairs = [(one, other) for index, one in enumerate(told) for other in told[index + 1 :]]
    agree = all(_agree(one, other) for one, other in pairs)
    meet = all(one.interval.meets(other.interval) for one, other in pairs)
    verdict: Verdict
    if agree:
        verdict, reason = "pass", "sources_agree"
    elif meet:
        verdict, reason = "undecided", "sources_may_agree"
    elif revised:
        verdict, reason = "note", "vintages_differ"
    elif len({one.label for one in told}) > 1:
        verdict, reason = "note", "labels_differ"
    else:
        verdict, reason = "fail", "sources_differ"
    low, high = min(one.printed for one in told), max(one.printed for one in told)
    numbers: dict[str, Number] = {
        "low": number(low),
        "high": number(high),
        "gap": number(high - low),
        "sources": len({one.source_id for one in told}),
    }
    parts = tuple(f"{one.source_id}={one.printed:f}" for one in told)
    return Finding("two_sources", fact, parts, None, fact.interval, verdict, reason, "", len(told), numbers)


def _agree(one: Fact, other: Fact) -> bool:
    if one.printed == other.printed:
        return True
    known = one.interval.bounded and other.interval.bounded
    return known and (one.interval.within(other.interval) or other.interval.within(one.interval))


def sections(facts: Iterable[Fact]) -> Iterator[Finding]:
    """One finding for each figure that its source states again in another section, as the reader noted."""
    for fact in facts:
        found = _AGAIN.search(fact.note)
        if found:
            numbers: dict[str, Number] = {"value": number(fact.printed), "section": found.group(1)}
            reason = "stated_twice"
            yield Finding(
                "two_sections",
                fact,
                (found.group(1),),
                fact.printed,
                fact.interval,
                "pass",
                reason,
                "",
                2,
                numbers,
            )


def identical(facts: Sequence[Fact], figures: Figures, continuous: frozenset[str]) -> Iterator[Finding]:
    """Notes on figures that repeat in the next year, in another part of the year or in another place."""
    usable = [
        fact
        for fact in facts
        if fact.plain and fact.metric_id not in figures.lasting and fact.printed not in (0, HUNDRED)
    ]
    yield from _next_year(usable)
    yield from _other_period(usable)
    yield from _other_place([fact for fact in usable if fact.metric_id not in continuous and fact.exact])


def digits(fact: Fact) -> int:
    """Significant digits of the printed figure, zeros at its end left out."""
    return len(fact.printed.normalize().as_tuple().digits)


def _next_year(facts: Iterable[Fact]) -> Iterator[Finding]:
    series = _by(facts, lambda fact: (*_where(fact), fact.period))
    for same in series:
        for earlier, later in pairwise(sorted(same, key=lambda fact: fact.year)):
            if later.year == earlier.year + 1 and _repeats(earlier, later, LONG):
                yield _note(later, earlier, "same_as_year_before")


def _other_period(facts: Iterable[Fact]) -> Iterator[Finding]:
    for same in _by(facts, lambda fact: (*_where(fact), fact.year)):
        known = [fact for fact in same if fact.period == "full" or fact.period.startswith("ytd-")]
        for earlier, later in pairwise(sorted(known, key=lambda fact: (fact.period == "full", fact.period))):
            if later.period != earlier.period and _repeats(earlier, later, LONG):
                yield _note(later, earlier, "same_as_other_period")


def _other_place(facts: Iterable[Fact]) -> Iterator[Finding]:
    areas = [fact for fact in facts if not fact.unit_name and scope_group(fact.scope, fact.label) == "whole"]
    for same in _by(areas, lambda fact: (fact.metric_id, fact.year, fact.period, fact.printed)):
        for fact in same:
            other = next((one for one in same if one.region_code != fact.region_code), None)
            if other and digits(fact) >= VERY_LONG:
                yield _note(fact, other, "same_as_other_place")


def _by(facts: Iterable[Fact], key: Callable[[Fact], object]) -> Iterable[list[Fact]]:
    groups: defaultdict[object, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return groups.values()


def _where(fact: Fact) -> tuple[str, ...]:
    return (fact.region_code, fact.unit_name, fact.metric_id, fact.scope, fact.label)


def _repeats(one: Fact, other: Fact, least: int) -> bool:
    return one.printed == other.printed and digits(one) >= least


def _note(fact: Fact, other: Fact, reason: str) -> Finding:
    numbers: dict[str, Number] = {
        "value": number(fact.printed),
        "other_region": other.region_code,
        "other_year": other.year,
        "other_period": other.period,
    }
    parts = (f"{other.source_id}:{other.region_code}:{other.year}:{other.period}={other.printed:f}",)
    return Finding("identical", fact, parts, other.printed, other.interval, "note", reason, "", 2, numbers)
