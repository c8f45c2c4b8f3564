"""Invented reports with the figures that a person finds in them; places and numbers are made up."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path

import opencc

from analysis.ingest.document import Block, Document

FOLDER = Path(__file__).parent / "reports"
NAMES = sorted(path.stem for path in FOLDER.glob("*.csv"))
_ISSUERS = {
    "city": ("449900", 2022, "whole", ""),
    "county": ("449923", 2021, "whole", ""),
    "court": ("449900", 2020, "courts", ""),
    "department": ("449900", 2023, "department", "云川市市场监督管理局"),
    "disclosure": ("449902", 2022, "whole", ""),
    "hostile": ("449900", 2020, "whole", ""),
    "justice": ("449900", 2024, "whole", ""),
    "numerals": ("449924", 2018, "whole", ""),
    "reconsideration": ("449900", 2021, "whole", ""),
    "traditional": ("449900", 2019, "whole", ""),
}
_TEN = "一二三四五六七八九十"
COMPARED = ("value", "qualifier", "unit")
"""What makes two figures the same, apart from their order."""


def document(name: str) -> Document:
    """An invented report as a document, its text normalised and cut at its headings."""
    text = opencc.OpenCC("t2s").convert((FOLDER / f"{name}.txt").read_text(encoding="utf-8"))
    region, year, scope, unit = _ISSUERS[name]
    return cut(unicodedata.normalize("NFKC", text), region, year, scope, unit)


def cut(text: str, region: str, year: int, scope: str = "whole", unit: str = "") -> Document:
    """A text as a document: 一、 and (一) begin sections, its first line is the title."""
    blocks, outer, inner = [], ("", ""), ("", "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        first = re.match(rf"([{_TEN}]+)、(.{{2,40}})$", line)
        second = re.match(rf"(\([{_TEN}]\))([^。]*)", line)
        if first and "。" not in line:
            outer, inner = (first[1], first[2]), ("", "")
        elif second:
            inner = (second[1], second[2])
        headings = tuple(words for _, words in (outer, inner) if words)
        blocks.append(Block(outer[0] + inner[0], headings, line))
    return Document(lines[0], "", region, unit, scope, year, "", tuple(blocks), "")


def gold(name: str) -> list[dict[str, str]]:
    """The figures that a person finds in an invented report."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def matched(
    found: list[dict[str, str]], wanted: list[dict[str, str]], keys: tuple[str, ...] = COMPARED
) -> int:
    """How many figures of two lists agree in some columns, each counted once."""
    counts = [Counter(tuple(str(row[key]) for key in keys) for row in rows) for rows in (found, wanted)]
    return sum((counts[0] & counts[1]).values())
