"""Many tests at once: p-values adjusted so that few of the findings are chance (Benjamini-Hochberg).

With fifty metrics on a page, two or three fall below 0.05 by chance alone. Refused: p-values outside 0 to 1.
A row without a p-value is no test; it is left out of its family and labelled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped,unused-ignore]

from analysis.errors import DataError
from analysis.stats.frames import check_free, column, numbers, show
from analysis.stats.refusals import FloatArray, Refusal, label


def benjamini_hochberg(
    frame: pd.DataFrame, *, p_value: str = "p_value", family: str | None = None
) -> pd.DataFrame:
    """The frame with adjusted p-values: the share of chance to expect among findings as strong or stronger.

    Args:
        frame: One row a test, as the functions of `changes` give it, or any frame with p-values.
        p_value: Column of the p-values.
        family: Column that names the family a test belongs to, e.g. the metric; none for one family.

    Returns:
        All columns as they are, and: `q_value`, the adjusted p-value; `q_method`; `tests`, the size of the
        family; `q_refusal`, words where there was no p-value, else `""`.

    Raises:
        InputError: A column is missing or already there.
        DataError: A p-value lies outside 0 to 1, or a family is missing; shows the rows.

    Source: Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289.
    """
    check_free(frame, ("q_value", "q_method", "tests", "q_refusal"))
    p_values = numbers(frame, p_value)
    outside = (p_values < 0) | (p_values > 1)
    if outside.any():
        raise DataError(
            "A p-value lies between 0 and 1", show(frame, outside), "name the column of p-values."
        )
    families = _families(frame, family)
    adjusted, sizes = np.full(len(frame), np.nan), np.zeros(len(frame), dtype=np.int64)
    there = ~np.isnan(p_values)
    for group in np.unique(families):
        members = families == group
        tested = members & there
        sizes[members] = tested.sum()
        if tested.any():
            adjusted[tested] = multipletests(p_values[tested], method="fdr_bh")[1]
    result = frame.copy()
    result["q_value"] = adjusted
    result["q_method"] = pd.Series("Benjamini-Hochberg", index=result.index, dtype="str")
    result["tests"] = sizes
    result["q_refusal"] = pd.array(np.where(there, "", label(Refusal.P_VALUE_MISSING)), dtype="str")
    return result


def _families(frame: pd.DataFrame, family: str | None) -> FloatArray:
    if family is None:
        return np.zeros(len(frame))
    names = column(frame, family)
    if names.isna().any():
        raise DataError(
            f"Each test has its {family}", show(frame, names.isna().to_numpy(bool)), "fill in the family."
        )
    return pd.factorize(names)[0].astype(np.float64)
