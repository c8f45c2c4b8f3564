"""The rules that each table of `data/` keeps, as pandera schemas over text columns.

One rule has one place: the data dictionary prints these, `fazhi check` applies them. Rules that span tables
(foreign keys, sort order, guards) are in `check.py`. A rule's name is the sentence that a broken row is shown
with.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from analysis import tables
from analysis.records import DOMAINS

UNITS = frozenset({*"件宗项个人名次家条份部分场年篇期倍%元", "名次", "人次", "万元", "亿元"})
MEASURES = ("count", "stock", "rate", "rank", "score", "change")
SCOPES = ("whole", "own_level", "lower_level", "department", "courts", "other")
QUALIFIERS = ("=", ">", "<", "~")
STATUSES = ("A", "P", "E", "B", "U")
PERIOD_RULES = ("flow", "stock", "change", "rank")
RELIABILITIES = ("official", "institution", "dataset", "press", "third_party", "mirror")
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


def _real_dates(rule: str) -> pa.Check:
    return pa.Check(lambda cells: cells.map(lambda text: text == "" or is_date(text)), error=rule)


def _matches(pattern: str, rule: str) -> pa.Check:
    return pa.Check(lambda cells: cells.str.fullmatch(pattern), error=rule)


def _among(values: Collection[str], rule: str) -> pa.Check:
    return pa.Check.isin(list(values), error=rule)


def _filled(rule: str) -> pa.Check:
    return pa.Check.str_length(min_value=1, error=rule)


def _schema(name: str, columns: dict[str, list[pa.Check]]) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {column: pa.Column(str, checks) for column, checks in columns.items()},
        checks=[
            pa.Check(
                _unique(tables.KEYS[name]),
                error="the key must stand in the table once: " + ", ".join(tables.KEYS[name]),
            )
        ],
        name=name,
    )


def _unique(key: tuple[str, ...]) -> Callable[[pd.DataFrame], pd.Series]:
    def check(frame: pd.DataFrame) -> pd.Series:
        return ~frame.duplicated(list(key), keep=False)

    return check


_CODE = _matches(r"[0-9]{6}", "a region code is six digits (GB/T 2260)")
_YEAR = _matches(r"(?:19|20)[0-9]{2}", "a year has four digits")
_DAY = _real_dates("a date is a day that exists")
_METRIC = _matches(METRIC, "a metric id is domain.name in lower case")

SCHEMAS = {
    "metrics": _schema(
        "metrics",
        {
            "metric_id": [_METRIC],
            "domain": [_among(DOMAINS, "the domain must be one of design.md's list")],
            "label_zh": [_filled("a metric needs a Chinese label")],
            "label_en": [_filled("a metric needs an English label")],
            "unit": [_among(UNITS, "the unit must be a known measure word")],
            "measure": [_among(MEASURES, f"the measure is one of {', '.join(MEASURES)}")],
            "polarity": [_among(("higher", "lower", "neutral"), "the polarity is higher, lower or neutral")],
            "numerator": [
                _matches(rf"(?:{METRIC}(?:\+{METRIC})*)?", "a numerator is metric ids joined by +")
            ],
            "denominator": [
                _matches(rf"(?:{METRIC}(?:\+{METRIC})*)?", "a denominator is metric ids joined by +")
            ],
            "period_rule": [
                _among(("", *PERIOD_RULES), f"the period rule is one of {', '.join(PERIOD_RULES)}")
            ],
            "breaks": [_matches(r"(?:[0-9]{4}(?:;[0-9]{4})*)?", "breaks are years joined by ;")],
            "comparable": [_among(("yes", "with_care", "no"), "comparable is yes, with_care or no")],
        },
    ),
    "regions": _schema(
        "regions",
        {
            "region_code": [_CODE],
            "name_zh": [_matches(r"[\u4e00-\u9fff]{2,}", "a Chinese name is written in Chinese")],
            "name_en": [_filled("a region needs an English name")],
            "level": [
                _among(
                    ("nation", "province", "prefecture", "county"),
                    "the level is nation, province, prefecture or county",
                )
            ],
            "parent_code": [_matches(r"(?:[0-9]{6})?", "a parent code is six digits or empty")],
        },
    ),
    "peer_groups": _schema(
        "peer_groups",
        {
            "group_id": [
                _matches(r"[a-z_0-9]+", "a group id is lower case"),
                _matches(r"(?!(?:all|province|nearest)$).*", "all, province and nearest are computed groups"),
            ],
            "label_en": [_filled("a group needs an English label")],
            "label_zh": [_filled("a group needs a Chinese label")],
            "region_code": [_CODE],
        },
    ),
    "sources": _schema(
        "sources",
        {
            "source_id": [_matches(r"[0-9]{6}-[a-z0-9_\-]+", "a source id starts with its region code")],
            "title": [_filled("a source needs its title")],
            "publisher": [_filled("a source needs its publisher")],
            "region_code": [_CODE],
            "year": [_YEAR],
            "published": [_matches(rf"(?:{DATE})?", "a date is YYYY, YYYY-MM or YYYY-MM-DD"), _DAY],
            "accessed": [_matches(DATE, "a source needs the date it was read"), _DAY],
            "reliability": [_among(RELIABILITIES, f"the reliability is one of {', '.join(RELIABILITIES)}")],
        },
    ),
    "observations": _schema(
        "observations",
        {
            "region_code": [_CODE],
            "year": [_YEAR],
            "period": [
                _matches(PERIOD, "a period is full, year_end, cumulative, ytd-MM, at-DATE or span-A..B")
            ],
            "metric_id": [_METRIC],
            "value": [_matches(NUMBER, "a value is a plain number")],
            "qualifier": [_among(QUALIFIERS, "a qualifier is one of = > < ~")],
            "resolution": [
                _matches(r"(?:[0-9]+(?:\.[0-9]+)?)?", "a resolution is the step of rounding, or empty")
            ],
            "scope": [_among(SCOPES, f"a scope is one of {', '.join(SCOPES)}")],
            "status": [_among(STATUSES, f"a status is one of {', '.join(STATUSES)}")],
            "evidence": [
                pa.Check.str_length(
                    min_value=1,
                    max_value=EVIDENCE_LENGTH,
                    error=f"evidence has 1 to {EVIDENCE_LENGTH} characters: a label, the figure, its unit",
                )
            ],
        },
    ),
    "events": _schema(
        "events",
        {
            "year": [_YEAR],
            "region_code": [_CODE],
            "label_en": [_filled("an event needs its English name")],
            "label_zh": [_filled("an event needs its Chinese name")],
            "source": [_filled("an event needs a source: a public act with its date")],
        },
    ),
    "evidence_exceptions": _schema(
        "evidence_exceptions",
        {
            "region_code": [_CODE],
            "year": [_YEAR],
            "metric_id": [_METRIC],
            "value": [_matches(NUMBER, "the value that the exception is made for is a plain number")],
            "reason": [_filled("an exception needs its reason")],
        },
    ),
    "corrections": _schema(
        "corrections",
        {
            "region_code": [_CODE],
            "year": [_YEAR],
            "metric_id": [_METRIC],
            "action": [_among(("flag", "override", "drop"), "an action is flag, override or drop")],
            "expected": [_matches(NUMBER, "the expected value guards the correction: a plain number")],
            "value": [_matches(rf"(?:{NUMBER})?", "a new value is a plain number or empty")],
            "reason": [_filled("a correction needs its reason")],
            "status": [_filled("a correction needs its status")],
        },
    ),
}
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
