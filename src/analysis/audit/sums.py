"""Parts against totals: kinds, scopes, offices and places (check 1).

A list of parts is seldom said to be complete, so less than the total is "not itemised" unless the identity
says that the parts are all there are. More than the total is a failure, unless the listed scopes overlap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analysis.audit.facts import Company, Fact, one_scope, scope_group, timespan
from analysis.audit.findings import Finding, Number, Verdict, compare, number
from analysis.audit.identities import Sum
from analysis.interval import ZERO, Interval, total

LEAST_OFFICES = 3
"""Fewer offices or places are a selection, not a breakdown."""

_RANK: tuple[Verdict, ...] = ("pass", "undecided", "fail")


@dataclass(frozen=True, slots=True)
class Tally:
    """The parts of one reading that are printed, and how many are not."""

    parts: tuple[Fact, ...]
    missing: int

    @property
    def interval(self) -> Interval:
        """All sums that the printed parts can stand for."""
        return total(part.interval for part in self.parts)

    @property
    def printed(self) -> Decimal:
        """The sum of the digits as printed."""
        return sum((part.printed for part in self.parts), ZERO)

    @property
    def texts(self) -> tuple[str, ...]:
        """The parts as findings list them."""
        return tuple(part.text for part in self.parts)


def tally(names: Sequence[str], company: Company) -> Tally:
    """The printed parts of a reading, in its order."""
    parts = tuple(company[name] for name in names if name in company)
    return Tally(parts, len(names) - len(parts))


def kinds(identity: Sum, company: Company) -> Finding | None:
    """Parts of a total by kind; None when the total or too many parts are not printed.

    A failure needs every reading of the parts to fail: a reading that the report did not mean shows nothing.
    """
    whole = company.get(identity.total)
    if whole is None:
        return None
    best: tuple[int, Decimal, Tally, Verdict, str] | None = None
    tallies = [found for reading in identity.readings if (found := tally(reading, company)).parts]
    for found in tallies:
        verdict, reason = _judge(whole, found, identity.exhaustive)
        rank = (_RANK.index(verdict), _gap(whole, found))
        if best is None or rank < best[:2]:
            best = (*rank, found, verdict, reason)
    if best is None or len(best[2].parts) < identity.least:
        return None
    return _finding("sum", whole, *best[2:], len(tallies))


def _gap(whole: Fact, found: Tally) -> Decimal:
    return abs(whole.printed - found.printed)


def _judge(whole: Fact, found: Tally, exhaustive: bool) -> tuple[Verdict, str]:
    verdict = compare(found.interval, whole.interval)
    if verdict == "pass":
        return "pass", "adds_up"
    if verdict == "undecided":
        return "undecided", "adds_up_within_rounding"
    if not one_scope((whole, *found.parts)):
        return "undecided", "labels_differ"
    if found.interval.lower > whole.interval.upper:
        return "fail", "parts_exceed"
    if found.missing:
        return "undecided", "part_not_printed"
    return ("fail", "parts_short") if exhaustive else ("undecided", "not_itemised")


def _finding(
    check: str, whole: Fact, found: Tally, verdict: Verdict, reason: str, readings: int = 1
) -> Finding:
    numbers: dict[str, Number] = {
        "sum": number(found.printed),
        "total": number(whole.printed),
        "gap": number(whole.printed - found.printed),
        "parts": len(found.parts),
        "parts_missing": found.missing,
        "readings": readings,
    }
    if check == "place_sum":
        parts = tuple(f"{part.region_code}={part.printed:f}" for part in found.parts)
    else:
        parts = found.texts if check == "sum" else tuple(_placed(part) for part in found.parts)
    n = len(found.parts) + 1
    return Finding(check, whole, parts, found.printed, whole.interval, verdict, reason, "sum", n, numbers)


def _placed(part: Fact) -> str:
    return f"{part.unit_name or part.label}={part.printed:f}"


def beside(facts: Iterable[Fact], accumulating: frozenset[str]) -> Iterator[Finding]:
    """Sums over scopes, offices and places within one source: whole = own level + others, and so on.

    Args:
        facts: All facts.
        accumulating: The metrics whose figures add up over places and offices.
    """
    tables: defaultdict[tuple[str, str, int, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.metric_id in accumulating:
            tables[(fact.source_id, fact.metric_id, fact.year, timespan(fact.period))].append(fact)
    for table in tables.values():
        by_region: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in table:
            by_region[fact.region_code].append(fact)
        for region, own in by_region.items():
            yield from _scopes(own)
            yield from _offices(own)
            yield from _places(own, _children(region, by_region))


def _scopes(own: Sequence[Fact]) -> Iterator[Finding]:
    wholes = [fact for fact in own if not fact.unit_name and scope_group(fact.scope, fact.label) == "whole"]
    parts = [fact for fact in own if not fact.unit_name and fact not in wholes]
    if len(wholes) == 1 and len(parts) > 1:
        found = Tally(tuple(parts), 0)
        verdict = compare(found.interval, wholes[0].interval)
        reason = {"pass": "adds_up", "undecided": "adds_up_within_rounding"}.get(verdict)
        if reason is None:
            beyond = found.interval.lower > wholes[0].interval.upper
            verdict, reason = "undecided", "scopes_overlap" if beyond else "scopes_incomplete"
        yield _finding("scope_sum", wholes[0], found, verdict, reason)


def _offices(own: Sequence[Fact]) -> Iterator[Finding]:
    offices = Tally(tuple(fact for fact in own if fact.unit_name), 0)
    totals = [fact for fact in own if not fact.unit_name]
    if len(offices.parts) >= LEAST_OFFICES and totals:
        nearest = _total(totals, offices)
        agrees = compare(offices.interval, nearest.interval) == "pass"
        verdict: Verdict = "pass" if agrees else "undecided"
        yield _finding("office_sum", nearest, offices, verdict, "adds_up" if agrees else "offices_incomplete")


def _places(own: Sequence[Fact], children: Sequence[Fact]) -> Iterator[Finding]:
    totals = [fact for fact in own if not fact.unit_name]
    places = Tally(tuple(children), 0)
    if len(children) < LEAST_OFFICES or not totals:
        return
    nearest = _total(totals, places)
    verdict = compare(places.interval, nearest.interval)
    reason = {"pass": "adds_up", "undecided": "adds_up_within_rounding"}.get(verdict)
    if reason is None:
        beyond = places.interval.lower > nearest.interval.upper
        verdict = "fail" if beyond and nearest.scope == "whole" else "undecided"
        reason = "places_exceed" if beyond else "places_incomplete"
    yield _finding("place_sum", nearest, places, verdict, reason)


def _total(totals: Sequence[Fact], found: Tally) -> Fact:
    """The total that the parts make up, else that of the whole area, else the nearest."""
    return min(
        totals, key=lambda whole: (_gap(whole, found) != 0, whole.scope != "whole", _gap(whole, found))
    )


def _children(region: str, by_region: Mapping[str, Sequence[Fact]]) -> list[Fact]:
    """The whole-area facts of the regions one level below, by their codes."""
    below = [code for code in by_region if code != region and _parent(code) == region]
    facts = [fact for code in below for fact in by_region[code]]
    return [fact for fact in facts if not fact.unit_name and scope_group(fact.scope, fact.label) == "whole"]


def _parent(code: str) -> str:
    if not code.endswith("00"):
        return f"{code[:4]}00"
    return "000000" if code.endswith("0000") else f"{code[:2]}0000"
