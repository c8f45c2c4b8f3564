"""Finds the printed figures of a text: value, unit, qualifier and step, with offsets.

A figure measures something. Dates, plan years, ordinals, document, telephone and record numbers, hotline
names, names of laws and list marks are passed over; numerals in words count only where a measure word makes a
count of them (三项制度 and 一体化 are none). What a figure measures is left to `context` and `patterns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from analysis.ingest.lexicon import CASE, DURATIONS, NOT_AFTER, SKIP, UNIT, WORDS, YEAR
from analysis.ingest.numerals import CHINESE, ONES, narrow, read_number

_RANKED = re.compile(
    "(?:排名?|位列|位居|名列|跃居|跃升|升至|列|居|获评?|蝉联|[全本]省|全国|全市|城市中?|考[核评]|评[估比])[^,。;]{0,6}$"
)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?"
_FIGURE = re.compile(
    rf"""(?P<ordinal>第\s?(?P<rank>\d+|[{WORDS}百]+)(?P<place>[位名]?))
    | (?P<percent>百分之|千分之)(?P<parts>[{CHINESE}]+(?:点[{ONES}]+)?|{_DIGITS})
    | (?P<whole>[{WORDS}])分之(?P<part>[{WORDS}]) | (?P<part2>\d\d?)/(?P<whole2>\d\d?)(?![\d/])
    | (?P<tenths>[{WORDS}])成(?P<half>半?)(?=[以的,。;、左多]|$)
    | (?P<none>没有|未|无)(?:收到|接到|接收|受理|发生|产生|出现|因)
      [^,。;\d]{{0,24}}?(?P<what>申请|依申请公开|复议|诉讼)
      (?:(?:[、和或及]|以及)(?P<also>(?:行政)?(?:复议|诉讼)))?
    | (?P<number>[+-]?(?:{_DIGITS}(?:[十百千万亿]+(?:\d+[百千万]?)*)?|[{CHINESE}]+))
      (?P<ratio>:\d+(?:\.\d+)?(?!\d))?
      (?P<more>[余多来]?)(?P<power>[百千万亿]*)(?P<more2>[余多]?)\s?
      (?P<unit>{UNIT})?(?P<more3>[余多]?)
    """,
    re.VERBOSE,
)
_TAIL = re.compile("(?P<above>及?以上)|(?P<below>以[下内])|(?P<about>左右|上下)")
_HEAD = re.compile(
    "(?:(?P<near>接近|将近|近)|(?P<below>不足|不到|低于|少于|不超过|小于)|(?P<above>超过|超出|[超逾]|突破|多于|高于|大于"
    "|不少于|不低于|至少)|(?P<about>大约|约))[了为达有]?$"
)
_SIGNS = {"near": "<", "below": "<", "above": ">", "about": "~"}
LONGEST = 24
"""More characters than any count has; longer ones are records and noise."""
_TOO_MUCH = Decimal(10) ** 15
_START = re.compile(rf"[\d+第没未无百千〔\[(（《hw{CHINESE}-]")
_VAGUE = re.compile(r"[数几上成每第同任某各这那哪逐另整首头半]$")
_IDIOM = re.compile(
    "[千万]家万户|万人|万众|百家|千人|百日|万无|[一二三四五六七八九十两]+[项个条类种级][\u4e00-\u9fff]"
)
_NUMERAL_END = re.compile(r"\s*(?:[,。;、):!?]|$)")


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure and where it stands; `text[start:end]` is number, words and unit as printed.

    Attributes:
        value: As printed, 万 and 亿 resolved; the middle of a range.
        step: What the last printed digit is worth, where the figure was shortened; None when printed in full.
        qualifier: `=`, `>`, `<` or `~`.
        form: number, percent, rank, range, pair, ratio, duration or none.
        place: 1 or 2 in a pair such as 36+232, else 0.
    """

    value: Decimal
    start: int
    end: int
    unit: str
    qualifier: str = "="
    step: Decimal | None = None
    form: str = "number"
    place: int = 0
    low: Decimal | None = None


