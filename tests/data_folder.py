"""A small data folder to break: three cities and their context, written row by row."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from analysis import tables

Row = dict[str, str]
IDENTITIES = """
[[sum]]
name = "outcomes"
total = "reconsideration.closed"
readings = [["reconsideration.revoked", "reconsideration.modified"]]
exhaustive = false

[[change]]
level = "legal_aid.cases"
change = "legal_aid.cases_change"
"""
REPORT, OTHER, STATISTICS = "440800-2021-annual_report", "440100-2021-statistics", "440000-2021-statistics"


def metric(metric_id: str, unit: str, measure: str, **values: str) -> Row:
    """One row of metrics.csv."""
    name = metric_id.replace(".", " ")
    fixed = {
        "metric_id": metric_id,
        "domain": metric_id.split(".")[0],
        "label_zh": f"指标{name}",
        "label_en": f"Label of {name}",
        "unit": unit,
        "measure": measure,
        "polarity": "neutral",
        "comparable": "yes",
    }
    return {**dict.fromkeys(tables.METRICS, ""), **fixed, **values}


def region(code: str, name_zh: str, name_en: str, level: str, parent: str) -> Row:
    """One row of regions.csv."""
    return dict(zip(tables.REGIONS, (code, name_zh, name_en, level, parent), strict=True))


def source(source_id: str, **values: str) -> Row:
    """One row of sources.csv."""
    code, year, _ = source_id.split("-", 2)
    fixed = {
        "source_id": source_id,
        "title": f"Title of {source_id}",
        "publisher": "A publisher",
        "region_code": code,
        "year": str(int(year) - 1),
        "published": f"{year}-02-02",
        "accessed": "2026-11-22",
        "url": f"https://example.org/{source_id}",
        "kind": "statistics",
        "reliability": "official",
    }
    return {**dict.fromkeys(tables.SOURCES, ""), **fixed, **values}


def fact(region_code: str, year: int, metric_id: str, value: str, source_id: str, **values: str) -> Row:
    """One row of observations/: a whole area and a full year where nothing else is said."""
    fixed = {
        "region_code": region_code,
        "year": str(year),
        "period": "full",
        "metric_id": metric_id,
        "value": value,
        "qualifier": "=",
        "scope": "whole",
        "status": "A",
        "source_id": source_id,
        "evidence": f"标签{value}宗",
    }
    return {**dict.fromkeys(tables.OBSERVATIONS, ""), **fixed, **values}


def group(group_id: str, *codes: str) -> list[Row]:
    """The rows of one peer group."""
    return [
        dict(zip(tables.PEER_GROUPS, (group_id, group_id.title(), "组" + group_id, code), strict=True))
        for code in codes
    ]


def correction(action: str, expected: str, value: str = "", metric_id: str = "reconsideration.closed") -> Row:
    """One row of corrections.csv about Zhanjiang's report of 2020."""
    cells = ("440800", "2020", metric_id, REPORT, action, expected, value, "a reason", "open")
    return dict(zip(tables.CORRECTIONS, cells, strict=True))


def _metrics() -> list[Row]:
    base = "reconsideration.closed"
    parts = "reconsideration.revoked+reconsideration.modified"
    return [
        metric("context.population", "人", "stock", period_rule="stock"),
        metric("legal_aid.cases", "宗", "count", period_rule="flow"),
        metric("legal_aid.cases_change", "%", "change", period_rule="change"),
        metric(base, "宗", "count", period_rule="flow", breaks="2021"),
        metric("reconsideration.correction_rate", "%", "rate", numerator=parts, denominator=base),
        metric("reconsideration.modified", "宗", "count"),
        metric("reconsideration.received", "宗", "count", period_rule="flow", breaks="2021"),
        metric("reconsideration.revoked", "宗", "count"),
    ]


