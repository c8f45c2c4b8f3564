"""The frame that carries fairness: one metric of one year, a row a region, and which rows may be compared.

`compare.fair` alone builds it; filters, sorts, `query` and `assign` keep it. Whatever loses a row's trace or
a column it needs (`merge`, `groupby`, a choice of columns) gives a plain frame. What ranks or sets limits
takes `Cases` only (`require`), so grade C has no way into a comparison, not even by a changed grade.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import pandas as pd

from analysis.errors import DataError, InputError, suggest

REQUIRED = (
    *("region_code", "name", "role", "grade", "reason", "reason_text", "rows"),
    *("value", "qualifier", "resolution", "count", "exposure", "residents"),
    *("rate", "lower", "upper", "statistic", "method", "n"),
    *("province_code", "province", "source_id", "status", "published_early"),
)
"""The columns of every `Cases`; its index is named "row" and holds labels of the panel's observations.

- `role`: focus, peer, other or context; `grade`: A, B or C; `reason`: why C, a code, empty when comparable;
  `reason_text`: the same in the words of the page's language.
- `rows`: every row of the panel that the figure rests on, a tuple, the row itself among them.
- `value`: as printed, with `qualifier` and `resolution`; `rate`: what is compared (see `kind`).
- `count` of `exposure`: the exact counts behind the rate, missing where they are not printed exactly.
- `lower`, `upper`: the rate's interval, with `statistic`, `method` and `n`; missing without exact counts.
- `status` U: read in a copy only; `published_early`: before the year had ended.
"""
METADATA = (
    *("metric_id", "label_en", "label_zh", "unit", "measure", "year", "focus", "focus_name"),
    *("kind", "per"),
)
"""What is the same for every row. `kind`: "rate" (`count` per `per` of `exposure`), "proportion" (`count` of
`exposure`, as a share of `per`, i.e. per cent), or "figure" (as printed, without a model of chance)."""
ROLES = ("focus", "peer", "other", "context")
GRADES, KINDS = ("A", "B", "C"), ("rate", "proportion", "figure")


class Cases(pd.DataFrame):
    """One metric of one year, a row a region, with `REQUIRED` columns and `METADATA` as attributes.

    `compare.fair` builds it; `comparable`, `refused`, `context` and `others` are its parts.
    """

    label_en: str
    label_zh: str
    year: int
    focus: str
    focus_name: str
    kind: str
    per: float
    fair_rows: frozenset[int]
    all_regions: frozenset[str]
    _metadata = [*METADATA, "fair_rows", "all_regions"]  # noqa: RUF012  pandas wants a list

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return _cases_or_frame

    @classmethod
    def from_fair(cls, frame: pd.DataFrame, **meta: Any) -> Self:
        """The frame as cases; for `compare.fair` and for tests of what takes cases.

        Raises:
            InputError: A column of `REQUIRED` or a name of `METADATA` is missing, or one is unknown.
            DataError: Rows break a rule of `_check_rows`; they are shown.
        """
        _check_names("columns", REQUIRED, [name for name in REQUIRED if name in frame.columns])
        _check_names("metadata", METADATA, list(meta))
        if meta["kind"] not in KINDS:
            raise InputError("The kind of cases is known", meta["kind"], f"use one of {', '.join(KINDS)}.")
        _check_rows(frame, meta["focus"])
        cases = cls(frame.copy())
        fit = (frame["grade"] != "C") & (frame["role"] != "context")
        meta |= {"fair_rows": frozenset(frame.index[fit]), "all_regions": frozenset(frame["region_code"])}
        for name, value in meta.items():
            object.__setattr__(cases, name, value)
        return cases

    @property
    def comparable(self) -> Self:
        """The rows of grade A or B that are not context: those that may be compared."""
        require(self, "a comparison")
        fit = (self["grade"] != "C") & (self["role"] != "context") & self.index.isin(list(self.fair_rows))
        return self[fit]

    @property
    def refused(self) -> Self:
        """The rows of grade C that are not context, each with its `reason`."""
        return self[~self.index.isin(self.comparable.index) & (self["role"] != "context")]

    @property
    def context(self) -> Self:
        """The province and the nation above."""
        return self[self["role"] == "context"]

    @property
    def others(self) -> Self:
        """The comparable rows but for the focus: who stands beside it."""
        return self.comparable[self.comparable["role"] != "focus"]

    def label(self, language: str) -> str:
        """The metric's label in a language, "en" or "zh"."""
        return self.label_zh if language == "zh" else self.label_en


def require(cases: pd.DataFrame, purpose: str) -> Cases:
    """The cases, when `compare.fair` returned them, each region once; for all that ranks or sets limits."""
    if not isinstance(cases, Cases) or getattr(cases, "fair_rows", None) is None or not _is_whole(cases):
        given = f"{type(cases).__name__} with columns {', '.join(map(str, getattr(cases, 'columns', ())))}"
        raise InputError(
            f"Only cases that were found comparable can give {purpose}",
            given,
            "pass what compare.fair returned; filters, sorts and assign() keep it, merge(), groupby(), "
            "concat() and a choice of columns do not (add a column by region_code with map()).",
        )
    if cases["region_code"].duplicated().any():
        twice = cases[cases["region_code"].duplicated(keep=False)]
        raise DataError("Each region is compared once", twice[["name", "value"]].to_string(), "drop one row.")
    return cases


def _cases_or_frame(data: Any = None, *args: Any, **options: Any) -> pd.DataFrame:
    """What pandas builds of cases: cases while trace and columns are there, else a plain frame."""
    frame = pd.DataFrame(data, *args, **options)
    return Cases(frame) if _is_whole(frame) else frame


def _is_whole(frame: pd.DataFrame) -> bool:
    """Whether trace and columns are there."""
    return frame.index.nlevels == 1 and frame.index.name == "row" and set(REQUIRED) <= set(frame.columns)


def _check_names(kind: str, wanted: tuple[str, ...], given: list[str]) -> None:
    missing, unknown = sorted(set(wanted) - set(given)), sorted(set(given) - set(wanted))
    if missing or unknown:
        raise InputError(
            f"Cases have the {kind} {', '.join(wanted)}",
            f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}",
            suggest((unknown or missing)[0], wanted, "see analysis.stats.cases for their meaning."),
        )


def _check_rows(frame: pd.DataFrame, focus: str) -> None:
    """Nothing, when every row keeps the rules of `from_fair`."""
    if frame.index.name != "row":
        raise InputError("The index of cases is named 'row'", frame.index.name, "keep the panel's labels.")
    interval = frame["lower"].notna() | frame["upper"].notna()
    rules = {
        "Each region comes once": frame["region_code"].duplicated(keep=False),
        "Each row of the panel comes once": pd.Series(frame.index.duplicated(keep=False), frame.index),
        f"A role is one of {', '.join(ROLES)}": ~frame["role"].isin(ROLES),
        f"A grade is one of {', '.join(GRADES)}": ~frame["grade"].isin(GRADES),
        "Grade C has a reason, A and B have none": (frame["grade"] == "C") == (frame["reason"] == ""),
        "The role focus is the focus region's": (frame["role"] == "focus") != (frame["region_code"] == focus),
        "An interval has its method and n": interval & ((frame["method"] == "") | frame["n"].isna()),
    }
    for rule, broken in rules.items():
        if broken.any():
            rows = frame.loc[broken.to_numpy(bool), ["region_code", "role", "grade", "reason", "value"]]
            raise DataError(rule, rows.head().to_string(), "mend the rows before they are compared.")
