"""The rules that each cell of `data/` keeps, as pandera schemas over text columns.

`data/datapackage.json` tells them: type, codes, pattern and length of each field, and in `rule` the sentence
that a broken row is shown with. Rules that span cells or tables (foreign keys, sort order, guards) are in
`check`.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from analysis import tables

NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_TYPES = {"number": NUMBER, "year": "(?:19|20)[0-9]{2}"}


def pattern(field: dict[str, Any]) -> str:
    """The expression that a whole cell of a field of the data package matches."""
    limits = field.get("constraints", {})
    found = limits.get("pattern") or "|".join(map(re.escape, limits.get("enum", ())))
    if field["type"] == "list":
        item = field["itemPattern"]
        found = f"{item}(?:{re.escape(field['delimiter'])}{item})*"
    elif not found:
        words = f"(?s:.{{{limits.get('minLength', 1)},{limits.get('maxLength', '')}}})"
        found = _TYPES.get(field["type"], words)
    if limits.get("minimum") == 0:
        found = found.removeprefix("-?")
    return found if limits.get("required") else f"(?:{found})?"


def _schema(name: str) -> pa.DataFrameSchema:
    key = list(tables.KEYS[name])
    rule = "the key must stand in the table once: " + ", ".join(key)
    once = pa.Check(lambda frame: ~frame.duplicated(key, keep=False), error=rule)
    fields = {field["name"]: field for field in tables.SCHEMAS[name]["fields"] if "rule" in field}
    columns = {column: pa.Column(str, _fits(field)) for column, field in fields.items()}
    return pa.DataFrameSchema(columns, checks=[once], name=name)


def _fits(field: dict[str, Any]) -> pa.Check:
    whole = pattern(field)
    return pa.Check(lambda cells: cells.str.fullmatch(whole), error=field["rule"])


SCHEMAS = {name: _schema(name) for name in tables.SCHEMAS}
"""One schema a table, by the table's name."""


def broken(name: str, frame: pd.DataFrame) -> list[tuple[int, str]]:
    """(position, rule) of each row that breaks a rule of its table, once a rule; empty when all keep them.

    Args:
        name: The table's name.
        frame: Its rows as text, numbered from 0.
    """
    try:
        SCHEMAS[name].validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases.dropna(subset=["index"]).drop_duplicates(["index", "check"])
        return [(int(row), str(rule)) for row, rule in zip(cases["index"], cases["check"], strict=True)]
    return []
