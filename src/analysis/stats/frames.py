"""What a frame must hold before anything is computed of it, and how a result is put beside its figures.

A fault of the whole frame is an error that shows the rows: a column that is missing or not numeric, an
infinite figure (`InputError` and `DataError` of every function here). A fault of one row is no error: the row
keeps its place, gets no number, and its `refusal` holds a code, whose words stand in words.csv.
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

_ROUNDING_NOISE, _ROWS_SHOWN = 1e-9, 5


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The named column; an error names the closest where there is none."""
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
    """The named column as floats, NaN where missing; an error shows cells that are no finite numbers."""
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
    """A confidence level in words: 0.95 -> "95 %"; an error outside 0 to 1."""
    if not 0 < level < 1:
        raise InputError("A confidence level lies between 0 and 1", level, "type 0.95 for 95 %.")
    return f"{100 * level:.10g} %"


def check_multiplier(multiplier: float) -> str:
    """What a rate is called: 100000 -> "rate per 100,000"; an error unless above zero and finite."""
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

    Its type, index and row order are kept. Figures are blanked in refused rows, and whole for `n` and places;
    `refusal` is the name and codes of the column of refusals. A result may not replace one of the `inputs`.
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
