"""The catalogue: metrics, regions, sources, peer groups and special events as frozen records with lookups.

It knows names, never figures. It refuses an unknown or an ambiguous word and says what is near.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis import gazetteer, tables
from analysis.errors import InputError, suggest
from analysis.gazetteer import LANGUAGES, Language, Region, fold, simplified

__all__ = ["DOMAINS", "LANGUAGES", "Catalog", "Event", "Language", "Metric", "Region", "Source", "load"]

DOMAINS = tables.codes("metrics", "domain")
"""Every domain, in the order in which a report treats them."""
RELIABILITY = tables.codes("sources", "reliability")
"""Kinds of source, the most reliable first."""
COMPUTED_GROUPS = {
    "all": ("the cities in the data", "数据所含各市"),
    "province": ("The cities of its province", "同省各市"),
    "nearest": (
        "The ten cities nearest to it in population, GDP per head and divisions",
        "人口、人均地区生产总值和区划条件最相近的10个城市",
    ),
}
"""Comparator groups that depend on the city, with their labels in English and Chinese."""
_LIKE = {
    "nation": "the peers all: it then stands alone",
    "province": "the peers provinces",
    "prefecture": "china_cities, or a group of the city's own province",
}


@dataclass(frozen=True)
class Metric:
    """One thing that is measured: a rate with the ids whose sums are its numerator and its denominator."""

    metric_id: str
    domain: str
    label_zh: str
    label_en: str
    unit: str
    measure: str
    polarity: str
    numerators: tuple[str, ...]
    denominators: tuple[str, ...]
    period_rule: str
    breaks: tuple[str, ...]
    comparable: str
    definition_en: str
    definition_zh: str
    caveat_en: str
    caveat_zh: str

    def label(self, language: Language) -> str:
        """The label in a language."""
        return self.label_zh if language == "zh" else self.label_en

    def definition(self, language: Language) -> str:
        """The definition in a language; empty when none has been written."""
        return self.definition_zh if language == "zh" else self.definition_en

    def caveat(self, language: Language) -> str:
        """What to beware of in a language; empty when none has been written."""
        return self.caveat_zh if language == "zh" else self.caveat_en

    @property
    def counts_events(self) -> bool:
        """Whether it counts events or things of a period, which vary by chance; money and context do not."""
        return self.measure == "count" and self.domain != "context" and not self.unit.endswith("元")

    @property
    def break_years(self) -> tuple[int, ...]:
        """The years from which the figures follow another rule than before."""
        return tuple(map(int, self.breaks))


@dataclass(frozen=True)
class Source:
    """Where facts were read: a page, a yearbook, a data set."""

    source_id: str
    title: str
    publisher: str
    region_code: str
    year: str
    published: str
    accessed: str
    url: str
    mirror_url: str
    kind: str
    reliability: str
    note: str

    @property
    def link(self) -> str:
        """The address a reader may be sent to; empty when only a mirrored copy was seen."""
        return self.url if self.url.startswith(("http://", "https://")) else ""


@dataclass(frozen=True)
class Event:
    """What made a year unlike others in a region and all that lies in it."""

    year: str
    region_code: str
    label_en: str
    label_zh: str
    source: str

    def label(self, language: Language) -> str:
        """The name in a language."""
        return self.label_zh if language == "zh" else self.label_en


@dataclass(frozen=True, repr=False)
class Catalog:
    """All metrics, regions, sources and special events; codes and labels (en, zh) of the peer groups."""

    metrics: Mapping[str, Metric]
    regions: Mapping[str, Region]
    sources: Mapping[str, Source]
    groups: Mapping[str, tuple[str, ...]]
    group_labels: Mapping[str, tuple[str, str]]
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

    def group_label(self, group_id: str, language: Language) -> str:
        """The label of a peer group in a language."""
        return self.group_labels[group_id][language == "zh"]

    def peers(self, group_id: str, region: str) -> tuple[str, ...]:
        """The members of a named peer group that are of a region's level; an `InputError` where none is."""
        focus, members = self.region(region), self.groups.get(self.check_group(group_id), ())
        alike = tuple(code for code in members if self.regions[code].level == focus.level)
        if not alike:
            rule = f"A {focus.level} is compared with its like, and {group_id} holds none"
            given = f"{focus.name_en} {focus.name_zh} among {group_id}"
            raise InputError(rule, given, f"choose {_LIKE.get(focus.level, 'the peers province or all')}.")
        return alike

    def check_group(self, group_id: str) -> str:
        """The name of a peer group of the catalogue or `COMPUTED_GROUPS`; an `InputError` for any other."""
        if group_id not in self.group_labels:
            rule = "A peer group must be one of data/peer_groups.csv, or all, province or nearest"
            listed = ", ".join(sorted(self.group_labels))
            raise InputError(rule, group_id, suggest(group_id, self.group_labels, f"choose one of {listed}."))
        return group_id

    def metric(self, word: str) -> Metric:
        """One metric, by its id or its label in either language; an `InputError` suggests the closest."""
        if word in self.metrics:
            return self.metrics[word]
        folded, near = fold(simplified(word)), self.matching(word)
        found = [item for item in near if folded in (fold(item.label_zh), fold(item.label_en))]
        if len(found) == 1:
            return found[0]
        listed = ", ".join(f"{item.metric_id} ({item.label_zh})" for item in near[:6])
        fix = suggest(word, self.metrics, f"type one of {listed or 'the ids in that file'}.")
        raise InputError("A metric must be one of data/metrics.csv", word, fix)

    def matching(self, word: str) -> tuple[Metric, ...]:
        """The metrics whose id begins with a word, or whose label in either language holds it."""
        folded = fold(simplified(word))
        return tuple(
            item
            for item in self.metrics.values()
            if item.metric_id.startswith(word)
            or (folded and folded in f"{fold(item.label_zh)} {fold(item.label_en)}")
        )

    def region(self, word: str) -> Region:
        """One region by code, Chinese or English name; an `InputError` where none or several are meant."""
        return self.regions.get(word) or gazetteer.find(word, self.regions, self._names)

    @cached_property
    def _names(self) -> gazetteer.Names:
        return gazetteer.names_of(self.regions.values())


def load(folder: Path) -> Catalog:
    """The catalogue of one data folder; a `DataError` where a table is missing or malformed."""

    def records(name: str) -> Iterator[tuple[Any, ...]]:
        frame = tables.read(folder / f"{name}.csv", tables.COLUMNS[name])
        for field in tables.SCHEMAS[name]["fields"]:
            if field["type"] == "list":
                frame[field["name"]] = frame[field["name"]].str.findall(field["itemPattern"]).map(tuple)
        return frame[list(tables.COLUMNS[name])].itertuples(index=False, name=None)

    groups, labels = dict[str, tuple[str, ...]](), dict(COMPUTED_GROUPS)
    for group_id, label_en, label_zh, region_code in records("peer_groups"):
        groups[group_id] = (*groups.get(group_id, ()), region_code)
        labels[group_id] = (label_en, label_zh)
    return Catalog(
        metrics={row[0]: Metric(*row) for row in records("metrics")},
        regions={row[0]: Region(*row) for row in records("regions")},
        sources={row[0]: Source(*row) for row in records("sources")},
        groups=groups,
        group_labels=labels,
        special=tuple(Event(*row) for row in records("events")),
    )
