"""Reads one number as Chinese reports print it: 3.4万, 14万9000, 1,234, 一百二十, 二〇二〇, 百分之五.

A number is a value and a step, the place of its last printed digit (3.4万: 34000 and 1000). Words beside it
(余, 近, 以上) belong to `figures`. It refuses what is no number with a `ValueError`, and never uses floats.
"""

from __future__ import annotations

import re
from decimal import Decimal

_ONES = dict(zip("零一二三四五六七八九", range(10), strict=True))
_ONES |= dict(zip("〇○两壹贰叁肆伍陆柒捌玖", (0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
ONES = "".join(_ONES)
TENS = "".join(_TENS)
CHINESE = ONES + TENS + "".join(_LARGE)
"""Every character of a number in words."""
_TOKEN = re.compile(rf"(?P<digits>\d+(?:\.\d+)?)|(?P<ones>[{ONES}]+)|(?P<power>[{TENS}万亿])")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDE |= {ord(given): ord(plain) for given, plain in zip("　〜～−﹪　", " ~~-% ", strict=True)}

_WIDER = re.compile(f"[{''.join(map(chr, _WIDE))}]")


def narrow(text: str) -> str:
    """Full-width digits, letters and signs in their plain form, character by character, so offsets hold."""
    return text.translate(_WIDE) if _WIDER.search(text) else text


def read_number(text: str) -> tuple[Decimal, Decimal]:
    """The value of a printed number and the step of its last digit.

    Args:
        text: Digits, numerals in words or both: `1,234`, `3.4万`, `14万9000`, `三千二百`, `一万五`.

    Raises:
        ValueError: It is empty or holds anything else.
    """
    total, section, current = Decimal(0), Decimal(0), None
    power, step, colloquial, at = Decimal(1), Decimal(1), False, 0
    text = _plain(text)
    if text.isdecimal() and text.isascii():
        return Decimal(text), Decimal(1)
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"no number: {text!r}")
        at = token.end()
        shown = token[0]
        if token["power"]:
            section, total, scale = _raised(shown, section, total, current)
            step = (step if current is not None else Decimal(1)) * scale
            power, current, colloquial = scale, None, True
            continue
        digits = shown if token["digits"] else "".join(str(_ONES[sign]) for sign in shown)
        current = Decimal(digits)
        step = Decimal(1).scaleb(-len(digits.partition(".")[2]))
        if token["ones"] and colloquial and len(shown) == 1 and at == len(text) and power >= 100:
            current, step = current * power / 10, power / 10
    if not text:
        raise ValueError("no number: an empty text")
    return total + section + (current or 0), step


def _plain(text: str) -> str:
    """The text without separators; 三点五 becomes 3.5, digit by digit."""
    text = narrow(text).replace(",", "").replace(" ", "")
    whole, point, tail = text.partition("点")
    if not point:
        return text
    value, _ = read_number(whole)
    shown = "".join(str(_ONES.get(sign, sign)) for sign in tail)
    return f"{value}.{shown}"


def _raised(
    sign: str, section: Decimal, total: Decimal, current: Decimal | None
) -> tuple[Decimal, Decimal, Decimal]:
    """Section and total after a sign of ten, hundred … 亿, and what that sign is worth."""
    if sign in _TENS:
        return section + (1 if current is None else current) * _TENS[sign], total, Decimal(_TENS[sign])
    scale = Decimal(_LARGE[sign])
    below = section + (current or 0)
    if current is None and not section and not total:
        below = Decimal(1)
    return Decimal(0), (total + below) * scale if sign == "亿" else total + below * scale, scale
