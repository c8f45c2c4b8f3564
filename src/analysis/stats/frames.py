"""Frame in, same frame out: what a frame must hold before anything is computed, and what a result adds.

Structural faults are errors that show the rows: a column that is missing or not numeric, a unit given twice,
an infinite figure, a result column that is there already (it would be overwritten in silence). Faults of a
single row are not errors; `refusals` labels them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd

from analysis.errors import DataError, InputError, suggest
from analysis.stats.refusals import BoolArray, FloatArray, Labels

RESULT_COLUMNS = ("value", "lower", "upper", "statistic", "method", "n", "refusal")
_ROWS_SHOWN = 5


def check_frame(frame: pd.DataFrame, adds: Iterable[str] = ()) -> None:
    """Nothing, when the frame can take the result columns.

    Args:
        frame: The caller's frame.
        adds: Columns the function adds beside `RESULT_COLUMNS`.

    Raises:
        InputError: Not a frame, a column name twice, or a result column already there.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError("Statistics take a pandas DataFrame", type(frame).__name__, "pass a DataFrame.")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].tolist()
        raise InputError("Each column has one name", f"twice: {twice}", "rename or drop the second.")
    check_free(frame, (*RESULT_COLUMNS, *adds))


def check_free(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Nothing, when none of the names is a column of the frame.

    Raises:
        InputError: A column of that name is there already.
    """
    taken = [name for name in names if name in frame.columns]
    if taken:
        raise InputError(
            "A result never overwrites a column",
            f"already in the frame: {', '.join(taken)}",
            "rename or drop these columns first.",
        )


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The named column.

    Raises:
        InputError: The frame has no such column; the message names the closest.
    """
    if name not in frame.columns:
        names = [str(known) for known in frame.columns]
        raise InputError(
            f"The column {name!r} is needed",
            f"columns {', '.join(names) or '(none)'}",
            suggest(
                name, names, "name the column of counts; a percentage without its counts has no interval."
            ),
        )
    return frame[name]


def numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    """The named column as floats, NaN where missing.

    Raises:
        InputError: The frame has no such column.
        DataError: A cell is not a number (text, true or false) or is infinite; shows the rows.
    """
    series = column(frame, name)
    if series.dtype.kind not in "iuf":
        text = (series.notna() & ~series.map(_is_number).astype(bool)).to_numpy(bool)
        if text.any():
            raise DataError(f"{name} holds numbers only", show(frame, text), "read the figures first.")
    values: FloatArray = series.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError(
            f"{name} holds finite numbers only", show(frame, np.isinf(values)), "drop these rows."
        )
    return values


def flags(frame: pd.DataFrame, name: str) -> BoolArray:
    """The named column as true and false.

    Raises:
        InputError: The frame has no such column.
        DataError: A cell is missing or neither true nor false; shows the rows.
    """
    series = column(frame, name)
    odd = ~series.map(lambda cell: isinstance(cell, bool | np.bool_)).to_numpy(bool)
    if odd.any():
        raise DataError(
            f"{name} says true or false in each row", show(frame, odd), "fill in the missing flags."
        )
    return series.to_numpy(dtype=np.bool_)


def check_unique(frame: pd.DataFrame, key: str | Sequence[str]) -> list[str]:
    """The key's column names, when no row shares its key with another and none lacks it.

    Raises:
        InputError: A key column is missing.
        DataError: A key is missing or given twice; shows the rows.
    """
    names = [key] if isinstance(key, str) else list(key)
    keys = pd.concat([column(frame, name) for name in names], axis=1)
    missing = keys.isna().any(axis=1).to_numpy(bool)
    if missing.any():
        raise DataError(f"Each row has its {' and '.join(names)}", show(frame, missing), "fill in the key.")
    twice = keys.duplicated(keep=False).to_numpy(bool)
    if twice.any():
        raise DataError(
            f"Each {' and '.join(names)} comes once",
            show(frame, twice),
            "choose one row for each before comparing.",
        )
    return names


def check_level(level: float) -> float:
    """The confidence level, when it lies between 0 and 1.

    Raises:
        InputError: It does not, e.g. 95 for 0.95.
    """
    if not 0 < level < 1:
        raise InputError("A confidence level lies between 0 and 1", level, "type 0.95 for 95 %.")
    return level


def check_multiplier(multiplier: float) -> float:
    """The multiplier of a rate, when it is above zero and finite.

    Raises:
        InputError: It is not.
    """
    if not (multiplier > 0 and np.isfinite(multiplier)):
        raise InputError(
            "The multiplier of a rate is above zero", multiplier, "type 100_000 for a rate per 100,000."
        )
    return multiplier


def per_cent(level: float) -> str:
    """A confidence level in words: 0.95 -> "95 %"."""
    return f"{100 * level:.10g} %"


def rate_label(multiplier: float) -> str:
    """What a rate is called: 100000 -> "rate per 100,000"."""
    return f"rate per {multiplier:,.10g}"


def add_results(
    frame: pd.DataFrame,
    *,
    estimates: tuple[FloatArray, FloatArray, FloatArray],
    statistic: str,
    method: str,
    n: FloatArray,
    refusal: Labels,
    extra: Mapping[str, FloatArray] | None = None,
) -> pd.DataFrame:
    """A copy of the frame with the result columns; refused rows hold words and no number.

    Args:
        frame: The caller's frame, left as it is; its index and row order are kept.
        estimates: Value, lower and upper limit, one a row; blanked in refused rows.
        statistic: What the value is.
        method: How the limits were made.
        n: The number of cases the interval rests on; missing in refused rows.
        refusal: English words, `""` where the row was computed.
        extra: Further columns of numbers, blanked in refused rows too.
    """
    refused = refusal != ""
    blanked = {name: np.where(refused, np.nan, values) for name, values in (extra or {}).items()}
    figures = zip(RESULT_COLUMNS[:3], estimates, strict=True)
    columns = {
        **{name: np.where(refused, np.nan, values) for name, values in figures},
        "statistic": pd.array([statistic] * len(frame), dtype="str"),
        "method": pd.array([method] * len(frame), dtype="str"),
        "n": _whole_numbers(np.where(refused, np.nan, n)),
        "refusal": pd.array(refusal, dtype="str"),
        **blanked,
    }
    # joined at once: a column set by itself costs as much as all of them
    return pd.concat([frame, pd.DataFrame(columns, index=frame.index, copy=False)], axis=1)


def _whole_numbers(values: FloatArray) -> pd.arrays.IntegerArray:
    """Whole numbers as such, missing where they are NaN."""
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.rint(np.where(missing, 0, values)).astype(np.int64), missing)


def _is_number(cell: object) -> bool:
    return isinstance(cell, Real | Decimal) and not isinstance(cell, bool | np.bool_)


def show(frame: pd.DataFrame, mask: BoolArray) -> str:
    """The marked rows as text, the first five of them."""
    rows = frame[mask]
    more = len(rows) - _ROWS_SHOWN
    return rows.head(_ROWS_SHOWN).to_string() + (f"\n… and {more} more" if more > 0 else "")
