"""Printed changes against the prior year's own figure, and the prior year they imply (checks 5 and 6).

prior = current / (1 + g). It refuses spans of several years, whose prior period nobody states. What a change
implies is told with its interval and never written to the panel.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from analysis.audit.facts import Company, Fact, one_scope
from analysis.audit.findings import Finding, Number, compare, number
from analysis.identities import Change
from analysis.quantity import HUNDRED, ZERO, Interval, Rounding, between, point, prior_value

Priors = Mapping[Hashable, Sequence[Fact]]
"""Facts by place and year, whichever source gives them."""
EITHER = (Rounding.HALF_UP, Rounding.TRUNCATION)
"""The rules that Chinese reports are seen to use."""


def index(facts: Iterable[Fact]) -> Priors:
    """The facts by place, so that the prior year's figures are found whichever source gives them."""
    places: defaultdict[Hashable, list[Fact]] = defaultdict(list)
    for fact in facts:
        places[_place(fact, fact.year)].append(fact)
    return places


def _place(fact: Fact, year: int) -> Hashable:
    return (fact.region_code, fact.unit_name, year, fact.time, fact.area, fact.metric_id)


def check(identity: Change, company: Company, priors: Priors, shares: frozenset[str]) -> Iterator[Finding]:
    """The findings on one printed change: one for each prior figure, else what the change implies."""
    pair = _pair(identity, company)
    if pair is None:
        return
    level, change = pair
    found = priors.get(_place(level, level.year - 1), ())
    for prior in found:
        yield _against(level, change, prior, identity.level in shares)
    if not found:
        bounds, numbers = implied(level, change, Rounding.HALF_UP), _numbers(level, change)
        if bounds.bounded:
            low, high = bounds.outer_integers()
            numbers |= {"low": low, "high": high}
            told = (between(low, high), _middle(level, change), "half-up", numbers)
            yield Finding("backcast", change, (level,), "note", "prior_implied", *told)


def _pair(identity: Change, company: Company) -> tuple[Fact, Fact] | None:
    """A level and its change of the same source, where the same period of the year before is known."""
    level, change = company.get(identity.level), company.get(identity.change)
    if level is None or change is None or not change.plain:
        return None
    return (level, change) if level.time == "year" or level.period.startswith("ytd-") else None


def implied(level: Fact, change: Fact, rounding: Rounding) -> Interval:
    """All prior values under one rounding rule."""
    return prior_value(level.interval, change.printed, change.step, rounding)


def _against(level: Fact, change: Fact, prior: Fact, share: bool) -> Finding:
    rules = tuple(rule for rule in Rounding if implied(level, change, rule).meets(prior.interval))
    either = implied(level, change, EITHER[0]).hull(implied(level, change, EITHER[1]))
    result, method = compare(prior.interval, either), "|".join(rules) or "none"
    if result == "pass" and not level.plain:
        result = "undecided"
    reason = {"pass": "prior_agrees", "undecided": "prior_may_agree"}.get(result, "prior_differs")
    if result == "fail" and not one_scope((level, prior)):
        result, reason = "undecided", "labels_differ"
    elif result == "fail" and (read_as := _reading(level.printed, prior.printed, change, share)):
        reason, method = f"read_as_{read_as}", read_as
    numbers = _numbers(level, change) | {"prior": number(prior.printed), "prior_source": prior.source_id}
    if prior.printed > ZERO:
        numbers["gives"] = round(float((level.printed / prior.printed - 1) * HUNDRED), 2)
    name = "points" if reason == "read_as_points" else "backcast"
    middle = _middle(level, change)
    return Finding(name, change, (level, prior), result, reason, either, middle, method, numbers)


def _numbers(level: Fact, change: Fact) -> dict[str, Number]:
    return {"current": number(level.printed), "change": number(change.printed)}


def _middle(level: Fact, change: Fact) -> Decimal | None:
    return level.printed / (1 + change.printed / HUNDRED) if change.printed > -HUNDRED else None


def _reading(level: Decimal, prior: Decimal, change: Fact, share: bool) -> str:
    """What else a printed change may be than growth in per cent, tried when growth does not fit."""
    gap = level - prior
    readings = (
        ("points", gap if share else None),
        ("ratio", level / prior * HUNDRED if prior > ZERO else None),
        ("share_of_current", gap / level * HUNDRED if level > ZERO else None),
        ("other_sign", -gap / prior * HUNDRED if prior > ZERO else None),
    )
    return next((name for name, value in readings if value is not None and change.rules(point(value))), "")
