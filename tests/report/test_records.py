"""Rows as dicts hold what was asked for, under the label that a citation needs."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.report.records import records


def test_a_column_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError, match="scope"):
        records(pd.DataFrame({"value": [1.0]}), "scope")


def test_no_rows_make_no_records() -> None:
    assert records(pd.DataFrame({"value": []}), "value") == []


def test_rows_keep_their_order_and_their_labels() -> None:
    frame = pd.DataFrame({"value": [2.5, 1.0], "unit": ["a", "b"], "left": [0, 0]}, index=[7, 3])
    assert records(frame, "unit", "value") == [
        {"row": 7, "unit": "a", "value": 2.5},
        {"row": 3, "unit": "b", "value": 1.0},
    ]
