"""Parts against totals: kinds, scopes, offices and places (check 1).

A list of parts is seldom said to be complete, so less than the total is "not itemised" unless the identity
says that the parts are all there are. More than the total is a failure, unless the listed scopes overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analysis.audit.facts import Company, Fact, grouped, one_scope
from analysis.audit.findings import Finding, Result, Verdict, compare, number
from analysis.identities import Sum
from analysis.quantity import ZERO, Interval, point

LEAST_OFFICES = 3
"""Fewer offices or places are a selection, not a breakdown."""
_RANK: tuple[Result, ...] = ("pass", "undecided", "fail")
_FITS = {"pass": "adds_up", "undecided": "adds_up_within_rounding"}


@dataclass(frozen=True, slots=True)
class Tally:
    """The parts of one reading that are printed, and how many are not."""

    parts: tuple[Fact, ...]
    missing: int = 0

    @property
    def interval(self) -> Interval:
        """All sums that the printed parts can stand for."""
        return sum((part.interval for part in self.parts), point(0))

    @property
    def printed(self) -> Decimal:
        """The sum of the digits as printed."""
        return sum((part.printed for part in self.parts), ZERO)

    def gap(self, whole: Fact) -> Decimal:
        """How far the digits as printed miss a total."""
        return abs(whole.printed - self.printed)


def tally(names: Sequence[str], company: Company) -> Tally:
    """The printed parts of a reading, in its order."""
    parts = tuple(company[name] for name in names if name in company)
    return Tally(parts, len(names) - len(parts))


def kinds(identity: Sum, company: Company) -> Iterator[Finding]:
    """Parts of a total by kind; nothing when the total or too many parts are not printed.

    A failure needs every reading of the parts to fail: a reading that the report did not mean shows nothing.
    """
    whole = company.get(identity.total)
    tallies = [found for reading in identity.readings if (found := tally(reading, company)).parts]
    if whole is None or not tallies:
        return
    judged = [(*_judge(whole, found, identity.exhaustive), found) for found in tallies]
    result, reason, best = min(judged, key=lambda one: (_RANK.index(one[0]), one[2].gap(whole)))
    if len(best.parts) >= identity.least:
        yield _finding("sum", whole, best, result, reason)


def _judge(whole: Fact, found: Tally, exhaustive: bool) -> Verdict:
    result = compare(found.interval, whole.interval)
    if result != "fail":
        return result, _FITS[result]
    if not one_scope((whole, *found.parts)):
        return "undecided", "labels_differ"
    if found.interval.lower > whole.interval.upper:
        return "fail", "parts_exceed"
    if found.missing:
        return "undecided", "part_not_printed"
    return ("fail", "parts_short") if exhaustive else ("undecided", "not_itemised")


def _finding(check: str, whole: Fact, found: Tally, result: Result, reason: str) -> Finding:
    numbers = {"sum": found.printed, "total": whole.printed, "gap": whole.printed - found.printed}
    plain = {name: number(value) for name, value in numbers.items()}
    return Finding(check, whole, found.parts, result, reason, whole.interval, found.printed, "sum", plain)


def beside(facts: Iterable[Fact], accumulating: frozenset[str]) -> Iterator[Finding]:
    """Sums over scopes, offices and places within one source, of the metrics whose figures add up so."""
    fit = (fact for fact in facts if fact.metric_id in accumulating)
    for table in grouped(fit, lambda fact: (fact.source_id, fact.metric_id, fact.year, fact.time)):
        wholes = [fact for fact in table if fact.whole]
        for own in grouped(table, lambda fact: fact.region_code):
            region = own[0].region_code
            totals = [fact for fact in own if not fact.unit_name]
            parts = [fact for fact in totals if not fact.whole]
            if len(totals) - len(parts) == 1 and len(parts) > 1:
                yield _beside("scope_sum", [fact for fact in totals if fact.whole], parts)
            children = [fact for fact in wholes if _parent(fact.region_code) == region]
            offices = [fact for fact in own if fact.unit_name]
            for check, listed in (("office_sum", offices), ("place_sum", children)):
                if len(listed) >= LEAST_OFFICES and totals:
                    yield _beside(check, totals, listed)


_BEYOND = {"scope_sum": "scopes_overlap", "office_sum": "offices_incomplete", "place_sum": "places_exceed"}


def _beside(check: str, totals: Sequence[Fact], parts: Sequence[Fact]) -> Finding:
    """The parts against the total that they make up, else that of the whole area, else the nearest."""
    found = Tally(tuple(parts))
    whole = min(totals, key=lambda one: (found.gap(one) != 0, one.scope != "whole", found.gap(one)))
    result = compare(found.interval, whole.interval)
    if result != "fail":
        return _finding(check, whole, found, result, _FITS[result])
    beyond = found.interval.lower > whole.interval.upper
    reason = _BEYOND[check] if beyond else f"{check.removesuffix('_sum')}s_incomplete"
    certain = check == "place_sum" and beyond and whole.scope == "whole"
    return _finding(check, whole, found, "fail" if certain else "undecided", reason)


def _parent(code: str) -> str:
    """The code of the region above; none for the nation."""
    if not code.endswith("00"):
        return f"{code[:4]}00"
    above = "000000" if code.endswith("0000") else f"{code[:2]}0000"
    return above if code != above else ""
