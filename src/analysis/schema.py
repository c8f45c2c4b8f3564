"""The rules that each row of `data/` keeps by itself, whatever stands in other rows and tables.

`data/datapackage.json` tells most: type, codes, pattern and length of each field, and in `rule` the sentence
that a broken row is shown with. Here, too: whether a value is one that its evidence prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unicodedata import numeric

import pandas as pd

from analysis import tables
from analysis.gazetteer import simplified

NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_TYPES = {"number": NUMBER, "year": "(?:19|20)[0-9]{2}"}


def pattern(field: dict[str, Any]) -> str:
    """The expression that a whole cell of a field of the data package matches."""
    limits = field.get("constraints", {})
    found = limits.get("pattern") or "|".join(map(re.escape, limits.get("enum", ())))
    if field["type"] == "list":
        item = field["itemPattern"]
        found = f"{item}(?:{re.escape(field['delimiter'])}{item})*"
    elif not found:
        words = f"(?s:.{{{limits.get('minLength', 1)},{limits.get('maxLength', '')}}})"
        found = _TYPES.get(field["type"], words)
    if limits.get("minimum") == 0:
        found = found.removeprefix("-?")
    return found if limits.get("required") else f"(?:{found})?"


def broken(name: str, frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each rule of a table that is broken, with the rows that break it.

    Args:
        name: The table's name.
        frame: Its rows as text.
    """
    key = list(tables.KEYS[name])
    rules = {"the key must stand in the table once: " + ", ".join(key): frame.duplicated(key, keep=False)}
    for field in tables.SCHEMAS[name]["fields"]:
        cells = frame[field["name"]]
        if "rule" in field:
            rules[field["rule"]] = rules.get(field["rule"], False) | ~cells.str.fullmatch(pattern(field))
        blank = "a cell has no blank at its start or end"
        rules[blank] = rules.get(blank, False) | (cells.str.strip() != cells)
    yield from ((rule, frame[wrong]) for rule, wrong in rules.items() if wrong.any())


_WORD = {"千": 10**3, "万": 10**4, "亿": 10**8, "million": 10**6, "billion": 10**9}
_MONEY = {"元": 1, "万元": 10**4, "亿元": 10**8}
_FIGURE = re.compile(r"(\d[\d,]*(?:\.\d+)?)[ 余多几]*(亿|万|千|million|billion)?")
_SPLIT = re.compile(r"(\d+)万(\d{4})(?!\d)")
_CHINESE = re.compile("[零一二三四五六七八九十百]+(?=(万)?)")
_MEANT = {"未": 0, "没有": 0, "无": 0, "全覆盖": 100, "全部": 100, "首位": 1, "四分之一": 25, "quarter": 25}
"""Words that say a number."""


def contradicts(value: str, evidence: str, unit: str, in_ten_thousands: bool = False) -> bool:
    """Whether no number of the evidence is the value (3.4万 is 34000); the sign is left to words.

    Args:
        value: The stored value, a plain number.
        evidence: The fragment of the source.
        unit: The unit of the metric, which says what 万 makes of money.
        in_ten_thousands: A bare number may be a cell of a table in 万, as those of populations are.
    """
    size = abs(Decimal(value))
    known = set(_printed(simplified(evidence), _MONEY.get(unit, 0)))
    return size not in known and not (in_ten_thousands and size / 10**4 in known)


def _printed(text: str, money: int) -> Iterator[Decimal]:
    """Every number that a fragment may be read as."""
    for digits, word in _FIGURE.findall(text):
        number = Decimal(digits.replace(",", ""))
        yield number
        if word:
            yield number * _WORD[word]
        if money:
            yield number * _WORD.get(word, 1) / money
    for head, tail in _SPLIT.findall(text):
        yield Decimal(head) * 10**4 + Decimal(tail)
    for match in _CHINESE.finditer(text):
        total = digit = 0
        for size in map(int, map(numeric, match[0])):  # a Chinese number below a thousand
            total, digit = (total, size) if size < 10 else (total + max(digit, 1) * size, 0)
        yield Decimal((total + digit) * (10**4 if match[1] else 1))
    yield from (Decimal(number) for word, number in _MEANT.items() if word in text)
