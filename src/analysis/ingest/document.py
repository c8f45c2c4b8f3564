"""A document as the reader sees it: who speaks of which area and year, and its text block by block.

Area, unit and scope follow from the body that the title names, else from who published or signed. It refuses
what is no report, what joins the reports of two places, and a year that nobody can tell; an area that
data/regions.csv does not know stays empty, since a figure of a county is never one of its city.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, count, pairwise, product

from analysis.catalog import Catalog, Region
from analysis.errors import InputError
from analysis.ingest.extract import Cells, Extracted
from analysis.ingest.figures import STRUCTURE, read_number

Line = tuple[str, Cells | None]  # a paragraph, or the text of a table with its cells
_DEPTHS = (0, 0, 1, 2, 3, 3)  # of a heading, by the group of its mark


@dataclass(frozen=True)
class Block:
    """One paragraph with its section path, or one table with its rows, whose text `table_text` gives."""

    locator: str
    headings: tuple[str, ...]
    text: str
    cells: Cells | None = None


@dataclass(frozen=True)
class Document:
    """A report with its issuer, its year and its blocks in the order of the text.

    `unit_name` is empty when it speaks for the whole area; `scope` says whose figures these are where a
    sentence does not; `year` is the one spoken of; `published` is `YYYY-MM-DD` or empty; `text_hash` is the
    SHA-256 of the normalised text.
    """

    title: str
    issuer: str
    region_code: str
    unit_name: str
    scope: str
    year: int
    published: str
    blocks: tuple[Block, ...]
    text_hash: str


def table_text(cells: Cells) -> str:
    """The text of a table: cells joined by a tab, rows by a line end, so that an offset points at a cell."""
    return "\n".join("\t".join(row) for row in cells)


def structure(extracted: Extracted, catalog: Catalog, *, city: str = "", year: int = 0) -> Document:
    """The document that a file holds, of the area and the year that a person says, where one does.

    Raises:
        InputError: It is no report, or of two places, or its year is not to be told.
    """
    lines = list(_lines(extracted))
    texts = [text for text, cells in lines if cells is None]
    sentences = "".join(line for line in texts if re.search("[。;；,，]", line))
    genre = STRUCTURE["genre"].search("".join(text for text, _ in lines))
    if not genre or (len(sentences) < 40 and len(lines) == len(texts)):
        given = f"{len(sentences)} characters in sentences: {''.join(texts)[:40]!r}"
        rule = "A document must be a report on government, courts or their figures"
        raise InputError(rule, given, "give the page of the report itself, not a list or a menu.")
    at, title = _title(texts, extracted.titles)
    said = [line for line in texts[max(at - 3, 0) : at + 6] if len(line) < 80]
    signed = [line for line in texts[-6:] if len(line) < 40]
    named = [title, *signed, extracted.publisher, *said, *extracted.titles]
    areas = _areas(catalog)
    bodies = filter(None, (_body(line, areas) for line in named))
    issuer, code, unit, scope = next(bodies, ("", "", "", "whole"))
    code = catalog.region(city).region_code if city else code
    _refuse_two_places(texts, areas)
    kept = list(_without_frame(lines[lines.index((texts[at], None)) + 1 :] if at >= 0 else lines))
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", "".join(text for text, _ in kept)))
    digest = hashlib.sha256(plain.encode()).hexdigest()
    published = _published([extracted.published, *said, *reversed(signed)])
    year = year or _year(title, texts)
    return Document(title, issuer, code, unit, scope, year, published, tuple(_blocks(kept)), digest)


def _lines(extracted: Extracted) -> Iterator[Line]:
    """Paragraphs and tables without empty ones; sections that run on in one paragraph are parted."""
    for part in extracted.parts:
        if not isinstance(part, str) and len(part) > 1 and max(map(len, part)) > 1:
            yield table_text(part), part
        else:
            cut = STRUCTURE["inline"].split(part.strip()) if isinstance(part, str) else chain(*part)
            yield from ((line, None) for line in cut if line)


def _title(texts: Sequence[str], named: Sequence[str]) -> tuple[int, str]:
    """Where the title stands (-1: nowhere in the text) and its words; a title on two lines is joined."""
    at, title = max(enumerate(texts[:25]), key=lambda line: _likeness(line[1]), default=(-1, ""))
    best = max(named, key=_likeness, default="")
    if _likeness(best) > _likeness(title) or _likeness(title) < 2:
        first = texts[0] if texts else ""
        return (0, first) if not best and 0 < len(first) <= 60 else (-1, best or first[:60])
    before = texts[at - 1] if at else ""
    joined = STRUCTURE["title_goes_on"].match(title) and STRUCTURE["title_begins"].search(before)
    return at, before + title if joined else title


def _likeness(line: str) -> int:
    """How much a line looks like the title of a report."""
    if not 5 <= len(line) <= 70 or STRUCTURE["no_title"].match(line) or STRUCTURE["frame"].match(line):
        return 0
    words = ("title", "title", "year", "subject", "genre")  # what kind of text it is counts twice
    return sum(bool(STRUCTURE[name].search(line)) for name in words) - ("《" in line)


def _areas(catalog: Catalog) -> dict[str, Region]:
    """The regions by the names that no other has, alone or behind what is above them (湛江市霞山区)."""
    named: dict[str, set[Region]] = {}
    for code, region in catalog.regions.items():
        above = [f"{code[:2]}0000", f"{code[:4]}00"]
        over = [catalog.regions[one] for one in above if one != code and one in catalog.regions]
        short = region.stem_zh if region.level in ("province", "prefecture") else region.name_zh
        for parts in product(*({"", one.name_zh, one.stem_zh} for one in over), {region.name_zh, short}):
            named.setdefault("".join(parts), set()).add(region)
    cities = {name: {one for one in found if one.level == "prefecture"} for name, found in named.items()}
    best = {name: cities[name] or found for name, found in named.items()}
    return {name: next(iter(found)) for name, found in best.items() if len(found) == 1}


def _body(text: str, areas: Mapping[str, Region]) -> tuple[str, str, str, str] | None:
    """Issuer, region code, unit and scope of the body that a text names first; None when none is."""
    spans = ((start, end) for start in range(min(len(text), 60)) for end in range(start + 24, start + 1, -1))
    start, end = next(((start, end) for start, end in spans if text[start:end] in areas), (0, 0))
    if not end:
        return None
    area, region = text[start:end], areas[text[start:end]]
    code, office = region.region_code, STRUCTURE["after_office"].split(text[end:], maxsplit=1)[0]
    county = STRUCTURE["county"].match(office)
    if county and region.level != "county":  # a county that is not known: its figures are never the city's
        code, area, office = "", area + county[0], office[county.end() :]
    kind = STRUCTURE["office"].search(office)
    scope = kind.lastgroup if kind and kind.lastgroup else "whole"
    alone = scope in ("courts", "department") and not STRUCTURE["every_court"].fullmatch(office)
    unit = re.sub("^.{2,8}(?:省|自治区)(?=.)", "", area + office) if alone else ""
    return area + (office if kind or office.endswith("政府") else ""), code, unit, scope


def _refuse_two_places(texts: Sequence[str], areas: Mapping[str, Region]) -> None:
    """Two titles of two places, each with a text of its own, are two reports."""
    ends = [any(len(text) > 60 for text in texts[at + 1 : at + 5]) for at in range(len(texts))]
    titles = [line for line, goes_on in zip(texts, ends, strict=True) if goes_on and _likeness(line) >= 3]
    bodies = ((_body(line, areas), line) for line in titles)
    found = {body[1]: line for body, line in bodies if body and body[1] and not body[2]}
    if any(not code.startswith(re.sub("(00)+$", "", above)) for above, code in pairwise(sorted(found))):
        given = "; ".join(found.values())
        raise InputError("A document must be of one place", given, "part it in two files.")


def _year(title: str, texts: Sequence[str]) -> int:
    """The year of which the report speaks."""
    for text in (title, "".join(texts)[:2000]):
        if years := [int(year) for year in STRUCTURE["year"].findall(_in_digits(text))]:
            # a report on the work of a government is given in the year after
            return max(years) - ("政府工作报告" in text) if text is title else years[0]
    raise InputError("A report must say its year", title, "add --year.")


def _published(texts: Iterable[str]) -> str:
    """The first date that one of the texts holds, empty when none does."""
    date = next(filter(None, (STRUCTURE["date"].search(_in_digits(text)) for text in texts)), None)
    return "{}-{:0>2}-{:0>2}".format(*date.groups()) if date else ""


def _in_digits(text: str) -> str:
    return STRUCTURE["worded"].sub(lambda words: str(read_number(words[0])[0]), text)


def _without_frame(lines: Sequence[Line]) -> Iterator[Line]:
    """The text without dates, sources and menus before it and related links after it."""
    sizes = list(accumulate(len(text) for text, _ in lines))
    for (text, cells), size in zip(lines, sizes, strict=True):
        short = cells is None and len(text) < 80
        if short and size > sizes[-1] / 2 and STRUCTURE["end"].match(text):
            return
        if not (short and STRUCTURE["frame"].match(text)):
            yield text, cells


def _blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """Each line with its section: the marks and the words of the headings above it and of its own."""
    path, tables = [("", "")] * 4, count(1)
    marks = [STRUCTURE["mark"].match(text) if cells is None else None for text, cells in lines]
    before = "前言" if any(mark and mark.lastindex in (1, 2) for mark in marks) else ""
    for number, ((text, cells), mark) in enumerate(zip(lines, marks, strict=True), start=1):
        if mark and mark.lastindex:
            depth = _DEPTHS[mark.lastindex - 1]
            words = re.split("[。;；:：]", text[mark.end() :], maxsplit=1)[0]
            path[depth:] = [(mark[mark.lastindex], words[:60]), *[("", "")] * (3 - depth)]
        first, second, third = (sign for sign, _ in path[:3])
        locator = first + (f"({second})" if second else "") + third or before or f"第{number}段"
        locator += f"表{next(tables)}" if cells else ""
        yield Block(locator, tuple(words for sign, words in path if sign), text, cells)
