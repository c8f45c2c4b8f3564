"""Finds the printed figures of a text: value, unit, qualifier and step, with offsets.

A figure measures something: what only looks like one is passed over, and numerals in words count only before
a measure word (三项制度 and 一体化 are none). The expressions are lines of `grammar.toml`. It uses no floats.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import resources

_RAW = tomllib.loads(resources.files(__package__).joinpath("grammar.toml").read_text(encoding="utf-8"))
_UNITS = {group: words.split() for group, words in _RAW["units"].items()}
_MEASURES = sorted({unit for units in _UNITS.values() for unit in units}, key=lambda unit: (-len(unit), unit))
_PARTS = _RAW["parts"] | {"UNIT": "|".join(_MEASURES), "SKIP": "|".join(_RAW["skip"].values())}


def _compiled(words: str) -> re.Pattern[str]:
    while (filled := re.sub(r"\{([A-Z]+)\}", lambda part: _PARTS[part[1]], words)) != words:
        words = filled
    return re.compile(words, re.VERBOSE)


_FIGURE, CONTEXT, PARAGRAPH, TABLE, STRUCTURE = (
    {name: _compiled(words) for name, words in _RAW[group].items()}
    for group in ("figure", "context", "paragraph", "table", "structure")
)
PERIODS: dict[str, str] = _RAW["periods"]
_WIDE = "".join(map(chr, range(0xFF01, 0xFF5F))) + "　〜−﹪"
_NARROW = str.maketrans(_WIDE, "".join(map(chr, range(0x21, 0x7F))) + " ~-%")
_WIDER = re.compile(f"[{_WIDE}]")
_DIGITS = str.maketrans("零一二三四五六七八九〇○两壹贰叁肆伍陆柒捌玖点", "0123456789002123456789.")
_POWERS = {"亿": 10**8, "万": 10**4, "千": 1000, "仟": 1000, "百": 100, "佰": 100, "十": 10, "拾": 10}
_SIGNS = {"near": "<", "below": "<", "above": ">", "about": "~", "more": ">"}
_LONGEST, _LARGEST = 24, 10**15  # longer ones are records and noise
_COUNTED = {*_UNITS["case"], "%", "万元", "亿元", "元", "倍"}
_FORMS = dict.fromkeys(_UNITS["duration"], "duration")
_DASHES = ("-", "—", "–", "~", "至", "--", "——")


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure and where it stands; `text[start:end]` is number, words and unit as printed."""

    value: Decimal  # as printed, 万 and 亿 resolved; the middle of a range
    start: int
    end: int
    unit: str = ""
    qualifier: str = "="  # or > < ~
    step: Decimal | None = None  # what the last printed digit is worth, where the figure was shortened
    form: str = "number"  # or rank, ratio, duration, none
    place: int = 0  # 1 or 2 in a pair such as 36+232
    low: Decimal | None = None  # the lower end of a range


def narrow(text: str) -> str:
    """Full-width digits, letters and signs in their plain form, character by character, so offsets hold."""
    return text.translate(_NARROW) if _WIDER.search(text) else text


def read_number(text: str) -> tuple[Decimal, Decimal]:
    """A printed number (1,234, 3.4万, 14万9000, 三千二百, 一万五) and the step of its last digit.

    Raises:
        ValueError: It is empty or holds anything else.
    """
    text = narrow(text).replace(",", "").replace(" ", "")
    for sign, power in _POWERS.items():
        head, found, tail = text.rpartition(sign)
        if found:
            value, step = read_number(head or "1")
            value, step = value * power, Decimal(power) if head[-1:] in _POWERS else step * power
            more = Decimal(0)
            if tail:
                more, step = read_number(tail)
            if len(tail) == 1 and power >= 100 and not tail.isdecimal():
                more, step = more * power / 10, Decimal(power) / 10  # 一万五 is 15000
            return value + more, step
    shown = text.translate(_DIGITS)
    if not re.fullmatch(r"\d*\.?\d+", shown):
        raise ValueError(f"no number: {text!r}")
    return Decimal(shown), Decimal(1).scaleb(-len(shown.partition(".")[2]))


def figures(text: str) -> list[Figure]:
    """The figures of a text in their order, ranges (3-4名) made one and pairs (36+232) marked."""
    text = narrow(text)
    found: list[Figure] = []
    for match in _FIGURE["figure"].finditer(text):
        figure = None if match["skip"] else _read(match)
        if figure:
            found[-1:] = _joined(found[-1], figure, text) if found else [figure]
        if match["also"]:
            found.append(Figure(Decimal(0), *match.span("also"), form="none"))
    return found


