"""The patterns of `data/patterns.toml`, loaded and checked: a metric is taught to the reader without code.

A file that names an unknown metric, topic, unit or key is refused with all that is wrong in it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.catalog import Catalog
from analysis.errors import InputError, closest
from analysis.ingest.matching import Form, Pattern, Phrase
from analysis.ingest.matching import Patterns as Patterns

_GAP = "[^。;]{0,16}?"
_TOPICS = ("topic", "not_topic", "not_title")
_KEYS: dict[str, type] = dict.fromkeys((*_TOPICS, "near", "not", "units", "share_of"), list) | dict.fromkeys(
    ("kind", "scope", "period"), str
)
_KEYS["pair"] = int


def load(path: Path, catalog: Catalog) -> Patterns:
    """The patterns of a file, each for a metric of the catalogue.

    Raises:
        InputError: The file cannot be read or breaks a rule; every broken rule is shown.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            "Metric patterns are a TOML file in UTF-8", f"{path.name}: {error}", "mend the file."
        ) from error
    return build(raw, catalog, path.name)


def build(raw: Mapping[str, Any], catalog: Catalog, file: str = "patterns.toml") -> Patterns:
    """The patterns of tables that were already parsed; for tests, and `load` does the same.

    Raises:
        InputError: A table breaks a rule; every broken rule is shown.
    """
    topics = {key: tuple(words) for key, words in raw.get("topics", {}).items()}
    units = {key: frozenset(str(words).split()) for key, words in raw.get("units", {}).items()}
    tables = raw.get("metrics", {})
    wrong = [
        f"{name}: {text}" for name in tables for text in _wrong(name, tables[name], topics, units, catalog)
    ]
    wrong += _wrong_forms(raw.get("forms", []), catalog)
    if wrong:
        raise InputError(
            f"{file} names metrics, topics and units that exist", "\n".join(wrong), "mend these lines."
        )
    found = {metric: _pattern(metric, table, units) for metric, table in tables.items()}
    forms = tuple(
        Form(re.compile(row["row"]), tuple(row["columns"]), row.get("head", ""))
        for row in raw.get("forms", [])
    )
    return Patterns(found, topics, forms)


def _wrong(
    metric: str, table: Mapping[str, Any], topics: Mapping[str, Any], units: Mapping[str, Any],
    catalog: Catalog,
) -> Iterator[str]:  # fmt: skip
    """What is wrong with one metric's table."""
    if metric not in catalog.metrics:
        yield f"no such metric; near: {', '.join(closest(metric, catalog.metrics)) or 'none'}"
    for key, value in table.items():
        if key not in _KEYS:
            yield f"no such key {key!r}; near: {', '.join(closest(key, _KEYS)) or 'none'}"
        elif not isinstance(value, _KEYS[key]):
            yield f"{key} is a {_KEYS[key].__name__}"
    for key in _TOPICS:
        yield from (f"no such topic {topic!r}" for topic in table.get(key, []) if topic not in topics)
    yield from (f"no such unit group {unit!r}" for unit in table.get("units", []) if unit not in units)
    for words in table.get("near", []):
        if not _anchors(str(words)):
            yield f"{words!r} has no part whose every alternative has two characters"
    if not table.get("units"):
        yield "units are missing"


def _wrong_forms(rows: list[Mapping[str, Any]], catalog: Catalog) -> list[str]:
    """What is wrong with the rows of the statutory form."""
    return [
        f"form row {row['row']}: no such metric {metric!r}"
        for row in rows for metric in row["columns"] if metric not in ("", *catalog.metrics)
    ]  # fmt: skip


def _anchors(words: str) -> tuple[str, ...]:
    """The alternatives by which a phrase is looked up: those of the part whose shortest is longest."""
    parts = [tuple(part.split("|")) for part in words.split("…")]
    best = max(parts, key=lambda part: min(map(len, part)))
    return best if min(map(len, best)) >= 2 else ()


def _pattern(metric: str, table: Mapping[str, Any], units: Mapping[str, frozenset[str]]) -> Pattern:
    """One checked table as a pattern."""
    phrases = []
    for words in table.get("near", []):
        parts = ["(" + "|".join(map(re.escape, sorted(part.split("|"), key=len, reverse=True))) + ")"
                 for part in words.split("…")]  # fmt: skip
        phrases.append(Phrase(words, re.compile(_GAP.join(parts)), _anchors(words)))
    excluded = "|".join(map(re.escape, table.get("not", [])))
    return Pattern(
        metric, tuple(phrases), frozenset(table.get("topic", [])), frozenset(table.get("not_topic", [])),
        frozenset(table.get("not_title", [])),
        re.compile(excluded) if excluded else None,
        frozenset().union(*(units[name] for name in table["units"])),
        table.get("kind", "value"), table.get("scope", ""), table.get("period", ""), table.get("pair", 0),
        tuple(table.get("share_of", [])),
    )  # fmt: skip
