"""Rates and changes against the figures behind them, and the rounding rule that they follow (checks 2 to 6).

A rate whose name does not say its base is tried against every printed candidate, and a miss decides nothing:
the true base may not be printed. Whole numbers are tried (GRIM) where the base is small enough for that to
rule anything out. Changes over several years are refused: nobody states their prior period.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from operator import attrgetter

from analysis import quantity
from analysis.audit.facts import Company, Fact, grouped, one_scope, total
from analysis.audit.findings import Finding, Number, Verdict, centre, compare
from analysis.quantity import HUNDRED, ZERO, Interval, Rounding, between, decimals, point
from analysis.tables import Change, Rate

_EITHER = (Rounding.HALF_UP, Rounding.TRUNCATION)  # the rules that Chinese reports are seen to use
_EVIDENCE = ("rate", "grim", "backcast")  # the checks whose passes show how a report rounds
_REPORT = attrgetter("fact.region_code", "fact.unit_name", "fact.year", "fact.scope", "fact.source_id")


def check(identity: Rate, company: Company) -> Iterator[Finding]:
    """The findings on one printed rate: on its stated base; without one, the best fit and how many fit."""
    rate = company.get(identity.rate)
    if rate is None:
        return
    complete = [names for names in identity.numerators if company.keys() >= set(names)]
    tops = [[company[name] for name in names] for names in complete]
    tops = [top for top in tops if total(top).lower >= ZERO]
    bases = [company[name] for name in identity.denominators if name in company]
    bases = [base for base in bases if base.interval.lower > ZERO]
    tried = [_try(identity, rate, top, base) for top in tops for base in bases]
    first = identity.denominators[0]
    stated = [one for one in tried if identity.stated and one.parts[-1].metric_id == first]
    fitting = [one for one in stated or tried if one.result != "fail"]
    fitting.sort(key=lambda one: one.result != "pass")
    if fitting:
        yield fitting[0]
        if not stated:
            yield _base(fitting)
    elif stated:
        alike = one_scope((rate, *stated[0].parts))
        yield stated[0] if alike else replace(stated[0], result="undecided", reason="labels_differ")
    elif identity.scale == 1 or not rate.plain:
        return
    elif tops:
        yield from _implied(identity, rate, tops, "no_printed_base_fits" if tried else "implied_base")
    elif bases:
        # only the likeliest printed base is tried: with several, one of them fits by chance
        yield from _grim(identity, rate, bases[0])


def _try(identity: Rate, rate: Fact, top: Sequence[Fact], base: Fact) -> Finding:
    """One numerator over one base."""
    true = total(top).over(base.interval).times(identity.scale)
    rules, result = quantity.reproduced_by(true, rate.printed, rate.step), compare(true, rate.interval)
    if not rate.plain:
        rules = ()
    elif rules:
        result = "pass" if true.is_point or result == "pass" else "undecided"
    reasons = {"pass": "reproduced", "undecided": "rounded_parts_allow_it", "fail": "not_reproducible"}
    reason = reasons[result]
    if result == "pass" and rules and Rounding.TRUNCATION not in rules:
        reason = "reproduced_by_rounding"
    elif result == "pass" and rules == (Rounding.TRUNCATION,):
        reason = "reproduced_by_truncation"
    middle, places = centre(true), decimals(f"{rate.step:f}") + 2
    numbers: dict[str, Number] = {
        "numerator": sum((part.printed for part in top), ZERO),
        "base": base.printed,
        "gives": "…" if middle is None else round(float(middle), places),
    }
    method = "|".join(rules) or ("none" if rate.plain else "as worded")
    return Finding("rate", rate, (*top, base), result, reason, rate.interval, middle, method, numbers)


def _base(fitting: Sequence[Finding]) -> Finding:
    """Which printed bases fit a rate whose name does not say its base."""
    bases = {one.parts[-1].metric_id: one.parts[-1] for one in fitting}
    sure = len({one.parts[-1].metric_id for one in fitting if one.result == "pass"})
    few: dict[int, Verdict] = {0: ("undecided", "rounded_parts_allow_it"), 1: ("pass", "one_base_fits")}
    result, reason = few.get(sure, ("undecided", "several_bases_fit"))
    best, parts = fitting[0], tuple(bases.values())
    numbers = {"fitting": sure, "base": best.numbers["base"]}
    return replace(best, check="base", parts=parts, result=result, reason=reason, numbers=numbers)


def _implied(identity: Rate, rate: Fact, tops: Iterable[Sequence[Fact]], reason: str) -> Iterator[Finding]:
    """The whole-number bases that the rate and a numerator imply, under half-up or truncation."""
    found = []
    for top in tops:
        given = total(top), rate.printed, rate.step
        # the two intervals overlap, so their hull is their union
        half_up, cut = (quantity.implied_base(*given, rule, identity.scale) for rule in _EITHER)
        if (bases := half_up.hull(cut)).bounded:
            found.append((top, bases, bases.integers()))
    if not found:
        return
    top, bases, whole = max(found, key=lambda one: bool(one[2]))
    low, high = (whole[0], whole[-1]) if whole else bases.outer_integers()
    verdict: Verdict = "note" if reason == "implied_base" else "undecided", reason
    if not whole:
        verdict = "fail", "no_whole_base"
    numerator = sum((part.printed for part in top), ZERO)
    numbers: dict[str, Number] = {"numerator": numerator, "low": low, "high": high}
    bounds, method = between(low, high), "|".join(_EITHER) if whole else "none"
    yield Finding("base", rate, tuple(top), *verdict, bounds, centre(bounds), method, numbers)


def _grim(identity: Rate, rate: Fact, base: Fact) -> Iterator[Finding]:
    """Whether a whole number of the base gives the rate; nothing where that would rule nothing out."""
    few = base.interval.is_point and base.printed < 10 ** (decimals(f"{rate.step:f}") + 2)
    if not few or rate.printed in (ZERO, HUNDRED):
        return
    given = (rate.printed, rate.step, int(base.printed))
    tried = {rule: quantity.feasible_numerators(*given, rule, identity.scale) for rule in Rounding}
    found = {rule: whole for rule, whole in tried.items() if whole}
    if found:
        low, high = min(whole[0] for whole in found.values()), max(whole[-1] for whole in found.values())
        bounds, numbers = between(low, high), {"low": low, "high": high}
        verdict: Verdict = "pass", "whole_number_exists"
        yield Finding("grim", rate, (base,), *verdict, bounds, centre(bounds), "|".join(found), numbers)
    else:
        verdict = "fail" if identity.stated else "undecided", "no_whole_number"
        yield Finding("grim", rate, (base,), *verdict, rate.interval, method="none")


def place(fact: Fact, back: int = 0) -> Hashable:
    """What a figure shares with the same figure of other sources, or of so many years later."""
    return fact.region_code, fact.unit_name, fact.year - back, fact.time, fact.area, fact.metric_id


def change(
    identity: Change, company: Company, known: Mapping[Hashable, Sequence[Fact]], shares: frozenset[str]
) -> Iterator[Finding]:
    """The findings on one printed change: one for each prior figure that is known, else what it implies."""
    level, grown = company.get(identity.level), company.get(identity.change)
    if level is None or grown is None or not grown.plain:
        return
    if level.time != "year" and not level.period.startswith("ytd-"):
        return
    given = level.interval, grown.printed, grown.step
    implied = {rule: quantity.prior_value(*given, rule) for rule in Rounding}
    half_up, growth = implied[Rounding.HALF_UP], 1 + grown.printed / HUNDRED
    middle = level.printed / growth if growth > ZERO else None
    numbers: dict[str, Number] = {"current": level.printed, "change": grown.printed}
    found = Finding("backcast", grown, (level,), "note", "prior_implied", half_up, middle, "half-up", numbers)
    priors = known.get(place(level, back=1), ())
    for prior in priors:
        yield _against(found, prior, implied, identity.level in shares)
    if not priors and half_up.bounded:
        low, high = half_up.outer_integers()
        yield replace(found, interval=between(low, high), numbers={**numbers, "low": low, "high": high})


def _against(found: Finding, prior: Fact, implied: Mapping[Rounding, Interval], share: bool) -> Finding:
    """The same with the prior year's own figure."""
    level, check = found.parts[0], "backcast"
    method = "|".join(rule for rule in Rounding if implied[rule].meets(prior.interval)) or "none"
    either = implied[Rounding.HALF_UP].hull(implied[Rounding.TRUNCATION])
    result = compare(prior.interval, either)
    if result == "pass" and not level.plain:
        result = "undecided"
    reason = {"pass": "prior_agrees", "undecided": "prior_may_agree"}.get(result, "prior_differs")
    if result == "fail" and not one_scope((level, prior)):
        result, reason = "undecided", "labels_differ"
    elif result == "fail" and (read_as := _reading(level.printed, prior.printed, found.fact, share)):
        reason, method = f"read_as_{read_as}", read_as
        check = "points" if read_as == "points" else check
    numbers: dict[str, Number] = {**found.numbers, "prior": prior.printed, "prior_source": prior.source_id}
    if prior.printed > ZERO:
        numbers["gives"] = round(float((level.printed / prior.printed - 1) * HUNDRED), 2)
    told = (either, found.expected, method, numbers)
    return Finding(check, found.fact, (level, prior), result, reason, *told)


