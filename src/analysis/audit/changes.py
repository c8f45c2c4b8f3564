"""Printed changes against the prior year's own figure, and the prior year they imply (checks 5 and 6).

prior = current / (1 + g). It refuses spans of several years, whose prior period nobody states, and writes
nothing to the panel: a back-cast value is made at run time, marked `derived`, with its interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.facts import Company, Fact, Group, companies, one_scope, read, scope_group, timespan
from analysis.audit.findings import Finding, Number, compare, number
from analysis.audit.identities import Change, Identities
from analysis.interval import ZERO, Interval, point
from analysis.quantity import HUNDRED, Rounding, prior_value

Place = tuple[str, str, int, str, str, str]
"""Region, office, year, period, scope and metric, whatever the source."""
Priors = Mapping[Place, Sequence[Fact]]

EITHER = (Rounding.HALF_UP, Rounding.TRUNCATION)


def read_paired(frame: pd.DataFrame, identities: Identities) -> list[Fact]:
    """The facts of an observation frame that are a level or a change, which are few of all."""
    paired = {name for pair in identities.changes for name in (pair.level, pair.change)}
    return read(frame[frame["metric_id"].isin(paired)], identities.continuous)


def index(facts: Iterable[Fact]) -> dict[Place, list[Fact]]:
    """The facts by place, so that the prior year's figures are found whichever source gives them."""
    places: defaultdict[Place, list[Fact]] = defaultdict(list)
    for fact in facts:
        places[_place(fact, fact.year)].append(fact)
    return places


def _place(fact: Fact, year: int) -> Place:
    scope = scope_group(fact.scope, fact.label)
    return (fact.region_code, fact.unit_name, year, timespan(fact.period), scope, fact.metric_id)


def comparable_period(period: str) -> bool:
    """Whether the same period of the year before is known: years and their first months, never spans."""
    return timespan(period) == "year" or period.startswith("ytd-")


def check(identity: Change, company: Company, priors: Priors, shares: frozenset[str]) -> Iterator[Finding]:
    """The findings on one printed change: one for each prior figure, else what the change implies."""
    level, change = company.get(identity.level), company.get(identity.change)
    if level is None or change is None or not change.plain or not comparable_period(level.period):
        return
    found = priors.get(_place(level, level.year - 1), ())
    for prior in found:
        yield _against(level, change, prior, identity.level in shares)
    if not found:
        yield _unprinted(level, change)


def implied(level: Fact, change: Fact, rounding: Rounding) -> Interval:
    """All prior values under one rounding rule."""
    return prior_value(level.interval, change.printed, change.step, rounding)


def _against(level: Fact, change: Fact, prior: Fact, share: bool) -> Finding:
    rules = tuple(rule for rule in Rounding if implied(level, change, rule).meets(prior.interval))
    either = _either(level, change)
    verdict = compare(prior.interval, either)
    if verdict == "pass" and not level.plain:
        verdict = "undecided"
    reason = {"pass": "prior_agrees", "undecided": "prior_may_agree"}.get(verdict, "prior_differs")
    numbers = _numbers(level, change) | {
        "prior": number(prior.printed),
        "prior_source": prior.source_id,
    }
    method = "|".join(rules) or "none"
    if prior.printed > ZERO:
        numbers["gives"] = round(float((level.printed / prior.printed - 1) * HUNDRED), 2)
    if verdict == "fail":
        fits = [name for name, reads in READINGS.items() if reads(level, change, prior, share)]
        if not one_scope((level, prior)):
            verdict, reason = "undecided", "labels_differ"
        elif fits:
            reason, method = f"read_as_{fits[0]}", fits[0]
    parts = (level.text, f"{prior.source_id}:{prior.year}={prior.printed:f}")
    n = 3
    check_name = "points" if reason == "read_as_points" else "backcast"
    return Finding(
        check_name, change, parts, _middle(level, change), either, verdict, reason, method, n, numbers
    )


def _unprinted(level: Fact, change: Fact) -> Finding:
    outer = _outer(implied(level, change, Rounding.HALF_UP))
    numbers = _numbers(level, change)
    parts = (level.text,)
    middle = _middle(level, change)
    return Finding("backcast", change, parts, middle, outer, "note", "prior_implied", "half-up", 2, numbers)


def _numbers(level: Fact, change: Fact) -> dict[str, Number]:
    """The level, the change and the whole-number ranges that each rule implies (bounds moved outwards)."""
    numbers: dict[str, Number] = {"current": number(level.printed), "change": number(change.printed)}
    for rule in EITHER:
        bounds = implied(level, change, rule)
        if bounds.bounded:
            name = rule.value.replace("-", "_")
            numbers[f"{name}_low"], numbers[f"{name}_high"] = bounds.outer_integers()
    return numbers


