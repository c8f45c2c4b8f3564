"""Facts as the audit reads them: exact digits, what they can mean, and which may be held side by side.

Only facts of the same region, office, year, period, scope and source are put together, because most
contradictions between figures are contradictions between scopes. It refuses to choose where one group holds
two different figures for one metric: that metric is left out of the group.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from analysis.interval import ZERO, Interval
from analysis.quantity import Rounding, last_place, printed_step, reading, reproduced_by, worded_qualifier

_ALL_COURTS = re.compile(r"全(国|省|市|区|县|州)?(两级|各级)?法院|(市县)?两级法院")
_ANNUAL = {"full": "year", "year_end": "year"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One printed figure: where it belongs, its digits, and all values it can stand for."""

    region_code: str
    unit_name: str
    year: int
    period: str
    scope: str
    label: str
    source_id: str
    metric_id: str
    status: str
    note: str
    evidence: str
    printed: Decimal
    step: Decimal
    qualifier: str
    words: str
    interval: Interval

    @property
    def plain(self) -> bool:
        """Whether it was printed without 余, 近, 约, 以上 or the like."""
        return self.qualifier == "=" and not self.words

    @property
    def exact(self) -> bool:
        """Whether it can stand for one value only."""
        return self.interval.is_point

    @property
    def text(self) -> str:
        """The metric and its figure, as the findings list their parts."""
        return f"{self.metric_id}={self.printed:f}"

    def rules(self, true: Interval) -> tuple[Rounding, ...]:
        """The rounding rules under which this figure is printed for some of the true values."""
        return reproduced_by(true, self.printed, self.step) if self.plain else ()


class Group(NamedTuple):
    """What facts must share to be checked against one another: the place, office, time, scope and source."""

    region_code: str
    unit_name: str
    year: int
    period: str
    scope: str
    source_id: str


Company = Mapping[str, Fact]
"""The facts of one group, by metric id."""


_TEXTS = (
    *("region_code", "unit_name", "period", "scope", "scope_as_reported"),
    *("source_id", "metric_id", "status", "note", "evidence"),
)
_NUMBERS = ("year", "printed", "qualifier", "resolution")


def read(frame: pd.DataFrame, continuous: Collection[str]) -> list[Fact]:
    """The reported facts of an observation frame; derived rows are left out.

    Args:
        frame: Observations, with the columns of the panel.
        continuous: The metrics of which a plain whole number is a rounded figure.
    """
    rows = frame[~frame["derived"].astype(bool)]
    texts = zip(*(rows[name].tolist() for name in _TEXTS), strict=True)
    numbers = zip(*(rows[name].tolist() for name in _NUMBERS), strict=True)
    facts = []
    for text, number in zip(texts, numbers, strict=True):
        region, unit, period, scope, label, source, metric, status, note, evidence = text
        year, digits, qualifier, resolution = number
        printed, unknown = Decimal(digits), pd.isna(resolution)
        words = worded_qualifier(evidence) or _noted_bound(note)
        step = _step(digits, None if unknown else resolution, evidence, metric in continuous)
        facts.append(
            Fact(
                region_code=region,
                unit_name=unit,
                year=int(year),
                period=period,
                scope=scope,
                label=label,
                source_id=source,
                metric_id=metric,
                status=status,
                note=note,
                evidence=evidence,
                printed=printed,
                step=step,
                qualifier=qualifier,
                words=words,
                interval=_interval(printed, qualifier, words, step, unknown),
            )
        )
    return facts


def _noted_bound(note: str) -> str:
    if "下限" in note:
        return ">="
    return "<=" if "上限" in note else ""


def _step(printed: str, resolution: float | None, evidence: str, continuous: bool) -> Decimal:
    if resolution is not None:
        return Decimal(str(resolution)).normalize()
    return printed_step(printed, evidence, continuous=continuous)


def _interval(printed: Decimal, qualifier: str, words: str, step: Decimal, unknown: bool) -> Interval:
    """What the figure can mean: the words beside it go before the qualifier that was stored.

    Without a known step, 6800多 and 近8500 reach to the next of their last digit that is not zero.
    """
    if words == ">=":
        return reading(printed, ">", ZERO)
    if words == "<=":
        return reading(printed, "<", ZERO)
    sign = words if qualifier == "=" and words else qualifier
    if unknown and sign in "<>":
        return reading(printed, sign, last_place(printed) if words == sign else ZERO)
    return reading(printed, sign, step)


def timespan(period: str) -> str:
    """The period under which a year's counts and its year-end stocks meet; other periods stay as they are."""
    return _ANNUAL.get(period, period)


def scope_group(scope: str, label: str) -> str:
    """The scope under which facts meet: courts of a whole area belong to it, other scopes keep a label."""
    if scope == "whole" or (scope == "courts" and _ALL_COURTS.fullmatch(label)):
        return "whole"
    return f"{scope}:{label}"


def group_of(fact: Fact) -> Group:
    """The group that a fact belongs to."""
    scope = scope_group(fact.scope, fact.label)
    return Group(fact.region_code, fact.unit_name, fact.year, timespan(fact.period), scope, fact.source_id)


def companies(facts: Iterable[Fact]) -> dict[Group, dict[str, Fact]]:
    """The facts by group and metric; a metric with two different figures in one group is left out of it."""
    gathered: defaultdict[Group, defaultdict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        gathered[group_of(fact)][fact.metric_id].append(fact)
    return {
        group: {name: same[0] for name, same in metrics.items() if _agree(same)}
        for group, metrics in gathered.items()
    }


def _agree(same: Sequence[Fact]) -> bool:
    return len(same) == 1 or len({fact.interval for fact in same}) == 1


def one_scope(facts: Iterable[Fact]) -> bool:
    """Whether all facts name their scope with the same words."""
    return len({(fact.scope, fact.label) for fact in facts}) <= 1