def _joined(first: Figure, second: Figure, text: str) -> list[Figure]:
    """Two figures as they stand, as a pair, or made one range: in 3-4万件 the 万 belongs to both."""
    between = text[first.end : second.start]
    free = first.low is None and first.place != 2
    if free and between == "+":
        return [replace(first, place=1, unit=second.unit), replace(second, place=2)]
    alike = free and between in _DASHES and first.unit in ("", second.unit) and first.value < second.value
    if not alike or text.endswith(("由", "从", "自"), 0, first.start):
        return [first, second]
    power = next((sign for sign in "亿万" if sign in text[second.start : second.end]), "")
    low = first.value * (_POWERS[power] if power and power not in text[first.start : first.end] else 1)
    step, middle = second.step or second.value - low, (low + second.value) / 2
    return [replace(second, value=middle, start=first.start, qualifier="~", step=step, low=low)]


def _read(match: re.Match[str]) -> Figure | None:
    text, (start, end) = match.string, match.span()
    if match["ordinal"]:
        ranked = match["place"] or _FIGURE["ranked"].search(text, max(0, start - 14), start)
        value = read_number(match["rank"] or "0")[0]
        return Figure(value, start, end, match["place"] or "名次", form="rank") if value and ranked else None
    if match["none"]:
        return Figure(Decimal(0), start, match.end("what"), form="none")
    unit, form, step = "%", "number", Decimal(1)
    if part := match["part"] or match["part2"]:
        value, step = read_number(part)
        whole = read_number(match["whole"] or match["whole2"])[0] or Decimal(1)
        value, step = value * 100 / whole, min(step, Decimal(1))
        if whole < 100:
            return Figure(round(value, 2), start, end, "%", "~") if value < 100 else None
    elif match["tenths"]:
        value = read_number(match["tenths"])[0] * 10 + (5 if match["half"] else 0)
    elif match["ratio"]:
        unit, form = "", "ratio"
        value, step = read_number(match["ratio"].removeprefix("1:").removesuffix(":1"))
    else:
        number, unit = match["number"] + match["power"], match["unit"] or ""
        if not _measures(match, number, unit):
            return None
        value, step = read_number(number)
        value, form = -value if match["sign"] == "-" else value, _FORMS.get(unit, form)
    if value >= _LARGEST:
        return None
    tail = _FIGURE["tail"].match(text, end)
    words = tail or _FIGURE["head"].search(text, max(0, start - 5), start)
    more = match["more"] or match["more2"] or match["more3"]
    hedged = _hedged("more" if more else words.lastgroup if words else "", value, step)
    return Figure(value, start, tail.end() if tail else end, unit, *hedged, form)


def _measures(match: re.Match[str], number: str, unit: str) -> bool:
    """Whether a number measures something; in words ten or more of something, or a list's 三件."""
    text, start, end = match.string, match.start(), match.end()
    noise = len(number) > _LONGEST or _FIGURE["not_after"].search(text, max(0, start - 8), start)
    if noise or number[0].isdigit():
        return not noise
    near = text[max(0, start - 3) : start]
    if unit not in _COUNTED or _FIGURE["vague"].search(near):
        return unit == "年" and near.endswith("连续") and "优秀" in text[end : end + 16]
    hedged = _FIGURE["head"].search(near) is not None
    if set(number) <= set("百千万亿") and not (match["more"] or match["more2"] or hedged):
        return False
    if _FIGURE["idiom"].match(text, start):
        return hedged and unit not in "项个条类种级"
    if number != "十" and not set(number).isdisjoint("十百千万亿"):
        return True
    ends = _FIGURE["numeral_end"].match(text, end)
    return (ends is not None and unit not in tuple("起个人次")) or (unit in "件宗" and number not in "一十")


def _hedged(name: str | None, value: Decimal, step: Decimal) -> tuple[str, Decimal | None]:
    """The qualifier by the name of what hedges a figure, and the step of a figure that was shortened."""
    vague = name in ("near", "about", "more")
    if vague and step == 1 and value:  # 100 for 7700多, 10000 for 62万余, 10 for 近200
        step = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent) - (name == "near"))
    return _SIGNS.get(name or "", "="), step if step > 1 and (vague or not name) else None
