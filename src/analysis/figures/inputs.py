"""What the drawing functions accept: checked frames, the words they need, and number formats.

Frames are checked before anything is drawn, so that a wrong column, an unknown role or an empty frame
is one clear `InputError` and never half a picture. The module holds no words of its own: whatever a
reader sees arrives in the edition's language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError, suggest

NumberFormat = Callable[[float], str]
ROLES = ("focus", "peer", "other", "context")


@dataclass(frozen=True)
class Words:
    """The words that stand where a figure cannot, in the edition's language.

    Attributes:
        missing: For a value that was not reported, as in “not reported”.
        zero: For a zero on a logarithmic axis, as in “0, off the logarithmic scale”.
        derived: For a value computed from others, as in “computed from the printed growth”.
        more: For a figure printed as “more than”.
        less: For a figure printed as “nearly”.
        about: For a figure printed as “about”.
    """

    missing: str
    zero: str
    derived: str
    more: str
    less: str
    about: str


def plain_number(value: float) -> str:
    """The value with thousands separators: whole numbers whole, others to about three digits."""
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    decimals = max(1, 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"


def tick_number(value: float) -> str:
    """The value as an axis shows it: every digit that counts, none that does not, no exponent."""
    whole, _, decimals = np.format_float_positional(
        float(value), precision=10, fractional=False, trim="-"
    ).partition(".")
    return f"{int(whole):,}{'.' + decimals if decimals else ''}" if whole != "-0" else f"-0.{decimals}"


def check_frame(frame: pd.DataFrame, columns: Collection[str], chart: str) -> None:
    """None when the frame has rows and the columns that a chart needs.

    Raises:
        InputError: A column is missing or there is no row.
    """
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise InputError(
            f"A frame for {chart} has the columns {', '.join(columns)}",
            f"no {', '.join(absent)} among {', '.join(map(str, frame.columns))}",
            "rename or add the columns.",
        )
    if frame.empty:
        raise InputError(
            f"A frame for {chart} has at least one row",
            "an empty frame",
            "show a sentence that says what is not reported instead of a figure.",
        )


def check_choice(given: Iterable[object], allowed: Collection[str], what: str) -> None:
    """None when every given word is among the allowed ones.

    Raises:
        InputError: A word is not; the message names the closest ones.
    """
    for word in dict.fromkeys(given):
        if word not in allowed:
            raise InputError(
                f"A {what} is one of {', '.join(allowed)}",
                word,
                suggest(str(word), allowed, f"use one of {', '.join(allowed)}."),
            )


def number_column(frame: pd.DataFrame, column: str, *, log: bool = False) -> np.ndarray:
    """The column as floats, NaN where it is missing or the frame lacks it.

    Raises:
        InputError: A value is no number or infinite, or is negative though the axis is logarithmic.
    """
    if column not in frame.columns:
        return np.full(len(frame), np.nan)
    try:
        values = frame[column].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The column {column} holds numbers", str(error), "convert it, missing values as NaN."
        ) from error
    if np.isinf(values).any():
        raise InputError(f"The column {column} holds finite numbers", "inf", "leave the value missing.")
    if log and (values < 0).any():
        raise InputError(
            "A logarithmic axis has no place for negative values",
            f"{column} {np.nanmin(values):g}",
            "draw it with log=False.",
        )
    return values


def text_column(frame: pd.DataFrame, column: str) -> list[str]:
    """The column as texts, empty where it is missing or the frame lacks it."""
    if column not in frame.columns:
        return [""] * len(frame)
    return ["" if pd.isna(value) else str(value) for value in frame[column]]


def value_text(value: float, words: Words, number: NumberFormat, *, log: bool = False) -> str:
    """The value as written beside its mark, in words when it is missing or a zero on a logarithmic axis."""
    if np.isnan(value):
        return words.missing
    return words.zero if log and value == 0 else number(value)
