"""Printed rates against their numerators and bases (checks 2, 3 and 4).

A rate whose name does not say its base is tried against every printed candidate, and a miss decides nothing:
the true base may not be printed. Where the numerator is not printed, whole numbers are tried (GRIM), but only
when the base is small enough for that to rule anything out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analysis.audit.facts import Company, Fact, one_scope
from analysis.audit.findings import Finding, Number, Verdict, centre, compare, number
from analysis.audit.identities import Rate
from analysis.audit.sums import Tally, tally
from analysis.interval import ZERO, Interval
from analysis.quantity import Rounding, decimals, feasible_numerators, implied_base, percentage

EITHER = (Rounding.HALF_UP, Rounding.TRUNCATION)
"""The rules that Chinese reports are seen to use."""
SATURATED = (Decimal(0), Decimal(100))
"""Rates that any base gives, so that trying whole numbers shows nothing."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One numerator over one base, and the rounding rules under which it is the printed rate."""

    top: Tally
    base: Fact
    true: Interval
    rules: tuple[Rounding, ...]
    verdict: Verdict

    @property
    def parts(self) -> tuple[str, ...]:
        """The figures that went in."""
        return (*self.top.texts, self.base.text)


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
        yield from _implied(identity, rate, tops, {})
    else:
        for base in bases[:1]:
            yield from _grim(identity, rate, base)


def _try(identity: Rate, rate: Fact, top: Tally, base: Fact) -> Trial:
    true = percentage(top.interval, base.interval, identity.factor)
    rules = rate.rules(true)
    verdict: Verdict
    if not rate.plain:
        verdict = compare(true, rate.interval)
    elif not rules:
        verdict = "fail"
    else:
        verdict = "pass" if true.is_point or true.within(rate.interval) else "undecided"
    return Trial(top, base, true, rules, verdict)


def _tried(identity: Rate, rate: Fact, trials: Sequence[Trial]) -> Iterator[Finding]:
    """The rate on its stated base; without one, the best fit and how many bases fit."""
    stated = [
        trial for trial in trials if identity.stated and trial.base.metric_id == identity.denominators[0]
    ]
    candidates = stated or trials
    fitting = [trial for trial in candidates if trial.verdict != "fail"]
    fitting.sort(key=lambda trial: trial.verdict != "pass")
    if fitting:
        yield _rate(rate, fitting[0])
        if not stated:
            yield _base(rate, trials, fitting)
    elif stated:
        yield _rate(rate, stated[0])
    else:
        nearest = min(trials, key=lambda trial: abs((centre(trial.true) or ZERO) - rate.printed))
        numbers: dict[str, Number] = {
            "bases": len({trial.base.metric_id for trial in trials}),
            "nearest": nearest.base.metric_id,
            "nearest_base": number(nearest.base.printed),
        }
        yield from _implied(identity, rate, [trial.top for trial in trials], numbers)


def _rate(rate: Fact, trial: Trial) -> Finding:
    true = centre(trial.true)
    numbers: dict[str, Number] = {
        "numerator": number(trial.top.printed),
        "base": number(trial.base.printed),
        "decimals": _places(rate),
    }
    if true is not None:
        numbers["gives"] = round(float(true), _places(rate) + 2)
    verdict, reason = trial.verdict, _reason(trial)
    if verdict == "fail" and not one_scope((rate, trial.base, *trial.top.parts)):
        verdict, reason = "undecided", "labels_differ"
    return _finding("rate", rate, trial.parts, rate.interval, verdict, reason, trial.rules, numbers, true)


def _reason(trial: Trial) -> str:
    if trial.verdict != "pass":
        return "rounded_parts_allow_it" if trial.verdict == "undecided" else "not_reproducible"
    if trial.rules == (Rounding.TRUNCATION,):
        return "reproduced_by_truncation"
    rounded = trial.rules and Rounding.TRUNCATION not in trial.rules
    return "reproduced_by_rounding" if rounded else "reproduced"


