"""The structure of a report: title, issuing body, area, year, date, and its paragraphs by section.

Area, unit and scope follow from the body that the title names, else from who published or signed. It refuses
what is no report, what joins the reports of two places, and a year that nobody can tell; an area that
data/regions.csv does not know stays empty, since a figure of a county is never one of its city.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from analysis.catalog import Catalog, Region
from analysis.errors import InputError
from analysis.ingest.document import Block, Document, table_text
from analysis.ingest.extract import Extracted
from analysis.ingest.figures import read_number

_TEN = "一二三四五六七八九十"
_MARKS = (
    re.compile(rf"([{_TEN}]{{1,3}})[、.．]|第([{_TEN}]{{1,3}})(?:部分|章)"),
    re.compile(rf"[(（]([{_TEN}]{{1,3}})[)）]"),
    re.compile(r"(\d{1,2})[.．、](?!\d)"),
    re.compile(rf"[(（](\d{{1,2}})[)）]|([{_TEN}])是"),
)
"""How the headings of each depth begin: 一、 (一) 1. (1) or 一是."""
_INLINE = re.compile(rf"(?<=[。;；])\s*(?=[{_TEN}]{{1,3}}、|[(（][{_TEN}]{{1,3}}[)）][^,，。;；、]{{4}})")
_NOISE = re.compile(
    "(?:当前位置|您(?:现在)?的位置|首页|来源|发布|信息来源|索 ?引 ?号|发文|成文|浏览|点击|字[体号]|打印|【"
    "|分享|主办|承办|版权|网站|您访问的链接|继续访问|放弃|关闭|返回|收藏|一图读懂|文字解读|图解|[^。]*(?:ICP备|公网安备))"
)
_END = re.compile("相关(?:文章|链接|阅读|新闻|附件)|[上下]一[篇条]|分享到|扫一扫|【?打印(?:本页)?】?$")
_TITLE = re.compile("报告|公报|白皮书|年报|通报")
_GENRE = re.compile("法治|依法|行政|复议|执法|信息公开|法院|司法|诉讼|公报|调解|政务")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_DATE = re.compile(r"(20\d\d) ?[-年/.] ?(\d{1,2}) ?[-月/.] ?(\d{1,2})")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_CUT = re.compile(
    "关于|(?:19|20)\\d\\d|二[〇○零]|法治|政府信息公开|依法行政|行政(?:复议|诉讼|应诉|审判)|年度|工作|统计|国民经济|门户"
)
_COUNTY = re.compile(
    "(?!城市|社区|市区)[\u4e00-\u9fff]{1,5}?(?<!开发)(?<!高新)(?<!新)(?<!管理)(?<!示范)(?:自治县|县|区|市|旗)"
)
_OFFICE = re.compile(
    "[局委厅院所署馆]$|委员会$|办公[室厅]$|[支总大]队$|中心$|(?:镇|乡|街道|办事处)(?:人民政府)?$|法庭$"
)


class _Body(NamedTuple):
    issuer: str
    region_code: str
    unit_name: str
    scope: str


Line = str | tuple[tuple[str, ...], ...]


def structure(extracted: Extracted, catalog: Catalog, *, city: str = "", year: int = 0) -> Document:
    """The document that a file holds.

    Args:
        extracted: Its paragraphs and tables.
        catalog: The regions that are known.
        city: The area, where a person says it: by code, Chinese name or pinyin.
        year: The year, where a person says it.

    Raises:
        InputError: It is no report, or of two places, or its year is not to be told.
    """
    lines = list(_lines(extracted))
    texts = [line for line in lines if isinstance(line, str)]
    _check_genre(lines, texts)
    at, title = _title(texts, extracted.titles)
    said = [line for line in texts[max(at - 3, 0) : at + 6] if len(line) < 80]
    signed = [line for line in texts[-6:] if len(line) < 40]
    named = [title, *signed, extracted.publisher, *said, *extracted.titles]
    body = next(filter(None, (_body(line, catalog) for line in named)), _Body("", "", "", "whole"))
    if city:
        body = body._replace(region_code=catalog.region(city).region_code)
    _check_single(texts, catalog)
    kept = list(_without_frame(lines[lines.index(texts[at]) + 1 :] if at >= 0 else lines))
    text = unicodedata.normalize("NFKC", "".join(map(_words, kept)))
    return Document(
        title=title,
        **body._asdict(),
        year=year or _year(title, texts),
        published=_published([extracted.published, *said, *reversed(signed)]),
        blocks=tuple(_blocks(kept)),
        text_hash=hashlib.sha256(re.sub(r"\s", "", text).encode()).hexdigest(),
    )


def _words(line: Line) -> str:
    return line if isinstance(line, str) else table_text(line)


def _lines(extracted: Extracted) -> Iterator[Line]:
    """Paragraphs and tables without empty ones; sections that run on in one paragraph are parted."""
    for part in extracted.parts:
        if isinstance(part, str):
            yield from (line for line in _INLINE.split(part.strip()) if line)
        elif len(part) > 1 and max(map(len, part)) > 1:
            yield part
        else:
            yield from (cell for row in part for cell in row if cell)


def _check_genre(lines: Sequence[Line], texts: Sequence[str]) -> None:
    sentences = "".join(line for line in texts if re.search("[。;；,，]", line))
    tables = len(lines) > len(texts)
    if (len(sentences) < 40 and not tables) or not _GENRE.search("".join(map(_words, lines))):
        raise InputError(
            "A document must be a report on government, courts or their figures",
            f"{len(sentences)} characters in sentences: {''.join(texts)[:40]!r}",
            "give the page of the report itself, not a list or a menu.",
        )


def _title(texts: Sequence[str], named: Sequence[str]) -> tuple[int, str]:
    """Where the title stands (-1: nowhere in the text) and its words; a title on two lines is joined."""
    score, place = max(((_likeness(line), -at) for at, line in enumerate(texts[:25])), default=(0, 0))
    best = max(named, key=_likeness, default="")
    if _likeness(best) > score or score < 2:
        return -1 if best or not texts or len(texts[0]) > 60 else 0, best or (texts[0][:60] if texts else "")
    title, before = texts[-place], texts[-place - 1] if place else ""
    if re.match("关于|(?:19|20)\\d\\d年", title) and re.search("(?:政府|局|院|委员会|办公[室厅])$", before):
        title = before + title
    return -place, title


def _likeness(line: str) -> int:
    """How much a line looks like the title of a report."""
    sentence = re.search("[。;；!?]", line) or _NOISE.match(line) or _MARKS[0].match(line)
    if sentence or not 5 <= len(line) <= 70:
        return 0
    words = (bool(_YEAR.search(line)), "情况" in line or "统计" in line, bool(_GENRE.search(line)))
    return 2 * bool(_TITLE.search(line)) + sum(words) - ("《" in line)


def _body(text: str, catalog: Catalog) -> _Body | None:
    """The area, unit and scope of the body that a title or a signature names first; None when none is."""
    start, region, rest = _area(text, catalog)
    if region is None:
        return None
    office = re.sub(r"[\s(（:：].*", "", _CUT.split(rest, maxsplit=1)[0])
    code, area = region.region_code, text[start : len(text) - len(rest)]
    county = _COUNTY.match(office)
    if county and region.level != "county":  # a county that is not known: its figures are never the city's
        code, area, office = "", area + county[0], office[county.end() :]
    unit = re.sub("^.{2,8}(?:省|自治区)(?=.)", "", area + office)
    if re.match("(?:人民)?政府办", office):
        return _Body(area + office, code, "", "own_level")
    if office.endswith("法院"):
        every = office in ("法院", "全市法院", "两级法院", "全省法院")
        return _Body(area + office, code, "" if every else unit, "courts")
    if _OFFICE.search(office):
        return _Body(area + office, code, unit, "department")
    return _Body(area + (office if office.endswith("政府") else ""), code, "", "whole")


def _area(text: str, catalog: Catalog) -> tuple[int, Region | None, str]:
    """Where the first name of an area begins, the smallest area of it (省 市 县), and the rest."""
    names: dict[str, list[Region]] = {}
    for region in catalog.regions.values():
        for name in {region.name_zh, region.stem_zh if region.level in ("province", "prefecture") else ""}:
            names.setdefault(name, []).append(region)
    for start in range(min(len(text), 60)):
        area, at = None, start
        while found := next(
            (text[at:end] for end in range(at + 12, at + 1, -1) if text[at:end] in names), ""
        ):
            inside = [one for one in names[found] if area is None or _is_below(one, area)]
            if len(inside) > 1:
                inside = [one for one in inside if one.level == "prefecture"] or inside
            if len(inside) != 1:
                break
            area, at = inside[0], at + len(found)
        if area is not None:
            return start, area, text[at:]
    return 0, None, text


def _is_below(one: Region, area: Region) -> bool:
    return one != area and one.region_code.startswith(area.region_code.removesuffix("00").removesuffix("00"))


def _check_single(texts: Sequence[str], catalog: Catalog) -> None:
    """Refuses the reports of two places in one document: two titles, each with a text of its own."""
    found: dict[str, str] = {}
    for at, line in enumerate(texts):
        if _likeness(line) >= 3 and any(len(text) > 60 for text in texts[at + 1 : at + 5]):
            body = _body(line, catalog)
            if body and body.region_code and not body.unit_name:
                found.setdefault(body.region_code, line)
    codes = sorted(found)
    if any(not _is_below(catalog.regions[b], catalog.regions[a]) for a, b in pairwise(codes)):
        raise InputError(
            "A document must be of one place", "; ".join(found.values()), "part it in two files."
        )


def _year(title: str, texts: Sequence[str]) -> int:
    """The year of which the report speaks."""
    words = f"[{''.join(map(chr, _DIGITS))}]{{4}}(?=年)"
    for text in (title, "".join(texts)[:2000]):
        plain = re.sub(words, lambda digits: digits[0].translate(_DIGITS), text)
        if years := [int(year) for year in _YEAR.findall(plain)]:
            # a report on the work of a government is given in the year after
            return (max(years) if text is title else years[0]) - ("政府工作报告" in text and text is title)
    raise InputError("A report must say its year", title, "add --year.")


def _published(texts: Sequence[str]) -> str:
    """The first date that one of the texts holds, in digits or in words; empty when none does."""
    for text in texts:
        plain = re.sub(f"[{_TEN}]{{1,3}}(?=[月日])", lambda words: str(read_number(words[0])[0]), text)
        if date := _DATE.search(plain.translate(_DIGITS)):
            year, month, day = map(int, date.groups())
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year}-{month:02}-{day:02}"
    return ""


def _without_frame(lines: Sequence[Line]) -> Iterator[Line]:
    """The text without dates, sources and menus before it and related links after it."""
    left = sum(len(_words(line)) for line in lines)
    half = left / 2
    for line in lines:
        left -= len(_words(line))
        short = isinstance(line, str) and len(line) < 80
        if short and left < half and _END.match(_words(line)):
            return
        if not (short and _NOISE.match(_words(line))):
            yield line


def _blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """Each line with its section: the marks and the words of the headings above it and of its own."""
    path: list[tuple[str, str] | None] = [None] * len(_MARKS)
    sectioned = any(isinstance(line, str) and _MARKS[0].match(line) for line in lines)
    tables = 0
    for number, line in enumerate(lines, start=1):
        if isinstance(line, str):
            for depth, mark in enumerate(_MARKS):
                if found := mark.match(line):
                    words = re.split("[。;；:：]", line[found.end() :], maxsplit=1)[0][:60]
                    path[depth:] = [(found[1] or found[2], words), *[None] * (len(_MARKS) - depth - 1)]
                    break
        first, second, third = (step[0] if step else "" for step in path[:3])
        locator = first + (f"({second})" if second else "") + third
        locator = locator or ("前言" if sectioned else f"第{number}段")
        headings = tuple(step[1] for step in path if step)
        if isinstance(line, str):
            yield Block(locator, headings, line)
        else:
            tables += 1
            yield Block(f"{locator}表{tables}", headings, table_text(line), line)
