"""Rows as dicts hold what was asked for, under the label that a citation needs."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.report.records import by_metric, grouped, records


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


def test_groups_and_their_members_keep_the_order_of_the_records() -> None:
    rows = [{"row": 1, "unit": "b"}, {"row": 2, "unit": "a"}, {"row": 3, "unit": "b"}]
    assert grouped(rows, "unit") == {("b",): [rows[0], rows[2]], ("a",): [rows[1]]}
    assert list(grouped(rows, "unit")) == [("b",), ("a",)]


def test_rows_by_metric_keep_their_labels() -> None:
    frame = pd.DataFrame({"metric_id": ["b", "a", "b"], "value": [2.5, 1.0, 3.0]}, index=[7, 3, 5])
    assert {key: [row.name for row in rows] for key, rows in by_metric(frame).items()} == {
        "b": [7, 5],
        "a": [3],
    }
