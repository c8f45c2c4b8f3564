"""Whether a stored value is one that its own evidence prints: 3.4万 is 34000 and not 340000.

It reads the few forms in which fragments give numbers, in either script and in English, and all numbers of a
fragment count. `data/evidence_exceptions.csv` lists the figures that were rightly worked out of a fragment
which does not print them (a rank from a list, last year's from a change).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from analysis.gazetteer import simplified

_WORD = {"千": 10**3, "万": 10**4, "亿": 10**8, "million": 10**6, "billion": 10**9}
_MONEY = {"元": 1, "万元": 10**4, "亿元": 10**8}
_FIGURE = re.compile(r"(\d[\d,]*(?:\.\d+)?)[ 余多几]*(亿|万|千|million|billion)?")
_SPLIT = re.compile(r"(\d+)万(\d{4})(?!\d)")
_CHINESE = re.compile("[零一二三四五六七八九十百]+(?=(万)?)")
_DIGITS = {letter: place for place, letter in enumerate("零一二三四五六七八九")}
_MEANT = {"未": 0, "没有": 0, "无": 0, "全覆盖": 100, "全部": 100, "首位": 1, "四分之一": 25, "quarter": 25}
"""Words that say a number."""


def contradicts(value: str, evidence: str, unit: str, in_ten_thousands: bool = False) -> bool:
    """Whether no number of the evidence is the value; the sign is left to words.

    Args:
        value: The stored value, a plain number.
        evidence: The fragment of the source.
        unit: The unit of the metric, which says what 万 makes of money.
        in_ten_thousands: A bare number may be a cell of a table in 万, as those of populations are.
    """
    size = abs(Decimal(value))
    known = set(_printed(simplified(evidence), _MONEY.get(unit, 0)))
    if in_ten_thousands:
        known |= {number * 10**4 for number in known}
    return size not in known


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
        yield Decimal(_small(match[0]) * (10**4 if match[1] else 1))
    yield from (Decimal(number) for word, number in _MEANT.items() if word in text)


def _small(text: str) -> int:
    """A Chinese number below a thousand: 十七 -> 17; 0 where it is none."""
    total = digit = 0
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        else:
            total, digit = total + max(digit, 1) * (100 if letter == "百" else 10), 0
    return total + digit
