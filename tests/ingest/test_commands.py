"""The commands of the reader as a user calls them: exit codes, messages, JSON, no half-done work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from misbehaving import Server

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "notebooks" / "invented_report.txt"
SOURCE = str(ROOT / "src")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout's data and editions, to be changed."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copyfile(ROOT / "editions.toml", folder / "editions.toml")
    return folder


def fazhi(project: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The outcome of a command."""
    environment = {**os.environ, "FAZHI_ROOT": str(project), "PYTHONPATH": SOURCE}
    code = "from analysis.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, env=environment, input=given, check=False
    )


@pytest.mark.parametrize(
    ("words", "given", "message"),
    [
        (("ingest", "-"), b"", "must not be empty"),
        (("ingest", "-"), b"\x00\x01\x02" * 500, "one encoding"),
        (("ingest", "-"), "首页 法治 链接".encode(), "must be a report"),
        (("ingest", "no-such-file"), b"", "readable file"),
        (("ingest", "http://127.0.0.1:9/"), b"", "public network"),
        (("ingest", "-", "--city", "无此市"), REPORT.read_bytes(), "A city must be one of"),
        (("accept", "no-such-file.csv"), b"", "Candidates must be"),
        (("verify", "no-such-source", "-"), REPORT.read_bytes(), "A source must stand"),
        (("fetch",), b"", "Either a city or --all"),
        (("fetch", "440800", "--all"), b"", "Either a city or --all"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(
    project: Path, words: tuple[str, ...], given: bytes, message: str
) -> None:
    before = sorted(str(path) for path in project.rglob("*"))
    done = fazhi(project, *words, given=given)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert sorted(str(path) for path in project.rglob("*")) == before


def test_from_standard_input_to_a_page_of_the_panel(project: Path) -> None:
    report = REPORT.read_text(encoding="utf-8").replace("明川市", "茂名市").encode()
    done = fazhi(project, "ingest", "-", "--json", given=report)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert (told["region_code"], told["year"], told["title"][:3]) == ("440900", 2023, "茂名市")
    assert Path(told["candidates"]).is_relative_to(project / "candidates")
    again = fazhi(project, "ingest", "-", given=report)
    assert (again.returncode, b"never overwritten" in again.stderr) == (2, True)
    done = fazhi(project, "accept", told["candidates"], "--json")
    assert done.returncode == 0, done.stderr.decode()
    accepted = json.loads(done.stdout)
    assert accepted["facts"] == told["sure"]
    assert "440800-2020-guangdong-en" in accepted["editions"]
    assert fazhi(project, "check").returncode == 0
    shown = fazhi(project, "show", "茂名市", "2023", "reconsideration.received")
    assert b"486" in shown.stdout
    verified = fazhi(project, "verify", told["source_id"], "-", given=report)
    assert (verified.returncode, b"missing" in verified.stdout) == (0, False)
    other = fazhi(project, "verify", told["source_id"], "-", given=report.replace(b"486", b"487"))
    assert (other.returncode, b"differs" in other.stdout) == (1, True)


def test_quiet_says_nothing(project: Path, tmp_path: Path) -> None:
    report = REPORT.read_bytes()
    done = fazhi(
        project, "ingest", "-", "--quiet", "--city", "440900", "--out", str(tmp_path / "o"), given=report
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "o" / "review.html").is_file()


def test_an_area_that_is_not_known_is_said(project: Path, tmp_path: Path) -> None:
    done = fazhi(project, "ingest", str(REPORT), "--out", str(tmp_path / "o"))
    assert (done.returncode, b"add --city" in done.stderr) == (0, True)
    done = fazhi(project, "accept", str(tmp_path / "o" / "candidates.csv"))
    assert (done.returncode, b"six digits" in done.stderr) == (2, True)


def test_fetch_reads_what_is_missing_and_names_what_failed(project: Path, server: Server) -> None:
    report = REPORT.read_text(encoding="utf-8").replace("明川市", "茂名市")
    server.pages["/good"] = (report.encode(), {})
    sources = project / "data" / "sources.csv"
    row = "{},茂名市{}报告,茂名市人民政府,440900,2023,,2026-11-22,{}/{},,annual_report,official,\n"
    rows = [
        row.format(f"440900-2024-test{n}", n, server.address, path)
        for n, path in enumerate(["good", "broken"])
    ]
    head, *lines = sources.read_text(encoding="utf-8").splitlines(keepends=True)
    # a full round is not asked for: only this city's sources point at the local server
    lines = [line for line in lines if not line.startswith("440900-2024-test")]
    sources.write_text(head + "".join(sorted([*lines, *rows])), encoding="utf-8")
    listed = fazhi(project, "sources", "440900", "--missing")
    assert (b"440900-2024-test0" in listed.stdout, b"440900-2024-test1" in listed.stdout) == (True, True)
    done = fazhi(project, "fetch", "440900", "--allow-private", "--json")
    told = {one["source_id"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 1
    assert told["440900-2024-test0"]["state"] == "read"
    assert "HTTP 500" in told["440900-2024-test1"]["detail"]
    assert (project / "candidates" / "440900-2024-test0" / "review.html").is_file()
