"""Printed rates against their numerators and bases (checks 2, 3 and 4), and the rounding rule they follow.

A rate whose name does not say its base is tried against every printed candidate, and a miss decides nothing:
the true base may not be printed. Where the numerator is not printed, whole numbers are tried (GRIM), but only
when the base is small enough for that to rule anything out. A rule is named only where two rates show it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analysis.audit.changes import EITHER
from analysis.audit.facts import Company, Fact, grouped, one_scope
from analysis.audit.findings import Finding, Number, Result, Verdict, centre, compare, number
from analysis.audit.sums import Tally, tally
from analysis.identities import Rate
from analysis.quantity import (
    EVERYTHING,
    ZERO,
    Interval,
    Rounding,
    between,
    decimals,
    feasible_numerators,
    implied_base,
)

_SATURATED = (Decimal(0), Decimal(100))
_EVIDENCE = (
    *("reproduced", "reproduced_by_truncation", "reproduced_by_rounding", "whole_number_exists"),
    "prior_agrees",
)
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """One numerator over one base, and the rounding rules under which it is the printed rate."""

    top: Tally
    base: Fact
    true: Interval
    rules: tuple[Rounding, ...]
    result: Result


def check(identity: Rate, company: Company) -> Iterator[Finding]:
    """The findings on one printed rate; none when neither numerator nor base is printed."""
    rate = company.get(identity.rate)
    if rate is None:
        return
    tops = [tally(names, company) for names in identity.numerators]
    tops = [top for top in tops if not top.missing and top.interval.lower >= ZERO]
    bases = [company[name] for name in identity.denominators if name in company]
    bases = [base for base in bases if base.interval.lower > ZERO]
    if tops and bases:
        yield from _tried(identity, rate, [_try(identity, rate, top, base) for top in tops for base in bases])
    elif tops:
        yield from _implied(identity, rate, tops, tried=False)
    elif bases:
        # only the likeliest printed base is tried: with several, one of them fits by chance
        yield from _grim(identity, rate, bases[0])


def _try(identity: Rate, rate: Fact, top: Tally, base: Fact) -> Trial:
    true = top.interval.over(base.interval).times(identity.scale)
    rules = rate.rules(true)
    result: Result = "pass" if true.is_point or true.within(rate.interval) else "undecided"
    if not rate.plain:
        result = compare(true, rate.interval)
    elif not rules:
        result = "fail"
    return Trial(top, base, true, rules, result)


def _tried(identity: Rate, rate: Fact, trials: Sequence[Trial]) -> Iterator[Finding]:
    """The rate on its stated base; without one, the best fit and how many bases fit."""
    first = identity.denominators[0]
    stated = [trial for trial in trials if identity.stated and trial.base.metric_id == first]
    fitting = [trial for trial in stated or trials if trial.result != "fail"]
    fitting.sort(key=lambda trial: trial.result != "pass")
    if fitting:
        yield _rate(rate, fitting[0])
        if not stated:
            yield _base(rate, fitting)
    elif stated:
        yield _rate(rate, stated[0])
    else:
        yield from _implied(identity, rate, [trial.top for trial in trials], tried=True)


def _rate(rate: Fact, trial: Trial) -> Finding:
    true, places = centre(trial.true), decimals(f"{rate.step:f}")
    numbers: dict[str, Number] = {
        "numerator": number(trial.top.printed),
        "base": number(trial.base.printed),
        "gives": round(float(true), places + 2) if true is not None else "…",
    }
    parts, verdict = (*trial.top.parts, trial.base), _verdict(trial)
    if trial.result == "fail" and not one_scope((rate, *parts)):
        verdict = "undecided", "labels_differ"
    return _finding("rate", rate, parts, verdict, rate.interval, trial.rules, numbers, trial.true)


def _verdict(trial: Trial) -> Verdict:
    reasons = {"undecided": "rounded_parts_allow_it", "fail": "not_reproducible", "pass": "reproduced"}
    reason = reasons[trial.result]
    if trial.result == "pass" and trial.rules == (Rounding.TRUNCATION,):
        reason = "reproduced_by_truncation"
    elif trial.result == "pass" and trial.rules and Rounding.TRUNCATION not in trial.rules:
        reason = "reproduced_by_rounding"
    return trial.result, reason


def _base(rate: Fact, fitting: Sequence[Trial]) -> Finding:
    """Which printed bases fit a rate whose name does not say its base."""
    sure, best = {trial.base.metric_id for trial in fitting if trial.result == "pass"}, fitting[0]
    numbers: dict[str, Number] = {"fitting": len(sure), "base": number(best.base.printed)}
    verdict: Verdict = ("pass", "one_base_fits") if len(sure) == 1 else ("undecided", "several_bases_fit")
    if not sure:
        verdict = "undecided", "rounded_parts_allow_it"
    parts = tuple({trial.base.metric_id: trial.base for trial in fitting}.values())
    return _finding("base", rate, parts, verdict, rate.interval, best.rules, numbers, best.true)


def _implied(identity: Rate, rate: Fact, tops: Sequence[Tally], tried: bool) -> Iterator[Finding]:
    """The whole-number bases that the rate and a numerator imply, under half-up or truncation.

    `tried` says whether printed bases were tried and do not fit; none is printed otherwise.
    """
    if not rate.plain or identity.scale == 1:
        return
    bases = {top: found for top in tops if (found := _bases(identity, rate, top)).bounded}
    if not bases:
        return
    whole = {top: found.integers() for top, found in bases.items()}
    top = max(bases, key=lambda one: len(whole[one]) > 0)
    verdict: Verdict = ("undecided", "no_printed_base_fits") if tried else ("note", "implied_base")
    if whole[top]:
        low, high = whole[top][0], whole[top][-1]
    else:
        (low, high), verdict = bases[top].outer_integers(), ("fail", "no_whole_base")
    numbers: dict[str, Number] = {"numerator": number(top.printed), "low": low, "high": high}
    yield _finding(
        "base", rate, top.parts, verdict, between(low, high), EITHER if whole[top] else (), numbers
    )


def _bases(identity: Rate, rate: Fact, top: Tally) -> Interval:
    """All bases under half-up or truncation; the two intervals overlap, so their hull is their union."""
    tried = (implied_base(top.interval, rate.printed, rate.step, rule, identity.scale) for rule in EITHER)
    return next(tried).hull(next(tried))


def _grim(identity: Rate, rate: Fact, base: Fact) -> Iterator[Finding]:
    """Whether a whole number of the base gives the rate; nothing where that would rule nothing out."""
    usable = rate.plain and base.interval.is_point and rate.printed not in _SATURATED
    if not usable or identity.scale == 1 or base.printed >= 10 ** (decimals(f"{rate.step:f}") + 2):
        return
    given = (rate.printed, rate.step, int(base.printed))
    tried = {rule: feasible_numerators(*given, rule, identity.scale) for rule in Rounding}
    found = {rule: whole for rule, whole in tried.items() if whole}
    if not found:
        missed: Verdict = "fail" if identity.stated else "undecided", "no_whole_number"
        yield _finding("grim", rate, (base,), missed, rate.interval, (), {}, EVERYTHING)
        return
    low, high = min(whole[0] for whole in found.values()), max(whole[-1] for whole in found.values())
    verdict: Verdict = "pass", "whole_number_exists"
    numbers: dict[str, Number] = {"low": low, "high": high}
    yield _finding("grim", rate, (base,), verdict, between(low, high), tuple(found), numbers)


def _finding(
    name: str, rate: Fact, parts: tuple[Fact, ...], verdict: Verdict, interval: Interval,
    rules: Sequence[Rounding], numbers: dict[str, Number], true: Interval | None = None,
) -> Finding:  # fmt: skip
    """A finding on a rate; what is expected is the middle of `true`, else of the interval allowed."""
    method = "|".join(rules) or ("none" if rate.plain else "as worded")
    return Finding(name, rate, parts, *verdict, interval, centre(true or interval), method, numbers)


def rounding_rules(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One note for each place, year, scope and source whose rates point to one rule, or to none.

    If every rate that half-up misses is found by truncation, and truncation gives the others as well, the
    report truncates. Nothing is said where the figures fit several rules.
    """
    findings = list(findings)
    unsure = {one.fact.row for one in findings if one.reason == "several_bases_fit"}
    shown = [one for one in findings if one.reason in _EVIDENCE and one.result == "pass"]
    for report in grouped((one for one in shown if one.fact.row not in unsure), lambda one: one.fact.report):
        fits: defaultdict[str, set[str]] = defaultdict(set)
        for finding in report:
            fits[finding.fact.metric_id].update(finding.method.split("|"))
        truncated = sum(Rounding.HALF_UP not in rules for rules in fits.values())
        rounded = sum(Rounding.TRUNCATION not in rules for rules in fits.values())
        if len(fits) >= _LEAST and (truncated or rounded):
            reason = (
                "mixed_rounding" if truncated and rounded else "truncates" if truncated else "rounds_half_up"
            )
            facts = list({finding.fact.metric_id: finding.fact for finding in report}.values())
            numbers = {"rates": len(fits), "only_truncation": truncated, "only_half_up": rounded}
            yield Finding("rounding", facts[0], tuple(facts[1:]), "note", reason, numbers=numbers)
