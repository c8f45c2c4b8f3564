"""Many tests at once: p-values adjusted so that few of the findings are chance (Benjamini-Hochberg).

With fifty metrics on a page, two or three fall below 0.05 by chance alone. Refused: p-values outside 0 to 1.
A row without a p-value is no test and does not count.
"""

from __future__ import annotations

import numpy as np
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped,unused-ignore]

from analysis.errors import DataError
from analysis.stats.frames import Frame, add_results, numbers, show


def benjamini_hochberg(frame: Frame, *, p_value: str = "p_value") -> Frame:
    """The frame with adjusted p-values: the share of chance to expect among findings as strong or stronger.

    Args:
        frame: One row a test, as the functions of `changes` give it, or any frame with p-values; all are one
            family (for several, call it on each part).
        p_value: Column of the p-values.

    Returns:
        `q_value`, the adjusted p-value; `q_method`; `tests`, how many there were; `q_refusal`.

    Raises:
        InputError: The column is missing.
        DataError: A p-value lies outside 0 to 1; shows the rows.

    Source: Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289.
    """
    p_values = numbers(frame, p_value)
    outside = (p_values < 0) | (p_values > 1)
    if outside.any():
        rows = show(frame, outside)
        raise DataError("A p-value lies between 0 and 1", rows, "name the column of p-values.")
    there = ~np.isnan(p_values)
    adjusted = np.full(len(frame), np.nan)
    if there.any():
        adjusted[there] = multipletests(p_values[there], method="fdr_bh")[1]
    return add_results(
        frame,
        {"q_value": adjusted, "tests": np.full(len(frame), float(there.sum()))},
        {"q_method": "Benjamini-Hochberg"},
        ("q_refusal", np.where(there, "", "p_value_missing").astype(object)),
        (p_value,),
    )
