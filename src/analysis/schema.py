"""The rules that each table of `data/` keeps, as pandera schemas over text columns.

One rule has one place: the data dictionary prints these, `fazhi check` applies them. Rules that span tables
(foreign keys, sort order, guards) are in `check.py`. A rule's name is the sentence that a broken row is shown
with.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from analysis import tables
from analysis.records import DOMAINS, RELIABILITY

UNITS = frozenset({*"件宗项个人名次家条份部分场年篇期倍%元", "名次", "人次", "万元", "亿元"})
MEASURES = ("count", "stock", "rate", "rank", "score", "change")
SCOPES = ("whole", "own_level", "lower_level", "department", "courts", "other")
LEVELS = ("nation", "province", "prefecture", "county")
QUALIFIERS = ("=", ">", "<", "~")
STATUSES = ("A", "P", "E", "B", "U")
PERIOD_RULES = ("flow", "stock", "change", "rank")
EVIDENCE_LENGTH = 30
PERIOD = (
    r"full|year_end|cumulative|ytd-(?:0[1-9]|1[0-2])|at-[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|span-[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?\.\.[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?"
)
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
DATE = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
METRIC = r"[a-z_0-9]+\.[a-z_0-9]+"


def fault_of_period(period: str, year: str) -> str:
    """What is wrong with a period that keeps the grammar: an impossible date, or one outside the year."""
    kind, _, rest = period.partition("-")
    if kind not in ("at", "span"):
        return ""
    ends = rest.split("..")
    if not all(is_date(end) for end in ends):
        return "a period names days that exist"
    if kind == "at":
        return "" if rest[:4] == year else "a date lies in the year of its row"
    start, end = ends
    if end < start[: len(end)]:
        return "a span runs forward"
    return "" if start[:4] <= year <= end[:4] else "a span reaches into the year of its row"


def is_date(text: str) -> bool:
    """Whether YYYY, YYYY-MM or YYYY-MM-DD is a year, month or day that exists."""
    try:
        datetime.date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def _one_of(values: Collection[str]) -> str:
    return "|".join(map(re.escape, values))


_WORDS = r"(?s:.+)"
_GROUP = "(?!(?:all|province|nearest)$)[a-z_0-9]+"
_IDS = rf"(?:{METRIC}(?:\+{METRIC})*)?"
_CODE = (r"[0-9]{6}", "a region code is six digits (GB/T 2260)")
_YEAR = (r"(?:19|20)[0-9]{2}", "a year has four digits")
_METRIC = (METRIC, "a metric id is domain.name in lower case")
RULES: dict[str, dict[str, tuple[str, str]]] = {
    "metrics": {
        "metric_id": _METRIC,
        "domain": (_one_of(DOMAINS), "the domain must be one of design.md's list"),
        "label_zh": (_WORDS, "a metric needs a Chinese label"),
        "label_en": (_WORDS, "a metric needs an English label"),
        "unit": (_one_of(UNITS), "the unit must be a known measure word"),
        "measure": (_one_of(MEASURES), f"the measure is one of {', '.join(MEASURES)}"),
        "polarity": ("higher|lower|neutral", "the polarity is higher, lower or neutral"),
        "numerator": (_IDS, "a numerator is metric ids joined by +"),
        "denominator": (_IDS, "a denominator is metric ids joined by +"),
        "period_rule": (_one_of(["", *PERIOD_RULES]), f"the period rule is one of {', '.join(PERIOD_RULES)}"),
        "breaks": (r"(?:[0-9]{4}(?:;[0-9]{4})*)?", "breaks are years joined by ;"),
        "comparable": ("yes|with_care|no", "comparable is yes, with_care or no"),
    },
    "regions": {
        "region_code": _CODE,
        "name_zh": (r"[\u4e00-\u9fff]{2,}", "a Chinese name is written in Chinese"),
        "name_en": (_WORDS, "a region needs an English name"),
        "level": (_one_of(LEVELS), f"the level is one of {', '.join(LEVELS)}"),
        "parent_code": (r"(?:[0-9]{6})?", "a parent code is six digits or empty"),
    },
    "peer_groups": {
        "group_id": (_GROUP, "a group id is lower case; all, province and nearest are computed groups"),
        "label_en": (_WORDS, "a group needs an English label"),
        "label_zh": (_WORDS, "a group needs a Chinese label"),
        "region_code": _CODE,
    },
    "sources": {
        "source_id": (r"[0-9]{6}-[a-z0-9_\-]+", "a source id starts with its region code"),
        "title": (_WORDS, "a source needs its title"),
        "publisher": (_WORDS, "a source needs its publisher"),
        "region_code": _CODE,
        "year": _YEAR,
        "published": (rf"(?:{DATE})?", "a date is YYYY, YYYY-MM or YYYY-MM-DD"),
        "accessed": (DATE, "a source needs the date it was read"),
        "reliability": (_one_of(RELIABILITY), f"the reliability is one of {', '.join(RELIABILITY)}"),
    },
    "events": {
        "year": _YEAR,
        "region_code": _CODE,
        "label_en": (_WORDS, "an event needs its English name"),
        "label_zh": (_WORDS, "an event needs its Chinese name"),
        "source": (_WORDS, "an event needs a source: a public act with its date"),
    },
    "corrections": {
        "region_code": _CODE,
        "year": _YEAR,
        "metric_id": _METRIC,
        "action": ("flag|override|drop", "an action is flag, override or drop"),
        "expected": (NUMBER, "the expected value guards the correction: a plain number"),
        "value": (rf"(?:{NUMBER})?", "a new value is a plain number or empty"),
        "reason": (_WORDS, "a correction needs its reason"),
        "status": (_WORDS, "a correction needs its status"),
    },
    "evidence_exceptions": {
        "region_code": _CODE,
        "year": _YEAR,
        "metric_id": _METRIC,
        "value": (NUMBER, "the value that the exception is made for is a plain number"),
        "reason": (_WORDS, "an exception needs its reason"),
    },
    "observations": {
        "region_code": _CODE,
        "year": _YEAR,
        "period": (PERIOD, "a period is full, year_end, cumulative, ytd-MM, at-DATE or span-A..B"),
        "metric_id": _METRIC,
        "value": (NUMBER, "a value is a plain number"),
        "qualifier": (_one_of(QUALIFIERS), "a qualifier is one of = > < ~"),
        "resolution": (r"(?:[0-9]+(?:\.[0-9]+)?)?", "a resolution is the step of rounding, or empty"),
        "scope": (_one_of(SCOPES), f"a scope is one of {', '.join(SCOPES)}"),
        "status": (_one_of(STATUSES), f"a status is one of {', '.join(STATUSES)}"),
        "evidence": (
            f"(?s:.{{1,{EVIDENCE_LENGTH}}})",
            f"evidence has 1 to {EVIDENCE_LENGTH} characters: a label, the figure, its unit",
        ),
    },
}
"""The pattern that each cell of a column matches as a whole, and the sentence of a row that breaks it."""
_DAYS = {"sources": ("published", "accessed")}


def _schema(name: str, rules: dict[str, tuple[str, str]]) -> pa.DataFrameSchema:
    key = list(tables.KEYS[name])
    rule = "the key must stand in the table once: " + ", ".join(key)
    once = pa.Check(lambda frame: ~frame.duplicated(key, keep=False), error=rule)
    columns = {column: pa.Column(str, _checks(name, column, *rule)) for column, rule in rules.items()}
    return pa.DataFrameSchema(columns, checks=[once], name=name)


def _checks(table: str, column: str, pattern: str, rule: str) -> list[pa.Check]:
    fits = pa.Check(lambda cells: cells.str.fullmatch(pattern), error=rule)
    exists = pa.Check(
        lambda cells: cells.map(lambda day: not day or is_date(day)), error="a date is a day that exists"
    )
    return [fits, exists] if column in _DAYS.get(table, ()) else [fits]


SCHEMAS = {name: _schema(name, rules) for name, rules in RULES.items()}
"""One schema a table, by the table's name."""


def broken(name: str, frame: pd.DataFrame) -> list[tuple[int, str]]:
    """(position, rule) of each row that breaks a rule of its table, once a rule; empty when all keep them.

    Args:
        name: The table's name.
        frame: Its rows as text, numbered from 0.
    """
    try:
        SCHEMAS[name].validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases.dropna(subset=["index"]).drop_duplicates(["index", "check"])
        return [(int(row), str(rule)) for row, rule in zip(cases["index"], cases["check"], strict=True)]
    return []