def figures(text: str) -> list[Figure]:
    """The figures of a text in their order.

    Args:
        text: A paragraph, or a table's cell; full-width digits are read as plain ones.
    """
    return list(_joined(narrow(text)))


def _joined(text: str) -> Iterator[Figure]:
    """The figures, ranges (3-4名) made one and pairs (36+232) marked."""
    found = list(_single(text))
    at = 0
    while at < len(found):
        first, second = found[at], found[at + 1] if at + 1 < len(found) else None
        between = text[first.end : second.start] if second else ""
        if second and between == "+":
            yield replace(first, form="pair", place=1, unit=second.unit)
            yield replace(second, form="pair", place=2)
            at += 2
        elif second and _is_range(first, second, between, text[: first.start]):
            low, high = _scaled(first, second, text), second.value
            yield replace(
                second, value=(low + high) / 2, start=first.start, qualifier="~",
                step=second.step or high - low, form="range", low=low,
            )  # fmt: skip
            at += 2
        else:
            yield first
            at += 1


def _is_range(first: Figure, second: Figure, between: str, before: str) -> bool:
    """Whether two figures are the ends of one: the same unit, a dash, and no 由 or 从 before them."""
    if between not in ("-", "—", "–", "~", "至", "--", "——") or first.unit not in ("", second.unit):
        return False
    return first.value < second.value and not before.endswith(("由", "从", "自"))


def _scaled(first: Figure, second: Figure, text: str) -> Decimal:
    """The lower end of a range: in 3-4万件 the 万 belongs to both."""
    power = next((sign for sign in "亿万" if sign in text[second.start : second.end]), "")
    if power and power not in text[first.start : first.end]:
        return first.value * read_number(power)[0]
    return first.value


def _single(text: str) -> Iterator[Figure]:
    """Figures one by one: what is none is passed over, what is one is read."""
    at = 0
    while found := _START.search(text, at):
        at = found.start()
        skipped = SKIP.match(text, at)
        if skipped:
            at = skipped.end()
            continue
        match = _FIGURE.match(text, at)
        figure = _read(match, text) if match else None
        if figure:
            yield figure
        if match and match["also"]:
            yield Figure(Decimal(0), match.start("also"), match.end("also"), "", form="none")
        at = max(match.end() if match else 0, figure.end if figure else 0, at + 1)


def _read(match: re.Match[str], text: str) -> Figure | None:
    """The figure that a match stands for; None when it measures nothing."""
    if match["ordinal"]:
        return _rank(match, text)
    if match["none"]:
        return Figure(Decimal(0), match.start(), match.end("what"), "", form="none")
    if match["percent"]:
        value, step = read_number(match["parts"])
        per = Decimal(1) if match["percent"] == "百分之" else Decimal(10)
        figure = Figure(value / per, match.start(), match.end(), "%", form="percent")
        return _worded(match, text, figure, min(step, Decimal(1)))
    if match["whole"] or match["whole2"]:
        part, whole = (
            read_number(match["part"] or match["part2"])[0],
            read_number(match["whole"] or match["whole2"])[0],
        )
        value = part * 100 / (whole or part or 1)
        figure = Figure(round(value, 2), match.start(), match.end(), "%", "~", form="percent")
        return figure if value < 100 else None
    if match["tenths"]:
        value = read_number(match["tenths"])[0] * 10 + (5 if match["half"] else 0)
        return _worded(
            match, text, Figure(value, match.start(), match.end(), "%", form="percent"), Decimal(1)
        )
    return _number(match, text)


def _rank(match: re.Match[str], text: str) -> Figure | None:
    """第10, 第4位, 第1名 as a rank; other ordinals (第三届, 第一书记) are none."""
    before, after = text[max(0, match.start() - 14) : match.start()], text[match.end() : match.end() + 1]
    ends = not after or not ("\u4e00" <= after <= "\u9fff") or after in "的并和、"
    if not (match["place"] or (ends and _RANKED.search(before))) or (
        match["place"] and after in tuple("书责时副")
    ):
        return None
    return Figure(
        read_number(match["rank"])[0], match.start(), match.end(), match["place"] or "名次", form="rank"
    )


