"""Amounts beside amounts: parts and totals, narrower and wider, the same fact again (checks 1 and 6 to 9).

A list of parts is seldom said to be complete: less than the total is "not itemised" unless the identity says
that the parts are all there are. Across sources little follows, and sources that agree confirm nothing, as
outlets copy one another. Identical figures are noted only if too long to meet by chance.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise, product

from analysis.audit.facts import Company, Fact, grouped, one_scope, total
from analysis.audit.findings import Finding, Verdict, compare
from analysis.quantity import HUNDRED, INFINITY, ZERO, Interval
from analysis.tables import Identities, Order, Sum

_LEAST_OFFICES = 3  # fewer offices or places are a selection, not a breakdown
_LONG = 3  # significant digits from which two years or two periods with one figure are worth a note
_VERY_LONG = 4  # the same for two places, of which there are many pairs
_NARROWER = ("own_level", "lower_level")
_RANK = ("pass", "undecided", "fail")
_FITS = {"pass": "adds_up", "undecided": "adds_up_within_rounding"}
_BEYOND = {"scope_sum": "scopes_overlap", "office_sum": "offices_incomplete", "place_sum": "places_exceed"}
_AGAIN = re.compile(r"also stated in (\S+)")
_SHARE, _CHANGE = Interval(ZERO, HUNDRED, True, True), Interval(-HUNDRED, INFINITY)


def kinds(identity: Sum, company: Company) -> Iterator[Finding]:
    """Parts of a total by kind, in the reading that fits best: one that was not meant shows nothing."""
    whole, found = company.get(identity.total), []
    for names in identity.readings:
        parts = [company[name] for name in names if name in company]
        exceeds: Verdict = "fail", "parts_exceed"
        short: Verdict = ("fail", "parts_short") if identity.exhaustive else ("undecided", "not_itemised")
        if whole and not one_scope((whole, *parts)):
            exceeds = short = "undecided", "labels_differ"
        elif len(parts) < len(names):
            short = "undecided", "part_not_printed"
        if whole and parts:
            found.append(_sum("sum", whole, parts, exceeds, short))
    found.sort(key=lambda one: (_RANK.index(one.result), _gap(one.fact, one.parts)))
    yield from (one for one in found[:1] if len(one.parts) >= identity.least)


def _sum(check: str, whole: Fact, parts: Sequence[Fact], exceeds: Verdict, short: Verdict) -> Finding:
    """A total against its parts, with the verdict if they exceed it and if they fall short of it."""
    found, printed = total(parts), sum((part.printed for part in parts), ZERO)
    result = compare(found, whole.interval)
    verdict = exceeds if found.lower > whole.interval.upper else short
    if result != "fail":
        verdict = result, _FITS[result]
    numbers = {"sum": printed, "total": whole.printed, "gap": whole.printed - printed}
    return Finding(check, whole, tuple(parts), *verdict, whole.interval, printed, "sum", numbers)


def _gap(whole: Fact, parts: Iterable[Fact]) -> Decimal:
    return abs(whole.printed - sum(part.printed for part in parts))


def beside(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """Sums over scopes, offices and places within one source, of the metrics whose figures add up so."""
    fit = (fact for fact in facts if fact.metric_id in known.figures.accumulating)
    tables = grouped(fit, lambda fact: (fact.source_id, fact.metric_id, fact.year, fact.time))
    for table in tables.values():
        places = grouped((fact for fact in table if fact.whole), lambda fact: _parent(fact.region_code))
        for region, own in grouped(table, lambda fact: fact.region_code).items():
            totals = [fact for fact in own if not fact.unit_name]
            parts = [fact for fact in totals if not fact.whole]
            if len(totals) - len(parts) == 1 and len(parts) > 1:
                yield _beside("scope_sum", [fact for fact in totals if fact.whole], parts)
            offices = [fact for fact in own if fact.unit_name]
            for check, listed in (("office_sum", offices), ("place_sum", places.get(region, []))):
                if len(listed) >= _LEAST_OFFICES and totals:
                    yield _beside(check, totals, listed)


def _beside(check: str, totals: Sequence[Fact], parts: Sequence[Fact]) -> Finding:
    """The parts against the total that they make up, else that of the whole area, else the nearest."""
    whole = min(totals, key=lambda one: (_gap(one, parts) != 0, one.scope != "whole", _gap(one, parts)))
    certain = check == "place_sum" and whole.scope == "whole"
    exceeds: Verdict = "fail" if certain else "undecided", _BEYOND[check]
    return _sum(check, whole, parts, exceeds, ("undecided", f"{check.removesuffix('_sum')}s_incomplete"))


def _parent(code: str) -> str:
    """The code of the region above; none for the nation."""
    if not code.endswith("00"):
        return f"{code[:4]}00"
    above = "000000" if code.endswith("0000") else f"{code[:2]}0000"
    return above if code != above else ""


def order(identity: Order, company: Company) -> Iterator[Finding]:
    """The findings on the parts of one metric within one group; cases carried over may turn it round."""
    whole, exceeds = company.get(identity.larger), "part_exceeds_whole" if identity.strict else "carried_over"
    for name in identity.smaller:
        if whole and name in company:
            yield _order("order", company[name], whole, exceeds)


def _order(check: str, smaller: Fact, larger: Fact, exceeds: str) -> Finding:
    verdict: Verdict = "undecided", "may_be_in_order"
    if smaller.interval.upper <= larger.interval.lower:
        verdict = "pass", "in_order"
    elif smaller.interval.lower > larger.interval.upper:
        one_source = smaller.source_id == larger.source_id
        verdict = "note" if exceeds == "carried_over" else "fail" if one_source else "undecided", exceeds
    allowed = Interval(ZERO, larger.interval.upper, True, True)
    return Finding(check, smaller, (larger,), *verdict, allowed, method="at most")


def within(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """Orders of one metric: narrower scope and whole area, shorter and longer part of a year, running totals.

    Rates and the like have no such order, and only some metrics (`accumulating`) grow within a year.
    """
    counts = (fact for fact in facts if fact.metric_id not in known.continuous)
    for same in grouped(counts, lambda fact: (fact.region_code, fact.unit_name, fact.metric_id)).values():
        for times in grouped(same, lambda fact: (fact.year, fact.time)).values():
            parts = [fact for fact in times if fact.scope in _NARROWER]
            for part, whole in product(parts, [fact for fact in times if fact.area == "whole"]):
                yield _order("order", part, whole, "part_exceeds_whole")
        totals = [fact for fact in same if fact.period == "cumulative"]
        rising = [*grouped(totals, lambda fact: (fact.scope, fact.label)).values()]
        if same[0].metric_id in known.figures.accumulating:
            dated = [fact for fact in same if _moment(fact)[1]]
            rising += grouped(dated, lambda fact: (fact.year, fact.area)).values()
        for series in rising:
            for earlier, later in pairwise(sorted(series, key=_moment)):
                if _moment(earlier) < _moment(later):
                    yield _order("cumulative", earlier, later, "cumulative_falls")


def _moment(fact: Fact) -> tuple[int, int]:
    """The year, and the month up to which a figure counts; 0 where it is no part of a year."""
    month = re.fullmatch(r"ytd-(\d\d)", fact.period)
    return fact.year, 12 if fact.period == "full" else int(month[1]) if month else 0


def alone(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """What one row tells: a figure stated again, words that were not stored, a percentage that cannot be."""
    changes = {pair.change for pair in known.changes}
    for fact in facts:
        if again := _AGAIN.search(fact.note):
            section = {"section": again[1]}
            yield Finding("two_sections", fact, (), "pass", "stated_twice", fact.interval, numbers=section)
        if fact.qualifier == "=" and fact.words:
            yield Finding("wording", fact, (), "note", "words_not_stored", fact.interval, method=fact.words)
        share, change = fact.metric_id in known.figures.shares, fact.metric_id in changes
        if share or change:
            possible, outside = (_SHARE, "share_outside") if share else (_CHANGE, "fall_beyond_all")
            inside = fact.interval.meets(possible)
            verdict: Verdict = ("pass", "within_range") if inside else ("fail", outside)
            yield Finding("plausible", fact, (), *verdict, possible, method="range")
        if change and not share and "百分点" in fact.evidence:
            yield Finding("points", fact, (), "note", "said_in_points", fact.interval)


def stated(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """One finding for each fact that several sources give, and for each that one source gives differently."""

    def name(fact: Fact) -> Hashable:
        label = "" if fact.scope == "whole" else fact.label
        place = fact.region_code, fact.unit_name, fact.year, fact.period
        return *place, fact.metric_id, fact.scope, label

    revised = known.figures.revised
    for same in grouped(facts, name).values():
        if len({fact.source_id for fact in same}) > 1:
            yield _stated("two_sources", "sources", same, revised)
        for own in grouped(same, lambda fact: fact.source_id).values():
            if len({(fact.printed, fact.qualifier) for fact in own}) > 1:
                yield _stated("one_source", "figures", own, revised)


def _stated(check: str, what: str, same: Sequence[Fact], revised: frozenset[str]) -> Finding:
    fact, pairs = same[0], list(combinations(same, 2))
    verdict: Verdict = "fail", f"{what}_differ"
    if all(_agree(one, other) for one, other in pairs):
        verdict = "pass", f"{what}_agree"
    elif all(one.interval.meets(other.interval) for one, other in pairs):
        verdict = "undecided", "sources_may_agree" if what == "sources" else "figures_agree"
    elif fact.metric_id in revised:  # published in several vintages
        verdict = "note", "vintages_differ"
    elif len({one.label for one in same}) > 1:
        verdict = "note", "labels_differ"
    numbers = {"sources": len({one.source_id for one in same})}
    return Finding(check, fact, tuple(same[1:]), *verdict, fact.interval, numbers=numbers)


def _agree(one: Fact, other: Fact) -> bool:
    bounded = one.interval.bounded and other.interval.bounded
    nested = one.interval.within(other.interval) or other.interval.within(one.interval)
    return one.printed == other.printed or (bounded and nested)


def identical(facts: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """Notes on figures that repeat in the next year, in another part of the year or in another place."""
    odd = (fact for fact in facts if fact.plain and fact.printed not in (ZERO, HUNDRED))
    long = (fact for fact in odd if _digits(fact) >= _LONG)
    usable = [fact for fact in long if fact.metric_id not in known.figures.lasting]
    for same in grouped(usable, lambda fact: (*_series(fact), fact.period)).values():
        for earlier, later in pairwise(sorted(same, key=lambda fact: fact.year)):
            if later.year == earlier.year + 1 and later.printed == earlier.printed:
                yield _note(later, earlier, "same_as_year_before")
    dated = (fact for fact in usable if fact.period == "full" or fact.period.startswith("ytd-"))
    for same in grouped(dated, lambda fact: (*_series(fact), fact.year)).values():
        same.sort(key=lambda fact: (fact.period == "full", fact.period))
        for earlier, later in pairwise(same):
            if later.period != earlier.period and later.printed == earlier.printed:
                yield _note(later, earlier, "same_as_other_period")
    exact = (fact for fact in usable if fact.interval.is_point and fact.metric_id not in known.continuous)
    counts = (fact for fact in exact if fact.whole and _digits(fact) >= _VERY_LONG)
    for same in grouped(counts, lambda fact: (fact.metric_id, fact.year, fact.period, fact.printed)).values():
        for fact in same:
            other = next((one for one in same if one.region_code != fact.region_code), None)
            if other:
                yield _note(fact, other, "same_as_other_place")


def _digits(fact: Fact) -> int:
    """Significant digits of the printed figure, zeros at its end left out."""
    return len(fact.printed.normalize().as_tuple().digits)


def _series(fact: Fact) -> tuple[str, ...]:
    return fact.region_code, fact.unit_name, fact.metric_id, fact.scope, fact.label


def _note(fact: Fact, other: Fact, reason: str) -> Finding:
    return Finding("identical", fact, (other,), "note", reason, other.interval, other.printed)
