"""Which rounding rule a report follows, from all its rates that can be recomputed (check 2).

If every rate that half-up misses is found by truncation, and truncation gives the others as well, the report
truncates. It refuses to name a rule where the figures fit several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from analysis.audit.findings import Finding, Number
from analysis.interval import EVERYTHING
from analysis.quantity import Rounding

EVIDENCE = {
    "rate": ("reproduced", "reproduced_by_truncation", "reproduced_by_rounding"),
    "grim": ("whole_number_exists",),
    "backcast": ("prior_agrees",),
}
"""The findings that show a rule, by check and reason."""
LEAST = 2
"""Rates that it takes to speak of a report's rule; one rate says so in its own finding."""


def rules(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One note for each place, year, scope and source whose rates point to one rule, or to none."""
    findings = list(findings)
    unsure = {finding.fact for finding in findings if finding.reason == "several_bases_fit"}
    reports: defaultdict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.fact in unsure:
            continue
        if finding.verdict == "pass" and finding.reason in EVIDENCE.get(finding.check, ()):
            fact = finding.fact
            reports[(fact.region_code, fact.unit_name, fact.year, fact.scope, fact.source_id)].append(finding)
    for shown in reports.values():
        if len({finding.fact.metric_id for finding in shown}) >= LEAST:
            yield from _rule(shown)


def _rule(shown: Sequence[Finding]) -> Iterator[Finding]:
    fits: defaultdict[str, set[str]] = defaultdict(set)
    for finding in shown:
        fits[finding.fact.metric_id].update(finding.method.split("|"))
    never_half_up = [name for name, rules in fits.items() if Rounding.HALF_UP not in rules]
    never_truncation = [name for name, rules in fits.items() if Rounding.TRUNCATION not in rules]
    if not never_half_up and not never_truncation:
        return
    reason = "mixed_rounding" if never_truncation else "truncates"
    if not never_half_up:
        reason = "rounds_half_up"
    numbers: dict[str, Number] = {
        "rates": len(fits),
        "only_truncation": len(never_half_up),
        "only_half_up": len(never_truncation),
    }
    first = shown[0].fact
    texts = {finding.fact.metric_id: finding.fact.text for finding in shown}
    parts = tuple(f"{texts[name]} ({'|'.join(sorted(found))})" for name, found in fits.items())
    yield Finding("rounding", first, parts, None, EVERYTHING, "note", reason, "", len(fits), numbers)
