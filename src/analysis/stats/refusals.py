"""Which rows get no figure, and in which words: the table of refusals and cautions in two languages.

A row that cannot be computed keeps its place in the frame; its `refusal` column says why, in words that
may be shown to a reader. A `caution` is milder: the figure stands, with a warning. This module decides on
rows only; a frame whose shape is wrong is an error (see `frames`). It refuses words not in its table.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import InputError, suggest

Language = Literal["en", "zh"]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.object_]
Rule = tuple[BoolArray, "Refusal"]

FEWEST_UNITS = 2
FEW_UNITS = 10
FEWEST_YEARS = 5
_ROUNDING_NOISE = 1e-9
_JOINTS = {"en": "; ", "zh": "；"}


class Refusal(StrEnum):
    """The codes of all reasons for giving no figure, or a figure with a warning."""

    COUNT_MISSING = "count_missing"
    COUNT_NEGATIVE = "count_negative"
    COUNT_NOT_WHOLE = "count_not_whole"
    NUMERATOR_MISSING = "numerator_missing"
    DENOMINATOR_MISSING = "denominator_missing"
    DENOMINATOR_ZERO = "denominator_zero"
    NUMERATOR_ABOVE_DENOMINATOR = "numerator_above_denominator"
    PERCENTAGE_WITHOUT_COUNTS = "percentage_without_counts"
    EXPOSURE_MISSING = "exposure_missing"
    EXPOSURE_NOT_POSITIVE = "exposure_not_positive"
    NO_EVENTS = "no_events"
    NO_VARIATION = "no_variation"
    EARLIER_COUNT_ZERO = "earlier_count_zero"
    TOO_FEW_UNITS = "too_few_units"
    NOT_COUNTS = "not_counts"
    TOO_FEW_YEARS = "too_few_years"
    SERIES_BREAK = "series_break"
    NO_SLOPE = "no_slope"
    P_VALUE_MISSING = "p_value_missing"
    FEW_UNITS = "few_units"
    NO_SPREAD = "no_spread"


LABELS: dict[Refusal, dict[Language, str]] = {
    Refusal.COUNT_MISSING: {"en": "count missing", "zh": "缺少数量"},
    Refusal.COUNT_NEGATIVE: {"en": "negative count", "zh": "数量为负"},
    Refusal.COUNT_NOT_WHOLE: {"en": "count is not a whole number", "zh": "数量不是整数"},
    Refusal.NUMERATOR_MISSING: {"en": "numerator missing", "zh": "缺少分子"},
    Refusal.DENOMINATOR_MISSING: {"en": "denominator missing", "zh": "缺少分母"},
    Refusal.DENOMINATOR_ZERO: {"en": "denominator is zero", "zh": "分母为零"},
    Refusal.NUMERATOR_ABOVE_DENOMINATOR: {"en": "numerator above denominator", "zh": "分子大于分母"},
    Refusal.PERCENTAGE_WITHOUT_COUNTS: {
        "en": "percentage reported without its counts",
        "zh": "只报百分比，未报分子分母",
    },
    Refusal.EXPOSURE_MISSING: {"en": "base of the rate missing", "zh": "缺少比率的基数"},
    Refusal.EXPOSURE_NOT_POSITIVE: {"en": "base of the rate is not above zero", "zh": "比率的基数不大于零"},
    Refusal.NO_EVENTS: {"en": "no events at all: nothing to compare", "zh": "数量全部为零，无从比较"},
    Refusal.NO_VARIATION: {
        "en": "all at 0 % or all at 100 %: nothing to compare",
        "zh": "全部为0%或全部为100%，无从比较",
    },
    Refusal.EARLIER_COUNT_ZERO: {"en": "earlier count is zero: no ratio", "zh": "前期数量为零，无法计算比值"},
    Refusal.TOO_FEW_UNITS: {
        "en": f"fewer than {FEWEST_UNITS} units: nothing to compare",
        "zh": f"单位不足{FEWEST_UNITS}个，无从比较",
    },
    Refusal.NOT_COUNTS: {
        "en": "neither a count of events nor a share of counts: no limits",
        "zh": "既非发生数，也非可由计数得出的比率，不设控制限",
    },
    Refusal.TOO_FEW_YEARS: {
        "en": f"fewer than {FEWEST_YEARS} independent yearly points: no trend",
        "zh": f"独立年度数据不足{FEWEST_YEARS}个，不作趋势判断",
    },
    Refusal.SERIES_BREAK: {
        "en": f"a break in the series leaves fewer than {FEWEST_YEARS} yearly points: no trend",
        "zh": f"序列中断后年度数据不足{FEWEST_YEARS}个，不作趋势判断",
    },
    Refusal.NO_SLOPE: {
        "en": "the events lie at one end of the series: no slope can be fitted",
        "zh": "数量集中在序列一端，无法拟合斜率",
    },
    Refusal.P_VALUE_MISSING: {"en": "no test result to adjust", "zh": "没有可校正的检验结果"},
    Refusal.FEW_UNITS: {"en": f"few units: fewer than {FEW_UNITS}", "zh": f"单位较少：不足{FEW_UNITS}个"},
    Refusal.NO_SPREAD: {
        "en": "no spread beyond chance: the common rate is given, without limits",
        "zh": "差异未超出偶然波动：给出共同比率，不给区间",
    },
}
_BY_ENGLISH = {words["en"]: code for code, words in LABELS.items()}


def label(code: Refusal | str, language: Language = "en") -> str:
    """The words of a refusal or caution.

    Args:
        code: A `Refusal` or its code, e.g. `"denominator_zero"`.
        language: `"en"` or `"zh"`.

    Raises:
        InputError: The code or the language is not in the table.
    """
    if code not in LABELS:
        raise InputError(
            "A refusal's code is one of the table's",
            code,
            suggest(code, LABELS, f"use one of {', '.join(LABELS)}."),
        )
    _check_language(language)
    return LABELS[Refusal(code)][language]


def in_language(labels: pd.Series[str], language: Language) -> pd.Series[str]:
    """A `refusal` or `caution` column in another language; empty labels stay empty.

    Args:
        labels: A column of English words, as this package writes them; several are joined by `"; "`.
        language: `"en"` or `"zh"`.

    Raises:
        InputError: A label or the language is not in the table.
    """
    _check_language(language)
    return labels.map(lambda words: _translate(words, language) if words else "")


def first_refusal(rules: Sequence[Rule], rows: int) -> Labels:
    """The English words of the first rule that holds in each row; `""` where none does.

    Args:
        rules: Pairs of a row mask and a refusal, the more telling first.
        rows: The number of rows.
    """
    labels = np.full(rows, "", dtype=object)
    for mask, refusal in reversed(rules):
        labels[mask] = label(refusal)
    return labels


def refuse_rest(labels: Labels, refusal: Refusal) -> Labels:
    """The labels with every row that was sound so far refused: the group as a whole cannot be used."""
    return np.where(labels == "", label(refusal), labels)


def join_labels(*words: str) -> str:
    """Several English labels in one cell, the empty ones left out."""
    return _JOINTS["en"].join(word for word in words if word)


def cautions(refused: Labels, codes: Sequence[Refusal]) -> pd.api.extensions.ExtensionArray:
    """A `caution` column: the English words of the codes in each computed row, `""` in refused rows.

    Args:
        refused: The refusal labels, `""` where the row was computed.
        codes: The cautions that hold for the whole group, joined by `"; "`.
    """
    words = join_labels(*(label(code) for code in codes))
    return pd.array(np.where(refused == "", words, ""), dtype="str")


def is_whole(values: FloatArray) -> BoolArray:
    """Whether each value is a whole number, but for the noise of binary fractions (0.57 × 10,000)."""
    return np.abs(values - np.rint(values)) <= _ROUNDING_NOISE * np.maximum(1.0, np.abs(values))


def count_rules(counts: FloatArray, missing: Refusal = Refusal.COUNT_MISSING) -> list[Rule]:
    """The rules a count must pass: there, not negative, whole."""
    return [
        (np.isnan(counts), missing),
        (counts < 0, Refusal.COUNT_NEGATIVE),
        (~is_whole(np.nan_to_num(counts)), Refusal.COUNT_NOT_WHOLE),
    ]


def exposure_rules(exposures: FloatArray) -> list[Rule]:
    """The rules the base of a rate must pass: there and above zero; it need not be whole."""
    return [(np.isnan(exposures), Refusal.EXPOSURE_MISSING), (exposures <= 0, Refusal.EXPOSURE_NOT_POSITIVE)]


def proportion_rules(numerators: FloatArray, denominators: FloatArray) -> list[Rule]:
    """The rules of a proportion: sound counts, a denominator above zero and not below the numerator."""
    return [
        *count_rules(numerators, Refusal.NUMERATOR_MISSING),
        *count_rules(denominators, Refusal.DENOMINATOR_MISSING),
        (denominators == 0, Refusal.DENOMINATOR_ZERO),
        (numerators > denominators, Refusal.NUMERATOR_ABOVE_DENOMINATOR),
    ]


def _translate(words: str, language: Language) -> str:
    parts = words.split(_JOINTS["en"])
    unknown = [part for part in parts if part not in _BY_ENGLISH]
    if unknown:
        raise InputError(
            "Only this package's own labels can be translated",
            unknown[0],
            suggest(unknown[0], _BY_ENGLISH, "pass a refusal or caution column."),
        )
    return _JOINTS[language].join(LABELS[_BY_ENGLISH[part]][language] for part in parts)


def _check_language(language: str) -> None:
    if language not in _JOINTS:
        raise InputError("Labels exist in English and Chinese", language, 'type "en" or "zh".')