def _reading(level: Decimal, prior: Decimal, change: Fact, share: bool) -> str:
    """What else a printed change may be than growth in per cent, tried when growth does not fit."""
    gap = level - prior
    readings = (
        ("points", gap if share else None),
        ("ratio", level / prior * HUNDRED if prior > ZERO else None),
        ("share_of_current", gap / level * HUNDRED if level > ZERO else None),
        ("other_sign", -gap / prior * HUNDRED if prior > ZERO else None),
    )
    for name, value in readings:
        if value is not None and quantity.reproduced_by(point(value), change.printed, change.step):
            return name
    return ""


def rounding_rules(findings: Sequence[Finding]) -> Iterator[Finding]:
    """One note for each report and scope whose rates point to one rule, or to none; none of a single rate.

    If every rate that half-up misses is found by truncation, and the others as well, the report truncates.
    """
    unsure = {one.fact.row for one in findings if one.reason == "several_bases_fit"}
    shown = (one for one in findings if one.check in _EVIDENCE and one.result == "pass")
    for report in grouped((one for one in shown if one.fact.row not in unsure), _REPORT).values():
        rates = grouped(report, lambda one: one.fact.metric_id)
        fits = ["|".join(one.method for one in same) for same in rates.values()]
        truncated = sum("half-up" not in methods for methods in fits)
        rounded = sum("truncation" not in methods for methods in fits)
        if len(fits) > 1 and (truncated or rounded):
            both = "mixed_rounding" if rounded else "truncates"
            reason = both if truncated else "rounds_half_up"
            fact, *others = (same[-1].fact for same in rates.values())
            numbers = {"rates": len(fits), "only_truncation": truncated, "only_half_up": rounded}
            yield Finding("rounding", fact, tuple(others), "note", reason, numbers=numbers)
