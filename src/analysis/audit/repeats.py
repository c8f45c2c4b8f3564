"""The same fact stated more than once, and figures that repeat unexpectedly (checks 8 and 9).

Agreement of outlets that copy one another is not confirmation: a finding says how many sources, no more. Two
different figures of one source for one fact are reported like those of two sources. Identical figures are a
note, and only where they are long enough not to meet by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from analysis.audit.facts import Fact, grouped
from analysis.audit.findings import Finding, Number, Verdict
from analysis.identities import Identities
from analysis.quantity import HUNDRED

LONG = 3
"""Significant digits from which two years or two periods with one figure are worth a note."""
VERY_LONG = 4
"""The same for two places, of which there are many pairs."""
_AGAIN = re.compile(r"also stated in (\S+)")


def told(facts: Iterable[Fact], revised: frozenset[str]) -> Iterator[Finding]:
    """One finding for each fact that several sources give, and for each that one source gives differently.

    The metrics `revised` are published in several vintages: there a difference is a note.
    """

    def name(fact: Fact) -> tuple[object, ...]:
        label = "" if fact.scope == "whole" else fact.label
        place = (fact.region_code, fact.unit_name, fact.year, fact.period)
        return (*place, fact.metric_id, fact.scope, label)

    for same in grouped(facts, name):
        if len(same) < 2:
            continue
        if len({fact.source_id for fact in same}) > 1:
            yield _compare("two_sources", "sources", same, revised)
        for own in grouped(same, lambda fact: fact.source_id):
            if len({(fact.printed, fact.qualifier) for fact in own}) > 1:
                yield _compare("one_source", "figures", own, revised)


def _compare(check: str, what: str, same: Sequence[Fact], revised: frozenset[str]) -> Finding:
    fact, pairs = same[0], list(combinations(same, 2))
    verdict: Verdict = "fail", f"{what}_differ"
    if all(_agree(one, other) for one, other in pairs):
        verdict = "pass", f"{what}_agree"
    elif all(one.interval.meets(other.interval) for one, other in pairs):
        verdict = "undecided", "sources_may_agree" if what == "sources" else "figures_agree"
    elif fact.metric_id in revised:
        verdict = "note", "vintages_differ"
    elif len({one.label for one in same}) > 1:
        verdict = "note", "labels_differ"
    numbers: dict[str, Number] = {"sources": len({one.source_id for one in same})}
    return Finding(check, fact, tuple(same[1:]), *verdict, fact.interval, numbers=numbers)


def _agree(one: Fact, other: Fact) -> bool:
    if one.printed == other.printed:
        return True
    known = one.interval.bounded and other.interval.bounded
    return known and (one.interval.within(other.interval) or other.interval.within(one.interval))


def noted(facts: Iterable[Fact]) -> Iterator[Finding]:
    """What single rows tell: a figure stated again in another section, and words that were not stored.

    The checks use the words beside a figure that is stored as exact all the same.
    """
    for fact in facts:
        if again := _AGAIN.search(fact.note):
            section: dict[str, Number] = {"section": again.group(1)}
            yield Finding("two_sections", fact, (), "pass", "stated_twice", fact.interval, numbers=section)
        if fact.qualifier == "=" and fact.words:
            yield Finding("wording", fact, (), "note", "words_not_stored", fact.interval, method=fact.words)


def identical(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """Notes on figures that repeat in the next year, in another part of the year or in another place."""
    lasting = known.figures.lasting
    odd = [fact for fact in facts if fact.plain and fact.printed not in (0, HUNDRED) and digits(fact) >= LONG]
    usable = [fact for fact in odd if fact.metric_id not in lasting]
    for same in grouped(usable, lambda fact: (*_where(fact), fact.period)):
        for earlier, later in pairwise(sorted(same, key=lambda fact: fact.year)):
            if later.year == earlier.year + 1 and later.printed == earlier.printed:
                yield _note(later, earlier, "same_as_year_before")
    dated = (fact for fact in usable if fact.period == "full" or fact.period.startswith("ytd-"))
    for same in grouped(dated, lambda fact: (*_where(fact), fact.year)):
        same.sort(key=lambda fact: (fact.period == "full", fact.period))
        for earlier, later in pairwise(same):
            if later.period != earlier.period and later.printed == earlier.printed:
                yield _note(later, earlier, "same_as_other_period")
    long = [fact for fact in usable if fact.whole and digits(fact) >= VERY_LONG and fact.interval.is_point]
    counts = (fact for fact in long if fact.metric_id not in known.continuous)
    for same in grouped(counts, lambda fact: (fact.metric_id, fact.year, fact.period, fact.printed)):
        for fact in same:
            other = next((one for one in same if one.region_code != fact.region_code), None)
            if other:
                yield _note(fact, other, "same_as_other_place")


def digits(fact: Fact) -> int:
    """Significant digits of the printed figure, zeros at its end left out."""
    return len(fact.printed.normalize().as_tuple().digits)


def _where(fact: Fact) -> tuple[str, ...]:
    return (fact.region_code, fact.unit_name, fact.metric_id, fact.scope, fact.label)


def _note(fact: Fact, other: Fact, reason: str) -> Finding:
    return Finding("identical", fact, (other,), "note", reason, other.interval, other.printed)