def _either(level: Fact, change: Fact) -> Interval:
    return implied(level, change, EITHER[0]).hull(implied(level, change, EITHER[1]))


def _outer(interval: Interval) -> Interval:
    if not interval.bounded:
        return interval
    low, high = interval.outer_integers()
    return Interval(Decimal(low), Decimal(high), True, True)


def _middle(level: Fact, change: Fact) -> Decimal | None:
    if change.printed <= -HUNDRED:
        return None
    return level.printed / (1 + change.printed / HUNDRED)


def _fits(change: Fact, value: Decimal) -> bool:
    return bool(change.rules(point(value)))


def _points(level: Fact, change: Fact, prior: Fact, share: bool) -> bool:
    return share and _fits(change, level.printed - prior.printed)


def _ratio(level: Fact, change: Fact, prior: Fact, share: bool) -> bool:
    return prior.printed > ZERO and _fits(change, level.printed / prior.printed * HUNDRED)


def _share_of_current(level: Fact, change: Fact, prior: Fact, share: bool) -> bool:
    return level.printed > ZERO and _fits(change, (level.printed - prior.printed) / level.printed * HUNDRED)


def _other_sign(level: Fact, change: Fact, prior: Fact, share: bool) -> bool:
    return prior.printed > ZERO and _fits(change, (prior.printed - level.printed) / prior.printed * HUNDRED)


READINGS: dict[str, Callable[[Fact, Fact, Fact, bool], bool]] = {
    "points": _points,
    "ratio": _ratio,
    "share_of_current": _share_of_current,
    "other_sign": _other_sign,
}
"""Other things that a printed change may be than growth in per cent, tried when growth does not fit."""


def backcast(
    frame: pd.DataFrame,
    identities: Identities,
    rounding: Rounding | None = Rounding.HALF_UP,
    *,
    missing_only: bool = True,
) -> pd.DataFrame:
    """Prior-year values implied by printed changes, as observations marked `derived`, one row each.

    The columns are the frame's and `lower`, `upper` (the interval, moved outwards to whole numbers), `method`
    ("back-cast, half-up") and `n` (printed figures used). `value` is current / (1 + g) to the nearest whole
    number, `printed` is empty, `status` is E, `source_id` is the source of the change.

    Args:
        frame: Observations, with the columns of the panel.
        identities: What pairs a level with its change.
        rounding: The rule by which the change was rounded; None when either half-up or truncation may be.
        missing_only: Leave out the years for which some source prints the figure itself.
    """
    facts = read_paired(frame, identities)
    printed = index(facts)
    groups = companies(facts)
    rows = [
        _derived(level, change, rounding)
        for identity in identities.changes
        for level, change in _pairs(identity, groups)
        if not (missing_only and _place(level, level.year - 1) in printed)
    ]
    return _as_observations(rows, frame.iloc[:0].assign(lower=0, upper=0, method="", n=0))


def _as_observations(rows: list[dict[str, Any]], form: pd.DataFrame) -> pd.DataFrame:
    """The rows with the columns of a form and their types; what a row does not name is empty."""
    kinds = {str(name): kind for name, kind in form.dtypes.items()}
    blank = {name: "" if pd.api.types.is_string_dtype(kind) else np.nan for name, kind in kinds.items()}
    blank["line"] = 0
    return pd.DataFrame(
        {
            name: pd.array([row.get(name, blank[name]) for row in rows], dtype=kind)
            for name, kind in kinds.items()
        }
    )


def _pairs(identity: Change, groups: Mapping[Group, Company]) -> Iterator[tuple[Fact, Fact]]:
    for company in groups.values():
        level, change = company.get(identity.level), company.get(identity.change)
        if level is None or change is None or not comparable_period(level.period):
            continue
        if change.plain and level.interval.bounded and change.interval.lower > -HUNDRED:
            yield level, change


def _derived(level: Fact, change: Fact, rounding: Rounding | None) -> dict[str, Any]:
    bounds = implied(level, change, rounding) if rounding else _either(level, change)
    low, high = bounds.outer_integers()
    return {
        "region_code": level.region_code,
        "unit_name": level.unit_name,
        "year": level.year - 1,
        "period": level.period,
        "metric_id": level.metric_id,
        "value": float(round(_middle(level, change) or ZERO)),
        "qualifier": "~",
        "scope": level.scope,
        "scope_as_reported": level.label,
        "status": "E",
        "source_id": change.source_id,
        "derived": True,
        "lower": low,
        "upper": high,
        "method": f"back-cast, {rounding or 'either rounding'}",
        "n": 2,
    }
