"""What the catalogue holds, one frozen record a row: metrics, regions, sources, memberships and events.

A record knows its own row and says it in two languages; it looks nothing up and refuses nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from analysis import tables

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
DOMAINS = tables.codes("metrics", "domain")
"""Every domain, in the order in which a report treats them."""
RELIABILITY = tables.codes("sources", "reliability")
"""Kinds of source, the most reliable first."""
_SUFFIXES = ("特别行政区", "自治区", "自治州", "自治县", "地区", "省", "市", "县", "区", "盟", "州")
_PEOPLES = (
    "(?:(?:土家|朝鲜|布依|哈尼|景颇|傈僳|蒙古|哈萨克|柯尔克孜|维吾尔)族?|[苗藏羌彝侗壮傣白回瑶土满黎畲]族)+$"
)


def stem_of(name_zh: str) -> str:
    """A Chinese name without its suffix and the peoples named in it: 湛江市 -> 湛江, 恩施…自治州 -> 恩施."""
    for suffix in _SUFFIXES:
        if name_zh.endswith(suffix) and len(name_zh) > len(suffix) + 1:
            stem = name_zh.removesuffix(suffix)
            short = re.sub(_PEOPLES, "", stem) if suffix.startswith("自治") else stem
            return short if len(short) > 1 else stem
    return name_zh


@dataclass(frozen=True)
class _Labelled:
    """What has a label in both languages."""

    label_zh: str
    label_en: str

    def label(self, language: Language) -> str:
        """The label in a language."""
        return self.label_zh if language == "zh" else self.label_en


@dataclass(frozen=True)
class Metric(_Labelled):
    """One thing that is measured, with its definition and the hazards of comparing it."""

    metric_id: str
    domain: str
    unit: str
    measure: str
    polarity: str
    numerator: str
    denominator: str
    period_rule: str
    breaks: str
    comparable: str
    definition_en: str
    definition_zh: str
    caveat_en: str
    caveat_zh: str

    def definition(self, language: Language) -> str:
        """The definition in a language; empty when none has been written."""
        return self.definition_zh if language == "zh" else self.definition_en

    def caveat(self, language: Language) -> str:
        """What to beware of in a language; empty when none has been written."""
        return self.caveat_zh if language == "zh" else self.caveat_en

    @property
    def numerators(self) -> tuple[str, ...]:
        """The metric ids whose sum is the numerator of this rate; empty when it is not such a rate."""
        return tuple(part for part in self.numerator.split("+") if part)

    @property
    def denominators(self) -> tuple[str, ...]:
        """The metric ids whose sum is the denominator of this rate; empty when it is not such a rate."""
        return tuple(part for part in self.denominator.split("+") if part)

    @property
    def counts_events(self) -> bool:
        """Whether it counts events or things of a period, which vary by chance; money and context do not."""
        return self.measure == "count" and self.domain != "context" and not self.unit.endswith("元")

    @property
    def break_years(self) -> tuple[int, ...]:
        """The years from which the figures follow another rule than before."""
        return tuple(int(year) for year in self.breaks.split(";") if year)


@dataclass(frozen=True)
class Region:
    """A nation, province, prefecture-level city or county, by its GB/T 2260 code."""

    region_code: str
    name_zh: str
    name_en: str
    level: str
    parent_code: str

    def name(self, language: Language) -> str:
        """The name in a language."""
        return self.name_zh if language == "zh" else self.name_en

    @property
    def stem_zh(self) -> str:
        """The Chinese name without its suffix: 湛江市 -> 湛江."""
        return stem_of(self.name_zh)


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
class Membership(_Labelled):
    """One region's place in one peer group."""

    group_id: str
    region_code: str


@dataclass(frozen=True)
class Event(_Labelled):
    """What made a year unlike others in a region and all that lies in it."""

    year: str
    region_code: str
    source: str
