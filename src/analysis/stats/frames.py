"""What a frame must hold before anything is computed of it, and how a result is put beside its figures.

A fault of the whole frame is an error that shows the rows: a column that is missing or not numeric, an
infinite figure. A fault of one row is no error: the row keeps its place, gets no number, and its `refusal`
holds a code of `REFUSALS`, in words by `label`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import DataError, InputError, suggest

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.object_]
Rule = tuple[BoolArray, str]
Frame = TypeVar("Frame", bound=pd.DataFrame)

REFUSALS = {
    "count_missing": ("count missing", "缺少数量"),
    "count_negative": ("negative count", "数量为负"),
    "count_not_whole": ("count is not a whole number", "数量不是整数"),
    "numerator_missing": ("numerator missing", "缺少分子"),
    "denominator_missing": ("denominator missing", "缺少分母"),
    "denominator_zero": ("denominator is zero", "分母为零"),
    "numerator_above_denominator": ("numerator above denominator", "分子大于分母"),
    "exposure_missing": ("base of the rate missing", "缺少比率的基数"),
    "exposure_not_positive": ("base of the rate is not above zero", "比率的基数不大于零"),
    "earlier_count_zero": ("earlier count is zero: no ratio", "前期数量为零，无法计算比值"),
    "no_events": ("no events at all: nothing to compare", "数量全部为零，无从比较"),
    "no_variation": ("all at 0 % or all at 100 %: nothing to compare", "全部为0%或全部为100%，无从比较"),
    "too_few_units": ("fewer than two units: nothing to compare", "单位不足两个，无从比较"),
    "not_comparable": ("not comparable", "不可比"),
    "percentage_without_counts": ("percentage reported without its counts", "只报百分比，未报分子分母"),
    "p_value_missing": ("no test result to adjust", "没有可校正的检验结果"),
}
"""Why a row has no figure: code, English, Chinese."""
_ROUNDING_NOISE = 1e-9
_ROWS_SHOWN = 5


def label(code: str, language: str = "en") -> str:
    """The words of a refusal in a language, "en" or "zh"; empty for no refusal.

    Raises:
        InputError: The code or the language is not known.
    """
    if language not in ("en", "zh"):
        raise InputError("Labels exist in English and Chinese", language, 'type "en" or "zh".')
    if code and code not in REFUSALS:
        raise InputError("A refusal is one of the table's", code, suggest(code, REFUSALS, "see REFUSALS."))
    return REFUSALS[code][language == "zh"] if code else ""


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The named column.

    Raises:
        InputError: No frame, or no such column; the message names the closest.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError("Statistics take a pandas DataFrame", type(frame).__name__, "pass a DataFrame.")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].tolist()
        raise InputError("Each column has one name", f"twice: {twice}", "rename or drop the second.")
    if name not in frame.columns:
        names = [str(known) for known in frame.columns]
        fix = suggest(name, names, "name the column of counts; a percentage without counts has no interval.")
        raise InputError(f"The column {name!r} is needed", f"columns {', '.join(names) or '(none)'}", fix)
    return frame[name]


def numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    """The named column as floats, NaN where missing.

    Raises:
        InputError: No such column.
        DataError: A cell is not a number (text, true or false) or is infinite; shows the rows.
    """
    series = column(frame, name)
    if series.dtype.kind not in "iuf":
        odd = series.map(lambda cell: isinstance(cell, str | bool | np.bool_)).to_numpy(bool)
        if odd.any():
            raise DataError(f"{name} holds numbers only", show(frame, odd), "read the figures first.")
    values: FloatArray = series.to_numpy(dtype=np.float64, na_value=np.nan)
    endless = np.isinf(values)
    if endless.any():
        raise DataError(f"{name} holds finite numbers only", show(frame, endless), "drop these rows.")
    return values


def show(frame: pd.DataFrame, mask: BoolArray) -> str:
    """The marked rows as text, the first five of them."""
    rows = frame[mask]
    more = len(rows) - _ROWS_SHOWN
    return rows.head(_ROWS_SHOWN).to_string() + (f"\n… and {more} more" if more > 0 else "")


def check_level(level: float) -> str:
    """A confidence level in words: 0.95 -> "95 %".

    Raises:
        InputError: It does not lie between 0 and 1, e.g. 95 for 0.95.
    """
    if not 0 < level < 1:
        raise InputError("A confidence level lies between 0 and 1", level, "type 0.95 for 95 %.")
    return f"{100 * level:.10g} %"


def check_multiplier(multiplier: float) -> str:
    """What a rate is called: 100000 -> "rate per 100,000".

    Raises:
        InputError: The multiplier is not above zero and finite.
    """
    if not (multiplier > 0 and np.isfinite(multiplier)):
        fix = "type 100_000 for a rate per 100,000."
        raise InputError("The multiplier of a rate is above zero", multiplier, fix)
    return f"rate per {multiplier:,.10g}"


def first_refusal(rules: Sequence[Rule], rows: int) -> Labels:
    """The code of the first rule that is broken in each row; empty where none is."""
    codes = np.full(rows, "", dtype=object)
    for broken, code in reversed(rules):
        codes[broken] = code
    return codes


def count_rules(counts: FloatArray, missing: str = "count_missing") -> list[Rule]:
    """The rules of a count: there, not negative, whole but for the noise of binary fractions."""
    there = np.nan_to_num(counts)
    off = np.abs(there - np.rint(there)) > _ROUNDING_NOISE * np.maximum(1.0, np.abs(there))
    return [(np.isnan(counts), missing), (counts < 0, "count_negative"), (off, "count_not_whole")]


def exposure_rules(exposures: FloatArray) -> list[Rule]:
    """The rules of a rate's base: there and above zero; it need not be whole."""
    return [(np.isnan(exposures), "exposure_missing"), (exposures <= 0, "exposure_not_positive")]


def proportion_rules(numerators: FloatArray, denominators: FloatArray) -> list[Rule]:
    """The rules of a proportion: sound counts, a denominator above zero and not below the numerator."""
    return [
        *count_rules(numerators, "numerator_missing"),
        *count_rules(denominators, "denominator_missing"),
        (denominators == 0, "denominator_zero"),
        (numerators > denominators, "numerator_above_denominator"),
    ]


def add_results(
    frame: Frame,
    figures: Mapping[str, FloatArray],
    words: Mapping[str, str | Labels],
    refusal: tuple[str, Labels],
    inputs: Sequence[str] = (),
) -> Frame:
    """A copy of the frame with the result's columns; those of an earlier call are replaced.

    Args:
        frame: The caller's frame, left as it is; its type, index and row order are kept.
        figures: Columns of numbers, blanked in refused rows; whole numbers for `n` and places.
        words: Columns of text.
        refusal: The name and codes of the column of refusals.
        inputs: The columns computed from, which must not be replaced.

    Raises:
        InputError: A result would replace one of the inputs.
    """
    name, codes = refusal
    taken = [one for one in inputs if one in {*figures, *words, name}]
    if taken:
        raise InputError("A result never replaces its own input", ", ".join(taken), "rename that column.")
    added: dict[str, Any] = {key: np.where(codes == "", values, np.nan) for key, values in figures.items()}
    for key in {"n", "rank", "rank_median", "rank_lower", "rank_upper", "units", "tests"} & set(added):
        added[key] = pd.array(np.rint(added[key]), dtype="Int64")
    texts = {key: np.full(len(frame), text, dtype=object) for key, text in words.items()}
    added |= {key: pd.array(text, dtype="str") for key, text in (texts | {name: codes}).items()}
    result: Frame = frame.assign(**added)
    return result
