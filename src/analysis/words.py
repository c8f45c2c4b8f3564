"""Numbers, labels and dates as a reader of English or Chinese expects them.

It turns single things into words; sentences are the narrative's. A label that is missing in a language is an
error, never a fallback to the other language.
"""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from analysis.catalog import Language, Metric
from analysis.errors import FazhiError

_LARGE = 1000


@cache
def _labels() -> dict[str, dict[str, dict[str, str]]]:
    text = resources.files("analysis").joinpath("narrative", "labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def label(group: str, key: str, language: Language) -> str:
    """A short label of narrative/labels.toml.

    Raises:
        FazhiError: The label does not exist.
    """
    try:
        return _labels()[group][key][language]
    except KeyError:
        raise FazhiError(
            "A label must stand in narrative/labels.toml",
            f"[{group}] {key} ({language})",
            "add it there; where data/ is mistyped, `fazhi check` shows the row.",
        ) from None


def number(value: float, decimals: int | None = None) -> str:
    """A number with thousands commas; decimals as given, else as few as the number needs (at most four)."""
    if decimals is not None:
        return f"{value:,.{decimals}f}".replace("-", "−")
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def significant(value: float, digits: int = 3) -> str:
    """A computed number rounded to a few significant digits: 5.257 -> 5.26, 48712.3 -> 48,712."""
    return number(value, 0) if abs(value) >= _LARGE else number(float(f"{value:.{digits}g}"))


def figure(value: float, qualifier: str, unit: str, language: Language) -> str:
    """A reported figure with its qualifier and its unit: more than 620,000; 36.7%; 367宗."""
    shown = label("qualifier", qualifier, language).format(value=number(value))
    return shown + unit_suffix(unit, language)


def unit_suffix(unit: str, language: Language) -> str:
    """The unit as it follows a number: %, money and, in Chinese, the measure word."""
    if unit in ("%", "万元", "亿元"):
        return label("unit", unit, language)
    return "" if language == "en" or unit in ("名次", "") else unit


def interval(lower: float, upper: float, language: Language, digits: int = 3) -> str:
    """An interval in words a table can hold; empty when there is none."""
    if pd.isna(lower) or pd.isna(upper):
        return ""
    joiner = "–" if language == "en" else "—"
    return f"{significant(lower, digits)}{joiner}{significant(upper, digits)}"


def p_value(value: float, language: Language) -> str:
    """A p-value to two digits; words where it is below a thousandth."""
    return label("word", "under_thousandth", language) if value < 0.001 else number(float(f"{value:.2g}"))


def period(text: str, year: int, language: Language) -> str:
    """A period code in words: ytd-11 -> January–November 2020."""
    kind, _, rest = text.partition("-")
    pattern = label("period", kind, language)
    if kind == "ytd":
        month = int(rest)
        return pattern.format(year=year, month=month, month_name=calendar.month_name[month])
    if kind == "at":
        return pattern.format(date=rest)
    if kind == "span":
        start, end = rest.split("..")
        return pattern.format(start=start, end=end)
    return pattern.format(year=year)


def method(text: str, language: Language, n: float | None = None) -> str:
    """A method with its level and n: exact Poisson (Garwood), 95%, n = 367; empty for none."""
    if not text:
        return ""
    name, _, rest = text.partition(", ")
    level = f", {rest.replace(' %', '%')}" if rest.endswith("%") else ""
    count = "" if n is None or pd.isna(n) else f", n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{number(n)}"
    words = label("method", name, language) + level + count
    return words if language == "en" else words.replace(", ", "，")


def listed(items: Sequence[str], language: Language) -> str:
    """Items joined as in a sentence: a, b and c; a、b和c."""
    if len(items) < 2:
        return "".join(items)
    comma, last = (", ", " and ") if language == "en" else ("、", "和")
    return comma.join(items[:-1]) + last + items[-1]


def comma(language: Language) -> str:
    """The comma of a language, with the space that follows it."""
    return ", " if language == "en" else "，"


def semicolon(language: Language) -> str:
    """The semicolon of a language, with the space that follows it."""
    return "; " if language == "en" else "；"


def bracketed(text: str, language: Language) -> str:
    """A text in the brackets of a language."""
    return f"({text})" if language == "en" else f"（{text}）"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """A count with its English noun: 1 city, 9 cities; small counts stay digits, to be traced."""
    return f"{number(count)} {singular if count == 1 else plural or singular + 's'}"


def ordinal(place: int) -> str:
    """An English ordinal: 1st, 2nd, 3rd, 11th."""
    tail = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{tail}"


def lowered(text: str) -> str:
    """An English label inside a sentence: its first letter small, unless it is an abbreviation or a name."""
    head = text.split(" ")[0]
    keep = (
        head.isupper()
        or any(letter.isdigit() for letter in head)
        or head in ("Guangdong", "People’s", "Civil")
    )
    return text if keep else text[:1].lower() + text[1:]


def metric_in_sentence(metric: Metric, language: Language) -> str:
    """A metric's label as it stands inside a sentence."""
    return metric.label_zh if language == "zh" else lowered(metric.label_en)


def filters(language: Language) -> dict[str, Any]:
    """The functions above as template filters of one language."""
    return {
        "number": number,
        "significant": significant,
        "ordinal": ordinal,
        "lowered": lowered,
        "listed": lambda items: listed(list(items), language),
        "counted": counted,
    }
