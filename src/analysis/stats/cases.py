"""What a frame must hold: sound numbers for a statistic, and, for places and limits, rows to be compared.

A fault of the whole frame is an error that shows rows. A fault of one row is none: it keeps its place, gets
no number, and the code of a `refusal`. `Cases` carry fairness: filters, sorts, `query` and `assign` keep the
type; what loses a row's trace or a column (`merge`, `groupby`) gives a plain frame, which `require` refuses.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import DataError, InputError, suggest

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.str_]
Frame = TypeVar("Frame", bound=pd.DataFrame)
REQUIRED = (
    *("region_code", "name", "role", "grade", "reason", "reason_text", "rows"),
    *("value", "qualifier", "resolution", "count", "exposure", "residents"),
    *("rate", "lower", "upper", "statistic", "method", "n"),
    *("province_code", "province", "source_id", "status", "published_early"),
)
"""The columns of every `Cases`; its index is named "row" and holds labels of the panel's observations.

- `reason`: why `grade` is C, a code, empty when comparable; `reason_text`: the same in the page's language.
- `rows`: every row of the panel that the figure rests on, a tuple, the row itself among them.
- `rate`: what is compared (see `kind`); `count` of `exposure`: exact counts behind it, if there are any.
- `lower`, `upper`: its interval, missing without exact counts; `published_early`: before the year had ended.
"""
METADATA = (
    *("metric_id", "label_en", "label_zh", "unit", "measure", "year", "focus", "focus_name"),
    *("kind", "per"),
)
"""What is the same for every row. `kind`: "rate" (`count` per `per` of `exposure`), "proportion" (`count` of
`exposure`, as a share of `per`, i.e. per cent), or "figure" (as printed, without a model of chance)."""
_ROLES, _GRADES = ("focus", "peer", "other", "context"), ("A", "B", "C")
_KINDS = ("rate", "proportion", "figure")
_WHOLE = {"n", "rank", "rank_median", "rank_lower", "rank_upper", "units", "tests"}
_ROUNDING_NOISE, _ROWS_SHOWN = 1e-9, 5


class Cases(pd.DataFrame):
    """One metric of one year, a row a region, with `REQUIRED` columns and `METADATA` as attributes.

    `compare.fair` alone builds it, so grade C has no way into a comparison, not even by a changed grade.
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
            DataError: Rows break a rule, and are shown.
        """
        _check_names("columns", REQUIRED, [name for name in REQUIRED if name in frame.columns])
        _check_names("metadata", METADATA, list(meta))
        if meta["kind"] not in _KINDS:
            raise InputError("The kind of cases is known", meta["kind"], f"use one of {', '.join(_KINDS)}.")
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
    twice = cases["region_code"].duplicated(keep=False)
    check_rows("Each region is compared once", cases[["name", "value"]], twice, "drop one row.")
    return cases


def _cases_or_frame(data: Any = None, *args: Any, **options: Any) -> pd.DataFrame:
    """What pandas builds of cases: cases while trace and columns are there, else a plain frame."""
    frame = pd.DataFrame(data, *args, **options)
    return Cases(frame) if _is_whole(frame) else frame


def _is_whole(frame: pd.DataFrame) -> bool:
    return frame.index.nlevels == 1 and frame.index.name == "row" and set(REQUIRED) <= set(frame.columns)


def _check_names(kind: str, wanted: Sequence[str], given: Sequence[str]) -> None:
    missing, unknown = sorted({*wanted} - {*given}), sorted({*given} - {*wanted})
    if missing or unknown:
        told = f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}"
        fix = suggest((unknown or missing)[0], wanted, "see analysis.stats.cases for their meaning.")
        raise InputError(f"Cases have the {kind} {', '.join(wanted)}", told, fix)


def _check_rows(frame: pd.DataFrame, focus: str) -> None:
    if frame.index.name != "row":
        raise InputError("The index of cases is named 'row'", frame.index.name, "keep the panel's labels.")
    interval = frame["lower"].notna() | frame["upper"].notna()
    rules: dict[str, Any] = {
        "Each region comes once": frame["region_code"].duplicated(keep=False),
        "Each row of the panel comes once": frame.index.duplicated(keep=False),
        f"A role is one of {', '.join(_ROLES)}": ~frame["role"].isin(_ROLES),
        f"A grade is one of {', '.join(_GRADES)}": ~frame["grade"].isin(_GRADES),
        "Grade C has a reason, A and B have none": (frame["grade"] == "C") == (frame["reason"] == ""),
        "The role focus is the focus region's": (frame["role"] == "focus") != (frame["region_code"] == focus),
        "An interval has its method and n": interval & ((frame["method"] == "") | frame["n"].isna()),
    }
    shown = frame[["region_code", "role", "grade", "reason", "value"]]
    for rule, broken in rules.items():
        check_rows(rule, shown, broken, "mend the rows before they are compared.")


def check_rows(rule: str, frame: pd.DataFrame, broken: BoolArray | pd.Series, fix: str) -> None:
    """Nothing where no row breaks a rule; else a `DataError` that shows the first of those that do."""
    rows = frame[np.asarray(broken, dtype=bool)]
    if len(rows):
        more = f"\n… and {len(rows) - _ROWS_SHOWN} more" if len(rows) > _ROWS_SHOWN else ""
        raise DataError(rule, rows.head(_ROWS_SHOWN).to_string() + more, fix)


def numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    """The named column as floats, NaN where missing; an error where there is none or it holds no numbers."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError("Statistics take a pandas DataFrame", type(frame).__name__, "pass a DataFrame.")
    names = [str(known) for known in frame.columns]
    if not frame.columns.is_unique:
        raise InputError("Each column has one name", f"columns {', '.join(names)}", "rename or drop one.")
    if name not in frame.columns:
        fix = suggest(name, names, "name the column of counts; a percentage without counts has no interval.")
        raise InputError(f"The column {name!r} is needed", f"columns {', '.join(names) or '(none)'}", fix)
    if frame[name].dtype.kind not in "iuf":
        odd = frame[name].map(lambda cell: isinstance(cell, str | bool | np.bool_))
        check_rows(f"{name} holds numbers only", frame, odd, "read the figures first.")
    values: FloatArray = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    check_rows(f"{name} holds finite numbers only", frame, np.isinf(values), "drop these rows.")
    return values


