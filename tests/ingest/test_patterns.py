"""The file of patterns: what it must not contain, and how well it names what people have mined."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import opencc
import pytest

from analysis import catalog as catalogs
from analysis.errors import InputError
from analysis.ingest.candidates import candidates
from analysis.ingest.document import Block, Document
from analysis.ingest.patterns import load

DATA = Path(__file__).resolve().parents[2] / "data"
CATALOG = catalogs.load(DATA)
PATTERNS = load(DATA / "patterns.toml", CATALOG)
TOPIC = {
    "reconsideration": "行政复议",
    "litigation": "行政诉讼",
    "mediation": "人民调解",
    "legal_aid": "法律援助",
    "oversight": "信息公开",
    "services": "政务服务",
    "legal_services": "公共法律服务",
}
"""What a fragment of evidence speaks of, as it has lost its paragraph."""
RIGHT_VALUES = 0.97
RIGHT_METRICS = 0.88


def test_every_metric_but_changes_has_a_pattern() -> None:
    without = set(CATALOG.metrics) - set(PATTERNS.metrics)
    assert all(metric.endswith(("_change", "_before")) for metric in without), without


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('metrics."reconsideration.recieved".units = ["case"]', "near: reconsideration.received"),
        (
            'metrics."reconsideration.received" = {nears = [], units = ["case"]}',
            "reconsideration.received.nears: Extra",
        ),
        ('metrics."reconsideration.received" = {topic = ["复议"], units = ["case"]}', "no such topic '复议'"),
        ('metrics."reconsideration.received".units = ["cases"]', "no such unit group 'cases'; near: case"),
        ('metrics."reconsideration.received" = {}', "received.units: Field required"),
        (
            'metrics."reconsideration.received" = {near = ["收…到"], units = ["case"]}',
            "near.0: String should match",
        ),
        ('topics.rules = ["法"]', "topics.rules.0: String should have at least 2"),
        ('metrics."reconsideration.received".near = "收到"', "near: Input should be a valid tuple"),
        ('forms = [{row = "规章", columns = ["rules.none"]}]', "no such metric 'rules.none'"),
        ("[topics", "TOML in UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(tmp_path: Path, lines: str, message: str) -> None:
    path = tmp_path / "patterns.toml"
    path.write_text(f'units.case = "件"\n{lines}', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load(path, CATALOG)
    assert message in raised.value.message


def _evidence(half: int) -> list[dict[str, str]]:
    """Half of the mined rows, by their source, that have Chinese evidence of one kind of place."""
    rows = []
    for path in sorted((DATA / "observations").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [row for row in csv.DictReader(file) if not row["metric_id"].startswith("context")]
    return [row for row in rows if row["evidence"] and _half(row["source_id"]) == half]


def _half(source: str) -> int:
    return hashlib.md5(source.encode(), usedforsecurity=False).digest()[-1] % 2


@pytest.mark.parametrize("half", [0, 1])
def test_fragments_of_evidence_give_value_and_metric(half: int) -> None:
    """Both halves meet the same marks; the patterns were tuned on one of them only."""
    rows = _evidence(half)
    fold = opencc.OpenCC("t2s").convert
    blocks = tuple(
        Block(str(at), (TOPIC.get(row["metric_id"].partition(".")[0], ""),), fold(row["evidence"]) + "。")
        for at, row in enumerate(rows)
    )
    given = Document("", "", "440800", "", "whole", 2020, "", blocks, "")
    found = candidates(given, CATALOG, PATTERNS).to_dict("records")
    by_row: dict[int, list[dict[str, str]]] = {}
    for candidate in found:
        by_row.setdefault(int(candidate["locator"]), []).append(candidate)
    counts: Counter[str] = Counter()
    for at, row in enumerate(rows):
        value = abs(float(row["value"]))
        same = [
            one for one in by_row.get(at, []) if abs(float(one["value"])) in (value, value * 1e4, value * 1e8)
        ]
        printed = any(sign in row["evidence"] for sign in f"{value:g}"[:1])
        counts["printed"] += printed
        counts["value"] += bool(same) and printed
        named = [one["metric_id"] for one in same if one["metric_id"]]
        counts["named"] += bool(named)
        counts["right"] += row["metric_id"] in named
    assert counts["value"] >= RIGHT_VALUES * counts["printed"], counts
    assert counts["right"] >= RIGHT_METRICS * counts["named"], counts
    assert counts["right"] >= 0.5 * len(rows), counts
