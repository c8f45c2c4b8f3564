"""`fazhi refresh` and `fazhi status` as a schedule calls them: output, exit codes, who is told, imports."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
from commanded import Commanded
from fixture_project import KEEP, snapshot

from analysis.refresh import orchestration
from analysis.refresh.plan import Inputs, read_inputs


def test_where_all_is_fresh_nothing_heavy_is_imported(commanded: Commanded) -> None:
    done = commanded.run("refresh", "--json")
    recap = json.loads(done.stdout)
    assert recap["counts"] == {"fresh": 4}
    assert recap["preload_seconds"] == 0
    assert done.stderr.splitlines()[-1] == "heavy:"
    standing = commanded.run("status", "--json")
    assert {row["state"] for row in json.loads(standing.stdout)} == {"fresh"}
    assert standing.stderr.splitlines()[-1] == "heavy:"


def test_pages_are_rendered_and_published_without_anything_heavy_in_the_process(commanded: Commanded) -> None:
    done = commanded.run("refresh", "--force", "--json")
    recap = json.loads(done.stdout)
    assert recap["counts"] == {"rendered": 4}
    assert 0 < recap["preload_seconds"] < recap["seconds"]
    assert done.stderr.splitlines()[-1] == "heavy:"


def test_bad_data_are_refused_although_good_data_were_remembered(
    commanded: Commanded, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    with (commanded.root / "data/regions.csv").open("a") as table:
        table.write("not,enough\n")
    before = snapshot(commanded.reports)
    command = shlex.join([sys.executable, "-c", KEEP, str(told)])
    done = commanded.run("refresh", "--notify", command)
    assert done.returncode == 2
    assert "regions.csv" in done.stderr
    assert told.read_text().startswith("2{")
    assert json.loads(told.read_text()[1:])["exit_code"] == 2
    assert snapshot(commanded.reports) == before


def test_an_edition_taken_off_the_list_loses_its_pages(commanded: Commanded) -> None:
    listed = commanded.root / "editions.toml"
    listed.write_text(listed.read_text().replace('["en", "zh"]', '["en"]'))
    standing = {row["state"] for row in json.loads(commanded.run("status", "--json").stdout)}
    assert standing == {"stale", "orphan"}
    recap = json.loads(commanded.run("refresh", "--json").stdout)
    assert recap["counts"] == {"rendered": 2, "removed": 2}
    assert [path.name for path in commanded.reports.glob("440800-*")] == ["440800-2020-guangdong-en"]


def test_a_failed_run_is_told_with_its_recap_and_a_fresh_site_is_not(
    commanded: Commanded, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    command = shlex.join([sys.executable, "-c", KEEP, str(told)])
    assert commanded.run("refresh", "--notify", command).returncode == 0
    assert not told.exists()
    commanded.notebook("02_more").write_text("{")
    done = commanded.run("refresh", "--language", "en", "--json", "--notify", command)
    assert done.returncode == 1
    assert told.read_text() == "1" + done.stdout.rstrip("\n")
    said = [line for line in done.stderr.splitlines() if "02_more" in line or "01_plain" in line]
    assert [line.split()[:2] for line in said] == [["failed", "440800-2020-guangdong-en/02_more"]]
    assert [(row["notebook"], row["state"]) for row in json.loads(done.stdout)["rows"]] == [
        ("01_plain", "fresh"),
        ("02_more", "failed"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kernels", "hot"), "not one of 'none'"),
        (("--notify", "no-such-program-here"), "--notify"),
        (("--notify", ""), "--notify"),
        (("--scheduler", "nonsense://x", "--force"), "scheduler"),
    ],
)
def test_a_bad_option_starts_nothing(commanded: Commanded, words: tuple[str, ...], said: str) -> None:
    done = commanded.run("refresh", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["data/metrics.csv", "editions.toml", "package/check.py"])
def test_what_the_verdict_rests_on_is_looked_at(
    commanded: Commanded, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("FAZHI_ROOT", str(commanded.root))

    def read() -> Inputs:
        return read_inputs(commanded.root / "data", commanded.root / "package")

    listed = orchestration.remembered(read())
    assert listed is not None
    assert listed == orchestration.listed_editions(read())
    assert [one.language for one in listed] == ["en", "zh"]
    with (commanded.root / name).open("a") as file:
        file.write("\n")
    assert orchestration.remembered(read()) is None


@pytest.mark.parametrize("note", ["", "{", "[]", '{"rests_on": 1}'])
def test_a_note_that_cannot_be_read_is_no_note(
    commanded: Commanded, monkeypatch: pytest.MonkeyPatch, note: str
) -> None:
    monkeypatch.setenv("FAZHI_ROOT", str(commanded.root))
    (commanded.state / "checked.json").write_text(note)
    assert orchestration.remembered(read_inputs(commanded.root / "data", commanded.root / "package")) is None
