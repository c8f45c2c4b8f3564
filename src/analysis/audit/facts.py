"""Facts as the audit reads them: exact digits, what they can mean, and which may be held side by side.

Only facts of the same region, office, year, period, scope and source are put together: most contradictions
between figures are contradictions between scopes. It refuses to choose between two figures for one metric.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import pandas as pd

from analysis.quantity import ZERO, Interval, last_place, point, printed_step, reading, worded_qualifier

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)
_ALL_COURTS = re.compile(r"全(国|省|市|区|县|州)?(两级|各级)?法院|(市县)?两级法院")
_CELLS = (
    *("region_code", "unit_name", "year", "period", "scope", "scope_as_reported", "source_id", "metric_id"),
    *("note", "evidence", "qualifier", "printed", "resolution"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One printed figure: its row of the panel, where it belongs, its digits, and all it can stand for.

    `words` limit it, though the panel has them in its evidence only; it is `plain` without any such; it meets
    others under `time` (a year's counts meet its year-end stocks) and `area`; `whole`: no single office's.
    """

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
    plain: bool
    time: str
    area: str
    whole: bool


Company = Mapping[str, Fact]
"""The facts of one group, by metric id."""


def read(frame: pd.DataFrame, continuous: Collection[str]) -> list[Fact]:
    """The reported facts of an observation frame, by their index labels; derived rows are left out.

    Of the `continuous` metrics a plain whole number is a rounded figure.
    """
    rows = frame[~frame["derived"].astype(bool)]
    columns = (rows.index.tolist(), *(rows[name].tolist() for name in _CELLS))
    return [_fact(cells, continuous) for cells in zip(*columns, strict=True)]


def _fact(cells: tuple[Any, ...], continuous: Collection[str]) -> Fact:
    *given, digits, resolution = cells
    _, _, unit, _, period, scope, label, _, metric, note, evidence, qualifier = given
    printed, unknown = Decimal(digits), pd.isna(resolution)
    words = worded_qualifier(evidence) or (">=" if "下限" in note else "<=" if "上限" in note else "")
    if unknown:
        step = reach = printed_step(digits, evidence, continuous=metric in continuous)
    else:
        step = reach = Decimal(str(resolution)).normalize()
    # the words beside a figure go before the qualifier that was stored
    sign = words if qualifier == "=" and words else qualifier
    if words in (">=", "<="):
        sign, reach = words[0], ZERO
    elif unknown and sign in "<>":
        # without a known step 6800多 and 近8500 reach to the next of their last digit that is not zero
        reach = last_place(printed) if words == sign else ZERO
    plain, area = qualifier == "=" and not words, scope_group(scope, label)
    time = "year" if period in ("full", "year_end") else period
    meaning = reading(printed, sign, reach), plain, time, area, area == "whole" and not unit
    told: tuple[Any, ...] = (*given, printed, step, words, *meaning)
    return Fact(*told)


def scope_group(scope: str, label: str) -> str:
    """The scope under which facts meet: courts of a whole area belong to it, other scopes keep a label."""
    whole = scope == "whole" or (scope == "courts" and _ALL_COURTS.fullmatch(label))
    return "whole" if whole else f"{scope}:{label}"


def companies(facts: Iterable[Fact]) -> list[Company]:
    """The facts of each group by metric; a metric with two different figures in a group is left out of it."""

    def place(one: Fact) -> Hashable:
        return one.region_code, one.unit_name, one.year, one.time, one.area, one.source_id

    groups = (grouped(group, lambda one: one.metric_id) for group in grouped(facts, place).values())
    return [
        {metric: same[0] for metric, same in group.items() if len({one.interval for one in same}) == 1}
        for group in groups
    ]


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """The items by a key, in the order in which the keys come first."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def one_scope(facts: Iterable[Fact]) -> bool:
    """Whether all facts name their scope with the same words."""
    return len({(fact.scope, fact.label) for fact in facts}) <= 1


def total(parts: Iterable[Fact]) -> Interval:
    """All sums that the figures can stand for."""
    return sum((part.interval for part in parts), point(0))
