"""Small observation frames for the tests of the audit."""

from __future__ import annotations

import pandas as pd

Row = dict[str, object]
BLANK: Row = {
    "region_code": "440800",
    "unit_name": "",
    "year": 2020,
    "period": "full",
    "qualifier": "=",
    "resolution": float("nan"),
    "scope": "whole",
    "scope_as_reported": "全市",
    "status": "A",
    "source_id": "report",
    "locator": "",
    "evidence": "",
    "note": "",
    "derived": False,
    "file": "observations/44.csv",
    "line": 2,
}


def observation(metric_id: str, printed: str, **cells: object) -> Row:
    """One row of an observation frame."""
    return {**BLANK, "metric_id": metric_id, "printed": printed, "value": float(printed), **cells}


def frame(*rows: Row) -> pd.DataFrame:
    """An observation frame; the columns of the panel also when there are no rows."""
    columns = list(observation("a.b", "1"))
    made = pd.DataFrame(list(rows), columns=columns)
    return made if rows else made.astype({"derived": bool, "printed": "str", "note": "str"})


def facts(figures: dict[str, str], **cells: object) -> list[Row]:
    """Rows for several metrics that share all other cells."""
    return [observation(name, printed, **cells) for name, printed in figures.items()]


def only(found: pd.DataFrame) -> pd.Series:
    """The one row of a frame."""
    assert len(found) == 1, found[["check", "metric_id", "result", "reason"]]
    return found.iloc[0]