def counted(
    frame: pd.DataFrame, count: str, base: str | None = None, share: bool = False
) -> tuple[FloatArray, FloatArray, Labels]:
    """Counts, their bases (1 where there are none) and the codes of refused rows, who get 0 of 1 instead.

    A count is there, not negative, whole but for the noise of binary fractions; a base is there and above
    zero. Of a `share` the base is a count, too, and not below the other.
    """
    counts = numbers(frame, count)
    bases = np.ones(len(frame)) if base is None else numbers(frame, base)
    rules = {
        "numerator_missing" if share else "count_missing": np.isnan(counts),
        "count_negative": (counts < 0) | (share & (bases < 0)),
        "count_not_whole": _odd(counts) | (share & _odd(bases)),
        "denominator_missing" if share else "exposure_missing": np.isnan(bases),
        "denominator_zero" if share else "exposure_not_positive": bases <= 0,
        "numerator_above_denominator": share & (counts > bases),
    }
    refusal = np.select([*rules.values()], [*rules], "")
    sound = refusal == ""
    bases = np.rint(bases) if share else bases
    return np.where(sound, np.rint(counts), 0.0), np.where(sound, bases, 1.0), refusal


def _odd(counts: FloatArray) -> BoolArray:
    there = np.nan_to_num(counts)
    odd: BoolArray = np.abs(there - np.rint(there)) > _ROUNDING_NOISE * np.maximum(1.0, np.abs(there))
    return odd


def add_results(
    frame: Frame, found: Mapping[str, Any],
    refusal: Labels, inputs: Sequence[str], name: str = "refusal",
) -> Frame:  # fmt: skip
    """A copy of the frame with the result's columns and, under a `name`, the refusals; earlier ones replaced.

    Its type, index and row order are kept. Figures are blanked in refused rows, and whole for `n` and places.
    A result may not replace one of the `inputs`.
    """
    if taken := [one for one in inputs if one in {*found, name}]:
        raise InputError("A result never replaces its own input", ", ".join(taken), "rename that column.")
    added: dict[str, Any] = {}
    for key, values in {**found, name: refusal}.items():
        column = np.full(len(frame), values)
        if column.dtype.kind == "U":
            added[key] = pd.array(column, dtype="str")
        else:
            column = np.where(refusal == "", column, np.nan)
            added[key] = pd.array(np.rint(column), dtype="Int64") if key in _WHOLE else column
    result: Frame = frame.assign(**added)
    return result