def _number(match: re.Match[str], text: str) -> Figure | None:
    """A number in digits or in words, with its unit."""
    shown, unit, start, end = match["number"], match["unit"] or "", match.start(), match.end()
    end -= len(match[0]) - len(match[0].rstrip())
    digits = shown.lstrip("+-")
    signed = digits != shown
    before = text[max(0, start - 8) : start]
    if NOT_AFTER.search(before) or (before[-1:].isascii() and before[-1:].isalpha() and not unit):
        return None
    if signed and ((before[-1:].isalnum() and before[-1:] not in "为达长率是比") or not digits[0].isdigit()):
        start, signed = start + 1, False
    if not digits[0].isdigit() and not _counts(digits + match["power"], match, text):
        return None
    if unit in ("", "年") and re.fullmatch(r"\d?" + YEAR, digits) and not match["power"]:
        return None
    if len(digits + match["power"]) > LONGEST:
        return None
    value, step = read_number(digits + match["power"])
    if value >= _TOO_MUCH:
        return None
    value = value.to_integral_value() if value == value.to_integral_value() else value
    if signed and shown[0] == "-":
        value = -value
    form = "percent" if unit in ("%", "‰") else "duration" if unit in DURATIONS else "number"
    if match["ratio"]:
        other = match["ratio"][1:]
        if "1" not in (digits, other):
            return None
        value, form, unit = Decimal(other) if digits == "1" else value, "ratio", ""
    return _worded(match, text, Figure(value, start, end, unit, form=form), step)


def _counts(digits: str, match: re.Match[str], text: str) -> bool:
    """Whether numerals in words count something: ten or more with a measure word, or a short list's 三件."""
    start, unit = match.start(), match["unit"] or ""
    near = text[max(0, start - 3) : start]
    if (unit not in CASE and unit not in ("%", "万元", "亿元", "元", "倍")) or _VAGUE.search(near):
        return unit == "年" and near.endswith("连续") and "优秀" in text[match.end() : match.end() + 16]
    if all(sign in "百千万亿" for sign in digits) and not (
        match["more"] or match["more2"] or _HEAD.search(near)
    ):
        return False
    if "几" in match[0] or _IDIOM.match(text, start):
        return bool(_HEAD.search(near)) and unit not in "项个条类种级"
    if any(sign in "十百千万亿" for sign in digits) and digits != "十":
        return True
    ends = _NUMERAL_END.match(text, match.end()) is not None
    return (ends and unit not in ("起", "个", "人", "次")) or (
        unit in ("件", "宗") and digits not in ("一", "十")
    )


def _worded(match: re.Match[str], text: str, figure: Figure, step: Decimal) -> Figure:
    """The figure with the qualifier and the step that the words on both sides of it tell."""
    more = any(match[name] for name in ("more", "more2", "more3"))
    tail = _TAIL.match(text, figure.end)
    head = _HEAD.search(text[max(0, figure.start - 5) : figure.start])
    name = next((group.lastgroup for group in (tail, head) if group and group.lastgroup), "")
    qualifier = ">" if more else _SIGNS.get(name, "=")
    resolution = step if step > 1 else None
    if more or (qualifier in "<~" and name in ("near", "about")):
        resolution = _implied(figure.value, step, near=name == "near")
    elif name in ("above", "below"):
        resolution = None
    if not tail and qualifier == "=" and resolution is None:
        return figure
    end = tail.end() if tail else figure.end
    return replace(figure, qualifier=qualifier, step=resolution, end=end)


def _implied(value: Decimal, step: Decimal, *, near: bool) -> Decimal | None:
    """The step that 余, 多, 近 or 约 leaves open: 100 for 7700多, 10000 for 62万余, 10 for 近200."""
    if step != 1:
        return step if step > 1 else None
    place = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent)) if value else Decimal(1)
    place = place / 10 if near and place > 1 else place
    return place if place > 1 else None
