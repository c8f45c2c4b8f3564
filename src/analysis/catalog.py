"""The catalogue: metrics, regions, sources and peer groups as frozen records with lookups.

It knows names, never figures. Regions and metrics are found by code or name (see `gazetteer`); it refuses an
unknown or an ambiguous word and says what is near.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from analysis import tables
from analysis.errors import InputError, suggest
from analysis.gazetteer import Gazetteer, fold, simplified
from analysis.records import DOMAINS, LANGUAGES, Event, Language, Membership, Metric, Region, Source

__all__ = [
    "DOMAINS",
    "LANGUAGES",
    "Catalog",
    "Event",
    "Language",
    "Membership",
    "Metric",
    "Region",
    "Source",
    "load",
]

COMPUTED_GROUPS = {
    "all": ("the cities in the data", "数据所含各市"),
    "province": ("The cities of its province", "同省各市"),
    "nearest": (
        "The ten cities nearest to it in population, GDP per head and divisions",
        "人口、人均地区生产总值和区划条件最相近的10个城市",
    ),
}
"""Comparator groups that depend on the city, with their labels in English and Chinese."""

Record = TypeVar("Record", "Metric", "Region", "Source", "Membership", "Event")


@dataclass(frozen=True, repr=False)
class Catalog:
    """All metrics, regions, sources, peer groups and special events."""

    metrics: Mapping[str, Metric]
    regions: Mapping[str, Region]
    sources: Mapping[str, Source]
    memberships: tuple[Membership, ...]
    special: tuple[Event, ...] = ()

    def __repr__(self) -> str:
        """How much of what there is, on one line."""
        sizes = f"{len(self.metrics)} metrics, {len(self.regions)} regions, {len(self.sources)} sources"
        return f"<Catalog: {sizes}, {len(self.groups)} peer groups>"

    def events(self, region: str, year: int) -> tuple[Event, ...]:
        """What was special in a region in a year, the nation's and the province's events among it."""
        around = {item.region_code for item in self.around(region)}
        return tuple(item for item in self.special if item.year == str(year) and item.region_code in around)

    def around(self, region: str) -> tuple[Region, ...]:
        """A region and those that it lies in, up to the nation."""
        found, code = [], self.region(region).region_code
        while code in self.regions:
            found.append(self.regions[code])
            code = self.regions[code].parent_code
        return tuple(found)

    def province(self, region: str) -> Region | None:
        """The province that a region lies in or is; None for the nation."""
        return next((item for item in self.around(region) if item.level == "province"), None)

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The region codes of each peer group, by group id."""
        groups: dict[str, list[str]] = {}
        for membership in self.memberships:
            groups.setdefault(membership.group_id, []).append(membership.region_code)
        return {name: tuple(codes) for name, codes in groups.items()}

    def group_label(self, group_id: str, language: Language) -> str:
        """The label of a peer group in a language."""
        if group_id in COMPUTED_GROUPS:
            return COMPUTED_GROUPS[group_id][language == "zh"]
        return next(row for row in self.memberships if row.group_id == group_id).label(language)

    def group(self, group_id: str) -> tuple[str, ...]:
        """The region codes of one named peer group; an `InputError` suggests the closest names."""
        if group_id not in self.groups:
            raise self._unknown_group(group_id, self.groups)
        return self.groups[group_id]

    def peers(self, group_id: str, region: str) -> tuple[str, ...]:
        """The members of a named peer group that are of a region's level.

        Raises:
            InputError: There is no such group, or it has no member of this level.
        """
        focus = self.region(region)
        alike = tuple(code for code in self.group(group_id) if self.regions[code].level == focus.level)
        if not alike:
            rule = f"A {focus.level} is compared with its like, and {group_id} holds none"
            given = f"{focus.name_en} {focus.name_zh} among {group_id}"
            raise InputError(rule, given, f"choose {_PEERS_OF_LEVEL[focus.level]}.")
        return alike

    def check_group(self, group_id: str) -> str:
        """The name of a peer group of the catalogue or `COMPUTED_GROUPS`; an `InputError` for any other."""
        if group_id not in COMPUTED_GROUPS and group_id not in self.groups:
            raise self._unknown_group(group_id, [*COMPUTED_GROUPS, *self.groups])
        return group_id

    def _unknown_group(self, group_id: str, known: Collection[str]) -> InputError:
        listed = ", ".join(sorted(known))
        rule = "A peer group must be one of data/peer_groups.csv, or all, province or nearest"
        return InputError(rule, group_id, suggest(group_id, known, f"choose one of {listed}."))

    def metric(self, word: str) -> Metric:
        """One metric, by its id or its label in either language; an `InputError` suggests the closest."""
        if word in self.metrics:
            return self.metrics[word]
        folded = fold(simplified(word))
        found = [item for item in self.metrics.values() if folded in map(fold, _labels(item))]
        if len(found) == 1:
            return found[0]
        near = [f"{item.metric_id} ({item.label_zh})" for item in self.matching(word)[:_SUGGESTED]]
        otherwise = f"type one of {', '.join(near)}." if near else "list the ids in data/metrics.csv."
        fix = suggest(word, self.metrics, otherwise)
        raise InputError("A metric must be one of data/metrics.csv", word, fix)

    def matching(self, word: str) -> tuple[Metric, ...]:
        """The metrics whose id begins with a word, or whose label in either language holds it."""
        folded = fold(simplified(word))
        return tuple(
            item
            for item in self.metrics.values()
            if item.metric_id.startswith(word) or (folded and any(folded in fold(x) for x in _labels(item)))
        )

    def region(self, word: str) -> Region:
        """One region, by code, Chinese name (whole, short or of daily speech) or English name.

        An `InputError` where no region or more than one has this name.
        """
        return self.regions[word if word in self.regions else self._gazetteer.code(word)]

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer(self.regions)


_SUGGESTED = 6
_PEERS_OF_LEVEL = {
    "nation": "the peers all: it then stands alone",
    "province": "the peers provinces",
    "prefecture": "china_cities, or a group of the city's own province",
    "county": "the peers province or all",
}


def _labels(metric: Metric) -> tuple[str, str]:
    return metric.label_zh, metric.label_en


def load(folder: Path) -> Catalog:
    """The catalogue of one data folder.

    Raises:
        DataError: A table is missing or malformed.
    """
    return Catalog(
        metrics={row.metric_id: row for row in _records(folder, "metrics", Metric)},
        regions={row.region_code: row for row in _records(folder, "regions", Region)},
        sources={row.source_id: row for row in _records(folder, "sources", Source)},
        memberships=tuple(_records(folder, "peer_groups", Membership)),
        special=tuple(_records(folder, "events", Event)),
    )


def _records(folder: Path, name: str, kind: type[Record]) -> list[Record]:
    cells = itemgetter(*(tables.COLUMNS[name].index(field.name) for field in fields(kind)))
    return [kind(*cells(row)) for row in tables.rows(folder / f"{name}.csv", tables.COLUMNS[name])]
