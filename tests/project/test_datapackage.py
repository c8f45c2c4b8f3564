"""data/datapackage.json describes data/ as it is: its files, columns, codes and keys."""

from __future__ import annotations

import copy
import csv
import json
import re
from typing import Any

import jsonschema
import pytest
from repository import ROOT

from analysis import check, tables

DATA = ROOT / "data"
PACKAGE: dict[str, Any] = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {item["name"]: item for item in PACKAGE["resources"]}
PATH = {"type": "string", "pattern": r"^(?!\.|/|.*://)[^\\]+$"}
NAME = {"type": "string", "pattern": "^[a-z0-9._-]+$"}
FIELD = {
    "type": "object",
    "required": ["name", "type", "title", "description"],
    "properties": {
        "type": {"enum": ["string", "number", "integer", "year", "list"]},
        "constraints": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "required": {"type": "boolean"},
                "unique": {"type": "boolean"},
                "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
                "pattern": {"type": "string", "format": "regex"},
                "minLength": {"type": "integer"},
                "maxLength": {"type": "integer"},
                "minimum": {"type": "number"},
            },
        },
    },
    "if": {"properties": {"constraints": {"required": ["pattern"]}}, "required": ["constraints"]},
    "then": {"properties": {"type": {"const": "string"}}},
}
TABLE = {
    "type": "object",
    "required": ["$schema", "fields", "primaryKey"],
    "properties": {
        "fields": {"type": "array", "minItems": 1, "items": FIELD},
        "primaryKey": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "foreignKeys": {"type": "array", "items": {"type": "object", "required": ["fields", "reference"]}},
    },
}
ESSENTIALS = {
    "type": "object",
    "required": ["$schema", "name", "title", "version", "licenses", "sources", "resources"],
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "name": NAME,
        "licenses": {"type": "array", "minItems": 1, "items": {"required": ["name", "path"]}},
        "resources": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "path", "format", "encoding"],
                "properties": {
                    "name": NAME,
                    "path": {"anyOf": [PATH, {"type": "array", "items": PATH, "minItems": 1}]},
                    "schema": TABLE,
                },
                "if": {"properties": {"type": {"const": "table"}}, "required": ["type"]},
                "then": {"required": ["schema"]},
            },
        },
    },
}
"""What the Data Package standard (v2) asks of the parts that are used here."""


def fields(name: str) -> dict[str, dict[str, Any]]:
    """The fields of a resource, by name."""
    return {field["name"]: field for field in RESOURCES[name]["schema"]["fields"]}


def paths() -> list[str]:
    """Every path the package names."""
    listed = [item["path"] for item in PACKAGE["resources"]]
    return [one for path in listed for one in (path if isinstance(path, list) else [path])]


def spoilt(change: str) -> dict[str, Any]:
    """The package with one thing wrong."""
    package = copy.deepcopy(PACKAGE)
    first = package["resources"][0]
    if change == "no licence":
        del package["licenses"]
    elif change == "remote path":
        first["path"] = "https://example.org/metrics.csv"
    elif change == "path outside":
        first["path"] = "../metrics.csv"
    elif change == "table without schema":
        del first["schema"]
    else:
        first["schema"]["fields"][0]["type"] = "text"
    return package


@pytest.mark.parametrize(
    "change", ["no licence", "remote path", "path outside", "table without schema", "unknown type"]
)
def test_a_spoilt_package_is_seen(change: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(spoilt(change), ESSENTIALS)


def test_it_keeps_the_standard() -> None:
    jsonschema.validate(PACKAGE, ESSENTIALS)


def test_it_names_every_file_of_data_and_no_other() -> None:
    there = {str(path.relative_to(DATA)) for path in DATA.rglob("*") if path.suffix in (".csv", ".toml")}
    assert sorted(paths()) == sorted(there)


def test_every_field_with_a_limit_has_the_sentence_that_a_broken_row_is_shown_with() -> None:
    """`check` makes its rules of these; keys and links have sentences of their own."""
    silent = [
        (name, column)
        for name in tables.COLUMNS
        for column, field in fields(name).items()
        if "rule" not in field
        and (field.get("constraints", {}).keys() - {"required"} or field["type"] != "string")
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("table", "column", "fit", "unfit"),
    [
        ("metrics", "numerator", ["", "a.b", "a.b+c.d"], ["a", "a.b+", "+a.b"]),
        ("metrics", "period_rule", ["", "flow"], ["flows", "Flow"]),
        ("metrics", "breaks", ["", "2021", "2021;2024"], ["2021,2024", "21"]),
        ("peer_groups", "group_id", ["guangdong", "all_of"], ["all", "nearest", "Guangdong", ""]),
        ("regions", "parent_code", ["", "440000"], ["44", "4400000"]),
        ("observations", "value", ["-5.2", "0", "84"], ["", "1e3", "+1", ".5", "8.4万", "３６７"]),
        ("observations", "resolution", ["", "0.5", "100"], ["-1", "x"]),
        ("observations", "year", ["1999", "2020"], ["20", "2120", "２０２０"]),
        ("observations", "evidence", ["x", "字" * 30, "a\nb"], ["", "字" * 31]),
        ("sources", "published", ["", "2021", "2021-02", "2021-02-03"], ["2021-2", "02.2021"]),
    ],
)
def test_a_field_says_which_cells_fit(table: str, column: str, fit: list[str], unfit: list[str]) -> None:
    whole = check.pattern(fields(table)[column])
    assert [cell for cell in fit if not re.fullmatch(whole, cell)] == []
    assert [cell for cell in unfit if re.fullmatch(whole, cell)] == []


def test_every_value_fits_its_field() -> None:
    wrong = []
    for name in [*tables.COLUMNS, "adopted"]:
        for field, value in _cells(name):
            rules = field.get("constraints", {})
            fits = (
                (value or not rules.get("required"))
                and (not value or value in rules.get("enum", [value]))
                and re.fullmatch(rules.get("pattern", ".*"), value, re.DOTALL)
            )
            if not fits:
                wrong.append((name, field["name"], value))
    assert wrong == []


def test_every_foreign_key_leads_to_a_field() -> None:
    for item in RESOURCES.values():
        for key in item.get("schema", {}).get("foreignKeys", []):
            assert set(key["fields"]) <= set(fields(item["name"]))
            assert set(key["reference"]["fields"]) <= set(fields(key["reference"]["resource"]))


def _cells(name: str) -> list[tuple[dict[str, Any], str]]:
    """Every distinct cell of a resource with its field."""
    listed = RESOURCES[name]["path"]
    found: dict[tuple[str, str], None] = {}
    for path in listed if isinstance(listed, list) else [listed]:
        with (DATA / path).open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                found.update(dict.fromkeys(row.items()))
    return [(fields(name)[column], value) for column, value in found]
