"""Impossible percentages, percentage points in a column of per cent, and words not stored (check 6).

A lost decimal point (126 % for 12.6 %) shows here; a share inside 0 to 100 passes, which proves little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analysis.audit.facts import Fact
from analysis.audit.findings import Finding, Number, Verdict, number
from analysis.audit.identities import Identities
from analysis.interval import INFINITY, ZERO, Interval
from analysis.quantity import HUNDRED

SHARE = Interval(ZERO, HUNDRED, True, True)
CHANGE = Interval(-HUNDRED, INFINITY)


def percentages(facts: Iterable[Fact], identities: Identities) -> Iterator[Finding]:
    """One finding for each share and each change of a count: whether any true value is possible."""
    changes = {pair.change for pair in identities.changes}
    for fact in facts:
        if fact.metric_id in identities.figures.shares:
            yield _inside(fact, SHARE, "share_outside")
        elif fact.metric_id in changes:
            yield _inside(fact, CHANGE, "fall_beyond_all")
            if "百分点" in fact.evidence:
                yield _note(fact, "points", "said_in_points")


def _inside(fact: Fact, range_: Interval, outside: str) -> Finding:
    possible = fact.interval.meets(range_)
    verdict: Verdict = "pass" if possible else "fail"
    reason = "within_range" if possible else outside
    numbers: dict[str, Number] = {"value": number(fact.printed)}
    return Finding("plausible", fact, (), None, range_, verdict, reason, "range", 1, numbers)


def wording(facts: Iterable[Fact]) -> Iterator[Finding]:
    """Notes on figures stored as exact although words limit them; the checks used the words all the same."""
    for fact in facts:
        if fact.qualifier == "=" and fact.words:
            yield _note(fact, "wording", "words_not_stored")


def _note(fact: Fact, check: str, reason: str) -> Finding:
    numbers: dict[str, Number] = {"value": number(fact.printed)}
    return Finding(check, fact, (), None, fact.interval, "note", reason, fact.words, 1, numbers)
