"""Rounds over known reports: one that fails harms no other, and a second round does only what changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving import Server

from analysis.catalog import Source
from analysis.errors import InputError
from analysis.ingest import fetch, patterns, review
from analysis.ingest import read as read_document
from analysis.ingest.patterns import Patterns
from analysis.ingest.review import Visit
from analysis.panel import Panel

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT.parent / "shared" / "seed" / "zhanjiang-2020.txt"
REPORT = (
    "湛江市人民政府关于2016年度法治政府建设情况的报告\n\n"
    + "全市新收行政复议申请{0}宗,审结行政复议案件90宗。" * 3
)


@pytest.fixture(scope="module")
def known(panel: Panel) -> Patterns:
    return patterns.load(ROOT / "data" / "patterns.toml", panel.catalog)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "PAUSE", 0.0)
    monkeypatch.setattr(fetch, "PATIENCE", 2.0)


def source(server: Server, name: str, path: str, panel: Panel) -> Source:
    """A known report at an address of the server."""
    some = panel.catalog.sources["440800-2021-annual_report"]
    return replace(some, source_id=f"440800-2017-{name}", year="2016", url=f"{server.address}{path}")


def visits(sources: list[Source], panel: Panel, known: Patterns, folder: Path) -> list[Visit]:
    return list(review.visit(sources, panel, known, folder, private=True))


def test_one_failure_harms_no_other(server: Server, panel: Panel, known: Patterns, tmp_path: Path) -> None:
    server.pages["/good"] = (REPORT.format(100).encode(), {})
    server.pages["/wrong-encoding"] = (
        REPORT.format(101).encode("gb18030"), {"Content-Type": "text/plain; charset=utf-8"},
    )  # fmt: skip
    server.pages["/picture"] = (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, {})
    server.pages["/menu"] = ("首页 政务公开 联系我们".encode(), {})
    paths = [
        "good",
        "wrong-encoding",
        "picture",
        "menu",
        "slow",
        "truncated",
        "loop",
        "broken",
        "huge",
        "gone",
    ]
    sources = [source(server, path, f"/{path}", panel) for path in paths]
    done = visits(sources, panel, known, tmp_path)
    assert [visit.state for visit in done] == ["read", "read", *["failed"] * 8]
    assert [visit.source_id for visit in done] == [one.source_id for one in sources]
    reasons = [visit.detail for visit in done[2:]]
    words = ("encoding", "report", "seconds", "whole", "redirect", "HTTP 500", "30 MB", "HTTP 404")
    assert [word for word, reason in zip(words, reasons, strict=True) if word not in reason] == []
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != ".pages") == [
        "440800-2017-good", "440800-2017-wrong-encoding",
    ]  # fmt: skip
    assert "101" in (tmp_path / "440800-2017-wrong-encoding" / "candidates.csv").read_text(encoding="utf-8")


def test_an_error_that_nobody_foresaw_ends_no_round(
    server: Server, panel: Panel, known: Patterns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, calls = review.judge, []

    def broken(*given: object) -> object:
        calls.append(given)
        if len(calls) == 1:
            raise ZeroDivisionError("surprise")
        return first(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(review, "judge", broken)
    server.pages["/a"] = (REPORT.format(100).encode(), {})
    done = visits([source(server, name, "/a", panel) for name in "ab"], panel, known, tmp_path)
    assert [visit.state for visit in done] == ["failed", "read"]
    assert done[0].detail == "ZeroDivisionError('surprise')"


def test_a_second_round_leaves_decisions_alone(
    server: Server, panel: Panel, known: Patterns, tmp_path: Path
) -> None:
    server.pages["/a"] = (REPORT.format(100).encode(), {"ETag": '"1"'})
    sources = [source(server, "a", "/a", panel)]
    assert visits(sources, panel, known, tmp_path)[0].state == "read"
    decided = tmp_path / "440800-2017-a" / "candidates.csv"
    decided.write_text("a person's decisions", encoding="utf-8")
    assert visits(sources, panel, known, tmp_path)[0].state == "unchanged"
    assert decided.read_text(encoding="utf-8") == "a person's decisions"
    assert server.asked[-1][1]["If-None-Match"] == '"1"'


def test_a_page_that_changed_is_read_anew_and_the_old_candidates_are_kept(
    server: Server, panel: Panel, known: Patterns, tmp_path: Path
) -> None:
    server.pages["/a"] = (REPORT.format(100).encode(), {"ETag": '"1"'})
    sources = [source(server, "a", "/a", panel)]
    visits(sources, panel, known, tmp_path)
    server.pages["/a"] = (REPORT.format(105).encode(), {"ETag": '"2"'})
    assert visits(sources, panel, known, tmp_path)[0].state == "changed"
    new, old = (tmp_path / name / "candidates.csv" for name in ("440800-2017-a", "440800-2017-a.before-1"))
    assert ("105" in new.read_text(encoding="utf-8"), "100" in old.read_text(encoding="utf-8")) == (
        True,
        True,
    )


def test_a_page_that_changed_for_the_worse_leaves_the_old_candidates(
    server: Server, panel: Panel, known: Patterns, tmp_path: Path
) -> None:
    server.pages["/a"] = (REPORT.format(100).encode(), {})
    sources = [source(server, "a", "/a", panel)]
    visits(sources, panel, known, tmp_path)
    server.pages["/a"] = (b"moved", {})
    assert visits(sources, panel, known, tmp_path)[0].state == "failed"
    assert (tmp_path / "440800-2017-a" / "candidates.csv").is_file()


def test_only_sources_with_an_address_and_without_facts_are_missing(panel: Panel) -> None:
    found = review.missing(panel, "440800")
    told = set(panel.observations["source_id"])
    assert found
    assert all(one.link and one.source_id not in told and one.region_code == "440800" for one in found)
    assert len(review.missing(panel)) >= len(found)


def test_a_source_without_facts_cannot_be_verified(panel: Panel, known: Patterns, report: str) -> None:
    document, _ = read_document(str(ROOT / "notebooks" / "invented_report.txt"), panel.catalog)
    with pytest.raises(InputError, match="must have facts"):
        review.verify("no-such-source", document, panel, known)


def test_a_document_of_another_city_confirms_nothing(panel: Panel, known: Patterns) -> None:
    document, _ = read_document(str(ROOT / "notebooks" / "invented_report.txt"), panel.catalog)
    rows = review.verify("440800-2021-annual_report", document, panel, known)
    assert "confirmed" not in set(rows["state"])
    assert "missing" in set(rows["state"])


@pytest.mark.skipif(not SEED.is_file(), reason="the seed report lies beside the checkout")
def test_the_seed_report_confirms_its_facts_and_a_changed_one_does_not(
    panel: Panel, known: Patterns, tmp_path: Path
) -> None:
    text = SEED.read_text(encoding="utf-8")
    changed = tmp_path / "report.txt"
    changed.write_text(text.replace("新收行政复议申请367宗", "新收行政复议申请376宗"), encoding="utf-8")
    document, _ = read_document(str(SEED), panel.catalog)
    rows = review.verify("440800-2021-annual_report", document, panel, known)
    assert len(rows) > 100
    assert set(rows["state"]) <= {"confirmed", "elsewhere"}
    assert (rows["state"] == "confirmed").mean() > 0.9
    document, _ = read_document(str(changed), panel.catalog)
    rows = review.verify("440800-2021-annual_report", document, panel, known)
    assert list(rows["metric"][rows["state"] == "differs"]) == ["reconsideration.received"]
    assert "376" in rows["detail"][rows["state"] == "differs"].iloc[0]