def _base(rate: Fact, trials: Sequence[Trial], fitting: Sequence[Trial]) -> Finding:
    sure = {trial.base.metric_id for trial in fitting if trial.verdict == "pass"}
    numbers: dict[str, Number] = {
        "bases": len({trial.base.metric_id for trial in trials}),
        "fitting": len(sure),
        "base": number(fitting[0].base.printed),
    }
    verdict: Verdict = "pass" if len(sure) == 1 else "undecided"
    reason = {0: "rounded_parts_allow_it", 1: "one_base_fits"}.get(len(sure), "several_bases_fit")
    parts = tuple(dict.fromkeys(trial.base.text for trial in fitting))
    true = centre(fitting[0].true)
    return _finding("base", rate, parts, rate.interval, verdict, reason, fitting[0].rules, numbers, true)


def _implied(
    identity: Rate, rate: Fact, tops: Sequence[Tally], numbers: dict[str, Number]
) -> Iterator[Finding]:
    """The whole-number bases that the rate and a numerator imply, under half-up or truncation.

    `numbers` describes the printed bases that were tried; empty when none is printed.
    """
    if not rate.plain or identity.scale == 1:
        return
    ranges = {top: _whole_bases(identity, rate, top) for top in tops}
    top, whole = max(ranges.items(), key=lambda item: len(item[1]) > 0)
    verdict: Verdict = "undecided" if numbers else "note"
    reason = "no_printed_base_fits" if numbers else "implied_base"
    if not whole:
        low, high = _bases(identity, rate, top).outer_integers()
        verdict, reason = "fail", "no_whole_base"
    else:
        low, high = whole[0], whole[-1]
    numbers = numbers | {"numerator": number(top.printed), "base_low": low, "base_high": high}
    bounds = Interval(Decimal(low), Decimal(high), True, True)
    rules = EITHER if whole else ()
    yield _finding("base", rate, top.texts, bounds, verdict, reason, rules, numbers, centre(bounds))


def _bases(identity: Rate, rate: Fact, top: Tally) -> Interval:
    """All bases under half-up or truncation; the two intervals overlap, so their hull is their union."""
    first, second = (
        implied_base(top.interval, rate.printed, rate.step, rule, identity.factor) for rule in EITHER
    )
    return first.hull(second)


def _whole_bases(identity: Rate, rate: Fact, top: Tally) -> range:
    bases = _bases(identity, rate, top)
    return bases.integers() if bases.bounded else range(0)


def _grim(identity: Rate, rate: Fact, base: Fact) -> Iterator[Finding]:
    """Whether a whole number of the base gives the rate; nothing where that would rule nothing out.

    Only the likeliest printed base is tried: with several, one of them fits by chance.
    """
    usable = rate.plain and base.exact and rate.printed not in SATURATED and identity.scale != 1
    if not usable or base.printed >= 10 ** (_places(rate) + 2):
        return
    found = {
        rule: feasible_numerators(rate.printed, rate.step, int(base.printed), rule, identity.factor)
        for rule in Rounding
    }
    rules = tuple(rule for rule, whole in found.items() if whole)
    numbers: dict[str, Number] = {"base": int(base.printed), "decimals": _places(rate)}
    if not rules:
        verdict: Verdict = "fail" if identity.stated else "undecided"
        yield _finding("grim", rate, (base.text,), rate.interval, verdict, "no_whole_number", (), numbers)
        return
    low, high = min(found[rule][0] for rule in rules), max(found[rule][-1] for rule in rules)
    numbers |= {"numerator_low": low, "numerator_high": high}
    bounds = Interval(Decimal(low), Decimal(high), True, True)
    reason = "whole_number_exists"
    yield _finding("grim", rate, (base.text,), bounds, "pass", reason, rules, numbers, centre(bounds))


def _finding(
    check_name: str,
    rate: Fact,
    parts: tuple[str, ...],
    interval: Interval,
    verdict: Verdict,
    reason: str,
    rules: Sequence[Rounding],
    numbers: dict[str, Number],
    expected: Decimal | None = None,
) -> Finding:
    method = "|".join(rules) or ("none" if rate.plain else "as worded")
    n = len(parts) + 1
    return Finding(check_name, rate, parts, expected, interval, verdict, reason, method, n, numbers)


def _places(rate: Fact) -> int:
    return decimals(f"{rate.step:f}")
