"""Numbers, labels and clauses as a reader of English or Chinese expects them.

Labels stand in `words.csv` in both languages; an unknown key is an error, never a fallback to the other one.
"""

from __future__ import annotations

import calendar
import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import pandas as pd

from analysis.errors import FazhiError, suggest
from analysis.gazetteer import LANGUAGES as LANGUAGES
from analysis.gazetteer import Language as Language

if TYPE_CHECKING:
    from analysis.stats import Place


@cache
def labels() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Every label by group and key: its words in `en` and `zh`."""
    text = (resources.files("analysis") / "words.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {(row["group"], row["key"]): {"en": row["en"], "zh": row["zh"]} for row in rows}


def label(group: str, key: str, language: Language) -> str:
    """A short label of words.csv; a `FazhiError` names the closest of its group where there is none."""
    try:
        return labels()[group, key][language]
    except KeyError:
        fix = suggest(key, [name for part, name in labels() if part == group], "add it there.")
        raise FazhiError("A label must stand in words.csv", f"{group}.{key} ({language})", fix) from None


def roles(language: Language) -> dict[str, str]:
    """The words for focus, peer, other and context, as the key of a chart."""
    return {key: text[language] for (group, key), text in labels().items() if group == "role"}


def number(value: float, decimals: int | None = None) -> str:
    """A number with thousands commas; decimals as given, else as few as the number needs (at most four)."""
    text = f"{value:,.4f}".rstrip("0").rstrip(".") if decimals is None else f"{value:,.{decimals}f}"
    return "0" if text == "-0" else text.replace("-", "−")


def significant(value: float, digits: int = 3) -> str:
    """A computed number to a few significant digits: 5.257 -> 5.26, 18.01 -> 18.0; 18 -> 18."""
    if abs(value) >= 10 ** max(digits, 3) or float(value).is_integer():
        return number(value, 0)
    text = f"{value:#.{digits}g}"
    return number(float(text)) if "e" in text else number(float(text), len(text.partition(".")[2]))


def figure(value: float, qualifier: str, unit: str, language: Language) -> str:
    """A reported figure with its qualifier and its unit: more than 620,000; 36.7%; 367宗; 8 million yuan."""
    if language == "en" and unit in ("万元", "亿元"):
        value, unit = value * (10_000 if unit == "万元" else 100_000_000), "元"
    return label("qualifier", qualifier, language).format(value=number(value)) + unit_suffix(unit, language)


def unit_suffix(unit: str, language: Language) -> str:
    """The unit as it follows a number: %, money and, in Chinese, the measure word."""
    if unit in ("%", "元", "万元", "亿元"):
        return label("unit", unit, language)
    return "" if language == "en" or unit in ("名次", "") else unit


def interval(lower: float, upper: float, language: Language) -> str:
    """An interval in words a table can hold; empty when there is none."""
    if pd.isna(lower) or pd.isna(upper):
        return ""
    return f"{significant(lower)}{'–' if language == 'en' else '—'}{significant(upper)}"


def interval_clause(placed: Place | pd.Series, language: Language) -> str:
    """The 95 % interval of a place or row in brackets, to follow its number; empty where there is none."""
    shown = interval(placed.lower, placed.upper, language)
    return bracketed({"en": "95% interval ", "zh": "95%区间"}[language] + shown, language) if shown else ""


def place(placed: Place, language: Language, noun: str = "市") -> str:
    """A place from the nearer end, highest of 9, 2nd lowest of 9; in Chinese from the top, 第8位（共9市）."""
    if language == "zh":
        return f"第{placed.rank}位（共{placed.n}{noun}）"
    from_below = placed.n + 1 - placed.rank
    near, end = (placed.rank, "highest") if placed.rank <= from_below else (from_below, "lowest")
    return f"{'' if near == 1 else ordinal(near) + ' '}{end} of {placed.n}"


def chance(placed: Place, language: Language) -> str:
    """Which places chance leaves open, as a clause; says so where none can be computed."""
    first, last = placed.rank_lower, placed.rank_upper
    key = "unknown" if pd.isna(first) else "none_other" if first == last else "open"
    return label("chance", key, language).format(first=first, last=last)


def p_value(value: float, language: Language) -> str:
    """A p-value to two digits; words where it is below a thousandth."""
    return label("word", "under_thousandth", language) if value < 0.001 else number(float(f"{value:.2g}"))


def period(text: str, year: int, language: Language) -> str:
    """A period code in words: ytd-11 -> January–November 2020."""
    kind, _, rest = text.partition("-")
    start, _, end = rest.partition("..")
    month = int(rest) if kind == "ytd" else 0
    named = {"month": month, "month_name": calendar.month_name[month], "start": start, "end": end}
    return label("period", kind, language).format(year=year, date=rest, **named)


def listed(items: Sequence[str], language: Language) -> str:
    """Items joined as in a sentence: a, b and c; a、b和c."""
    if len(items) < 2:
        return "".join(items)
    comma, last = (", ", " and ") if language == "en" else ("、", "和")
    return comma.join(items[:-1]) + last + items[-1]


def bracketed(text: str, language: Language) -> str:
    """A text in the brackets of a language, with the space English wants before them."""
    return f" ({text})" if language == "en" else f"（{text}）"


def counted(count: float, singular: str, plural: str | None = None) -> str:
    """A count with its English noun: 1 city, 9 cities; small counts stay digits, to be traced."""
    return f"{number(count)} {singular if count == 1 else plural or singular + 's'}"


def of_all_en(part: int, whole: int, noun: str) -> str:
    """A part of a number of things: none of 3 metrics, 2 of 3 metrics, both metrics, all 3 metrics."""
    if part == whole and whole < 3:
        return f"both {noun}s" if whole == 2 else f"the only {noun}"
    return f"{f'all {whole}' if part == whole else f'{part or None} of {whole}'.lower()} {noun}s"


def of_all_zh(part: int, whole: int) -> str:
    """As `of_all_en`, in Chinese, with 项 for the things: 3项均, 3项中有2项, 3项均不."""
    return f"{whole}项均" if part == whole else f"{whole}项中有{part}项" if part else f"{whole}项均不"


def ordinal(place: int) -> str:
    """An English ordinal: 1st, 2nd, 3rd, 11th."""
    tail = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{tail}"


def lowered(text: str) -> str:
    """An English label inside a sentence: its first letter small, unless it is an abbreviation or a name."""
    head = text.split(" ")[0]
    names = ("Guangdong", "People’s", "Civil", "WeChat")
    keep = head.isupper() or any(letter.isdigit() for letter in head) or head in names
    return text if keep else text[:1].lower() + text[1:]
