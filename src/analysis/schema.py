"""The rules that each table of `data/` keeps, as pandera schemas over text columns.

One rule has one place: the data dictionary prints these, `fazhi check` applies them. Rules that span tables
(foreign keys, sort order, guards) are in `check.py`. A rule's name is the sentence that a broken row is shown
with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from analysis import tables
from analysis.catalog import DOMAINS

UNITS = frozenset(
    [
        "件",
        "宗",
        "项",
        "个",
        "人",
        "名",
        "次",
        "名次",
        "家",
        "条",
        "人次",
        "份",
        "部",
        "分",
        "场",
        "元",
        "万元",
        "年",
        "亿元",
        "篇",
        "期",
        "倍",
        "%",
    ]
)
MEASURES = ("count", "stock", "rate", "rank", "score", "change")
SCOPES = ("whole", "own_level", "lower_level", "department", "courts", "other")
QUALIFIERS = ("=", ">", "<", "~")
STATUSES = ("A", "P", "E", "B", "U")
PERIOD_RULES = ("flow", "stock", "change", "rank")
RELIABILITIES = ("official", "institution", "dataset", "press", "third_party", "mirror")
EVIDENCE_LENGTH = 30
PERIOD = (
    r"full|year_end|cumulative|ytd-(?:0[1-9]|1[0-2])|at-\d{4}-\d{2}-\d{2}"
    r"|span-\d{4}-\d{2}(?:-\d{2})?\.\.\d{4}-\d{2}(?:-\d{2})?"
)
NUMBER = r"-?\d+(?:\.\d+)?"
DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
METRIC = r"[a-z_0-9]+\.[a-z_0-9]+"


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


_CODE = _matches(r"\d{6}", "a region code is six digits (GB/T 2260)")
_YEAR = _matches(r"(?:19|20)\d{2}", "a year has four digits")
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
            "breaks": [
                _matches(r"(?:\d{4}(?:;\d{4})*)?", "breaks are years joined by ;, the first of the new rule")
            ],
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
            "parent_code": [_matches(r"(?:\d{6})?", "a parent code is six digits or empty")],
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
            "source_id": [_matches(r"\d{6}-[a-z0-9_\-]+", "a source id starts with its region code")],
            "title": [_filled("a source needs its title")],
            "publisher": [_filled("a source needs its publisher")],
            "region_code": [_CODE],
            "year": [_YEAR],
            "published": [_matches(rf"(?:{DATE})?", "a date is YYYY, YYYY-MM or YYYY-MM-DD")],
            "accessed": [_matches(DATE, "a source needs the date it was read")],
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
                _matches(
                    r"(?:\d+(?:\.\d+)?)?", "a resolution is the step the figure was rounded to, or empty"
                )
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
