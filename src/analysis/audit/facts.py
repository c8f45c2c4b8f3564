"""Facts as the audit reads them: exact digits, what they can mean, and which may be held side by side.

Only facts of the same region, office, year, period, scope and source are put together, because most
contradictions between figures are contradictions between scopes. It refuses to choose where one group holds
two different figures for one metric: that metric is left out of the group (`repeats` reports it).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import pandas as pd

from analysis.quantity import (
    ZERO,
    Interval,
    Rounding,
    last_place,
    printed_step,
    reading,
    reproduced_by,
    worded_qualifier,
)

Item = TypeVar("Item")
_ALL_COURTS = re.compile(r"全(国|省|市|区|县|州)?(两级|各级)?法院|(市县)?两级法院")
_CELLS = (
    *("region_code", "unit_name", "year", "period", "scope", "scope_as_reported", "source_id", "metric_id"),
    *("note", "evidence", "qualifier", "printed", "resolution"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One printed figure: its row of the panel, where it belongs, its digits, and all it can stand for."""

    row: int
    region_code: str
    unit_name: str
    year: int
    period: str
    scope: str
    label: str
    source_id: str
    metric_id: str
    note: str
    evidence: str
    qualifier: str
    printed: Decimal
    step: Decimal
    words: str
    interval: Interval

    @property
    def plain(self) -> bool:
        """Whether it was printed without 余, 近, 约, 以上 or the like."""
        return self.qualifier == "=" and not self.words

    @property
    def area(self) -> str:
        """The scope under which it meets others; see `scope_group`."""
        return scope_group(self.scope, self.label)

    @property
    def time(self) -> str:
        """The period under which it meets others; see `timespan`."""
        return timespan(self.period)

    @property
    def report(self) -> tuple[object, ...]:
        """What it shares with the figures of one report: place, year, scope and source."""
        return self.region_code, self.unit_name, self.year, self.scope, self.source_id

    @property
    def whole(self) -> bool:
        """Whether it is of the whole area, no single office's."""
        return not self.unit_name and self.area == "whole"

    def rules(self, true: Interval) -> tuple[Rounding, ...]:
        """The rounding rules under which this figure is printed for some of the true values."""
        return reproduced_by(true, self.printed, self.step) if self.plain else ()


Company = Mapping[str, Fact]
"""The facts of one group, by metric id."""


def read(frame: pd.DataFrame, continuous: Collection[str]) -> list[Fact]:
    """The reported facts of an observation frame, by their index labels; derived rows are left out.

    Of the `continuous` metrics a plain whole number is a rounded figure.
    """
    rows = frame[~frame["derived"].astype(bool)]
    columns = [rows.index.tolist(), *(rows[name].tolist() for name in _CELLS)]
    return [_fact(cells, continuous) for cells in zip(*columns, strict=True)]


def _fact(cells: tuple[Any, ...], continuous: Collection[str]) -> Fact:
    row, *texts, qualifier, digits, resolution = cells
    region, unit, year, period, scope, label, source, metric, note, evidence = map(str, texts)
    printed, unknown = Decimal(str(digits)), pd.isna(resolution)
    words = worded_qualifier(evidence) or (">=" if "下限" in note else "<=" if "上限" in note else "")
    if unknown:
        step = printed_step(str(digits), evidence, continuous=metric in continuous)
    else:
        step = Decimal(str(resolution)).normalize()
    meaning = _interval(printed, str(qualifier), words, step, unknown)
    place = (region, unit, int(year), period, scope, label, source, metric, note, evidence)
    return Fact(int(row), *place, str(qualifier), printed, step, words, meaning)


def _interval(printed: Decimal, qualifier: str, words: str, step: Decimal, unknown: bool) -> Interval:
    """What the figure can mean: the words beside it go before the qualifier that was stored.

    Without a known step, 6800多 and 近8500 reach to the next of their last digit that is not zero.
    """
    if words in (">=", "<="):
        return reading(printed, words[0], ZERO)
    sign = words if qualifier == "=" and words else qualifier
    if unknown and sign in "<>":
        return reading(printed, sign, last_place(printed) if words == sign else ZERO)
    return reading(printed, sign, step)


def timespan(period: str) -> str:
    """The period under which a year's counts and its year-end stocks meet; other periods stay as they are."""
    return "year" if period in ("full", "year_end") else period


def scope_group(scope: str, label: str) -> str:
    """The scope under which facts meet: courts of a whole area belong to it, other scopes keep a label."""
    whole = scope == "whole" or (scope == "courts" and _ALL_COURTS.fullmatch(label))
    return "whole" if whole else f"{scope}:{label}"


def companies(facts: Iterable[Fact]) -> list[dict[str, Fact]]:
    """The facts of each group by metric; a metric with two different figures in a group is left out of it."""

    def place(one: Fact) -> tuple[Hashable, ...]:
        return one.region_code, one.unit_name, one.year, one.time, one.area, one.source_id

    metrics = (grouped(group, lambda one: one.metric_id) for group in grouped(facts, place))
    return [
        {same[0].metric_id: same[0] for same in metric if len({one.interval for one in same}) == 1}
        for metric in metrics
    ]


def grouped(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    """Lists of items that share a key, in the order in which the keys come first."""
    groups: defaultdict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def one_scope(facts: Iterable[Fact]) -> bool:
    """Whether all facts name their scope with the same words."""
    return len({(fact.scope, fact.label) for fact in facts}) <= 1
