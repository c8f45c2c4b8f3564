"""Finds the printed figures of a text: value, unit, qualifier and step, with offsets.

A figure measures something. What only looks like one is passed over (`grammar.toml` lists it); numerals in
words count only where a measure word makes a count of them (三项制度 and 一体化 are none). What a figure
measures is left to `context` and `patterns`. It never uses floats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from analysis.ingest.lexicon import FIGURE, SKIP, UNITS

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDE |= {ord(given): ord(plain) for given, plain in zip("　〜～−﹪　", " ~~-% ", strict=True)}
_WIDER = re.compile(f"[{''.join(map(chr, _WIDE))}]")
_DIGITS = str.maketrans("零一二三四五六七八九〇○两壹贰叁肆伍陆柒捌玖拾佰仟", "0123456789002123456789十百千")
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_TOKEN = re.compile(r"(\d+(?:\.\d+)?)|([十百千万亿])")
_YEAR = re.compile(r"\d?(?:19|20)\d\d")
_SIGNS = {"near": "<", "below": "<", "above": ">", "about": "~"}
LONGEST = 24
"""More characters than any count has; longer ones are records and noise."""
_DASHES = ("-", "—", "–", "~", "至", "--", "——")
_TOO_MUCH = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure and where it stands; `text[start:end]` is number, words and unit as printed.

    Attributes:
        value: As printed, 万 and 亿 resolved; the middle of a range.
        step: What the last printed digit is worth, where the figure was shortened; None when printed in full.
        qualifier: `=`, `>`, `<` or `~`.
        form: number, percent, rank, range, pair, ratio, duration or none.
        place: 1 or 2 in a pair such as 36+232, else 0.
        low: The lower end of a range.
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


def narrow(text: str) -> str:
    """Full-width digits, letters and signs in their plain form, character by character, so offsets hold."""
    return text.translate(_WIDE) if _WIDER.search(text) else text


def read_number(text: str) -> tuple[Decimal, Decimal]:
    """A printed number (1,234, 3.4万, 14万9000, 三千二百, 一万五) and the step of its last digit.

    Raises:
        ValueError: It is empty or holds anything else.
    """
    plain = narrow(text).replace(",", "").replace(" ", "")
    whole, point, tail = plain.partition("点")
    if point:
        plain = f"{read_number(whole)[0]}.{tail.translate(_DIGITS)}"
    shown = plain.translate(_DIGITS)
    if not shown or _TOKEN.sub("", shown):
        raise ValueError(f"no number: {text!r}")
    total = section = Decimal(0)
    scale = step = Decimal(1)
    current: Decimal | None = None
    for digits, power in _TOKEN.findall(shown):
        if digits:
            current, step = Decimal(digits), Decimal(1).scaleb(-len(digits.partition(".")[2]))
            continue
        scale = Decimal(_POWERS[power])
        step = scale if current is None else step * scale
        if scale < 10_000:
            section += scale if current is None else current * scale
        else:
            nothing = current is None and not section and not total
            below = Decimal(1) if nothing else section + (current or 0)
            section, total = Decimal(0), (total + below) * scale if power == "亿" else total + below * scale
        current = None
    if current is not None and scale >= 100 and len(digits) == 1 and not plain[-1].isdecimal():
        current, step = current * scale / 10, scale / 10  # 一万五 is 15000
    return total + section + (current or 0), step


def figures(text: str) -> list[Figure]:
    """The figures of a text in their order, ranges (3-4名) made one and pairs (36+232) marked."""
    text = narrow(text)
    found: list[Figure] = []
    for figure in _single(text):
        found[-1:] = _joined(found[-1], figure, text) if found else [figure]
    return found


def _joined(first: Figure, second: Figure, text: str) -> list[Figure]:
    """Two figures as they stand, as a pair, or made one range: in 3-4万件 the 万 belongs to both."""
    between = text[first.end : second.start]
    free = first.low is None and first.place != 2
    if free and between == "+":
        return [replace(first, form="pair", place=1, unit=second.unit), replace(second, form="pair", place=2)]
    alike = free and between in _DASHES and first.unit in ("", second.unit) and first.value < second.value
    if not alike or text.endswith(("由", "从", "自"), 0, first.start):
        return [first, second]
    power = next((sign for sign in "亿万" if sign in text[second.start : second.end]), "")
    low = first.value * (_POWERS[power] if power and power not in text[first.start : first.end] else 1)
    step, middle = second.step or second.value - low, (low + second.value) / 2
    return [replace(second, value=middle, start=first.start, qualifier="~", step=step, form="range", low=low)]


def _single(text: str) -> Iterator[Figure]:
    """Figures one by one: what is none is passed over, what is one is read."""
    at = 0
    while found := FIGURE["start"].search(text, at):
        at = found.start()
        skipped = SKIP.match(text, at)
        if skipped:
            at = skipped.end()
            continue
        match = FIGURE["figure"].match(text, at)
        figure = _read(match, text) if match else None
        if figure:
            yield figure
        if match and match["also"]:
            yield Figure(Decimal(0), match.start("also"), match.end("also"), "", form="none")
        at = max(match.end() if match else 0, figure.end if figure else 0, at + 1)


def _read(match: re.Match[str], text: str) -> Figure | None:
    """The figure that a match stands for; None when it measures nothing."""
    start, end = match.span()
    if match["ordinal"]:
        return _rank(match, text)
    if match["none"]:
        return Figure(Decimal(0), start, match.end("what"), "", form="none")
    if match["number"]:
        return _number(match, text)
    percent = Figure(Decimal(0), start, end, "%", form="percent")
    if match["percent"]:
        value, step = read_number(match["parts"])
        value = value if match["percent"] == "百分之" else value / 10
        return _worded(match, text, replace(percent, value=value), min(step, Decimal(1)))
    if match["tenths"]:
        value = read_number(match["tenths"])[0] * 10 + (5 if match["half"] else 0)
        return _worded(match, text, replace(percent, value=value), Decimal(1))
    part = read_number(match["part"] or match["part2"])[0]
    whole = read_number(match["whole"] or match["whole2"])[0]
    value = round(part * 100 / (whole or part or 1), 2)
    return replace(percent, value=value, qualifier="~") if value < 100 else None


def _rank(match: re.Match[str], text: str) -> Figure | None:
    """第10, 第4位, 第1名 as a rank; other ordinals (第三届, 第一书记) are none."""
    start, end = match.span()
    after = text[end : end + 1]
    ends = not after or not ("\u4e00" <= after <= "\u9fff") or after in "的并和、"
    if match["place"]:
        is_rank = after not in tuple("书责时副")
    else:
        is_rank = ends and FIGURE["ranked"].search(text[max(0, start - 14) : start]) is not None
    value = read_number(match["rank"])[0]
    return Figure(value, start, end, match["place"] or "名次", form="rank") if is_rank else None


def _number(match: re.Match[str], text: str) -> Figure | None:
    """A number in digits or in words, with its unit."""
    shown, unit, start = match["number"], match["unit"] or "", match.start()
    end = start + len(match[0].rstrip())
    digits = shown.lstrip("+-")
    number = digits + match["power"]
    signed = digits != shown
    before = text[max(0, start - 8) : start]
    letter = before[-1:].isascii() and before[-1:].isalpha() and not unit
    if letter or len(number) > LONGEST or FIGURE["not_after"].search(before):
        return None
    if signed and ((before[-1:].isalnum() and before[-1:] not in "为达长率是比") or not digits[0].isdigit()):
        start, signed = start + 1, False
    if not digits[0].isdigit() and not _counts(number, match, text):
        return None
    if unit in ("", "年") and _YEAR.fullmatch(number):
        return None
    value, step = read_number(number)
    if value >= _TOO_MUCH:
        return None
    value = value.to_integral_value() if value == value.to_integral_value() else value
    value = -value if signed and shown[0] == "-" else value
    form = "percent" if unit in ("%", "‰") else "duration" if unit in UNITS["duration"] else "number"
    if match["ratio"]:
        other = match["ratio"][1:]
        if "1" not in (digits, other):
            return None
        value, form, unit = Decimal(other) if digits == "1" else value, "ratio", ""
    return _worded(match, text, Figure(value, start, end, unit, form=form), step)


def _counts(digits: str, match: re.Match[str], text: str) -> bool:
    """Whether numerals in words count something: ten or more with a measure word, or a short list's 三件."""
    start, end, unit = match.start(), match.end(), match["unit"] or ""
    near = text[max(0, start - 3) : start]
    counted = unit in UNITS["case"] or unit in ("%", "万元", "亿元", "元", "倍")
    if not counted or FIGURE["vague"].search(near):
        return unit == "年" and near.endswith("连续") and "优秀" in text[end : end + 16]
    hedged = FIGURE["head"].search(near) is not None
    if set(digits) <= set("百千万亿") and not (match["more"] or match["more2"] or hedged):
        return False
    if FIGURE["idiom"].match(text, start):
        return hedged and unit not in "项个条类种级"
    if digits != "十" and not set(digits).isdisjoint("十百千万亿"):
        return True
    ends = FIGURE["numeral_end"].match(text, end) is not None
    return (ends and unit not in tuple("起个人次")) or (unit in "件宗" and digits not in "一十")


def _worded(match: re.Match[str], text: str, figure: Figure, step: Decimal) -> Figure:
    """The figure with the qualifier and the step that the words on both sides of it tell."""
    more = match["more"] or match["more2"] or match["more3"]
    tail = FIGURE["tail"].match(text, figure.end)
    head = FIGURE["head"].search(text[max(0, figure.start - 5) : figure.start])
    name = next((words.lastgroup or "" for words in (tail, head) if words), "")
    vague = more or name in ("near", "about")
    if vague and step == 1 and figure.value:  # 100 for 7700多, 10000 for 62万余, 10 for 近200
        step = Decimal(1).scaleb(int(figure.value.normalize().as_tuple().exponent))
        step = step / 10 if name == "near" else step
    resolution = step if step > 1 and (vague or not name) else None
    if not tail and not more and not name and resolution is None:
        return figure
    end = tail.end() if tail else figure.end
    return replace(figure, qualifier=">" if more else _SIGNS.get(name, "="), step=resolution, end=end)