def _regions() -> list[Row]:
    return [
        region("000000", "全国", "China", "nation", ""),
        region("110000", "北京市", "Beijing", "province", "000000"),
        region("110105", "朝阳区", "Chaoyang", "county", "110000"),
        region("211300", "朝阳市", "Chaoyang", "prefecture", "000000"),
        region("440000", "广东省", "Guangdong", "province", "000000"),
        region("440100", "广州市", "Guangzhou", "prefecture", "440000"),
        region("440800", "湛江市", "Zhanjiang", "prefecture", "440000"),
        region("450900", "玉林市", "Yulin (Guangxi)", "prefecture", "000000"),
        region("610800", "榆林市", "Yulin (Shaanxi)", "prefecture", "000000"),
    ]


def _observations() -> list[Row]:
    census = {"period": "at-2020-11-01"}
    return [
        fact("110000", 2020, "reconsideration.received", "9000", STATISTICS),
        fact("440000", 2020, "reconsideration.received", "15000", STATISTICS),
        fact("440100", 2020, "context.population", "18676605", STATISTICS, **census),
        fact("440100", 2019, "reconsideration.received", "2900", OTHER),
        fact("440100", 2020, "reconsideration.received", "3100", OTHER),
        fact("440800", 2020, "context.population", "6981236", STATISTICS, **census),
        fact("440800", 2020, "legal_aid.cases", "9453", REPORT),
        fact("440800", 2020, "legal_aid.cases_change", "81", REPORT, resolution="1"),
        fact("440800", 2019, "reconsideration.closed", "200", REPORT),
        fact("440800", 2020, "reconsideration.closed", "272", REPORT),
        fact("440800", 2020, "reconsideration.correction_rate", "31.2", REPORT),
        fact("440800", 2020, "reconsideration.modified", "1", REPORT),
        fact("440800", 2020, "reconsideration.received", "367", REPORT),
        fact("440800", 2020, "reconsideration.revoked", "84", REPORT),
        fact("450900", 2020, "context.population", "5796766", STATISTICS, **census),
    ]


def _sources() -> list[Row]:
    return [
        source(REPORT, kind="annual_report", year="2020"),
        source(OTHER),
        source(STATISTICS),
    ]


@dataclass
class DataFolder:
    """Tables to change before they are written; `write` sorts them by key unless told not to."""

    path: Path
    metrics: list[Row] = field(default_factory=_metrics)
    regions: list[Row] = field(default_factory=_regions)
    peer_groups: list[Row] = field(default_factory=lambda: group("guangdong", "440100", "440800"))
    sources: list[Row] = field(default_factory=_sources)
    corrections: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    evidence_exceptions: list[Row] = field(default_factory=list)
    observations: list[Row] = field(default_factory=_observations)
    identities: str = IDENTITIES

    def write(self, *, ordered: bool = True) -> Path:
        """The folder, written anew."""
        for name in tables.COLUMNS.keys() - {"observations"}:
            self._table(self.path / f"{name}.csv", name, getattr(self, name), ordered)
        for province in {row["region_code"][:2] for row in self.observations}:
            rows = [row for row in self.observations if row["region_code"][:2] == province]
            self._table(self.path / "observations" / f"{province}.csv", "observations", rows, ordered)
        (self.path / "identities.toml").write_text(self.identities, encoding="utf-8")
        return self.path

    def find(self, **cells: str) -> Row:
        """The one observation with these cells, to be changed in place."""
        found = [row for row in self.observations if all(row[name] == text for name, text in cells.items())]
        assert len(found) == 1, f"{len(found)} observations have {cells}"
        return found[0]

    def _table(self, path: Path, name: str, rows: list[Row], ordered: bool) -> None:
        key = tables.KEYS[name]
        rows = sorted(rows, key=lambda row: [row[column] for column in key]) if ordered else rows
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, tables.COLUMNS[name], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def edit(path: Path, before: str, after: str) -> None:
    """Replaces a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {path.name}"
    path.write_text(text.replace(before, after), encoding="utf-8")
