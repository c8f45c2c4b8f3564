"""Which region a word means: a code, a Chinese or an English name, whole, short or as in daily speech.

Width and script of letters, accents, spaces and apostrophes do not matter. It refuses a word that fits
several regions or none, and says which are near: a report on the wrong city is the worst silent error.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from analysis.errors import InputError, closest

if TYPE_CHECKING:
    from opencc import OpenCC

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_NATION = ("中国", "中华人民共和国", "全国", "PRC")
_FORMER = {
    "莱芜": ("Laiwu", "370100", "merged into Jinan in 2019"),
    "巢湖": ("Chaohu", "340100", "divided among Hefei, Wuhu and Ma'anshan in 2011"),
    "思茅": ("Simao", "530800", "renamed Pu'er in 2007"),
    "襄樊": ("Xiangfan", "420600", "renamed Xiangyang in 2010"),
    "淮阴": ("Huaiyin", "320800", "renamed Huai'an in 2001"),
}
"""Prefectures that are no more: English name, the region that has them or most of them, what happened."""
_NOT_COVERED = ("香港", "澳门", "台湾", "hongkong", "macao", "macau", "taiwan")
_SUFFIX = re.compile("(?<=..)(特别行政区|自治[区州县]|地区|[省市县区盟州])$")
_PEOPLES = re.compile(
    "(?<=..)(?:(?:土家|朝鲜|布依|哈尼|景颇|傈僳|蒙古|哈萨克|柯尔克孜|维吾尔)族?|[苗藏羌彝侗壮傣白回瑶土满黎畲]族)+$"
)


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
        """The Chinese name without its suffix and the peoples in it: 湛江市 -> 湛江, 恩施…自治州 -> 恩施."""
        return _stem(self.name_zh)


Names = Mapping[str, tuple[Region, ...]]


def names_of(regions: Iterable[Region]) -> Names:
    """The regions of each name: whole names go before short ones, those before daily speech, cities first."""
    found: dict[str, dict[tuple[int, bool], dict[Region, None]]] = {}
    for place in regions:
        for name, rank in _ranks(place).items():
            ranked = found.setdefault(fold(name), {})
            ranked.setdefault((rank, place.level == "county"), {})[place] = None
    return {name: tuple(ranked[min(ranked)]) for name, ranked in found.items()}


def _ranks(place: Region) -> dict[str, int]:
    """Every name of a region with its rank: whole 0, short 1, as in daily speech 2."""
    short, stem = place.name_en.split(" (")[0], place.stem_zh
    kind = {"province": f"{short} province", "prefecture": f"{short} city"}.get(place.level, short)
    daily = (stem, f"{stem}州") if place.name_zh.endswith("自治州") else (stem,)
    return {
        kind: 2,
        **dict.fromkeys(daily, 2 if re.search("族|自治州", place.name_zh) else 1),
        **dict.fromkeys((short, place.name_en.replace("ü", "v")), 1),
        **dict.fromkeys((place.name_zh, place.name_en, *(_NATION if place.level == "nation" else ())), 0),
    }


def find(word: str, regions: Mapping[str, Region], names: Names) -> Region:
    """The one region that a word names; an `InputError` says what is near where none or several are."""
    given = unicodedata.normalize("NFKC", word).strip()
    if given in regions:
        return regions[given]
    folded = fold(simplified(given))
    found = names.get(fold(given)) or names.get(folded) or ()
    if len(found) == 1:
        return found[0]
    if found:
        choices = ", ".join(f"{item.region_code} ({item.name_zh})" for item in found)
        raise InputError("A city must be named so that it is one only", word, f"type one of {choices}.")
    for name_zh, (name_en, code, fate) in _FORMER.items():
        if folded in (name_zh, f"{name_zh}市", f"{name_zh}地区", fold(name_en)) and code in regions:
            rule = f"A city must be one of today's: {name_en} {name_zh} was {fate}"
            raise InputError(rule, word, f"type {_listed([regions[code]], '')}.")
    rule = "A city must be one of data/regions.csv: by code, Chinese name or pinyin"
    raise InputError(rule, word, _near(given, regions, names))


def _near(given: str, regions: Mapping[str, Region], names: Names) -> str:
    """What to do about a word that names no region."""
    stem = fold(_stem(simplified(given)))
    if given.endswith(("区", "县", "區", "縣")) and stem in names:
        return (
            "look it up in data/regions.csv: districts and counties stand there only where the panel has "
            f"figures of theirs. Of the same name: {_listed(names[stem], ', ')}."
        )
    if stem.startswith(_NOT_COVERED):
        return "choose a province, city or county of the mainland: the panel covers no other."
    if re.fullmatch("[0-9]{2,}", given):
        code = given.ljust(6, "0")[:6]
        near = [regions[one] for one in (code, f"{code[:4]}00", f"{code[:2]}0000") if one in regions]
    else:
        near = [item for name in closest(fold(given), names) for item in names[name]]
    choices = _listed(dict.fromkeys(near), " or ")
    return f"type {choices}." if choices else "look the name up in data/regions.csv."


def _listed(found: Iterable[Region], between: str) -> str:
    return between.join(f"{item.region_code} ({item.name_en} {item.name_zh})" for item in found)


def _stem(name_zh: str) -> str:
    stem = _SUFFIX.sub("", name_zh)
    return _PEOPLES.sub("", stem) if name_zh.removeprefix(stem).startswith("自治") else stem


def fold(text: str) -> str:
    """A name as it is looked up: half-width, lower case, without accents, spaces and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum() and not unicodedata.combining(letter))


@cache
def simplified(text: str) -> str:
    """A text in half-width and simplified letters."""
    folded = unicodedata.normalize("NFKC", text)
    return folded if folded.isascii() else str(converter().convert(folded))


@cache
def converter() -> "OpenCC":
    """What turns traditional into simplified script; made once, since it loads its tables."""
    import opencc

    return opencc.OpenCC("t2s")
